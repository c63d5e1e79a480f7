//! How much may be sent, and what that counts for (RATE-1, RATE-4).

use core::fmt;
use core::num::NonZero;

/// Credit for one token: the microseconds of a second.
pub(super) const TOKEN: NonZero<u32> = above_zero(1_000_000);

const HIGHEST_RATE: u32 = 1_000_000;

/// How many packets are allowed: a burst, and a rate at which it refills (RATE-1).
///
/// ```
/// use lankeeper::Quota;
///
/// assert_eq!(Quota::default(), Quota::new(25, 100)?);
/// assert!(Quota::new(0, 100).is_err());
/// # Ok::<(), lankeeper::QuotaError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Quota {
    /// Tokens per second, at most 1,000,000.
    rate: NonZero<u32>,
    /// Tokens at most, 1 and above.
    burst: u32,
    /// The rate again, for machines that load a factor of 64 bits at no cost.
    #[cfg(target_pointer_width = "64")]
    wide_rate: u64,
    /// The credit of an empty bucket; that of a full one is the highest number there is.
    empty: u64,
}

/// What is wrong with a [`Quota`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum QuotaError {
    /// The rate is not from 1 to 1,000,000.
    #[error("rate: {0} per second, allowed is 1 to 1000000")]
    Rate(u32),
    /// The burst is zero.
    #[error("burst: zero, at least 1")]
    Burst,
}

/// Which sends draw on the same tokens (RATE-4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(
    clippy::exhaustive_enums,
    reason = "sockets share their tokens or they do not"
)]
pub enum LimitScope {
    /// Those of all sockets of the device.
    #[default]
    Device,
    /// Those of one socket; it has a full bucket when it is opened.
    Socket,
}

impl Quota {
    /// `rate` tokens per second (1 to 1,000,000), `burst` at once (1 and above).
    ///
    /// # Errors
    ///
    /// [`QuotaError`] for a number outside its range.
    pub const fn new(rate: u32, burst: u32) -> Result<Self, QuotaError> {
        match (NonZero::new(rate), burst) {
            (None, _) => Err(QuotaError::Rate(rate)),
            (Some(_), _) if rate > HIGHEST_RATE => Err(QuotaError::Rate(rate)),
            (Some(_), 0) => Err(QuotaError::Burst),
            (Some(rate), burst) => Ok(Self::of(rate, burst)),
        }
    }

    const fn of(rate: NonZero<u32>, burst: u32) -> Self {
        Self {
            rate,
            burst,
            #[cfg(target_pointer_width = "64")]
            wide_rate: wide(rate.get()),
            // Far from zero: a full bucket is worth less than 2^52.
            empty: u64::MAX.saturating_sub(cost(burst)),
        }
    }

    /// Tokens per second.
    #[must_use]
    pub const fn rate(&self) -> u32 {
        self.rate.get()
    }

    /// What credit is divided by for a time.
    pub(super) const fn divisor(&self) -> NonZero<u32> {
        self.rate
    }

    /// Tokens at most.
    #[must_use]
    pub const fn burst(&self) -> u32 {
        self.burst
    }

    /// The credit of an empty bucket.
    pub(super) const fn empty(&self) -> u64 {
        self.empty
    }

    /// The credit that `micros` microseconds bring, or `None` beyond 64 bits.
    #[inline]
    pub(super) fn refill(&self, micros: u64) -> Option<u64> {
        #[cfg(target_pointer_width = "64")]
        let rate = self.wide_rate;
        // A factor of 32 bits halves the multiplication where words have 32 bits.
        #[cfg(not(target_pointer_width = "64"))]
        let rate = self.rate().into();
        micros.checked_mul(rate)
    }
}

/// A constant that is not zero.
const fn above_zero(number: u32) -> NonZero<u32> {
    match NonZero::new(number) {
        Some(number) => number,
        None => NonZero::<u32>::MIN,
    }
}

/// The credit for so many tokens, below 2^52.
#[inline]
pub(super) const fn cost(tokens: u32) -> u64 {
    wide(tokens).saturating_mul(wide(TOKEN.get()))
}

#[expect(clippy::as_conversions, reason = "widening, and `From` is not const")]
const fn wide(number: u32) -> u64 {
    number as u64
}

impl Default for Quota {
    /// 25 packets a second, 100 at once (RATE-1).
    fn default() -> Self {
        Self::of(above_zero(25), 100)
    }
}

impl fmt::Debug for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quota")
            .field("rate", &self.rate)
            .field("burst", &self.burst)
            .finish()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Quota {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Quota {{ rate: {}, burst: {} }}", self.rate, self.burst);
    }
}
