//! Nothing but a copy, which is the compiler's own function, to show that it is told apart.
#![no_std]
#![no_main]

use lankeeper_probe as _;

#[unsafe(no_mangle)]
fn _start(to: &mut [u8], from: &[u8]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}
