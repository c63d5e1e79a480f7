//! A device as seen by its application: a manager, its backend, and one local socket.

use core::net::SocketAddrV4;

use lankeeper::{
    BackOffConfig, Config, Delivery, DropReason, Drops, Handle, Instant, InterfaceConfig,
    InterfaceId, Manager, Nic, Notice, Progress, Recovery, SendError, SocketId, State, StopReason,
    Target, drive, send,
};

use crate::link::Link;
use crate::stack::Stack;
use crate::stack::backend::{LinkDriver, StackBackend};
use crate::timeline::Event;

/// One interface, one handle, one socket, and room for the notices of one wake-up.
type DeviceManager = Manager<1, 1, 1, 16>;

/// An event for the application.
pub enum Inbox {
    Connected,
    Datagram(SocketAddrV4, Vec<u8>),
}

/// A powered device.
pub struct Device {
    now: Instant,
    manager: DeviceManager,
    backend: StackBackend<Link>,
    handle: Handle,
    /// The local port of the socket.
    port: u16,
    socket: Option<SocketId>,
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
        let mut back_off = BackOffConfig::default();
        back_off.seed = seed;
        let mut interface = InterfaceConfig::new(backend.link.interface());
        interface.recovery = Recovery::Automatic(back_off);
        let mut manager =
            Manager::new(&Config::new([interface])).expect("default settings are valid");
        let handle = manager.open(now, nic).expect("the interface is present");
        let mut device = Self {
            now,
            manager,
            backend,
            handle,
            port,
            socket: None,
            drops: Drops::default(),
            journal: Vec::new(),
            tokens: Vec::new(),
            limited: 0,
        };
        device.sample_tokens();
        device.open_socket();
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
        // Opening cannot conflict, because the interface is closed.
        if let Ok(handle) = self.manager.open(now, nic) {
            self.handle = handle;
        }
        self.open_socket();
    }

    /// Advances manager and backend to `now`; returns the events for the application.
    pub fn run(&mut self, now: Instant) -> Vec<Inbox> {
        self.now = now;
        self.backend.set_now(now);
        // `drive` borrows the manager, so notices are collected and handled afterwards.
        let mut notices = Vec::new();
        let mut inbox = Vec::new();
        let mut deliver = |delivery: Delivery<'_>| match delivery {
            Delivery::Notice(notice) => notices.push(notice),
            Delivery::Datagram(_, datagram) => {
                inbox.push(Inbox::Datagram(datagram.source, datagram.payload.to_vec()));
            }
        };
        while matches!(
            drive(&mut self.manager, &mut self.backend, now, &mut deliver),
            Progress::Busy
        ) {}
        for notice in notices {
            self.take_notice(notice, &mut inbox);
        }
        self.log_drops();
        inbox
    }

    /// When to run again if no frame comes before.
    pub fn poll_at(&mut self) -> Option<Instant> {
        let manager = self.manager.poll_at().map(|deadline| deadline.at);
        manager.into_iter().chain(self.backend.poll_at()).min()
    }

    /// Opens the socket and turns reception on; returns whether the socket is open.
    pub fn open_socket(&mut self) -> bool {
        let Ok(socket) = self
            .manager
            .udp_open(self.now, self.handle, Some(self.port))
        else {
            return false;
        };
        // Reception is on before the first send, so that no answer is missed.
        let _ = self.manager.udp_set_receiving(self.now, socket, true);
        self.socket = Some(socket);
        true
    }

    /// Sends a datagram, if the manager allows it.
    pub fn send<'a>(
        &mut self,
        to: impl Into<Target<'a>>,
        port: u16,
        payload: &'a [u8],
    ) -> Result<(), SendError> {
        self.sample_tokens();
        let socket = self.socket.ok_or(SendError::Closed)?;
        let (manager, backend) = (&mut self.manager, &mut self.backend);
        let result = send(manager, backend, self.now, socket, to, port, payload);
        self.sample_tokens();
        match result {
            Err(SendError::WouldBlock(_)) => self.limited += 1,
            // These errors close the socket.
            Err(SendError::Address(_) | SendError::NotLocal | SendError::Closed) => {
                self.socket = None;
            }
            _ => {}
        }
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

    fn take_notice(&mut self, notice: Notice, inbox: &mut Vec<Inbox>) {
        match notice {
            Notice::StateChanged { state, reason, .. } => self.note_state(state, reason, inbox),
            // Notices were lost, but only the present state matters.
            Notice::Lagged(_) => {
                let reason = self.manager.reason(self.interface());
                self.note_state(self.state(), reason, inbox);
            }
            Notice::AddressChanged { .. } => {
                if let Some(ip) = self.manager.ip_config(self.interface()) {
                    self.log(Event::Address(ip));
                }
            }
            // Ignores a notice about an older socket.
            Notice::SocketClosed { socket } => {
                self.socket.take_if(|open| *open == socket);
            }
            // The other notices concern interfaces with a second handle.
            _ => {}
        }
    }

    fn note_state(&mut self, state: State, reason: Option<StopReason>, inbox: &mut Vec<Inbox>) {
        let is_connected = state == State::Connected;
        let address = self
            .manager
            .ip_config(self.interface())
            .filter(|_| is_connected);
        if is_connected {
            inbox.push(Inbox::Connected);
        }
        self.log(Event::State {
            state,
            reason,
            address,
        });
    }

    fn log_drops(&mut self) {
        let (before, after) = (self.drops, self.manager.udp_drops());
        self.drops = after;
        let by_reason = |drops: Drops| {
            [
                (DropReason::NotConnected, drops.not_connected),
                (DropReason::Destination, drops.destination),
                (DropReason::Source, drops.source),
                (DropReason::Port, drops.port),
                (DropReason::NotReceiving, drops.not_receiving),
            ]
        };
        for ((reason, before), (_, after)) in by_reason(before).into_iter().zip(by_reason(after)) {
            if after > before {
                self.log(Event::Dropped {
                    reason,
                    count: after - before,
                });
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
