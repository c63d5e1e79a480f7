//! A backend whose answers are decoded from bytes.

use core::net::{Ipv4Addr, SocketAddrV4};
use std::collections::{HashSet, VecDeque};

use arbitrary::{Result, Unstructured};
use lankeeper::driver::{SealedSecret, VaultError};
use lankeeper::interface::Step;
use lankeeper::nic::SecretPurpose;
use lankeeper::{
    Action, Backend, Binding, Command, Event, Received, Report, ServerAction, ServerReport,
    ServerTicket, Ticket,
};

use super::operation;
use super::surroundings::good_report;

/// What it was asked, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Command,
    Sent,
    /// For an event: whether there was one, and how many ports were bound.
    Event(bool, usize),
    /// For a datagram, and whether there was one.
    Datagram(bool),
}

pub(super) struct Faulty<'a> {
    pub(super) bytes: Unstructured<'a>,
    is_well: bool,
    events: VecDeque<Event>,
    /// How many more events and datagrams the present flood has.
    flood: usize,
    datagrams: usize,
    tickets: Vec<(Step, Ticket)>,
    /// The steps in force, of either interface, for the time when it is well.
    pending: Vec<(Step, Ticket)>,
    server: Option<(ServerReport, ServerTicket)>,
    pub(super) bound: HashSet<Binding>,
    pub(super) sent: Vec<(Binding, SocketAddrV4)>,
    pub(super) asked: Vec<Asked>,
    pub(super) handed_out: u32,
    pub(super) last_datagram: Option<(Binding, Received)>,
}

impl<'a> Faulty<'a> {
    /// The bytes of every datagram.
    pub(super) const CONTENT: u8 = 0xA5;

    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes: Unstructured::new(bytes),
            is_well: false,
            events: VecDeque::new(),
            flood: 0,
            datagrams: 0,
            tickets: Vec::new(),
            pending: Vec::new(),
            server: None,
            bound: HashSet::new(),
            sent: Vec::new(),
            asked: Vec::new(),
            handed_out: 0,
            last_datagram: None,
        }
    }

    pub(super) fn begin_round(&mut self) {
        self.asked.clear();
    }

    /// How many events and datagrams were taken in this round.
    pub(super) fn taken(&self) -> usize {
        let taken = |asked: &&Asked| matches!(asked, Asked::Event(true, _) | Asked::Datagram(true));
        self.asked.iter().filter(taken).count()
    }

    /// Events go first in the first half of a round, datagrams in the second (DRV-1).
    pub(super) fn check_order(&self) {
        let (mut taken, mut no_event, mut no_datagram) = (0, false, 0);
        for asked in &self.asked {
            let is_first_half = taken < 32;
            match asked {
                Asked::Event(false, _) => no_event = true,
                Asked::Datagram(false) => no_datagram += 1,
                Asked::Event(true, bound) => {
                    let is_turn = is_first_half || no_datagram > 0 || *bound == 0;
                    assert!(is_turn, "an event before a datagram");
                }
                Asked::Datagram(true) => {
                    assert!(!is_first_half || no_event, "a datagram before an event");
                }
                Asked::Command | Asked::Sent => continue,
            }
            if matches!(asked, Asked::Event(true, _) | Asked::Datagram(true)) {
                taken += 1;
                (no_event, no_datagram) = (false, 0);
            }
        }
    }

    /// From now on it does what it should, beginning with what it has left undone.
    pub(super) fn get_well(&mut self) {
        self.is_well = true;
        (self.flood, self.datagrams) = (0, 0);
        for (step, ticket) in &self.pending {
            let report = good_report(*step);
            self.events
                .extend(report.map(|report| ticket.report(report)));
        }
        let server = self.server.take();
        self.events
            .extend(server.map(|(report, ticket)| ticket.report(report)));
    }

    fn act(&mut self, ticket: Ticket, action: &Action<'_>) -> Result<()> {
        let of_other = |pending: &(Step, Ticket)| pending.1.interface() != ticket.interface();
        let Some(step) = action.step() else {
            let powers_down = *action == Action::PowerDown;
            self.pending
                .retain(|it| of_other(it) || !powers_down && it.0 == Step::Power);
            if !self.is_well && self.bytes.ratio(1, 8)? {
                self.events
                    .push_back(ticket.report(Report::Fault { code: 5 }));
            }
            return Ok(());
        };
        self.tickets.push((step, ticket));
        let goes = |other: Step| match step {
            Step::Power => true,
            Step::Dhcp | Step::StaticAddress => other == Step::Dhcp,
            _ => other != Step::Power,
        };
        self.pending.retain(|it| of_other(it) || !goes(it.0));
        self.pending.push((step, ticket));
        if self.is_well || self.bytes.ratio(5, 8)? {
            let report = good_report(step);
            self.events
                .extend(report.map(|report| ticket.report(report)));
            return Ok(());
        }
        let report = match self.bytes.int_in_range(0..=3)? {
            // Never.
            0 => return Ok(()),
            1 => Report::Fault { code: 6 },
            // Twice.
            2 => good_report(step).unwrap_or(Report::Ready),
            _ => operation::report(&mut self.bytes)?,
        };
        self.events.extend([ticket.report(report); 2]);
        Ok(())
    }

    fn serve(&mut self, ticket: ServerTicket, action: &ServerAction<'_>) -> Result<()> {
        let report = match action {
            ServerAction::Resolve(_) => ServerReport::Resolved,
            ServerAction::ReachProxy(_) => ServerReport::ProxyReached,
            ServerAction::Connect(_) => ServerReport::Connected,
            ServerAction::Flush => ServerReport::Flushed,
            _ => {
                self.server = None;
                return Ok(());
            }
        };
        self.server = Some((report, ticket));
        if self.is_well || self.bytes.ratio(3, 4)? {
            self.events.push_back(ticket.report(report));
        } else if self.bytes.arbitrary()? {
            let report = operation::server_report(&mut self.bytes)?;
            self.events.push_back(ticket.report(report));
        }
        Ok(())
    }

    /// An event that nobody waits for, now and then many of them.
    fn unasked(&mut self) -> Result<Option<Event>> {
        if self.flood == 0 && self.bytes.ratio(1, 16)? {
            self.flood = self.bytes.int_in_range(1..=200)?;
        }
        if self.flood == 0 || self.tickets.is_empty() {
            self.flood = 0;
            return Ok(None);
        }
        self.flood -= 1;
        let behind = self.bytes.int_in_range(0..=7)?.min(self.tickets.len() - 1);
        let (_, ticket) = self.tickets[self.tickets.len() - 1 - behind];
        let report = operation::report(&mut self.bytes)?;
        Ok(Some(
            match (self.bytes.int_in_range(0..=7)?, self.sent.last()) {
                (0, Some((binding, to))) => binding.send_failed(*to, 8),
                (1, Some((binding, _))) => binding.failed(8),
                (2, _) => Event::PersistFailed { code: 8 },
                (3, _) if self.server.is_some() => {
                    let (_, ticket) = self.server.unwrap();
                    ticket.report(operation::server_report(&mut self.bytes)?)
                }
                _ => ticket.report(report),
            },
        ))
    }

    fn datagram(&mut self, binding: Binding, buffer: &mut [u8]) -> Result<Option<Received>> {
        if self.datagrams == 0 && self.bytes.ratio(1, 8)? {
            self.datagrams = self.bytes.int_in_range(1..=200)?;
        }
        if self.datagrams == 0 {
            return Ok(None);
        }
        self.datagrams -= 1;
        let source = *self.bytes.choose(&[
            [192, 168, 1, 9],
            [192, 168, 1, 9],
            [192, 168, 1, 50],
            [192, 168, 2, 9],
            [8, 8, 8, 8],
            [192, 168, 1, 255],
        ])?;
        let destination = *self.bytes.choose(&[
            [192, 168, 1, 50],
            [192, 168, 1, 50],
            [255, 255, 255, 255],
            [192, 168, 1, 255],
            [192, 168, 1, 51],
        ])?;
        // It may be longer than the buffer: it is copied as far as it fits.
        let length = *self.bytes.choose(&[3, 3, 0, 64, 65, 65_507, usize::MAX])?;
        let fits = length.min(buffer.len());
        buffer[..fits].fill(Self::CONTENT);
        let received = Received {
            source: SocketAddrV4::new(source.into(), 7),
            destination: Ipv4Addr::from(destination),
            length,
        };
        self.handed_out += 1;
        self.last_datagram = Some((binding, received));
        Ok(Some(received))
    }
}

