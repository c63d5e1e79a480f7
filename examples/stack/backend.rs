//! A backend over smoltcp.
//!
//! A firmware can copy this part. It decides nothing: each command becomes one or two calls of the
//! stack, and each event carries the generation of its command.

use lankeeper::{
    Action, Backend, Command, Datagram, Event, Generation, Instant, InterfaceId, IpConfig, Lease,
    Report,
};
use smoltcp::wire::Ipv4Cidr;

use super::card::Card;
use super::{DhcpEvent, NetworkCard, Stack};

/// The driver of a link: everything between power-up and address.
pub trait LinkDriver {
    /// The interface of this link.
    fn interface(&self) -> InterfaceId;

    /// Starts an action of the link.
    fn begin(&mut self, now: Instant, action: Action<'_>);

    /// Stops all actions.
    fn stop(&mut self);

    /// Returns the report that is due at `now`.
    fn next_report(&mut self, now: Instant) -> Option<(Generation, Report)>;

    /// When the next report is due, as far as it depends on time alone.
    fn poll_at(&self) -> Option<Instant>;
}

/// One interface, from its carrier or radio to its sockets.
pub struct StackBackend<L, C = Card> {
    pub stack: Stack<C>,
    pub link: L,
    now: Instant,
    /// The result of the latest power-up.
    power: Option<(Generation, Report)>,
    /// The command that runs the DHCP client.
    dhcp: Option<Generation>,
    /// The payload of the latest datagram, which an event borrows.
    received: Vec<u8>,
}

impl<L: LinkDriver, C: NetworkCard> StackBackend<L, C> {
    /// Creates a backend with the interface powered down.
    pub fn new(stack: Stack<C>, link: L) -> Self {
        Self {
            stack,
            link,
            now: Instant::EPOCH,
            power: None,
            dhcp: None,
            received: Vec::new(),
        }
    }

    /// Sets the time for commands and events.
    pub fn set_now(&mut self, now: Instant) {
        self.now = now;
    }

    /// When to look for events again if no frame comes before.
    pub fn poll_at(&mut self) -> Option<Instant> {
        let link = self.link.poll_at();
        link.into_iter().chain(self.stack.poll_at(self.now)).min()
    }

    /// Receives and sends frames.
    pub fn poll(&mut self) {
        self.stack.poll(self.now);
    }

    /// Returns the next event of the last [`poll`](Self::poll).
    pub fn take_event(&mut self) -> Option<Event<'_>> {
        if let Some((generation, report)) = self.next_report() {
            return Some(Event::Interface {
                interface: self.link.interface(),
                generation,
                report,
            });
        }
        self.next_datagram().map(Event::Datagram)
    }

    fn power_up(&mut self) -> Report {
        match self.stack.power_up() {
            Ok(()) => Report::Ready,
            Err(code) => Report::Fault { code },
        }
    }

    /// Stops the DHCP client and removes the address, wherever it came from.
    fn end_address(&mut self) {
        self.dhcp = None;
        self.stack.stop_dhcp();
    }

    fn set_address(&mut self, ip: IpConfig) {
        let own = ip.prefix();
        self.stack.set_address(
            Ipv4Cidr::new(own.address(), own.length()).into(),
            ip.gateway(),
            ip.name_servers(),
        );
    }

    fn dhcp_report(&mut self) -> Option<(Generation, Report)> {
        let generation = self.dhcp?;
        let report = match self.stack.next_dhcp_event()? {
            DhcpEvent::Lost => Report::LeaseLost,
            DhcpEvent::Lease { cidr, router, dns } => {
                let lease = Lease::new(cidr.address(), cidr.prefix_len()).with_name_servers(dns);
                Report::Lease(match router {
                    Some(router) => lease.with_gateway(router),
                    None => lease,
                })
            }
        };
        Some((generation, report))
    }

    fn next_report(&mut self) -> Option<(Generation, Report)> {
        self.power
            .take()
            .or_else(|| self.link_report())
            .or_else(|| self.dhcp_report())
    }

    /// Returns the next report of the link; a lost link ends the lease and removes the address.
    fn link_report(&mut self) -> Option<(Generation, Report)> {
        let (generation, report) = self.link.next_report(self.now)?;
        if matches!(report, Report::CarrierDown | Report::LinkLost { .. }) {
            self.end_address();
        }
        Some((generation, report))
    }

    fn next_datagram(&mut self) -> Option<Datagram<'_>> {
        let received = self.stack.receive()?;
        self.received.clear();
        self.received.extend_from_slice(received.payload);
        Some(Datagram {
            interface: self.link.interface(),
            source: received.source,
            destination: received.destination,
            payload: &self.received,
        })
    }
}

