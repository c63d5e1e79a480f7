//! The addresses that local datagrams may go to and come from (UDP-4, UDP-5, UDP-9).

use core::net::Ipv4Addr;

use crate::ipv4::{Prefix, is_private};

/// The kind of an allowed destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(
    clippy::exhaustive_enums,
    reason = "a destination is one of these three"
)]
pub enum Destination {
    /// Any other address of the interface's subnet.
    Unicast,
    /// The broadcast address of the interface's subnet. A /31 and a /32 have none.
    SubnetBroadcast,
    /// 255.255.255.255, every host of the interface's subnet (RFC 919 §7).
    LimitedBroadcast,
}

/// Why an address is not allowed as a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum AddressError {
    /// Neither private nor 255.255.255.255 (UDP-4).
    #[error(
        "not a local address, allowed are 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and 255.255.255.255"
    )]
    NotLocal,
    /// Private, but outside the interface's subnet (UDP-5).
    #[error("not in the subnet of the interface")]
    OutsideSubnet,
}

/// The addresses that an interface may exchange local datagrams with.
///
/// ```
/// use core::net::Ipv4Addr;
/// use lankeeper::udp::{AddressError, AddressFilter, Destination};
/// use lankeeper::Prefix;
///
/// let filter = AddressFilter::new(Prefix::new(Ipv4Addr::new(192, 168, 1, 7), 24)?);
/// assert_eq!(filter.check(Ipv4Addr::new(192, 168, 1, 9)), Ok(Destination::Unicast));
/// assert_eq!(filter.check(Ipv4Addr::new(192, 168, 1, 255)), Ok(Destination::SubnetBroadcast));
/// assert_eq!(filter.check(Ipv4Addr::new(192, 168, 2, 9)), Err(AddressError::OutsideSubnet));
/// assert_eq!(filter.check(Ipv4Addr::new(8, 8, 8, 8)), Err(AddressError::NotLocal));
/// # Ok::<(), lankeeper::ipv4::PrefixError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AddressFilter {
    own: Prefix,
}

impl AddressFilter {
    /// The filter of an interface with this address and subnet.
    #[must_use]
    pub const fn new(own: Prefix) -> Self {
        Self { own }
    }

    /// Whether `address` is allowed on any interface: private or 255.255.255.255 (UDP-4).
    #[must_use]
    pub const fn is_local(address: Ipv4Addr) -> bool {
        is_private(address) || address.to_bits() == u32::MAX
    }

    /// The kind of destination that `address` is.
    ///
    /// # Errors
    ///
    /// [`AddressError`] if it is not allowed.
    pub const fn check(&self, address: Ipv4Addr) -> Result<Destination, AddressError> {
        if !Self::is_local(address) {
            return Err(AddressError::NotLocal);
        }
        match self.destination(address) {
            Some(destination) => Ok(destination),
            None => Err(AddressError::OutsideSubnet),
        }
    }

    /// The kind of destination that a local address is; `None` outside the subnet.
    pub(super) const fn destination(&self, local: Ipv4Addr) -> Option<Destination> {
        if local.to_bits() == u32::MAX {
            Some(Destination::LimitedBroadcast)
        } else if !self.own.contains(local) {
            None
        } else if self.is_broadcast(local) {
            Some(Destination::SubnetBroadcast)
        } else {
            Some(Destination::Unicast)
        }
    }

    /// Whether a datagram from `source` is accepted: a private host address of the interface's
    /// subnet, and not the interface's own (UDP-9). In a /31 that is the other address; in a /32
    /// there is none.
    #[must_use]
    pub const fn admits_source(&self, source: Ipv4Addr) -> bool {
        is_private(source)
            && self.own.has_host(source)
            && source.to_bits() != self.own.address().to_bits()
    }

    /// Whether a datagram to `destination` is accepted: the interface's address, the broadcast
    /// address of its subnet if it has one, or 255.255.255.255 (UDP-9).
    #[must_use]
    pub const fn admits_destination(&self, destination: Ipv4Addr) -> bool {
        let bits = destination.to_bits();
        bits == self.own.address().to_bits() || bits == u32::MAX || self.is_broadcast(destination)
    }

    /// Whether `address` is the broadcast address of the subnet.
    const fn is_broadcast(&self, address: Ipv4Addr) -> bool {
        match self.own.broadcast() {
            Some(broadcast) => address.to_bits() == broadcast.to_bits(),
            None => false,
        }
    }
}
