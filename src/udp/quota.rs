//! The limit of a rate, and which sends share it (RATE-1, RATE-4).

use core::fmt;
use core::num::NonZero;

/// The credit of one token. Each microsecond adds `rate` credits, and a second has 1,000,000.
pub(super) const TOKEN: NonZero<u32> = above_zero(1_000_000);

const HIGHEST_RATE: u32 = 1_000_000;

/// A limit: a burst of tokens, and the rate per second at which they refill (RATE-1). A send takes
/// one token.
///
/// ```
/// use lankeeper::Quota;
///
/// // Constants are checked by the compiler.
/// const CALM: Quota = Quota::per_second::<10>().with_burst::<50>();
/// // Numbers that are known only at run time can be wrong.
/// assert_eq!(Quota::new(10, 50), Ok(CALM));
/// assert!(Quota::new(0, 50).is_err());
/// assert_eq!(Quota::default(), Quota::per_second::<25>().with_burst::<100>());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Quota {
    /// Tokens per second, at most 1,000,000.
    rate: NonZero<u32>,
    /// The most tokens, 1 and above.
    burst: u32,
    /// The rate again, widened once instead of at every refill.
    #[cfg(target_pointer_width = "64")]
    wide_rate: u64,
    /// The credit of an empty bucket. That of a full one is `u64::MAX`.
    empty: u64,
}

/// Why a rate and a burst are not a [`Quota`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum QuotaError {
    /// The rate is not 1 to 1,000,000 tokens per second.
    #[error("rate: {0} per second, allowed is 1 to 1000000")]
    Rate(u32),
    /// The burst is zero.
    #[error("burst: zero, at least 1")]
    Burst,
}

/// Which sends share a bucket (RATE-4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(
    clippy::exhaustive_enums,
    reason = "sockets share their tokens or they do not"
)]
pub enum LimitScope {
    /// All sends of the device.
    #[default]
    Device,
    /// The sends of one socket, or rather of its place: a socket goes on with what the one before it
    /// has left, so that closing and opening refills nothing (UDP-14).
    Socket,
}

impl Quota {
    /// A limit of `rate` tokens per second (1 to 1,000,000) and `burst` tokens at once (1 and
    /// above). For constants there is [`per_second`](Self::per_second), which cannot fail.
    ///
    /// # Errors
    ///
    /// [`QuotaError`] for a number outside its range.
    ///
    /// ```
    /// use lankeeper::udp::QuotaError;
    /// use lankeeper::Quota;
    ///
    /// assert_eq!(Quota::new(25, 100), Ok(Quota::default()));
    /// assert_eq!(Quota::new(1_000_001, 100), Err(QuotaError::Rate(1_000_001)));
    /// assert_eq!(Quota::new(25, 0), Err(QuotaError::Burst));
    /// ```
    pub const fn new(rate: u32, burst: u32) -> Result<Self, QuotaError> {
        match (NonZero::new(rate), burst) {
            (None, _) => Err(QuotaError::Rate(rate)),
            (Some(_), _) if rate > HIGHEST_RATE => Err(QuotaError::Rate(rate)),
            (Some(_), 0) => Err(QuotaError::Burst),
            (Some(rate), burst) => Ok(Self::of(rate, burst)),
        }
    }

    /// A limit of this many tokens per second (1 to 1,000,000), and as many at once, for a
    /// constant: a rate outside the range does not compile. With numbers in brackets the compiler
    /// cannot check them, and the crate neither panics nor corrects what it is given.
    ///
    /// ```
    /// use lankeeper::Quota;
    ///
    /// assert_eq!(Quota::new(25, 25), Ok(Quota::per_second::<25>()));
    /// assert_eq!(Quota::per_second::<1_000_000>().rate(), 1_000_000);
    /// ```
    ///
    /// ```compile_fail,E0080
    /// let too_fast = lankeeper::Quota::per_second::<1_000_001>();
    /// ```
    ///
    /// ```compile_fail,E0080
    /// let never = lankeeper::Quota::per_second::<0>();
    /// ```
    #[must_use]
    pub const fn per_second<const RATE: u32>() -> Self {
        const {
            assert!(
                Self::new(RATE, 1).is_ok(),
                "allowed is a rate of 1 to 1000000"
            )
        };
        Self::of(above_zero(RATE), RATE)
    }

    /// The same rate with this many tokens at once (1 and above), for a constant: zero does not
    /// compile.
    ///
    /// ```
    /// use lankeeper::Quota;
    ///
    /// let quota = Quota::per_second::<25>().with_burst::<1>();
    /// assert_eq!((quota.rate(), quota.burst()), (25, 1));
    /// ```
    ///
    /// ```compile_fail,E0080
    /// let never = lankeeper::Quota::per_second::<25>().with_burst::<0>();
    /// ```
    #[must_use]
    pub const fn with_burst<const BURST: u32>(self) -> Self {
        const { assert!(BURST > 0, "zero, at least 1") };
        Self::of(self.rate, BURST)
    }

    const fn of(rate: NonZero<u32>, burst: u32) -> Self {
        Self {
            rate,
            burst,
            #[cfg(target_pointer_width = "64")]
            wide_rate: wide(rate.get()),
            // Far from zero: the cost of a full bucket is below 2^52.
            empty: u64::MAX.saturating_sub(cost(burst)),
        }
    }

    /// Tokens per second.
    #[must_use]
    pub const fn rate(&self) -> u32 {
        self.rate.get()
    }

    /// The rate as a divisor: credit / rate is a time in microseconds.
    pub(super) const fn divisor(&self) -> NonZero<u32> {
        self.rate
    }

    /// The most tokens.
    #[must_use]
    pub const fn burst(&self) -> u32 {
        self.burst
    }

    /// The credit of an empty bucket.
    pub(super) const fn empty(&self) -> u64 {
        self.empty
    }

    /// The credit that `micros` microseconds add, or `None` if it exceeds 64 bits.
    #[inline]
    pub(super) fn refill(&self, micros: u64) -> Option<u64> {
        #[cfg(target_pointer_width = "64")]
        let rate = self.wide_rate;
        // On 32-bit targets a factor known to have 32 bits halves the multiplication.
        #[cfg(not(target_pointer_width = "64"))]
        let rate = self.rate().into();
        micros.checked_mul(rate)
    }
}

/// A constant above zero.
const fn above_zero(number: u32) -> NonZero<u32> {
    match NonZero::new(number) {
        Some(number) => number,
        None => NonZero::<u32>::MIN,
    }
}

/// The credit of this many tokens, below 2^52.
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
        Self::per_second::<25>().with_burst::<100>()
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
