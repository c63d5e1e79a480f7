//! Every pair of state and event of the server connection, tried on the running machine and held
//! against the table. The outcome stands in `src/tables`, a page with its diagram, which the
//! documentation shows. `LANKEEPER_UPDATE=1 cargo test --test behaviour -- every_pair` makes both
//! anew, those of the interfaces too; what changed in a picture is drawn by `dot` of Graphviz.

use lankeeper::connect::{ServerTimer, ServerTransition, ServerTrigger, server_transitions};
use lankeeper::manager::Wake;
use lankeeper::{ConnectOutcome, Lease, Notice, Policy, Report, ServerReport, ServerState, Span};

use super::device::{Device, ETH0, config, forged, named, proxied};
use crate::support::diagram::{Diagram, Move, Node};
use crate::support::span;
use crate::support::table::{Row, Table};

const CODE: i32 = 1;

/// The report that a trigger of the table comes from, if it comes from one.
fn report(trigger: ServerTrigger) -> Option<ServerReport> {
    Some(match trigger {
        ServerTrigger::Resolved => ServerReport::Resolved,
        ServerTrigger::NotResolved => ServerReport::NotResolved { code: CODE },
        ServerTrigger::ProxyReached => ServerReport::ProxyReached,
        ServerTrigger::ProxyUnreachable => ServerReport::ProxyUnreachable { code: CODE },
        ServerTrigger::ProxyRefused => ServerReport::ProxyRefused { code: CODE },
        ServerTrigger::Connected => ServerReport::Connected,
        ServerTrigger::Unreachable => ServerReport::Unreachable { code: CODE },
        ServerTrigger::NoConnectivity => ServerReport::NoConnectivity { code: CODE },
        ServerTrigger::Lost => ServerReport::Lost { code: CODE },
        ServerTrigger::SendTimedOut => ServerReport::SendTimedOut { code: CODE },
        ServerTrigger::Alive => ServerReport::Alive,
        ServerTrigger::Flushed => ServerReport::Flushed,
        ServerTrigger::Fault => ServerReport::Fault { code: CODE },
        _ => return None,
    })
}

/// A device whose server connection is in a state, over `eth0` alone; all outputs taken.
fn in_state(state: ServerState) -> Device {
    in_state_of(Device::new(), state)
}

/// The same of a device that has just started.
fn in_state_of(mut device: Device, state: ServerState) -> Device {
    device
        .manager
        .set_server_order(device.now, &[ETH0])
        .unwrap();
    let stored = proxied("10.1.1.1").proxy().cloned().unwrap();
    if state != ServerState::Disconnected {
        if state == ServerState::ReachingProxy {
            device.manager.store_proxy(device.now, &stored);
        }
        let timeout = timeout(state);
        device
            .manager
            .connect_with(device.now, &named("eth0"), timeout)
            .unwrap();
    }
    match state {
        ServerState::Disconnected => {}
        ServerState::Flushing => {
            device.come_up();
            device.manager.disconnect(device.now, span(5));
        }
        ServerState::Waiting => {
            device.come_up();
            device.server(ServerReport::Lost { code: CODE });
        }
        _ => device.come_up_to(state),
    }
    assert_eq!(device.server_state(), state);
    device.forget_outputs();
    device
}

/// How long a state may last: less than any step of the interface may, but for the rounds of
/// tries, which have their own time.
pub(super) const fn timeout(state: ServerState) -> Option<Span> {
    match state {
        ServerState::Waiting => span(60),
        _ => span(4),
    }
}

/// How long an interface lasts here before it is stable, where it has to be.
pub(super) const STABLE_AFTER: Span = Span::MIN;

/// Whether a trigger comes about where a stable interface loses its lease and goes on by itself.
pub(super) fn loses_lease(pair: &ServerTransition) -> bool {
    match pair.trigger() {
        ServerTrigger::InterfaceLeft => true,
        ServerTrigger::InterfaceUp => pair.state() == ServerState::Waiting,
        _ => false,
    }
}

