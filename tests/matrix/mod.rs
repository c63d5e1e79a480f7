//! Every pair of state and event, tried on the running machine and held against the tables.
//!
//! The outcome stands in `src/tables`, a page for each medium with its diagram, which the
//! documentation shows. `LANKEEPER_UPDATE=1 cargo test --test behaviour -- every_pair guide::` makes
//! pages and pictures anew, those of the server connection and of the guide too; what changed in a
//! state diagram is drawn by `dot` of Graphviz.

mod rows;
mod ways;

use core::fmt::Write;

use lankeeper::interface::{Timer, Transition, Trigger, transitions};
use lankeeper::manager::Wake;
use lankeeper::{Handle, InterfaceConfig, InterfaceId, Lease, Medium, Report, State};

use self::ways::{Variant, variants};
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
        Trigger::AddressConflict => Report::AddressConflict,
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

/// An open interface in a state, in the first of the ways that lead there, with all outputs taken;
/// `None` where it never rests there.
pub(crate) fn in_state(id: InterfaceId, state: State) -> Option<(Rig, Option<Handle>)> {
    let variant = variants(id, state).next()?;
    Some((variant.rig, variant.handle))
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
            if let Some(at) = rig.next_timer() {
                rig.go(at);
            }
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
    let mut outcomes: Vec<(String, Vec<&str>)> = Vec::new();
    for mut variant in variants(id, pair.state()) {
        let outcome = outcome_of(id, &mut variant, pair);
        match outcomes.iter_mut().find(|(same, _)| *same == outcome) {
            Some((_, names)) => names.push(variant.name),
            None => outcomes.push((outcome, vec![variant.name])),
        }
    }
    match outcomes.as_slice() {
        [] => format!("{pair} (never rested in)"),
        [(stale, _)] if stale == STALE => {
            assert!(pair.is_ignored(), "{}: always stale", told(pair));
            format!("{pair} (and stale)")
        }
        [(only, _)] => format!("{pair}{}{only}", if only.is_empty() { "" } else { "; " }),
        _ if pair.is_ignored() => pair.to_string(),
        _ => {
            let mut text = pair.to_string();
            // Lists only what has an effect.
            outcomes.retain(|(outcome, _)| ![STALE, IGNORED, NOTHING].contains(&&**outcome));
            for (outcome, names) in outcomes {
                let names = names.join(" or ");
                write!(text, "; after {names}: {outcome}").unwrap();
            }
            text
        }
    }
}

const STALE: &str = "stale";
const IGNORED: &str = "ignored";
const NOTHING: &str = "nothing without a request";

fn told(pair: &Transition) -> String {
    format!("{} {:?}", pair.state(), pair.trigger())
}

/// What one pair leads to in one variant of its state, in words.
fn outcome_of(id: InterfaceId, variant: &mut Variant, pair: &Transition) -> String {
    let told = format!("{} after {}", told(pair), variant.name);
    let rig = &mut variant.rig;
    let before = (rig.manager.ignored(id).unwrap(), rig.next_timer());
    try_out(rig, variant.handle, pair);
    let after = rig.manager.ignored(id).unwrap();
    let states = rig.states_reported();
    let actions = rig.actions();
    for state in &states {
        assert!(
            pair.targets().any(|target| target == *state),
            "{told}: {state} is no target of {pair}"
        );
    }
    let is_stale = after.stale > before.0.stale;
    let is_dropped = is_stale || after.meaningless > before.0.meaningless;
    if pair.is_ignored() || is_dropped {
        assert!(states.is_empty() && actions.is_empty(), "{told}");
        assert_eq!(rig.state(), pair.state(), "{told}");
        // What is ignored leaves nothing stuck: a timer is armed as it was, or a request helps.
        assert_eq!(rig.next_timer(), before.1, "{told}");
        let waits = !matches!(pair.state(), State::Unknown | State::Connected);
        assert_eq!(
            before.1.is_some(),
            waits && !variant.needs_request || pair.state() == State::Connected,
            "{told}"
        );
        return match (is_stale, pair.is_ignored()) {
            (true, _) => STALE.into(),
            (false, true) => String::new(),
            (false, false) => IGNORED.into(),
        };
    }
    let reached = states.last().map(State::to_string);
    let mut parts = actions;
    let timer = rig
        .next_timer()
        .map(|at| at.saturating_duration_since(rig.now));
    let armed = match rig.manager.poll_at().map(|deadline| deadline.reason) {
        Some(Wake::Interface(_, Timer::Step(_))) if !states.is_empty() => {
            format!("within {} s", timer.unwrap().as_secs())
        }
        Some(Wake::Interface(_, Timer::BackOff)) => "again after the back-off".into(),
        None if pair.state().is_stopped() && states.is_empty() && parts.is_empty() => {
            NOTHING.into()
        }
        _ => String::new(),
    };
    // What is used at once needs no command.
    if let Some(reached) = &reached
        && parts.is_empty()
        && pair.targets().count() > 1
    {
        parts.push(reached);
    }
    if !armed.is_empty() {
        parts.push(&armed);
    }
    parts.join(", ")
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
    let mut rig = Rig::with(InterfaceConfig::new(id));
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

// spec: IFC-14
#[test]
fn every_step_that_a_try_can_begin_with_is_begun_after_some_failure() {
    for (id, _) in TABLES {
        let tries = |pair: &Transition| {
            let begins = matches!(pair.trigger(), Trigger::Start | Trigger::RetryDue);
            begins && pair.state().is_stopped() && !pair.is_ignored()
        };
        let mut begun = Vec::new();
        for pair in transitions(id.medium()).filter(tries) {
            for mut variant in variants(id, pair.state()) {
                try_out(&mut variant.rig, variant.handle, &pair);
                let states = variant.rig.states_reported();
                begun.extend(states.into_iter().map(|state| (pair.state(), state)));
            }
        }
        for pair in transitions(id.medium()).filter(tries) {
            for target in pair.targets() {
                let way = (pair.state(), target);
                assert!(
                    begun.contains(&way),
                    "never from {} to {target}",
                    pair.state()
                );
            }
        }
    }
}

// spec: IFC-11, IFC-17
#[test]
fn a_stopped_interface_without_a_timer_is_started_by_a_request() {
    let mut tried = 0;
    for (id, _) in TABLES {
        for state in states(id.medium()).filter(|state| state.is_stopped()) {
            for mut variant in variants(id, state) {
                let is_armed = variant.rig.next_timer().is_some();
                assert_eq!(is_armed, !variant.needs_request, "{state} {}", variant.name);
                if is_armed {
                    continue;
                }
                // Without credentials a request goes no further, but it is tried.
                match variant.handle {
                    Some(handle) => variant.rig.manager.retry(variant.rig.now, handle).unwrap(),
                    None => drop(variant.rig.open()),
                }
                let moves = variant.rig.state() != state;
                assert_eq!(
                    moves,
                    variant.name != "no credentials",
                    "{state} {}",
                    variant.name
                );
                tried += 1;
            }
        }
    }
    assert!(tried >= 10, "{tried}");
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
    let source = include_str!("../../src/interface/mod.rs");
    for (_, name) in TABLES {
        assert!(
            source.contains(&format!("include_str!(\"../tables/{name}.md\")")),
            "{name}"
        );
    }
}
