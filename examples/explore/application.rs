//! The application: it takes notices, and demands that they agree with its requests, with each other
//! and with what can be asked.

use lankeeper::nic::InterfaceName;
use lankeeper::{ConnectOutcome, Notice, ServerState, State};

use crate::Machine;
use crate::alphabet::{Bed, CAFE};
use crate::operation::{Operation, Touched};
use crate::story::{Log, notice as told};
use crate::world::{Request, World};

impl World {
    /// Takes the notices that came of an operation.
    pub fn listen(
        &mut self,
        bed: &Bed,
        machine: &mut Machine,
        (operation, touched): (Operation, Touched),
        log: &mut Log,
    ) -> Result<(), String> {
        while let Some(notice) = machine.poll_notice() {
            log.say(|| told(&notice));
            match notice {
                Notice::StateChanged {
                    interface, state, ..
                } => {
                    self.note_state(bed.place(interface), state, operation)?;
                }
                Notice::HandleClosed { handle } => {
                    let holds = |port: &crate::world::Port| port.handle == Some(handle);
                    let Some(place) = self.ports.iter().position(holds) else {
                        return Err("a handle is closed that is none (OPEN-6)".into());
                    };
                    if !touched.closes[place] {
                        return Err("a handle is closed by what does not concern it (CON-7)".into());
                    }
                    self.ports[place].handle = None;
                }
                Notice::SocketClosed { socket } | Notice::BindFailed { socket, .. } => {
                    if self.socket.take().map(|(open, _)| open) != Some(socket) {
                        return Err("a socket is closed that is none (UDP-11)".into());
                    }
                }
                Notice::ServerStateChanged { state } => {
                    self.note_server_state(bed, machine, state, operation)?
                }
                Notice::ConnectEnded {
                    attempt,
                    interface,
                    outcome,
                    ..
                } => {
                    let is_newest = machine.last_result().map(|result| result.attempt);
                    if !core::mem::take(&mut self.asked) || is_newest != Some(attempt) {
                        return Err("a result that nobody waits for (CON-2)".into());
                    }
                    self.check_result(bed, operation, interface, outcome)?;
                }
                Notice::ServerLost { .. } => self.report_failure(bed),
                Notice::Suspended { .. } => {
                    self.forget_given();
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
        self.compare(bed, machine)
    }

    fn note_state(
        &mut self,
        place: usize,
        state: State,
        operation: Operation,
    ) -> Result<(), String> {
        if self.ports[place].state.replace(state) == Some(state) {
            return Err(format!("{state} is reported twice (IFC-9)"));
        }
        let by_time = matches!(operation, Operation::Deadline | Operation::Millisecond);
        let another_begins = self.server_state == Some(ServerState::WaitingForInterface);
        if self.lost == Some(place) && by_time && another_begins {
            return Err("let go of, though it is to be tried first (CON-22)".into());
        }
        // One that comes up is tried next (CON-19), and one that is down cannot be.
        if self.lost == Some(place) || state == State::Connected {
            self.lost = None;
        }
        if state == State::Connected {
            self.waits.cut();
        }
        Ok(())
    }

    fn note_server_state(
        &mut self,
        bed: &Bed,
        machine: &Machine,
        state: ServerState,
        operation: Operation,
    ) -> Result<(), String> {
        let before = self.server_state.replace(state);
        if bed.alphabet.grows {
            let by = (operation, self.draw);
            self.waits.change((before, state), by, self.now)?;
        }
        let carrier = self.server.map(|server| server.place);
        self.lost = self.lost.filter(|_| state != ServerState::Disconnected);
        self.flush_until = self.flush_until.filter(|_| state == ServerState::Flushing);
        match state {
            ServerState::Disconnected => {
                self.request = Request {
                    given: false,
                    alone: None,
                    ..self.request
                };
            }
            ServerState::Connected => self.check_config(bed, machine)?,
            ServerState::Waiting if before == Some(ServerState::Connected) => {
                let is_up = |place: &usize| self.ports[*place].state == Some(State::Connected);
                self.lost = carrier.filter(is_up);
            }
            _ => {}
        }
        Ok(())
    }

    /// What `current_config` says of a connection that has just begun (CFG-4, CON-24).
    fn check_config(&self, bed: &Bed, machine: &Machine) -> Result<(), String> {
        let place = self.server.map(|server| server.place);
        let place = place.ok_or("connected without a command (CON-5)")?;
        let config = machine.current_config().ok_or("no configuration (CFG-4)")?;
        if bed.place_of(config.name()) != place {
            return Err("the configuration names another interface (CON-24)".into());
        }
        let is_cafe = config.wifi().is_some_and(|network| network.ssid() == CAFE);
        if is_cafe != self.ports[place].joins_given {
            return Err("the configuration has another network (CFG-4, OPEN-9)".into());
        }
        Ok(())
    }

    fn check_result(
        &mut self,
        bed: &Bed,
        operation: Operation,
        name: InterfaceName,
        outcome: ConnectOutcome,
    ) -> Result<(), String> {
        let place = bed.place_of(&name);
        let is_success = outcome == ConnectOutcome::ServerConnected;
        let carrier = self.server.map(|server| server.place);
        if is_success && carrier != Some(place) {
            return Err("the result names another interface than the one in use (CON-24)".into());
        }
        let is_named = self.request.named == Some(place);
        let is_as_asked = name.as_str() == bed.names[place];
        let is_specific = name.as_str() == bed.specific[place];
        if is_as_asked && !is_specific && !is_named {
            return Err("a name in a result that nobody asked for (CON-24)".into());
        }
        if is_named && !is_as_asked && !self.request.is_changed {
            return Err("the name in a result is not the one that was asked for (CON-24)".into());
        }
        if matches!(operation, Operation::Enable(disabled, false) if disabled == place)
            && outcome != ConnectOutcome::NotConnected
        {
            return Err("an interface that is disabled gives a result (CON-23)".into());
        }
        let is_untried = outcome == ConnectOutcome::NotConnected;
        if operation == Operation::Connect && is_untried && self.has_turn(bed) {
            return Err("what is disabled hides an interface that is not (CON-23)".into());
        }
        if !is_success {
            self.report_failure(bed);
        }
        Ok(())
    }

    fn report_failure(&mut self, bed: &Bed) {
        self.forget_given();
        if bed.alphabet.grows {
            self.waits.report();
        }
    }

    /// Forgets the settings that were given for a connection. The next try goes by the order again
    /// (CFG-2).
    fn forget_given(&mut self) {
        if core::mem::take(&mut self.request.given) {
            self.request.alone = None;
        }
    }

    fn compare(&self, bed: &Bed, machine: &Machine) -> Result<(), String> {
        let server = machine.server_state();
        if server == ServerState::Disconnected && self.waits() {
            return Err("nothing is tried, and somebody waits (CON-2, CON-13)".into());
        }
        if server != self.server_state.unwrap_or(ServerState::Disconnected) {
            return Err("the server connection is otherwise than reported (CON-17)".into());
        }
        if self.flush_until.is_some_and(|until| until < self.now) {
            return Err("a flush lasts longer than it may (CON-15)".into());
        }
        self.waits.check(self.now)?;
        for snapshot in machine.snapshot() {
            let port = &self.ports[bed.place(snapshot.interface)];
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
            if snapshot.server_holder && machine.server_interface() != Some(snapshot.interface) {
                return Err("held for a connection that is over (CON-7)".into());
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
        let mut handles = self.ports.iter().filter_map(|port| port.handle);
        if handles.any(|handle| machine.interface(handle).is_err()) {
            return Err("a handle was closed without a notice (OPEN-6)".into());
        }
        if machine.is_suspended() != self.suspended {
            return Err("what can be asked is not what was reported: suspended (CON-26)".into());
        }
        Ok(())
    }
}
