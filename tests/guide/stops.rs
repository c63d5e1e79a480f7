//! Why interfaces stop: every event that stops one or takes it out of CONNECTED, tried on the
//! running machine in every state.

use lankeeper::interface::transitions;
use lankeeper::{
    Cause, Config, Instant, InterfaceConfig, InterfaceId, Manager, Medium, Notice, Policy, Report,
    State, StopReason, Tickets,
};

use super::page::{Table, yes};
use crate::matrix::{TABLES, in_state, states, try_out};
use crate::support::bound::bounded;
use crate::support::{Rig, good_answer, named, nic};

/// What stopped an interface.
struct Stop {
    from: State,
    to: State,
    reason: StopReason,
}

/// The rows: by cause and medium, then by the state that the interface stops in.
pub(super) fn stops(causes: &[Cause]) -> Table {
    let mut table = Table::new(&["cause", "medium", "in", "leads to", "backend's code"]);
    let found: Vec<_> = TABLES.iter().map(|(id, _)| (*id, stops_of(*id))).collect();
    for cause in causes {
        for (id, stops) in &found {
            let medium = id.medium();
            for to in states(medium) {
                let is_such = |stop: &&Stop| stop.reason.cause == *cause && stop.to == to;
                let such: Vec<_> = stops.iter().filter(is_such).collect();
                if such.is_empty() {
                    continue;
                }
                let from: Vec<_> = states(medium)
                    .filter(|state| such.iter().any(|stop| stop.from == *state))
                    .collect();
                let code = yes(such.iter().any(|stop| stop.reason.code.is_some()));
                let cause = format!("`{cause:?}`");
                table.row(&[
                    &cause,
                    &medium,
                    &listed(medium, &from),
                    &named_state(to),
                    &code,
                ]);
            }
        }
    }
    table
}

/// States of a medium in words.
fn listed(medium: Medium, some: &[State]) -> String {
    let others: Vec<_> = states(medium)
        .filter(|state| !some.contains(state))
        .collect();
    let names = |states: &[State]| {
        let names: Vec<_> = states.iter().copied().map(named_state).collect();
        names.join(", ")
    };
    if others.is_empty() {
        "every state".into()
    } else if others.len() < some.len() {
        format!("every state but {}", names(&others))
    } else {
        names(some)
    }
}

fn named_state(state: State) -> String {
    format!("`{state}`")
}

fn stops_of(id: InterfaceId) -> Vec<Stop> {
    let mut stops = Vec::new();
    for pair in transitions(id.medium()).filter(|pair| !pair.is_ignored()) {
        if let Some((mut rig, handle)) = in_state(id, pair.state()) {
            try_out(&mut rig, handle, &pair);
            take(&mut rig, pair.state(), &mut stops);
        }
        // What has proved stable may go back to a step.
        if pair.state() == State::Connected && pair.targets().count() > 1 {
            let (mut rig, handle) = in_state(id, State::Connected).unwrap();
            rig.prove_stable();
            rig.notices();
            try_out(&mut rig, handle, &pair);
            take(&mut rig, State::Connected, &mut stops);
        }
    }
    for state in states(id.medium()) {
        if let Some((mut rig, _)) = in_state(id, state) {
            rig.manager.set_enabled(rig.now, id, false).unwrap();
            take(&mut rig, state, &mut stops);
        }
    }
    stops.extend((0..).map_while(|answers| switched(id, answers)));
    if id.medium() == Medium::Wifi {
        // Nothing is stored, and the name alone brings no network.
        let mut rig = Rig::with(InterfaceConfig::new(id));
        rig.manager.open(rig.now, &named("wifi")).unwrap();
        rig.notices();
        rig.report(Report::Ready);
        take(&mut rig, State::Starting, &mut stops);
    }
    stops
}

/// Takes the reasons among the notices.
fn take(rig: &mut Rig, from: State, stops: &mut Vec<Stop>) {
    let mut from = from;
    for notice in rig.notices() {
        if let Notice::StateChanged { state, reason, .. } = notice {
            if let Some(reason) = reason {
                stops.push(Stop {
                    from,
                    to: state,
                    reason,
                });
            }
            from = state;
        }
    }
}

/// What a switch of the server connection stops, after so many answers on the way up; `None` where
/// there are not so many.
fn switched(id: InterfaceId, answers: usize) -> Option<Stop> {
    let now = Instant::EPOCH;
    let other = match id.medium() {
        Medium::Ethernet => InterfaceId::CELLULAR,
        Medium::Wifi | Medium::Cellular => InterfaceId::ETHERNET,
    };
    let mut config = Config::new(1, [id, other].map(InterfaceConfig::new));
    config.policy = Policy::ReturnOnError;
    let mut manager = Manager::new(&config).unwrap();
    let mut tickets = Tickets::new(id);
    manager.connect_with(now, &nic(id), None).unwrap();
    for _ in 0..answers {
        while let Some(command) = bounded(manager.poll_command()) {
            tickets.note(&command);
        }
        let report = good_answer(manager.state(id)?)?;
        manager.handle_event(now, tickets.event(report).unwrap());
    }
    let from = manager.state(id)?;
    while bounded(manager.poll_notice()).is_some() {}
    manager.connect_with(now, &nic(other), None).unwrap();
    let stopped = core::iter::from_fn(|| manager.poll_notice()).find_map(|notice| match notice {
        Notice::StateChanged {
            interface,
            state: to,
            reason: Some(reason),
        } if interface == id => Some(Stop { from, to, reason }),
        _ => None,
    });
    Some(stopped.expect("it stops"))
}
