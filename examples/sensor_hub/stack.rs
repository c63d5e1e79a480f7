//! The TCP/IP stack of one host: smoltcp over a network card that exists in memory only.

use core::net::{Ipv4Addr, SocketAddrV4};
use std::collections::VecDeque;

use lankeeper::{Duration, Instant};
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::socket::{dhcpv4, udp};
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr, IpListenEndpoint, Ipv4Cidr};

use crate::card::Card;

/// Datagrams that may wait for the neighbour's address, per port: a full burst of the limiter.
const OUTBOX: usize = 100;
/// How long a datagram waits for its neighbour to answer ARP: smoltcp asks once a second.
const PATIENCE: Duration = Duration::from_millis(3_500);
/// A stack that wants to be polled again at once is polled at the next tick, as firmware does.
const TICK: Duration = Duration::from_millis(1);
const MAX_PAYLOAD: usize = 1472;

/// One host's stack with its card.
pub struct Stack {
    pub card: Card,
    interface: Interface,
    sockets: SocketSet<'static>,
    ports: Vec<Port>,
    dhcp: Option<SocketHandle>,
}

/// A bound UDP port.
struct Port {
    number: u16,
    socket: SocketHandle,
    /// What waits behind the one datagram that the socket holds. A socket sends strictly in
    /// order, so one silent neighbour would hold everything up: the outbox lets us give up on a
    /// single datagram.
    outbox: VecDeque<(SocketAddrV4, Vec<u8>)>,
    /// To whom the datagram goes that the socket holds, and since when it holds it.
    held: (Ipv4Addr, Instant),
}

/// A datagram that came in.
pub struct Received<'a> {
    pub source: SocketAddrV4,
    pub destination: SocketAddrV4,
    pub payload: &'a [u8],
}

/// What the DHCP client has to tell.
pub enum DhcpNews {
    /// A first lease, or one that differs from the last: smoltcp keeps mere renewals to itself.
    Lease {
        cidr: Ipv4Cidr,
        router: Option<Ipv4Addr>,
        dns: Vec<Ipv4Addr>,
    },
    /// The lease ran out, or the server withdrew it.
    Lost,
}

impl Stack {
    /// A stack without address, sockets and DHCP client.
    pub fn new(now: Instant, mac: EthernetAddress, seed: u64) -> Self {
        let mut card = Card::default();
        let mut config = Config::new(mac.into());
        config.random_seed = seed;
        let interface = Interface::new(config, &mut card, wire_time(now));
        Self {
            card,
            interface,
            sockets: SocketSet::new(Vec::new()),
            ports: Vec::new(),
            dhcp: None,
        }
    }

    /// Moves frames in and out until nothing is left to do at `now`.
    pub fn poll(&mut self, now: Instant) {
        loop {
            self.interface
                .poll(wire_time(now), &mut self.card, &mut self.sockets);
            if !self.feed(now) {
                break;
            }
        }
    }

    /// When to poll again if no frame comes before.
    pub fn poll_at(&mut self, now: Instant) -> Option<Instant> {
        let stack = self
            .interface
            .poll_at(wire_time(now), &self.sockets)
            .map(|at| {
                Instant::from_micros(u64::try_from(at.total_micros()).unwrap_or(0))
                    .max(now.saturating_add(TICK))
            });
        let sockets = &self.sockets;
        let patience = self
            .ports
            .iter()
            .filter(|port| !sockets.get::<udp::Socket>(port.socket).can_send())
            .map(|port| port.held.1.saturating_add(PATIENCE));
        stack.into_iter().chain(patience).min()
    }

