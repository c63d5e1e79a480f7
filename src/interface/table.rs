//! What a transition table is. Each medium has one, in a file of its own.
//!
//! A table is written as rows that read like the specification. `layout` lays the rows out at
//! compile time, and `lookup` has what comes of it, which the machine asks.

use super::{State, Step, Trigger};

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
    /// Go to a stopped state because of a failure, for the trigger's cause; end this step and all
    /// that builds on it, and arm the back-off.
    Halt(State, Step),
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

impl Effect {
    pub(super) const fn is_ignored(&self) -> bool {
        matches!(self, Self::Ignore(_))
    }
}

impl Harmless {
    pub(super) const fn text(self) -> &'static str {
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
