//! How a try fails or a connection is lost, and what follows (CON-10 to CON-14).

use lankeeper::{ConnectOutcome, ServerState};

use super::server::{Around, Does, Ended, Server};

impl Server {
    /// A try has failed: the next interface has its turn (CON-14).
    pub(crate) fn fails(&mut self, around: &mut Around<'_>, ended: Ended) {
        self.failure = Some((self.newest, ended));
        self.drop_what_runs(around);
        self.until = None;
        let reached = matches!(self.does, Does::Asks(_));
        if ended.0 == ConnectOutcome::NotAuthorised {
            around.book.rule("IFC-16 proxy");
            let refused = self.times.refused * 1_000;
            let least = around.at + refused;
            self.refused = Some((least, least + refused / 4));
        }
        self.go_on_from(around, reached);
    }

    /// Two tries that reach the server are separated by a back-off (CON-12), but in the first pass.
    pub(crate) fn go_on_from(&mut self, around: &mut Around<'_>, reached: bool) {
        let is_first = self.is_limited && self.delay <= 2 * self.times.delays.0;
        let goes_round = self.asked || (is_first && self.refused.is_none());
        if reached && !goes_round && self.next(around).is_some() {
            around.book.rule("CON-12 apart");
            self.wait_for_retry(around);
        } else {
            self.go_on(around);
        }
    }

    pub(crate) fn last_failure(&self) -> (usize, Ended) {
        let nothing = (self.newest, (ConnectOutcome::NotConnected, None));
        self.failure.unwrap_or(nothing)
    }

    /// Every interface of the route had its turn.
    pub(crate) fn route_is_over(&mut self, around: &mut Around<'_>) {
        let failure = self.last_failure();
        let ended = failure.1;
        self.drop_what_runs(around);
        self.until = None;
        let is_new = self.suspends() && self.grace.is_none();
        if is_new {
            self.grace = Some(self.round_end(around.now));
        } else if self.request.is_some() && !self.suspends() && !self.keeps() {
            around.book.rule("CON-10 result");
            self.rest(around);
            self.result(around, failure.0, ended);
            self.let_go(around);
            self.given = None;
            return;
        }
        if self.suspends() {
            self.forget_given(around);
        }
        // What is not in the order has no other turn, if there is another interface.
        let is_empty = self.own_route(around).is_empty();
        let has_turn = |port: &usize| match self.alone {
            Some(alone) => *port == alone,
            None => is_empty || self.order.contains(port),
        };
        self.first = self.first.filter(has_turn);
        self.tried.clear();
        self.wait_for_retry(around);
        if is_new {
            self.suspend(around, failure);
        } else if self.request.is_some() && self.keeps() {
            self.keep_trying(around, failure);
            self.forget_given(around);
        }
    }

    /// Another route ends the name of the request (CON-24).
    pub(crate) fn request_is_unnamed(&mut self) {
        if let Some(request) = &mut self.request {
            request.name = None;
        }
    }

    /// The stored settings go on (CFG-2).
    pub(crate) fn forget_given(&mut self, around: &mut Around<'_>) {
        if self.given.take().is_some() {
            around.book.rule("CFG-2");
            self.request_is_unnamed();
            self.let_go(around);
            self.asked_for = self.alone_now(around);
            (self.alone, self.first) = (self.asked_for, None);
        }
    }

    pub(crate) fn wait_for_retry(&mut self, around: &mut Around<'_>) {
        self.came_up = None;
        self.asked = false;
        self.does = Does::Waits;
        self.wait = Some(self.next_wait(around));
        self.turn(around, ServerState::Waiting);
    }

    /// The connection is lost (CON-12, CON-13).
    pub(crate) fn is_lost(&mut self, around: &mut Around<'_>, ended: Ended) {
        self.drop_what_runs(around);
        self.failure = Some((self.newest, ended));
        self.has_lasted(around, true);
        self.first = self.on.or(Some(self.newest));
        self.tried.clear();
        self.asked = false;
        self.time_out = None;
        let comes_back = core::mem::take(&mut self.comes_back) && self.given.is_none();
        if self.given.is_some() && self.keeps() {
            self.wait_for_retry(around);
            self.keep_trying(around, (self.newest, ended));
            self.forget_given(around);
            return;
        }
        if self.given.is_some() && self.suspends() {
            self.forget_given(around);
        } else if self.given.is_some() {
            around.book.rule("CON-12 given");
            self.rest(around);
            self.report_loss(around, "lost", (self.newest, ended));
            self.let_go(around);
            self.given = None;
            return;
        }
        around.book.rule("CON-12");
        self.grace = Some(self.round_end(around.now));
        if comes_back {
            around.book.rule("CON-12 by itself");
            self.waits_for(around, self.newest);
        } else {
            self.wait_for_retry(around);
        }
        // Nobody is suspended for another address (CON-20).
        if self.suspends() && ended.0 != ConnectOutcome::AddressChanged {
            self.suspend(around, (self.newest, ended));
        }
    }
}
