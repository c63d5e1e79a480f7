//! A backend over smoltcp.
//!
//! A firmware can copy this part. It decides nothing: each command becomes one or two calls of the
//! stack, and each event carries the ticket of its command. Datagrams wait in the stack until the
//! manager receives them.

use std::collections::VecDeque;

use lankeeper::{
    Action, Backend, Binding, Command, Event, Instant, InterfaceId, IpConfig, Lease, Received,
    Report, ServerAction, ServerReport, Tickets,
};
use smoltcp::wire::Ipv4Cidr;

use super::card::Card;
use super::{DhcpEvent, NetworkCard, Stack};

/// The code of what a backend cannot do at all, such as an action that its link does not know:
/// `ENOSYS` of Linux.
pub const UNKNOWN_ACTION: i32 = 38;

/// The driver of a link: everything between power-up and address.
pub trait LinkDriver {
    /// The interface of this link.
    fn interface(&self) -> InterfaceId;

    /// Starts an action of the link. An error is the driver's own code.
    fn begin(&mut self, now: Instant, action: Action<'_>) -> Result<(), i32>;

    /// Stops all actions.
    fn stop(&mut self);

    /// Returns the report that is due at `now`.
    fn next_report(&mut self, now: Instant) -> Option<Report>;

    /// When the next report is due, as far as it depends on time alone.
    fn poll_at(&self) -> Option<Instant>;
}

/// One interface, from its carrier or radio to its sockets.
pub struct StackBackend<L, C = Card> {
    pub stack: Stack<C>,
    pub link: L,
    now: Instant,
    tickets: Tickets,
    bound: Vec<Binding>,
    /// How commands ended that end at once.
    answers: VecDeque<Event>,
}

impl<L: LinkDriver, C: NetworkCard> StackBackend<L, C> {
    /// Creates a backend with the interface powered down.
    pub fn new(stack: Stack<C>, link: L) -> Self {
        Self {
            stack,
            now: Instant::EPOCH,
            tickets: Tickets::new(link.interface()),
            link,
            bound: Vec::new(),
            answers: VecDeque::new(),
        }
    }

    /// Sets the time for commands and events.
    pub fn set_now(&mut self, now: Instant) {
        self.now = now;
    }

    /// When to look for events and datagrams again if no frame comes before.
    pub fn poll_at(&mut self) -> Option<Instant> {
        let answer = (!self.answers.is_empty()).then_some(self.now);
        let link = self.link.poll_at();
        let others = answer.into_iter().chain(link);
        others.chain(self.stack.poll_at(self.now)).min()
    }

    /// Receives and sends frames.
    pub fn poll(&mut self) {
        self.stack.poll(self.now);
    }

    /// Returns the next event of the last [`poll`](Self::poll).
    pub fn take_event(&mut self) -> Option<Event> {
        if let Some(answer) = self.answers.pop_front() {
            return Some(answer);
        }
        while let Some(report) = self.link_report().or_else(|| self.dhcp_report()) {
            if let Some(event) = self.tickets.event(report) {
                return Some(event);
            }
        }
        let unsent = self.stack.take_unsent()?;
        let mut bound = self.bound.iter();
        let binding = bound.find(|bound| bound.port() == unsent.from)?;
        Some(binding.send_failed(unsent.to, unsent.code))
    }

    /// Executes an action of the interface. An error is the backend's own code.
    fn begin(&mut self, action: Action<'_>) -> Result<(), i32> {
        // A new link needs a new address, too.
        if action != Action::PowerDown {
            self.stack.stop_dhcp();
        }
        match action {
            Action::PowerUp => {
                self.link.stop();
                self.stack.power_up()?;
            }
            Action::StartDhcp => self.stack.start_dhcp(),
            Action::SetAddress(ip) => self.set_address(ip)?,
            Action::Stop => self.link.stop(),
            Action::PowerDown => {}
            action => self.link.begin(self.now, action)?,
        }
        Ok(())
    }

    /// Reports that settings were not kept.
    pub fn fail_to_persist(&mut self) {
        let code = UNKNOWN_ACTION;
        self.answers.push_back(Event::PersistFailed { code });
    }

    fn set_address(&mut self, ip: IpConfig) -> Result<(), i32> {
        let own = ip.prefix();
        self.stack.set_address(
            Ipv4Cidr::new(own.address(), own.length()).into(),
            ip.gateway(),
            ip.name_servers(),
        )
    }

