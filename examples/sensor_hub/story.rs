//! Condenses the timeline for human readers: related events become one line.

use std::collections::{BTreeMap, BTreeSet};

use lankeeper::{Duration, Instant};

use crate::mishap::{HUB, node};
use crate::simulation::Outcome;
use crate::timeline::{Event, HostId, Timeline, Weight};

/// States of one host that follow each other within this time share a line, up to a terminal state.
const CHAIN_GAP: Duration = Duration::from_secs(2);
/// Up to this many nodes are listed individually.
const FEW_NODES: usize = 12;
/// What many nodes do within this time shares a line.
const CROWD_WINDOW: Duration = Duration::from_secs(10);
/// In long runs, repeated noise appears at most about this often.
const NOISE_LINES: u64 = 30;

/// One line of the condensed timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub at: Instant,
    /// When the last event of the line happened.
    pub until: Instant,
    pub hosts: BTreeSet<HostId>,
    /// The number of events of this kind in the line.
    pub count: usize,
    pub text: String,
    pub is_mishap: bool,
    /// Lines with the same kind may be merged; `None` for a line that is never merged.
    kind: Option<String>,
    is_state: bool,
}

/// Returns the lines of a run.
pub fn lines(outcome: &Outcome) -> Vec<Line> {
    let noise_window =
        Duration::from_micros(outcome.end.as_micros() / NOISE_LINES).max(CROWD_WINDOW);
    let lines = chain_states(&outcome.timeline);
    let stranger = outcome.hosts.len() - 1;
    let crowd = node(1)..if stranger - node(1) > FEW_NODES {
        stranger
    } else {
        HUB
    };
    merge(lines, noise_window, |host| crowd.contains(&host))
}

/// Makes one line per event, but joins states of a host in quick succession by arrows.
fn chain_states(timeline: &Timeline) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    // For each host, the line that its next state may be joined to.
    let mut chains: Vec<Option<usize>> = Vec::new();
    for entry in timeline.entries() {
        let is_state = matches!(entry.event, Event::State { .. });
        let on_its_way = matches!(entry.event, Event::State { state, .. } if !state.is_terminal());
        if chains.len() <= entry.host {
            chains.resize(entry.host + 1, None);
        }
        let chain = &mut chains[entry.host];
        if let Some(line) = chain.filter(|_| is_state).map(|line| &mut lines[line])
            && entry.at.saturating_duration_since(line.until) <= CHAIN_GAP
        {
            line.text = format!("{} → {}", line.text, entry.event);
            line.kind = line
                .kind
                .take()
                .map(|kind| format!("{kind} → {}", entry.event.kind()));
            line.until = entry.at;
            chain.take_if(|_| !on_its_way);
            continue;
        }
        *chain = on_its_way.then_some(lines.len());
        lines.push(Line {
            at: entry.at,
            until: entry.at,
            hosts: BTreeSet::from([entry.host]),
            count: 1,
            text: entry.event.to_string(),
            is_mishap: matches!(entry.event, Event::Mishap(_)),
            kind: (entry.event.weight() == Weight::Noise).then(|| entry.event.kind()),
            is_state,
        });
    }
    lines
}

/// Merges lines of one kind: those of a single host if they are noise, and those of the crowd.
fn merge(lines: Vec<Line>, noise_window: Duration, in_crowd: impl Fn(HostId) -> bool) -> Vec<Line> {
    let mut merged: Vec<Line> = Vec::new();
    // The lines that others of their kind may still be merged into.
    let mut open: Vec<usize> = Vec::new();
    let mut last_of: BTreeMap<HostId, usize> = BTreeMap::new();
    for line in lines {
        open.retain(|other| {
            line.at.saturating_duration_since(merged[*other].at) <= noise_window.max(CROWD_WINDOW)
        });
        let host = line.hosts.first().copied().unwrap_or_default();
        let crowd = in_crowd(host);
        let last = last_of.get(&host).copied();
        let fits = |number: usize, other: &Line| {
            let repeated = line.is_state && last == Some(number) && other.hosts.len() == 1;
            let window = if line.is_state {
                CROWD_WINDOW
            } else {
                noise_window
            };
            let same_host = repeated || !line.is_state && other.hosts.contains(&host);
            let both_crowd = crowd && other.hosts.iter().all(|host| in_crowd(*host));
            line.kind.is_some()
                && line.kind == other.kind
                && (same_host || both_crowd)
                && (repeated || line.at.saturating_duration_since(other.at) <= window)
        };
        let found = last
            .into_iter()
            .chain(open.iter().copied())
            .find(|other| fits(*other, &merged[*other]));
        match found {
            Some(other) => {
                last_of.insert(host, other);
                let other = &mut merged[other];
                other.count += line.count;
                other.hosts.extend(line.hosts);
                other.until = line.until;
                other.text = line.kind.unwrap_or_default();
            }
            None => {
                last_of.insert(host, merged.len());
                open.push(merged.len());
                merged.push(line);
            }
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use lankeeper::State;

    fn merged(events: &[(u64, HostId, Event)], crowd: bool) -> Vec<(usize, usize, String)> {
        let mut timeline = Timeline::default();
        for (millis, host, event) in events {
            timeline.add(Instant::from_micros(millis * 1_000), *host, event.clone());
        }
        merge(chain_states(&timeline), Duration::from_secs(60), |_| crowd)
            .into_iter()
            .map(|line| (line.hosts.len(), line.count, line.text))
            .collect()
    }

    fn state(state: State) -> Event {
        Event::State {
            state,
            reason: None,
            address: None,
        }
    }

    #[test]
    fn quick_states_share_a_line() {
        let events = [
            (0, 1, state(State::Starting)),
            (1, 1, state(State::Connected)),
            (5_000, 1, state(State::Starting)),
        ];
        assert_eq!(
            merged(&events, false),
            [
                (1, 1, "STARTING (0) → CONNECTED (1)".into()),
                (1, 1, "STARTING (0)".into())
            ]
        );
    }

    #[test]
    fn repeated_noise_is_counted() {
        let events = [
            (0, 1, Event::Version(2)),
            (9, 1, Event::Version(2)),
            (99_000, 1, Event::Version(2)),
        ];
        assert_eq!(
            merged(&events, false),
            [
                (1, 2, "messages of version 2 ignored".into()),
                (1, 1, "message of version 2 ignored".into())
            ]
        );
    }

    #[test]
    fn a_crowd_speaks_as_one() {
        let events = [
            (0, 2, state(State::Starting)),
            (9, 3, state(State::Starting)),
        ];
        assert_eq!(merged(&events, true), [(2, 2, "STARTING (0)".into())]);
        assert_eq!(merged(&events, false).len(), 2);
    }

    #[test]
    fn mishaps_stand_alone() {
        let events = [
            (0, 1, Event::Mishap("x".into())),
            (1, 1, Event::Mishap("x".into())),
        ];
        assert_eq!(merged(&events, true).len(), 2);
    }
}
