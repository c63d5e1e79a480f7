//! An Ethernet port that executes each command at once, unless it is set to fail or to be silent,
//! and in which datagrams wait for each local port.

use core::net::SocketAddrV4;
use std::collections::{BTreeMap, VecDeque};

use lankeeper::{
    Action, Backend, Binding, Command, Event, InterfaceId, Lease, Received, Report, Tickets,
};

pub(crate) struct Port {
    id: InterfaceId,
    pub(crate) tickets: Tickets,
    pub(crate) events: VecDeque<Event>,
    /// The datagrams that wait, by local port.
    inbox: BTreeMap<u16, VecDeque<(SocketAddrV4, Vec<u8>)>>,
    /// Every command, as text.
    pub(crate) executed: Vec<String>,
    /// The payloads that were sent.
    pub(crate) sent: Vec<Vec<u8>>,
    /// Whether the power-up fails.
    pub(crate) fails: bool,
    /// Whether it answers no command.
    pub(crate) is_silent: bool,
    /// How many datagrams of four bytes still come from a neighbour, and to which local port.
    pub(crate) flood: (u16, u32),
    /// The neighbour that sends them.
    pub(crate) flooder: SocketAddrV4,
    /// An event, and how often it still happens.
    pub(crate) event_flood: Option<(Event, u32)>,
}

impl Port {
    pub(crate) fn new(id: InterfaceId) -> Self {
        Self {
            id,
            tickets: Tickets::new(id),
            events: VecDeque::new(),
            inbox: BTreeMap::new(),
            executed: Vec::new(),
            sent: Vec::new(),
            fails: false,
            is_silent: false,
            flood: (0, 0),
            flooder: SocketAddrV4::new(host(id, 9).into(), 9),
            event_flood: None,
        }
    }

    /// A neighbour sends a datagram to a local port.
    pub(crate) fn arrive(&mut self, port: u16, payload: &[u8]) {
        let source = SocketAddrV4::new(host(self.id, 8).into(), 8);
        let datagrams = self.inbox.entry(port).or_default();
        datagrams.push_back((source, payload.to_vec()));
    }

    /// Reports something, with the ticket of the newest command that the report can answer.
    pub(crate) fn happen(&mut self, report: Report) {
        let event = self.tickets.event(report);
        self.events.push_back(event.expect("somebody waits for it"));
    }
}

/// A host of the network at an interface; the device itself is number 50.
pub(crate) fn host(id: InterfaceId, number: u8) -> [u8; 4] {
    [192, 168, 1 + id.number(), number]
}

impl Backend for Port {
    fn execute(&mut self, command: Command<'_>) {
        self.tickets.note(&command);
        self.executed.push(format!("{command:?}"));
        match command {
            Command::Interface { ticket, action } => {
                assert_eq!(ticket.interface(), self.id);
                let report = match action {
                    _ if self.is_silent => return,
                    Action::PowerUp if self.fails => Report::Fault { code: 5 },
                    Action::PowerUp => Report::Ready,
                    Action::StartLink => Report::CarrierUp,
                    Action::StartDhcp => Report::Lease(Lease::new(host(self.id, 50).into(), 24)),
                    _ => return,
                };
                self.events.push_back(ticket.report(report));
            }
            Command::Send(datagram) => self.sent.push(datagram.payload.to_vec()),
            _ => {}
        }
    }

    fn next_event(&mut self) -> Option<Event> {
        match &mut self.event_flood {
            Some((event, left)) if *left > 0 => {
                *left -= 1;
                Some(*event)
            }
            _ => self.events.pop_front(),
        }
    }

    fn receive(&mut self, binding: Binding, buffer: &mut [u8]) -> Option<Received> {
        assert_eq!(binding.interface(), self.id);
        let destination = host(self.id, 50).into();
        let (port, left) = &mut self.flood;
        if *left > 0 && *port == binding.port() {
            *left -= 1;
            buffer
                .iter_mut()
                .zip(left.to_le_bytes())
                .for_each(|(to, byte)| *to = byte);
            return Some(Received {
                source: self.flooder,
                destination,
                length: 4,
            });
        }
        let (source, payload) = self.inbox.get_mut(&binding.port())?.pop_front()?;
        buffer
            .iter_mut()
            .zip(&payload)
            .for_each(|(to, byte)| *to = *byte);
        Some(Received {
            source,
            destination,
            length: payload.len(),
        })
    }
}
