//! The manager of 3 interfaces and 4 sockets: everything that can be asked of it.
#![no_std]
#![no_main]

use lankeeper_size_probe::manager::{DOORS, Doors};

#[unsafe(no_mangle)]
fn _start() -> &'static Doors {
    &DOORS
}
