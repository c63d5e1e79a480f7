//! What surrounds the manager: a backend and an application. Both learn only from commands, notices
//! and replies. Where these contradict what must hold, a law is broken.

use core::hash::{Hash, Hasher};

use lankeeper::interface::Step;
use lankeeper::{
    Action, Binding, Command, Handle, Instant, Lease, Manager, Notice, Policy, Report,
    ServerAction, ServerReport, ServerState, ServerTicket, SocketId, State, Ticket,
};

use crate::alphabet::Alphabet;

pub type Machine = Manager<2, 2, 1, 16>;

/// How many layers steps have: a command ends what was begun on its layer or above.
const LAYERS: usize = 5;

const fn layer(step: Step) -> usize {
    match step {
        Step::Power => 0,
        Step::Sim => 2,
        Step::Registration => 3,
        Step::Dhcp | Step::StaticAddress | Step::Ppp => 4,
        _ => 1,
    }
}

/// What is known of one interface.
#[derive(Clone, Copy, Default)]
pub struct Port {
    /// The commands that nothing has ended, by layer.
    pub commands: [Option<(Step, Ticket)>; LAYERS],
    pub handle: Option<Handle>,
    /// The newest state that a notice reported.
    pub state: Option<State>,
    pub disabled: bool,
}

#[derive(Clone, Default)]
pub struct World {
    /// The present; no part of the view, in which times are relative.
    pub now: Instant,
    pub ports: [Port; 2],
    pub socket: Option<(SocketId, usize)>,
    pub bound: Option<Binding>,
    /// The newest server command: 0 resolve, 1 proxy, 2 connect.
    pub server: Option<(u8, usize, ServerTicket)>,
    /// Whether somebody waits for the result of a request.
    pub asked: bool,
    pub suspended: bool,
    /// The newest one that a notice reported.
    pub server_state: Option<ServerState>,
    /// The policy that the application set last; no part of the view, because the manager has it in its own.
    pub policy: Option<Policy>,
}

impl World {
    pub fn view(&self, into: &mut impl Hasher) {
        for port in &self.ports {
            for command in port.commands {
                command.map(|(step, _)| step).hash(into);
            }
            port.handle.is_some().hash(into);
            port.state.map(State::code).hash(into);
            port.disabled.hash(into);
        }
        self.socket.map(|(_, port)| port).hash(into);
        self.bound.is_some().hash(into);
        self.server.map(|(step, port, _)| (step, port)).hash(into);
        (self.asked, self.suspended, self.server_state).hash(into);
    }

    /// Takes the commands that wait, and checks that they come in an order that can be carried out.
    pub fn drain(
        &mut self,
        alphabet: &Alphabet,
        machine: &mut Machine,
        log: &mut Vec<String>,
    ) -> Result<(), String> {
        for _ in 0..32 {
            let Some(command) = machine.poll_command() else {
                return Ok(());
            };
            log.push(text(&command));
            self.take(alphabet, &command)?;
        }
        Err("commands never end (law 1)".into())
    }

