//! The device according to the rules: who holds which interface, with which settings, and what is
//! reported.

use lankeeper::manager::{InterfaceError, OpenError};
use lankeeper::stored::{StoredParts, StoredSettings};
use lankeeper::{
    Cause, Handle, InterfaceId, IpConfig, Medium, Nic, ProxySettings, Report, SocketId, Ticket,
    WifiSettings,
};

use super::HANDLES;
use super::interface::{Change, Interface, Origin, Timer};
use super::last::Last;
use super::output::{Given, Order, Told};
use super::server::Server;

/// The owner of a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    Interface(InterfaceId),
    Server,
}

#[derive(Debug)]
pub(super) struct Device {
    /// The latest instant seen.
    pub(super) now: u64,
    /// Fires everything due.
    pub(super) fires: bool,
    pub(super) interfaces: Vec<Interface>,
    pub(super) handles: Vec<(Handle, InterfaceId)>,
    pub(super) sockets: Vec<(SocketId, InterfaceId)>,
    accepts_equal: bool,
    pub(super) stored: StoredSettings,
    persists: bool,
    /// Whether the backend has persisted the latest record, as far as is known.
    pub(super) is_kept: bool,
    pub(super) last: Last,
    pub(super) server: Server,
    /// Notices that were not taken yet.
    pub(super) told: Vec<Told>,
}

impl Device {
    pub(super) fn new(interfaces: Vec<Interface>, server: Server, accepts_equal: bool) -> Self {
        Self {
            now: 0,
            fires: false,
            interfaces,
            handles: Vec::new(),
            sockets: Vec::new(),
            accepts_equal,
            stored: StoredSettings::default(),
            persists: false,
            is_kept: false,
            last: Last::default(),
            server,
            told: Vec::new(),
        }
    }

    pub(super) fn interface(&mut self, id: InterfaceId) -> &mut Interface {
        let mut interfaces = self.interfaces.iter_mut();
        interfaces.find(|interface| interface.id == id).unwrap()
    }

    pub(super) fn tell(&mut self, told: Told) {
        self.told.push(told);
    }

    /// Every timer that is armed.
    pub(super) fn timers(&self) -> impl Iterator<Item = (Owner, Timer)> {
        let of_interfaces = self.interfaces.iter().filter_map(|interface| {
            let timer = interface.timer?;
            Some((Owner::Interface(interface.id), timer))
        });
        of_interfaces.chain(self.server.timer().map(|timer| (Owner::Server, timer)))
    }

    /// Advances to an instant, and fires everything due by then in deadline order. No attempt
    /// begins before all of that has fired.
    pub(super) fn reach(&mut self, now: u64) {
        self.now = self.now.max(now);
        self.fires = true;
        self.fire_all();
        self.fires = false;
        self.bring_up();
    }

    fn fire_all(&mut self) {
        loop {
            let earliest = self.timers().min_by_key(|(_, timer)| timer.earliest());
            match earliest {
                Some((owner, timer)) if timer.earliest() <= self.now => match owner {
                    Owner::Interface(id) => {
                        self.interface(id).fire();
                        self.tell_changes(id);
                    }
                    Owner::Server => self.fire_server(),
                },
                _ => return,
            }
        }
    }

    /// The interface that a NIC means, if it may be used (OPEN-2).
    pub(super) fn usable(&mut self, nic: &Nic) -> Result<InterfaceId, InterfaceError> {
        let name = *nic.name();
        let present = self.interfaces.iter().map(|interface| interface.id);
        let id = name.resolve(present).ok_or(InterfaceError::Absent(name))?;
        if self.interface(id).enabled {
            Ok(id)
        } else {
            Err(InterfaceError::Disabled(name))
        }
    }

    pub(super) fn open(&mut self, nic: &Nic, handle: Option<Handle>) -> Result<(), OpenError> {
        let now = self.now;
        let id = self.usable(nic)?;
        let is_held = self.interface(id).is_held();
        if is_held && !nic.is_name_only() {
            let runs_with = self.runs_with(id, nic);
            let is_same_proxy =
                !self.interface(id).server || self.server.proxy.as_ref() == nic.proxy();
            let is_equal = runs_with && is_same_proxy;
            if !(self.accepts_equal && is_equal) {
                return Err(OpenError::Active);
            }
        }
        if self.handles.len() == HANDLES {
            return Err(OpenError::TooMany(HANDLES));
        }
        let handle = handle.expect("a free handle is given");
        if !is_held {
            self.configure(id, nic, Origin::Opened);
        }
        self.handles.push((handle, id));
        let interface = self.interface(id);
        interface.local = true;
        let before = interface.state;
        interface.start(now);
        let state = interface.state;
        if state == before {
            self.tell(Told::Joined(id, handle, state));
        }
        self.tell_changes(id);
        Ok(())
    }

