//! A model of holders, settings and results, written from the rules and run beside the manager of
//! a device with three interfaces: both must agree after every operation.
//!
//! It leaves out what the machines decide for themselves, which has tests of its own (`pace`,
//! `ladder`, `connect`): how an interface that has stopped tries again, how a connection is tried
//! again that nobody asks for, and when an interface takes over what was stored while it ran. Where
//! one of these would begin, it is ended in both (`Bench::settle`). Address conflicts, hold-downs and
//! the policy that keeps trying are never drawn.
//!
//! The model is naive on purpose, and follows the text of the rules. It cannot know the instants
//! that jitter draws, so it observes them and checks their bounds. Other properties are checked
//! from outside, above all that no command contains settings that had to be forgotten (CFG-2).
//! `LANKEEPER_STEPS` sets the number of operations in the storm; use release mode for many.

mod backend;
mod bench;
mod compare;
mod device;
mod effort;
mod found;
mod interface;
mod last;
mod laws;
mod operation;
mod outcome;
mod output;
mod request;
mod server;
mod settings;
mod setup;
mod step;

use lankeeper::{ConnectOutcome, Manager, ServerState};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use bench::{Bench, Seen};
use operation::{Op, op};
use setup::{Setup, setup};

const HANDLES: usize = 6;

/// The manager of such a device.
type Device3 = Manager<3, HANDLES, 4, 64, 2>;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    // spec: CON-1, CON-2, CON-3, CON-5, CON-6, CON-7, CON-8, CON-9, CON-10, CON-12, CON-14
    // spec: CON-15, CON-16, CON-17, CFG-1, CFG-2, CFG-3, CFG-4, CFG-5, CFG-6, OPEN-3, OPEN-5
    // spec: OPEN-6, OPEN-7, DRV-2
    #[test]
    fn the_manager_agrees_with_a_model_of_the_rules(
        setup in setup(),
        ops in prop::collection::vec(op(), 1..150),
    ) {
        let mut bench = Bench::new(&setup);
        for op in &ops {
            bench.run(op, &setup);
        }
        bench.run_out(&setup);
    }
}

/// The device is replaced by a new one after this many operations.
const LIFE: u64 = 500;

/// The operations of one device so far; prints them if a difference is found.
struct Life<'a>(&'a Setup, Vec<Op>);

impl Drop for Life<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("{:?} {:?}", self.0, self.1);
        }
    }
}

// spec: CON-2, CON-11, CON-13, CFG-2, TIME-3, IFC-7
#[test]
fn a_storm_shows_no_difference() {
    let steps: u64 = std::env::var("LANKEEPER_STEPS").map_or(50_000, |text| {
        text.parse().expect("LANKEEPER_STEPS is a number of steps")
    });
    let mut runner = TestRunner::deterministic();
    let (setups, ops) = (setup(), op());
    let mut seen = Seen::default();
    let mut done = 0;
    while done < steps {
        let setup = setups.new_tree(&mut runner).unwrap().current();
        let mut bench = Bench::new(&setup);
        bench.seen = seen;
        let mut life = Life(&setup, Vec::new());
        for _ in 0..LIFE.min(steps - done) {
            let op = ops.new_tree(&mut runner).unwrap().current();
            life.1.push(op);
            bench.run(&life.1[life.1.len() - 1], &setup);
            done += 1;
        }
        bench.run_out(&setup);
        seen = bench.seen;
    }
    println!("three interfaces and the model: {done} random operations, no difference; {seen:?}");
    // The rarest ones occur about once in ten thousand operations.
    if done < 1_000_000 {
        return;
    }
    for (outcome, count) in ConnectOutcome::ALL.iter().zip(seen.outcomes) {
        assert!(count > 0, "{outcome} was never reported");
    }
    for (state, count) in ServerState::ALL.iter().zip(seen.states) {
        assert!(count > 0, "{state} was never reached");
    }
}
