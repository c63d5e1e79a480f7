//! The TCP/IP stack of one host: smoltcp over any network card. Several examples share it, together
//! with the backend on top.

pub mod backend;
pub mod cable;
#[allow(dead_code, reason = "examples with a real card use it only in tests")]
pub mod card;

use core::net::{Ipv4Addr, SocketAddrV4};
use std::collections::VecDeque;

use lankeeper::{Duration, Instant, Received};
use smoltcp::iface::{
    Config, Interface, PollIngressSingleResult, PollResult, SocketHandle, SocketSet,
};
use smoltcp::phy::Device;
use smoltcp::socket::{dhcpv4, udp};
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr, IpListenEndpoint, Ipv4Cidr};

use card::Card;

/// The most datagrams per port that wait for the neighbour's address: one full burst of the rate
/// limiter.
const OUTBOX: usize = 100;
/// How long a datagram waits for an ARP answer; smoltcp repeats the query every second.
const ARP_TIMEOUT: Duration = Duration::from_millis(3_500);
/// The shortest time between two polls, as in firmware with a tick.
const TICK: Duration = Duration::from_millis(1);
/// The longest payload of a datagram, in bytes.
pub const MAX_PAYLOAD: usize = 1472;

/// The codes of failures, the error numbers of Linux: `EINVAL`, `ENOSPC`, `EMSGSIZE`, `EADDRINUSE`,
/// `ENOBUFS`, `EHOSTUNREACH`.
const NO_PORT: i32 = 22;
const NO_SPACE: i32 = 28;
const TOO_LONG: i32 = 90;
const PORT_IN_USE: i32 = 98;
const NO_ROOM: i32 = 105;
const NO_NEIGHBOUR: i32 = 113;

/// A network card, as seen by the stack and its backend.
pub trait NetworkCard: Device {
    /// The MAC address, which may change at each power-up.
    fn mac(&self) -> EthernetAddress;

    /// Powers the card up, or restarts it if it is already up. An error is the driver's own code.
    fn power_up(&mut self) -> Result<(), i32>;
}

/// The stack and the card of one host.
pub struct Stack<C = Card> {
    pub card: C,
    /// smoltcp's own parts are public, so that other sockets than UDP can be added.
    pub interface: Interface,
    pub sockets: SocketSet<'static>,
    /// The name servers that came with the address.
    pub name_servers: Vec<Ipv4Addr>,
    ports: Vec<Port>,
    dhcp: Option<SocketHandle>,
    unsent: VecDeque<Unsent>,
}

/// A bound UDP port.
struct Port {
    number: u16,
    socket: SocketHandle,
    /// Datagrams behind the one that the socket holds. A socket sends in order, so one silent
    /// neighbour would block it; with the outbox, a single datagram can be dropped.
    outbox: VecDeque<(SocketAddrV4, Vec<u8>)>,
    /// The destination of the datagram in the socket, and since when it is there.
    held: (SocketAddrV4, Instant),
}

/// A datagram that waited and was not sent: no neighbour answered, or it does not fit into a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsent {
    pub from: u16,
    pub to: SocketAddrV4,
    pub code: i32,
}

/// An event of the DHCP client.
pub enum DhcpEvent {
    /// A first or changed lease; smoltcp does not report mere renewals.
    Lease {
        cidr: Ipv4Cidr,
        router: Option<Ipv4Addr>,
        dns: Vec<Ipv4Addr>,
    },
    /// The lease expired, or the server withdrew it.
    Lost,
    /// A lease could not be set, with the code.
    Failed(i32),
}

impl<C: NetworkCard> Stack<C> {
    /// Creates a stack without address, sockets and DHCP client.
    pub fn new(now: Instant, mut card: C, seed: u64) -> Self {
        let mut config = Config::new(card.mac().into());
        config.random_seed = seed;
        let interface = Interface::new(config, &mut card, smoltcp_time(now));
        Self {
            card,
            interface,
            sockets: SocketSet::new(Vec::new()),
            name_servers: Vec::new(),
            ports: Vec::new(),
            dhcp: None,
            unsent: VecDeque::new(),
        }
    }

    /// Powers the card up. An error is the driver's own code.
    pub fn power_up(&mut self) -> Result<(), i32> {
        self.card.power_up()?;
        self.interface.set_hardware_addr(self.card.mac().into());
        Ok(())
    }

