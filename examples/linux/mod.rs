//! A backend for Linux hosts, shared by examples: a real Ethernet interface through a raw packet
//! socket, smoltcp as the stack, and a connection to a server.
//!
//! The kernel must have no address on that interface, because its own stack would answer our
//! packets with errors. To try an example on a network in use, create an interface for it:
//!
//! ```sh
//! ip link add echo0 link eth0 type macvlan mode bridge && ip link set echo0 up
//! ```

mod adapter;
mod backend;
mod carrier;
mod error;
mod packet_socket;
mod server;
mod wait;

pub use backend::ServerBackend;
pub use carrier::CarrierWatch;
pub use error::LinuxError;
pub use packet_socket::PacketSocket;
pub use wait::{Wait, Woken};

use core::hash::{BuildHasher, Hasher};
use std::hash::RandomState;

use lankeeper::Instant;

use crate::endpoint::Endpoint;
use crate::stack::Stack;
use crate::stack::backend::StackBackend;

/// An Ethernet interface of this host, from its carrier to its sockets, and the connection to the
/// server over it.
pub type LinuxBackend = ServerBackend<CarrierWatch, PacketSocket>;

/// Opens the Ethernet interface with this name, powered down, and optionally a server to connect
/// to.
///
/// # Errors
///
/// [`LinuxError`] if the interface cannot be used; its text contains instructions.
pub fn open(
    now: Instant,
    name: &str,
    server: Option<Endpoint>,
) -> Result<LinuxBackend, LinuxError> {
    let card = PacketSocket::open(name)?;
    let stack = Stack::new(now, card, random());
    let interface = StackBackend::new(stack, CarrierWatch::new(name)?);
    Ok(ServerBackend::new(interface, server))
}

/// Returns a seed that differs between runs and hosts.
pub fn random() -> u64 {
    // The standard library has no random generator, but its hash tables are randomly seeded.
    RandomState::new().build_hasher().finish()
}
