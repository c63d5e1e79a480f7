//! The token bucket: quota, refill, refusals, and accuracy over centuries.

mod bucket;
mod formula;
mod law;

use lankeeper::udp::{AcquireError, QuotaError, RateLimiter};
use lankeeper::{Instant, Quota};
use proptest::prelude::*;

const SECOND: u128 = 1_000_000;
const CENTURY: u64 = 100 * 365 * 24 * 3_600 * 1_000_000;

fn at(micros: u64) -> Instant {
    Instant::from_micros(micros)
}

fn limiter(rate: u32, burst: u32) -> RateLimiter {
    RateLimiter::new(Quota::new(rate, burst).unwrap())
}

fn quota() -> impl Strategy<Value = Quota> {
    let rate = prop_oneof![
        prop::sample::select(vec![1, 2, 3, 7, 25, 999, 999_983, 999_999, 1_000_000_u32]),
        1..=1_000_000_u32,
    ];
    let burst = prop_oneof![
        prop::sample::select(vec![1, 2, 3, 100, u32::MAX - 1, u32::MAX]),
        1..=u32::MAX,
    ];
    (rate, burst).prop_map(|(rate, burst)| Quota::new(rate, burst).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    // spec: RATE-3, RATE-5
    #[test]
    fn a_refused_request_succeeds_at_its_retry_instant_and_not_before(
        quota in quota(),
        start in prop_oneof![Just(0_u64), 0..u64::MAX / 2],
        taken in any::<u32>(),
        wanted in any::<u32>(),
    ) {
        let mut limiter = RateLimiter::new(quota);
        let spread = |n: u32| u32::try_from(u64::from(n) % u64::from(quota.burst())).unwrap() + 1;
        let (taken, wanted) = (spread(taken), spread(wanted));
        prop_assert!(limiter.try_acquire_n(at(start), taken).is_ok());
        if let Err(AcquireError::WouldBlock(refusal)) = limiter.try_acquire_n(at(start), wanted) {
            let retry = refusal.retry_at().as_micros();
            prop_assert!(retry > start);
            // A refused request takes no tokens, however often it is repeated.
            for early in [start, start.midpoint(retry - 1), retry - 1] {
                let again = limiter.try_acquire_n(at(early), wanted);
                let Err(AcquireError::WouldBlock(again)) = again else {
                    return Err(TestCaseError::fail("admitted early"));
                };
                prop_assert_eq!(again.retry_at().as_micros(), retry);
            }
            prop_assert!(limiter.try_acquire_n(at(retry), wanted).is_ok());
        } else {
            prop_assert!(wanted <= quota.burst() - taken);
        }
    }

    // spec: RATE-2
    #[test]
    fn ten_centuries_refill_exactly_the_right_number_of_tokens(
        rate in 1..=1_000_000_u32,
        spans in prop::collection::vec((1..=1_000_000_u64, 0..=3_u32), 1..200),
    ) {
        // The spans add up to ten centuries, and the bucket never fills up, so not a single token
        // may be lost or gained.
        let burst = u32::MAX;
        let mut limiter = limiter(rate, burst);
        let begin = u64::MAX / 3;
        prop_assert!(limiter.try_acquire_n(at(begin), burst).is_ok());
        let longest = u64::from(burst) * 1_000_000 / u64::from(rate);
        let (mut now, mut taken) = (begin, 0_u128);
        for (share, sips) in spans.iter().cycle().take(1_000) {
            now = now.saturating_add((longest / 1_000_001).max(1) * share).min(begin + 10 * CENTURY);
            for _ in 0..*sips {
                if limiter.available(at(now)) > 1 {
                    prop_assert!(limiter.try_acquire(at(now)).is_ok());
                    taken += 1;
                }
            }
            let rest = limiter.available(at(now));
            prop_assert!(limiter.try_acquire_n(at(now), rest).is_ok());
            prop_assert!(limiter.try_acquire(at(now)).is_err());
            taken += u128::from(rest);
            prop_assert_eq!(taken, u128::from(rate) * u128::from(now - begin) / SECOND);
        }
    }
}

// spec: RATE-1
#[test]
fn the_default_is_a_burst_of_100_and_one_token_every_40_milliseconds() {
    let mut limiter = RateLimiter::new(Quota::default());
    assert_eq!((limiter.quota().rate(), limiter.quota().burst()), (25, 100));
    let start = 7_000_000;
    assert_eq!(limiter.available(at(start)), 100);
    for _ in 0..100 {
        assert!(limiter.try_acquire(at(start)).is_ok());
    }
    assert!(limiter.try_acquire(at(start)).is_err());
    for token in 1..=100_u32 {
        let full = start + 40_000 * u64::from(token);
        assert_eq!(limiter.available(at(full - 1)), token - 1);
        assert_eq!(limiter.available(at(full)), token);
    }
    // The bucket never holds more than 100.
    for later in [
        start + 4_000_001,
        start + 4_040_000,
        start + CENTURY,
        u64::MAX,
    ] {
        assert_eq!(limiter.available(at(later)), 100);
    }
}

// spec: RATE-1, TIME-4
#[test]
fn idle_times_of_any_length_fill_the_bucket_and_no_more() {
    for (rate, burst) in [
        (1, 1),
        (2, 7),
        (16, 100),
        (25, u32::MAX),
        (1_000_000, u32::MAX),
    ] {
        // Around the spans whose refill just exceeds 64 bits.
        let wrapping = u64::MAX / u64::from(rate);
        let spans = [
            wrapping - 1,
            wrapping,
            wrapping.saturating_add(1),
            wrapping.saturating_add(2),
        ];
        for span in spans.into_iter().chain([u64::MAX]) {
            let mut limiter = limiter(rate, burst);
            assert!(limiter.try_acquire_n(at(0), burst).is_ok());
            assert_eq!(limiter.available(at(span)), burst, "{rate} {span}");
            assert!(limiter.try_acquire_n(at(span), burst).is_ok());
            assert!(limiter.try_acquire(at(span)).is_err());
        }
    }
}

// spec: RATE-1
#[test]
fn the_rate_must_be_1_to_a_million_and_the_burst_at_least_1() {
    for rate in [1, 2, 999_999, 1_000_000] {
        let quota = Quota::new(rate, 1).unwrap();
        assert_eq!((quota.rate(), quota.burst()), (rate, 1));
    }
    for rate in [0, 1_000_001, u32::MAX] {
        assert_eq!(Quota::new(rate, 1), Err(QuotaError::Rate(rate)));
        assert_eq!(Quota::new(rate, 0), Err(QuotaError::Rate(rate)));
    }
    assert_eq!(Quota::new(25, 0), Err(QuotaError::Burst));
    assert_eq!(
        Quota::new(25, u32::MAX).map(|quota| quota.burst()),
        Ok(u32::MAX)
    );
}

// spec: RATE-2, RATE-3
#[test]
fn taking_single_tokens_does_not_drift() {
    for rate in [1, 3, 7, 25, 999_983, 1_000_000_u32] {
        let begin = 9 * CENTURY;
        let mut limiter = limiter(rate, 1);
        assert!(limiter.try_acquire(at(begin)).is_ok());
        let mut now = begin;
        for sip in 1..=100_000_u128 {
            now = limiter
                .try_acquire(at(now))
                .unwrap_err()
                .retry_at()
                .as_micros();
            // With a burst of 1, any fraction above one token is lost.
            let period = SECOND.div_ceil(u128::from(rate));
            assert_eq!(u128::from(now - begin), sip * period);
            assert!(limiter.try_acquire(at(now)).is_ok());
        }

        // With a burst of 2, every token comes at its exact microsecond.
        let mut limiter = self::limiter(rate, 2);
        assert!(limiter.try_acquire_n(at(begin), 2).is_ok());
        let mut now = begin;
        for sip in 1..=100_000_u128 {
            now = limiter
                .try_acquire(at(now))
                .unwrap_err()
                .retry_at()
                .as_micros();
            assert_eq!(
                u128::from(now - begin),
                (sip * SECOND).div_ceil(u128::from(rate))
            );
            assert!(limiter.try_acquire(at(now)).is_ok());
        }
    }
}

// spec: RATE-5
#[test]
fn tokens_are_taken_all_or_none() {
    let mut limiter = limiter(25, 100);
    assert!(limiter.try_acquire_n(at(0), 60).is_ok());
    assert!(matches!(
        limiter.try_acquire_n(at(0), 41),
        Err(AcquireError::WouldBlock(refusal)) if refusal.retry_at() == at(40_000)
    ));
    assert_eq!(limiter.available(at(0)), 40);
    assert!(limiter.try_acquire_n(at(0), 40).is_ok());
    assert!(
        limiter.try_acquire_n(at(0), 0).is_ok(),
        "zero tokens are always available"
    );
    assert!(limiter.try_acquire_n(at(0), 1).is_err());
    // The whole burst can be taken, one more never.
    assert!(limiter.try_acquire_n(at(4_000_000), 100).is_ok());
    for tokens in [101, u32::MAX] {
        assert_eq!(
            limiter.try_acquire_n(Instant::MAX, tokens),
            Err(AcquireError::ExceedsBurst { burst: 100 })
        );
    }
}

// spec: TIME-2
#[test]
fn an_earlier_instant_counts_as_the_latest_one() {
    let mut limiter = limiter(25, 100);
    assert!(limiter.try_acquire_n(at(1_000_000), 100).is_ok());
    // Going back and forth over the same second grants nothing.
    for micros in [0, 999_999, 1_000_000, 500_000, 1_000_000] {
        let refusal = limiter.try_acquire(at(micros)).unwrap_err();
        assert_eq!(refusal.retry_at(), at(1_040_000));
    }
    // The instant of a refused request counts as well.
    assert!(limiter.try_acquire_n(at(1_080_000), 3).is_err());
    assert!(limiter.try_acquire_n(at(0), 2).is_ok());
    assert!(limiter.try_acquire_n(at(1_120_000), 101).is_err());
    assert!(limiter.try_acquire(at(0)).is_ok());
}

// spec: RATE-3, TIME-4
#[test]
fn beyond_the_range_the_retry_instant_saturates() {
    let mut limiter = limiter(1, 1);
    let start = u64::MAX - 1_000_000;
    assert!(limiter.try_acquire(at(start)).is_ok());
    assert_eq!(
        limiter.try_acquire(at(start)).unwrap_err().retry_at(),
        Instant::MAX
    );
    assert!(limiter.try_acquire(at(u64::MAX - 1)).is_err());
    assert!(limiter.try_acquire(Instant::MAX).is_ok());
    assert_eq!(
        limiter.try_acquire(Instant::MAX).unwrap_err().retry_at(),
        Instant::MAX
    );
    assert!(limiter.try_acquire(Instant::MAX).is_err());
}

// spec: RATE-1
#[test]
fn a_constant_quota_is_the_one_of_the_same_numbers() {
    const SLOW: Quota = Quota::per_second::<1>().with_burst::<1>();
    const FAST: Quota = Quota::per_second::<1_000_000>().with_burst::<{ u32::MAX }>();
    assert_eq!(Ok(SLOW), Quota::new(1, 1));
    assert_eq!(Ok(FAST), Quota::new(1_000_000, u32::MAX));
    // Without a burst: what one second allows.
    assert_eq!(Ok(Quota::per_second::<25>()), Quota::new(25, 25));
    assert_eq!(
        Quota::default(),
        Quota::per_second::<25>().with_burst::<100>()
    );
    // The later of two bursts is in force, and the limit is the one of `new` in every respect.
    let mut constant =
        RateLimiter::new(Quota::per_second::<2>().with_burst::<9>().with_burst::<3>());
    let mut checked = limiter(2, 3);
    for micros in (0..4_000_000).step_by(100_000) {
        let now = at(micros);
        assert_eq!(constant.try_acquire(now), checked.try_acquire(now));
        assert_eq!(constant.available(now), checked.available(now));
    }
}
