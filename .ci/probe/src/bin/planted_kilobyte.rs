//! A constant of a known size, to show that what is measured is right.
#![no_std]
#![no_main]

use lankeeper_probe as _;

static KILOBYTE: [u8; 1024] = [b'x'; 1024];

#[unsafe(no_mangle)]
fn _start() -> &'static [u8; 1024] {
    &KILOBYTE
}
