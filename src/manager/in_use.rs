//! What runs with which settings: each interface, and the server connection.

use crate::generation::Generation;
use crate::interface::{Holder, Interface, InterfaceConfig};
use crate::ipv4::IpConfig;
use crate::nic::{Copied, InterfaceId, Medium, Nic, ProxySettings, WifiSettings};
use crate::stored::StoredSettings;
use crate::time::Instant;

/// An interface, whether it may be used, and where the settings come from that it runs with. Its
/// Wi-Fi network is among the [`Settings`], because other media have none.
#[derive(Clone, Debug)]
pub(super) struct ManagedInterface {
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
    /// From whoever opened it, until no holder is left.
    Opened,
    /// From the request for the server connection, and for that only (CFG-2).
    Connection,
}

/// The stored settings, and those in use. A static address is with the machine of its interface,
/// because it is short and no secret.
#[derive(Clone, Debug)]
pub(super) struct Settings<const NETWORKS: usize> {
    pub(super) stored: StoredSettings,
    networks: [Network; NETWORKS],
    proxy: InUse<ProxySettings>,
}

/// The Wi-Fi network that an interface joins: its key is kept no longer than it is in use.
#[derive(Clone, Debug)]
struct Network {
    /// The interface; `None` if the device has fewer of Wi-Fi than there is room for.
    interface: Option<InterfaceId>,
    in_use: InUse<WifiSettings>,
}

/// Settings in use. Stored ones are copied only when others are about to be stored. So a secret is
/// in one place only, and taking over stored settings costs next to nothing.
#[derive(Clone, Debug)]
enum InUse<T> {
    /// The stored ones.
    Stored,
    /// Others, or none.
    Own(Option<T>),
}

impl ManagedInterface {
    /// An interface that nobody has opened.
    // size: keeps the stack of the loop that makes several small
    #[inline(never)]
    pub(super) fn new(config: &InterfaceConfig, seed: u64, base: Generation) -> Self {
        Self {
            machine: Interface::new(config, seed, base),
            enabled: true,
            origin: Origin::Outdated,
        }
    }

