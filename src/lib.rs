#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "std")]
extern crate std;

pub mod driver;
pub mod interface;
pub mod ipv4;
pub mod manager;
pub mod nic;
mod random;
#[cfg(feature = "sim")]
pub mod sim;
mod slots;
pub mod time;
pub mod udp;

#[cfg(feature = "std")]
pub use driver::Clock;
pub use driver::{Backend, Delivery, Progress, drive, send};
pub use interface::{
    Action, BackOffConfig, Cause, Deadlines, Generation, InterfaceConfig, InterfaceConfigError,
    Lease, Reason, Recovery, Report, State, Step, Timer, Transition, Trigger, UnknownCode,
    transitions,
};
pub use ipv4::{
    DottedQuadError, IpConfig, IpConfigError, Prefix, PrefixError, is_private, is_unicast,
    parse_dotted_quad,
};
pub use manager::{
    AbsentError, Command, Config, ConfigError, Event, Handle, Ignored, Input, Manager, Notice,
    OpenError, Output, Reply, StaleHandleError, Wake,
};
pub use nic::{
    Exposed, HostName, InterfaceId, InterfaceName, KeyPath, Medium, NameError, Nic, NicBuilder,
    NicError, NicProblem, ProxyAddress, ProxyPassword, ProxySettings, Quote, Table, Value,
    ValueKind, WifiKey, WifiSettings,
};
pub use time::{Deadline, Duration, Instant};
pub use udp::{
    AcquireError, AddressError, AddressFilter, ClosedError, Datagram, Destination, DropReason,
    Drops, OpenSocketError, Quota, QuotaError, RateLimiter, SendError, SocketId, Target,
    WouldBlock,
};

#[doc = include_str!("spec.md")]
pub mod spec {}
