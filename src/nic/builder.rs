//! A configuration from typed parts, for Rust code that needs no table.

use super::settings::{INTERFACE, read_interface_name};
use super::{InterfaceName, Nic, NicError, ProxySettings, WifiSettings};
use super::{address, proxy, wifi};
use crate::ipv4::IpConfig;

/// Builds a [`Nic`] from parts that are already checked.
///
/// ```
/// use core::net::Ipv4Addr;
/// use lankeeper::{IpConfig, Nic, Prefix};
///
/// let own = Prefix::new(Ipv4Addr::new(192, 168, 1, 7), 24)?;
/// let nic = Nic::builder("eth0").ip_config(IpConfig::new(own, None, &[])?).build()?;
/// assert_eq!(nic.ip_config().unwrap().prefix(), own);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub struct NicBuilder {
    name: Result<InterfaceName, NicError>,
    wifi: Option<WifiSettings>,
    ip_config: Option<IpConfig>,
    proxy: Option<ProxySettings>,
}

impl NicBuilder {
    pub(super) fn new(interface: &str) -> Self {
        Self {
            name: read_interface_name(interface).map_err(|problem| INTERFACE.error(problem)),
            wifi: None,
            ip_config: None,
            proxy: None,
        }
    }

    /// Sets the network to join instead of the stored one. Wi-Fi only.
    pub fn wifi(self, settings: WifiSettings) -> Self {
        Self {
            wifi: Some(settings),
            ..self
        }
    }

    /// Sets a static address to use instead of DHCP. Not for cellular.
    pub fn ip_config(self, config: IpConfig) -> Self {
        Self {
            ip_config: Some(config),
            ..self
        }
    }

    /// Sets the proxy between the device and its server. Not for cellular.
    pub fn proxy(self, settings: ProxySettings) -> Self {
        Self {
            proxy: Some(settings),
            ..self
        }
    }

    /// Checks that the parts belong together and returns the configuration.
    ///
    /// # Errors
    ///
    /// [`NicProblem::Name`](crate::nic::NicProblem::Name) if the text names no interface (NIC-1),
    /// [`NicProblem::NotOnMedium`](crate::nic::NicProblem::NotOnMedium) for settings that the
    /// interface's medium cannot have (NIC-5).
    pub fn build(self) -> Result<Nic, NicError> {
        let name = self.name?;
        let sections = [
            (&wifi::SCHEMA, self.wifi.is_some()),
            (&address::SCHEMA, self.ip_config.is_some()),
            (&proxy::SCHEMA, self.proxy.is_some()),
        ];
        for (section, _) in sections.into_iter().filter(|(_, present)| *present) {
            section
                .check_medium(name.medium())
                .map_err(|problem| section.path().error(problem))?;
        }
        Ok(Nic {
            name,
            wifi: self.wifi,
            ip_config: self.ip_config,
            proxy: self.proxy,
        })
    }
}
