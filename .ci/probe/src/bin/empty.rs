//! Nothing at all: what every program has.
#![no_std]
#![no_main]

use lankeeper_probe as _;

#[unsafe(no_mangle)]
fn _start() {}
