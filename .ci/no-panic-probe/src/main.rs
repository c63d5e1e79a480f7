//! Calls the whole public core with inputs that the optimiser knows nothing about.
//!
//! The panic handler calls a function that exists nowhere. So the program links only if the
//! optimiser has removed the panic handler, and it can do so only if nothing leads there.
//!
//! No call may lean on what another one left behind: the optimiser forgets what it knows of a
//! value each time that the value passes through `any`.
//!
//! Formatting (`Display`, `Debug`, and the comparison of a `KeyPath` with a text, which formats)
//! is left out: `core::fmt` has panic paths of its own.
#![no_std]
#![no_main]

use core::panic::PanicInfo;

mod manager;
mod nic;
mod opaque;
mod parts;
#[cfg(feature = "planted")]
mod planted;
mod server;
mod stored;

unsafe extern "C" {
    safe fn lankeeper_can_panic() -> !;
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    lankeeper_can_panic()
}

/// Where the program begins: it is linked, never run.
#[unsafe(no_mangle)]
pub extern "C" fn _start() -> ! {
    loop {
        parts::call();
        nic::call();
        server::parts();
        manager::call();
        stored::call();
        #[cfg(feature = "planted")]
        planted::call();
    }
}
