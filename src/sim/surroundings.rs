//! What a cellular modem depends on: its SIM, the network, and who it dials.

use super::code;
use crate::interface::Lease;

/// What changes at a cellular modem or around it.
///
/// ```
/// use lankeeper::Lease;
/// use lankeeper::sim::{CellularChange, PppService, SimCard, World};
///
/// let mut world: World = World::new(1);
/// world.happen(CellularChange::Card(SimCard::Missing));
/// let lease = Lease::new([10, 64, 0, 9].into(), 32);
/// world.happen(CellularChange::Ppp(PppService::Grants(lease)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CellularChange {
    /// The modem hangs: a session ends, then nothing is answered, not even power-up; or it is well
    /// again.
    Hangs(bool),
    /// Somebody does something to the SIM.
    Card(SimCard),
    /// The device moves, or the network changes its mind.
    Coverage(Coverage),
    /// Dialling up ends otherwise; a session that is up gets the other address, or ends.
    Ppp(PppService),
    /// The session that is up ends, for no reason that lasts.
    SessionDropped,
}

/// The SIM in a modem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "tests tell these three apart")]
pub enum SimCard {
    /// It can be used.
    Ready,
    /// It wants its PIN.
    Locked,
    /// There is none.
    Missing,
}

impl SimCard {
    /// What the modem reports of it, unless it can be used.
    pub(super) const fn code(self) -> Option<i32> {
        match self {
            Self::Ready => None,
            Self::Locked => Some(code::SIM_PIN_REQUIRED),
            Self::Missing => Some(code::SIM_NOT_INSERTED),
        }
    }
}

/// How the cellular network takes a modem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(
    clippy::exhaustive_enums,
    reason = "the specification knows these four"
)]
pub enum Coverage {
    /// Its own network is there.
    Home,
    /// Another network takes it.
    Roaming,
    /// Each network that is there refuses it.
    Denied,
    /// There is no network, as in a tunnel: registering goes on until there is one.
    None,
}

/// How dialling up ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "a session comes up or it does not")]
pub enum PppService {
    /// With this address; the prefix length is not used.
    Grants(Lease),
    /// Without a session.
    Fails,
}

impl Default for PppService {
    fn default() -> Self {
        let lease =
            Lease::new([10, 64, 0, 2].into(), 32).with_name_servers([[10, 64, 0, 1].into()]);
        Self::Grants(lease)
    }
}
