//! What goes in and out: events and requests in, commands and notices out.

use crate::interface::{Action, Generation, Reason, Report, State};
use crate::nic::{InterfaceId, Nic};
use crate::udp::{ClosedError, Datagram, DropReason, OpenSocketError, SendError, SocketId, Target};

use super::{AbsentError, Handle, OpenError, StaleHandleError};

/// Something for the backend to do, in the order in which it comes (DRV-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Command<'a> {
    /// Do this on an interface.
    Interface {
        /// Which interface.
        interface: InterfaceId,
        /// What to do.
        action: Action<'a>,
    },
    /// Hand over the datagrams that come to a local UDP port. Holds until `Unbind`, whatever the
    /// interface goes through.
    Bind {
        /// Which interface.
        interface: InterfaceId,
        /// The local port.
        port: u16,
    },
    /// Give a local UDP port back.
    Unbind {
        /// Which interface.
        interface: InterfaceId,
        /// The local port.
        port: u16,
    },
    /// Send a datagram that passed the gate.
    Send(Datagram<'a>),
}

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
}

/// Something for the application to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Notice {
    /// An interface changed its state (IFC-9).
    StateChanged {
        /// Which interface.
        interface: InterfaceId,
        /// Its new state.
        state: State,
        /// Why it is stopped or left CONNECTED, where it is or did (IFC-4).
        reason: Option<Reason>,
    },
    /// The present state of an interface, told once to a handle that joined others (OPEN-4).
    Joined {
        /// The handle that joined.
        handle: Handle,
        /// The interface that it opened.
        interface: InterfaceId,
        /// The state that the interface is in.
        state: State,
    },
    /// A renewed lease brought another address, mask or gateway (IFC-5).
    AddressChanged {
        /// Which interface.
        interface: InterfaceId,
    },
    /// A handle was closed under its owner, with its interface (OPEN-6).
    HandleClosed {
        /// Which handle.
        handle: Handle,
    },
    /// A socket was closed because its interface was powered down (UDP-11).
    SocketClosed {
        /// Which socket.
        socket: SocketId,
    },
    /// This many notices did not fit: ask for the present states (DRV-2).
    Lagged(u32),
}

/// What [`Manager::poll_output`](super::Manager::poll_output) hands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(
    clippy::exhaustive_enums,
    reason = "there are two listeners: backend and application"
)]
pub enum Output<'a> {
    /// For the backend.
    Command(Command<'a>),
    /// For the application.
    Notice(Notice),
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
}
