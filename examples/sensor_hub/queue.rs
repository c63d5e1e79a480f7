//! The event queue.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use lankeeper::Instant;

/// A queue ordered by time; events at the same instant keep their order.
pub struct Queue<T> {
    heap: BinaryHeap<Entry<T>>,
    added: u64,
}

struct Entry<T> {
    at: Instant,
    order: u64,
    event: T,
}

impl<T> Queue<T> {
    /// Creates an empty queue.
    pub fn new() -> Self {
        Self {
            heap: BinaryHeap::new(),
            added: 0,
        }
    }

    /// Adds an event.
    pub fn add(&mut self, at: Instant, event: T) {
        self.heap.push(Entry {
            at,
            order: self.added,
            event,
        });
        self.added += 1;
    }

    /// Takes the next event if it happens before `end`.
    pub fn next_before(&mut self, end: Instant) -> Option<(Instant, T)> {
        if self.heap.peek()?.at >= end {
            return None;
        }
        self.heap.pop().map(|entry| (entry.at, entry.event))
    }
}

impl<T> Ord for Entry<T> {
    /// Reversed, because the heap returns the greatest entry first.
    fn cmp(&self, other: &Self) -> Ordering {
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T> Eq for Entry<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_come_by_time_and_then_in_their_order() {
        let at = Instant::from_micros;
        let mut queue = Queue::new();
        for (instant, event) in [(5, 'b'), (3, 'a'), (5, 'c'), (9, 'd')] {
            queue.add(at(instant), event);
        }
        let mut events = Vec::new();
        while let Some((_, event)) = queue.next_before(at(9)) {
            events.push(event);
        }
        assert_eq!(events, ['a', 'b', 'c']);
    }
}
