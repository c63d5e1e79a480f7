//! The stored settings through the manager, and the settings of the last connection.

use super::{Manager, Notice};
use crate::ipv4::IpConfig;
use crate::nic::{Copied, Nic, ProxySettings, WifiSettings};
use crate::stored::{RecordError, StoredParts, StoredSettings};
use crate::time::Instant;

/// How what the backend keeps over a restart stands to the stored settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Persistence {
    /// What is kept is not known: nothing was loaded, or what was could not be read, or the last
    /// command failed. The next request has the settings persisted whatever they are.
    #[default]
    Unknown,
    /// They are kept, as far as is known: a request that changes nothing costs nothing.
    Kept,
    /// The backend is still to be told.
    Due,
}

impl Persistence {
    /// Somebody asked for settings, which are other ones than before or not.
    fn note_request(&mut self, changed: bool) {
        if changed || *self == Self::Unknown {
            *self = Self::Due;
        }
    }

    /// The backend could not keep what it was told. What it has still to be told is another matter.
    pub(super) fn fail(&mut self) {
        if *self == Self::Kept {
            *self = Self::Unknown;
        }
    }

    pub(super) fn is_due(self) -> bool {
        self == Self::Due
    }

    /// Whether the backend is to be told now, once.
    pub(super) fn take_due(&mut self) -> bool {
        let due = self.is_due();
        if due {
            *self = Self::Kept;
        }
        due
    }
}

impl<
    const INTERFACES: usize,
    const HANDLES: usize,
    const SOCKETS: usize,
    const NOTICES: usize,
    const NETWORKS: usize,
> Manager<INTERFACES, HANDLES, SOCKETS, NOTICES, NETWORKS>
{
    /// Takes over the record that was kept over a restart (CFG-6). To be called before anything is
    /// opened; nothing is persisted.
    ///
    /// # Errors
    ///
    /// [`RecordError`]: nothing is stored then. The next request to store or to clear replaces the
    /// record that could not be read.
    pub fn load_stored(&mut self, record: &[u8]) -> Result<(), RecordError> {
        self.persistence = Persistence::Unknown;
        self.outdate();
        self.settings.stored.read(record)?;
        self.persistence = Persistence::Kept;
        Ok(())
    }

    /// Stores the Wi-Fi network to join (CFG-1). What is in use goes on as it is.
    ///
    /// This and each other request to store or to clear lets the backend
    /// [persist](crate::Command::Persist) all of the settings, once for the requests that came
    /// before the command was polled. What is stored and kept already is not persisted again, to
    /// spare the flash memory; after [`Notice::PersistFailed`] the same request tries it anew.
    pub fn store_wifi(&mut self, now: Instant, settings: WifiSettings) {
        self.at(now).store_wifi_now(&settings);
    }

    /// Stores the static address of Wi-Fi and Ethernet (CFG-1), as
    /// [`store_wifi`](Self::store_wifi) does. What is in use goes on as it is.
    pub fn store_static(&mut self, now: Instant, config: IpConfig) {
        self.at(now).store_static_now(config);
    }

    pub(super) fn store_static_now(&mut self, config: IpConfig) {
        let changed = self.settings.stored.ip_config != Some(config);
        self.store(changed, |stored| stored.ip_config = Some(config));
    }

    /// Stores the proxy between the device and its server (CFG-1), as
    /// [`store_wifi`](Self::store_wifi) does. What is in use goes on as it is.
    pub fn store_proxy(&mut self, now: Instant, settings: ProxySettings) {
        self.at(now).store_proxy_now(&settings);
    }

    /// Forgets stored settings (CFG-5), as [`store_wifi`](Self::store_wifi) stores them. What is in
    /// use goes on as it is.
    pub fn clear_stored(&mut self, now: Instant, parts: StoredParts) {
        self.at(now).clear_stored_now(parts);
    }

    pub(super) fn clear_stored_now(&mut self, parts: StoredParts) {
        let changed = self.settings.stored.parts().intersects(parts);
        self.store(changed, |stored| stored.clear(parts));
    }

    /// The stored settings.
    #[must_use]
    pub const fn stored(&self) -> &StoredSettings {
        &self.settings.stored
    }

    /// The NIC of the last successful connection with its secrets sealed, also after that
    /// connection has ended (CFG-4). `None` before the first one, and until the backend has sealed
    /// the secrets.
    #[must_use]
    pub fn current_config(&self) -> Option<&Nic> {
        self.last.get()
    }

    /// By reference, for what is moved stays behind.
    pub(super) fn store_wifi_now(&mut self, settings: &WifiSettings) {
        let changed = !WifiSettings::are_same(self.settings.stored.wifi.as_ref(), Some(settings));
        self.store(changed, |stored| {
            WifiSettings::assign(&mut stored.wifi, Some(settings))
        });
    }

    /// As above.
    pub(super) fn store_proxy_now(&mut self, settings: &ProxySettings) {
        let changed = !ProxySettings::are_same(self.settings.stored.proxy.as_ref(), Some(settings));
        self.store(changed, |stored| {
            ProxySettings::assign(&mut stored.proxy, Some(settings))
        });
    }

    /// Somebody provisioned the device with these settings (CFG-1).
    pub(super) fn provision(&mut self, settings: &StoredSettings) {
        let changed = self.settings.stored != *settings;
        self.store(changed, |stored| stored.clone_from(settings));
        self.notices.push(Notice::Provisioned);
    }

    /// Somebody asks for stored settings, which are other ones than before or not.
    fn store(&mut self, are_others: bool, change: impl FnOnce(&mut StoredSettings)) {
        if are_others {
            self.outdate();
            change(&mut self.settings.stored);
        }
        self.note_stored(are_others);
    }

    /// Has the settings that are stored now persisted where that makes a difference.
    // There are several ways to store.
    #[inline(never)]
    fn note_stored(&mut self, changed: bool) {
        self.persistence.note_request(changed);
        for member in &mut self.interfaces {
            member.refresh(&mut self.settings);
        }
    }

    /// The stored settings are about to become other ones than those that are in use.
    // As above.
    #[inline(never)]
    fn outdate(&mut self) {
        self.settings.keep();
        for member in &mut self.interfaces {
            member.outdate();
        }
    }
}
