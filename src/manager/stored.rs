//! The stored settings through the manager, and the settings of the most recent connection.

use super::in_use::{Refresh, joined_network};
use super::{Manager, Notice, SealTicket, machine};
use crate::connect::ServerState;
use crate::interface::Interface;
use crate::ipv4::IpConfig;
use crate::nic::{Copied, Nic, ProxySettings, Secrets, WifiSettings};
use crate::stored::{RecordError, StoredParts, StoredSettings};
use crate::time::Instant;

/// Whether the backend's saved copy matches the stored settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Persistence {
    /// Not known: nothing was loaded, or what was could not be read, or saving failed. The next
    /// request has the settings persisted whatever they are.
    #[default]
    Unknown,
    /// It matches, as far as is known: a request that changes nothing costs nothing.
    Kept,
    /// The command to persist waits for the backend.
    Due,
}

impl Persistence {
    /// Notes a request for stored settings; `changed` says whether they differ from those before.
    fn note_request(&mut self, changed: bool) {
        if changed || *self == Self::Unknown {
            *self = Self::Due;
        }
    }

    /// The backend is given the command.
    pub(super) const fn note_persisted(&mut self) {
        *self = Self::Kept;
    }

    /// The backend could not carry the command out. A command that still waits stays due.
    pub(super) fn note_failure(&mut self) {
        if *self == Self::Kept {
            *self = Self::Unknown;
        }
    }

    pub(super) fn is_due(self) -> bool {
        self == Self::Due
    }
}

