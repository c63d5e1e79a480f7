//! The backend: it takes commands, and demands that they can be carried out in their order.

use lankeeper::interface::Step;
use lankeeper::{Action, Binding, Command, ServerAction, ServerTicket, State, Ticket};

use crate::Machine;
use crate::alphabet::{Bed, CAFE, HOME};
use crate::operation::Touched;
use crate::story::{Log, command as told};
use crate::world::{ServerCommand, ServerStep, World};

const fn layer(step: Step) -> usize {
    match step {
        Step::Power => 0,
        Step::Sim => 2,
        Step::Registration => 3,
        Step::Dhcp | Step::StaticAddress | Step::Ppp => 4,
        _ => 1,
    }
}

impl World {
    /// Takes the commands that wait, and returns how many they were. `touched` says which interfaces
    /// they may stop though the application holds them.
    pub fn drain(
        &mut self,
        bed: &Bed,
        machine: &mut Machine,
        touched: Touched,
        log: &mut Log,
    ) -> Result<usize, String> {
        for taken in 0..32 {
            let Some(command) = machine.poll_command() else {
                return Ok(taken);
            };
            log.say(|| told(&command));
            self.take(bed, &command, touched)?;
        }
        Err("commands never end (law 1)".into())
    }

    fn take(&mut self, bed: &Bed, command: &Command<'_>, touched: Touched) -> Result<(), String> {
        match *command {
            Command::Interface { ticket, action } => {
                let place = bed.place(ticket.interface());
                match action.step() {
                    Some(step) => self.begin(place, ticket, step, action),
                    None => self.end(place, ticket, action, touched),
                }
            }
            Command::Server { ticket, action } => {
                let place = bed.place(ticket.interface());
                self.serve(place, ticket, action)
            }
            Command::Bind(binding) => match self.bound.replace(binding) {
                Some(_) => Err("a port is bound where one is bound (DRV-2)".into()),
                None => Ok(()),
            },
            Command::Unbind(binding) => match self.bound.take() {
                Some(bound) if bound == binding => Ok(()),
                _ => Err("what is unbound was not bound (DRV-2)".into()),
            },
            Command::Persist(stored) => match &stored.wifi {
                Some(network) if network.ssid() == CAFE => {
                    Err("settings of a connection are stored (CFG-2)".into())
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn end(
        &mut self,
        place: usize,
        ticket: Ticket,
        action: Action<'_>,
        touched: Touched,
    ) -> Result<(), String> {
        let is_used = self.server.is_some_and(|server| server.place == place);
        let bound = self.bound.map(Binding::interface) == Some(ticket.interface());
        let port = &mut self.ports[place];
        if port.commands[0].is_none() {
            return Err("what is stopped was not powered up (IFC-8)".into());
        }
        if port.handle.is_some() && !touched.stops[place] {
            return Err("stopped by what does not concern it (CON-7, CON-15)".into());
        }
        let lowest = usize::from(action != Action::PowerDown);
        if lowest == 0 && is_used {
            return Err("powered down below a server command (CON-6)".into());
        }
        if lowest == 0 && bound && port.handle.is_none() {
            return Err("powered down below a bound port (UDP-11)".into());
        }
        self.finish(place, lowest);
        Ok(())
    }

    fn begin(
        &mut self,
        place: usize,
        ticket: Ticket,
        step: Step,
        action: Action<'_>,
    ) -> Result<(), String> {
        let layer = layer(step);
        let port = &self.ports[place];
        // A device that hangs is powered up again without a power-down, but stopped before (IFC-14).
        let runs = port.commands[1..].iter().any(Option::is_some);
        if layer == 0 && runs {
            return Err("powered up again below a step that runs (IFC-14)".into());
        }
        if layer > 0 && port.commands[0].is_none() {
            return Err(format!("{step:?} without power (DRV-2)"));
        }
        self.finish(place, layer);
        let port = &mut self.ports[place];
        port.commands[layer] = Some((step, ticket));
        match action {
            Action::Scan(network) | Action::Join(network) => {
                let meant = if self.request.given { CAFE } else { HOME };
                if network.ssid() != meant {
                    let text = String::from_utf8_lossy(meant);
                    return Err(format!("the network to join is {text} (CFG-2, OPEN-9)"));
                }
                port.joins_given = self.request.given;
            }
            Action::SetAddress(_) if !port.joins_given => {
                return Err("a given address for the stored network (CFG-2)".into());
            }
            Action::StartDhcp if port.joins_given => {
                return Err("no given address for the given network (CFG-2)".into());
            }
            _ => {}
        }
        Ok(())
    }

    /// What was begun on this layer or above is over.
    fn finish(&mut self, place: usize, lowest: usize) {
        let commands = self.ports[place].commands.iter_mut();
        let over = self.over.commands[place].iter_mut();
        for (command, over) in commands.zip(over).skip(lowest) {
            *over = command.take().or(*over);
        }
        if lowest == 0 {
            self.ports[place].joins_given = false;
        }
    }

    fn serve(
        &mut self,
        place: usize,
        ticket: ServerTicket,
        action: ServerAction<'_>,
    ) -> Result<(), String> {
        let step = match action {
            ServerAction::Resolve(_) => ServerStep::Resolve,
            ServerAction::ReachProxy(_) => ServerStep::Proxy,
            ServerAction::Connect(_) => ServerStep::Connect,
            ServerAction::Flush => ServerStep::Flush,
            _ => {
                let over = self.server.take();
                if over.map(|server| server.place) != Some(place) {
                    return Err("what is disconnected was not begun (CON-6)".into());
                }
                self.over.server = over;
                return Ok(());
            }
        };
        if self.server.is_some_and(|server| server.place != place) {
            return Err("a server command over two interfaces (CON-6)".into());
        }
        if self.ports[place].state != Some(State::Connected) {
            return Err("a server command over an interface that is not up (CON-5)".into());
        }
        if self.request.alone.is_some_and(|alone| alone != place) {
            return Err("tried over another interface than the one named (CON-14, CFG-3)".into());
        }
        if self.lost.take().is_some_and(|lost| lost != place) {
            return Err("a lost connection is tried over another interface first (CON-22)".into());
        }
        let begun = self.server.replace(ServerCommand {
            step,
            place,
            ticket,
        });
        // A flush goes on with the ticket of the connection.
        if let Some(over) = begun.filter(|over| over.ticket != ticket) {
            self.over.server = Some(over);
        }
        Ok(())
    }
}
