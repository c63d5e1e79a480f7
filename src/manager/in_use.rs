//! What runs with which settings: each interface, and the server connection.

use crate::generation::Generation;
use crate::interface::{Holder, Interface, InterfaceConfig, State};
use crate::nic::{Copied, InterfaceId, Medium, Nic, ProxySettings, WifiSettings};
use crate::stored::StoredSettings;
use crate::time::Instant;

/// An interface, and where the settings come from that it runs with (OPEN-9): its Wi-Fi network, which
/// is among the [`Settings`] because other media have none, and its address.
#[derive(Clone, Debug)]
pub(super) struct ManagedInterface {
    pub(super) machine: Interface,
    pub(super) network: Source,
    pub(super) address: Source,
    /// Whether what comes from a NIC is for the server connection only (CFG-2).
    pub(super) is_given: bool,
    /// Whether Wi-Fi Protected Setup has begun, and nobody has provisioned a network since.
    is_unprovisioned: bool,
}

/// Where a part of the settings comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// The stored settings, as they are now.
    Stored,
    /// Others, or none yet: the present stored ones are next.
    Outdated,
    /// A NIC, until no holder is left. Every NIC with settings brings an address, or that there is none.
    Nic,
}

/// On what occasion an interface takes over the stored settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refresh {
    /// It is stopped or powers up: its next try uses them (OPEN-5). One that is stopped tries at once
    /// what has changed (OPEN-8).
    Next,
    /// It has left CONNECTED, to join or to be addressed anew (OPEN-5).
    Left,
    /// Somebody wants them in use: what is stopped tries at once, and what runs with others begins
    /// anew (OPEN-8).
    Reapply,
    /// Somebody has provisioned them: the same.
    Provision,
}

/// Which of the stored settings are others than those in use.
#[derive(Clone, Copy, Debug, Default)]
struct Others {
    network: bool,
    address: bool,
}

