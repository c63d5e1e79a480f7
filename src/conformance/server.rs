//! The server connection: its steps, a server that hangs up, resets, refuses or is silent.

use super::probe::Probe;
use super::{Bed, Change, Check, Seen, Service, Skip};
use crate::connect::{ServerAction, ServerReport};
use crate::manager::{Event, ServerTicket};

const CHECKS: [Check; 6] = [
    Check::ServerAnswers,
    Check::ServerHungUp,
    Check::ServerReset,
    Check::ServerRefuses,
    Check::ServerSilent,
    Check::Disconnected,
];

impl<B: Bed> Probe<'_, '_, B> {
    pub(super) fn check_server(&mut self) {
        if !self.plan.server {
            for check in CHECKS {
                self.skip(check, Skip::NotPlanned);
            }
            return;
        }
        if self.come_up(Check::Recovers)
            && let Some(ticket) = self.connect(Check::ServerAnswers)
        {
            self.flush(ticket);
            self.lose(Check::ServerHungUp, ticket, Change::ServerHangsUp);
            if let Some(ticket) = self.connect(Check::ServerAnswers) {
                self.lose(Check::ServerReset, ticket, Change::ServerResets);
            }
            self.check_disconnect();
            self.check_refusal();
            self.check_silence();
        }
        self.server_command(ServerAction::Disconnect, None);
        self.end();
    }

    /// Connects, step by step.
    fn connect(&mut self, check: Check) -> Option<ServerTicket> {
        let ticket = self.approach(check)?;
        let connected = |report: &ServerReport| *report == ServerReport::Connected;
        let expected = "Connected, as the answer to Connect";
        let within = self.plan.server_timeout;
        self.next_server_report(check, ticket, within, connected, expected)?;
        Some(ticket)
    }

    /// Watches that nothing is reported of the server.
    fn is_quiet_of_server(&mut self, check: Check, expected: &'static str) -> bool {
        let is_of_server = |event: &Event| matches!(event, Event::Server { report, .. } if *report != ServerReport::Alive);
        let heard = self.hear(self.plan.silence.duration(), is_of_server);
        if let Ok(event) = heard {
            self.fail(check, expected, Seen::Event(event));
        }
        heard.is_err()
    }

    /// A connection lasts, and flushes.
    fn flush(&mut self, ticket: ServerTicket) {
        self.is_quiet_of_server(Check::ServerAnswers, "nothing while the server is there");
        self.server_command(ServerAction::Flush, Some(ticket));
        let flushed = |report: &ServerReport| *report == ServerReport::Flushed;
        let within = self.plan.server_timeout;
        let expected = "Flushed, as the answer to Flush";
        if self
            .next_server_report(Check::ServerAnswers, ticket, within, flushed, expected)
            .is_some()
        {
            self.pass(Check::ServerAnswers);
        }
    }

    /// The server ends a connection.
    fn lose(&mut self, check: Check, ticket: ServerTicket, change: Change) {
        if self.change(check, change) {
            let lost = |report: &ServerReport| matches!(report, ServerReport::Lost { .. });
            let expected = "Lost, with the ticket of Connect";
            if self
                .next_server_report(check, ticket, self.plan.notice, lost, expected)
                .is_some()
            {
                self.pass(check);
            }
        }
        self.server_command(ServerAction::Disconnect, None);
        self.settle();
    }

    /// A connection that is dropped, twice, and an attempt that is.
    fn check_disconnect(&mut self) {
        let expected = "nothing after Disconnect";
        let mut is_right = self.connect(Check::ServerAnswers).is_some();
        self.server_command(ServerAction::Disconnect, None);
        self.server_command(ServerAction::Disconnect, None);
        self.settle();
        self.bed.change(Change::ServerHangsUp);
        is_right &= self.is_quiet_of_server(Check::Disconnected, expected);
        self.server_command(ServerAction::Resolve(self.plan.proxy), None);
        self.server_command(ServerAction::Disconnect, None);
        self.settle();
        is_right &= self.is_quiet_of_server(Check::Disconnected, expected);
        if is_right {
            self.pass(Check::Disconnected);
        }
    }

    fn check_refusal(&mut self) {
        if !self.change(Check::ServerRefuses, Change::Server(Service::Refuses)) {
            return;
        }
        if let Some(ticket) = self.approach(Check::ServerAnswers) {
            let refused = |report: &ServerReport| {
                matches!(
                    report,
                    ServerReport::Unreachable { .. } | ServerReport::ProxyUnreachable { .. }
                )
            };
            let (check, within) = (Check::ServerRefuses, self.plan.server_timeout);
            let expected = "Unreachable, as the answer to Connect";
            if self
                .next_server_report(check, ticket, within, refused, expected)
                .is_some()
            {
                self.pass(check);
            }
        }
        self.retreat();
    }

    /// Nobody answers: whatever the backend reports, it is no connection.
    fn check_silence(&mut self) {
        if !self.change(Check::ServerSilent, Change::Server(Service::IsSilent)) {
            return;
        }
        if self.approach(Check::ServerAnswers).is_some() {
            let connected = |event: &Event| matches!(event, Event::Server { report, .. } if *report == ServerReport::Connected);
            match self.hear(self.plan.silence.duration(), connected) {
                Ok(event) => self.fail(
                    Check::ServerSilent,
                    "no connection to a silent server",
                    Seen::Event(event),
                ),
                Err(_) => self.pass(Check::ServerSilent),
            }
        }
        self.retreat();
    }

    /// Goes as far as the last step.
    fn approach(&mut self, check: Check) -> Option<ServerTicket> {
        let (proxy, within) = (self.plan.proxy, self.plan.server_timeout);
        let ticket = self.server_command(ServerAction::Resolve(proxy), None);
        let resolved = |report: &ServerReport| *report == ServerReport::Resolved;
        let expected = "Resolved, as the answer to Resolve";
        self.next_server_report(check, ticket, within, resolved, expected)?;
        if let Some(proxy) = proxy {
            let ticket = self.server_command(ServerAction::ReachProxy(proxy), None);
            let reached = |report: &ServerReport| *report == ServerReport::ProxyReached;
            let expected = "ProxyReached, as the answer to ReachProxy";
            self.next_server_report(check, ticket, within, reached, expected)?;
        }
        Some(self.server_command(ServerAction::Connect(proxy), None))
    }

    /// The server works again, and is connected.
    fn retreat(&mut self) {
        self.server_command(ServerAction::Disconnect, None);
        self.bed.change(Change::Server(Service::Works));
        self.settle();
        self.connect(Check::Recovers);
        self.server_command(ServerAction::Disconnect, None);
        self.settle();
    }
}
