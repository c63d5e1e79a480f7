//! When something that failed is tried again: a growing back-off with seeded jitter (IFC-7).

use crate::random::SplitMix;
use crate::time::Duration;

/// The course of the back-off (IFC-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct BackOffConfig {
    /// The first delay, before jitter. Default 1 s, not zero. Each further one is doubled.
    pub initial: Duration,
    /// The longest delay. Default 60 s, at least `initial`.
    pub maximum: Duration,
    /// How long a connection must hold before the delays begin anew. Default 60 s, not zero.
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

impl BackOffConfig {
    /// Checks what the back-off relies on.
    pub(crate) fn check(&self) -> Result<(), BackOffError> {
        if self.initial.is_zero() {
            return Err(BackOffError::ZeroInitial);
        }
        if self.stable_after.is_zero() {
            return Err(BackOffError::ZeroStableAfter);
        }
        if self.maximum < self.initial {
            return Err(BackOffError::MaximumBelowInitial);
        }
        Ok(())
    }
}

/// What is wrong with a [`BackOffConfig`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum BackOffError {
    /// The first delay is zero.
    #[error("initial: zero, at least 1 µs")]
    ZeroInitial,
    /// The time after which a connection is trusted is zero.
    #[error("stable_after: zero, at least 1 µs")]
    ZeroStableAfter,
    /// The longest delay is shorter than the first.
    #[error("maximum: below initial")]
    MaximumBelowInitial,
}

/// Where in the course of the back-off its owner is.
#[derive(Clone, Debug)]
pub(crate) struct BackOff {
    config: BackOffConfig,
    /// The next delay before jitter.
    next: Duration,
    random: SplitMix,
}

impl BackOff {
    /// A fresh back-off. `salt` tells apart interfaces that share a seed.
    pub(crate) const fn new(config: BackOffConfig, salt: u64) -> Self {
        Self {
            config,
            next: config.initial,
            random: SplitMix::new(config.seed ^ salt.rotate_left(32)),
        }
    }

    /// How long to wait this time: the delay less up to a quarter of it.
    pub(crate) fn delay(&mut self) -> Duration {
        self.shortened(self.next)
    }

    /// The longest wait, less up to a quarter of it.
    pub(crate) fn longest_delay(&mut self) -> Duration {
        self.shortened(self.config.maximum)
    }

    /// Doubles the next delay: a wait was over and another try is made.
    pub(crate) fn lengthen(&mut self) {
        self.next = self.next.saturating_mul(2).min(self.config.maximum);
    }

    /// A delay less up to a quarter of it.
    pub(crate) fn shortened(&mut self, delay: Duration) -> Duration {
        let quarter = delay.as_micros() / 4;
        let cut = match quarter.checked_add(1) {
            Some(choices) => self.random.below(choices),
            None => 0,
        };
        delay.saturating_sub(Duration::from_micros(cut))
    }

    /// Begins anew: the connection has proved stable.
    pub(crate) fn reset(&mut self) {
        self.next = self.config.initial;
    }

    pub(crate) const fn stable_after(&self) -> Duration {
        self.config.stable_after
    }
}