    /// Takes over the settings of a NIC. What it leaves out is not taken from the stored ones, but
    /// for a Wi-Fi network, without which there is nothing to join.
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
        self.run_with(has_network, nic.ip_config(), origin);
    }

    /// Takes over the stored settings.
    pub(super) fn adopt<const N: usize>(&mut self, settings: &mut Settings<N>) {
        let id = self.machine.id();
        let has_network = settings.adopt_network(id);
        let ip = settings.stored.ip_config_of(id.medium());
        self.run_with(has_network, ip, Origin::Stored);
    }

    /// The stored settings are about to change.
    pub(super) fn outdate(&mut self) {
        if self.origin == Origin::Stored {
            self.origin = Origin::Outdated;
        }
    }

    /// Goes on with the stored settings as they are now, if it uses stored ones (OPEN-8). One that is
    /// stopped tries at once what has changed. If it is to do so `at_once`, because somebody asked for
    /// that, it tries without a change too, and one that runs with other settings begins anew. Returns
    /// whether it does anything.
    // size: 2 callers
    #[inline(never)]
    pub(super) fn refresh<const N: usize>(
        &mut self,
        settings: &mut Settings<N>,
        at_once: bool,
        now: Instant,
    ) -> bool {
        let is_stopped = self.machine.state().is_stopped();
        let uses_stored = match self.origin {
            Origin::Outdated => at_once || is_stopped,
            Origin::Stored => at_once,
            Origin::Opened | Origin::Connection => false,
        };
        if !uses_stored || !self.machine.is_held() {
            return false;
        }
        let is_other = self.take_over(settings);
        let begins = if is_stopped {
            at_once || (is_other && self.machine.recovers())
        } else {
            is_other && !self.machine.is_joined_by_wps()
        };
        if begins && is_stopped {
            self.machine.start(now);
        } else if begins {
            self.machine.restart(now);
        }
        begins
    }

    /// Takes over the stored settings. Returns whether that changes its network or its address.
    fn take_over<const N: usize>(&mut self, settings: &mut Settings<N>) -> bool {
        let (id, stored) = (self.machine.id(), &settings.stored);
        let network = stored.wifi_of(id.medium());
        let is_other_network = !WifiSettings::are_same(settings.network(id), network);
        let address = stored.ip_config_of(id.medium());
        let is_other_address = self.machine.static_address() != address;
        self.adopt(settings);
        if is_other_network {
            self.machine.leave_network();
        }
        is_other_network || is_other_address
    }

    /// The server connection does not use it any more. Settings that were for the connection only
    /// are forgotten: what runs with them goes on with the stored ones the next time that it looks
    /// for a network or needs an address, and what was under way with them begins anew.
    pub(super) fn end_connection<const N: usize>(
        &mut self,
        settings: &mut Settings<N>,
        now: Instant,
    ) {
        if !self.machine.is_held_by_server() {
            return;
        }
        self.release(Holder::Server, settings, now);
        if self.origin != Origin::Connection {
            return;
        }
        self.adopt(settings);
        if self.machine.is_under_way() {
            self.machine.restart(now);
        }
    }

    /// A kind of holder leaves; when none is left, the settings are forgotten.
    pub(super) fn release<const N: usize>(
        &mut self,
        holder: Holder,
        settings: &mut Settings<N>,
        now: Instant,
    ) {
        self.machine.release(holder, now);
        if !self.machine.is_held() {
            self.forget(settings);
        }
    }

    /// Forgets all settings: nobody uses the interface.
    // size: 3 callers
    #[inline(never)]
    pub(super) fn forget<const N: usize>(&mut self, settings: &mut Settings<N>) {
        settings.give_network(self.machine.id(), None);
        self.run_with(false, None, Origin::Outdated);
    }

    /// Whether it runs with what a NIC asks for.
    pub(super) fn runs_with<const N: usize>(&self, nic: &Nic, settings: &Settings<N>) -> bool {
        let id = self.machine.id();
        let network = nic.wifi().or(settings.stored.wifi_of(id.medium()));
        WifiSettings::are_same(settings.network(id), network)
            && self.machine.static_address() == nic.ip_config()
    }

    /// Whether its settings are for the server connection only.
    pub(super) fn is_given(&self) -> bool {
        self.origin == Origin::Connection
    }

    // size: 3 callers
    #[inline(never)]
    fn run_with(&mut self, has_network: bool, ip: Option<&IpConfig>, origin: Origin) {
        self.machine.configure(has_network, ip);
        self.origin = origin;
    }
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
    // size: 4 callers
    #[inline(never)]
    pub(super) fn network(&self, interface: InterfaceId) -> Option<&WifiSettings> {
        let mut networks = self.networks.iter();
        let network = networks.find(|network| network.interface == Some(interface))?;
        network.in_use.get(&self.stored.wifi)
    }

    /// Makes an interface use the stored Wi-Fi network. Returns whether there is one for it.
    fn adopt_network(&mut self, interface: InterfaceId) -> bool {
        let Some(network) = self.network_mut(interface) else {
            return false;
        };
        *network = InUse::Stored;
        self.stored.wifi.is_some()
    }

    /// Makes an interface use another Wi-Fi network, or none.
    fn give_network(&mut self, interface: InterfaceId, given: Option<&WifiSettings>) {
        if let Some(network) = self.network_mut(interface) {
            network.give(given);
        }
    }

    // size: 2 callers
    #[inline(never)]
    fn network_mut(&mut self, interface: InterfaceId) -> Option<&mut InUse<WifiSettings>> {
        let mut networks = self.networks.iter_mut();
        let network = networks.find(|network| network.interface == Some(interface))?;
        Some(&mut network.in_use)
    }

    /// The proxy that the server connection uses.
    // size: 6 callers
    #[inline(never)]
    pub(super) fn proxy(&self) -> Option<&ProxySettings> {
        self.proxy.get(&self.stored.proxy)
    }

    /// Makes the server connection use the stored proxy, where a medium can have one.
    pub(super) fn adopt_proxy(&mut self, medium: Medium) {
        self.proxy = match self.stored.proxy_of(medium) {
            Some(_) => InUse::Stored,
            None => InUse::Own(None),
        };
    }

    /// Makes the server connection use another proxy, or none.
    pub(super) fn give_proxy(&mut self, given: Option<&ProxySettings>) {
        self.proxy.give(given);
    }

    /// Forgets the proxy: there is no server connection.
    pub(super) fn drop_proxy(&mut self) {
        if !matches!(self.proxy, InUse::Own(None)) {
            self.proxy.give(None);
        }
    }

    /// The stored settings are about to change: what is in use goes on as it is.
    pub(super) fn keep(&mut self) {
        for network in &mut self.networks {
            network.in_use.keep(self.stored.wifi.as_ref());
        }
        self.proxy.keep(self.stored.proxy.as_ref());
    }
}

impl<T: Copied> InUse<T> {
    /// What is in use, where `stored` is what is stored.
    fn get<'a>(&'a self, stored: &'a Option<T>) -> Option<&'a T> {
        match self {
            Self::Stored => stored.as_ref(),
            Self::Own(own) => own.as_ref(),
        }
    }

    /// Makes other settings be used, or none.
    fn give(&mut self, given: Option<&T>) {
        if matches!(self, Self::Stored) {
            *self = Self::Own(None);
        }
        if let Self::Own(own) = self {
            T::assign(own, given);
        }
    }

    /// What is stored is about to change: what is in use goes on as it is.
    fn keep(&mut self, stored: Option<&T>) {
        if matches!(self, Self::Stored) {
            self.give(stored);
        }
    }
}
