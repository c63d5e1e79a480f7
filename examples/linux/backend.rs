//! The backend of a Linux host: one interface, and a connection to a server over it.

use std::collections::VecDeque;

use lankeeper::{
    Backend, Binding, Command, Event, Instant, Received, ServerAction, ServerReport, ServerTicket,
};
use log::info;
use nix::errno::Errno;

use super::server::Server;
use crate::endpoint::Endpoint;
use crate::stack::NetworkCard;
use crate::stack::backend::{LinkDriver, StackBackend, UNKNOWN_ACTION};

/// An interface and its connection to the server.
pub struct ServerBackend<L, C> {
    pub interface: StackBackend<L, C>,
    server: Option<Server>,
    now: Instant,
    /// That of the latest server action.
    ticket: Option<ServerTicket>,
    /// The answers to actions that cannot be executed.
    refusals: VecDeque<Event>,
}

impl<L: LinkDriver, C: NetworkCard> ServerBackend<L, C> {
    /// Creates a backend with the interface powered down and the server disconnected.
    pub fn new(interface: StackBackend<L, C>, server: Option<Endpoint>) -> Self {
        Self {
            interface,
            server: server.map(Server::new),
            now: Instant::EPOCH,
            ticket: None,
            refusals: VecDeque::new(),
        }
    }

    /// Sets the time for commands and events.
    pub fn set_now(&mut self, now: Instant) {
        self.now = now;
        self.interface.set_now(now);
    }

    /// When to look for events again if no frame comes before.
    pub fn poll_at(&mut self) -> Option<Instant> {
        let server = self.server.as_ref().and_then(Server::poll_at);
        let refusal = (!self.refusals.is_empty()).then_some(self.now);
        let server = server.into_iter().chain(refusal);
        server.chain(self.interface.poll_at()).min()
    }

    fn begin(&mut self, ticket: ServerTicket, action: ServerAction<'_>) {
        self.ticket = Some(ticket);
        let Some(server) = &mut self.server else {
            let code = Errno::EDESTADDRREQ as i32;
            let refusal = ticket.report(ServerReport::Fault { code });
            // There is nothing to disconnect from.
            if action != ServerAction::Disconnect {
                self.refusals.push_back(refusal);
            }
            return;
        };
        let (now, stack) = (self.now, &mut self.interface.stack);
        match action {
            ServerAction::Resolve(proxy) => server.resolve(stack, proxy),
            ServerAction::ReachProxy(proxy) => server.reach_proxy(now, stack, proxy),
            ServerAction::Connect(proxy) => server.connect(now, stack, proxy),
            ServerAction::Flush => server.flush(),
            ServerAction::Disconnect => server.disconnect(stack),
            _ => {
                let code = UNKNOWN_ACTION;
                let refusal = ticket.report(ServerReport::Fault { code });
                self.refusals.push_back(refusal);
            }
        }
    }

    fn server_event(&mut self) -> Option<Event> {
        let server = self.server.as_mut()?;
        let report = server.next_report(self.now, &mut self.interface.stack)?;
        Some(self.ticket?.report(report))
    }
}

impl<L: LinkDriver, C: NetworkCard> Backend for ServerBackend<L, C> {
    fn execute(&mut self, command: Command<'_>) {
        match command {
            Command::Server { ticket, action } => self.begin(ticket, action),
            Command::Persist(_) => {
                info!("settings are kept until the program ends");
                self.interface.fail_to_persist();
            }
            Command::Seal { .. } => info!("no key to seal secrets with"),
            command => self.interface.execute(command),
        }
    }

    fn next_event(&mut self) -> Option<Event> {
        // Poll only once: whatever a second poll received would wait unseen until the next frame.
        self.interface.poll();
        let refusal = self.refusals.pop_front();
        refusal
            .or_else(|| self.server_event())
            .or_else(|| self.interface.take_event())
    }

    fn receive(&mut self, binding: Binding, buffer: &mut [u8]) -> Option<Received> {
        self.interface.receive(binding, buffer)
    }
}

#[cfg(test)]
mod tests {
    use core::net::Ipv4Addr;

    use smoltcp::phy::{Device, DeviceCapabilities};
    use smoltcp::socket::tcp;
    use smoltcp::wire::{EthernetAddress, Ipv4Cidr};

    use super::*;
    use crate::stack::Stack;
    use crate::stack::backend::tests::ticket;
    use crate::stack::cable::Cable;
    use crate::stack::card::{Card, Incoming, Outgoing};

