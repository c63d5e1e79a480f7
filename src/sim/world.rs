//! A world: a device with one interface of each medium, its surroundings, and a script of changes.

use core::net::SocketAddrV4;

use super::air::AirChange;
use super::cellular::CellularModem;
use super::ethernet::{CableChange, EthernetPort};
use super::failures::Failures;
use super::fault::{Fault, FaultRates};
use super::lan::{Lan, LanDatagram};
use super::line::earliest;
use super::memory::Memory;
use super::schedule::{CapacityError, Schedule};
use super::server::ServerSide;
use super::server_change::ServerChange;
use super::surroundings::CellularChange;
use super::vault::{MockVault, SealedBlob};
use super::wifi::WifiRadio;
use super::{Reach, Simulated, code};
use crate::driver::{SealedSecret, VaultError};
use crate::nic::SecretPurpose;
use crate::stored::Record;
use crate::{
    Backend, Binding, Command, Datagram, Event, Instant, InterfaceId, Received, ServerReport,
};

/// A change to a [`World`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Happening {
    /// A change to an access point.
    Air(AirChange),
    /// A change at the Ethernet port.
    Cable(CableChange),
    /// A change to the modem or its surroundings.
    Cellular(CellularChange),
    /// A fault on this interface.
    Fault(InterfaceId, Fault),
    /// New rates of random faults on this interface.
    FaultRates(InterfaceId, FaultRates),
    /// A change on the server side.
    Server(ServerChange),
    /// A fault on the server side.
    ServerFault(Fault<ServerReport>),
    /// New rates of random faults on the server side.
    ServerFaultRates(FaultRates),
    /// Writing to flash memory starts or stops failing.
    FlashFails(bool),
}

impl From<AirChange> for Happening {
    fn from(change: AirChange) -> Self {
        Self::Air(change)
    }
}

impl From<CableChange> for Happening {
    fn from(change: CableChange) -> Self {
        Self::Cable(change)
    }
}

impl From<CellularChange> for Happening {
    fn from(change: CellularChange) -> Self {
        Self::Cellular(change)
    }
}

impl From<ServerChange> for Happening {
    fn from(change: ServerChange) -> Self {
        Self::Server(change)
    }
}

/// A backend with one interface of each medium and the server side, and a script of changes to
/// them.
///
/// Holds up to `ACCESS_POINTS` access points, `SCRIPT` scheduled changes, and `QUEUE` pending
/// reports per interface and for the server side. Neighbours exchange local datagrams with the
/// device through [`World::arrive`] and [`World::take_sent`], up to 8 each way and 256 bytes each.
/// Settings are persisted. Secrets are sealed at once, by a mock that protects nothing: see
/// [`World::record`] and [`World::seal`].
///
/// ```
/// use lankeeper::sim::{CableChange, Reach, World};
/// use lankeeper::{Instant, InterfaceId};
///
/// let mut world: World = World::new(7);
/// world.at(Instant::from_micros(5_000_000), CableChange::Pulled)?;
/// assert_eq!(world.reach(InterfaceId::ETHERNET), Reach::Nothing);
/// # Ok::<(), lankeeper::sim::CapacityError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct World<const ACCESS_POINTS: usize = 8, const SCRIPT: usize = 64, const QUEUE: usize = 16>
{
    /// The interface `wl0`.
    pub wifi: WifiRadio<ACCESS_POINTS, QUEUE>,
    /// The interface `eth0`.
    pub ethernet: EthernetPort<QUEUE>,
    /// The interface `cell0`.
    pub cellular: CellularModem<QUEUE>,
    /// The server side.
    pub server: ServerSide<QUEUE>,
    memory: Memory,
    lan: Lan,
    /// Commands for ports and datagrams that failed, until they are reported.
    failed: Failures,
    /// The latest instant seen.
    latest: Instant,
    script: Schedule<Happening, SCRIPT>,
}

