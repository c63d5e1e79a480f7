//! The addresses that local datagrams may go to and come from (UDP-4, UDP-5, UDP-9, UDP-13).

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
    /// No datagram can go there now: the interface's own address is not private, or this is the
    /// broadcast address of its subnet and not private (UDP-13).
    #[error("not reached from a network that is not private")]
    NotPrivate,
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
///
/// // Where the own address is public there are no local datagrams.
/// let filter = AddressFilter::new(Prefix::new(Ipv4Addr::new(8, 8, 8, 7), 24)?);
/// assert_eq!(filter.check(Ipv4Addr::new(192, 168, 1, 9)), Err(AddressError::NotPrivate));
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
        if is_private(address) {
            if !is_private(self.own.address()) {
                Err(AddressError::NotPrivate)
            } else if !self.has_in_subnet(address) {
                Err(AddressError::OutsideSubnet)
            } else if self.is_broadcast(address) {
                Ok(Destination::SubnetBroadcast)
            } else {
                Ok(Destination::Unicast)
            }
        } else if address.to_bits() == u32::MAX {
            if !self.has_private_address() {
                return Err(AddressError::NotPrivate);
            }
            Ok(Destination::LimitedBroadcast)
        } else if self.is_broadcast(address) {
            // That of the own subnet is no mistake of whoever sends to it.
            Err(AddressError::NotPrivate)
        } else {
            Err(AddressError::NotLocal)
        }
    }

    /// Whether `address` is in the subnet of the interface.
    pub(super) const fn has_in_subnet(&self, address: Ipv4Addr) -> bool {
        self.own.contains(address)
    }

    /// Whether the own address is private, so that there are local datagrams at all (UDP-13).
    pub(super) const fn has_private_address(&self) -> bool {
        is_in_private_range(self.own.address())
    }

    /// Whether a datagram from `source` is accepted: a private host address of the interface's
    /// subnet, and not the interface's own (UDP-9). In a /31 that is the other address; in a /32
    /// there is none. Nor is there any where the own address is not private (UDP-13).
    ///
    /// A device with several interfaces also drops what comes from the address of another one. Only
    /// a [`Manager`](crate::Manager) knows them; without one, compare them yourself.
    #[must_use]
    pub const fn admits_source(&self, source: Ipv4Addr) -> bool {
        self.has_private_address()
            && is_in_private_range(source)
            && self.own.has_host(source)
            && source.to_bits() != self.own.address().to_bits()
    }

    /// Whether a datagram to `destination` is accepted: the interface's address, the broadcast
    /// address of its subnet if it has one, or 255.255.255.255 (UDP-9). None is where the own address
    /// is not private (UDP-13).
    #[must_use]
    pub const fn admits_destination(&self, destination: Ipv4Addr) -> bool {
        let bits = destination.to_bits();
        self.has_private_address()
            && (bits == self.own.address().to_bits()
                || bits == u32::MAX
                || self.is_broadcast(destination))
    }

    /// Whether `address` is the broadcast address of the subnet.
    pub(super) const fn is_broadcast(&self, address: Ipv4Addr) -> bool {
        match self.own.broadcast() {
            Some(broadcast) => address.to_bits() == broadcast.to_bits(),
            None => false,
        }
    }
}

/// [`is_private`] for whatever is not as hot as [`AddressFilter::check`].
// size: 32 B, 3 callers in a manager
#[inline(never)]
const fn is_in_private_range(address: Ipv4Addr) -> bool {
    is_private(address)
}
