//! How a connection is tried: over which interface next, and what becomes of it when that fails.

use super::attempt::{Effort, Failure, Purpose, Request};
use super::machine::{Change, Connector};
use super::message::Step;
use super::phase::Phase;
use super::route::Route;
use super::{Outcome, Policy, ServerState};
use crate::nic::Medium;
use crate::time::{Alarm, Instant};

impl<const N: usize> Connector<N> {
    /// Tries over the interface that comes next.
    pub(super) fn attempt(&mut self, now: Instant, mut effort: Effort) {
        let Some(id) = effort.request.route.interface(&self.order) else {
            return self.conclude(now, effort);
        };
        if effort.purpose == Purpose::Asked {
            let configured = self.config.timeouts.of(id.medium());
            effort.until = Alarm::after(now, effort.request.timeout.unwrap_or(configured));
        }
        self.held = Some(id);
        self.tried = Some(id);
        self.wish = true;
        self.transition_to(ServerState::WaitingForInterface, Phase::Trying(effort));
    }

    /// Goes to a state of the same effort, and issues the command of its step. Without one the
    /// interface is on its way again, and what was begun over it is over.
    pub(super) fn enter(&mut self, state: ServerState, phase: Phase) {
        match Step::of(state) {
            Some(step) => self.pending.begin(step),
            None => self.pending.end(),
        }
        self.transition_to(state, phase);
    }

    pub(super) fn succeed(&mut self, now: Instant, effort: Effort) {
        let route = effort.request.route;
        let stable_at = Alarm::after(now, self.back_off.stable_after());
        self.transition_to(ServerState::Connected, Phase::Up { route, stable_at });
        // There is no success over no interface.
        let Some(id) = self.held else { return };
        self.tell(Change::Made(effort.request.name_of(id)));
        if effort.owes_result {
            self.tell_result(effort.request, id, Failure::new(Outcome::ServerConnected));
        }
    }

    /// The try over this interface failed: the next one, or the end of this pass.
    pub(super) fn fail(&mut self, now: Instant, mut effort: Effort, failure: Failure) {
        self.pending.end();
        effort.failure = self.by_medium(failure);
        if let Some(rest) = effort.request.route.rest(&self.order) {
            effort.request.route = rest;
            return self.attempt(now, effort);
        }
        effort.request.route = effort.request.route.starting_next(&self.order);
        match effort.purpose {
            Purpose::Asked => self.conclude(now, effort),
            Purpose::Silent | Purpose::Suspended => self.wait(now, effort),
        }
    }

    pub(super) fn time_out(&mut self, now: Instant, mut effort: Effort, failure: Failure) {
        match effort.purpose {
            Purpose::Asked => self.fail(now, effort, failure),
            // The whole round is over.
            Purpose::Silent | Purpose::Suspended => {
                self.pending.end();
                effort.failure = self.by_medium(failure);
                effort.request.route = effort.request.route.starting_next(&self.order);
                self.conclude(now, effort);
            }
        }
    }

    /// Everything has been tried, or the time is over: what the policy makes of that.
    pub(super) fn conclude(&mut self, now: Instant, effort: Effort) {
        match (self.policy, effort.purpose) {
            (Policy::SuspendOnError, Purpose::Suspended) => self.pause(now, effort),
            (Policy::SuspendOnError, Purpose::Asked | Purpose::Silent) => {
                self.suspend(now, effort);
            }
            (Policy::ReturnOnError | Policy::ReturnOnErrorNoDisconnect, _) => self.finish(effort),
        }
    }

