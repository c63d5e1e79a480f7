//! The machine that runs the transition table of the server connection.

use super::attempt::{Attempt, AttemptId, Purpose, Request};
use super::delays::Delays;
use super::message::{PendingServerActions, ServerStep};
use super::order::Order;
use super::outcome::{ConnectOutcome, Failure};
use super::table::{ServerEffect, TABLE};
use super::{
    Policy, ServerAction, ServerConfig, ServerReport, ServerState, ServerTimer, ServerTrigger,
    Timeouts,
};
use crate::counter::count;
use crate::generation::Generation;
use crate::nic::{InterfaceId, InterfaceName, ProxySettings};
use crate::span::Span;
use crate::time::Instant;

/// The machine of the server connection, for a device with up to `N` interfaces.
///
/// It wants at most one interface. The parent brings that interface up when
/// [`Connector::begin_try`] returns it, reports what becomes of it, and releases an interface that
/// is not [wanted](Connector::wanted) any more. After each input it takes all changes; actions for
/// the backend stay until they are polled.
#[derive(Clone, Debug)]
pub(crate) struct Connector<const N: usize> {
    pub(super) state: ServerState,
    pub(super) policy: Policy,
    /// The interface that the connection, or the attempt at one, is to use.
    pub(super) wanted: Option<InterfaceId>,
    /// Whether the try over the wanted interface has still to begin.
    pub(super) try_waits: bool,
    pub(super) attempt: Attempt,
    /// The number of the newest request for a connection. The attempt belongs to it, or to none.
    attempt_id: AttemptId,
    /// When the timer of the state runs out; [`Instant::NEVER`] if none is armed. The attempt has
    /// another one.
    pub(super) deadline: Instant,
    pub(super) has_proxy: bool,
    /// Whether an attempt has begun since the device started or woke (CON-16).
    pub(super) called: bool,
    /// Whether the application was asked to suspend itself, and not to go on since.
    pub(super) suspended: bool,
    pub(super) pending: PendingServerActions,
    /// Whether the present connection has held for its stability time.
    pub(super) is_stable: bool,
    /// Changes that the parent has not taken yet, in order. Three places are enough, because the
    /// parent takes all changes after each input, and an input makes at most three: a state,
    /// `Resumed` and an end.
    changes: [Option<ConnectorChange>; 3],
    ignored: u32,
    stale: u32,
    pub(super) delays: Delays,
    pub(super) timeouts: Timeouts,
    pub(super) pause: Span,
    pub(super) stable_after: Span,
    pub(super) alive_within: Option<Span>,
    pub(super) order: Order<N>,
}

/// A change that the parent takes and reports. Until the next attempt, [`Connector::failure`] says
/// how the attempt behind it failed, or that it succeeded.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ConnectorChange {
    /// The connection is in this state now.
    State(ServerState),
    /// The application is to go on: there is a connection, or nothing is tried any more.
    Resumed,
    /// A requested attempt, over this interface, has ended (CON-2).
    Ended(InterfaceName),
    /// A connection over this interface was lost and did not come back (CON-12).
    GivenUp(InterfaceId),
    /// After such a report there is a connection again, over this interface (CON-21).
    Back(InterfaceId),
    /// The application is to be suspended, after a try over this interface (CON-13).
    Suspended(InterfaceId),
}

impl<const N: usize> Connector<N> {
    /// A connector that tries the interfaces of `order`. `seed` and
    /// `base` are those of the device.
    pub(crate) fn new(
        config: &ServerConfig,
        policy: Policy,
        order: impl Iterator<Item = InterfaceId>,
        (seed, base): (u64, Generation),
        spread: Option<Span>,
    ) -> Self {
        Self {
            state: ServerState::Disconnected,
            policy,
            wanted: None,
            try_waits: false,
            attempt: Attempt::NONE,
            attempt_id: AttemptId::from_bits(base.to_bits()),
            deadline: Instant::NEVER,
            has_proxy: false,
            called: false,
            suspended: false,
            pending: PendingServerActions::new(base),
            is_stable: false,
            changes: [None; 3],
            ignored: 0,
            stale: 0,
            delays: Delays::new(config, seed, spread),
            timeouts: config.timeouts,
            pause: config.pause,
            stable_after: config.stable_after,
            alive_within: config.alive_within,
            order: Order::new(order),
        }
    }

    /// Begins an attempt (CON-9). The present connection or attempt is dropped without a result.
    pub(crate) fn connect(&mut self, request: &Request, now: Instant) {
        self.attempt = Attempt::asked(request);
        self.called = true;
        self.count_request();
        self.apply(ServerTrigger::Connect, &Failure::NONE, now);
    }

