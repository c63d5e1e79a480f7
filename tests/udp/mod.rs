//! Sockets for local datagrams; the test plays the backend of the manager.

mod alone;
mod failures;
pub(crate) mod gate;
mod lifetime;
mod limit;
mod model;
mod ports;
mod private;
mod receive;
mod send;

use core::net::{Ipv4Addr, SocketAddrV4};

use lankeeper::udp::{ClosedError, DropReason};
use lankeeper::{
    Command, Config, Datagram, Handle, InterfaceConfig, Notice, Quota, Received, SendError,
    SocketId,
};

use crate::support::{ETH0, Rig, ip, name};

/// The address that [`Rig`] gets by DHCP, in 192.168.1.0/24.
const OWN: &str = "192.168.1.50";
const PEER: &str = "192.168.1.9";
const BROADCAST: &str = "192.168.1.255";

/// A connected device with `burst` tokens, refilled by one a second.
fn connected_with_burst(burst: u32) -> (Rig, Handle) {
    let mut config = Config::new(0, [InterfaceConfig::new(ETH0)]);
    config.quota = Quota::new(1, burst).unwrap();
    let mut rig = Rig::with_config(&config);
    let handle = rig.open();
    rig.come_up();
    rig.commands();
    rig.notices();
    (rig, handle)
}

fn open(rig: &mut Rig, handle: Handle, port: impl Into<Option<u16>>) -> SocketId {
    rig.manager.udp_open(rig.now, handle, port).unwrap()
}

/// Sends three bytes to port 5000.
fn send(rig: &mut Rig, socket: SocketId, to: &'static str) -> Result<Datagram<'static>, SendError> {
    rig.manager.udp_send(rig.now, socket, (to, 5000), b"abc")
}

/// Receives a datagram of three bytes at the newest binding of a local port.
fn receive(
    rig: &mut Rig,
    source: (&str, u16),
    destination: (&str, u16),
) -> Result<SocketId, DropReason> {
    receive_into(rig, 3, source, destination)
}

/// The same, into a buffer of this length.
fn receive_into(
    rig: &mut Rig,
    room: usize,
    (source, source_port): (&str, u16),
    (destination, port): (&str, u16),
) -> Result<SocketId, DropReason> {
    let binding = rig.binding(port);
    let received = Received {
        source: SocketAddrV4::new(ip(source), source_port),
        destination: ip(destination),
        length: 3,
    };
    rig.manager.udp_receive(rig.now, binding, &received, room)
}

fn port(rig: &Rig, socket: SocketId) -> Result<Option<u16>, ClosedError> {
    rig.manager.udp_port(socket)
}

fn tokens(rig: &Rig) -> u32 {
    rig.manager.udp_tokens(rig.now)
}

/// The commands since the last call, as text.
fn commands(rig: &mut Rig) -> Vec<String> {
    let words = |command: Command<'_>| {
        let interface = command.interface().unwrap();
        match command {
            Command::Bind(binding) => format!("{interface} bind {}", binding.port()),
            Command::Unbind(binding) => format!("{interface} unbind {}", binding.port()),
            Command::Interface { action, .. } => format!("{interface} {}", name(&action)),
            other => panic!("never polled: {other:?}"),
        }
    };
    rig.commands().into_iter().map(words).collect()
}

/// The sockets that were reported as closed since the last call.
fn closed(rig: &mut Rig) -> Vec<SocketId> {
    let socket = |notice| match notice {
        Notice::SocketClosed { socket } => Some(socket),
        _ => None,
    };
    rig.notices().into_iter().filter_map(socket).collect()
}
