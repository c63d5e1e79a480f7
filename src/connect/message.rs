//! What the core asks of a backend for the server connection, and what the backend reports of it.

use super::ServerTrigger;
use crate::generation::Generation;
use crate::nic::{InterfaceId, ProxySettings};

/// One thing to do for the server connection (CON-5). The backend knows who the server is.
///
/// Actions are to be executed in the order in which they come. What an action starts is reported
/// with the [`ServerTicket`](crate::ServerTicket) that came with it, see [`ServerReport`]. A
/// `Disconnect` that failed is reported as `Fault`; the application gets a notice (DRV-6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ServerAction<'a> {
    /// Resolve the name of the proxy or, without one, of the server: report `Resolved` or
    /// `NotResolved`. Where there is no name to resolve, `Resolved` comes at once.
    Resolve(Option<&'a ProxySettings>),
    /// Reach the proxy: report `ProxyReached`, `ProxyUnreachable` or `ProxyRefused`.
    ReachProxy(&'a ProxySettings),
    /// Connect to the server, through the proxy where there is one: report `Connected`,
    /// `Unreachable` or, of the proxy, `ProxyUnreachable` or `ProxyRefused`; then `Lost` when the
    /// connection is lost, `SendTimedOut` when the server does not take data in time, and `Alive`
    /// when it gives a sign of life.
    Connect(Option<&'a ProxySettings>),
    /// Send what waits to be sent: report `Flushed`. It comes with the ticket of the connection.
    Flush,
    /// Drop the connection, and whatever was begun for it.
    Disconnect,
}

impl ServerAction<'_> {
    /// The step that the action begins or goes on with; `None` for the one that ends everything.
    pub(crate) const fn step(&self) -> Option<ServerStep> {
        Some(match self {
            Self::Resolve(_) => ServerStep::Resolve,
            Self::ReachProxy(_) => ServerStep::Proxy,
            Self::Connect(_) | Self::Flush => ServerStep::Connect,
            Self::Disconnect => return None,
        })
    }
}

/// One step of the server's stage: each has one command for the backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServerStep {
    /// [`ServerAction::Resolve`].
    Resolve,
    /// [`ServerAction::ReachProxy`].
    Proxy,
    /// [`ServerAction::Connect`].
    Connect,
}

/// What happened to the server connection. [`ServerTicket::report`](crate::ServerTicket::report)
/// makes an event of it, with the ticket of the [`ServerAction`] that it belongs to. A report of an
/// action that is over is ignored.
///
/// A `code` is the backend's own and is reported unchanged, for diagnosis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ServerReport {
    /// The name is resolved. Of `Resolve`.
    Resolved,
    /// The name was not resolved. Of `Resolve`.
    NotResolved {
        /// The backend's own code.
        code: i32,
    },
    /// The proxy answers. Of `ReachProxy`.
    ProxyReached,
    /// The proxy does not answer, or hung up. Of `ReachProxy` and `Connect`.
    ProxyUnreachable {
        /// The backend's own code.
        code: i32,
    },
    /// The proxy did not take the credentials, or they could not be unsealed. Of `ReachProxy` and
    /// `Connect`.
    ProxyRefused {
        /// The backend's own code.
        code: i32,
    },
    /// There is a connection. Of `Connect`.
    Connected,
    /// The server does not answer, or did not want the device. Of `Connect`.
    Unreachable {
        /// The backend's own code.
        code: i32,
    },
    /// Nothing at all can be reached. Of `Resolve`, `ReachProxy` and `Connect`.
    NoConnectivity {
        /// The backend's own code.
        code: i32,
    },
    /// The connection is lost. Of `Connect`, at any later time.
    Lost {
        /// The backend's own code.
        code: i32,
    },
    /// The server did not take data in time; the connection may still be good. Of `Connect`, at
    /// any later time.
    SendTimedOut {
        /// The backend's own code.
        code: i32,
    },
    /// The server gave a sign of life. Of `Connect`, at any later time.
    ///
    /// Needed where [`alive_within`](crate::connect::ServerConfig::alive_within) is set, and harmless
    /// elsewhere. A sign of life is what only a server that can be reached causes: a message of it, its
    /// acknowledgement of data or of a keep-alive probe, the answer to a ping of MQTT or WebSocket. That
    /// data was sent is none, for a stack takes it for a server that is gone. One for each message is
    /// not too many.
    Alive,
    /// Everything was sent. Of `Flush`.
    Flushed,
    /// The driver failed. Of any action.
    Fault {
        /// The backend's own code.
        code: i32,
    },
}

impl ServerReport {
    /// The trigger that the report is.
    pub(super) const fn trigger(&self) -> ServerTrigger {
        match self {
            Self::Resolved => ServerTrigger::Resolved,
            Self::NotResolved { .. } => ServerTrigger::NotResolved,
            Self::ProxyReached => ServerTrigger::ProxyReached,
            Self::ProxyUnreachable { .. } => ServerTrigger::ProxyUnreachable,
            Self::ProxyRefused { .. } => ServerTrigger::ProxyRefused,
            Self::Connected => ServerTrigger::Connected,
            Self::Unreachable { .. } => ServerTrigger::Unreachable,
            Self::NoConnectivity { .. } => ServerTrigger::NoConnectivity,
            Self::Lost { .. } => ServerTrigger::Lost,
            Self::SendTimedOut { .. } => ServerTrigger::SendTimedOut,
            Self::Alive => ServerTrigger::Alive,
            Self::Flushed => ServerTrigger::Flushed,
            Self::Fault { .. } => ServerTrigger::Fault,
        }
    }

