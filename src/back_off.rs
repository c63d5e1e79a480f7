//! When something that failed is tried again: a growing back-off with seeded jitter (IFC-7).

use core::num::NonZero;

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
    // Two configurations have one.
    #[inline(never)]
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
#[derive(Clone, Copy, Debug)]
pub(crate) struct BackOff {
    /// The first delay, in microseconds: none is zero, so an `Option` of this takes no more room.
    initial: NonZero<u64>,
    maximum: Duration,
    stable_after: Duration,
    /// The next delay before jitter.
    next: Duration,
    random: SplitMix,
}

impl BackOff {
    /// A fresh back-off; its configuration has been checked. `salt` tells apart interfaces that
    /// share a seed.
    pub(crate) fn new(config: &BackOffConfig, salt: u64) -> Self {
        Self {
            initial: NonZero::new(config.initial.as_micros()).unwrap_or(NonZero::<u64>::MIN),
            maximum: config.maximum,
            stable_after: config.stable_after,
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
        self.shortened(self.maximum)
    }

    /// Doubles the next delay: a wait was over and another try is made.
    pub(crate) fn lengthen(&mut self) {
        self.next = self.next.saturating_mul(2).min(self.maximum);
    }

    /// A delay less up to a quarter of it. Not inlined: it is long, and several ask.
    #[inline(never)]
    pub(crate) fn shortened(&mut self, delay: Duration) -> Duration {
        // A quarter of all there are is never all there are.
        let choices = (delay.as_micros() / 4).saturating_add(1);
        delay.saturating_sub(Duration::from_micros(self.random.below(choices)))
    }

    /// Begins anew: the connection has proved stable.
    pub(crate) fn reset(&mut self) {
        self.next = Duration::from_micros(self.initial.get());
    }

    pub(crate) const fn stable_after(&self) -> Duration {
        self.stable_after
    }
}
