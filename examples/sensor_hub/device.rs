//! A device as seen by its application: a manager, its backend, and one local socket.

use lankeeper::udp::{Drops, Target};
use lankeeper::{
    Config, Delivery, Handle, Instant, InterfaceConfig, InterfaceId, Manager, Nic, Notice,
    SendError, SocketId, State, StopReason,
};

use crate::link::Link;
use crate::stack::Stack;
use crate::stack::backend::{LinkDriver, StackBackend};
use crate::timeline::Event;

/// A powered device.
pub struct Device {
    now: Instant,
    manager: Manager<1>,
    backend: StackBackend<Link>,
    handle: Handle,
    /// The local port of the socket.
    port: u16,
    socket: SocketId,
    /// The drop counters at the last check.
    drops: Drops,
    journal: Vec<(Instant, Event)>,
    tokens: Vec<(Instant, u32)>,
    /// The number of sends refused by the rate limit.
    pub limited: u32,
}

impl Device {
    /// Powers a device up: opens the interface with `nic`, and a socket on `port`.
    pub fn power_up(
        now: Instant,
        backend: StackBackend<Link>,
        seed: u64,
        nic: &Nic,
        port: u16,
    ) -> Self {
        let interface = InterfaceConfig::new(backend.link.interface());
        let mut manager =
            Manager::new(&Config::new(seed, [interface])).expect("default settings are valid");
        let handle = manager.open(now, nic).expect("the interface is present");
        let socket = manager
            .udp_open(now, handle, port)
            .expect("the interface is held");
        let mut device = Self {
            now,
            manager,
            backend,
            handle,
            port,
            socket,
            drops: Drops::default(),
            journal: Vec::new(),
            tokens: Vec::new(),
            limited: 0,
        };
        device.sample_tokens();
        device
    }

    /// The current instant.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// The state of the interface.
    pub fn state(&self) -> State {
        self.manager
            .state(self.interface())
            .unwrap_or(State::Unknown)
    }

    /// The stack with its network card.
    pub fn stack(&mut self) -> &mut Stack {
        &mut self.backend.stack
    }

    /// The link of the device.
    pub fn link(&mut self) -> &mut Link {
        &mut self.backend.link
    }

    fn interface(&self) -> InterfaceId {
        self.backend.link.interface()
    }

    /// Changes the configuration: closes the interface and opens it again with `nic`.
    pub fn configure(&mut self, now: Instant, nic: &Nic) {
        self.now = now;
        self.manager.close(now, self.handle);
        let handle = self.manager.open(now, nic);
        self.handle = handle.expect("the interface is closed");
        self.open_socket();
    }

    /// Advances manager and backend to `now`; returns what the application has to know next, with
    /// the payload of a datagram in the buffer.
    pub fn poll(&mut self, now: Instant, buffer: &mut [u8]) -> Option<Delivery> {
        self.now = now;
        self.backend.set_now(now);
        let delivery = self.manager.poll(now, &mut self.backend, buffer);
        match delivery {
            Some(Delivery::Notice(notice)) => self.log_notice(notice),
            Some(Delivery::Datagram { .. }) => {}
            None => self.log_drops(),
        }
        delivery
    }

    /// When to run again if no frame comes before.
    pub fn poll_at(&mut self) -> Option<Instant> {
        let manager = self.manager.poll_at().map(|deadline| deadline.at);
        manager.into_iter().chain(self.backend.poll_at()).min()
    }

    /// Opens the socket again; returns whether it is open.
    pub fn open_socket(&mut self) -> bool {
        let socket = self.manager.udp_open(self.now, self.handle, self.port);
        self.socket = socket.unwrap_or(self.socket);
        socket.is_ok()
    }

    /// Sends a datagram, if the manager allows it.
    pub fn send<'a>(&mut self, to: impl Into<Target<'a>>, payload: &[u8]) -> Result<(), SendError> {
        self.sample_tokens();
        let (manager, backend) = (&mut self.manager, &mut self.backend);
        let result = manager.send_to(self.now, backend, self.socket, to, payload);
        self.sample_tokens();
        self.limited += u32::from(matches!(result, Err(SendError::WouldBlock(_))));
        result
    }

    /// Adds an event to the journal of the device.
    pub fn log(&mut self, event: Event) {
        self.journal.push((self.now, event));
    }

    /// Takes the events of the journal.
    pub fn take_journal(&mut self) -> Vec<(Instant, Event)> {
        core::mem::take(&mut self.journal)
    }

    /// Takes the samples of the limiter's tokens.
    pub fn take_tokens(&mut self) -> Vec<(Instant, u32)> {
        core::mem::take(&mut self.tokens)
    }

    /// The number of datagrams that the core dropped.
    pub fn dropped(&self) -> u32 {
        self.drops.total()
    }

    fn log_notice(&mut self, notice: Notice) {
        match notice {
            Notice::StateChanged { state, reason, .. } => self.log_state(state, reason),
            Notice::AddressChanged { .. } => {
                if let Some(ip) = self.manager.ip_config(self.interface()) {
                    self.log(Event::Address(ip));
                }
            }
            Notice::BindFailed { code, .. } => {
                let port = self.port;
                self.log(Event::NotBound { port, code });
            }
            // The others are no part of the story.
            _ => {}
        }
    }

    fn log_state(&mut self, state: State, reason: Option<StopReason>) {
        let address = self.manager.ip_config(self.interface());
        self.log(Event::State {
            state,
            reason,
            address: address.filter(|_| state == State::Connected),
        });
    }

    fn log_drops(&mut self) {
        let (before, after) = (self.drops, self.manager.udp_drops());
        self.drops = after;
        for ((reason, before), (_, after)) in before.iter().zip(after.iter()) {
            if after > before {
                let count = after - before;
                self.log(Event::Dropped { reason, count });
            }
        }
    }

    /// Stores one sample per change, because the refill in between is linear.
    fn sample_tokens(&mut self) {
        let sample = (self.now, self.manager.udp_tokens(self.now));
        if self.tokens.last().is_none_or(|last| last.1 != sample.1) {
            self.tokens.push(sample);
        }
    }
}
