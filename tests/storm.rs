//! Many random operations on each medium: no state is stuck, and every invariant holds.
//!
//! `LANKEEPER_STEPS` sets the number of operations per medium; use release mode for many.

use lankeeper::{Duration, InterfaceId, State};
use proptest::strategy::{Just, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::support::operation::{config, op};
use crate::support::world::World;
use crate::support::{longest_wait, nic};

/// The device is replaced by a new one after this many operations.
const LIFE: u64 = 1_000;

fn storm(id: InterfaceId) {
    let steps = std::env::var("LANKEEPER_STEPS").map_or(20_000, |text| {
        text.parse().expect("LANKEEPER_STEPS is a number of steps")
    });
    let mut runner = TestRunner::deterministic();
    let (ops, configs) = (op(), config(Just(id)));
    let mut reached = std::collections::BTreeMap::<i16, u64>::new();
    let mut done = 0;
    while done < steps {
        let mut world = World::new(&configs.new_tree(&mut runner).unwrap().current());
        world.keeps_log = false;
        for _ in 0..LIFE.min(steps - done) {
            world.step(&ops.new_tree(&mut runner).unwrap().current());
            *reached.entry(world.rig.state().code()).or_default() += 1;
            done += 1;
        }
        world.settle();
        heal(&mut world, id);
    }
    println!("{id}: {done} random steps, in states {reached:?}");
    let own = |state: &State| state.medium().is_none_or(|medium| medium == id.medium());
    for state in State::ALL.into_iter().filter(own) {
        let rested = reached.contains_key(&state.code());
        assert_eq!(rested, state != State::WifiLinkUp, "{state}");
    }
}

/// With an open handle and good answers only, the interface becomes CONNECTED.
fn heal(world: &mut World, id: InterfaceId) {
    let now = world.rig.now;
    if now.checked_add(Duration::from_secs(100_000)).is_none() {
        return;
    }
    world.rig.manager.set_enabled(now, id, true).unwrap();
    if world.rig.manager.open(now, &nic(id)).is_err() {
        // No handle is free, so one of the open ones requests a retry.
        let retried = world
            .handles
            .iter()
            .find(|handle| world.rig.manager.retry(now, **handle).is_ok());
        assert!(retried.is_some(), "neither opened nor retried");
    }
    world.rig.come_up();
    while world.rig.state() != State::Connected {
        let before = world.rig.now;
        let retry = world.rig.next_timer().expect("a held interface retries");
        assert!(retry > before, "spins");
        world.rig.go(retry);
        world.rig.come_up();
    }
    assert!(world.rig.now <= now.saturating_add(longest_wait(id)));
}

// spec: IFC-7, IFC-9, IFC-11, STATE-3
#[test]
fn wifi_never_gets_stuck() {
    storm(InterfaceId::WIFI);
}

// spec: IFC-7, IFC-9, IFC-11, STATE-3
#[test]
fn ethernet_never_gets_stuck() {
    storm(InterfaceId::ETHERNET);
}

// spec: IFC-7, IFC-9, IFC-11, STATE-3
#[test]
fn cellular_never_gets_stuck() {
    storm(InterfaceId::CELLULAR);
}