    /// Hands each idle socket its next datagram, and takes the held one from each that has waited
    /// too long. Says whether there is something new to send.
    fn feed(&mut self, now: Instant) -> bool {
        let mut fed = false;
        for port in &mut self.ports {
            let socket = self.sockets.get_mut::<udp::Socket>(port.socket);
            if !socket.can_send() && now >= port.held.1.saturating_add(PATIENCE) {
                // Closing is smoltcp's only way to empty the queue. Nothing received is lost: it
                // was handed on right after the poll that brought it.
                socket.close();
                let _ = socket.bind(port.number);
                // What else waits for that neighbour is stale too.
                let (silent, _) = port.held;
                port.outbox.retain(|(to, _)| *to.ip() != silent);
            }
            if socket.can_send()
                && let Some((to, payload)) = port.outbox.pop_front()
            {
                // An oversized payload is dropped here, as one lost on the wire would be.
                let _ = socket.send_slice(&payload, (IpAddress::Ipv4(*to.ip()), to.port()));
                port.held = (*to.ip(), now);
                fed = true;
            }
        }
        fed
    }

    /// Binds a UDP port; binding it again changes nothing.
    pub fn bind(&mut self, number: u16) {
        if self.ports.iter().any(|port| port.number == number) {
            return;
        }
        // One slot for sending: what else is to be sent waits in the outbox.
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

    /// Frees a UDP port with everything that waits at it.
    pub fn unbind(&mut self, number: u16) {
        for port in self.ports.extract_if(.., |port| port.number == number) {
            self.sockets.remove(port.socket);
        }
    }

    /// Puts a datagram into the outbox of the bound port `from`; a full outbox drops it.
    pub fn send(&mut self, from: u16, to: SocketAddrV4, payload: &[u8]) {
        if let Some(port) = self.ports.iter_mut().find(|port| port.number == from)
            && port.outbox.len() < OUTBOX
        {
            port.outbox.push_back((to, payload.to_vec()));
        }
    }

    /// The next datagram that came in at any bound port.
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

    /// Takes an address, and a default gateway if there is one.
    pub fn set_address(&mut self, address: IpCidr, gateway: Option<Ipv4Addr>) {
        self.clear_address();
        // There is room for at least one address and one route.
        self.interface.update_ip_addrs(|addresses| {
            let _ = addresses.push(address);
        });
        if let Some(gateway) = gateway {
            let _ = self.interface.routes_mut().add_default_ipv4_route(gateway);
        }
    }

    /// Gives the address up.
    pub fn clear_address(&mut self) {
        self.interface
            .update_ip_addrs(|addresses| addresses.clear());
        self.interface.routes_mut().remove_default_ipv4_route();
    }

    /// Starts a DHCP client from scratch, without address.
    pub fn start_dhcp(&mut self) {
        self.stop_dhcp();
        let mut client = dhcpv4::Socket::new();
        let mut retry = client.get_retry_config();
        // The defaults suit leases of hours, ours last for 90 seconds.
        retry.discover_timeout = smoltcp::time::Duration::from_secs(3);
        retry.initial_request_timeout = smoltcp::time::Duration::from_secs(1);
        retry.min_renew_timeout = smoltcp::time::Duration::from_secs(5);
        client.set_retry_config(retry);
        // A new client says "no configuration" before anything happened: hear it here.
        client.poll();
        self.dhcp = Some(self.sockets.add(client));
    }

    /// Ends the DHCP client and gives its address up.
    pub fn stop_dhcp(&mut self) {
        if let Some(client) = self.dhcp.take() {
            self.sockets.remove(client);
        }
        self.clear_address();
    }

    /// What the DHCP client has to tell, if there is one; the address is taken or given up.
    pub fn dhcp_news(&mut self) -> Option<DhcpNews> {
        let client = self.sockets.get_mut::<dhcpv4::Socket>(self.dhcp?);
        match client.poll()? {
            dhcpv4::Event::Configured(lease) => {
                let (cidr, router) = (lease.address, lease.router);
                let dns = lease.dns_servers.iter().copied().collect();
                self.set_address(cidr.into(), router);
                Some(DhcpNews::Lease { cidr, router, dns })
            }
            dhcpv4::Event::Deconfigured => {
                self.clear_address();
                Some(DhcpNews::Lost)
            }
        }
    }
}

/// smoltcp's own form of a point in time.
fn wire_time(now: Instant) -> smoltcp::time::Instant {
    smoltcp::time::Instant::from_micros(i64::try_from(now.as_micros()).unwrap_or(i64::MAX))
}
