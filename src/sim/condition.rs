//! How the parts of the way to the server are.

use crate::connect::ServerReport;

/// How something on the way to the server is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(
    clippy::exhaustive_enums,
    reason = "it answers well, it answers badly, or it does not answer"
)]
pub enum Condition {
    /// It does what it is there for.
    #[default]
    Works,
    /// It says at once that it cannot.
    Fails,
    /// It says nothing: who waits for it waits until it is in another condition.
    Hangs,
}

/// What keeps somebody from the next part of the way.
#[derive(Clone, Copy, Debug)]
pub(super) enum Obstacle {
    /// This is to be reported.
    Answer(ServerReport),
    /// Nothing comes back.
    Silence,
}

impl Condition {
    /// Goes on where it works; where it fails that is to be reported so.
    pub(super) const fn meet(self, failure: ServerReport) -> Result<(), Obstacle> {
        match self {
            Self::Works => Ok(()),
            Self::Fails => Err(Obstacle::Answer(failure)),
            Self::Hangs => Err(Obstacle::Silence),
        }
    }
}

impl From<ServerReport> for Obstacle {
    fn from(report: ServerReport) -> Self {
        Self::Answer(report)
    }
}
