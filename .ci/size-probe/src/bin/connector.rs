//! The machine of the server connection.
#![no_std]
#![no_main]

use lankeeper_size_probe::connector::{DOORS, Door};

#[unsafe(no_mangle)]
fn _start() -> &'static [Door] {
    &DOORS
}
