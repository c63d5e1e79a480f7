//! Drives the server connection of the manager and of the model, and compares what a user can see.

use lankeeper::connect::ServerTimer;
use lankeeper::manager::{ConnectError, OrderError, ServerCall, Wake};
use lankeeper::{AttemptId, Cause, Command, ServerReport, ServerState};

use super::operation::server::{ServerOp, answers, order_of, report_of, span_of};
use super::server::{Around, Does, Server, is_same};
use super::settings::{Given, IDS, network_of, proxy_of};
use super::walk::Walk;

impl<const H: usize, const N: usize> Walk<H, N> {
    /// Has settings stored before anything else happens.
    pub(crate) fn store(&mut self, stored: &Given) {
        let at = self.at();
        if let Some(network) = &stored.network {
            self.manager.store_wifi(at, &network_of(network));
        }
        if let Some(ip) = stored.ip {
            self.manager.store_static(at, ip);
        }
        if let Some(proxy) = &stored.proxy {
            self.manager.store_proxy(at, &proxy_of(proxy));
        }
        while self.manager.poll_command().is_some() {}
        for port in &mut self.ports {
            port.stored = stored.clone();
        }
    }

    /// Lets the server connection of the model act.
    fn with<R>(&mut self, act: impl FnOnce(&mut Server, &mut Around<'_>) -> R) -> R {
        let stopped = core::array::from_fn(|place| {
            let (id, port) = (IDS[place], &self.ports[place]);
            let why = self.manager.reason(id);
            // A try without a network ends at once.
            let has_ended = why.is_some_and(|why| why.cause == Cause::NoCredentials)
                && why.map(|why| why.step) != port.why.map(|why| why.1);
            super::port::is_stopped(self.manager.state(id).unwrap()) && !has_ended
        });
        let waits = if self.server.pauses {
            matches!(self.wakes_alone(), Some((_, ServerTimer::Pause)))
        } else {
            self.manager.server_state() == ServerState::Waiting
        };
        let handles = self.handles.iter().map(|one| format!("{:?}", one.0));
        let mut around = Around {
            ports: &mut self.ports,
            book: &mut self.book,
            now: self.now,
            handles: handles.collect(),
            stopped,
            is_time: self.is_time,
            at: self.fires_at.unwrap_or(self.now),
            waits,
        };
        act(&mut self.server, &mut around)
    }

    /// The server connection hears what has happened to the interfaces.
    pub(crate) fn hear(&mut self) {
        while !self.book.happened.is_empty() {
            let (port, what) = self.book.happened.remove(0);
            self.with(|server, around| server.hears(around, port, what));
        }
        for port in &mut self.ports {
            if core::mem::take(&mut port.looks) {
                port.look_at_news(&mut self.book, self.now);
            }
        }
        if !self.book.happened.is_empty() {
            self.hear();
        }
    }

    pub(crate) fn server_enabled(&mut self, port: usize, on: bool) {
        if !on {
            self.with(|server, around| server.is_disabled(around, port));
        } else {
            self.with(|server, around| server.news(around, Some(port)));
        }
        self.hear();
    }

    fn wakes_alone(&self) -> Option<(u64, ServerTimer)> {
        let mut twin = self.manager.clone();
        for id in IDS {
            twin.set_enabled(self.at(), id, false).unwrap();
        }
        while twin.poll_output().is_some() {}
        let deadline = twin.poll_at()?;
        match deadline.reason {
            Wake::Server(timer) => Some((deadline.at.as_micros(), timer)),
            _ => None,
        }
    }

    /// The manager shows when a wait ends: a clone of it without interfaces has no other deadline.
    pub(crate) fn pin(&mut self) {
        let Some((least, most)) = self.server.wait.filter(|one| one.0 != one.1) else {
            return;
        };
        let Some((at, ServerTimer::Retry | ServerTimer::Pause)) = self.wakes_alone() else {
            return;
        };
        assert!(
            least <= at && at <= most,
            "CON-12: {at} is not between {least} and {most}\n{}",
            self.story()
        );
        self.server.wait = Some((at, at));
    }

    /// Whether something of the server connection was due, and happened.
    pub(crate) fn server_fires(&mut self, port: Option<u64>) -> bool {
        let now = self.now;
        let mut due = self.server.ends();
        let is_over = self.manager.server_state() != ServerState::Waiting;
        due.retain(|(what, window)| {
            window.1 <= now || (*what == "wait" && window.0 <= now && is_over && port.is_none())
        });
        due.sort_by_key(|(what, window)| (window.1, *what != "grace", *what == "wait"));
        let Some((what, window)) = due.first().copied() else {
            if port.is_some() || !core::mem::take(&mut self.server.begins_after) {
                return false;
            }
            self.is_time = false;
            self.with(|server, around| server.go_on(around));
            return true;
        };
        if port.is_some_and(|at| at <= window.1) {
            return false;
        }
        // What it stops is stopped at that instant, though it may be late (TIME-3).
        self.fires_at = Some(window.0);
        for port in &mut self.ports {
            port.due = self.fires_at;
        }
        self.with(|server, around| server.fire(around, what));
        self.fires_at = None;
        for port in &mut self.ports {
            port.due = None;
        }
        self.hear();
        true
    }

    pub(crate) fn server_op(&mut self, op: ServerOp) {
        let at = self.at();
        match op {
            ServerOp::Connect { .. } if self.is_open_question(0, &Given::default()) => return,
            ServerOp::Connect { millis } => {
                let reply = self.manager.connect(at, span_of(millis));
                let id = reply.as_ref().ok().copied();
                let millis = millis.map(u64::from);
                let expected = self.with(|server, around| server.connect(around, id, millis));
                self.replied(reply, expected);
            }
            ServerOp::ConnectWith {
                port,
                settings,
                millis,
            } => {
                let given = Given::with_proxy(settings, port);
                if self.is_open_question(port, &given) {
                    return;
                }
                let names = [["eth0", "ethernet"], ["wl0", "wifi"], ["cell0", "cell"]];
                let name = names[port][usize::from(settings % 2)];
                let nic = given.nic(name);
                let reply = self.manager.connect_with(at, &nic, span_of(millis));
                let id = reply.as_ref().ok().copied();
                let given = Some(given).filter(|given| *given != Given::default());
                let millis = millis.map(u64::from);
                let expected = self.with(|server, around| {
                    server.connect_with(around, id, (port, name), given, millis)
                });
                self.replied(reply, expected);
            }
            ServerOp::Disconnect { millis } => {
                self.manager.disconnect(at, span_of(millis));
                let millis = millis.map(u64::from);
                self.with(|server, around| server.disconnect(around, millis));
            }
            ServerOp::Call if self.has_news() => return,
            ServerOp::Call => self.call(),
            ServerOp::Wake => {
                self.manager.note_wake(at);
                self.server.first_call = true;
            }
            ServerOp::Policy { .. } if self.server.keeps() => return,
            ServerOp::Policy { policy } => {
                self.manager.set_policy(at, policy);
                self.with(|server, around| server.change_policy(around, policy));
            }
            ServerOp::Order { choice } => {
                let order = order_of(choice);
                let ids: Vec<_> = order.iter().map(|port| IDS[*port]).collect();
                let reply = self.manager.set_server_order(at, &ids);
                let twice = order.len() == 3 && order[0] == order[2];
                let expected = twice.then_some(OrderError::Twice(IDS[0]));
                assert_eq!(reply.err(), expected, "CON-14\n{}", self.story());
                if !twice {
                    self.server.order = order;
                    // What is tried goes on, and all of the new order comes after it (CON-22).
                    let server = &mut self.server;
                    server.tried = server.on.into_iter().collect();
                    server.first = server.on;
                    self.with(|server, around| server.news(around, None));
                }
            }
            ServerOp::Select { port } => {
                self.manager.select(at, port.map(|port| IDS[port])).unwrap();
                self.server.selected = port;
                // A connection is tried again over the interface alone that is selected meanwhile.
                let server = &mut self.server;
                let was_up = matches!(server.does, Does::Holds { .. }) || server.grace.is_some();
                let keeps = server.keeps() && !server.asked && server.does != Does::Nothing;
                if (was_up || keeps) && (port.is_none() || port == server.on) {
                    (server.asked_for, server.alone) = (port, port);
                    server.first = server.first.filter(|_| port.is_none());
                }
                self.book.rule("CFG-3 select");
                self.with(|server, around| server.news(around, None));
            }
            ServerOp::Answer => self.server_answer(),
            ServerOp::ComeUp => self.come_up(),
            ServerOp::Report { report, age, code } => {
                let report = report_of(report, code);
                let given = self.server_handed_out.iter().rev();
                let given = given.filter(|one| answers(one.0, report)).nth(age);
                if let Some(given) = given.copied() {
                    self.server_report(given, report);
                }
            }
        }
        self.hear();
    }

    /// Requests about which the rules say nothing: settings for a radio that is open without a
    /// network, and whatever is asked during a flush over an interface with settings of its own.
    fn is_open_question(&self, port: usize, given: &Given) -> bool {
        let radio = &self.ports[port];
        let is_bare = radio.runs_with().0.is_none() || radio.by_wps;
        let is_bare = port == 1 && is_bare;
        let flushes = matches!(self.server.does, Does::Flushes { .. });
        let is_given = *given != Given::default() || self.server.given.is_some();
        (((is_bare && radio.is_held()) || flushes) && is_given) || self.has_news()
    }

    /// Other settings were stored for an interface that goes on with the former ones: what a connection
    /// over it does when it stops is not modelled yet.
    fn has_news(&self) -> bool {
        let mut ports = self.ports.iter();
        ports.any(|port| port.is_held() && port.has_news())
    }

    fn replied(&self, reply: Result<AttemptId, ConnectError>, expected: Result<(), &'static str>) {
        let shown = match reply {
            Ok(_) => Ok(()),
            Err(ConnectError::Suspends) => Err("suspends"),
            Err(ConnectError::Interface(_)) => Err("disabled"),
            Err(ConnectError::Active) => Err("active"),
            Err(ConnectError::NothingToTry) => Err("nothing to try"),
            Err(_) => Err("another error"),
        };
        assert_eq!(
            shown,
            expected,
            "CON-1, shown and expected\n{}",
            self.story()
        );
    }

    fn call(&mut self) {
        let at = self.at();
        let reply = self.manager.server_call(at);
        let expected = self.with(|server, around| server.call(around));
        let shown = match reply {
            Ok(ServerCall::Connected) => "connected",
            Ok(_) => "connecting",
            Err(_) => "not connected",
        };
        assert_eq!(
            shown,
            expected,
            "CON-16, shown and expected\n{}",
            self.story()
        );
    }

    fn server_report(
        &mut self,
        given: (&'static str, u64, lankeeper::ServerTicket),
        report: ServerReport,
    ) {
        let (what, number, ticket) = given;
        if what == "disconnect"
            && self
                .book
                .commands
                .iter()
                .any(|one| one.what == "disconnect")
        {
            return; // which one is the newest only the manager knows
        }
        self.log
            .push(format!("{:>14}{report:?} of {what} {number}", ""));
        self.manager.handle_event(self.at(), ticket.report(report));
        self.with(|server, around| server.report(around, what, number, report));
        self.hear();
    }

    fn server_answer(&mut self) {
        let (what, report) = match self.server.does {
            Does::Asks("resolve") => ("resolve", ServerReport::Resolved),
            Does::Asks("reach proxy") => ("reach proxy", ServerReport::ProxyReached),
            Does::Asks(_) => ("connect", ServerReport::Connected),
            Does::Flushes { .. } => ("flush", ServerReport::Flushed),
            Does::Holds { .. } => ("connect", ServerReport::Alive),
            _ => return,
        };
        let number = self
            .server
            .runs
            .iter()
            .find(|one| one.0 == what)
            .map(|one| one.1);
        let mut given = self.server_handed_out.iter().rev();
        let given = given.find(|one| one.0 == what && Some(one.1) == number);
        if let Some(given) = given.copied() {
            self.server_report(given, report);
        }
    }

    /// Answers whatever is missing for a connection.
    fn come_up(&mut self) {
        for _ in 0..12 {
            match (self.server.does, self.server.on) {
                (Does::Comes, Some(on)) => self.answer(on),
                (Does::Asks(_), _) => self.server_answer(),
                _ => return,
            }
            self.take_commands();
        }
    }

    /// Where a command of the server stands among all that were said.
    pub(crate) fn shown_command(
        command: Command<'_>,
    ) -> (&'static str, String, lankeeper::ServerTicket) {
        use lankeeper::ServerAction as Do;
        let Command::Server { ticket, action } = command else {
            panic!("unexpected: {command:?}");
        };
        let (what, proxy) = match action {
            Do::Resolve(proxy) => ("resolve", proxy),
            Do::ReachProxy(proxy) => ("reach proxy", Some(proxy)),
            Do::Connect(proxy) => ("connect", proxy),
            Do::Flush => ("flush", None),
            Do::Disconnect => ("disconnect", None),
            other => panic!("unexpected: {other:?}"),
        };
        let proxy = proxy.map(|proxy| proxy.address().to_string());
        let with = format!("{} {}", ticket.interface(), proxy.unwrap_or_default());
        (what, with, ticket)
    }

    pub(crate) fn compare_server(&self) {
        let server = &self.server;
        let shown = (
            self.manager.server_state(),
            self.manager.server_interface(),
            self.manager.selected(),
            self.manager.is_suspended(),
            self.manager.policy(),
            self.manager.ended_attempts(),
        );
        let state = match server.does {
            Does::Nothing => ServerState::Disconnected,
            Does::Comes => ServerState::WaitingForInterface,
            Does::Asks("resolve") => ServerState::Resolving,
            Does::Asks("reach proxy") => ServerState::ReachingProxy,
            Does::Asks(_) => ServerState::Connecting,
            Does::Holds { .. } => ServerState::Connected,
            Does::Flushes { .. } => ServerState::Flushing,
            Does::Waits => ServerState::Waiting,
        };
        let expected = (
            state,
            server.on.map(|on| IDS[on]),
            server.selected.map(|port| IDS[port]),
            server.suspended,
            server.policy,
            server.ended,
        );
        assert_eq!(
            shown,
            expected,
            "CON-17, CON-26, shown and expected\n{}\n{server:?}",
            self.story()
        );
        let result = self.manager.last_result().map(|last| {
            let name = last.interface;
            format!(
                "{:?} {name} {:?} {:?}",
                last.attempt, last.outcome, last.code
            )
        });
        let is_told = match (&result, &server.result) {
            (Some(shown), Some(expected)) => is_same(shown, expected),
            (shown, expected) => shown == expected,
        };
        assert!(is_told, "CON-26, shown {result:?}\n{}", self.story());
        let loss = self.manager.server_loss();
        let loss =
            loss.map(|loss| format!("{} {:?} {:?}", loss.interface, loss.outcome, loss.code));
        assert_eq!(loss, server.loss, "CON-26\n{}", self.story());
        for (port, seen) in self.ports.iter().zip(self.manager.snapshot()) {
            let carries = matches!(server.does, Does::Holds { .. } | Does::Flushes { .. });
            let carries = carries && server.on == Some(port.place);
            let shown = (seen.server_holder, seen.carries_server);
            assert_eq!(
                shown,
                (port.server, carries),
                "OPEN-7 {}\n{}",
                seen.interface,
                self.story()
            );
        }
    }
}
