//! Every pair of state and event, tried on the running machine and held against the tables.
//!
//! The outcome stands in `src/tables`, a page for each medium with its diagram, which the
//! documentation shows. `LANKEEPER_UPDATE=1 cargo test --test behaviour -- every_pair guide::` makes
//! pages and pictures anew, those of the server connection and of the guide too; what changed in a
//! state diagram is drawn by `dot` of Graphviz.

use core::fmt::Write;

use lankeeper::interface::{Timer, Transition, Trigger, transitions};
use lankeeper::manager::Wake;
use lankeeper::{Handle, InterfaceId, Lease, Medium, Report, State};

use crate::support::Rig;
use crate::support::diagram::{Diagram, Move, Node};
use crate::support::table::{Row, Table};

/// The report that a trigger of the tables comes from, if it comes from one.
pub(crate) fn report(trigger: Trigger) -> Option<Report> {
    let other = Lease::new([192, 168, 1, 60].into(), 24);
    Some(match trigger {
        Trigger::Ready => Report::Ready,
        Trigger::WpsStarted => Report::WpsStarted,
        Trigger::NetworkFound => Report::NetworkFound,
        Trigger::NetworkNotFound => Report::NetworkNotFound { code: 1 },
        Trigger::Joined => Report::Joined,
        Trigger::WrongKey => Report::WrongKey { code: 1 },
        Trigger::JoinRejected => Report::JoinRejected { code: 1 },
        Trigger::LinkLost => Report::LinkLost { code: 1 },
        Trigger::CarrierUp => Report::CarrierUp,
        Trigger::CarrierDown => Report::CarrierDown,
        Trigger::Lease => Report::Lease(other),
        Trigger::LeaseRefused => Report::LeaseRefused { code: 1 },
        Trigger::LeaseLost => Report::LeaseLost,
        Trigger::ModemAlive => Report::ModemAlive,
        Trigger::SimReady => Report::SimReady,
        Trigger::SimFailed => Report::SimFailed { code: 1 },
        Trigger::Registered => Report::Registered,
        Trigger::RegistrationDenied => Report::RegistrationDenied { code: 1 },
        Trigger::RegistrationLost => Report::RegistrationLost,
        Trigger::PppUp => Report::PppUp(other),
        Trigger::PppDown => Report::PppDown { code: 1 },
        Trigger::Fault => Report::Fault { code: 1 },
        _ => return None,
    })
}

/// An open interface in a state, with all outputs taken; `None` where it never rests there.
pub(crate) fn in_state(id: InterfaceId, state: State) -> Option<(Rig, Option<Handle>)> {
    let mut rig = Rig::with(lankeeper::InterfaceConfig::new(id));
    if state == State::Unknown {
        return Some((rig, None));
    }
    let handle = rig.open();
    let way: &[(State, Report)] = match state {
        State::WifiLinkUp => return None,
        State::WifiWpsing => &[(State::Starting, Report::WpsStarted)],
        State::WifiStopped => &[(State::WifiScanning, Report::NetworkNotFound { code: 1 })],
        State::EthernetStopped => &[(State::EthernetDhcping, Report::LeaseRefused { code: 1 })],
        State::EthernetStoppedNoLink => &[(State::EthernetLinkUp, Report::CarrierDown)],
        State::CellularStopped => &[(State::CellularWaitingForSim, Report::SimFailed { code: 1 })],
        State::CellularRegistrationDenied => &[(
            State::CellularRegistering,
            Report::RegistrationDenied { code: 1 },
        )],
        State::WifiStoppedUnhappy
        | State::EthernetStoppedUnhappy
        | State::CellularStoppedUnhappy => &[(State::Starting, Report::Fault { code: 1 })],
        _ => {
            rig.come_up_to(state);
            &[]
        }
    };
    for (before, report) in way {
        rig.come_up_to(*before);
        rig.report(*report);
    }
    assert_eq!(rig.state(), state);
    rig.commands();
    rig.notices();
    Some((rig, Some(handle)))
}

/// Has the event of a pair happen on an interface that is in its state.
pub(crate) fn try_out(rig: &mut Rig, handle: Option<Handle>, pair: &Transition) {
    match (pair.trigger(), handle) {
        (Trigger::Start, Some(handle)) => rig.manager.retry(rig.now, handle).unwrap(),
        (Trigger::Start, None) => drop(rig.open()),
        (Trigger::Stop, Some(handle)) => rig.manager.close(rig.now, handle),
        (Trigger::DeadlinePassed | Trigger::RetryDue | Trigger::Stable, _)
            if !pair.is_ignored() =>
        {
            let at = rig.next_timer().expect("a timer is armed");
            rig.go(at);
        }
        (trigger, _) => {
            if let Some(report) = report(trigger) {
                rig.report(report);
            }
        }
    }
}

