//! Secrets in a whole device: never displayed, and not kept longer than needed.

pub(crate) mod device;
pub(crate) mod kept;
#[cfg(feature = "defmt")]
pub(crate) mod logged;
pub(crate) mod search;
mod shown;
mod vault;
