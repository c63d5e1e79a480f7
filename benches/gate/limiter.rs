//! Rate limiters that take the time as an argument or from a clock of ours: 100 tokens at once, 25 a second.

use std::cell::Cell;
use std::num::NonZeroU32;
use std::rc::Rc;
use std::time::Duration;

use governor::clock::{Clock, FakeRelativeClock};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use lankeeper::udp::RateLimiter;
use lankeeper::{Instant, Quota};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use ratelimit::Ratelimiter;

use crate::shared::engine::{Contender, Engine, Group, Stream, bound, ours, peer};
use crate::shared::report::{Goal, What};

/// How many requests each stream has.
const LENGTH: usize = 65_536;
/// When each stream begins, in microseconds.
const BEGIN: u64 = 10_000_000;
/// The time between two tokens.
const PERIOD: u64 = 40_000;
/// How often a stream is taken for one time.
pub const PASSES: usize = 31;

const STREAMS: &[Stream<u64>] = &[
    // One request for each token.
    Stream {
        name: "admit",
        record: || (1..).map(|n| BEGIN + n * PERIOD).take(LENGTH).collect(),
    },
    // Ten requests a microsecond.
    Stream {
        name: "deny",
        record: || (0..).map(|n| BEGIN + n / 10).take(LENGTH).collect(),
    },
    // Poisson arrivals, 50 a second: half of them are denied, and no pattern says which.
    Stream {
        name: "mixed",
        record: poisson,
    },
    // 200 at once every 4 seconds.
    Stream {
        name: "flood",
        record: || {
            let waves = (0..).map(|n| BEGIN + n / 200 * 100 * PERIOD);
            waves.take(LENGTH).collect()
        },
    },
];

pub static DECISION: Group<u64> = Group {
    name: "rate limit",
    streams: STREAMS,
    passes: PASSES,
    idle: IDLE,
    contenders: &[
        ours::<_, Ours>("lankeeper"),
        peer::<_, Governor>("governor"),
        peer::<_, FakeGovernor>("governor, fake clock"),
        peer::<_, Ratelimit>("ratelimit"),
    ],
    goals: &[
        Goal::beside("mixed", What::Instructions, "governor", 0.55),
        Goal::beside("mixed", What::Nanos, "governor", 0.33),
        Goal::above("mixed", What::Instructions, "a kernel by hand", 8.0, 1.4),
        Goal::above("mixed", What::Bytes, "one limiter", 16.0, 1.0),
    ],
};

pub static WAIT: Group<u64> = Group {
    name: "with the instant to try again",
    streams: STREAMS,
    passes: PASSES,
    idle: IDLE,
    contenders: &[
        ours::<_, Waiting<Ours>>("lankeeper"),
        peer::<_, Waiting<Governor>>("governor"),
        peer::<_, Waiting<FakeGovernor>>("governor, fake clock"),
    ],
    goals: &[
        Goal::beside("mixed", What::Instructions, "governor", 0.5),
        Goal::above("mixed", What::Instructions, "a kernel by hand", 12.5, 1.25),
    ],
};

const IDLE: Contender<u64> = bound::<_, Idle>("loop");

fn poisson() -> Vec<u64> {
    let mut random = Pcg64Mcg::seed_from_u64(20_261_120);
    let mut now = BEGIN;
    let mut arrival = || {
        let share: f64 = random.random();
        now += (-(1.0 - share).ln() * 20_000.0) as u64;
        now
    };
    (0..LENGTH).map(|_| arrival()).collect()
}

/// The loop alone: counts the requests.
struct Idle;

impl Engine<u64> for Idle {
    type Input = u64;
    const BYTES: usize = 0;

    fn fresh() -> Self {
        Self
    }

    fn prepare(now: &u64) -> u64 {
        *now
    }

    fn decide(&mut self, now: &u64) -> u64 {
        u64::from(*now != 0)
    }
}

/// With the instant of a refusal at which to try again, in the engine's own unit; 0 if admitted.
struct Waiting<E>(E);

pub struct Ours(RateLimiter);

impl Engine<u64> for Ours {
    type Input = Instant;
    const BYTES: usize = size_of::<RateLimiter>();

    fn fresh() -> Self {
        Self(RateLimiter::new(Quota::default()))
    }

    fn prepare(now: &u64) -> Instant {
        Instant::from_micros(*now)
    }

    fn decide(&mut self, now: &Instant) -> u64 {
        u64::from(self.0.try_acquire(*now).is_ok())
    }
}

impl Engine<u64> for Waiting<Ours> {
    type Input = Instant;
    const BYTES: usize = Ours::BYTES;

    fn fresh() -> Self {
        Self(Ours::fresh())
    }

    fn prepare(now: &u64) -> Instant {
        Ours::prepare(now)
    }

