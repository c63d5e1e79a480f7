//! Network interface configurations (NIC), and how they are validated.
//!
//! [`Nic`] is the validated form. [`Nic::from_table`] makes one from untyped input,
//! [`Nic::builder`] from typed parts. Both make the same checks.
//!
//! # Secrets
//!
//! Every type here that holds a secret wipes all of its bytes when it is dropped, and the secret when
//! it is replaced (SEC-2). The functions that make or copy one leave nothing on the stack. But a move
//! in Rust copies a value and leaves the old place as it was: nobody wipes that. So whoever wants no
//! copies uses a value where it was made, by reference, and keeps it with `clone_from`:
//!
//! ```
//! use lankeeper::nic::Table;
//! # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
//! # let mut manager = Manager::new(&Config::new(1, [InterfaceConfig::new(InterfaceId::WIFI)]))?;
//! # let now = Instant::EPOCH;
//!
//! let wifi = [("ssid", "shed".into()), ("key", "correct horse".into())];
//! let table = [("interface", "wl0".into()), ("wificonfig", Table::new(&wifi).into())];
//! match &Nic::from_table(&Table::new(&table)) {
//!     Ok(nic) => manager.open(now, nic)?, // `Nic::from_table(…)?` would move it
//!     Err(error) => return Err(error.clone().into()),
//! };
//! # Ok::<(), lankeeper::Error>(())
//! ```

mod address;
mod bssid;
mod builder;
mod copied;
mod error;
pub(crate) mod name;
mod path;
pub(crate) mod place;
pub(crate) mod proxy;
mod proxy_address;
mod quote;
mod schema;
mod secret;
mod secrets;
mod security;
pub(crate) mod settings;
mod table;
pub(crate) mod wifi;

pub use bssid::Bssid;
pub use builder::NicBuilder;
pub(crate) use copied::Copied;
pub use error::{NicError, NicProblem, Uncarried};
pub(crate) use name::{InterfaceId, Medium};
pub use name::{InterfaceIdError, InterfaceName, NameError};
pub use path::KeyPath;
pub use proxy::ProxyPassword;
pub(crate) use proxy::ProxySettings;
pub use proxy_address::{HostName, ProxyAddress};
pub use quote::Quote;
pub use secret::{Exposed, SecretPurpose};
pub use secrets::Secrets;
pub use security::Security;
pub(crate) use settings::Nic;
pub use table::{Table, Value, ValueKind};
pub(crate) use wifi::WifiSettings;
