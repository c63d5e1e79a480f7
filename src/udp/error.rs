//! Errors of local sockets and sends, and the reasons for dropping received datagrams.

use super::WouldBlock;
use crate::counter::count;
use crate::ipv4::DottedQuadError;
use crate::nic::Medium;

/// Why a socket was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum OpenSocketError {
    /// The interface of the handle was closed (OPEN-6).
    #[error("the interface was closed")]
    StaleHandle,
    /// The interface is cellular (UDP-1).
    #[error("no local datagrams on {0} interfaces, allowed are Wi-Fi and Ethernet")]
    Medium(Medium),
    /// The local port is below 1024 (UDP-2).
    #[error("local port {0}, allowed is 1024 to 65535")]
    Port(u16),
    /// Another socket of the interface uses the local port (UDP-2).
    #[error("local port {0} is in use")]
    PortInUse(u16),
    /// All sockets are in use (UDP-12).
    #[error("no free socket, at most {0}")]
    TooMany(usize),
}

/// The socket was closed: by a request, by a send to a forbidden address, because the backend could
/// not bind its port, or with its interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("the socket is closed")]
#[non_exhaustive]
pub struct ClosedError;

/// Why a [`Gate`](crate::udp::Gate) refused a send, in the order of the checks (UDP-7).
///
/// ```
/// use lankeeper::udp::GateError;
/// use lankeeper::SendError;
///
/// assert_eq!(
///     GateError::NotLocal.to_string(),
///     "destination: not local, allowed are private addresses and 255.255.255.255",
/// );
/// // UDP-3 and UDP-4 have the socket closed after a destination that is not allowed anywhere.
/// assert!(SendError::from(GateError::NotLocal).closes_socket());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum GateError {
    /// The destination is not a strict dotted quad (UDP-3). No code.
    #[error("destination: {0}")]
    Address(DottedQuadError),
    /// The destination is not local (UDP-4). No code.
    #[error("destination: not local, allowed are private addresses and 255.255.255.255")]
    NotLocal,
    /// The remote port is 0, 67 or 68 (UDP-6). No code.
    #[error("remote port {0}, allowed is 1 to 65535 but 67 and 68")]
    Port(u16),
    /// The payload is too long (UDP-6). No code.
    #[error("payload of {0} bytes, at most 65507")]
    TooLong(usize),
    /// The interface is not connected, or its address is not private; or the destination is the
    /// broadcast address of its subnet and not private (UDP-7, UDP-13). Code 1.
    #[error("the interface is not connected to a private network")]
    NotConnected,
    /// The destination is not in the subnet of the interface (UDP-5). Code 1.
    #[error(
        "destination: outside the subnet of the interface, allowed are its addresses and 255.255.255.255"
    )]
    OutsideSubnet,
    /// The rate limit is reached (RATE-3). Code 4.
    #[error(transparent)]
    WouldBlock(#[from] WouldBlock),
}

impl GateError {
    /// The public code, if there is one (UDP-8): 1 `SEND_ERROR_NOT_CONNECTED`, 4
    /// `SEND_ERROR_WOULDBLOCK`. The other errors are mistakes of the caller and have no code.
    ///
    /// ```
    /// use lankeeper::udp::GateError;
    ///
    /// assert_eq!(GateError::OutsideSubnet.code(), Some(1));
    /// assert_eq!(GateError::Port(68).code(), None);
    /// ```
    #[must_use]
    pub const fn code(&self) -> Option<u8> {
        match self {
            Self::NotConnected | Self::OutsideSubnet => Some(1),
            Self::WouldBlock(_) => Some(4),
            Self::Address(_) | Self::NotLocal | Self::Port(_) | Self::TooLong(_) => None,
        }
    }
}

/// Why a datagram was not sent, in the order of the checks (UDP-7). Only [`Closed`](Self::Closed)
/// is checked before the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SendError {
    /// The destination is not a strict dotted quad (UDP-3). The socket is closed now.
    #[error("destination: {0}; the socket is closed")]
    Address(DottedQuadError),
    /// The destination is not local (UDP-4). The socket is closed now.
    #[error(
        "destination: not local, allowed are private addresses and 255.255.255.255; the socket is closed"
    )]
    NotLocal,
    /// The remote port is 0, 67 or 68 (UDP-6).
    #[error("remote port {0}, allowed is 1 to 65535 but 67 and 68")]
    Port(u16),
    /// The payload is too long (UDP-6).
    #[error("payload of {0} bytes, at most 65507")]
    TooLong(usize),
    /// The interface is not connected, or its address is not private; or the destination is the
    /// broadcast address of its subnet and not private (UDP-7, UDP-13, code 1).
    #[error("not connected to a private network")]
    NotConnected,
    /// The destination is not in the subnet of the interface (UDP-5, code 1).
    #[error("destination: not in the subnet of the interface")]
    OutsideSubnet,
    /// The rate limit is reached (code 4).
    #[error(transparent)]
    WouldBlock(#[from] WouldBlock),
    /// The socket is closed. Checked first.
    // size: 80 B. Last, so that the others have the numbers of those of `GateError`.
    #[error("the socket is closed")]
    Closed,
}

