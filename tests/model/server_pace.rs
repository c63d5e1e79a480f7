//! When the server connection is tried again (CON-12, CON-18, CON-19).

use lankeeper::ConnectOutcome;

use super::port::Window;
use super::server::{Around, Does, Server};
use super::server_try::stage_of;
use super::settings::IDS;

impl Server {
    /// The end of the time for which a lost connection is tried again (CON-12).
    pub(crate) fn round_end(&self, now: u64) -> Window {
        let end = now + self.times.grace * 1_000;
        (end, end)
    }

    /// The wait before the next try (CON-12, CON-18).
    pub(crate) fn next_wait(&mut self, around: &mut Around<'_>) -> Window {
        around.book.rule("CON-18");
        let delay = self.delay;
        let least = (delay / 8).max(1);
        let (from, refused) = (self.no_news_before, self.refused.unwrap_or((0, 0)));
        let after = |millis: u64, from: u64| around.now.max(from) + millis * 1_000;
        (
            after(least, from.0.max(refused.0)),
            after(delay, from.1.max(refused.1)),
        )
    }

    /// The wait is over by itself: the next one is longer.
    pub(crate) fn grow(&mut self) {
        let quarter = (self.times.grace / 4).max(self.times.delays.0);
        let is_limited = self.grace.is_some() && self.is_limited;
        let most = if is_limited {
            quarter
        } else {
            self.times.delays.1
        };
        // After a stable connection the second delay goes on from where it stood (CON-12).
        self.delay = match self.resumes.take() {
            Some(delay) => delay.max((self.delay * 2).min(self.times.delays.1)),
            None => (self.delay * 2).min(most).max(self.delay),
        };
    }

    /// A connection is over: one that has lasted takes the delay back (CON-12).
    pub(crate) fn has_lasted(&mut self, around: &mut Around<'_>, is_loss: bool) {
        if !matches!(self.does, Does::Holds { .. }) {
            return;
        }
        if is_loss {
            // A stable connection limits no delays that had grown before (CON-12).
            self.limit_anew();
        }
        if self.stable {
            around.book.rule("CON-12 stable");
            let before = self.resumes.unwrap_or(self.delay);
            self.delay = self.times.delays.0;
            self.resumes = Some(before).filter(|before| *before != self.delay);
        }
        self.lasts = None;
    }

    /// The connection has lasted, and a while longer: then what was before is forgotten (CON-12).
    fn lasts_on(&mut self, around: &mut Around<'_>) {
        if core::mem::replace(&mut self.stable, true) {
            around.book.rule("CON-12 forgotten");
            (self.delay, self.resumes) = (self.times.delays.0, None);
            self.lasts = None;
        } else {
            self.lasts = Some(around.at + 4 * self.times.stable * 1_000);
        }
    }

    /// An interface ends the wait: what is left of it comes on top of the next one (CON-19).
    pub(crate) fn ends_wait(&mut self) {
        if let Some(wait) = self.wait.take() {
            self.no_news_before = wait;
        }
        self.grow();
    }

    /// An interface of the route is up: it ends a wait, once for each wait (CON-19).
    pub(crate) fn is_up_again(&mut self, around: &mut Around<'_>, port: usize) {
        let is_of_route = self.first == Some(port) || self.own_route(around).contains(&port);
        if !is_of_route || self.wait.is_none() {
            return;
        }
        if self.pauses {
            if self.is_refused(around) {
                return;
            }
            self.first = Some(port);
            self.call_ends_pause(around, Some(port));
        } else if self.is_too_soon(around) {
            around.book.rule("CON-19 too soon");
            // It ends the wait when the last one would have been over, or the patience.
            if self.came_up.is_none() {
                self.came_up = self.wait.map(|wait| (port, wait));
                self.wait = Some(self.not_before());
            }
        } else {
            around.book.rule("CON-19");
            self.ends_wait();
            self.goes_on_with(around, port);
        }
    }

    fn goes_on_with(&mut self, around: &mut Around<'_>, port: usize) {
        self.first = Some(port);
        self.begin(around);
    }

    /// When a try may begin that nobody asked for.
    fn not_before(&self) -> Window {
        let (news, refused) = (self.no_news_before, self.refused.unwrap_or((0, 0)));
        (news.0.max(refused.0), news.1.max(refused.1))
    }

    /// Where the end of the last wait is not known exactly, the manager shows it.
    pub(crate) fn is_too_soon(&self, around: &Around<'_>) -> bool {
        let (least, most) = self.not_before();
        around.now < least || (around.now < most && around.waits)
    }

