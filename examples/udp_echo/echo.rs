//! The echo server: a manager with one interface and one local socket, and optionally a connection
//! to a server.

use core::error::Error;
use core::net::SocketAddrV4;

use lankeeper::{
    Backend, Config, Delivery, Handle, Instant, InterfaceConfig, InterfaceId, Manager, Nic, Notice,
    SendError, SocketId, State,
};
use log::{debug, info, warn};

use crate::options::Options;
use crate::server::{self, ServerConnection};
use crate::stack::MAX_PAYLOAD;
use crate::status::{Counts, Status};

const INTERFACE: InterfaceId = InterfaceId::ETHERNET;

/// The echo server.
pub struct Echo {
    manager: Manager<1>,
    handle: Handle,
    port: u16,
    socket: SocketId,
    /// Why the port is not bound: the stack's code.
    unbound: Option<i32>,
    server: Option<ServerConnection>,
    announce: Vec<SocketAddrV4>,
    counts: Counts,
}

impl Echo {
    /// Opens the interface. The manager brings it up and keeps it up.
    pub fn open(
        now: Instant,
        options: &Options,
        nic: &Nic,
        seed: u64,
    ) -> Result<Self, Box<dyn Error>> {
        let mut interface = InterfaceConfig::new(INTERFACE);
        if let Some(timeout) = options.dhcp_timeout {
            interface.step_timeouts.dhcp = timeout;
        }
        let mut config = Config::new(seed, [interface]);
        config.policy = server::POLICY;
        let mut manager = Manager::new(&config)?;
        if let Some(address) = options.ip_config()? {
            manager.store_static(now, address);
        }
        if let Some(proxy) = options.proxy()? {
            manager.store_proxy(now, &proxy);
        }
        let handle = manager.open(now, nic)?;
        let server = options.server.as_ref();
        Ok(Self {
            socket: manager.udp_open(now, handle, options.port)?,
            unbound: None,
            manager,
            handle,
            port: options.port,
            server: server.map(|_| ServerConnection::new(now, nic.clone())),
            announce: options.announce.clone(),
            counts: Counts::default(),
        })
    }

    /// Does what is due at `now`.
    pub fn run(&mut self, now: Instant, backend: &mut impl Backend) {
        if let Some(server) = &mut self.server {
            server.run(now, &mut self.manager);
        }
        let mut buffer = [0; MAX_PAYLOAD];
        while let Some(delivery) = self.manager.poll(now, backend, &mut buffer) {
            match delivery {
                Delivery::Notice(notice) => self.handle_notice(now, backend, notice),
                Delivery::Datagram { from, length, .. } => {
                    self.answer(now, backend, from, &buffer[..length]);
                }
            }
        }
    }

    /// When to run again if no frame comes before.
    pub fn poll_at(&self) -> Option<Instant> {
        let manager = self.manager.poll_at().map(|deadline| deadline.at);
        let server = self.server.as_ref().and_then(ServerConnection::poll_at);
        manager.into_iter().chain(server).min()
    }

    /// Disconnects from the server, then closes the interface.
    pub fn close(&mut self, now: Instant, backend: &mut impl Backend) {
        if let Some(mut server) = self.server.take() {
            server.end(now, &mut self.manager);
            self.run(now, backend);
        }
        self.manager.close(now, self.handle);
        self.run(now, backend);
    }

    /// Returns the current status.
    pub fn status(&self, now: Instant, refused_frames: u32) -> Status {
        Status {
            state: self.manager.state(INTERFACE).unwrap_or(State::Unknown),
            reason: self.manager.reason(INTERFACE),
            address: self.manager.ip_config(INTERFACE).map(|ip| ip.prefix()),
            unbound: self.unbound,
            server: self.server.as_ref().map(|_| self.manager.server_state()),
            tokens: self.manager.udp_tokens(now),
            counts: self.counts,
            drops: self.manager.udp_drops(),
            ignored: self.manager.ignored(INTERFACE).unwrap_or_default(),
            refused_frames,
        }
    }

    fn handle_notice(&mut self, now: Instant, backend: &mut impl Backend, notice: Notice) {
        if let Some(server) = &mut self.server {
            server.handle_notice(now, &notice);
        }
        match notice {
            Notice::StateChanged { state, reason, .. } => {
                match reason {
                    Some(reason) => info!("{state} ({}): {reason}", state.code()),
                    None => info!("{state} ({})", state.code()),
                }
                if state == State::Connected {
                    self.log_address();
                    self.send_announcements(now, backend);
                }
            }
            Notice::AddressChanged { .. } => self.log_address(),
            Notice::SendFailed { to, code, .. } => {
                self.counts.lost += 1;
                debug!("not sent to {to} (code {code})");
            }
            Notice::BindFailed { code, .. } => {
                self.unbound = Some(code);
                warn!("port {} is not bound (code {code}): no echo", self.port);
            }
            Notice::StopFailed { interface, code } => {
                warn!("{interface} was not stopped (code {code})");
            }
            Notice::DisconnectFailed { code } => warn!("server: not disconnected (code {code})"),
            Notice::PersistFailed { code } => info!("the settings are not kept (code {code})"),
            Notice::Lagged(count) => warn!("{count} notices were lost"),
            // Notices about the server are handled above. An interface is powered down for good
            // only when it is closed.
            _ => {}
        }
    }