/// What one pair leads to on the running machine, in words.
fn outcome(id: InterfaceId, pair: &Transition) -> String {
    let Some((mut rig, handle)) = in_state(id, pair.state()) else {
        return format!("{pair} (never rested in)");
    };
    let before = rig.manager.ignored(id).unwrap();
    try_out(&mut rig, handle, pair);
    let after = rig.manager.ignored(id).unwrap();
    let states = rig.states_reported();
    let actions = rig.actions();
    if after.stale > before.stale {
        assert!(states.is_empty() && actions.is_empty());
        let why = pair.to_string();
        assert!(
            pair.is_ignored(),
            "{} {:?}: stale, not {why}",
            pair.state(),
            pair.trigger()
        );
        return format!("{why} (and stale)");
    }
    if pair.is_ignored() {
        assert!(
            states.is_empty() && actions.is_empty(),
            "{} {:?}",
            pair.state(),
            pair.trigger()
        );
        assert_eq!(rig.state(), pair.state());
        return pair.to_string();
    }
    for state in &states {
        assert!(
            pair.targets().any(|target| target == *state),
            "{state} is no target of {pair}"
        );
    }
    let mut text = pair.to_string();
    if !actions.is_empty() {
        write!(text, "; {}", actions.join(", ")).unwrap();
    }
    let timer = rig
        .next_timer()
        .map(|at| at.saturating_duration_since(rig.now));
    match rig.manager.poll_at().map(|deadline| deadline.reason) {
        Some(Wake::Interface(_, Timer::Step(_))) if !states.is_empty() => {
            write!(text, "; within {} s", timer.unwrap().as_secs()).unwrap();
        }
        Some(Wake::Interface(_, Timer::BackOff)) => text.push_str("; again after the back-off"),
        _ => {}
    }
    text
}

pub(crate) fn states(medium: Medium) -> impl Iterator<Item = State> {
    let is_of = move |state: &State| state.medium().is_none_or(|of| of == medium);
    State::ALL.into_iter().filter(is_of)
}

fn table(id: InterfaceId, name: &'static str) -> Table {
    let row = |pair: Transition| Row {
        state: pair.state().to_string(),
        event: format!("{:?}", pair.trigger()),
        outcome: outcome(id, &pair),
    };
    Table {
        title: id.medium().to_string(),
        diagram: diagram(id, name),
        rows: transitions(id.medium()).map(row).collect(),
    }
}

fn diagram(id: InterfaceId, name: &'static str) -> Diagram {
    let mut rig = Rig::with(lankeeper::InterfaceConfig::new(id));
    let mut main = vec![rig.state()];
    rig.open();
    rig.come_up();
    main.extend(rig.states_reported());
    let node = |state: State| Node {
        name: state.to_string(),
        code: Some(state.code()),
        is_stopped: state.is_stopped(),
    };
    Diagram {
        name,
        states: states(id.medium()).map(node).collect(),
        main: main.iter().map(State::to_string).collect(),
        moves: moves(id.medium()),
    }
}

/// The moves between states. WIFI_LINK_UP is passed at once: what follows it is a move of its own.
fn moves(medium: Medium) -> Vec<Move> {
    let one = |from: State, event: &str, to: &[State]| Move {
        from: from.to_string(),
        event: event.into(),
        to: to.iter().map(State::to_string).collect(),
    };
    let mut moves = Vec::new();
    for pair in transitions(medium) {
        let mut to: Vec<_> = pair.targets().collect();
        if to.first() == Some(&State::WifiLinkUp) {
            to.truncate(1);
        }
        if !to.is_empty() {
            moves.push(one(pair.state(), &format!("{:?}", pair.trigger()), &to));
        }
    }
    if medium == Medium::Wifi {
        let at_once = "at once, static address";
        moves.push(one(State::WifiLinkUp, "at once", &[State::WifiDhcping]));
        moves.push(one(State::WifiLinkUp, at_once, &[State::Connected]));
    }
    moves
}

pub(crate) const TABLES: [(InterfaceId, &str); 3] = [
    (InterfaceId::WIFI, "wifi"),
    (InterfaceId::ETHERNET, "ethernet"),
    (InterfaceId::CELLULAR, "cellular"),
];

// spec: IFC-1, IFC-4, IFC-6, IFC-11
#[test]
fn every_pair_of_wifi_has_the_outcome_that_is_written() {
    table(InterfaceId::WIFI, "wifi").check();
}

// spec: IFC-1, IFC-4, IFC-6, IFC-11
#[test]
fn every_pair_of_ethernet_has_the_outcome_that_is_written() {
    table(InterfaceId::ETHERNET, "ethernet").check();
}

// spec: IFC-1, IFC-4, IFC-6, IFC-11
#[test]
fn every_pair_of_cellular_has_the_outcome_that_is_written() {
    table(InterfaceId::CELLULAR, "cellular").check();
}

// spec: IFC-11
#[test]
fn every_state_of_a_medium_knows_every_event_of_it() {
    for medium in [Medium::Wifi, Medium::Ethernet, Medium::Cellular] {
        let states = states(medium);
        let events = Trigger::ALL
            .into_iter()
            .filter(|trigger| trigger.is_of(medium));
        let (states, events): (Vec<_>, Vec<_>) = (states.collect(), events.collect());
        let pairs: Vec<_> = transitions(medium)
            .map(|pair| (pair.state(), pair.trigger()))
            .collect();
        let expected: Vec<_> = states
            .iter()
            .flat_map(|state| events.iter().map(|event| (*state, *event)))
            .collect();
        assert_eq!(pairs, expected, "{medium}");
    }
}

// spec: IFC-11
#[test]
fn every_state_can_be_left_and_every_state_can_be_reached() {
    for (id, name) in TABLES {
        let diagram = diagram(id, name);
        for state in states(id.medium()) {
            assert!(diagram.is_left(state.name()), "{state} traps");
            assert!(
                diagram.is_reached(state.name()) || state == State::Unknown,
                "{state} is out of reach"
            );
        }
    }
}

/// Planted failures: a move or a row that is lost is missed.
#[test]
fn a_change_of_a_table_shows() {
    for (id, name) in TABLES {
        table(id, name).check_that_a_change_shows();
    }
}

/// The documentation shows the pages.
#[test]
fn the_documentation_shows_every_page() {
    let source = include_str!("../src/interface/mod.rs");
    for (_, name) in TABLES {
        assert!(
            source.contains(&format!("include_str!(\"../tables/{name}.md\")")),
            "{name}"
        );
    }
}
