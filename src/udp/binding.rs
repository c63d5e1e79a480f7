//! A local port as the backend binds it, and what comes in there.

use core::net::{Ipv4Addr, SocketAddrV4};

use super::SocketId;
use crate::nic::InterfaceId;
use crate::slots::Key;

/// A local port of an interface, bound for one socket (DRV-1).
///
/// The backend gets it with [`Command::Bind`](crate::Command::Bind), and gets the same value when
/// it is to receive, to send and to unbind. Two bindings of one port are never equal, so that a
/// report about the first cannot be taken for one about the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Binding {
    pub(super) socket: SocketId,
    pub(super) interface: InterfaceId,
    pub(super) port: u16,
}

impl Binding {
    /// The interface.
    #[must_use]
    pub const fn interface(self) -> InterfaceId {
        self.interface
    }

    /// The local port.
    #[must_use]
    pub const fn port(self) -> u16 {
        self.port
    }

    /// The socket that it is bound for.
    #[must_use]
    pub const fn socket(self) -> SocketId {
        self.socket
    }

    /// The binding as a number, for a backend behind a link or in another language.
    #[must_use]
    pub fn to_bits(self) -> u64 {
        // 32 bits of the socket, 8 of the interface, 16 of the port.
        u64::from(self.socket.0.to_bits()) << 24
            | u64::from(self.interface.to_bits()) << 16
            | u64::from(self.port)
    }

    /// The binding with this number; `None` if no binding has it.
    #[must_use]
    pub fn from_bits(bits: u64) -> Option<Self> {
        let [.., interface, high, low] = bits.to_be_bytes();
        Some(Self {
            socket: SocketId(Key::from_bits(u32::try_from(bits >> 24).ok()?)),
            interface: InterfaceId::from_bits(interface)?,
            port: u16::from_be_bytes([high, low]),
        })
    }
}

/// A datagram that a backend has received into a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(
    clippy::exhaustive_structs,
    reason = "backends make them, and UDP has no more fields"
)]
pub struct Received {
    /// The source address and port.
    pub source: SocketAddrV4,
    /// The destination address; the destination port is that of the [`Binding`].
    pub destination: Ipv4Addr,
    /// The length of the whole payload in bytes. If it exceeds the buffer, the manager drops the
    /// datagram (UDP-9).
    pub length: usize,
}
