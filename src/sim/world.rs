//! A device with one interface of each medium, and what happens around it.

use super::agenda::{Agenda, CapacityError};
use super::air::AirChange;
use super::cellular::CellularModem;
use super::ethernet::{CableChange, EthernetPort};
use super::fault::{Fault, FaultRates};
use super::line::earliest;
use super::surroundings::CellularChange;
use super::wifi::WifiRadio;
use super::{Reach, Simulated};
use crate::driver::Backend;
use crate::manager::{Command, Event};
use crate::nic::InterfaceId;
use crate::time::{Instant, Latest};

/// Something that happens to a [`World`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Happening {
    /// To the radio's surroundings.
    Air(AirChange),
    /// To the Ethernet port.
    Cable(CableChange),
    /// To the modem or its surroundings.
    Cellular(CellularChange),
    /// A fault strikes this interface.
    Fault(InterfaceId, Fault),
    /// Random faults strike this interface so often from now on.
    FaultRates(InterfaceId, FaultRates),
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

/// One interface of each medium as one backend, and a script of what happens to them.
///
/// Holds up to `ACCESS_POINTS` access points, `SCRIPT` things that are to happen, and `QUEUE`
/// reports on their way for each interface. Local datagrams are taken and go nowhere.
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
    latest: Latest,
    script: Agenda<Happening, SCRIPT>,
}

impl<const ACCESS_POINTS: usize, const SCRIPT: usize, const QUEUE: usize>
    World<ACCESS_POINTS, SCRIPT, QUEUE>
{
    /// A world at the epoch in which nothing happens. Random faults are drawn from the seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            wifi: WifiRadio::new(seed),
            ethernet: EthernetPort::new(seed.rotate_left(21)),
            cellular: CellularModem::new(seed.rotate_left(42)),
            latest: Latest::default(),
            script: Agenda::new(),
        }
    }

    /// Lets something happen later. What is scripted for one instant happens in the order of the
    /// calls.
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

    /// Lets something happen now.
    pub fn happen(&mut self, happening: impl Into<Happening>) {
        let now = self.now();
        match happening.into() {
            Happening::Air(change) => self.wifi.handle_change(now, change),
            Happening::Cable(change) => self.ethernet.handle_change(now, change),
            Happening::Cellular(change) => self.cellular.handle_change(now, change),
            Happening::Fault(id, fault) => self.handle_fault(now, id, fault),
            Happening::FaultRates(id, rates) => self.set_fault_rates(id, rates),
        }
    }

    /// How far the traffic of an interface would get; nowhere on one that is not here.
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
        let now = self.latest.advance(now);
        self.wifi.handle_timeout(now);
        self.ethernet.handle_timeout(now);
        self.cellular.handle_timeout(now);
    }
}

impl<const ACCESS_POINTS: usize, const SCRIPT: usize, const QUEUE: usize> Backend
    for World<ACCESS_POINTS, SCRIPT, QUEUE>
{
    fn execute(&mut self, command: Command<'_>) {
        // Each takes what is its own.
        self.wifi.execute(command);
        self.ethernet.execute(command);
        self.cellular.execute(command);
    }

    fn next_event(&mut self) -> Option<Event<'_>> {
        self.wifi
            .next_event()
            .or_else(|| self.ethernet.next_event())
            .or_else(|| self.cellular.next_event())
    }
}

impl<const ACCESS_POINTS: usize, const SCRIPT: usize, const QUEUE: usize> Simulated
    for World<ACCESS_POINTS, SCRIPT, QUEUE>
{
    fn now(&self) -> Instant {
        self.latest.get()
    }

    fn handle_timeout(&mut self, now: Instant) {
        while let Some((at, happening)) = self.script.take_due(now) {
            // What was due before it comes before it.
            self.advance(at);
            self.happen(happening);
        }
        self.advance(now);
    }

    fn poll_at(&self) -> Option<Instant> {
        let local = earliest(self.wifi.poll_at(), self.ethernet.poll_at());
        let devices = earliest(local, self.cellular.poll_at());
        earliest(devices, self.script.next_at())
    }
}
