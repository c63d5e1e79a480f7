//! The connection to the server: one TCP connection, what is asked of it and what it tells.
//!
//! It decides nothing: it neither tries again nor gives up on its own.

use core::net::SocketAddrV4;

use smoltcp::iface::{Context, SocketHandle};
use smoltcp::socket::tcp::{Socket, State};
use smoltcp::time::Duration;

/// How long the other side may be silent, asked or not, before the connection is lost.
const SILENCE: Duration = Duration::from_secs(10);
/// How often a connection without traffic asks whether the other side is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(3);
/// Local ports are taken from here upwards (RFC 6335 §6).
const FIRST_PORT: u16 = 49_152;

/// What the connection has to tell. The numbers are the codes in reports of what went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// The server has answered.
    Connected = 0,
    /// There is no address to connect from.
    NoAddress = 1,
    /// It refused, or did not answer in time.
    Unreachable = 2,
    /// The server hung up.
    HungUp = 3,
    /// The connection was reset, or the server has been silent for too long.
    BrokenOff = 4,
    /// Everything that was written has arrived.
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

    /// Begins to connect: `Connected`, `NoAddress` or `Unreachable` follows.
    pub fn connect(&mut self, socket: &mut Socket<'_>, context: &mut Context, to: SocketAddrV4) {
        // What is left of the last connection would be in the way.
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

    /// Waits until everything has arrived: `Flushed` follows, or that the connection is over.
    pub fn flush(&mut self) {
        if self.phase == Phase::Connected {
            self.phase = Phase::Flushing;
        }
    }

    /// Ends the connection, or the attempt: nothing follows.
    pub fn disconnect(&mut self, socket: &mut Socket<'_>) {
        socket.close();
        self.phase = Phase::Idle;
    }

    /// What there is to tell, if anything.
    pub fn next_news(&mut self, socket: &mut Socket<'_>) -> Option<News> {
        let up = socket.state() == State::Established;
        let (phase, news) = match self.phase {
            Phase::Idle => return None,
            Phase::NoAddress => (Phase::Idle, News::NoAddress),
            Phase::Connecting if up => (Phase::Connected, News::Connected),
            Phase::Connecting if socket.is_open() => return None,
            Phase::Connecting => (Phase::Idle, News::Unreachable),
            Phase::Flushing if up && socket.send_queue() > 0 => return None,
            Phase::Flushing if up => (Phase::Connected, News::Flushed),
            Phase::Connected if up => return None,
            Phase::Connected | Phase::Flushing => {
                let news = match socket.state() {
                    State::CloseWait => News::HungUp,
                    _ => News::BrokenOff,
                };
                socket.abort();
                (Phase::Idle, news)
            }
        };
        self.phase = phase;
        Some(news)
    }
}
