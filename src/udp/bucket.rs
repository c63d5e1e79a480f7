//! An exact token bucket in integers (RATE-1 to RATE-3, RATE-5).
//!
//! Credit is counted in millionths of a token, so that each microsecond adds exactly `rate` of
//! them: a refill is one multiplication, and nothing is ever rounded. A full bucket is `u64::MAX`,
//! so that a saturating addition caps the refill.

use core::num::NonZero;

use super::quota::{Quota, TOKEN, cost};
use crate::time::{Duration, Instant};

/// The state of a token bucket without its quota, in 16 bytes: for many limits that share one
/// quota. [`RateLimiter`](crate::udp::RateLimiter) is a bucket together with its quota.
///
/// ```
/// use lankeeper::udp::Bucket;
/// use lankeeper::{Instant, Quota};
///
/// let quota = Quota::new(1, 2)?;
/// let mut callers = [Bucket::FULL; 1000];
/// let now = Instant::EPOCH;
/// assert!(callers[7].try_acquire_n(&quota, now, 2).is_ok());
/// assert!(callers[7].try_acquire(&quota, now).is_err());
/// assert!(callers[8].try_acquire(&quota, now).is_ok());
/// # Ok::<(), lankeeper::udp::QuotaError>(())
/// ```
///
/// If the quota changes, the tokens already taken count against the new burst.
///
/// For every quota, credit and span, `.ci/solver` has z3 prove that the formula is that of an exact
/// bucket, that `retry_at` is the first instant that serves, and that nothing wraps; tests hold the
/// formula to this code.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Bucket {
    /// In millionths of a token; `u64::MAX` when full.
    credit: u64,
    /// The instant that `credit` is valid for.
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
    /// [`AcquireError::WouldBlock`] if there are fewer now, [`AcquireError::ExceedsBurst`] if
    /// `tokens` is above the burst, so that it can never succeed.
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

    /// Moves the bucket to a clock that says `to` where it said `from`, because the clock was reset or
    /// jumped (TIME-7). It has the tokens that it had at `from`.
    ///
    /// ```
    /// use lankeeper::udp::Bucket;
    /// use lankeeper::{Instant, Quota};
    ///
    /// let (quota, mut bucket) = (Quota::new(1, 2)?, Bucket::FULL);
    /// let before = Instant::from_secs(1_000);
    /// bucket.try_acquire_n(&quota, before, 2)?;
    /// bucket.rebase(&quota, before, Instant::EPOCH);
    /// assert_eq!(bucket.available(&quota, Instant::from_secs(1)), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rebase(&mut self, quota: &Quota, from: Instant, to: Instant) {
        self.credit = self.refill(quota, from);
        self.at = to;
    }

    /// The whole tokens that could be taken at `now`.
    #[must_use]
    pub fn available(&self, quota: &Quota, now: Instant) -> u32 {
        let credit = self.clone().refill(quota, now);
        let tokens = divide(credit.saturating_sub(quota.empty()), TOKEN);
        // At most the burst, which fits in 32 bits.
        u32::try_from(tokens).unwrap_or(quota.burst())
    }

    #[inline]
    fn take(&mut self, quota: &Quota, now: Instant, cost: u64) -> Result<(), WouldBlock> {
        let credit = self.refill(quota, now);
        // Never wraps: credit is in the upper half of the range, a cost in the lower half.
        let rest = credit.wrapping_sub(cost);
        let admitted = rest >= quota.empty();
        // A conditional select: a mispredicted branch would cost more than the rest of the function.
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

    /// Advances the bucket to `now` and returns its credit then. A refused request advances it too.
    /// An instant before the latest one counts as the latest one (TIME-2).
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
    /// The missing credit in millionths of a token, above zero.
    missing: u64,
    rate: NonZero<u32>,
    at: Instant,
}

impl WouldBlock {
    /// The earliest instant at which the same request succeeds, if nothing is taken before; one
    /// microsecond earlier it fails (RATE-3). Saturates at [`Instant::MAX`].
    #[must_use]
    #[inline]
    pub fn retry_at(&self) -> Instant {
        // Computed on demand, because the division is the expensive part.
        let wait = divide(self.missing.wrapping_sub(1), self.rate).saturating_add(1);
        self.at.saturating_add(Duration::from_micros(wait))
    }
}

/// Divides a number below 2^60 by one of at most 20 bits. Uses 32-bit divisions only: on 32-bit
/// targets a 64-bit division links a library function of about 1 KiB.
#[inline]
fn divide(number: u64, by: NonZero<u32>) -> u64 {
    match u32::try_from(number) {
        // The credit missing for one token always fits.
        Ok(number) => (number / by).into(),
        Err(_) => divide_long(number, by),
    }
}

fn divide_long(number: u64, by: NonZero<u32>) -> u64 {
    /// A remainder of 20 bits and one digit make 32 bits.
    const BITS: u32 = 12;
    const DIGITS: u32 = 5;
    const UNUSED: u32 = u64::BITS - DIGITS * BITS;
    // Digits of the dividend leave at the top, digits of the quotient enter at the bottom.
    let (mut digits, mut rest) = (number << UNUSED, 0_u32);
    for _ in 0..DIGITS {
        let digit = digits >> (u64::BITS - BITS);
        let part = rest << BITS | u32::try_from(digit).unwrap_or(0);
        digits = digits << BITS | u64::from(part / by);
        rest = part % by;
    }
    digits
}

/// Why a request for several tokens was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum AcquireError {
    /// There are too few tokens now.
    #[error(transparent)]
    WouldBlock(#[from] WouldBlock),
    /// The request is above the burst and can never succeed.
    #[error("more tokens than the burst, at most {burst}")]
    ExceedsBurst {
        /// The most that can be taken at once.
        burst: u32,
    },
}
