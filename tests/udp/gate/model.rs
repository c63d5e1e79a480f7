//! The UDP and RATE rules, word by word, for sockets, ports and tokens. State and address of an
//! interface are inputs of the model.

use core::net::Ipv4Addr;
use std::collections::{BTreeSet, HashSet};

use lankeeper::udp::{DropReason, Drops, LimitScope, OpenSocketError};
use lankeeper::{Binding, InterfaceId, Medium, Quota, SocketId};

use super::operation::To;

pub(crate) const SOCKETS: usize = 4;
const MICROS: u128 = 1_000_000;

/// The own address and prefix length of an interface.
pub(crate) type Own = (Ipv4Addr, u8);

pub(crate) struct Model {
    rate: u128,
    burst: u128,
    scope: LimitScope,
    planted: bool,
    latest: u64,
    /// The tokens taken by all sockets and not refilled yet, in millionths.
    used: u128,
    /// The same of each place for a socket, which keeps it when the socket is closed.
    used_at: [u128; SOCKETS],
    /// The open sockets, in the order in which they were opened.
    sockets: Vec<Socket>,
    /// Every socket that was ever opened, in order.
    pub(crate) all: Vec<SocketId>,
    pub(crate) drops: Drops,
}

pub(crate) struct Socket {
    pub(crate) id: SocketId,
    pub(crate) interface: InterfaceId,
    pub(crate) port: Option<u16>,
    pub(crate) receiving: bool,
    place: usize,
}

/// The result of a send.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// Sent from this local port to this address.
    Gone(u16, Ipv4Addr),
    Closed,
    NoAddress,
    NotLocal,
    Port,
    TooLong,
    NotConnected,
    OutsideSubnet,
    /// Refused until this instant, which may lie beyond the range of `Instant`.
    WouldBlock(u128),
}

impl Model {
    pub(crate) fn new(quota: Quota, scope: LimitScope, planted: bool) -> Self {
        Self {
            rate: quota.rate().into(),
            burst: quota.burst().into(),
            scope,
            planted,
            latest: 0,
            used: 0,
            used_at: [0; SOCKETS],
            sockets: Vec::new(),
            all: Vec::new(),
            drops: Drops::default(),
        }
    }

    pub(crate) fn latest(&self) -> u64 {
        self.latest
    }

    /// Advances to `now`, unless it is earlier than the latest instant.
    pub(crate) fn reach(&mut self, now: u64) {
        let refill = u128::from(now.saturating_sub(self.latest)) * self.rate;
        self.latest = self.latest.max(now);
        self.used = self.used.saturating_sub(refill);
        for used in &mut self.used_at {
            *used = used.saturating_sub(refill);
        }
    }

    pub(crate) fn socket(&self, id: SocketId) -> Option<&Socket> {
        self.sockets.iter().find(|socket| socket.id == id)
    }

    /// What the backend is to have bound, each for its socket.
    pub(crate) fn bound(&self) -> HashSet<(SocketId, InterfaceId, u16)> {
        let bound = |socket: &Socket| Some((socket.id, socket.interface, socket.port?));
        self.sockets.iter().filter_map(bound).collect()
    }

    /// Whether this is the binding of an open socket.
    pub(crate) fn is_bound(&self, binding: Binding) -> bool {
        let socket = self.socket(binding.socket());
        socket.is_some_and(|socket| {
            socket.interface == binding.interface() && socket.port == Some(binding.port())
        })
    }

    fn bindings(&self) -> BTreeSet<(InterfaceId, u16)> {
        let bound = |socket: &Socket| Some((socket.interface, socket.port?));
        self.sockets.iter().filter_map(bound).collect()
    }

    /// The number of whole tokens that all sockets share.
    pub(crate) fn tokens(&self) -> u128 {
        (self.burst * MICROS - self.used) / MICROS
    }

    /// The number of whole tokens available to a socket.
    pub(crate) fn socket_tokens(&self, id: SocketId) -> Option<u128> {
        let socket = self.socket(id)?;
        let used = match self.scope {
            LimitScope::Device => self.used,
            LimitScope::Socket => self.used_at[socket.place],
        };
        Some((self.burst * MICROS - used) / MICROS)
    }

    pub(crate) fn open(
        &self,
        interface: InterfaceId,
        port: Option<u16>,
    ) -> Result<(), OpenSocketError> {
        let taken = |port| self.bindings().contains(&(interface, port));
        match port {
            _ if interface.medium() == Medium::Cellular => {
                Err(OpenSocketError::Medium(Medium::Cellular))
            }
            Some(port @ ..=1023) => Err(OpenSocketError::Port(port)),
            Some(port) if taken(port) => Err(OpenSocketError::PortInUse(port)),
            _ if self.sockets.len() == SOCKETS => Err(OpenSocketError::TooMany(SOCKETS)),
            _ => Ok(()),
        }
    }

    /// Adds a socket that the manager has opened.
    pub(crate) fn add(&mut self, id: SocketId, interface: InterfaceId, port: Option<u16>) {
        assert!(!self.all.contains(&id), "a socket id is never reused");
        self.all.push(id);
        let is_free = |place: &usize| self.sockets.iter().all(|socket| socket.place != *place);
        let place = (0..SOCKETS).find(is_free).expect("it was opened");
        self.sockets.push(Socket {
            id,
            interface,
            port,
            receiving: true,
            place,
        });
    }

    pub(crate) fn close(&mut self, id: SocketId) {
        self.sockets.retain(|socket| socket.id != id);
    }

