//! Outgoing and received datagrams. The payload is borrowed from the caller and never copied.

use core::fmt;
use core::net::{Ipv4Addr, SocketAddrV4};

use crate::nic::InterfaceId;

/// A datagram to send, or one that was received. Its `Debug` output shows only the length of the
/// payload.
#[derive(Clone, Copy, PartialEq, Eq)]
#[must_use = "a checked datagram is not sent yet: hand it to the backend"]
#[expect(
    clippy::exhaustive_structs,
    reason = "backends make them, and UDP has no more fields"
)]
pub struct Datagram<'a> {
    /// The interface that sends or received it.
    pub interface: InterfaceId,
    /// The source address and port.
    pub source: SocketAddrV4,
    /// The destination address and port.
    pub destination: SocketAddrV4,
    /// The payload, at most 65507 bytes.
    pub payload: &'a [u8],
}

/// The destination address of a send, as text or parsed.
///
/// ```
/// use core::net::Ipv4Addr;
/// use lankeeper::Target;
///
/// assert_eq!(Target::from("192.168.1.7"), Target::Text("192.168.1.7"));
/// assert_eq!(Target::from(Ipv4Addr::BROADCAST), Target::Address(Ipv4Addr::BROADCAST));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "an address is text or parsed")]
pub enum Target<'a> {
    /// A strict dotted quad (UDP-3).
    Text(&'a str),
    /// A parsed address.
    Address(#[cfg_attr(feature = "defmt", defmt(Display2Format))] Ipv4Addr),
}

impl<'a> From<&'a str> for Target<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<Ipv4Addr> for Target<'_> {
    fn from(address: Ipv4Addr) -> Self {
        Self::Address(address)
    }
}

impl fmt::Debug for Datagram<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            interface,
            source,
            destination,
            payload,
        } = self;
        write!(
            f,
            "{source} -> {destination}, {} bytes on {interface}",
            payload.len()
        )
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Datagram<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        let (source, destination) = (self.source, self.destination);
        defmt::write!(
            f,
            "{} -> {}, {} bytes on {}",
            defmt::Display2Format(&source),
            defmt::Display2Format(&destination),
            self.payload.len(),
            self.interface,
        );
    }
}
