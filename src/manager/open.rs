//! Opening interfaces for local use, and who holds them.

use super::member::{Member, Origin};
use super::{
    AbsentError, Handle, InterfaceError, Manager, Notice, OpenError, Reconfigure, StaleHandleError,
    find,
};
use crate::interface::{Cause, Holders};
use crate::nic::{Copied, InterfaceId, Nic, ProxySettings};
use crate::time::Instant;

impl<
    const INTERFACES: usize,
    const HANDLES: usize,
    const SOCKETS: usize,
    const NOTICES: usize,
    const NETWORKS: usize,
> Manager<INTERFACES, HANDLES, SOCKETS, NOTICES, NETWORKS>
{
    /// Opens an interface for local use and brings it up if it is down (OPEN-1). Never waits:
    /// its states come as notices. A NIC that only names the interface uses the stored settings
    /// (OPEN-5).
    ///
    /// # Errors
    ///
    /// [`OpenError`]; nothing has changed then.
    pub fn open(&mut self, now: Instant, nic: &Nic) -> Result<Handle, OpenError> {
        self.at(now).open_now(nic)
    }

    pub(super) fn open_now(&mut self, nic: &Nic) -> Result<Handle, OpenError> {
        let (place, member) = usable(&mut self.interfaces, nic)?;
        let id = member.machine.id();
        let shared = member.machine.is_held();
        if shared && !nic.is_name_only() {
            let is_carrier = self.connector.held() == Some(id);
            let proxy = self.settings.proxy();
            let proxy = proxy.filter(|_| is_carrier);
            let is_equal = self.reconfigure == Reconfigure::AllowEqual
                && member.runs_with(nic, &self.settings)
                && ProxySettings::are_same(nic.proxy(), proxy);
            if !is_equal {
                return Err(OpenError::Active);
            }
        }
        let handle = self
            .handles
            .insert(id)
            .map(Handle)
            .map_err(|_| OpenError::TooMany(HANDLES))?;
        if !shared {
            member.configure(nic, &mut self.settings, Origin::Opened);
        }
        let before = member.machine.state();
        member.machine.hold(Holders::LOCAL);
        let state = member.machine.state();
        self.settle_interface(place);
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
    pub fn close(&mut self, now: Instant, handle: Handle) {
        self.at(now).close_now(handle);
    }

    pub(super) fn close_now(&mut self, handle: Handle) {
        let Some(id) = self.handles.remove(handle.0) else {
            return;
        };
        if self.handles.iter().any(|(_, other)| *other == id) {
            return;
        }
        if let Some((place, member)) = find(&mut self.interfaces, id) {
            member.machine.release(Holders::LOCAL);
            if !member.machine.is_held() {
                member.forget(&mut self.settings);
            }
            self.settle_interface(place);
            self.close_sockets(id);
        }
    }

    /// Tries now what a stopped interface would try after its back-off; the only way out under
    /// [`Recovery::Manual`](crate::Recovery::Manual). Does nothing to one that is not stopped.
    ///
    /// # Errors
    ///
    /// [`StaleHandleError`] if the interface was closed.
    pub fn retry(&mut self, now: Instant, handle: Handle) -> Result<(), StaleHandleError> {
        self.at(now).retry_now(handle)
    }

    pub(super) fn retry_now(&mut self, handle: Handle) -> Result<(), StaleHandleError> {
        let id = self.interface(handle)?;
        if let Some((place, member)) = find(&mut self.interfaces, id) {
            member.machine.start();
            self.settle_interface(place);
        }
        Ok(())
    }

    /// Enables or disables an interface. A disabled one cannot be opened or connected over;
    /// disabling one that is in use stops it whoever holds it, and its handles become stale (OPEN-2,
    /// OPEN-6).
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
        self.at(now).set_enabled_now(id, enabled)
    }

    pub(super) fn set_enabled_now(
        &mut self,
        id: InterfaceId,
        enabled: bool,
    ) -> Result<(), AbsentError> {
        let (_, member) = find(&mut self.interfaces, id).ok_or(AbsentError(id))?;
        member.enabled = enabled;
        if !enabled && member.machine.is_held() {
            self.shut_down(id, Cause::Disabled);
            self.settle();
        }
        Ok(())
    }

    /// The interface that a handle has opened.
    ///
    /// # Errors
    ///
    /// [`StaleHandleError`] if it was closed.
    pub fn interface(&self, handle: Handle) -> Result<InterfaceId, StaleHandleError> {
        self.handles.get(handle.0).copied().ok_or(StaleHandleError)
    }

    /// Stops an interface whoever holds it: its handles become stale, its sockets close.
    pub(super) fn shut_down(&mut self, id: InterfaceId, cause: Cause) {
        let Some((place, member)) = find(&mut self.interfaces, id) else {
            return;
        };
        member.machine.shut_down(cause);
        member.forget(&mut self.settings);
        self.take_changes(place);
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
}

/// The interface that a NIC means, if it is present and enabled.
// Two requests ask.
#[inline(never)]
pub(super) fn usable<'a>(
    interfaces: &'a mut [Member],
    nic: &Nic,
) -> Result<(usize, &'a mut Member), InterfaceError> {
    let name = *nic.name();
    let present = interfaces.iter().map(|member| member.machine.id());
    let meant = name.resolve(present).and_then(|id| find(interfaces, id));
    match meant {
        Some((place, member)) if member.enabled => Ok((place, member)),
        Some(_) => Err(InterfaceError::Disabled(name)),
        None => Err(InterfaceError::Absent(name)),
    }
}
