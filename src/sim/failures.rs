//! Commands that failed, until they are reported.

use heapless::Deque;

use crate::Event;

/// The most failures that wait.
const ROOM: usize = 16;

/// Failures in the order in which they happened.
#[derive(Clone, Debug)]
pub(super) struct Failures(Deque<Event, ROOM>);

impl Failures {
    pub(super) const fn new() -> Self {
        Self(Deque::new())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Adds a failure. If too many wait, the oldest one about a datagram is forgotten: without one
    /// about a port its socket would stay open.
    pub(super) fn push(&mut self, event: Event) {
        let mut surplus = self.0.is_full();
        for _ in 0..self.0.len() {
            let Some(oldest) = self.0.pop_front() else {
                break;
            };
            if surplus && matches!(oldest, Event::SendFailed { .. }) {
                surplus = false;
            } else {
                let _ = self.0.push_back(oldest);
            }
        }
        // Full of other failures, it has no room for another one.
        let _ = self.0.push_back(event);
    }

    /// Takes the oldest failure.
    pub(super) fn pop(&mut self) -> Option<Event> {
        self.0.pop_front()
    }
}
