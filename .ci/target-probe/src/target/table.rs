//! The most that an input of each pair took: of a state of an interface or of the server connection,
//! and of a kind of input.

use cortex_m_semihosting::hprintln;
use heapless::Vec;
use lankeeper::interface::transitions;
use lankeeper::{InterfaceId, ServerState, State};

use super::gauge::{Meter, Reading};
use crate::kind::{Kind, Met};
use crate::sequence::Gauge;
use crate::settings::INTERFACES;

/// The most that any input took, and where in the sequence the one came that took the most
/// instructions.
#[derive(Clone, Copy)]
struct Worst {
    reading: Reading,
    place: u32,
}

pub struct Table {
    meter: Meter,
    /// How many inputs there were so far.
    place: u32,
    /// The most expensive input of each kind in each state.
    lines: Vec<(Met, [Option<Worst>; Kind::ALL.len()]), 48>,
}

impl Table {
    pub fn new(meter: Meter) -> Self {
        let server = ServerState::ALL.into_iter().map(Met::Server);
        let of_interface = |id| states(id).map(move |state| Met::Interface(id, state));
        let met = INTERFACES.into_iter().flat_map(of_interface).chain(server);
        Self {
            meter,
            place: 0,
            lines: met.map(|met| (met, [None; Kind::ALL.len()])).collect(),
        }
    }

    fn note(&mut self, kind: Kind, met: Met, new: Worst) {
        let mut lines = self.lines.iter_mut();
        let line = lines.find(|line| line.0 == met).expect("all have a line");
        let worst = line.1[kind as usize].get_or_insert(new);
        if worst.reading.instructions < new.reading.instructions {
            worst.reading.instructions = new.reading.instructions;
            worst.place = new.place;
        }
        worst.reading.stack = worst.reading.stack.max(new.reading.stack);
    }

    /// A line for each pair, `-` for those that never came.
    pub fn print(&self) {
        for (met, line) in &self.lines {
            for (kind, worst) in Kind::ALL.iter().zip(line) {
                match worst {
                    Some(Worst { reading, place }) => hprintln!(
                        "pair {} {:?} {} {} {}",
                        met,
                        kind,
                        reading.instructions,
                        reading.stack,
                        place
                    ),
                    None => hprintln!("pair {} {:?} -", met, kind),
                }
            }
        }
    }
}

impl Gauge for Table {
    const APART: bool = true;

    fn measure<R>(&mut self, kind: Kind, met: [Met; 2], call: impl FnOnce() -> R) -> R {
        let (reading, result) = self.meter.measure(call);
        let place = self.place;
        self.place += 1;
        for met in met {
            self.note(kind, met, Worst { reading, place });
        }
        result
    }
}

/// The states that an interface can rest in, in the order of its table.
fn states(id: InterfaceId) -> impl Iterator<Item = State> {
    let mut last = None;
    transitions(id.medium())
        .map(|pair| pair.state())
        .filter(move |state| last.replace(*state) != Some(*state))
        // It is passed within one input.
        .filter(|state| *state != State::WifiLinkUp)
}
