//! Notices on their way to the application: a ring that never loses one silently.

use heapless::Deque;

use super::Notice;
use crate::counter::count;

/// Up to `N` notices, and the count of those that did not fit.
#[derive(Clone, Debug)]
pub(super) struct Notices<const N: usize> {
    ring: Deque<Notice, N>,
    /// Notices left out since the newest one in the ring.
    missed: u32,
}

impl<const N: usize> Notices<N> {
    pub(super) const fn new() -> Self {
        const { assert!(N > 0, "there must be room for a notice") };
        Self {
            ring: Deque::new(),
            missed: 0,
        }
    }

    /// Adds a notice, or counts it as missed.
    pub(super) fn push(&mut self, notice: Notice) {
        // Once something is missed, the gap must be told before anything newer.
        if self.missed > 0 || self.ring.push_back(notice).is_err() {
            count(&mut self.missed);
        }
    }

    /// Takes the oldest notice; after the last one the count of those that were missed.
    pub(super) fn pop(&mut self) -> Option<Notice> {
        self.ring
            .pop_front()
            .or_else(|| match core::mem::take(&mut self.missed) {
                0 => None,
                missed => Some(Notice::Lagged(missed)),
            })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ring.is_empty() && self.missed == 0
    }
}
