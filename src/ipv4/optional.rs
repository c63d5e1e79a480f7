//! An address that may be missing, in the room of an address.

use core::fmt;
use core::net::Ipv4Addr;

/// An address of somebody, or none: the unspecified one, which is nobody's.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
// Copied and compared as a word, where an `Option<Ipv4Addr>` is five bytes.
#[repr(align(4))]
pub(crate) struct OptionalAddress(Ipv4Addr);

impl OptionalAddress {
    pub(crate) const NONE: Self = Self(Ipv4Addr::UNSPECIFIED);

    pub(crate) const fn of(address: Ipv4Addr) -> Self {
        Self(address)
    }

    pub(crate) const fn get(self) -> Option<Ipv4Addr> {
        if self.0.is_unspecified() {
            return None;
        }
        Some(self.0)
    }
}

impl From<Option<Ipv4Addr>> for OptionalAddress {
    fn from(address: Option<Ipv4Addr>) -> Self {
        address.map_or(Self::NONE, Self)
    }
}

impl fmt::Debug for OptionalAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}
