//! The settings of the last successful connection, with its secrets sealed (CFG-4).

use bitflags::bitflags;

use super::Command;
use crate::generation::Generation;
use crate::ipv4::IpConfig;
use crate::nic::{InterfaceName, Nic, ProxyPassword, ProxySettings, SecretPurpose, WifiSettings};

bitflags! {
    /// The secrets that a connection can have.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Secrets: u8 {
        const WIFI_KEY = 1;
        const PROXY_PASSWORD = 1 << 1;
    }
}

/// The NIC of the last successful connection. No plaintext secret stays in it: each is given to the
/// backend to be sealed, and is missing until then.
#[derive(Clone, Debug)]
pub(super) struct Last {
    nic: Option<Nic>,
    /// That of the command to seal the key; the one to seal the password has the next.
    generation: Generation,
    /// The secrets that are not sealed yet.
    missing: Secrets,
    /// Those of them that the backend is still to be given.
    due: Secrets,
}

impl Last {
    pub(super) fn new() -> Self {
        Self {
            nic: None,
            generation: Generation::default(),
            missing: Secrets::empty(),
            due: Secrets::empty(),
        }
    }

    /// Takes note of a connection that was made with these settings. Out of line: it is rare.
    #[inline(never)]
    pub(super) fn put(
        &mut self,
        name: InterfaceName,
        wifi: Option<&WifiSettings>,
        ip: Option<&IpConfig>,
        proxy: Option<&ProxySettings>,
    ) {
        let mut plaintexts = Secrets::empty();
        if wifi.is_some_and(|wifi| wifi.key().is_plaintext()) {
            plaintexts |= Secrets::WIFI_KEY;
        }
        let password = proxy.and_then(ProxySettings::password);
        if password.is_some_and(ProxyPassword::is_plaintext) {
            plaintexts |= Secrets::PROXY_PASSWORD;
        }
        self.missing = plaintexts;
        self.due = plaintexts;
        self.outdate();
        let nic = self.nic.get_or_insert_with(Nic::blank);
        nic.put_without_plaintext(name, wifi, ip, proxy);
    }

    /// The settings, once all their secrets are sealed.
    pub(super) fn get(&self) -> Option<&Nic> {
        self.nic.as_ref().filter(|_| self.missing.is_empty())
    }

    pub(super) fn has_commands(&self) -> bool {
        !self.due.is_empty()
    }

    /// The connection has ended, and with it the use of its secrets. Those that the backend was not
    /// given are gone, and nothing is waited for any more.
    pub(super) fn give_up(&mut self) {
        if self.has_commands() {
            self.due = Secrets::empty();
            self.outdate();
        }
    }

    /// The next secret that the backend is to seal, out of the settings in use.
    pub(super) fn poll<'a>(
        &mut self,
        wifi: Option<&'a WifiSettings>,
        proxy: Option<&'a ProxySettings>,
    ) -> Option<Command<'a>> {
        if self.due.contains(Secrets::WIFI_KEY) {
            self.due.remove(Secrets::WIFI_KEY);
            if let Some(secret) = wifi.and_then(|wifi| wifi.key().expose()) {
                return Some(Command::Seal {
                    generation: self.generation,
                    purpose: SecretPurpose::WifiKey,
                    secret,
                });
            }
        }
        if self.due.contains(Secrets::PROXY_PASSWORD) {
            self.due.remove(Secrets::PROXY_PASSWORD);
            if let Some(password) = proxy.and_then(ProxySettings::password) {
                return Some(Command::Seal {
                    generation: self.generation.next(),
                    purpose: SecretPurpose::ProxyPassword,
                    secret: password.expose(),
                });
            }
        }
        None
    }

    /// The backend has sealed a secret. One that nobody waits for, or that is too long, is dropped.
    /// Out of line: it is rare.
    #[inline(never)]
    pub(super) fn handle_sealed(&mut self, generation: Generation, blob: &[u8]) {
        let (sealed, purpose) = if generation == self.generation {
            (Secrets::WIFI_KEY, SecretPurpose::WifiKey)
        } else if generation == self.generation.next() {
            (Secrets::PROXY_PASSWORD, SecretPurpose::ProxyPassword)
        } else {
            return;
        };
        let is_awaited = self.missing.difference(self.due).contains(sealed);
        if let Some(nic) = self.nic.as_mut().filter(|_| is_awaited) {
            if nic.seal(purpose, blob).is_ok() {
                self.missing.remove(sealed);
            }
        }
    }

    /// Answers to former commands are not for what comes now.
    fn outdate(&mut self) {
        self.generation = self.generation.next().next();
    }
}
