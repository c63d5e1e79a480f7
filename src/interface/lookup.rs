//! The tables as they are looked up: small, and with the same short way to every pair.

use super::awaited::Awaited;
use super::layout::{self, CELLS, IN_REACH, STATES, TIMED, TRIGGERS, UNTIMED};
use super::{Cause, Medium, State, Step, Trigger};

/// Going to a state in which a timer runs.
#[derive(Clone, Copy)]
pub(super) struct Timed {
    /// The state to go to.
    pub(super) state: State,
    /// What the timer waits for there.
    pub(super) awaited: Awaited,
    pub(super) way: Way,
}

/// On which way a state with a timer is gone to: see [`Effect`](super::table::Effect).
#[derive(Clone, Copy)]
pub(super) enum Way {
    Enter,
    /// Without credentials to this stopped state.
    Search(State),
    Resume,
    /// Passing this state.
    Associate(State),
    Address,
    Connect,
    /// Because of this failure, with the end of this step.
    Halt(Cause, Step),
}

/// What is done without a timer: see [`Effect`](super::table::Effect). Which of them has a byte of
/// its own, and is so told in one step.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Untimed {
    Close(State),
    Renew,
    Trust,
}

/// A medium has a column for each trigger, in each column a cell for each line.
struct Tables {
    /// The line of each state.
    lines: [u8; STATES],
    /// Where the column of each trigger begins.
    wifi: [u8; TRIGGERS],
    ethernet: [u8; TRIGGERS],
    cellular: [u8; TRIGGERS],
    /// The numbers of the outcomes; where nothing changes one beyond them all. Wi-Fi and Ethernet
    /// have their columns among the first of the cells, cellular among the last.
    cells: [u8; CELLS],
    /// The outcomes with a timer, numbered from zero.
    timed: [Timed; TIMED],
    /// Those without one, numbered on from there.
    untimed: [Untimed; UNTIMED],
}

/// In one piece: so one address leads to all of it.
static TABLES: Tables = Tables {
    lines: layout::LINES,
    wifi: layout::columns(Medium::Wifi),
    ethernet: layout::columns(Medium::Ethernet),
    cellular: layout::columns(Medium::Cellular),
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
    pub(super) fn of(medium: Medium, state: State, trigger: Trigger) -> Option<Self> {
        let (columns, cells) = match medium {
            Medium::Wifi => (&TABLES.wifi, TABLES.cells.first_chunk::<IN_REACH>()?),
            Medium::Ethernet => (&TABLES.ethernet, TABLES.cells.first_chunk()?),
            Medium::Cellular => (&TABLES.cellular, TABLES.cells.last_chunk()?),
        };
        let column = columns.get(trigger.index())?;
        let line = TABLES.lines.get(state.index())?;
        cells
            .get(usize::from(column.wrapping_add(*line)))
            .copied()
            .map(Self)
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
