//! One thing that happens, and what it may lead to.

use lankeeper::{Duration, Handle, Policy, Report as InterfaceReport, ServerReport, ServerState};

use crate::alphabet::{Bed, reports, server_reports};
use crate::story::{Log, happens};
use crate::waits::Draw;
use crate::world::World;
use crate::{Instant, Machine, State};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operation {
    Drain,
    Deadline,
    Millisecond,
    Open(usize),
    Close(usize),
    Retry(usize),
    Enable(usize, bool),
    OpenSocket(usize),
    CloseSocket,
    FailBind,
    Report(usize, usize, InterfaceReport),
    Server(ServerReport),
    Connect,
    ConnectWith(usize),
    /// Over the second interface, with settings.
    ConnectGiven,
    Disconnect,
    Flush,
    Call,
    SetPolicy(Policy),
    SetOrder(usize),
    Select(Option<usize>),
}
use Operation::*;

/// Which interfaces an operation may stop though the application holds them, and whose handles it may
/// close (CON-6, CON-7, OPEN-2).
#[derive(Clone, Copy)]
pub struct Touched {
    pub stops: [bool; 2],
    pub closes: [bool; 2],
}

impl State {
    /// Does one thing, and checks what comes of it.
    pub fn step(
        &mut self,
        bed: &Bed,
        (operation, draw): (Operation, Draw),
        log: &mut Log,
    ) -> Result<(), String> {
        let Self { world, machine } = self;
        if bed.alphabet.grows {
            machine.reseed(draw.seed());
        }
        world.draw = draw;
        let deadline = machine.poll_at().map_or(world.now, |next| next.at);
        let now = match operation {
            Deadline => deadline,
            Millisecond => world.now.saturating_add(Duration::from_millis(1)),
            _ => world.now,
        };
        log.say(|| happens(bed, now, operation));
        world.now = now;
        let (before, held) = (world.server_state, held_by_server(bed, machine));
        if let Drain = operation {
            let all = Touched {
                stops: [true; 2],
                closes: [false; 2],
            };
            world.drain(bed, machine, all, log)?;
        } else {
            world.perform(bed, machine, operation)?;
        }
        let held_now = held_by_server(bed, machine);
        let touched = touched(bed, operation, before, held, held_now);
        // Notices first: what they say is older than what a command asks for.
        world.listen(bed, machine, (operation, touched), log)?;
        if !world.asked {
            (world.request.named, world.request.is_changed) = (None, false);
        }
        let goes_on = matches!(operation, SetOrder(_)) && before.is_some_and(tries);
        if goes_on && world.server_state != before {
            return Err("another order ends what is tried (CON-22)".into());
        }
        if !bed.alphabet.late && world.drain(bed, machine, touched, log)? > 0 && goes_on {
            return Err("another order begins something (CON-22)".into());
        }
        Ok(())
    }
}

impl World {
    fn perform(
        &mut self,
        bed: &Bed,
        machine: &mut Machine,
        operation: Operation,
    ) -> Result<(), String> {
        let now = self.now;
        match operation {
            Drain => {}
            Deadline | Millisecond => machine.handle_timeout(now),
            Open(place) => match machine.open(now, &bed.nics[place]) {
                Ok(handle) => self.ports[place].handle = Some(handle),
                Err(_) if self.ports[place].disabled => {}
                Err(error) => return Err(format!("cannot be opened: {error} (OPEN-4)")),
            },
            Close(place) => {
                let handle = self.ports[place].handle.take().ok_or("no handle")?;
                machine.close(now, handle);
            }
            Retry(place) => {
                let retried = machine.retry(now, self.handle(place)?);
                retried.map_err(|_| "a stale handle (OPEN-6)")?;
            }
            OpenSocket(place) => {
                let socket = machine.udp_open(now, self.handle(place)?, 5000);
                let socket = socket.map_err(|error| format!("no socket: {error} (UDP-1)"))?;
                self.socket = Some((socket, place));
            }
            CloseSocket => {
                let (socket, _) = self.socket.take().ok_or("no socket")?;
                machine.udp_close(now, socket);
            }
            FailBind => {
                let binding = self.bound.take().ok_or("nothing is bound")?;
                machine.handle_event(now, binding.failed(1));
            }
            Report(place, layer, report) => {
                let (_, ticket) = self.ports[place].commands[layer].ok_or("no command")?;
                machine.handle_event(now, ticket.report(report));
            }
            Server(report) => {
                let ticket = self.server.ok_or("no command")?.ticket;
                machine.handle_event(now, ticket.report(report));
            }
            Connect | ConnectWith(_) | ConnectGiven => self.connect(bed, machine, operation)?,
            Call => self.call(bed, machine)?,
            Disconnect | Flush | Enable(..) | SetPolicy(_) | SetOrder(_) | Select(_) => {
                self.change(bed, machine, operation)?;
            }
        }
        Ok(())
    }

