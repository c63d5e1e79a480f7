//! Everything that comes in: events of the backend, and all inputs as one type.

use core::net::SocketAddrV4;

use super::{
    AbsentError, ConnectError, Handle, Manager, NotConnectedError, Notice, OpenError, OrderError,
    SealTicket, ServerCall, ServerTicket, StaleHandleError, Ticket, find,
};
use crate::connect::{AttemptId, Policy, ServerReport, ServerState};
use crate::interface::Report;
use crate::ipv4::IpConfig;
use crate::nic::{InterfaceId, Nic, ProxySettings, Secrets, WifiSettings};
use crate::span::Span;
use crate::stored::{StoredParts, StoredSettings};
use crate::time::Instant;
use crate::udp::{
    Binding, ClosedError, Datagram, DropReason, OpenSocketError, Received, SendError, SocketId,
    Target,
};

/// Something that happened in the backend. It borrows nothing, so that it can wait in a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Event {
    /// Something happened on an interface. [`Ticket::report`] makes it.
    Interface {
        /// The ticket of the action that the report belongs to.
        ticket: Ticket,
        /// What happened.
        report: Report,
    },
    /// Something happened to the server connection. [`ServerTicket::report`] makes it.
    Server {
        /// The ticket of the action that the report belongs to.
        ticket: ServerTicket,
        /// What happened.
        report: ServerReport,
    },
    /// A local port could not be bound: its socket is closed (DRV-6). [`Binding::failed`] makes it.
    BindFailed {
        /// What could not be bound.
        binding: Binding,
        /// The backend's own code.
        code: i32,
    },
    /// A datagram was not sent (DRV-6). [`Binding::send_failed`] makes it.
    SendFailed {
        /// The binding of the datagram.
        binding: Binding,
        /// The destination of the datagram.
        destination: SocketAddrV4,
        /// The backend's own code.
        code: i32,
    },
    /// [`Command::Persist`](crate::Command::Persist) failed. The settings kept before are still
    /// there.
    PersistFailed {
        /// The backend's own code.
        code: i32,
    },
}

