//! When something that failed is tried again: a growing back-off with seeded jitter (IFC-7).

use crate::random::SplitMix32;
use crate::span::Span;

/// The course of the back-off (IFC-7).
///
/// ```
/// use lankeeper::{BackOffConfig, Span};
///
/// let (second, hour) = (Span::from_secs(1).unwrap(), Span::from_secs(3600).unwrap());
/// let mut patient = BackOffConfig::new(second, hour)?;
/// patient.seed = 0x5AFE_C0DE;
/// assert!(BackOffConfig::new(hour, second).is_err());
/// # Ok::<(), lankeeper::BackOffError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct BackOffConfig {
    initial: Span,
    maximum: Span,
    /// How long a connection must hold before the delays begin anew. Default 60 s.
    pub stable_after: Span,
    /// Where jitter is drawn from: give each device its own, so that a fleet does not retry in
    /// step after an outage. Default 0.
    pub seed: u64,
}

impl BackOffConfig {
    /// Delays from `initial`, each further one doubled, up to `maximum`: before jitter. The rest is
    /// as in the default, whose delays go from 1 s to 60 s.
    ///
    /// # Errors
    ///
    /// [`BackOffError`]: the longest delay is shorter than the first.
    pub fn new(initial: Span, maximum: Span) -> Result<Self, BackOffError> {
        if maximum < initial {
            return Err(BackOffError);
        }
        Ok(Self {
            initial,
            maximum,
            ..Self::default()
        })
    }

    /// The first delay.
    #[must_use]
    pub const fn initial(&self) -> Span {
        self.initial
    }

    /// The longest delay.
    #[must_use]
    pub const fn maximum(&self) -> Span {
        self.maximum
    }
}

impl Default for BackOffConfig {
    fn default() -> Self {
        Self {
            initial: Span::SECOND,
            maximum: Span::MINUTE,
            stable_after: Span::MINUTE,
            seed: 0,
        }
    }
}

/// The longest delay of a back-off is shorter than the first one (IFC-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("the longest delay is shorter than the first")]
#[non_exhaustive]
pub struct BackOffError;

/// Where in the course of the back-off its owner is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BackOff {
    initial: Span,
    maximum: Span,
    stable_after: Span,
    /// The next delay before jitter.
    next: Span,
    random: SplitMix32,
}

impl BackOff {
    /// A fresh back-off. `salt` tells apart interfaces that share a seed.
    // Interfaces have one, and so has the server connection.
    #[inline(never)]
    pub(crate) fn new(config: &BackOffConfig, salt: u32) -> Self {
        Self {
            initial: config.initial,
            maximum: config.maximum,
            stable_after: config.stable_after,
            next: config.initial,
            random: SplitMix32::new(config.seed, salt),
        }
    }

    /// How long to wait this time: the delay less up to a quarter of it.
    pub(crate) fn delay(&mut self) -> Span {
        self.shortened(self.next)
    }

    /// The longest wait, less up to a quarter of it.
    pub(crate) fn longest_delay(&mut self) -> Span {
        self.shortened(self.maximum)
    }

    /// Doubles the next delay: a wait was over and another try is made.
    pub(crate) fn lengthen(&mut self) {
        self.next = self.next.doubled().min(self.maximum);
    }

    /// A delay less up to a quarter of it. Not inlined: several ask.
    #[inline(never)]
    pub(crate) fn shortened(&mut self, delay: Span) -> Span {
        let choices = (delay.as_millis() / 4).saturating_add(1);
        delay.less(self.random.below(choices))
    }

    /// Begins anew: the connection has proved stable.
    pub(crate) fn reset(&mut self) {
        self.next = self.initial;
    }

    pub(crate) const fn stable_after(&self) -> Span {
        self.stable_after
    }
}
