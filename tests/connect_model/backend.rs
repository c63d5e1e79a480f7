//! The backend of manager and model: it takes commands, and answers them with success or failure.

use lankeeper::{Policy, Report, ServerReport, ServerState, ServerTicket, State, Ticket};

use super::bench::{Bench, keep};
use super::output::{Given, Order};
use super::step::step_of;
use crate::support::good_answer;

impl Bench {
    pub(super) fn report(&mut self, ticket: Ticket, report: Report) {
        let now = self.reach();
        if self.goes_elsewhere(ticket, report) {
            return;
        }
        self.manager.handle_event(now, ticket.report(report));
        self.device.report(ticket, report);
        self.look();
    }

    /// Whether this could be another address of a connection with given settings, under the policy
    /// that then goes on with the stored ones: a try that nobody asks for over any interface.
    fn goes_elsewhere(&self, ticket: Ticket, report: Report) -> bool {
        let server = &self.device.server;
        matches!(report, Report::Lease(_) | Report::PppUp(_))
            && server.policy == Policy::SuspendOnError
            && server.state == ServerState::Connected
            && server.held == Some(ticket.interface())
            && server.is_given()
    }

    pub(super) fn server_report(&mut self, ticket: ServerTicket, report: ServerReport) {
        let now = self.reach();
        self.manager.handle_event(now, ticket.report(report));
        self.device.server_report(ticket, report);
        self.look();
    }

    pub(super) fn answer(&mut self, which: usize) {
        let id = self.ids[which];
        self.take_commands(usize::MAX);
        let interface = self.device.interface(id);
        let Some(report) = good_answer(interface.state) else {
            return;
        };
        let step = step_of(interface.state);
        let mut live = interface.live.iter();
        let (ticket, _) = live
            .find(|(_, other)| Some(*other) == step)
            .expect("a step under way has its command");
        let ticket = *ticket;
        self.report(ticket, report);
    }

    pub(super) fn answer_server(&mut self) {
        self.take_commands(usize::MAX);
        let report = match self.device.server.state {
            ServerState::Resolving => ServerReport::Resolved,
            ServerState::ReachingProxy => ServerReport::ProxyReached,
            ServerState::Connecting => ServerReport::Connected,
            ServerState::Flushing => ServerReport::Flushed,
            _ => return,
        };
        let live = self.device.server.live().expect("a command counts");
        self.server_report(live, report);
    }

    pub(super) fn climb(&mut self) {
        for _ in 0..12 {
            match (self.device.server.state, self.device.server.held) {
                (ServerState::WaitingForInterface, Some(id)) => {
                    let which = self.ids.iter().position(|other| *other == id).unwrap();
                    self.answer(which);
                }
                (
                    ServerState::Resolving | ServerState::ReachingProxy | ServerState::Connecting,
                    _,
                ) => self.answer_server(),
                _ => return,
            }
            self.settle();
            self.compare();
            if self.device.told.len() > 24 {
                self.take_notices();
            }
        }
    }

    /// Takes at most this many commands.
    pub(super) fn take_commands(&mut self, most: usize) {
        for _ in 0..most {
            let Some(command) = self.manager.poll_command() else {
                assert_eq!(self.device.next_order(None), None, "a command is missing");
                return;
            };
            let (order, given) = Order::of(&command);
            let expected = self.device.next_order(given);
            assert_eq!(Some(&order), expected.as_ref());
            self.laws.check_order(&self.manager, &order);
            match given {
                Some(Given::Interface(ticket)) => {
                    let mut ids = self.ids.iter();
                    let which = ids.position(|id| *id == ticket.interface()).unwrap();
                    keep(&mut self.tickets[which], ticket);
                }
                Some(Given::Server(ticket)) => keep(&mut self.server_tickets, ticket),
                Some(Given::Seal(ticket)) => keep(&mut self.seal_tickets, ticket),
                None => {}
            }
            if let Order::Persist(stored) = order {
                self.persisted = stored;
            }
        }
    }

    /// Answers the current step of the server connection with one of the failures that fit.
    pub(super) fn refuse(&mut self, which: usize, code: i32) {
        self.take_commands(usize::MAX);
        let nothing = ServerReport::NoConnectivity { code };
        let fault = ServerReport::Fault { code };
        let unreachable = ServerReport::ProxyUnreachable { code };
        let refused = ServerReport::ProxyRefused { code };
        let answers: &[ServerReport] = match self.device.server.state {
            ServerState::WaitingForInterface => return self.refuse_interface(which, code),
            ServerState::Resolving => &[ServerReport::NotResolved { code }, nothing, fault],
            ServerState::ReachingProxy => &[unreachable, refused, nothing, fault],
            ServerState::Connecting => &[
                ServerReport::Unreachable { code },
                ServerReport::Lost { code },
                unreachable,
                refused,
                nothing,
                fault,
            ],
            ServerState::Connected | ServerState::Flushing => &[
                ServerReport::Lost { code },
                ServerReport::SendTimedOut { code },
                nothing,
                fault,
            ],
            _ => return,
        };
        let live = self.device.server.live().expect("a command counts");
        self.server_report(live, answers[which % answers.len()]);
    }

    fn refuse_interface(&mut self, which: usize, code: i32) {
        let id = self.device.server.held.expect("an interface to wait for");
        let interface = self.device.interface(id);
        let fault = Report::Fault { code };
        let answers: &[Report] = match interface.state {
            State::WifiScanning => &[Report::NetworkNotFound { code }],
            State::WifiJoining | State::WifiWpsing => &[
                Report::WrongKey { code },
                Report::JoinRejected { code },
                Report::LinkLost { code },
            ],
            State::EthernetLinkUp => &[Report::CarrierDown],
            State::WifiDhcping | State::EthernetDhcping => &[Report::LeaseRefused { code }],
            State::CellularWaitingForSim => &[Report::SimFailed { code }],
            State::CellularRegistering => &[Report::RegistrationDenied { code }],
            State::CellularPppConnecting => &[Report::PppDown { code }],
            _ => &[fault],
        };
        let report = answers[which % answers.len()];
        let Some(ticket) = interface.ticket_for(report) else {
            panic!("{interface:?}: no command that {report:?} can answer");
        };
        self.report(ticket, report);
    }

    /// The newest stop or power-down of an interface fails, and the newest disconnect does.
    pub(super) fn fail_to_end(&mut self, which: usize, code: i32) {
        self.take_commands(usize::MAX);
        if let Some(ticket) = self.device.interface(self.ids[which]).ended {
            self.report(ticket, Report::Fault { code });
        }
        if let Some(ticket) = self.device.server.ended {
            self.server_report(ticket, ServerReport::Fault { code });
        }
    }
}
