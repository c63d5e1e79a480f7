//! An exact token bucket in integers (RATE-1 to RATE-3, RATE-5).
//!
//! Credit is counted in millionths of a token, so that a microsecond brings exactly `rate` of
//! them: refilling is one multiplication, and nothing is ever rounded. The scale ends at a full
//! bucket, so that refilling saturates where it must.

use core::num::NonZero;

use super::quota::{Quota, TOKEN, cost};
use crate::time::{Duration, Instant};

/// What a token bucket has to remember, without its quota: 16 bytes, for a great many of them
/// with one quota. [`RateLimiter`](crate::RateLimiter) is a bucket with a quota of its own.
///
/// ```
/// use lankeeper::{Bucket, Instant, Quota};
///
/// let quota = Quota::new(1, 2)?;
/// let mut callers = [Bucket::FULL; 1000];
/// let now = Instant::EPOCH;
/// assert!(callers[7].try_acquire_n(&quota, now, 2).is_ok());
/// assert!(callers[7].try_acquire(&quota, now).is_err());
/// assert!(callers[8].try_acquire(&quota, now).is_ok());
/// # Ok::<(), lankeeper::QuotaError>(())
/// ```
///
/// Under another quota than before, what was taken counts against the new burst.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Bucket {
    /// In millionths of a token, the highest number when full.
    credit: u64,
    /// The instant at which the credit was right.
    at: Instant,
}

impl Bucket {
    /// A full bucket, whatever the quota.
    pub const FULL: Self = Self {
        credit: u64::MAX,
        at: Instant::EPOCH,
    };

    /// Takes one token.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`] if there is none; nothing is taken.
    #[inline]
    pub fn try_acquire(&mut self, quota: &Quota, now: Instant) -> Result<(), WouldBlock> {
        self.take(quota, now, cost(1))
    }

    /// Takes `tokens` tokens, all or none (RATE-5).
    ///
    /// # Errors
    ///
    /// [`AcquireError::WouldBlock`] if there are fewer, [`AcquireError::ExceedsBurst`] if there
    /// can never be so many.
    pub fn try_acquire_n(
        &mut self,
        quota: &Quota,
        now: Instant,
        tokens: u32,
    ) -> Result<(), AcquireError> {
        if tokens > quota.burst() {
            self.credit = self.refill(quota, now);
            return Err(AcquireError::ExceedsBurst {
                burst: quota.burst(),
            });
        }
        Ok(self.take(quota, now, cost(tokens))?)
    }

    /// The whole tokens that could be taken at `now`.
    #[must_use]
    pub fn available(&self, quota: &Quota, now: Instant) -> u32 {
        let credit = self.clone().refill(quota, now);
        let tokens = divide(credit.saturating_sub(quota.empty()), TOKEN);
        // Cannot exceed the burst, which fits.
        u32::try_from(tokens).unwrap_or(quota.burst())
    }

    #[inline]
    fn take(&mut self, quota: &Quota, now: Instant, cost: u64) -> Result<(), WouldBlock> {
        let credit = self.refill(quota, now);
        // Nothing wraps: credit is in the upper half of the scale, and no cost is.
        let rest = credit.wrapping_sub(cost);
        let admitted = rest >= quota.empty();
        // A selection, for a branch on what cannot be foretold costs more than all the rest.
        self.credit = if admitted { rest } else { credit };
        if admitted {
            Ok(())
        } else {
            Err(WouldBlock {
                missing: quota.empty().wrapping_sub(rest),
                rate: quota.divisor(),
                at: self.at,
            })
        }
    }

    /// Takes note of `now`, which counts even for what is refused, and returns the credit of that
    /// instant. An earlier one than the latest counts as the latest (TIME-2).
    #[inline]
    fn refill(&mut self, quota: &Quota, now: Instant) -> u64 {
        let refill = match now.checked_duration_since(self.at) {
            Some(elapsed) => {
                self.at = now;
                quota.refill(elapsed.as_micros()).unwrap_or(u64::MAX)
            }
            None => 0,
        };
        self.credit.saturating_add(refill)
    }
}

impl Default for Bucket {
    /// A full bucket.
    fn default() -> Self {
        Self::FULL
    }
}

/// There are too few tokens now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("rate limit reached, allowed again at {} µs", self.retry_at().as_micros())]
pub struct WouldBlock {
    /// In millionths of a token, above zero.
    missing: u64,
    rate: NonZero<u32>,
    at: Instant,
}

impl WouldBlock {
    /// The earliest instant at which the same request succeeds, if nothing is taken until then;
    /// one microsecond earlier it fails (RATE-3). At most [`Instant::MAX`], when time ends first.
    #[must_use]
    #[inline]
    pub fn retry_at(&self) -> Instant {
        // Worked out only when asked for: the division is the dear part.
        let wait = divide(self.missing.wrapping_sub(1), self.rate).saturating_add(1);
        self.at.saturating_add(Duration::from_micros(wait))
    }
}

/// Divides a number below 2^60 by one of at most 20 bits. Small machines divide 32 bits at once,
/// and bring 64 by a function of a kilobyte.
#[inline]
fn divide(number: u64, by: NonZero<u32>) -> u64 {
    match u32::try_from(number) {
        // What is missing for one token always fits.
        Ok(number) => (number / by).into(),
        Err(_) => divide_long(number, by),
    }
}

fn divide_long(number: u64, by: NonZero<u32>) -> u64 {
    /// With a rest of 20 bits such a digit makes 32.
    const BITS: u32 = 12;
    const DIGITS: u32 = 5;
    const UNUSED: u32 = u64::BITS - DIGITS * BITS;
    // The digits leave at the top, and those of the quotient come in at the bottom.
    let (mut digits, mut rest) = (number << UNUSED, 0_u32);
    for _ in 0..DIGITS {
        let digit = digits >> (u64::BITS - BITS);
        let part = rest << BITS | u32::try_from(digit).unwrap_or(0);
        digits = digits << BITS | u64::from(part / by);
        rest = part % by;
    }
    digits
}

/// Why several tokens were not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum AcquireError {
    /// There are too few tokens now.
    #[error(transparent)]
    WouldBlock(#[from] WouldBlock),
    /// There can never be so many.
    #[error("more tokens than the burst, at most {burst}")]
    ExceedsBurst {
        /// The most that can be taken at once.
        burst: u32,
    },
}
