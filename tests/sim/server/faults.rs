//! Faults between the simulated server side and the manager.

use lankeeper::sim::{Fault, FaultRates, Happening, Simulated};
use lankeeper::{ConnectOutcome, Duration, Instant, Notice, Policy, ServerReport, ServerState};

use super::{ETH0, Trip};
use crate::sim::permanent_faults;
use crate::support::nic;

/// The longest pause, one round, and the longest delay in it, in seconds.
const LONGEST: u64 = 9 * 60 + 60 + 60;

fn kinds() -> Vec<Fault<ServerReport>> {
    let code = -77;
    let spurious = [
        ServerReport::NotResolved { code },
        ServerReport::ProxyRefused { code },
        ServerReport::Unreachable { code },
        ServerReport::NoConnectivity { code },
        ServerReport::Lost { code },
        ServerReport::SendTimedOut { code },
        ServerReport::Flushed,
    ];
    let mut kinds = vec![
        Fault::Silence,
        Fault::Late(Duration::from_secs(200)),
        Fault::Duplicate(Duration::from_secs(1)),
        Fault::Stale,
        Fault::Driver { code },
    ];
    kinds.extend(spurious.map(Fault::Spurious));
    kinds
}

/// An attempt that is retried until the server is connected.
fn suspended() -> Trip {
    let mut trip = Trip::new();
    trip.manager
        .set_policy(Instant::EPOCH, Policy::SuspendOnError);
    trip.manager.connect(Instant::EPOCH, None).unwrap();
    trip
}

fn inject(trip: &mut Trip, fault: Fault<ServerReport>) {
    trip.happen(Happening::ServerFault(fault));
}

// spec: CON-13, DRV-3
#[test]
fn the_device_survives_each_fault_at_each_step() {
    for fault in kinds() {
        // Every 50 ms while connecting, so within every step.
        for instant in 0..80 {
            let mut trip = suspended();
            trip.pass_for(Duration::from_millis(50 * instant));
            inject(&mut trip, fault);
            trip.pass(1);
            trip.reach(ServerState::Connected, LONGEST);
            trip.pass(300);
            assert_eq!(trip.state(), ServerState::Connected, "{fault:?} {instant}");
            assert!(trip.is_truthful(), "{fault:?} {instant}");
        }
    }
}

// spec: CON-10
#[test]
fn silence_in_each_step_ends_with_the_timeout() {
    for (before, outcome) in [
        (ServerState::Resolving, ConnectOutcome::NotResolved),
        (ServerState::Connecting, ConnectOutcome::NoServer),
    ] {
        let mut trip = Trip::new();
        trip.begin(&nic(ETH0));
        trip.reach(before, 20);
        inject(&mut trip, Fault::Silence);
        trip.pass(60);
        assert_eq!(trip.ended(), (outcome, None));
        // The world was connected, and the manager has disconnected it.
        assert!(trip.is_truthful());
    }
}

#[test]
fn late_and_stale_answers_are_ignored() {
    let mut trip = Trip::new();
    trip.begin(&nic(ETH0));
    inject(&mut trip, Fault::Late(Duration::from_secs(100)));
    assert_eq!(trip.attempt_ends(), ConnectOutcome::NotResolved);
    trip.pass(100);
    assert_eq!(trip.manager.server_ignored().stale, 1);

    let mut trip = Trip::new();
    trip.begin(&nic(ETH0));
    trip.reach(ServerState::Connecting, 20);
    inject(&mut trip, Fault::Stale);
    assert_eq!(trip.attempt_ends(), ConnectOutcome::NoServer);
    assert_eq!(trip.manager.server_ignored().stale, 1);
}

#[test]
fn a_delayed_answer_within_the_timeout_counts() {
    let mut trip = Trip::new();
    trip.begin(&nic(ETH0));
    inject(&mut trip, Fault::Late(Duration::from_secs(40)));
    assert_eq!(trip.attempt_ends(), ConnectOutcome::ServerConnected);
    assert!(trip.world.now() > Instant::EPOCH.saturating_add(Duration::from_secs(40)));
}

