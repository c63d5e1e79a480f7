//! The settings of a device: those that are stored, and those in use.

use super::in_use::InUse;
use crate::nic::{InterfaceId, Medium, ProxySettings, WifiSettings};
use crate::stored::StoredSettings;

/// What is stored, and what the interfaces and the server connection use. A static address is with
/// the machine of its interface: it is short, and no secret.
#[derive(Clone, Debug)]
pub(super) struct Settings<const NETWORKS: usize> {
    pub(super) stored: StoredSettings,
    networks: [Network; NETWORKS],
    proxy: InUse<ProxySettings>,
}

/// The Wi-Fi network that an interface joins: its key is kept no longer than it is in use.
#[derive(Clone, Debug)]
struct Network {
    /// The interface, if the device has so many of Wi-Fi.
    interface: Option<InterfaceId>,
    in_use: InUse<WifiSettings>,
}

impl<const NETWORKS: usize> Settings<NETWORKS> {
    /// None yet, for a device with these Wi-Fi interfaces.
    pub(super) fn new(wifi: [Option<InterfaceId>; NETWORKS]) -> Self {
        Self {
            stored: StoredSettings::default(),
            networks: wifi.map(|interface| Network {
                interface,
                in_use: InUse::Own(None),
            }),
            proxy: InUse::Own(None),
        }
    }

    /// The Wi-Fi network that an interface uses.
    // A call takes less room, and many look.
    #[inline(never)]
    pub(super) fn network(&self, interface: InterfaceId) -> Option<&WifiSettings> {
        let mut networks = self.networks.iter();
        let network = networks.find(|network| network.interface == Some(interface))?;
        network.in_use.get(&self.stored.wifi)
    }

    /// Has an interface use the stored Wi-Fi network. Tells whether there is one for it.
    pub(super) fn adopt_network(&mut self, interface: InterfaceId) -> bool {
        let Some(network) = self.network_mut(interface) else {
            return false;
        };
        *network = InUse::Stored;
        self.stored.wifi.is_some()
    }

    /// Has an interface use another Wi-Fi network, or none.
    pub(super) fn give_network(&mut self, interface: InterfaceId, given: Option<&WifiSettings>) {
        if let Some(network) = self.network_mut(interface) {
            network.give(given);
        }
    }

    // As above.
    #[inline(never)]
    fn network_mut(&mut self, interface: InterfaceId) -> Option<&mut InUse<WifiSettings>> {
        let mut networks = self.networks.iter_mut();
        let network = networks.find(|network| network.interface == Some(interface))?;
        Some(&mut network.in_use)
    }

    /// The proxy that the server connection uses.
    // As above.
    #[inline(never)]
    pub(super) fn proxy(&self) -> Option<&ProxySettings> {
        self.proxy.get(&self.stored.proxy)
    }

    /// Has the server connection use the stored proxy, where a medium can have one.
    pub(super) fn adopt_proxy(&mut self, medium: Medium) {
        self.proxy = match self.stored.proxy_of(medium) {
            Some(_) => InUse::Stored,
            None => InUse::Own(None),
        };
    }

    /// Has the server connection use another proxy, or none.
    pub(super) fn give_proxy(&mut self, given: Option<&ProxySettings>) {
        self.proxy.give(given);
    }

    /// The stored settings are about to change: what is in use goes on as it is.
    pub(super) fn keep(&mut self) {
        for network in &mut self.networks {
            network.in_use.keep(self.stored.wifi.as_ref());
        }
        self.proxy.keep(self.stored.proxy.as_ref());
    }
}
