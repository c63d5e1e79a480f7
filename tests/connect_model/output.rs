//! The outputs of a manager in the terms of the model: comparable, and with owned settings.

use lankeeper::{
    Action, Cause, Command, ConnectOutcome, Exposed, Generation, Handle, InterfaceId, IpConfig,
    Notice, ProxySettings, ServerAction, ServerState, SocketId, State, Step, StopReason,
    StoredSettings, WifiSettings,
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
    Flush(Generation),
    Disconnect,
}

/// A command.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Order {
    Interface(InterfaceId, Task),
    Server(InterfaceId, ServerTask),
    Persist(StoredSettings),
    Seal(String),
}

impl Order {
    /// The command in the terms of the model, and its generation.
    pub(super) fn of(command: &Command<'_>) -> (Self, Option<Generation>) {
        match *command {
            Command::Interface { interface, action } => {
                let task = match action {
                    Action::PowerUp(_) => Task::PowerUp,
                    Action::Scan(_, network) => Task::Scan(network.clone()),
                    Action::Join(_, network) => Task::Join(network.clone()),
                    Action::Wps(_) => Task::Wps,
                    Action::StartLink(_) => Task::StartLink,
                    Action::StartDhcp(_) => Task::StartDhcp,
                    Action::SetAddress(_, address) => Task::SetAddress(address),
                    Action::PingModem(_) => Task::PingModem,
                    Action::ReadSim(_) => Task::ReadSim,
                    Action::Register(_) => Task::Register,
                    Action::Dial(_) => Task::Dial,
                    Action::Stop => Task::Stop,
                    Action::PowerDown => Task::PowerDown,
                    other => panic!("not known: {other:?}"),
                };
                (Self::Interface(interface, task), action.generation())
            }
            Command::Server { interface, action } => {
                let task = match action {
                    ServerAction::Resolve(_, proxy) => ServerTask::Resolve(proxy.cloned()),
                    ServerAction::ReachProxy(_, proxy) => ServerTask::ReachProxy(proxy.clone()),
                    ServerAction::Connect(_, proxy) => ServerTask::Connect(proxy.cloned()),
                    ServerAction::Flush(generation) => ServerTask::Flush(generation),
                    ServerAction::Disconnect => ServerTask::Disconnect,
                    other => panic!("not known: {other:?}"),
                };
                (Self::Server(interface, task), action.generation())
            }
            Command::Persist(stored) => (Self::Persist(stored.clone()), None),
            Command::Seal {
                generation, secret, ..
            } => match secret {
                Exposed::Plaintext(text) => (Self::Seal(text.to_owned()), Some(generation)),
                Exposed::Sealed(_) => panic!("sealed already"),
            },
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
    Ended(&'static str, ConnectOutcome, Option<i32>),
    Lost(InterfaceId, ConnectOutcome, Option<i32>),
    Suspended(ConnectOutcome, Option<i32>),
    Resumed,
    Provisioned,
    PersistFailed(i32),
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
                interface,
                outcome,
                code,
            } => Self::Ended(interface.as_str(), outcome, code),
            Notice::ServerLost {
                interface,
                outcome,
                code,
            } => Self::Lost(interface, outcome, code),
            Notice::Suspended { outcome, code } => Self::Suspended(outcome, code),
            Notice::Resumed => Self::Resumed,
            Notice::Provisioned => Self::Provisioned,
            Notice::PersistFailed { code } => Self::PersistFailed(code),
            other => panic!("nobody expects {other:?}"),
        }
    }

    pub(super) fn topic(&self) -> Topic {
        match self {
            Self::State(id, ..) | Self::Address(id) | Self::Joined(id, ..) => Topic::Interface(*id),
            Self::HandleClosed(_) | Self::SocketClosed(_) => Topic::Closed,
            Self::Server(_)
            | Self::Ended(..)
            | Self::Lost(..)
            | Self::Suspended(..)
            | Self::Resumed => Topic::Server,
            Self::Provisioned | Self::PersistFailed(_) => Topic::Stored,
        }
    }
}
