//! Lays the rows of all media out as tables to be looked up, at compile time.
//!
//! A pair that no row decides, or that two rows decide, does not compile.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "runs at compile time, where each of them is an error of the build"
)]

use super::awaited::Awaited;
use super::laid::{Timed, Untimed, Way};
use super::rows::rows;
use super::table::{Effect, Row};
use super::{Medium, State, Trigger};

pub(super) const STATES: usize = State::ALL.len();
pub(super) const TRIGGERS: usize = Trigger::ALL.len();

/// How many cells there are: as many as a byte counts, so that whatever byte is looked up is a cell.
/// Columns share those in which they agree.
pub(super) const CELLS: usize = 1 << u8::BITS;

/// How many outcomes there are with a timer and without one.
pub(super) const TIMED: usize = EFFECTS.timed;
pub(super) const UNTIMED: usize = EFFECTS.count - EFFECTS.timed;

/// The line of each state. Those of a medium in which every trigger does the same share one.
pub(super) const LINES: [u8; STATES] = lines();

/// The cells of all columns of all media.
pub(super) const fn cells() -> [u8; CELLS] {
    LAYOUT.cells
}

/// Where the columns of each medium begin.
pub(super) const fn columns() -> [[u8; TRIGGERS]; MEDIA.len()] {
    LAYOUT.columns
}

/// A cell in which nothing changes: beyond all effects.
const NONE: u8 = u8::MAX;
/// A cell that nothing was put into yet.
const UNDECIDED: u8 = NONE - 1;

pub(super) const MEDIA: [Medium; 3] = [Medium::Wifi, Medium::Ethernet, Medium::Cellular];

/// The effects of all media.
const EFFECTS: Effects = Effects::of_all_media();

/// What the rows of each medium say.
const DECIDED: [Decided; MEDIA.len()] = [decide(MEDIA[0]), decide(MEDIA[1]), decide(MEDIA[2])];

const LAYOUT: Layout = Layout::of_all_media();

struct Layout {
    columns: [[u8; TRIGGERS]; MEDIA.len()],
    cells: [u8; CELLS],
}

impl Layout {
    const fn of_all_media() -> Self {
        let mut all = Self {
            columns: [[0; TRIGGERS]; MEDIA.len()],
            cells: [UNDECIDED; CELLS],
        };
        let mut medium = 0;
        while medium < MEDIA.len() {
            let mut laid = [false; TRIGGERS];
            let mut count = 0;
            while count < TRIGGERS {
                let trigger = all.cheapest(medium, &laid);
                all.lay(medium, trigger);
                laid[trigger] = true;
                count += 1;
            }
            medium += 1;
        }
        all
    }

    /// The trigger whose column takes the fewest cells more, of those that are not laid yet.
    const fn cheapest(&self, medium: usize, laid: &[bool; TRIGGERS]) -> usize {
        let (mut cheapest, mut fewest) = (0, STATES + 1);
        let mut trigger = 0;
        while trigger < TRIGGERS {
            if !laid[trigger] {
                let cells = self.new_cells(medium, self.place(medium, trigger));
                if cells < fewest {
                    (cheapest, fewest) = (trigger, cells);
                }
            }
            trigger += 1;
        }
        cheapest
    }

    /// The first place where a column agrees with what lies there.
    const fn place(&self, medium: usize, trigger: usize) -> usize {
        let mut column = 0;
        while !self.agrees(medium, trigger, column) {
            column += 1;
        }
        column
    }

    /// Lays a column down at its place.
    const fn lay(&mut self, medium: usize, trigger: usize) {
        let column = self.place(medium, trigger);
        self.columns[MEDIA[medium] as usize][trigger] = column as u8;
        let mut state = 0;
        while state < STATES {
            if State::ALL[state].is_of(MEDIA[medium]) {
                let place = column + LINES[state] as usize;
                self.cells[place] = DECIDED[medium][state][trigger];
            }
            state += 1;
        }
    }

