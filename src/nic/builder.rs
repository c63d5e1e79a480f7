//! A configuration from typed parts, for Rust code that needs no table.

use super::copied::Copied;
use super::place::{cloned, filled, made};
use super::settings::INTERFACE;
use super::{NameError, address, proxy, wifi};
use super::{Nic, NicError, NicProblem, ProxySettings, Quote, WifiSettings};
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
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
pub struct NicBuilder {
    /// Not checked as a whole.
    nic: Nic,
    /// The name that was given, if it names no interface.
    no_name: Option<Quote>,
}

impl NicBuilder {
    pub(super) fn new(interface: &str) -> Self {
        let mut builder = Self::blank();
        match interface.parse() {
            Ok(name) => builder.nic.name = name,
            Err(NameError) => builder.no_name = Some(Quote::new(interface)),
        }
        builder
    }

    const fn blank() -> Self {
        Self {
            nic: Nic::blank(),
            no_name: None,
        }
    }

    /// The same configuration with a change. Whatever is given by value is copied and wiped, because
    /// a move would leave it where it was (SEC-2).
    fn with(&self, change: impl FnOnce(&mut Nic)) -> Self {
        made(|| {
            let mut builder = Self::blank();
            builder.clone_from(self);
            change(&mut builder.nic);
            builder
        })
    }

    /// Sets the network to join instead of the stored one. Wi-Fi only.
    pub fn wifi(self, settings: WifiSettings) -> Self {
        self.with(|nic| WifiSettings::assign(&mut nic.wifi, Some(&settings)))
    }

    /// Sets a static address to use instead of DHCP. Not for cellular.
    pub fn ip_config(self, config: IpConfig) -> Self {
        self.with(|nic| nic.ip_config = Some(config))
    }

    /// Sets the proxy between the device and its server. Not for cellular.
    pub fn proxy(self, settings: ProxySettings) -> Self {
        self.with(|nic| ProxySettings::assign(&mut nic.proxy, Some(&settings)))
    }

    /// Checks that the parts belong together and returns the configuration.
    ///
    /// # Errors
    ///
    /// [`NicProblem::Name`] if the text names no interface (NIC-1), [`NicProblem::NotOnMedium`] for
    /// settings that the interface's medium cannot have (NIC-5).
    pub fn build(self) -> Result<Nic, NicError> {
        filled(Nic::blank, |nic| {
            self.check()?;
            nic.clone_from(&self.nic);
            Ok(())
        })
    }

    fn check(&self) -> Result<(), NicError> {
        if let Some(found) = self.no_name.clone() {
            let problem = NameError;
            return Err(INTERFACE.error(NicProblem::Name { found, problem }));
        }
        let sections = [
            (&wifi::SCHEMA, self.nic.wifi.is_some()),
            (&address::SCHEMA, self.nic.ip_config.is_some()),
            (&proxy::SCHEMA, self.nic.proxy.is_some()),
        ];
        for (section, _) in sections.into_iter().filter(|(_, present)| *present) {
            section
                .check_medium(self.nic.name.medium())
                .map_err(|problem| section.path().error(problem))?;
        }
        Ok(())
    }
}

impl Clone for NicBuilder {
    fn clone(&self) -> Self {
        cloned(Self::blank, self)
    }

    fn clone_from(&mut self, source: &Self) {
        self.nic.clone_from(&source.nic);
        self.no_name.clone_from(&source.no_name);
    }
}

impl Drop for NicBuilder {
    fn drop(&mut self) {
        self.no_name.get_or_insert_with(|| Quote::new("")).wipe();
    }
}
