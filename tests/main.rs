//! The behaviour of the crate, rule by rule: each test cites the rules that it checks.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::panic_in_result_fn,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test may panic on the unexpected; these lints guard the core"
)]

mod asked;
mod cellular;
#[cfg(feature = "sim")]
mod clock;
#[cfg(all(feature = "conformance", feature = "sim"))]
mod conformance;
mod connect;
mod connect_model;
mod door;
mod dotted_quad;
mod driver;
mod ethernet;
mod failures;
mod filter;
mod fleet;
#[cfg(feature = "defmt")]
mod formats;
mod fuzz;
mod guide;
mod in_use;
mod inputs;
mod ipv4;
mod ladder;
mod laws;
mod limiter;
mod manager;
mod matrix;
mod media;
mod model;
mod nic;
mod pace;
mod portable;
mod recovery;
mod reference;
mod secrets;
mod shows;
#[cfg(feature = "sim")]
mod sim;
mod spec_coverage;
mod state;
mod static_address;
mod stored;
mod storm;
mod support;
mod tables;
mod time;
mod udp;
#[cfg(feature = "view")]
mod view;
mod wifi;
