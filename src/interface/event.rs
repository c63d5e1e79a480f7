//! What a backend reports of one interface.

use core::net::Ipv4Addr;

use super::{Cause, Step, Trigger};
use crate::ipv4::{IpConfig, IpConfigError, NAME_SERVERS, Prefix, is_unicast};

/// What happened on an interface. A report carries the generation of the
/// [`Action`](super::Action) that it belongs to (IFC-10).
///
/// A `code` is the backend's own and is kept unchanged for diagnosis, see
/// [`Reason::code`](super::Reason::code).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Report {
    /// The interface is powered up. Of `PowerUp`.
    Ready,
    /// Somebody began Wi-Fi Protected Setup at the radio. Of `PowerUp`, at any later time.
    WpsStarted,
    /// The network is there. Of `Scan`.
    NetworkFound,
    /// The network is not there. Of `Scan`.
    NetworkNotFound {
        /// The backend's own code.
        code: i32,
    },
    /// The radio is associated. Of `Join` and `Wps`.
    Joined,
    /// The network did not take the key, as far as can be told. Of `Join` and `Wps`.
    WrongKey {
        /// The backend's own code.
        code: i32,
    },
    /// The network did not let the radio in for another reason. Of `Join` and `Wps`.
    JoinRejected {
        /// The backend's own code.
        code: i32,
    },
    /// The association is lost. Of `Join` and `Wps`, at any later time.
    LinkLost {
        /// The backend's own code.
        code: i32,
    },
    /// There is a carrier. Of `StartLink`, at any later time too.
    CarrierUp,
    /// There is no carrier. Of `StartLink`, at any later time too.
    CarrierDown,
    /// A lease was granted or renewed. Of `StartDhcp`, at any later time too.
    Lease(Lease),
    /// The server refused a lease. Of `StartDhcp`.
    LeaseRefused {
        /// The backend's own code.
        code: i32,
    },
    /// The lease ran out or was withdrawn. Of `StartDhcp`.
    LeaseLost,
    /// The modem answers. Of `PingModem`.
    ModemAlive,
    /// The SIM can be used. Of `ReadSim`.
    SimReady,
    /// The SIM is missing, locked, broken or was pulled. Of `ReadSim`, at any later time too.
    SimFailed {
        /// The backend's own code.
        code: i32,
    },
    /// The modem is registered, at home or roaming. Of `Register`.
    Registered,
    /// The network refuses the registration. Of `Register`, at any later time too.
    RegistrationDenied {
        /// The backend's own code.
        code: i32,
    },
    /// The registration is lost; the modem looks for a network again. Of `Register`, at any later
    /// time.
    RegistrationLost,
    /// The PPP session is up or has another address; the prefix length is not used. Of `Dial`.
    PppUp(Lease),
    /// The PPP session failed or ended. Of `Dial`, at any later time too.
    PppDown {
        /// The backend's own code.
        code: i32,
    },
    /// The driver failed. Of any action.
    Fault {
        /// The backend's own code.
        code: i32,
    },
}

/// What comes with a trigger.
#[derive(Clone, Copy)]
pub(super) enum Data {
    None,
    Stop(Cause),
    Ip(IpConfig),
    Code(i32),
    /// The code with which a static address could not be set.
    AddressCode(i32),
}

impl Data {
    pub(super) const fn code(self) -> Option<i32> {
        match self {
            Self::Code(code) | Self::AddressCode(code) => Some(code),
            Self::None | Self::Stop(_) | Self::Ip(_) => None,
        }
    }
}

