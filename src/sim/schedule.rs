//! A queue ordered by due time.

use crate::Instant;
use heapless::Vec;

/// Up to `N` items in order of their due time; items due at the same instant keep their order.
#[derive(Clone, Debug)]
pub(super) struct Schedule<T, const N: usize>(Vec<(Instant, T), N>);

impl<T, const N: usize> Schedule<T, N> {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds an item.
    pub(super) fn add(&mut self, at: Instant, item: T) -> Result<(), CapacityError> {
        let place = self.0.partition_point(|(other, _)| *other <= at);
        self.0
            .insert(place, (at, item))
            .map_err(|_| CapacityError(N))
    }

    /// When the next item is due.
    pub(super) fn next_at(&self) -> Option<Instant> {
        self.0.first().map(|(at, _)| *at)
    }

    /// Takes the next item if it is due by `now`, with its instant.
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
