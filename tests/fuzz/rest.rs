//! What holds of a device at any time and at rest, and that it gets well.

use lankeeper::manager::Wake;
use lankeeper::{Cause, Duration, Manager, ServerReport, ServerState, State};

use super::device::{Device, MOST};

impl Device {
    /// Whether another manager looks the same from outside.
    pub(super) fn same(&self, other: &Manager<1, 3, 2, 8>) {
        self.look_alike(&self.manager, other);
    }

    fn look_alike(&self, left: &Manager<1, 3, 2, 8>, right: &Manager<1, 3, 2, 8>) {
        let (mut left, mut right) = (left.clone(), right.clone());
        assert_eq!(left.poll_at(), right.poll_at());
        assert_eq!(left.state(self.id), right.state(self.id));
        assert_eq!(left.server_state(), right.server_state());
        assert_eq!(left.ignored(self.id), right.ignored(self.id));
        for _ in 0..MOST {
            let (left, right) = (left.poll_output(), right.poll_output());
            assert_eq!(left, right);
            if left.is_none() {
                return;
            }
        }
        panic!("more outputs than there can be");
    }

    /// What holds at any time.
    pub(super) fn check(&self) {
        let (state, manager) = (self.state(), &self.manager);
        assert_eq!(
            manager.ip_config(self.id).is_some(),
            state == State::Connected
        );
        assert_eq!(manager.reason(self.id).is_some(), state.is_stopped());
        let server = manager.server_state();
        let snapshot = manager.snapshot().next().unwrap();
        assert_eq!(snapshot.state, state);
        assert_eq!(
            snapshot.carries_server,
            server == ServerState::Connected || server == ServerState::Flushing
        );
        assert!(!snapshot.carries_server || snapshot.server_holder);
        let holders = self
            .handles
            .iter()
            .filter(|it| manager.interface(**it).is_ok());
        assert_eq!(snapshot.local_holders, holders.count());
        let reaches = matches!(
            server,
            ServerState::Resolving
                | ServerState::ReachingProxy
                | ServerState::Connecting
                | ServerState::Connected
                | ServerState::Flushing
        );
        assert!(
            !reaches || state == State::Connected,
            "{server} over {state} (CON-5)"
        );
        assert!(
            manager.ended_attempts() <= self.laws.requested,
            "more results than requests"
        );
        let last = self.last_ended();
        if let Some(Some(waiting)) = self.laws.waiting
            && last != Some(waiting)
        {
            // Nobody waits for ever (CON-2).
            let is_over = matches!(
                server,
                ServerState::Disconnected | ServerState::Connected | ServerState::Flushing
            );
            assert!(!is_over, "{server}, and {waiting:?} has no result");
        }
        let has_output = self.manager.clone().poll_output().is_some();
        let deadline = self.manager.poll_at();
        let is_due = deadline.is_some_and(|it| it.reason == Wake::Output);
        assert_eq!(has_output, is_due, "outputs wait, or do not");
        assert!(!is_due || deadline.unwrap().at <= self.instant());
    }

    /// Takes all that is there, and checks what holds at rest: no spin, no trap, and an early
    /// time-out does nothing.
    pub(super) fn settle(&mut self) {
        self.manager.handle_timeout(self.instant());
        self.take_commands(MOST);
        self.take_notices(MOST);
        let suspended = self.manager.is_suspended();
        let (state, server) = (self.state(), self.manager.server_state());
        self.laws.at_rest(state, server, suspended);
        let deadline = self.poll_at();
        assert!(
            deadline.is_none_or(|it| it.at > self.instant()),
            "spins: {deadline:?}"
        );

        let cause = self.manager.reason(self.id).map(|reason| reason.cause);
        let waits_for_request = self.is_manual || cause == Some(Cause::NoCredentials);
        let is_stuck = match state {
            State::Unknown | State::Connected => false,
            state if state.is_stopped() => self.is_held() && !waits_for_request,
            _ => true,
        };
        assert!(
            !is_stuck || deadline.is_some(),
            "{state} is a trap (IFC-11)"
        );
        let waits = matches!(
            server,
            ServerState::Resolving | ServerState::ReachingProxy | ServerState::Connecting
        );
        assert!(!waits || deadline.is_some(), "{server} is a trap");

        let Some(wait) = deadline.map(|it| it.at.saturating_duration_since(self.instant())) else {
            return;
        };
        for part in [1, wait.as_micros() / 2, wait.as_micros() - 1] {
            if part < wait.as_micros() {
                let mut early = self.manager.clone();
                let at = self.instant().saturating_add(Duration::from_micros(part));
                early.handle_timeout(at);
                self.same(&early);
            }
        }
        // At its instant it fires, once.
        let mut late = self.manager.clone();
        let at = self.instant().saturating_add(wait);
        late.handle_timeout(at);
        assert!(late.poll_at() != self.manager.poll_at(), "it does not fire");
        let once = late.clone();
        late.handle_timeout(at);
        self.look_alike(&once, &late);
    }

    /// From now on everything works. The interface gets connected, and what is tried for the server
    /// comes about, in a bounded number of steps.
    pub(super) fn get_well(&mut self, is_done: impl Fn(&Self) -> bool) {
        for _ in 0..60 {
            self.settle();
            for (ticket, report) in self.surroundings.good_news() {
                self.manager
                    .handle_event(self.instant(), ticket.report(report));
            }
            self.settle();
            for _ in 0..4 {
                if let Some((ticket, report)) = self.surroundings.good_server_news() {
                    self.manager
                        .handle_event(self.instant(), ticket.report(report));
                    let alive = ticket.report(ServerReport::Alive);
                    self.manager.handle_event(self.instant(), alive);
                }
                self.settle();
            }
            self.check();
            if is_done(self) {
                return;
            }
            if self.is_manual && self.is_off() {
                self.laws.asked();
                for handle in self.handles.clone() {
                    let _ = self.manager.retry(self.instant(), handle);
                }
            } else if self.is_off() || self.state() == State::Connected {
                // A step that was just begun is answered first.
                self.go_to_deadline(0);
            }
        }
        let server = self.manager.server_state();
        panic!(
            "{} and {server} in a world where everything works",
            self.state()
        );
    }
}
