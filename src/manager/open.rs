//! Opening interfaces for local use, who holds them, and their status.

use super::in_use::{ManagedInterface, Origin};
use super::{Manager, Notice, Reconfigure, find};
use crate::connect::{Connector, ServerTrigger};
use crate::interface::{Cause, Holder, State, StopReason};
use crate::ipv4::IpConfig;
use crate::nic::{Copied, InterfaceId, InterfaceName, Nic, ProxySettings};
use crate::slots::Key;
use crate::time::Instant;

/// An opened interface. After it was closed, by its owner or not, using it is an error and never
/// reaches another interface (OPEN-6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Handle(Key);

/// The status of one interface (OPEN-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Snapshot {
    /// Which interface.
    pub interface: InterfaceId,
    /// Whether it may be used.
    pub enabled: bool,
    /// Its state.
    pub state: State,
    /// Why it is stopped, if it is.
    pub reason: Option<StopReason>,
    /// How many handles hold it.
    pub local_holders: usize,
    /// Whether the server connection, or an attempt at one, holds it.
    pub server_holder: bool,
    /// Whether it carries the server connection.
    pub carries_server: bool,
    /// Its address settings while it is CONNECTED: address, mask, gateway, broadcast address
    /// if there is one, and name servers.
    pub ip_config: Option<IpConfig>,
}

/// Why an interface cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum InterfaceError {
    /// No present interface has that name (OPEN-2).
    #[error("{0}: no such interface is present")]
    Absent(InterfaceName),
    /// The interface is disabled (OPEN-2).
    #[error("{0}: the interface is disabled")]
    Disabled(InterfaceName),
}

/// Why an interface was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum OpenError {
    /// The interface is absent or disabled (OPEN-2).
    #[error(transparent)]
    Interface(#[from] InterfaceError),
    /// The interface is in use and the NIC carries settings (OPEN-3).
    #[error("cannot reconfigure interface when active")]
    Active,
    /// Every handle is in use.
    #[error("no free handle, at most {0}")]
    TooMany(usize),
}

/// No such interface is present.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("{0}: no such interface is present")]
#[non_exhaustive]
pub struct AbsentError(pub InterfaceId);

/// The handle's interface was closed (OPEN-6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("the interface was closed")]
#[non_exhaustive]
pub struct StaleHandleError;

