//! Room for one value of each type that firmware keeps.
#![no_std]
#![no_main]

use lankeeper_size_probe::room;

#[unsafe(no_mangle)]
fn _start() -> [*const (); 10] {
    room::rooms()
}
