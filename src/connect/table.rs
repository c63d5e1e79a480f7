//! The transition table of the server connection.

use core::fmt;

use super::ConnectOutcome::{NoProxy, NoServer, NotAuthorised, NotResolved, PppNoConnectivity};
use super::ServerState::{
    Connected as Up, Connecting, Disconnected, Flushing, ReachingProxy, Resolving, Waiting,
    WaitingForInterface as Interface,
};
use super::ServerTrigger::{
    AddressChanged, Alive, Call, Connect, Connected, DeadlinePassed, Disconnect, Fault, Flush,
    Flushed, InterfaceLeft, InterfaceStopped, InterfaceUp, Lost, News, NoConnectivity,
    NotResolved as NameFailed, ProxyReached, ProxyRefused, ProxyUnreachable, Resolved, RetryDue,
    SendTimedOut, Stable, Unreachable,
};
use super::{ConnectOutcome, ServerState, ServerTrigger};
use crate::table::Harmless::{
    self, AlreadySo, BetweenTries, NoWait, NotArmed, NotRunning, OtherStep, StepOver, UnderWay,
};
use crate::table::{Armed, Domain, IgnoredPairs, Row, TransitionTable, harmless, set_of};
use ServerEffect::{
    Begin, Drop, Enter, Fail, FailAsReported, Hasten, HastenRound, LetGo, Live, Lose,
    LoseAsReported, LoseForNow, Proceed, Renew, Retry, RetryNow, Stall, Succeed, TimeOut,
    TimeOutAsReported, Trust,
};

/// What a pair of state and trigger leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ServerEffect {
    /// Begin the attempt that is asked for, in place of what there was; or put it off (CON-18).
    Begin,
    /// Go to a state that runs a step, and issue its command.
    Enter(ServerState),
    /// The name is resolved: go on to the proxy where there is one, else to the server.
    Proceed,
    /// There is a connection.
    Succeed,
    /// The try over this interface failed, with this outcome.
    Fail(ConnectOutcome),
    /// The try over this interface failed, with the outcome that the interface reports.
    FailAsReported,
    /// The time is over, in a stage with this outcome.
    TimeOut(ConnectOutcome),
    /// The time is over while the interface comes up, or between two tries: the outcome is that of
    /// the interface's step, or of the newest try.
    TimeOutAsReported,
    /// The connection is lost, with this outcome.
    Lose(ConnectOutcome),
    /// The connection is lost with its interface, with the outcome that the interface reports.
    LoseAsReported,
    /// As [`ServerEffect::LoseAsReported`], and the interface is coming up again.
    LoseForNow,
    /// The connection is lost with the address of its interface, and made anew.
    Renew,
    /// Data was not taken in time: a loss, but ignored under `ReturnOnErrorNoDisconnect`.
    Stall,
    /// Drop everything.
    Drop,
    /// Try again.
    Retry,
    /// Try again at once, whatever failed before.
    RetryNow,
    /// Try again over the interface that came up.
    Hasten,
    /// Begin the next round, if the connection pauses before it.
    HastenRound,
    /// Let go of the interface, if it was kept on its way through a pause.
    LetGo,
    /// There was a sign of life.
    Live,
    /// Forget earlier failures.
    Trust,
}

impl ServerEffect {
    /// Whether it ends what was begun.
    pub(super) const fn ends(self) -> bool {
        !matches!(
            self,
            Enter(_)
                | Proceed
                | Succeed
                | Retry
                | RetryNow
                | Hasten
                | HastenRound
                | LetGo
                | Live
                | Trust
        )
    }

    /// The outcome that the effect names, if it names one.
    pub(super) const fn outcome(self) -> Option<ConnectOutcome> {
        match self {
            Fail(outcome) | TimeOut(outcome) | Lose(outcome) => Some(outcome),
            Stall => Some(NoServer),
            Renew => Some(ConnectOutcome::AddressChanged),
            Begin | Enter(_) | Proceed | Succeed | FailAsReported | TimeOutAsReported
            | LoseAsReported | LoseForNow | Drop | Retry | RetryNow | Hasten | HastenRound
            | LetGo | Live | Trust => None,
        }
    }
}

/// The transition table.
pub(super) static TABLE: TransitionTable<ServerEffect> = TransitionTable::new(ROWS);

