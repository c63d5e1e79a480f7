//! The tables as they are looked up: small, and with the same short way to every pair.

use super::laid::{Timed, Untimed};
use super::layout::{self, CELLS, MEDIA, STATES, TIMED, TRIGGERS, UNTIMED};
use super::{Medium, State, Trigger};

/// A medium has a column for each trigger, in each column a cell for each line.
struct Tables {
    /// The line of each state.
    lines: [u8; STATES],
    /// Where the column of each trigger begins, for each medium.
    columns: [[u8; TRIGGERS]; MEDIA.len()],
    /// The numbers of the outcomes; where nothing changes one beyond them all.
    cells: [u8; CELLS],
    /// The outcomes with a timer, numbered from zero.
    timed: [Timed; TIMED],
    /// Those without one, numbered on from there.
    untimed: [Untimed; UNTIMED],
}

/// In one piece: so one address leads to all of it.
static TABLES: Tables = Tables {
    lines: layout::LINES,
    columns: layout::columns(),
    cells: layout::cells(),
    timed: layout::timed(),
    untimed: layout::untimed(),
};

/// What a trigger does in a state, by its number.
#[derive(Clone, Copy)]
pub(super) struct Outcome(u8);

impl Outcome {
    /// What `trigger` does in `state`. Triggers of other media do nothing; states of other media
    /// are never asked for (STATE-3).
    #[inline]
    #[expect(clippy::as_conversions, reason = "the discriminants count from zero")]
    pub(super) fn of(medium: Medium, state: State, trigger: Trigger) -> Option<Self> {
        let columns = TABLES.columns.get(medium as usize)?;
        let column = columns.get(trigger.index())?;
        let line = TABLES.lines.get(state.index())?;
        let cell = TABLES.cells.get(usize::from(column.wrapping_add(*line)))?;
        Some(Self(*cell))
    }

    /// Where to go to, if a timer runs there.
    #[inline]
    pub(super) fn timed(self) -> Option<&'static Timed> {
        TABLES.timed.get(usize::from(self.0))
    }

    /// What to do without a timer, if anything.
    #[inline]
    pub(super) fn untimed(self) -> Option<Untimed> {
        let number = usize::from(self.0).checked_sub(TIMED)?;
        TABLES.untimed.get(number).copied()
    }
}
