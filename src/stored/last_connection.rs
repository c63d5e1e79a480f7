//! The settings of the most recent successful connection, with its secrets sealed (CFG-4).

use crate::generation::Generation;
use crate::ipv4::IpConfig;
use crate::nic::{InterfaceName, Nic, ProxySettings, Secrets, WifiSettings};

/// The NIC of the most recent successful connection. It never holds a plaintext secret: a connection
/// that has any takes its place once the backend has sealed all of them, and not before.
#[derive(Clone, Debug)]
pub(crate) struct LastConnection {
    nic: Option<Nic>,
    sealing: Sealing,
    /// The generation of the newest command to seal.
    generation: Generation,
}

/// How far the sealing of the present connection's secrets is; with the name that its interface had
/// when it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sealing {
    /// There is no connection, or its configuration is taken over.
    Done,
    /// The backend has not been asked yet.
    Due(InterfaceName),
    /// The backend was asked.
    Asked(InterfaceName),
}

impl LastConnection {
    /// There was no connection yet. A function, because a constant would be copied whole, 364 B of
    /// zeros.
    pub(crate) const fn new(base: Generation) -> Self {
        Self {
            nic: None,
            sealing: Sealing::Done,
            generation: base,
        }
    }

    /// A connection has begun, over an interface of this name. [`put`](Self::put) takes it over.
    pub(crate) const fn begin(&mut self, name: InterfaceName) {
        self.sealing = Sealing::Due(name);
    }

    /// Takes over the settings of the connection that has begun, with `sealed` secrets in place of
    /// those in plaintext. If one is missing, or cannot be a sealed secret, nothing changes.
    pub(crate) fn put(
        &mut self,
        wifi: Option<&WifiSettings>,
        ip: Option<&IpConfig>,
        proxy: Option<&ProxySettings>,
        sealed: &Secrets<'_>,
    ) {
        let (Sealing::Due(name) | Sealing::Asked(name)) = self.sealing else {
            return;
        };
        if sealed.seal(&Secrets::plaintexts(wifi, proxy)) {
            let nic = self.nic.get_or_insert_with(Nic::blank);
            nic.put_sealed(name, wifi, ip, proxy, sealed);
            self.sealing = Sealing::Done;
        }
    }

    /// The settings.
    pub(crate) const fn get(&self) -> Option<&Nic> {
        self.nic.as_ref()
    }

    /// Whether the backend is to be asked to seal the secrets.
    pub(crate) const fn is_due(&self) -> bool {
        matches!(self.sealing, Sealing::Due(_))
    }

    /// The connection has ended, and with it the use of its secrets. If they are not sealed, the
    /// configuration before it stays.
    pub(crate) const fn give_up(&mut self) {
        self.sealing = Sealing::Done;
    }

    /// Notes that the backend is asked to seal the secrets.
    pub(crate) const fn ask(&mut self) {
        if let Sealing::Due(name) = self.sealing {
            self.sealing = Sealing::Asked(name);
            self.generation = self.generation.next();
        }
    }

    /// The generation of the newest command to seal.
    pub(crate) const fn generation(&self) -> Generation {
        self.generation
    }

    /// Whether this is the generation of a command to seal that can still be answered.
    pub(crate) fn is_asked(&self, generation: Generation) -> bool {
        matches!(self.sealing, Sealing::Asked(_)) && self.generation == generation
    }
}
