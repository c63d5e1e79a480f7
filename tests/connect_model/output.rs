//! The outputs of a manager in the terms of the model: comparable, and with owned settings.

use lankeeper::interface::Step;
use lankeeper::manager::SealTicket;
use lankeeper::nic::Exposed;
use lankeeper::stored::StoredSettings;
use lankeeper::{
    Action, AttemptId, Cause, Command, ConnectOutcome, Handle, InterfaceId, IpConfig, Notice,
    ProxySettings, ServerAction, ServerState, ServerTicket, SocketId, State, StopReason, Ticket,
    WifiSettings,
};

/// An action of an interface.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Task {
    PowerUp,
    Scan(WifiSettings),
    Join(WifiSettings),
    Wps,
    StartLink,
    StartDhcp,
    SetAddress(IpConfig),
    PingModem,
    ReadSim,
    Register,
    Dial,
    Stop,
    PowerDown,
}

/// An action of the server connection.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum ServerTask {
    Resolve(Option<ProxySettings>),
    ReachProxy(ProxySettings),
    Connect(Option<ProxySettings>),
    /// With the ticket of the connection.
    Flush(ServerTicket),
    Disconnect,
}

/// A command.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Order {
    Interface(InterfaceId, Task),
    Server(InterfaceId, ServerTask),
    Persist(StoredSettings),
    /// The key and the password, in plaintext.
    Seal([Option<String>; 2]),
}

/// The ticket of a command, which the model cannot know beforehand.
#[derive(Clone, Copy, Debug)]
pub(super) enum Given {
    Interface(Ticket),
    Server(ServerTicket),
    Seal(SealTicket),
}

impl Given {
    pub(super) fn interface(self) -> Option<Ticket> {
        match self {
            Self::Interface(ticket) => Some(ticket),
            Self::Server(_) | Self::Seal(_) => None,
        }
    }

    pub(super) fn server(self) -> Option<ServerTicket> {
        match self {
            Self::Server(ticket) => Some(ticket),
            Self::Interface(_) | Self::Seal(_) => None,
        }
    }

    pub(super) fn seal(self) -> Option<SealTicket> {
        match self {
            Self::Seal(ticket) => Some(ticket),
            Self::Interface(_) | Self::Server(_) => None,
        }
    }
}

impl Order {
    /// The command in the terms of the model, and its ticket.
    pub(super) fn of(command: &Command<'_>) -> (Self, Option<Given>) {
        match *command {
            Command::Interface { ticket, action } => {
                let task = match action {
                    Action::PowerUp => Task::PowerUp,
                    Action::Scan(network) => Task::Scan(network.clone()),
                    Action::Join(network) => Task::Join(network.clone()),
                    Action::Wps => Task::Wps,
                    Action::StartLink => Task::StartLink,
                    Action::StartDhcp => Task::StartDhcp,
                    Action::SetAddress(address) => Task::SetAddress(address),
                    Action::PingModem => Task::PingModem,
                    Action::ReadSim => Task::ReadSim,
                    Action::Register => Task::Register,
                    Action::Dial => Task::Dial,
                    Action::Stop => Task::Stop,
                    Action::PowerDown => Task::PowerDown,
                    other => panic!("not known: {other:?}"),
                };
                (
                    Self::Interface(ticket.interface(), task),
                    Some(Given::Interface(ticket)),
                )
            }
            Command::Server { ticket, action } => {
                let task = match action {
                    ServerAction::Resolve(proxy) => ServerTask::Resolve(proxy.cloned()),
                    ServerAction::ReachProxy(proxy) => ServerTask::ReachProxy(proxy.clone()),
                    ServerAction::Connect(proxy) => ServerTask::Connect(proxy.cloned()),
                    ServerAction::Flush => ServerTask::Flush(ticket),
                    ServerAction::Disconnect => ServerTask::Disconnect,
                    other => panic!("not known: {other:?}"),
                };
                (
                    Self::Server(ticket.interface(), task),
                    Some(Given::Server(ticket)),
                )
            }
            Command::Persist(stored) => (Self::Persist(stored.clone()), None),
            Command::Seal { ticket, secrets } => {
                let text = |secret| match secret {
                    Exposed::Plaintext(text) => String::from(text),
                    Exposed::Sealed(_) => panic!("sealed already"),
                };
                let texts = [secrets.key, secrets.password].map(|secret| secret.map(text));
                (Self::Seal(texts), Some(Given::Seal(ticket)))
            }
            other => panic!("nobody asked for {other:?}"),
        }
    }
}

