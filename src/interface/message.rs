//! What the core asks of a backend for one interface, and what the backend reports of it.

use core::net::Ipv4Addr;

use super::{Step, Trigger};
use crate::ipv4::{
    IpConfig, IpConfigError, NAME_SERVERS, OptionalAddress, Prefix, usable_name_servers,
};
use crate::nic::WifiSettings;

/// One thing to do on an interface (DRV-1).
///
/// Actions are to be executed in the order in which they come. What an action starts is reported
/// with the [`Ticket`](crate::Ticket) that came with it, see [`Report`]. A backend that fails an
/// action, or does not know it, reports [`Report::Fault`] (DRV-3). If a `Stop` or `PowerDown`
/// fails, the application gets a notice and nothing else happens (DRV-6): what could not be ended
/// shows when it is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Action<'a> {
    /// Power the interface up and report `Ready`. If it is up already, bring it back to how it is
    /// after power-up first. Do not reset what works: a link that goes down may take a minute until
    /// the switch forwards again. What hangs is powered down first (`PowerDown`). A radio on which
    /// somebody begins Wi-Fi Protected Setup reports `WpsStarted`, at any later time too.
    PowerUp,
    /// Look for this network: report `NetworkFound` or `NetworkNotFound`. One that
    /// [is hidden](WifiSettings::is_hidden) has to be asked for by name, and of one with a
    /// [BSSID](WifiSettings::bssid) no other access point counts (NIC-6). A driver that has no scan
    /// of its own reports `NetworkFound` at once, and what it finds out as the answer to `Join`.
    Scan(&'a WifiSettings),
    /// Join this network: report `Joined`, `WrongKey` or `JoinRejected`, and `LinkLost` when it is
    /// lost afterwards. An access point with another [security](crate::WifiKey::security) than the key is
    /// for is not joined: report `JoinRejected`.
    Join(&'a WifiSettings),
    /// Go on with the Wi-Fi Protected Setup that was begun: report as for `Join`. What the radio learns
    /// goes to [`Manager::provision`](crate::Manager::provision), before `Joined`. If it does not, the
    /// network is used until it is lost, and then is not found again: nothing is stored.
    Wps,
    /// Watch the Ethernet carrier: report `CarrierUp` as soon as there is one, `CarrierDown` as
    /// soon as it is certain that there is none (a port that still negotiates is neither), and
    /// each change afterwards. A lost carrier ends lease and address: no command says so.
    ///
    /// It comes again whenever a carrier returns, and about once a minute while there is none: each
    /// one is to be answered, with `CarrierUp` too if that was reported a moment ago.
    StartLink,
    /// Get a lease anew and keep it renewed: report `Lease` for the first and for every renewed
    /// one (those that changed nothing may be left out), `LeaseRefused` when the server refuses,
    /// `LeaseLost` when a lease ran out. The backend installs what was leased by itself: address,
    /// default route, name servers, and a host route to a gateway outside the subnet.
    ///
    /// It comes again while there is no lease, and takes the place of what it began before. A client
    /// that was refused or has lost its lease waits for that: it asks no more by itself, because a
    /// server that takes back what it grants would be asked without a pause.
    StartDhcp,
    /// Use this static address; nothing is reported but a fault. It never follows a lease, because
    /// the backend installs a leased address by itself.
    SetAddress(IpConfig),
    /// Ask the modem for a sign of life: report `ModemAlive`.
    PingModem,
    /// Read the SIM: report `SimReady` or `SimFailed`, the latter at any later time too.
    ReadSim,
    /// Register with a network: report `Registered` or `RegistrationDenied`, and
    /// `RegistrationLost` or `RegistrationDenied` when that changes afterwards. It comes again while
    /// there is no registration: a search under way goes on, and a registration that there is
    /// already is reported at once.
    Register,
    /// Dial up: report `PppUp` with the address, again when it changes, and `PppDown` when it
    /// fails or ends. It comes again while there is no session, and takes the place of what it began
    /// before.
    Dial,
    /// End everything above power: address, DHCP client, association, watch on the carrier, PPP
    /// session, registration.
    Stop,
    /// Power the interface down.
    PowerDown,
}

impl Action<'_> {
    /// The step that the action begins; `None` for one that ends something.
    #[must_use]
    pub const fn step(&self) -> Option<Step> {
        Some(match self {
            Self::PowerUp => Step::Power,
            Self::Scan(_) => Step::Scan,
            Self::Join(_) => Step::Join,
            Self::Wps => Step::Wps,
            Self::StartLink => Step::Link,
            Self::StartDhcp => Step::Dhcp,
            Self::SetAddress(_) => Step::StaticAddress,
            Self::PingModem => Step::Modem,
            Self::ReadSim => Step::Sim,
            Self::Register => Step::Registration,
            Self::Dial => Step::Ppp,
            Self::Stop | Self::PowerDown => return None,
        })
    }
}

