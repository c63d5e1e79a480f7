//! What becomes of a connection that is lost or does not come about, and how long things may take.

use crate::back_off::{BackOffConfig, BackOffError};
use crate::nic::Medium;
use crate::time::{Duration, first_zero};

/// What becomes of a connection that is lost or does not come about (CON-1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(
    clippy::exhaustive_enums,
    reason = "the specification knows these three"
)]
pub enum Policy {
    /// The application is suspended until there is a connection again (CON-13).
    #[default]
    SuspendOnError,
    /// The application is told, and decides (CON-12).
    ReturnOnError,
    /// As `ReturnOnError`, and data that the server did not take in time is no reason to drop the
    /// connection.
    ReturnOnErrorNoDisconnect,
}

/// How long the server connection tries, and how often.
///
/// ```
/// use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId};
///
/// let mut config = Config::new([InterfaceConfig::new(InterfaceId::CELLULAR)]);
/// config.server.timeouts.cellular = Duration::from_secs(120);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct ServerConfig {
    /// How long an attempt over one interface may take where the request does not say (CON-3).
    pub timeouts: Timeouts,
    /// How long a lost connection is tried again before it is given up, and how long each round of
    /// `SuspendOnError` lasts. Default 60 s, not zero (CON-12, CON-13).
    pub grace: Duration,
    /// The pause between two rounds of `SuspendOnError`, before up to a quarter is taken off it.
    /// Default 9 minutes, not zero (CON-13).
    pub pause: Duration,
    /// The waits between two tries. Its seed also draws what is taken off the pause.
    pub retry: BackOffConfig,
}

/// How long an attempt may take, by medium. Default 60 s each, none zero (CON-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Timeouts {
    /// Over Wi-Fi.
    pub wifi: Duration,
    /// Over Ethernet.
    pub ethernet: Duration,
    /// Over cellular.
    pub cellular: Duration,
}

impl Timeouts {
    pub(super) const fn of(&self, medium: Medium) -> Duration {
        match medium {
            Medium::Wifi => self.wifi,
            Medium::Ethernet => self.ethernet,
            Medium::Cellular => self.cellular,
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        const MINUTE: Duration = Duration::from_secs(60);
        Self {
            wifi: MINUTE,
            ethernet: MINUTE,
            cellular: MINUTE,
        }
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            timeouts: Timeouts::default(),
            grace: Duration::from_secs(60),
            pause: Duration::from_secs(9 * 60),
            retry: BackOffConfig::default(),
        }
    }
}

impl ServerConfig {
    /// Checks what the machine relies on.
    // A manager is made with a deep stack: the checks are not to add to it.
    #[inline(never)]
    pub(crate) fn check(&self) -> Result<(), ServerConfigError> {
        if let Some(field) = first_zero(&Self::NAMES, &self.spans()) {
            return Err(ServerConfigError::Zero(field));
        }
        self.retry.check().map_err(ServerConfigError::Retry)
    }

    const NAMES: [&'static str; 5] = [
        "timeouts.wifi",
        "timeouts.ethernet",
        "timeouts.cellular",
        "grace",
        "pause",
    ];

    /// In the order of their names.
    const fn spans(&self) -> [&Duration; Self::NAMES.len()] {
        [
            &self.timeouts.wifi,
            &self.timeouts.ethernet,
            &self.timeouts.cellular,
            &self.grace,
            &self.pause,
        ]
    }
}

/// What is wrong with a [`ServerConfig`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ServerConfigError {
    /// This span is zero.
    #[error("{0}: zero, at least 1 µs")]
    Zero(&'static str),
    /// The back-off is not allowed so.
    #[error("retry.{0}")]
    Retry(BackOffError),
}
