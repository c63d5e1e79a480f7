//! Local datagrams through the manager: which interface a socket has, and what is sent or received
//! while that interface is connected.

use super::member::Member;
use super::{Handle, Manager, Notice, find_ref};
use crate::interface::State;
use crate::ipv4::Prefix;
use crate::nic::InterfaceId;
use crate::time::Instant;
use crate::udp::{ClosedError, Datagram, Drops, OpenSocketError, SendError, SocketId, Target};

impl<
    const INTERFACES: usize,
    const HANDLES: usize,
    const SOCKETS: usize,
    const NOTICES: usize,
    const NETWORKS: usize,
> Manager<INTERFACES, HANDLES, SOCKETS, NOTICES, NETWORKS>
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
        self.at(now).udp_open_now(handle, port)
    }

    pub(super) fn udp_open_now(
        &mut self,
        handle: Handle,
        port: Option<u16>,
    ) -> Result<SocketId, OpenSocketError> {
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
        self.at(now).udp_set_receiving_now(socket, on)
    }

    pub(super) fn udp_set_receiving_now(
        &mut self,
        socket: SocketId,
        on: bool,
    ) -> Result<(), ClosedError> {
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
        self.at(now)
            .udp_send_now(socket, target.into(), port, payload)
    }

    pub(super) fn udp_send_now<'a>(
        &mut self,
        socket: SocketId,
        target: Target<'_>,
        port: u16,
        payload: &'a [u8],
    ) -> Result<Datagram<'a>, SendError> {
        let now = self.now();
        let interfaces = &self.interfaces;
        let own = |id| own(interfaces, id);
        self.udp.send(now, socket, (target, port), payload, own)
    }

    /// Closes a socket and frees its port. Closing it again is harmless (UDP-11).
    pub fn udp_close(&mut self, now: Instant, socket: SocketId) {
        self.at(now).udp_close_now(socket);
    }

    pub(super) fn udp_close_now(&mut self, socket: SocketId) {
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
        self.udp.tokens(self.now().max(now))
    }

    /// The tokens left at `now` for sends of one socket: its own, or the shared ones (RATE-4).
    ///
    /// # Errors
    ///
    /// [`ClosedError`] if the socket is closed.
    pub fn udp_socket_tokens(&self, now: Instant, socket: SocketId) -> Result<u32, ClosedError> {
        self.udp.socket_tokens(self.now().max(now), socket)
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

/// The address and subnet of an interface while it is connected.
pub(super) fn own(interfaces: &[Member], id: InterfaceId) -> Option<Prefix> {
    let ip = find_ref(interfaces, id)?.machine.ip_config()?;
    Some(ip.prefix())
}
