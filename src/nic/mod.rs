//! What a network interface configuration is, and how one is made.

mod name;

pub use name::{InterfaceId, InterfaceName, Medium, NameError};

use crate::ipv4::IpConfig;

/// A validated network interface configuration. So far it carries a name only.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Nic {
    name: InterfaceName,
}

impl Nic {
    /// A name-only NIC.
    ///
    /// # Errors
    ///
    /// [`NameError`] if the text names no interface (NIC-1).
    pub fn named(text: &str) -> Result<Self, NameError> {
        Ok(Self {
            name: text.parse()?,
        })
    }

    /// The interface as it was named.
    #[must_use]
    pub const fn name(&self) -> &InterfaceName {
        &self.name
    }

    /// The static address settings, if there are any.
    #[must_use]
    pub const fn ip_config(&self) -> Option<&IpConfig> {
        None
    }

    /// Whether it carries no settings.
    #[must_use]
    pub const fn is_name_only(&self) -> bool {
        true
    }
}
