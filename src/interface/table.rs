//! What a transition table is. Each medium has one, in a file of its own.
//!
//! A table is written as rows that read like the specification, and is laid out at compile time
//! so that looking a pair up takes the same short time for each. A pair that no row decides, or
//! that two rows decide, does not compile.

use super::{Cause, State, Step};

/// What can happen to an interface, without its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trigger {
    /// Somebody wants it up now: a holder joined, or asked for another try.
    Start,
    /// Nobody wants it up any more.
    Stop,
    Ready,
    CarrierUp,
    CarrierDown,
    Lease,
    LeaseRefused,
    LeaseLost,
    Fault,
    /// The deadline of the step passed.
    DeadlinePassed,
    /// The back-off is over.
    RetryDue,
    /// CONNECTED has held long enough to trust it.
    Stable,
}

impl Trigger {
    const ALL: [Self; 12] = [
        Self::Start,
        Self::Stop,
        Self::Ready,
        Self::CarrierUp,
        Self::CarrierDown,
        Self::Lease,
        Self::LeaseRefused,
        Self::LeaseLost,
        Self::Fault,
        Self::DeadlinePassed,
        Self::RetryDue,
        Self::Stable,
    ];

    #[expect(clippy::as_conversions, reason = "the discriminants count from zero")]
    const fn column(self) -> usize {
        self as usize
    }
}

/// What a pair of state and trigger leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Go to a state that runs a step: issue its command, arm its deadline.
    Enter(State),
    /// As [`Effect::Enter`]; ignored where recovery is left to the application, whose request is
    /// the way out.
    Resume(State),
    /// Go on to the address: to this DHCPING state, or with a static address to CONNECTED.
    Address(State),
    /// Go to CONNECTED with the lease that came.
    Connect,
    /// Take over the renewed lease.
    Renew,
    /// Go to a stopped state because of a failure, end this step and all that builds on it, and
    /// arm the back-off.
    Halt(State, Cause, Step),
    /// Stop the medium, power down, go to this stopped state.
    Close(State),
    /// Forget earlier failures.
    Trust,
    /// Nothing changes.
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
    /// The step that it belongs to has not begun; the one under way has a deadline.
    NotBegun,
    /// The retry begins by powering up.
    RetryPowersUp,
    /// No such timer is armed in this state.
    NotArmed,
}

/// One line of a medium's table: the states from which a trigger has an effect.
pub(super) struct Row(
    pub(super) Trigger,
    pub(super) &'static [State],
    pub(super) Effect,
);

/// The most states that one medium has, common ones included.
const STATES: usize = 10;

/// A medium's table, laid out: one effect for each of its states and each trigger.
pub(super) struct Table([[Effect; Trigger::ALL.len()]; STATES]);

impl Table {
    /// Lays out the rows of a medium with these states.
    ///
    /// # Panics
    ///
    /// At compile time, if a pair is decided by no row or by two.
    #[expect(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::panic,
        reason = "runs at compile time, where each of them is an error of the build"
    )]
    pub(super) const fn lay_out(states: &[State], rows: &[Row]) -> Self {
        let mut cells = [[None; Trigger::ALL.len()]; STATES];
        let mut row = 0;
        while row < rows.len() {
            let Row(trigger, from, effect) = &rows[row];
            let mut state = 0;
            while state < from.len() {
                let cell = &mut cells[line(from[state])][trigger.column()];
                if cell.is_some() {
                    panic!("two rows decide one pair");
                }
                *cell = Some(*effect);
                state += 1;
            }
            row += 1;
        }
        let mut table = [[Effect::Ignore(Harmless::NotRunning); Trigger::ALL.len()]; STATES];
        let mut state = 0;
        while state < states.len() {
            let mut column = 0;
            while column < Trigger::ALL.len() {
                match cells[line(states[state])][column] {
                    Some(effect) => table[line(states[state])][column] = effect,
                    None => panic!("no row decides a pair"),
                }
                column += 1;
            }
            state += 1;
        }
        Self(table)
    }

    /// What `trigger` does in `state`. States of other media are never asked for (STATE-3).
    pub(super) fn effect(&self, state: State, trigger: Trigger) -> Effect {
        let cell = self
            .0
            .get(line(state))
            .and_then(|line| line.get(trigger.column()));
        cell.copied()
            .unwrap_or(Effect::Ignore(Harmless::NotRunning))
    }
}

/// The line of a state in its medium's table: the three common states (codes -1 to 1), then the
/// medium's own in the order of their codes.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_sign_loss,
    reason = "codes begin at -1, and `try_from` is not const"
)]
const fn line(state: State) -> usize {
    match state.medium() {
        None => (state.code() + 1) as usize,
        Some(_) => (state.code() % 100 + 3) as usize,
    }
}
