//! Outgoing datagrams. The payload is borrowed from the caller and never copied.

use core::fmt;
use core::net::{Ipv4Addr, SocketAddrV4};

use super::Binding;

/// A datagram to send, which has passed all checks. Its `Debug` output shows only the length of the
/// payload.
#[derive(Clone, Copy, PartialEq, Eq)]
#[must_use = "a checked datagram is not sent yet: give it to the backend"]
#[non_exhaustive]
pub struct Datagram<'a> {
    /// The interface and local port that send it.
    pub binding: Binding,
    /// The address of the interface, and the local port.
    pub source: SocketAddrV4,
    /// The destination address and port.
    pub destination: SocketAddrV4,
    /// The payload, at most 65507 bytes.
    pub payload: &'a [u8],
}

/// The destination of a send: an address as text or parsed, and a port.
///
/// ```
/// use core::net::{Ipv4Addr, SocketAddrV4};
/// use lankeeper::udp::Target;
///
/// assert_eq!(Target::from(("192.168.1.7", 5000)), Target::Text("192.168.1.7", 5000));
/// let all = SocketAddrV4::new(Ipv4Addr::BROADCAST, 5000);
/// assert_eq!(Target::from(all), Target::from((Ipv4Addr::BROADCAST, 5000)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "an address is text or parsed")]
pub enum Target<'a> {
    /// A strict dotted quad (UDP-3), and the port.
    Text(&'a str, u16),
    /// A parsed address, and the port.
    Address(SocketAddrV4),
}

impl From<SocketAddrV4> for Target<'_> {
    fn from(address: SocketAddrV4) -> Self {
        Self::Address(address)
    }
}

impl From<(Ipv4Addr, u16)> for Target<'_> {
    fn from((address, port): (Ipv4Addr, u16)) -> Self {
        Self::Address(SocketAddrV4::new(address, port))
    }
}

impl<'a> From<(&'a str, u16)> for Target<'a> {
    fn from((text, port): (&'a str, u16)) -> Self {
        Self::Text(text, port)
    }
}

impl fmt::Debug for Datagram<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            binding,
            source,
            destination,
            payload,
        } = self;
        let interface = binding.interface();
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
        defmt::write!(
            f,
            "{} -> {}, {} bytes on {}",
            self.source,
            self.destination,
            self.payload.len(),
            self.binding.interface(),
        );
    }
}