    /// A connection is lost that nobody asked to drop.
    pub(super) fn lose(
        &mut self,
        now: Instant,
        route: Route,
        failure: Failure,
        is_on_its_way: bool,
    ) {
        self.pending.end();
        let effort = Effort {
            purpose: Purpose::Silent,
            request: Request {
                route: route.again(&self.order),
                name: None,
                timeout: None,
            },
            owes_result: false,
            failure: self.by_medium(failure),
            until: Alarm::after(now, self.config.grace),
        };
        match (self.policy, route) {
            (Policy::SuspendOnError, Route::Given(_)) => self.suspend(now, effort),
            (_, Route::Given(_)) => self.finish(effort),
            (policy, _) => {
                let effort = Effort {
                    purpose: match policy {
                        Policy::SuspendOnError => Purpose::Suspended,
                        Policy::ReturnOnError | Policy::ReturnOnErrorNoDisconnect => {
                            Purpose::Silent
                        }
                    },
                    ..effort
                };
                if is_on_its_way {
                    self.transition_to(ServerState::WaitingForInterface, Phase::Trying(effort));
                } else {
                    self.wait(now, effort);
                }
                self.tell_suspended(effort);
            }
        }
    }

    /// Tries on for a while, and again after a pause, until there is a connection.
    pub(super) fn suspend(&mut self, now: Instant, mut effort: Effort) {
        effort.purpose = Purpose::Suspended;
        effort.until = Alarm::after(now, self.config.grace);
        if effort.request.route.is_given() {
            // What was given for this connection only is not used again (CFG-2).
            self.let_go();
            effort.request.route = self.default_route();
            // With the interface the given settings are let go of (CFG-2).
            self.let_go();
        }
        self.wait(now, effort);
        self.tell_suspended(effort);
    }

    pub(super) fn tell_suspended(&mut self, effort: Effort) {
        if effort.purpose == Purpose::Suspended && !core::mem::replace(&mut self.suspended, true) {
            self.tell(Change::Suspended(effort.failure));
        }
    }

    /// Waits for the next try of a round.
    pub(super) fn wait(&mut self, now: Instant, effort: Effort) {
        let retry_at = Alarm::after(now, self.back_off.delay());
        let pauses = false;
        self.wish = false;
        self.transition_to(
            ServerState::Waiting,
            Phase::Waiting {
                effort,
                retry_at,
                pauses,
            },
        );
    }

    /// Waits between two rounds, and holds no interface meanwhile.
    pub(super) fn pause(&mut self, now: Instant, effort: Effort) {
        let retry_at = Alarm::after(now, self.back_off.shortened(self.config.pause));
        let pauses = true;
        self.let_go();
        self.transition_to(
            ServerState::Waiting,
            Phase::Waiting {
                effort,
                retry_at,
                pauses,
            },
        );
    }

    pub(super) fn retry(&mut self, now: Instant, mut effort: Effort, pauses: bool) {
        if pauses {
            effort.until = Alarm::after(now, self.config.grace);
        } else {
            self.back_off.lengthen();
        }
        self.attempt(now, effort);
    }

    /// Gives up, and tells.
    pub(super) fn finish(&mut self, effort: Effort) {
        self.let_go();
        self.transition_to(ServerState::Disconnected, Phase::Idle);
        match self.tried {
            Some(id) if effort.owes_result => self.tell_result(effort.request, id, effort.failure),
            Some(id) => self.tell(Change::Lost(effort.failure, id)),
            // There is no end without a beginning.
            None => {}
        }
    }

    /// Drops everything because that was asked for.
    pub(super) fn drop_all(&mut self) {
        self.pending.end();
        match self.phase.effort().filter(|effort| effort.owes_result) {
            Some(mut effort) => {
                effort.failure = Failure::new(Outcome::NotConnected);
                self.finish(effort);
            }
            None => {
                self.let_go();
                self.transition_to(ServerState::Disconnected, Phase::Idle);
            }
        }
    }

    pub(super) fn let_go(&mut self) {
        self.wish = false;
        self.held = None;
    }

    /// Without PPP there is no outcome of it (CON-11).
    pub(super) fn by_medium(&self, mut failure: Failure) -> Failure {
        let is_ppp = self.held.is_some_and(|id| id.medium() == Medium::Cellular);
        if failure.outcome == Outcome::PppNoConnectivity && !is_ppp {
            failure.outcome = Outcome::NoServer;
        }
        failure
    }
}
