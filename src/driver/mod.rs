//! What runs a manager: backends and what helps to write one, vaults, the loop, and a clock for
//! hosts.

pub(crate) mod backend;
#[cfg(feature = "std")]
pub(crate) mod clock;
mod pair;
pub(crate) mod poll;
pub(crate) mod tickets;
mod vault;

pub(crate) use backend::Backend;
pub use pair::Pair;
pub use vault::{Plaintext, SealedSecret, SecretBuffer, Vault, VaultError};
