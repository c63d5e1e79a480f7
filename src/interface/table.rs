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
    /// The carrier is back: go to this state when the back-off is over. Ignored under manual
    /// recovery, where a request is the way out.
    Resume(State),
    /// Pass through this state of a link that is up, then do as [`Effect::Address`].
    Associate(State, State),
    /// Get an address: in this DHCPING state, or go to CONNECTED at once with a static one.
    Address(State),
    /// Go to CONNECTED with the address that was granted.
    Connect,
    /// Take over the renewed address.
    Renew,
    /// Go to this stopped state because of a failure; the next try begins at this step.
    Halt(State, Step),
    /// Go to this stopped state because of a failure, and power down.
    PowerOff(State),
    /// Go back to this state, in which a step runs, if CONNECTED has proved stable; else as
    /// [`Effect::Halt`], with this stopped state and this step.
    Return(State, State),
    /// Try again: begin at the step that failed most recently, or at the power-up.
    Climb,
    /// Note that this step, if it is the one that failed, has succeeded after all.
    Note(Step),
    /// Forget such a success: this step is over, and the next try begins no later than at it.
    Descend(Step),
    /// Somebody wants Wi-Fi Protected Setup: go to this state at once if nothing is tried again
    /// without a request, else let the next try begin with it.
    Invite(State),
    /// End everything, power down, go to this stopped state.
    Close(State),
    /// Forget earlier failures: CONNECTED has proved stable.
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
