//! Wi-Fi's table with the action of the peers.
#![no_std]
#![no_main]

use lankeeper_size_probe::interface::{Tabled, Trigger};

#[unsafe(no_mangle)]
fn _start(engine: &mut Tabled, now: u64, trigger: Trigger) {
    engine.take(now, trigger);
}
