//! Things to come, each with its instant.

use heapless::Vec;

use crate::time::Instant;

/// Up to `N` things that are due at some instant, the earliest first; of those due at the same
/// instant the one that was added first.
#[derive(Clone, Debug)]
pub(super) struct Agenda<T, const N: usize>(Vec<(Instant, T), N>);

impl<T, const N: usize> Agenda<T, N> {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a thing, unless there is no room.
    pub(super) fn add(&mut self, at: Instant, thing: T) -> Result<(), CapacityError> {
        let place = self.0.partition_point(|(other, _)| *other <= at);
        self.0
            .insert(place, (at, thing))
            .map_err(|_| CapacityError(N))
    }

    /// When the next thing is due.
    pub(super) fn next_at(&self) -> Option<Instant> {
        self.0.first().map(|(at, _)| *at)
    }

    /// Takes the next thing that is due by `now`, with its instant.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<(Instant, T)> {
        if self.next_at()? <= now {
            Some(self.0.remove(0))
        } else {
            None
        }
    }
}

/// There is no room for more than this many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("no room for more than {0}")]
#[non_exhaustive]
pub struct CapacityError(pub usize);