impl<L: LinkDriver, C: NetworkCard> Backend for StackBackend<L, C> {
    fn execute(&mut self, command: Command<'_>) {
        match command {
            Command::Interface { action, .. } => match action {
                Action::PowerUp(generation) => {
                    self.link.stop();
                    self.end_address();
                    self.power = Some((generation, self.power_up()));
                }
                // A new link needs a new address.
                Action::StartLink(_) | Action::Scan(..) | Action::Join(..) => {
                    self.end_address();
                    self.link.begin(self.now, action);
                }
                Action::StartDhcp(generation) => {
                    self.stack.start_dhcp();
                    self.dhcp = Some(generation);
                }
                Action::SetAddress(_, ip) => {
                    self.end_address();
                    self.set_address(ip);
                }
                Action::Stop => {
                    self.link.stop();
                    self.end_address();
                }
                Action::PowerDown => self.power = None,
                // Actions of other media: the core detects the missing answer by its deadline.
                _ => {}
            },
            Command::Bind { port, .. } => self.stack.bind(port),
            Command::Unbind { port, .. } => self.stack.unbind(port),
            Command::Send(datagram) => self.stack.send(
                datagram.source.port(),
                datagram.destination,
                datagram.payload,
            ),
            _ => {}
        }
    }

    fn next_event(&mut self) -> Option<Event<'_>> {
        self.poll();
        self.take_event()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::cable::{Cable, Carrier};
    use core::net::SocketAddrV4;
    use lankeeper::Prefix;
    use smoltcp::wire::EthernetAddress;

    fn backend() -> StackBackend<Cable> {
        let card = Card::new(EthernetAddress([0x02, 0, 0, 0, 0, 1]));
        let stack = Stack::new(Instant::EPOCH, card, 0);
        StackBackend::new(stack, Cable::new())
    }

    fn execute(backend: &mut StackBackend<Cable>, action: Action) {
        let interface = backend.link.interface();
        backend.execute(Command::Interface { interface, action });
    }

    fn reports(backend: &mut StackBackend<Cable>) -> Vec<Report> {
        core::iter::from_fn(|| match backend.next_event()? {
            Event::Interface { report, .. } => Some(report),
            event => panic!("unexpected event {event:?}"),
        })
        .collect()
    }

    #[test]
    fn power_is_reported_once() {
        let mut backend = backend();
        assert_eq!(reports(&mut backend), []);
        execute(&mut backend, Action::PowerUp(Generation::default()));
        assert_eq!(reports(&mut backend), [Report::Ready]);
        assert_eq!(reports(&mut backend), []);
    }

    #[test]
    fn carrier_is_reported_once_it_is_certain_and_when_it_changes() {
        let mut backend = backend();
        backend.link.set_carrier(Carrier::Negotiating);
        execute(&mut backend, Action::StartLink(Generation::default()));
        assert_eq!(reports(&mut backend), []);
        for (carrier, report) in [
            (Carrier::Present, Report::CarrierUp),
            (Carrier::Absent, Report::CarrierDown),
            (Carrier::Present, Report::CarrierUp),
        ] {
            backend.link.set_carrier(carrier);
            assert_eq!(reports(&mut backend), [report]);
            assert_eq!(reports(&mut backend), []);
        }
        execute(&mut backend, Action::Stop);
        backend.link.set_carrier(Carrier::Absent);
        assert_eq!(reports(&mut backend), [], "no command watches the carrier");
    }

    #[test]
    fn dhcp_sends_only_while_it_is_wanted() {
        let mut backend = backend();
        reports(&mut backend);
        assert!(backend.stack.card.take_sent().is_empty());
        execute(&mut backend, Action::StartDhcp(Generation::default()));
        assert_eq!(
            reports(&mut backend),
            [],
            "no lease yet, and none that was lost"
        );
        assert_eq!(backend.stack.card.take_sent().len(), 1, "a DISCOVER");
        execute(&mut backend, Action::Stop);
        backend.set_now(Instant::from_micros(60_000_000));
        reports(&mut backend);
        assert!(backend.stack.card.take_sent().is_empty());
    }

    #[test]
    fn a_lost_carrier_ends_dhcp() {
        let mut backend = backend();
        backend.link.set_carrier(Carrier::Present);
        execute(&mut backend, Action::StartLink(Generation::default()));
        assert_eq!(reports(&mut backend), [Report::CarrierUp]);
        execute(&mut backend, Action::StartDhcp(Generation::default()));
        backend.link.set_carrier(Carrier::Absent);
        assert_eq!(reports(&mut backend), [Report::CarrierDown]);
        backend.stack.card.take_sent();
        backend.set_now(Instant::from_micros(60_000_000));
        reports(&mut backend);
        assert!(backend.stack.card.take_sent().is_empty());
    }

    #[test]
    fn what_is_to_be_sent_wants_to_be_polled_at_once() {
        let mut backend = backend();
        execute(
            &mut backend,
            Action::SetAddress(Generation::default(), own_address()),
        );
        let interface = backend.link.interface();
        backend.execute(Command::Bind {
            interface,
            port: 7777,
        });
        reports(&mut backend);
        assert_eq!(backend.poll_at(), None);
        let source = SocketAddrV4::new(own_address().address(), 7777);
        let destination = SocketAddrV4::new(own_address().prefix().broadcast(), 9);
        backend.execute(Command::Send(Datagram {
            interface,
            source,
            destination,
            payload: b"x",
        }));
        assert_eq!(backend.poll_at(), Some(Instant::EPOCH));
        reports(&mut backend);
        assert_eq!(backend.stack.card.take_sent().len(), 1);
        assert_eq!(backend.poll_at(), None);
    }

    fn own_address() -> IpConfig {
        let own = Prefix::new([10, 0, 0, 9].into(), 24).unwrap();
        IpConfig::new(own, None, &[]).unwrap()
    }
}
