//! The transition table of the server connection.
//!
//! As those of the interfaces it is written as rows, and is laid out at compile time: a pair that
//! no row decides, or that two rows decide, does not compile.

use core::fmt;

use super::Outcome::{NoProxy, NoServer, NotAuthorised, NotResolved, PppNoConnectivity};
use super::ServerState::{
    Connected as Up, Connecting, Disconnected, Flushing, ReachingProxy, Resolving, Waiting,
    WaitingForInterface as Interface,
};
use super::ServerTrigger::{
    Connect, Connected, DeadlinePassed, Disconnect, Fault, Flush, Flushed, InterfaceLeft,
    InterfaceStopped, InterfaceUp, Lost, NoConnectivity, NotResolved as NameFailed, ProxyReached,
    ProxyRefused, ProxyUnreachable, Resolved, RetryDue, SendTimedOut, Stable, Unreachable,
};
use super::{Outcome, ServerState, ServerTrigger};
use Effect::{
    Begin, Drop, Enter, Fail, FailAsTold, Ignore, Lose, LoseAsTold, LoseForNow, Proceed, Retry,
    Stall, Succeed, TimeOut, TimeOutAsTold, Trust,
};
use Harmless::{AlreadyOnItsWay, AlreadySo, NotArmed, NotBegun, NotTrying};

/// What a pair of state and trigger leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Begin the attempt that is asked for, in place of what there was.
    Begin,
    /// Go to a state that runs a step, and issue its command.
    Enter(ServerState),
    /// The name is resolved: go on to the proxy where there is one, else to the server.
    Proceed,
    /// There is a connection.
    Succeed,
    /// The try over this interface failed so.
    Fail(Outcome),
    /// The try over this interface failed as the interface tells.
    FailAsTold,
    /// The time is over, in a stage that fails so.
    TimeOut(Outcome),
    /// The time is over, in a stage of the interface or of the last failure.
    TimeOutAsTold,
    /// The connection is lost so.
    Lose(Outcome),
    /// The connection is lost, with the interface as it tells.
    LoseAsTold,
    /// As [`Effect::LoseAsTold`], and the interface is on its way again.
    LoseForNow,
    /// Data was not taken in time: a loss, or nothing under the policy that says so.
    Stall,
    /// Drop everything.
    Drop,
    /// Try again.
    Retry,
    /// Forget earlier failures.
    Trust,
    /// Nothing changes. The reason is for readers: it is not looked up.
    Ignore(Harmless),
}

impl Effect {
    /// Whether what was begun is over.
    pub(super) const fn ends(self) -> bool {
        !matches!(self, Enter(_) | Proceed | Succeed | Retry | Trust)
    }

    /// How what there was failed, where this says so.
    pub(super) const fn outcome(self) -> Option<Outcome> {
        match self {
            Fail(outcome) | TimeOut(outcome) | Lose(outcome) => Some(outcome),
            Stall => Some(NoServer),
            Begin | Enter(_) | Proceed | Succeed | FailAsTold | TimeOutAsTold | LoseAsTold
            | LoseForNow | Drop | Retry | Trust | Ignore(_) => None,
        }
    }
}

/// Why ignoring a trigger cannot leave the connection stuck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Harmless {
    /// What is under way has a deadline.
    AlreadyOnItsWay,
    /// It says what is so already.
    AlreadySo,
    /// The step that it belongs to has not begun or is over; what is under way has a deadline.
    NotBegun,
    /// Nothing is tried now; a request or the next try is the way out.
    NotTrying,
    /// No such timer is armed in this state.
    NotArmed,
}

