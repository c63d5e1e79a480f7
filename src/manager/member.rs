//! An interface of the device, and the settings that it runs with.

use super::in_use::InUse;
use crate::interface::{Action, Addressing, Holders, Interface, InterfaceConfig};
use crate::ipv4::IpConfig;
use crate::nic::{Copied, Nic, WifiSettings};
use crate::stored::StoredSettings;
use crate::time::Instant;

/// An interface, whether it may be used, and what it is used with.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) machine: Interface,
    pub(super) enabled: bool,
    /// The Wi-Fi network that it joins: its key is kept no longer than it is in use.
    network: InUse<WifiSettings>,
    origin: Origin,
}

/// Where the settings come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// From the stored ones, as they are now.
    Stored,
    /// From the stored ones as they were, or none yet: whenever the interface is stopped, it takes
    /// over the present ones.
    Outdated,
    /// From whoever opened it, until the last holder leaves.
    Opened,
    /// From the request for the server connection, and for that only (CFG-2).
    Connection,
}

impl Member {
    /// An interface that nobody has opened. The configuration has been checked. Not inlined: its
    /// owner has several to make, and needs the stack for itself.
    #[inline(never)]
    pub(super) fn new(config: &InterfaceConfig) -> Self {
        Self {
            machine: Interface::new(config),
            enabled: true,
            network: InUse::none(),
            origin: Origin::Outdated,
        }
    }

    /// Takes over the settings of a NIC; what it leaves out is not taken from the stored ones,
    /// but for a Wi-Fi network, without which there is nothing to join.
    pub(super) fn configure(&mut self, nic: &Nic, stored: &StoredSettings, origin: Origin) {
        if nic.is_name_only() {
            return self.adopt(stored);
        }
        match nic.wifi() {
            Some(network) => self.network.give(Some(network)),
            None => self.adopt_network(stored),
        }
        self.put(nic.ip_config(), origin);
    }

    /// Takes over the stored settings.
    pub(super) fn adopt(&mut self, stored: &StoredSettings) {
        self.adopt_network(stored);
        let medium = self.machine.id().medium();
        self.put(stored.ip_config_of(medium), Origin::Stored);
    }

    /// The stored settings are about to change.
    pub(super) fn outdate(&mut self, stored: &StoredSettings) {
        self.network.keep(stored.wifi.as_ref());
        if self.origin == Origin::Stored {
            self.origin = Origin::Outdated;
        }
    }

    /// Takes over the stored settings where it runs with former ones, once it does not run.
    pub(super) fn refresh(&mut self, stored: &StoredSettings) {
        let rests = self.machine.state().is_stopped();
        if self.origin == Origin::Outdated && rests && self.machine.is_held() {
            self.adopt(stored);
        }
    }

    /// The server connection does not use it any more. Settings that were for the connection only
    /// are forgotten: what runs with them goes on with the stored ones the next time that it looks
    /// for a network or asks for an address, and what was under way with them begins anew.
    pub(super) fn end_connection(&mut self, now: Instant, stored: &StoredSettings) {
        if !self.machine.is_held_by(Holders::SERVER) {
            return;
        }
        self.machine.release(now, Holders::SERVER);
        if !self.machine.is_held() {
            return self.forget();
        }
        if self.origin != Origin::Connection {
            return;
        }
        self.adopt(stored);
        if self.machine.step().is_some() || self.machine.begins() {
            self.machine.restart(now);
        }
    }

    /// Forgets all settings: nobody uses the interface. Out of line, for it is called in several
    /// places.
    #[inline(never)]
    pub(super) fn forget(&mut self) {
        self.network.give(None);
        self.put(None, Origin::Outdated);
    }

    /// Whether it runs with what a NIC asks for.
    pub(super) fn runs_with(&self, nic: &Nic, stored: &StoredSettings) -> bool {
        let network = nic.wifi().or(stored.wifi_of(self.machine.id().medium()));
        WifiSettings::are_same(self.network(stored), network) && self.ip_config() == nic.ip_config()
    }

    /// The Wi-Fi network that it runs with.
    pub(super) fn network<'a>(&'a self, stored: &'a StoredSettings) -> Option<&'a WifiSettings> {
        self.network.get(&stored.wifi)
    }

    /// The action that begins its present step, if the backend has not got it yet.
    pub(super) fn poll_beginning<'a>(
        &'a mut self,
        stored: &'a StoredSettings,
    ) -> Option<Action<'a>> {
        let network = self.network.get(&stored.wifi);
        self.machine.poll_beginning(network)
    }

    /// The static address that it runs with.
    pub(super) const fn ip_config(&self) -> Option<&IpConfig> {
        match self.machine.addressing() {
            Addressing::Static(ip) => Some(ip),
            Addressing::Dhcp => None,
        }
    }

    pub(super) fn is_of_connection(&self) -> bool {
        self.origin == Origin::Connection
    }

    fn adopt_network(&mut self, stored: &StoredSettings) {
        let medium = self.machine.id().medium();
        self.network.adopt(stored.wifi_of(medium).is_some());
    }

    fn put(&mut self, ip: Option<&IpConfig>, origin: Origin) {
        self.machine.set_network(self.network.is_some());
        match ip {
            Some(ip) => self.machine.set_addressing(Addressing::Static(*ip)),
            None => self.machine.set_addressing(Addressing::Dhcp),
        }
        self.origin = origin;
    }
}