    fn handle(&self, place: usize) -> Result<Handle, String> {
        self.ports[place].handle.ok_or_else(|| "no handle".into())
    }

    /// How much an operation helps in a healthy world, in which commands succeed in the order in which
    /// they come, and then time goes on; `None` if it is not part of one.
    pub fn healthy_rank(&self, operation: Operation) -> Option<usize> {
        match operation {
            Drain => Some(0),
            Report(place, layer, report) => {
                let commands = &self.ports[place].commands;
                let (step, _) = commands[layer]?;
                let is_newest = commands.iter().rposition(Option::is_some) == Some(layer);
                (is_newest && reports(step).first() == Some(&report)).then_some(1 + place)
            }
            Server(report) => {
                let reports = server_reports(self.server?.step);
                (reports.first() == Some(&report)).then_some(3)
            }
            Deadline => Some(4),
            Millisecond => Some(5),
            _ => None,
        }
    }

    /// Whether all is well: what is held is up, and nobody waits who need not.
    pub fn is_well(&self, bed: &Bed) -> bool {
        let connected = Some(lankeeper::State::Connected);
        let mut held = self.ports.iter().filter(|port| port.handle.is_some());
        held.all(|port| port.state == connected) && (!self.waits() || !self.has_turn(bed))
    }
}

const fn tries(state: ServerState) -> bool {
    !matches!(state, ServerState::Disconnected | ServerState::Waiting)
}

fn held_by_server(bed: &Bed, machine: &Machine) -> [bool; 2] {
    let mut held = [false; 2];
    for snapshot in machine.snapshot() {
        held[bed.place(snapshot.interface)] = snapshot.server_holder;
    }
    held
}

/// Returns which interfaces an operation may stop, and whose handles it may close: those of an interface
/// that it disables, and those of one that the server connection shares and leaves for another.
fn touched(
    bed: &Bed,
    operation: Operation,
    before: Option<ServerState>,
    held: [bool; 2],
    held_now: [bool; 2],
) -> Touched {
    let is_idle = before.is_none_or(|state| state == ServerState::Disconnected);
    let is_request = matches!(operation, Connect | ConnectWith(_) | ConnectGiven | Call);
    let mut touched = Touched {
        stops: [held[0] || held_now[0], held[1] || held_now[1]],
        closes: held.map(|held| held && is_request && !is_idle),
    };
    match operation {
        Open(place) | Close(place) | Retry(place) | Report(place, ..) => {
            touched.stops[place] = true;
        }
        Enable(place, enabled) => {
            touched.stops[place] = true;
            touched.closes[place] |= !enabled;
        }
        Drain | Deadline | Millisecond => touched.stops = [true; 2],
        _ => {}
    }
    if bed.alphabet.late {
        touched.stops = [true; 2];
    }
    touched
}

/// What a stale ticket may not do (IFC-10): everything that its command could report is reported again.
pub fn report_stale(world: &World, machine: &mut Machine, now: Instant) {
    for (step, ticket) in world.over.commands.iter().flatten().flatten() {
        for report in reports(*step) {
            machine.handle_event(now, ticket.report(*report));
        }
        machine.handle_event(now, ticket.report(InterfaceReport::Fault { code: 2 }));
    }
    if let Some(over) = world.over.server {
        for report in server_reports(over.step) {
            machine.handle_event(now, over.ticket.report(*report));
        }
        machine.handle_event(now, over.ticket.report(ServerReport::Fault { code: 2 }));
    }
}
