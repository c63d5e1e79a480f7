//! A clock for hosts with `std`.

use crate::time::Instant;

/// Instants from the monotonic clock of the host. The epoch is the creation of the clock. Needs the
/// feature `std`.
///
/// ```
/// let clock = lankeeper::Clock::new();
/// let first = clock.now();
/// assert!(clock.now() >= first);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    epoch: std::time::Instant,
}

impl Clock {
    /// A clock whose epoch is now.
    #[must_use]
    pub fn new() -> Self {
        Self {
            epoch: std::time::Instant::now(),
        }
    }

    /// The current instant.
    #[must_use]
    pub fn now(&self) -> Instant {
        Instant::EPOCH.saturating_add(self.epoch.elapsed().into())
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}
