//! The machine that runs the transition table of the server connection.

use heapless::{Deque, Vec};

use super::attempt::{Effort, Failure, Purpose, Request};
use super::pending::Pending;
use super::phase::Phase;
use super::route::Route;
use super::table::{Effect, effect};
use super::{
    Outcome, Policy, ServerAction, ServerConfig, ServerReport, ServerState, ServerTimer,
    ServerTrigger,
};
use crate::back_off::BackOff;
use crate::generation::Generation;
use crate::nic::{InterfaceId, InterfaceName, ProxySettings};
use crate::time::{Alarm, Deadline, Duration, Instant};

/// What the parent is told, in the order in which it came about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    /// Another state.
    State(ServerState),
    /// There is a connection, over the interface that was named so.
    Made(InterfaceName),
    /// What was asked for has ended (CON-2).
    Ended(Failure, InterfaceName),
    /// A connection was lost and did not come back (CON-12).
    Lost(Failure, InterfaceId),
    /// The application is to be suspended (CON-13).
    Suspended(Failure),
    /// The application goes on: there is a connection, or nothing is tried any more.
    Resumed,
}

/// The most changes that one input can bring about.
const CHANGES: usize = 5;

/// The machine of the server connection, for a device with up to `N` interfaces.
///
/// It holds at most one interface. The parent brings that interface up when
/// [`Connector::take_wish`] says so, tells what becomes of it, and lets go of each that is not
/// [held](Connector::held) any more. After each input it takes what changed from
/// [`Connector::poll_change`]; actions for the backend stay until they are polled.
#[derive(Clone, Debug)]
pub(crate) struct Connector<const N: usize> {
    pub(super) config: ServerConfig,
    pub(super) back_off: BackOff,
    pub(super) policy: Policy,
    pub(super) order: Vec<InterfaceId, N, u8>,
    /// The interface that was last named (CFG-3).
    pub(super) named: Option<InterfaceId>,
    /// Whether there was a server call since the device started or woke (CON-16).
    pub(super) called: bool,
    /// Whether the application was told that it is suspended, and not to go on since.
    pub(super) suspended: bool,
    pub(super) state: ServerState,
    pub(super) phase: Phase,
    pub(super) held: Option<InterfaceId>,
    /// The interface that was held last.
    pub(super) tried: Option<InterfaceId>,
    /// Whether the held interface is still to be brought up.
    pub(super) wish: bool,
    has_proxy: bool,
    pub(super) pending: Pending,
    changes: Deque<Change, CHANGES>,
    pub(super) ignored: u32,
    pub(super) stale: u32,
}

impl<const N: usize> Connector<N> {
    /// A connector of a device with these interfaces. The configuration has been checked.
    pub(crate) fn new(
        config: ServerConfig,
        present: impl Iterator<Item = InterfaceId> + Clone,
    ) -> Self {
        Self {
            config,
            // The interfaces take other salts.
            back_off: BackOff::new(config.retry, 0),
            policy: Policy::default(),
            order: Route::default_order(present),
            named: None,
            called: false,
            suspended: false,
            state: ServerState::Disconnected,
            phase: Phase::Idle,
            held: None,
            tried: None,
            wish: false,
            has_proxy: false,
            pending: Pending::default(),
            changes: Deque::new(),
            ignored: 0,
            stale: 0,
        }
    }

    /// Begins an attempt, in place of what there was (CON-9). The connection or attempt that was
    /// there is dropped without a word.
    pub(crate) fn connect(&mut self, now: Instant, request: Request) {
        self.called = true;
        let effort = Effort {
            purpose: Purpose::Asked,
            request,
            owes_result: true,
            failure: Failure::new(Outcome::NotConnected),
            until: Alarm::OFF,
        };
        self.apply(now, ServerTrigger::Connect, Data::Effort(effort));
    }

    /// Tells that the connection that there is, is what was asked for (CON-8).
    pub(crate) fn confirm(&mut self, name: InterfaceName) {
        self.called = true;
        self.tell(Change::Ended(Failure::new(Outcome::ServerConnected), name));
    }

    /// Drops everything, after what waits was sent or `flush` has passed (CON-15).
    pub(crate) fn disconnect(&mut self, now: Instant, flush: Duration) {
        let until = Alarm::after(now, flush);
        if until.is_on() {
            self.apply(now, ServerTrigger::Flush, Data::Until(until));
        } else {
            self.apply(now, ServerTrigger::Disconnect, Data::None);
        }
    }

