//! What goes out: commands for the backend, in the order in which it must carry them out, and
//! notices for the application.

use core::net::SocketAddrV4;

use heapless::Deque;

use super::in_use::joined_network;
use super::status::Status;
use super::{Handle, Manager, SealTicket, ServerTicket, Ticket};
use crate::connect::{AttemptId, ConnectOutcome, ServerAction, ServerState};
use crate::counter::count;
use crate::interface::{Action, State, StopReason, WaitingAction};
use crate::nic::{InterfaceId, InterfaceName, Secrets};
use crate::stored::StoredSettings;
use crate::udp::{Binding, Datagram, SocketId};

/// Something for the backend to do, in the order in which it comes (DRV-2).
///
/// It borrows from the manager. To pass it to another task, copy what that task needs: tickets,
/// bindings and addresses are `Copy`, settings are `Clone`, and a record is bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Command<'a> {
    /// Do this on an interface.
    Interface {
        /// Comes back with each report of the action.
        ticket: Ticket,
        /// What to do.
        action: Action<'a>,
    },
    /// Keep what comes to a local UDP port until it is received. Holds until `Unbind`, whatever the
    /// interface goes through. A backend that cannot reports [`Binding::failed`].
    Bind(Binding),
    /// Give a local UDP port back. Datagrams that were given to be sent from it go out first; those
    /// that wait to be received are dropped.
    Unbind(Binding),
    /// Send a datagram that passed the gate. A backend that cannot may report
    /// [`Binding::send_failed`].
    Send(Datagram<'a>),
    /// Do this for the server connection, over the interface that is CONNECTED for it.
    Server {
        /// Comes back with each report of the action.
        ticket: ServerTicket,
        /// What to do.
        action: ServerAction<'a>,
    },
    /// Keep these settings over a restart, in place of those kept before: whole or not at all
    /// (CFG-1). [`StoredSettings::to_record`] makes the bytes to write, at most
    /// [`RECORD_CAPACITY`](crate::stored::RECORD_CAPACITY). A backend that fails reports
    /// [`Event::PersistFailed`](crate::Event::PersistFailed).
    Persist(&'a StoredSettings),
    /// Seal these secrets of the present connection, each for its
    /// [purpose](crate::nic::SecretPurpose), and pass all of them to [`Manager::sealed`] (SEC-3), see
    /// [`Vault`](crate::driver::Vault). [`Manager::poll`] calls
    /// [`Backend::seal`](crate::Backend::seal) first, so that this comes only if that fails. A
    /// backend that cannot seal at all ignores it: [`Manager::current_config`] then returns what it
    /// returned before this connection (CFG-4).
    Seal {
        /// Comes back with the sealed secrets.
        ticket: SealTicket,
        /// The secrets, in plaintext.
        secrets: Secrets<'a>,
    },
}

impl Command<'_> {
    /// The interface that the command is for; `None` for one that is for the whole device.
    #[must_use]
    pub const fn interface(&self) -> Option<InterfaceId> {
        match self {
            Self::Interface { ticket, .. } => Some(ticket.interface()),
            Self::Bind(binding) | Self::Unbind(binding) => Some(binding.interface()),
            Self::Send(datagram) => Some(datagram.binding.interface()),
            Self::Server { ticket, .. } => Some(ticket.interface()),
            Self::Persist(_) | Self::Seal { .. } => None,
        }
    }
}

