//! The gate for local datagrams: sockets, and what may pass (UDP, RATE).

mod datagram;
mod error;
mod filter;
mod limiter;

pub use datagram::{Datagram, Target};
pub use error::{ClosedError, DropReason, Drops, OpenSocketError, SendError};
pub use filter::{AddressError, AddressFilter, Destination};
pub use limiter::{AcquireError, Quota, QuotaError, RateLimiter, WouldBlock};

use core::net::{Ipv4Addr, SocketAddrV4};

use heapless::Vec;

use crate::ipv4::{Prefix, parse_dotted_quad};
use crate::nic::{InterfaceId, Medium};
use crate::slots::{Key, Slots};
use crate::time::Instant;

/// The longest payload of a datagram: what IPv4 leaves of 65535 bytes (RFC 768, RFC 791).
const PAYLOAD: usize = 65_507;
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
    port: Option<u16>,
    receiving: bool,
}

/// A local port of an interface, as the backend knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    pub(crate) interface: InterfaceId,
    pub(crate) port: u16,
}

/// The sockets of all interfaces, and the bucket that they share.
///
/// It knows no interface: its parent tells the address and subnet where one is connected.
#[derive(Clone, Debug)]
pub(crate) struct Udp<const SOCKETS: usize> {
    sockets: Slots<Socket, SOCKETS>,
    /// What the backend has bound: it is led from here to what the sockets want.
    bound: Vec<Binding, SOCKETS>,
    limiter: RateLimiter,
    drops: Drops,
}

impl<const SOCKETS: usize> Udp<SOCKETS> {
    pub(crate) fn new(quota: Quota) -> Self {
        Self {
            sockets: Slots::new(),
            bound: Vec::new(),
            limiter: RateLimiter::new(quota),
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
        self.sockets
            .insert(Socket {
                interface,
                port,
                receiving: false,
            })
            .map(SocketId)
            .map_err(|_| OpenSocketError::TooMany(SOCKETS))
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

    /// The interface of an open socket.
    pub(crate) fn interface(&self, id: SocketId) -> Result<InterfaceId, ClosedError> {
        self.sockets
            .get(id.0)
            .map(|socket| socket.interface)
            .ok_or(ClosedError)
    }

    /// The local port of an open socket, once it has one.
    pub(crate) fn port(&self, id: SocketId) -> Result<Option<u16>, ClosedError> {
        self.sockets
            .get(id.0)
            .map(|socket| socket.port)
            .ok_or(ClosedError)
    }

    /// Checks a send in the order of UDP-7; what passes all checks costs a token and is to be
    /// sent as returned. `own` is the interface's address and subnet while it is connected.
    pub(crate) fn send<'a>(
        &mut self,
        now: Instant,
        id: SocketId,
        (target, port): (Target<'_>, u16),
        payload: &'a [u8],
        own: Option<Prefix>,
    ) -> Result<Datagram<'a>, SendError> {
        let socket = *self.sockets.get(id.0).ok_or(SendError::Closed)?;
        let address = local_address(target).inspect_err(|_| self.close(id))?;
        if matches!(port, 0 | 67 | 68) {
            return Err(SendError::Port(port));
        }
        if payload.len() > PAYLOAD {
            return Err(SendError::TooLong(payload.len()));
        }
        let own = own.ok_or(SendError::NotConnected)?;
        if AddressFilter::new(own).check(address).is_err() {
            return Err(SendError::OutsideSubnet);
        }
        self.limiter.try_acquire(now)?;
        let local_port = self.bind(id, socket);
        Ok(Datagram {
            interface: socket.interface,
            source: SocketAddrV4::new(own.address(), local_port),
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
        let filter = AddressFilter::new(own.ok_or(DropReason::NotConnected)?);
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

    /// The whole tokens that are left for sends at `now`.
    pub(crate) fn tokens(&self, now: Instant) -> u32 {
        self.limiter.available(now)
    }

    /// What was dropped so far.
    pub(crate) const fn drops(&self) -> Drops {
        self.drops
    }

    /// The port of a socket that sends: its own, or from now on the lowest free one of those for
    /// sockets without one (UDP-2).
    fn bind(&mut self, id: SocketId, socket: Socket) -> u16 {
        let interface = socket.interface;
        let port = socket.port.unwrap_or_else(|| {
            // There are more such ports than sockets.
            (EPHEMERAL_PORT..=u16::MAX)
                .find(|port| {
                    !self.is_taken(Binding {
                        interface,
                        port: *port,
                    })
                })
                .unwrap_or(u16::MAX)
        });
        if let Some(socket) = self.sockets.get_mut(id.0) {
            socket.port = Some(port);
        }
        port
    }

    fn unbound(&self) -> Option<Binding> {
        self.sockets
            .iter()
            .filter_map(|(_, socket)| socket.binding())
            .find(|binding| !self.bound.contains(binding))
    }

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
            port,
        })
    }
}

fn local_address(target: Target<'_>) -> Result<Ipv4Addr, SendError> {
    let address = match target {
        Target::Text(text) => parse_dotted_quad(text).map_err(SendError::Address)?,
        Target::Address(address) => address,
    };
    if AddressFilter::is_local(address) {
        Ok(address)
    } else {
        Err(SendError::NotLocal)
    }
}
