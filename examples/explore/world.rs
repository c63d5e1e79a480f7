//! What surrounds the manager: a backend (see `backend`) and an application (see `application`). Both
//! learn only from commands, notices and replies. Where these contradict what must hold, a law is
//! broken.

use core::hash::{Hash, Hasher};

use lankeeper::interface::Step;
use lankeeper::{Binding, Handle, Policy, ServerState, ServerTicket, SocketId, State, Ticket};

use crate::Instant;
use crate::waits::{Draw, Waits};

/// How many layers steps have: a command ends what was begun on its layer or above.
const LAYERS: usize = 5;

/// What is known of one interface.
#[derive(Clone, Copy, Default)]
pub struct Port {
    /// The commands that nothing has ended, by layer.
    pub commands: [Option<(Step, Ticket)>; LAYERS],
    /// Whether it was last asked to join the network that is given, not the stored one.
    pub joins_given: bool,
    pub handle: Option<Handle>,
    /// The newest state that a notice reported.
    pub state: Option<State>,
    pub disabled: bool,
}

/// What the newest server command began.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ServerStep {
    Resolve,
    Proxy,
    Connect,
    Flush,
}

#[derive(Clone, Copy)]
pub struct ServerCommand {
    pub step: ServerStep,
    pub place: usize,
    pub ticket: ServerTicket,
}

/// What the application knows of its newest request for a connection.
#[derive(Clone, Copy, Default, Hash)]
pub struct Request {
    /// The interface that it named.
    pub named: Option<usize>,
    /// Whether something happened since that may have changed its route.
    pub is_changed: bool,
    /// The interface over which alone a connection is to be tried (CON-14, CFG-3).
    pub alone: Option<usize>,
    /// Whether its settings are in force (CFG-2).
    pub given: bool,
}

#[derive(Clone, Default)]
pub struct World {
    /// The present; no part of the view, in which times are relative.
    pub now: Instant,
    pub ports: [Port; 2],
    pub socket: Option<(SocketId, usize)>,
    pub bound: Option<Binding>,
    pub server: Option<ServerCommand>,
    pub request: Request,
    /// Whether somebody waits for the result of a request.
    pub asked: bool,
    pub suspended: bool,
    /// The newest one that a notice reported.
    pub server_state: Option<ServerState>,
    /// The interface of a connection that was lost, while it is to be tried first (CON-22).
    pub lost: Option<usize>,
    /// When a flush is over at the latest.
    pub flush_until: Option<Instant>,
    /// What the application set last; no part of the view, because the manager has it in its own.
    pub policy: Option<Policy>,
    pub order: usize,
    pub selected: Option<usize>,
    pub over: Over,
    /// Of the delays of the server connection, where they grow.
    pub waits: Waits,
    /// What was drawn last; no part of the view.
    pub draw: Draw,
}

/// Tickets of commands that are over; no part of the view, because they must change nothing.
#[derive(Clone, Copy, Default)]
pub struct Over {
    pub commands: [[Option<(Step, Ticket)>; LAYERS]; 2],
    pub server: Option<ServerCommand>,
}

impl World {
    pub fn view(&self, into: &mut impl Hasher) {
        for port in &self.ports {
            for command in port.commands {
                command.map(|(step, _)| step).hash(into);
            }
            port.joins_given.hash(into);
            port.handle.is_some().hash(into);
            port.state.map(State::code).hash(into);
            port.disabled.hash(into);
        }
        self.socket.map(|(_, port)| port).hash(into);
        self.bound.is_some().hash(into);
        self.server
            .map(|server| (server.step, server.place))
            .hash(into);
        (self.request, self.asked, self.suspended, self.server_state).hash(into);
        self.lost.hash(into);
        let left = self
            .flush_until
            .map(|until| until.saturating_duration_since(self.now));
        left.map(|left| left.as_micros()).hash(into);
        self.waits.view(self.now, into);
    }

    /// Whether somebody waits for a connection: for the result of a request, or suspended.
    pub const fn waits(&self) -> bool {
        self.asked || self.suspended
    }
}