#[rustfmt::skip]
const ROWS: &[Row<ServerEffect>] = &[
    on(Connect, &[Disconnected, Interface, Resolving, ReachingProxy, Connecting, Up, Flushing, Waiting], Begin),
    on(Disconnect, &[Interface, Resolving, ReachingProxy, Connecting, Up, Flushing, Waiting], Drop),
    on(Flush, &[Up], Enter(Flushing)),
    on(Flush, &[Interface, Resolving, ReachingProxy, Connecting, Waiting], Drop),
    on(Call, &[Waiting], HastenRound),
    on(News, &[Waiting], RetryNow),
    on(InterfaceUp, &[Interface], Enter(Resolving)),
    on(InterfaceUp, &[Waiting], Hasten),
    on(InterfaceLeft, &[Resolving, ReachingProxy, Connecting], Enter(Interface)),
    on(InterfaceLeft, &[Up], LoseForNow),
    on(InterfaceLeft, &[Flushing], Drop),
    on(InterfaceStopped, &[Interface, Resolving, ReachingProxy, Connecting], FailAsReported),
    on(InterfaceStopped, &[Up], LoseAsReported),
    on(InterfaceStopped, &[Flushing], Drop),
    on(InterfaceStopped, &[Waiting], LetGo),
    on(AddressChanged, &[Up], Renew),
    on(Resolved, &[Resolving], Proceed),
    on(NameFailed, &[Resolving], Fail(NotResolved)),
    on(ProxyReached, &[ReachingProxy], Enter(Connecting)),
    on(ProxyUnreachable, &[ReachingProxy, Connecting], Fail(NoProxy)),
    on(ProxyRefused, &[ReachingProxy, Connecting], Fail(NotAuthorised)),
    on(Connected, &[Connecting], Succeed),
    on(Unreachable, &[Connecting], Fail(NoServer)),
    on(NoConnectivity, &[Resolving, ReachingProxy, Connecting], Fail(PppNoConnectivity)),
    on(NoConnectivity, &[Up], Lose(PppNoConnectivity)),
    on(NoConnectivity, &[Flushing], Drop),
    on(Lost, &[Connecting], Fail(NoServer)),
    on(Lost, &[Up], Lose(NoServer)),
    on(Lost, &[Flushing], Drop),
    on(SendTimedOut, &[Up], Stall),
    on(Alive, &[Up], Live),
    on(Flushed, &[Flushing], Drop),
    on(Fault, &[Resolving], Fail(NotResolved)),
    on(Fault, &[ReachingProxy], Fail(NoProxy)),
    on(Fault, &[Connecting], Fail(NoServer)),
    on(Fault, &[Up], Lose(NoServer)),
    on(Fault, &[Flushing], Drop),
    on(DeadlinePassed, &[Interface, Waiting], TimeOutAsReported),
    on(DeadlinePassed, &[Resolving], TimeOut(NotResolved)),
    on(DeadlinePassed, &[ReachingProxy], TimeOut(NoProxy)),
    on(DeadlinePassed, &[Connecting], TimeOut(NoServer)),
    on(DeadlinePassed, &[Up], Lose(NoServer)),
    on(DeadlinePassed, &[Flushing], Drop),
    on(RetryDue, &[Waiting], Retry),
    on(Stable, &[Up], Trust),
];

