//! What a transition table is. Each medium has one, in a file of its own.
//!
//! A table is written as rows that read like the specification, and is laid out at compile time
//! so that looking a pair up takes the same short time for each. A pair that no row decides, or
//! that two rows decide, does not compile.

use core::fmt;

use super::{Cause, Medium, State, Step, Trigger};

/// What a pair of state and trigger leads to. Its kind has a byte of its own, so that telling kinds
/// apart takes one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Effect {
    /// Go to a state that runs a step: issue its command, arm its deadline.
    Enter(State),
    /// Go to this scanning state; without credentials to this stopped one.
    Search(State, State),
    /// As [`Effect::Enter`]; ignored where recovery is left to the application, whose request is
    /// the way out.
    Resume(State),
    /// Pass this state of a link that is up, and go on to the address, as [`Effect::Address`].
    Associate(State, State),
    /// Go on to the address: to this DHCPING state, or with a static address to CONNECTED.
    Address(State),
    /// Go to CONNECTED with the address that came.
    Connect,
    /// Take over the renewed address.
    Renew,
    /// Go to a stopped state because of a failure, end this step and all that builds on it, and
    /// arm the back-off.
    Halt(State, Cause, Step),
    /// Stop the medium, power down, go to this stopped state.
    Close(State),
    /// Forget earlier failures.
    Trust,
    /// Nothing changes.
    Ignore(Harmless),
}

/// Why ignoring a trigger cannot leave the interface stuck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Harmless {
    /// The step under way has a deadline of its own.
    AlreadyOnItsWay,
    /// Nothing runs; being started is the way out.
    NotRunning,
    /// It says what is so already.
    AlreadySo,
    /// The step that it belongs to has not begun or is over; the one under way has a deadline.
    NotBegun,
    /// The retry begins by powering up.
    RetryPowersUp,
    /// No such timer is armed in this state.
    NotArmed,
}

/// One line of a medium's table: the states from which a trigger has an effect.
pub(super) struct Row(
    pub(super) Trigger,
    pub(super) &'static [State],
    pub(super) Effect,
);

/// The most states that one medium has, common ones included.
const STATES: usize = 10;
/// The most triggers that one medium has.
const COLUMNS: usize = 17;
/// The most effects that one medium has, reasons for ignoring included.
const EFFECTS: usize = 32;
/// What stands where there is nothing: as a start or a column it leads beyond all cells, and as a
/// cell to the last effect, which no row has.
const NONE: u8 = u8::MAX;

/// A medium's table, laid out.
pub(super) struct Table {
    medium: Medium,
    /// Where the cells of each state start, [`NONE`] for those of other media.
    starts: [u8; State::ALL.len()],
    /// The column of each trigger, [`NONE`] for those of other media.
    columns: [u8; Trigger::ALL.len()],
    /// For each state and column which of the effects it has.
    cells: [u8; COLUMNS * STATES],
    /// The reasons for ignoring, then the effects of the other rows.
    effects: [Effect; EFFECTS],
}

impl Table {
    /// Lays out the rows of a medium with these states.
    ///
    /// # Panics
    ///
    /// At compile time, if a pair is decided by no row or by two.
    #[expect(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::indexing_slicing,
        clippy::panic,
        reason = "runs at compile time, where each of them is an error of the build"
    )]
    pub(super) const fn lay_out(medium: Medium, states: &[State], rows: &[Row]) -> Self {
        let mut starts = [NONE; State::ALL.len()];
        let mut state = 0;
        while state < states.len() {
            starts[states[state].index()] = (state * COLUMNS) as u8;
            state += 1;
        }
        let mut columns = [NONE; Trigger::ALL.len()];
        let mut used = 0;
        let mut trigger = 0;
        while trigger < Trigger::ALL.len() {
            if Trigger::ALL[trigger].is_of(medium) {
                columns[trigger] = used;
                used += 1;
            }
            trigger += 1;
        }
        let mut effects = [Effect::Ignore(Harmless::NotRunning); EFFECTS];
        let mut reason = 0;
        while reason < Harmless::ALL.len() {
            let why = Harmless::ALL[reason];
            effects[why as usize] = Effect::Ignore(why);
            reason += 1;
        }
        let mut cells = [NONE; COLUMNS * STATES];
        let mut next = Harmless::ALL.len();
        let mut row = 0;
        while row < rows.len() {
            let Row(trigger, from, effect) = &rows[row];
            let index = if let Effect::Ignore(why) = effect {
                *why as usize
            } else {
                effects[next] = *effect;
                next += 1;
                next - 1
            };
            let mut state = 0;
            while state < from.len() {
                let start = starts[from[state].index()] as usize;
                let cell = &mut cells[start + columns[trigger.index()] as usize];
                if *cell != NONE {
                    panic!("two rows decide one pair");
                }
                *cell = index as u8;
                state += 1;
            }
            row += 1;
        }
        if next >= EFFECTS {
            panic!("there are more effects than places");
        }
        let mut state = 0;
        while state < states.len() {
            let mut column = 0;
            while column < used as usize {
                if cells[state * COLUMNS + column] == NONE {
                    panic!("no row decides a pair");
                }
                column += 1;
            }
            state += 1;
        }
        Self {
            medium,
            starts,
            columns,
            cells,
            effects,
        }
    }

    /// What `trigger` does in `state`. Triggers of other media do nothing; states of other media
    /// are never asked for (STATE-3).
    #[inline]
    pub(super) fn effect(&self, state: State, trigger: Trigger) -> Effect {
        const ELSE: Effect = Effect::Ignore(Harmless::NotRunning);
        let (Some(start), Some(column)) = (
            self.starts.get(state.index()),
            self.columns.get(trigger.index()),
        ) else {
            return ELSE;
        };
        let place = usize::from(*start).wrapping_add(usize::from(*column));
        let cell = self.cells.get(place).copied().unwrap_or(NONE);
        // The remainder is the cell itself, but for `NONE`: so nothing is left to be checked.
        let index = usize::from(cell).checked_rem(EFFECTS).unwrap_or(0);
        self.effects.get(index).copied().unwrap_or(ELSE)
    }

    /// Every pair of the medium, state by state.
    pub(super) fn transitions(&'static self) -> impl Iterator<Item = Transition> {
        let medium = self.medium;
        State::ALL
            .into_iter()
            .filter(move |state| state.medium().is_none_or(|of| of == medium))
            .flat_map(move |state| {
                Trigger::ALL
                    .into_iter()
                    .filter(move |trigger| trigger.is_of(medium))
                    .map(move |trigger| Transition {
                        state,
                        trigger,
                        effect: self.effect(state, trigger),
                    })
            })
    }
}

