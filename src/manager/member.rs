//! An interface of the device, and how it comes to the settings that it runs with.

use super::settings::Settings;
use crate::interface::{Action, Addressing, Holders, Interface, InterfaceConfig};
use crate::ipv4::IpConfig;
use crate::nic::{Copied, Nic, WifiSettings};

/// An interface, whether it may be used, and where the settings come from that it is used with. Its
/// Wi-Fi network is among the [`Settings`], for other media have none.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) machine: Interface,
    pub(super) enabled: bool,
    origin: Origin,
}

/// Where settings come from.
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
    /// An interface that nobody has opened. Not inlined: its owner has several to make, and needs the stack for itself.
    #[inline(never)]
    pub(super) fn new(config: &InterfaceConfig) -> Self {
        Self {
            machine: Interface::new(config),
            enabled: true,
            origin: Origin::Outdated,
        }
    }

    /// Takes over the settings of a NIC; what it leaves out is not taken from the stored ones,
    /// but for a Wi-Fi network, without which there is nothing to join.
    pub(super) fn configure<const N: usize>(
        &mut self,
        nic: &Nic,
        settings: &mut Settings<N>,
        origin: Origin,
    ) {
        if nic.is_name_only() {
            return self.adopt(settings);
        }
        let id = self.machine.id();
        let has_network = match nic.wifi() {
            Some(network) => {
                settings.give_network(id, Some(network));
                true
            }
            None => settings.adopt_network(id),
        };
        self.put(has_network, nic.ip_config(), origin);
    }

    /// Takes over the stored settings.
    pub(super) fn adopt<const N: usize>(&mut self, settings: &mut Settings<N>) {
        let id = self.machine.id();
        let has_network = settings.adopt_network(id);
        let ip = settings.stored.ip_config_of(id.medium());
        self.put(has_network, ip, Origin::Stored);
    }

    /// The stored settings are about to change.
    pub(super) fn outdate(&mut self) {
        if self.origin == Origin::Stored {
            self.origin = Origin::Outdated;
        }
    }

    /// Takes over the stored settings where it runs with former ones, once it does not run.
    pub(super) fn refresh<const N: usize>(&mut self, settings: &mut Settings<N>) {
        let rests = self.machine.state().is_stopped();
        if self.origin == Origin::Outdated && rests && self.machine.is_held() {
            self.adopt(settings);
        }
    }

    /// The server connection does not use it any more. Settings that were for the connection only
    /// are forgotten: what runs with them goes on with the stored ones the next time that it looks
    /// for a network or asks for an address, and what was under way with them begins anew.
    pub(super) fn end_connection<const N: usize>(&mut self, settings: &mut Settings<N>) {
        if !self.machine.is_held_by(Holders::SERVER) {
            return;
        }
        self.machine.release(Holders::SERVER);
        if !self.machine.is_held() {
            return self.forget(settings);
        }
        if self.origin != Origin::Connection {
            return;
        }
        self.adopt(settings);
        if self.machine.step().is_some() || self.machine.begins() {
            self.machine.restart();
        }
    }

    /// Forgets all settings: nobody uses the interface. Out of line, for it is called in several
    /// places.
    #[inline(never)]
    pub(super) fn forget<const N: usize>(&mut self, settings: &mut Settings<N>) {
        settings.give_network(self.machine.id(), None);
        self.put(false, None, Origin::Outdated);
    }

    /// Whether it runs with what a NIC asks for.
    pub(super) fn runs_with<const N: usize>(&self, nic: &Nic, settings: &Settings<N>) -> bool {
        let id = self.machine.id();
        let network = nic.wifi().or(settings.stored.wifi_of(id.medium()));
        WifiSettings::are_same(settings.network(id), network) && self.ip_config() == nic.ip_config()
    }

    /// The action that begins its present step, if the backend has not got it yet.
    pub(super) fn poll_beginning<'a, const N: usize>(
        &mut self,
        settings: &'a Settings<N>,
    ) -> Option<Action<'a>> {
        let network = settings.network(self.machine.id());
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

    fn put(&mut self, has_network: bool, ip: Option<&IpConfig>, origin: Origin) {
        self.machine.set_network(has_network);
        match ip {
            Some(ip) => self.machine.set_addressing(Addressing::Static(*ip)),
            None => self.machine.set_addressing(Addressing::Dhcp),
        }
        self.origin = origin;
    }
}
