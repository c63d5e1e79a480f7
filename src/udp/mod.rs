//! Local datagrams: sockets, and the checks of every send and receive (UDP, RATE).

pub(crate) mod binding;
mod bucket;
pub(crate) mod datagram;
pub(crate) mod error;
mod filter;
mod gate;
mod limiter;
pub(crate) mod quota;
pub(crate) mod socket;

pub(crate) use binding::{Binding, Received};
pub use bucket::{AcquireError, Bucket, WouldBlock};
pub(crate) use datagram::Datagram;
pub use datagram::Target;
pub(crate) use error::SendError;
pub use error::{ClosedError, DropReason, Drops, GateError, OpenSocketError};
pub use filter::{AddressError, AddressFilter, Destination};
pub use gate::Gate;
pub use limiter::RateLimiter;
pub(crate) use quota::Quota;
pub use quota::{LimitScope, QuotaError};
use socket::Socket;
pub(crate) use socket::SocketId;

use core::net::SocketAddrV4;
use core::num::NonZero;

use crate::generation::Generation;
use crate::ipv4::Prefix;
use crate::nic::{InterfaceId, Medium};
use crate::slots::Slots;
use crate::time::Instant;

/// The lowest local port that can be requested (UDP-2).
const LOWEST_PORT: u16 = 1024;
/// The lowest port that is assigned to sockets opened without one (RFC 6335 §6).
const EPHEMERAL_PORT: u16 = 49_152;

/// The sockets of all interfaces, and the rate limits of their sends.
///
/// It does not know the interfaces: the manager passes the address and subnet of a connected one.
#[derive(Clone, Debug)]
pub(crate) struct Udp<const SOCKETS: usize> {
    sockets: Slots<Socket, SOCKETS>,
    /// What the backend has bound for the socket in each slot, or for one that was there before.
    /// `take_bind` and `take_unbind` bring it in line with the sockets.
    bound: [Option<Binding>; SOCKETS],
    quota: Quota,
    scope: LimitScope,
    /// The bucket of each socket, by its slot. With `LimitScope::Device` all sockets use the first.
    /// A socket goes on with what its slot has left, so that opening it anew refills nothing
    /// (UDP-14).
    buckets: [Bucket; SOCKETS],
    drops: Drops,
}

impl<const SOCKETS: usize> Udp<SOCKETS> {
    pub(crate) fn new(quota: Quota, scope: LimitScope, base: Generation) -> Self {
        Self {
            sockets: Slots::new(base),
            bound: [None; SOCKETS],
            quota,
            scope,
            buckets: [const { Bucket::FULL }; SOCKETS],
            drops: Drops::default(),
        }
    }

