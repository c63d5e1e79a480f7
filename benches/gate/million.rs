//! A million limiters in random order, a microsecond apart: what they remember has to be fetched.

use std::hint::black_box;
use std::time::Instant as Clock;

use lankeeper::{Bucket, Instant, Quota, RateLimiter};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::engine::{Engine, median};
use crate::limiter::{Direct, Governor, OwnClock, governor_quota};
use crate::report::{Goal, Report, Row, What};

const LIMITERS: usize = 1_000_000;
const REQUESTS: usize = 4_000_000;

pub fn measure(report: &mut Report) {
    let quota = Quota::default();
    let mut random = Pcg64Mcg::seed_from_u64(20_261_120);
    let order: Vec<u32> = (0..REQUESTS)
        .map(|_| random.random_range(0..LIMITERS as u32))
        .collect();

    let mut numbers = vec![[0_u64; 2]; LIMITERS];
    let mut buckets = vec![Bucket::FULL; LIMITERS];
    let mut limiters = vec![RateLimiter::new(quota); LIMITERS];
    let clock = OwnClock::default();
    let governors: Vec<Direct<OwnClock>> = (0..LIMITERS)
        .map(|_| governor::RateLimiter::direct_with_clock(governor_quota(), clock.clone()))
        .collect();

    // The memory alone: no limiter with 16 bytes can be faster than to fetch and change them.
    let fetched = time(&order, |index, now| {
        let [first, second] = &mut numbers[index];
        *first += now;
        *second = now;
        *first & 1 == 0
    });

    let mut add = |engine, bytes, nanos| {
        report.add(Row {
            group: "million",
            stream: "random",
            engine,
            bytes: Some(bytes),
            instructions: None,
            nanos,
        });
    };
    let nanos = time(&order, |index, now| {
        let bucket = &mut buckets[index];
        bucket
            .try_acquire(&quota, Instant::from_micros(now))
            .is_ok()
    });
    add("lankeeper", size_of::<Bucket>(), nanos);
    let nanos = time(&order, |index, now| {
        limiters[index]
            .try_acquire(Instant::from_micros(now))
            .is_ok()
    });
    add("each its quota", size_of::<RateLimiter>(), nanos);
    let nanos = time(&order, |index, now| {
        clock.set(now * 1_000);
        governors[index].check().is_ok()
    });
    add("governor", Governor::BYTES, nanos);
    add("memory alone", size_of::<[u64; 2]>(), fetched);
    let goal = Goal {
        stream: "random",
        peer: "governor",
        what: What::Nanos,
        most: 0.17,
    };
    report.goals("million", "lankeeper", &[goal]);
}

/// The nanoseconds that a request takes.
fn time(order: &[u32], mut decide: impl FnMut(usize, u64) -> bool) -> f64 {
    let mut now = 10_000_000;
    let nanos = median(7, || {
        let begin = Clock::now();
        let mut admitted = 0_u32;
        for index in black_box(order) {
            now += 1;
            admitted += u32::from(decide(*index as usize, now));
        }
        black_box(admitted);
        begin.elapsed().as_nanos()
    });
    nanos as f64 / order.len() as f64
}
