//! The simulated server side together with the manager.

mod answers;
mod faults;
mod loss;
mod proxy;
mod storm;

use lankeeper::sim::{
    AccessPoint, AccessPointId, Happening, Simulated, World, run_for, run_until_server,
};
use lankeeper::{
    Config, ConnectOutcome, Delivery, Duration, Instant, InterfaceConfig, InterfaceId, Manager,
    Nic, Notice, Policy, ServerState,
};

use super::ALL;
use crate::support::{network, nic};

const WL0: InterfaceId = InterfaceId::WIFI;
const ETH0: InterfaceId = InterfaceId::ETHERNET;
const CELL0: InterfaceId = InterfaceId::CELLULAR;

/// A device with all three interfaces, in a world with one access point.
pub(super) struct Trip {
    pub(super) manager: Manager<3, 4, 4, 64>,
    pub(super) world: World,
    home: AccessPointId,
    seen: Vec<(Instant, Notice)>,
}

impl Trip {
    /// Not connected, under the policy `ReturnOnError`.
    pub(super) fn new() -> Self {
        Self::with_seed(1)
    }

    pub(super) fn with_seed(seed: u64) -> Self {
        let mut world = World::new(seed);
        let home = world.wifi.add(AccessPoint::new(network())).unwrap();
        let config = Config::new(0, ALL.map(InterfaceConfig::new));
        let mut manager = Manager::with_capacities(&config).unwrap();
        manager.set_policy(Instant::EPOCH, Policy::ReturnOnError);
        Self {
            manager,
            world,
            home,
            seen: Vec::new(),
        }
    }

    /// A trip that is connected over this interface, with the settings that it needs.
    fn connected(id: InterfaceId) -> Self {
        let mut trip = Self::new();
        assert_eq!(trip.attempt(&nic(id)).0, ConnectOutcome::ServerConnected);
        trip
    }

    /// A trip that is connected over Ethernet without given settings, so that a loss is retried.
    fn under(policy: Policy) -> Self {
        let mut trip = Self::connected(ETH0);
        trip.manager.set_policy(trip.world.now(), policy);
        trip
    }

    pub(super) fn happen(&mut self, happening: impl Into<Happening>) {
        self.world.happen(happening);
    }

    /// Requests a connection, runs until the attempt has ended, and returns its result.
    pub(super) fn attempt(&mut self, nic: &Nic) -> (ConnectOutcome, Option<i32>) {
        self.begin(nic);
        // No medium takes longer than its timeout.
        self.pass(60);
        self.ended()
    }

    fn begin(&mut self, nic: &Nic) {
        let now = self.world.now();
        self.manager.connect_with(now, nic, None).unwrap();
    }

    /// The result of the only attempt that ended since the last call.
    pub(super) fn ended(&mut self) -> (ConnectOutcome, Option<i32>) {
        let ended: Vec<_> = self
            .notices()
            .into_iter()
            .filter_map(|notice| match notice {
                Notice::ConnectEnded { outcome, code, .. } => Some((outcome, code)),
                _ => None,
            })
            .collect();
        assert_eq!(ended.len(), 1, "{ended:?}");
        ended[0]
    }

    /// Runs for this many seconds, and keeps the notices.
    pub(super) fn pass(&mut self, secs: u64) {
        self.pass_for(Duration::from_secs(secs));
    }

    fn pass_for(&mut self, span: Duration) {
        let seen = &mut self.seen;
        run_for(
            &mut self.manager,
            &mut self.world,
            span,
            |now, delivery| match delivery {
                Delivery::Notice(notice) => seen.push((now, notice)),
                Delivery::Datagram { .. } => panic!("{delivery:?}"),
            },
        )
        .unwrap();
    }

    /// Runs until the server connection is in that state, for at most `secs` seconds; returns how
    /// long it took.
    fn reach(&mut self, state: ServerState, secs: u64) -> Duration {
        let before = self.world.now();
        let span = Duration::from_secs(secs);
        let then = run_until_server(&mut self.manager, &mut self.world, state, span);
        then.unwrap().saturating_duration_since(before)
    }

    /// The notices since the last call.
    pub(super) fn notices(&mut self) -> Vec<Notice> {
        let seen = core::mem::take(&mut self.seen);
        seen.into_iter().map(|(_, notice)| notice).collect()
    }

    /// The states of the server connection since the last call.
    fn states(&mut self) -> Vec<ServerState> {
        let notices = self.notices().into_iter();
        notices
            .filter_map(|notice| match notice {
                Notice::ServerStateChanged { state } => Some(state),
                _ => None,
            })
            .collect()
    }

    fn state(&self) -> ServerState {
        self.manager.server_state()
    }

    /// Whether manager and world agree on whether the server is connected.
    fn is_truthful(&self) -> bool {
        let believes = matches!(self.state(), ServerState::Connected | ServerState::Flushing);
        believes == self.world.server.is_connected()
    }
}
