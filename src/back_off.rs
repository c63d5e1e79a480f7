//! The delay before a retry: exponential back-off with seeded jitter (IFC-7, CON-18).

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
    /// A back-off whose delay doubles from `initial` up to `maximum`; jitter shortens each: by up to
    /// a quarter that of an interface, by up to seven eighths that of the server connection. The
    /// other settings have their defaults. By default the delay is 1 s to 60 s.
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

    /// The delay to wait now, anywhere between an eighth of it and all of it: devices that begin
    /// together are soon far apart (CON-18).
    pub(crate) fn spread_delay(&mut self) -> Span {
        self.cut(self.next, self.next.as_millis() / 8)
    }

    /// Doubles the next delay, because a wait has ended and another attempt begins.
    pub(crate) fn lengthen(&mut self) {
        self.lengthen_to(self.maximum);
    }

    /// Doubles the next delay, at most to a limit. One that is longer already stays.
    pub(crate) fn lengthen_to(&mut self, limit: Span) {
        let limit = limit.max(self.next).min(self.maximum);
        self.next = self.next.doubled().min(limit);
    }

    /// Shortens a delay by jitter of up to a quarter.
    pub(crate) fn shortened(&mut self, delay: Span) -> Span {
        let most = delay.as_millis() / 4;
        self.cut(delay, delay.as_millis().saturating_sub(most))
    }

    /// A delay of at least `delay`, longer by up to a quarter.
    pub(crate) fn lengthened(&mut self, delay: Span) -> Span {
        self.cut(delay.and_a_quarter(), delay.as_millis())
    }

    /// Some part of a span: at least a millisecond, at most all of it.
    pub(crate) fn part(&mut self, of: Span) -> Span {
        self.cut(of, 1)
    }

    /// A whole number of milliseconds from `least` to all of a span, never zero.
    // size: 4 callers
    #[inline(never)]
    fn cut(&mut self, span: Span, least: u32) -> Span {
        let choices = span.as_millis().saturating_sub(least).saturating_add(1);
        span.less(self.random.below(choices))
    }

    /// Returns to the first delay, because the connection has proved stable.
    pub(crate) fn reset(&mut self) {
        self.next = self.initial;
    }

    pub(crate) const fn stable_after(&self) -> Span {
        self.stable_after
    }
}
