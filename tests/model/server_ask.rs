//! What an application asks of the server connection, and what it is answered.

use lankeeper::{AttemptId, ConnectOutcome, ServerState};

use super::server::{Around, Does, Request, Server};
use super::settings::Given;

impl Server {
    /// Connects over the selected interface, or those of the order (CON-14).
    pub(crate) fn connect(
        &mut self,
        around: &mut Around<'_>,
        id: Option<AttemptId>,
        time_out: Option<u64>,
    ) -> Result<(), &'static str> {
        let holds = matches!(self.does, Does::Holds { .. });
        if holds && self.given.is_none() {
            around.book.rule("CON-8 stored");
            self.confirm(around, Request { id, name: None });
            return Ok(());
        }
        let mut probe = self.clone();
        probe.given = None;
        let route = probe.route(around);
        let Some(first) = route.first().copied() else {
            around.book.rule("CON-23 nothing");
            return Err("nothing to try");
        };
        let request = Request { id, name: None };
        let changes = self.given.is_some();
        self.begin_request(around, request, time_out, first, changes, None);
        Ok(())
    }

    /// Connects over one interface, with settings for this connection alone or without.
    pub(crate) fn connect_with(
        &mut self,
        around: &mut Around<'_>,
        id: Option<AttemptId>,
        (port, name): (usize, &str),
        given: Option<Given>,
        time_out: Option<u64>,
    ) -> Result<(), &'static str> {
        if self.suspends() {
            around.book.rule("CON-1 suspends");
            return Err("suspends");
        }
        if !around.ports[port].enabled {
            around.book.rule("OPEN-2 server");
            return Err("disabled");
        }
        let local = !around.ports[port].server && !around.ports[port].holders.is_empty();
        let runs = around.ports[port].runs_with();
        let asked = given
            .as_ref()
            .map(|given| around.ports[port].would_run_with(given));
        if local && asked.as_ref().is_some_and(|asked| *asked != runs) {
            around.book.rule("OPEN-3 server");
            return Err("active");
        }
        let request = Request {
            id,
            name: Some((port, name.to_owned())),
        };
        if given.is_none() {
            around.book.rule("CFG-3");
            self.selected = Some(port);
        }
        let holds = matches!(self.does, Does::Holds { .. }) && self.on == Some(port);
        let same = given
            .as_ref()
            .is_none_or(|given| asked.as_ref() == Some(&runs) && given.proxy == self.proxy());
        if holds && same {
            if given.is_none() {
                self.asked_for = Some(port);
            }
            around.book.rule("CON-8 same");
            self.confirm(around, request);
            return Ok(());
        }
        // A name alone joins what local holders opened it with, but no settings of another request.
        let forgets = around.ports[port].borrowed && self.given.is_some();
        let changes = asked.map_or(forgets, |asked| asked != runs);
        self.begin_request(around, request, time_out, port, changes, given);
        Ok(())
    }

    fn confirm(&mut self, around: &mut Around<'_>, request: Request) {
        self.request = Some(request);
        self.result(around, self.newest, (ConnectOutcome::ServerConnected, None));
    }

    fn begin_request(
        &mut self,
        around: &mut Around<'_>,
        request: Request,
        time_out: Option<u64>,
        first: usize,
        changes: bool,
        given: Option<Given>,
    ) {
        if self.request.is_some() {
            around.book.rule("CON-9");
        }
        self.first_call = false;
        self.request = Some(request);
        if self.on.is_some_and(|on| on != first || changes) {
            self.switch_off(around);
        }
        self.drop_what_runs(around);
        self.given = given.map(|given| (first, given));
        (self.time_out, self.asked) = (time_out, true);
        (self.wait, self.grace, self.refused) = (None, None, None);
        self.first = Some(first);
        (self.no_news_before, self.pauses, self.called) = ((0, 0), false, false);
        self.came_up = None;
        self.has_lasted(around, false);
        self.does = Does::Nothing;
        self.failure = None;
        self.asked_for = self.alone_now(around);
        self.begin(around);
    }

    /// Ends the connection or the attempt (CON-15).
    pub(crate) fn disconnect(&mut self, around: &mut Around<'_>, flush: Option<u64>) {
        match (self.does, flush) {
            (Does::Nothing, _) => {}
            (Does::Holds { .. }, Some(millis)) => {
                around.book.rule("CON-15 flush");
                self.say(around, "flush");
                self.has_lasted(around, false);
                let until = around.now + millis * 1_000;
                self.does = Does::Flushes { until };
                self.turn(around, ServerState::Flushing);
            }
            (Does::Flushes { .. }, Some(_)) => {}
            _ => {
                self.rest(around);
                self.resume(around);
                let on = self.on.unwrap_or(self.newest);
                self.result(around, on, (ConnectOutcome::NotConnected, None));
                self.let_go(around);
                self.given = None;
            }
        }
    }

    /// There is traffic for the server (CON-16).
    pub(crate) fn call(&mut self, around: &mut Around<'_>) -> &'static str {
        match self.does {
            Does::Holds { .. } => "connected",
            Does::Flushes { .. } => {
                around.book.rule("CON-28");
                "not connected"
            }
            Does::Nothing => {
                if !self.first_call && !self.suspends() && !self.keeps() {
                    around.book.rule("CON-16 later");
                    return "not connected";
                }
                around.book.rule("CON-16");
                let begun = self.connect(around, None, None).is_ok();
                // An attempt may fail at once.
                if begun && self.does != Does::Nothing {
                    "connecting"
                } else {
                    "not connected"
                }
            }
            _ if self.suspends() => {
                self.call_ends_pause(around, None);
                "connecting"
            }
            _ if self.keeps() => "connecting",
            // Only the first call is answered otherwise.
            _ => "not connected",
        }
    }
}
