//! How a connection is tried: over which interface next, when, and what becomes of a failure.

use super::attempt::Purpose;
use super::machine::{Connector, ConnectorChange};
use super::outcome::{ConnectOutcome, Failure};
use super::route::Route;
use super::{Policy, ServerState};
use crate::nic::{InterfaceId, Medium};
use crate::time::Instant;

impl<const N: usize> Connector<N> {
    /// Begins what was asked for: at once, or within the spread if it is to be put off. Until then it
    /// holds no interface.
    pub(super) fn begin(&mut self, now: Instant) {
        self.delays.forgive();
        if !self.delays.is_spread() || !core::mem::take(&mut self.attempt.is_put_off) {
            return self.want_next(now);
        }
        self.wanted = None;
        let begin = self.delays.put_off(now);
        self.transition_to(ServerState::Waiting, begin);
    }

    /// Wants the interface whose turn it is, so that a try over it begins. If no interface is enabled,
    /// nothing was tried and nothing has failed.
    // size: 5 callers
    #[inline(never)]
    pub(super) fn want_next(&mut self, now: Instant) {
        let Some(id) = self.next_enabled() else {
            return self.end_pass(now);
        };
        match self.attempt.purpose {
            Purpose::Asked => {
                let configured = self.timeouts.of(id.medium());
                self.attempt.until = self.attempt.timeout.unwrap_or(configured).after(now);
            }
            Purpose::Kept => self.attempt.until = Instant::NEVER,
            Purpose::Silent | Purpose::Suspended => {}
        }
        self.wanted = Some(id);
        // While nothing has failed, the newest try gives the result its name (CON-24).
        if self.attempt.failure.outcome.is_none() {
            self.attempt.failure.interface = self.wanted;
        }
        self.transition_to(ServerState::WaitingForInterface, Instant::NEVER);
        self.try_waits = true;
    }

    /// Goes on to a state that runs a step. A try that nobody waits for has no end of its own before
    /// its interface is up.
    pub(super) fn enter(&mut self, state: ServerState, now: Instant) {
        self.transition_to(state, Instant::NEVER);
        if self.attempt.purpose == Purpose::Kept
            && matches!(
                state,
                ServerState::Resolving | ServerState::WaitingForInterface
            )
        {
            self.attempt.until = self.end_of_kept_try(now);
        }
    }

    /// When a try is over that goes on for ever: while its interface comes up, never.
    fn end_of_kept_try(&self, now: Instant) -> Instant {
        match (self.state(), self.wanted) {
            (state, Some(id)) if state.reaches_server() => self.timeouts.of(id.medium()).after(now),
            _ => Instant::NEVER,
        }
    }

    /// The server is connected: the attempt has succeeded.
    pub(super) fn succeed(&mut self, now: Instant) {
        self.is_stable = false;
        let stable = self.stable_after.after(now);
        self.transition_to(ServerState::Connected, stable);
        self.await_life(now);
        self.attempt.failure = Failure {
            interface: self.wanted,
            ..Failure::of(ConnectOutcome::ServerConnected)
        };
        self.note_result();
        if let (Purpose::Kept, Some(interface)) = (self.attempt.purpose, self.wanted) {
            self.note(ConnectorChange::Back(interface));
        }
    }

    /// Waits for a sign of life, if one is to come.
    pub(super) fn await_life(&mut self, now: Instant) {
        self.attempt.until = match self.alive_within {
            Some(span) => span.after(now),
            None => Instant::NEVER,
        };
    }

    /// The connection has proved stable: for the first time, or for good.
    pub(super) fn trust(&mut self) {
        // Time may be handled late; the connection has held since this deadline, too (TIME-3).
        let proved = core::mem::replace(&mut self.deadline, Instant::NEVER);
        if core::mem::replace(&mut self.is_stable, true) {
            self.delays.forget();
        } else if self.delays.rest() {
            self.deadline = self.stable_after.doubled().doubled().after(proved);
        }
    }

    /// Stores why the try or the connection is over.
    pub(super) fn end(&mut self, mut failure: Failure) {
        let newest = self.attempt.failure.interface;
        failure.interface = failure.interface.or(self.wanted).or(newest);
        // PPP_NO_CONNECTIVITY is an outcome of PPP only (CON-11).
        let is_ppp = |id: InterfaceId| id.medium() == Medium::Cellular;
        if failure.outcome == Some(ConnectOutcome::PppNoConnectivity)
            && !failure.interface.is_some_and(is_ppp)
        {
            failure.outcome = Some(ConnectOutcome::NoServer);
        }
        self.attempt.failure = failure;
    }

