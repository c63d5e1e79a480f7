//! The 22 public interface states and their codes.

use core::fmt;

use super::Step;
use crate::nic::Medium;

/// What an interface is doing, with the public codes of the specification (STATE-1).
///
/// ```
/// use lankeeper::{Medium, State};
///
/// assert_eq!(State::EthernetDhcping.code(), 201);
/// assert_eq!(State::from_code(201), Ok(State::EthernetDhcping));
/// assert_eq!(State::EthernetDhcping.to_string(), "ETHERNET_DHCPING");
/// assert_eq!(State::EthernetDhcping.medium(), Some(Medium::Ethernet));
/// assert!(State::from_code(2).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "the specification knows 22 states")]
pub enum State {
    /// Nobody has opened the interface yet.
    Unknown,
    /// The interface is being powered up.
    Starting,
    /// The interface is up and has an address.
    Connected,
    /// The radio looks for the network.
    WifiScanning,
    /// The radio joins the network.
    WifiJoining,
    /// The radio joins by Wi-Fi Protected Setup.
    WifiWpsing,
    /// The radio is associated.
    WifiLinkUp,
    /// Wi-Fi waits for a lease.
    WifiDhcping,
    /// Wi-Fi is stopped: closed, or the network or address did not come.
    WifiStopped,
    /// Wi-Fi is stopped by a fault of its driver.
    WifiStoppedUnhappy,
    /// Ethernet waits for its carrier.
    EthernetLinkUp,
    /// Ethernet waits for a lease.
    EthernetDhcping,
    /// Ethernet is stopped: closed, or no address came.
    EthernetStopped,
    /// Ethernet is stopped by a fault of its driver.
    EthernetStoppedUnhappy,
    /// Ethernet has no carrier.
    EthernetStoppedNoLink,
    /// The modem is asked for a sign of life.
    CellularPinging,
    /// The modem reads its SIM.
    CellularWaitingForSim,
    /// The modem dials up.
    CellularPppConnecting,
    /// The modem registers with a network.
    CellularRegistering,
    /// The network refused the registration.
    CellularRegistrationDenied,
    /// Cellular is stopped: closed, or SIM or PPP trouble.
    CellularStopped,
    /// Cellular is stopped by a fault of its driver, or the modem is silent.
    CellularStoppedUnhappy,
}

/// The code belongs to no state (STATE-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("{0} is the code of no interface state")]
#[non_exhaustive]
pub struct UnknownCode(pub i32);

impl State {
    /// Every state, by ascending code.
    pub const ALL: [Self; 22] = [
        Self::Unknown,
        Self::Starting,
        Self::Connected,
        Self::WifiScanning,
        Self::WifiJoining,
        Self::WifiWpsing,
        Self::WifiLinkUp,
        Self::WifiDhcping,
        Self::WifiStopped,
        Self::WifiStoppedUnhappy,
        Self::EthernetLinkUp,
        Self::EthernetDhcping,
        Self::EthernetStopped,
        Self::EthernetStoppedUnhappy,
        Self::EthernetStoppedNoLink,
        Self::CellularPinging,
        Self::CellularWaitingForSim,
        Self::CellularPppConnecting,
        Self::CellularRegistering,
        Self::CellularRegistrationDenied,
        Self::CellularStopped,
        Self::CellularStoppedUnhappy,
    ];

