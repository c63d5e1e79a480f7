//! How far a round of polls has come.

/// The most events and datagrams that one round takes, so that a flood holds nothing up.
const LIMIT: u8 = 64;

/// A round of polls: the calls up to the one that returns `None` (DRV-1).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Round {
    /// Events and datagrams taken so far.
    taken: u8,
    /// The place of the bound port that is asked for a datagram next.
    place: u8,
    /// Whether the backend may have more.
    open: bool,
}

impl Round {
    /// Counts one more event or datagram. Returns false, and ends the round, once it has taken its
    /// share; the backend may have more for the next round.
    pub(crate) const fn take(&mut self) -> bool {
        self.open = true;
        if self.taken == LIMIT {
            self.taken = 0;
            return false;
        }
        self.taken = self.taken.saturating_add(1);
        true
    }

    /// Whether events go before datagrams. They do in the first half of a round, because a datagram
    /// may have come after an event. In the second half datagrams go first, so that a flood of
    /// events does not starve them.
    pub(crate) const fn events_first(&self) -> bool {
        self.taken <= LIMIT / 2
    }

    /// The place to ask for a datagram, of this many. Each place has its turn.
    pub(crate) fn next_place(&mut self, ports: usize) -> usize {
        let place = usize::from(self.place);
        let place = if place < ports { place } else { 0 };
        // There are at most 256 sockets.
        self.place = u8::try_from(place.saturating_add(1)).unwrap_or(0);
        place
    }

    /// Ends the round, because the backend has nothing left.
    pub(crate) const fn finish(&mut self) {
        self.taken = 0;
        self.open = false;
    }

    /// Whether the backend may have more.
    pub(crate) const fn is_open(&self) -> bool {
        self.open
    }
}