/// A [`StopReason`] that a model can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Why {
    pub(super) cause: Cause,
    pub(super) step: Option<Step>,
    pub(super) code: Option<i32>,
}

impl From<StopReason> for Why {
    fn from(reason: StopReason) -> Self {
        Self {
            cause: reason.cause,
            step: reason.step,
            code: reason.code,
        }
    }
}

/// A notice.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Told {
    State(InterfaceId, State, Option<Why>),
    Address(InterfaceId),
    Joined(InterfaceId, Handle, State),
    HandleClosed(Handle),
    SocketClosed(SocketId),
    Server(ServerState),
    /// With the number of the request, where the request has returned it.
    Ended(Option<AttemptId>, &'static str, ConnectOutcome, Option<i32>),
    Lost(InterfaceId, ConnectOutcome, Option<i32>),
    Suspended(ConnectOutcome, Option<i32>),
    Resumed,
    Provisioned,
    PersistFailed(i32),
    StopFailed(InterfaceId, i32),
    DisconnectFailed(i32),
}

/// The topic of a notice. Notices on one topic are in the order of what happened; no rule fixes the
/// order between topics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    Interface(InterfaceId),
    Server,
    Stored,
    /// Handles and sockets: each closes once, in any order.
    Closed,
}

impl Told {
    pub(super) fn of(notice: &Notice) -> Self {
        match *notice {
            Notice::StateChanged {
                interface,
                state,
                reason,
            } => Self::State(interface, state, reason.map(Why::from)),
            Notice::AddressChanged { interface } => Self::Address(interface),
            Notice::Joined {
                handle,
                interface,
                state,
            } => Self::Joined(interface, handle, state),
            Notice::HandleClosed { handle } => Self::HandleClosed(handle),
            Notice::SocketClosed { socket } => Self::SocketClosed(socket),
            Notice::ServerStateChanged { state } => Self::Server(state),
            Notice::ConnectEnded {
                attempt,
                interface,
                outcome,
                code,
            } => Self::Ended(Some(attempt), interface.as_str(), outcome, code),
            Notice::ServerLost {
                interface,
                outcome,
                code,
            } => Self::Lost(interface, outcome, code),
            Notice::Suspended { outcome, code, .. } => Self::Suspended(outcome, code),
            Notice::Resumed => Self::Resumed,
            Notice::Provisioned => Self::Provisioned,
            Notice::PersistFailed { code } => Self::PersistFailed(code),
            Notice::StopFailed { interface, code } => Self::StopFailed(interface, code),
            Notice::DisconnectFailed { code } => Self::DisconnectFailed(code),
            other => panic!("nobody expects {other:?}"),
        }
    }

    pub(super) fn topic(&self) -> Topic {
        match self {
            Self::State(id, ..)
            | Self::Address(id)
            | Self::Joined(id, ..)
            | Self::StopFailed(id, _) => Topic::Interface(*id),
            Self::HandleClosed(_) | Self::SocketClosed(_) => Topic::Closed,
            Self::Server(_)
            | Self::Ended(..)
            | Self::Lost(..)
            | Self::Suspended(..)
            | Self::Resumed
            | Self::DisconnectFailed(_) => Topic::Server,
            Self::Provisioned | Self::PersistFailed(_) => Topic::Stored,
        }
    }
}
