//! The run functions, and the world that they advance.

use lankeeper::sim::{
    AccessPoint, CableChange, Delays, EthernetPort, RunError, Simulated, World, run_for, run_until,
    run_until_state,
};
use lankeeper::{
    Backend, Binding, Command, Config, Duration, Event, Instant, InterfaceConfig, InterfaceId,
    Manager, Nic, Received, State,
};

use super::Scene;
use crate::support::{network, secs};

const ETH0: InterfaceId = InterfaceId::ETHERNET;

// spec: TIME-3
#[test]
fn a_script_runs_in_order_and_on_time() {
    let mut scene = Scene::new(ETH0);
    scene.world.at(secs(200), CableChange::Pulled).unwrap();
    scene.world.at(secs(100), CableChange::Pulled).unwrap();
    scene.world.at(secs(100), CableChange::Plugged).unwrap();
    scene.world.at(secs(100), CableChange::Pulled).unwrap();
    scene.world.at(secs(150), CableChange::Plugged).unwrap();
    scene.pass(300);
    let pulled: Vec<_> = scene
        .seen
        .iter()
        .filter(|(_, state, _)| *state == State::EthernetStoppedNoLink)
        .map(|(at, ..)| *at)
        .take(1)
        .collect();
    assert_eq!(pulled, [secs(100)]);
    assert!(scene.seen.iter().any(|(at, state, _)| {
        *state == State::Connected && (secs(150)..secs(160)).contains(at)
    }));
    assert_ne!(scene.state(), State::Connected);
}

#[test]
fn a_jump_in_time_runs_everything_due_in_order() {
    let mut world: World = World::new(1);
    for at in 1..=64 {
        let change = if at % 2 == 0 {
            CableChange::Plugged
        } else {
            CableChange::Pulled
        };
        world.at(secs(at), change).unwrap();
    }
    let full = world.at(secs(65), CableChange::Pulled);
    assert_eq!(full.unwrap_err().0, 64);
    assert_eq!(world.poll_at(), Some(secs(1)));
    world.handle_timeout(secs(100));
    assert_eq!((world.now(), world.poll_at()), (secs(100), None));
    // An earlier instant changes nothing.
    world.handle_timeout(secs(5));
    assert_eq!(world.now(), secs(100));
}

#[test]
fn the_number_of_access_points_is_limited() {
    let mut world: World<2> = World::new(1);
    assert!(world.wifi.add(AccessPoint::new(network())).is_ok());
    assert!(world.wifi.add(AccessPoint::new(network())).is_ok());
    let third = world.wifi.add(AccessPoint::new(network()));
    assert_eq!(third.unwrap_err().to_string(), "no room for more than 2");
}

#[test]
fn timeouts_and_absent_interfaces_are_errors() {
    let mut scene = Scene::new(ETH0);
    scene.happen(CableChange::Pulled);
    let mut run = |id| {
        let goal = (id, State::Connected);
        run_until_state(
            &mut scene.manager,
            &mut scene.world,
            goal,
            Duration::from_secs(1),
        )
    };
    let error = run(ETH0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "by 1000000 µs eth0 got no further than ETHERNET_LINK_UP"
    );
    assert_eq!(
        run(InterfaceId::WIFI),
        Err(RunError::Absent(InterfaceId::WIFI))
    );
}

/// A backend that is always due at once.
struct Restless(Instant);

impl Backend for Restless {
    fn execute(&mut self, _: Command<'_>) {}

    fn next_event(&mut self) -> Option<Event> {
        None
    }

    fn receive(&mut self, _: Binding, _: &mut [u8]) -> Option<Received> {
        None
    }
}

impl Simulated for Restless {
    fn now(&self) -> Instant {
        self.0
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.0 = now;
    }

    fn poll_at(&self) -> Option<Instant> {
        Some(self.0.max(secs(7)))
    }
}

#[test]
fn a_backend_that_stops_time_is_an_error() {
    let mut manager = Manager::new(&Config::new(0, [InterfaceConfig::new(ETH0)])).unwrap();
    let mut backend = Restless(Instant::EPOCH);
    let stuck = run_until(&mut manager, &mut backend, secs(60), |_, _| {});
    assert_eq!(stuck, Err(RunError::Stuck(secs(7))));
}

#[test]
fn a_device_runs_without_a_world_and_without_delays() {
    let mut manager = Manager::new(&Config::new(0, [InterfaceConfig::new(ETH0)])).unwrap();
    let mut port: EthernetPort = EthernetPort::new(1).with_delays(Delays::NONE);
    let nic = Nic::named("eth0").unwrap();
    manager.open(Instant::EPOCH, &nic).unwrap();
    run_for(&mut manager, &mut port, Duration::ZERO, |_, _| {}).unwrap();
    assert_eq!(manager.state(ETH0), Some(State::Connected));
    assert_eq!(port.now(), Instant::EPOCH);
}

// spec: IFC-8, IFC-12
#[test]
fn a_closed_interface_stays_down() {
    for id in super::ALL {
        let config = Config::new(0, [InterfaceConfig::new(id)]);
        let mut manager = Manager::new(&config).unwrap();
        let mut world: World = World::new(1);
        world.wifi.add(AccessPoint::new(network())).unwrap();
        let handle = manager
            .open(Instant::EPOCH, &crate::support::nic(id))
            .unwrap();
        let up = (id, State::Connected);
        run_until_state(&mut manager, &mut world, up, Duration::from_secs(20)).unwrap();
        manager.close(world.now(), handle);
        run_for(
            &mut manager,
            &mut world,
            Duration::from_secs(86_400),
            |_, _| {},
        )
        .unwrap();
        assert!(manager.state(id).unwrap().is_stopped());
        assert_eq!(world.reach(id), lankeeper::sim::Reach::Nothing);
        assert_eq!(world.poll_at(), None);
    }
}
