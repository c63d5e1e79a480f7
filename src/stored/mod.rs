//! The settings that survive a restart: a Wi-Fi network, a static address, a proxy (CFG).

mod last_connection;
mod parts;
mod record;

pub(crate) use last_connection::LastConnection;
pub use parts::StoredParts;
pub use record::{RECORD_CAPACITY, Record, RecordError};

use crate::ipv4::IpConfig;
use crate::nic::place::cloned;
use crate::nic::{Copied, Medium, ProxySettings, WifiSettings};

/// The stored settings of a device (CFG-1). A NIC that only names an interface uses those that
/// apply to its medium: a static address and a proxy apply to Wi-Fi and Ethernet (OPEN-5). All of it is
/// wiped when dropped (SEC-2).
///
/// ```
/// use lankeeper::stored::{RECORD_CAPACITY, StoredSettings};
/// use lankeeper::{WifiKey, WifiSettings};
///
/// let mut stored = StoredSettings::default();
/// stored.wifi = Some(WifiSettings::new(b"shed", WifiKey::plaintext("correct horse")?)?);
/// let record = stored.to_record();
/// assert!(record.as_bytes().len() <= RECORD_CAPACITY);
/// assert_eq!(StoredSettings::from_record(record.as_bytes())?, stored);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct StoredSettings {
    /// The Wi-Fi network to join.
    pub wifi: Option<WifiSettings>,
    /// The static address to use instead of DHCP.
    pub ip_config: Option<IpConfig>,
    /// The proxy between the device and its server.
    pub proxy: Option<ProxySettings>,
}

impl PartialEq for StoredSettings {
    fn eq(&self, other: &Self) -> bool {
        WifiSettings::are_same(self.wifi.as_ref(), other.wifi.as_ref())
            && self.ip_config == other.ip_config
            && ProxySettings::are_same(self.proxy.as_ref(), other.proxy.as_ref())
    }
}

impl Clone for StoredSettings {
    fn clone(&self) -> Self {
        cloned(Self::default, self)
    }

    fn clone_from(&mut self, source: &Self) {
        WifiSettings::assign(&mut self.wifi, source.wifi.as_ref());
        IpConfig::assign(&mut self.ip_config, source.ip_config.as_ref());
        ProxySettings::assign(&mut self.proxy, source.proxy.as_ref());
    }
}

impl Drop for StoredSettings {
    fn drop(&mut self) {
        WifiSettings::occupy(&mut self.wifi);
        IpConfig::wipe(&mut self.ip_config);
        ProxySettings::occupy(&mut self.proxy);
    }
}

impl StoredSettings {
    /// The settings that are present.
    ///
    /// ```
    /// use lankeeper::stored::{StoredParts, StoredSettings};
    ///
    /// assert_eq!(StoredSettings::default().parts(), StoredParts::empty());
    /// ```
    #[must_use]
    pub const fn parts(&self) -> StoredParts {
        let mut parts = StoredParts::empty();
        if self.wifi.is_some() {
            parts = parts.union(StoredParts::WIFI);
        }
        if self.ip_config.is_some() {
            parts = parts.union(StoredParts::STATIC);
        }
        if self.proxy.is_some() {
            parts = parts.union(StoredParts::PROXY);
        }
        parts
    }

    /// Removes these settings.
    pub(crate) fn clear(&mut self, parts: StoredParts) {
        if parts.contains(StoredParts::WIFI) {
            self.wifi = None;
        }
        if parts.contains(StoredParts::STATIC) {
            self.ip_config = None;
        }
        if parts.contains(StoredParts::PROXY) {
            self.proxy = None;
        }
    }

    /// The Wi-Fi network, if it applies to this medium.
    pub(crate) fn wifi_of(&self, medium: Medium) -> Option<&WifiSettings> {
        match medium {
            Medium::Wifi => self.wifi.as_ref(),
            Medium::Ethernet | Medium::Cellular => None,
        }
    }

    /// The static address, if it applies to this medium.
    pub(crate) fn ip_config_of(&self, medium: Medium) -> Option<&IpConfig> {
        match medium {
            Medium::Wifi | Medium::Ethernet => self.ip_config.as_ref(),
            Medium::Cellular => None,
        }
    }

    /// The proxy, if it applies to this medium.
    pub(crate) fn proxy_of(&self, medium: Medium) -> Option<&ProxySettings> {
        match medium {
            Medium::Wifi | Medium::Ethernet => self.proxy.as_ref(),
            Medium::Cellular => None,
        }
    }
}
