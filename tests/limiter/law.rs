//! The limiter in lock-step with a model without a bucket: it has only the law of RATE-2 and the
//! list of everything admitted.

use core::cmp::max;

use lankeeper::udp::{AcquireError, RateLimiter};
use lankeeper::{Instant, Quota};
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::{CENTURY, SECOND, at, quota};
use crate::support::exact::{exhaustive, share_out};

/// The answer to a request, in the model's terms.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Admitted,
    /// Admitted from this instant on, which may lie beyond the range of `Instant`.
    NotBefore(u128),
    Never,
}

/// Everything that was admitted. The law: every window that begins with an admission contains at
/// most burst + rate × its length.
struct Model {
    rate: u128,
    burst: u128,
    latest: u64,
    admitted: Vec<(u64, u128)>,
}

impl Model {
    fn new(quota: Quota) -> Self {
        Self {
            rate: quota.rate().into(),
            burst: quota.burst().into(),
            latest: 0,
            admitted: Vec::new(),
        }
    }

    /// The first instant not before `now` at which the law allows `tokens` more.
    fn earliest(&self, now: u64, tokens: u128) -> u128 {
        let mut in_window = tokens;
        let mut earliest = u128::from(now);
        for (start, admitted) in self.admitted.iter().rev() {
            in_window += admitted;
            let excess = in_window.saturating_sub(self.burst);
            let wait = (excess * SECOND).div_ceil(self.rate);
            earliest = max(earliest, u128::from(*start) + wait);
        }
        earliest
    }

    fn acquire(&mut self, now: u64, tokens: u32) -> Answer {
        self.latest = max(self.latest, now);
        let tokens = u128::from(tokens);
        if tokens > self.burst {
            return Answer::Never;
        }
        let earliest = self.earliest(self.latest, tokens);
        if tokens == 0 || earliest == u128::from(self.latest) {
            self.admitted.push((self.latest, tokens));
            Answer::Admitted
        } else {
            Answer::NotBefore(earliest)
        }
    }

    /// The most tokens that the law allows at `now`.
    fn available(&self, now: u64) -> u128 {
        let now = max(self.latest, now);
        let mut in_window = 0;
        let mut free = self.burst;
        for (start, admitted) in self.admitted.iter().rev() {
            in_window += admitted;
            let allowed = self.burst + self.rate * u128::from(now - start) / SECOND;
            free = free.min(allowed - in_window);
        }
        free
    }
}

fn answer(limiter: &mut RateLimiter, now: u64, tokens: u32, model: u128) -> Answer {
    let single = tokens == 1 && now.is_multiple_of(2);
    let result = if single {
        limiter.try_acquire(at(now)).map_err(AcquireError::from)
    } else {
        limiter.try_acquire_n(at(now), tokens)
    };
    match result {
        Ok(()) => Answer::Admitted,
        // Beyond the range the limiter can only return `Instant::MAX` (TIME-4).
        Err(AcquireError::WouldBlock(refusal))
            if refusal.retry_at() == Instant::MAX && model >= u64::MAX.into() =>
        {
            Answer::NotBefore(model)
        }
        Err(AcquireError::WouldBlock(refusal)) => {
            Answer::NotBefore(refusal.retry_at().as_micros().into())
        }
        Err(AcquireError::ExceedsBurst { burst }) => {
            assert_eq!(burst, limiter.quota().burst());
            Answer::Never
        }
        Err(other) => panic!("{other:?}"),
    }
}

/// How the clock moves before a request.
#[derive(Clone, Copy, Debug)]
enum Step {
    On(u64),
    Back(u64),
    /// By the refill time of this many tokens, give or take a microsecond.
    Tokens(u64, i64),
    /// To the retry instant of the last refusal, give or take a microsecond.
    Retry(i64),
    /// To this many microseconds before the end of the range.
    ToEnd(u64),
}

/// How many tokens are requested.
#[derive(Clone, Copy, Debug)]
enum Ask {
    Some(u32),
    BurstLess(u32),
    BurstAnd(u32),
    All,
    OneTooMany,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => Just(Step::On(0)),
        3 => (0..100_000_u64).prop_map(Step::On),
        3 => (0..5_u64, -1..=1_i64).prop_map(|(tokens, off)| Step::Tokens(tokens, off)),
        4 => (-1..=1_i64).prop_map(Step::Retry),
        2 => prop_oneof![0..10_u64, any::<u64>()].prop_map(Step::Back),
        1 => (0..=10 * CENTURY).prop_map(Step::On),
        1 => (0..40_u32).prop_map(|shift| Step::On(u64::MAX >> shift)),
        1 => (0..2_000_000_u64).prop_map(Step::ToEnd),
    ]
}

