//! IPv4 addresses: a strict parser, a prefix type, the ranges of RFC 1918 and others, and checked
//! address settings. Every part of the crate uses these and no others.

pub(crate) mod config;
mod optional;
pub(crate) mod prefix;
mod quad;
mod range;

pub(crate) use config::IpConfig;
pub(crate) use config::usable_name_servers;
pub use config::{IpConfigError, NAME_SERVERS};
pub(crate) use optional::OptionalAddress;
pub(crate) use prefix::Prefix;
pub use prefix::PrefixError;
pub use quad::{DottedQuadError, parse_dotted_quad};
pub use range::{is_private, is_unicast};
