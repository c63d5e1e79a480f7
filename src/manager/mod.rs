//! The manager: it runs the machines of the interfaces and of the server connection, and keeps who
//! holds what.

pub(crate) mod config;
mod in_use;
pub(crate) mod input;
pub(crate) mod machine;
pub(crate) mod open;
mod order;
pub(crate) mod output;
mod reconcile;
mod round;
mod server;
mod status;
mod stored;
pub(crate) mod ticket;
mod udp;
#[cfg(feature = "view")]
mod view;

pub(crate) use config::Config;
pub use config::{ConfigError, Reconfigure};
pub(crate) use input::Event;
pub use input::{Input, Reply};
pub(crate) use machine::Manager;
pub use machine::{Ignored, Wake};
use machine::{find, machine};
pub(crate) use open::Handle;
pub use open::{AbsentError, InterfaceError, OpenError, Snapshot, StaleHandleError};
pub use order::OrderError;
pub use output::Output;
pub(crate) use output::{Command, Notice};
pub use server::{ConnectError, NotConnectedError, ServerCall};
pub use status::{ConnectResult, Failures, ServerLoss};
pub use ticket::SealTicket;
pub(crate) use ticket::{ServerTicket, Ticket};