    pub(super) fn close(&mut self, handle: Handle) {
        let Some(place) = self.handles.iter().position(|(other, _)| *other == handle) else {
            return;
        };
        let (_, id) = self.handles.remove(place);
        if self.handles.iter().any(|(_, other)| *other == id) {
            return;
        }
        let interface = self.interface(id);
        interface.local = false;
        if !interface.server {
            interface.stop(Cause::Closed);
            interface.use_settings(None, None, Origin::Stored);
        }
        self.tell_changes(id);
        self.close_sockets(id);
    }

    /// Retries at once; returns whether the handle is valid.
    pub(super) fn retry(&mut self, handle: Handle) -> bool {
        let now = self.now;
        let Some((_, id)) = self.handles.iter().find(|(other, _)| *other == handle) else {
            return false;
        };
        let id = *id;
        self.interface(id).start(now);
        self.tell_changes(id);
        true
    }

    pub(super) fn set_enabled(&mut self, id: InterfaceId, enabled: bool) {
        self.interface(id).enabled = enabled;
        if !enabled && self.interface(id).is_held() {
            let is_awaited = self.interface(id).keeps_on();
            self.shut_down(id, Cause::Disabled);
            if is_awaited {
                let state = self.interface(id).state;
                self.server_hears(id, state, None);
            }
        }
    }

    pub(super) fn report(&mut self, ticket: Ticket, report: Report) {
        let (id, now) = (ticket.interface(), self.now);
        self.interface(id).report(now, ticket, report);
        self.tell_changes(id);
    }

    /// Whether a socket can be opened (UDP-1, UDP-12).
    pub(super) fn can_open_socket(&self, handle: Handle) -> bool {
        let Some((_, id)) = self.handles.iter().find(|(other, _)| *other == handle) else {
            return false;
        };
        id.medium() != Medium::Cellular && self.sockets.len() < 4
    }

    pub(super) fn store(&mut self, change: impl FnOnce(&mut StoredSettings)) {
        let before = self.stored.clone();
        change(&mut self.stored);
        // An unchanged record is not persisted again.
        self.persists |= self.stored != before || !self.is_kept;
    }

    /// The backend failed to persist a record; a newer record that it has not got yet is not
    /// affected.
    pub(super) fn fail_to_persist(&mut self) {
        self.is_kept &= self.persists;
    }

    pub(super) fn clear(&mut self, parts: StoredParts) {
        self.store(|stored| {
            if parts.contains(StoredParts::WIFI) {
                stored.wifi = None;
            }
            if parts.contains(StoredParts::STATIC) {
                stored.ip_config = None;
            }
            if parts.contains(StoredParts::PROXY) {
                stored.proxy = None;
            }
        });
    }

    /// Stops an interface whoever holds it: its handles become stale, its sockets close.
    pub(super) fn shut_down(&mut self, id: InterfaceId, cause: Cause) {
        let interface = self.interface(id);
        interface.local = false;
        interface.server = false;
        interface.stop(cause);
        interface.use_settings(None, None, Origin::Stored);
        for (handle, of) in core::mem::take(&mut self.handles) {
            if of == id {
                self.tell(Told::HandleClosed(handle));
            } else {
                self.handles.push((handle, of));
            }
        }
        self.close_sockets(id);
        self.tell_changes(id);
    }

    fn close_sockets(&mut self, id: InterfaceId) {
        for (socket, of) in core::mem::take(&mut self.sockets) {
            if of == id {
                self.tell(Told::SocketClosed(socket));
            } else {
                self.sockets.push((socket, of));
            }
        }
    }

    /// The server connection releases its interface.
    pub(super) fn release_server(&mut self, id: InterfaceId) {
        let now = self.now;
        let (network, fixed, _) = self.stored_for(id);
        let interface = self.interface(id);
        if !interface.server {
            return;
        }
        interface.server = false;
        if !interface.local {
            interface.stop(Cause::Closed);
            interface.use_settings(None, None, Origin::Stored);
        } else if interface.origin == Origin::Connection {
            // Given settings are forgotten, even if a local holder keeps the interface up.
            if !interface.is_on_its_way() {
                interface.origin = Origin::Ended;
            } else {
                interface.use_settings(network, fixed, Origin::Stored);
                interface.stop(Cause::Switched);
                interface.start(now);
            }
        }
        self.tell_changes(id);
    }