#[test]
fn a_duplicate_answer_to_a_finished_step_changes_nothing() {
    let ignored = |faults| {
        let mut trip = Trip::new();
        trip.begin(&nic(ETH0));
        for _ in 0..faults {
            inject(&mut trip, Fault::Duplicate(Duration::from_secs(30)));
        }
        trip.pass(20);
        assert_eq!(trip.states().last(), Some(&ServerState::Connected));
        trip.pass(60);
        assert_eq!(trip.states(), []);
        let ignored = trip.manager.server_ignored();
        ignored.meaningless + ignored.stale
    };
    assert_eq!(ignored(2), ignored(0) + 2);
}

// spec: DRV-3
#[test]
fn a_driver_fault_is_reported_with_its_code() {
    let mut trip = Trip::new();
    trip.begin(&nic(ETH0));
    trip.reach(ServerState::Connecting, 20);
    inject(&mut trip, Fault::Driver { code: -77 });
    trip.pass(0);
    assert_eq!(trip.ended(), (ConnectOutcome::NoServer, Some(-77)));
    assert!(!trip.world.server.is_connected());
}

// spec: CON-12
#[test]
fn a_spurious_loss_counts_as_a_loss() {
    let mut trip = Trip::connected(ETH0);
    inject(&mut trip, Fault::Spurious(ServerReport::Lost { code: -77 }));
    assert!(trip.world.server.is_connected());
    trip.pass(0);
    assert_eq!(trip.state(), ServerState::Waiting);
    assert!(
        !trip.world.server.is_connected(),
        "the manager has disconnected"
    );
    trip.reach(ServerState::Connected, 10);
}

#[test]
fn a_spurious_connection_is_believed() {
    let mut trip = Trip::new();
    trip.begin(&nic(ETH0));
    trip.reach(ServerState::Connecting, 20);
    inject(&mut trip, Fault::Spurious(ServerReport::Connected));
    trip.pass_for(Duration::ZERO);
    assert_eq!(trip.state(), ServerState::Connected);
    assert!(!trip.world.server.is_connected());
}

#[test]
fn a_fault_without_a_running_step_is_not_noticed() {
    let mut trip = Trip::new();
    inject(&mut trip, Fault::Spurious(ServerReport::Lost { code: -77 }));
    inject(&mut trip, Fault::Driver { code: -77 });
    trip.pass(10);
    assert_eq!(trip.notices(), []);
    assert_eq!(trip.manager.server_ignored(), Default::default());
}

// spec: CON-13
#[test]
fn the_device_recovers_once_a_permanent_fault_ends() {
    for rates in permanent_faults() {
        let mut trip = suspended();
        trip.happen(Happening::ServerFaultRates(rates));
        trip.pass(4 * 3_600);
        trip.happen(Happening::ServerFaultRates(FaultRates::NONE));
        // Delayed reports still arrive.
        trip.pass(300);
        trip.reach(ServerState::Connected, LONGEST);
        assert_eq!(trip.world.server.overflowed(), 0);
    }
}

// spec: TIME-5
#[test]
fn equal_seeds_give_equal_runs_and_other_seeds_differ() {
    let run = |seed| {
        let mut trip = Trip::with_seed(seed);
        trip.manager
            .set_policy(Instant::EPOCH, Policy::SuspendOnError);
        trip.manager.connect(Instant::EPOCH, None).unwrap();
        trip.happen(Happening::ServerFaultRates(FaultRates::each(150)));
        trip.pass(3_600);
        trip.seen
    };
    assert_eq!(run(3), run(3));
    assert_ne!(run(3), run(4));
}

impl Trip {
    /// Runs until the attempt ends, and returns its outcome.
    fn attempt_ends(&mut self) -> ConnectOutcome {
        self.pass(60);
        let ended = self.notices().into_iter().find_map(|notice| match notice {
            Notice::ConnectEnded { outcome, .. } => Some(outcome),
            _ => None,
        });
        ended.unwrap()
    }
}