impl<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>
    Manager<I, H, S, N, W>
{
    /// Reads the record that was kept over a restart (CFG-6). Call it before anything is opened.
    /// Persists nothing.
    ///
    /// ```
    /// use lankeeper::stored::StoredSettings;
    /// use lankeeper::{IpConfig, Prefix};
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// let mut settings = StoredSettings::default();
    /// settings.ip_config = Some(IpConfig::new(Prefix::new([192, 168, 1, 7].into(), 24)?, None, &[])?);
    /// let record = settings.to_record(); // what a backend has written
    /// manager.load_stored(record.as_bytes())?;
    /// assert_eq!(*manager.stored(), settings);
    /// assert!(manager.load_stored(b"damaged").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

    /// Stores the Wi-Fi network to join (CFG-1). What is in use goes on as it is, until the interface
    /// joins again or [`reapply`](Self::reapply) is called. An interface that waits for its next try with the
    /// stored settings makes it at once (OPEN-8).
    ///
    /// Where the server connection waits for its next try, that begins at once with what is stored now
    /// (CON-19).
    ///
    /// This and every other request to store or to clear has the backend
    /// [persist](crate::Command::Persist) all of the settings, once for all requests before the
    /// command is polled. Settings that are kept already are not persisted again, to spare the
    /// flash memory; after [`Notice::PersistFailed`] the same request persists them anew.
    ///
    /// ```
    /// use lankeeper::{Command, WifiKey, WifiSettings};
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// let home = WifiSettings::new(b"home", WifiKey::plaintext("correct horse")?)?;
    /// manager.store_wifi(now, &home);
    /// let Some(Command::Persist(settings)) = manager.poll_command() else {
    ///     return Err("nothing is persisted".into());
    /// };
    /// assert_eq!(settings.wifi, Some(home));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    // By reference, because what is moved leaves a copy of the key behind.
    pub fn store_wifi(&mut self, now: Instant, settings: &WifiSettings) {
        let now = self.advance(now);
        let changed = !WifiSettings::are_same(self.settings.stored.wifi.as_ref(), Some(settings));
        self.store(now, changed, Refresh::Next, |stored| {
            WifiSettings::assign(&mut stored.wifi, Some(settings));
        });
    }

    /// Stores the static address of Wi-Fi and Ethernet (CFG-1), as
    /// [`store_wifi`](Self::store_wifi) does. What is in use goes on as it is.
    ///
    /// ```
    /// use lankeeper::{IpConfig, Prefix};
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// let address = IpConfig::new(Prefix::new([192, 168, 1, 7].into(), 24)?, None, &[])?;
    /// manager.store_static(now, address);
    /// assert_eq!(manager.stored().ip_config, Some(address));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn store_static(&mut self, now: Instant, config: IpConfig) {
        let now = self.advance(now);
        let changed = self.settings.stored.ip_config != Some(config);
        self.store(now, changed, Refresh::Next, |stored| {
            stored.ip_config = Some(config)
        });
    }

    /// Stores the proxy between the device and its server (CFG-1), as
    /// [`store_wifi`](Self::store_wifi) does. What is in use goes on as it is.
    ///
    /// ```
    /// use lankeeper::ProxySettings;
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// let proxy = ProxySettings::new("proxy.example", 3128)?;
    /// manager.store_proxy(now, &proxy);
    /// assert_eq!(manager.stored().proxy, Some(proxy));
    /// # Ok::<(), lankeeper::Error>(())
    /// ```
    pub fn store_proxy(&mut self, now: Instant, settings: &ProxySettings) {
        let now = self.advance(now);
        let changed = !ProxySettings::are_same(self.settings.stored.proxy.as_ref(), Some(settings));
        self.store(now, changed, Refresh::Next, |stored| {
            ProxySettings::assign(&mut stored.proxy, Some(settings));
        });
    }

    /// Forgets stored settings (CFG-5), as [`store_wifi`](Self::store_wifi) stores them. What is in
    /// use goes on as it is.
    ///
    /// ```
    /// use lankeeper::stored::StoredParts;
    /// use lankeeper::{IpConfig, Prefix};
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// # let address = IpConfig::new(Prefix::new([192, 168, 1, 7].into(), 24)?, None, &[])?;
    /// manager.store_static(now, address);
    /// manager.clear_stored(now, StoredParts::STATIC);
    /// assert_eq!(manager.stored().ip_config, None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn clear_stored(&mut self, now: Instant, parts: StoredParts) {
        let now = self.advance(now);
        let changed = self.settings.stored.parts().intersects(parts);
        self.store(now, changed, Refresh::Next, |stored| stored.clear(parts));
    }

    /// The stored settings.
    ///
    /// ```
    /// use lankeeper::stored::StoredSettings;
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// assert_eq!(*manager.stored(), StoredSettings::default());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn stored(&self) -> &StoredSettings {
        &self.settings.stored
    }

    /// The NIC of the most recent successful connection with its secrets sealed, also after that
    /// connection has ended (CFG-4). A connection whose secrets the backend has not sealed does not
    /// count, neither while it lasts nor afterwards. `None` before the first one that counts.
    ///
    /// ```
    /// # use lankeeper::sim::{Simulated, World, run_until_ended};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, Policy};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let now = world.now();
    /// assert!(manager.current_config().is_none());
    /// manager.connect(now, None)?;
    /// run_until_ended(&mut manager, &mut world, Duration::from_secs(60))?;
    /// let nic = manager.current_config().ok_or("there was no connection")?;
    /// assert_eq!(nic.name().to_string(), "eth0");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn current_config(&self) -> Option<&Nic> {
        self.last_connection.get()
    }

    /// Stores settings with which somebody provisioned the device, in place of all settings stored
    /// before (CFG-1): for example, those that a radio learnt by Wi-Fi Protected Setup. They are used
    /// at once, as by [`reapply`](Self::reapply): also an interface that is stopped for want of
    /// credentials tries them. One that runs with the same settings goes on, as a radio does that has
    /// just joined by what it learnt. [`Notice::Provisioned`] follows.
    ///
    /// ```
    /// use lankeeper::stored::StoredSettings;
    /// use lankeeper::Notice;
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// let settings = StoredSettings::default(); // what a radio has learnt, for example
    /// manager.provision(now, &settings);
    /// assert_eq!(manager.poll_notice(), Some(Notice::Provisioned));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn provision(&mut self, now: Instant, settings: &StoredSettings) {
        let now = self.advance(now);
        let changed = self.settings.stored != *settings;
        self.store(now, changed, Refresh::Provision, |stored| {
            stored.clone_from(settings)
        });
        self.notices.push(Notice::Provisioned);
    }

    /// Uses the stored settings now (OPEN-8): an interface that runs with earlier stored ones begins
    /// anew with those of today, and one that is stopped tries at once. Without this request, what
    /// was stored counts from the next try on. Interfaces with settings of their own go on.
    ///
    /// ```
    /// use lankeeper::{IpConfig, Prefix};
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// manager.open(now, &Nic::named("eth0")?)?;
    /// let address = IpConfig::new(Prefix::new([192, 168, 1, 7].into(), 24)?, None, &[])?;
    /// manager.store_static(now, address);
    /// manager.reapply(now); // without, eth0 would go on asking DHCP
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reapply(&mut self, now: Instant) {
        let now = self.advance(now);
        self.apply_stored(now, false, Refresh::Reapply);
    }

    /// Takes the secrets that the backend has sealed for a [`Command::Seal`](crate::Command::Seal),
    /// at any time while the connection lasts. A sealed Wi-Fi key has 1 to 112 bytes, a sealed proxy
    /// password 1 to 80 (NIC-6, NIC-9). If a secret is missing, has another length or is not sealed,
    /// the answer is dropped, and so is one to an earlier connection: then
    /// [`current_config`](Self::current_config) stays as it is (CFG-4). A secret that is not asked for
    /// counts for nothing.
    ///
    /// ```
    /// use lankeeper::nic::{Exposed, Secrets};
    /// use lankeeper::manager::SealTicket;
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::WIFI)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let (now, ticket) = (Instant::EPOCH, SealTicket::from_bits(7)); // of `Command::Seal`
    ///
    /// let key = Some(Exposed::Sealed(b"what the vault has made of it"));
    /// manager.sealed(now, ticket, Secrets { key, password: None });
    /// # Ok::<(), lankeeper::Error>(())
    /// ```
    pub fn sealed(&mut self, now: Instant, ticket: SealTicket, secrets: Secrets<'_>) {
        self.advance(now);
        if self.last_connection.is_asked(ticket.0) {
            self.keep_connection(&secrets);
        }
    }

    /// There is a connection, or what it runs with is known only now: takes over its settings, at once
    /// if there is nothing to seal.
    // size: 2 callers
    #[inline(never)]
    pub(super) fn begin_connection(&mut self) {
        if self.connector.state() == ServerState::Connected
            && let Some(name) = self.connector.name()
        {
            self.last_connection.begin(name);
            self.keep_connection(&Secrets::default());
        }
    }

    /// Takes over the settings of the present connection, if they contain no plaintext secret that is
    /// not sealed here (CFG-4).
    fn keep_connection(&mut self, sealed: &Secrets<'_>) {
        if let Some(id) = self.connector.wanted() {
            let ip = machine(&self.interfaces, id).and_then(Interface::static_address);
            let network = joined_network(&self.interfaces, &self.settings, id);
            let proxy = self.settings.proxy();
            self.last_connection.put(network, ip, proxy, sealed);
        }
    }

    /// Handles a request for stored settings; `changed` says whether they differ from those before.
    fn store(
        &mut self,
        now: Instant,
        changed: bool,
        occasion: Refresh,
        change: impl FnOnce(&mut StoredSettings),
    ) {
        if changed {
            self.outdate();
            change(&mut self.settings.stored);
        }
        self.persistence.note_request(changed);
        self.apply_stored(now, changed, occasion);
    }

    /// Uses the stored settings wherever they are due.
    // size: 6 callers, 5 of them instances of `store`
    #[inline(never)]
    fn apply_stored(&mut self, now: Instant, changed: bool, occasion: Refresh) {
        for place in 0..I {
            if let Some(interface) = self.interfaces.get_mut(place) {
                interface.refresh(&mut self.settings, occasion, now);
                self.settle_interface(place, now);
            }
        }
        // Only now is it known what Wi-Fi Protected Setup has joined.
        let wanted = self.connector.wanted().and_then(|id| self.machine(id));
        if occasion == Refresh::Provision && wanted.is_some_and(Interface::is_joined_by_wps) {
            self.begin_connection();
        }
        if changed || occasion != Refresh::Next {
            self.take_news(None, now);
        }
    }

    /// The stored settings are about to differ from those in use.
    // size: 6 callers, 5 of them instances of `store`
    #[inline(never)]
    fn outdate(&mut self) {
        self.settings.keep();
        for interface in &mut self.interfaces {
            interface.outdate();
        }
    }
}
