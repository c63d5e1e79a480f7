//! How a connection is tried: over which interface next, and what becomes of it when that fails.

use super::attempt::{Failure, Purpose};
use super::changes::Changes;
use super::machine::Connector;
use super::message::Step;
use super::{Outcome, Policy, ServerState};
use crate::alarm::Alarm;
use crate::nic::Medium;

impl<const N: usize> Connector<N> {
    /// Tries over the interface that comes next.
    pub(super) fn attempt(&mut self) {
        let Some(id) = self.effort.route.interface(&self.order) else {
            return self.conclude();
        };
        if self.effort.purpose == Purpose::Asked {
            let span = self.effort.timeout_or(self.timeouts.of(id.medium()));
            self.effort.until = self.after(span);
        }
        self.held = Some(id);
        self.wish = true;
        self.transition_to(ServerState::WaitingForInterface);
    }

    /// Goes to a state of the same effort, and issues its command. On its way again the interface
    /// has none, and what was begun over it is over.
    pub(super) fn enter(&mut self, state: ServerState) {
        match Step::of(state) {
            Some(step) => self.pending.begin(step),
            None if state == ServerState::Flushing => self.pending.flush(),
            None => self.pending.end(),
        }
        self.transition_to(state);
    }

    pub(super) fn succeed(&mut self) {
        self.transition_to(ServerState::Connected);
        self.timer = self.after(self.back_off.stable_after());
        self.effort.failure = Failure::new(Outcome::ServerConnected);
        self.tell(Changes::MADE);
        self.tell_result();
    }

    /// Ends what was begun, and takes note of why.
    // Four kinds of ends lead here.
    #[inline(never)]
    pub(super) fn end(&mut self, mut failure: Failure) {
        self.pending.end();
        // Without PPP there is no outcome of it (CON-11).
        let is_ppp = self.held.is_some_and(|id| id.medium() == Medium::Cellular);
        if failure.outcome == Outcome::PppNoConnectivity && !is_ppp {
            failure.outcome = Outcome::NoServer;
        }
        self.effort.failure = failure;
    }

    /// The try over this interface failed: the next one, or the end of this pass.
    pub(super) fn fail(&mut self) {
        if self.effort.route.advance(&self.order) {
            return self.attempt();
        }
        self.effort.route.restart(1, &self.order);
        match self.effort.purpose {
            Purpose::Asked => self.conclude(),
            Purpose::Silent | Purpose::Suspended => self.wait(),
        }
    }

    pub(super) fn time_out(&mut self) {
        match self.effort.purpose {
            Purpose::Asked => self.fail(),
            // The whole round is over.
            Purpose::Silent | Purpose::Suspended => {
                self.effort.route.restart(1, &self.order);
                self.conclude();
            }
        }
    }

    /// Everything has been tried, or the time is over: what the policy makes of that.
    fn conclude(&mut self) {
        match (self.policy, self.effort.purpose) {
            (Policy::SuspendOnError, Purpose::Suspended) => self.pause(),
            (Policy::SuspendOnError, Purpose::Asked | Purpose::Silent) => self.suspend(),
            (Policy::ReturnOnError | Policy::ReturnOnErrorNoDisconnect, _) => self.finish(),
        }
    }

    /// A connection is lost that nobody asked to drop.
    pub(super) fn lose(&mut self, is_on_its_way: bool) {
        self.effort.name = None;
        self.effort.route.restart(0, &self.order);
        self.effort.until = self.after(self.grace);
        let suspends = self.policy == Policy::SuspendOnError;
        self.effort.purpose = if suspends {
            Purpose::Suspended
        } else {
            Purpose::Silent
        };
        let is_given = self.effort.route.is_given();
        if is_on_its_way && !is_given {
            self.transition_to(ServerState::WaitingForInterface);
            self.tell_suspended();
        } else if suspends {
            self.suspend();
        } else if is_given {
            self.finish();
        } else {
            self.wait();
        }
    }

    /// Tries on for a while, and again after a pause, until there is a connection.
    fn suspend(&mut self) {
        self.effort.purpose = Purpose::Suspended;
        self.effort.until = self.after(self.grace);
        if self.effort.route.is_given() {
            // What was given for this connection only is let go of, and not used again (CFG-2).
            self.let_go();
            self.effort.route = self.default_route();
        }
        self.wait();
        self.tell_suspended();
    }

    fn tell_suspended(&mut self) {
        let suspends = self.effort.purpose == Purpose::Suspended;
        if suspends && !core::mem::replace(&mut self.suspended, true) {
            self.tell(Changes::SUSPENDED);
        }
    }

    /// Waits for the next try of a round.
    fn wait(&mut self) {
        self.wish = false;
        self.transition_to(ServerState::Waiting);
        let delay = self.back_off.delay();
        self.timer = self.after(delay);
    }

    /// Waits between two rounds, and holds no interface meanwhile.
    fn pause(&mut self) {
        self.let_go();
        self.effort.until = Alarm::OFF;
        self.transition_to(ServerState::Waiting);
        let pause = self.back_off.shortened(self.pause);
        self.timer = self.after(pause);
    }

    pub(super) fn retry(&mut self) {
        if self.effort.until.is_on() {
            self.back_off.lengthen();
        } else {
            // A pause is over.
            self.effort.until = self.after(self.grace);
        }
        self.attempt();
    }

    /// The connection has proved stable.
    pub(super) fn trust(&mut self) {
        self.back_off.reset();
        self.timer = Alarm::OFF;
    }

    /// Gives up, and tells.
    pub(super) fn finish(&mut self) {
        self.leave();
        if self.effort.owes_result {
            self.tell_result();
        } else {
            self.tell(Changes::LOST);
        }
    }

    /// Drops everything because that was asked for.
    pub(super) fn drop_all(&mut self) {
        self.leave();
        self.tell_result();
    }

    fn leave(&mut self) {
        self.let_go();
        self.transition_to(ServerState::Disconnected);
    }

    fn let_go(&mut self) {
        self.wish = false;
        self.held = None;
    }

    /// Tells how it ended to who waits for that.
    fn tell_result(&mut self) {
        if core::mem::take(&mut self.effort.owes_result) {
            self.tell(Changes::ENDED);
        }
    }
}
