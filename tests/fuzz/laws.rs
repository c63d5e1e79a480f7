//! What must hold of the outputs of a device, whatever goes in.

use std::collections::{BTreeMap, HashSet, VecDeque};

use lankeeper::interface::Step;
use lankeeper::{AttemptId, InterfaceId, Notice, ServerState, State};

use super::surroundings::Task;

const HOUR: u64 = 3_600_000_000;

/// What notices and commands said so far.
#[derive(Debug)]
pub(super) struct Laws {
    id: InterfaceId,
    state: State,
    server: ServerState,
    suspended: bool,
    /// Whether notices were lost since: then the next one says what is so now.
    lagged: bool,
    /// The newest request without a result; `None` inside for one whose number nobody knows.
    pub(super) waiting: Option<Option<AttemptId>>,
    numbers: HashSet<AttemptId>,
    superseded: HashSet<AttemptId>,
    ended: HashSet<AttemptId>,
    /// How many requests there were.
    pub(super) requested: u32,
    /// When each command was given, since the last request.
    given: BTreeMap<String, VecDeque<u64>>,
}

impl Laws {
    pub(super) fn new(id: InterfaceId) -> Self {
        Self {
            id,
            state: State::Unknown,
            server: ServerState::Disconnected,
            suspended: false,
            lagged: false,
            waiting: None,
            numbers: HashSet::new(),
            superseded: HashSet::new(),
            ended: HashSet::new(),
            requested: 0,
            given: BTreeMap::new(),
        }
    }

    /// The application asks for something: what it causes comes on top of the pace (IFC-13).
    pub(super) fn asked(&mut self) {
        self.given.clear();
    }

    /// A request for a connection got this number. It supersedes the one before (CON-9).
    pub(super) fn requested(&mut self, attempt: AttemptId, last_ended: Option<AttemptId>) {
        assert!(self.numbers.insert(attempt), "a number twice (CON-26)");
        if let Some(Some(before)) = self.waiting
            && last_ended != Some(before)
        {
            self.superseded.insert(before);
        }
        self.waiting = Some(Some(attempt));
    }

    /// A command was given at this time: not too many in an hour (IFC-13).
    pub(super) fn given(&mut self, now: u64, step: Option<Step>, task: Option<Task>) {
        let (name, most) = match (step, task) {
            (Some(step), _) => (format!("{step:?}"), 90),
            (None, Some(task)) => (format!("{task:?}"), 140),
            (None, None) => return,
        };
        let times = self.given.entry(name).or_default();
        times.push_back(now);
        while times.front().is_some_and(|first| *first + HOUR <= now) {
            times.pop_front();
        }
        assert!(
            times.len() <= most,
            "{step:?} {task:?}: {} in an hour",
            times.len()
        );
    }

    /// Checks a notice.
    pub(super) fn take(&mut self, notice: Notice) {
        match notice {
            Notice::StateChanged {
                interface, state, ..
            } => {
                assert_eq!(interface, self.id);
                assert!(self.lagged || state != self.state, "{state} twice (IFC-9)");
                let is_known = state
                    .medium()
                    .is_none_or(|medium| medium == self.id.medium());
                assert!(is_known, "{state} of another medium (STATE-3)");
                self.state = state;
            }
            Notice::ServerStateChanged { state } => {
                assert!(self.lagged || state != self.server, "{state} twice");
                self.server = state;
            }
            Notice::ConnectEnded { attempt, .. } => {
                assert!(
                    !self.superseded.contains(&attempt),
                    "a result of what is superseded"
                );
                assert!(self.ended.insert(attempt), "a second result (CON-2)");
            }
            Notice::Suspended { .. } => {
                assert!(self.lagged || !self.suspended, "suspended twice (CON-13)");
                self.suspended = true;
            }
            Notice::Resumed => {
                assert!(self.lagged || self.suspended, "resumed twice (CON-13)");
                self.suspended = false;
            }
            Notice::Lagged(missed) => {
                assert!(missed > 0, "lagged by nothing");
                self.lagged = true;
            }
            _ => {}
        }
    }

    /// All notices are taken: what they said is what can be asked (DRV-2, CON-26).
    pub(super) fn at_rest(&mut self, state: State, server: ServerState, suspended: bool) {
        if self.lagged {
            (self.state, self.server, self.suspended) = (state, server, suspended);
            self.lagged = false;
        }
        assert_eq!(self.state, state, "not the state that was reported");
        assert_eq!(self.server, server, "not the state that was reported");
        assert_eq!(self.suspended, suspended, "not what was reported");
    }
}
