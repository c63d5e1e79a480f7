//! Everything that comes in: events of the backend, and all inputs as one type.

use super::udp::own_prefix;
use super::{
    AbsentError, ConnectError, Handle, Manager, NotConnectedError, Notice, OpenError, OrderError,
    ServerCall, StaleHandleError, find,
};
use crate::connect::{Policy, ServerReport};
use crate::generation::Generation;
use crate::interface::Report;
use crate::ipv4::IpConfig;
use crate::nic::{Exposed, InterfaceId, Nic, ProxySettings, WifiSettings};
use crate::span::Span;
use crate::stored::{StoredParts, StoredSettings};
use crate::time::Instant;
use crate::udp::{ClosedError, Datagram, DropReason, OpenSocketError, SendError, SocketId, Target};

/// Something that happened in the backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Event<'a> {
    /// Something happened on an interface.
    Interface {
        /// Which interface.
        interface: InterfaceId,
        /// The generation of the action that it belongs to.
        generation: Generation,
        /// What happened.
        report: Report,
    },
    /// A datagram came in.
    Datagram(Datagram<'a>),
    /// Something happened to the server connection.
    Server {
        /// The generation of the action that it belongs to.
        generation: Generation,
        /// What happened.
        report: ServerReport,
    },
    /// A secret is sealed, as [`Command::Seal`](crate::Command::Seal) said: a Wi-Fi key in 1 to 112
    /// bytes, a password for a proxy in 1 to 80. One of another length is dropped.
    Sealed {
        /// The generation of the command.
        generation: Generation,
        /// The sealed secret.
        secret: Exposed<'a>,
    },
    /// The stored settings could not be kept: those kept before are still there. Of
    /// [`Command::Persist`](crate::Command::Persist).
    PersistFailed {
        /// The backend's own code.
        code: i32,
    },
    /// Somebody provisioned the device with these settings, in place of the stored ones (CFG-1).
    Provisioned(&'a StoredSettings),
}

/// Everything that can be handed to a manager, as one type: for replays, tests and fuzzing.
/// Applications call the methods of the same names.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Input<'a> {
    /// Time goes on.
    Timeout,
    /// Something happened in the backend.
    Event(Event<'a>),
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
    UdpSend(SocketId, Target<'a>, u16, &'a [u8]),
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
    /// Of [`Event::Datagram`].
    Received(Result<SocketId, DropReason>),
    /// Of [`Input::Open`].
    Opened(Result<Handle, OpenError>),
    /// Of [`Input::Retry`].
    Retried(Result<(), StaleHandleError>),
    /// Of [`Input::SetEnabled`].
    Enabled(Result<(), AbsentError>),
    /// Of [`Input::UdpOpen`].
    UdpOpened(Result<SocketId, OpenSocketError>),
    /// Of [`Input::UdpSetReceiving`].
    UdpReceiving(Result<(), ClosedError>),
    /// Of [`Input::UdpSend`].
    UdpSent(Result<Datagram<'a>, SendError>),
    /// Of [`Input::Connect`] and [`Input::ConnectWith`].
    Connecting(Result<(), ConnectError>),
    /// Of [`Input::ServerCall`].
    ServerCalled(Result<ServerCall, NotConnectedError>),
    /// Of [`Input::SetServerOrder`].
    ServerOrderSet(Result<(), OrderError>),
}

impl<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>
    Manager<I, H, S, N, W>
{
    /// Takes an event of the backend. For a datagram the answer is the socket that it is for, or
    /// why it is to be dropped (UDP-9); for other events there is none.
    pub fn handle_event(
        &mut self,
        now: Instant,
        event: Event<'_>,
    ) -> Option<Result<SocketId, DropReason>> {
        let now = self.advance(now);
        match event {
            Event::Interface {
                interface,
                generation,
                report,
            } => {
                if let Some((place, interface)) = find(&mut self.interfaces, interface) {
                    interface.machine.handle_report(generation, report, now);
                    self.settle_interface(place, now);
                }
                None
            }
            Event::Server { generation, report } => {
                self.connector.handle_report(generation, report, now);
                self.reconcile(now);
                None
            }
            Event::Sealed { generation, secret } => {
                self.last_connection.handle_sealed(generation, secret);
                None
            }
            Event::PersistFailed { code } => {
                self.persistence.note_failure();
                self.notices.push(Notice::PersistFailed { code });
                None
            }
            Event::Provisioned(settings) => {
                self.provision(settings);
                None
            }
            Event::Datagram(datagram) => {
                let own = own_prefix(&self.interfaces, datagram.interface);
                Some(self.udp.receive(&datagram, own))
            }
        }
    }

    /// Takes any input, and answers as the method of the same name does.
    pub fn handle_input<'a>(&mut self, now: Instant, input: Input<'a>) -> Reply<'a> {
        match input {
            Input::Timeout => self.handle_timeout(now),
            Input::Event(event) => {
                let received = self.handle_event(now, event);
                return received.map_or(Reply::Done, Reply::Received);
            }
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
            Input::UdpSend(socket, target, port, payload) => {
                return Reply::UdpSent(self.udp_send(now, socket, target, port, payload));
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
            Input::StoreWifi(settings) => self.store_wifi(now, settings),
            Input::StoreStatic(config) => self.store_static(now, config),
            Input::StoreProxy(settings) => self.store_proxy(now, settings),
            Input::ClearStored(parts) => self.clear_stored(now, parts),
        }
        Reply::Done
    }
}