/// What happened on an interface. [`Ticket::report`](crate::Ticket::report) makes an event of it,
/// with the ticket of the [`Action`] that it belongs to (IFC-10).
///
/// A `code` is the backend's own and is kept unchanged for diagnosis, see
/// [`StopReason::code`](super::StopReason::code).
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
    /// The network is not there. Of `Scan`, and of `Join` and `Wps` where the driver finds it out
    /// only then (IFC-18).
    NetworkNotFound {
        /// The backend's own code.
        code: i32,
    },
    /// The radio is associated. Of `Join` and `Wps`.
    Joined,
    /// The network did not take the key, as far as can be told. Of `Join` and `Wps`, and of `Scan`
    /// where the driver joins at once (IFC-18).
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
    /// A lease was granted or renewed. Of `StartDhcp`, at any later time too. One whose address
    /// cannot be used counts as refused, see [`Lease::config`].
    Lease(Lease),
    /// The server refused a lease. Of `StartDhcp`.
    LeaseRefused {
        /// The backend's own code.
        code: i32,
    },
    /// The lease ran out or was withdrawn. Of `StartDhcp`.
    LeaseLost,
    /// Another device uses the address: the backend declines a leased one, and goes on when it is
    /// asked again, no sooner than 10 s later (RFC 2131 §3.1.5). Of `StartDhcp` and `SetAddress`, at
    /// any later time too.
    AddressConflict,
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

impl Report {
    /// The trigger that the report is, and the address that it grants. A grant of an address that
    /// cannot be used counts as a refusal (IFC-5).
    pub(super) fn read(&self) -> (Trigger, Option<IpConfig>) {
        let (lease, prefix_length, refused) = if let Self::Lease(lease) = self {
            (lease, Some(lease.prefix_length), Trigger::LeaseRefused)
        } else if let Self::PppUp(lease) = self {
            (lease, None, Trigger::PppDown)
        } else {
            return (self.trigger(), None);
        };
        match lease.granted(prefix_length) {
            Ok(ip) => (self.trigger(), Some(ip)),
            Err(_) => (refused, None),
        }
    }

    const fn trigger(&self) -> Trigger {
        match self {
            Self::Lease(_) => Trigger::Lease,
            Self::PppUp(_) => Trigger::PppUp,
            Self::Ready => Trigger::Ready,
            Self::WpsStarted => Trigger::WpsStarted,
            Self::NetworkFound => Trigger::NetworkFound,
            Self::NetworkNotFound { .. } => Trigger::NetworkNotFound,
            Self::Joined => Trigger::Joined,
            Self::WrongKey { .. } => Trigger::WrongKey,
            Self::JoinRejected { .. } => Trigger::JoinRejected,
            Self::LinkLost { .. } => Trigger::LinkLost,
            Self::CarrierUp => Trigger::CarrierUp,
            Self::CarrierDown => Trigger::CarrierDown,
            Self::LeaseRefused { .. } => Trigger::LeaseRefused,
            Self::LeaseLost => Trigger::LeaseLost,
            Self::AddressConflict => Trigger::AddressConflict,
            Self::ModemAlive => Trigger::ModemAlive,
            Self::SimReady => Trigger::SimReady,
            Self::SimFailed { .. } => Trigger::SimFailed,
            Self::Registered => Trigger::Registered,
            Self::RegistrationDenied { .. } => Trigger::RegistrationDenied,
            Self::RegistrationLost => Trigger::RegistrationLost,
            Self::PppDown { .. } => Trigger::PppDown,
            Self::Fault { .. } => Trigger::Fault,
        }
    }