impl Report {
    /// The trigger that the report is, with its data. An address that cannot be used counts as
    /// refused (IFC-5).
    pub(super) fn trigger(&self) -> (Trigger, Data) {
        match *self {
            Self::Ready => (Trigger::Ready, Data::None),
            Self::WpsStarted => (Trigger::WpsStarted, Data::None),
            Self::NetworkFound => (Trigger::NetworkFound, Data::None),
            Self::NetworkNotFound { code } => (Trigger::NetworkNotFound, Data::Code(code)),
            Self::Joined => (Trigger::Joined, Data::None),
            Self::WrongKey { code } => (Trigger::WrongKey, Data::Code(code)),
            Self::JoinRejected { code } => (Trigger::JoinRejected, Data::Code(code)),
            Self::LinkLost { code } => (Trigger::LinkLost, Data::Code(code)),
            Self::CarrierUp => (Trigger::CarrierUp, Data::None),
            Self::CarrierDown => (Trigger::CarrierDown, Data::None),
            Self::Lease(lease) => match lease.config() {
                Ok(ip) => (Trigger::Lease, Data::Ip(ip)),
                Err(_) => (Trigger::LeaseRefused, Data::None),
            },
            Self::LeaseRefused { code } => (Trigger::LeaseRefused, Data::Code(code)),
            Self::LeaseLost => (Trigger::LeaseLost, Data::None),
            Self::ModemAlive => (Trigger::ModemAlive, Data::None),
            Self::SimReady => (Trigger::SimReady, Data::None),
            Self::SimFailed { code } => (Trigger::SimFailed, Data::Code(code)),
            Self::Registered => (Trigger::Registered, Data::None),
            Self::RegistrationDenied { code } => (Trigger::RegistrationDenied, Data::Code(code)),
            Self::RegistrationLost => (Trigger::RegistrationLost, Data::None),
            Self::PppUp(lease) => match lease.point_to_point() {
                Ok(ip) => (Trigger::PppUp, Data::Ip(ip)),
                Err(_) => (Trigger::PppDown, Data::None),
            },
            Self::PppDown { code } => (Trigger::PppDown, Data::Code(code)),
            Self::Fault { code } => (Trigger::Fault, Data::Code(code)),
        }
    }

    /// Whether a step can report so.
    pub(crate) const fn is_of(&self, step: Step) -> bool {
        match self {
            Self::Ready | Self::WpsStarted => matches!(step, Step::Power),
            Self::NetworkFound | Self::NetworkNotFound { .. } => matches!(step, Step::Scan),
            Self::Joined
            | Self::WrongKey { .. }
            | Self::JoinRejected { .. }
            | Self::LinkLost { .. } => matches!(step, Step::Join | Step::Wps),
            Self::CarrierUp | Self::CarrierDown => matches!(step, Step::Link),
            Self::Lease(_) | Self::LeaseRefused { .. } | Self::LeaseLost => {
                matches!(step, Step::Dhcp)
            }
            Self::ModemAlive => matches!(step, Step::Modem),
            Self::SimReady | Self::SimFailed { .. } => matches!(step, Step::Sim),
            Self::Registered | Self::RegistrationDenied { .. } | Self::RegistrationLost => {
                matches!(step, Step::Registration)
            }
            Self::PppUp(_) | Self::PppDown { .. } => matches!(step, Step::Ppp),
            Self::Fault { .. } => true,
        }
    }
}

/// An address as DHCP or PPP granted it, not checked yet.
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

    /// The same lease with name servers; those that are no unicast address are left out, and so
    /// are those after the second.
    #[must_use]
    pub fn with_name_servers(mut self, servers: impl IntoIterator<Item = Ipv4Addr>) -> Self {
        let mut servers = servers.into_iter().filter(|server| is_unicast(*server));
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
        IpConfig::from_lease(prefix, self.gateway, self.name_servers())
    }

    /// What a PPP session can use of the grant (IFC-5).
    pub(super) fn point_to_point(&self) -> Result<IpConfig, IpConfigError> {
        IpConfig::point_to_point(self.address, self.gateway, self.name_servers())
    }

    fn name_servers(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.name_servers.into_iter().flatten()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Lease {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", defmt::Debug2Format(self));
    }
}