    /// Sets what becomes of failures from now on. An application that is suspended is told at once
    /// how things stand.
    pub(crate) fn set_policy(&mut self, policy: Policy) {
        self.policy = policy;
        if policy == Policy::SuspendOnError {
            return;
        }
        match self.phase.effort() {
            Some(effort) if effort.purpose == Purpose::Suspended => {
                self.pending.end();
                self.finish(effort);
            }
            // What was asked for meanwhile goes on.
            _ => self.resume(),
        }
    }

    /// The interface that is held is CONNECTED.
    pub(crate) fn interface_up(&mut self, now: Instant) {
        self.apply(now, ServerTrigger::InterfaceUp, Data::None);
    }

    /// The interface that is held is CONNECTED no more, and on its way again.
    pub(crate) fn interface_left(&mut self, now: Instant, failure: Failure) {
        self.apply(now, ServerTrigger::InterfaceLeft, Data::Failure(failure));
    }

    /// The interface that is held is stopped.
    pub(crate) fn interface_stopped(&mut self, now: Instant, failure: Failure) {
        self.apply(now, ServerTrigger::InterfaceStopped, Data::Failure(failure));
    }

    /// The backend reports something that belongs to the command with this generation.
    pub(crate) fn handle_report(
        &mut self,
        now: Instant,
        generation: Generation,
        report: ServerReport,
    ) {
        let step = self.pending.step(generation);
        if !step.is_some_and(|step| report.is_of(step)) {
            self.stale = self.stale.saturating_add(1);
            return;
        }
        let data = report.code().map_or(Data::None, Data::Code);
        if !self.apply(now, report.trigger(), data) {
            self.ignored = self.ignored.saturating_add(1);
        }
    }

    /// Fires the deadline if it has come. `stage` is how an attempt fails that is over while it
    /// waits for its interface.
    pub(crate) fn handle_timeout(&mut self, now: Instant, stage: Outcome) {
        let Some(deadline) = self.deadline().filter(|deadline| deadline.at <= now) else {
            return;
        };
        let (trigger, data) = match deadline.reason {
            ServerTimer::Attempt | ServerTimer::Round | ServerTimer::Flush => (
                ServerTrigger::DeadlinePassed,
                Data::Failure(Failure::new(stage)),
            ),
            ServerTimer::Retry | ServerTimer::Pause => (ServerTrigger::RetryDue, Data::None),
            ServerTimer::Stability => (ServerTrigger::Stable, Data::None),
        };
        self.apply(now, trigger, data);
    }

    /// The one deadline that is armed, if any.
    pub(crate) fn deadline(&self) -> Option<Deadline<ServerTimer>> {
        self.phase.timer()
    }

    /// What has changed and was not told yet.
    pub(crate) fn poll_change(&mut self) -> Option<Change> {
        self.changes.pop_front()
    }

    /// The interface that is to be brought up, once for each try.
    pub(crate) fn take_wish(&mut self) -> Option<InterfaceId> {
        if core::mem::take(&mut self.wish) {
            self.held
        } else {
            None
        }
    }

    /// Tells whether there is a proxy on the way to the server; counts from the next try.
    pub(crate) fn set_proxy(&mut self, there_is_one: bool) {
        self.has_proxy = there_is_one;
    }

    /// The action that ends what the backend has begun. It goes before those of the interfaces.
    pub(crate) fn poll_ending(&mut self) -> Option<(InterfaceId, ServerAction<'static>)> {
        self.pending.poll_ending()
    }

    /// The next action that begins something. It goes after those of the interfaces.
    pub(crate) fn poll_beginning<'a>(
        &mut self,
        proxy: Option<&'a ProxySettings>,
    ) -> Option<(InterfaceId, ServerAction<'a>)> {
        // What is begun is begun over the held interface.
        self.pending.poll_beginning(self.held?, proxy)
    }

    /// Whether an action waits to be polled.
    pub(crate) const fn has_actions(&self) -> bool {
        !self.pending.is_empty()
    }
}

/// What comes with a trigger.
#[derive(Clone, Copy)]
enum Data {
    None,
    Effort(Effort),
    Until(Alarm),
    Failure(Failure),
    Code(i32),
}

