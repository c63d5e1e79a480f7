//! The settings of the last successful connection, with its secrets sealed (CFG-4).

use super::Command;
use crate::generation::Generation;
use crate::ipv4::IpConfig;
use crate::nic::{InterfaceName, Nic, ProxyPassword, ProxySettings, SecretPurpose, WifiSettings};

/// How far the sealing of one secret has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sealing {
    /// There is nothing to be sealed, or it is.
    Done,
    /// The backend is still to be told.
    Due,
    /// The backend has been told.
    Under(Generation),
    /// The connection ended before the backend was told: the secret is gone.
    Missed,
}

impl Sealing {
    /// What has to be done about a secret that is in plaintext or not.
    const fn of(is_plaintext: bool) -> Self {
        if is_plaintext { Self::Due } else { Self::Done }
    }

    fn give_up(&mut self) {
        if *self == Self::Due {
            *self = Self::Missed;
        }
    }
}

/// The NIC of the last successful connection. No plaintext secret stays in it: each is given to the
/// backend to be sealed, and is missing until then.
#[derive(Clone, Debug)]
pub(super) struct Last {
    nic: Option<Nic>,
    wifi_key: Sealing,
    proxy_password: Sealing,
    last_generation: Generation,
}

impl Last {
    pub(super) fn new() -> Self {
        Self {
            nic: None,
            wifi_key: Sealing::Done,
            proxy_password: Sealing::Done,
            last_generation: Generation::default(),
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
        self.wifi_key = Sealing::of(wifi.is_some_and(|wifi| wifi.key().is_plaintext()));
        let password = proxy.and_then(ProxySettings::password);
        self.proxy_password = Sealing::of(password.is_some_and(ProxyPassword::is_plaintext));
        let nic = self.nic.get_or_insert_with(Nic::blank);
        nic.put_without_plaintext(name, wifi, ip, proxy);
    }

    /// The settings, once all their secrets are sealed.
    pub(super) fn get(&self) -> Option<&Nic> {
        let is_sealed = (self.wifi_key, self.proxy_password) == (Sealing::Done, Sealing::Done);
        self.nic.as_ref().filter(|_| is_sealed)
    }

    pub(super) fn has_commands(&self) -> bool {
        self.wifi_key == Sealing::Due || self.proxy_password == Sealing::Due
    }

    /// The connection has ended, and with it the use of its secrets.
    pub(super) fn give_up(&mut self) {
        self.wifi_key.give_up();
        self.proxy_password.give_up();
    }

    /// The next secret that the backend is to seal, out of the settings in use.
    pub(super) fn poll<'a>(
        &mut self,
        wifi: Option<&'a WifiSettings>,
        proxy: Option<&'a ProxySettings>,
    ) -> Option<Command<'a>> {
        for purpose in [SecretPurpose::WifiKey, SecretPurpose::ProxyPassword] {
            let generation = self.last_generation.next();
            let sealing = self.sealing(purpose);
            if *sealing != Sealing::Due {
                continue;
            }
            *sealing = Sealing::Under(generation);
            self.last_generation = generation;
            let secret = match purpose {
                SecretPurpose::WifiKey => wifi.and_then(|wifi| wifi.key().expose()),
                SecretPurpose::ProxyPassword => {
                    let password = proxy.and_then(ProxySettings::password);
                    password.map(ProxyPassword::expose)
                }
            };
            if let Some(secret) = secret {
                return Some(Command::Seal {
                    generation,
                    purpose,
                    secret,
                });
            }
        }
        None
    }

    /// The backend has sealed a secret. One that nobody waits for, or that is too long, is dropped.
    /// Out of line: it is rare.
    #[inline(never)]
    pub(super) fn handle_sealed(&mut self, generation: Generation, blob: &[u8]) {
        let Some(nic) = &mut self.nic else { return };
        let (sealing, purpose) = if self.wifi_key == Sealing::Under(generation) {
            (&mut self.wifi_key, SecretPurpose::WifiKey)
        } else if self.proxy_password == Sealing::Under(generation) {
            (&mut self.proxy_password, SecretPurpose::ProxyPassword)
        } else {
            return;
        };
        if nic.seal(purpose, blob).is_ok() {
            *sealing = Sealing::Done;
        }
    }

    fn sealing(&mut self, purpose: SecretPurpose) -> &mut Sealing {
        match purpose {
            SecretPurpose::WifiKey => &mut self.wifi_key,
            SecretPurpose::ProxyPassword => &mut self.proxy_password,
        }
    }
}
