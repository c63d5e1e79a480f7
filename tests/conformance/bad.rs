//! Backends that do one thing wrong, around a simulated one.

use std::collections::VecDeque;

use core::net::SocketAddrV4;

use lankeeper::conformance::Change;
use lankeeper::interface::Step;
use lankeeper::sim::{Simulated, World};
use lankeeper::{
    Action, Backend, Binding, Command, Duration, Event, Instant, Received, Report, ServerAction,
    ServerReport, ServerTicket, Ticket,
};

use super::bench::{is_of_interface, is_of_server};
use crate::support::name;

/// The port of a plan by default.
const PORT: u16 = 50_000;

/// What a backend does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It never reports the lease.
    MuteDhcp,
    /// It answers the power-up a minute late.
    Slow,
    /// It answers with the ticket of the command before.
    OldTicket,
    /// It reports with tickets that nobody gave.
    MadeUpTicket,
    /// It answers twice.
    Double,
    /// It repeats the last event for ever.
    Endless,
    /// It reports the carrier only when it changes, not to each command that asks.
    OnlyChanges,
    /// It fails an end of what has ended.
    FailsSecondEnd,
    /// It ignores what it does not know.
    Ignorant,
    /// It goes on to report the carrier after a stop.
    WatchesOn,
    /// Its DHCP client sends on after a stop.
    AsksOn,
    /// It sends on after a power-down.
    SendsOn,
    /// It receives on after a power-down.
    ReceivesOn,
    /// It does not notice that the link is gone.
    BlindToLoss,
    /// It does not notice that the link is back.
    BlindToReturn,
    /// It believes in a carrier that is not there.
    BelievesInCarrier,
    /// It joins with any key.
    AnyKey,
    /// It makes a lease up where the server is silent.
    MakesLeaseUp,
    /// It keeps a refusal of the DHCP server for itself.
    HidesRefusal,
    /// It keeps a lease for ever.
    KeepsLease,
    /// It does not notice the end of a session.
    KeepsSession,
    /// It does not notice that the SIM is gone.
    KeepsSim,
    /// It is dead after a lease that was refused.
    NeverRecovers,
    /// It does not answer a flush.
    NeverFlushes,
    /// It does not notice a FIN: its socket is half-closed, and it looks for a reset only.
    DeafToFin,
    /// It does not notice a reset.
    DeafToReset,
    /// It takes a refusal for silence.
    HidesServerRefusal,
    /// It reports a connection as soon as it is asked for one.
    ConnectsAtOnce,
    /// It reports the loss of a connection that it was told to drop.
    TellsItsOwnEnd,
    /// It receives nothing.
    NeverReceives,
    /// It returns how much it copied, not how long a datagram is.
    CutsLength,
    /// It writes beyond the datagram.
    Scribbles,
    /// It keeps what comes to a port, whoever has it.
    KeepsDatagrams,
    /// It hides that a port was not bound.
    HidesBindFailure,
    /// It hides that a datagram was not sent.
    HidesSendFailure,
    /// It hides that settings were not stored.
    HidesPersistFailure,
    /// It answers a command that comes again with the ticket of the first one.
    FirstTicket,
    /// It notices late that the link is back.
    SlowReturn,
    /// It returns the rest of a datagram that was cut as another one.
    KeepsRest,
    /// No flaw: a datagram takes a while to arrive.
    SlowNetwork,
    /// No flaw: it has room for every port.
    ManyPorts,
}

/// A simulated backend, with a flaw or none.
pub(super) struct Bad {
    pub(super) world: World,
    flaw: Option<Flaw>,
    /// The commands and changes so far, by their names.
    pub(super) log: Vec<String>,
    /// The ports that are bound.
    pub(super) bound: Vec<Binding>,
    /// What happened to the world so far, and how many commands there were at the last of it.
    changes: Vec<Change>,
    tickets_at_change: usize,
    /// Frames that the world does not know of.
    pub(super) frames: u32,
    now: Instant,
    queue: VecDeque<(Instant, Event)>,
    /// The commands so far: tickets of the interface and of the server.
    tickets: Vec<Ticket>,
    watching: Option<Ticket>,
    /// What was watched until the stop.
    watches_on: Option<Ticket>,
    /// What the first lease since the power-up was for.
    leased: Option<Ticket>,
    connection: Option<ServerTicket>,
    has_address: bool,
    is_powered: bool,
    was_ended: bool,
    is_dead: bool,
    /// When a datagram on its way is there.
    arrives: Instant,
    /// The datagrams that wait, and those that it should not have.
    waiting: VecDeque<(SocketAddrV4, usize)>,
    kept: VecDeque<(SocketAddrV4, usize)>,
}