    const fn agrees(&self, medium: usize, trigger: usize, column: usize) -> bool {
        let mut state = 0;
        while state < STATES {
            if State::ALL[state].is_of(MEDIA[medium]) {
                let place = column + LINES[state] as usize;
                if place >= CELLS {
                    panic!("there are too few cells");
                }
                let cell = self.cells[place];
                if cell != UNDECIDED && cell != DECIDED[medium][state][trigger] {
                    return false;
                }
            }
            state += 1;
        }
        true
    }

    /// How many cells a column takes there that nothing was put into yet.
    const fn new_cells(&self, medium: usize, column: usize) -> usize {
        let mut count = 0;
        let mut state = 0;
        while state < STATES {
            if State::ALL[state].is_of(MEDIA[medium])
                && self.cells[column + LINES[state] as usize] == UNDECIDED
            {
                count += 1;
            }
            state += 1;
        }
        count
    }
}

/// The states that all media have come first, so they get the same lines in each.
const fn lines() -> [u8; STATES] {
    let mut lines = [0; STATES];
    let mut medium = 0;
    while medium < MEDIA.len() {
        let mut next = 0;
        let mut state = 0;
        while state < STATES {
            if State::ALL[state].is_of(MEDIA[medium]) {
                let twin = twin(&DECIDED[medium], state);
                if twin < state {
                    lines[state] = lines[twin];
                } else {
                    lines[state] = next;
                    next += 1;
                }
            }
            state += 1;
        }
        medium += 1;
    }
    lines
}

/// For each state and trigger the number of its effect.
type Decided = [[u8; TRIGGERS]; STATES];

/// Puts down what the rows of a medium say of each pair. Triggers of other media do nothing.
const fn decide(medium: Medium) -> Decided {
    let mut decided = [[UNDECIDED; TRIGGERS]; STATES];
    let rows = rows(medium);
    let mut row = 0;
    while row < rows.len() {
        let Row(trigger, from, effect) = &rows[row];
        let mut state = 0;
        while state < from.len() {
            if !(from[state].is_of(medium) && trigger.is_of(medium)) {
                panic!("a row is of another medium");
            }
            let cell = &mut decided[from[state].index()][trigger.index()];
            if *cell != UNDECIDED {
                panic!("two rows decide one pair");
            }
            *cell = EFFECTS.number(effect);
            state += 1;
        }
        row += 1;
    }
    let mut state = 0;
    while state < STATES {
        let mut trigger = 0;
        while trigger < TRIGGERS {
            if !Trigger::ALL[trigger].is_of(medium) {
                decided[state][trigger] = NONE;
            } else if State::ALL[state].is_of(medium) && decided[state][trigger] == UNDECIDED {
                panic!("no row decides a pair");
            }
            trigger += 1;
        }
        state += 1;
    }
    decided
}

/// The first state in which every trigger does the same as in this one, which may be itself.
const fn twin(decided: &Decided, state: usize) -> usize {
    let mut twin = 0;
    let mut trigger = 0;
    while trigger < TRIGGERS {
        if decided[twin][trigger] == decided[state][trigger] {
            trigger += 1;
        } else {
            twin += 1;
            trigger = 0;
        }
    }
    twin
}

/// A list of effects, each there once; those with a timer first.
struct Effects {
    list: [Effect; Self::MOST],
    timed: usize,
    count: usize,
}

impl Effects {
    /// Fewer than what stands for none.
    const MOST: usize = 64;

    const fn of_all_media() -> Self {
        let mut all = Self {
            list: [Effect::Trust; Self::MOST],
            timed: 0,
            count: 0,
        };
        all.add(true);
        all.timed = all.count;
        all.add(false);
        all
    }

    /// Adds the effects of all media, either those with a timer or those without one.
    const fn add(&mut self, timed: bool) {
        let mut medium = 0;
        while medium < MEDIA.len() {
            let rows = rows(MEDIA[medium]);
            let mut row = 0;
            while row < rows.len() {
                let Row(_, _, effect) = &rows[row];
                let wanted = match laid(effect) {
                    Some(Laid::Timed(_)) => timed,
                    Some(Laid::Untimed(_)) => !timed,
                    None => false,
                };
                if wanted && self.number(effect) == NONE {
                    self.list[self.count] = *effect;
                    self.count += 1;
                }
                row += 1;
            }
            medium += 1;
        }
    }

