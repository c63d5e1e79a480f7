//! The gate for local datagrams: sockets, and what may pass (UDP, RATE).

mod bucket;
mod datagram;
mod error;
mod filter;
mod gate;
mod limiter;
mod quota;

pub use bucket::{AcquireError, Bucket, WouldBlock};
pub use datagram::{Datagram, Target};
pub use error::{ClosedError, DropReason, Drops, OpenSocketError, SendError};
pub use filter::{AddressError, AddressFilter, Destination};
pub use gate::Gate;
pub use limiter::RateLimiter;
pub use quota::{LimitScope, Quota, QuotaError};

use core::net::SocketAddrV4;
use core::num::NonZero;

use heapless::Vec;

use crate::ipv4::Prefix;
use crate::nic::{InterfaceId, Medium};
use crate::slots::{Key, Slots};
use crate::time::Instant;

/// The lowest local port that may be asked for (UDP-2).
const LOWEST_PORT: u16 = 1024;
/// Where ports begin that are given to sockets without one (RFC 6335 §6).
const EPHEMERAL_PORT: u16 = 49_152;

/// An open socket. Once closed, it is an error to use it, and never another socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SocketId(Key);

#[derive(Clone, Copy, Debug)]
struct Socket {
    interface: InterfaceId,
    /// `None` until the first send of a socket that was opened without one.
    port: Option<NonZero<u16>>,
    receiving: bool,
}

/// A local port of an interface, as the backend knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    pub(crate) interface: InterfaceId,
    pub(crate) port: u16,
}

/// The sockets of all interfaces, and the limits of what they send.
///
/// It knows no interface: its parent tells the address and subnet where one is connected.
#[derive(Clone, Debug)]
pub(crate) struct Udp<const SOCKETS: usize> {
    sockets: Slots<Socket, SOCKETS>,
    /// What the backend has bound: it is led from here to what the sockets want.
    bound: Vec<Binding, SOCKETS, u16>,
    quota: Quota,
    scope: LimitScope,
    /// What the sockets send from, each at its place; where they share one limit, all from the first.
    buckets: [Bucket; SOCKETS],
    drops: Drops,
}

impl<const SOCKETS: usize> Udp<SOCKETS> {
    pub(crate) fn new(quota: Quota, scope: LimitScope) -> Self {
        Self {
            sockets: Slots::EMPTY,
            bound: Vec::new(),
            quota,
            scope,
            buckets: [const { Bucket::FULL }; SOCKETS],
            drops: Drops::default(),
        }
    }

    /// Opens a socket on an interface that is coming up or up.
    pub(crate) fn open(
        &mut self,
        interface: InterfaceId,
        port: Option<u16>,
    ) -> Result<SocketId, OpenSocketError> {
        if interface.medium() == Medium::Cellular {
            return Err(OpenSocketError::Medium(interface.medium()));
        }
        if let Some(port) = port {
            if port < LOWEST_PORT {
                return Err(OpenSocketError::Port(port));
            }
            if self.is_taken(Binding { interface, port }) {
                return Err(OpenSocketError::PortInUse(port));
            }
        }
        let socket = Socket {
            interface,
            // No port is zero that may be asked for.
            port: port.and_then(NonZero::new),
            receiving: false,
        };
        let key = self.sockets.insert(socket);
        let key = key.map_err(|_| OpenSocketError::TooMany(SOCKETS))?;
        let bucket = self.buckets.get_mut(key.place());
        if let (LimitScope::Socket, Some(bucket)) = (self.scope, bucket) {
            *bucket = Bucket::FULL;
        }
        Ok(SocketId(key))
    }

    /// Closes a socket and frees its port. Closing it again is harmless.
    pub(crate) fn close(&mut self, id: SocketId) {
        self.sockets.remove(id.0);
    }

    /// Closes every socket of an interface that is powered down (UDP-11).
    pub(crate) fn close_all(&mut self, interface: InterfaceId, mut closed: impl FnMut(SocketId)) {
        self.sockets.remove_if(
            |socket| socket.interface == interface,
            |key| closed(SocketId(key)),
        );
    }

    /// Turns reception on or off (UDP-10).
    pub(crate) fn set_receiving(&mut self, id: SocketId, on: bool) -> Result<(), ClosedError> {
        let socket = self.sockets.get_mut(id.0).ok_or(ClosedError)?;
        socket.receiving = on;
        Ok(())
    }

    /// The local port of an open socket, once it has one.
    pub(crate) fn port(&self, id: SocketId) -> Result<Option<u16>, ClosedError> {
        let socket = self.sockets.get(id.0).ok_or(ClosedError)?;
        Ok(socket.port.map(NonZero::get))
    }