impl SendError {
    /// Whether this error closes the socket (UDP-3, UDP-4).
    ///
    /// ```
    /// use lankeeper::SendError;
    ///
    /// assert!(SendError::NotLocal.closes_socket());
    /// assert!(!SendError::OutsideSubnet.closes_socket());
    /// ```
    #[must_use]
    pub const fn closes_socket(&self) -> bool {
        matches!(self, Self::Address(_) | Self::NotLocal)
    }

    /// The public code, if there is one (UDP-8): 1 `SEND_ERROR_NOT_CONNECTED`, 4
    /// `SEND_ERROR_WOULDBLOCK`. The other errors are mistakes of the caller and have no code. A
    /// datagram that was sent has code 0.
    ///
    /// ```
    /// use lankeeper::SendError;
    ///
    /// assert_eq!(SendError::NotConnected.code(), Some(1));
    /// assert_eq!(SendError::Closed.code(), None);
    /// ```
    #[must_use]
    pub const fn code(&self) -> Option<u8> {
        match self {
            Self::NotConnected | Self::OutsideSubnet => Some(1),
            Self::WouldBlock(_) => Some(4),
            Self::Closed | Self::Address(_) | Self::NotLocal | Self::Port(_) | Self::TooLong(_) => {
                None
            }
        }
    }
}

/// The same refusal, of a send by a socket.
impl From<GateError> for SendError {
    #[inline]
    fn from(error: GateError) -> Self {
        match error {
            GateError::Address(problem) => Self::Address(problem),
            GateError::NotLocal => Self::NotLocal,
            GateError::Port(port) => Self::Port(port),
            GateError::TooLong(length) => Self::TooLong(length),
            GateError::NotConnected => Self::NotConnected,
            GateError::OutsideSubnet => Self::OutsideSubnet,
            GateError::WouldBlock(refusal) => Self::WouldBlock(refusal),
        }
    }
}

/// Why a received datagram was dropped, in the order of the checks (UDP-9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum DropReason {
    /// The interface is not connected, or its address is not private (UDP-13).
    #[error("not connected to a private network")]
    NotConnected,
    /// The destination is not an address of the interface.
    #[error("sent to another address")]
    Destination,
    /// The source address is not allowed, or is one of the device's own (UDP-13).
    #[error("source not allowed")]
    Source,
    /// No socket is bound to the destination port.
    #[error("no socket on its port")]
    Port,
    /// Reception of the socket is turned off (UDP-10).
    #[error("reception is off")]
    NotReceiving,
    /// The payload did not fit in the buffer of the application.
    #[error("longer than the buffer")]
    TooLong,
}

/// How many received datagrams were dropped, by reason. Counters saturate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Drops {
    /// [`DropReason::NotConnected`].
    pub not_connected: u32,
    /// [`DropReason::Destination`].
    pub destination: u32,
    /// [`DropReason::Source`].
    pub source: u32,
    /// [`DropReason::Port`].
    pub port: u32,
    /// [`DropReason::NotReceiving`].
    pub not_receiving: u32,
    /// [`DropReason::TooLong`].
    pub too_long: u32,
}

impl Drops {
    /// Nothing was dropped. The same as the default, for constants.
    pub(super) const NONE: Self = Self {
        not_connected: 0,
        destination: 0,
        source: 0,
        port: 0,
        not_receiving: 0,
        too_long: 0,
    };

    pub(super) fn count(&mut self, reason: DropReason) {
        let counter = match reason {
            DropReason::NotConnected => &mut self.not_connected,
            DropReason::Destination => &mut self.destination,
            DropReason::Source => &mut self.source,
            DropReason::Port => &mut self.port,
            DropReason::NotReceiving => &mut self.not_receiving,
            DropReason::TooLong => &mut self.too_long,
        };
        count(counter);
    }

    /// Each reason with its count, 0 too, in the order of the checks.
    ///
    /// ```
    /// use lankeeper::udp::Drops;
    ///
    /// assert!(Drops::default().iter().all(|(_, count)| count == 0));
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (DropReason, u32)> + use<> {
        [
            (DropReason::NotConnected, self.not_connected),
            (DropReason::Destination, self.destination),
            (DropReason::Source, self.source),
            (DropReason::Port, self.port),
            (DropReason::NotReceiving, self.not_receiving),
            (DropReason::TooLong, self.too_long),
        ]
        .into_iter()
    }

    /// The sum over all reasons; saturates.
    ///
    /// ```
    /// use lankeeper::udp::Drops;
    ///
    /// let mut drops = Drops::default();
    /// (drops.source, drops.port) = (2, 1);
    /// assert_eq!(drops.total(), 3);
    /// ```
    #[must_use]
    pub const fn total(&self) -> u32 {
        self.not_connected
            .saturating_add(self.destination)
            .saturating_add(self.source)
            .saturating_add(self.port)
            .saturating_add(self.not_receiving)
            .saturating_add(self.too_long)
    }
}
