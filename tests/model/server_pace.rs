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
        let quarter = (self.times.grace / 4).max(self.times.delays.0);
        if self.grace.is_some() && !self.unstable {
            self.delay = self.delay.min(quarter);
        }
        let delay = self.delay;
        let least = (delay / 8).max(1);
        let from = around.now + core::mem::take(&mut self.left_over);
        (from + least * 1_000, from + delay * 1_000)
    }

    /// The wait is over by itself: the next one is longer.
    pub(crate) fn grow(&mut self) {
        let longer = (self.delay * 2).min(self.times.delays.1);
        self.delay = self.resumes.take().unwrap_or(0).max(longer);
    }

    /// A connection is over: one that has lasted takes the delay back (CON-12).
    pub(crate) fn has_lasted(&mut self, around: &mut Around<'_>, is_loss: bool) {
        let (Does::Holds { since } | Does::Flushes { since, .. }) = self.does else {
            return;
        };
        let lasted = around.now.saturating_sub(since);
        let stable = self.times.stable * 1_000;
        if lasted >= 5 * stable {
            around.book.rule("CON-12 forgotten");
            (self.delay, self.resumes) = (self.times.delays.0, None);
        } else if lasted >= stable {
            around.book.rule("CON-12 stable");
            self.resumes = Some(self.resumes.unwrap_or(self.delay));
            self.delay = self.times.delays.0;
        }
        if lasted >= 5 * stable {
            self.early_losses = 0;
        } else if is_loss && lasted < stable {
            self.early_losses += 1;
        }
        self.unstable = self.early_losses > 1;
    }

    /// An interface of the route is up: it ends a wait, once for each wait (CON-19).
    pub(crate) fn is_up_again(&mut self, around: &mut Around<'_>, port: usize) {
        let is_of_route = self.first == Some(port) || self.route(around).contains(&port);
        let Some(wait) = self.wait.filter(|_| is_of_route && !around.waits) else {
            return;
        };
        if around.now < self.no_news_before {
            around.book.rule("CON-19 too soon");
            return;
        }
        around.book.rule("CON-19");
        self.no_news_before = wait.1;
        self.left_over += wait.1.saturating_sub(around.now);
        self.wait = None;
        self.grow();
        self.tried = vec![port];
        self.alone = self.alone_now(around);
        self.try_over(around, port);
    }

    /// Something has changed for which a try is worth while (CON-19).
    pub(crate) fn news(&mut self, around: &mut Around<'_>, enabled: Option<usize>) {
        if !matches!(self.does, Does::Waits) {
            return;
        }
        if enabled.is_some_and(|port| !self.route(around).contains(&port) && self.first != enabled)
        {
            return;
        }
        around.book.rule("CON-19 news");
        self.wait = None;
        // It begins at the enabled interface, or at the beginning of the order.
        self.first = enabled;
        self.begin(around);
    }

    /// All ends that the rules name, by what they end.
    pub(crate) fn ends(&self) -> Vec<(&'static str, Window)> {
        let flush = match self.does {
            Does::Flushes { until, .. } => Some(until),
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
                self.fails(around, ended);
            }
            "grace" => self.grace_is_over(around),
            "alive" => {
                around.book.rule("CON-30");
                self.is_lost(around, (ConnectOutcome::NoServer, None));
            }
            _ => {
                around.book.rule("CON-12 retry");
                self.wait = None;
                self.grow();
                self.begin(around);
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
        self.rest(around);
        self.report_loss(around, "lost", ended);
        self.let_go(around);
    }
}
