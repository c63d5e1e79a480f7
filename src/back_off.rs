//! The delay before a retry: exponential back-off with seeded jitter (IFC-7).

use crate::random::SplitMix32;
use crate::span::Span;

/// The settings of a back-off (IFC-7).
///
/// ```
/// use lankeeper::back_off::BackOffConfig;
/// use lankeeper::Span;
///
/// let (second, hour) = (Span::secs::<1>(), Span::secs::<3600>());
/// let mut patient = BackOffConfig::new(second, hour)?;
/// patient.stable_after = hour;
/// assert!(BackOffConfig::new(hour, second).is_err());
/// # Ok::<(), lankeeper::back_off::BackOffError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct BackOffConfig {
    initial: Span,
    maximum: Span,
    /// How long a connection must last before the delay is reset to the first. Default 60 s.
    pub stable_after: Span,
}

impl BackOffConfig {
    /// A back-off whose delay doubles from `initial` up to `maximum`; jitter shortens each by up to
    /// a quarter. The other settings have their defaults. By default the delay is 1 s to 60 s.
    ///
    /// # Errors
    ///
    /// [`BackOffError`] if `maximum` is shorter than `initial`.
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

    /// The first delay, before jitter.
    #[must_use]
    pub const fn initial(&self) -> Span {
        self.initial
    }

    /// The longest delay, before jitter.
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
        }
    }
}

/// The longest delay of a back-off is shorter than the first one (IFC-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("the longest delay is shorter than the first")]
#[non_exhaustive]
pub struct BackOffError;

/// The state of a back-off.
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
    /// A back-off at its first delay. `salt` gives the machines of a device, which share its seed,
    /// different jitter.
    pub(crate) fn new(config: &BackOffConfig, seed: u64, salt: u32) -> Self {
        Self {
            initial: config.initial,
            maximum: config.maximum,
            stable_after: config.stable_after,
            next: config.initial,
            random: SplitMix32::new(seed, salt),
        }
    }

    /// The delay to wait now, shortened by jitter.
    pub(crate) fn delay(&mut self) -> Span {
        self.shortened(self.next)
    }

    /// The longest delay, shortened by jitter.
    pub(crate) fn longest_delay(&mut self) -> Span {
        self.shortened(self.maximum)
    }

    /// Doubles the next delay, because a wait has ended and another attempt begins.
    pub(crate) fn lengthen(&mut self) {
        self.next = self.next.doubled().min(self.maximum);
    }

    /// Shortens a delay by jitter of up to a quarter.
    // size: 3 callers
    #[inline(never)]
    pub(crate) fn shortened(&mut self, delay: Span) -> Span {
        let choices = (delay.as_millis() / 4).saturating_add(1);
        delay.less(self.random.below(choices))
    }

    /// Returns to the first delay, because the connection has proved stable.
    pub(crate) fn reset(&mut self) {
        self.next = self.initial;
    }

    pub(crate) const fn stable_after(&self) -> Span {
        self.stable_after
    }
}