/// One row of the table: the states in which a trigger has an effect.
struct Row(ServerTrigger, &'static [ServerState], Effect);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    Row(Connect, &[Disconnected, Interface, Resolving, ReachingProxy, Connecting, Up, Flushing, Waiting], Begin),

    Row(Disconnect, &[Interface, Resolving, ReachingProxy, Connecting, Up, Flushing, Waiting], Drop),
    Row(Disconnect, &[Disconnected], Ignore(AlreadySo)),

    Row(Flush, &[Up], Enter(Flushing)),
    Row(Flush, &[Interface, Resolving, ReachingProxy, Connecting, Waiting], Drop),
    Row(Flush, &[Flushing], Ignore(AlreadyOnItsWay)),
    Row(Flush, &[Disconnected], Ignore(AlreadySo)),

    Row(InterfaceUp, &[Interface], Enter(Resolving)),
    Row(InterfaceUp, &[Resolving, ReachingProxy, Connecting, Up, Flushing], Ignore(AlreadySo)),
    Row(InterfaceUp, &[Disconnected, Waiting], Ignore(NotTrying)),

    Row(InterfaceLeft, &[Resolving, ReachingProxy, Connecting], Enter(Interface)),
    Row(InterfaceLeft, &[Up], LoseForNow),
    Row(InterfaceLeft, &[Flushing], Drop),
    Row(InterfaceLeft, &[Interface], Ignore(AlreadyOnItsWay)),
    Row(InterfaceLeft, &[Disconnected, Waiting], Ignore(NotTrying)),

    Row(InterfaceStopped, &[Interface, Resolving, ReachingProxy, Connecting], FailAsTold),
    Row(InterfaceStopped, &[Up], LoseAsTold),
    Row(InterfaceStopped, &[Flushing], Drop),
    Row(InterfaceStopped, &[Disconnected, Waiting], Ignore(NotTrying)),

    Row(Resolved, &[Resolving], Proceed),
    Row(Resolved, &[ReachingProxy, Connecting, Up, Flushing], Ignore(AlreadySo)),
    Row(Resolved, &[Interface], Ignore(NotBegun)),
    Row(Resolved, &[Disconnected, Waiting], Ignore(NotTrying)),

    Row(NameFailed, &[Resolving], Fail(NotResolved)),
    Row(NameFailed, &[Interface, ReachingProxy, Connecting, Up, Flushing], Ignore(NotBegun)),
    Row(NameFailed, &[Disconnected, Waiting], Ignore(NotTrying)),

    Row(ProxyReached, &[ReachingProxy], Enter(Connecting)),
    Row(ProxyReached, &[Connecting, Up, Flushing], Ignore(AlreadySo)),
    Row(ProxyReached, &[Interface, Resolving], Ignore(NotBegun)),
    Row(ProxyReached, &[Disconnected, Waiting], Ignore(NotTrying)),

    Row(ProxyUnreachable, &[ReachingProxy, Connecting], Fail(NoProxy)),
    Row(ProxyUnreachable, &[Interface, Resolving, Up, Flushing], Ignore(NotBegun)),
    Row(ProxyUnreachable, &[Disconnected, Waiting], Ignore(NotTrying)),

    Row(ProxyRefused, &[ReachingProxy, Connecting], Fail(NotAuthorised)),
    Row(ProxyRefused, &[Interface, Resolving, Up, Flushing], Ignore(NotBegun)),
    Row(ProxyRefused, &[Disconnected, Waiting], Ignore(NotTrying)),

    Row(Connected, &[Connecting], Succeed),
    Row(Connected, &[Up, Flushing], Ignore(AlreadySo)),
    Row(Connected, &[Interface, Resolving, ReachingProxy], Ignore(NotBegun)),
    Row(Connected, &[Disconnected, Waiting], Ignore(NotTrying)),

    Row(Unreachable, &[Connecting], Fail(NoServer)),
    Row(Unreachable, &[Interface, Resolving, ReachingProxy, Up, Flushing], Ignore(NotBegun)),
    Row(Unreachable, &[Disconnected, Waiting], Ignore(NotTrying)),

    Row(NoConnectivity, &[Resolving, ReachingProxy, Connecting], Fail(PppNoConnectivity)),
    Row(NoConnectivity, &[Up], Lose(PppNoConnectivity)),
    Row(NoConnectivity, &[Flushing], Drop),
    Row(NoConnectivity, &[Interface], Ignore(NotBegun)),
    Row(NoConnectivity, &[Disconnected, Waiting], Ignore(NotTrying)),

    Row(Lost, &[Connecting], Fail(NoServer)),
    Row(Lost, &[Up], Lose(NoServer)),
    Row(Lost, &[Flushing], Drop),
    Row(Lost, &[Interface, Resolving, ReachingProxy], Ignore(NotBegun)),
    Row(Lost, &[Disconnected, Waiting], Ignore(NotTrying)),

    Row(SendTimedOut, &[Up], Stall),
    Row(SendTimedOut, &[Flushing], Ignore(AlreadyOnItsWay)),
    Row(SendTimedOut, &[Interface, Resolving, ReachingProxy, Connecting], Ignore(NotBegun)),
    Row(SendTimedOut, &[Disconnected, Waiting], Ignore(NotTrying)),

    Row(Flushed, &[Flushing], Drop),
    Row(Flushed, &[Interface, Resolving, ReachingProxy, Connecting, Up], Ignore(NotBegun)),
    Row(Flushed, &[Disconnected, Waiting], Ignore(NotTrying)),

    Row(Fault, &[Resolving], Fail(NotResolved)),
    Row(Fault, &[ReachingProxy], Fail(NoProxy)),
    Row(Fault, &[Connecting], Fail(NoServer)),
    Row(Fault, &[Up], Lose(NoServer)),
    Row(Fault, &[Flushing], Drop),
    Row(Fault, &[Interface], Ignore(NotBegun)),
    Row(Fault, &[Disconnected, Waiting], Ignore(NotTrying)),

    Row(DeadlinePassed, &[Interface, Waiting], TimeOutAsTold),
    Row(DeadlinePassed, &[Resolving], TimeOut(NotResolved)),
    Row(DeadlinePassed, &[ReachingProxy], TimeOut(NoProxy)),
    Row(DeadlinePassed, &[Connecting], TimeOut(NoServer)),
    Row(DeadlinePassed, &[Flushing], Drop),
    Row(DeadlinePassed, &[Disconnected, Up], Ignore(NotArmed)),

    Row(RetryDue, &[Waiting], Retry),
    Row(RetryDue, &[Disconnected, Interface, Resolving, ReachingProxy, Connecting, Up, Flushing], Ignore(NotArmed)),

    Row(Stable, &[Up], Trust),
    Row(Stable, &[Disconnected, Interface, Resolving, ReachingProxy, Connecting, Flushing, Waiting], Ignore(NotArmed)),
];

