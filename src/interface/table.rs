//! What a row of an interface's table does. Each medium has its rows in a file of its own.

use super::{Medium, State, Step, Trigger, cellular, ethernet, wifi};
use crate::table::{Armed, Domain, Harmless, IgnoredPairs, Row, TransitionTable, set_of};

/// What a pair of state and trigger leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Go to a state that runs a step: issue its command, arm its deadline.
    Enter(State),
    /// Go to this scanning state; without credentials to this stopped one.
    Search(State, State),
    /// As [`Effect::Enter`]; ignored under manual recovery, where a request is the way out.
    Resume(State),
    /// Pass through this state of a link that is up, then do as [`Effect::Address`].
    Associate(State, State),
    /// Get an address: in this DHCPING state, or go to CONNECTED at once with a static one.
    Address(State),
    /// Go to CONNECTED with the address that was granted.
    Connect,
    /// Take over the renewed address.
    Renew,
    /// Go to this stopped state because of a failure; end this step and all that builds on it.
    Halt(State, Step),
    /// End everything, power down, go to this stopped state.
    Close(State),
    /// Begin the back-off anew: CONNECTED has proved stable.
    Trust,
}

/// The transition table of a medium.
pub(super) const fn table(medium: Medium) -> &'static TransitionTable<Effect> {
    match medium {
        Medium::Wifi => &wifi::TABLE,
        Medium::Ethernet => &ethernet::TABLE,
        Medium::Cellular => &cellular::TABLE,
    }
}

/// The pairs of a medium that nothing happens to.
pub(super) const fn ignored(medium: Medium) -> &'static [IgnoredPairs] {
    match medium {
        Medium::Wifi => wifi::IGNORED,
        Medium::Ethernet => ethernet::IGNORED,
        Medium::Cellular => cellular::IGNORED,
    }
}

/// A row: this trigger has this effect in these states.
pub(super) const fn on(trigger: Trigger, states: &[State], effect: Effect) -> Row<Effect> {
    Row::new(trigger.index(), states_of(states), effect)
}

/// These triggers are ignored in these states.
pub(super) const fn ignore(
    triggers: &[Trigger],
    states: &[State],
    reason: Harmless,
) -> IgnoredPairs {
    IgnoredPairs::new(triggers_of(triggers), states_of(states), reason)
}

// A table that does not decide every pair exactly once does not compile.
const _: () = {
    check(Medium::Wifi);
    check(Medium::Ethernet);
    check(Medium::Cellular);
};

#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "runs at compile time, where each of them is an error of the build"
)]
const fn check(medium: Medium) {
    let (mut states, mut steps, mut stopped) = (0, 0, 0);
    let mut place = 0;
    while place < State::ALL.len() {
        let state = State::ALL[place];
        if state.is_of(medium) {
            states |= state.bit();
            if state.step().is_some() {
                steps |= state.bit();
            }
            if state.is_stopped() {
                stopped |= state.bit();
            }
        }
        place += 1;
    }
    let mut triggers = 0;
    place = 0;
    while place < Trigger::ALL.len() {
        if Trigger::ALL[place].is_of(medium) {
            triggers |= Trigger::ALL[place].bit();
        }
        place += 1;
    }
    // As `Interface::timeout` arms them.
    let timers = [
        Armed::new(Trigger::DeadlinePassed.index(), steps),
        Armed::new(Trigger::RetryDue.index(), stopped),
        Armed::new(Trigger::Stable.index(), State::Connected.bit()),
    ];
    let domain = Domain {
        states,
        triggers,
        timers: &timers,
        deadlines: steps,
    };
    table(medium).check(ignored(medium), &domain);
}

set_of!(states_of: State);
set_of!(triggers_of: Trigger);