    const OWN: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 9);
    const PEER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

    /// A card whose peer answers instantly.
    struct Near {
        card: Card,
        peer: Stack,
        waiting: usize,
    }

    impl Near {
        /// Whether a received frame is waiting, which would wake the program.
        fn has_frames(&mut self) -> bool {
            for frame in self.card.take_sent() {
                self.peer.card.receive_frame(frame.into());
            }
            self.peer.poll(Instant::EPOCH);
            for frame in self.peer.card.take_sent() {
                self.card.receive_frame(frame.into());
                self.waiting += 1;
            }
            self.waiting > 0
        }
    }

    impl Device for Near {
        type RxToken<'a> = Incoming;
        type TxToken<'a> = Outgoing<'a>;

        fn receive(&mut self, time: smoltcp::time::Instant) -> Option<(Incoming, Outgoing<'_>)> {
            if !self.has_frames() {
                return None;
            }
            self.waiting -= 1;
            self.card.receive(time)
        }

        fn transmit(&mut self, time: smoltcp::time::Instant) -> Option<Outgoing<'_>> {
            self.card.transmit(time)
        }

        fn capabilities(&self) -> DeviceCapabilities {
            self.card.capabilities()
        }
    }

    impl NetworkCard for Near {
        fn mac(&self) -> EthernetAddress {
            self.card.mac()
        }

        fn power_up(&mut self) -> Result<(), i32> {
            self.card.power_up()
        }
    }

    fn card(last: u8) -> Card {
        Card::new(EthernetAddress([2, 0, 0, 0, 0, last]))
    }

    fn backend(server: Option<&str>) -> ServerBackend<Cable, Near> {
        let mut peer = Stack::new(Instant::EPOCH, card(1), 1);
        peer.set_address(Ipv4Cidr::new(PEER, 24).into(), None, [])
            .unwrap();
        let near = Near {
            card: card(9),
            peer,
            waiting: 0,
        };
        let mut stack = Stack::new(Instant::EPOCH, near, 9);
        stack
            .set_address(Ipv4Cidr::new(OWN, 24).into(), None, [])
            .unwrap();
        let interface = StackBackend::new(stack, Cable::new());
        ServerBackend::new(interface, server.map(|it| it.parse().unwrap()))
    }

    fn listen(backend: &mut ServerBackend<Cable, Near>) {
        let buffer = || tcp::SocketBuffer::new(vec![0; 100]);
        let mut socket = tcp::Socket::new(buffer(), buffer());
        socket.listen(9000).unwrap();
        backend.interface.stack.card.peer.sockets.add(socket);
    }

    /// Returns the reports that an action leads to while time stands still.
    fn reports(
        backend: &mut ServerBackend<Cable, Near>,
        action: ServerAction<'_>,
    ) -> Vec<ServerReport> {
        let ticket = ServerTicket::from_bits(ticket().to_bits()).unwrap();
        backend.execute(Command::Server { ticket, action });
        let mut reports = Vec::new();
        loop {
            while let Some(event) = backend.next_event() {
                match event {
                    Event::Server { report, .. } => reports.push(report),
                    event => panic!("unexpected event {event:?}"),
                }
            }
            if !backend.interface.stack.card.has_frames() {
                return reports;
            }
        }
    }

    #[test]
    fn a_quick_answer_is_not_overlooked() {
        let mut backend = backend(Some("10.0.0.1:9000"));
        // In the second round the neighbour is in the ARP cache, so one frame goes out and one
        // comes back.
        for _ in 0..2 {
            listen(&mut backend);
            let resolve = ServerAction::Resolve(None);
            assert_eq!(reports(&mut backend, resolve), [ServerReport::Resolved]);
            let connect = ServerAction::Connect(None);
            assert_eq!(reports(&mut backend, connect), [ServerReport::Connected]);
            assert_eq!(reports(&mut backend, ServerAction::Disconnect), []);
        }
    }

    #[test]
    fn without_a_server_every_action_is_a_fault() {
        let mut backend = backend(None);
        let resolve = ServerAction::Resolve(None);
        let code = Errno::EDESTADDRREQ as i32;
        assert_eq!(
            reports(&mut backend, resolve),
            [ServerReport::Fault { code }]
        );
        assert_eq!(reports(&mut backend, ServerAction::Disconnect), []);
    }
}
