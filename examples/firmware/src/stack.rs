//! The TCP/IP stack: smoltcp over the Ethernet controller, with static memory only.

use core::net::{Ipv4Addr, SocketAddrV4};

use lankeeper::{Binding, Datagram, Duration, Instant, Lease, Received};
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet, SocketStorage};
use smoltcp::socket::dhcpv4;
use smoltcp::socket::tcp::{self, SocketBuffer};
use smoltcp::socket::udp;
use smoltcp::storage::{PacketBuffer, PacketMetadata};
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr, Ipv4Cidr};

use crate::ethernet::Ethernet;
use crate::failures::Failures;
use crate::server::Server;

/// The longest datagram: a frame of 1500 bytes without the headers of IPv4 and UDP.
pub const MAX_PAYLOAD: usize = 1472;
/// The most bound UDP ports.
pub const PORTS: usize = 2;
/// One per port, one for the DHCP client, one for the connection to the server.
const SOCKETS: usize = PORTS + 2;
/// The payload buffer for what a port receives: two datagrams of full size, and some small ones.
const DATAGRAMS: usize = 4096;
const DATAGRAM_SLOTS: usize = 8;
/// The same for what waits to be sent, of which the socket itself has the first datagram.
const OUTBOX: usize = DATAGRAMS - MAX_PAYLOAD;
const OUTBOX_SLOTS: usize = DATAGRAM_SLOTS - 1;
/// The send and receive buffers of the connection to the server.
const STREAM: usize = 2048;
/// How long a datagram waits for a neighbour that does not answer ARP.
const ARP_TIMEOUT: Duration = Duration::from_secs(3);

/// Error code: no UDP socket is free for another port, or smoltcp does not bind it.
const NO_SOCKET: i32 = 103;
/// Error code: the stack has no room for another datagram, or for an address.
pub const NO_ROOM: i32 = 104;
/// Error code: the neighbour that a datagram is for does not answer.
const NO_NEIGHBOUR: i32 = 105;
/// Error code: a datagram does not fit into a frame.
const TOO_LONG: i32 = 106;

/// The packet buffers. They are all zero, so they cost nothing in the image.
pub struct Buffers {
    received: [[u8; DATAGRAMS]; PORTS],
    outbox: [[u8; OUTBOX]; PORTS],
    sent: [[u8; MAX_PAYLOAD]; PORTS],
    stream: [[u8; STREAM]; 2],
}

impl Buffers {
    pub const fn new() -> Self {
        Self {
            received: [[0; DATAGRAMS]; PORTS],
            outbox: [[0; OUTBOX]; PORTS],
            sent: [[0; MAX_PAYLOAD]; PORTS],
            stream: [[0; STREAM]; 2],
        }
    }
}

/// The memory for the sockets themselves.
pub struct Sockets {
    sockets: [SocketStorage<'static>; SOCKETS],
    received: [[udp::PacketMetadata; DATAGRAM_SLOTS]; PORTS],
    outbox: [[PacketMetadata<SocketAddrV4>; OUTBOX_SLOTS]; PORTS],
    sent: [[udp::PacketMetadata; 1]; PORTS],
}

impl Sockets {
    pub const fn new() -> Self {
        Self {
            sockets: [const { SocketStorage::EMPTY }; SOCKETS],
            received: [[udp::PacketMetadata::EMPTY; DATAGRAM_SLOTS]; PORTS],
            outbox: [[PacketMetadata::EMPTY; OUTBOX_SLOTS]; PORTS],
            sent: [[udp::PacketMetadata::EMPTY; 1]; PORTS],
        }
    }
}

/// The stack of the only interface.
pub struct Stack {
    pub ethernet: Ethernet,
    pub server: Server,
    /// What failed, until it is reported.
    pub failures: Failures,
    interface: Interface,
    sockets: SocketSet<'static>,
    ports: [Port; PORTS],
    dhcp: Option<SocketHandle>,
}

/// A socket for a local UDP port.
struct Port {
    socket: SocketHandle,
    /// The binding of the manager's socket; `None` if the port is free.
    binding: Option<Binding>,
    /// Datagrams behind the one that the socket has. A socket sends in order and does not tell what
    /// it has sent, so it gets one at a time.
    outbox: PacketBuffer<'static, SocketAddrV4>,
    /// The destination of the datagram in the socket, and since when it is there.
    held: Option<(SocketAddrV4, Instant)>,
}

/// An event of the DHCP client.
pub enum DhcpEvent {
    Lease(Lease),
    Lost,
    /// There is no room for the address of a lease.
    Failed,
}

impl Stack {
    /// Creates a stack without an address. `seed` should differ after each boot, because ports and
    /// sequence numbers are drawn from it.
    pub fn new(
        mut ethernet: Ethernet,
        buffers: &'static mut Buffers,
        sockets: &'static mut Sockets,
        mac: [u8; 6],
        seed: u64,
    ) -> Self {
        let mut config = Config::new(EthernetAddress(mac).into());
        config.random_seed = seed;
        let interface = Interface::new(config, &mut ethernet, smoltcp_time(Instant::EPOCH));
        let mut set = SocketSet::new(&mut sockets.sockets[..]);
        let mut received = buffers.received.iter_mut().zip(&mut sockets.received);
        let mut outbox = buffers.outbox.iter_mut().zip(&mut sockets.outbox);
        let mut sent = buffers.sent.iter_mut().zip(&mut sockets.sent);
        let ports = core::array::from_fn(|_| {
            // There are as many buffers as ports.
            let (Some(received), Some(outbox), Some(sent)) =
                (received.next(), outbox.next(), sent.next())
            else {
                unreachable!()
            };
            let socket = udp::Socket::new(
                PacketBuffer::new(&mut received.1[..], &mut received.0[..]),
                PacketBuffer::new(&mut sent.1[..], &mut sent.0[..]),
            );
            Port {
                socket: set.add(socket),
                binding: None,
                outbox: PacketBuffer::new(&mut outbox.1[..], &mut outbox.0[..]),
                held: None,
            }
        });
        let [received, sent] = &mut buffers.stream;
        let connection = set.add(tcp::Socket::new(
            SocketBuffer::new(&mut received[..]),
            SocketBuffer::new(&mut sent[..]),
        ));
        Self {
            ethernet,
            server: Server::new(connection, seed),
            failures: Failures::new(),
            interface,
            sockets: set,
            ports,
            dhcp: None,
        }
    }

