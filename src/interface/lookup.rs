//! The tables as they are looked up: small, and with the same short way to every pair.

use super::layout::{self, STATES, TRIGGERS};
use super::table::Effect;
use super::{Medium, State, Trigger};

/// A medium's table: a column for each trigger, in each column a cell for each line. The lines of
/// the states and the effects are the same in all tables.
pub(super) struct Table<Cells: ?Sized = [u8]> {
    /// Where the column of each trigger begins; for triggers of other media beyond all cells.
    columns: [u8; TRIGGERS],
    /// Which effect it has; where nothing changes a number beyond all effects.
    cells: Cells,
}

static WIFI: Table<[u8; layout::size(Medium::Wifi)]> = Table::of(Medium::Wifi);
static ETHERNET: Table<[u8; layout::size(Medium::Ethernet)]> = Table::of(Medium::Ethernet);
static CELLULAR: Table<[u8; layout::size(Medium::Cellular)]> = Table::of(Medium::Cellular);

/// The line of each state.
static LINES: [u8; STATES] = layout::LINES;

/// What the cells stand for.
static EFFECTS: [Effect; layout::EFFECTS.count()] = layout::EFFECTS.list();

/// The table of a medium.
pub(super) const fn table(medium: Medium) -> &'static Table {
    match medium {
        Medium::Wifi => &WIFI,
        Medium::Ethernet => &ETHERNET,
        Medium::Cellular => &CELLULAR,
    }
}

impl<const SIZE: usize> Table<[u8; SIZE]> {
    const fn of(medium: Medium) -> Self {
        Self {
            columns: layout::columns(medium),
            cells: layout::cells(medium),
        }
    }
}

impl Table {
    /// What `trigger` does in `state`, if it does anything. Triggers of other media do nothing;
    /// states of other media are never asked for (STATE-3).
    #[inline]
    pub(super) fn effect(&self, state: State, trigger: Trigger) -> Option<&'static Effect> {
        let column = self.columns.get(trigger.index())?;
        let line = LINES.get(state.index())?;
        let place = usize::from(*column).wrapping_add(usize::from(*line));
        let effect = self.cells.get(place)?;
        EFFECTS.get(usize::from(*effect))
    }
}
