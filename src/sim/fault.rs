//! What goes wrong between a device and the manager: as scripted, or drawn from a seed.

use heapless::Deque;

use super::code;
use super::dialect::Dialect;
use super::random::SplitMix;
use crate::interface::Report;
use crate::time::Duration;

/// One thing that goes wrong with a device that reports an `R`: a [`Report`] for an interface, a
/// [`ServerReport`](crate::ServerReport) for the server side.
///
/// `Spurious` and `Driver` happen at once; the others wait for the next answer to a command.
///
/// What a device reports of something that did not happen is believed: after a spurious `Lease` the
/// manager can be CONNECTED without a way out, see [`Reach`](super::Reach), and after a spurious
/// `Connected` without a server, see [`ServerSide::is_connected`](super::ServerSide::is_connected).
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
    /// The answer never comes.
    Silence,
    /// The answer comes this much later than it would have.
    Late(Duration),
    /// The answer comes, and once more after this span.
    Duplicate(Duration),
    /// The answer comes with the generation of an older command.
    Stale,
    /// The device reports something that did not happen, with the generation of the latest command
    /// that could have led to it.
    Spurious(R),
    /// The driver fails.
    Driver {
        /// What it reports.
        code: i32,
    },
}

/// How often which fault is drawn, in answers per mille. At most one strikes an answer; what a
/// device reports without being asked may only be late or come twice.
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
    /// Answers that never come.
    pub silence: u16,
    /// Answers that come late.
    pub late: u16,
    /// Answers that come twice.
    pub duplicate: u16,
    /// Answers with the generation of an older command.
    pub stale: u16,
    /// Answers that are followed by something that did not happen.
    pub spurious: u16,
    /// Driver faults in place of the answer.
    pub driver: u16,
    /// How late an answer, its duplicate or a spurious report comes at most.
    pub latest: Duration,
}

impl FaultRates {
    /// Nothing goes wrong.
    pub const NONE: Self = Self {
        silence: 0,
        late: 0,
        duplicate: 0,
        stale: 0,
        spurious: 0,
        driver: 0,
        latest: Duration::ZERO,
    };

    /// Each kind of fault strikes so many answers per mille, up to 90 s late.
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

/// The most faults that can wait for an answer.
const SCRIPTED: usize = 8;

/// Where faults come from.
#[derive(Clone, Debug)]
pub(super) struct Faults<R> {
    rates: FaultRates,
    random: SplitMix,
    scripted: Deque<Fault<R>, SCRIPTED>,
}

impl<R: Dialect> Faults<R> {
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

    /// Lets a fault wait for the next answer; the last one that fits is replaced by those after.
    pub(super) fn script(&mut self, fault: Fault<R>) {
        if self.scripted.is_full() {
            self.scripted.pop_back();
        }
        let _ = self.scripted.push_back(fault);
    }

    /// What strikes the answer that is about to be given.
    pub(super) fn strike(&mut self, device: R::Device) -> Option<Fault<R>> {
        self.scripted.pop_front().or_else(|| self.draw(device))
    }

    /// What strikes at random.
    pub(super) fn draw(&mut self, device: R::Device) -> Option<Fault<R>> {
        let rates = self.rates;
        let mut left = self.random.below(1_000);
        for (kind, rate) in [
            (Kind::Silence, rates.silence),
            (Kind::Late, rates.late),
            (Kind::Duplicate, rates.duplicate),
            (Kind::Stale, rates.stale),
            (Kind::Spurious, rates.spurious),
            (Kind::Driver, rates.driver),
        ] {
            left = match left.checked_sub(u64::from(rate)) {
                Some(left) => left,
                None => return Some(self.make(kind, device)),
            };
        }
        None
    }

    /// How late something comes.
    pub(super) fn span(&mut self) -> Duration {
        Duration::from_micros(self.random.below(self.rates.latest.as_micros()))
    }

    /// One of so many.
    pub(super) fn choose(&mut self, choices: usize) -> usize {
        let choice = self.random.below(u64::try_from(choices).unwrap_or(0));
        usize::try_from(choice).unwrap_or(0)
    }

    fn make(&mut self, kind: Kind, device: R::Device) -> Fault<R> {
        match kind {
            Kind::Silence => Fault::Silence,
            Kind::Late => Fault::Late(self.span()),
            Kind::Duplicate => Fault::Duplicate(self.span()),
            Kind::Stale => Fault::Stale,
            Kind::Spurious => {
                let reports = R::all(device);
                let chosen = reports.get(self.choose(reports.len())).copied();
                Fault::Spurious(chosen.unwrap_or(R::fault(code::RANDOM_FAULT)))
            }
            Kind::Driver => Fault::Driver {
                code: code::RANDOM_FAULT,
            },
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Silence,
    Late,
    Duplicate,
    Stale,
    Spurious,
    Driver,
}
