//! What comes with the state of the server connection, and the one timer that it may have.

use super::ServerTimer;
use super::attempt::{Effort, Purpose};
use super::route::Route;
use crate::time::{Alarm, Deadline};

/// What comes with the state.
#[derive(Clone, Copy, Debug)]
pub(super) enum Phase {
    /// Nothing is wanted.
    Idle,
    /// Something is tried.
    Trying(Effort),
    /// There is a connection. `stable_at` is on until it has proved stable.
    Up { route: Route, stable_at: Alarm },
    /// What waits goes out, until then at most.
    Flushing { route: Route, until: Alarm },
    /// It waits for the next try of a round, or pauses between two rounds.
    Waiting {
        effort: Effort,
        retry_at: Alarm,
        pauses: bool,
    },
}

impl Phase {
    pub(super) fn timer(&self) -> Option<Deadline<ServerTimer>> {
        match *self {
            Self::Idle => None,
            Self::Trying(effort) => effort.until.deadline(timer_of(effort)),
            Self::Up { stable_at, .. } => stable_at.deadline(ServerTimer::Stability),
            Self::Flushing { until, .. } => until.deadline(ServerTimer::Flush),
            Self::Waiting {
                retry_at,
                pauses: true,
                ..
            } => retry_at.deadline(ServerTimer::Pause),
            Self::Waiting {
                effort, retry_at, ..
            } => Deadline::earliest(
                // A try that would begin when the round is over is none.
                effort.until.deadline(timer_of(effort)),
                retry_at.deadline(ServerTimer::Retry),
            ),
        }
    }

    /// What is being tried, or waits to be.
    pub(super) const fn effort(&self) -> Option<Effort> {
        match *self {
            Self::Trying(effort) | Self::Waiting { effort, .. } => Some(effort),
            Self::Idle | Self::Up { .. } | Self::Flushing { .. } => None,
        }
    }

    /// Over which interfaces the connection is, or is tried.
    pub(super) const fn route(&self) -> Option<Route> {
        match *self {
            Self::Trying(effort) | Self::Waiting { effort, .. } => Some(effort.request.route),
            Self::Up { route, .. } | Self::Flushing { route, .. } => Some(route),
            Self::Idle => None,
        }
    }
}

const fn timer_of(effort: Effort) -> ServerTimer {
    match effort.purpose {
        Purpose::Asked => ServerTimer::Attempt,
        Purpose::Silent | Purpose::Suspended => ServerTimer::Round,
    }
}
