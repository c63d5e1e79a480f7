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
/// let patient = BackOffConfig::new(second, hour)?;
/// assert_eq!(patient.maximum(), hour);
/// assert!(BackOffConfig::new(hour, second).is_err());
/// # Ok::<(), lankeeper::back_off::BackOffError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BackOffConfig {
    initial: Span,
    maximum: Span,
}

impl BackOffConfig {
    /// A back-off whose delay doubles from `initial` up to `maximum`; jitter shortens each: by up to
    /// a quarter that of an interface, by up to seven eighths that of the server connection. By
    /// default the delay is 1 s to 60 s.
    ///
    /// # Errors
    ///
    /// [`BackOffError`] if `maximum` is shorter than `initial`.
    pub fn new(initial: Span, maximum: Span) -> Result<Self, BackOffError> {
        if maximum < initial {
            return Err(BackOffError);
        }
        Ok(Self { initial, maximum })
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
            next: config.initial,
            random: SplitMix32::new(seed, salt),
        }
    }

    /// The delay to wait now, shortened by jitter.
    // size: 30 B
    #[inline(never)]
    pub(crate) fn delay(&mut self) -> Span {
        self.shortened(self.next)
    }

    /// What the longest delay has left after the present one, shortened by jitter like that: both
    /// together are as long as the longest one, or shorter by up to a quarter.
    pub(crate) fn rest_of_longest(&mut self) -> Span {
        self.shortened(self.maximum.less(self.next.as_millis()))
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

    /// Doubles the next delay, or makes it this long if that is longer.
    pub(crate) fn lengthen_at_least_to(&mut self, delay: Span) {
        self.lengthen();
        self.next = self.next.max(delay);
    }

    /// Shortens the next delay to a limit, but not below the first one.
    pub(crate) fn shorten_to(&mut self, limit: Span) {
        self.next = self.next.min(limit.max(self.initial));
    }

    /// The first delay, before jitter.
    pub(crate) const fn initial(&self) -> Span {
        self.initial
    }

    /// The next delay, before jitter.
    pub(crate) const fn next_delay(&self) -> Span {
        self.next
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

    /// Draws from now on what a back-off with this seed and salt draws from its beginning.
    #[cfg(feature = "view")]
    pub(crate) fn reseed(&mut self, seed: u64, salt: u32) {
        self.random = SplitMix32::new(seed, salt);
    }

    /// Returns to the first delay, because the connection has proved stable.
    pub(crate) fn reset(&mut self) {
        self.next = self.initial;
    }
}
