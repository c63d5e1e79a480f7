//! What a transition table is. Each medium has one, in a file of its own.
//!
//! A table is written as rows that read like the specification. `layout` lays the rows out at
//! compile time, and `lookup` has what comes of it, which the machine asks.

use core::fmt;

use super::{Cause, Medium, State, Step, Trigger, cellular, ethernet, wifi};

/// What a pair of state and trigger leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Go to a state that runs a step: issue its command, arm its deadline.
    Enter(State),
    /// Go to this scanning state; without credentials to this stopped one.
    Search(State, State),
    /// As [`Effect::Enter`]; ignored where recovery is left to the application, whose request is
    /// the way out.
    Resume(State),
    /// Go on to the address, as [`Effect::Address`]; on the way pass this other state of a link that
    /// is up.
    Associate(State, State),
    /// Go on to the address: to this DHCPING state, or with a static address to CONNECTED.
    Address(State),
    /// Go to CONNECTED with the address that came.
    Connect,
    /// Take over the renewed address.
    Renew,
    /// Go to a stopped state because of a failure, end this step and all that builds on it, and
    /// arm the back-off.
    Halt(State, Cause, Step),
    /// Stop the medium, power down, go to this stopped state.
    Close(State),
    /// Forget earlier failures.
    Trust,
    /// Nothing changes. The reason is for readers: it is not looked up.
    Ignore(Harmless),
}

/// Why ignoring a trigger cannot leave the interface stuck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Harmless {
    /// The step under way has a deadline of its own.
    AlreadyOnItsWay,
    /// Nothing runs; being started is the way out.
    NotRunning,
    /// It says what is so already.
    AlreadySo,
    /// The step that it belongs to has not begun or is over; the one under way has a deadline.
    NotBegun,
    /// The retry begins by powering up.
    RetryPowersUp,
    /// No such timer is armed in this state.
    NotArmed,
}

/// One row of a medium's table: the states from which a trigger has an effect.
pub(super) struct Row(
    pub(super) Trigger,
    pub(super) &'static [State],
    pub(super) Effect,
);

/// The rows of a medium.
pub(super) const fn rows(medium: Medium) -> &'static [Row] {
    match medium {
        Medium::Wifi => wifi::ROWS,
        Medium::Ethernet => ethernet::ROWS,
        Medium::Cellular => cellular::ROWS,
    }
}

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
            Effect::Halt(state, cause, _) => write!(f, "{state}: {cause}"),
            Effect::Close(state) => write!(f, "{state}: closed"),
            Effect::Trust => f.write_str("the back-off begins anew"),
            Effect::Ignore(why) => write!(f, "ignored: {}", why.text()),
        }
    }
}

impl Effect {
    pub(super) const fn is_ignored(&self) -> bool {
        matches!(self, Self::Ignore(_))
    }
}

impl Harmless {
    const fn text(self) -> &'static str {
        match self {
            Self::AlreadyOnItsWay => "the step under way has a deadline",
            Self::NotRunning => "nothing runs, being started is the way out",
            Self::AlreadySo => "says what is so already",
            Self::NotBegun => "not of the step under way, which has a deadline",
            Self::RetryPowersUp => "the next try begins by powering up",
            Self::NotArmed => "no such timer is armed here",
        }
    }
}
