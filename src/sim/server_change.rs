//! Changes on the path to the server.

use super::condition::Condition;
use super::proxy::HttpProxy;

/// A change on the path to the server, behind the networks of the device.
///
/// ```
/// use lankeeper::sim::{Condition, ServerChange, World};
/// use lankeeper::{Duration, Instant};
///
/// let mut world: World = World::new(1);
/// // The server is down for maintenance from the second hour to the third.
/// let hour = |hours: u64| Instant::EPOCH.saturating_add(Duration::from_secs(hours * 3_600));
/// world.at(hour(2), ServerChange::Server(Condition::Fails))?;
/// world.at(hour(3), ServerChange::Server(Condition::Works))?;
/// # Ok::<(), lankeeper::sim::CapacityError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ServerChange {
    /// Name resolution. A captive portal resolves every name, to its own address.
    Names(Condition),
    /// Replaces or removes the proxy.
    Proxy(Option<HttpProxy>),
    /// The server. One that fails refuses connections and resets existing ones.
    Server(Condition),
    /// The server, or the proxy, closes the present connection as a program does that ends: a FIN, and
    /// not a word. It takes the next one.
    HangsUp,
    /// The network behind PPP sessions; the sessions themselves stay up.
    Ppp(Condition),
}