impl<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>
    Manager<I, H, S, N, W>
{
    /// Opens an interface for local use and brings it up if it is down (OPEN-1). Never waits:
    /// its states come as notices. A NIC that only names the interface uses the stored settings
    /// (OPEN-5). A proxy in it counts for nothing, because local traffic uses none (OPEN-3).
    ///
    /// ```
    /// use lankeeper::manager::OpenError;
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// let handle = manager.open(now, &Nic::named("eth0")?)?;
    /// let other = manager.open(now, &Nic::named("ethernet")?)?; // shares the interface
    /// assert!(matches!(manager.open(now, &Nic::named("wifi")?), Err(OpenError::Interface(_))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`OpenError`]; nothing has changed then.
    pub fn open(&mut self, now: Instant, nic: &Nic) -> Result<Handle, OpenError> {
        let now = self.advance(now);
        let (place, interface) = usable(&mut self.interfaces, nic, &self.connector)?;
        let id = interface.machine.id();
        let shared = interface.machine.is_held();
        if shared && !nic.is_name_only() {
            let proxy = self.settings.proxy();
            let is_equal = self.reconfigure == Reconfigure::AllowEqual
                && interface.runs_with(nic, &self.settings)
                && (!interface.machine.is_held_by_server()
                    || ProxySettings::are_same(nic.proxy(), proxy));
            if !is_equal {
                return Err(OpenError::Active);
            }
        }
        let handle = self
            .handles
            .insert(id)
            .map(Handle)
            .map_err(|_| OpenError::TooMany(H))?;
        if !shared {
            interface.configure(nic, &mut self.settings, Origin::Opened);
        }
        let before = interface.machine.state();
        interface.machine.hold(Holder::Local, now);
        let state = interface.machine.state();
        self.settle_interface(place, now);
        if state == before {
            self.notices.push(Notice::Joined {
                handle,
                interface: id,
                state,
            });
        }
        Ok(handle)
    }

    /// Gives an interface back; the last holder stops it (IFC-8), and the last local one closes its
    /// sockets. A stale handle is harmless.
    ///
    /// ```
    /// use lankeeper::State;
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// let handle = manager.open(now, &Nic::named("eth0")?)?;
    /// manager.close(now, handle);
    /// manager.close(now, handle); // harmless
    /// assert_eq!(manager.state(InterfaceId::ETHERNET), Some(State::EthernetStopped));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn close(&mut self, now: Instant, handle: Handle) {
        let now = self.advance(now);
        let Some(id) = self.handles.remove(handle.0) else {
            return;
        };
        if self.handles.iter().any(|(_, other)| *other == id) {
            return;
        }
        if let Some((place, interface)) = find(&mut self.interfaces, id) {
            interface.release(Holder::Local, &mut self.settings, now);
            self.settle_interface(place, now);
            self.close_sockets(id);
        }
    }

    /// Starts a stopped interface now, without waiting for its back-off. Under
    /// [`Recovery::Manual`](crate::Recovery::Manual) only a request like this one starts it again.
    /// Does nothing to one that is not stopped: one that scans or joins goes on with the settings
    /// that it began with.
    ///
    /// ```
    /// use lankeeper::{Duration, State};
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// let handle = manager.open(now, &Nic::named("eth0")?)?;
    /// let later = now.saturating_add(Duration::from_secs(10)); // the power-up timed out
    /// manager.retry(later, handle)?;
    /// assert_eq!(manager.state(InterfaceId::ETHERNET), Some(State::Starting));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`StaleHandleError`] if the interface was closed.
    pub fn retry(&mut self, now: Instant, handle: Handle) -> Result<(), StaleHandleError> {
        let now = self.advance(now);
        let id = self.interface(handle)?;
        if let Some((place, interface)) = find(&mut self.interfaces, id) {
            interface.machine.start(now);
            self.settle_interface(place, now);
        }
        Ok(())
    }

    /// Enables or disables an interface. A disabled one cannot be opened or connected over;
    /// disabling one that is in use stops it whoever holds it, and its handles become stale
    /// (OPEN-2, OPEN-6). Enabling one that the server connection could use ends its wait (CON-19).
    ///
    /// ```
    /// use lankeeper::manager::{InterfaceError, OpenError};
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// manager.set_enabled(now, InterfaceId::ETHERNET, false)?;
    /// let refused = manager.open(now, &Nic::named("eth0")?);
    /// assert!(matches!(refused, Err(OpenError::Interface(InterfaceError::Disabled(_)))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`AbsentError`] if there is no such interface.
    pub fn set_enabled(
        &mut self,
        now: Instant,
        id: InterfaceId,
        enabled: bool,
    ) -> Result<(), AbsentError> {
        let now = self.advance(now);
        let machine = self.machine(id).ok_or(AbsentError(id))?;
        let is_held = machine.is_held();
        let was_enabled = self.connector.is_enabled(id);
        self.connector.set_enabled(id, enabled);
        if enabled && !was_enabled {
            self.take_news(Some(id), now);
        } else if !enabled && is_held {
            self.shut_down(id, Cause::Disabled, now);
            // One that was stopped already is so without a change.
            if self.connector.uses(id) {
                let stopped = ServerTrigger::InterfaceStopped;
                self.connector.handle_interface(id, stopped, None, now);
            }
            self.reconcile(now);
        }
        Ok(())
    }

    /// The interface that a handle has opened.
    ///
    /// ```
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// let handle = manager.open(now, &Nic::named("ethernet")?)?;
    /// assert_eq!(manager.interface(handle), Ok(InterfaceId::ETHERNET));
    /// manager.close(now, handle);
    /// assert!(manager.interface(handle).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`StaleHandleError`] if it was closed.
    pub fn interface(&self, handle: Handle) -> Result<InterfaceId, StaleHandleError> {
        self.handles.get(handle.0).copied().ok_or(StaleHandleError)
    }

    /// Stops an interface whoever holds it: its handles become stale, its sockets close.
    pub(super) fn shut_down(&mut self, id: InterfaceId, cause: Cause, now: Instant) {
        let Some((place, interface)) = find(&mut self.interfaces, id) else {
            return;
        };
        interface.machine.shut_down(cause, now);
        interface.forget(&mut self.settings);
        self.take_interface_changes(place, now);
        self.take_server_changes();
        let notices = &mut self.notices;
        self.handles.remove_if(
            |held| *held == id,
            |key| {
                notices.push(Notice::HandleClosed {
                    handle: Handle(key),
                })
            },
        );
        self.close_sockets(id);
    }

    /// The status of each present interface, in the order of the configuration (OPEN-7).
    ///
    /// ```
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    /// manager.open(now, &Nic::named("eth0")?)?;
    /// for status in manager.snapshot() {
    ///     println!("{}: {}, {} handles", status.interface, status.state, status.local_holders);
    /// }
    /// assert_eq!(manager.snapshot().count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn snapshot(&self) -> impl Iterator<Item = Snapshot> {
        self.interfaces.iter().map(|managed| {
            let machine = &managed.machine;
            let interface = machine.id();
            let handles = self.handles.iter().filter(|(_, id)| **id == interface);
            Snapshot {
                interface,
                enabled: self.connector.is_enabled(interface),
                state: machine.state(),
                reason: machine.reason(),
                local_holders: handles.count(),
                server_holder: machine.is_held_by_server(),
                carries_server: self.connector.carries(interface),
                ip_config: machine.ip_config(),
            }
        })
    }
}

/// The interface that a NIC means, if it is present and enabled.
// size: 2 callers
#[inline(never)]
pub(super) fn usable<'a, const I: usize>(
    interfaces: &'a mut [ManagedInterface],
    nic: &Nic,
    connector: &Connector<I>,
) -> Result<(usize, &'a mut ManagedInterface), InterfaceError> {
    let name = *nic.name();
    let present = interfaces.iter().map(|interface| interface.machine.id());
    let meant = name.resolve(present).and_then(|id| find(interfaces, id));
    match meant {
        Some((place, interface)) if connector.is_enabled(interface.machine.id()) => {
            Ok((place, interface))
        }
        Some(_) => Err(InterfaceError::Disabled(name)),
        None => Err(InterfaceError::Absent(name)),
    }
}
