//! The one call that runs everything, and what helps to write a backend.

mod bits;
mod flood;
mod pair;
pub(crate) mod port;
#[cfg(feature = "sim")]
mod seal;
mod starts;
mod tickets;
