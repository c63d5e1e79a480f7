//! What the effects of the rows become when they are laid out.

use super::awaited::Awaited;
use super::{State, Step};

/// Going to a state in which a timer runs.
#[derive(Clone, Copy)]
pub(super) struct Timed {
    /// The state to go to.
    pub(super) state: State,
    /// What the timer waits for there.
    pub(super) awaited: Awaited,
    pub(super) way: Way,
}

/// On which way a state with a timer is gone to: see [`Effect`](super::table::Effect).
#[derive(Clone, Copy)]
pub(super) enum Way {
    Enter,
    /// Without credentials to this stopped state.
    Search(State),
    Resume,
    /// Passing this state.
    Associate(State),
    Address,
    Connect,
    /// Because of a failure, with the end of this step.
    Halt(Step),
}

/// What is done without a timer: see [`Effect`](super::table::Effect). Which of them has a byte of
/// its own, and is so told in one step.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Untimed {
    Close(State),
    Renew,
    Trust,
}
