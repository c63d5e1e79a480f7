//! What the tables say, for readers: documentation, tests, diagrams.

use core::fmt;

use super::awaited::Awaited;
use super::rows::rows;
use super::table::{Effect, Row};
use super::{Cause, Medium, State, Trigger};

/// What the table of a medium says of each of its states and each event that it knows: every pair
/// is decided, and each ignored one has its reason.
pub fn transitions(medium: Medium) -> impl Iterator<Item = Transition> {
    State::ALL
        .into_iter()
        .filter(move |state| state.is_of(medium))
        .flat_map(move |state| {
            Trigger::ALL.into_iter().filter_map(move |trigger| {
                let row = rows(medium)
                    .iter()
                    .find(|Row(on, from, _)| *on == trigger && from.contains(&state))?;
                Some(Transition {
                    state,
                    trigger,
                    effect: row.2,
                })
            })
        })
}

/// What a medium's table says of one pair of state and trigger.
///
/// Shows as its outcome, as `ETHERNET_STOPPED_NO_LINK: no carrier`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    state: State,
    trigger: Trigger,
    effect: Effect,
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
        self.effect.is_ignored()
    }

    /// The states that it can lead to: none to three.
    pub fn targets(&self) -> impl Iterator<Item = State> + use<> {
        let targets = match self.effect {
            Effect::Enter(state) | Effect::Resume(state) | Effect::Halt(state, ..) => {
                [Some(state), None, None]
            }
            Effect::Close(state) => [Some(state), None, None],
            Effect::Search(state, otherwise) => [Some(state), Some(otherwise), None],
            Effect::Address(state) => [Some(state), Some(State::Connected), None],
            Effect::Associate(state, via) => [Some(via), Some(state), Some(State::Connected)],
            Effect::Connect => [Some(State::Connected), None, None],
            Effect::Renew | Effect::Trust | Effect::Ignore(_) => [None; 3],
        };
        targets.into_iter().flatten()
    }
}

impl fmt::Display for Transition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.effect {
            Effect::Enter(state) => write!(f, "{state}"),
            Effect::Search(state, otherwise) => {
                write!(f, "{state}, without credentials {otherwise}")
            }
            Effect::Resume(state) => write!(f, "{state}, ignored under manual recovery"),
            Effect::Associate(state, via) => {
                write!(f, "{via}, then {state} or with a static address CONNECTED")
            }
            Effect::Address(state) => write!(f, "{state}, with a static address CONNECTED"),
            Effect::Connect => write!(f, "CONNECTED"),
            Effect::Renew => f.write_str("the address is renewed"),
            Effect::Halt(state, _) => {
                let cause = match Awaited::of(self.state).and_then(Awaited::step) {
                    Some(step) if self.trigger == Trigger::DeadlinePassed => {
                        Cause::of_deadline(step)
                    }
                    _ => self.trigger.cause(),
                };
                write!(f, "{state}: {cause}")
            }
            Effect::Close(state) => write!(f, "{state}: closed"),
            Effect::Trust => f.write_str("the back-off begins anew"),
            Effect::Ignore(why) => write!(f, "ignored: {}", why.text()),
        }
    }
}
