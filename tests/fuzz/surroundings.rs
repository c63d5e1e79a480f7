//! What a backend knows of a device with one interface: the commands that it was given. It checks
//! that each makes sense after those before it.

use lankeeper::interface::Step;
use lankeeper::{Action, Command, Report, ServerAction, ServerReport, ServerTicket, Ticket};

use super::operation::good_lease;

/// A task for the server connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    Resolve,
    Proxy,
    Connect,
    Flush,
}

/// The commands so far.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    /// The steps in force, the lowest first.
    steps: Vec<(Step, Ticket)>,
    /// The task in force for the server.
    task: Option<(Task, ServerTicket)>,
    /// All tickets, the newest last.
    tickets: Vec<(Step, Ticket)>,
    server_tickets: Vec<(Task, ServerTicket)>,
}

/// What a step stands on: power, link, modem or SIM, registration, session.
fn layer(step: Step) -> usize {
    match step {
        Step::Power => 0,
        Step::Scan | Step::Join | Step::Wps | Step::Link | Step::Modem => 1,
        Step::Dhcp | Step::StaticAddress | Step::Sim => 2,
        Step::Registration => 3,
        Step::Ppp => 4,
        other => panic!("unknown: {other:?}"),
    }
}

impl Surroundings {
    /// Takes a command, and says which step or task it begins.
    pub(super) fn take(&mut self, command: &Command<'_>) -> (Option<Step>, Option<Task>) {
        match command {
            Command::Interface { ticket, action } => (self.act(*ticket, action), None),
            Command::Server { ticket, action } => (None, self.serve(*ticket, action)),
            _ => (None, None),
        }
    }

    fn act(&mut self, ticket: Ticket, action: &Action<'_>) -> Option<Step> {
        let is_on = !self.steps.is_empty();
        let Some(step) = action.step() else {
            assert!(is_on, "{action:?} of what is off");
            let left = if *action == Action::PowerDown { 0 } else { 1 };
            self.steps.truncate(left);
            return None;
        };
        assert!(
            self.tickets.iter().all(|(_, other)| *other != ticket),
            "a ticket twice"
        );
        // A power-up takes the place of the one before (IFC-14).
        assert!(is_on || step == Step::Power, "{action:?} of what is off");
        self.steps.retain(|(other, _)| layer(*other) < layer(step));
        // Nothing is begun on what does not stand.
        let below = self.steps.last().map(|(below, _)| *below);
        match (step, below) {
            (Step::Power, None)
            | (Step::Scan | Step::Join | Step::Wps | Step::Link | Step::Modem, Some(Step::Power))
            | (Step::Dhcp | Step::StaticAddress, Some(Step::Join | Step::Wps | Step::Link))
            | (Step::Sim, Some(Step::Modem))
            | (Step::Registration, Some(Step::Sim))
            | (Step::Ppp, Some(Step::Registration)) => {}
            _ => panic!("{step:?} on {below:?}"),
        }
        self.steps.push((step, ticket));
        self.tickets.push((step, ticket));
        Some(step)
    }

    fn serve(&mut self, ticket: ServerTicket, action: &ServerAction<'_>) -> Option<Task> {
        let before = self.task.map(|(task, _)| task);
        let task = match action {
            ServerAction::Resolve(_) => Task::Resolve,
            ServerAction::ReachProxy(_) => Task::Proxy,
            ServerAction::Connect(_) => Task::Connect,
            ServerAction::Flush => Task::Flush,
            ServerAction::Disconnect => {
                assert!(before.is_some(), "there is nothing to drop");
                self.task = None;
                return None;
            }
            other => panic!("unknown: {other:?}"),
        };
        let is_next = match task {
            Task::Resolve => before.is_none() || before == Some(Task::Resolve),
            Task::Proxy => before == Some(Task::Resolve),
            Task::Connect => matches!(before, Some(Task::Resolve | Task::Proxy)),
            Task::Flush => before == Some(Task::Connect),
        };
        assert!(is_next, "{task:?} after {before:?}");
        self.task = Some((task, ticket));
        self.server_tickets.push((task, ticket));
        Some(task)
    }

    /// The ticket of a command that the report can answer, some behind the newest one.
    pub(super) fn ticket(&self, report: Report, behind: usize) -> Option<Ticket> {
        let mut tickets = self.tickets.iter().rev();
        let of = tickets.by_ref().filter(|(step, _)| is_of(report, *step));
        of.map(|(_, ticket)| *ticket).nth(behind)
    }

    pub(super) fn server_ticket(&self, behind: usize) -> Option<ServerTicket> {
        let ticket = self.server_tickets.iter().rev().nth(behind)?;
        Some(ticket.1)
    }

    /// What a world in which everything works has to say, from the power up.
    pub(super) fn good_news(&self) -> Vec<(Ticket, Report)> {
        let steps = self.steps.iter();
        steps
            .filter_map(|(step, ticket)| Some((*ticket, good_report(*step)?)))
            .collect()
    }

    pub(super) fn newest_step(&self) -> Option<(Step, Ticket)> {
        self.steps.last().copied()
    }

    pub(super) fn good_server_news(&self) -> Option<(ServerTicket, ServerReport)> {
        let (task, ticket) = self.task?;
        let report = match task {
            Task::Resolve => ServerReport::Resolved,
            Task::Proxy => ServerReport::ProxyReached,
            Task::Connect => ServerReport::Connected,
            Task::Flush => ServerReport::Flushed,
        };
        Some((ticket, report))
    }
}

pub(super) fn good_report(step: Step) -> Option<Report> {
    Some(match step {
        Step::Power => Report::Ready,
        Step::Scan => Report::NetworkFound,
        Step::Join | Step::Wps => Report::Joined,
        Step::Link => Report::CarrierUp,
        Step::Dhcp => Report::Lease(good_lease()),
        Step::Modem => Report::ModemAlive,
        Step::Sim => Report::SimReady,
        Step::Registration => Report::Registered,
        Step::Ppp => Report::PppUp(good_lease()),
        _ => return None,
    })
}

/// Whether the pages for backends have the report among those of the step.
fn is_of(report: Report, step: Step) -> bool {
    match report {
        Report::Ready | Report::WpsStarted => step == Step::Power,
        Report::NetworkFound => step == Step::Scan,
        Report::NetworkNotFound { .. } | Report::WrongKey { .. } => {
            matches!(step, Step::Scan | Step::Join | Step::Wps)
        }
        Report::Joined | Report::JoinRejected { .. } | Report::LinkLost { .. } => {
            matches!(step, Step::Join | Step::Wps)
        }
        Report::CarrierUp | Report::CarrierDown => step == Step::Link,
        Report::Lease(_) | Report::LeaseRefused { .. } | Report::LeaseLost => step == Step::Dhcp,
        Report::AddressConflict => matches!(step, Step::Dhcp | Step::StaticAddress),
        Report::ModemAlive => step == Step::Modem,
        Report::SimReady | Report::SimFailed { .. } => step == Step::Sim,
        Report::Registered | Report::RegistrationDenied { .. } | Report::RegistrationLost => {
            step == Step::Registration
        }
        Report::PppUp(_) | Report::PppDown { .. } => step == Step::Ppp,
        _ => true,
    }
}
