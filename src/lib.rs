#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "std")]
extern crate std;

mod back_off;
pub mod connect;
mod counter;
pub mod driver;
mod generation;
pub mod interface;
pub mod ipv4;
pub mod manager;
pub mod nic;
mod random;
#[cfg(feature = "sim")]
pub mod sim;
mod slots;
mod span;
pub mod stored;
mod table;
pub mod time;
pub mod udp;

pub use back_off::{BackOffConfig, BackOffError};
pub use connect::{
    ConnectOutcome, Policy, ServerAction, ServerConfig, ServerReport, ServerState, ServerTimer,
    ServerTransition, ServerTrigger, Timeouts, server_transitions,
};
#[cfg(feature = "std")]
pub use driver::Clock;
pub use driver::{
    Backend, Delivery, Plaintext, Progress, SealedSecret, SecretBuffer, Vault, VaultError, drive,
    send,
};
pub use generation::Generation;
pub use interface::{
    Action, Cause, InterfaceConfig, Lease, Recovery, Report, State, Step, StepTimeouts, StopReason,
    Timer, Transition, Trigger, UnknownCode, transitions,
};
pub use ipv4::{
    DottedQuadError, IpConfig, IpConfigError, Prefix, PrefixError, is_private, is_unicast,
    parse_dotted_quad,
};
pub use manager::{
    AbsentError, Command, Config, ConfigError, ConnectError, Event, Handle, Ignored, Input,
    InterfaceError, Manager, NotConnectedError, Notice, OpenError, OrderError, Output, Reconfigure,
    Reply, ServerCall, Snapshot, StaleHandleError, Wake,
};
pub use nic::{
    Exposed, HostName, InterfaceId, InterfaceIdError, InterfaceName, KeyPath, Medium, NameError,
    Nic, NicBuilder, NicError, NicProblem, ProxyAddress, ProxyPassword, ProxySettings, Quote,
    SecretPurpose, Table, Value, ValueKind, WifiKey, WifiSettings,
};
pub use span::Span;
pub use stored::{RECORD_CAPACITY, Record, RecordError, StoredParts, StoredSettings};
pub use time::{Deadline, Duration, Instant};
pub use udp::{
    AcquireError, AddressError, AddressFilter, Bucket, ClosedError, Datagram, Destination,
    DropReason, Drops, Gate, GateError, LimitScope, OpenSocketError, Quota, QuotaError,
    RateLimiter, SendError, SocketId, Target, WouldBlock,
};

#[doc = include_str!("spec.md")]
pub mod spec {}

/// Pages to read.
pub mod guide {
    #[doc = include_str!("guide/costs.md")]
    pub mod costs {}
    #[doc = include_str!("guide/speed.md")]
    pub mod speed {}
}
