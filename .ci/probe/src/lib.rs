//! The core as firmware uses it: `core`, a panic handler, no allocator.
//!
//! Nothing is called: functions are kept in a program by their addresses. So the optimiser knows
//! nothing of what they are called with, nor what a call before has left behind.
//!
//! The panic handler calls a function that exists nowhere. So a program links only if the
//! optimiser has removed the panic handler, and it can do so only if nothing leads there.
#![no_std]

use core::panic::PanicInfo;

/// The address of a function.
#[expect(dead_code, reason = "it is kept, never read")]
pub struct Door(*const ());

// SAFETY: nothing is ever read or written through it.
unsafe impl Sync for Door {}

/// Keeps functions. Those that are generic in what they are called with stand in closures.
macro_rules! doors {
    ($name:ident: $($function:expr),* $(,)?) => {
        pub static $name: [$crate::Door; [$(stringify!($function)),*].len()] =
            [$($crate::Door($function as *const ())),*];
    };
}

#[cfg(feature = "everything")]
pub mod everything;
pub mod largest;
mod methods;

unsafe extern "C" {
    safe fn lankeeper_can_panic() -> !;
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    lankeeper_can_panic()
}
