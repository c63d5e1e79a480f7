//! The TCP/IP stack: smoltcp over the Ethernet controller, with static memory only.

use core::net::{Ipv4Addr, SocketAddrV4};

use lankeeper::{Datagram, Duration, Instant, Lease, Received};
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet, SocketStorage};
use smoltcp::socket::dhcpv4;
use smoltcp::socket::tcp::{self, SocketBuffer};
use smoltcp::socket::udp::{self, PacketBuffer, PacketMetadata};
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr, Ipv4Cidr};

use crate::ethernet::Ethernet;
use crate::server::Server;

/// The most bound UDP ports.
pub const PORTS: usize = 2;
/// One per port, one for the DHCP client, one for the connection to the server.
const SOCKETS: usize = PORTS + 2;
/// The payload buffer of a socket: two datagrams of full size, and some small ones.
const DATAGRAMS: usize = 4096;
const DATAGRAM_SLOTS: usize = 8;
/// The send and receive buffers of the connection to the server.
const STREAM: usize = 2048;
/// How long a full port waits for a neighbour that does not answer ARP.
const ARP_TIMEOUT: Duration = Duration::from_secs(3);

/// The packet buffers. They are all zero, so they cost nothing in the image.
pub struct Buffers {
    datagrams: [[[u8; DATAGRAMS]; 2]; PORTS],
    stream: [[u8; STREAM]; 2],
}

impl Buffers {
    pub const fn new() -> Self {
        Self {
            datagrams: [[[0; DATAGRAMS]; 2]; PORTS],
            stream: [[0; STREAM]; 2],
        }
    }
}

/// The memory for the sockets themselves.
pub struct Sockets {
    sockets: [SocketStorage<'static>; SOCKETS],
    slots: [[[PacketMetadata; DATAGRAM_SLOTS]; 2]; PORTS],
}

impl Sockets {
    pub const fn new() -> Self {
        Self {
            sockets: [const { SocketStorage::EMPTY }; SOCKETS],
            slots: [[[PacketMetadata::EMPTY; DATAGRAM_SLOTS]; 2]; PORTS],
        }
    }
}

/// The stack of the only interface.
pub struct Stack {
    pub ethernet: Ethernet,
    pub server: Server,
    interface: Interface,
    sockets: SocketSet<'static>,
    ports: [Port; PORTS],
    dhcp: Option<SocketHandle>,
}

/// A socket for a local UDP port.
struct Port {
    socket: SocketHandle,
    /// Since when the send buffer is full.
    full_since: Option<Instant>,
}

/// An event of the DHCP client.
pub enum DhcpEvent {
    Lease(Lease),
    Lost,
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
        let mut memory = buffers.datagrams.iter_mut().zip(&mut sockets.slots);
        let ports = core::array::from_fn(|_| {
            let buffers = memory
                .next()
                .map(|([received, sent], [slots, sent_slots])| {
                    (
                        PacketBuffer::new(&mut slots[..], &mut received[..]),
                        PacketBuffer::new(&mut sent_slots[..], &mut sent[..]),
                    )
                });
            // There are as many buffers as ports.
            let Some((received, sent)) = buffers else {
                unreachable!()
            };
            Port {
                socket: set.add(udp::Socket::new(received, sent)),
                full_since: None,
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
            interface,
            sockets: set,
            ports,
            dhcp: None,
        }
    }

    /// Receives and sends frames.
    pub fn poll(&mut self, now: Instant) {
        self.interface
            .poll(smoltcp_time(now), &mut self.ethernet, &mut self.sockets);
        for port in &mut self.ports {
            let socket = self.sockets.get_mut::<udp::Socket>(port.socket);
            if socket.can_send() || !socket.is_open() {
                port.full_since = None;
                continue;
            }
            let since = *port.full_since.get_or_insert(now);
            if now.saturating_duration_since(since) >= ARP_TIMEOUT {
                // A socket sends in order, so a silent neighbour would block it for ever.
                let local = socket.endpoint();
                socket.close();
                let _ = socket.bind(local);
                port.full_since = None;
            }
        }
    }

    /// When to poll again if no frame comes before: now while a datagram waits.
    pub fn poll_at(&mut self, now: Instant) -> Option<Instant> {
        let wanted = self.interface.poll_at(smoltcp_time(now), &self.sockets);
        let wanted =
            wanted.map(|at| Instant::from_micros(u64::try_from(at.total_micros()).unwrap_or(0)));
        let full = self.ports.iter().filter_map(|port| port.full_since);
        let arp_timeouts = full.map(|since| since.saturating_add(ARP_TIMEOUT));
        let mut ports = self.ports.iter().map(|port| port.socket);
        let received = ports.any(|socket| self.sockets.get::<udp::Socket>(socket).can_recv());
        let wanted = wanted.into_iter().chain(arp_timeouts);
        wanted.chain(received.then_some(now)).min()
    }

    /// Binds a local UDP port; returns whether a socket was free.
    pub fn bind(&mut self, number: u16) -> bool {
        self.port(0)
            .is_some_and(|socket| socket.bind(number).is_ok())
    }

    /// Closes a local UDP port and drops what waits there.
    pub fn unbind(&mut self, number: u16) {
        if let Some(socket) = self.port(number) {
            socket.close();
        }
    }

    /// Sends from a bound port; returns whether there was room for the datagram.
    pub fn send(&mut self, datagram: &Datagram<'_>) -> bool {
        self.port(datagram.source.port()).is_some_and(|socket| {
            let sent = socket.send_slice(datagram.payload, datagram.destination);
            sent.is_ok()
        })
    }

    /// Moves the next datagram that a bound port has received into the buffer.
    pub fn receive(&mut self, number: u16, buffer: &mut [u8]) -> Option<Received> {
        let (payload, meta) = self.port(number)?.recv().ok()?;
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

    /// Sets the address and the default gateway, if any.
    pub fn set_address(&mut self, own: Ipv4Cidr, gateway: Option<Ipv4Addr>) {
        self.clear_address();
        self.interface.update_ip_addrs(|addresses| {
            // There is room for one address.
            let _ = addresses.push(IpCidr::Ipv4(own));
        });
        if let Some(gateway) = gateway {
            let _ = self.interface.routes_mut().add_default_ipv4_route(gateway);
        }
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
                self.set_address(own, router);
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

    /// The socket of a bound port; that of port 0 is one that is free.
    fn port(&mut self, number: u16) -> Option<&mut udp::Socket<'static>> {
        let sockets = &self.sockets;
        let port = self.ports.iter().find(|port| {
            let socket = sockets.get::<udp::Socket>(port.socket);
            socket.endpoint().port == number
        })?;
        Some(self.sockets.get_mut(port.socket))
    }
}

/// Converts an instant to smoltcp's type.
fn smoltcp_time(now: Instant) -> smoltcp::time::Instant {
    smoltcp::time::Instant::from_micros(i64::try_from(now.as_micros()).unwrap_or(i64::MAX))
}