#[rustfmt::skip]
const IGNORED: &[IgnoredPairs] = &[
    ignore(&[Flush, SendTimedOut], &[Flushing], UnderWay),
    ignore(&[InterfaceLeft], &[Interface], UnderWay),
    ignore(&[AddressChanged], &[Interface, Resolving, ReachingProxy, Connecting, Flushing], UnderWay),
    ignore(&[Call, News], &[Interface, Resolving, ReachingProxy, Connecting, Up, Flushing], NoWait),
    ignore(&[Alive], &[Interface, Resolving, ReachingProxy, Connecting, Flushing], OtherStep),
    ignore(&[Resolved, NoConnectivity, Fault], &[Interface], OtherStep),
    ignore(&[NameFailed], &[Interface, ReachingProxy, Connecting, Flushing], OtherStep),
    ignore(&[ProxyReached], &[Interface, Resolving], OtherStep),
    ignore(&[ProxyUnreachable, ProxyRefused], &[Interface, Resolving, Flushing], OtherStep),
    ignore(&[Connected, Lost], &[Interface, Resolving, ReachingProxy], OtherStep),
    ignore(&[Unreachable], &[Interface, Resolving, ReachingProxy, Flushing], OtherStep),
    ignore(&[SendTimedOut, Flushed], &[Interface, Resolving, ReachingProxy, Connecting], OtherStep),
    ignore(&[NameFailed, ProxyUnreachable, ProxyRefused, Unreachable, Flushed], &[Up], StepOver),
    ignore(&[Disconnect, Flush], &[Disconnected], AlreadySo),
    ignore(&[InterfaceUp], &[Resolving, ReachingProxy, Connecting, Up, Flushing], AlreadySo),
    ignore(&[Resolved], &[ReachingProxy, Connecting, Up, Flushing], AlreadySo),
    ignore(&[ProxyReached], &[Connecting, Up, Flushing], AlreadySo),
    ignore(&[Connected], &[Up, Flushing], AlreadySo),
    ignore(&[Call, News, InterfaceUp, InterfaceLeft, InterfaceStopped, AddressChanged, Resolved, NameFailed, ProxyReached, ProxyUnreachable, ProxyRefused, Connected, Unreachable, NoConnectivity, Lost, SendTimedOut, Alive, Flushed, Fault], &[Disconnected], NotRunning),
    ignore(&[InterfaceLeft, AddressChanged, Resolved, NameFailed, ProxyReached, ProxyUnreachable, ProxyRefused, Connected, Unreachable, NoConnectivity, Lost, SendTimedOut, Alive, Flushed, Fault], &[Waiting], BetweenTries),
    ignore(&[DeadlinePassed], &[Disconnected], NotArmed),
    ignore(&[RetryDue], &[Disconnected, Interface, Resolving, ReachingProxy, Connecting, Up, Flushing], NotArmed),
    ignore(&[Stable], &[Disconnected, Interface, Resolving, ReachingProxy, Connecting, Flushing, Waiting], NotArmed),
];

const fn on(
    trigger: ServerTrigger,
    states: &[ServerState],
    effect: ServerEffect,
) -> Row<ServerEffect> {
    Row::new(trigger.index(), states_of(states), effect)
}

const fn ignore(
    triggers: &[ServerTrigger],
    states: &[ServerState],
    reason: Harmless,
) -> IgnoredPairs {
    IgnoredPairs::new(triggers_of(triggers), states_of(states), reason)
}

// A table that does not decide every pair once does not compile.
const _: () = {
    let deadlines = states_of(&[
        Interface,
        Resolving,
        ReachingProxy,
        Connecting,
        Flushing,
        Waiting,
    ]);
    let timers = [
        // That for a sign of life, too, but it is not always armed.
        Armed::new(DeadlinePassed.index(), deadlines | Up.bit()),
        Armed::new(RetryDue.index(), Waiting.bit()),
        Armed::new(Stable.index(), Up.bit()),
    ];
    TABLE.check(
        IGNORED,
        &Domain {
            states: states_of(&ServerState::ALL),
            triggers: triggers_of(&ServerTrigger::ALL),
            timers: &timers,
            deadlines,
        },
    );
};

set_of!(states_of: ServerState);
set_of!(triggers_of: ServerTrigger);

/// What the table of the server connection says of each state and each event: every pair is
/// decided, and each ignored one has its reason.
pub fn server_transitions() -> impl Iterator<Item = ServerTransition> {
    ServerState::ALL.into_iter().flat_map(|state| {
        ServerTrigger::ALL.into_iter().filter_map(move |trigger| {
            let (bit, index) = (state.bit(), trigger.index());
            let effect = match TABLE.effect(bit, index) {
                Some(effect) => Ok(effect),
                None => Err(harmless(IGNORED, bit, index)?),
            };
            Some(ServerTransition {
                state,
                trigger,
                effect,
            })
        })
    })
}

/// What the table says of one pair of state and trigger. Shows as its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerTransition {
    state: ServerState,
    trigger: ServerTrigger,
    effect: Result<ServerEffect, Harmless>,
}

impl ServerTransition {
    /// The state before.
    #[must_use]
    pub const fn state(&self) -> ServerState {
        self.state
    }

    /// What happens.
    #[must_use]
    pub const fn trigger(&self) -> ServerTrigger {
        self.trigger
    }

    /// What it does, if it is not ignored.
    pub(super) const fn effect(&self) -> Option<ServerEffect> {
        match self.effect {
            Ok(effect) => Some(effect),
            Err(_) => None,
        }
    }

    /// Whether it changes nothing.
    #[must_use]
    pub const fn is_ignored(&self) -> bool {
        self.effect.is_err()
    }