/// Lets a trigger happen.
pub(super) fn happen(device: &mut Device, pair: &ServerTransition) {
    if loses_lease(pair) {
        device.pass(STABLE_AFTER.duration());
    }
    let now = device.now;
    match pair.trigger() {
        // The one that is named already would be confirmed where it is connected.
        ServerTrigger::Connect => {
            device.connect_with(&proxied("10.1.1.2"));
        }
        ServerTrigger::Disconnect => device.manager.disconnect(now, None),
        ServerTrigger::Flush => device.manager.disconnect(now, span(5)),
        // In DISCONNECTED it begins an attempt, as a request does.
        ServerTrigger::Call => {
            if pair.state() != ServerState::Disconnected {
                let _ = device.manager.server_call(now);
            }
        }
        ServerTrigger::News => device.manager.set_server_order(now, &[ETH0]).unwrap(),
        ServerTrigger::InterfaceUp => {
            if pair.state() == ServerState::Waiting {
                device.report(ETH0, Report::LeaseLost);
            }
            if !pair.is_ignored() {
                device.bring_up(ETH0);
            }
        }
        ServerTrigger::AddressChanged => {
            device.report(ETH0, Report::Lease(Lease::new([10, 9, 8, 7].into(), 24)));
        }
        ServerTrigger::InterfaceLeft => device.report(ETH0, Report::LeaseLost),
        ServerTrigger::InterfaceStopped => device.report(ETH0, Report::Fault { code: CODE }),
        ServerTrigger::DeadlinePassed => {
            let until = now.saturating_add(timeout(pair.state()).unwrap().duration());
            while device.now < until && !pair.is_ignored() {
                // The tries of the round come first.
                let is_tried = pair.state() == ServerState::Waiting;
                if is_tried && device.server_state() == ServerState::Resolving {
                    device.server(ServerReport::Fault { code: CODE });
                }
                // What the tries of the round brought about is no outcome of its end.
                device.forget_outputs();
                device.go_on();
            }
        }
        ServerTrigger::RetryDue | ServerTrigger::Stable => {
            if !pair.is_ignored() {
                device.go_on();
            }
        }
        trigger => {
            if let Some(report) = report(trigger) {
                device.server(report);
            }
        }
    }
}

/// The names of the commands of the server connection over `eth0` since the last call.
pub(super) fn server_commands(device: &mut Device) -> Vec<String> {
    let of_server = |command: &String| {
        let name = command.strip_prefix("eth0 ")?.split(" via").next()?;
        ["resolve", "reach proxy", "connect", "flush", "disconnect"]
            .contains(&name)
            .then(|| name.to_owned())
    };
    device.commands().iter().filter_map(of_server).collect()
}

/// What one pair leads to on the running machine, in words.
fn outcome(pair: &ServerTransition) -> String {
    let mut config = config();
    config.policy = Policy::ReturnOnError;
    let awaits_life = (ServerState::Connected, ServerTrigger::DeadlinePassed);
    if (pair.state(), pair.trigger()) == awaits_life {
        config.server.alive_within = timeout(pair.state());
    }
    if loses_lease(pair) {
        config.interfaces[1].stable_after = STABLE_AFTER;
    }
    let mut device = in_state_of(Device::with(&config), pair.state());
    let before = device.manager.server_ignored();
    happen(&mut device, pair);
    let after = device.manager.server_ignored();
    let of_server = server_commands(&mut device);
    let why = pair.to_string();
    if pair.is_ignored() {
        assert_eq!(
            device.server_state(),
            pair.state(),
            "{:?}: {why}",
            pair.trigger()
        );
        assert!(
            of_server.is_empty(),
            "{} {:?}: {of_server:?}",
            pair.state(),
            pair.trigger()
        );
        let is_stale = after.stale > before.stale;
        return if is_stale {
            format!("{why} (and stale)")
        } else {
            why
        };
    }
    let state = device.server_state();
    assert!(
        state == pair.state() || pair.targets().any(|target| target == state),
        "{} {:?}: {state} is no target of {why}",
        pair.state(),
        pair.trigger()
    );
    if of_server.is_empty() {
        why
    } else {
        format!("{why}; {}", of_server.join(", "))
    }
}

fn table() -> Table {
    let row = |pair: ServerTransition| Row {
        state: pair.state().to_string(),
        event: format!("{:?}", pair.trigger()),
        outcome: outcome(&pair),
    };
    Table {
        title: "The server connection".into(),
        diagram: diagram(),
        rows: server_transitions().map(row).collect(),
    }
}

