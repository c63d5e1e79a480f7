//! What can happen: an alphabet is which interfaces there are, and what is done with them.

use lankeeper::back_off::BackOffConfig;
use lankeeper::{
    Config, Duration, InterfaceConfig, InterfaceId, Nic, Policy, Recovery, Report, ServerReport,
    ServerState, Span, State,
};

use crate::world::{Machine, Port, World, reports, server_reports};

pub struct Alphabet {
    pub name: &'static str,
    pub interfaces: [InterfaceId; 2],
    /// How many of the interfaces the application opens.
    pub opened: usize,
    /// Over how many of them it connects to the server.
    pub connects: usize,
    pub sockets: bool,
    pub late: bool,
    pub policies: &'static [Policy],
    pub orders: bool,
    pub enabling: bool,
}

#[derive(Clone, Copy, Debug)]
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
    Report(usize, usize, Report),
    Server(ServerReport),
    Connect,
    ConnectWith(usize),
    Disconnect,
    Call,
    SetPolicy(Policy),
    SetOrder(bool),
}

impl Alphabet {
    pub fn place(&self, id: InterfaceId) -> usize {
        usize::from(id != self.interfaces[0])
    }

    pub fn machine(&self) -> Machine {
        let [one, two, three] = [
            Span::millis::<1>(),
            Span::millis::<2>(),
            Span::millis::<3>(),
        ];
        let back_off = BackOffConfig::new(one, two).unwrap();
        let interfaces = self.interfaces.map(|id| {
            let mut interface = InterfaceConfig::new(id);
            let steps = &mut interface.step_timeouts;
            (steps.start, steps.link, steps.dhcp) = (one, one, two);
            (steps.modem, steps.sim, steps.registration, steps.ppp) = (one, one, two, two);
            interface.recovery = Recovery::Automatic(back_off);
            interface.stable_after = two;
            interface.refused_delay = three;
            interface.power_cycle_after = 2;
            interface
        });
        let mut config = Config::new(1, interfaces);
        config.server_order = [None; 2];
        for place in 0..self.connects {
            config.server_order[place] = Some(self.interfaces[place]);
        }
        config.policy = *self.policies.first().unwrap_or(&Policy::ReturnOnError);
        let timeouts = &mut config.server.timeouts;
        (timeouts.ethernet, timeouts.wifi, timeouts.cellular) = (three, three, three);
        (config.server.grace, config.server.pause) = (three, three);
        // Of one length: the server connection draws from the second on, and what is drawn is no part
        // of the view.
        config.server.retry = BackOffConfig::new(one, one).unwrap();
        config.server.stable_after = two;
        config.server.refused_delay = three;
        Machine::with_capacities(&config).unwrap()
    }

    /// What can happen now, as far as the world knows.
    pub fn operations(&self, world: &World, machine: &Machine, into: &mut Vec<Operation>) {
        use Operation::*;
        into.clear();
        if self.late {
            into.push(Drain);
        }
        into.push(Millisecond);
        if machine.poll_at().is_some() {
            into.push(Deadline);
        }
        for (place, port) in world.ports.iter().enumerate() {
            if place < self.opened {
                if port.handle.is_none() {
                    into.push(Open(place));
                } else {
                    into.extend([Close(place), Retry(place)]);
                    if self.sockets && world.socket.is_none() {
                        into.push(OpenSocket(place));
                    }
                }
            }
            if self.enabling {
                into.push(Enable(place, port.disabled));
            }
            for (layer, command) in port.commands.iter().enumerate() {
                if let Some((step, _)) = command {
                    into.extend(
                        reports(*step)
                            .iter()
                            .map(|report| Report(place, layer, *report)),
                    );
                }
            }
        }
        if world.socket.is_some() {
            into.push(CloseSocket);
        }
        if world.bound.is_some() {
            into.push(FailBind);
        }
        if self.connects > 0 {
            if let Some((step, ..)) = world.server {
                into.extend(server_reports(step).iter().map(|report| Server(*report)));
            }
            into.extend([Connect, Disconnect, Call]);
            into.extend((0..self.connects).map(ConnectWith));
            let set = world.policy.unwrap_or(self.policies[0]);
            let others = self.policies.iter().filter(|policy| **policy != set);
            into.extend(others.map(|policy| SetPolicy(*policy)));
        }
        if self.orders {
            into.extend([SetOrder(false), SetOrder(true)]);
        }
    }