/// Something for the application to know.
///
/// Whatever a notice says can be asked as well, so that none has to be kept (CON-26): each names the
/// question. Gone with it are only the codes of single failures, and the order in which things happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Notice {
    /// An interface changed its state (IFC-9). Ask [`Manager::state`], [`Manager::reason`] and
    /// [`Manager::loss`].
    StateChanged {
        /// Which interface.
        interface: InterfaceId,
        /// Its new state.
        state: State,
        /// Why it is stopped, or why it left CONNECTED (IFC-4); `None` after any other change.
        reason: Option<StopReason>,
    },
    /// The present state of an interface, reported once to a handle that joined others (OPEN-4). Ask
    /// [`Manager::interface`] and [`Manager::state`].
    Joined {
        /// The handle that joined.
        handle: Handle,
        /// The interface that it opened.
        interface: InterfaceId,
        /// The state that the interface is in.
        state: State,
    },
    /// A renewed lease brought another address, mask, gateway or other name servers (IFC-5). Ask
    /// [`Manager::ip_config`].
    AddressChanged {
        /// Which interface.
        interface: InterfaceId,
    },
    /// A handle was closed under its owner, with its interface (OPEN-6). Ask [`Manager::interface`].
    HandleClosed {
        /// Which handle.
        handle: Handle,
    },
    /// A socket was closed because its interface was powered down, or because the last local holder
    /// of that has closed it (UDP-11). Ask [`Manager::udp_port`].
    SocketClosed {
        /// Which socket.
        socket: SocketId,
    },
    /// A socket was closed because the backend could not bind its local port (DRV-6). Ask
    /// [`Manager::udp_port`] and [`Manager::failures`].
    BindFailed {
        /// Which socket.
        socket: SocketId,
        /// The backend's own code.
        code: i32,
    },
    /// A datagram passed all checks and was not sent: the stack refused it, or found no neighbour
    /// (DRV-6). Ask [`Manager::failures`] how many; which one it was is gone with the notice, as is the
    /// datagram itself.
    SendFailed {
        /// The socket that it was sent from, which stays open.
        socket: SocketId,
        /// The destination.
        to: SocketAddrV4,
        /// The backend's own code.
        code: i32,
    },
    /// A stop or power-down of an interface failed (DRV-6). The interface counts as stopped. Ask
    /// [`Manager::failures`] how many.
    StopFailed {
        /// Which interface.
        interface: InterfaceId,
        /// The backend's own code.
        code: i32,
    },
    /// The server connection changed its state (CON-17).
    /// [`Manager::server_interface`] says over which interface. Ask [`Manager::server_state`].
    ServerStateChanged {
        /// Its new state.
        state: ServerState,
    },
    /// An attempt to connect has ended: the one result of a request (CON-2). Ask
    /// [`Manager::last_result`] and [`Manager::ended_attempts`].
    ConnectEnded {
        /// The number that the request returned.
        attempt: AttemptId,
        /// The interface as it was named, or the one of the newest try.
        interface: InterfaceName,
        /// How it ended.
        outcome: ConnectOutcome,
        /// The backend's own code, unchanged, where it reported one.
        code: Option<i32>,
    },
    /// The server connection was lost, and could not be made again in time (CON-12). Nothing more
    /// is tried until the next request; under [`KeepTrying`](crate::Policy::KeepTrying) everything
    /// is, without end. Ask [`Manager::server_loss`].
    ServerLost {
        /// The interface of the newest try.
        interface: InterfaceId,
        /// Why it could not be made again.
        outcome: ConnectOutcome,
        /// The backend's own code, unchanged, where it reported one.
        code: Option<i32>,
    },
    /// The server connection is back, after its failure or its loss was reported (CON-21). Ask
    /// [`Manager::server_state`] and [`Manager::server_interface`].
    ServerBack {
        /// The interface that carries it.
        interface: InterfaceId,
    },
    /// There is no connection: an application that cannot work without its server is to suspend
    /// itself (CON-13). Nothing stops in the manager: sockets and requests work as before. Ask
    /// [`Manager::is_suspended`] and [`Manager::server_loss`].
    Suspended {
        /// The interface of the newest try.
        interface: InterfaceId,
        /// Why there is none.
        outcome: ConnectOutcome,
        /// The backend's own code, unchanged, where it reported one.
        code: Option<i32>,
    },
    /// The server connection could not be flushed or dropped (DRV-6). It counts as dropped. Ask
    /// [`Manager::failures`] how often.
    DisconnectFailed {
        /// The backend's own code.
        code: i32,
    },
    /// The application is to go on: there is a connection, or nothing is tried any more. Ask
    /// [`Manager::is_suspended`].
    Resumed,
    /// The device was provisioned: the stored settings are other ones (CFG-1). Ask
    /// [`Manager::stored`].
    Provisioned,
    /// The backend could not persist the stored settings: they are in force until the next restart.
    /// The next request to store or to clear, even the same one, has them persisted anew. Ask
    /// [`Manager::is_persisted`] and [`Manager::failures`].
    PersistFailed {
        /// The backend's own code.
        code: i32,
    },
    /// This many notices did not fit: ask what they said (DRV-2, CON-26).
    Lagged(u32),
}

/// What [`Manager::poll_output`] returns.
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

/// Where a command for the backend comes from.
#[derive(Clone, Copy)]
pub(super) enum Source {
    Server,
    /// The interface at this place.
    Interface(u8),
    Unbind,
    Bind,
    Persist,
    Seal,
}

