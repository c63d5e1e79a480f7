//! What a manager is made from.

use crate::connect::ServerConfig;
use crate::interface::InterfaceConfig;
use crate::nic::{InterfaceId, Medium};
use crate::udp::{LimitScope, Quota};

/// The interfaces that a device has, how it connects to its server, and how it sends local
/// datagrams.
///
/// ```
/// use lankeeper::{Config, InterfaceConfig, InterfaceId, Quota};
///
/// let mut config = Config::new([InterfaceConfig::new(InterfaceId::ETHERNET)]);
/// config.quota = Quota::new(10, 50)?;
/// # Ok::<(), lankeeper::QuotaError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Config<const INTERFACES: usize> {
    /// The interfaces that are present.
    pub interfaces: [InterfaceConfig; INTERFACES],
    /// The limit of outgoing local datagrams (RATE-1).
    pub quota: Quota,
    /// Whether the limit is one for the device or one for each socket (RATE-4).
    pub limit_scope: LimitScope,
    /// How long the server connection tries, and how often.
    pub server: ServerConfig,
    /// Whether an interface that is in use can be opened with settings (OPEN-3).
    pub reconfigure: Reconfigure,
}

/// Whether an interface that is in use can be opened with settings (OPEN-3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Reconfigure {
    /// Never.
    #[default]
    Refuse,
    /// If they are those in use.
    AllowEqual,
}

impl<const INTERFACES: usize> Config<INTERFACES> {
    /// A device with these interfaces, and the default limit, one for the device.
    #[must_use]
    pub fn new(interfaces: [InterfaceConfig; INTERFACES]) -> Self {
        Self {
            interfaces,
            quota: Quota::default(),
            limit_scope: LimitScope::default(),
            server: ServerConfig::default(),
            reconfigure: Reconfigure::default(),
        }
    }

    /// Checks that no interface is listed twice, and returns those of Wi-Fi, of which there may be
    /// `NETWORKS`.
    pub(super) fn check<const NETWORKS: usize>(
        &self,
    ) -> Result<[Option<InterfaceId>; NETWORKS], ConfigError> {
        let mut wifi = [None; NETWORKS];
        let mut places = wifi.iter_mut();
        let mut rest = self.interfaces.iter();
        while let Some(interface) = rest.next() {
            let id = interface.id;
            if rest.clone().any(|other| other.id == id) {
                return Err(ConfigError::Twice(id));
            }
            if id.medium() == Medium::Wifi {
                let allowed = NETWORKS;
                let place = places.next();
                *place.ok_or(ConfigError::TooManyWifi { id, allowed })? = Some(id);
            }
        }
        Ok(wifi)
    }
}

/// What is wrong with a [`Config`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ConfigError {
    /// This interface is listed twice.
    #[error("{0}: listed twice")]
    Twice(InterfaceId),
    /// The manager has no room for the network of this Wi-Fi interface.
    #[error("{id}: too many Wi-Fi interfaces, at most {allowed}")]
    TooManyWifi {
        /// The first one without room.
        id: InterfaceId,
        /// How many there may be, by the capacity of the [`Manager`](super::Manager).
        allowed: usize,
    },
}