impl Backend for Faulty<'_> {
    fn execute(&mut self, command: Command<'_>) {
        self.asked.push(Asked::Command);
        let done = match command {
            Command::Interface { ticket, action } => self.act(ticket, &action),
            Command::Server { ticket, action } => self.serve(ticket, &action),
            Command::Bind(binding) => {
                let place = |it: &Binding| (it.interface(), it.port());
                let is_bound = self.bound.iter().any(|it| place(it) == place(&binding));
                assert!(!is_bound, "{binding:?} bound twice");
                self.bound.insert(binding);
                let fails = !self.is_well && self.bytes.ratio(1, 8).unwrap_or(false);
                if fails {
                    self.events.push_back(binding.failed(98));
                }
                Ok(())
            }
            Command::Unbind(binding) => {
                assert!(self.bound.remove(&binding), "{binding:?} is not bound");
                Ok(())
            }
            Command::Send(datagram) => {
                *self.asked.last_mut().unwrap() = Asked::Sent;
                self.sent.push((datagram.binding, datagram.destination));
                Ok(())
            }
            _ => Ok(()),
        };
        done.expect("decoding continues with zeros after the last byte");
    }

    fn next_event(&mut self) -> Option<Event> {
        let event = match self.events.pop_front() {
            None if !self.is_well => self.unasked().expect("decoding continues with zeros"),
            event => event,
        };
        self.asked
            .push(Asked::Event(event.is_some(), self.bound.len()));
        if let Some(Event::BindFailed { binding, .. }) = event {
            // What could not be bound needs no unbind (DRV-6).
            self.bound.remove(&binding);
        }
        event
    }

    fn receive(&mut self, binding: Binding, buffer: &mut [u8]) -> Option<Received> {
        assert!(
            self.bound.contains(&binding),
            "received for what is not bound"
        );
        let datagram = match self.is_well {
            true => None,
            false => self
                .datagram(binding, buffer)
                .expect("decoding continues with zeros"),
        };
        self.asked.push(Asked::Datagram(datagram.is_some()));
        datagram
    }

    fn seal(
        &mut self,
        _: SecretPurpose,
        plaintext: &str,
        sealed: &mut SealedSecret,
    ) -> core::result::Result<(), VaultError> {
        assert!(sealed.as_bytes().is_empty(), "not an empty buffer");
        assert!(!plaintext.is_empty());
        match self.bytes.int_in_range(0..=3) {
            Ok(0) => Err(VaultError::Failed { code: 4 }),
            // More than there is room for.
            Ok(1) => sealed.push(&[1; 300]),
            // Nothing at all.
            Ok(2) => Ok(()),
            _ => sealed.push(plaintext.as_bytes()),
        }
    }
}
