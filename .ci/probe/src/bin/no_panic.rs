//! Everything at once.
#![no_std]
#![no_main]

use lankeeper_probe::Door;
use lankeeper_probe::everything::lankeeper_probe;

#[unsafe(no_mangle)]
pub fn _start(look: fn(&'static [Door])) {
    lankeeper_probe(look);
}
