//! The most that an input of each pair took.

use cortex_m_semihosting::hprintln;
use lankeeper::{InterfaceId, State, transitions};

use super::gauge::{Meter, Reading};
use crate::kind::{Kind, Pair};
use crate::sequence::Gauge;
use crate::settings::INTERFACES;

const KINDS: usize = Kind::ALL.len();
/// No medium has more.
const STATES: usize = 10;

pub struct Table {
    meter: Meter,
    /// How many inputs there were so far.
    place: u32,
    worst: [[[Option<Worst>; KINDS]; STATES]; INTERFACES.len()],
    stack: Option<(Pair, Worst)>,
}

/// A reading and the place in the sequence that it is from.
#[derive(Clone, Copy)]
struct Worst {
    reading: Reading,
    place: u32,
}

impl Table {
    pub const fn new(meter: Meter) -> Self {
        Self {
            meter,
            place: 0,
            worst: [[[None; KINDS]; STATES]; INTERFACES.len()],
            stack: None,
        }
    }

    fn note(&mut self, pair: Pair, new: Worst) {
        let which = INTERFACES.iter().position(|id| *id == pair.interface);
        let state = states(pair.interface).position(|state| state == pair.state);
        let (Some(which), Some(state)) = (which, state) else {
            panic!("{}: no state of {}", pair.state, pair.interface);
        };
        let worst = &mut self.worst[which][state][pair.kind as usize];
        if worst.is_none_or(|old| old.reading.instructions < new.reading.instructions) {
            *worst = Some(new);
        }
        if self
            .stack
            .is_none_or(|(_, old)| old.reading.stack < new.reading.stack)
        {
            self.stack = Some((pair, new));
        }
    }

    /// A line for each pair, `-` for those that never came, and one for the deepest stack.
    pub fn print(&self) {
        for (which, id) in INTERFACES.into_iter().enumerate() {
            for (number, state) in states(id).enumerate() {
                for kind in Kind::ALL {
                    match self.worst[which][number][*kind as usize] {
                        Some(Worst { reading, place }) => hprintln!(
                            "pair {} {} {:?} {} {}",
                            id,
                            state,
                            kind,
                            reading.instructions,
                            place
                        ),
                        None => hprintln!("pair {} {} {:?} -", id, state, kind),
                    }
                }
            }
        }
        if let Some((pair, worst)) = self.stack {
            hprintln!(
                "stack {} {} {:?} {} {}",
                pair.interface,
                pair.state,
                pair.kind,
                worst.reading.stack,
                worst.place
            );
        }
    }
}

impl Gauge for Table {
    fn measure<R>(&mut self, pair: Pair, call: impl FnOnce() -> R) -> R {
        let (reading, result) = self.meter.measure(call);
        let place = self.place;
        self.place += 1;
        self.note(pair, Worst { reading, place });
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
