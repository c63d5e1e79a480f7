//! Conditions of the services between the device and the server.

use crate::ServerReport;

/// The condition of a service on the path to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(
    clippy::exhaustive_enums,
    reason = "a service works, fails, or does not answer"
)]
pub enum Condition {
    /// The service works.
    #[default]
    Works,
    /// The service reports failure at once.
    Fails,
    /// The service does not answer. Requests stay pending until the condition changes.
    Hangs,
}

/// The reason why a step on the path to the server does not succeed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Obstacle {
    /// The step fails with this report.
    Failure(ServerReport),
    /// The step gets no answer.
    Silence,
}

impl Condition {
    /// Succeeds if the service works, and returns the obstacle otherwise.
    pub(super) const fn check(self, failure: ServerReport) -> Result<(), Obstacle> {
        match self {
            Self::Works => Ok(()),
            Self::Fails => Err(Obstacle::Failure(failure)),
            Self::Hangs => Err(Obstacle::Silence),
        }
    }
}

impl From<ServerReport> for Obstacle {
    fn from(report: ServerReport) -> Self {
        Self::Failure(report)
    }
}
