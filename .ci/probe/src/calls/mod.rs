//! Calls the whole public core with inputs that the optimiser knows nothing about.
//!
//! No call may lean on what another one left behind: the optimiser forgets what it knows of a
//! value each time that the value passes through `any`.
//!
//! Formatting (`Display`, `Debug`, and the comparison of a `KeyPath` with a text, which formats)
//! is left out: `core::fmt` has panic paths of its own.

mod manager;
mod nic;
mod opaque;
mod parts;
mod stored;

/// Calls everything. A static library is linked for it, and a program.
#[unsafe(no_mangle)]
pub extern "C" fn lankeeper_probe() {
    parts::call();
    nic::call();
    stored::call();
    manager::call();
    #[cfg(feature = "planted")]
    opaque::keep(opaque::any([1, 2, 3])[opaque::any(1_usize)]);
}
