//! A backend over smoltcp: what the core asks for, done by a stack.
//!
//! This is the part that a firmware copies. It decides nothing: each command becomes one or two
//! calls of the stack, each thing that the stack has to tell becomes one event, with the
//! generation of the command that it belongs to.

use lankeeper::{
    Action, Backend, Command, Datagram, Event, Generation, Instant, InterfaceId, IpConfig, Lease,
    Report,
};
use smoltcp::wire::Ipv4Cidr;

use super::card::Card;
use super::{DhcpNews, NetworkCard, Stack};

/// What ties a device to the LAN: the driver of everything between power and address.
pub trait LinkDriver {
    /// The interface that it is.
    fn interface(&self) -> InterfaceId;

    /// Begins what an action of the link asks for.
    fn begin(&mut self, now: Instant, action: Action<'_>);

    /// Ends all that was begun.
    fn stop(&mut self);

    /// What there is to report at `now`.
    fn next_report(&mut self, now: Instant) -> Option<(Generation, Report)>;

    /// When there will be something to report that nothing but time brings about.
    fn poll_at(&self) -> Option<Instant>;
}

/// One interface, from its carrier or its radio to its sockets.
pub struct StackBackend<L, C = Card> {
    pub stack: Stack<C>,
    pub link: L,
    now: Instant,
    /// What came of the last command to power up.
    power: Option<(Generation, Report)>,
    /// The command that runs the DHCP client.
    dhcp: Option<Generation>,
    /// The last datagram that came in: an event borrows its payload.
    received: Vec<u8>,
}

impl<L: LinkDriver, C: NetworkCard> StackBackend<L, C> {
    /// An interface that is powered down.
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

    /// Sets the time at which commands are executed and events are looked for.
    pub fn set_now(&mut self, now: Instant) {
        self.now = now;
    }

    /// When to look for events again if no frame comes before.
    pub fn poll_at(&mut self) -> Option<Instant> {
        let link = self.link.poll_at();
        link.into_iter().chain(self.stack.poll_at(self.now)).min()
    }

    /// Moves frames in and out.
    pub fn poll(&mut self) {
        self.stack.poll(self.now);
    }

    /// The next event of those that the last [`poll`](Self::poll) brought.
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

    /// Ends the DHCP client and gives the address up, whoever set it.
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
        let report = match self.stack.dhcp_news()? {
            DhcpNews::Lost => Report::LeaseLost,
            DhcpNews::Lease { cidr, router, dns } => {
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

    /// What there is to report of the link; a lost one takes lease and address along.
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
                // A new link, a new address.
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
                // Of other media: the core would notice the missing answer by its deadline.
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
            event => panic!("{event:?} came from nowhere"),
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
        assert_eq!(reports(&mut backend), [], "nobody watches any more");
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
