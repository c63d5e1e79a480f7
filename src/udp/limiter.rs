//! A token bucket together with its quota.

use super::bucket::{AcquireError, Bucket, WouldBlock};
use super::quota::Quota;
use crate::time::Instant;

/// A token bucket: admits while there are tokens, and reports when there will be (RATE-1 to
/// RATE-5).
///
/// Over any period it admits at most burst + rate × seconds, and it refuses only what would exceed
/// that. An instant before the latest one counts as the latest one (TIME-2).
///
/// ```
/// use lankeeper::udp::RateLimiter;
/// use lankeeper::{Instant, Quota};
///
/// let mut limiter = RateLimiter::new(Quota::default());
/// let now = Instant::EPOCH;
/// for _ in 0..100 {
///     assert!(limiter.try_acquire(now).is_ok());
/// }
/// let refusal = limiter.try_acquire(now).unwrap_err();
/// assert_eq!(refusal.retry_at(), Instant::from_micros(40_000));
/// assert!(limiter.try_acquire(refusal.retry_at()).is_ok());
/// ```
///
/// Many limits that share one quota take less RAM as [`Bucket`]s, 16 bytes each.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RateLimiter {
    quota: Quota,
    bucket: Bucket,
}

impl RateLimiter {
    /// A limiter with a full bucket.
    #[must_use]
    pub const fn new(quota: Quota) -> Self {
        Self {
            quota,
            bucket: Bucket::FULL,
        }
    }

    /// Takes one token.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`] if there is none; nothing is taken.
    #[inline]
    pub fn try_acquire(&mut self, now: Instant) -> Result<(), WouldBlock> {
        self.bucket.try_acquire(&self.quota, now)
    }

    /// Takes `tokens` tokens, all or none (RATE-5).
    ///
    /// # Errors
    ///
    /// [`AcquireError::WouldBlock`] if there are fewer now, [`AcquireError::ExceedsBurst`] if
    /// `tokens` is above the burst, so that it can never succeed.
    pub fn try_acquire_n(&mut self, now: Instant, tokens: u32) -> Result<(), AcquireError> {
        self.bucket.try_acquire_n(&self.quota, now, tokens)
    }

    /// Moves the limit to a clock that says `to` where it said `from`, as [`Bucket::rebase`] does.
    pub fn rebase(&mut self, from: Instant, to: Instant) {
        self.bucket.rebase(&self.quota, from, to);
    }

    /// The whole tokens that could be taken at `now`.
    #[must_use]
    pub fn available(&self, now: Instant) -> u32 {
        self.bucket.available(&self.quota, now)
    }

    /// The quota that the limiter enforces.
    #[must_use]
    pub const fn quota(&self) -> Quota {
        self.quota
    }
}
