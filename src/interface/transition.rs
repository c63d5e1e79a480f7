//! What the tables say, for readers: documentation, tests, diagrams.

use core::fmt;

use super::table::{Effect, ignored, table};
use super::{Medium, State, Trigger};
use crate::table::{Harmless, harmless};

/// What the table of a medium says of each of its states and each event that it knows: every pair
/// is decided, and each ignored one has its reason.
pub fn transitions(medium: Medium) -> impl Iterator<Item = Transition> {
    State::ALL
        .into_iter()
        .filter(move |state| state.is_of(medium))
        .flat_map(move |state| {
            Trigger::ALL.into_iter().filter_map(move |trigger| {
                let (bit, index) = (state.bit(), trigger.index());
                let effect = match table(medium).effect(bit, index) {
                    Some(effect) => Ok(effect),
                    None => Err(harmless(ignored(medium), bit, index)?),
                };
                Some(Transition {
                    state,
                    trigger,
                    effect,
                })
            })
        })
}

/// What a medium's table says of one pair of state and trigger.
///
/// Shows as its outcome, as `ETHERNET_STOPPED_NO_LINK: no carrier`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    pub(super) state: State,
    pub(super) trigger: Trigger,
    pub(super) effect: Result<Effect, Harmless>,
}

impl Transition {
    /// The state before.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// What happens.
    #[must_use]
    pub const fn trigger(&self) -> Trigger {
        self.trigger
    }

    /// Whether it changes nothing.
    #[must_use]
    pub const fn is_ignored(&self) -> bool {
        self.effect.is_err()
    }

    /// The states that it can lead to: none to five.
    pub fn targets(&self) -> impl Iterator<Item = State> + use<> {
        let Ok(effect) = self.effect else {
            return [None; 3].into_iter().flatten().chain([].iter().copied());
        };
        let targets = match effect {
            Effect::Enter(state)
            | Effect::Resume(state)
            | Effect::Halt(state, _)
            | Effect::PowerOff(state)
            | Effect::Invite(state)
            | Effect::Close(state) => [Some(state), None, None],
            Effect::Search(state, otherwise) | Effect::Return(state, otherwise) => {
                [Some(state), Some(otherwise), None]
            }
            Effect::Address(state) => [Some(state), Some(State::Connected), None],
            Effect::Associate(state, via) => [Some(via), Some(state), Some(State::Connected)],
            Effect::Connect => [Some(State::Connected), None, None],
            Effect::Climb
            | Effect::Renew
            | Effect::Note(_)
            | Effect::Descend(_)
            | Effect::Trust => [None; 3],
        };
        let rungs = if effect == Effect::Climb {
            rungs(self.state)
        } else {
            &[]
        };
        targets.into_iter().flatten().chain(rungs.iter().copied())
    }
}

/// The states that the next try can begin in, of an interface that is stopped in this state: those
/// of the steps that can have failed, the one that follows a late success, and the power-up.
const fn rungs(stopped: State) -> &'static [State] {
    match stopped {
        State::WifiStopped => &[
            State::Starting,
            State::WifiScanning,
            State::WifiWpsing,
            State::WifiDhcping,
            State::Connected,
        ],
        State::EthernetStopped => &[State::Starting, State::EthernetDhcping, State::Connected],
        State::EthernetStoppedNoLink => &[State::EthernetLinkUp],
        State::CellularRegistrationDenied => &[
            State::Starting,
            State::CellularWaitingForSim,
            State::CellularRegistering,
            State::CellularPppConnecting,
        ],
        State::CellularStopped => &[
            State::Starting,
            State::CellularWaitingForSim,
            State::CellularRegistering,
            State::CellularPppConnecting,
            State::Connected,
        ],
        State::WifiStoppedUnhappy
        | State::EthernetStoppedUnhappy
        | State::CellularStoppedUnhappy => &[State::Starting],
        State::Unknown
        | State::Starting
        | State::Connected
        | State::WifiScanning
        | State::WifiJoining
        | State::WifiWpsing
        | State::WifiLinkUp
        | State::WifiDhcping
        | State::EthernetLinkUp
        | State::EthernetDhcping
        | State::CellularPinging
        | State::CellularWaitingForSim
        | State::CellularRegistering
        | State::CellularPppConnecting => &[],
    }
}

impl fmt::Display for Transition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let effect = match self.effect {
            Ok(effect) => effect,
            Err(reason) => return write!(f, "ignored: {}", reason.text()),
        };
        match effect {
            Effect::Enter(state) => write!(f, "{state}"),
            Effect::Search(state, otherwise) => {
                write!(f, "{state}, without credentials {otherwise}")
            }
            Effect::Resume(state) => {
                write!(
                    f,
                    "{state} after the back-off, ignored under manual recovery"
                )
            }
            Effect::Associate(state, via) => {
                write!(f, "{via}, then {state} or with a static address CONNECTED")
            }
            Effect::Address(state) => write!(f, "{state}, with a static address CONNECTED"),
            Effect::Connect => write!(f, "CONNECTED"),
            Effect::Renew => f.write_str("the address is renewed"),
            Effect::Climb => {
                f.write_str("the step that failed: ")?;
                for (place, state) in rungs(self.state).iter().enumerate() {
                    let separator = if place == 0 { "" } else { ", " };
                    write!(f, "{separator}{state}")?;
                }
                Ok(())
            }
            Effect::Note(_) => f.write_str("a late success, used at the next try"),
            Effect::Descend(_) => f.write_str("gone: the next try begins here or lower"),
            Effect::Invite(state) => write!(f, "{state}, after the back-off if one runs"),
            Effect::Return(state, stopped) => write!(
                f,
                "{state}, before it was stable {stopped}: {}",
                self.trigger.cause()
            ),
            Effect::Halt(state, _) | Effect::PowerOff(state) => {
                let cause = self.cause().unwrap_or_else(|| self.trigger.cause());
                write!(f, "{state}: {cause}")
            }
            Effect::Close(state) => write!(f, "{state}: closed"),
            Effect::Trust => f.write_str("earlier failures are forgotten"),
        }
    }
}
