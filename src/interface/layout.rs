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

use super::table::{Effect, Row, rows};
use super::{Medium, State, Trigger};

pub(super) const STATES: usize = State::ALL.len();
pub(super) const TRIGGERS: usize = Trigger::ALL.len();

/// As a column it lies beyond all cells, as a cell beyond all effects.
const NONE: u8 = u8::MAX;
/// A cell that nothing was put into yet.
const UNDECIDED: u8 = NONE - 1;

/// The effects of all media, each once.
pub(super) const EFFECTS: Effects = Effects::of_all_media();

/// The line of each state. Those of a medium in which every trigger does the same share one.
pub(super) const LINES: [u8; STATES] = lines();

const MEDIA: [Medium; 3] = [Medium::Wifi, Medium::Ethernet, Medium::Cellular];

/// How many cells a medium has.
pub(super) const fn size(medium: Medium) -> usize {
    let mut size = 0;
    let mut trigger = 0;
    while trigger < TRIGGERS {
        if Trigger::ALL[trigger].is_of(medium) {
            size += height(medium);
        }
        trigger += 1;
    }
    size
}

/// Where the column of each trigger begins.
pub(super) const fn columns(medium: Medium) -> [u8; TRIGGERS] {
    let mut columns = [NONE; TRIGGERS];
    let mut next = 0;
    let mut trigger = 0;
    while trigger < TRIGGERS {
        if Trigger::ALL[trigger].is_of(medium) {
            columns[trigger] = next as u8;
            next += height(medium);
        }
        trigger += 1;
    }
    if next > NONE as usize {
        panic!("there are more cells than can be counted");
    }
    columns
}

/// The cells of all columns.
pub(super) const fn cells<const SIZE: usize>(medium: Medium) -> [u8; SIZE] {
    let columns = columns(medium);
    let decided = decide(medium);
    let mut cells = [UNDECIDED; SIZE];
    let mut state = 0;
    while state < STATES {
        let mut trigger = 0;
        while trigger < TRIGGERS {
            if State::ALL[state].is_of(medium) && Trigger::ALL[trigger].is_of(medium) {
                let cell = &mut cells[columns[trigger] as usize + LINES[state] as usize];
                if *cell != UNDECIDED && *cell != decided[state][trigger] {
                    panic!("two states share a line and differ");
                }
                *cell = decided[state][trigger];
            }
            trigger += 1;
        }
        state += 1;
    }
    cells
}

/// How many lines a medium has.
const fn height(medium: Medium) -> usize {
    let mut height = 0;
    let mut state = 0;
    while state < STATES {
        if State::ALL[state].is_of(medium) && LINES[state] as usize >= height {
            height = LINES[state] as usize + 1;
        }
        state += 1;
    }
    height
}

/// The states that all media have come first, so they get the same lines in each.
const fn lines() -> [u8; STATES] {
    let mut lines = [0; STATES];
    let mut medium = 0;
    while medium < MEDIA.len() {
        let decided = decide(MEDIA[medium]);
        let mut next = 0;
        let mut state = 0;
        while state < STATES {
            if State::ALL[state].is_of(MEDIA[medium]) {
                let twin = twin(&decided, state);
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

/// Puts down what the rows of a medium say of each pair.
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
            let is_pair = State::ALL[state].is_of(medium) && Trigger::ALL[trigger].is_of(medium);
            if is_pair && decided[state][trigger] == UNDECIDED {
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

/// A list of effects, each there once.
pub(super) struct Effects {
    places: [Effect; Self::MOST],
    count: usize,
}

impl Effects {
    /// Fewer than what stands for none.
    const MOST: usize = 64;

    const fn of_all_media() -> Self {
        let mut all = Self {
            places: [Effect::Trust; Self::MOST],
            count: 0,
        };
        let mut medium = 0;
        while medium < MEDIA.len() {
            let rows = rows(MEDIA[medium]);
            let mut row = 0;
            while row < rows.len() {
                let Row(_, _, effect) = &rows[row];
                if !effect.is_ignored() && all.number(effect) == NONE {
                    all.places[all.count] = *effect;
                    all.count += 1;
                }
                row += 1;
            }
            medium += 1;
        }
        all
    }

    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// All of them: `COUNT` is their count.
    pub(super) const fn list<const COUNT: usize>(&self) -> [Effect; COUNT] {
        let mut list = [Effect::Trust; COUNT];
        let mut number = 0;
        while number < self.count {
            list[number] = self.places[number];
            number += 1;
        }
        list
    }

    /// How manieth an effect is, [`NONE`] if it is not there.
    const fn number(&self, effect: &Effect) -> u8 {
        let mut number = 0;
        while number < self.count {
            if fingerprint(&self.places[number]) == fingerprint(effect) {
                return number as u8;
            }
            number += 1;
        }
        NONE
    }
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
        Effect::Halt(state, cause, ends) => [7, state as u8, cause as u8, ends as u8],
        Effect::Close(state) => [8, state as u8, 0, 0],
        Effect::Trust => [9, 0, 0, 0],
        Effect::Ignore(why) => [10, why as u8, 0, 0],
    })
}
