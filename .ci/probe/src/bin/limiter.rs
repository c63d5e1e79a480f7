//! The rate limiter.
#![no_std]
#![no_main]

use lankeeper::Instant;
use lankeeper::udp::RateLimiter;
use lankeeper_probe as _;

#[unsafe(no_mangle)]
fn _start(limiter: &mut RateLimiter, now: Instant) -> bool {
    limiter.try_acquire(now).is_ok()
}