    /// Opens a socket, which receives. The caller has checked that the interface is held.
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
            if self.is_taken(interface, port) {
                return Err(OpenSocketError::PortInUse(port));
            }
        }
        let socket = Socket {
            interface,
            // Never zero: the port is at least `LOWEST_PORT`.
            port: port.and_then(NonZero::new),
            receiving: true,
        };
        let key = self.sockets.insert(socket);
        let key = key.map_err(|_| OpenSocketError::TooMany(SOCKETS))?;
        Ok(SocketId(key))
    }

    /// Closes a socket and frees its port. Closing it again is harmless.
    pub(crate) fn close(&mut self, id: SocketId) {
        self.sockets.remove(id.0);
    }

    /// Closes every socket of an interface, because it is powered down (UDP-11). Calls `closed`
    /// with each.
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

    /// Checks a send in the order of UDP-7. If every check succeeds, takes one token and returns
    /// the datagram to send. `own` returns the address and subnet of a connected interface.
    pub(crate) fn send<'a>(
        &mut self,
        now: Instant,
        id: SocketId,
        target: Target<'_>,
        payload: &'a [u8],
        own: impl FnOnce(InterfaceId) -> Option<Prefix>,
    ) -> Result<Datagram<'a>, SendError> {
        let socket = *self.sockets.get(id.0).ok_or(SendError::Closed)?;
        let own = own(socket.interface);
        let filter = own.map(AddressFilter::new);
        let destination = gate::check(filter.as_ref(), target, payload.len())
            .map_err(SendError::from)
            .inspect_err(|error| {
                if error.closes_socket() {
                    self.close(id);
                }
            })?;
        let own = own.ok_or(SendError::NotConnected)?;
        let index = self.bucket_of(id);
        // Every open socket has a bucket, so the error cannot occur.
        let bucket = self.buckets.get_mut(index).ok_or(SendError::Closed)?;
        bucket.try_acquire(&self.quota, now)?;
        let interface = socket.interface;
        let port = match socket.port {
            Some(port) => port.get(),
            None => self.assign_port(id, interface),
        };
        Ok(Datagram {
            binding: Binding {
                socket: id,
                interface,
                port,
            },
            source: SocketAddrV4::new(own.address(), port),
            destination,
            payload,
        })
    }

    /// Returns the socket that a received datagram is for, or counts it as dropped (UDP-9). `room`
    /// is the length of the buffer that it was received into, `own` the address and subnet of its
    /// interface, and `is_from_us` says whether the source is another address of the device.
    pub(crate) fn receive(
        &mut self,
        binding: Binding,
        received: &Received,
        room: usize,
        own: Option<Prefix>,
        is_from_us: bool,
    ) -> Result<SocketId, DropReason> {
        self.check_received(binding, received, room, own, is_from_us)
            .inspect_err(|reason| self.drops.count(*reason))
    }

    fn check_received(
        &self,
        binding: Binding,
        received: &Received,
        room: usize,
        own: Option<Prefix>,
        is_from_us: bool,
    ) -> Result<SocketId, DropReason> {
        let filter = own.map(AddressFilter::new);
        gate::check_received(filter.as_ref(), *received.source.ip(), received.destination)?;
        if is_from_us {
            return Err(DropReason::Source);
        }
        let id = binding.socket;
        let socket = self.sockets.get(id.0);
        let is_meant = |socket: &&Socket| socket.binding(id) == Some(binding);
        let socket = socket.filter(is_meant).ok_or(DropReason::Port)?;
        if !socket.receiving {
            return Err(DropReason::NotReceiving);
        }
        if received.length > room {
            return Err(DropReason::TooLong);
        }
        Ok(id)
    }

    /// What the backend has bound for the slot at this place.
    pub(crate) fn bound_at(&self, place: usize) -> Option<Binding> {
        *self.bound.get(place)?
    }

    /// Closes the socket of a port that the backend could not bind. Returns whether it was open.
    pub(crate) fn handle_bind_failure(&mut self, binding: Binding) -> bool {
        // There is nothing to unbind.
        self.take_bound(binding).is_some() && self.sockets.remove(binding.socket.0).is_some()
    }

    /// Forgets what the backend has bound.
    fn take_bound(&mut self, binding: Binding) -> Option<Binding> {
        let mut bound = self.bound.iter_mut();
        bound.find(|bound| **bound == Some(binding))?.take()
    }

    /// Whether this is the binding of an open socket.
    pub(crate) fn is_open(&self, binding: Binding) -> bool {
        let socket = self.sockets.get(binding.socket.0);
        socket.is_some_and(|socket| socket.binding(binding.socket) == Some(binding))
    }

    /// The binding that the socket in the slot at this place wants.
    fn wanted_at(&self, place: usize) -> Option<Binding> {
        let (key, socket) = self.sockets.at(place)?;
        socket.binding(SocketId(key))
    }

    /// A port that the backend has bound and no socket wants any more.
    pub(crate) fn to_unbind(&self) -> Option<Binding> {
        (0..SOCKETS).find_map(|place| {
            let bound = self.bound_at(place)?;
            (self.wanted_at(place) != Some(bound)).then_some(bound)
        })
    }

    /// A port that a socket wants and the backend has not bound yet.
    pub(crate) fn to_bind(&self) -> Option<Binding> {
        (0..SOCKETS).find_map(|place| {
            let wanted = self.wanted_at(place)?;
            // What is bound there for an earlier socket is unbound first.
            self.bound_at(place).is_none().then_some(wanted)
        })
    }

    /// The port that the backend is asked to unbind now.
    pub(crate) fn take_unbind(&mut self) -> Option<Binding> {
        let binding = self.to_unbind()?;
        self.take_bound(binding)
    }

    /// The port that the backend is asked to bind now.
    pub(crate) fn take_bind(&mut self) -> Option<Binding> {
        let binding = self.to_bind()?;
        let index = self.sockets.index(binding.socket.0)?;
        *self.bound.get_mut(index)? = Some(binding);
        Some(binding)
    }

    /// Moves the rate limits to a clock that says `to` where it said `from` (TIME-7).
    pub(crate) fn rebase(&mut self, from: Instant, to: Instant) {
        for bucket in &mut self.buckets {
            bucket.rebase(&self.quota, from, to);
        }
    }

    /// The whole tokens that the shared bucket has left at `now`; the burst if each socket has its
    /// own bucket.
    pub(crate) fn tokens(&self, now: Instant) -> u32 {
        match self.scope {
            LimitScope::Device => self.available(now, 0),
            LimitScope::Socket => self.quota.burst(),
        }
    }

    /// The whole tokens that an open socket has left at `now`.
    pub(crate) fn socket_tokens(&self, now: Instant, id: SocketId) -> Result<u32, ClosedError> {
        self.sockets.get(id.0).ok_or(ClosedError)?;
        Ok(self.available(now, self.bucket_of(id)))
    }

    /// The received datagrams dropped so far.
    pub(crate) const fn drops(&self) -> Drops {
        self.drops
    }

    /// Gives a socket the lowest free ephemeral port, and returns the port (UDP-2).
    fn assign_port(&mut self, id: SocketId, interface: InterfaceId) -> u16 {
        let is_free = |port: &u16| !self.is_taken(interface, *port);
        // There are more ephemeral ports than sockets, so one is free.
        let port = (EPHEMERAL_PORT..u16::MAX).find(is_free).unwrap_or(u16::MAX);
        if let Some(socket) = self.sockets.get_mut(id.0) {
            socket.port = NonZero::new(port);
        }
        port
    }

    /// The index of the bucket for the sends of a socket (RATE-4).
    fn bucket_of(&self, id: SocketId) -> usize {
        match self.scope {
            LimitScope::Device => 0,
            LimitScope::Socket => self.sockets.index(id.0).unwrap_or(SOCKETS),
        }
    }

    fn available(&self, now: Instant, bucket: usize) -> u32 {
        let bucket = self.buckets.get(bucket);
        // There is no bucket if the capacity is no socket.
        bucket.map_or(self.quota.burst(), |bucket| {
            bucket.available(&self.quota, now)
        })
    }

    /// Whether a socket of this interface has this port.
    // size: 2 callers
    #[inline(never)]
    fn is_taken(&self, interface: InterfaceId, port: u16) -> bool {
        let mut sockets = self.sockets.iter();
        sockets.any(|(_, socket)| {
            socket.interface == interface && socket.port.map(NonZero::get) == Some(port)
        })
    }
}

#[cfg(feature = "view")]
impl<const SOCKETS: usize> Udp<SOCKETS> {
    /// Writes which sockets there are and which of them are bound, without their numbers.
    pub(crate) fn view(&self, into: &mut impl core::hash::Hasher) {
        use core::hash::Hash;

        for place in 0..SOCKETS {
            let bound = self.bound_at(place);
            let socket = self.sockets.at(place).map(|(_, socket)| socket);
            let socket = socket.map(|socket| (socket.interface, socket.port, socket.receiving));
            socket.hash(into);
            bound.map(|bound| (bound.interface, bound.port)).hash(into);
            (bound == self.wanted_at(place)).hash(into);
        }
    }
}
