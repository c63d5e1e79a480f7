// Markdown uses the first of two definitions of a link. So README's links lead to pages of the
// documentation here, and to files where README stands alone.
//! [backend]: guide::backend
//! [codes]: guide::codes
//! [costs]: guide::costs
//! [defaults]: guide::defaults
//! [examples]: guide::examples
//! [firmware]: guide::examples#firmware
//! [fleets]: guide::fleets
//! [pictures]: guide::pictures
//! [policies]: guide::policies
//! [spec]: spec
//! [speed]: guide::speed
//! [supported]: guide::supported
//!
#![doc = include_str!("../README.md")]
//!
//! ## One picture
//!
//! <div style="overflow-x:auto">
#![doc = include_str!("guide/overview.svg")]
//! </div>
//!
//! More pictures are in [`guide::pictures`].
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "std")]
extern crate std;

pub mod back_off;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod connect;
mod counter;
pub mod driver;
mod error;
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
mod time;
pub mod udp;

pub use connect::attempt::AttemptId;
pub use connect::message::{ServerAction, ServerReport};
pub use connect::outcome::ConnectOutcome;
pub use connect::policy::Policy;
pub use connect::state::ServerState;
pub use driver::backend::Backend;
#[cfg(feature = "std")]
pub use driver::clock::Clock;
pub use driver::poll::Delivery;
pub use driver::tickets::Tickets;
pub use error::Error;
pub use interface::config::{InterfaceConfig, Recovery};
pub use interface::message::{Action, Lease, Report};
pub use interface::reason::{Cause, StopReason};
pub use interface::state::State;
pub use ipv4::config::IpConfig;
pub use ipv4::prefix::Prefix;
pub use manager::config::Config;
pub use manager::input::Event;
pub use manager::machine::Manager;
pub use manager::open::Handle;
pub use manager::output::{Command, Notice};
pub use manager::ticket::{ServerTicket, Ticket};
pub use nic::name::{InterfaceId, Medium};
pub use nic::proxy::ProxySettings;
pub use nic::settings::Nic;
pub use nic::wifi::{WifiKey, WifiSettings};
pub use span::Span;
pub use time::{Deadline, Duration, Instant};
pub use udp::binding::{Binding, Received};
pub use udp::datagram::Datagram;
pub use udp::error::SendError;
pub use udp::quota::Quota;
pub use udp::socket::SocketId;

#[doc = include_str!("spec.md")]
pub mod spec {}

/// Pages about the crate as a whole.
pub mod guide {
    /// [backend]: crate::Backend
    /// [binding]: crate::Binding
    /// [command]: crate::Command
    /// [defaults]: crate::guide::defaults
    /// [event]: crate::Event
    /// [load_stored]: crate::Manager::load_stored
    /// [manager]: crate::Manager
    /// [pair]: crate::driver::Pair
    /// [poll]: crate::Manager::poll
    /// [server-ticket]: crate::ServerTicket
    /// [ticket]: crate::Ticket
    /// [tickets]: crate::Tickets
    /// [to_record]: crate::stored::StoredSettings::to_record
    /// [vault]: crate::driver::Vault
    ///
    #[doc = include_str!("guide/backend.md")]
    pub mod backend {}
    /// [tables]: crate::interface::tables
    ///
    #[doc = include_str!("guide/codes.md")]
    pub mod codes {}
    #[doc = include_str!("guide/costs.md")]
    pub mod costs {}
    /// [codes]: crate::guide::codes
    ///
    #[doc = include_str!("guide/defaults.md")]
    pub mod defaults {}
    /// [fleets]: crate::guide::fleets
    ///
    #[doc = include_str!("guide/examples.md")]
    pub mod examples {}
    /// [connect]: crate::Manager::connect
    /// [server-call]: crate::Manager::server_call
    /// [wake]: crate::Manager::note_wake
    ///
    #[doc = include_str!("guide/fleets.md")]
    ///
    /// ## Second by second
    ///
    /// What part of the fleet connects in each second where the server is back after 10 s, under
    /// `ReturnOnError`:
    ///
    /// <div style="overflow-x:auto">
    #[doc = include_str!("guide/fleets.svg")]
    /// </div>
    pub mod fleets {}
    /// # Pictures
    ///
    /// ## Who says what to whom
    ///
    /// <div style="overflow-x:auto">
    #[doc = include_str!("guide/overview.svg")]
    /// </div>
    ///
    /// ## A switch from one interface to another
    ///
    /// A device is connected to its server over Ethernet, and a part of the application has a
    /// socket there. Then somebody asks for a connection over Wi-Fi (CON-6). The picture is drawn
    /// from a run of the manager with two backends that answer at once, a
    /// [`Pair`](crate::driver::Pair). What ends comes before what begins; notices come in the order
    /// of what happened, and none of them from inside the request. A report of the connection that
    /// was dropped comes too late and changes nothing (IFC-10). `Seal` goes to the first backend of
    /// the pair, which keeps the secrets of the device.
    ///
    /// <div style="overflow-x:auto">
    #[doc = include_str!("guide/switch.svg")]
    /// </div>
    ///
    /// ## States
    ///
    /// The states of [Wi-Fi](crate::interface::tables::wifi),
    /// [Ethernet](crate::interface::tables::ethernet),
    /// [cellular](crate::interface::tables::cellular) and
    /// [the server connection](crate::connect::transitions), each drawn from its table.
    pub mod pictures {}
    /// [alive-within]: crate::connect::ServerConfig::alive_within
    /// [policy]: crate::Policy
    ///
    #[doc = include_str!("guide/policies.md")]
    pub mod policies {}
    /// [policies]: crate::guide::policies
    ///
    #[doc = include_str!("guide/recovery.md")]
    ///
    /// ## The ladder
    ///
    /// <div style="overflow-x:auto">
    #[doc = include_str!("guide/ladder.svg")]
    /// </div>
    pub mod recovery {}
    #[doc = include_str!("guide/speed.md")]
    pub mod speed {}
    /// [backend]: crate::guide::backend
    /// [spec]: crate::spec
    ///
    #[doc = include_str!("guide/supported.md")]
    pub mod supported {}
}