impl<const ACCESS_POINTS: usize, const SCRIPT: usize, const QUEUE: usize>
    World<ACCESS_POINTS, SCRIPT, QUEUE>
{
    /// Creates a world at the epoch, with an empty script. Random faults are drawn from the seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let vault = MockVault::new(seed);
        Self {
            wifi: WifiRadio::new(seed),
            ethernet: EthernetPort::new(seed.rotate_left(21)),
            cellular: CellularModem::new(seed.rotate_left(42)),
            server: ServerSide::new(!seed, vault),
            memory: Memory::new(vault),
            lan: Lan::new(),
            failed: Failures::new(),
            latest: Instant::EPOCH,
            script: Schedule::new(),
        }
    }

    /// Schedules a change. Changes at the same instant happen in the order of the calls.
    ///
    /// # Errors
    ///
    /// [`CapacityError`] beyond `SCRIPT`.
    pub fn at(
        &mut self,
        at: Instant,
        happening: impl Into<Happening>,
    ) -> Result<(), CapacityError> {
        self.script.add(at, happening.into())
    }

    /// Applies a change now.
    pub fn happen(&mut self, happening: impl Into<Happening>) {
        let now = self.now();
        match happening.into() {
            Happening::Air(change) => self.wifi.handle_change(now, change),
            Happening::Cable(change) => self.ethernet.handle_change(now, change),
            Happening::Cellular(change) => self.cellular.handle_change(now, change),
            Happening::Fault(id, fault) => self.handle_fault(now, id, fault),
            Happening::FaultRates(id, rates) => self.set_fault_rates(id, rates),
            Happening::Server(change) => self.server.handle_change(change),
            Happening::ServerFault(fault) => self.server.handle_fault(fault),
            Happening::ServerFaultRates(rates) => self.server.set_fault_rates(rates),
            Happening::FlashFails(fails) => self.memory.set_failing(fails),
        }
        self.advance_server(now);
    }

    /// Restarts the device. Whatever was in progress is dropped, and only persisted settings
    /// remain. Use a new manager afterwards.
    ///
    /// ```
    /// use lankeeper::sim::{Simulated, World, run_for};
    /// use lankeeper::{
    ///     Config, Duration, InterfaceConfig, InterfaceId, Manager, WifiKey, WifiSettings,
    /// };
    ///
    /// let config = Config::new(1, [InterfaceConfig::new(InterfaceId::WIFI)]);
    /// let home = WifiSettings::new(b"home", WifiKey::plaintext("correct horse")?)?;
    /// let mut world: World = World::new(1);
    /// let mut manager = Manager::new(&config)?;
    /// manager.store_wifi(world.now(), &home);
    /// run_for(&mut manager, &mut world, Duration::ZERO, |_, _| {})?;
    ///
    /// world.restart();
    /// let mut manager = Manager::new(&config)?;
    /// manager.load_stored(world.record().ok_or("nothing was persisted")?.as_bytes())?;
    /// assert_eq!(manager.stored().wifi, Some(home));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn restart(&mut self) {
        self.server.reset();
        self.wifi.reset();
        self.ethernet.reset();
        self.cellular.reset();
        self.memory.reset();
        self.lan.reset();
        self.failed.clear();
    }

    /// A neighbour sends a datagram to the device. It waits until the device receives it. It is
    /// lost, as any datagram can be, if the port is not bound, the radio is not associated or the switch
    /// does not forward.
    ///
    /// ```
    /// use core::net::SocketAddrV4;
    /// use lankeeper::sim::{Simulated, World, run_until_state};
    /// use lankeeper::{
    ///     Config, Delivery, Duration, InterfaceConfig, InterfaceId, Manager, Nic, State,
    /// };
    ///
    /// let mut world: World = World::new(1);
    /// let eth0 = InterfaceId::ETHERNET;
    /// let mut manager = Manager::new(&Config::new(1, [InterfaceConfig::new(eth0)]))?;
    /// let port = manager.open(world.now(), &Nic::named("eth0")?)?;
    /// manager.udp_open(world.now(), port, 5000)?;
    /// run_until_state(&mut manager, &mut world, (eth0, State::Connected), Duration::from_secs(30))?;
    ///
    /// let neighbour: SocketAddrV4 = "192.168.2.9:4000".parse()?;
    /// world.arrive(eth0, neighbour, "192.168.2.50:5000".parse()?, b"hello")?;
    /// let mut buffer = [0; 64];
    /// let Some(Delivery::Datagram { socket, from, length, .. }) =
    ///     manager.poll(world.now(), &mut world, &mut buffer)
    /// else {
    ///     return Err("nothing was received".into());
    /// };
    /// manager.send_to(world.now(), &mut world, socket, from, &buffer[..length])?;
    /// assert_eq!(world.take_sent().ok_or("nothing was sent")?.payload(), b"hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`CapacityError`] beyond 8 datagrams that wait, and for more than 256 bytes.
    pub fn arrive(
        &mut self,
        interface: InterfaceId,
        source: SocketAddrV4,
        destination: SocketAddrV4,
        payload: &[u8],
    ) -> Result<(), CapacityError> {
        if self.loses_frames(interface) {
            return Ok(());
        }
        self.lan.arrive(interface, source, destination, payload)
    }

    /// Takes the oldest datagram that the device has sent. The newest 8 are kept until they are
    /// taken.
    pub fn take_sent(&mut self) -> Option<LanDatagram> {
        self.lan.take_sent()
    }

    /// The settings that were persisted last; `None` if none were.
    #[must_use]
    pub const fn record(&self) -> Option<&Record> {
        self.memory.record()
    }

    /// Seals a secret as the device does: worlds with the same seed return the same bytes, and
    /// worlds with another seed cannot unseal them. The seal is a mock that protects nothing.
    #[must_use]
    pub fn seal(&self, secret: &str) -> SealedBlob {
        self.memory.vault().seal(secret)
    }

    /// How far traffic over an interface would get; [`Reach::Nothing`] for an interface that does
    /// not exist here.
    #[must_use]
    pub fn reach(&self, id: InterfaceId) -> Reach {
        if id == self.wifi.id() {
            self.wifi.reach()
        } else if id == self.ethernet.id() {
            self.ethernet.reach()
        } else if id == self.cellular.id() {
            self.cellular.reach()
        } else {
            Reach::Nothing
        }
    }

    /// Whether no frame passes: there is no association, or the switch does not forward.
    fn loses_frames(&self, id: InterfaceId) -> bool {
        id == self.ethernet.id() && !self.ethernet.forwards()
            || id == self.wifi.id() && self.wifi.associated_with().is_none()
    }

    fn handle_fault(&mut self, now: Instant, id: InterfaceId, fault: Fault) {
        if id == self.wifi.id() {
            self.wifi.handle_fault(now, fault);
        } else if id == self.ethernet.id() {
            self.ethernet.handle_fault(now, fault);
        } else if id == self.cellular.id() {
            self.cellular.handle_fault(now, fault);
        }
    }

    fn set_fault_rates(&mut self, id: InterfaceId, rates: FaultRates) {
        if id == self.wifi.id() {
            self.wifi.set_fault_rates(rates);
        } else if id == self.ethernet.id() {
            self.ethernet.set_fault_rates(rates);
        } else if id == self.cellular.id() {
            self.cellular.set_fault_rates(rates);
        }
    }

    fn advance(&mut self, now: Instant) {
        let now = now.max(self.latest);
        self.latest = now;
        self.wifi.handle_timeout(now);
        self.ethernet.handle_timeout(now);
        self.cellular.handle_timeout(now);
        self.advance_server(now);
    }

    /// Advances the server side with the current reach of its interface.
    fn advance_server(&mut self, now: Instant) {
        let reach = self.server.interface().map(|id| self.reach(id));
        let reach = reach.unwrap_or(Reach::Nothing);
        self.server.handle_timeout(now, reach);
    }
}

