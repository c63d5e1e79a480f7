//! What will happen, by instant.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use lankeeper::Instant;

/// A queue in the order of time; of two things at one instant the one that was added first is
/// the first to come out.
pub struct Queue<T> {
    heap: BinaryHeap<Entry<T>>,
    added: u64,
}

struct Entry<T> {
    at: Instant,
    order: u64,
    thing: T,
}

impl<T> Queue<T> {
    /// An empty queue.
    pub fn new() -> Self {
        Self {
            heap: BinaryHeap::new(),
            added: 0,
        }
    }

    /// Adds a thing that happens at an instant.
    pub fn add(&mut self, at: Instant, thing: T) {
        self.heap.push(Entry {
            at,
            order: self.added,
            thing,
        });
        self.added += 1;
    }

    /// Takes the next thing, if it happens before `end`.
    pub fn next_before(&mut self, end: Instant) -> Option<(Instant, T)> {
        if self.heap.peek()?.at >= end {
            return None;
        }
        self.heap.pop().map(|entry| (entry.at, entry.thing))
    }
}

impl<T> Ord for Entry<T> {
    /// The earliest is the greatest: that is what the heap hands out first.
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
        for (instant, thing) in [(5, 'b'), (3, 'a'), (5, 'c'), (9, 'd')] {
            queue.add(at(instant), thing);
        }
        let mut things = Vec::new();
        while let Some((_, thing)) = queue.next_before(at(9)) {
            things.push(thing);
        }
        assert_eq!(things, ['a', 'b', 'c']);
    }
}