    fn log_address(&self) {
        if let Some(ip) = self.manager.ip_config(INTERFACE) {
            let gateway = ip.gateway().map(|it| format!(", gateway {it}"));
            info!(
                "the address is {}{}",
                ip.prefix(),
                gateway.unwrap_or_default()
            );
        }
    }

    fn send_announcements(&mut self, now: Instant, backend: &mut impl Backend) {
        for to in self.announce.clone() {
            match self.send(now, backend, to, b"udp_echo\n") {
                Ok(()) => info!("announced to {to}"),
                Err(error) => warn!("not announced to {to}: {error}"),
            }
        }
    }

    fn answer(&mut self, now: Instant, backend: &mut impl Backend, to: SocketAddrV4, text: &[u8]) {
        self.counts.received += 1;
        // Two echo servers would answer each other for ever.
        if to.port() == self.port {
            self.counts.unanswered += 1;
            return;
        }
        match self.send(now, backend, to, text) {
            Ok(()) => self.counts.echoed += 1,
            Err(SendError::WouldBlock(_)) => self.counts.limited += 1,
            Err(error) => {
                self.counts.unanswered += 1;
                warn!("no echo to {to}: {error}");
            }
        }
    }

    fn send(
        &mut self,
        now: Instant,
        backend: &mut impl Backend,
        to: SocketAddrV4,
        payload: &[u8],
    ) -> Result<(), SendError> {
        let result = self.manager.send_to(now, backend, self.socket, to, payload);
        // Sending to a forbidden destination closes the socket.
        if result.as_ref().is_err_and(SendError::closes_socket)
            && let Ok(socket) = self.manager.udp_open(now, self.handle, self.port)
        {
            self.socket = socket;
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use core::net::Ipv4Addr;

    use clap::Parser;
    use lankeeper::Duration;
    use smoltcp::wire::{EthernetAddress, Ipv4Cidr};

    use super::*;
    use crate::stack::Stack;
    use crate::stack::backend::StackBackend;
    use crate::stack::cable::{Cable, Carrier};
    use crate::stack::card::{Card, exchange};

    const OWN: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 9);
    const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
    const STRANGER: Ipv4Addr = Ipv4Addr::new(10, 1, 0, 1);
    /// The client's port, and one that equals the echo server's.
    const PORTS: [u16; 2] = [5000, 7777];

    /// An echo server with a static address, and a client at the other end of the cable.
    struct World {
        now: Instant,
        backend: StackBackend<Cable>,
        echo: Echo,
        client: Stack,
    }

    fn stack(last: u8) -> Stack {
        let card = Card::new(EthernetAddress([2, 0, 0, 0, 0, last]));
        Stack::new(Instant::EPOCH, card, last.into())
    }

    impl World {
        fn new(client_address: Ipv4Addr) -> Self {
            Self::announcing(client_address, &[])
        }

        fn announcing(client_address: Ipv4Addr, to: &[&str]) -> Self {
            Self::prepared(client_address, to, |_| {})
        }

        /// With a client, and a backend to which something happens before the echo server begins.
        fn with(happens: impl FnOnce(&mut StackBackend<Cable>)) -> Self {
            Self::prepared(CLIENT, &[], happens)
        }

        fn prepared(
            client_address: Ipv4Addr,
            to: &[&str],
            happens: impl FnOnce(&mut StackBackend<Cable>),
        ) -> Self {
            let arguments = ["udp_echo", "--interface", "a", "--static", "10.0.0.9/24"];
            let announce = to.iter().flat_map(|to| ["--announce", to]);
            let options = Options::parse_from(arguments.into_iter().chain(announce));
            let now = Instant::EPOCH;
            let nic = options.nic().unwrap();
            let mut client = stack(1);
            let address = Ipv4Cidr::new(client_address, 24).into();
            client.set_address(address, None, []).unwrap();
            for port in PORTS {
                client.bind(port).unwrap();
            }
            let mut cable = Cable::new();
            cable.set_carrier(Carrier::Present);
            let mut world = Self {
                now,
                backend: StackBackend::new(stack(9), cable),
                echo: Echo::open(now, &options, &nic, 0).unwrap(),
                client,
            };
            happens(&mut world.backend);
            world.settle();
            world
        }

        /// Runs both ends until nothing is left to do now; returns the answers to the client.
        fn settle(&mut self) -> Vec<(Ipv4Addr, Vec<u8>)> {
            let mut answers = Vec::new();
            loop {
                self.backend.set_now(self.now);
                self.echo.run(self.now, &mut self.backend);
                self.client.poll(self.now);
                for port in PORTS {
                    let mut buffer = [0; 16];
                    while let Some(received) = self.client.receive(port, &mut buffer) {
                        let payload = buffer[..received.length].to_vec();
                        answers.push((*received.source.ip(), payload));
                    }
                }
                let moved = exchange(&mut self.backend.stack.card, &mut self.client.card);
                let wakes = [self.echo.poll_at(), self.backend.poll_at()];
                if !moved && wakes.into_iter().flatten().all(|at| at > self.now) {
                    return answers;
                }
            }
        }

        fn ask(&mut self, to: Ipv4Addr, from_port: u16) -> Vec<(Ipv4Addr, Vec<u8>)> {
            let to = SocketAddrV4::new(to, 7777);
            self.client.send(from_port, to, b"hello").unwrap();
            self.settle()
        }

        fn counts(&self) -> Counts {
            self.echo.status(self.now, 0).counts
        }
    }

    #[test]
    fn unicast_and_broadcast_are_echoed_from_the_own_address() {
        let mut world = World::new(CLIENT);
        for to in [OWN, Ipv4Addr::new(10, 0, 0, 255), Ipv4Addr::BROADCAST] {
            assert_eq!(world.ask(to, PORTS[0]), [(OWN, b"hello".to_vec())], "{to}");
        }
        assert_eq!((world.counts().received, world.counts().echoed), (3, 3));
    }

    #[test]
    fn another_echo_server_is_not_answered() {
        let mut world = World::new(CLIENT);
        assert_eq!(world.ask(OWN, PORTS[1]), []);
        assert_eq!((world.counts().received, world.counts().unanswered), (1, 1));
    }

    #[test]
    fn a_stranger_is_not_answered() {
        let mut world = World::new(STRANGER);
        assert_eq!(world.ask(Ipv4Addr::BROADCAST, PORTS[0]), []);
        assert_eq!(world.counts().received, 0);
        let status = world.echo.status(world.now, 0);
        assert_eq!(status.drops.source, 1, "{status}");
    }

    #[test]
    fn a_flood_is_answered_up_to_the_limit() {
        let mut world = World::new(CLIENT);
        let flood = |world: &mut World| (0..150).map(|_| world.ask(OWN, PORTS[0]).len()).sum();
        let answers: usize = flood(&mut world);
        assert_eq!(answers, 100);
        world.now = world.now.saturating_add(Duration::from_secs(1));
        let answers: usize = flood(&mut world);
        assert_eq!(answers, 25);
        assert_eq!((world.counts().echoed, world.counts().limited), (125, 175));
    }

    #[test]
    fn an_announcement_to_nobody_is_lost() {
        let mut world = World::announcing(CLIENT, &["10.0.0.77:9"]);
        assert_eq!(world.counts().lost, 0);
        world.now = world.now.saturating_add(Duration::from_secs(4));
        world.settle();
        assert_eq!(world.counts().lost, 1);
    }

    #[test]
    fn a_forbidden_announcement_ends_no_echo() {
        let mut world = World::announcing(CLIENT, &["8.8.8.8:9"]);
        assert_eq!(world.ask(OWN, PORTS[0]), [(OWN, b"hello".to_vec())]);
    }

    #[test]
    fn a_port_that_is_taken_is_told() {
        let world = World::with(|backend| backend.stack.bind(7777).unwrap());
        let status = world.echo.status(world.now, 0).to_string();
        assert!(status.contains("port not bound, code 98"), "{status}");
        assert!(status.contains("CONNECTED (1)"), "{status}");
        assert!(
            !World::new(CLIENT)
                .echo
                .status(world.now, 0)
                .to_string()
                .contains("bound")
        );
    }

    #[test]
    fn the_status_shows_everything() {
        let mut world = World::new(CLIENT);
        world.ask(OWN, PORTS[0]);
        let status = world.echo.status(world.now, 0).to_string();
        for part in [
            "CONNECTED (1) 10.0.0.9/24",
            "tokens 99",
            "received 1 echoed 1 limited 0 unanswered 0",
            "dropped 0",
        ] {
            assert!(status.contains(part), "{part}: {status}");
        }
    }
}
