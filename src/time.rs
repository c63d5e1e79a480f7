//! Instants and durations as the caller measures them: whole microseconds in 64 bits (TIME-1).
//!
//! Neither type has operators, so that the name of each function says what happens at the ends of
//! the range.

/// A point in time: microseconds since an epoch of the caller's choosing (TIME-1).
///
/// It must come from a monotonic clock: a tick counter that starts at the boot, `CLOCK_MONOTONIC`,
/// `std::time::Instant`. Never from the wall clock, which is set forward and back by people and by
/// NTP: a jump forward lets every time-out run out at once, and after a jump back none does until
/// the clock has caught up (TIME-2). 64 bits last for more than 584,000 years.
///
/// ```
/// use lankeeper::{Duration, Instant};
///
/// let boot = Instant::EPOCH;
/// let later = Instant::from_millis(40); // from a tick counter with one tick per millisecond
/// assert_eq!(later, boot.saturating_add(Duration::from_millis(40)));
/// assert_eq!(later.as_micros(), 40_000);
/// assert_eq!(later.saturating_duration_since(boot), Duration::from_millis(40));
/// assert_eq!(boot.saturating_duration_since(later), Duration::ZERO);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u64);

impl Instant {
    /// The epoch itself: zero microseconds.
    pub const EPOCH: Self = Self(0);
    /// The latest instant that can be represented; sums beyond it saturate here (TIME-4).
    pub const MAX: Self = Self(u64::MAX);
    /// The deadline of a timer that is not armed: one at the end of time never fires (TIME-4).
    // An `Option` would take 8 bytes more for each timer.
    pub(crate) const NEVER: Self = Self::MAX;

    /// The instant `micros` microseconds after the epoch.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// The instant `millis` milliseconds after the epoch, at most [`Instant::MAX`].
    ///
    /// ```
    /// use lankeeper::Instant;
    ///
    /// assert_eq!(Instant::from_millis(40), Instant::from_micros(40_000));
    /// assert_eq!(Instant::from_millis(u64::MAX), Instant::MAX);
    /// ```
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// The instant `secs` seconds after the epoch, at most [`Instant::MAX`].
    ///
    /// ```
    /// use lankeeper::Instant;
    ///
    /// assert_eq!(Instant::from_secs(2), Instant::from_millis(2_000));
    /// assert_eq!(Instant::from_secs(u64::MAX), Instant::MAX);
    /// ```
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Whole milliseconds since the epoch, rounded down.
    ///
    /// ```
    /// use lankeeper::Instant;
    ///
    /// assert_eq!(Instant::from_micros(40_999).as_millis(), 40);
    /// ```
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000
    }

    /// `self` plus `duration`, or `None` beyond [`Instant::MAX`].
    #[must_use]
    pub const fn checked_add(self, duration: Duration) -> Option<Self> {
        match self.0.checked_add(duration.0) {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }

    /// `self` plus `duration`, at most [`Instant::MAX`].
    #[must_use]
    pub const fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration.0))
    }

    /// The time from `earlier` to `self`, or `None` if `earlier` is later than `self`.
    #[must_use]
    pub const fn checked_duration_since(self, earlier: Self) -> Option<Duration> {
        match self.0.checked_sub(earlier.0) {
            Some(micros) => Some(Duration(micros)),
            None => None,
        }
    }

    /// The deadline `self` on a clock that says `to` where it said `from`, with the time that it has
    /// left. One that is not armed stays so.
    // size: 3 callers, each with a difference and a sum of 64 bits
    #[inline(never)]
    pub(crate) const fn rebased(self, from: Self, to: Self) -> Self {
        if self.0 == Self::NEVER.0 {
            return self;
        }
        to.saturating_add(self.saturating_duration_since(from))
    }

    /// The time from `earlier` to `self`; zero if `earlier` is later than `self`.
    #[must_use]
    pub const fn saturating_duration_since(self, earlier: Self) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

/// Seconds with six decimals, as `12.040000`.
#[cfg(feature = "defmt")]
impl defmt::Format for Instant {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=u64:us}", self.0);
    }
}

/// The time between two instants: whole microseconds in 64 bits. Configured times are a
/// [`Span`](crate::Span).
///
/// ```
/// use lankeeper::Duration;
///
/// assert_eq!(Duration::from_secs(1), Duration::from_micros(1_000_000));
/// assert_eq!(Duration::from_secs(90).as_secs(), 90);
/// assert_eq!(Duration::from_secs(u64::MAX), Duration::MAX);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(u64);

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest duration that can be represented.
    pub const MAX: Self = Self(u64::MAX);

    /// A duration of `micros` microseconds.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// A duration of `millis` milliseconds, at most [`Duration::MAX`].
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// A duration of `secs` seconds, at most [`Duration::MAX`].
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// The duration in microseconds.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// The duration in whole milliseconds, rounded down.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000
    }

    /// The duration in whole seconds, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0 / 1_000_000
    }

    /// Whether the duration is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// `self` plus `other`, at most [`Duration::MAX`].
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// `self` minus `other`, at least zero.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// `self` times `factor`, at most [`Duration::MAX`].
    #[must_use]
    pub const fn saturating_mul(self, factor: u64) -> Self {
        Self(self.0.saturating_mul(factor))
    }
}

/// Seconds with six decimals and the unit, as `0.040000 s`.
#[cfg(feature = "defmt")]
impl defmt::Format for Duration {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=u64:us} s", self.0);
    }
}

impl From<Duration> for core::time::Duration {
    fn from(duration: Duration) -> Self {
        Self::from_micros(duration.0)
    }
}

/// Rounds down to whole microseconds, and saturates at [`Duration::MAX`].
impl From<core::time::Duration> for Duration {
    fn from(duration: core::time::Duration) -> Self {
        u64::try_from(duration.as_micros()).map_or(Self::MAX, Self)
    }
}

/// When something is due, and why.
///
/// ```
/// use lankeeper::{Deadline, Instant};
///
/// let tea = Deadline { at: Instant::from_micros(7), reason: "tea" };
/// let cake = Deadline { at: Instant::from_micros(5), reason: "cake" };
/// assert_eq!(Deadline::earliest(Some(tea), Some(cake)), Some(cake));
/// assert_eq!(Deadline::earliest(Some(tea), None), Some(tea));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(
    clippy::exhaustive_structs,
    reason = "an instant and its reason, and no more fields to come"
)]
pub struct Deadline<R> {
    /// The instant from which on handling time has an effect.
    pub at: Instant,
    /// What is due then.
    pub reason: R,
}

impl<R> Deadline<R> {
    /// The earlier of two deadlines; `first` if both are at the same instant.
    #[must_use]
    pub fn earliest(first: Option<Self>, second: Option<Self>) -> Option<Self> {
        match (first, second) {
            (Some(first), Some(second)) if second.at < first.at => Some(second),
            (Some(first), _) => Some(first),
            (None, second) => second,
        }
    }
}