impl<const ACCESS_POINTS: usize, const SCRIPT: usize, const QUEUE: usize> Backend
    for World<ACCESS_POINTS, SCRIPT, QUEUE>
{
    fn execute(&mut self, command: Command<'_>) {
        match command {
            Command::Server { ticket, action } => self.server.execute(ticket, action),
            Command::Persist(settings) => self.memory.persist(settings),
            Command::Bind(binding) => {
                if self.lan.bind(binding).is_err() {
                    self.failed.push(binding.failed(code::NO_ROOM));
                }
            }
            Command::Unbind(binding) => self.lan.unbind(binding),
            Command::Send(datagram) => {
                let is_lost = self.loses_frames(datagram.binding.interface());
                if !is_lost && self.lan.send(&datagram).is_err() {
                    let Datagram {
                        binding,
                        destination,
                        ..
                    } = datagram;
                    self.failed
                        .push(binding.send_failed(destination, code::NO_ROOM));
                }
            }
            // `Backend::seal` has sealed the secret at once.
            Command::Seal { .. } => {}
            Command::Interface { .. } => {
                // Each device picks out its own commands.
                self.wifi.execute(command);
                self.ethernet.execute(command);
                self.cellular.execute(command);
            }
        }
        self.advance_server(self.now());
    }

    fn next_event(&mut self) -> Option<Event> {
        self.advance(self.now());
        let failed = self.failed.pop();
        failed
            .or_else(|| self.wifi.next_event())
            .or_else(|| self.ethernet.next_event())
            .or_else(|| self.cellular.next_event())
            .or_else(|| self.server.next_event())
            .or_else(|| self.memory.next_event())
    }

    fn receive(&mut self, binding: Binding, buffer: &mut [u8]) -> Option<Received> {
        self.lan.receive(binding, buffer)
    }

    fn seal(
        &mut self,
        _: SecretPurpose,
        plaintext: &str,
        sealed: &mut SealedSecret,
    ) -> Result<(), VaultError> {
        self.memory.seal(plaintext, sealed)
    }
}

impl<const ACCESS_POINTS: usize, const SCRIPT: usize, const QUEUE: usize> Simulated
    for World<ACCESS_POINTS, SCRIPT, QUEUE>
{
    fn now(&self) -> Instant {
        self.latest
    }

    fn handle_timeout(&mut self, now: Instant) {
        while let Some((at, happening)) = self.script.take_due(now) {
            // What was due before this change comes first.
            self.advance(at);
            self.happen(happening);
        }
        self.advance(now);
    }

    fn poll_at(&self) -> Option<Instant> {
        let local = earliest(self.wifi.poll_at(), self.ethernet.poll_at());
        let devices = earliest(local, self.cellular.poll_at());
        let backend = earliest(devices, self.server.poll_at());
        // Events and datagrams that wait can be fetched at once.
        let waits = self.memory.has_events() || self.lan.has_arrived() || !self.failed.is_empty();
        let fetch = waits.then_some(self.now());
        earliest(earliest(backend, fetch), self.script.next_at())
    }
}