    /// Receives and sends frames.
    pub fn poll(&mut self, now: Instant) {
        loop {
            self.interface
                .poll(smoltcp_time(now), &mut self.ethernet, &mut self.sockets);
            let mut is_fed = false;
            for port in &mut self.ports {
                let socket = self.sockets.get_mut(port.socket);
                is_fed |= port.feed(now, socket, &mut self.failures);
            }
            if !is_fed {
                break;
            }
        }
    }

    /// When to poll again if no frame comes before: now while a datagram waits, here or to be sent.
    pub fn poll_at(&mut self, now: Instant) -> Option<Instant> {
        let wanted = self.interface.poll_at(smoltcp_time(now), &self.sockets);
        let wanted =
            wanted.map(|at| Instant::from_micros(u64::try_from(at.total_micros()).unwrap_or(0)));
        let waiting = self.ports.iter().filter_map(|port| match port.held {
            Some((_, since)) => Some(since.saturating_add(ARP_TIMEOUT)),
            None => (!port.outbox.is_empty()).then_some(now),
        });
        let waiting = waiting.min();
        let mut ports = self.ports.iter().map(|port| port.socket);
        let received = ports.any(|socket| self.sockets.get::<udp::Socket>(socket).can_recv());
        let wanted = wanted.into_iter().chain(waiting);
        wanted.chain(received.then_some(now)).min()
    }

    /// Binds a local UDP port.
    pub fn bind(&mut self, binding: Binding) {
        let free = self.ports.iter_mut().find(|port| port.binding.is_none());
        let is_bound = free.is_some_and(|port| {
            let socket = self.sockets.get_mut::<udp::Socket>(port.socket);
            port.binding = socket.bind(binding.port()).ok().map(|()| binding);
            port.binding.is_some()
        });
        if !is_bound {
            self.failures.push(binding.failed(NO_SOCKET));
        }
    }

    /// Closes a local UDP port. What can be sent from there goes first; all else that waits is
    /// dropped.
    pub fn unbind(&mut self, now: Instant, binding: Binding) {
        self.poll(now);
        if let Some(port) = port_of(&mut self.ports, binding) {
            self.sockets.get_mut::<udp::Socket>(port.socket).close();
            (port.binding, port.held) = (None, None);
            while port.outbox.dequeue().is_ok() {}
        }
    }

    /// Takes a datagram that is to be sent from a bound port.
    pub fn send(&mut self, datagram: &Datagram<'_>) {
        let to = datagram.destination;
        let port = port_of(&mut self.ports, datagram.binding);
        let room = port.and_then(|port| port.outbox.enqueue(datagram.payload.len(), to).ok());
        match room {
            Some(room) => room.copy_from_slice(datagram.payload),
            None => self
                .failures
                .push(datagram.binding.send_failed(to, NO_ROOM)),
        }
    }

    /// Moves the next datagram that a bound port has received into the buffer.
    pub fn receive(&mut self, binding: Binding, buffer: &mut [u8]) -> Option<Received> {
        let port = port_of(&mut self.ports, binding)?;
        let socket = self.sockets.get_mut::<udp::Socket>(port.socket);
        let (payload, meta) = socket.recv().ok()?;
        let IpAddress::Ipv4(source) = meta.endpoint.addr;
        let IpAddress::Ipv4(destination) = meta.local_address?;
        let length = payload.len().min(buffer.len());
        buffer[..length].copy_from_slice(&payload[..length]);
        Some(Received {
            source: SocketAddrV4::new(source, meta.endpoint.port),
            destination,
            length: payload.len(),
        })
    }