    /// Reports success at once, because the present connection is the requested one (CON-8).
    pub(crate) fn confirm(&mut self, name: InterfaceName) {
        self.count_request();
        self.note(ConnectorChange::Ended(name));
    }

    /// Counts a request. The next result is its answer.
    const fn count_request(&mut self) {
        self.attempt_id = self.attempt_id.next();
    }

    /// Drops everything: at once, or when what waits is sent or `flush` is over (CON-15).
    pub(crate) fn disconnect(&mut self, flush: Option<Span>, now: Instant) {
        let until = flush.map_or(Instant::NEVER, |span| span.after(now));
        let trigger = if until == Instant::NEVER {
            ServerTrigger::Disconnect
        } else {
            ServerTrigger::Flush
        };
        // A flush that runs already keeps its deadline; a new one has that of the request.
        if self.apply(trigger, &Failure::NONE, now) && self.state == ServerState::Flushing {
            self.deadline = until;
        }
    }

    /// Handles a change of an interface that the connector [listens](Self::listens) to. The trigger
    /// says whether it came up, left CONNECTED or stopped; `failure` says what has failed in it, if
    /// anything has.
    pub(crate) fn handle_interface(
        &mut self,
        id: InterfaceId,
        trigger: ServerTrigger,
        failure: Option<Failure>,
        now: Instant,
    ) {
        if self.state == ServerState::Waiting
            && trigger == ServerTrigger::InterfaceUp
            && (self.is_asked() || !self.goes_over(id))
        {
            return;
        }
        // What has not failed gives no result (CON-23): that of the newest try stays.
        let newest = if self.carries(id) {
            Failure::of(ConnectOutcome::NotConnected)
        } else {
            self.attempt.failure
        };
        self.apply(trigger, &failure.unwrap_or(newest), now);
        // What the connector holds ends with the hold.
        if self.wanted == Some(id) && !self.order.is_enabled(id) {
            self.wanted = None;
        }
    }

    /// Handles traffic for the server.
    pub(crate) fn handle_call(&mut self, now: Instant) {
        self.apply(ServerTrigger::Call, &Failure::NONE, now);
    }

    /// Handles news for which the next try does not wait.
    pub(super) fn handle_news(&mut self, now: Instant) {
        self.apply(ServerTrigger::News, &Failure::NONE, now);
    }

    /// Handles a report about the command over this interface with this generation.
    pub(crate) fn handle_report(
        &mut self,
        interface: InterfaceId,
        generation: Generation,
        report: ServerReport,
        now: Instant,
    ) {
        match self.pending.answered(interface, generation) {
            Some(step) if report.is_of(step) => {}
            _ => return count(&mut self.stale),
        }
        let failure = Failure {
            code: report.code(),
            ..Failure::NONE
        };
        if !self.apply(report.trigger(), &failure, now) {
            count(&mut self.ignored);
        }
    }

    /// Whether this generation is that of the newest command to disconnect, whose fault changes
    /// nothing here (DRV-6). Returns true once.
    pub(crate) fn take_ended(&mut self, interface: InterfaceId, generation: Generation) -> bool {
        self.pending.take_ended(interface, generation)
    }

    /// Fires the first timer, because its deadline has come. `stage` is how an attempt fails that
    /// ends while it waits for its interface. One that `is_on_its_way` stays wanted in a pause, until
    /// it is up or has stopped; `None` if it is not held, because its try has not begun.
    pub(crate) fn handle_timeout(
        &mut self,
        stage: ConnectOutcome,
        is_on_its_way: Option<bool>,
        now: Instant,
    ) {
        let trigger = match self.timer() {
            ServerTimer::Attempt | ServerTimer::Round | ServerTimer::Flush | ServerTimer::Alive => {
                ServerTrigger::DeadlinePassed
            }
            ServerTimer::Retry | ServerTimer::Pause => ServerTrigger::RetryDue,
            ServerTimer::Stability => ServerTrigger::Stable,
        };
        // A round that ends between two tries failed as the newest try did.
        let failure = if self.state == ServerState::Waiting || self.try_waits {
            self.attempt.failure
        } else {
            Failure::of(stage)
        };
        let wanted = self.wanted;
        self.apply(trigger, &failure, now);
        match is_on_its_way {
            Some(true) if self.is_pausing() => self.wanted = wanted,
            None if self.state == ServerState::Waiting => self.wanted = None,
            _ => {}
        }
    }

