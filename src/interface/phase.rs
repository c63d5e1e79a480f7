//! What comes with the state of an interface, and the one timer that it may have.

use super::{Reason, Step};
use crate::ipv4::IpConfig;
use crate::time::{Alarm, Deadline};

/// What comes with the state.
#[derive(Clone, Copy, Debug)]
pub(super) enum Phase {
    /// Never started.
    Fresh,
    /// A step is under way. Without a deadline only at the very end of time.
    Stepping { step: Step, deadline: Alarm },
    /// CONNECTED. `stable_at` is on until the connection has proved stable.
    Up { ip: IpConfig, stable_at: Alarm },
    /// Stopped, and perhaps about to try again.
    Stopped { reason: Reason, retry_at: Alarm },
}

impl Phase {
    pub(super) fn timer(&self) -> Option<Deadline<Timer>> {
        let (at, reason) = match *self {
            Self::Fresh => return None,
            Self::Stepping { step, deadline } => (deadline, Timer::Step(step)),
            Self::Up { stable_at, .. } => (stable_at, Timer::Stability),
            Self::Stopped { retry_at, .. } => (retry_at, Timer::BackOff),
        };
        at.deadline(reason)
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