fn ask() -> impl Strategy<Value = Ask> {
    prop_oneof![
        6 => Just(Ask::Some(1)),
        1 => Just(Ask::Some(0)),
        2 => (2..20_u32).prop_map(Ask::Some),
        2 => (0..3_u32).prop_map(Ask::BurstLess),
        1 => (1..3_u32).prop_map(Ask::BurstAnd),
        1 => any::<u32>().prop_map(Ask::Some),
        2 => Just(Ask::All),
        2 => Just(Ask::OneTooMany),
    ]
}

/// Sends the same requests to limiter and model, and compares the answers.
fn lock_step(quota: Quota, steps: impl IntoIterator<Item = (Step, Ask)>) {
    let mut limiter = RateLimiter::new(quota);
    let mut model = Model::new(quota);
    let (mut now, mut retry) = (0_u64, 0_u64);
    for (step, ask) in steps {
        now = match step {
            Step::On(span) => now.saturating_add(span),
            Step::Back(span) => now.saturating_sub(span),
            Step::Tokens(tokens, off) => now
                .saturating_add(tokens * 1_000_000 / u64::from(quota.rate()))
                .saturating_add_signed(off),
            Step::Retry(off) => retry.saturating_add_signed(off),
            Step::ToEnd(left) => u64::MAX - left,
        };
        let free = u32::try_from(model.available(now)).unwrap();
        assert_eq!(limiter.available(at(now)), free);
        let tokens = match ask {
            Ask::Some(tokens) => tokens,
            Ask::BurstLess(tokens) => quota.burst().saturating_sub(tokens),
            Ask::BurstAnd(tokens) => quota.burst().saturating_add(tokens),
            Ask::All => free,
            Ask::OneTooMany => free.saturating_add(1),
        };
        let expected = model.acquire(now, tokens);
        let hint = if let Answer::NotBefore(earliest) = expected {
            earliest
        } else {
            0
        };
        assert_eq!(answer(&mut limiter, now, tokens, hint), expected);
        if hint > 0 {
            retry = u64::try_from(hint).unwrap_or(u64::MAX);
        }
    }
    // The admitted tokens obey the law in every window, counted one by one.
    for (first, (start, _)) in model.admitted.iter().enumerate() {
        let mut sum = 0;
        for (end, tokens) in &model.admitted[first..] {
            sum += tokens;
            assert!(sum <= model.burst + model.rate * u128::from(end - start) / SECOND);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    // spec: RATE-2, RATE-3, RATE-5, TIME-2
    #[test]
    fn every_answer_follows_from_the_law(
        quota in quota(),
        steps in prop::collection::vec((step(), ask()), 1..80),
    ) {
        lock_step(quota, steps);
    }
}

/// A random step, chosen to drive a bucket to its edges.
fn draw(random: &mut Pcg64Mcg) -> (Step, Ask) {
    let step = match random.random_range(0..8) {
        0 => Step::On(0),
        1 => Step::On(random.random_range(0..2_000_000)),
        2 => Step::Tokens(random.random_range(0..4), random.random_range(-1..=1)),
        3 => Step::Back(random.random_range(0..10)),
        4 => Step::On(random.random_range(0..=10 * CENTURY)),
        _ => Step::Retry(random.random_range(-1..=1)),
    };
    let ask = match random.random_range(0..8) {
        0 => Ask::BurstLess(random.random_range(0..3)),
        1 => Ask::BurstAnd(1),
        2 => Ask::All,
        3 | 4 => Ask::OneTooMany,
        _ => Ask::Some(random.random_range(0..3)),
    };
    (step, ask)
}

// spec: RATE-2, RATE-3, RATE-5
#[test]
fn every_rate_obeys_the_law() {
    // All million rates take half a minute in a release build.
    let stride = if exhaustive() { 1 } else { 997 };
    share_out(1..=1_000_000, stride, |rates| {
        for rate in rates {
            let mut random = Pcg64Mcg::seed_from_u64(rate.into());
            let any = random.random_range(1..=u32::MAX);
            for burst in [1, 2, 100, any, u32::MAX] {
                let steps: Vec<_> = (0..16).map(|_| draw(&mut random)).collect();
                lock_step(Quota::new(rate, burst).unwrap(), steps);
            }
        }
    });
}

// spec: RATE-2, RATE-3
#[test]
fn long_histories_obey_the_law() {
    let histories = if exhaustive() { 20_000 } else { 100 };
    share_out(1..=histories, 1, |seeds| {
        for seed in seeds {
            let mut random = Pcg64Mcg::seed_from_u64(u64::from(seed) << 32);
            let rate = 1_000_000_u32 >> random.random_range(0..20);
            let burst = u32::MAX >> random.random_range(0..32);
            let quota = Quota::new(random.random_range(1..=rate), burst).unwrap();
            let steps: Vec<_> = (0..300).map(|_| draw(&mut random)).collect();
            lock_step(quota, steps);
        }
    });
}
