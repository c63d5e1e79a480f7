//! The server connection: over which interface, until when, and what becomes of a failure (CON).
//!
//! It is a machine as those of the interfaces: its table can be read with [`server_transitions`].
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
mod changes;
mod machine;
mod message;
mod outcome;
mod pending;
mod policy;
mod route;
mod standing;
mod state;
mod table;
mod tries;
mod trigger;

pub(crate) use attempt::{Failure, Request};
pub(crate) use changes::Changes;
pub(crate) use machine::Connector;
#[cfg(feature = "sim")]
pub(crate) use message::Step as ServerStep;
pub use message::{ServerAction, ServerReport};
pub use outcome::Outcome;
pub use policy::{Policy, ServerConfig, Timeouts};
pub(crate) use route::Route;
pub use state::ServerState;
pub use table::{ServerTransition, server_transitions};
pub use trigger::ServerTrigger;

/// What the server connection waits for until its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ServerTimer {
    /// The end of the attempt over this interface (CON-10).
    Attempt,
    /// The end of the time for which a lost connection is tried again (CON-12, CON-13).
    Round,
    /// The end of the flush (CON-15).
    Flush,
    /// The next try.
    Retry,
    /// The next round (CON-13).
    Pause,
    /// The proof that the connection is stable, then the back-off begins anew.
    Stability,
}
