//! What goes between manager, backend and application: commands and notices out, events in.

use core::fmt;

use super::Handle;
use crate::connect::{Outcome, ServerAction, ServerReport, ServerState};
use crate::generation::Generation;
use crate::interface::{Action, Reason, Report, State};
use crate::nic::{Exposed, InterfaceId, InterfaceName, SecretPurpose};
use crate::stored::StoredSettings;
use crate::udp::{Datagram, SocketId};

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
    /// Do this for the server connection, over the interface that is CONNECTED for it.
    Server {
        /// Which interface.
        interface: InterfaceId,
        /// What to do.
        action: ServerAction<'a>,
    },
    /// Keep these settings over a restart, in place of those kept before: whole or not at all
    /// (CFG-1). [`StoredSettings::to_record`] makes the bytes to write, at most
    /// [`RECORD_CAPACITY`](crate::RECORD_CAPACITY). A backend that fails reports
    /// [`Event::PersistFailed`].
    Persist(&'a StoredSettings),
    /// Seal this secret and report it as [`Event::Sealed`] (SEC-3), see [`Vault`](crate::Vault). A
    /// backend that cannot seal leaves it: the settings of the connection are then not told (CFG-4).
    Seal {
        /// The generation that the report carries.
        generation: Generation,
        /// What it is for.
        purpose: SecretPurpose,
        /// The secret in plaintext.
        secret: Exposed<'a>,
    },
}

/// Something that happened in the backend.
///
/// Its `Debug` form leaves out a sealed secret (SEC-1).
#[derive(Clone, Copy, PartialEq, Eq)]
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
    /// A secret is sealed, as [`Command::Seal`] said: a Wi-Fi key in 1 to 112 bytes, a password for
    /// a proxy in 1 to 80. One of another length is dropped.
    Sealed {
        /// The generation of the command.
        generation: Generation,
        /// The sealed secret.
        blob: &'a [u8],
    },
    /// The stored settings could not be kept: those kept before are still there. Of
    /// [`Command::Persist`].
    PersistFailed {
        /// The backend's own code.
        code: i32,
    },
    /// Somebody provisioned the device with these settings, in place of the stored ones (CFG-1).
    Provisioned(&'a StoredSettings),
}

impl fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interface {
                interface,
                generation,
                report,
            } => f
                .debug_struct("Interface")
                .field("interface", interface)
                .field("generation", generation)
                .field("report", report)
                .finish(),
            Self::Datagram(datagram) => f.debug_tuple("Datagram").field(datagram).finish(),
            Self::Server { generation, report } => f
                .debug_struct("Server")
                .field("generation", generation)
                .field("report", report)
                .finish(),
            Self::Sealed { generation, blob } => f
                .debug_struct("Sealed")
                .field("generation", generation)
                .field("blob", &Exposed::Sealed(blob))
                .finish(),
            Self::PersistFailed { code } => {
                f.debug_struct("PersistFailed").field("code", code).finish()
            }
            Self::Provisioned(settings) => f.debug_tuple("Provisioned").field(settings).finish(),
        }
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Event<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        match self {
            Self::Interface {
                interface,
                generation,
                report,
            } => defmt::write!(
                f,
                "Interface {{ {}, {}, {} }}",
                interface,
                generation,
                report
            ),
            Self::Datagram(datagram) => defmt::write!(f, "Datagram({})", datagram),
            Self::Server { generation, report } => {
                defmt::write!(f, "Server {{ {}, {} }}", generation, report);
            }
            Self::Sealed { generation, blob } => {
                let blob = Exposed::Sealed(blob);
                defmt::write!(f, "Sealed {{ {}, {} }}", generation, blob);
            }
            Self::PersistFailed { code } => defmt::write!(f, "PersistFailed {{ {} }}", code),
            Self::Provisioned(settings) => defmt::write!(f, "Provisioned({})", settings),
        }
    }
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
    /// The server connection changed its state (CON-17).
    ServerStateChanged {
        /// Its new state.
        state: ServerState,
    },
    /// An attempt to connect has ended: the one result of a request (CON-2).
    ConnectEnded {
        /// The interface as it was named, or the one that was tried last.
        interface: InterfaceName,
        /// How it ended.
        outcome: Outcome,
        /// The backend's own code, unchanged, where it reported one.
        code: Option<i32>,
    },
    /// The server connection was lost, and could not be made again in time (CON-12).
    ServerLost {
        /// The interface that was used last.
        interface: InterfaceId,
        /// Why it could not be made again.
        outcome: Outcome,
        /// The backend's own code, unchanged, where it reported one.
        code: Option<i32>,
    },
    /// There is no connection: the application is to be suspended (CON-13).
    Suspended {
        /// Why there is none.
        outcome: Outcome,
        /// The backend's own code, unchanged, where it reported one.
        code: Option<i32>,
    },
    /// The application is to go on: there is a connection, or nothing is tried any more.
    Resumed,
    /// The device was provisioned: the stored settings are other ones (CFG-1).
    Provisioned,
    /// The stored settings could not be kept over a restart: they are in force until then. The next
    /// request to store or to clear, the same one too, has them persisted anew.
    PersistFailed {
        /// The backend's own code.
        code: i32,
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
