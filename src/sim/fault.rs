//! Faults between a device and the manager, scripted or drawn from a seed.

use heapless::Deque;

use super::code;
use super::protocol::Protocol;
use super::random::SplitMix;
use crate::{Duration, Report};

/// A fault of a device whose reports are of type `R`: [`Report`] for an interface,
/// [`ServerReport`](crate::ServerReport) for the server side.
///
/// `Spurious` and `Driver` take effect at once; the others apply to the next answer to a command.
///
/// The manager believes a spurious report. After a spurious `Lease` it can be CONNECTED without an
/// uplink, see [`Reach`](super::Reach); after a spurious `Connected` it can be connected without a
/// server, see [`ServerSide::is_connected`](super::ServerSide::is_connected).
///
/// ```
/// use lankeeper::sim::{Fault, Happening, World};
/// use lankeeper::{Duration, InterfaceId};
///
/// let mut world: World = World::new(1);
/// let late = Fault::Late(Duration::from_secs(20));
/// world.happen(Happening::Fault(InterfaceId::WIFI, late));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Fault<R = Report> {
    /// The answer is lost.
    Silence,
    /// The answer is delayed by this time.
    Late(Duration),
    /// The answer comes twice, the second time after this delay.
    Duplicate(Duration),
    /// The answer carries the generation of an older command.
    Stale,
    /// The device reports something that did not happen, with the generation of the latest command
    /// that allows this report.
    Spurious(R),
    /// The driver reports a fault.
    Driver {
        /// The code that the driver reports.
        code: i32,
    },
}

/// The rates of random faults, in answers per mille. An answer suffers at most one fault. A report
/// that answers no command can only be late or duplicated.
///
/// ```
/// use lankeeper::sim::FaultRates;
///
/// let mut rates = FaultRates::each(20);
/// rates.silence = 100;
/// assert_eq!(FaultRates::default(), FaultRates::NONE);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct FaultRates {
    /// Lost answers.
    pub silence: u16,
    /// Late answers.
    pub late: u16,
    /// Duplicated answers.
    pub duplicate: u16,
    /// Answers with the generation of an older command.
    pub stale: u16,
    /// Answers followed by a spurious report.
    pub spurious: u16,
    /// Answers replaced by a driver fault.
    pub driver: u16,
    /// The longest delay of a late answer, a duplicate or a spurious report.
    pub latest: Duration,
}

impl FaultRates {
    /// No faults.
    pub const NONE: Self = Self {
        silence: 0,
        late: 0,
        duplicate: 0,
        stale: 0,
        spurious: 0,
        driver: 0,
        latest: Duration::ZERO,
    };

    /// Sets every rate to `per_mille`, with delays of up to 90 s.
    #[must_use]
    pub const fn each(per_mille: u16) -> Self {
        Self {
            silence: per_mille,
            late: per_mille,
            duplicate: per_mille,
            stale: per_mille,
            spurious: per_mille,
            driver: per_mille,
            latest: Duration::from_secs(90),
        }
    }
}

/// The most scripted faults that can wait for an answer.
const MAX_SCRIPTED: usize = 8;

/// The source of faults: the script first, then the random generator.
#[derive(Clone, Debug)]
pub(super) struct FaultSource<R> {
    rates: FaultRates,
    random: SplitMix,
    scripted: Deque<Fault<R>, MAX_SCRIPTED>,
}

impl<R: Protocol> FaultSource<R> {
    pub(super) const fn new(seed: u64) -> Self {
        Self {
            rates: FaultRates::NONE,
            random: SplitMix::new(seed),
            scripted: Deque::new(),
        }
    }

    pub(super) fn set_rates(&mut self, rates: FaultRates) {
        self.rates = rates;
    }

    /// Schedules a fault for the next answer. If the script is full, it replaces the last scheduled
    /// fault.
    pub(super) fn script(&mut self, fault: Fault<R>) {
        if self.scripted.is_full() {
            self.scripted.pop_back();
        }
        let _ = self.scripted.push_back(fault);
    }

    /// Returns the fault for the next answer, if any.
    pub(super) fn next_fault(&mut self, device: R::DeviceId) -> Option<Fault<R>> {
        self.scripted.pop_front().or_else(|| self.draw(device))
    }

    /// Draws a random fault, if any.
    pub(super) fn draw(&mut self, device: R::DeviceId) -> Option<Fault<R>> {
        let rates = self.rates;
        let mut left = self.random.below(1_000);
        for (kind, rate) in [
            (FaultKind::Silence, rates.silence),
            (FaultKind::Late, rates.late),
            (FaultKind::Duplicate, rates.duplicate),
            (FaultKind::Stale, rates.stale),
            (FaultKind::Spurious, rates.spurious),
            (FaultKind::Driver, rates.driver),
        ] {
            left = match left.checked_sub(u64::from(rate)) {
                Some(left) => left,
                None => return Some(self.make(kind, device)),
            };
        }
        None
    }

    /// Draws a delay.
    pub(super) fn draw_delay(&mut self) -> Duration {
        Duration::from_micros(self.random.below(self.rates.latest.as_micros()))
    }

    /// Draws an index below `choices`.
    pub(super) fn choose(&mut self, choices: usize) -> usize {
        let choice = self.random.below(u64::try_from(choices).unwrap_or(0));
        usize::try_from(choice).unwrap_or(0)
    }

    fn make(&mut self, kind: FaultKind, device: R::DeviceId) -> Fault<R> {
        match kind {
            FaultKind::Silence => Fault::Silence,
            FaultKind::Late => Fault::Late(self.draw_delay()),
            FaultKind::Duplicate => Fault::Duplicate(self.draw_delay()),
            FaultKind::Stale => Fault::Stale,
            FaultKind::Spurious => {
                let reports = R::all(device);
                let chosen = reports.get(self.choose(reports.len())).copied();
                Fault::Spurious(chosen.unwrap_or(R::fault(code::RANDOM_FAULT)))
            }
            FaultKind::Driver => Fault::Driver {
                code: code::RANDOM_FAULT,
            },
        }
    }
}

#[derive(Clone, Copy)]
enum FaultKind {
    Silence,
    Late,
    Duplicate,
    Stale,
    Spurious,
    Driver,
}
