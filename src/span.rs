//! Configured times: time-outs, waits and the like.

use core::num::NonZero;

use crate::time::{Duration, Instant};

/// A time as it is configured or requested: 1 to `u32::MAX` whole milliseconds, so at most some 49
/// days and never zero (TIME-6). The time between two instants is a [`Duration`].
///
/// ```
/// use lankeeper::{Duration, Span};
///
/// let minute = Span::secs::<60>();
/// assert_eq!(minute.duration(), Duration::from_secs(60));
/// assert_eq!(Span::millis::<60_000>(), minute);
/// // A number that is known only at run time:
/// assert_eq!(Span::from_secs(60), Some(minute));
/// assert_eq!(Span::from_secs(0), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(NonZero<u32>);

impl Span {
    /// The shortest span: one millisecond.
    pub const MIN: Self = Self(NonZero::<u32>::MIN);
    /// The longest span: 49 days, 17 hours and 2 minutes.
    pub const MAX: Self = Self(NonZero::<u32>::MAX);

    pub(crate) const SECOND: Self = Self::secs::<1>();
    pub(crate) const MINUTE: Self = Self::secs::<60>();

    /// A span of this many seconds, for a constant: one that is zero or too long does not compile.
    ///
    /// ```
    /// use lankeeper::{InterfaceConfig, InterfaceId, Span};
    ///
    /// let mut config = InterfaceConfig::new(InterfaceId::ETHERNET);
    /// config.step_timeouts.dhcp = Span::secs::<10>();
    /// ```
    ///
    /// ```compile_fail,E0080
    /// let never = lankeeper::Span::secs::<0>();
    /// ```
    #[must_use]
    pub const fn secs<const SECS: u32>() -> Self {
        const { assert!(Self::from_secs(SECS).is_some(), "allowed is 1 to 4294967") };
        match Self::from_secs(SECS) {
            Some(span) => span,
            // Does not compile; only keeps the function total.
            None => Self::MAX,
        }
    }

    /// A span of this many milliseconds, for a constant: zero does not compile.
    ///
    /// ```
    /// use lankeeper::Span;
    ///
    /// const SOON: Span = Span::millis::<250>();
    /// assert_eq!(SOON.as_millis(), 250);
    /// ```
    ///
    /// ```compile_fail,E0080
    /// let never = lankeeper::Span::millis::<0>();
    /// ```
    #[must_use]
    pub const fn millis<const MILLIS: u32>() -> Self {
        const { assert!(MILLIS > 0, "zero, at least 1") };
        match Self::from_millis(MILLIS) {
            Some(span) => span,
            // Does not compile; only keeps the function total.
            None => Self::MIN,
        }
    }

    /// A span of `millis` milliseconds; `None` if that is zero.
    #[must_use]
    pub const fn from_millis(millis: u32) -> Option<Self> {
        match NonZero::new(millis) {
            Some(millis) => Some(Self(millis)),
            None => None,
        }
    }

    /// A span of `secs` seconds; `None` if that is zero or beyond [`Span::MAX`].
    #[must_use]
    pub const fn from_secs(secs: u32) -> Option<Self> {
        match secs.checked_mul(1_000) {
            Some(millis) => Self::from_millis(millis),
            None => None,
        }
    }

    /// The span in milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> u32 {
        self.0.get()
    }

    /// The span as a [`Duration`], to add to an instant.
    #[must_use]
    pub fn duration(self) -> Duration {
        Duration::from_millis(self.0.get().into())
    }

    /// The end of a span that begins `now`.
    // size: 9 callers, each a sum of 64 bits
    #[inline(never)]
    pub(crate) fn after(self, now: Instant) -> Instant {
        now.saturating_add(Duration::from_millis(self.0.get().into()))
    }

    /// Twice `self`, at most [`Span::MAX`].
    pub(crate) const fn doubled(self) -> Self {
        Self(self.0.saturating_add(self.0.get()))
    }

    /// A quarter of `self`, at least [`Span::MIN`].
    pub(crate) const fn quarter(self) -> Self {
        match Self::from_millis(self.0.get() / 4) {
            Some(span) => span,
            None => Self::MIN,
        }
    }

    /// `self` and a quarter of it, at most [`Span::MAX`].
    pub(crate) const fn and_a_quarter(self) -> Self {
        Self(self.0.saturating_add(self.0.get() / 4))
    }

    /// `self` minus `millis` milliseconds, at least [`Span::MIN`].
    pub(crate) const fn less(self, millis: u32) -> Self {
        match Self::from_millis(self.0.get().saturating_sub(millis)) {
            Some(span) => span,
            None => Self::MIN,
        }
    }
}

/// Seconds with three decimals and the unit, as `30.000 s`.
#[cfg(feature = "defmt")]
impl defmt::Format for Span {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=u32:ms} s", self.0.get());
    }
}
