//! Backends that mistake one command for another, around a simulated one.

use std::collections::VecDeque;

use lankeeper::conformance::{Bed, Change, Plan, Traffic, Verdicts, run};
use lankeeper::{
    Action, Backend, Binding, Command, Event, Instant, InterfaceId, Received, Report, ServerAction,
    ServerReport, ServerTicket, Ticket,
};

use super::bad::Bad;
use super::bench::{Bench, is_of_interface, is_of_server, plan};
use crate::support::network;

/// What a backend does with its tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mistake {
    /// None: it reports on the first power-up again, sixty commands later.
    Ancient,
    /// The same for the number before that of the first power-up, which nobody gave.
    BeforeTheFirst,
    /// It reports on a stop that the power is up.
    AnswersStop,
    /// It reports on a disconnect that there is a connection.
    AnswersDisconnect,
    /// It never reports the lease, but that the link has a fault.
    FaultOfLink,
    /// It never reports the connection, but that the name has a fault.
    FaultOfName,
    /// It reports each connection with the ticket of the one before.
    FormerConnection,
    /// It reports each lease twice, with a ticket that nobody gave.
    TwoMadeUp,
    /// The same of each lease after the first power-down.
    MadeUpLater,
    /// None: the server is alive again and again.
    Lively,
}

/// A bed and its backend.
struct Mistaken {
    bench: Bench,
    mistake: Mistake,
    queue: VecDeque<Event>,
    first: Option<Ticket>,
    link: Option<Ticket>,
    name: Option<ServerTicket>,
    connection: Option<ServerTicket>,
    was_down: bool,
    is_done: bool,
}

/// The verdicts of a backend with this mistake.
pub(super) fn verdicts(mistake: Mistake) -> Verdicts {
    let network = network();
    let mut bed = Mistaken {
        bench: Bench::new(InterfaceId::ETHERNET, None),
        mistake,
        queue: VecDeque::new(),
        first: None,
        link: None,
        name: None,
        connection: None,
        was_down: false,
        is_done: false,
    };
    let plan: Plan<'_> = plan(InterfaceId::ETHERNET, &network, None);
    run(&mut bed, &plan)
}

impl Mistaken {
    fn notice(&mut self, ticket: Ticket, action: &Action<'_>) {
        use Mistake as M;
        let first = *self.first.get_or_insert(ticket);
        let given = ticket.to_bits() - first.to_bits();
        let event = match (self.mistake, action) {
            (M::Ancient | M::BeforeTheFirst, Action::PowerUp) if given > 60 && !self.is_done => {
                self.is_done = true;
                let back = u64::from(self.mistake == M::BeforeTheFirst);
                let ticket = Ticket::from_bits(first.to_bits() - back).unwrap();
                ticket.report(Report::Ready)
            }
            (M::AnswersStop, Action::Stop) => ticket.report(Report::Ready),
            (M::FaultOfLink, Action::StartDhcp) => {
                self.link.unwrap().report(Report::Fault { code: 3 })
            }
            _ => return,
        };
        self.queue.push_back(event);
    }

    fn notice_of_server(&mut self, ticket: ServerTicket, action: ServerAction<'_>) {
        use Mistake as M;
        let (times, event) = match (self.mistake, action) {
            (M::AnswersDisconnect, ServerAction::Disconnect) => {
                (1, ticket.report(ServerReport::Connected))
            }
            (M::FaultOfName, ServerAction::Connect(_)) => {
                let fault = ServerReport::Fault { code: 3 };
                (1, self.name.unwrap().report(fault))
            }
            (M::Lively, ServerAction::Flush) => (2, ticket.report(ServerReport::Alive)),
            _ => return,
        };
        self.queue.extend((0..times).map(|_| event));
    }

    /// What becomes of an event of the world.
    fn mistaken(&mut self, event: Event) -> Option<Event> {
        use Mistake as M;
        let is_lease = is_of_interface(&event, |it| matches!(it, Report::Lease(_)));
        let is_connected = is_of_server(&event, |it| *it == ServerReport::Connected);
        match (self.mistake, event) {
            (M::FaultOfLink, _) if is_lease => None,
            (M::FaultOfName, _) if is_connected => None,
            (M::FormerConnection, Event::Server { ticket, report }) if is_connected => {
                let former = self.connection.replace(ticket).unwrap_or(ticket);
                Some(former.report(report))
            }
            (M::TwoMadeUp, Event::Interface { ticket, report }) if is_lease => {
                let made_up = Ticket::from_bits(ticket.to_bits() + 500).unwrap();
                self.queue.push_back(made_up.report(report));
                Some(made_up.report(report))
            }
            (M::MadeUpLater, Event::Interface { ticket, report }) if is_lease && self.was_down => {
                let made_up = Ticket::from_bits(ticket.to_bits() + 500).unwrap();
                Some(made_up.report(report))
            }
            (_, event) => Some(event),
        }
    }
}

impl Backend for Mistaken {
    fn execute(&mut self, command: Command<'_>) {
        match command {
            Command::Interface { ticket, ref action } => {
                match action {
                    Action::StartLink => self.link = Some(ticket),
                    Action::PowerDown => self.was_down = true,
                    _ => {}
                }
                self.notice(ticket, action);
            }
            Command::Server { ticket, action } => {
                if matches!(action, ServerAction::Resolve(_)) {
                    self.name = Some(ticket);
                }
                self.notice_of_server(ticket, action);
            }
            _ => {}
        }
        self.device().execute(command);
    }

    fn next_event(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                return Some(event);
            }
            let event = self.device().next_event()?;
            if let Some(event) = self.mistaken(event) {
                return Some(event);
            }
        }
    }

    fn receive(&mut self, binding: Binding, buffer: &mut [u8]) -> Option<Received> {
        self.device().receive(binding, buffer)
    }
}

impl Mistaken {
    fn device(&mut self) -> &mut Bad {
        self.bench.backend()
    }
}

impl Bed for Mistaken {
    type Backend = Self;

    fn backend(&mut self) -> &mut Self {
        self
    }

    fn now(&mut self) -> Instant {
        self.bench.now()
    }

    fn wait(&mut self, until: Instant) {
        self.bench.wait(until);
    }

    fn change(&mut self, change: Change) -> bool {
        self.bench.change(change)
    }

    fn count(&mut self, traffic: Traffic) -> Option<u32> {
        self.bench.count(traffic)
    }
}
