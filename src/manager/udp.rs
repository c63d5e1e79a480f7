//! Local datagrams through the manager: which interface a socket has, and what is sent or received
//! while that interface is connected.

use super::in_use::ManagedInterface;
use super::{Handle, Manager, Notice, machine};
use crate::interface::State;
use crate::ipv4::Prefix;
use crate::nic::InterfaceId;
use crate::time::Instant;
use crate::udp::{ClosedError, Datagram, Drops, OpenSocketError, SendError, SocketId, Target};

impl<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>
    Manager<I, H, S, N, W>
{
    /// Opens a socket for local datagrams, on a local port of 1024 and above, or without one
    /// until its first send (UDP-1, UDP-2). Reception is off until turned on. The socket belongs to
    /// the interface: it stays open until it is closed or the interface is powered down.
    ///
    /// # Errors
    ///
    /// [`OpenSocketError`]; nothing has changed then.
    pub fn udp_open(
        &mut self,
        now: Instant,
        handle: Handle,
        port: Option<u16>,
    ) -> Result<SocketId, OpenSocketError> {
        self.advance(now);
        let id = self
            .interface(handle)
            .map_err(|_| OpenSocketError::StaleHandle)?;
        match self.state(id) {
            None | Some(State::Unknown) => Err(OpenSocketError::Stopped),
            Some(state) if state.is_stopped() => Err(OpenSocketError::Stopped),
            Some(_) => self.udp.open(id, port),
        }
    }

    /// Turns the reception of a socket on or off; while off, datagrams are dropped (UDP-10).
    ///
    /// # Errors
    ///
    /// [`ClosedError`] if the socket is closed.
    pub fn udp_set_receiving(
        &mut self,
        now: Instant,
        socket: SocketId,
        on: bool,
    ) -> Result<(), ClosedError> {
        self.advance(now);
        self.udp.set_receiving(socket, on)
    }

    /// Checks a send, in the order of UDP-7. What is returned passed all checks, has cost a
    /// token, and is to be given to the backend as [`Command::Send`](crate::Command::Send), after
    /// the commands that wait to be polled; [`send`](crate::send) does all of that.
    ///
    /// # Errors
    ///
    /// [`SendError`]: nothing is to be sent. After [`SendError::Address`] and
    /// [`SendError::NotLocal`] the socket is closed (UDP-3, UDP-4).
    pub fn udp_send<'a, 't>(
        &mut self,
        now: Instant,
        socket: SocketId,
        target: impl Into<Target<'t>>,
        port: u16,
        payload: &'a [u8],
    ) -> Result<Datagram<'a>, SendError> {
        let now = self.advance(now);
        let own = |id| own_prefix(&self.interfaces, id);
        self.udp
            .send(now, socket, (target.into(), port), payload, own)
    }

    /// Closes a socket and frees its port. Closing it again is harmless (UDP-11).
    pub fn udp_close(&mut self, now: Instant, socket: SocketId) {
        self.advance(now);
        self.udp.close(socket);
    }

    /// The local port of a socket; `None` before the first send of one that was opened without.
    ///
    /// # Errors
    ///
    /// [`ClosedError`] if the socket is closed.
    pub fn udp_port(&self, socket: SocketId) -> Result<Option<u16>, ClosedError> {
        self.udp.port(socket)
    }

    /// The tokens left at `now` of those that all sockets share (RATE-1); all of them where each
    /// socket has a limit of its own (RATE-4).
    #[must_use]
    pub fn udp_tokens(&self, now: Instant) -> u32 {
        self.udp.tokens(self.latest.max(now))
    }

    /// The tokens left at `now` for sends of one socket: its own, or the shared ones (RATE-4).
    ///
    /// # Errors
    ///
    /// [`ClosedError`] if the socket is closed.
    pub fn udp_socket_tokens(&self, now: Instant, socket: SocketId) -> Result<u32, ClosedError> {
        self.udp.socket_tokens(self.latest.max(now), socket)
    }

    /// The received datagrams that were dropped, by reason (UDP-9).
    #[must_use]
    pub const fn udp_drops(&self) -> Drops {
        self.udp.drops()
    }

    /// Closes the sockets of an interface that is powered down (UDP-11).
    pub(super) fn close_sockets(&mut self, id: InterfaceId) {
        let notices = &mut self.notices;
        self.udp
            .close_all(id, |socket| notices.push(Notice::SocketClosed { socket }));
    }
}

/// The address and subnet of an interface while it is CONNECTED.
pub(super) fn own_prefix(interfaces: &[ManagedInterface], id: InterfaceId) -> Option<Prefix> {
    Some(machine(interfaces, id)?.ip_config()?.prefix())
}
