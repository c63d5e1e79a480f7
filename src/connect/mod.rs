//! The server connection: over which interface, until when, and what becomes of a failure (CON).
//!
//! It is a machine like those of the interfaces; [`server_transitions`] lists its table.
//!
//! ```
//! use lankeeper::connect::{ServerTrigger, server_transitions};
//! use lankeeper::ServerState;
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

pub(crate) mod attempt;
mod course;
mod delays;
mod machine;
pub(crate) mod message;
mod order;
pub(crate) mod outcome;
pub(crate) mod policy;
mod route;
pub(crate) mod state;
mod table;
mod turn;
#[cfg(feature = "view")]
mod view;
mod way;

pub(crate) use attempt::AttemptId;
pub(crate) use attempt::Request;
pub(crate) use machine::{Connector, ConnectorChange};
pub use message::ServerStep;
pub(crate) use message::{ServerAction, ServerReport};
pub(crate) use outcome::ConnectOutcome;
pub(crate) use outcome::Failure;
pub(crate) use policy::Policy;
pub use policy::{ServerConfig, Timeouts};
pub(crate) use route::{Named, Route};
pub(crate) use state::ServerState;
pub use state::{ServerTimer, ServerTrigger};
pub use table::{ServerTransition, server_transitions};
pub use way::{ServerGuard, ServerWay};