    /// Returns the next report of the link; a lost link ends the lease and removes the address.
    fn link_report(&mut self) -> Option<Report> {
        let report = self.link.next_report(self.now)?;
        if matches!(report, Report::CarrierDown | Report::LinkLost { .. }) {
            self.stack.stop_dhcp();
        }
        Some(report)
    }

    fn dhcp_report(&mut self) -> Option<Report> {
        Some(match self.stack.next_dhcp_event()? {
            DhcpEvent::Lost => Report::LeaseLost,
            DhcpEvent::Failed(code) => Report::Fault { code },
            DhcpEvent::Lease { cidr, router, dns } => {
                let lease = Lease::new(cidr.address(), cidr.prefix_len()).with_name_servers(dns);
                Report::Lease(match router {
                    Some(router) => lease.with_gateway(router),
                    None => lease,
                })
            }
        })
    }
}

impl<L: LinkDriver, C: NetworkCard> Backend for StackBackend<L, C> {
    fn execute(&mut self, command: Command<'_>) {
        self.tickets.note(&command);
        match command {
            Command::Interface { ticket, action } => {
                let report = match self.begin(action) {
                    Ok(()) if action != Action::PowerUp => return,
                    Ok(()) => Report::Ready,
                    Err(code) => Report::Fault { code },
                };
                self.answers.push_back(ticket.report(report));
            }
            Command::Bind(binding) => match self.stack.bind(binding.port()) {
                Ok(()) => self.bound.push(binding),
                Err(code) => self.answers.push_back(binding.failed(code)),
            },
            Command::Unbind(binding) => {
                self.stack.unbind(self.now, binding.port());
                self.bound.retain(|bound| *bound != binding);
            }
            Command::Send(datagram) => {
                let (binding, to) = (datagram.binding, datagram.destination);
                if let Err(code) = self.stack.send(binding.port(), to, datagram.payload) {
                    self.answers.push_back(binding.send_failed(to, code));
                }
            }
            // A stack alone reaches no server and keeps nothing.
            Command::Server { ticket, action } => {
                let code = UNKNOWN_ACTION;
                // There is nothing to disconnect from.
                if action != ServerAction::Disconnect {
                    let fault = ServerReport::Fault { code };
                    self.answers.push_back(ticket.report(fault));
                }
            }
            Command::Persist(_) => self.fail_to_persist(),
            // `Seal`, without whose answer `current_config` returns nothing (CFG-4). All others are
            // above.
            _ => {}
        }
    }

    fn next_event(&mut self) -> Option<Event> {
        self.poll();
        self.take_event()
    }

