//! The page of recovery: where the next try begins after a failure, and how often an interface tries
//! at most, both as tried on the running machine.

use lankeeper::{Duration, Instant, InterfaceConfig, InterfaceId, Medium, Report, State};

use super::page::{Page, Table};
use crate::support::{Rig, good_answer};

/// A failure: the state in which it happens, and what is reported; `None` for silence.
type Failure = (&'static str, InterfaceId, State, Option<Report>);

const CODE: i32 = 1;
const WIFI: InterfaceId = InterfaceId::WIFI;
const ETHERNET: InterfaceId = InterfaceId::ETHERNET;
const CELLULAR: InterfaceId = InterfaceId::CELLULAR;

#[rustfmt::skip]
const FAILURES: &[Failure] = &[
    ("the power-up is not answered", ETHERNET, State::Starting, None),
    ("the driver reports a fault", ETHERNET, State::EthernetDhcping, Some(Report::Fault { code: CODE })),
    ("the network is not there", WIFI, State::WifiScanning, Some(Report::NetworkNotFound { code: CODE })),
    ("the scan is not answered", WIFI, State::WifiScanning, None),
    ("the key is wrong", WIFI, State::WifiJoining, Some(Report::WrongKey { code: CODE })),
    ("the network refuses the radio", WIFI, State::WifiJoining, Some(Report::JoinRejected { code: CODE })),
    ("the join is not answered", WIFI, State::WifiJoining, None),
    ("the link is lost before there is a lease", WIFI, State::WifiDhcping, Some(Report::LinkLost { code: CODE })),
    ("the link is lost before it was stable", WIFI, State::Connected, Some(Report::LinkLost { code: CODE })),
    ("there is no carrier", ETHERNET, State::EthernetLinkUp, Some(Report::CarrierDown)),
    ("the carrier is lost", ETHERNET, State::EthernetDhcping, Some(Report::CarrierDown)),
    ("the lease is refused", ETHERNET, State::EthernetDhcping, Some(Report::LeaseRefused { code: CODE })),
    ("no lease comes", ETHERNET, State::EthernetDhcping, None),
    ("no lease comes", WIFI, State::WifiDhcping, None),
    ("the lease is lost before it was stable", ETHERNET, State::Connected, Some(Report::LeaseLost)),
    ("another device has the address", ETHERNET, State::Connected, Some(Report::AddressConflict)),
    ("the modem does not answer", CELLULAR, State::CellularPinging, None),
    ("the SIM is locked", CELLULAR, State::CellularWaitingForSim, Some(Report::SimFailed { code: CODE })),
    ("the SIM does not answer", CELLULAR, State::CellularWaitingForSim, None),
    ("the registration is denied", CELLULAR, State::CellularRegistering, Some(Report::RegistrationDenied { code: CODE })),
    ("no network is found", CELLULAR, State::CellularRegistering, None),
    ("the registration is lost before the session is up", CELLULAR, State::CellularPppConnecting, Some(Report::RegistrationLost)),
    ("the session is refused", CELLULAR, State::CellularPppConnecting, Some(Report::PppDown { code: CODE })),
    ("dialling is not answered", CELLULAR, State::CellularPppConnecting, None),
    ("the session ends before it was stable", CELLULAR, State::Connected, Some(Report::PppDown { code: CODE })),
];

/// What a network does all day: how long after a state was reached it reports what; it answers
/// everything else at once.
type Pattern = (&'static str, InterfaceId, State, u64, Report);

#[rustfmt::skip]
const PATTERNS: &[Pattern] = &[
    ("the access point throws the station out 100 ms after each join", WIFI, State::WifiDhcping, 100, Report::LinkLost { code: CODE }),
    ("the link is lost 100 ms after each lease", WIFI, State::Connected, 100, Report::LinkLost { code: CODE }),
    ("the key is wrong", WIFI, State::WifiJoining, 0, Report::WrongKey { code: CODE }),
    ("the lease is taken back 100 ms after it was granted", ETHERNET, State::Connected, 100, Report::LeaseLost),
    ("the carrier goes 100 ms after it came", ETHERNET, State::EthernetDhcping, 100, Report::CarrierDown),
    ("the driver fails at once", ETHERNET, State::Starting, 0, Report::Fault { code: CODE }),
    ("the link is lost as soon as it is trusted", WIFI, State::Connected, 300_001, Report::LinkLost { code: CODE }),
    ("the registration is denied", CELLULAR, State::CellularRegistering, 0, Report::RegistrationDenied { code: CODE }),
    ("the session ends 100 ms after it is up", CELLULAR, State::Connected, 100, Report::PppDown { code: CODE }),
    ("the registration is lost while dialling", CELLULAR, State::CellularPppConnecting, 0, Report::RegistrationLost),
];

fn page() -> Page {
    let tables = vec![("ladder", ladder()), ("pace", pace())];
    Page::new("src/guide/recovery.md", tables)
}

/// Where the next try begins.
fn ladder() -> Table {
    let mut table = Table::new(&[
        "failure",
        "medium",
        "stops in",
        "ended by",
        "the next try begins with",
    ]);
    for (what, id, state, report) in FAILURES {
        let mut rig = Rig::up_to(*id, *state);
        match report {
            Some(report) => rig.report(*report),
            None => wait(&mut rig),
        }
        let stopped = rig.state();
        let ended = rig.actions();
        // A carrier comes back while nobody looks for it.
        if stopped == State::EthernetStoppedNoLink {
            rig.pass(Duration::from_secs(1));
            rig.report(Report::CarrierUp);
        } else {
            wait(&mut rig);
        }
        let begun = rig.actions();
        assert!(!begun.is_empty(), "{what}");
        table.row(&[
            what,
            &medium(*id),
            &format!("`{stopped}`"),
            &listed(&ended),
            &listed(&begun),
        ]);
    }
    table
}

/// How often it tries at most.
fn pace() -> Table {
    let mut table = Table::new(&["all day", "medium", "command", "first hour", "last hour"]);
    for pattern in PATTERNS {
        let commands = day(pattern);
        let hour = |number: u64, name: &str| {
            let at = |(at, given): &&(Instant, &str)| {
                at.as_micros() / 3_600_000_000 == number && *given == name
            };
            commands.iter().filter(at).count()
        };
        let mut names: Vec<_> = commands.iter().map(|(_, name)| *name).collect();
        names.sort_unstable();
        names.dedup();
        let most = names
            .into_iter()
            .max_by_key(|name| hour(0, name) + hour(23, name));
        let name = most.expect("something was tried");
        let (first, last) = (hour(0, name), hour(23, name));
        assert!(
            first <= 90 && last <= first,
            "{}: {first}, {last}",
            pattern.0
        );
        table.row(&[
            &pattern.0,
            &medium(pattern.1),
            &format!("`{name}`"),
            &first,
            &last,
        ]);
    }
    table
}

/// The commands of a day, each with its instant.
fn day((_, id, state, millis, report): &Pattern) -> Vec<(Instant, &'static str)> {
    let end = Instant::from_millis(24 * 3_600_000);
    let mut rig = Rig::with(InterfaceConfig::new(*id));
    let mut commands = Vec::new();
    rig.open();
    while rig.now < end {
        let now = rig.now;
        commands.extend(rig.actions().into_iter().map(|name| (now, name)));
        rig.notices();
        if rig.state() == *state {
            rig.pass(Duration::from_millis(*millis));
            rig.report(*report);
        } else if let Some(answer) = good_answer(rig.state()) {
            rig.report(answer);
        } else if rig.state() == State::EthernetStoppedNoLink {
            rig.report(Report::CarrierUp);
            wait(&mut rig);
        } else {
            wait(&mut rig);
        }
    }
    commands
}

/// Goes on to the next timer.
fn wait(rig: &mut Rig) {
    let timer = rig.next_timer().expect("a timer is armed");
    rig.go(timer);
}

fn medium(id: InterfaceId) -> &'static str {
    match id.medium() {
        Medium::Wifi => "Wi-Fi",
        Medium::Ethernet => "Ethernet",
        Medium::Cellular => "cellular",
    }
}

fn listed(actions: &[&str]) -> String {
    let quoted: Vec<_> = actions.iter().map(|action| format!("`{action}`")).collect();
    if quoted.is_empty() {
        "nothing".to_owned()
    } else {
        quoted.join(", ")
    }
}

// spec: IFC-13, IFC-14
#[test]
fn the_page_is_that_of_the_running_machine() {
    page().check();
}

#[test]
fn a_change_of_the_page_shows() {
    page().check_that_a_change_shows();
}
