//! The rate limiter, with the instant at which to try again.
#![no_std]
#![no_main]

use lankeeper::Instant;
use lankeeper::udp::RateLimiter;
use lankeeper_probe as _;

#[unsafe(no_mangle)]
fn _start(limiter: &mut RateLimiter, now: Instant) -> Option<Instant> {
    limiter
        .try_acquire(now)
        .err()
        .map(|refusal| refusal.retry_at())
}
