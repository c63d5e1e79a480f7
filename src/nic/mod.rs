//! What a network interface configuration is, and how one is made.

mod name;

pub use name::{InterfaceId, InterfaceName, Medium, NameError};