    /// Checks a send in the order of UDP-7; what passes all checks costs a token and is to be
    /// sent as returned. `own` tells an interface's address and subnet while it is connected.
    pub(crate) fn send<'a>(
        &mut self,
        now: Instant,
        id: SocketId,
        (target, port): (Target<'_>, u16),
        payload: &'a [u8],
        own: impl FnOnce(InterfaceId) -> Option<Prefix>,
    ) -> Result<Datagram<'a>, SendError> {
        let socket = *self.sockets.get(id.0).ok_or(SendError::Closed)?;
        let own = own(socket.interface);
        let filter = own.map(AddressFilter::new);
        let address =
            gate::check(filter.as_ref(), target, port, payload.len()).inspect_err(|error| {
                if error.closes_socket() {
                    self.close(id);
                }
            })?;
        let own = own.ok_or(SendError::NotConnected)?;
        let place = self.bucket_of(id);
        // There is one for every socket.
        let bucket = self.buckets.get_mut(place).ok_or(SendError::Closed)?;
        bucket.try_acquire(&self.quota, now)?;
        let source_port = match socket.port {
            Some(port) => port.get(),
            None => self.bind(id, socket.interface),
        };
        Ok(Datagram {
            interface: socket.interface,
            source: SocketAddrV4::new(own.address(), source_port),
            destination: SocketAddrV4::new(address, port),
            payload,
        })
    }

    /// Which socket a received datagram is for (UDP-9).
    pub(crate) fn receive(
        &mut self,
        datagram: &Datagram<'_>,
        own: Option<Prefix>,
    ) -> Result<SocketId, DropReason> {
        self.receiver(datagram, own)
            .inspect_err(|reason| self.drops.count(*reason))
    }

    fn receiver(
        &self,
        datagram: &Datagram<'_>,
        own: Option<Prefix>,
    ) -> Result<SocketId, DropReason> {
        let Some(own) = own else {
            return Err(DropReason::NotConnected);
        };
        let filter = AddressFilter::new(own);
        if !filter.admits_destination(*datagram.destination.ip()) {
            return Err(DropReason::Destination);
        }
        if !filter.admits_source(*datagram.source.ip()) {
            return Err(DropReason::Source);
        }
        let wanted = Binding {
            interface: datagram.interface,
            port: datagram.destination.port(),
        };
        let (key, socket) = self
            .sockets
            .iter()
            .find(|(_, socket)| socket.binding() == Some(wanted))
            .ok_or(DropReason::Port)?;
        if !socket.receiving {
            return Err(DropReason::NotReceiving);
        }
        Ok(SocketId(key))
    }

    /// The next port that the backend has bound and no socket wants any more.
    pub(crate) fn poll_unbind(&mut self) -> Option<Binding> {
        let index = self.bound.iter().position(|bound| !self.is_taken(*bound))?;
        Some(self.bound.swap_remove(index))
    }

    /// The next port that a socket wants and the backend has not bound yet.
    pub(crate) fn poll_bind(&mut self) -> Option<Binding> {
        let binding = self.unbound()?;
        // Full only while an unbinding is still to be polled, which goes first.
        self.bound.push(binding).ok()?;
        Some(binding)
    }

    /// Whether the backend has to bind or unbind something.
    pub(crate) fn has_bindings(&self) -> bool {
        self.unbound().is_some() || self.bound.iter().any(|bound| !self.is_taken(*bound))
    }

    /// The whole tokens that are left at `now` of those that all sockets share.
    pub(crate) fn tokens(&self, now: Instant) -> u32 {
        match self.scope {
            LimitScope::Device => self.available(now, 0),
            LimitScope::Socket => self.quota.burst(),
        }
    }

    /// The whole tokens that are left at `now` for sends of an open socket.
    pub(crate) fn socket_tokens(&self, now: Instant, id: SocketId) -> Result<u32, ClosedError> {
        self.sockets.get(id.0).ok_or(ClosedError)?;
        Ok(self.available(now, self.bucket_of(id)))
    }

    /// What was dropped so far.
    pub(crate) const fn drops(&self) -> Drops {
        self.drops
    }

    /// Gives a socket that sends the lowest free port of those for sockets without one (UDP-2).
    fn bind(&mut self, id: SocketId, interface: InterfaceId) -> u16 {
        let is_free = |port: &u16| {
            !self.is_taken(Binding {
                interface,
                port: *port,
            })
        };
        // There are more such ports than sockets.
        let port = (EPHEMERAL_PORT..u16::MAX).find(is_free).unwrap_or(u16::MAX);
        if let Some(socket) = self.sockets.get_mut(id.0) {
            socket.port = NonZero::new(port);
        }
        port
    }

    /// Which bucket the sends of a socket draw on (RATE-4).
    fn bucket_of(&self, id: SocketId) -> usize {
        match self.scope {
            LimitScope::Device => 0,
            LimitScope::Socket => id.0.place(),
        }
    }

    fn available(&self, now: Instant, bucket: usize) -> u32 {
        let bucket = self.buckets.get(bucket);
        // Without sockets there is no bucket.
        bucket.map_or(self.quota.burst(), |bucket| {
            bucket.available(&self.quota, now)
        })
    }

    fn unbound(&self) -> Option<Binding> {
        self.sockets
            .iter()
            .filter_map(|(_, socket)| socket.binding())
            .find(|binding| !self.bound.contains(binding))
    }

    // A call takes less room, and there are several.
    #[inline(never)]
    fn is_taken(&self, binding: Binding) -> bool {
        self.sockets
            .iter()
            .any(|(_, socket)| socket.binding() == Some(binding))
    }
}

impl Socket {
    fn binding(&self) -> Option<Binding> {
        self.port.map(|port| Binding {
            interface: self.interface,
            port: port.get(),
        })
    }
}
