//! The most that an input of each pair took: of a state of an interface and a kind of input, and of a
//! state of the server connection and a kind.

use core::fmt::Display;

use cortex_m_semihosting::hprintln;
use lankeeper::{InterfaceId, ServerState, State, transitions};

use super::gauge::{Meter, Reading};
use crate::kind::{Kind, Meeting};
use crate::sequence::Gauge;
use crate::settings::INTERFACES;

const KINDS: usize = Kind::ALL.len();
/// No medium has more.
const STATES: usize = 10;

/// The most expensive input of each kind.
type Line = [Option<Worst>; KINDS];

pub struct Table {
    meter: Meter,
    /// How many inputs there were so far.
    place: u32,
    interfaces: [[Line; STATES]; INTERFACES.len()],
    server: [Line; ServerState::ALL.len()],
}

/// The most of either that any input took, and where in the sequence the one came that took the most
/// instructions.
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
            interfaces: [[[None; KINDS]; STATES]; INTERFACES.len()],
            server: [[None; KINDS]; ServerState::ALL.len()],
        }
    }

    fn note(&mut self, meeting: Meeting, new: Worst) {
        let mut states = states(INTERFACES[meeting.which]);
        let state = states.position(|state| state == meeting.state);
        let state = state.expect("each state of the interface has a line");
        let mut states = ServerState::ALL.iter();
        let server = states.position(|state| *state == meeting.server);
        let server = server.expect("each state of the server connection has a line");
        for line in [
            &mut self.interfaces[meeting.which][state],
            &mut self.server[server],
        ] {
            let worst = line[meeting.kind as usize].get_or_insert(new);
            if worst.reading.instructions < new.reading.instructions {
                worst.reading.instructions = new.reading.instructions;
                worst.place = new.place;
            }
            worst.reading.stack = worst.reading.stack.max(new.reading.stack);
        }
    }

    /// A line for each pair, `-` for those that never came.
    pub fn print(&self) {
        for (which, id) in INTERFACES.into_iter().enumerate() {
            for (state, line) in states(id).zip(&self.interfaces[which]) {
                print_line(&id, &state, line);
            }
        }
        for (state, line) in ServerState::ALL.into_iter().zip(&self.server) {
            print_line(&"server", &state, line);
        }
    }
}

fn print_line(subject: &dyn Display, state: &dyn Display, line: &Line) {
    for (kind, worst) in Kind::ALL.iter().zip(line) {
        match worst {
            Some(Worst { reading, place }) => hprintln!(
                "pair {} {} {:?} {} {} {}",
                subject,
                state,
                kind,
                reading.instructions,
                reading.stack,
                place
            ),
            None => hprintln!("pair {} {} {:?} -", subject, state, kind),
        }
    }
}

impl Gauge for Table {
    const APART: bool = true;

    fn measure<R>(&mut self, meeting: Meeting, call: impl FnOnce() -> R) -> R {
        let (reading, result) = self.meter.measure(call);
        let place = self.place;
        self.place += 1;
        self.note(meeting, Worst { reading, place });
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
