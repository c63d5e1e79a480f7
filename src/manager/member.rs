//! An interface of the device, and the settings that it runs with.

use crate::interface::{Addressing, Holders, Interface, InterfaceConfig, Timer};
use crate::ipv4::IpConfig;
use crate::nic::{Copied, InterfaceId, Nic, WifiSettings};
use crate::stored::StoredSettings;
use crate::time::Instant;

/// An interface, whether it may be used, and what it is used with.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) machine: Interface,
    pub(super) enabled: bool,
    /// The Wi-Fi network that it joins: its key is kept no longer than it is in use.
    pub(super) network: Option<WifiSettings>,
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
            network: None,
            origin: Origin::Outdated,
        }
    }

    /// Takes over the settings of a NIC; what it leaves out is not taken from the stored ones,
    /// but for a Wi-Fi network, without which there is nothing to join.
    pub(super) fn configure(&mut self, nic: &Nic, stored: &StoredSettings, origin: Origin) {
        if nic.is_name_only() {
            return self.adopt(stored);
        }
        let (network, ip) = wanted(nic, stored, self.machine.id());
        self.put(network, ip, origin);
    }

    /// Takes over the stored settings.
    pub(super) fn adopt(&mut self, stored: &StoredSettings) {
        let medium = self.machine.id().medium();
        let network = stored.wifi_of(medium);
        self.put(network, stored.ip_config_of(medium), Origin::Stored);
    }

    /// Whether something has changed and was not told yet.
    pub(super) const fn has_changes(&self) -> bool {
        self.machine.has_changes()
    }

    /// The stored settings are other ones from now on.
    pub(super) fn outdate(&mut self) {
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
        let timer = self.machine.deadline().map(|deadline| deadline.reason);
        let is_stepping = matches!(timer, Some(Timer::Step(_)));
        if is_stepping || self.machine.begins() {
            self.machine.restart(now);
        }
    }

    /// Forgets all settings: nobody uses the interface. Out of line, for it is called in several
    /// places.
    #[inline(never)]
    pub(super) fn forget(&mut self) {
        self.put(None, None, Origin::Outdated);
    }

    /// Whether it runs with what a NIC asks for.
    pub(super) fn runs_with(&self, nic: &Nic, stored: &StoredSettings) -> bool {
        let (network, ip) = wanted(nic, stored, self.machine.id());
        self.network.as_ref() == network && self.ip_config() == ip
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

    fn put(&mut self, network: Option<&WifiSettings>, ip: Option<&IpConfig>, origin: Origin) {
        match ip {
            Some(ip) => self.machine.set_addressing(Addressing::Static(*ip)),
            None => self.machine.set_addressing(Addressing::Dhcp),
        }
        self.machine.set_network(network.is_some());
        WifiSettings::assign(&mut self.network, network);
        self.origin = origin;
    }
}

/// What a NIC with settings asks for.
fn wanted<'a>(
    nic: &'a Nic,
    stored: &'a StoredSettings,
    id: InterfaceId,
) -> (Option<&'a WifiSettings>, Option<&'a IpConfig>) {
    let network = nic.wifi().or(stored.wifi_of(id.medium()));
    (network, nic.ip_config())
}
