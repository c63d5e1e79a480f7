//! Local datagrams through the manager: which interface a socket has, and what is sent or received
//! while that interface is connected.

use super::in_use::ManagedInterface;
use super::{Handle, Manager, Notice, machine};
use crate::ipv4::Prefix;
use crate::nic::InterfaceId;
use crate::time::Instant;
use crate::udp::{
    Binding, ClosedError, Datagram, DropReason, Drops, OpenSocketError, Received, SendError,
    SocketId, Target,
};

impl<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>
    Manager<I, H, S, N, W>
{
    /// Opens a socket for local datagrams, on a local port of 1024 and above, or without one
    /// until its first send (UDP-1, UDP-2). It receives from the first CONNECTED on, until
    /// [turned off](Self::udp_set_receiving). The socket belongs to the interface: it stays open
    /// until it is closed or the interface is powered down.
    ///
    /// ```
    /// use lankeeper::udp::OpenSocketError;
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// let port = manager.open(now, &Nic::named("eth0")?)?;
    /// let socket = manager.udp_open(now, port, 5000)?;
    /// let client = manager.udp_open(now, port, None)?; // bound by its first send
    /// assert_eq!(manager.udp_open(now, port, 5000), Err(OpenSocketError::PortInUse(5000)));
    /// assert_eq!(manager.udp_open(now, port, 80), Err(OpenSocketError::Port(80)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`OpenSocketError`]; nothing has changed then.
    pub fn udp_open(
        &mut self,
        now: Instant,
        handle: Handle,
        port: impl Into<Option<u16>>,
    ) -> Result<SocketId, OpenSocketError> {
        self.advance(now);
        let id = self
            .interface(handle)
            .map_err(|_| OpenSocketError::StaleHandle)?;
        self.udp.open(id, port.into())
    }

    /// Turns the reception of a socket on or off; while off, datagrams are dropped (UDP-10).
    ///
    /// ```
    /// # use lankeeper::sim::{Simulated, World, run_until_state};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, State};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let port = manager.open(world.now(), &Nic::named("eth0")?)?;
    /// # let up = (InterfaceId::ETHERNET, State::Connected);
    /// # run_until_state(&mut manager, &mut world, up, Duration::from_secs(30))?;
    /// # let now = world.now();
    /// let socket = manager.udp_open(now, port, 5000)?;
    /// manager.udp_set_receiving(now, socket, false)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

    /// Checks a send in the order of UDP-7. If it passes, takes a token. Give the returned datagram
    /// to the backend as [`Command::Send`](crate::Command::Send), after all commands that wait to
    /// be polled. [`send_to`](Self::send_to) does all of this.
    ///
    /// ```
    /// # use lankeeper::sim::{Simulated, World, run_until_state};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, State};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let port = manager.open(world.now(), &Nic::named("eth0")?)?;
    /// # let up = (InterfaceId::ETHERNET, State::Connected);
    /// # run_until_state(&mut manager, &mut world, up, Duration::from_secs(30))?;
    /// # let now = world.now();
    /// let socket = manager.udp_open(now, port, 5000)?;
    /// let datagram = manager.udp_send(now, socket, ("192.168.2.9", 4000), b"hello")?;
    /// assert_eq!(datagram.source.to_string(), "192.168.2.50:5000");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
        payload: &'a [u8],
    ) -> Result<Datagram<'a>, SendError> {
        self.check_send(now, socket, target.into(), payload)
    }

    /// [`udp_send`](Self::udp_send) with one type of target, so that a program contains it once.
    fn check_send<'a>(
        &mut self,
        now: Instant,
        socket: SocketId,
        target: Target<'_>,
        payload: &'a [u8],
    ) -> Result<Datagram<'a>, SendError> {
        let now = self.advance(now);
        let own = |id| own_prefix(&self.interfaces, id);
        self.udp.send(now, socket, target, payload, own)
    }

    /// Checks a datagram that the backend has received, and returns the socket that it is for
    /// (UDP-9). `room` is the length in bytes of the buffer; for a datagram that was copied whole,
    /// its own length will do. [`poll`](Self::poll) does this itself.
    ///
    /// ```
    /// use lankeeper::udp::DropReason;
    /// use lankeeper::{Command, Received};
    /// # use lankeeper::sim::{Simulated, World, run_until_state};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, State};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let port = manager.open(world.now(), &Nic::named("eth0")?)?;
    /// # let up = (InterfaceId::ETHERNET, State::Connected);
    /// # run_until_state(&mut manager, &mut world, up, Duration::from_secs(30))?;
    /// # let now = world.now();
    ///
    /// let socket = manager.udp_open(now, port, 5000)?;
    /// let Some(Command::Bind(binding)) = manager.poll_command() else {
    ///     return Err("no port to bind".into());
    /// };
    /// let mut received = Received {
    ///     source: "192.168.2.9:4000".parse()?,
    ///     destination: "192.168.2.50".parse()?,
    ///     length: 5,
    /// };
    /// assert_eq!(manager.udp_receive(now, binding, &received, 64), Ok(socket));
    /// received.source = "8.8.8.8:53".parse()?;
    /// assert_eq!(manager.udp_receive(now, binding, &received, 64), Err(DropReason::Source));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DropReason`]: drop the datagram, which is counted.
    pub fn udp_receive(
        &mut self,
        now: Instant,
        binding: Binding,
        received: &Received,
        room: usize,
    ) -> Result<SocketId, DropReason> {
        self.advance(now);
        let own = own_prefix(&self.interfaces, binding.interface());
        let mut interfaces = self.interfaces.iter();
        let is_from_us = interfaces.any(|interface| {
            let config = interface.machine.ip_config();
            config.is_some_and(|config| config.address() == *received.source.ip())
        });
        self.udp.receive(binding, received, room, own, is_from_us)
    }

    /// The port that is bound at the place whose turn it is, if one is.
    pub(crate) fn next_bound(&mut self) -> Option<Binding> {
        self.udp.bound_at(self.round.next_place(S))
    }

    /// Closes a socket and frees its port. Closing it again is harmless (UDP-11).
    ///
    /// ```
    /// # use lankeeper::sim::{Simulated, World, run_until_state};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, State};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let port = manager.open(world.now(), &Nic::named("eth0")?)?;
    /// # let up = (InterfaceId::ETHERNET, State::Connected);
    /// # run_until_state(&mut manager, &mut world, up, Duration::from_secs(30))?;
    /// # let now = world.now();
    ///
    /// let socket = manager.udp_open(now, port, 5000)?;
    /// manager.udp_close(now, socket);
    /// assert!(manager.udp_port(socket).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn udp_close(&mut self, now: Instant, socket: SocketId) {
        self.advance(now);
        self.udp.close(socket);
    }

    /// The local port of a socket; `None` before the first send of one that was opened without.
    ///
    /// ```
    /// # use lankeeper::sim::{Simulated, World, run_until_state};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, State};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let port = manager.open(world.now(), &Nic::named("eth0")?)?;
    /// # let up = (InterfaceId::ETHERNET, State::Connected);
    /// # run_until_state(&mut manager, &mut world, up, Duration::from_secs(30))?;
    /// # let now = world.now();
    /// let socket = manager.udp_open(now, port, None)?;
    /// assert_eq!(manager.udp_port(socket)?, None);
    /// manager.send_to(now, &mut world, socket, ("192.168.2.9", 4000), b"hello")?;
    /// assert_eq!(manager.udp_port(socket)?, Some(49_152));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ClosedError`] if the socket is closed.
    pub fn udp_port(&self, socket: SocketId) -> Result<Option<u16>, ClosedError> {
        self.udp.port(socket)
    }

    /// The whole tokens left at `now` in the bucket that all sockets share (RATE-1); the burst if
    /// each socket has a bucket of its own (RATE-4).
    ///
    /// ```
    /// # use lankeeper::sim::{Simulated, World, run_until_state};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, State};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let port = manager.open(world.now(), &Nic::named("eth0")?)?;
    /// # let up = (InterfaceId::ETHERNET, State::Connected);
    /// # run_until_state(&mut manager, &mut world, up, Duration::from_secs(30))?;
    /// # let now = world.now();
    /// let socket = manager.udp_open(now, port, None)?;
    /// assert_eq!(manager.udp_tokens(now), 100);
    /// manager.send_to(now, &mut world, socket, ("192.168.2.9", 4000), b"hello")?;
    /// assert_eq!(manager.udp_tokens(now), 99);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn udp_tokens(&self, now: Instant) -> u32 {
        self.udp.tokens(self.latest.max(now))
    }

    /// The whole tokens left at `now` for sends of one socket, from its own or the shared bucket
    /// (RATE-4).
    ///
    /// ```
    /// # use lankeeper::sim::{Simulated, World, run_until_state};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, State};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let port = manager.open(world.now(), &Nic::named("eth0")?)?;
    /// # let up = (InterfaceId::ETHERNET, State::Connected);
    /// # run_until_state(&mut manager, &mut world, up, Duration::from_secs(30))?;
    /// # let now = world.now();
    /// let socket = manager.udp_open(now, port, None)?;
    /// assert_eq!(manager.udp_socket_tokens(now, socket)?, 100);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ClosedError`] if the socket is closed.
    pub fn udp_socket_tokens(&self, now: Instant, socket: SocketId) -> Result<u32, ClosedError> {
        self.udp.socket_tokens(self.latest.max(now), socket)
    }

    /// The received datagrams that were dropped, by reason (UDP-9).
    ///
    /// ```
    /// use lankeeper::udp::DropReason;
    /// # use lankeeper::sim::{Simulated, World, run_until_state};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, State};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let port = manager.open(world.now(), &Nic::named("eth0")?)?;
    /// # let up = (InterfaceId::ETHERNET, State::Connected);
    /// # run_until_state(&mut manager, &mut world, up, Duration::from_secs(30))?;
    /// # let now = world.now();
    ///
    /// for (reason, count) in manager.udp_drops().iter() {
    ///     println!("{count} dropped: {reason}");
    /// }
    /// assert_eq!(manager.udp_drops().total(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
