//! The core as firmware uses it: `core`, a panic handler, no allocator.
//!
//! The panic handler calls a function that exists nowhere. So a program links only if the
//! optimiser has removed the panic handler, and it can do so only if nothing leads there.
#![no_std]

use core::panic::PanicInfo;

#[cfg(feature = "calls")]
pub mod calls;
pub mod kept;
mod methods;

unsafe extern "C" {
    safe fn lankeeper_can_panic() -> !;
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    lankeeper_can_panic()
}