    /// The try over this interface failed: goes on to the next one. After the last one a requested
    /// attempt ends, and every other one waits before it begins with the next interface. One that
    /// nobody asked for goes through its route only once so fast: later it waits whenever the server
    /// was not reached, so that many interfaces make no more tries (IFC-13). So does it where a proxy
    /// refuses the credentials.
    pub(super) fn fail(&mut self, is_refused: bool, now: Instant) {
        let is_asked = self.is_asked();
        if is_refused {
            self.delays.refuse(now);
        }
        let is_paced = is_refused || (self.state().reaches_server() && !self.delays.are_fresh());
        let is_last = !self.attempt.route.advance(&self.order);
        if is_last {
            self.attempt.route.restart_after(&self.order);
        } else if is_asked || !is_paced {
            return self.want_next(now);
        }
        self.end_pass(now);
    }

    /// Ends a pass through the route: a requested attempt ends with it, every other one waits.
    fn end_pass(&mut self, now: Instant) {
        if self.is_asked() {
            self.conclude(now);
        } else {
            self.wait(now);
        }
    }

    /// The time of the try, or of the whole round, is over.
    pub(super) fn time_out(&mut self, now: Instant) {
        let keeps = self.policy == Policy::KeepTrying;
        let is_last = self.attempt.route.is_at_end(&self.order) && !self.attempt.route.is_given();
        match self.attempt.purpose {
            // The request ends, and not the try: an interface or a server that is slow is reached.
            Purpose::Asked if keeps && is_last => self.go_on_trying(now),
            Purpose::Silent if keeps => self.go_on_trying(now),
            Purpose::Asked | Purpose::Kept => self.fail(false, now),
            Purpose::Silent | Purpose::Suspended => {
                // In a wait the route has gone on already.
                if self.state() != ServerState::Waiting {
                    self.attempt.route.restart_after(&self.order);
                }
                self.conclude(now);
            }
        }
    }

    /// Everything has been tried, or the time is over: does what the policy says.
    fn conclude(&mut self, now: Instant) {
        match (self.policy, self.attempt.purpose) {
            (Policy::SuspendOnError, Purpose::Suspended) => self.pause(now),
            (Policy::SuspendOnError, _) => self.suspend(now),
            (Policy::ReturnOnError | Policy::ReturnOnErrorNoDisconnect, _) => self.give_up(),
            (Policy::KeepTrying, Purpose::Kept) => self.wait(now),
            (Policy::KeepTrying, _) => self.keep_trying(now),
        }
    }

    /// A connection is lost that nobody asked to drop. `comes_back` says whether its interface is
    /// already coming up again.
    pub(super) fn lose(&mut self, comes_back: bool, now: Instant) {
        let suspends = self.policy == Policy::SuspendOnError;
        self.begin_outage(if suspends {
            Purpose::Suspended
        } else {
            Purpose::Silent
        });
        self.begin_round(now);
        let is_given = self.attempt.route.is_given();
        if comes_back && !is_given {
            self.transition_to(ServerState::WaitingForInterface, Instant::NEVER);
            self.note_suspended();
        } else if suspends {
            self.suspend(now);
        } else if is_given {
            self.conclude(now);
        } else {
            self.wait(now);
        }
    }

    /// The connection is lost with the address of its interface, which has another one (CON-20). The
    /// server is as well as before: it is connected to at once, if the connection was stable, and
    /// nobody is suspended.
    pub(super) fn renew(&mut self, now: Instant) {
        self.begin_outage(Purpose::Silent);
        self.begin_round(now);
        if self.attempt.route.is_given() && self.policy != Policy::SuspendOnError {
            return self.conclude(now);
        }
        self.forget_given();
        self.wait(now);
        // A wait that news cuts short: what is left of it comes on top of the next one. What runs with
        // settings that are forgotten is let go of first.
        if self.is_stable && self.wanted.is_some() {
            self.hasten(false, now);
        }
    }

    /// An outage begins: from now on the connection is tried again without a request.
    // size: 2 callers
    #[inline(never)]
    fn begin_outage(&mut self, purpose: Purpose) {
        self.attempt.purpose = purpose;
        self.attempt.route.restart();
        self.delays.begin_outage();
    }

    /// The time of a round begins, of which a wait is the first thing.
    // size: 4 callers
    #[inline(never)]
    fn begin_round(&mut self, now: Instant) {
        self.attempt.until = self.delays.end_of_grace(now);
        self.attempt.is_put_off = true;
    }

    /// Suspends the application, and begins a round of tries.
    fn suspend(&mut self, now: Instant) {
        self.attempt.purpose = Purpose::Suspended;
        self.begin_round(now);
        self.forget_given();
        self.wait(now);
        self.note_suspended();
    }

    /// Reports the failure or the loss, and waits for the next try, without end (CON-21).
    fn keep_trying(&mut self, now: Instant) {
        self.attempt.purpose = Purpose::Kept;
        self.attempt.is_put_off = true;
        self.attempt.until = Instant::NEVER;
        self.delays.uncap();
        self.wait(now);
        // The failure has the name of the route that ends with it.
        self.note_failure();
        self.forget_given();
    }

    /// Reports the failure or the loss; what is under way goes on, without end (CON-21).
    fn go_on_trying(&mut self, now: Instant) {
        self.attempt.purpose = Purpose::Kept;
        self.attempt.until = self.end_of_kept_try(now);
        self.delays.uncap();
        self.note_failure();
    }

