//! Secrets through the whole of a device: neither shown nor kept.

pub(crate) mod device;
mod kept;
#[cfg(feature = "defmt")]
pub(crate) mod logged;
pub(crate) mod search;
mod shown;
mod vault;
