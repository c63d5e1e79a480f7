//! IPv4 addresses as every part of the crate understands them: one strict reader of text, one
//! prefix type, one list of ranges, one checked set of address settings.

mod config;
mod optional;
mod prefix;
mod quad;
mod range;

pub(crate) use config::usable_name_servers;
pub use config::{IpConfig, IpConfigError, NAME_SERVERS};
pub(crate) use optional::OptionalAddress;
pub use prefix::{Prefix, PrefixError};
pub use quad::{DottedQuadError, parse_dotted_quad};
pub use range::{is_private, is_unicast};