    /// The public code (STATE-1).
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Unknown => -1,
            Self::Starting => 0,
            Self::Connected => 1,
            Self::WifiScanning => 100,
            Self::WifiJoining => 101,
            Self::WifiWpsing => 102,
            Self::WifiLinkUp => 103,
            Self::WifiDhcping => 104,
            Self::WifiStopped => 105,
            Self::WifiStoppedUnhappy => 106,
            Self::EthernetLinkUp => 200,
            Self::EthernetDhcping => 201,
            Self::EthernetStopped => 202,
            Self::EthernetStoppedUnhappy => 203,
            Self::EthernetStoppedNoLink => 204,
            Self::CellularPinging => 300,
            Self::CellularWaitingForSim => 301,
            Self::CellularPppConnecting => 302,
            Self::CellularRegistering => 303,
            Self::CellularRegistrationDenied => 304,
            Self::CellularStopped => 305,
            Self::CellularStoppedUnhappy => 306,
        }
    }

    /// The bit of the state in a set of states.
    #[expect(
        clippy::as_conversions,
        reason = "a discriminant, and there are fewer than 32"
    )]
    pub(super) const fn bit(self) -> u32 {
        1_u32.wrapping_shl(self as u32)
    }

    /// The step that runs in the state, if one does.
    pub(super) const fn step(self) -> Option<Step> {
        match self {
            Self::Starting => Some(Step::Power),
            Self::WifiScanning => Some(Step::Scan),
            Self::WifiJoining => Some(Step::Join),
            Self::WifiWpsing => Some(Step::Wps),
            Self::EthernetLinkUp => Some(Step::Link),
            Self::WifiDhcping | Self::EthernetDhcping => Some(Step::Dhcp),
            Self::CellularPinging => Some(Step::Modem),
            Self::CellularWaitingForSim => Some(Step::Sim),
            Self::CellularRegistering => Some(Step::Registration),
            Self::CellularPppConnecting => Some(Step::Ppp),
            Self::Unknown
            | Self::Connected
            | Self::WifiLinkUp
            | Self::WifiStopped
            | Self::WifiStoppedUnhappy
            | Self::EthernetStopped
            | Self::EthernetStoppedUnhappy
            | Self::EthernetStoppedNoLink
            | Self::CellularRegistrationDenied
            | Self::CellularStopped
            | Self::CellularStoppedUnhappy => None,
        }
    }

    /// The state with this code.
    ///
    /// # Errors
    ///
    /// [`UnknownCode`] if no state has it.
    pub fn from_code(code: i32) -> Result<Self, UnknownCode> {
        Self::ALL
            .into_iter()
            .find(|state| i32::from(state.code()) == code)
            .ok_or(UnknownCode(code))
    }

    /// The public name, as `ETHERNET_STOPPED_NO_LINK`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "UNKNOWN",
            Self::Starting => "STARTING",
            Self::Connected => "CONNECTED",
            Self::WifiScanning => "WIFI_SCANNING",
            Self::WifiJoining => "WIFI_JOINING",
            Self::WifiWpsing => "WIFI_WPSING",
            Self::WifiLinkUp => "WIFI_LINK_UP",
            Self::WifiDhcping => "WIFI_DHCPING",
            Self::WifiStopped => "WIFI_STOPPED",
            Self::WifiStoppedUnhappy => "WIFI_STOPPED_UNHAPPY",
            Self::EthernetLinkUp => "ETHERNET_LINK_UP",
            Self::EthernetDhcping => "ETHERNET_DHCPING",
            Self::EthernetStopped => "ETHERNET_STOPPED",
            Self::EthernetStoppedUnhappy => "ETHERNET_STOPPED_UNHAPPY",
            Self::EthernetStoppedNoLink => "ETHERNET_STOPPED_NO_LINK",
            Self::CellularPinging => "CELLULAR_PINGING",
            Self::CellularWaitingForSim => "CELLULAR_WAITING_FOR_SIM",
            Self::CellularPppConnecting => "CELLULAR_PPP_CONNECTING",
            Self::CellularRegistering => "CELLULAR_REGISTERING",
            Self::CellularRegistrationDenied => "CELLULAR_REGISTRATION_DENIED",
            Self::CellularStopped => "CELLULAR_STOPPED",
            Self::CellularStoppedUnhappy => "CELLULAR_STOPPED_UNHAPPY",
        }
    }

    /// The medium whose state this is, or `None` for the three common states (STATE-3).
    #[must_use]
    pub const fn medium(self) -> Option<Medium> {
        match self {
            Self::Unknown | Self::Starting | Self::Connected => None,
            Self::WifiScanning
            | Self::WifiJoining
            | Self::WifiWpsing
            | Self::WifiLinkUp
            | Self::WifiDhcping
            | Self::WifiStopped
            | Self::WifiStoppedUnhappy => Some(Medium::Wifi),
            Self::EthernetLinkUp
            | Self::EthernetDhcping
            | Self::EthernetStopped
            | Self::EthernetStoppedUnhappy
            | Self::EthernetStoppedNoLink => Some(Medium::Ethernet),
            Self::CellularPinging
            | Self::CellularWaitingForSim
            | Self::CellularPppConnecting
            | Self::CellularRegistering
            | Self::CellularRegistrationDenied
            | Self::CellularStopped
            | Self::CellularStoppedUnhappy => Some(Medium::Cellular),
        }
    }

    /// Whether an interface of this medium can be in it (STATE-3).
    pub(super) const fn is_of(self, medium: Medium) -> bool {
        match self.medium() {
            None => true,
            Some(Medium::Wifi) => matches!(medium, Medium::Wifi),
            Some(Medium::Ethernet) => matches!(medium, Medium::Ethernet),
            Some(Medium::Cellular) => matches!(medium, Medium::Cellular),
        }
    }

    /// Whether the interface is at rest here: CONNECTED or stopped (STATE-2).
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Connected) || self.is_stopped()
    }

    /// Whether this is one of the stopped states (STATE-2).
    // size: 76 B
    #[inline(never)]
    #[must_use]
    pub const fn is_stopped(self) -> bool {
        matches!(
            self,
            Self::WifiStopped
                | Self::WifiStoppedUnhappy
                | Self::EthernetStopped
                | Self::EthernetStoppedUnhappy
                | Self::EthernetStoppedNoLink
                | Self::CellularRegistrationDenied
                | Self::CellularStopped
                | Self::CellularStoppedUnhappy
        )
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
