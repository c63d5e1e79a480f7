//! The same in smlang.
#![no_std]
#![no_main]

use lankeeper_size_probe::book::Book;
use lankeeper_size_probe::peers::in_smlang::{Events, StateMachine};

#[unsafe(no_mangle)]
fn _start(engine: &mut StateMachine<Book>, now: u64, event: Events) {
    let _ = engine.process_event(now, event);
}