const TRIGGERS: usize = ServerTrigger::ALL.len();

/// How many rows change something: no other number compiles.
const CHANGING: usize = 38;

/// The rows that change something, one trigger after the other.
struct Table {
    /// Where the rows of each trigger begin, and where those of the last one end.
    begins: [u8; TRIGGERS + 1],
    rows: [Laid; CHANGING],
}

/// A row as it is looked up.
#[derive(Clone, Copy)]
struct Laid {
    /// The states in which it counts, a bit for each.
    from: u8,
    effect: Effect,
}

static TABLE: Table = lay_out();

/// Lays the rows out, those of each trigger together.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "runs at compile time, where each of them is an error of the build"
)]
const fn lay_out() -> Table {
    let mut table = Table {
        begins: [0; TRIGGERS + 1],
        rows: [Laid {
            from: 0,
            effect: Begin,
        }; CHANGING],
    };
    let (mut next, mut count) = (0, 0);
    let mut trigger = 0;
    while trigger < TRIGGERS {
        let mut undecided = u8::MAX;
        while next < ROWS.len() && ROWS[next].0 as usize == trigger {
            let from = set(ROWS[next].1);
            if undecided & from != from {
                panic!("two rows decide one pair");
            }
            undecided -= from;
            if !matches!(ROWS[next].2, Ignore(_)) {
                table.rows[count] = Laid {
                    from,
                    effect: ROWS[next].2,
                };
                count += 1;
            }
            next += 1;
        }
        if undecided != 0 {
            panic!("no row decides a pair, or the triggers are not in their order");
        }
        trigger += 1;
        table.begins[trigger] = count as u8;
    }
    if count != CHANGING {
        panic!("there are not so many rows that change something");
    }
    table
}

/// A set of states, a bit for each: there are as many as a byte has.
#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "runs at compile time, where each of them is an error of the build"
)]
const fn set(states: &[ServerState]) -> u8 {
    let mut set = 0;
    let mut state = 0;
    while state < states.len() {
        set |= bit(states[state]);
        state += 1;
    }
    set
}

#[expect(
    clippy::as_conversions,
    reason = "a discriminant, and there are as many as a byte has bits"
)]
const fn bit(state: ServerState) -> u8 {
    1_u8.wrapping_shl(state as u32)
}