impl<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>
    Manager<I, H, S, N, W>
{
    /// The next command or, if no command waits, the next notice.
    ///
    /// ```
    /// use lankeeper::manager::Output;
    /// use lankeeper::{Notice, State};
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// manager.open(now, &Nic::named("eth0")?)?;
    /// assert!(matches!(manager.poll_output(), Some(Output::Command(_)))); // the power-up
    /// let Some(Output::Notice(Notice::StateChanged { state, .. })) = manager.poll_output() else {
    ///     return Err("no change of state".into());
    /// };
    /// assert_eq!(state, State::Starting);
    /// assert_eq!(manager.poll_output(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn poll_output(&mut self) -> Option<Output<'_>> {
        if self.next_source().is_none() {
            return self.poll_notice().map(Output::Notice);
        }
        self.poll_command().map(Output::Command)
    }

    /// The next command for the backend. What ends comes before what begins, across all
    /// interfaces, so that nothing runs on two of them during a switch (DRV-2).
    ///
    /// ```
    /// use lankeeper::{Action, Command};
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// manager.open(now, &Nic::named("eth0")?)?;
    /// let command = manager.poll_command().ok_or("no command")?;
    /// assert!(matches!(command, Command::Interface { action: Action::PowerUp, .. }));
    /// assert_eq!(manager.poll_command(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn poll_command(&mut self) -> Option<Command<'_>> {
        match self.next_source()? {
            Source::Server => {
                let proxy = self.settings.proxy();
                let (interface, generation, action) = self.connector.take_action(proxy)?;
                let ticket = ServerTicket {
                    interface,
                    generation,
                };
                Some(Command::Server { ticket, action })
            }
            Source::Interface(place) => {
                let machine = &mut self.interfaces.get_mut(usize::from(place))?.machine;
                let interface = machine.id();
                let network = self.settings.network(interface);
                let (action, generation) = machine.take_action(network)?;
                let ticket = Ticket {
                    interface,
                    generation,
                };
                Some(Command::Interface { ticket, action })
            }
            Source::Unbind => Some(Command::Unbind(self.udp.take_unbind()?)),
            Source::Bind => Some(Command::Bind(self.udp.take_bind()?)),
            Source::Persist => {
                self.persistence.note_persisted();
                Some(Command::Persist(&self.settings.stored))
            }
            Source::Seal => {
                self.last_connection.ask();
                Some(self.seal_command())
            }
        }
    }

    /// The newest command to seal the secrets of the present connection.
    pub(crate) fn seal_command(&self) -> Command<'_> {
        let wanted = self.connector.wanted();
        let network = wanted.and_then(|id| joined_network(&self.interfaces, &self.settings, id));
        Command::Seal {
            ticket: SealTicket(self.last_connection.generation()),
            secrets: Secrets::plaintexts(network, self.settings.proxy()),
        }
    }

    /// The next notice for the application.
    ///
    /// ```
    /// use lankeeper::{Notice, State};
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// manager.open(now, &Nic::named("eth0")?)?;
    /// let Some(Notice::StateChanged { interface, state, .. }) = manager.poll_notice() else {
    ///     return Err("no change of state".into());
    /// };
    /// assert_eq!((interface, state), (InterfaceId::ETHERNET, State::Starting));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn poll_notice(&mut self) -> Option<Notice> {
        self.notices.pop()
    }

    /// The one function that decides which command comes next, and whether there is one. A source
    /// that it returns always has a command, because one without would hide the sources after it.
    pub(super) fn next_source(&self) -> Option<Source> {
        // What ends, then what begins.
        let (server_ends, server_begins) = self.connector.waiting();
        if server_ends {
            return Some(Source::Server);
        }
        if self.udp.to_unbind().is_some() {
            return Some(Source::Unbind);
        }
        let mut beginning = None;
        for (place, interface) in (0..).zip(&self.interfaces) {
            match interface.machine.waiting() {
                Some(WaitingAction::End) => return Some(Source::Interface(place)),
                Some(WaitingAction::Begin) => {
                    beginning = beginning.or(Some(Source::Interface(place)))
                }
                None => {}
            }
        }
        if beginning.is_some() {
            return beginning;
        }
        if self.udp.to_bind().is_some() {
            return Some(Source::Bind);
        }
        if server_begins {
            return Some(Source::Server);
        }
        if self.persistence.is_due() {
            return Some(Source::Persist);
        }
        self.last_connection.is_due().then_some(Source::Seal)
    }
}

/// Up to `N` notices, the count of those that did not fit, and what all of them said.
#[derive(Clone, Debug)]
pub(super) struct Notices<const N: usize> {
    ring: Deque<Notice, N>,
    /// Notices left out since the newest one in the ring.
    missed: u32,
    pub(super) status: Status,
}

impl<const N: usize> Notices<N> {
    pub(super) fn new() -> Self {
        const { assert!(N > 0, "there must be room for a notice") };
        Self {
            ring: Deque::new(),
            missed: 0,
            status: Status::default(),
        }
    }

    /// Adds a notice, or counts it as missed.
    // size: 8 callers
    #[inline(never)]
    pub(super) fn push(&mut self, notice: Notice) {
        self.status.note(&notice);
        // Once something is missed, the gap must be reported before anything newer.
        if self.missed > 0 || self.ring.push_back(notice).is_err() {
            count(&mut self.missed);
        }
    }

    /// Takes the oldest notice; after the last one the count of those that were missed.
    pub(super) fn pop(&mut self) -> Option<Notice> {
        self.ring
            .pop_front()
            .or_else(|| match core::mem::take(&mut self.missed) {
                0 => None,
                missed => Some(Notice::Lagged(missed)),
            })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ring.is_empty() && self.missed == 0
    }
}
