//! An exact token bucket in integers (RATE).
//!
//! Credit is counted in millionths of a token, so that a microsecond brings exactly `rate` of
//! them: refilling is one multiplication, and nothing is ever rounded.

use crate::time::{Duration, Instant};

/// Credit for one token: the microseconds of a second.
const TOKEN: u64 = 1_000_000;

/// How many packets are allowed: a burst, and a rate at which it refills (RATE-1).
///
/// ```
/// use lankeeper::Quota;
///
/// assert_eq!(Quota::default(), Quota::new(25, 100)?);
/// assert!(Quota::new(0, 100).is_err());
/// # Ok::<(), lankeeper::QuotaError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Quota {
    /// Tokens per second, 1 to 1,000,000.
    rate: u32,
    /// Tokens at most, 1 and above.
    burst: u32,
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

impl Quota {
    /// `rate` tokens per second (1 to 1,000,000), `burst` at once (1 and above).
    ///
    /// # Errors
    ///
    /// [`QuotaError`] for a number outside its range.
    pub const fn new(rate: u32, burst: u32) -> Result<Self, QuotaError> {
        match (rate, burst) {
            (0 | 1_000_001.., _) => Err(QuotaError::Rate(rate)),
            (_, 0) => Err(QuotaError::Burst),
            (1..=1_000_000, 1..) => Ok(Self { rate, burst }),
        }
    }

    /// Tokens per second.
    #[must_use]
    pub const fn rate(&self) -> u32 {
        self.rate
    }

    /// Tokens at most.
    #[must_use]
    pub const fn burst(&self) -> u32 {
        self.burst
    }

    /// The credit of a full bucket. Below 2^52.
    fn capacity(self) -> u64 {
        cost(self.burst)
    }
}

impl Default for Quota {
    /// 25 packets a second, 100 at once (RATE-1).
    fn default() -> Self {
        Self {
            rate: 25,
            burst: 100,
        }
    }
}

/// A token bucket: admits while there are tokens, and says when there will be (RATE-1 to RATE-5).
///
/// Over any span it admits at most burst + rate × seconds, and refuses only what would break
/// that. An instant before the latest one counts as the latest one (TIME-2).
///
/// ```
/// use lankeeper::{Instant, Quota, RateLimiter};
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
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RateLimiter {
    quota: Quota,
    /// In millionths of a token.
    credit: u64,
    /// The instant at which the credit was right.
    at: Instant,
}

impl RateLimiter {
    /// A full bucket.
    #[must_use]
    pub fn new(quota: Quota) -> Self {
        Self {
            quota,
            credit: quota.capacity(),
            at: Instant::EPOCH,
        }
    }

    /// Takes one token.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`] if there is none; nothing is taken.
    pub fn try_acquire(&mut self, now: Instant) -> Result<(), WouldBlock> {
        self.take(now, TOKEN)
    }

    /// Takes `tokens` tokens, all or none (RATE-5).
    ///
    /// # Errors
    ///
    /// [`AcquireError::WouldBlock`] if there are fewer, [`AcquireError::ExceedsBurst`] if there
    /// can never be so many.
    pub fn try_acquire_n(&mut self, now: Instant, tokens: u32) -> Result<(), AcquireError> {
        if tokens > self.quota.burst {
            self.advance(now);
            return Err(AcquireError::ExceedsBurst {
                burst: self.quota.burst,
            });
        }
        Ok(self.take(now, cost(tokens))?)
    }

    /// The whole tokens that could be taken at `now`.
    #[must_use]
    pub fn available(&self, now: Instant) -> u32 {
        // Cannot exceed the burst, which fits.
        u32::try_from(self.credit_at(now) / TOKEN).unwrap_or(self.quota.burst)
    }

    /// The quota that it keeps.
    #[must_use]
    pub const fn quota(&self) -> Quota {
        self.quota
    }

    fn take(&mut self, now: Instant, cost: u64) -> Result<(), WouldBlock> {
        self.advance(now);
        match self.credit.checked_sub(cost) {
            Some(rest) => {
                self.credit = rest;
                Ok(())
            }
            None => Err(WouldBlock {
                missing: cost.saturating_sub(self.credit),
                rate: self.quota.rate,
                at: self.at,
            }),
        }
    }

    /// Takes note of `now`, which counts even for what is refused (TIME-2).
    fn advance(&mut self, now: Instant) {
        self.credit = self.credit_at(now);
        self.at = self.at.max(now);
    }

    fn credit_at(&self, now: Instant) -> u64 {
        let elapsed = now.saturating_duration_since(self.at).as_micros();
        let refill = elapsed.saturating_mul(u64::from(self.quota.rate));
        self.credit
            .saturating_add(refill)
            .min(self.quota.capacity())
    }
}

fn cost(tokens: u32) -> u64 {
    u64::from(tokens).saturating_mul(TOKEN)
}

/// There are too few tokens now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("rate limit reached, allowed again at {} µs", self.retry_at().as_micros())]
pub struct WouldBlock {
    /// In millionths of a token, above zero.
    missing: u64,
    rate: u32,
    at: Instant,
}

impl WouldBlock {
    /// The earliest instant at which the same request succeeds, if nothing is taken until then;
    /// one microsecond earlier it fails (RATE-3). At most [`Instant::MAX`], when time ends first.
    #[must_use]
    pub fn retry_at(&self) -> Instant {
        // Worked out only when asked for: the division is the dear part.
        let wait = self
            .missing
            .checked_div(u64::from(self.rate))
            .unwrap_or(u64::MAX);
        let rest = self.missing.checked_rem(u64::from(self.rate)).unwrap_or(0);
        let wait = wait.saturating_add(u64::from(rest != 0));
        self.at.saturating_add(Duration::from_micros(wait))
    }
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
