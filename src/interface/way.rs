//! The ways that a pair of state and event can go: on which condition, with what command and timer.

use super::table::Effect;
use super::{Cause, State, Step, Timer, Transition, Trigger};

/// On what it depends which way an event leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Guard {
    /// On nothing.
    Always,
    /// There is a Wi-Fi network to look for, where one is needed.
    HasNetwork,
    /// There is no Wi-Fi network to look for: only a request, other settings or WPS help.
    WithoutNetwork,
    /// There is no static address.
    AsksDhcp,
    /// There is a static address.
    StaticAddress,
    /// The state is passed through within the same event, which goes on by another way.
    Passing,
    /// CONNECTED has lasted for its stability time.
    Stable,
    /// CONNECTED has not lasted for its stability time, or there is no network any more.
    NotStable,
    /// The back-off is over and recovery is automatic; a carrier that returns earlier is noted.
    AfterBackOff,
    /// No back-off runs, for want of credentials.
    NoBackOff,
    /// This state runs the step that failed last, or the power-up.
    FailedStep,
    /// The address came after the failure, or is a static one.
    AtOnce,
}

/// One of the ways that a pair of state and event can go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Way {
    target: State,
    guard: Guard,
    is_closed: bool,
}

impl Way {
    /// The state that it leads to.
    #[must_use]
    pub const fn target(&self) -> State {
        self.target
    }

    /// On which condition it is taken.
    #[must_use]
    pub const fn guard(&self) -> Guard {
        self.guard
    }

    /// The step that begins: its command is issued.
    #[must_use]
    pub const fn step(&self) -> Option<Step> {
        match (self.guard, self.target.step()) {
            (Guard::StaticAddress, None) => Some(Step::StaticAddress),
            (_, step) => step,
        }
    }

    /// The timer that is armed under automatic recovery, while somebody holds the interface.
    #[must_use]
    pub const fn timer(&self) -> Option<Timer> {
        match (self.target.step(), self.guard) {
            (Some(step), _) => Some(Timer::Step(step)),
            (None, Guard::Passing | Guard::WithoutNetwork) => None,
            (None, _) if self.is_closed => None,
            (None, _) if self.target.is_stopped() => Some(Timer::BackOff),
            (None, _) => Some(Timer::Stability),
        }
    }
}

impl Transition {
    /// The ways that it can go, each with its condition, command and timer: one for each target.
    ///
    /// ```
    /// use lankeeper::interface::{Guard, Step, Timer, Trigger, transitions};
    /// use lankeeper::{Cause, Medium, State};
    ///
    /// let lost = transitions(Medium::Ethernet)
    ///     .find(|pair| (pair.state(), pair.trigger()) == (State::Connected, Trigger::LeaseLost))
    ///     .unwrap();
    /// let ways: Vec<_> = lost.ways().collect();
    /// assert_eq!(ways[0].guard(), Guard::Stable);
    /// assert_eq!(ways[0].target(), State::EthernetDhcping);
    /// assert_eq!(ways[0].step(), Some(Step::Dhcp));
    /// assert_eq!(ways[1].guard(), Guard::NotStable);
    /// assert_eq!(ways[1].timer(), Some(Timer::BackOff));
    /// assert_eq!(lost.cause(), Some(Cause::LeaseLost));
    /// assert!(!lost.powers_down());
    /// ```
    pub fn ways(&self) -> impl Iterator<Item = Way> + use<> {
        let pair = *self;
        pair.targets().map(move |target| Way {
            target,
            guard: pair.guard(target),
            is_closed: matches!(pair.effect, Ok(Effect::Close(_))),
        })
    }

    /// On which condition this target is reached.
    fn guard(&self, target: State) -> Guard {
        match self.effect {
            Ok(Effect::Search(scanning, _)) if scanning == target => Guard::HasNetwork,
            Ok(Effect::Search(..)) => Guard::WithoutNetwork,
            Ok(Effect::Return(next, _)) if next == target => Guard::Stable,
            Ok(Effect::Return(..)) => Guard::NotStable,
            Ok(Effect::Associate(_, via)) if via == target => Guard::Passing,
            Ok(Effect::Address(_) | Effect::Associate(..)) if target == State::Connected => {
                Guard::StaticAddress
            }
            Ok(Effect::Address(_) | Effect::Associate(..)) => Guard::AsksDhcp,
            Ok(Effect::Resume(_)) => Guard::AfterBackOff,
            Ok(Effect::Invite(_)) => Guard::NoBackOff,
            Ok(Effect::Climb) if target == State::Connected => Guard::AtOnce,
            Ok(Effect::Climb) => Guard::FailedStep,
            Ok(
                Effect::Enter(_)
                | Effect::Connect
                | Effect::Renew
                | Effect::Halt(..)
                | Effect::PowerOff(_)
                | Effect::Note(_)
                | Effect::Descend(_)
                | Effect::Close(_)
                | Effect::Trust,
            )
            | Err(_) => Guard::Always,
        }
    }

    /// The reason of a stop or a loss, if it is one.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        match (self.effect, self.state.step()) {
            (Ok(Effect::Halt(..) | Effect::PowerOff(_)), Some(step))
                if self.trigger == Trigger::DeadlinePassed =>
            {
                Some(Cause::of_deadline(step))
            }
            (Ok(Effect::Halt(..) | Effect::PowerOff(_) | Effect::Return(..)), _) => {
                Some(self.trigger.cause())
            }
            _ => None,
        }
    }

    /// Whether everything is ended: the medium stopped if it runs, and the interface powered down.
    #[must_use]
    pub const fn powers_down(&self) -> bool {
        matches!(self.effect, Ok(Effect::PowerOff(_) | Effect::Close(_)))
    }

    /// Why ignoring it is harmless, if it is ignored.
    #[must_use]
    pub const fn why_ignored(&self) -> Option<&'static str> {
        match self.effect {
            Ok(_) => None,
            Err(reason) => Some(reason.text()),
        }
    }
}
