//! The life of one interface, from power-up to its address and back (IFC).
//!
//! Each medium has a table of transitions, in a file of its own; one machine runs them all.
//! [`transitions`] lists what each pair of state and event leads to:
//!
//! ```
//! use lankeeper::interface::{Trigger, transitions};
//! use lankeeper::{Medium, State};
//!
//! let pulled = transitions(Medium::Ethernet)
//!     .find(|pair| (pair.state(), pair.trigger()) == (State::Connected, Trigger::CarrierDown))
//!     .unwrap();
//! assert_eq!(pulled.to_string(), "ETHERNET_STOPPED_NO_LINK: no carrier");
//! ```

/// What each pair of state and event leads to, as tried on the running machine.
pub mod tables {
    #[doc = include_str!("../tables/wifi.md")]
    pub mod wifi {}
    #[doc = include_str!("../tables/ethernet.md")]
    pub mod ethernet {}
    #[doc = include_str!("../tables/cellular.md")]
    pub mod cellular {}
}

mod cellular;
pub(crate) mod config;
mod effect;
mod ethernet;
mod hold_down;
mod ladder;
mod machine;
pub(crate) mod message;
mod pending;
pub(crate) mod reason;
pub(crate) mod state;
mod step;
mod table;
mod transition;
mod trigger;
#[cfg(feature = "view")]
mod view;
mod way;
mod wifi;

pub use config::StepTimeouts;
pub(crate) use config::{InterfaceConfig, Recovery};
pub use machine::Timer;
pub(crate) use machine::{Change, Holder, Interface};
pub(crate) use message::{Action, Report};
pub(crate) use pending::WaitingAction;
pub(crate) use reason::{Cause, StopReason};
pub(crate) use state::State;
pub use state::UnknownCode;
pub use step::Step;
pub use transition::{Transition, transitions};
pub use trigger::Trigger;
pub use way::{Guard, Way};

use crate::nic::Medium;
