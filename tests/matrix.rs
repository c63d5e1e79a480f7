//! Every pair of state and event, tried on the running machine and held against the tables.
//!
//! The outcome stands in `src/interface/tables`, a page for each medium with its diagram, which
//! the documentation shows. `LANKEEPER_UPDATE=1 cargo test matrix` writes the pages anew.

use core::fmt::Write;
use std::collections::BTreeMap;

use lankeeper::{
    Handle, InterfaceId, Lease, Medium, Report, State, Timer, Transition, Trigger, Wake,
    transitions,
};

use crate::support::Rig;
use crate::support::golden::golden;

/// The report that a trigger of the tables comes from, if it comes from one.
fn report(trigger: Trigger) -> Option<Report> {
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
fn in_state(id: InterfaceId, state: State) -> Option<(Rig, Option<Handle>)> {
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

/// What one pair leads to on the running machine, in words.
fn outcome(id: InterfaceId, pair: &Transition) -> String {
    let Some((mut rig, handle)) = in_state(id, pair.state()) else {
        return format!("{pair} (never rested in)");
    };
    let before = rig.manager.ignored(id).unwrap();
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

fn page(id: InterfaceId) -> String {
    let mut page = format!(
        "# {}\n\n```mermaid\n{}```\n",
        id.medium(),
        mermaid(id.medium())
    );
    for state in State::ALL {
        let mut rows = transitions(id.medium())
            .filter(|pair| pair.state() == state)
            .peekable();
        if rows.peek().is_none() {
            continue;
        }
        write!(
            page,
            "\n## {state} ({})\n\n| event | outcome |\n|---|---|\n",
            state.code()
        )
        .unwrap();
        for pair in rows {
            writeln!(page, "| {:?} | {} |", pair.trigger(), outcome(id, &pair)).unwrap();
        }
    }
    page
}

/// The ways between states, each with the events that lead along it.
fn ways(medium: Medium) -> BTreeMap<(i16, i16), String> {
    let mut ways = BTreeMap::<(i16, i16), String>::new();
    let mut add = |from: State, to: State, event: String| {
        if from == to {
            return;
        }
        let events = ways.entry((from.code(), to.code())).or_default();
        if !events.is_empty() {
            events.push_str(", ");
        }
        events.push_str(&event);
    };
    for pair in transitions(medium) {
        let event = format!("{:?}", pair.trigger());
        let mut targets = pair.targets();
        let Some(first) = targets.next() else {
            continue;
        };
        add(pair.state(), first, event.clone());
        let passed = first == State::WifiLinkUp;
        for target in targets {
            if passed {
                continue;
            }
            add(pair.state(), target, event.clone());
        }
    }
    if medium == Medium::Wifi {
        add(State::WifiLinkUp, State::WifiDhcping, "at once".into());
        add(
            State::WifiLinkUp,
            State::Connected,
            "at once, static address".into(),
        );
    }
    ways
}

fn named(code: i16) -> &'static str {
    State::from_code(code.into()).unwrap().name()
}

fn mermaid(medium: Medium) -> String {
    let mut text = String::from("stateDiagram-v2\n    [*] --> UNKNOWN\n");
    for ((from, to), events) in ways(medium) {
        writeln!(text, "    {} --> {}: {events}", named(from), named(to)).unwrap();
    }
    text
}

fn dot(medium: Medium) -> String {
    let mut text = format!("digraph \"{medium}\" {{\n    node [shape=box];\n");
    for ((from, to), events) in ways(medium) {
        writeln!(
            text,
            "    {} -> {} [label=\"{events}\"];",
            named(from),
            named(to)
        )
        .unwrap();
    }
    text.push_str("}\n");
    text
}

fn check(id: InterfaceId, name: &str) {
    golden(&format!("src/interface/tables/{name}.md"), &page(id));
    golden(
        &format!("src/interface/tables/{name}.dot"),
        &dot(id.medium()),
    );
}

// spec: IFC-1, IFC-4, IFC-6, IFC-11
#[test]
fn every_pair_of_wifi_has_the_outcome_that_is_written() {
    check(InterfaceId::WIFI, "wifi");
}

// spec: IFC-1, IFC-4, IFC-6, IFC-11
#[test]
fn every_pair_of_ethernet_has_the_outcome_that_is_written() {
    check(InterfaceId::ETHERNET, "ethernet");
}

// spec: IFC-1, IFC-4, IFC-6, IFC-11
#[test]
fn every_pair_of_cellular_has_the_outcome_that_is_written() {
    check(InterfaceId::CELLULAR, "cellular");
}

// spec: IFC-11
#[test]
fn every_state_of_a_medium_knows_every_event_of_it() {
    for medium in [Medium::Wifi, Medium::Ethernet, Medium::Cellular] {
        let states = State::ALL
            .into_iter()
            .filter(|s| s.medium().is_none_or(|m| m == medium));
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
    for medium in [Medium::Wifi, Medium::Ethernet, Medium::Cellular] {
        let ways = ways(medium);
        for state in State::ALL
            .into_iter()
            .filter(|s| s.medium().is_none_or(|m| m == medium))
        {
            let code = state.code();
            assert!(
                ways.keys().any(|(from, to)| *from == code && *to != code),
                "{state} traps"
            );
            let reached = ways.keys().any(|(from, to)| *to == code && *from != code);
            assert!(
                reached || state == State::Unknown,
                "{state} is out of reach"
            );
        }
    }
}

/// The documentation shows the pages.
#[test]
fn the_documentation_shows_every_page() {
    let source = include_str!("../src/interface/mod.rs");
    for name in ["wifi", "ethernet", "cellular"] {
        assert!(
            source.contains(&format!("include_str!(\"tables/{name}.md\")")),
            "{name}"
        );
    }
}