    /// A proxy that has refused is left alone (IFC-16).
    pub(crate) fn is_refused(&self, around: &Around<'_>) -> bool {
        self.refused.is_some_and(|until| around.now < until.0)
    }

    /// Something has changed for which a try is worth while (CON-19).
    pub(crate) fn news(&mut self, around: &mut Around<'_>, enabled: Option<usize>) {
        if !matches!(self.does, Does::Waits) {
            return;
        }
        let is_of =
            |port: &usize| self.own_route(around).contains(port) || self.selected == Some(*port);
        if enabled.is_some_and(|port| !is_of(&port) && self.first != enabled) {
            return;
        }
        around.book.rule("CON-19 news");
        (self.wait, self.no_news_before, self.refused) = (None, (0, 0), None);
        self.came_up = None;
        self.request_is_unnamed();
        if self.pauses {
            self.is_limited = false;
        }
        self.called = false;
        self.ends_pause(around);
        // It begins at the enabled interface, or at the beginning of the order.
        self.first = enabled;
        if enabled.is_none_or(|port| self.selected == Some(port)) {
            self.asked_for = self.alone_now(around);
        }
        self.begin(around);
    }

    /// All ends that the rules name, by what they end.
    pub(crate) fn ends(&self) -> Vec<(&'static str, Window)> {
        let flush = match self.does {
            Does::Flushes { until } => Some(until),
            _ => None,
        };
        let exact = |at: u64| (at, at);
        let alive = match (self.does, self.times.alive) {
            (Does::Holds { .. }, Some(alive)) => Some(exact(self.last_sign + alive * 1_000)),
            _ => None,
        };
        let all = [
            ("flush", flush.map(exact)),
            ("try", self.until.map(exact)),
            ("grace", self.grace),
            ("alive", alive),
            ("lasts", self.lasts.map(exact)),
            ("wait", self.wait),
        ];
        let all = all.into_iter();
        all.filter_map(|(what, at)| Some((what, at?))).collect()
    }

    /// What is due happens.
    pub(crate) fn fire(&mut self, around: &mut Around<'_>, what: &str) {
        match what {
            "flush" => self.flushed(around),
            "try" => {
                around.book.rule("CON-10");
                let ended = (self.stage(around), None);
                let is_last = self.request.is_some() && self.next(around).is_none();
                if self.keeps() && is_last && self.given.is_none() {
                    self.keep_trying(around, (self.newest, ended));
                } else {
                    self.fails(around, ended);
                }
            }
            "lasts" => self.lasts_on(around),
            "grace" => self.grace_is_over(around),
            "alive" => {
                around.book.rule("CON-30");
                self.is_lost(around, (ConnectOutcome::NoServer, None));
            }
            _ if self.pauses => self.next_round(around),
            _ => {
                around.book.rule("CON-12 retry");
                self.wait = None;
                self.grow();
                if let Some((port, left)) = self.came_up.take() {
                    self.no_news_before = left;
                    self.goes_on_with(around, port);
                } else if self.tried.is_empty() {
                    self.begin(around);
                } else {
                    self.go_on(around);
                }
            }
        }
    }

    /// The code of the current stage (CON-10).
    pub(crate) fn stage(&self, around: &Around<'_>) -> ConnectOutcome {
        let on = self.on.unwrap_or(self.newest);
        match self.does {
            Does::Asks("resolve") => ConnectOutcome::NotResolved,
            Does::Asks("reach proxy") => ConnectOutcome::NoProxy,
            Does::Asks(_) => ConnectOutcome::NoServer,
            _ => {
                let port = &around.ports[on];
                match port.why.filter(|_| port.is_at_rest()) {
                    Some(why) => super::server_try::outcome_of(IDS[on].medium(), why),
                    None => stage_of(IDS[on].medium(), port.step()),
                }
            }
        }
    }

    fn grace_is_over(&mut self, around: &mut Around<'_>) {
        self.grace = None;
        around.book.rule("CON-12 over");
        let ended = match self.does {
            Does::Comes | Does::Asks(_) if !self.begins_after => {
                (self.newest, (self.stage(around), None))
            }
            _ => self.last_failure(),
        };
        if self.suspends() {
            self.pause(around, ended);
            return;
        }
        if self.keeps() {
            self.keep_trying(around, ended);
            return;
        }
        self.rest(around);
        self.report_loss(around, "lost", ended);
        self.let_go(around);
    }
}