impl Data {
    const fn code(self) -> Option<i32> {
        match self {
            Self::Code(code) => Some(code),
            Self::Failure(failure) => failure.code,
            Self::None | Self::Effort(_) | Self::Until(_) => None,
        }
    }

    /// The failure that the parent told of.
    const fn told(self) -> Failure {
        match self {
            Self::Failure(failure) => failure,
            Self::None | Self::Effort(_) | Self::Until(_) | Self::Code(_) => {
                Failure::new(Outcome::NotConnected)
            }
        }
    }
}

impl<const N: usize> Connector<N> {
    /// Runs the table's effect of a trigger, and tells whether it has one.
    fn apply(&mut self, now: Instant, trigger: ServerTrigger, data: Data) -> bool {
        let because = |outcome| Failure {
            outcome,
            code: data.code(),
        };
        match (effect(self.state, trigger), self.phase, data) {
            (Effect::Begin, _, Data::Effort(effort)) => {
                self.pending.end();
                self.attempt(now, effort);
            }
            (Effect::Enter(ServerState::Flushing), Phase::Up { route, .. }, Data::Until(until)) => {
                self.pending.flush();
                self.transition_to(ServerState::Flushing, Phase::Flushing { route, until });
            }
            (Effect::Enter(state), phase, _) => self.enter(state, phase),
            (Effect::Proceed, phase, _) if self.has_proxy => {
                self.enter(ServerState::ReachingProxy, phase);
            }
            (Effect::Proceed, phase, _) => self.enter(ServerState::Connecting, phase),
            (Effect::Succeed, Phase::Trying(effort), _) => self.succeed(now, effort),
            (Effect::Fail(outcome), Phase::Trying(effort), _) => {
                self.fail(now, effort, because(outcome));
            }
            (Effect::FailAsTold, Phase::Trying(effort), _) => self.fail(now, effort, data.told()),
            (Effect::TimeOut(outcome), Phase::Trying(effort), _) => {
                self.time_out(now, effort, Failure::new(outcome));
            }
            (Effect::TimeOutAsTold, Phase::Trying(effort), _) => {
                self.time_out(now, effort, data.told());
            }
            (Effect::TimeOutAsTold, Phase::Waiting { effort, .. }, _) => {
                self.time_out(now, effort, effort.failure);
            }
            (Effect::Lose(outcome), Phase::Up { route, .. }, _) => {
                self.lose(now, route, because(outcome), false);
            }
            (Effect::Stall, Phase::Up { route, .. }, _)
                if self.policy != Policy::ReturnOnErrorNoDisconnect =>
            {
                self.lose(now, route, because(Outcome::NoServer), false);
            }
            (Effect::LoseAsTold, Phase::Up { route, .. }, _) => {
                self.lose(now, route, data.told(), false);
            }
            (Effect::LoseForNow, Phase::Up { route, .. }, _) => {
                self.lose(now, route, data.told(), true);
            }
            (Effect::Drop, ..) => self.drop_all(),
            (Effect::Retry, Phase::Waiting { effort, pauses, .. }, _) => {
                self.retry(now, effort, pauses);
            }
            (Effect::Trust, Phase::Up { route, .. }, _) => {
                self.back_off.reset();
                self.phase = Phase::Up {
                    route,
                    stable_at: Alarm::OFF,
                };
            }
            // The phase is that of the state, so what is left here is ignored.
            _ => return false,
        }
        true
    }

    /// The only place that changes the state. What a state needs comes in its phase, so the timer
    /// of the state before is gone with it.
    pub(super) fn transition_to(&mut self, next: ServerState, phase: Phase) {
        self.phase = phase;
        if self.state != next {
            self.state = next;
            self.tell(Change::State(next));
        }
        if matches!(next, ServerState::Connected | ServerState::Disconnected) {
            self.resume();
        }
    }

    /// Lets an application go on that was suspended.
    pub(super) fn resume(&mut self) {
        if core::mem::take(&mut self.suspended) {
            self.tell(Change::Resumed);
        }
    }

    pub(super) fn tell_result(&mut self, request: Request, id: InterfaceId, failure: Failure) {
        self.tell(Change::Ended(failure, request.name_of(id)));
    }

    pub(super) fn tell(&mut self, change: Change) {
        // Cannot be full: the parent takes the changes after every input.
        let _ = self.changes.push_back(change);
    }
}
