//! Configured times: time-outs, waits and the like.

use core::num::NonZero;

use crate::time::{Duration, Instant};

/// A time as it is configured or requested: 1 to `u32::MAX` whole milliseconds, so at most some 49
/// days and never zero (TIME-6). The time between two instants is a [`Duration`].
///
/// ```
/// use lankeeper::{Duration, Span};
///
/// let minute = Span::from_secs(60).ok_or("zero")?;
/// assert_eq!(minute.duration(), Duration::from_secs(60));
/// assert_eq!(Span::from_millis(60_000), Some(minute));
/// assert_eq!(Span::from_secs(0), None);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Span(NonZero<u32>);

impl Span {
    /// The shortest span: one millisecond.
    pub const MIN: Self = Self(NonZero::<u32>::MIN);
    /// The longest span: 49 days, 17 hours and 2 minutes.
    pub const MAX: Self = Self(NonZero::<u32>::MAX);

    pub(crate) const SECOND: Self = Self::of_secs::<1>();
    pub(crate) const MINUTE: Self = Self::of_secs::<60>();

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

    /// A span that is a constant, checked at compile time.
    pub(crate) const fn of_secs<const SECS: u32>() -> Self {
        const { assert!(Self::from_secs(SECS).is_some(), "zero, or too long") };
        match Self::from_secs(SECS) {
            Some(span) => span,
            None => Self::MAX,
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

    /// `self` minus `millis` milliseconds, at least [`Span::MIN`].
    pub(crate) const fn less(self, millis: u32) -> Self {
        match Self::from_millis(self.0.get().saturating_sub(millis)) {
            Some(span) => span,
            None => Self::MIN,
        }
    }
}
