//! Tells the timeline so that a person can read it: what belongs together becomes one line.

use std::collections::{BTreeMap, BTreeSet};

use lankeeper::{Duration, Instant};

use crate::mishap::{HUB, node};
use crate::simulation::Outcome;
use crate::timeline::{Event, HostId, Timeline, Weight};

/// States of one host that follow each other this closely share a line, up to one at rest.
const CHAIN_GAP: Duration = Duration::from_secs(2);
/// Up to so many nodes are told of one by one.
const FEW_NODES: usize = 12;
/// What many nodes do within this time is told as one.
const CROWD_SPAN: Duration = Duration::from_secs(10);
/// In long runs, repeated noise is told at most about this often.
const NOISE_LINES: u64 = 30;

/// One line of the story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub at: Instant,
    /// When the last of what the line tells of happened.
    pub until: Instant,
    pub hosts: BTreeSet<HostId>,
    /// How many events of the kind the line tells of.
    pub count: usize,
    pub text: String,
    pub is_mishap: bool,
    /// What lines that may be told as one have in common; `None` for a line that stands alone.
    kind: Option<String>,
    is_state: bool,
}

/// The lines of a run.
pub fn tell(outcome: &Outcome) -> Vec<Line> {
    let noise_span = Duration::from_micros(outcome.end.as_micros() / NOISE_LINES).max(CROWD_SPAN);
    let lines = chain_states(&outcome.timeline);
    let stranger = outcome.hosts.len() - 1;
    let crowd = node(1)..if stranger - node(1) > FEW_NODES {
        stranger
    } else {
        HUB
    };
    merge(lines, noise_span, |host| crowd.contains(&host))
}

/// One line per event; but states of a host in quick succession are joined by arrows.
fn chain_states(timeline: &Timeline) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    // For each host the line to which its next state may be joined.
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
fn merge(lines: Vec<Line>, noise_span: Duration, in_crowd: impl Fn(HostId) -> bool) -> Vec<Line> {
    let mut told: Vec<Line> = Vec::new();
    // The lines that are still open for others of their kind.
    let mut open: Vec<usize> = Vec::new();
    let mut last_of: BTreeMap<HostId, usize> = BTreeMap::new();
    for line in lines {
        open.retain(|other| {
            line.at.saturating_duration_since(told[*other].at) <= noise_span.max(CROWD_SPAN)
        });
        let host = line.hosts.first().copied().unwrap_or_default();
        let crowd = in_crowd(host);
        let last = last_of.get(&host).copied();
        let fits = |number: usize, other: &Line| {
            let repeated = line.is_state && last == Some(number) && other.hosts.len() == 1;
            let span = if line.is_state {
                CROWD_SPAN
            } else {
                noise_span
            };
            let same_host = repeated || !line.is_state && other.hosts.contains(&host);
            let both_crowd = crowd && other.hosts.iter().all(|host| in_crowd(*host));
            line.kind.is_some()
                && line.kind == other.kind
                && (same_host || both_crowd)
                && (repeated || line.at.saturating_duration_since(other.at) <= span)
        };
        let found = last
            .into_iter()
            .chain(open.iter().copied())
            .find(|other| fits(*other, &told[*other]));
        match found {
            Some(other) => {
                last_of.insert(host, other);
                let other = &mut told[other];
                other.count += line.count;
                other.hosts.extend(line.hosts);
                other.until = line.until;
                other.text = line.kind.unwrap_or_default();
            }
            None => {
                last_of.insert(host, told.len());
                open.push(told.len());
                told.push(line);
            }
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use lankeeper::State;

    fn told(events: &[(u64, HostId, Event)], crowd: bool) -> Vec<(usize, usize, String)> {
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
            told(&events, false),
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
            told(&events, false),
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
        assert_eq!(told(&events, true), [(2, 2, "STARTING (0)".into())]);
        assert_eq!(told(&events, false).len(), 2);
    }

    #[test]
    fn mishaps_stand_alone() {
        let events = [
            (0, 1, Event::Mishap("x".into())),
            (1, 1, Event::Mishap("x".into())),
        ];
        assert_eq!(told(&events, true).len(), 2);
    }
}
