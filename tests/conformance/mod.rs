//! The conformance suite for backends: right ones pass, and bad ones are named.

mod bad;
mod bench;
mod mistaken;

use std::collections::HashSet;

use lankeeper::conformance::{Bed, Change, Check, Outcome, Plan, Seen, Skip, Verdicts, run};
use lankeeper::sim::{Simulated, World};
use lankeeper::{Duration, Instant, InterfaceId};

use bad::Flaw;
use bench::{Bench, plan, verdicts, verdicts_by_proxy};
use mistaken::Mistake;

use crate::support::network;

const ETHERNET: InterfaceId = InterfaceId::ETHERNET;
const WIFI: InterfaceId = InterfaceId::WIFI;
const CELLULAR: InterfaceId = InterfaceId::CELLULAR;

fn failed(verdicts: &Verdicts) -> Vec<Check> {
    verdicts.failed().map(|verdict| verdict.check).collect()
}

// spec: DRV-5
#[test]
fn simulated_backends_of_all_media_pass_whatever_is_not_about_another_medium() {
    for (name, verdicts) in [
        ("eth0", verdicts(ETHERNET, None)),
        ("wl0", verdicts(WIFI, None)),
        ("cell0", verdicts(CELLULAR, None)),
        ("eth0 by proxy", verdicts_by_proxy(ETHERNET)),
    ] {
        assert!(verdicts.is_clean(), "{name}:\n{verdicts}");
        for verdict in verdicts.iter() {
            let is_right = matches!(
                verdict.outcome,
                Outcome::Passed | Outcome::Skipped(Skip::OtherMedium)
            );
            assert!(is_right, "{name}: {verdict}");
        }
    }
}

/// Each bad backend, on an interface where it shows, and what the suite has to call it.
const BAD: &[(Flaw, InterfaceId, &[Check])] = &[
    (Flaw::MuteDhcp, ETHERNET, &[Check::Answers]),
    (Flaw::Slow, ETHERNET, &[Check::Answers]),
    (Flaw::OldTicket, ETHERNET, &[Check::Tickets]),
    (Flaw::MadeUpTicket, ETHERNET, &[Check::Tickets]),
    (Flaw::Double, ETHERNET, &[Check::Once]),
    (Flaw::Endless, ETHERNET, &[Check::Once]),
    (Flaw::OnlyChanges, ETHERNET, &[Check::Repeats]),
    (Flaw::FailsSecondEnd, ETHERNET, &[Check::Repeats]),
    (Flaw::Ignorant, ETHERNET, &[Check::Unknown]),
    (Flaw::WatchesOn, ETHERNET, &[Check::Stopped]),
    (Flaw::AsksOn, WIFI, &[Check::Stopped]),
    (Flaw::SendsOn, ETHERNET, &[Check::PoweredDown]),
    (Flaw::ReceivesOn, ETHERNET, &[Check::PoweredDown]),
    (Flaw::BlindToLoss, ETHERNET, &[Check::Loss]),
    (Flaw::BlindToLoss, WIFI, &[Check::Loss]),
    (Flaw::BlindToLoss, CELLULAR, &[Check::Loss]),
    (Flaw::BlindToReturn, ETHERNET, &[Check::Return]),
    (Flaw::BlindToReturn, CELLULAR, &[Check::Return]),
    (Flaw::BelievesInCarrier, ETHERNET, &[Check::Absence]),
    (Flaw::AnyKey, WIFI, &[Check::WrongKey]),
    (Flaw::MakesLeaseUp, ETHERNET, &[Check::SilentDhcp]),
    (Flaw::HidesRefusal, ETHERNET, &[Check::RefusedLease]),
    (Flaw::KeepsLease, WIFI, &[Check::LostLease]),
    (Flaw::KeepsSession, CELLULAR, &[Check::LostSession]),
    (Flaw::KeepsSim, CELLULAR, &[Check::LostSim]),
    (Flaw::NeverRecovers, ETHERNET, &[Check::Recovers]),
    (Flaw::NeverFlushes, ETHERNET, &[Check::ServerAnswers]),
    (Flaw::DeafToFin, ETHERNET, &[Check::ServerHungUp]),
    (Flaw::DeafToFin, CELLULAR, &[Check::ServerHungUp]),
    (Flaw::DeafToReset, WIFI, &[Check::ServerReset]),
    (Flaw::HidesServerRefusal, ETHERNET, &[Check::ServerRefuses]),
    (
        Flaw::ConnectsAtOnce,
        ETHERNET,
        &[
            Check::ServerReset,
            Check::ServerRefuses,
            Check::ServerSilent,
        ],
    ),
    (Flaw::TellsItsOwnEnd, ETHERNET, &[Check::Disconnected]),
    (Flaw::NeverReceives, ETHERNET, &[Check::Receives]),
    (Flaw::CutsLength, ETHERNET, &[Check::BufferLength]),
    (Flaw::Scribbles, ETHERNET, &[Check::BufferLength]),
    (Flaw::KeepsDatagrams, ETHERNET, &[Check::Unbound]),
    (Flaw::HidesBindFailure, ETHERNET, &[Check::BindFailure]),
    (Flaw::HidesSendFailure, ETHERNET, &[Check::SendFailure]),
    (
        Flaw::HidesPersistFailure,
        CELLULAR,
        &[Check::PersistFailure],
    ),
    (Flaw::FirstTicket, ETHERNET, &[Check::Tickets]),
    (Flaw::SlowReturn, ETHERNET, &[Check::Return]),
    // A registration has longer.
    (Flaw::SlowReturn, CELLULAR, &[]),
    (Flaw::KeepsRest, ETHERNET, &[Check::BufferLength]),
    (Flaw::SlowNetwork, ETHERNET, &[]),
    (Flaw::ManyPorts, ETHERNET, &[]),
];

