//! A million limiters in random order, a microsecond apart: what they remember has to be fetched.

use std::hint::black_box;

use lankeeper::udp::{Bucket, RateLimiter};
use lankeeper::{Instant, Quota};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::limiter::{Direct, Governor, OwnClock, governor_quota};
use crate::shared::engine::{Engine, Group, Stream, bound, ours, peer};
use crate::shared::report::{Goal, What};

const LIMITERS: usize = 1_000_000;
const REQUESTS: usize = 2_000_000;

/// A request: of which limiter, and when.
type Request = (u32, u64);

pub static MILLION: Group<Request> = Group {
    name: "a million limits",
    streams: &[Stream {
        name: "random",
        record: || {
            let mut random = Pcg64Mcg::seed_from_u64(20_261_120);
            (10_000_000..)
                .map(|now| (random.random_range(0..LIMITERS as u32), now))
                .take(REQUESTS)
                .collect()
        },
    }],
    passes: 5,
    idle: bound::<_, Idle>("loop"),
    contenders: &[
        ours::<_, Buckets>("lankeeper"),
        ours::<_, Vec<RateLimiter>>("lankeeper, each its quota"),
        peer::<_, Governors>("governor"),
        bound::<_, Vec<[u64; 2]>>("memory alone"),
    ],
    goals: &[
        Goal::beside("random", What::Nanos, "governor", 0.17),
        Goal::beside("random", What::Nanos, "memory alone", 1.6),
        Goal::above("random", What::Bytes, "one of a shared quota", 8.0, 1.0),
    ],
};

/// An engine that takes the requests as they are.
macro_rules! of_requests {
    ($($(#[$doc:meta])* $name:ty, $bytes:expr, $fresh:expr;
        $self:ident, $index:ident, $now:ident => $decide:expr;)*) => {
        $(
            $(#[$doc])*
            impl Engine<Request> for $name {
                type Input = Request;
                const BYTES: usize = $bytes;

                fn fresh() -> Self {
                    $fresh
                }

                fn prepare(request: &Request) -> Request {
                    *request
                }

                fn decide(&mut $self, ($index, $now): &Request) -> u64 {
                    let ($index, $now) = (*$index as usize, *$now);
                    u64::from($decide)
                }
            }
        )*
    };
}

/// The loop alone: counts the requests.
struct Idle;

/// A quota for all of them.
struct Buckets(Quota, Vec<Bucket>);

struct Governors {
    clock: OwnClock,
    limiters: Vec<Direct<OwnClock>>,
}

of_requests! {
    Idle, 0, Self;
    self, index, now => index as u64 != now;

    Buckets, size_of::<Bucket>(), Self(Quota::default(), vec![Bucket::FULL; LIMITERS]);
    self, index, now => self.1[index].try_acquire(&self.0, Instant::from_micros(now)).is_ok();

    Vec<RateLimiter>, size_of::<RateLimiter>(), vec![RateLimiter::new(Quota::default()); LIMITERS];
    self, index, now => self[index].try_acquire(Instant::from_micros(now)).is_ok();

    Governors, Governor::BYTES, {
        let clock = OwnClock::default();
        let limiter = |_| governor::RateLimiter::direct_with_clock(governor_quota(), clock.clone());
        Self {
            limiters: (0..LIMITERS).map(limiter).collect(),
            clock,
        }
    };
    self, index, now => {
        self.clock.set(now * 1_000);
        self.limiters[index].check().is_ok()
    };

    /// No limiter with 16 bytes can be faster than to fetch and change them.
    Vec<[u64; 2]>, size_of::<[u64; 2]>(), black_box(vec![[1; 2]; LIMITERS]);
    self, index, now => {
        let [first, second] = &mut self[index];
        *first += now;
        *second = now;
        *first & 1 == 0
    };
}
