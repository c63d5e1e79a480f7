//! The clock of a host.

use crate::time::Instant;

/// Instants of the core from the monotonic clock of a host; the epoch is the clock's making.
///
/// ```
/// let clock = lankeeper::Clock::new();
/// let first = clock.now();
/// assert!(clock.now() >= first);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    made: std::time::Instant,
}

impl Clock {
    /// A clock that begins now.
    #[must_use]
    pub fn new() -> Self {
        Self {
            made: std::time::Instant::now(),
        }
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> Instant {
        Instant::EPOCH.saturating_add(self.made.elapsed().into())
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}