/// What a medium's table says of one pair of state and trigger.
///
/// Shows as its outcome, as `ETHERNET_STOPPED_NO_LINK: no carrier`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    state: State,
    trigger: Trigger,
    effect: Effect,
}

impl Transition {
    /// The state before.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// What happens.
    #[must_use]
    pub const fn trigger(&self) -> Trigger {
        self.trigger
    }

    /// Whether it changes nothing.
    #[must_use]
    pub const fn is_ignored(&self) -> bool {
        matches!(self.effect, Effect::Ignore(_))
    }

    /// The states that it can lead to: none to three.
    pub fn targets(&self) -> impl Iterator<Item = State> + use<> {
        let targets = match self.effect {
            Effect::Enter(state) | Effect::Resume(state) | Effect::Halt(state, ..) => {
                [Some(state), None, None]
            }
            Effect::Close(state) => [Some(state), None, None],
            Effect::Search(state, otherwise) => [Some(state), Some(otherwise), None],
            Effect::Address(state) => [Some(state), Some(State::Connected), None],
            Effect::Associate(via, state) => [Some(via), Some(state), Some(State::Connected)],
            Effect::Connect => [Some(State::Connected), None, None],
            Effect::Renew | Effect::Trust | Effect::Ignore(_) => [None; 3],
        };
        targets.into_iter().flatten()
    }
}

impl fmt::Display for Transition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.effect {
            Effect::Enter(state) => write!(f, "{state}"),
            Effect::Search(state, otherwise) => {
                write!(f, "{state}, without credentials {otherwise}")
            }
            Effect::Resume(state) => write!(f, "{state}, ignored under manual recovery"),
            Effect::Associate(via, state) => {
                write!(f, "{via}, then {state} or with a static address CONNECTED")
            }
            Effect::Address(state) => write!(f, "{state}, with a static address CONNECTED"),
            Effect::Connect => write!(f, "CONNECTED"),
            Effect::Renew => f.write_str("the address is renewed"),
            Effect::Halt(state, cause, _) => write!(f, "{state}: {cause}"),
            Effect::Close(state) => write!(f, "{state}: closed"),
            Effect::Trust => f.write_str("the back-off begins anew"),
            Effect::Ignore(why) => write!(f, "ignored: {}", why.text()),
        }
    }
}

impl Harmless {
    /// Every reason.
    const ALL: [Self; 6] = [
        Self::AlreadyOnItsWay,
        Self::NotRunning,
        Self::AlreadySo,
        Self::NotBegun,
        Self::RetryPowersUp,
        Self::NotArmed,
    ];

    const fn text(self) -> &'static str {
        match self {
            Self::AlreadyOnItsWay => "the step under way has a deadline",
            Self::NotRunning => "nothing runs, being started is the way out",
            Self::AlreadySo => "says what is so already",
            Self::NotBegun => "not of the step under way, which has a deadline",
            Self::RetryPowersUp => "the next try begins by powering up",
            Self::NotArmed => "no such timer is armed here",
        }
    }
}
