//! The failures that wait to be reported.

use lankeeper::Event;

/// The most failures that wait.
const ROOM: usize = 16;
/// The most of them that are about datagrams: a burst that finds no room must not hide a port that
/// could not be bound, whose socket would stay open otherwise.
const DATAGRAMS: usize = 12;

/// Failures in the order in which they happened.
pub struct Failures([Option<Event>; ROOM]);

impl Failures {
    pub const fn new() -> Self {
        Self([None; ROOM])
    }

    pub const fn is_empty(&self) -> bool {
        self.0[0].is_none()
    }

    /// Adds a failure. Of datagrams that are more than wait here nothing is reported: datagrams may
    /// be lost.
    pub fn push(&mut self, event: Event) {
        let room = match event {
            Event::SendFailed { .. } => DATAGRAMS,
            _ => ROOM,
        };
        let mut places = self.0.iter_mut().take(room);
        if let Some(place) = places.find(|place| place.is_none()) {
            *place = Some(event);
        }
    }

    /// Takes the oldest failure.
    pub fn pop(&mut self) -> Option<Event> {
        let oldest = self.0[0].take();
        self.0.rotate_left(1);
        oldest
    }
}
