//! A socket for local datagrams.

use core::num::NonZero;

use super::Binding;
use crate::nic::InterfaceId;
use crate::slots::Key;

/// Identifies a socket. Once the socket is closed, using its identifier is an error; it never means
/// another socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SocketId(pub(super) Key);

#[derive(Clone, Copy, Debug)]
pub(super) struct Socket {
    pub(super) interface: InterfaceId,
    /// `None` if the socket was opened without a port and has not sent yet.
    pub(super) port: Option<NonZero<u16>>,
    pub(super) receiving: bool,
}

impl Socket {
    pub(super) fn binding(&self, id: SocketId) -> Option<Binding> {
        self.port.map(|port| Binding {
            socket: id,
            interface: self.interface,
            port: port.get(),
        })
    }
}
