//! The door of the crate: one call that runs everything, backends and what helps to write one.

mod bits;
mod flood;
mod pair;
pub(crate) mod port;
#[cfg(feature = "sim")]
mod seal;
mod tickets;