    /// Moves the timers to a clock that says `to` where it said `from` (TIME-7).
    pub(crate) const fn rebase(&mut self, from: Instant, to: Instant) {
        self.deadline = self.deadline.rebased(from, to);
        self.attempt.until = self.attempt.until.rebased(from, to);
        self.delays.rebase(from, to);
    }

    /// When its first timer runs out; [`Instant::NEVER`] if none is armed.
    pub(crate) fn deadline(&self) -> Instant {
        self.deadline.min(self.attempt.until)
    }

    /// The purpose of the timer that runs out first.
    pub(crate) fn timer(&self) -> ServerTimer {
        let until = self.attempt.until;
        match (self.state, self.attempt.purpose) {
            (ServerState::Connected, _) if until < self.deadline => ServerTimer::Alive,
            (ServerState::Connected, _) => ServerTimer::Stability,
            (ServerState::Flushing, _) => ServerTimer::Flush,
            (ServerState::Waiting, Purpose::Asked | Purpose::Kept) => ServerTimer::Retry,
            (ServerState::Waiting, _) if self.is_pausing() => ServerTimer::Pause,
            // At the same instant the round ends first: no try begins when it is over.
            (ServerState::Waiting, _) if self.deadline < until => ServerTimer::Retry,
            (_, Purpose::Asked | Purpose::Kept) => ServerTimer::Attempt,
            (_, Purpose::Silent | Purpose::Suspended) => ServerTimer::Round,
        }
    }

    /// Takes the oldest change that the parent has not taken yet.
    pub(crate) const fn take_change(&mut self) -> Option<ConnectorChange> {
        let [first, second, third] = &mut self.changes;
        let change = first.take();
        if change.is_some() {
            *first = second.take();
            *second = third.take();
        }
        change
    }

    /// Begins the try that waits, if one does, and returns its interface, which is to be brought
    /// up.
    pub(crate) fn begin_try(&mut self) -> Option<InterfaceId> {
        if !core::mem::take(&mut self.try_waits) {
            return None;
        }
        self.wanted
    }

    /// The number of the newest request, which the next result carries.
    pub(crate) const fn attempt_id(&self) -> AttemptId {
        self.attempt_id
    }

    /// How the newest try failed, or that it succeeded.
    pub(crate) const fn failure(&self) -> Failure {
        self.attempt.failure
    }

    /// Sets whether there is a proxy in front of the server, from the next try on.
    pub(crate) fn set_proxy(&mut self, has_proxy: bool) {
        self.has_proxy = has_proxy;
    }

    /// Whether an action waits that ends what the backend has begun, and whether one waits that
    /// begins something. The first goes before those of the interfaces, the second after them.
    pub(crate) const fn waiting(&self) -> (bool, bool) {
        let (ends, begins) = self.pending.waiting();
        (ends, begins && self.wanted.is_some())
    }

