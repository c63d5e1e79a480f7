//! IPv4 addresses: a strict parser, a prefix type, the ranges of RFC 1918 and others, and checked
//! address settings. Every part of the crate uses these and no others.

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