    /// Why ignoring it is harmless, if it is ignored.
    ///
    /// ```
    /// use lankeeper::ServerState;
    /// use lankeeper::connect::{ServerTrigger, server_transitions};
    ///
    /// let twice = server_transitions()
    ///     .find(|pair| {
    ///         (pair.state(), pair.trigger())
    ///             == (ServerState::Disconnected, ServerTrigger::Disconnect)
    ///     })
    ///     .unwrap();
    /// assert_eq!(twice.why_ignored(), Some("says what is so already"));
    /// assert_eq!(twice.outcome(), None);
    /// ```
    #[must_use]
    pub const fn why_ignored(&self) -> Option<&'static str> {
        match self.effect {
            Ok(_) => None,
            Err(reason) => Some(reason.text()),
        }
    }

    /// The outcome of a failure or a loss, if the table names one; else it is that of the interface
    /// or of the stage.
    #[must_use]
    pub const fn outcome(&self) -> Option<ConnectOutcome> {
        match self.effect() {
            Some(effect) => effect.outcome(),
            None => None,
        }
    }

    /// The states that it can lead to, without the interfaces that are tried after a failure:
    /// none to three.
    pub fn targets(&self) -> impl Iterator<Item = ServerState> + use<> {
        let Ok(effect) = self.effect else {
            return [].iter().copied();
        };
        let targets: &[ServerState] = match effect {
            Enter(Flushing) => &[Flushing],
            Enter(Interface) => &[Interface],
            Enter(Resolving) => &[Resolving],
            Enter(Connecting) => &[Connecting],
            Begin => &[Interface, Resolving, Waiting],
            Retry | RetryNow => &[Interface, Resolving],
            Hasten | HastenRound => &[Interface, Resolving, Waiting],
            Proceed => &[ReachingProxy, Connecting],
            Succeed => &[Up],
            Fail(_) | FailAsReported | TimeOut(_) | TimeOutAsReported => {
                &[Interface, Waiting, Disconnected]
            }
            Lose(_) | LoseAsReported | Stall => &[Waiting, Disconnected],
            LoseForNow => &[Interface, Waiting, Disconnected],
            Renew => &[Interface, Resolving, Waiting, Disconnected],
            Drop => &[Disconnected],
            Enter(_) | LetGo | Live | Trust => &[],
        };
        targets.iter().copied()
    }
}

impl fmt::Display for ServerTransition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let effect = match self.effect {
            Ok(effect) => effect,
            Err(reason) => return write!(f, "ignored: {}", reason.text()),
        };
        match effect {
            Begin => write!(
                f,
                "{Interface}, if that is up {Resolving}, if put off {Waiting}; what there was is dropped"
            ),
            Enter(state) => write!(f, "{state}"),
            Proceed => write!(f, "{ReachingProxy}, without a proxy {Connecting}"),
            Succeed => write!(f, "{Up}"),
            Fail(outcome) => write!(f, "the next interface, after the last: {outcome}"),
            FailAsReported => {
                f.write_str("the next interface, after the last: as the interface reports")
            }
            TimeOut(outcome) => write!(f, "time is over: {outcome}"),
            TimeOutAsReported => f.write_str("time is over: as the stage reports"),
            Lose(outcome) => write!(
                f,
                "{Waiting}, with given settings {Disconnected}: {outcome}"
            ),
            LoseAsReported => {
                write!(
                    f,
                    "{Waiting}, with given settings {Disconnected}: as the interface reports"
                )
            }
            LoseForNow => {
                write!(
                    f,
                    "{Interface}, with given settings {Disconnected}: as the interface reports"
                )
            }
            Stall => write!(f, "{Waiting}: {NoServer}, ignored under NoDisconnect"),
            Drop => write!(f, "{Disconnected}"),
            Renew => write!(
                f,
                "{Interface}, not yet stable {Waiting}, with given settings {Disconnected}: {}",
                ConnectOutcome::AddressChanged
            ),
            Retry | RetryNow => write!(f, "{Interface}, if that is up {Resolving}"),
            Hasten => write!(f, "{Interface} and {Resolving}, once in each wait"),
            HastenRound => write!(f, "of a pause: {Interface}, if that is up {Resolving}"),
            LetGo => f.write_str("of a pause: the interface is let go of"),
            Live => f.write_str("the wait for a sign of life begins anew"),
            Trust => f.write_str("the back-off begins anew"),
        }
    }
}