fn diagram() -> Diagram {
    let mut device = Device::new();
    let mut main = vec![device.server_state()];
    device.connect_with(&proxied("10.1.1.1"));
    device.come_up();
    main.extend(
        device
            .notices()
            .into_iter()
            .filter_map(|notice| match notice {
                Notice::ServerStateChanged { state, .. } => Some(state),
                _ => None,
            }),
    );
    let node = |state: ServerState| Node {
        name: state.to_string(),
        code: None,
        is_stopped: state == ServerState::Waiting,
    };
    let one = |pair: ServerTransition| Move {
        from: pair.state().to_string(),
        event: format!("{:?}", pair.trigger()),
        to: pair.targets().map(|state| state.to_string()).collect(),
    };
    let moves = server_transitions().map(one);
    Diagram {
        name: "server",
        states: ServerState::ALL.into_iter().map(node).collect(),
        main: main.iter().map(ServerState::to_string).collect(),
        moves: moves.filter(|one| !one.to.is_empty()).collect(),
    }
}

// spec: CON-5, CON-10
#[test]
fn every_pair_has_the_outcome_that_is_written() {
    table().check();
}

/// Planted failures: a move or a row that is lost is missed.
#[test]
fn a_change_of_the_table_shows() {
    table().check_that_a_change_shows();
}

/// The documentation shows the page.
#[test]
fn the_documentation_shows_the_page() {
    let source = include_str!("../../src/connect/mod.rs");
    assert!(source.contains("include_str!(\"../tables/server.md\")"));
}

// spec: CON-11
#[test]
fn a_row_names_the_outcome_and_the_reason_that_its_page_shows() {
    for pair in server_transitions() {
        let shown = pair.to_string();
        assert_eq!(pair.why_ignored().is_some(), pair.is_ignored(), "{shown}");
        if let Some(reason) = pair.why_ignored() {
            assert_eq!(shown, format!("ignored: {reason}"));
        }
        let words: Vec<_> = shown.split([' ', ',', ':']).collect();
        let named = ConnectOutcome::ALL
            .into_iter()
            .find(|outcome| words.contains(&outcome.to_string().as_str()));
        assert_eq!(pair.outcome(), named, "{shown}");
    }
}

// spec: CON-5
#[test]
fn every_state_knows_every_event_and_can_be_left_and_reached() {
    let pairs = server_transitions().count();
    assert_eq!(pairs, ServerState::ALL.len() * ServerTrigger::ALL.len());
    let diagram = diagram();
    for state in ServerState::ALL.map(|state| state.to_string()) {
        assert!(diagram.is_left(&state), "{state} traps");
        assert!(diagram.is_reached(&state), "{state} is out of reach");
    }
}

// spec: CON-2
#[test]
fn in_every_state_that_wants_something_a_deadline_is_armed() {
    for state in ServerState::ALL {
        let mut device = in_state(state);
        device.forget_outputs();
        let armed = device.manager.poll_at().map(|deadline| deadline.reason);
        match state {
            ServerState::Disconnected => assert_eq!(armed, None),
            ServerState::WaitingForInterface => assert!(armed.is_some()),
            ServerState::Connected => {
                // The interface may prove stable first.
                assert!(armed.is_some(), "the back-off is to begin anew");
            }
            ServerState::Flushing => assert_eq!(armed, Some(Wake::Server(ServerTimer::Flush))),
            ServerState::Waiting => assert_eq!(armed, Some(Wake::Server(ServerTimer::Retry))),
            _ => assert!(armed.is_some(), "{state}"),
        }
    }
}

// spec: CON-9
#[test]
fn a_report_of_no_command_changes_nothing() {
    for state in ServerState::ALL {
        for trigger in ServerTrigger::ALL {
            let Some(report) = report(trigger) else {
                continue;
            };
            let mut device = in_state(state);
            device.server_as(forged(ETH0, 77), report);
            assert_eq!(device.server_state(), state);
            assert!(device.commands().is_empty() && device.notices().is_empty());
            assert_eq!(device.manager.server_ignored().stale, 1);
        }
    }
}
