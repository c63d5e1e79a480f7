//! Room for one value of each type that firmware keeps.
#![no_std]
#![no_main]

use lankeeper_probe::largest::rooms;

#[unsafe(no_mangle)]
fn _start() -> [*const (); 8] {
    rooms()
}