    /// How manieth an effect is, [`NONE`] if it is not there.
    const fn number(&self, effect: &Effect) -> u8 {
        let mut number = 0;
        while number < self.count {
            if fingerprint(&self.list[number]) == fingerprint(effect) {
                return number as u8;
            }
            number += 1;
        }
        NONE
    }
}

/// The outcomes with a timer.
pub(super) const fn timed() -> [Timed; TIMED] {
    let mut list = [Timed {
        state: State::Unknown,
        awaited: Awaited::BackOff,
        way: Way::Enter,
    }; TIMED];
    let mut number = 0;
    while number < TIMED {
        if let Some(Laid::Timed(timed)) = laid(&EFFECTS.list[number]) {
            list[number] = timed;
        }
        number += 1;
    }
    list
}

/// The outcomes without one.
pub(super) const fn untimed() -> [Untimed; UNTIMED] {
    let mut list = [Untimed::Trust; UNTIMED];
    let mut number = 0;
    while number < UNTIMED {
        if let Some(Laid::Untimed(untimed)) = laid(&EFFECTS.list[TIMED + number]) {
            list[number] = untimed;
        }
        number += 1;
    }
    list
}

/// What is looked up for an effect.
enum Laid {
    Timed(Timed),
    Untimed(Untimed),
}

/// Lays an effect out; where nothing changes there is nothing to look up.
const fn laid(effect: &Effect) -> Option<Laid> {
    let (state, way) = match *effect {
        Effect::Enter(state) => (state, Way::Enter),
        Effect::Search(state, otherwise) => (state, Way::Search(otherwise)),
        Effect::Resume(state) => (state, Way::Resume),
        Effect::Associate(state, via) => (state, Way::Associate(via)),
        Effect::Address(state) => (state, Way::Address),
        Effect::Connect => (State::Connected, Way::Connect),
        Effect::Halt(state, ends) => (state, Way::Halt(ends)),
        Effect::Close(state) => return Some(Laid::Untimed(Untimed::Close(state))),
        Effect::Renew => return Some(Laid::Untimed(Untimed::Renew)),
        Effect::Trust => return Some(Laid::Untimed(Untimed::Trust)),
        Effect::Ignore(_) => return None,
    };
    let Some(awaited) = Awaited::of(state) else {
        panic!("nothing is awaited in the state that is gone to");
    };
    let fits = match way {
        Way::Connect => matches!(awaited, Awaited::Stability),
        Way::Halt(..) => matches!(awaited, Awaited::BackOff),
        Way::Enter | Way::Search(_) | Way::Resume | Way::Associate(_) | Way::Address => {
            awaited.step().is_some()
        }
    };
    if !fits {
        panic!("another thing is awaited in the state that is gone to");
    }
    Some(Laid::Timed(Timed {
        state,
        awaited,
        way,
    }))
}

/// A number that no other effect has; `==` is not to be had at compile time.
const fn fingerprint(effect: &Effect) -> u32 {
    u32::from_be_bytes(match *effect {
        Effect::Enter(state) => [0, state as u8, 0, 0],
        Effect::Search(state, otherwise) => [1, state as u8, otherwise as u8, 0],
        Effect::Resume(state) => [2, state as u8, 0, 0],
        Effect::Associate(state, via) => [3, state as u8, via as u8, 0],
        Effect::Address(state) => [4, state as u8, 0, 0],
        Effect::Connect => [5, 0, 0, 0],
        Effect::Renew => [6, 0, 0, 0],
        Effect::Halt(state, ends) => [7, state as u8, ends as u8, 0],
        Effect::Close(state) => [8, state as u8, 0, 0],
        Effect::Trust => [9, 0, 0, 0],
        Effect::Ignore(why) => [10, why as u8, 0, 0],
    })
}