    /// Receives and sends frames until nothing is left to do at `now`, or until a datagram has to
    /// be received first. A flood can thus neither fill the sockets nor block the caller.
    pub fn poll(&mut self, now: Instant) {
        let time = smoltcp_time(now);
        let (card, sockets) = (&mut self.card, &mut self.sockets);
        self.interface.poll_maintenance(time);
        while !has_datagram(&self.ports, sockets)
            && self.interface.poll_ingress_single(time, card, sockets)
                != PollIngressSingleResult::None
        {}
        self.transmit(now);
    }

    /// Sends frames until nothing is left to send at `now`.
    fn transmit(&mut self, now: Instant) {
        let time = smoltcp_time(now);
        loop {
            let (card, sockets) = (&mut self.card, &mut self.sockets);
            while self.interface.poll_egress(time, card, sockets) != PollResult::None {}
            if !self.feed(now) {
                break;
            }
        }
    }

    /// When to poll again if no frame comes before.
    pub fn poll_at(&mut self, now: Instant) -> Option<Instant> {
        let stack = self
            .interface
            .poll_at(smoltcp_time(now), &self.sockets)
            .map(|at| {
                Instant::from_micros(u64::try_from(at.total_micros()).unwrap_or(0))
                    .max(now.saturating_add(TICK))
            });
        let sockets = &self.sockets;
        let received = has_datagram(&self.ports, sockets).then_some(now);
        let ports = self.ports.iter().filter_map(|port| {
            match (
                sockets.get::<udp::Socket>(port.socket).can_send(),
                port.outbox.is_empty(),
            ) {
                (true, true) => None,
                (true, false) => Some(now),
                (false, _) => Some(port.held.1.saturating_add(ARP_TIMEOUT)),
            }
        });
        stack.into_iter().chain(received).chain(ports).min()
    }

    /// Passes the next datagram to each idle socket, and drops a datagram that has waited too long.
    /// Returns whether there is something new to send.
    fn feed(&mut self, now: Instant) -> bool {
        let (unsent, mut fed) = (&mut self.unsent, false);
        for port in &mut self.ports {
            let (from, socket) = (
                port.number,
                self.sockets.get_mut::<udp::Socket>(port.socket),
            );
            let is_late = now >= port.held.1.saturating_add(ARP_TIMEOUT);
            // Closing is smoltcp's only way to empty the queue, so what was received is taken first.
            if is_late && !socket.can_send() && !socket.can_recv() {
                socket.close();
                socket.bind(from).expect("the port was bound before");
                let (silent, _) = port.held;
                note(unsent, from, silent, NO_NEIGHBOUR);
                // Other datagrams for that neighbour are stale too.
                port.outbox.retain(|(to, _)| {
                    let is_stale = to.ip() == silent.ip();
                    if is_stale {
                        note(unsent, from, *to, NO_NEIGHBOUR);
                    }
                    !is_stale
                });
            }
            if socket.can_send()
                && let Some((to, payload)) = port.outbox.pop_front()
            {
                let endpoint = (IpAddress::Ipv4(*to.ip()), to.port());
                if socket.send_slice(&payload, endpoint).is_err() {
                    note(unsent, from, to, TOO_LONG);
                }
                port.held = (to, now);
                fed = true;
            }
        }
        fed
    }

    /// Takes the oldest datagram that was not sent.
    pub fn take_unsent(&mut self) -> Option<Unsent> {
        self.unsent.pop_front()
    }

