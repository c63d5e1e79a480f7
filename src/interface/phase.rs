//! What comes with the state of an interface, and what its one timer is for.

use super::{Reason, Step};
use crate::ipv4::IpConfig;

/// What comes with the state.
#[derive(Clone, Copy, Debug)]
// Beside a smaller tag the bytes between it and an address would be copied with it, on the stack.
#[repr(u32)]
pub(super) enum Phase {
    /// Never started.
    Fresh,
    /// A step is under way.
    Stepping(Step),
    /// CONNECTED.
    Up(IpConfig),
    /// Stopped, and perhaps about to try again.
    Stopped(Reason),
}

impl Phase {
    /// What the timer is for, if it runs.
    pub(super) const fn timer(&self) -> Option<Timer> {
        match self {
            Self::Fresh => None,
            Self::Stepping(step) => Some(Timer::Step(*step)),
            Self::Up(_) => Some(Timer::Stability),
            Self::Stopped(_) => Some(Timer::BackOff),
        }
    }
}

/// What an interface waits for until its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Timer {
    /// The answer of this step.
    Step(Step),
    /// The end of the back-off, then it tries again.
    BackOff,
    /// The proof that CONNECTED is stable, then the back-off begins anew.
    Stability,
}
