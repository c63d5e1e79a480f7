//! The formula that z3 proves (`.ci/solver`) beside the code: it is evaluated as it stands in the
//! files that z3 reads, and answers random requests like the bucket.

use std::collections::HashSet;

use lankeeper::Quota;
use lankeeper::udp::{AcquireError, Bucket};
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::at;
use crate::support::smt::{Program, parse};

const WORDS: &str = include_str!("solver/words.smt2");
const BUCKET: &str = include_str!("solver/bucket.smt2");
const PLANTED: &str = include_str!("solver/planted.txt");

/// A number with from 0 to 64 random bits, or close to a power of two.
fn any(random: &mut Pcg64Mcg) -> u64 {
    let number = random.next_u64() >> random.random_range(0..64);
    let power = 1_u64 << random.random_range(0..64);
    match random.random_range(0..4) {
        0 => power.wrapping_sub(random.random_range(0..3)),
        1 => power.saturating_add(random.random_range(0..3)),
        _ => number,
    }
}

fn any32(random: &mut Pcg64Mcg) -> u32 {
    u32::try_from(any(random) & u64::from(u32::MAX)).unwrap()
}

/// The formula with the state of a bucket.
struct Formula<'a> {
    program: &'a Program,
    credit: i128,
    at: i128,
}

impl Formula<'_> {
    fn call(&self, name: &str, arguments: &[i128]) -> i128 {
        self.program.call(name, arguments)
    }

    /// The bucket at `now`.
    fn refill(&mut self, rate: i128, now: i128) {
        self.credit = self.call("refill.credit", &[rate, self.credit, self.at, now]);
        self.at = self.call("refill.at", &[self.at, now]);
    }

    /// When the request is admitted after a refusal, or `None` if it is admitted at once.
    fn take(&mut self, (rate, burst): (i128, i128), tokens: i128) -> Option<i128> {
        let request = [burst, self.credit, tokens];
        let admitted = self.call("take.admitted", &request) == 1;
        let missing = (!admitted).then(|| self.call("take.missing", &request));
        self.credit = self.call("take.credit", &request);
        missing.map(|missing| self.call("retry.at", &[self.at, missing, rate]))
    }
}

/// Sends random requests under random quotas to a bucket and to the formula, and returns the first
/// difference.
fn compare(program: &Program, buckets: u64) -> Result<(), String> {
    for seed in 0..buckets {
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let mut bucket = Bucket::FULL;
        let mut formula = Formula {
            program,
            credit: u64::MAX.into(),
            at: 0,
        };
        let (mut now, mut retry) = (0_u64, 0_u64);
        let mut quota = Quota::default();
        for step in 0..40 {
            // Another quota at times: that leaves debts.
            if step % 10 == 0 {
                let rate = any32(&mut random) % 1_000_000 + 1;
                quota = Quota::new(rate, any32(&mut random).max(1)).unwrap();
            }
            now = match random.random_range(0..8) {
                0 => any(&mut random),
                1 => now.saturating_sub(any(&mut random)),
                2 => now,
                3 => now.saturating_add(any(&mut random)),
                4 => now.saturating_add(random.random_range(0..2_000_000)),
                _ => retry.saturating_add_signed(random.random_range(-1..=1)),
            };
            let (rate, burst) = (i128::from(quota.rate()), i128::from(quota.burst()));
            let free = bucket.available(&quota, at(now));
            let tokens = match random.random_range(0..4) {
                0 => any32(&mut random) % quota.burst(),
                1 => free,
                2 => free.saturating_add(1).min(quota.burst()),
                _ => 1,
            };
            let said = match bucket.try_acquire_n(&quota, at(now), tokens) {
                Ok(()) => None,
                Err(AcquireError::WouldBlock(refusal)) => Some(refusal.retry_at().as_micros()),
                Err(other) => panic!("{other}"),
            };
            retry = said.unwrap_or(now);
            formula.refill(rate, now.into());
            let whole = formula.call("available", &[burst, formula.credit]);
            let meant = formula.take((rate, burst), tokens.into());
            if (i128::from(free), said.map(i128::from)) != (whole, meant) {
                return Err(format!(
                    "seed {seed}, step {step}, {quota:?}, {tokens} tokens at {now}: the code has \
                     {free} and says {said:?}, the formula {whole} and {meant:?}"
                ));
            }
        }
    }
    Ok(())
}