impl Bad {
    pub(super) fn new(world: World, flaw: Option<Flaw>) -> Self {
        Self {
            world,
            flaw,
            log: Vec::new(),
            bound: Vec::new(),
            changes: Vec::new(),
            tickets_at_change: 0,
            frames: 0,
            now: Instant::EPOCH,
            queue: VecDeque::new(),
            tickets: Vec::new(),
            watching: None,
            watches_on: None,
            leased: None,
            connection: None,
            has_address: false,
            is_powered: false,
            was_ended: false,
            is_dead: false,
            arrives: Instant::EPOCH,
            waiting: VecDeque::new(),
            kept: VecDeque::new(),
        }
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    fn say(&mut self, event: Event) {
        self.queue.push_back((self.now, event));
    }

    /// Time passes.
    pub(super) fn pass(&mut self, now: Instant) {
        let seconds = now.saturating_duration_since(self.now).as_secs();
        self.now = now;
        let sends = self.has(Flaw::AsksOn) && self.has_address && self.is_powered
            || self.has(Flaw::SendsOn) && !self.is_powered;
        if sends && seconds > 0 {
            self.frames += 1;
        }
    }

    /// The world changes.
    pub(super) fn changed(&mut self, change: Change) {
        self.log.push(format!("{change:?}"));
        self.changes.push(change);
        self.tickets_at_change = self.tickets.len();
    }

    /// A neighbour has sent a datagram.
    pub(super) fn arrived(&mut self, to: SocketAddrV4, length: usize) {
        self.arrives = self.now.saturating_add(Duration::from_millis(200));
        if self.has(Flaw::ReceivesOn) && !self.is_powered {
            self.kept.push_back((to, length));
        }
        if self.is_powered {
            self.waiting.push_back((to, length));
        }
    }

    fn is_after(&self, change: Change) -> bool {
        self.changes.last() == Some(&change)
    }

    fn act(&mut self, ticket: Ticket, action: &Action<'_>) {
        self.tickets.push(ticket);
        self.log.push(name(action).into());
        match action {
            Action::PowerUp => (self.is_powered, self.was_ended) = (true, false),
            Action::StartDhcp => self.has_address = true,
            Action::PowerDown => {
                if self.has(Flaw::FailsSecondEnd) && self.was_ended {
                    self.say(ticket.report(Report::Fault { code: 1 }));
                }
                (self.is_powered, self.has_address, self.was_ended) = (false, false, true);
            }
            _ => {}
        }
    }

    /// Whether the world learns of a command; otherwise it is dealt with here.
    fn takes(&mut self, command: &Command<'_>) -> bool {
        match *command {
            Command::Interface { ticket, ref action } => {
                self.act(ticket, action);
                let is_again = action.step() == Some(Step::Link) && self.watching.is_some();
                match action {
                    Action::StartLink
                        if self.has(Flaw::BelievesInCarrier) && !self.is_plugged() =>
                    {
                        self.say(ticket.report(Report::CarrierUp));
                    }
                    Action::Register if self.has(Flaw::Ignorant) => return false,
                    Action::StartLink if self.has(Flaw::OnlyChanges) && is_again => return false,
                    Action::StartDhcp
                        if self.has(Flaw::MakesLeaseUp)
                            && self.is_after(Change::Dhcp(
                                lankeeper::conformance::Service::IsSilent,
                            )) =>
                    {
                        let lease = lankeeper::Lease::new([192, 168, 2, 51].into(), 24);
                        self.say(ticket.report(Report::Lease(lease)));
                        return false;
                    }
                    _ => {}
                }
                match action {
                    Action::StartLink => self.watching = Some(ticket),
                    Action::Stop => self.watches_on = self.watching.take(),
                    Action::PowerUp | Action::PowerDown => {
                        (self.watching, self.watches_on) = (None, None);
                        self.leased = None;
                    }
                    _ => {}
                }
            }
            Command::Server { ticket, action } => {
                let is_flush = action == ServerAction::Flush;
                if self.has(Flaw::NeverFlushes) && is_flush {
                    return false;
                }
                if self.has(Flaw::ConnectsAtOnce) && matches!(action, ServerAction::Connect(_)) {
                    self.say(ticket.report(ServerReport::Connected));
                }
                if matches!(action, ServerAction::Connect(_)) {
                    self.connection = Some(ticket);
                }
                if self.has(Flaw::TellsItsOwnEnd)
                    && action == ServerAction::Disconnect
                    && let Some(connection) = self.connection.take()
                {
                    let later = self.now.saturating_add(Duration::from_secs(2));
                    let lost = connection.report(ServerReport::Lost { code: 2 });
                    self.queue.push_back((later, lost));
                }
            }
            Command::Bind(binding) => {
                self.log.push(format!("Bind {}", binding.to_bits()));
                self.bound.push(binding);
                return !self.has(Flaw::ManyPorts) || binding.port() == PORT;
            }
            Command::Send(datagram) => {
                self.log.push(format!("Send to {}", datagram.destination));
            }
            Command::Unbind(binding) => {
                self.bound.retain(|it| *it != binding);
                let waiting = core::mem::take(&mut self.waiting);
                if self.has(Flaw::KeepsDatagrams) {
                    self.kept.extend(waiting);
                }
            }
            _ => {}
        }
        true
    }

    /// What this backend makes of an event of the world.
    fn twist(&mut self, event: Event) -> Option<Event> {
        use Flaw as F;
        let is = |of: fn(&Report) -> bool| is_of_interface(&event, of);
        let is_server = |of: fn(&ServerReport) -> bool| is_of_server(&event, of);
        let is_loss = is(|it| {
            matches!(
                it,
                Report::CarrierDown | Report::LinkLost { .. } | Report::RegistrationLost
            )
        });
        let is_lost = is_server(|it| matches!(it, ServerReport::Lost { .. }));
        let is_lease = is(|it| matches!(it, Report::Lease(_)));
        let is_fault = is(|it| matches!(it, Report::Fault { .. }));
        let is_after_loss = matches!(
            self.changes.last(),
            Some(Change::Cable(true) | Change::Coverage(true))
        );
        let Some(flaw) = self.flaw else {
            return Some(event);
        };
        let hides = match flaw {
            F::MuteDhcp => is_lease,
            F::Slow => {
                let is_ready = is(|it| *it == Report::Ready);
                if is_ready {
                    let later = self.now.saturating_add(Duration::from_secs(60));
                    self.queue.push_back((later, event));
                }
                is_ready
            }
            F::Ignorant => is_fault,
            F::BlindToLoss => is_loss,
            F::BlindToReturn => {
                is_after_loss
                    && is(|it| matches!(it, Report::CarrierUp | Report::Registered))
                    && self.tickets.len() == self.tickets_at_change
            }
            F::HidesRefusal => is(|it| matches!(it, Report::LeaseRefused { .. })),
            F::KeepsLease => is(|it| *it == Report::LeaseLost),
            F::KeepsSession => is(|it| matches!(it, Report::PppDown { .. })),
            F::KeepsSim => is(|it| matches!(it, Report::SimFailed { .. })),
            F::DeafToFin => is_lost && self.is_after(Change::ServerHangsUp),
            F::DeafToReset => is_lost && self.is_after(Change::ServerResets),
            F::HidesServerRefusal => is_server(|it| matches!(it, ServerReport::Unreachable { .. })),
            F::ConnectsAtOnce => is_server(|it| *it == ServerReport::Connected),
            F::SlowReturn => {
                let is_late = is_after_loss
                    && is(|it| matches!(it, Report::CarrierUp | Report::Registered))
                    && self.tickets.len() == self.tickets_at_change;
                if is_late {
                    let later = self.now.saturating_add(Duration::from_secs(20));
                    self.queue.push_back((later, event));
                }
                is_late
            }
            F::HidesBindFailure => matches!(event, Event::BindFailed { .. }),
            F::HidesSendFailure => matches!(event, Event::SendFailed { .. }),
            F::HidesPersistFailure => matches!(event, Event::PersistFailed { .. }),
            F::NeverRecovers => {
                let was_dead = self.is_dead;
                self.is_dead |= is(|it| matches!(it, Report::LeaseRefused { .. }));
                was_dead && is(|_| true)
            }
            F::TellsItsOwnEnd => {
                self.connection.take_if(|_| is_lost);
                false
            }
            _ => false,
        };
        (!hides).then_some(event)
    }

    fn is_plugged(&self) -> bool {
        let mut cables = self.changes.iter().rev();
        !matches!(
            cables.find(|it| matches!(it, Change::Cable(_))),
            Some(Change::Cable(false))
        )
    }

    /// The same event with another ticket, or once more.
    fn multiply(&mut self, event: Event) -> Event {
        match (self.flaw, event) {
            (Some(Flaw::OldTicket), Event::Interface { report, .. }) => {
                match self.tickets.iter().rev().nth(1) {
                    Some(older) => older.report(report),
                    None => event,
                }
            }
            (
                Some(Flaw::FirstTicket),
                Event::Interface {
                    ticket,
                    report: report @ Report::Lease(_),
                },
            ) => self.leased.get_or_insert(ticket).report(report),
            (Some(Flaw::MadeUpTicket), Event::Interface { ticket, report }) => {
                Ticket::from_bits(ticket.to_bits() + 500)
                    .unwrap()
                    .report(report)
            }
            (Some(Flaw::Double), event) => {
                self.say(event);
                event
            }
            (
                Some(Flaw::Endless),
                Event::Interface {
                    report: Report::Lease(_),
                    ..
                },
            ) => {
                self.say(event);
                event
            }
            (
                Some(Flaw::AnyKey),
                Event::Interface {
                    ticket,
                    report: Report::WrongKey { .. },
                },
            ) => ticket.report(Report::Joined),
            (_, event) => event,
        }
    }
}

impl Backend for Bad {
    fn execute(&mut self, command: Command<'_>) {
        if self.takes(&command) {
            self.world.execute(command);
        }
    }