    /// Settings that were given for this connection only are not used again (CFG-2).
    // size: 3 callers
    #[inline(never)]
    fn forget_given(&mut self) {
        if self.attempt.route.is_given() {
            self.wanted = None;
            self.attempt.route = Route::of(&self.order);
        }
    }

    /// Sets what becomes of failures from now on, and of what is being tried after one.
    pub(crate) fn set_policy(&mut self, policy: Policy, now: Instant) {
        let is_other = core::mem::replace(&mut self.policy, policy) != policy;
        let rests = matches!(
            self.state(),
            ServerState::Disconnected | ServerState::Connected | ServerState::Flushing
        );
        if policy != Policy::SuspendOnError {
            self.resume();
        }
        // An attempt that was requested goes on, and so does the grace.
        let is_after_failure = matches!(self.attempt.purpose, Purpose::Suspended | Purpose::Kept);
        if is_other && !rests && is_after_failure {
            self.conclude(now);
        }
    }

    /// Waits for the next try.
    fn wait(&mut self, now: Instant) {
        if self.attempt.purpose == Purpose::Kept {
            self.attempt.until = Instant::NEVER;
        }
        let is_put_off = core::mem::take(&mut self.attempt.is_put_off);
        let retry = self.delays.wait(is_put_off, now);
        self.transition_to(ServerState::Waiting, retry);
    }

    /// Waits between two rounds, and holds no interface meanwhile.
    fn pause(&mut self, now: Instant) {
        self.wanted = None;
        self.attempt.until = Instant::NEVER;
        let next_round = self.delays.pause(self.pause, now);
        self.transition_to(ServerState::Waiting, next_round);
    }

    /// Whether it waits between two rounds (CON-13).
    // size: 94 B
    #[inline(never)]
    pub(super) fn is_pausing(&self) -> bool {
        self.state() == ServerState::Waiting
            && self.attempt.purpose == Purpose::Suspended
            && self.attempt.until == Instant::NEVER
    }

    /// A wait is over: begins the next try.
    // size: 2 callers
    #[inline(never)]
    pub(super) fn retry(&mut self, now: Instant) {
        if self.is_pausing() {
            // One that is still on its way is not left for another.
            if let Some(id) = self.wanted {
                self.attempt.route.go_to(id, &self.order);
            }
            self.attempt.until = self.delays.end_of_grace(now);
            self.delays.begin_round();
        } else if self.attempt.purpose != Purpose::Asked {
            self.delays.lengthen();
        }
        self.want_next(now);
    }

    /// An interface of the route has come up, or there is traffic for the server: a wait ends that
    /// nobody asked for. Traffic ends a pause only. In a fleet an interface may come up on all devices
    /// at once.
    pub(super) fn hasten(&mut self, is_call: bool, now: Instant) {
        let is_pause = self.is_pausing();
        if is_call && !is_pause {
            return;
        }
        self.deadline = self.delays.cut(self.deadline, is_pause, is_call, now);
        if self.deadline <= now {
            self.retry(now);
        }
    }

    /// Somebody has done something that may help: tries at once. The delay stays as it is.
    pub(super) fn retry_now(&mut self, now: Instant) {
        self.delays.forgive();
        if self.is_pausing() {
            self.attempt.until = self.delays.end_of_grace(now);
            self.delays.uncap();
        }
        self.want_next(now);
    }

    /// The interface has stopped: one that was kept on its way through a pause is let go of.
    pub(super) fn let_go(&mut self) {
        if self.is_pausing() {
            self.wanted = None;
        }
    }

    /// Gives up, and reports it if that was not done already.
    fn give_up(&mut self) {
        self.transition_to(ServerState::Disconnected, Instant::NEVER);
        if self.attempt.purpose != Purpose::Kept {
            self.note_failure();
        }
    }

    /// Drops everything, because a disconnect was requested.
    pub(super) fn drop_all(&mut self) {
        self.transition_to(ServerState::Disconnected, Instant::NEVER);
        self.note_result();
    }

    /// Reports that the attempt has failed, or that the connection is lost.
    // size: 3 callers
    #[inline(never)]
    fn note_failure(&mut self) {
        if self.attempt.needs_result {
            self.note_result();
        } else if let Some(interface) = self.attempt.failure.interface {
            self.note(ConnectorChange::GivenUp(interface));
        }
    }

    /// Reports how the attempt ended, if somebody waits for that.
    fn note_result(&mut self) {
        if core::mem::take(&mut self.attempt.needs_result)
            && let Some(name) = self.name()
        {
            self.note(ConnectorChange::Ended(name));
        }
    }

    // size: 36 B
    #[inline(never)]
    fn note_suspended(&mut self) {
        let suspends = self.attempt.purpose == Purpose::Suspended && !self.suspended;
        if let Some(interface) = self.attempt.failure.interface.filter(|_| suspends) {
            self.suspended = true;
            self.note(ConnectorChange::Suspended(interface));
        }
    }
}
