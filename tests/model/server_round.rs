//! The policy that suspends: rounds of tries, and the pauses between them (CON-13).

use lankeeper::{Policy, ServerState};

use super::server::{Around, Does, Ended, Server};

impl Server {
    pub(crate) fn suspends(&self) -> bool {
        self.policy == Policy::SuspendOnError
    }

    pub(crate) fn keeps(&self) -> bool {
        self.policy == Policy::KeepTrying
    }

    /// An attempt or the minute after a loss is over, and what is under way goes on (CON-21).
    pub(crate) fn keep_trying(&mut self, around: &mut Around<'_>, failure: (usize, Ended)) {
        around.book.rule("CON-21");
        (self.grace, self.asked, self.reported) = (None, false, true);
        self.failure = Some(failure);
        if self.request.is_some() {
            self.result(around, failure.0, failure.1);
        } else {
            self.report_loss(around, "lost", failure);
        }
        (self.time_out, self.until, self.is_limited) = (None, None, false);
        self.has_time(around);
    }

    /// What has reached the server's stage has the time of an attempt from then on.
    pub(crate) fn has_time(&mut self, around: &Around<'_>) {
        let is_timed = self.keeps() && self.grace.is_none() && self.until.is_none();
        if is_timed && matches!(self.does, Does::Asks(_)) {
            let medium = super::settings::IDS[self.newest].medium();
            self.until = Some(around.now + self.times.time_out(medium) * 1_000);
        }
    }

    /// Reports a failure as a suspension, once.
    pub(crate) fn suspend(&mut self, around: &mut Around<'_>, failure: (usize, Ended)) {
        if !core::mem::replace(&mut self.suspended, true) {
            around.book.rule("CON-13");
            self.report_loss(around, "suspended", failure);
        }
    }

    pub(crate) fn resume(&mut self, around: &mut Around<'_>) {
        if core::mem::take(&mut self.suspended) {
            around.book.rule("CON-13 resumed");
            around.book.notify("server resumed".to_owned());
        }
    }

    /// A round is over. What is on its way stays held.
    pub(crate) fn pause(&mut self, around: &mut Around<'_>, failure: (usize, Ended)) {
        around.book.rule("CON-13 pause");
        self.failure = Some(failure);
        self.drop_what_runs(around);
        if !self.suspended {
            // The minute after another address is none of a suspension (CON-20).
            self.grace = Some(self.round_end(around.now));
            if self.wait.is_none() {
                self.ends_with_pending(around);
                self.after_newest(around);
            }
            self.wait_for_retry(around);
            self.suspend(around, failure);
            return;
        }
        self.ends_with_pending(around);
        if self.wait.is_none() {
            self.after_newest(around);
        }
        let (now, most) = (around.now, self.times.pause * 1_000);
        // An interface that comes up ends no pause before its first delay is over (CON-19).
        self.no_news_before = self.next_wait(around);
        self.is_limited = true;
        let (least, most) = (now + most - most / 4, now + most);
        let refused = self.refused.unwrap_or((0, 0));
        self.wait = Some((least.max(refused.0), most.max(refused.1)));
        (self.does, self.pauses, self.asked) = (Does::Waits, true, false);
        (self.until, self.came_up) = (None, None);
        let is_on = |port: &usize| around.ports[*port].enabled || self.order.contains(port);
        self.first = self.first.filter(is_on);
        self.turn(around, ServerState::Waiting);
        if !self.on.is_some_and(|on| is_on_its_way(around, on)) {
            self.let_go(around);
        }
    }

    /// Another policy ends a suspension, with the failure; or what was lost begins one (CON-13).
    pub(crate) fn change_policy(&mut self, around: &mut Around<'_>, policy: Policy) {
        self.policy = policy;
        if self.suspended && !self.suspends() {
            around.book.rule("CON-13 another policy");
            let failure = self.last_failure();
            self.resume(around);
            // What was asked for meanwhile goes on.
            if self.asked && matches!(self.does, Does::Comes | Does::Asks(_)) {
                return;
            }
            self.rest(around);
            if self.request.is_some() {
                self.result(around, failure.0, failure.1);
            } else {
                self.report_loss(around, "lost", failure);
            }
            self.let_go(around);
        }
    }

    /// Delays that have grown before are not limited (CON-12).
    pub(crate) fn limit_anew(&mut self) {
        self.is_limited = self.is_fresh();
    }

    pub(crate) fn is_fresh(&self) -> bool {
        let first = self.times.delays.0;
        self.delay == first && self.resumes.is_none_or(|one| one == first)
    }

    /// Whatever ends a pause begins a round. One that an interface or traffic has begun goes on with the
    /// delays of the last one (CON-19).
    pub(crate) fn ends_pause(&mut self, around: &Around<'_>) {
        if core::mem::take(&mut self.pauses) {
            self.wait = None;
            if core::mem::take(&mut self.called) {
                self.grow();
            }
            self.grace = Some(self.round_end(around.now));
        }
    }

    /// The pause is over by itself.
    pub(crate) fn next_round(&mut self, around: &mut Around<'_>) {
        around.book.rule("CON-13 round");
        if !self.called {
            let quarter = (self.times.grace / 4).max(self.times.delays.0);
            self.delay = self.delay.min(quarter);
            self.resumes = None;
        }
        self.begin_round(around, None);
    }

    /// There is traffic: it ends a pause, but no back-off (CON-19).
    pub(crate) fn call_ends_pause(&mut self, around: &mut Around<'_>, came_up: Option<usize>) {
        if !self.pauses || self.called {
            return;
        }
        around.book.rule("CON-19 call");
        (self.called, self.is_limited) = (true, false);
        if self.is_too_soon(around) {
            around.book.rule("CON-19 too soon");
            self.wait = Some(self.no_news_before);
        } else {
            self.begin_round(around, came_up);
        }
    }

    /// A round begins with what is on its way, or what came up, or after the interface with which the
    /// last one ended.
    pub(crate) fn begin_round(&mut self, around: &mut Around<'_>, came_up: Option<usize>) {
        self.ends_pause(around);
        let route = self.own_route(around);
        let held = self.on.filter(|on| route.contains(on));
        if self.tried.is_empty() || held.or(came_up).is_some() {
            self.first = held.or(came_up).or(self.first);
            self.begin(around);
        } else {
            self.go_on(around);
        }
    }

    /// A try that a deadline has started has had its turn, though it has not begun.
    fn ends_with_pending(&mut self, around: &Around<'_>) {
        if core::mem::take(&mut self.begins_after)
            && let Some(port) = self.next(around)
        {
            self.tried.push(port);
        }
    }

    fn after_newest(&mut self, around: &Around<'_>) {
        let newest = self.tried.last().copied().unwrap_or(self.newest);
        let next = self.after(&self.own_route(around), newest);
        self.first = next.or(self.first);
        self.tried.clear();
    }
}

fn is_on_its_way(around: &Around<'_>, port: usize) -> bool {
    let port = &around.ports[port];
    port.step().is_some() || (port.is_at_rest() && port.is_slow())
}
