//! The whole gate: address, port, size, subnet and rate of a send as one check.
#![no_std]
#![no_main]

use core::net::Ipv4Addr;

use lankeeper::{Gate, Instant};
use lankeeper_probe as _;

#[unsafe(no_mangle)]
fn _start(gate: &mut Gate, now: Instant, to: &str, port: u16, length: usize) -> Option<Ipv4Addr> {
    gate.check(now, to, port, length).ok()
}