    fn decide(&mut self, now: &Instant) -> u64 {
        match self.0.0.try_acquire(*now) {
            Ok(()) => 0,
            Err(refusal) => refusal.retry_at().as_micros(),
        }
    }
}

/// A clock that stands until it is set.
#[derive(Clone, Default)]
pub struct OwnClock(Rc<Cell<u64>>);

impl OwnClock {
    pub fn set(&self, nanos: u64) {
        self.0.set(nanos);
    }
}

impl Clock for OwnClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(self.0.get())
    }
}

impl ratelimit::Clock for OwnClock {
    fn elapsed(&self) -> Duration {
        Duration::from_nanos(self.0.get())
    }
}

pub fn governor_quota() -> governor::Quota {
    let [rate, burst] = [25, 100].map(|number| NonZeroU32::new(number).unwrap());
    governor::Quota::per_second(rate).allow_burst(burst)
}

pub type Direct<C> =
    governor::RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;

pub struct Governor {
    pub clock: OwnClock,
    pub limiter: Direct<OwnClock>,
}

impl Engine<u64> for Governor {
    type Input = u64;
    const BYTES: usize = size_of::<Direct<OwnClock>>() - size_of::<OwnClock>();

    fn fresh() -> Self {
        let clock = OwnClock::default();
        Self {
            limiter: governor::RateLimiter::direct_with_clock(governor_quota(), clock.clone()),
            clock,
        }
    }

    fn prepare(now: &u64) -> u64 {
        *now * 1_000
    }

    fn decide(&mut self, now: &u64) -> u64 {
        self.clock.set(*now);
        u64::from(self.limiter.check().is_ok())
    }
}

impl Engine<u64> for Waiting<Governor> {
    type Input = u64;
    const BYTES: usize = Governor::BYTES;

    fn fresh() -> Self {
        Self(Governor::fresh())
    }

    fn prepare(now: &u64) -> u64 {
        Governor::prepare(now)
    }

    fn decide(&mut self, now: &u64) -> u64 {
        self.0.clock.set(*now);
        match self.0.limiter.check() {
            Ok(()) => 0,
            Err(refusal) => *now + refusal.wait_time_from(Nanos::from(*now)).as_nanos() as u64,
        }
    }

    fn common(&self, decision: u64) -> u64 {
        decision / 1_000
    }
}

struct FakeGovernor {
    clock: FakeRelativeClock,
    limiter: Direct<FakeRelativeClock>,
    now: u64,
}

impl Engine<u64> for FakeGovernor {
    type Input = u64;
    const BYTES: usize = size_of::<Direct<FakeRelativeClock>>() - size_of::<FakeRelativeClock>();

    fn fresh() -> Self {
        let clock = FakeRelativeClock::default();
        Self {
            limiter: governor::RateLimiter::direct_with_clock(governor_quota(), clock.clone()),
            clock,
            now: 0,
        }
    }

    fn prepare(now: &u64) -> u64 {
        *now * 1_000
    }

    fn decide(&mut self, now: &u64) -> u64 {
        self.clock.advance(Duration::from_nanos(*now - self.now));
        self.now = *now;
        u64::from(self.limiter.check().is_ok())
    }
}

impl Engine<u64> for Waiting<FakeGovernor> {
    type Input = u64;
    const BYTES: usize = FakeGovernor::BYTES;

    fn fresh() -> Self {
        Self(FakeGovernor::fresh())
    }

    fn prepare(now: &u64) -> u64 {
        FakeGovernor::prepare(now)
    }

    fn decide(&mut self, now: &u64) -> u64 {
        self.0
            .clock
            .advance(Duration::from_nanos(*now - self.0.now));
        self.0.now = *now;
        match self.0.limiter.check() {
            Ok(()) => 0,
            Err(refusal) => *now + refusal.wait_time_from(Nanos::from(*now)).as_nanos() as u64,
        }
    }

    fn common(&self, decision: u64) -> u64 {
        decision / 1_000
    }
}

struct Ratelimit {
    clock: OwnClock,
    limiter: Ratelimiter<OwnClock>,
}

impl Engine<u64> for Ratelimit {
    type Input = u64;
    const BYTES: usize = size_of::<Ratelimiter<OwnClock>>() - size_of::<OwnClock>();

    fn fresh() -> Self {
        let clock = OwnClock::default();
        let builder = ratelimit::Builder::with_clock(25, clock.clone());
        let limiter = builder.max_tokens(100).initial_available(100);
        Self {
            limiter: limiter.build().unwrap(),
            clock,
        }
    }

    fn prepare(now: &u64) -> u64 {
        *now * 1_000
    }

    fn decide(&mut self, now: &u64) -> u64 {
        self.clock.set(*now);
        u64::from(self.limiter.try_wait().is_ok())
    }
}