    fn take(&mut self, alphabet: &Alphabet, command: &Command<'_>) -> Result<(), String> {
        match *command {
            Command::Interface { ticket, action } => {
                let place = alphabet.place(ticket.interface());
                self.act(place, ticket, action)
            }
            Command::Server { ticket, action } => {
                let place = alphabet.place(ticket.interface());
                self.serve(place, ticket, action)
            }
            Command::Bind(binding) => {
                if self.bound.replace(binding).is_some() {
                    return Err("a port is bound where one is bound (DRV-2)".into());
                }
                Ok(())
            }
            Command::Unbind(binding) => {
                if self.bound.take() != Some(binding) {
                    return Err("what is unbound was not bound (DRV-2)".into());
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn act(&mut self, place: usize, ticket: Ticket, action: Action<'_>) -> Result<(), String> {
        let is_used = self.server.is_some_and(|(_, port, _)| port == place);
        let bound = self.bound.map(Binding::interface) == Some(ticket.interface());
        let port = &mut self.ports[place];
        let is_powered = port.commands[0].is_some();
        let Some(step) = action.step() else {
            if !is_powered {
                return Err("what is stopped was not powered up (IFC-8)".into());
            }
            if action == Action::PowerDown {
                if is_used {
                    return Err("powered down below a server command (CON-6)".into());
                }
                if bound && port.handle.is_none() {
                    return Err("powered down below a bound port (UDP-11)".into());
                }
                port.commands = [None; LAYERS];
            } else {
                port.commands[1..].fill(None);
            }
            return Ok(());
        };
        let layer = layer(step);
        // A device that hangs is powered up again without a power-down, but stopped before (IFC-14).
        let runs = port.commands[1..].iter().any(Option::is_some);
        if layer == 0 && runs {
            return Err("powered up again below a step that runs (IFC-14)".into());
        }
        if layer > 0 && !is_powered {
            return Err(format!("{step:?} without power (DRV-2)"));
        }
        port.commands[layer..].fill(None);
        port.commands[layer] = Some((step, ticket));
        Ok(())
    }

    fn serve(
        &mut self,
        place: usize,
        ticket: ServerTicket,
        action: ServerAction<'_>,
    ) -> Result<(), String> {
        let step = match action {
            ServerAction::Resolve(_) => 0,
            ServerAction::ReachProxy(_) => 1,
            ServerAction::Connect(_) => 2,
            ServerAction::Disconnect => {
                return match self.server.take() {
                    Some((_, over, _)) if over == place => Ok(()),
                    _ => Err("what is disconnected was not begun (CON-6)".into()),
                };
            }
            _ => return Ok(()),
        };
        if self.server.is_some_and(|(_, over, _)| over != place) {
            return Err("a server command over two interfaces (CON-6)".into());
        }
        if self.ports[place].state != Some(State::Connected) {
            return Err("a server command over an interface that is not up (CON-5)".into());
        }
        self.server = Some((step, place, ticket));
        Ok(())
    }

    /// Takes the notices, and checks that they and what can be asked agree.
    pub fn listen(
        &mut self,
        alphabet: &Alphabet,
        machine: &mut Machine,
        log: &mut Vec<String>,
    ) -> Result<(), String> {
        while let Some(notice) = machine.poll_notice() {
            log.push(format!("        notice: {}", noticed(&notice)));
            match notice {
                Notice::StateChanged {
                    interface, state, ..
                } => {
                    let port = &mut self.ports[alphabet.place(interface)];
                    if port.state.replace(state) == Some(state) {
                        return Err(format!("{state} is reported twice (IFC-9)"));
                    }
                }
                Notice::HandleClosed { handle } => {
                    let port = self
                        .ports
                        .iter_mut()
                        .find(|port| port.handle == Some(handle));
                    match port {
                        Some(port) => port.handle = None,
                        None => return Err("a handle is closed that is none (OPEN-6)".into()),
                    }
                }
                Notice::SocketClosed { socket } | Notice::BindFailed { socket, .. } => {
                    if self.socket.take().map(|(open, _)| open) != Some(socket) {
                        return Err("a socket is closed that is none (UDP-11)".into());
                    }
                }
                Notice::ServerStateChanged { state } => self.server_state = Some(state),
                Notice::ConnectEnded { attempt, .. } => {
                    let is_newest = machine.last_result().map(|result| result.attempt);
                    if !core::mem::take(&mut self.asked) || is_newest != Some(attempt) {
                        return Err("a result that nobody waits for (CON-2)".into());
                    }
                }
                Notice::Suspended { .. } => {
                    if core::mem::replace(&mut self.suspended, true) {
                        return Err("suspended twice (CON-13)".into());
                    }
                }
                Notice::Resumed => {
                    if !core::mem::take(&mut self.suspended) {
                        return Err("resumed twice (CON-13)".into());
                    }
                }
                Notice::Lagged(_) => return Err("16 notices by one input (law 3)".into()),
                _ => {}
            }
        }
        self.compare(alphabet, machine)
    }

    fn compare(&self, alphabet: &Alphabet, machine: &Machine) -> Result<(), String> {
        let server = machine.server_state();
        if server == ServerState::Disconnected && (self.asked || self.suspended) {
            return Err("nothing is tried, and somebody waits (CON-2, CON-13)".into());
        }
        for snapshot in machine.snapshot() {
            let port = &self.ports[alphabet.place(snapshot.interface)];
            if snapshot.local_holders != usize::from(port.handle.is_some()) {
                return Err("the snapshot has other holders (OPEN-7)".into());
            }
            if snapshot.enabled == port.disabled {
                return Err("the snapshot enables what is disabled (OPEN-7)".into());
            }
            if snapshot.state != port.state.unwrap_or(State::Unknown) {
                return Err("the snapshot has another state (OPEN-7)".into());
            }
            let is_held = port.handle.is_some() || snapshot.server_holder;
            if port.disabled && is_held {
                return Err("a disabled interface is held (OPEN-2, CON-23)".into());
            }
            if snapshot.carries_server && snapshot.state != State::Connected {
                return Err("the server is reached over what is down (CON-5)".into());
            }
        }
        if let Some((socket, _)) = self.socket
            && machine.udp_port(socket).is_err()
        {
            return Err("a socket was closed without a notice (UDP-11)".into());
        }
        for port in &self.ports {
            if port
                .handle
                .is_some_and(|handle| machine.interface(handle).is_err())
            {
                return Err("a handle was closed without a notice (OPEN-6)".into());
            }
        }
        if machine.is_suspended() != self.suspended {
            return Err(
                "the manager says otherwise than its notices whether it suspends (CON-26)".into(),
            );
        }
        Ok(())
    }
}

/// The reports that a step can have, the one of success first.
pub const fn reports(step: Step) -> &'static [Report] {
    const LEASE: Report = Report::Lease(Lease::new(core::net::Ipv4Addr::new(10, 0, 0, 2), 24));
    const PPP: Report = Report::PppUp(Lease::new(core::net::Ipv4Addr::new(10, 9, 0, 2), 32));
    const FAULT: Report = Report::Fault { code: 1 };
    match step {
        Step::Power => &[Report::Ready, FAULT],
        Step::Link => &[Report::CarrierUp, Report::CarrierDown],
        Step::Dhcp => &[LEASE, Report::LeaseRefused { code: 1 }, Report::LeaseLost],
        Step::Modem => &[Report::ModemAlive],
        Step::Sim => &[Report::SimReady, Report::SimFailed { code: 1 }],
        Step::Registration => &[
            Report::Registered,
            Report::RegistrationDenied { code: 1 },
            Report::RegistrationLost,
        ],
        Step::Ppp => &[PPP, Report::PppDown { code: 1 }],
        _ => &[],
    }
}

/// The reports that a server command can have, the one of success first.
pub const fn server_reports(step: u8) -> &'static [ServerReport] {
    match step {
        0 => &[
            ServerReport::Resolved,
            ServerReport::NotResolved { code: 1 },
        ],
        1 => &[ServerReport::ProxyReached],
        _ => &[
            ServerReport::Connected,
            ServerReport::Unreachable { code: 1 },
            ServerReport::Lost { code: 1 },
        ],
    }
}

fn text(command: &Command<'_>) -> String {
    match command {
        Command::Interface { ticket, action } => {
            format!("        asked of {}: {action:?}", ticket.interface())
        }
        Command::Server { ticket, action } => {
            format!(
                "        asked of the server over {}: {action:?}",
                ticket.interface()
            )
        }
        Command::Bind(binding) => format!("        bind port {}", binding.port()),
        Command::Unbind(binding) => format!("        unbind port {}", binding.port()),
        _ => "        keep or seal settings".into(),
    }
}

fn noticed(notice: &Notice) -> String {
    match notice {
        Notice::StateChanged {
            interface, state, ..
        } => format!("{interface} is {state}"),
        Notice::ServerStateChanged { state } => format!("the server connection is {state}"),
        Notice::ConnectEnded { outcome, .. } => format!("the request ended: {outcome}"),
        Notice::HandleClosed { .. } => "the handle is stale".into(),
        Notice::SocketClosed { .. } => "the socket is closed".into(),
        Notice::Joined { .. } => "joined".into(),
        Notice::Suspended { .. } => "suspended".into(),
        other => format!("{other:?}"),
    }
}