// spec: RATE-1, RATE-2, RATE-3, RATE-5
#[test]
fn the_formula_that_is_proven_is_the_one_of_the_code() {
    let program = parse(&[WORDS, BUCKET]);
    assert_eq!(compare(&program, 1_500), Ok(()));
}

#[test]
fn a_change_of_the_formula_is_noticed() {
    let formula = BUCKET.lines().map(|line| line.split(';').next().unwrap());
    let formula = formula
        .flat_map(str::split_whitespace)
        .collect::<Vec<_>>()
        .join(" ");
    let mut planted = 0;
    for block in PLANTED.trim().split("\n\n") {
        let [name, right, wrong] = block.lines().collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(formula.matches(right).count(), 1, "{name}");
        let program = parse(&[WORDS, &formula.replace(right, wrong)]);
        assert!(compare(&program, 1_500).is_err(), "{name}: not noticed");
        planted += 1;
    }
    assert!(planted >= 4);
}

// spec: RATE-1
#[test]
fn the_words_of_the_formula_are_the_operations_of_rust() {
    let program = parse(&[WORDS]);
    let mut random = Pcg64Mcg::seed_from_u64(18);
    let mut seen = HashSet::new();
    for _ in 0..20_000 {
        let (a, b) = (any(&mut random), any(&mut random));
        let (c, d) = (any32(&mut random), any32(&mut random).max(1));
        let or = random.random_range(0..4_096);
        let mut check = |name: &'static str, arguments: &[u64], value: u64| {
            let arguments: Vec<_> = arguments.iter().copied().map(i128::from).collect();
            assert_eq!(
                program.call(name, &arguments),
                value.into(),
                "{name} {arguments:?}"
            );
            seen.insert(name);
        };
        if let Some(rest) = a.checked_sub(b) {
            check("u64.checked_sub", &[a, b], rest);
        }
        check("u64.wrapping_sub", &[a, b], a.wrapping_sub(b));
        check(
            "u64.wrapping_sub.fits",
            &[a, b],
            a.checked_sub(b).is_some().into(),
        );
        for name in ["u64.saturating_sub", "u64.saturating_sub!"] {
            check(name, &[a, b], a.saturating_sub(b));
        }
        for name in ["u64.saturating_add", "u64.saturating_add!"] {
            check(name, &[a, b], a.saturating_add(b));
        }
        check(
            "u64.saturating_add.fits",
            &[a, b],
            a.checked_add(b).is_some().into(),
        );
        let (e, f) = (a >> 1, b >> 2);
        check("u64.saturating_mul", &[e, f], e.saturating_mul(f));
        check(
            "u64.saturating_mul.fits",
            &[e, f],
            e.checked_mul(f).is_some().into(),
        );
        check(
            "u64.checked_mul_or!",
            &[e, f, a],
            e.checked_mul(f).unwrap_or(a),
        );
        check(
            "u32.try_from_or",
            &[a, 7],
            u32::try_from(a).unwrap_or(7).into(),
        );
        check(
            "u32.try_from_or.fits",
            &[a, 7],
            u32::try_from(a).is_ok().into(),
        );
        check("u32.div", &[c.into(), d.into()], (c / d).into());
        check("u32.rem", &[c.into(), d.into()], (c % d).into());
        check("u64.shl4", &[a], a << 4);
        check("u64.shl4.fits", &[a], (a << 4 >> 4 == a).into());
        check("u64.shl12!", &[a], a << 12);
        check("u32.shl12", &[c.into()], (c << 12).into());
        check("u32.shl12.fits", &[c.into()], (c << 12 >> 12 == c).into());
        check("u64.shr52", &[a], a >> 52);
        check("or12", &[a << 12, or], a << 12 | or);
        check("or12.fits", &[a, b], (a & 0xfff == 0 && b < 0x1000).into());
        for name in ["u64.checked_sub.fits", "u64.saturating_sub.fits"] {
            check(name, &[a, b], a.checked_sub(b).is_some().into());
        }
        for name in ["u32.div.fits", "u32.rem.fits"] {
            let fits = u32::try_from(a).is_ok() && u32::try_from(b).is_ok_and(|b| b > 0);
            check(name, &[a, b], fits.into());
        }
    }
    // All but the two constants.
    assert_eq!(seen.len(), WORDS.matches("(define-fun ").count() - 2);
}