    /// Sets the address and the default gateway, if any. Returns whether smoltcp has room for both.
    pub fn set_address(&mut self, own: Ipv4Cidr, gateway: Option<Ipv4Addr>) -> bool {
        self.clear_address();
        let mut is_set = false;
        self.interface.update_ip_addrs(|addresses| {
            is_set = addresses.push(IpCidr::Ipv4(own)).is_ok();
        });
        let routes = self.interface.routes_mut();
        is_set && gateway.is_none_or(|gateway| routes.add_default_ipv4_route(gateway).is_ok())
    }

    /// Removes the address; TCP connections end with it.
    pub fn clear_address(&mut self) {
        self.interface
            .update_ip_addrs(|addresses| addresses.clear());
        self.interface.routes_mut().remove_default_ipv4_route();
    }

    /// Starts a new DHCP client, without an address.
    pub fn start_dhcp(&mut self) {
        self.stop_dhcp();
        let mut client = dhcpv4::Socket::new();
        // A new client first reports "no configuration"; discard that here.
        client.poll();
        self.dhcp = Some(self.sockets.add(client));
    }

    /// Stops the DHCP client and removes its address.
    pub fn stop_dhcp(&mut self) {
        if let Some(client) = self.dhcp.take() {
            self.sockets.remove(client);
        }
        self.clear_address();
    }

    /// Returns the next event of the DHCP client, after setting or removing the address.
    pub fn next_dhcp_event(&mut self) -> Option<DhcpEvent> {
        let client = self.sockets.get_mut::<dhcpv4::Socket>(self.dhcp?);
        match client.poll()? {
            dhcpv4::Event::Configured(granted) => {
                let (own, router) = (granted.address, granted.router);
                let lease = Lease::new(own.address(), own.prefix_len())
                    .with_name_servers(granted.dns_servers.iter().copied());
                if !self.set_address(own, router) {
                    return Some(DhcpEvent::Failed);
                }
                Some(DhcpEvent::Lease(match router {
                    Some(router) => lease.with_gateway(router),
                    None => lease,
                }))
            }
            dhcpv4::Event::Deconfigured => {
                // smoltcp's client would ask again at once. lankeeper says when.
                self.stop_dhcp();
                Some(DhcpEvent::Lost)
            }
        }
    }

    /// Runs a closure on the connection to the server.
    pub fn with_server<R>(
        &mut self,
        act: impl FnOnce(&mut Server, &mut tcp::Socket<'static>, &mut smoltcp::iface::Context) -> R,
    ) -> R {
        let socket = self.sockets.get_mut(self.server.socket());
        act(&mut self.server, socket, self.interface.context())
    }

    /// Sends to the server; drops what does not fit into the buffer.
    pub fn send_to_server(&mut self, bytes: &[u8]) {
        self.with_server(|_, socket, _| {
            let _ = socket.send_slice(bytes);
        });
    }

    /// Passes everything that the server has sent to `handle`, in one or more parts.
    pub fn receive_from_server(&mut self, mut handle: impl FnMut(&[u8])) {
        self.with_server(|_, socket, _| {
            while socket.can_recv() {
                let _ = socket.recv(|bytes| {
                    handle(bytes);
                    (bytes.len(), ())
                });
            }
        });
    }
}

impl Port {
    /// Gives the socket the next datagram if it has sent the one before, or drops what waits too
    /// long. Returns whether there is something new to send.
    fn feed(
        &mut self,
        now: Instant,
        socket: &mut udp::Socket<'static>,
        failures: &mut Failures,
    ) -> bool {
        let Some(binding) = self.binding else {
            return false;
        };
        if socket.can_send() {
            self.held = None;
            let Ok((to, payload)) = self.outbox.dequeue() else {
                return false;
            };
            match socket.send_slice(payload, to) {
                Ok(()) => self.held = Some((to, now)),
                Err(_) => failures.push(binding.send_failed(to, TOO_LONG)),
            }
            return true;
        }
        if let Some((to, since)) = self.held
            && now.saturating_duration_since(since) >= ARP_TIMEOUT
        {
            // A silent neighbour would block the port for ever, and closing is the only way to empty
            // a socket.
            failures.push(binding.send_failed(to, NO_NEIGHBOUR));
            while let Ok((to, _)) = self.outbox.dequeue() {
                failures.push(binding.send_failed(to, NO_ROOM));
            }
            self.held = None;
            socket.close();
            if socket.bind(binding.port()).is_err() {
                self.binding = None;
                failures.push(binding.failed(NO_SOCKET));
            }
        }
        false
    }
}

/// The port that is bound for a socket.
fn port_of(ports: &mut [Port], binding: Binding) -> Option<&mut Port> {
    ports.iter_mut().find(|port| port.binding == Some(binding))
}

/// Converts an instant to smoltcp's type.
fn smoltcp_time(now: Instant) -> smoltcp::time::Instant {
    smoltcp::time::Instant::from_micros(i64::try_from(now.as_micros()).unwrap_or(i64::MAX))
}
