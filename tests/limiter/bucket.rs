//! Buckets that take their quota as an argument.

use lankeeper::udp::{AcquireError, Bucket, Gate};
use lankeeper::{Prefix, Quota};

use super::*;

// spec: RATE-1, RATE-5
#[test]
fn buckets_with_one_quota_are_limiters_of_16_bytes() {
    assert_eq!(size_of::<Bucket>(), 16);
    let quota = Quota::new(1, 2).unwrap();
    let mut buckets = [Bucket::FULL, Bucket::default()];
    assert!(buckets[0].try_acquire_n(&quota, at(0), 2).is_ok());
    let refusal = buckets[0].try_acquire(&quota, at(0)).unwrap_err();
    assert_eq!(refusal.retry_at(), at(1_000_000));
    assert_eq!(
        buckets
            .each_ref()
            .map(|bucket| bucket.available(&quota, at(0))),
        [0, 2]
    );
    assert_eq!(
        buckets[1].try_acquire_n(&quota, at(0), 3),
        Err(AcquireError::ExceedsBurst { burst: 2 })
    );
}

// spec: RATE-1, RATE-3
#[test]
fn tokens_taken_under_one_quota_count_against_the_burst_of_another() {
    let [small, large] = [Quota::new(2, 3), Quota::new(5, 4_000_000_000)].map(Result::unwrap);
    let mut bucket = Bucket::FULL;
    assert!(bucket.try_acquire_n(&large, at(0), 1_000_000_000).is_ok());
    assert_eq!(bucket.available(&large, at(0)), 3_000_000_000);
    // The deficit exceeds the smaller burst, and has to refill completely.
    assert_eq!(bucket.available(&small, at(0)), 0);
    let refusal = bucket.try_acquire(&small, at(0)).unwrap_err();
    let retry = 1_000_000_000_u64 - 2;
    assert_eq!(refusal.retry_at(), at(retry * 1_000_000 / 2));
    assert!(bucket.try_acquire(&small, at(retry * 500_000 - 1)).is_err());
    assert!(bucket.try_acquire(&small, at(retry * 500_000)).is_ok());
}

proptest! {
    // spec: RATE-2, RATE-3, RATE-5, TIME-2
    #[test]
    fn a_bucket_with_a_quota_is_a_rate_limiter(
        quota in quota(),
        requests in prop::collection::vec((any::<u64>(), 0..64_u32, any::<u32>()), 1..40),
    ) {
        let (mut limiter, mut bucket) = (RateLimiter::new(quota), Bucket::FULL);
        for (instant, shift, tokens) in requests {
            let (now, tokens) = (at(instant >> shift), tokens >> (shift % 32));
            prop_assert_eq!(bucket.available(&quota, now), limiter.available(now));
            let (one, several) = (bucket.try_acquire(&quota, now), limiter.try_acquire(now));
            prop_assert_eq!(one, several);
            prop_assert_eq!(
                bucket.try_acquire_n(&quota, now, tokens),
                limiter.try_acquire_n(now, tokens)
            );
        }
    }
}

// spec: TIME-7
#[test]
fn a_limit_has_what_it_had_left_after_the_clock_has_jumped() {
    let quota = Quota::new(1, 2).unwrap();
    let (before, after) = (Instant::from_secs(1_000), Instant::EPOCH);
    let mut limiter = RateLimiter::new(quota);
    limiter.try_acquire_n(before, 2).unwrap();
    limiter.rebase(before, after);
    assert_eq!(limiter.available(Instant::from_secs(1)), 1);

    let mut gate = Gate::new(quota);
    gate.set_own(Prefix::new([192, 168, 1, 50].into(), 24).ok());
    for _ in 0..2 {
        gate.check(before, ("192.168.1.9", 5000), 0).unwrap();
    }
    gate.rebase(before, after);
    assert_eq!(gate.available(Instant::from_secs(1)), 1);
}
