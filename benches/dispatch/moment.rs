//! One event of a stream.

use crate::interface::Trigger;

/// What happens, and when.
#[derive(Clone, Copy)]
pub struct Moment {
    pub now: u64,
    pub trigger: Trigger,
}
