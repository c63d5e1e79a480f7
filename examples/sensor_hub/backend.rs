//! The backend of a simulated device: what the core asks for, done by smoltcp.
//!
//! This is the part that a firmware copies. It decides nothing: each command becomes one or two
//! calls of the stack, each thing that the stack has to tell becomes one event, with the
//! generation of the command that it belongs to.

use lankeeper::{
    Action, Backend, Command, Datagram, Event, Generation, Instant, InterfaceId, IpConfig, Lease,
    Report,
};
use smoltcp::wire::Ipv4Cidr;

use crate::cable::Cable;
use crate::radio::Radio;
use crate::stack::{DhcpNews, Stack};

/// What ties a device to the LAN. Above it both media are the same.
pub enum Link {
    Cable(Cable),
    Radio(Radio),
}

/// One interface, from its carrier or its radio to its sockets.
pub struct StackBackend {
    pub stack: Stack,
    pub link: Link,
    now: Instant,
    /// The command that waits for its `Ready`.
    powering: Option<Generation>,
    /// The command that runs the DHCP client.
    dhcp: Option<Generation>,
    /// The last datagram that came in: an event borrows its payload.
    received: Vec<u8>,
}

impl Link {
    /// The interface that it is.
    pub fn interface(&self) -> InterfaceId {
        match self {
            Self::Cable(_) => InterfaceId::ETHERNET,
            Self::Radio(_) => InterfaceId::WIFI,
        }
    }

    fn begin(&mut self, now: Instant, action: Action<'_>) {
        match (self, action) {
            (Self::Cable(cable), Action::StartLink(generation)) => cable.watch(generation),
            (Self::Radio(radio), Action::Scan(generation, network)) => {
                radio.scan(now, generation, network);
            }
            (Self::Radio(radio), Action::Join(generation, network)) => {
                radio.join(now, generation, network);
            }
            // Of another medium; the core would notice the missing answer by its deadline.
            _ => {}
        }
    }

    fn stop(&mut self) {
        match self {
            Self::Cable(cable) => cable.stop(),
            Self::Radio(radio) => radio.stop(),
        }
    }

    fn next_report(&mut self, now: Instant) -> Option<(Generation, Report)> {
        match self {
            Self::Cable(cable) => cable.next_report(),
            Self::Radio(radio) => radio.next_report(now),
        }
    }

    fn poll_at(&self) -> Option<Instant> {
        match self {
            // It tells at once.
            Self::Cable(_) => None,
            Self::Radio(radio) => radio.poll_at(),
        }
    }
}

impl StackBackend {
    /// An interface that is powered down.
    pub fn new(stack: Stack, link: Link) -> Self {
        Self {
            stack,
            link,
            now: Instant::EPOCH,
            powering: None,
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
        let ready = self
            .powering
            .take()
            .map(|generation| (generation, Report::Ready));
        ready
            .or_else(|| self.link.next_report(self.now))
            .or_else(|| self.dhcp_report())
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

impl Backend for StackBackend {
    fn execute(&mut self, command: Command<'_>) {
        match command {
            Command::Interface { action, .. } => match action {
                Action::PowerUp(generation) => {
                    self.link.stop();
                    self.end_address();
                    self.powering = Some(generation);
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
                Action::PowerDown => self.powering = None,
                // Of other media, see `Link::begin`.
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
        self.stack.poll(self.now);
        if let Some((generation, report)) = self.next_report() {
            return Some(Event::Interface {
                interface: self.link.interface(),
                generation,
                report,
            });
        }
        self.next_datagram().map(Event::Datagram)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cable::Carrier;
    use crate::host::mac;

    fn backend() -> StackBackend {
        let stack = Stack::new(Instant::EPOCH, mac(1), 0);
        StackBackend::new(stack, Link::Cable(Cable::new()))
    }

    fn execute(backend: &mut StackBackend, action: Action) {
        let interface = backend.link.interface();
        backend.execute(Command::Interface { interface, action });
    }

    fn set_carrier(backend: &mut StackBackend, carrier: Carrier) {
        if let Link::Cable(cable) = &mut backend.link {
            cable.set_carrier(carrier);
        }
    }

    fn reports(backend: &mut StackBackend) -> Vec<Report> {
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
        set_carrier(&mut backend, Carrier::Negotiating);
        execute(&mut backend, Action::StartLink(Generation::default()));
        assert_eq!(reports(&mut backend), []);
        for (carrier, report) in [
            (Carrier::Present, Report::CarrierUp),
            (Carrier::Absent, Report::CarrierDown),
            (Carrier::Present, Report::CarrierUp),
        ] {
            set_carrier(&mut backend, carrier);
            assert_eq!(reports(&mut backend), [report]);
            assert_eq!(reports(&mut backend), []);
        }
        execute(&mut backend, Action::Stop);
        set_carrier(&mut backend, Carrier::Absent);
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
}
