//! The machine that runs the transition table of the server connection.

use heapless::Vec;

use super::attempt::{Effort, Failure, Purpose, Request};
use super::changes::Changes;
use super::pending::Pending;
use super::route::Route;
use super::table::{Effect, effect};
use super::{
    Outcome, Policy, ServerAction, ServerConfig, ServerReport, ServerState, ServerTimer,
    ServerTrigger, Timeouts,
};
use crate::alarm::Alarm;
use crate::back_off::BackOff;
use crate::counter::count;
use crate::generation::Generation;
use crate::nic::{InterfaceId, InterfaceName, ProxySettings};
use crate::span::Span;
use crate::time::Latest;

/// The machine of the server connection, for a device with up to `N` interfaces.
///
/// It holds at most one interface. The parent brings that interface up when
/// [`Connector::take_wish`] says so, tells what becomes of it, and lets go of each that is not
/// [held](Connector::held) any more. After each input it takes what changed from
/// [`Connector::take_changes`]; actions for the backend stay until they are polled.
#[derive(Clone, Debug)]
// What is asked for most stands first, where short instructions reach it.
#[repr(C)]
pub(crate) struct Connector<const N: usize> {
    pub(super) state: ServerState,
    pub(super) policy: Policy,
    pub(super) held: Option<InterfaceId>,
    /// The interface that was tried last.
    pub(super) tried: Option<InterfaceId>,
    /// Whether the held interface is still to be brought up.
    pub(super) wish: bool,
    has_proxy: bool,
    /// Whether there was a server call since the device started or woke (CON-16).
    pub(super) called: bool,
    /// Whether the application was told that it is suspended, and not to go on since.
    pub(super) suspended: bool,
    /// The time of the whole device is kept here, where it is needed most.
    pub(super) latest: Latest,
    pub(super) effort: Effort,
    /// The timer of the present state, beside that of the effort.
    pub(super) timer: Alarm,
    pub(super) pending: Pending,
    pub(super) ignored: u32,
    pub(super) stale: u32,
    pub(super) order: Vec<InterfaceId, N, u8>,
    pub(super) back_off: BackOff,
    pub(super) timeouts: Timeouts,
    pub(super) grace: Span,
    pub(super) pause: Span,
    /// The interface that was last named (CFG-3).
    pub(super) named: Option<InterfaceId>,
    changes: Changes,
}

impl<const N: usize> Connector<N> {
    /// A connector of a device with these interfaces.
    pub(crate) fn new(
        config: &ServerConfig,
        present: impl Iterator<Item = InterfaceId> + Clone,
    ) -> Self {
        Self {
            order: Route::default_order(present),
            state: ServerState::Disconnected,
            policy: Policy::default(),
            held: None,
            tried: None,
            wish: false,
            has_proxy: false,
            called: false,
            suspended: false,
            latest: Latest::default(),
            effort: Effort::NONE,
            timer: Alarm::OFF,
            pending: Pending::default(),
            changes: Changes::default(),
            ignored: 0,
            stale: 0,
            named: None,
            // The interfaces take other salts.
            back_off: BackOff::new(&config.retry, 0),
            timeouts: config.timeouts,
            grace: config.grace,
            pause: config.pause,
        }
    }

    /// Begins an attempt, in place of what there was (CON-9). The connection or attempt that was
    /// there is dropped without a word.
    // Two requests lead here.
    #[inline(never)]
    pub(crate) fn connect(&mut self, request: &Request) {
        self.called = true;
        self.effort = Effort::asked(request);
        self.apply(ServerTrigger::Connect, Failure::NONE);
    }

    /// Tells that the connection that there is, is what was asked for (CON-8).
    // Two requests lead here.
    #[inline(never)]
    pub(crate) fn confirm(&mut self, name: InterfaceName) {
        self.called = true;
        // How it ended is known since there is the connection.
        self.effort.name = Some(name);
        self.tell(Changes::ENDED);
    }

    /// Drops everything, at once or after what waits was sent or `flush` has passed (CON-15).
    pub(crate) fn disconnect(&mut self, flush: Option<Span>) {
        let until = flush.map_or(Alarm::OFF, |span| self.after(span));
        let trigger = if until.is_on() {
            ServerTrigger::Flush
        } else {
            ServerTrigger::Disconnect
        };
        // One that flushes already keeps its deadline.
        if self.apply(trigger, Failure::NONE) && self.state == ServerState::Flushing {
            self.timer = until;
        }
    }

    /// Sets what becomes of failures from now on. An application that is suspended is told at once
    /// how things stand.
    pub(crate) fn set_policy(&mut self, policy: Policy) {
        self.policy = policy;
        if policy == Policy::SuspendOnError {
            return;
        }
        if self.suspended && self.effort.purpose == Purpose::Suspended {
            self.pending.end();
            self.finish();
        } else {
            // What was asked for meanwhile goes on.
            self.resume();
        }
    }

    /// The interface that is held came up, left CONNECTED or stopped: which of it says the trigger,
    /// and `failure` why it is not up.
    pub(crate) fn handle_interface(&mut self, trigger: ServerTrigger, failure: Failure) {
        self.apply(trigger, failure);
    }

