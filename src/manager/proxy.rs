//! The proxy that the connector uses.

use crate::nic::{Copied, Medium, ProxySettings};
use crate::stored::StoredSettings;

/// The proxy in use, or none.
#[derive(Clone, Debug, Default)]
pub(super) struct Proxy {
    settings: Option<ProxySettings>,
    /// Whether they are what [`Proxy::adopt`] took over, and nothing else is stored since: so it need
    /// not compare them for every try.
    is_stored: bool,
}

impl Proxy {
    pub(super) const fn get(&self) -> Option<&ProxySettings> {
        self.settings.as_ref()
    }

    /// Takes over the stored one, if one is stored for an interface of this medium.
    pub(super) fn adopt(&mut self, stored: &StoredSettings, medium: Medium) {
        let settings = stored.proxy_of(medium);
        let is_there = self.is_stored && self.settings.is_some() == settings.is_some();
        if !is_there {
            ProxySettings::assign(&mut self.settings, settings);
            self.is_stored = true;
        }
    }

    /// Takes over one that was given for this connection, or none.
    pub(super) fn give(&mut self, given: Option<&ProxySettings>) {
        ProxySettings::assign(&mut self.settings, given);
        self.is_stored = false;
    }

    /// The stored settings are other ones from now on.
    pub(super) fn outdate(&mut self) {
        self.is_stored = false;
    }
}