    /// Closes all sockets of an interface that is powered down, and returns their names.
    pub(crate) fn close_all(&mut self, interface: InterfaceId) -> BTreeSet<String> {
        let closed = self
            .sockets
            .iter()
            .filter(|socket| socket.interface == interface);
        let names = closed.map(|socket| format!("{:?}", socket.id)).collect();
        self.sockets.retain(|socket| socket.interface != interface);
        names
    }

    pub(crate) fn set_receiving(&mut self, id: SocketId, on: bool) -> bool {
        let found = self.sockets.iter_mut().find(|socket| socket.id == id);
        found.map(|socket| socket.receiving = on).is_some()
    }

    pub(crate) fn send(
        &mut self,
        own: Option<Own>,
        id: SocketId,
        (to, port): (&To, u16),
        length: usize,
    ) -> Sent {
        let Some(index) = self.sockets.iter().position(|socket| socket.id == id) else {
            return Sent::Closed;
        };
        let address = match to {
            To::Address(address) => Ok(*address),
            To::Text(text) => text.parse(),
        };
        let Ok(address) = address else {
            self.close(id);
            return Sent::NoAddress;
        };
        let is_allowed = address.is_private() || address.is_broadcast();
        if !is_allowed && own.and_then(broadcast) != Some(address) {
            self.close(id);
            return Sent::NotLocal;
        }
        if [0, 67, 68].contains(&port) {
            return Sent::Port;
        }
        if length > 65_507 {
            return Sent::TooLong;
        }
        let private = own.filter(|(own, _)| own.is_private());
        let Some(own) = private.filter(|_| is_allowed) else {
            return Sent::NotConnected;
        };
        if !address.is_broadcast() && !in_subnet(own, address) {
            return Sent::OutsideSubnet;
        }
        let socket = &self.sockets[index];
        let used = match self.scope {
            LimitScope::Device => &mut self.used,
            LimitScope::Socket => &mut self.used_at[socket.place],
        };
        let excess = (*used + MICROS).saturating_sub(self.burst * MICROS);
        if excess > 0 {
            return Sent::WouldBlock(u128::from(self.latest) + excess.div_ceil(self.rate));
        }
        if !(self.planted && address.is_broadcast()) {
            *used += MICROS;
        }
        let interface = socket.interface;
        let port = socket.port.unwrap_or_else(|| {
            let taken = self.bindings();
            (49_152..=u16::MAX)
                .find(|port| !taken.contains(&(interface, *port)))
                .expect("there are fewer sockets than ports")
        });
        self.sockets[index].port = Some(port);
        Sent::Gone(port, address)
    }

    /// `ours` are the addresses of all interfaces of the device.
    pub(crate) fn receive(
        &mut self,
        own: Option<Own>,
        ours: &[Ipv4Addr],
        binding: Binding,
        addresses: (Ipv4Addr, Ipv4Addr),
        fits: bool,
    ) -> Result<SocketId, DropReason> {
        let result = self.receiver(own, ours, binding, addresses, fits);
        let drops = &mut self.drops;
        match result {
            Ok(_) => {}
            Err(DropReason::NotConnected) => drops.not_connected += 1,
            Err(DropReason::Destination) => drops.destination += 1,
            Err(DropReason::Source) => drops.source += 1,
            Err(DropReason::Port) => drops.port += 1,
            Err(DropReason::NotReceiving) => drops.not_receiving += 1,
            Err(DropReason::TooLong) => drops.too_long += 1,
            Err(other) => panic!("unknown to the model: {other:?}"),
        }
        result
    }

    fn receiver(
        &self,
        own: Option<Own>,
        ours: &[Ipv4Addr],
        binding: Binding,
        (source, destination): (Ipv4Addr, Ipv4Addr),
        fits: bool,
    ) -> Result<SocketId, DropReason> {
        let own = own.filter(|(own, _)| own.is_private());
        let own = own.ok_or(DropReason::NotConnected)?;
        let all = [Some(own.0), Some(Ipv4Addr::BROADCAST), broadcast(own)];
        if !all.contains(&Some(destination)) {
            return Err(DropReason::Destination);
        }
        let is_end = broadcast(own).is_some() && ends(own).contains(&source);
        let is_other_host = in_subnet(own, source) && !is_end && !ours.contains(&source);
        if !source.is_private() || !is_other_host {
            return Err(DropReason::Source);
        }
        let socket = self.socket(binding.socket());
        let socket = socket.filter(|_| self.is_bound(binding));
        let socket = socket.ok_or(DropReason::Port)?;
        match (socket.receiving, fits) {
            (false, _) => Err(DropReason::NotReceiving),
            (true, false) => Err(DropReason::TooLong),
            (true, true) => Ok(socket.id),
        }
    }
}

/// The first and the last address of a subnet, by division instead of a mask.
fn ends((address, length): Own) -> [Ipv4Addr; 2] {
    let size = 1_u64 << (32 - length);
    let first = u64::from(u32::from(address)) / size * size;
    [first, first + size - 1].map(|end| Ipv4Addr::from(u32::try_from(end).unwrap()))
}

/// The last address of a subnet; a subnet of one or two addresses has hosts only (RFC 3021).
fn broadcast(own: Own) -> Option<Ipv4Addr> {
    let [_, last] = ends(own);
    (own.1 <= 30).then_some(last)
}

fn in_subnet(own: Own, address: Ipv4Addr) -> bool {
    let [first, last] = ends(own);
    (first..=last).contains(&address)
}
