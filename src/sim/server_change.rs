//! What changes about the parts of the way to the server.

use super::condition::Condition;
use super::proxy::HttpProxy;

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
