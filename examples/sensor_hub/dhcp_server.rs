//! The DHCP server of the LAN: edge-dhcp decides, and a stack of its own transmits.

use core::net::{Ipv4Addr, SocketAddrV4};
use std::cell::Cell;
use std::rc::Rc;

use edge_dhcp::server::{Server, ServerOptions};
use edge_dhcp::{DhcpOption, MessageType, Options, Packet};
use lankeeper::Instant;
use smoltcp::wire::{EthernetAddress, Ipv4Cidr};

use crate::stack::card::Card;
use crate::stack::{MAX_PAYLOAD, Stack};

/// The server's address, which it also grants as gateway and name server.
pub const ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 20, 0, 1);
/// The prefix length of the subnet, with room for about a thousand hosts.
pub const PREFIX_LENGTH: u8 = 22;
/// The lease time, short enough for frequent renewals at its half (T1).
pub const LEASE_SECONDS: u32 = 90;

const SERVER_PORT: u16 = 67;
const CLIENT_PORT: u16 = 68;
const POOL: core::ops::RangeInclusive<Ipv4Addr> =
    Ipv4Addr::new(10, 20, 0, 10)..=Ipv4Addr::new(10, 20, 3, 9);
const MAX_LEASES: usize = 1024;

/// The server and its stack.
pub struct DhcpServer {
    pub stack: Stack,
    server: Server<Box<dyn FnMut() -> u64>, MAX_LEASES>,
    /// The server's clock, in seconds.
    seconds: Rc<Cell<u64>>,
    /// Whether it ignores DHCP messages; it always answers ARP.
    pub silent: bool,
    pub counts: Counts,
}

/// Counters by kind of message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub offers: u64,
    /// Addresses granted to clients without one.
    pub grants: u64,
    /// Leases renewed.
    pub renewals: u64,
    pub refusals: u64,
    /// Messages ignored because the server was silent.
    pub ignored: u64,
}

impl DhcpServer {
    /// Creates a server with a static address and no leases.
    pub fn new(now: Instant, mac: EthernetAddress, seed: u64) -> Self {
        let mut stack = Stack::new(now, Card::new(mac), seed);
        let address = Ipv4Cidr::new(ADDRESS, PREFIX_LENGTH).into();
        stack
            .set_address(address, None, [])
            .expect("there is room for an address");
        stack.bind(SERVER_PORT).expect("the port is free");
        let seconds = Rc::new(Cell::new(0));
        let clock = Rc::clone(&seconds);
        let mut server = Server::new(Box::new(move || clock.get()) as Box<_>, ADDRESS);
        server.range_start = *POOL.start();
        server.range_end = *POOL.end();
        Self {
            stack,
            server,
            seconds,
            silent: false,
            counts: Counts::default(),
        }
    }

    /// Handles received messages and sends the answers.
    pub fn run(&mut self, now: Instant) {
        self.seconds.set(now.as_micros() / 1_000_000);
        let mut buffer = [0; MAX_PAYLOAD];
        loop {
            self.stack.poll(now);
            let Some(received) = self.stack.receive(SERVER_PORT, &mut buffer) else {
                break;
            };
            if self.silent {
                self.counts.ignored += 1;
            } else if let Some((to, answer)) = self.answer(&buffer[..received.length]) {
                // A client asks again for what is lost.
                let _ = self.stack.send(SERVER_PORT, to, &answer);
            }
        }
    }

    fn answer(&mut self, request: &[u8]) -> Option<(SocketAddrV4, Vec<u8>)> {
        let request = Packet::decode(request).ok()?;
        let mut gateway = [ADDRESS];
        let name_servers = [ADDRESS];
        let mut options = ServerOptions::new(ADDRESS, Some(&mut gateway));
        options.subnet = Some(Ipv4Cidr::new(ADDRESS, PREFIX_LENGTH).netmask());
        options.dns = &name_servers;
        options.lease_duration_secs = LEASE_SECONDS;

        let mut room = Options::buf();
        let reply = self.server.handle_request(&mut room, &options, &request)?;
        let kind = message_type(&reply)?;
        self.count(kind, &request);
        // A client that uses its address gets a unicast answer. Any other client gets a broadcast,
        // because it cannot answer ARP yet (RFC 2131, 4.1).
        let to = if kind == MessageType::Ack && !request.ciaddr.is_unspecified() {
            request.ciaddr
        } else {
            Ipv4Addr::BROADCAST
        };
        let mut buffer = [0; 576];
        let answer = reply.encode(&mut buffer).ok()?;
        Some((SocketAddrV4::new(to, CLIENT_PORT), answer.to_vec()))
    }

    fn count(&mut self, kind: MessageType, request: &Packet<'_>) {
        let count = match kind {
            MessageType::Offer => &mut self.counts.offers,
            MessageType::Ack if request.ciaddr.is_unspecified() => &mut self.counts.grants,
            MessageType::Ack => &mut self.counts.renewals,
            _ => &mut self.counts.refusals,
        };
        *count += 1;
    }
}

fn message_type(packet: &Packet<'_>) -> Option<MessageType> {
    packet.options.iter().find_map(|option| match option {
        DhcpOption::MessageType(kind) => Some(kind),
        _ => None,
    })
}