/// What `trigger` does in `state`, if it changes something.
#[expect(
    clippy::as_conversions,
    reason = "a discriminant below the length of its list"
)]
pub(super) fn effect(state: ServerState, trigger: ServerTrigger) -> Option<Effect> {
    let [first, end] = *TABLE.begins.get(trigger as usize..)?.first_chunk()?;
    let mut rows = TABLE.rows.get(usize::from(first)..usize::from(end))?.iter();
    let row = rows.find(|row| row.from & bit(state) != 0)?;
    Some(row.effect)
}

/// What the table of the server connection says of each state and each event: every pair is
/// decided, and each ignored one has its reason.
pub fn server_transitions() -> impl Iterator<Item = ServerTransition> {
    ServerState::ALL.into_iter().flat_map(|state| {
        ServerTrigger::ALL.into_iter().filter_map(move |trigger| {
            let mut rows = ROWS.iter();
            let row = rows.find(|Row(on, from, _)| *on == trigger && from.contains(&state))?;
            Some(ServerTransition {
                state,
                trigger,
                effect: row.2,
            })
        })
    })
}

/// What the table says of one pair of state and trigger. Shows as its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerTransition {
    state: ServerState,
    trigger: ServerTrigger,
    effect: Effect,
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

    /// Whether it changes nothing.
    #[must_use]
    pub const fn is_ignored(&self) -> bool {
        matches!(self.effect, Ignore(_))
    }

    /// The states that it can lead to, without the interfaces that are tried after a failure:
    /// none to four.
    pub fn targets(&self) -> impl Iterator<Item = ServerState> + use<> {
        let targets: &[ServerState] = match self.effect {
            Enter(Flushing) => &[Flushing],
            Enter(Interface) => &[Interface],
            Enter(Resolving) => &[Resolving],
            Enter(Connecting) => &[Connecting],
            Begin | Retry => &[Interface, Resolving],
            Proceed => &[ReachingProxy, Connecting],
            Succeed => &[Up],
            Fail(_) | FailAsTold | TimeOut(_) | TimeOutAsTold => {
                &[Interface, Waiting, Disconnected]
            }
            Lose(_) | LoseAsTold | Stall => &[Waiting, Disconnected],
            LoseForNow => &[Interface, Waiting, Disconnected],
            Drop => &[Disconnected],
            Enter(_) | Trust | Ignore(_) => &[],
        };
        targets.iter().copied()
    }
}

impl fmt::Display for ServerTransition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.effect {
            Begin => write!(
                f,
                "{Interface}, if that is up {Resolving}; what there was is dropped"
            ),
            Enter(state) => write!(f, "{state}"),
            Proceed => write!(f, "{ReachingProxy}, without a proxy {Connecting}"),
            Succeed => write!(f, "{Up}"),
            Fail(outcome) => write!(f, "the next interface, after the last: {outcome}"),
            FailAsTold => f.write_str("the next interface, after the last: as the interface tells"),
            TimeOut(outcome) => write!(f, "time is over: {outcome}"),
            TimeOutAsTold => f.write_str("time is over: as the stage tells"),
            Lose(outcome) => write!(
                f,
                "{Waiting}, with given settings {Disconnected}: {outcome}"
            ),
            LoseAsTold => {
                write!(
                    f,
                    "{Waiting}, with given settings {Disconnected}: as the interface tells"
                )
            }
            LoseForNow => {
                write!(
                    f,
                    "{Interface}, with given settings {Disconnected}: as the interface tells"
                )
            }
            Stall => write!(f, "{Waiting}: {NoServer}, ignored under NoDisconnect"),
            Drop => write!(f, "{Disconnected}"),
            Retry => write!(f, "{Interface}, if that is up {Resolving}"),
            Trust => f.write_str("the back-off begins anew"),
            Ignore(why) => write!(f, "ignored: {}", why.text()),
        }
    }
}

impl Harmless {
    const fn text(self) -> &'static str {
        match self {
            Self::AlreadyOnItsWay => "what is under way has a deadline",
            Self::AlreadySo => "says what is so already",
            Self::NotBegun => "not of the step under way, which has a deadline",
            Self::NotTrying => "nothing is tried now, the next try or request is the way out",
            Self::NotArmed => "no such timer is armed here",
        }
    }
}
