//! The settings of the most recent successful connection, with its secrets sealed (CFG-4).

use crate::generation::Generation;
use crate::ipv4::IpConfig;
use crate::nic::{
    Exposed, InterfaceName, Nic, ProxyPassword, ProxySettings, SecretPurpose, WifiSettings,
};

/// The NIC of the most recent successful connection. It never holds a plaintext secret: the backend
/// is asked to seal each one, and the secret is missing until it has.
#[derive(Clone, Debug)]
pub(crate) struct LastConnection {
    nic: Option<Nic>,
    /// The generation of the command to seal the key; that for the password has the next one.
    generation: Generation,
    key: Sealing,
    password: Sealing,
}

/// How far the sealing of a secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sealing {
    /// There is nothing to seal, or it is sealed.
    Done,
    /// The backend has not been asked yet.
    Due,
    /// The backend was asked, or never will be because the connection ended first.
    Asked,
}

impl LastConnection {
    /// There was no connection yet. A function, because a constant would be copied whole, 364 B of
    /// zeros.
    pub(crate) const fn new() -> Self {
        Self {
            nic: None,
            generation: Generation::from_bits(0),
            key: Sealing::Done,
            password: Sealing::Done,
        }
    }

    /// Takes over the settings of a new connection.
    pub(crate) fn put(
        &mut self,
        name: InterfaceName,
        wifi: Option<&WifiSettings>,
        ip: Option<&IpConfig>,
        proxy: Option<&ProxySettings>,
    ) {
        let password = proxy.and_then(ProxySettings::password);
        self.key = Sealing::of(wifi.is_some_and(|wifi| wifi.key().is_plaintext()));
        self.password = Sealing::of(password.is_some_and(ProxyPassword::is_plaintext));
        self.outdate();
        let nic = self.nic.get_or_insert_with(Nic::blank);
        nic.put_without_plaintext(name, wifi, ip, proxy);
    }

    /// The settings, once all their secrets are sealed.
    pub(crate) fn get(&self) -> Option<&Nic> {
        let is_whole = self.key == Sealing::Done && self.password == Sealing::Done;
        self.nic.as_ref().filter(|_| is_whole)
    }

    /// The secret that the backend is to be asked to seal next.
    pub(crate) fn due(&self) -> Option<SecretPurpose> {
        if self.key == Sealing::Due {
            Some(SecretPurpose::WifiKey)
        } else if self.password == Sealing::Due {
            Some(SecretPurpose::ProxyPassword)
        } else {
            None
        }
    }

    /// The connection has ended, and with it the use of its secrets. If the backend was not asked
    /// to seal all of them, the settings stay incomplete, and no answer counts any more.
    pub(crate) fn give_up(&mut self) {
        if self.due().is_none() {
            return;
        }
        for secret in [&mut self.key, &mut self.password] {
            if *secret == Sealing::Due {
                *secret = Sealing::Asked;
            }
        }
        self.outdate();
    }

    /// Notes that the backend is asked to seal a secret. Returns the generation of that command.
    pub(crate) fn ask(&mut self, purpose: SecretPurpose) -> Generation {
        match purpose {
            SecretPurpose::WifiKey => {
                self.key = Sealing::Asked;
                self.generation
            }
            SecretPurpose::ProxyPassword => {
                self.password = Sealing::Asked;
                self.generation.next()
            }
        }
    }

    /// Stores a secret that the backend has sealed. Drops one that answers an earlier command, or
    /// is too long.
    // size: out of line, because it is rare
    #[inline(never)]
    pub(crate) fn handle_sealed(&mut self, generation: Generation, sealed: Exposed<'_>) {
        let (secret, purpose) = if generation == self.generation {
            (&mut self.key, SecretPurpose::WifiKey)
        } else if generation == self.generation.next() {
            (&mut self.password, SecretPurpose::ProxyPassword)
        } else {
            return;
        };
        if let (Sealing::Asked, Some(nic), Exposed::Sealed(_)) = (*secret, &mut self.nic, sealed)
            && nic.seal(purpose, sealed).is_ok()
        {
            *secret = Sealing::Done;
        }
    }

    /// Makes the answers to earlier commands stale.
    fn outdate(&mut self) {
        self.generation = self.generation.next().next();
    }
}

impl Sealing {
    const fn of(is_plaintext: bool) -> Self {
        if is_plaintext { Self::Due } else { Self::Done }
    }
}
