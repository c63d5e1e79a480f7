//! When a stopped interface tries again: a growing back-off with seeded jitter (IFC-7).

use crate::random::SplitMix;
use crate::time::Duration;

/// What happens when an interface is stopped by a failure (IFC-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "the specification knows these two")]
pub enum Recovery {
    /// It tries again after a back-off, for ever, while a local holder remains.
    Automatic(BackOffConfig),
    /// Stopped stays stopped until asked.
    Manual,
}

impl Default for Recovery {
    fn default() -> Self {
        Self::Automatic(BackOffConfig::default())
    }
}

/// The course of the back-off (IFC-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct BackOffConfig {
    /// The first delay, before jitter. Default 1 s, not zero. Each further one is doubled.
    pub initial: Duration,
    /// The longest delay. Default 60 s, at least `initial`.
    pub maximum: Duration,
    /// How long CONNECTED must hold before the delays begin anew. Default 60 s, not zero.
    pub stable_after: Duration,
    /// Where jitter is drawn from: give each device its own, so that a fleet does not retry in
    /// step after an outage. Default 0.
    pub seed: u64,
}

impl Default for BackOffConfig {
    fn default() -> Self {
        Self {
            initial: Duration::from_secs(1),
            maximum: Duration::from_secs(60),
            stable_after: Duration::from_secs(60),
            seed: 0,
        }
    }
}

/// Where in the course of the back-off an interface is.
#[derive(Clone, Debug)]
pub(super) struct BackOff {
    config: BackOffConfig,
    /// The next delay before jitter.
    next: Duration,
    random: SplitMix,
}

impl BackOff {
    /// A fresh back-off. `salt` tells apart interfaces that share a seed.
    pub(super) const fn new(config: BackOffConfig, salt: u64) -> Self {
        Self {
            config,
            next: config.initial,
            random: SplitMix::new(config.seed ^ salt.rotate_left(32)),
        }
    }

    /// How long to wait this time: the delay less up to a quarter of it.
    pub(super) fn delay(&mut self) -> Duration {
        self.shortened(self.next)
    }

    /// The longest wait, less up to a quarter of it.
    pub(super) fn longest_delay(&mut self) -> Duration {
        self.shortened(self.config.maximum)
    }

    /// Doubles the next delay: a wait was over and another try is made.
    pub(super) fn lengthen(&mut self) {
        self.next = self.next.saturating_mul(2).min(self.config.maximum);
    }

    fn shortened(&mut self, delay: Duration) -> Duration {
        let quarter = delay.as_micros() / 4;
        let cut = match quarter.checked_add(1) {
            Some(choices) => self.random.below(choices),
            None => 0,
        };
        delay.saturating_sub(Duration::from_micros(cut))
    }

    /// Begins anew: the interface has proved stable.
    pub(super) fn reset(&mut self) {
        self.next = self.config.initial;
    }

    pub(super) const fn stable_after(&self) -> Duration {
        self.config.stable_after
    }
}
