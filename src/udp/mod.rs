//! Local datagrams: sockets, and the checks of every send and receive (UDP, RATE).

mod bucket;
mod datagram;
mod error;
mod filter;
mod gate;
mod limiter;
mod quota;

pub use bucket::{AcquireError, Bucket, WouldBlock};
pub use datagram::{Datagram, Target};
pub use error::{ClosedError, DropReason, Drops, GateError, OpenSocketError, SendError};
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

/// The lowest local port that can be requested (UDP-2).
const LOWEST_PORT: u16 = 1024;
/// The lowest port that is assigned to sockets opened without one (RFC 6335 §6).
const EPHEMERAL_PORT: u16 = 49_152;

/// Identifies a socket. Once the socket is closed, using its identifier is an error; it never means
/// another socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SocketId(Key);

#[derive(Clone, Copy, Debug)]
struct Socket {
    interface: InterfaceId,
    /// `None` if the socket was opened without a port and has not sent yet.
    port: Option<NonZero<u16>>,
    receiving: bool,
}

/// A local port of an interface, as the backend binds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    pub(crate) interface: InterfaceId,
    pub(crate) port: u16,
}

/// The sockets of all interfaces, and the rate limits of their sends.
///
/// It does not know the interfaces: the manager passes the address and subnet of a connected one.
#[derive(Clone, Debug)]
pub(crate) struct Udp<const SOCKETS: usize> {
    sockets: Slots<Socket, SOCKETS>,
    /// The ports that the backend has bound. `poll_bind` and `poll_unbind` bring them in line with
    /// the sockets.
    bound: Vec<Binding, SOCKETS, u16>,
    quota: Quota,
    scope: LimitScope,
    /// The bucket of each socket, by its slot. With `LimitScope::Device` all sockets use the first.
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

    /// Opens a socket. The caller has checked that the interface is coming up or up.
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
            // Never zero: the port is at least `LOWEST_PORT`.
            port: port.and_then(NonZero::new),
            receiving: false,
        };
        let key = self.sockets.insert(socket);
        let key = key.map_err(|_| OpenSocketError::TooMany(SOCKETS))?;
        let bucket = self.buckets.get_mut(key.index());
        if let (LimitScope::Socket, Some(bucket)) = (self.scope, bucket) {
            *bucket = Bucket::FULL;
        }
        Ok(SocketId(key))
    }

    /// Closes a socket and frees its port. Closing it again is harmless.
    pub(crate) fn close(&mut self, id: SocketId) {
        self.sockets.remove(id.0);
    }

    /// Closes every socket of an interface, because it is powered down (UDP-11). Calls `closed` with
    /// each.
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
        (target, port): (Target<'_>, u16),
        payload: &'a [u8],
        own: impl FnOnce(InterfaceId) -> Option<Prefix>,
    ) -> Result<Datagram<'a>, SendError> {
        let socket = *self.sockets.get(id.0).ok_or(SendError::Closed)?;
        let own = own(socket.interface);
        let filter = own.map(AddressFilter::new);
        let address = gate::check(filter.as_ref(), target, port, payload.len())
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

    /// Returns the socket that a received datagram is for, or counts it as dropped (UDP-9).
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

    /// A port that the backend has bound and no socket wants any more.
    pub(crate) fn to_unbind(&self) -> Option<Binding> {
        let mut bound = self.bound.iter();
        bound.find(|bound| !self.is_taken(**bound)).copied()
    }

    /// A port that a socket wants and the backend has not bound yet.
    pub(crate) fn to_bind(&self) -> Option<Binding> {
        let mut sockets = self.sockets.iter();
        sockets.find_map(|(_, socket)| {
            let binding = socket.binding()?;
            (!self.bound.contains(&binding)).then_some(binding)
        })
    }

    /// The port that the backend is asked to unbind now.
    pub(crate) fn take_unbind(&mut self) -> Option<Binding> {
        let binding = self.to_unbind()?;
        let index = self.bound.iter().position(|bound| *bound == binding)?;
        Some(self.bound.swap_remove(index))
    }

    /// The port that the backend is asked to bind now.
    pub(crate) fn take_bind(&mut self) -> Option<Binding> {
        let binding = self.to_bind()?;
        // Full only while a port is still to be unbound, which goes first.
        self.bound.push(binding).ok()?;
        Some(binding)
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

    /// Binds a socket to the lowest free ephemeral port, and returns the port (UDP-2).
    fn bind(&mut self, id: SocketId, interface: InterfaceId) -> u16 {
        let is_free = |port: &u16| {
            !self.is_taken(Binding {
                interface,
                port: *port,
            })
        };
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
            LimitScope::Socket => id.0.index(),
        }
    }

    fn available(&self, now: Instant, bucket: usize) -> u32 {
        let bucket = self.buckets.get(bucket);
        // There is no bucket if the capacity is no socket.
        bucket.map_or(self.quota.burst(), |bucket| {
            bucket.available(&self.quota, now)
        })
    }

    // size: 3 callers
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
