//! The server connection: over which interface, until when, and what becomes of a failure (CON).
//!
//! It is a machine like those of the interfaces; [`server_transitions`] lists its table.
//!
//! ```
//! use lankeeper::{ServerState, ServerTrigger, server_transitions};
//!
//! let refused = server_transitions()
//!     .find(|pair| {
//!         (pair.state(), pair.trigger())
//!             == (ServerState::ReachingProxy, ServerTrigger::ProxyRefused)
//!     })
//!     .unwrap();
//! assert_eq!(refused.to_string(), "the next interface, after the last: NOT_AUTHORISED");
//! ```

#[doc = include_str!("../tables/server.md")]
pub mod transitions {}

mod attempt;
mod machine;
mod message;
mod outcome;
mod policy;
mod state;
mod table;

pub(crate) use attempt::{Request, Route};
pub(crate) use machine::{Connector, ConnectorChange};
#[cfg(feature = "sim")]
pub(crate) use message::ServerStep;
pub use message::{ServerAction, ServerReport};
pub use outcome::ConnectOutcome;
pub(crate) use outcome::Failure;
pub use policy::{Policy, ServerConfig, Timeouts};
pub use state::{ServerState, ServerTimer, ServerTrigger};
pub use table::{ServerTransition, server_transitions};