// spec: DRV-5
#[test]
fn each_bad_backend_is_called_by_its_name() {
    let mut wrong = Vec::new();
    for (flaw, interface, checks) in BAD {
        let verdicts = verdicts(*interface, Some(*flaw));
        let failed = failed(&verdicts);
        if failed != *checks {
            let all: Vec<_> = verdicts.failed().map(|it| it.to_string()).collect();
            wrong.push(format!("{flaw:?} on {interface}: {}", all.join("\n    ")));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    // Each check has a backend that fails it.
    for check in Check::ALL {
        let is_shown = BAD.iter().any(|(_, _, shown)| shown.contains(check));
        assert!(is_shown, "{check:?}");
    }
}

/// Each backend that mistakes its commands, and what the suite has to call it; then what it cannot
/// come to.
const MISTAKEN: &[(Mistake, &[Check], &[Check])] = &[
    (Mistake::Ancient, &[], &[]),
    (Mistake::BeforeTheFirst, &[Check::Tickets], &[]),
    (Mistake::AnswersStop, &[Check::Tickets], &[]),
    (Mistake::AnswersDisconnect, &[Check::Tickets], &[]),
    (Mistake::FaultOfLink, &[Check::Answers], &[Check::Recovers]),
    (
        Mistake::FaultOfName,
        &[Check::ServerAnswers],
        &[Check::ServerHungUp, Check::ServerReset, Check::Disconnected],
    ),
    (
        Mistake::FormerConnection,
        &[Check::Tickets],
        &[Check::ServerReset, Check::Disconnected],
    ),
    (Mistake::TwoMadeUp, &[Check::Tickets], &[Check::Answers]),
    (Mistake::MadeUpLater, &[Check::Tickets], &[Check::Recovers]),
    (Mistake::Lively, &[], &[]),
];

// spec: DRV-5, IFC-10
#[test]
fn a_report_on_another_command_is_no_answer() {
    for (mistake, checks, not_reached) in MISTAKEN {
        let verdicts = mistaken::verdicts(*mistake);
        assert_eq!(failed(&verdicts), *checks, "{mistake:?}:\n{verdicts}");
        assert_eq!(verdicts.is_clean(), checks.is_empty(), "{mistake:?}");
        for check in *not_reached {
            let outcome = verdicts.of(*check);
            let expected = Outcome::Skipped(Skip::NotReached);
            assert_eq!(outcome, expected, "{mistake:?}:\n{verdicts}");
        }
    }
}

// spec: DRV-5
#[test]
fn a_verdict_says_what_was_seen_and_what_was_expected() {
    let verdicts = verdicts(ETHERNET, Some(Flaw::DeafToFin));
    let expected = "Lost, with the ticket of Connect";
    let seen = Seen::Nothing(Duration::from_secs(10));
    let outcome = Outcome::Failed { expected, seen };
    assert_eq!(verdicts.of(Check::ServerHungUp), outcome);
    let line = "FAILED  CON-12  ServerHungUp: A server that hangs up without a word is noticed. \
                Expected: Lost, with the ticket of Connect; seen: nothing for 10000 ms";
    assert_eq!(verdicts.failed().next().unwrap().to_string(), line);
    assert_eq!(verdicts.to_string().lines().count(), Check::ALL.len());

    let verdicts = super::conformance::verdicts(ETHERNET, Some(Flaw::HidesSendFailure));
    let expected = "1 datagram on the network, or reported as not sent";
    let seen = Seen::Count(0);
    let outcome = Outcome::Failed { expected, seen };
    assert_eq!(verdicts.of(Check::SendFailure), outcome);
}

// spec: DRV-5
#[test]
fn what_a_bed_cannot_do_is_skipped_and_said_so() {
    let network = network();
    let mut plan = plan(ETHERNET, &network, None);
    let cannot = |change| matches!(change, Change::ServerHangsUp | Change::Cable(_));
    let verdicts = run(&mut Bench::new(ETHERNET, None).without(cannot), &plan);
    assert!(verdicts.is_clean(), "{verdicts}");
    for (check, change) in [
        (Check::ServerHungUp, Change::ServerHangsUp),
        (Check::Loss, Change::Cable(false)),
    ] {
        assert_eq!(verdicts.of(check), Outcome::Skipped(Skip::Change(change)));
    }
    let line = "skipped CON-12  ServerHungUp: the bed has no ServerHangsUp";
    assert!(verdicts.to_string().contains(line), "{verdicts}");

    (plan.server, plan.lease) = (false, None);
    let verdicts = run(&mut Bench::new(ETHERNET, None), &plan);
    for check in [Check::ServerHungUp, Check::LostLease] {
        assert_eq!(verdicts.of(check), Outcome::Skipped(Skip::NotPlanned));
    }
}

// spec: DRV-5
#[test]
fn every_command_comes_again_and_every_check_ends_with_the_power() {
    // A device that fails is powered down before it comes up again.
    let fails = "Device(false), stop, power down, Device(true), power up";
    let sends = "start dhcp, Send to 192.168.2.77:9, stop";
    for (interface, parts) in [
        (
            ETHERNET,
            [
                "power up, start link, start dhcp, start link, start link, start dhcp, start dhcp, \
                 power up, start link, start dhcp, stop, power down",
                fails,
                sends,
            ],
        ),
        (
            WIFI,
            [
                "power up, scan, join, start dhcp, scan, join, start dhcp, \
                 power up, scan, join, start dhcp, stop, power down",
                sends,
                "AccessPoint(false), scan, stop, AccessPoint(true)",
            ],
        ),
        (
            CELLULAR,
            [
                "power up, ping modem, read sim, register, dial, register, register, dial, \
                 power up, ping modem, read sim, register, dial, stop, power down",
                fails,
                "Coverage(false), Coverage(true)",
            ],
        ),
    ] {
        let network = network();
        let mut bench = Bench::new(interface, None);
        let _ = run(&mut bench, &plan(interface, &network, None));
        let log = bench.device.log.join(", ");
        // The server works again before the next check, and in the end.
        let server = "Server(Refuses), Server(Works), Server(IsSilent), Server(Works)";
        for part in parts.into_iter().chain([server]) {
            assert!(log.contains(part), "{interface}: {part} is not in {log}");
        }
        assert_eq!(bench.device.bound, [], "each port is given back");
        // Each has a number of its own: one for the ends, three for the ports, and the twenty others.
        let bound = bench.device.log.iter().filter(|it| it.starts_with("Bind"));
        let bound = bound.collect::<HashSet<_>>().len();
        assert_eq!(bound, if interface == CELLULAR { 0 } else { 24 });
    }
}

/// A bed that has a backend and a clock, and nothing else.
struct Bare {
    world: World,
    /// How often it wakes up early, a microsecond later.
    early: u32,
}

impl Bed for Bare {
    type Backend = World;

    fn backend(&mut self) -> &mut World {
        &mut self.world
    }

    fn now(&mut self) -> Instant {
        self.world.now()
    }

    fn wait(&mut self, until: Instant) {
        let now = self.world.now();
        let early = now.saturating_add(Duration::from_micros(1));
        let next = self.world.poll_at().filter(|at| *at > now);
        let next = next.map_or(until, |at| at.min(until));
        self.world.handle_timeout(if self.early > 0 {
            early.min(next)
        } else {
            next
        });
        self.early = self.early.saturating_sub(1);
    }
}

// spec: DRV-5
#[test]
fn a_bed_that_only_waits_is_enough_for_what_needs_no_change() {
    for early in [0, 200_000] {
        let world = World::new(1);
        let verdicts = run(&mut Bare { world, early }, &Plan::new(ETHERNET));
        assert!(verdicts.is_clean(), "{verdicts}");
        assert_eq!(verdicts.of(Check::Answers), Outcome::Passed);
        let loss = Skip::Change(Change::Cable(false));
        for (check, skip) in [(Check::Loss, loss), (Check::SendFailure, Skip::Unseen)] {
            assert_eq!(verdicts.of(check), Outcome::Skipped(skip), "{verdicts}");
        }
    }
}

/// A bed whose clock stands still.
struct Still(World);

impl Bed for Still {
    type Backend = World;

    fn backend(&mut self) -> &mut World {
        &mut self.0
    }

    fn now(&mut self) -> Instant {
        self.0.now()
    }

    fn wait(&mut self, _: Instant) {}
}

// spec: DRV-5
#[test]
fn a_clock_that_stands_still_ends_the_run() {
    let verdicts = run(&mut Still(World::new(1)), &Plan::new(ETHERNET));
    assert_eq!(failed(&verdicts), [Check::Answers]);
    assert!(verdicts.to_string().contains("a clock that goes on"));
}