    /// Reports the changes of an interface to the application and to the server connection.
    pub(super) fn tell_changes(&mut self, id: InterfaceId) {
        for change in core::mem::take(&mut self.interface(id).changes) {
            match change {
                Change::State(state, why) => {
                    self.tell(Told::State(id, state, why));
                    self.server_hears(id, state, why);
                }
                Change::Address { moved } => {
                    self.tell(Told::Address(id));
                    if moved {
                        self.server_moves(id);
                    }
                }
                Change::StopFailed(code) => self.tell(Told::StopFailed(id, code)),
            }
        }
    }

    /// Whether an interface runs with stored settings that are stored no more.
    pub(super) fn is_outdated(&self, interface: &Interface) -> bool {
        let (network, fixed, _) = self.stored_for(interface.id);
        let is_other_network = !interface.has_own_network && interface.network != network;
        let is_other_address = interface.origin == Origin::Stored && interface.fixed != fixed;
        is_other_network || is_other_address
    }

    /// The stored settings that the medium of an interface can have.
    pub(super) fn stored_for(
        &self,
        id: InterfaceId,
    ) -> (
        Option<WifiSettings>,
        Option<IpConfig>,
        Option<ProxySettings>,
    ) {
        let stored = &self.stored;
        match id.medium() {
            Medium::Wifi => (stored.wifi.clone(), stored.ip_config, stored.proxy.clone()),
            Medium::Ethernet => (None, stored.ip_config, stored.proxy.clone()),
            Medium::Cellular => (None, None, None),
        }
    }

    /// The settings that a NIC requests: an extended NIC takes nothing from the stored settings
    /// except a Wi-Fi network.
    fn wanted(&self, id: InterfaceId, nic: &Nic) -> (Option<WifiSettings>, Option<IpConfig>) {
        let (network, fixed, _) = self.stored_for(id);
        if nic.is_name_only() {
            (network, fixed)
        } else {
            (nic.wifi().cloned().or(network), nic.ip_config().copied())
        }
    }

    pub(super) fn runs_with(&mut self, id: InterfaceId, nic: &Nic) -> bool {
        let wanted = self.wanted(id, nic);
        let interface = self.interface(id);
        !interface.is_unknown && (&interface.network, &interface.fixed) == (&wanted.0, &wanted.1)
    }

    pub(super) fn configure(&mut self, id: InterfaceId, nic: &Nic, origin: Origin) {
        let (network, fixed) = self.wanted(id, nic);
        let origin = if nic.is_name_only() {
            Origin::Stored
        } else {
            origin
        };
        let interface = self.interface(id);
        interface.use_settings(network, fixed, origin);
        interface.has_own_network = nic.wifi().is_some();
    }

    pub(super) fn has_orders(&self) -> bool {
        let busy = |interface: &Interface| interface.has_ending() || interface.has_beginning();
        self.server.has_orders()
            || self.interfaces.iter().any(busy)
            || self.persists
            || self.last.has_order()
    }

    /// The next command: stops before starts, the server connection stopped first and started last,
    /// the interfaces in the order of the configuration.
    pub(super) fn next_order(&mut self, given: Option<Given>) -> Option<Order> {
        let ticket = given.and_then(Given::interface);
        let server_ticket = given.and_then(Given::server);
        if let Some((id, task)) = self.server.take_ending(server_ticket) {
            return Some(Order::Server(id, task));
        }
        let mut interfaces = self.interfaces.iter_mut();
        if let Some(interface) = interfaces.find(|interface| interface.has_ending()) {
            let task = interface.take_ending(ticket)?;
            return Some(Order::Interface(interface.id, task));
        }
        let mut interfaces = self.interfaces.iter_mut();
        if let Some(interface) = interfaces.find(|interface| interface.has_beginning()) {
            let task = interface.take_beginning(ticket)?;
            return Some(Order::Interface(interface.id, task));
        }
        if let Some((id, task)) = self.server.take_beginning(server_ticket) {
            return Some(Order::Server(id, task));
        }
        if core::mem::take(&mut self.persists) {
            self.is_kept = true;
            return Some(Order::Persist(self.stored.clone()));
        }
        let secrets = self.last.ask(given.and_then(Given::seal))?;
        Some(Order::Seal(secrets))
    }
}
