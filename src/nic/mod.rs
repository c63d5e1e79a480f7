//! Network interface configurations (NIC), and how they are validated.
//!
//! [`Nic`] is the validated form. [`Nic::from_table`] makes one from untyped input,
//! [`Nic::builder`] from typed parts. Both make the same checks.

mod address;
mod builder;
mod copied;
mod error;
pub(crate) mod name;
mod path;
mod place;
pub(crate) mod proxy;
mod quote;
mod schema;
mod secret;
pub(crate) mod settings;
mod table;
pub(crate) mod wifi;

pub use builder::NicBuilder;
pub(crate) use copied::Copied;
pub use error::{NicError, NicProblem};
pub(crate) use name::{InterfaceId, Medium};
pub use name::{InterfaceIdError, InterfaceName, NameError};
pub use path::KeyPath;
pub(crate) use proxy::ProxySettings;
pub use proxy::{HostName, ProxyAddress, ProxyPassword};
pub use quote::Quote;
pub use secret::{Exposed, SecretPurpose};
pub(crate) use settings::Nic;
pub use table::{Table, Value, ValueKind};
pub(crate) use wifi::WifiSettings;
