//! An optional address in four bytes.

use core::fmt;
use core::net::Ipv4Addr;

/// An optional address in 4 bytes instead of the 5 of `Option<Ipv4Addr>`: 0.0.0.0, which no host
/// has, means none. Saves no RAM in [`IpConfig`](super::IpConfig), which has 20 bytes either way.
/// Copying and comparing words instead of bytes saves 336 bytes of text in a manager.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
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

#[cfg(feature = "defmt")]
impl defmt::Format for OptionalAddress {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", self.get());
    }
}
