//! What a backend reports of one interface.

use core::net::Ipv4Addr;

use super::Step;
use crate::ipv4::{IpConfig, IpConfigError, NAME_SERVERS, Prefix};

/// What happened on an interface. A report carries the generation of the
/// [`Action`](super::Action) that it belongs to (IFC-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Report {
    /// The interface is powered up. Of `PowerUp`.
    Ready,
    /// There is a carrier. Of `StartLink`, at any later time too.
    CarrierUp,
    /// There is no carrier. Of `StartLink`, at any later time too.
    CarrierDown,
    /// A lease was granted or renewed. Of `StartDhcp`, at any later time too.
    Lease(Lease),
    /// The server refused a lease. Of `StartDhcp`.
    LeaseRefused {
        /// The backend's own code, kept for diagnosis.
        code: i32,
    },
    /// The lease ran out or was withdrawn. Of `StartDhcp`.
    LeaseLost,
    /// The driver failed. Of any action.
    Fault {
        /// The backend's own code, kept for diagnosis.
        code: i32,
    },
}

impl Report {
    /// The step that reports so, or `None` where any can.
    pub(super) const fn step(&self) -> Option<Step> {
        match self {
            Self::Ready => Some(Step::Power),
            Self::CarrierUp | Self::CarrierDown => Some(Step::Link),
            Self::Lease(_) | Self::LeaseRefused { .. } | Self::LeaseLost => Some(Step::Dhcp),
            Self::Fault { .. } => None,
        }
    }
}

/// A lease as the DHCP client got it, not checked yet.
///
/// ```
/// use core::net::Ipv4Addr;
/// use lankeeper::Lease;
///
/// let lease = Lease::new(Ipv4Addr::new(192, 168, 1, 7), 24)
///     .with_gateway(Ipv4Addr::new(192, 168, 1, 1))
///     .with_name_servers([Ipv4Addr::new(192, 168, 1, 1)]);
/// assert!(lease.config().is_ok());
/// assert!(Lease::new(Ipv4Addr::UNSPECIFIED, 24).config().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    address: Ipv4Addr,
    prefix_length: u8,
    gateway: Option<Ipv4Addr>,
    name_servers: [Option<Ipv4Addr>; NAME_SERVERS],
}

impl Lease {
    /// A lease of `address` in a subnet with `prefix_length` network bits.
    #[must_use]
    pub const fn new(address: Ipv4Addr, prefix_length: u8) -> Self {
        Self {
            address,
            prefix_length,
            gateway: None,
            name_servers: [None; NAME_SERVERS],
        }
    }

    /// The same lease with a gateway.
    #[must_use]
    pub const fn with_gateway(mut self, gateway: Ipv4Addr) -> Self {
        self.gateway = Some(gateway);
        self
    }

    /// The same lease with name servers; those after the second are left out.
    #[must_use]
    pub fn with_name_servers(mut self, servers: impl IntoIterator<Item = Ipv4Addr>) -> Self {
        let mut servers = servers.into_iter();
        self.name_servers = core::array::from_fn(|_| servers.next());
        self
    }

    /// What an interface can use of the lease (IFC-5).
    ///
    /// # Errors
    ///
    /// The address is not usable: such a lease counts as refused.
    pub fn config(&self) -> Result<IpConfig, IpConfigError> {
        let prefix = Prefix::new(self.address, self.prefix_length)
            .map_err(|_| IpConfigError::PrefixLength(self.prefix_length))?;
        let name_servers: heapless::Vec<Ipv4Addr, NAME_SERVERS> =
            self.name_servers.iter().flatten().copied().collect();
        IpConfig::from_lease(prefix, self.gateway, &name_servers)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Lease {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", defmt::Debug2Format(self));
    }
}
