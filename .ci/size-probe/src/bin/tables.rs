//! The tables of all media with the action of the peers.
#![no_std]
#![no_main]

use lankeeper_size_probe::Medium;
use lankeeper_size_probe::interface::{Tabled, Trigger};

#[unsafe(no_mangle)]
fn _start(engine: &mut Tabled, medium: Medium, now: u64, trigger: Trigger) {
    engine.take_as(medium, now, trigger);
}