    fn receive(&mut self, binding: Binding, buffer: &mut [u8]) -> Option<Received> {
        self.stack.receive(binding.port(), buffer)
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::stack::cable::{Cable, Carrier};
    use crate::stack::card::exchange;
    use crate::stack::{ARP_TIMEOUT, NO_NEIGHBOUR, NO_ROOM, OUTBOX, PORT_IN_USE, TOO_LONG};
    use lankeeper::{
        Config, Delivery, InterfaceConfig, Manager, Nic, Notice, Prefix, SocketId, Ticket,
    };
    use smoltcp::wire::EthernetAddress;

    fn backend() -> StackBackend<Cable> {
        let card = Card::new(EthernetAddress([0x02, 0, 0, 0, 0, 1]));
        let stack = Stack::new(Instant::EPOCH, card, 0);
        StackBackend::new(stack, Cable::new())
    }

    /// A ticket of an interface that powers up.
    pub fn ticket() -> Ticket {
        let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
        let mut manager = Manager::new(&config).unwrap();
        let nic = Nic::named("eth0").unwrap();
        manager.open(Instant::EPOCH, &nic).unwrap();
        match manager.poll_command() {
            Some(Command::Interface { ticket, .. }) => ticket,
            other => panic!("unexpected command {other:?}"),
        }
    }

    fn execute(backend: &mut StackBackend<Cable>, action: Action) {
        let ticket = ticket();
        backend.execute(Command::Interface { ticket, action });
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
        execute(&mut backend, Action::PowerUp);
        assert_eq!(backend.poll_at(), Some(Instant::EPOCH));
        assert_eq!(reports(&mut backend), [Report::Ready]);
        assert_eq!(reports(&mut backend), []);
    }

    #[test]
    fn carrier_is_reported_once_it_is_certain_and_when_it_changes() {
        let mut backend = backend();
        backend.link.set_carrier(Carrier::Negotiating);
        execute(&mut backend, Action::StartLink);
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
        execute(&mut backend, Action::StartDhcp);
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
        execute(&mut backend, Action::StartLink);
        assert_eq!(reports(&mut backend), [Report::CarrierUp]);
        execute(&mut backend, Action::StartDhcp);
        backend.link.set_carrier(Carrier::Absent);
        assert_eq!(reports(&mut backend), [Report::CarrierDown]);
        backend.stack.card.take_sent();
        backend.set_now(Instant::from_micros(60_000_000));
        reports(&mut backend);
        assert!(backend.stack.card.take_sent().is_empty());
    }

    #[test]
    fn an_action_that_no_cable_knows_is_a_fault() {
        let mut backend = backend();
        execute(&mut backend, Action::PingModem);
        let code = UNKNOWN_ACTION;
        assert_eq!(reports(&mut backend), [Report::Fault { code }]);
    }

    /// A manager that is CONNECTED with a static address, its backend and its socket.
    fn connected() -> (Manager<1>, StackBackend<Cable>, SocketId) {
        let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
        let mut manager = Manager::new(&config).unwrap();
        let own = Prefix::new([10, 0, 0, 9].into(), 24).unwrap();
        let ip = IpConfig::new(own, None, &[]).unwrap();
        let nic = Nic::builder("eth0").ip_config(ip).build().unwrap();
        let handle = manager.open(Instant::EPOCH, &nic).unwrap();
        let socket = manager.udp_open(Instant::EPOCH, handle, 7777).unwrap();
        let mut backend = backend();
        backend.link.set_carrier(Carrier::Present);
        (manager, backend, socket)
    }

    /// Polls until nothing is left to do now, and returns the notices about sockets.
    fn run(manager: &mut Manager<1>, backend: &mut StackBackend<Cable>) -> Vec<Notice> {
        let mut notices = Vec::new();
        while let Some(delivery) = manager.poll(backend.now, backend, &mut []) {
            match delivery {
                Delivery::Notice(Notice::StateChanged { .. }) => {}
                Delivery::Notice(notice) => notices.push(notice),
                delivery => panic!("unexpected delivery {delivery:?}"),
            }
        }
        notices
    }

    #[test]
    fn what_is_to_be_sent_wants_to_be_polled_at_once() {
        let (mut manager, mut backend, socket) = connected();
        assert_eq!(run(&mut manager, &mut backend), []);
        assert_eq!(backend.poll_at(), None);
        let to = ("10.0.0.255", 9);
        let sent = manager.send_to(Instant::EPOCH, &mut backend, socket, to, b"x");
        assert_eq!(sent, Ok(()));
        assert_eq!(backend.poll_at(), Some(Instant::EPOCH));
        assert_eq!(run(&mut manager, &mut backend), []);
        assert_eq!(backend.stack.card.take_sent().len(), 1);
        assert_eq!(backend.poll_at(), None);
    }

    #[test]
    fn what_is_not_sent_is_reported_whatever_is_wrong() {
        let (mut manager, mut backend, socket) = connected();
        run(&mut manager, &mut backend);
        let silent = "10.0.0.1:9".parse().unwrap();
        let all = "10.0.0.255:9".parse().unwrap();
        for (to, payload) in [(silent, &b"x"[..]), (silent, b"y"), (all, &[0; 2000])] {
            let sent = manager.send_to(Instant::EPOCH, &mut backend, socket, to, payload);
            assert_eq!(sent, Ok(()));
        }
        assert_eq!(
            run(&mut manager, &mut backend),
            [],
            "nobody has answered yet"
        );
        let at = backend.poll_at().unwrap();
        backend.set_now(at.saturating_add(ARP_TIMEOUT));
        let failed = |to, code| Notice::SendFailed { socket, to, code };
        let expected = [
            failed(silent, NO_NEIGHBOUR),
            failed(silent, NO_NEIGHBOUR),
            failed(all, TOO_LONG),
        ];
        assert_eq!(run(&mut manager, &mut backend), expected);
    }

    #[test]
    fn more_datagrams_than_fit_are_reported() {
        let (mut manager, mut backend, socket) = connected();
        run(&mut manager, &mut backend);
        let binding = backend.bound[0];
        let to = "10.0.0.1:9".parse().unwrap();
        for _ in 0..OUTBOX {
            backend.stack.send(binding.port(), to, b"x").unwrap();
        }
        let sent = manager.send_to(Instant::EPOCH, &mut backend, socket, to, b"x");
        assert_eq!(sent, Ok(()));
        let code = NO_ROOM;
        let failed = Notice::SendFailed { socket, to, code };
        assert_eq!(run(&mut manager, &mut backend), [failed]);
    }

    #[test]
    fn what_was_sent_before_its_socket_is_closed_goes_out() {
        let (mut manager, mut backend, socket) = connected();
        run(&mut manager, &mut backend);
        for to in [("10.0.0.255", 9), ("10.0.0.255", 10)] {
            let sent = manager.send_to(Instant::EPOCH, &mut backend, socket, to, b"x");
            assert_eq!(sent, Ok(()));
        }
        manager.udp_close(Instant::EPOCH, socket);
        assert_eq!(run(&mut manager, &mut backend), []);
        assert_eq!(backend.stack.card.take_sent().len(), 2);
    }

    /// Has a neighbour send datagrams to the device, which lie there then.
    fn arrive(backend: &mut StackBackend<Cable>, payloads: &[&[u8]]) {
        let card = Card::new(EthernetAddress([0x02, 0, 0, 0, 0, 2]));
        let mut peer = Stack::new(Instant::EPOCH, card, 2);
        let address = Ipv4Cidr::new([10, 0, 0, 1].into(), 24);
        peer.set_address(address.into(), None, []).unwrap();
        peer.bind(9).unwrap();
        for payload in payloads {
            let device = "10.0.0.9:7777".parse().unwrap();
            peer.send(9, device, payload).unwrap();
        }
        loop {
            peer.poll(Instant::EPOCH);
            backend.poll();
            if !exchange(&mut peer.card, &mut backend.stack.card) {
                return;
            }
        }
    }

    #[test]
    fn a_datagram_waits_until_it_is_received_and_one_that_is_too_long_is_dropped() {
        let (mut manager, mut backend, socket) = connected();
        run(&mut manager, &mut backend);
        arrive(&mut backend, &[b"too long", b"short"]);
        assert_eq!(backend.poll_at(), Some(Instant::EPOCH));
        let mut buffer = [0; 5];
        let delivery = manager.poll(Instant::EPOCH, &mut backend, &mut buffer);
        let Some(Delivery::Datagram {
            socket: of,
            from,
            length,
            ..
        }) = delivery
        else {
            panic!("unexpected delivery {delivery:?}");
        };
        assert_eq!((of, from), (socket, "10.0.0.1:9".parse().unwrap()));
        assert_eq!(&buffer[..length], b"short");
        assert_eq!(manager.udp_drops().too_long, 1);
        assert_eq!(run(&mut manager, &mut backend), []);
        assert_eq!(backend.poll_at(), None);
    }

    #[test]
    fn what_was_received_survives_what_is_not_sent() {
        let (mut manager, mut backend, socket) = connected();
        run(&mut manager, &mut backend);
        let silent = ("10.0.0.77", 9);
        let sent = manager.send_to(Instant::EPOCH, &mut backend, socket, silent, b"x");
        assert_eq!(sent, Ok(()));
        arrive(&mut backend, &[b"hello"]);
        backend.set_now(Instant::EPOCH.saturating_add(ARP_TIMEOUT));
        backend.poll();
        let mut buffer = [0; 5];
        let delivery = manager.poll(backend.now, &mut backend, &mut buffer);
        assert!(matches!(
            delivery,
            Some(Delivery::Datagram { length: 5, .. })
        ));
        let told = run(&mut manager, &mut backend);
        assert!(matches!(told[..], [Notice::SendFailed { .. }]), "{told:?}");
    }

    #[test]
    fn a_port_that_is_taken_is_reported() {
        let (mut manager, mut backend, socket) = connected();
        backend.stack.bind(7777).unwrap();
        let code = PORT_IN_USE;
        let failed = Notice::BindFailed { socket, code };
        assert_eq!(run(&mut manager, &mut backend), [failed]);
    }
}
