//! Local datagrams as the rules speak of them: sockets, what they may send and receive, the limit.

use core::net::Ipv4Addr;

use lankeeper::{IpConfig, SocketId};

use super::port::Port;

#[derive(Clone, Debug)]
pub(crate) struct Socket {
    pub(crate) id: SocketId,
    /// Its interface.
    pub(crate) on: usize,
    pub(crate) local: Option<u16>,
    pub(crate) receives: bool,
    /// Its place among the sockets (UDP-14).
    pub(crate) place: usize,
}

/// Tokens by the millionth, so that each microsecond brings a whole number of them (RATE-2).
const TOKEN: u128 = 1_000_000;

/// A bucket of tokens as it was at an instant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    pub(crate) rate: u32,
    pub(crate) burst: u32,
    has: u128,
    at: u64,
}

impl Bucket {
    pub(crate) fn full(rate: u32, burst: u32) -> Self {
        let has = u128::from(burst) * TOKEN;
        Self {
            rate,
            burst,
            has,
            at: 0,
        }
    }

    fn has(&self, now: u64) -> u128 {
        let more = u128::from(now - self.at) * u128::from(self.rate);
        (self.has + more).min(u128::from(self.burst) * TOKEN)
    }

    pub(crate) fn tokens(&self, now: u64) -> u32 {
        u32::try_from(self.has(now) / TOKEN).unwrap()
    }

    /// Takes one, or says when there is one (RATE-3).
    fn take(&mut self, now: u64) -> Result<(), u64> {
        let has = self.has(now);
        match has.checked_sub(TOKEN) {
            Some(left) => (self.has, self.at) = (left, now),
            None => {
                let lacks = (TOKEN - has).div_ceil(u128::from(self.rate));
                return Err(now + u64::try_from(lacks).unwrap());
            }
        }
        Ok(())
    }
}

/// The answer to a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Passed,
    Closed,
    Address,
    NotLocal,
    Port,
    TooLong,
    NotConnected,
    OutsideSubnet,
    WouldBlock(u64),
}

pub(crate) struct Sockets {
    pub(crate) open: Vec<Socket>,
    /// One for all of them, or one for each place (RATE-4).
    pub(crate) buckets: Vec<Bucket>,
    /// How many were dropped, by the order of the checks.
    pub(crate) drops: [u32; 6],
    /// How many binds and sends have failed.
    pub(crate) failures: (u32, u32),
}

impl Sockets {
    pub(crate) const MOST: usize = 2;

    pub(crate) fn new(bucket: Bucket, is_shared: bool) -> Self {
        Self {
            open: Vec::new(),
            buckets: vec![bucket; if is_shared { 1 } else { Self::MOST }],
            drops: [0; 6],
            failures: (0, 0),
        }
    }

    pub(crate) fn find(&self, id: SocketId) -> Option<&Socket> {
        self.open.iter().find(|socket| socket.id == id)
    }

    pub(crate) fn bucket(&self, socket: &Socket) -> &Bucket {
        self.buckets.get(socket.place).unwrap_or(&self.buckets[0])
    }

    pub(crate) fn is_used(&self, on: usize, port: u16) -> bool {
        let mut all = self.open.iter();
        all.any(|socket| socket.on == on && socket.local == Some(port))
    }

    pub(crate) fn may_open(&self, on: usize, port: Option<u16>) -> Result<(), &'static str> {
        match port {
            _ if on == 2 => Err("UDP-1"),
            Some(0..=1_023) => Err("UDP-2"),
            Some(port) if self.is_used(on, port) => Err("UDP-2 in use"),
            _ if self.open.len() == Self::MOST => Err("UDP-12"),
            _ => Ok(()),
        }
    }

    pub(crate) fn opened(&mut self, id: SocketId, on: usize, local: Option<u16>) {
        let is_free = |place: &usize| self.open.iter().all(|socket| socket.place != *place);
        let place = (0..Self::MOST).find(is_free).unwrap();
        self.open.push(Socket {
            id,
            on,
            local,
            receives: true,
            place,
        });
    }

    pub(crate) fn close(&mut self, id: SocketId) -> bool {
        let before = self.open.len();
        self.open.retain(|socket| socket.id != id);
        before > self.open.len()
    }

    /// A send, by the order of UDP-7.
    pub(crate) fn send(
        &mut self,
        id: SocketId,
        (text, port): (&str, u16),
        size: usize,
        ports: &[Port],
        now: u64,
    ) -> Sent {
        let Some(socket) = self.find(id).cloned() else {
            return Sent::Closed;
        };
        let Ok(to) = text.parse::<Ipv4Addr>() else {
            self.close(id);
            return Sent::Address;
        };
        let ip = ports[socket.on].ip;
        let is_all = to.is_broadcast() || ip.is_some_and(|ip| last_of(ip) == Some(to));
        if !to.is_private() && !is_all {
            self.close(id);
            return Sent::NotLocal;
        }
        if matches!(port, 0 | 67 | 68) {
            return Sent::Port;
        }
        if size > 65_507 {
            return Sent::TooLong;
        }
        let Some(ip) = ip.filter(|ip| ip.address().is_private()) else {
            return Sent::NotConnected;
        };
        if !to.is_private() && !to.is_broadcast() {
            return Sent::NotConnected; // the broadcast address of a subnet, outside (UDP-13)
        }
        if !to.is_broadcast() && !is_of(ip, to) {
            return Sent::OutsideSubnet;
        }
        let bucket = socket.place.min(self.buckets.len() - 1);
        match self.buckets[bucket].take(now) {
            Ok(()) => Sent::Passed,
            Err(at) => Sent::WouldBlock(at),
        }
    }

    /// Delivers a datagram that came to a port, or returns the place of the check that drops it (UDP-9,
    /// UDP-13).
    pub(crate) fn receive(
        &self,
        (id, on): (SocketId, usize),
        (from, to): (Ipv4Addr, Ipv4Addr),
        fits: bool,
        ports: &[Port],
    ) -> Result<(), usize> {
        let ip = ports[on].ip.filter(|ip| ip.address().is_private());
        let ip = ip.ok_or(0_usize)?;
        let last = last_of(ip);
        if to != ip.address() && !to.is_broadcast() && Some(to) != last {
            return Err(1);
        }
        let own = ports.iter().filter_map(|port| port.ip);
        let is_own = own.into_iter().any(|ip| ip.address() == from);
        let is_first = last.is_some() && first_of(ip) == u32::from(from);
        if !from.is_private() || !is_of(ip, from) || is_own || Some(from) == last || is_first {
            return Err(2);
        }
        let socket = self.find(id).ok_or(3_usize)?;
        if !socket.receives {
            return Err(4);
        }
        if fits { Ok(()) } else { Err(5) }
    }
}

fn mask_of(ip: IpConfig) -> u32 {
    u32::MAX << (32 - u32::from(ip.prefix().length()))
}

fn first_of(ip: IpConfig) -> u32 {
    u32::from(ip.address()) & mask_of(ip)
}

fn is_of(ip: IpConfig, other: Ipv4Addr) -> bool {
    u32::from(other) & mask_of(ip) == first_of(ip)
}

/// The broadcast address of the subnet, if it has one (IFC-5).
fn last_of(ip: IpConfig) -> Option<Ipv4Addr> {
    (ip.prefix().length() < 31).then(|| Ipv4Addr::from(first_of(ip) | !mask_of(ip)))
}
