#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "std")]
extern crate std;

pub mod ipv4;
pub mod nic;
pub mod time;

pub use ipv4::{
    DottedQuadError, IpConfig, IpConfigError, Prefix, PrefixError, is_private, is_unicast,
    parse_dotted_quad,
};
pub use nic::{InterfaceId, InterfaceName, Medium, NameError};
pub use time::{Deadline, Duration, Instant};

#[doc = include_str!("spec.md")]
pub mod spec {}