/// Every input of a manager as one type, for replays, tests and fuzzing. Applications call the
/// methods of the same names.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Input<'a> {
    /// Time goes on.
    Timeout,
    /// The clock was reset or has jumped.
    Rebase,
    /// Something happened in the backend.
    Event(Event),
    /// A datagram was received.
    UdpReceive {
        /// The port that it came to.
        binding: Binding,
        /// What came.
        received: Received,
        /// The length of the buffer.
        room: usize,
    },
    /// The secrets of a connection are sealed.
    Sealed(SealTicket, Secrets<'a>),
    /// Provision the device with these settings.
    Provision(&'a StoredSettings),
    /// Use the stored settings now.
    Reapply,
    /// Open an interface.
    Open(&'a Nic),
    /// Close a handle.
    Close(Handle),
    /// Try again now.
    Retry(Handle),
    /// Enable or disable an interface.
    SetEnabled(InterfaceId, bool),
    /// Open a socket.
    UdpOpen(Handle, Option<u16>),
    /// Turn reception on or off.
    UdpSetReceiving(SocketId, bool),
    /// Send a datagram.
    UdpSend(SocketId, Target<'a>, &'a [u8]),
    /// Close a socket.
    UdpClose(SocketId),
    /// Connect to the server.
    Connect(Option<Span>),
    /// Connect to the server over this interface.
    ConnectWith(&'a Nic, Option<Span>),
    /// Drop the server connection.
    Disconnect(Option<Span>),
    /// There is traffic for the server.
    ServerCall,
    /// The device woke.
    NoteWake,
    /// Set the policy.
    SetPolicy(Policy),
    /// Set the server order.
    SetServerOrder(&'a [InterfaceId]),
    /// Select an interface for later connections, or none.
    Select(Option<InterfaceId>),
    /// Store a Wi-Fi network.
    StoreWifi(&'a WifiSettings),
    /// Store a static address.
    StoreStatic(IpConfig),
    /// Store a proxy.
    StoreProxy(&'a ProxySettings),
    /// Forget stored settings.
    ClearStored(StoredParts),
}

/// The answer to an [`Input`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Reply<'a> {
    /// The input has no answer.
    Done,
    /// Of [`Input::UdpReceive`].
    UdpReceived(Result<SocketId, DropReason>),
    /// Of [`Input::Open`].
    Opened(Result<Handle, OpenError>),
    /// Of [`Input::Retry`].
    Retried(Result<(), StaleHandleError>),
    /// Of [`Input::SetEnabled`].
    Enabled(Result<(), AbsentError>),
    /// Of [`Input::Select`].
    Selected(Result<(), AbsentError>),
    /// Of [`Input::UdpOpen`].
    UdpOpened(Result<SocketId, OpenSocketError>),
    /// Of [`Input::UdpSetReceiving`].
    UdpReceiving(Result<(), ClosedError>),
    /// Of [`Input::UdpSend`].
    UdpSent(Result<Datagram<'a>, SendError>),
    /// Of [`Input::Connect`] and [`Input::ConnectWith`].
    Connecting(Result<AttemptId, ConnectError>),
    /// Of [`Input::ServerCall`].
    ServerCalled(Result<ServerCall, NotConnectedError>),
    /// Of [`Input::SetServerOrder`].
    ServerOrderSet(Result<(), OrderError>),
}

impl<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>
    Manager<I, H, S, N, W>
{
    /// Handles an event of the backend.
    ///
    /// ```
    /// use lankeeper::{Command, Report, State};
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// manager.open(now, &Nic::named("eth0")?)?;
    /// if let Some(Command::Interface { ticket, .. }) = manager.poll_command() {
    ///     manager.handle_event(now, ticket.report(Report::Ready));
    /// }
    /// assert_eq!(manager.state(InterfaceId::ETHERNET), Some(State::EthernetLinkUp));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn handle_event(&mut self, now: Instant, event: Event) {
        let now = self.advance(now);
        match event {
            Event::Interface { ticket, report } => {
                if let Some((place, interface)) = find(&mut self.interfaces, ticket.interface) {
                    let machine = &mut interface.machine;
                    if let Report::Fault { code } = report
                        && machine.take_ended(ticket.generation)
                    {
                        let interface = ticket.interface;
                        self.notices.push(Notice::StopFailed { interface, code });
                        return;
                    }
                    machine.handle_report(ticket.generation, report, now);
                    self.settle_interface(place, now);
                }
            }
            Event::Server { ticket, report } => {
                if let ServerReport::Fault { code } = report
                    && self
                        .connector
                        .take_ended(ticket.interface, ticket.generation)
                {
                    self.notices.push(Notice::DisconnectFailed { code });
                    return;
                }
                let ServerTicket {
                    interface,
                    generation,
                } = ticket;
                let was_flushing = self.connector.state() == ServerState::Flushing;
                self.connector
                    .handle_report(interface, generation, report, now);
                if let ServerReport::Fault { code } = report
                    && was_flushing
                    && self.connector.state() != ServerState::Flushing
                {
                    self.notices.push(Notice::DisconnectFailed { code });
                }
                self.reconcile(now);
            }
            Event::BindFailed { binding, code } => {
                if self.udp.handle_bind_failure(binding) {
                    let socket = binding.socket();
                    self.notices.push(Notice::BindFailed { socket, code });
                }
            }
            Event::SendFailed {
                binding,
                destination: to,
                code,
            } => {
                if self.udp.is_open(binding) {
                    let socket = binding.socket();
                    self.notices.push(Notice::SendFailed { socket, to, code });
                }
            }
            Event::PersistFailed { code } => {
                self.persistence.note_failure();
                self.notices.push(Notice::PersistFailed { code });
            }
        }
    }

    /// Handles any input, and returns what the method of the same name returns.
    ///
    /// ```
    /// use lankeeper::manager::{Input, Reply};
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// let nic = Nic::named("eth0")?;
    /// let Reply::Opened(Ok(handle)) = manager.handle_input(now, Input::Open(&nic)) else {
    ///     return Err("not opened".into());
    /// };
    /// assert_eq!(manager.interface(handle)?, InterfaceId::ETHERNET);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn handle_input<'a>(&mut self, now: Instant, input: Input<'a>) -> Reply<'a> {
        match input {
            Input::Timeout => self.handle_timeout(now),
            Input::Rebase => self.rebase(now),
            Input::Event(event) => self.handle_event(now, event),
            Input::UdpReceive {
                binding,
                received,
                room,
            } => {
                return Reply::UdpReceived(self.udp_receive(now, binding, &received, room));
            }
            Input::Sealed(ticket, secrets) => self.sealed(now, ticket, secrets),
            Input::Provision(settings) => self.provision(now, settings),
            Input::Reapply => self.reapply(now),
            Input::Open(nic) => return Reply::Opened(self.open(now, nic)),
            Input::Close(handle) => self.close(now, handle),
            Input::Retry(handle) => return Reply::Retried(self.retry(now, handle)),
            Input::SetEnabled(id, enabled) => {
                return Reply::Enabled(self.set_enabled(now, id, enabled));
            }
            Input::UdpOpen(handle, port) => {
                return Reply::UdpOpened(self.udp_open(now, handle, port));
            }
            Input::UdpSetReceiving(socket, on) => {
                return Reply::UdpReceiving(self.udp_set_receiving(now, socket, on));
            }
            Input::UdpSend(socket, target, payload) => {
                return Reply::UdpSent(self.udp_send(now, socket, target, payload));
            }
            Input::UdpClose(socket) => self.udp_close(now, socket),
            Input::Connect(timeout) => return Reply::Connecting(self.connect(now, timeout)),
            Input::ConnectWith(nic, timeout) => {
                return Reply::Connecting(self.connect_with(now, nic, timeout));
            }
            Input::Disconnect(flush) => self.disconnect(now, flush),
            Input::ServerCall => return Reply::ServerCalled(self.server_call(now)),
            Input::NoteWake => self.note_wake(now),
            Input::SetPolicy(policy) => self.set_policy(now, policy),
            Input::SetServerOrder(order) => {
                return Reply::ServerOrderSet(self.set_server_order(now, order));
            }
            Input::Select(selected) => return Reply::Selected(self.select(now, selected)),
            Input::StoreWifi(settings) => self.store_wifi(now, settings),
            Input::StoreStatic(config) => self.store_static(now, config),
            Input::StoreProxy(settings) => self.store_proxy(now, settings),
            Input::ClearStored(parts) => self.clear_stored(now, parts),
        }
        Reply::Done
    }
}
