//! The TCP/IP stack of one host: smoltcp over any network card. Several examples share it, together
//! with the backend on top.

pub mod backend;
pub mod cable;
#[allow(dead_code, reason = "examples with a real card use it only in tests")]
pub mod card;

use core::net::{Ipv4Addr, SocketAddrV4};
use std::collections::VecDeque;

use lankeeper::{Duration, Instant};
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
const MAX_PAYLOAD: usize = 1472;

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
    lost: u32,
}

/// A bound UDP port.
struct Port {
    number: u16,
    socket: SocketHandle,
    /// Datagrams behind the one that the socket holds. A socket sends in order, so one silent
    /// neighbour would block it; with the outbox, a single datagram can be dropped.
    outbox: VecDeque<(SocketAddrV4, Vec<u8>)>,
    /// The destination of the datagram in the socket, and since when it is there.
    held: (Ipv4Addr, Instant),
}

/// A received datagram.
pub struct Received<'a> {
    pub source: SocketAddrV4,
    pub destination: SocketAddrV4,
    pub payload: &'a [u8],
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
            lost: 0,
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
        stack.into_iter().chain(ports).min()
    }

    /// Passes the next datagram to each idle socket, and drops a datagram that has waited too long.
    /// Returns whether there is something new to send.
    fn feed(&mut self, now: Instant) -> bool {
        let mut fed = false;
        for port in &mut self.ports {
            let socket = self.sockets.get_mut::<udp::Socket>(port.socket);
            if !socket.can_send() && now >= port.held.1.saturating_add(ARP_TIMEOUT) {
                // Closing is smoltcp's only way to empty the queue. No received datagram is lost,
                // because each one is taken right after the poll that received it.
                socket.close();
                let _ = socket.bind(port.number);
                // Other datagrams for that neighbour are stale too.
                let (silent, _) = port.held;
                let before = port.outbox.len();
                port.outbox.retain(|(to, _)| *to.ip() != silent);
                self.lost += 1 + u32::try_from(before - port.outbox.len()).unwrap_or(u32::MAX);
            }
            if socket.can_send()
                && let Some((to, payload)) = port.outbox.pop_front()
            {
                let endpoint = (IpAddress::Ipv4(*to.ip()), to.port());
                // An oversized payload is dropped here, as if it were lost on the wire.
                self.lost += u32::from(socket.send_slice(&payload, endpoint).is_err());
                port.held = (*to.ip(), now);
                fed = true;
            }
        }
        fed
    }

    /// The number of datagrams that were never sent, because no neighbour answered, too many were
    /// waiting, or they did not fit into a frame.
    #[allow(dead_code, reason = "not every example uses it")]
    pub fn lost(&self) -> u32 {
        self.lost
    }

    /// Binds a UDP port; does nothing if it is bound already.
    pub fn bind(&mut self, number: u16) {
        if self.ports.iter().any(|port| port.number == number) {
            return;
        }
        // One slot for sending; all others wait in the outbox.
        let buffer = |slots| {
            let bytes = vec![0; MAX_PAYLOAD * slots];
            udp::PacketBuffer::new(vec![udp::PacketMetadata::EMPTY; slots], bytes)
        };
        let mut socket = udp::Socket::new(buffer(4), buffer(1));
        let _ = socket.bind(IpListenEndpoint::from(number));
        let socket = self.sockets.add(socket);
        self.ports.push(Port {
            number,
            socket,
            outbox: VecDeque::new(),
            held: (Ipv4Addr::UNSPECIFIED, Instant::EPOCH),
        });
    }

    /// Closes a UDP port and drops everything that waits there.
    pub fn unbind(&mut self, number: u16) {
        for port in self.ports.extract_if(.., |port| port.number == number) {
            self.sockets.remove(port.socket);
            self.lost += u32::try_from(port.outbox.len()).unwrap_or(u32::MAX);
        }
    }

    /// Puts a datagram into the outbox of the bound port `from`; a full outbox drops it.
    pub fn send(&mut self, from: u16, to: SocketAddrV4, payload: &[u8]) {
        match self.ports.iter_mut().find(|port| port.number == from) {
            Some(port) if port.outbox.len() < OUTBOX => {
                port.outbox.push_back((to, payload.to_vec()));
            }
            _ => self.lost += 1,
        }
    }

    /// Returns the next received datagram of any bound port.
    pub fn receive(&mut self) -> Option<Received<'_>> {
        let sockets = &self.sockets;
        let port = self
            .ports
            .iter()
            .find(|port| sockets.get::<udp::Socket>(port.socket).can_recv())?;
        let (number, socket) = (
            port.number,
            self.sockets.get_mut::<udp::Socket>(port.socket),
        );
        let (payload, meta) = socket.recv().ok()?;
        let IpAddress::Ipv4(source) = meta.endpoint.addr;
        let Some(IpAddress::Ipv4(destination)) = meta.local_address else {
            return None;
        };
        Some(Received {
            source: SocketAddrV4::new(source, meta.endpoint.port),
            destination: SocketAddrV4::new(destination, number),
            payload,
        })
    }

    /// Sets the address, the default gateway if any, and the name servers.
    pub fn set_address(
        &mut self,
        address: IpCidr,
        gateway: Option<Ipv4Addr>,
        name_servers: impl IntoIterator<Item = Ipv4Addr>,
    ) {
        self.clear_address();
        self.name_servers.extend(name_servers);
        // There is room for at least one address and one route.
        self.interface.update_ip_addrs(|addresses| {
            let _ = addresses.push(address);
        });
        if let Some(gateway) = gateway {
            let _ = self.interface.routes_mut().add_default_ipv4_route(gateway);
        }
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
                self.set_address(cidr.into(), router, dns.iter().copied());
                Some(DhcpEvent::Lease { cidr, router, dns })
            }
            dhcpv4::Event::Deconfigured => {
                self.clear_address();
                Some(DhcpEvent::Lost)
            }
        }
    }
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