    fn next_event(&mut self) -> Option<Event> {
        self.now = self.now.max(self.world.now());
        if let Some((at, event)) = self.queue.front().copied()
            && at <= self.now
        {
            self.queue.pop_front();
            if self.has(Flaw::Endless) {
                self.say(event);
            }
            return Some(event);
        }
        if self.has(Flaw::WatchesOn)
            && self.is_after(Change::Cable(false))
            && let Some(ticket) = self.watches_on.take()
        {
            return Some(ticket.report(Report::CarrierDown));
        }
        loop {
            let event = self.world.next_event()?;
            if let Some(event) = self.twist(event) {
                return Some(self.multiply(event));
            }
        }
    }

    fn receive(&mut self, binding: Binding, buffer: &mut [u8]) -> Option<Received> {
        if let Some((to, length)) = self.kept.front().copied() {
            self.kept.pop_front();
            let bytes = lankeeper::conformance::payload(length);
            for (room, byte) in buffer.iter_mut().zip(bytes) {
                *room = *byte;
            }
            return Some(Received {
                source: "192.168.2.9:4000".parse().unwrap(),
                destination: *to.ip(),
                length,
            });
        }
        if self.has(Flaw::SlowNetwork) && self.now < self.arrives {
            return None;
        }
        let mut received = self.world.receive(binding, buffer)?;
        if self.has(Flaw::NeverReceives) {
            return None;
        }
        let arrived = self.waiting.pop_front();
        let rest = received.length.saturating_sub(buffer.len());
        if self.has(Flaw::KeepsRest)
            && rest > 0
            && let Some((to, _)) = arrived
        {
            self.kept.push_back((to, rest));
        }
        if self.has(Flaw::CutsLength) {
            received.length = received.length.min(buffer.len());
        }
        if self.has(Flaw::Scribbles)
            && let Some(last) = buffer.last_mut()
        {
            *last = 0;
        }
        Some(received)
    }
}
