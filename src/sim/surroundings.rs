//! The surroundings of a cellular modem: its SIM, its network and its PPP service.

use super::code;
use crate::{Duration, Lease};

/// A change to a cellular modem or its surroundings.
///
/// ```
/// use lankeeper::sim::{CellularChange, PppService, SimCard, World};
/// use lankeeper::{Duration, Lease};
///
/// let mut world: World = World::new(1);
/// world.happen(CellularChange::Card(SimCard::Missing));
/// let lease = Lease::new([10, 64, 0, 9].into(), 32);
/// world.happen(CellularChange::Ppp(PppService::Grants(lease)));
/// world.happen(CellularChange::SearchTakes(Duration::from_secs(600)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CellularChange {
    /// The modem hangs, or recovers. A hanging modem ends its session and answers nothing, not even
    /// power-up.
    Hangs(bool),
    /// The SIM changes.
    Card(SimCard),
    /// The coverage changes.
    Coverage(Coverage),
    /// Each search for a network takes this long, from the next one on: a change of
    /// [`Delays::registration`](super::Delays::registration). Far from home or with a weak signal it
    /// can be ten minutes.
    SearchTakes(Duration),
    /// The result of dialling up changes; an established session gets the new address, or ends.
    Ppp(PppService),
    /// The PPP session ends once; dialling up again succeeds.
    SessionDropped,
}

/// The state of the SIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "tests match on all three")]
pub enum SimCard {
    /// The SIM is ready.
    Ready,
    /// The SIM requires its PIN.
    Locked,
    /// There is no SIM.
    Missing,
}

impl SimCard {
    /// The code that the modem reports, unless the SIM is ready.
    pub(super) const fn code(self) -> Option<i32> {
        match self {
            Self::Ready => None,
            Self::Locked => Some(code::SIM_PIN_REQUIRED),
            Self::Missing => Some(code::SIM_NOT_INSERTED),
        }
    }
}

/// The cellular coverage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(
    clippy::exhaustive_enums,
    reason = "the specification names these four"
)]
pub enum Coverage {
    /// The home network.
    Home,
    /// A foreign network that allows roaming.
    Roaming,
    /// Only networks that deny the registration.
    Denied,
    /// No network, as in a tunnel; the modem keeps searching.
    None,
}

/// The result of dialling up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "a session comes up or does not")]
pub enum PppService {
    /// A session with this address; the prefix length is ignored.
    Grants(Lease),
    /// No session.
    Fails,
}

impl Default for PppService {
    fn default() -> Self {
        let lease =
            Lease::new([10, 64, 0, 2].into(), 32).with_name_servers([[10, 64, 0, 1].into()]);
        Self::Grants(lease)
    }
}
