//! The machine of an interface with the tables of all media.
#![no_std]
#![no_main]

use lankeeper_size_probe::machine::{DOORS, Doors};

#[unsafe(no_mangle)]
fn _start() -> &'static Doors {
    &DOORS
}
