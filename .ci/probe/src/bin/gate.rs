//! The whole gate: address, port, size, subnet and rate of a send as one check.
#![no_std]
#![no_main]

use core::net::SocketAddrV4;

use lankeeper::Instant;
use lankeeper::udp::Gate;
use lankeeper_probe as _;

#[unsafe(no_mangle)]
fn _start(
    gate: &mut Gate,
    now: Instant,
    to: &str,
    port: u16,
    length: usize,
) -> Option<SocketAddrV4> {
    gate.check(now, (to, port), length).ok()
}
