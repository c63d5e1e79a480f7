//! The simulated devices together with the manager.

mod cellular;
mod ethernet;
mod faults;
mod lan;
mod memory;
mod replay;
mod run;
mod server;
mod slow;
mod storm;
mod wifi;

use lankeeper::sim::{
    AccessPoint, AccessPointId, FaultRates, Happening, Reach, Simulated, World, run_for,
    run_until_state,
};
use lankeeper::{
    Cause, Config, Delivery, Duration, Instant, InterfaceConfig, InterfaceId, Manager, Nic, Notice,
    State, StopReason,
};

use crate::support::{network, nic};

const ALL: [InterfaceId; 3] = [
    InterfaceId::WIFI,
    InterfaceId::ETHERNET,
    InterfaceId::CELLULAR,
];

/// For each kind of fault, rates at which it always happens.
fn permanent_faults() -> [FaultRates; 6] {
    let kinds: [fn(&mut FaultRates) -> &mut u16; 6] = [
        |rates| &mut rates.silence,
        |rates| &mut rates.late,
        |rates| &mut rates.duplicate,
        |rates| &mut rates.stale,
        |rates| &mut rates.spurious,
        |rates| &mut rates.driver,
    ];
    kinds.map(|kind| {
        let mut rates = FaultRates::NONE;
        *kind(&mut rates) = 1_000;
        rates.latest = Duration::from_secs(300);
        rates
    })
}

/// A device with one interface, in a world with one access point.
struct Scene {
    manager: Manager<1, 4, 4, 64>,
    world: World,
    id: InterfaceId,
    home: AccessPointId,
    seen: Vec<(Instant, State, Option<StopReason>)>,
}

impl Scene {
    /// A scene whose interface is open with the settings that it needs.
    fn new(id: InterfaceId) -> Self {
        Self::with(id, AccessPoint::new(network()), &nic(id))
    }

    fn with(id: InterfaceId, access_point: AccessPoint, nic: &Nic) -> Self {
        let mut world = World::new(1);
        let home = world.wifi.add(access_point).unwrap();
        let manager = Manager::with_capacities(&Config::new(0, [InterfaceConfig::new(id)]));
        let mut manager = manager.unwrap();
        manager.open(Instant::EPOCH, nic).unwrap();
        Self {
            manager,
            world,
            id,
            home,
            seen: Vec::new(),
        }
    }

    /// A scene in which the interface is CONNECTED.
    fn connected(id: InterfaceId) -> Self {
        let mut scene = Self::new(id);
        scene.reach(State::Connected, 60);
        scene
    }

    /// A scene in which the interface has been CONNECTED for the stability time.
    fn stable(id: InterfaceId) -> Self {
        let mut scene = Self::connected(id);
        scene.prove_stable();
        scene
    }

    /// Stays CONNECTED for the stability time, so that a loss is followed by the next try at once.
    fn prove_stable(&mut self) {
        assert_eq!(self.state(), State::Connected);
        self.pass(5 * 60);
        assert_eq!(self.state(), State::Connected);
    }

    fn happen(&mut self, happening: impl Into<Happening>) {
        self.world.happen(happening);
    }

    /// Runs for this many seconds, and keeps the notices.
    fn pass(&mut self, secs: u64) {
        self.pass_for(Duration::from_secs(secs));
    }

    fn pass_for(&mut self, span: Duration) {
        let (id, seen) = (self.id, &mut self.seen);
        run_for(
            &mut self.manager,
            &mut self.world,
            span,
            |now, delivery| match delivery {
                Delivery::Notice(Notice::StateChanged {
                    interface,
                    state,
                    reason,
                }) => {
                    assert_eq!(interface, id);
                    seen.push((now, state, reason));
                }
                Delivery::Notice(Notice::AddressChanged { .. }) => {}
                other => panic!("{other:?}"),
            },
        )
        .unwrap();
    }

    /// Runs until the interface is in that state, for at most `secs` seconds; returns how long it
    /// took.
    fn reach(&mut self, state: State, secs: u64) -> Duration {
        let before = self.world.now();
        let span = Duration::from_secs(secs);
        let then = run_until_state(&mut self.manager, &mut self.world, (self.id, state), span);
        then.unwrap().saturating_duration_since(before)
    }

    fn state(&self) -> State {
        self.manager.state(self.id).unwrap()
    }

    /// The state of the interface, and why it is stopped.
    fn stopped(&self) -> Option<(State, Cause)> {
        let reason = self.manager.reason(self.id)?;
        Some((self.state(), reason.cause))
    }

    /// Why the interface left CONNECTED most recently.
    fn lost(&self) -> Option<Cause> {
        self.manager.loss(self.id).map(|reason| reason.cause)
    }

    /// The states since the last call.
    fn states(&mut self) -> Vec<State> {
        let seen = core::mem::take(&mut self.seen);
        seen.into_iter().map(|(_, state, _)| state).collect()
    }

    /// Whether manager and world agree on whether the interface is connected.
    fn is_truthful(&self) -> bool {
        (self.state() == State::Connected) == (self.world.reach(self.id) != Reach::Nothing)
    }
}
