//! How the parts of the way to the server are, and what changes about them.

use super::proxy::HttpProxy;
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

/// What changes on the way to the server, behind the networks that the device is in.
///
/// ```
/// use lankeeper::sim::{Condition, ServerChange, World};
/// use lankeeper::{Duration, Instant};
///
/// let mut world: World = World::new(1);
/// // Maintenance from the second hour to the third.
/// let hour = |hours: u64| Instant::EPOCH.saturating_add(Duration::from_secs(hours * 3_600));
/// world.at(hour(2), ServerChange::Server(Condition::Fails))?;
/// world.at(hour(3), ServerChange::Server(Condition::Works))?;
/// # Ok::<(), lankeeper::sim::CapacityError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
#[expect(
    clippy::large_enum_variant,
    reason = "there is no heap to keep the settings of a proxy on"
)]
pub enum ServerChange {
    /// Names are resolved, or not. A portal resolves every name, to itself.
    Names(Condition),
    /// There is this proxy, in place of another one, or none.
    Proxy(Option<HttpProxy>),
    /// The server itself. One that fails refuses connections, and forgets those that it has.
    Server(Condition),
    /// What is behind PPP sessions: they are up, and lead nowhere.
    Ppp(Condition),
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