    /// The backend's own code, if the report has one.
    pub(super) const fn code(&self) -> Option<i32> {
        match self {
            Self::NetworkNotFound { code }
            | Self::WrongKey { code }
            | Self::JoinRejected { code }
            | Self::LinkLost { code }
            | Self::LeaseRefused { code }
            | Self::SimFailed { code }
            | Self::RegistrationDenied { code }
            | Self::PppDown { code }
            | Self::Fault { code } => Some(*code),
            Self::Ready
            | Self::WpsStarted
            | Self::NetworkFound
            | Self::Joined
            | Self::CarrierUp
            | Self::CarrierDown
            | Self::Lease(_)
            | Self::LeaseLost
            | Self::AddressConflict
            | Self::ModemAlive
            | Self::SimReady
            | Self::Registered
            | Self::RegistrationLost
            | Self::PppUp(_) => None,
        }
    }

    /// Whether this can be reported of a step.
    pub(crate) const fn is_of(&self, step: Step) -> bool {
        self.trigger().is_of_step(step)
    }

    /// Whether it says that the carrier or link is lost: that may be held back (IFC-15).
    pub(crate) const fn is_loss_of_link(&self) -> bool {
        matches!(self, Self::CarrierDown | Self::LinkLost { .. })
    }

    /// Whether it says that its step is lost, and with it whatever builds on that, at once.
    pub(crate) const fn is_loss(&self) -> bool {
        matches!(
            self,
            Self::WrongKey { .. }
                | Self::JoinRejected { .. }
                | Self::SimFailed { .. }
                | Self::RegistrationDenied { .. }
                | Self::RegistrationLost
        )
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
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Lease {
    address: Ipv4Addr,
    prefix_length: u8,
    gateway: OptionalAddress,
    name_servers: [OptionalAddress; NAME_SERVERS],
}

impl Lease {
    /// A lease of `address` in a subnet with `prefix_length` network bits.
    #[must_use]
    pub const fn new(address: Ipv4Addr, prefix_length: u8) -> Self {
        Self {
            address,
            prefix_length,
            gateway: OptionalAddress::NONE,
            name_servers: [OptionalAddress::NONE; NAME_SERVERS],
        }
    }

    /// The same lease with a gateway.
    #[must_use]
    pub const fn with_gateway(mut self, gateway: Ipv4Addr) -> Self {
        self.gateway = OptionalAddress::of(gateway);
        self
    }

    /// The same lease with name servers; those that are no unicast address are left out, and so
    /// are those after the second.
    #[must_use]
    pub fn with_name_servers(mut self, servers: impl IntoIterator<Item = Ipv4Addr>) -> Self {
        self.name_servers = usable_name_servers(servers);
        self
    }

    /// What an interface can use of the lease, as [`IpConfig::from_lease`] says (IFC-5).
    ///
    /// # Errors
    ///
    /// The address is not usable: such a lease counts as refused. So does one of a link-local
    /// address (169.254.0.0/16), and one of prefix length 0 or above 32.
    pub fn config(&self) -> Result<IpConfig, IpConfigError> {
        let prefix = Prefix::new(self.address, self.prefix_length)
            .map_err(|_| IpConfigError::PrefixLength(self.prefix_length))?;
        self.granted(Some(prefix.length()))
    }

    /// What can be used of it: as a lease with a prefix length, as a PPP session without one.
    fn granted(&self, prefix_length: Option<u8>) -> Result<IpConfig, IpConfigError> {
        IpConfig::granted(self.address, prefix_length, self.gateway, self.name_servers)
    }
}