/// For whom a NIC configures an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Whoever opened it, and all who share it.
    Opened,
    /// The request for the server connection, and that only (CFG-2).
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
            network: Source::Outdated,
            address: Source::Outdated,
            is_given: false,
            is_unprovisioned: false,
        }
    }

    /// Takes over the settings of a NIC. What it leaves out is not taken from the stored ones, but
    /// for a Wi-Fi network, without which there is nothing to join (OPEN-5).
    pub(super) fn configure<const N: usize>(
        &mut self,
        nic: &Nic,
        settings: &mut Settings<N>,
        origin: Origin,
    ) {
        if nic.is_name_only() {
            return self.adopt(settings);
        }
        match nic.wifi() {
            Some(network) => {
                settings.give_network(self.machine.id(), Some(network));
                self.machine.use_network(true);
                self.network = Source::Nic;
            }
            None => self.adopt_network(settings),
        }
        self.machine.use_address(nic.ip_config());
        self.address = Source::Nic;
        self.is_given = origin == Origin::Connection;
    }

    /// Takes over the stored settings.
    pub(super) fn adopt<const N: usize>(&mut self, settings: &mut Settings<N>) {
        self.adopt_network(settings);
        self.adopt_address(settings);
        self.is_given = false;
    }

    // size: 3 callers
    #[inline(never)]
    fn adopt_network<const N: usize>(&mut self, settings: &mut Settings<N>) {
        let has_network = settings.adopt_network(self.machine.id());
        self.machine.use_network(has_network);
        self.network = Source::Stored;
    }

    fn adopt_address<const N: usize>(&mut self, settings: &Settings<N>) {
        let address = settings.stored.ip_config_of(self.machine.id().medium());
        self.machine.use_address(address);
        self.address = Source::Stored;
    }

    /// The stored settings are about to change. What runs with them goes on.
    pub(super) fn outdate(&mut self) {
        for source in [&mut self.network, &mut self.address] {
            if *source == Source::Stored {
                *source = Source::Outdated;
            }
        }
    }

    /// Goes on with the stored settings as they are now, where it uses stored ones (OPEN-8, OPEN-9).
    /// Returns whether it does anything.
    // size: 4 callers
    #[inline(never)]
    pub(super) fn refresh<const N: usize>(
        &mut self,
        settings: &mut Settings<N>,
        occasion: Refresh,
        now: Instant,
    ) -> bool {
        let is_at_once = matches!(occasion, Refresh::Reapply | Refresh::Provision);
        let sources = [self.network, self.address];
        let uses_stored = if is_at_once {
            sources != [Source::Nic; 2]
        } else {
            sources.contains(&Source::Outdated)
        };
        if !uses_stored || !self.machine.is_held() {
            return false;
        }
        let state = self.machine.state();
        let is_stored = settings
            .stored
            .wifi_of(self.machine.id().medium())
            .is_some();
        let is_unknown = self.is_unknown();
        if occasion == Refresh::Next && !state.is_stopped() && state != State::Starting {
            // It may scan by itself: for the network that is stored then.
            if self.network == Source::Outdated {
                self.machine.use_network(is_stored);
            }
            return false;
        }
        // An unknown network cannot be joined again: it goes on while nothing could take its place.
        let stays = is_unknown && !is_stored && !state.is_stopped();
        if occasion == Refresh::Reapply && stays {
            return false;
        }
        let mut other = self.take_over(settings);
        if is_unknown && self.network != Source::Nic {
            match occasion {
                // The backend provisions the network that Wi-Fi Protected Setup joins.
                Refresh::Provision => {
                    self.is_unprovisioned = false;
                    other.network = false;
                }
                Refresh::Reapply => other.network = true,
                Refresh::Next | Refresh::Left => other.network &= !stays,
            }
        }
        let is_other = other.network || other.address;
        if state.is_stopped() {
            // Without a network another try would stop at once, too.
            let lacks_network = !is_stored && self.machine.lacks_network();
            let begins = is_at_once || (is_other && !lacks_network && self.machine.recovers());
            if begins {
                self.machine.start(now);
            }
            return begins;
        }
        if occasion == Refresh::Left {
            if is_other {
                self.machine.go_on(other.network, now);
            }
            return is_other;
        }
        // What is only powering up, or has not begun to scan, has not used any settings yet.
        let is_unused = state == State::Starting || self.machine.is_about_to_scan();
        let is_addressed = other.address && state != State::WifiWpsing;
        let begins = !is_unused && (other.network || is_addressed);
        if begins {
            self.machine.restart(now);
        }
        begins
    }

    /// Takes over the stored settings in place of outdated ones. Returns which of them are others.
    fn take_over<const N: usize>(&mut self, settings: &mut Settings<N>) -> Others {
        let id = self.machine.id();
        let mut other = Others::default();
        if self.network == Source::Outdated {
            let stored = settings.stored.wifi_of(id.medium());
            if !WifiSettings::are_same(settings.network(id), stored) {
                self.machine.leave_network();
                other.network = true;
            }
            self.adopt_network(settings);
        }
        if self.address == Source::Outdated {
            let stored = settings.stored.ip_config_of(id.medium());
            other.address = self.machine.static_address() != stored;
            self.adopt_address(settings);
        }
        other
    }

    /// The server connection does not use it any more. Settings that were for the connection only are
    /// forgotten (CFG-2): what runs with them goes on until it joins or needs an address again, and what
    /// was under way with them begins anew with the stored ones.
    pub(super) fn end_connection<const N: usize>(
        &mut self,
        settings: &mut Settings<N>,
        now: Instant,
    ) {
        self.release(Holder::Server, settings, now);
        if !self.is_given {
            return;
        }
        self.expect_stored();
        let is_under_way = self.machine.is_under_way();
        if is_under_way || self.machine.state() != State::Connected {
            self.take_over(settings);
        }
        if is_under_way {
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
        self.machine.use_network(false);
        self.machine.use_address(None);
        self.expect_stored();
    }

    /// From now on it runs with settings that are nobody's; the stored ones are next.
    fn expect_stored(&mut self) {
        self.network = Source::Outdated;
        self.address = Source::Outdated;
        self.is_given = false;
    }

    /// Whether it runs with what a NIC asks for.
    pub(super) fn runs_with<const N: usize>(&self, nic: &Nic, settings: &Settings<N>) -> bool {
        let id = self.machine.id();
        let network = nic.wifi().or(settings.stored.wifi_of(id.medium()));
        !self.is_unknown()
            && WifiSettings::are_same(settings.network(id), network)
            && self.machine.static_address() == nic.ip_config()
    }

    /// Whether a request for the server connection may bring the settings of its NIC: nobody holds it,
    /// or it was left running with these and would begin with the stored ones the next time, which are
    /// others (OPEN-9). What is as it is stored stays that of whoever opened it (CON-7).
    pub(super) fn is_free_for<const N: usize>(&self, nic: &Nic, settings: &Settings<N>) -> bool {
        let medium = self.machine.id().medium();
        let stored = settings.stored.wifi_of(medium);
        let network = nic.wifi().or(stored);
        !self.machine.is_held()
            || self.address == Source::Outdated
                && (!WifiSettings::are_same(network, stored)
                    || nic.ip_config() != settings.stored.ip_config_of(medium))
    }

    /// Notes that Wi-Fi Protected Setup begins.
    pub(super) fn note_state(&mut self, state: State) {
        self.is_unprovisioned |= state == State::WifiWpsing;
    }

    /// Whether its network is none that is known here, because Wi-Fi Protected Setup has brought it, and
    /// nobody has provisioned it since.
    pub(super) fn is_unknown(&self) -> bool {
        self.is_unprovisioned && self.machine.is_joined_by_wps()
    }

    /// Whether its settings are for the server connection only.
    pub(super) const fn is_given(&self) -> bool {
        self.is_given
    }
}

/// The Wi-Fi network that an interface runs with, if that is known.
// size: 2 callers
#[inline(never)]
pub(super) fn joined_network<'a, const N: usize>(
    interfaces: &[ManagedInterface],
    settings: &'a Settings<N>,
    id: InterfaceId,
) -> Option<&'a WifiSettings> {
    let mut interfaces = interfaces.iter();
    let interface = interfaces.find(|interface| interface.machine.id() == id)?;
    let network = settings.network(id);
    network.filter(|_| !interface.is_unknown())
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
