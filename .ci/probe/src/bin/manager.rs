//! The manager of 3 interfaces and 4 sockets: everything that can be asked of it.
#![no_std]
#![no_main]

use lankeeper_probe::Door;
use lankeeper_probe::largest::DOORS;

#[unsafe(no_mangle)]
fn _start() -> &'static [Door] {
    &DOORS
}
