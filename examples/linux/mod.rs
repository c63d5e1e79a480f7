//! A Linux host as the core's backend: a real Ethernet interface through a raw packet socket, with
//! smoltcp as the stack, and a server that is reached over it. Examples that run on Linux share it.
//!
//! The kernel's own stack must have no address on that interface: it would answer for us, with
//! errors. To try an example beside a network in use, give it an interface of its own:
//!
//! ```sh
//! ip link add echo0 link eth0 type macvlan mode bridge && ip link set echo0 up
//! ```

mod adapter;
mod backend;
mod carrier;
mod packet_socket;
mod server;
mod trouble;
mod wait;

pub use backend::ServerBackend;
pub use carrier::CarrierWatch;
pub use packet_socket::PacketSocket;
pub use trouble::Trouble;
pub use wait::{Wait, Woken};

use core::hash::{BuildHasher, Hasher};
use std::hash::RandomState;

use lankeeper::Instant;

use crate::endpoint::Endpoint;
use crate::stack::Stack;
use crate::stack::backend::StackBackend;

/// An Ethernet interface of this host, from its carrier to its sockets, and the server that is
/// reached over it.
pub type LinuxBackend = ServerBackend<CarrierWatch, PacketSocket>;

/// Opens the Ethernet interface that the kernel knows as `name`, powered down as yet. The server
/// is the one to connect to, if there is one.
///
/// # Errors
///
/// Whatever keeps it from being used: the text says what to do about it.
pub fn open(now: Instant, name: &str, server: Option<Endpoint>) -> Result<LinuxBackend, Trouble> {
    let card = PacketSocket::open(name)?;
    let stack = Stack::new(now, card, random());
    let interface = StackBackend::new(stack, CarrierWatch::new(name)?);
    Ok(ServerBackend::new(interface, server))
}

/// A number that differs from run to run and from host to host: a seed.
pub fn random() -> u64 {
    // The standard library has no generator, but it does seed its hash tables.
    RandomState::new().build_hasher().finish()
}