    /// Takes the next action, with its interface and the generation of its command: one that ends
    /// something goes first.
    pub(crate) fn take_action<'a>(
        &mut self,
        proxy: Option<&'a ProxySettings>,
    ) -> Option<(InterfaceId, Generation, ServerAction<'a>)> {
        self.pending.take_action(self.wanted, proxy)
    }

    pub(crate) const fn state(&self) -> ServerState {
        self.state
    }

    pub(crate) const fn policy(&self) -> Policy {
        self.policy
    }

    /// The interface that the connection, or the attempt at one, is to use.
    pub(crate) const fn wanted(&self) -> Option<InterfaceId> {
        self.wanted
    }

    /// Whether events of this interface concern the connector: it is wanted, and the try over it
    /// has begun.
    pub(crate) fn uses(&self, id: InterfaceId) -> bool {
        self.wanted == Some(id) && !self.try_waits
    }

    /// Whether it is news for the connector that this interface came up: it uses it, or waits.
    pub(crate) fn listens(&self, id: InterfaceId) -> bool {
        self.uses(id) || self.state == ServerState::Waiting
    }

    /// Whether somebody asked for what is being tried.
    pub(crate) fn is_asked(&self) -> bool {
        self.attempt.purpose == Purpose::Asked
    }

    /// Whether this interface carries the connection.
    pub(crate) fn carries(&self, id: InterfaceId) -> bool {
        matches!(self.state, ServerState::Connected | ServerState::Flushing)
            && self.wanted == Some(id)
    }

    /// The interface of the newest try, by the name that results give it.
    pub(crate) fn name(&self) -> Option<InterfaceName> {
        let tried = self.attempt.failure.interface?;
        Some(self.attempt.route.name_of(tried))
    }

    /// Whether the settings in use are for this connection or attempt only (CFG-2).
    pub(crate) fn is_given(&self) -> bool {
        self.state != ServerState::Disconnected && self.attempt.route.is_given()
    }

    /// Whether the application was asked to suspend itself, and not to go on since.
    pub(crate) const fn is_suspended(&self) -> bool {
        self.suspended
    }

    /// The device woke: the next server call counts as the first one.
    pub(crate) const fn wake(&mut self) {
        self.called = false;
    }

    /// Whether an attempt has begun since the device started or woke: if not, the next server call is
    /// the first one (CON-16, CON-28).
    pub(crate) const fn was_called(&self) -> bool {
        self.called
    }

    /// Reports that meant nothing in their state, and reports of commands that were over.
    pub(crate) const fn ignored(&self) -> (u32, u32) {
        (self.ignored, self.stale)
    }

    /// Does what the table says of a trigger; returns false if it is ignored. `failure` comes with
    /// the trigger; where the table names the outcome, only its code counts.
    fn apply(&mut self, trigger: ServerTrigger, failure: &Failure, now: Instant) -> bool {
        let Some(effect) = TABLE.effect(self.state.bit(), trigger.index()) else {
            return false;
        };
        if effect == ServerEffect::Stall && self.policy == Policy::ReturnOnErrorNoDisconnect {
            return false;
        }
        // What is over, and why.
        if effect.ends() {
            self.end(Failure {
                outcome: effect.outcome().or(failure.outcome),
                ..*failure
            });
        }
        // What comes next.
        match effect {
            ServerEffect::Begin => self.begin(now),
            ServerEffect::Enter(state) => self.enter(state, now),
            ServerEffect::Proceed if self.has_proxy => {
                self.transition_to(ServerState::ReachingProxy, Instant::NEVER);
            }
            ServerEffect::Proceed => self.transition_to(ServerState::Connecting, Instant::NEVER),
            ServerEffect::Succeed => self.succeed(now),
            ServerEffect::Fail(outcome) => self.fail(outcome == ConnectOutcome::NotAuthorised, now),
            ServerEffect::FailAsReported => self.fail(false, now),
            ServerEffect::TimeOut(_) | ServerEffect::TimeOutAsReported => self.time_out(now),
            ServerEffect::Lose(_) | ServerEffect::LoseAsReported | ServerEffect::Stall => {
                self.lose(false, now)
            }
            ServerEffect::LoseForNow => self.lose(true, now),
            ServerEffect::Drop => self.drop_all(),
            ServerEffect::Renew => self.renew(now),
            ServerEffect::Retry => self.retry(now),
            ServerEffect::RetryNow => self.retry_now(now),
            ServerEffect::Hasten => self.hasten(false, now),
            ServerEffect::HastenRound => self.hasten(true, now),
            ServerEffect::LetGo => self.let_go(),
            ServerEffect::Live => self.await_life(now),
            ServerEffect::Trust => self.trust(),
        }
        true
    }

    /// The only function that sets the state, and with it the timer, the change for the parent, and
    /// the command that begins a step or ends what was begun. Where nothing is tried any more, the
    /// timer of the attempt is disarmed.
    // size: 10 callers
    #[inline(never)]
    pub(super) fn transition_to(&mut self, next: ServerState, deadline: Instant) {
        self.deadline = deadline;
        self.try_waits = false;
        if self.state != next {
            self.state = next;
            self.note(ConnectorChange::State(next));
        }
        match next {
            ServerState::Resolving => self.pending.begin(ServerStep::Resolve),
            ServerState::ReachingProxy => self.pending.begin(ServerStep::Proxy),
            ServerState::Connecting => self.pending.begin(ServerStep::Connect),
            ServerState::WaitingForInterface | ServerState::Waiting => self.pending.end(),
            ServerState::Connected | ServerState::Flushing | ServerState::Disconnected => {
                self.attempt.until = Instant::NEVER;
                self.resume();
                if next == ServerState::Flushing {
                    self.pending.flush();
                } else if next == ServerState::Disconnected {
                    self.wanted = None;
                    self.pending.end();
                }
            }
        }
    }

    /// Lets a suspended application go on.
    pub(super) fn resume(&mut self) {
        if core::mem::take(&mut self.suspended) {
            self.note(ConnectorChange::Resumed);
        }
    }

    /// Adds a change for the parent; at most two wait before it.
    // size: 5 callers
    #[inline(never)]
    pub(super) const fn note(&mut self, change: ConnectorChange) {
        match &mut self.changes {
            [free @ None, ..] | [_, free @ None, _] | [_, _, free] => *free = Some(change),
        }
    }
}