    /// The backend's own code, if the report has one.
    pub(super) const fn code(&self) -> Option<i32> {
        match *self {
            Self::NotResolved { code }
            | Self::ProxyUnreachable { code }
            | Self::ProxyRefused { code }
            | Self::Unreachable { code }
            | Self::NoConnectivity { code }
            | Self::Lost { code }
            | Self::SendTimedOut { code }
            | Self::Fault { code } => Some(code),
            Self::Resolved | Self::ProxyReached | Self::Connected | Self::Alive | Self::Flushed => {
                None
            }
        }
    }

    /// Whether this can be reported of a step.
    pub(crate) const fn is_of(&self, step: ServerStep) -> bool {
        match self {
            Self::Resolved | Self::NotResolved { .. } => matches!(step, ServerStep::Resolve),
            Self::ProxyReached => matches!(step, ServerStep::Proxy),
            Self::ProxyUnreachable { .. } | Self::ProxyRefused { .. } => {
                matches!(step, ServerStep::Proxy | ServerStep::Connect)
            }
            Self::Connected
            | Self::Unreachable { .. }
            | Self::Lost { .. }
            | Self::SendTimedOut { .. }
            | Self::Alive
            | Self::Flushed => matches!(step, ServerStep::Connect),
            Self::NoConnectivity { .. } | Self::Fault { .. } => true,
        }
    }
}

/// Actions that wait for the backend, ends first, and the commands that it can still answer.
#[derive(Clone, Debug)]
pub(super) struct PendingServerActions {
    /// The interface over which the backend was asked to begin something, and not to drop it since.
    pub(super) begun: Option<InterfaceId>,
    pub(super) ends: bool,
    pub(super) newest: Newest,
    pub(super) flushes: bool,
    /// The generation of the newest command that the backend has.
    generation: Generation,
    /// The generation of the newest command to disconnect, until its failure is reported.
    pub(super) ended: Option<(InterfaceId, Generation)>,
}

/// The newest command.
#[derive(Clone, Copy, Debug)]
pub(super) enum Newest {
    /// There is none that counts.
    None,
    /// It waits for the backend.
    Waits(ServerStep),
    /// The backend has it.
    InForce(ServerStep),
}

impl PendingServerActions {
    /// No action. The first command gets the generation after `base`.
    pub(super) const fn new(base: Generation) -> Self {
        Self {
            begun: None,
            ends: false,
            newest: Newest::None,
            flushes: false,
            generation: base,
            ended: None,
        }
    }

    /// Issues the command of a step, which replaces the one before.
    pub(super) fn begin(&mut self, step: ServerStep) {
        self.newest = Newest::Waits(step);
    }

    /// Issues the command to send what waits.
    pub(super) fn flush(&mut self) {
        self.flushes = true;
    }

    /// Ends what the backend was asked to begin. If it was asked for nothing, no command is needed.
    // size: 3 callers
    #[inline(never)]
    pub(super) fn end(&mut self) {
        self.newest = Newest::None;
        self.flushes = false;
        self.ends = self.begun.is_some();
    }

    /// The step whose command over this interface has this generation, if it can still be answered.
    pub(super) fn answered(
        &self,
        interface: InterfaceId,
        generation: Generation,
    ) -> Option<ServerStep> {
        let is_it = self.begun == Some(interface) && self.generation == generation;
        match self.newest {
            Newest::InForce(step) if is_it => Some(step),
            Newest::None | Newest::Waits(_) | Newest::InForce(_) => None,
        }
    }

    /// Whether this is the generation of the newest command to disconnect, over this interface.
    /// Returns true once.
    pub(super) fn take_ended(&mut self, interface: InterfaceId, generation: Generation) -> bool {
        let is_it = |ended: &mut _| *ended == (interface, generation);
        self.ended.take_if(is_it).is_some()
    }

    /// Whether an action waits that ends something, and whether one waits that begins something.
    pub(super) const fn waiting(&self) -> (bool, bool) {
        let begins = matches!(self.newest, Newest::Waits(_)) || self.flushes;
        (self.ends, begins)
    }

    /// Takes the next action, with its interface and the generation of its command; what is begun
    /// is begun over the wanted interface.
    pub(super) fn take_action<'a>(
        &mut self,
        wanted: Option<InterfaceId>,
        proxy: Option<&'a ProxySettings>,
    ) -> Option<(InterfaceId, Generation, ServerAction<'a>)> {
        if core::mem::take(&mut self.ends) {
            let interface = self.begun.take()?;
            self.generation = self.generation.next();
            self.ended = Some((interface, self.generation));
            return Some((interface, self.generation, ServerAction::Disconnect));
        }
        let interface = wanted?;
        let action = if let Newest::Waits(step) = self.newest {
            // Only now can the backend answer.
            self.newest = Newest::InForce(step);
            self.generation = self.generation.next();
            self.begun = Some(interface);
            match (step, proxy) {
                (ServerStep::Resolve, proxy) => ServerAction::Resolve(proxy),
                (ServerStep::Proxy, Some(proxy)) => ServerAction::ReachProxy(proxy),
                // Without a proxy that step is never begun.
                (ServerStep::Proxy | ServerStep::Connect, proxy) => ServerAction::Connect(proxy),
            }
        } else if core::mem::take(&mut self.flushes) {
            ServerAction::Flush
        } else {
            return None;
        };
        Some((interface, self.generation, action))
    }
}
