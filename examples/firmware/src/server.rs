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

/// What the connection has to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// The server has answered.
    Connected,
    /// It refused, or did not answer in time.
    Unreachable,
    /// The connection is over, and nobody here ended it.
    Lost,
    /// Everything that was written has arrived.
    Flushed,
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

    /// Begins to connect: `Connected` or `Unreachable` follows.
    pub fn connect(&mut self, socket: &mut Socket<'_>, context: &mut Context, to: SocketAddrV4) {
        // What is left of the last connection would be in the way.
        socket.abort();
        socket.set_timeout(Some(SILENCE));
        socket.set_keep_alive(Some(KEEP_ALIVE));
        let port = self.next_port;
        self.next_port = FIRST_PORT | port.wrapping_add(1);
        // Without address it stays closed, which is seen below.
        let _ = socket.connect(context, to, port);
        self.phase = Phase::Connecting;
    }

    /// Waits until everything has arrived: `Flushed` or `Lost` follows.
    #[expect(dead_code, reason = "nobody asks for it yet")]
    pub fn flush(&mut self) {
        if self.phase == Phase::Connected {
            self.phase = Phase::Flushing;
        }
    }

    /// Ends the connection, or the attempt: nothing follows.
    #[expect(dead_code, reason = "nobody asks for it yet")]
    pub fn disconnect(&mut self, socket: &mut Socket<'_>) {
        socket.close();
        self.phase = Phase::Idle;
    }

    /// What there is to tell, if anything. What the server has sent is thrown away.
    pub fn next_news(&mut self, socket: &mut Socket<'_>) -> Option<News> {
        let _ = socket.recv(|bytes| (bytes.len(), ()));
        let up = socket.state() == State::Established;
        let (phase, news) = match self.phase {
            Phase::Idle => return None,
            Phase::Connecting if up => (Phase::Connected, News::Connected),
            Phase::Connecting if socket.is_open() => return None,
            Phase::Connecting => (Phase::Idle, News::Unreachable),
            Phase::Flushing if up && socket.send_queue() > 0 => return None,
            Phase::Flushing if up => (Phase::Connected, News::Flushed),
            Phase::Connected if up => return None,
            Phase::Connected | Phase::Flushing => {
                socket.abort();
                (Phase::Idle, News::Lost)
            }
        };
        self.phase = phase;
        Some(news)
    }
}
