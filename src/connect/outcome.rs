//! How a connection attempt ended, or why a connection was lost.

use core::fmt;

use crate::nic::InterfaceId;

/// How an attempt to connect to the server ended, or why a connection was lost (CON-4).
///
/// ```
/// use lankeeper::ConnectOutcome;
///
/// assert_eq!(ConnectOutcome::ServerConnected.code(), 5);
/// assert_eq!(ConnectOutcome::NoWifi.code(), ConnectOutcome::NoLink.code());
/// assert_ne!(ConnectOutcome::NoWifi, ConnectOutcome::NoLink);
/// assert_eq!(ConnectOutcome::NoLink.to_string(), "NO_LINK");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ConnectOutcome {
    /// NOT_CONNECTED: none of the others says why.
    NotConnected,
    /// NO_WIFI: the Wi-Fi network was not found or not joined.
    NoWifi,
    /// NO_LINK: there is no Ethernet carrier.
    NoLink,
    /// NO_IP_ADDRESS: there is no address.
    NoIpAddress,
    /// ADDRESS_CHANGED, with the code of NO_IP_ADDRESS: the interface has another address now, and
    /// what was connected from the former one is lost with it (CON-20).
    AddressChanged,
    /// NOT_RESOLVED: the name of the server or proxy was not resolved.
    NotResolved,
    /// NO_SERVER: the server did not answer, or hung up.
    NoServer,
    /// SERVER_CONNECTED: there is a connection.
    ServerConnected,
    /// NO_PROXY: the proxy did not answer.
    NoProxy,
    /// NOT_AUTHORISED: the proxy did not take the credentials.
    NotAuthorised,
    /// NO_MODEM: the modem does not answer.
    NoModem,
    /// SIM_ERROR: the SIM is missing, locked or broken.
    SimError,
    /// NO_REGISTRATION: no cellular network was found.
    NoRegistration,
    /// REGISTRATION_DENIED: the cellular network refuses the modem.
    RegistrationDenied,
    /// NO_PPP_CONNECTION: dialling up failed.
    NoPppConnection,
    /// PPP_NO_CONNECTIVITY: the PPP session is up, and leads nowhere.
    PppNoConnectivity,
}

impl ConnectOutcome {
    /// Every outcome, in the order of the codes.
    pub const ALL: [Self; 16] = [
        Self::NotConnected,
        Self::NoWifi,
        Self::NoLink,
        Self::NoIpAddress,
        Self::AddressChanged,
        Self::NotResolved,
        Self::NoServer,
        Self::ServerConnected,
        Self::NoProxy,
        Self::NotAuthorised,
        Self::NoModem,
        Self::SimError,
        Self::NoRegistration,
        Self::RegistrationDenied,
        Self::NoPppConnection,
        Self::PppNoConnectivity,
    ];

    /// The public code, 0 to 13. [`ConnectOutcome::NoWifi`] and [`ConnectOutcome::NoLink`] share
    /// one, and so do [`ConnectOutcome::NoIpAddress`] and [`ConnectOutcome::AddressChanged`].
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::NotConnected => 0,
            Self::NoWifi | Self::NoLink => 1,
            Self::NoIpAddress | Self::AddressChanged => 2,
            Self::NotResolved => 3,
            Self::NoServer => 4,
            Self::ServerConnected => 5,
            Self::NoProxy => 6,
            Self::NotAuthorised => 7,
            Self::NoModem => 8,
            Self::SimError => 9,
            Self::NoRegistration => 10,
            Self::RegistrationDenied => 11,
            Self::NoPppConnection => 12,
            Self::PppNoConnectivity => 13,
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::NotConnected => "NOT_CONNECTED",
            Self::NoWifi => "NO_WIFI",
            Self::NoLink => "NO_LINK",
            Self::NoIpAddress => "NO_IP_ADDRESS",
            Self::AddressChanged => "ADDRESS_CHANGED",
            Self::NotResolved => "NOT_RESOLVED",
            Self::NoServer => "NO_SERVER",
            Self::ServerConnected => "SERVER_CONNECTED",
            Self::NoProxy => "NO_PROXY",
            Self::NotAuthorised => "NOT_AUTHORISED",
            Self::NoModem => "NO_MODEM",
            Self::SimError => "SIM_ERROR",
            Self::NoRegistration => "NO_REGISTRATION",
            Self::RegistrationDenied => "REGISTRATION_DENIED",
            Self::NoPppConnection => "NO_PPP_CONNECTION",
            Self::PppNoConnectivity => "PPP_NO_CONNECTIVITY",
        }
    }
}

impl fmt::Display for ConnectOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

/// Why something was not reached, over which interface, with the backend's own code where it reported
/// one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure {
    pub(crate) interface: Option<InterfaceId>,
    /// `None` if nothing has failed yet.
    pub(crate) outcome: Option<ConnectOutcome>,
    pub(crate) code: Option<i32>,
}

impl Failure {
    /// Nothing has failed.
    pub(crate) const NONE: Self = Self {
        interface: None,
        outcome: None,
        code: None,
    };

    /// A failure without a code.
    pub(crate) const fn of(outcome: ConnectOutcome) -> Self {
        Self {
            outcome: Some(outcome),
            ..Self::NONE
        }
    }

    /// What a request ends with: NOT_CONNECTED if nothing has failed (CON-23).
    pub(crate) const fn outcome(&self) -> ConnectOutcome {
        match self.outcome {
            Some(outcome) => outcome,
            None => ConnectOutcome::NotConnected,
        }
    }
}
