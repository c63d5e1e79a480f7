//! The stored settings through the manager, and the settings of the last connection.

use super::{Manager, Notice};
use crate::ipv4::IpConfig;
use crate::nic::{Nic, ProxySettings, WifiSettings};
use crate::stored::{RecordError, StoredParts, StoredSettings};
use crate::time::Instant;

impl<const INTERFACES: usize, const HANDLES: usize, const SOCKETS: usize, const NOTICES: usize>
    Manager<INTERFACES, HANDLES, SOCKETS, NOTICES>
{
    /// Takes over the record that was kept over a restart (CFG-6). To be called before anything is
    /// opened; nothing is persisted.
    ///
    /// # Errors
    ///
    /// [`RecordError`]: nothing is stored then.
    pub fn load_stored(&mut self, record: &[u8]) -> Result<(), RecordError> {
        self.stored = StoredSettings::default();
        self.stored = StoredSettings::from_record(record)?;
        Ok(())
    }

    /// Stores the Wi-Fi network to join (CFG-1). What is in use goes on as it is.
    pub fn store_wifi(&mut self, now: Instant, settings: WifiSettings) {
        self.change_stored(now, |stored| stored.wifi = Some(settings));
    }

    /// Stores the static address of Wi-Fi and Ethernet (CFG-1). What is in use goes on as it is.
    pub fn store_static(&mut self, now: Instant, config: IpConfig) {
        self.change_stored(now, |stored| stored.ip_config = Some(config));
    }

    /// Stores the proxy between the device and its server (CFG-1). What is in use goes on as it is.
    pub fn store_proxy(&mut self, now: Instant, settings: ProxySettings) {
        self.change_stored(now, |stored| stored.proxy = Some(settings));
    }

    /// Forgets stored settings (CFG-5). What is in use goes on as it is.
    pub fn clear_stored(&mut self, now: Instant, parts: StoredParts) {
        self.change_stored(now, |stored| stored.clear(parts));
    }

    /// The stored settings.
    #[must_use]
    pub const fn stored(&self) -> &StoredSettings {
        &self.stored
    }

    /// The NIC of the last successful connection with its secrets sealed, also after that
    /// connection has ended (CFG-4). `None` before the first one, and until the backend has sealed
    /// the secrets.
    #[must_use]
    pub fn current_config(&self) -> Option<&Nic> {
        self.last.get()
    }

    /// Somebody provisioned the device with these settings (CFG-1).
    pub(super) fn provision(&mut self, now: Instant, settings: &StoredSettings) {
        self.change_stored(now, |stored| stored.clone_from(settings));
        self.notices.push(Notice::Provisioned);
    }

    /// Changes the stored settings, and has them persisted where that makes a difference.
    fn change_stored(&mut self, now: Instant, change: impl FnOnce(&mut StoredSettings)) {
        self.advance(now);
        change(&mut self.stored);
        self.to_persist = true;
        for member in &mut self.interfaces {
            member.refresh(&self.stored);
        }
    }
}