    /// Does one thing, and checks what comes of it.
    pub fn step(
        &self,
        world: &mut World,
        machine: &mut Machine,
        operation: Operation,
        log: &mut Vec<String>,
    ) -> Result<(), String> {
        let mut now = machine.poll_at().map_or(world.now, |next| next.at);
        if !matches!(operation, Operation::Deadline) {
            now = world.now;
        }
        log.push(format!("{:>4} ms {operation:?}", now.as_micros() / 1_000));
        match operation {
            Operation::Drain => world.drain(self, machine, log)?,
            Operation::Deadline => {
                world.now = now;
                machine.handle_timeout(now);
            }
            Operation::Millisecond => {
                world.now = now.saturating_add(Duration::from_millis(1));
                machine.handle_timeout(world.now);
            }
            Operation::Open(place) => {
                let nic = self.nic(place);
                match machine.open(now, &nic) {
                    Ok(handle) => world.ports[place].handle = Some(handle),
                    Err(_) if world.ports[place].disabled => {}
                    Err(error) => return Err(format!("cannot be opened: {error} (OPEN-4)")),
                }
            }
            Operation::Close(place) => {
                if let Some(handle) = world.ports[place].handle.take() {
                    machine.close(now, handle);
                }
            }
            Operation::Retry(place) => {
                let handle = world.ports[place].handle.ok_or("no handle")?;
                machine
                    .retry(now, handle)
                    .map_err(|_| "a stale handle (OPEN-6)")?;
            }
            Operation::Enable(place, enabled) => {
                world.ports[place].disabled = !enabled;
                let id = self.interfaces[place];
                machine
                    .set_enabled(now, id, enabled)
                    .map_err(|error| error.to_string())?;
            }
            Operation::OpenSocket(place) => {
                let handle = world.ports[place].handle.ok_or("no handle")?;
                let socket = machine.udp_open(now, handle, 5000);
                let socket = socket.map_err(|error| format!("no socket: {error} (UDP-1)"))?;
                world.socket = Some((socket, place));
            }
            Operation::CloseSocket => {
                if let Some((socket, _)) = world.socket.take() {
                    machine.udp_close(now, socket);
                }
            }
            Operation::FailBind => {
                let binding = world.bound.take().ok_or("nothing is bound")?;
                machine.handle_event(now, binding.failed(1));
            }
            Operation::Report(place, layer, report) => {
                let (_, ticket) = world.ports[place].commands[layer].ok_or("no command")?;
                machine.handle_event(now, ticket.report(report));
            }
            Operation::Server(report) => {
                let (.., ticket) = world.server.ok_or("no command")?;
                machine.handle_event(now, ticket.report(report));
            }
            Operation::Connect => world.asked |= machine.connect(now, None).is_ok(),
            Operation::ConnectWith(place) => {
                let begun = machine.connect_with(now, &self.nic(place), None);
                world.asked |= begun.is_ok();
            }
            Operation::Disconnect => machine.disconnect(now, None),
            Operation::Call => {
                let before = world.asked;
                let was_idle = world
                    .server_state
                    .is_none_or(|state| state == ServerState::Disconnected);
                let called = machine.server_call(now);
                world.asked = before || (called.is_ok() && was_idle);
            }
            Operation::SetPolicy(policy) => {
                machine.set_policy(now, policy);
                world.policy = Some(policy);
            }
            Operation::SetOrder(backwards) => {
                let mut order = self.interfaces;
                if backwards {
                    order.reverse();
                }
                machine
                    .set_server_order(now, &order)
                    .map_err(|error| error.to_string())?;
            }
        }
        // Notices first: what they say is older than what a command asks for.
        world.listen(self, machine, log)?;
        if !self.late {
            world.drain(self, machine, log)?;
        }
        Ok(())
    }

    fn nic(&self, place: usize) -> Nic {
        Nic::named(&self.interfaces[place].to_string()).unwrap()
    }

    /// Whether, in a healthy world, what is held comes up and what is tried ends, within 30 steps.
    pub fn recovers(
        &self,
        mut world: World,
        mut machine: Machine,
        log: &mut Vec<String>,
    ) -> Result<(), String> {
        // The commands that were answered: each is once, and then time goes on.
        let mut answered = [None; 2];
        let mut served = None;
        for _ in 0..30 {
            world.drain(self, &mut machine, log)?;
            let is_up = |port: &Port| port.handle.is_none() || port.state == Some(State::Connected);
            let none_left = world.ports[..self.connects]
                .iter()
                .all(|port| port.disabled);
            let is_over = !world.asked && !world.suspended;
            if world.ports.iter().all(is_up) && (is_over || none_left) {
                return Ok(());
            }
            let top = |port: &Port| port.commands.iter().rposition(Option::is_some);
            let newest = world
                .ports
                .map(|port| top(&port).and_then(|layer| Some((layer, port.commands[layer]?))));
            let unanswered = (0..2).find_map(|place| {
                let (layer, (step, ticket)) = newest[place]?;
                (answered[place] != Some(ticket)).then_some((place, layer, step, ticket))
            });
            let operation = if let Some((place, layer, step, ticket)) = unanswered {
                answered[place] = Some(ticket);
                Operation::Report(place, layer, reports(step)[0])
            } else if let Some((step, _, ticket)) =
                world.server.filter(|(.., t)| served != Some(*t))
            {
                served = Some(ticket);
                Operation::Server(server_reports(step)[0])
            } else if machine.poll_at().is_some() {
                Operation::Deadline
            } else {
                break;
            };
            self.step(&mut world, &mut machine, operation, log)?;
        }
        Err("in a healthy world nothing comes of it within 30 steps (IFC-11, CON-2)".into())
    }
}
