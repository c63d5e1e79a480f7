//! Properties of every interface under any sequence of inputs at any instants.

use lankeeper::manager::Wake;
use lankeeper::{Config, Duration, Instant, InterfaceConfig, State};
use proptest::prelude::*;

use crate::support::operation::{Op, config, id, op, span};
use crate::support::world::{World, all_but_early};
use crate::support::{longest_wait, nic};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    // spec: IFC-8, IFC-9, IFC-11, IFC-12, STATE-3
    #[test]
    fn invariants_hold_under_any_inputs(config in config(id()), ops in prop::collection::vec(op(), 1..60)) {
        let mut world = World::new(&config);
        for op in &ops {
            world.step(op);
        }
        world.settle();
    }

    // spec: TIME-3, TIME-4
    #[test]
    fn nothing_is_due_once_time_is_handled_and_outputs_are_taken(
        config in config(id()), ops in prop::collection::vec(op(), 1..60),
    ) {
        let mut world = World::new(&config);
        for op in &ops {
            world.step(op);
            world.settle();
        }
    }

    // spec: DRV-2
    #[test]
    fn pending_outputs_are_due_now(
        config in config(id()), ops in prop::collection::vec(op(), 1..60),
    ) {
        let mut world = World::new(&config);
        for op in &ops {
            world.step(op);
            let deadline = world.rig.manager.poll_at();
            let mut copy = world.rig.manager.clone();
            let waits = copy.poll_output().is_some();
            let is_due = deadline.is_some_and(|deadline| deadline.reason == Wake::Output);
            prop_assert_eq!(waits, is_due);
            if is_due {
                prop_assert!(deadline.unwrap().at <= world.rig.now);
            }
        }
    }

    // spec: TIME-3
    #[test]
    fn an_early_handle_timeout_changes_nothing(
        config in config(id()), ops in prop::collection::vec(op(), 1..40), part in 0.0..1.0_f64,
    ) {
        let mut world = World::new(&config);
        for op in &ops {
            world.step(op);
        }
        world.settle();
        if let Some(deadline) = world.rig.manager.poll_at() {
            let wait = deadline.at.saturating_duration_since(world.rig.now).as_micros();
            let early = ((wait - 1) as f64 * part) as u64;
            let (state, count) = (world.rig.state(), world.rig.manager.ignored(world.rig.id));
            world.rig.pass(Duration::from_micros(early.min(wait - 1)));
            prop_assert_eq!(world.rig.manager.poll_at(), Some(deadline));
            prop_assert_eq!((world.rig.state(), world.rig.manager.ignored(world.rig.id)), (state, count));
            world.rig.go(deadline.at);
            prop_assert_ne!(world.rig.manager.poll_at(), Some(deadline));
        }
    }

    // spec: TIME-5
    #[test]
    fn the_same_inputs_give_the_same_outputs(
        config in config(id()), ops in prop::collection::vec(op(), 1..60),
    ) {
        let run = || {
            let mut world = World::new(&config);
            ops.iter().for_each(|op| world.step(op));
            world.settle();
            world.log
        };
        prop_assert_eq!(run(), run());
    }

    // spec: TIME-2
    #[test]
    fn an_input_with_an_earlier_instant_counts_as_one_from_now(
        config in config(id()), ops in prop::collection::vec(op(), 1..40), last in op(), back in span(),
    ) {
        let mut world = World::new(&config);
        ops.iter().for_each(|op| world.step(op));
        let now = world.rig.now;
        let mut manager = world.rig.manager.clone();
        let past = Instant::from_micros(now.as_micros().saturating_sub(back));
        // The same operation, once now and once with an earlier instant.
        world.rig.manager.handle_timeout(now);
        if let Op::Report(report, behind) = last {
            let index = world.tickets.len().saturating_sub(1 + behind);
            let event = world.tickets[index].report(report);
            world.rig.manager.handle_event(now, event);
            manager.handle_event(past, event);
        } else {
            let nic = nic(world.rig.id);
            prop_assert_eq!(world.rig.manager.open(now, &nic), manager.open(past, &nic));
        }
        prop_assert_eq!(all_but_early(&world.rig.manager), all_but_early(&manager));
    }

    // spec: IFC-7, IFC-11
    #[test]
    fn a_held_interface_gets_connected_when_every_step_succeeds(
        id in id(), ops in prop::collection::vec(op(), 1..60),
    ) {
        let mut world = World::new(&Config::new(0, [InterfaceConfig::new(id)]));
        ops.iter().for_each(|op| world.step(op));
        world.rig.manager.set_enabled(world.rig.now, id, true).unwrap();
        let _ = world.rig.manager.open(world.rig.now, &nic(id));
        // At most the longest wait passes, because every answer comes at once.
        let end = world.rig.now.saturating_add(longest_wait(id));
        prop_assume!(end < Instant::from_micros(u64::MAX - 1_000_000_000));
        for _ in 0..10 {
            world.rig.come_up();
            if world.rig.state() == State::Connected {
                break;
            }
            let retry = world.rig.next_timer().expect("a stopped interface retries");
            world.rig.go(retry);
        }
        prop_assert_eq!(world.rig.state(), State::Connected);
        prop_assert!(world.rig.now <= end, "took longer than the longest wait");
    }
}