    /// The backend reports something that belongs to the command with this generation.
    pub(crate) fn handle_report(&mut self, generation: Generation, report: ServerReport) {
        let step = self.pending.step(generation);
        if !step.is_some_and(|step| report.is_of(step)) {
            count(&mut self.stale);
            return;
        }
        let told = Failure::with_code(Outcome::NotConnected, report.code());
        if !self.apply(report.trigger(), told) {
            count(&mut self.ignored);
        }
    }

    /// Fires the deadline, which has come. `stage` is how an attempt fails that is over while it
    /// waits for its interface.
    pub(crate) fn handle_timeout(&mut self, stage: Outcome) {
        let trigger = match self.awaited() {
            ServerTimer::Attempt | ServerTimer::Round | ServerTimer::Flush => {
                ServerTrigger::DeadlinePassed
            }
            ServerTimer::Retry | ServerTimer::Pause => ServerTrigger::RetryDue,
            ServerTimer::Stability => ServerTrigger::Stable,
        };
        // A round that is over between two tries failed as the last one did.
        let told = if self.state == ServerState::Waiting || self.wish {
            self.effort.failure
        } else {
            Failure::new(stage)
        };
        self.apply(trigger, told);
    }

    /// Its timer that runs out first, if one runs.
    pub(crate) fn alarm(&self) -> Alarm {
        if self.timer_is_first() {
            self.timer
        } else {
            self.effort.until
        }
    }

    /// What is waited for until then.
    pub(crate) fn awaited(&self) -> ServerTimer {
        match (self.state, self.effort.purpose) {
            (ServerState::Connected, _) => ServerTimer::Stability,
            (ServerState::Flushing, _) => ServerTimer::Flush,
            (ServerState::Waiting, _) if !self.effort.until.is_on() => ServerTimer::Pause,
            (ServerState::Waiting, _) if self.timer_is_first() => ServerTimer::Retry,
            (_, Purpose::Asked) => ServerTimer::Attempt,
            (_, Purpose::Silent | Purpose::Suspended) => ServerTimer::Round,
        }
    }

    /// Whether the timer of the state comes before that of the effort: a try that would begin when
    /// the round is over is none.
    fn timer_is_first(&self) -> bool {
        self.timer.is_before(self.effort.until)
    }

    /// What has changed and was not told yet.
    pub(crate) fn take_changes(&mut self) -> Changes {
        core::mem::take(&mut self.changes)
    }

    /// The interface that is to be brought up, once for each try.
    pub(crate) fn take_wish(&mut self) -> Option<InterfaceId> {
        if !core::mem::take(&mut self.wish) {
            return None;
        }
        self.tried = self.held;
        self.held
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

impl<const N: usize> Connector<N> {
    /// Runs the table's effect of a trigger, and tells whether it has one. `told` is the failure
    /// that comes with the trigger; where the table names the outcome, only its code counts.
    fn apply(&mut self, trigger: ServerTrigger, mut told: Failure) -> bool {
        let Some(effect) = effect(self.state, trigger) else {
            return false;
        };
        if effect == Effect::Stall && self.policy == Policy::ReturnOnErrorNoDisconnect {
            return false;
        }
        // What is over, and why.
        if effect.ends() {
            if let Some(outcome) = effect.outcome() {
                told.outcome = outcome;
            }
            self.end(told);
        }
        // What comes next.
        match effect {
            Effect::Begin => self.attempt(),
            Effect::Enter(state) => self.enter(state),
            Effect::Proceed => self.enter(if self.has_proxy {
                ServerState::ReachingProxy
            } else {
                ServerState::Connecting
            }),
            Effect::Succeed => self.succeed(),
            Effect::Fail(_) | Effect::FailAsTold => self.fail(),
            Effect::TimeOut(_) | Effect::TimeOutAsTold => self.time_out(),
            Effect::Lose(_) | Effect::LoseAsTold | Effect::Stall => self.lose(false),
            Effect::LoseForNow => self.lose(true),
            Effect::Drop => self.drop_all(),
            Effect::Retry => self.retry(),
            Effect::Trust => self.trust(),
            Effect::Ignore(_) => {}
        }
        true
    }

    /// The only place that changes the state. The timer of the state before is gone; one that the
    /// next state needs is set thereafter. Where nothing is tried, no time for that runs.
    // A call takes less room, and there are seven.
    #[inline(never)]
    pub(super) fn transition_to(&mut self, next: ServerState) {
        self.timer = Alarm::OFF;
        if self.state != next {
            self.state = next;
            self.tell(Changes::STATE);
        }
        let is_over = matches!(
            next,
            ServerState::Connected | ServerState::Flushing | ServerState::Disconnected
        );
        if is_over {
            self.effort.until = Alarm::OFF;
            self.resume();
        }
    }

    /// Lets an application go on that was suspended.
    pub(super) fn resume(&mut self) {
        if core::mem::take(&mut self.suspended) {
            self.tell(Changes::RESUMED);
        }
    }

    pub(super) fn tell(&mut self, change: Changes) {
        self.changes |= change;
    }

    /// The alarm `span` after the present instant.
    pub(super) fn after(&self, span: Span) -> Alarm {
        Alarm::after(self.now(), span)
    }
}
