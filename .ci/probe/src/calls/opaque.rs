//! Inputs that the optimiser knows nothing about.

use core::hint::black_box;
use core::net::Ipv4Addr;

use lankeeper::{Duration, Instant, InterfaceId, Prefix, Quota, Span};

/// Any value that the type can have, as far as the optimiser can tell.
pub fn any<T>(example: T) -> T {
    black_box(example)
}

/// Keeps what leads to the value in the program.
pub fn keep<T>(value: T) {
    black_box(value);
}

pub fn instant() -> Instant {
    any(Instant::EPOCH)
}

pub fn duration() -> Duration {
    any(Duration::ZERO)
}

pub fn span() -> Span {
    any(Span::MIN)
}

pub fn address() -> Ipv4Addr {
    any(Ipv4Addr::UNSPECIFIED)
}

pub fn prefix() -> Prefix {
    any(Prefix::host(address()))
}

pub fn text() -> &'static str {
    any("text")
}

pub fn bytes() -> &'static [u8] {
    any(b"bytes".as_slice())
}

pub fn quota() -> Quota {
    any(Quota::default())
}

pub fn id() -> InterfaceId {
    any(InterfaceId::WIFI)
}
