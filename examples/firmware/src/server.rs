//! The TCP connection to the server.
//!
//! It decides nothing: it neither retries nor gives up by itself.

use core::net::SocketAddrV4;

use smoltcp::iface::{Context, SocketHandle};
use smoltcp::socket::tcp::{Socket, State};
use smoltcp::time::Duration;

/// The connection is lost after this much silence of the peer.
const SILENCE: Duration = Duration::from_secs(10);
/// The interval of keep-alive packets on an idle connection.
const KEEP_ALIVE: Duration = Duration::from_secs(3);
/// The first local port (RFC 6335 §6).
const FIRST_PORT: u16 = 49_152;

/// An event of the connection. Reports of errors carry its number as their code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerEvent {
    /// The server has accepted the connection.
    Connected = 0,
    /// There is no source address.
    NoAddress = 1,
    /// The server refused, or did not answer in time.
    Unreachable = 2,
    /// The server closed the connection.
    HungUp = 3,
    /// The connection was reset or timed out.
    BrokenOff = 4,
    /// All sent data was acknowledged.
    Flushed = 5,
}

pub struct Server {
    socket: SocketHandle,
    phase: Phase,
    next_port: u16,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    Connecting,
    NoAddress,
    Connected,
    Flushing,
}

impl Server {
    pub const fn new(socket: SocketHandle, seed: u64) -> Self {
        Self {
            socket,
            phase: Phase::Idle,
            next_port: FIRST_PORT | seed as u16,
        }
    }

    pub const fn socket(&self) -> SocketHandle {
        self.socket
    }

    /// Starts to connect: `Connected`, `NoAddress` or `Unreachable` follows.
    pub fn connect(&mut self, socket: &mut Socket<'_>, context: &mut Context, to: SocketAddrV4) {
        // An old connection would block the socket.
        socket.abort();
        socket.set_timeout(Some(SILENCE));
        socket.set_keep_alive(Some(KEEP_ALIVE));
        let port = self.next_port;
        self.next_port = FIRST_PORT | port.wrapping_add(1);
        self.phase = match socket.connect(context, to, port) {
            Ok(()) => Phase::Connecting,
            Err(_) => Phase::NoAddress,
        };
    }

    /// Waits until all data is acknowledged: `Flushed` or an error follows.
    pub fn flush(&mut self) {
        if self.phase == Phase::Connected {
            self.phase = Phase::Flushing;
        }
    }

    /// Ends the connection or the attempt. No event follows.
    pub fn disconnect(&mut self, socket: &mut Socket<'_>) {
        socket.close();
        self.phase = Phase::Idle;
    }

    /// Returns the next event, if any.
    pub fn next_event(&mut self, socket: &mut Socket<'_>) -> Option<ServerEvent> {
        let up = socket.state() == State::Established;
        let (phase, event) = match self.phase {
            Phase::Idle => return None,
            Phase::NoAddress => (Phase::Idle, ServerEvent::NoAddress),
            Phase::Connecting if up => (Phase::Connected, ServerEvent::Connected),
            Phase::Connecting if socket.is_open() => return None,
            Phase::Connecting => (Phase::Idle, ServerEvent::Unreachable),
            Phase::Flushing if up && socket.send_queue() > 0 => return None,
            Phase::Flushing if up => (Phase::Connected, ServerEvent::Flushed),
            Phase::Connected if up => return None,
            Phase::Connected | Phase::Flushing => {
                let event = match socket.state() {
                    State::CloseWait => ServerEvent::HungUp,
                    _ => ServerEvent::BrokenOff,
                };
                socket.abort();
                (Phase::Idle, event)
            }
        };
        self.phase = phase;
        Some(event)
    }
}
