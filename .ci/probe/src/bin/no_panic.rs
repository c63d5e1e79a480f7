//! Everything at once.
#![no_std]
#![no_main]

#[unsafe(no_mangle)]
pub extern "C" fn _start() -> ! {
    loop {
        lankeeper_probe::calls::lankeeper_probe();
    }
}
