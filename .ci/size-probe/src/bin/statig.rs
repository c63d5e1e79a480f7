//! The same in statig.
#![no_std]
#![no_main]

use lankeeper_size_probe::peers::in_statig::Life;
use lankeeper_size_probe::peers::matched::Event;
use statig::blocking::StateMachine;

#[unsafe(no_mangle)]
fn _start(engine: &mut StateMachine<Life>, mut now: u64, event: &Event) {
    engine.handle_with_context(event, &mut now);
}
