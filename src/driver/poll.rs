//! The loop that runs a manager with a backend, one call at a time.

use core::net::{Ipv4Addr, SocketAddrV4};

use super::{Backend, SealedSecret};
use crate::manager::{Command, Manager, Notice};
use crate::nic::{Exposed, SecretPurpose, Secrets};
use crate::time::Instant;
use crate::udp::{SendError, SocketId, Target};

/// What [`Manager::poll`] returns for the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(
    clippy::exhaustive_enums,
    reason = "an application gets notices and datagrams, nothing else"
)]
pub enum Delivery {
    /// Something to know.
    Notice(Notice),
    /// A datagram that a socket received. Its payload is in the buffer.
    #[non_exhaustive]
    Datagram {
        /// The socket.
        socket: SocketId,
        /// The sender.
        from: SocketAddrV4,
        /// The address that it was sent to: that of the interface, or a broadcast address.
        to: Ipv4Addr,
        /// The length of the payload in bytes, at most that of the buffer.
        length: usize,
    },
}

impl<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>
    Manager<I, H, S, N, W>
{
    /// Runs the manager until there is something for the application: fires deadlines, has the
    /// backend execute commands, takes its events, and receives datagrams into `buffer`. Call it
    /// until it returns `None`, then wait until [`poll_at`](Self::poll_at), or until the backend
    /// has an event or a datagram.
    ///
    /// Nothing is borrowed beyond the call, so the application can make requests and
    /// [send](Self::send_to) between two calls. A datagram that is longer than the buffer is
    /// dropped and [counted](Self::udp_drops). The calls up to `None` are a round (DRV-1). A round
    /// also ends after 64 events and datagrams, so that a flood holds nothing up; the next one is
    /// then due now, and `poll_at` says so. Read the clock for each call, because the rate limit is
    /// as exact as the instants that it gets.
    ///
    /// ```
    /// use lankeeper::sim::{Simulated, World};
    /// use lankeeper::{
    ///     Config, Delivery, InterfaceConfig, InterfaceId, Manager, Nic, Notice, State,
    /// };
    ///
    /// let mut world: World = World::new(1); // a simulated backend, with a clock of its own
    /// let mut manager = Manager::new(&Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]))?;
    /// manager.open(world.now(), &Nic::named("eth0")?)?;
    ///
    /// let mut states = Vec::new();
    /// while let Some(delivery) = manager.poll(world.now(), &mut world, &mut []) {
    ///     if let Delivery::Notice(Notice::StateChanged { state, .. }) = delivery {
    ///         states.push(state);
    ///     }
    /// }
    /// assert_eq!(states, [State::Starting]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn poll<B: Backend + ?Sized>(
        &mut self,
        now: Instant,
        backend: &mut B,
        buffer: &mut [u8],
    ) -> Option<Delivery> {
        self.handle_timeout(now);
        loop {
            self.execute_all(now, backend);
            if let Some(notice) = self.poll_notice() {
                return Some(Delivery::Notice(notice));
            }
            if !self.round.take() {
                return None;
            }
            let events_first = self.round.events_first();
            if events_first && self.take_event(now, backend) {
                continue;
            }
            match self.receive(now, backend, buffer) {
                Receipt::Delivery(delivery) => return Some(delivery),
                Receipt::Dropped => continue,
                Receipt::Nothing => {}
            }
            if !events_first && self.take_event(now, backend) {
                continue;
            }
            self.round.finish();
            return None;
        }
    }

    /// Sends a local datagram: checks it by [`udp_send`](Self::udp_send), and passes it to the
    /// backend after the commands that must come first. The target is an address and a port, parsed
    /// or as text.
    ///
    /// ```
    /// use lankeeper::sim::{Simulated, World, run_until_state};
    /// use lankeeper::{
    ///     Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, SendError, State,
    /// };
    ///
    /// let mut world: World = World::new(1);
    /// let mut manager = Manager::new(&Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]))?;
    /// let port = manager.open(world.now(), &Nic::named("eth0")?)?;
    /// let socket = manager.udp_open(world.now(), port, None)?;
    ///
    /// let sent = manager.send_to(world.now(), &mut world, socket, ("192.168.2.9", 5000), b"hello");
    /// assert_eq!(sent, Err(SendError::NotConnected));
    /// let connected = (InterfaceId::ETHERNET, State::Connected);
    /// run_until_state(&mut manager, &mut world, connected, Duration::from_secs(30))?;
    /// manager.send_to(world.now(), &mut world, socket, ("192.168.2.9", 5000), b"hello")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`udp_send`](Self::udp_send); then nothing is sent.
    pub fn send_to<'t, B: Backend + ?Sized>(
        &mut self,
        now: Instant,
        backend: &mut B,
        socket: SocketId,
        target: impl Into<Target<'t>>,
        payload: &[u8],
    ) -> Result<(), SendError> {
        self.send(now, backend, socket, target.into(), payload)
    }

    /// [`send_to`](Self::send_to) with one type of target, so that a program contains it once for
    /// each backend.
    fn send<B: Backend + ?Sized>(
        &mut self,
        now: Instant,
        backend: &mut B,
        socket: SocketId,
        target: Target<'_>,
        payload: &[u8],
    ) -> Result<(), SendError> {
        let datagram = self.udp_send(now, socket, target, payload)?;
        self.execute_all(now, backend);
        backend.execute(Command::Send(datagram));
        Ok(())
    }

    /// Takes an event, if the backend has one.
    fn take_event<B: Backend + ?Sized>(&mut self, now: Instant, backend: &mut B) -> bool {
        let event = backend.next_event();
        if let Some(event) = event {
            self.handle_event(now, event);
        }
        event.is_some()
    }

    /// Receives a datagram at the bound port whose turn it is, or at the next one that has any.
    fn receive<B: Backend + ?Sized>(
        &mut self,
        now: Instant,
        backend: &mut B,
        buffer: &mut [u8],
    ) -> Receipt {
        for _ in 0..S {
            let Some(binding) = self.next_bound() else {
                continue;
            };
            let Some(received) = backend.receive(binding, buffer) else {
                continue;
            };
            return match self.udp_receive(now, binding, &received, buffer.len()) {
                Ok(socket) => Receipt::Delivery(Delivery::Datagram {
                    socket,
                    from: received.source,
                    to: received.destination,
                    length: received.length,
                }),
                Err(_) => Receipt::Dropped,
            };
        }
        Receipt::Nothing
    }

    /// Has the backend execute every command that waits.
    fn execute_all<B: Backend + ?Sized>(&mut self, now: Instant, backend: &mut B) {
        while let Some(command) = self.poll_command() {
            if let Command::Seal { .. } = command {
                self.execute_seal(now, backend);
            } else {
                backend.execute(command);
            }
        }
    }

    /// Has the backend seal the secrets of the present connection. One that seals at once needs neither
    /// the command nor its ticket.
    // Out of line, so that nothing else has the buffers on its stack.
    #[inline(never)]
    fn execute_seal<B: Backend + ?Sized>(&mut self, now: Instant, backend: &mut B) {
        let command = self.seal_command();
        if let Command::Seal { ticket, secrets } = command {
            let (mut key, mut password) = (SealedSecret::new(), SealedSecret::new());
            let mut seal = |purpose, secret: Option<_>, sealed: &mut _| match secret {
                Some(Exposed::Plaintext(text)) => backend.seal(purpose, text, sealed).is_ok(),
                Some(Exposed::Sealed(_)) | None => true,
            };
            if seal(SecretPurpose::WifiKey, secrets.key, &mut key)
                && seal(
                    SecretPurpose::ProxyPassword,
                    secrets.password,
                    &mut password,
                )
            {
                let sealed = Secrets {
                    key: Some(Exposed::Sealed(key.as_bytes())),
                    password: Some(Exposed::Sealed(password.as_bytes())),
                };
                return self.sealed(now, ticket, sealed);
            }
        }
        backend.execute(command);
    }
}

/// The result of asking the backend for a datagram.
enum Receipt {
    /// One for the application.
    Delivery(Delivery),
    /// One that was dropped (UDP-9).
    Dropped,
    /// No bound port has one.
    Nothing,
}
