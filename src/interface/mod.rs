//! The life of one interface, from power-up to its address and back (IFC).
//!
//! Each medium has a table of transitions, in a file of its own; one machine runs them all. What
//! the tables say of every pair of state and event can be read with [`transitions`]:
//!
//! ```
//! use lankeeper::{Medium, State, Trigger, transitions};
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

mod awaited;
mod cellular;
mod command;
mod config;
mod ethernet;
mod event;
mod laid;
mod layout;
mod lookup;
mod machine;
mod pending;
mod phase;
mod reason;
mod recovery;
mod rows;
mod state;
mod step;
mod table;
mod transition;
mod trigger;
mod wifi;

pub use command::Action;
pub use config::{Deadlines, InterfaceConfig};
pub use event::{Lease, Report};
pub(crate) use machine::{Addressing, Change, Holders, Interface};
pub use phase::Timer;
pub use reason::{Cause, Reason};
pub use recovery::Recovery;
pub use state::{State, UnknownCode};
pub use step::Step;
pub use transition::{Transition, transitions};
pub use trigger::Trigger;

use crate::nic::Medium;
