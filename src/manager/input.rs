//! Everything that can be handed to a manager, as one type.

use super::{
    AbsentError, ConnectError, Event, Handle, Manager, NotConnectedError, OpenError, OrderError,
    StaleHandleError,
};
use crate::connect::Policy;
use crate::ipv4::IpConfig;
use crate::nic::{InterfaceId, Nic, ProxySettings, WifiSettings};
use crate::span::Span;
use crate::stored::StoredParts;
use crate::time::Instant;
use crate::udp::{ClosedError, Datagram, DropReason, OpenSocketError, SendError, SocketId, Target};

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
    Woke,
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

/// What an [`Input`] comes back with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Reply<'a> {
    /// Nothing to tell.
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

/// What becomes of traffic for the server (CON-16).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "it can be sent now or later")]
pub enum ServerCall {
    /// It can be sent.
    Connected,
    /// It can be sent once there is a connection, which is being made.
    Connecting,
}

impl<
    const INTERFACES: usize,
    const HANDLES: usize,
    const SOCKETS: usize,
    const NOTICES: usize,
    const NETWORKS: usize,
> Manager<INTERFACES, HANDLES, SOCKETS, NOTICES, NETWORKS>
{
    /// Takes any input, and answers as the method of the same name does.
    pub fn handle_input<'a>(&mut self, now: Instant, input: Input<'a>) -> Reply<'a> {
        let present = self.at(now);
        match input {
            Input::Timeout => Reply::Done,
            Input::Event(event) => present
                .handle_event_now(event)
                .map_or(Reply::Done, Reply::Received),
            Input::Open(nic) => Reply::Opened(present.open_now(nic)),
            Input::Close(handle) => {
                present.close_now(handle);
                Reply::Done
            }
            Input::Retry(handle) => Reply::Retried(present.retry_now(handle)),
            Input::SetEnabled(id, enabled) => Reply::Enabled(present.set_enabled_now(id, enabled)),
            Input::UdpOpen(handle, port) => Reply::UdpOpened(present.udp_open_now(handle, port)),
            Input::UdpSetReceiving(socket, on) => {
                Reply::UdpReceiving(present.udp_set_receiving_now(socket, on))
            }
            Input::UdpSend(socket, target, port, payload) => {
                Reply::UdpSent(present.udp_send_now(socket, target, port, payload))
            }
            Input::UdpClose(socket) => {
                present.udp_close_now(socket);
                Reply::Done
            }
            Input::Connect(timeout) => Reply::Connecting(present.connect_now(timeout)),
            Input::ConnectWith(nic, timeout) => {
                Reply::Connecting(present.connect_with_now(nic, timeout))
            }
            Input::Disconnect(flush) => {
                present.disconnect_now(flush);
                Reply::Done
            }
            Input::ServerCall => Reply::ServerCalled(present.server_call_now()),
            Input::Woke => {
                present.woke_now();
                Reply::Done
            }
            Input::SetPolicy(policy) => {
                present.set_policy_now(policy);
                Reply::Done
            }
            Input::SetServerOrder(order) => {
                Reply::ServerOrderSet(present.set_server_order_now(order))
            }
            Input::StoreWifi(settings) => {
                present.store_wifi_now(settings);
                Reply::Done
            }
            Input::StoreStatic(config) => {
                present.store_static_now(config);
                Reply::Done
            }
            Input::StoreProxy(settings) => {
                present.store_proxy_now(settings);
                Reply::Done
            }
            Input::ClearStored(parts) => {
                present.clear_stored_now(parts);
                Reply::Done
            }
        }
    }
}
