//! The same as a plain match.
#![no_std]
#![no_main]

use lankeeper_size_probe::peers::matched::{Event, Matched};

#[unsafe(no_mangle)]
fn _start(engine: &mut Matched, now: u64, event: Event) {
    engine.take(now, event);
}