    /// Binds a UDP port. An error is the code: the port is bound already, or is none.
    pub fn bind(&mut self, number: u16) -> Result<(), i32> {
        if self.ports.iter().any(|port| port.number == number) {
            return Err(PORT_IN_USE);
        }
        // One slot for sending; all others wait in the outbox.
        let buffer = |slots| {
            let bytes = vec![0; MAX_PAYLOAD * slots];
            udp::PacketBuffer::new(vec![udp::PacketMetadata::EMPTY; slots], bytes)
        };
        let mut socket = udp::Socket::new(buffer(4), buffer(1));
        socket
            .bind(IpListenEndpoint::from(number))
            .map_err(|_| NO_PORT)?;
        let socket = self.sockets.add(socket);
        self.ports.push(Port {
            number,
            socket,
            outbox: VecDeque::new(),
            held: (SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0), Instant::EPOCH),
        });
        Ok(())
    }

    /// Closes a UDP port. What can be sent from there goes first; all else that waits is dropped.
    pub fn unbind(&mut self, now: Instant, number: u16) {
        self.transmit(now);
        for port in self.ports.extract_if(.., |port| port.number == number) {
            self.sockets.remove(port.socket);
        }
        self.unsent.retain(|unsent| unsent.from != number);
    }

    /// Puts a datagram into the outbox of the bound port `from`. An error is the code: the outbox is
    /// full.
    pub fn send(&mut self, from: u16, to: SocketAddrV4, payload: &[u8]) -> Result<(), i32> {
        let mut ports = self.ports.iter_mut().filter(|port| port.number == from);
        let port = ports.find(|port| port.outbox.len() < OUTBOX);
        let outbox = &mut port.ok_or(NO_ROOM)?.outbox;
        outbox.push_back((to, payload.to_vec()));
        Ok(())
    }

    /// Copies the next datagram that came to a bound port into the buffer, as far as it fits.
    pub fn receive(&mut self, number: u16, buffer: &mut [u8]) -> Option<Received> {
        let port = self.ports.iter().find(|port| port.number == number)?;
        let socket = self.sockets.get_mut::<udp::Socket>(port.socket);
        let (payload, meta) = socket.recv().ok()?;
        let IpAddress::Ipv4(source) = meta.endpoint.addr;
        let Some(IpAddress::Ipv4(destination)) = meta.local_address else {
            return None;
        };
        let fits = payload.len().min(buffer.len());
        buffer[..fits].copy_from_slice(&payload[..fits]);
        Some(Received {
            source: SocketAddrV4::new(source, meta.endpoint.port),
            destination,
            length: payload.len(),
        })
    }

    /// Sets the address, the default gateway if any, and the name servers. An error is the code:
    /// smoltcp was built without room for an address or a route.
    pub fn set_address(
        &mut self,
        address: IpCidr,
        gateway: Option<Ipv4Addr>,
        name_servers: impl IntoIterator<Item = Ipv4Addr>,
    ) -> Result<(), i32> {
        self.clear_address();
        self.name_servers.extend(name_servers);
        let mut set = Ok(());
        self.interface
            .update_ip_addrs(|addresses| set = addresses.push(address));
        set.map_err(|_| NO_SPACE)?;
        if let Some(gateway) = gateway {
            let routes = self.interface.routes_mut();
            routes
                .add_default_ipv4_route(gateway)
                .map_err(|_| NO_SPACE)?;
        }
        Ok(())
    }

    /// Removes the address.
    pub fn clear_address(&mut self) {
        self.interface
            .update_ip_addrs(|addresses| addresses.clear());
        self.interface.routes_mut().remove_default_ipv4_route();
        self.name_servers.clear();
    }

    /// Starts a new DHCP client, without an address.
    pub fn start_dhcp(&mut self) {
        self.stop_dhcp();
        let mut client = dhcpv4::Socket::new();
        let mut retry = client.get_retry_config();
        // The defaults suit leases of hours; ours last 90 seconds.
        retry.discover_timeout = smoltcp::time::Duration::from_secs(3);
        retry.initial_request_timeout = smoltcp::time::Duration::from_secs(1);
        retry.min_renew_timeout = smoltcp::time::Duration::from_secs(5);
        client.set_retry_config(retry);
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
            dhcpv4::Event::Configured(lease) => {
                let (cidr, router) = (lease.address, lease.router);
                let dns: Vec<_> = lease.dns_servers.iter().copied().collect();
                Some(
                    match self.set_address(cidr.into(), router, dns.iter().copied()) {
                        Ok(()) => DhcpEvent::Lease { cidr, router, dns },
                        Err(code) => DhcpEvent::Failed(code),
                    },
                )
            }
            dhcpv4::Event::Deconfigured => {
                // smoltcp's client would ask again at once. lankeeper says when.
                self.stop_dhcp();
                Some(DhcpEvent::Lost)
            }
        }
    }
}

/// Notes a datagram that was not sent. Where nobody asks for them, the oldest one is forgotten.
fn note(all: &mut VecDeque<Unsent>, from: u16, to: SocketAddrV4, code: i32) {
    if all.len() == OUTBOX {
        all.pop_front();
    }
    all.push_back(Unsent { from, to, code });
}

/// Whether a received datagram is waiting.
fn has_datagram(ports: &[Port], sockets: &SocketSet<'_>) -> bool {
    ports
        .iter()
        .any(|port| sockets.get::<udp::Socket>(port.socket).can_recv())
}

/// Converts an instant to smoltcp's type.
fn smoltcp_time(now: Instant) -> smoltcp::time::Instant {
    smoltcp::time::Instant::from_micros(i64::try_from(now.as_micros()).unwrap_or(i64::MAX))
}
