//! What decides the future of the server connection.

use core::hash::{Hash, Hasher};
use core::mem::discriminant;

use super::ServerState;
use super::delays::SALT;
use super::machine::Connector;
use super::message::Newest;
use super::route::Route;
use crate::time::Instant;

impl<const N: usize> Connector<N> {
    /// Writes all that decides what it does from now on: no generation, no counter, and of an
    /// attempt that is over nothing.
    pub(crate) fn view(&self, now: Instant, into: &mut impl Hasher) {
        discriminant(&self.state).hash(into);
        (self.policy, self.wanted, self.try_waits).hash(into);
        (self.has_proxy, self.called, self.suspended).hash(into);
        self.is_stable.hash(into);
        self.deadline.rest(now).hash(into);
        if self.state != ServerState::Disconnected {
            let attempt = &self.attempt;
            discriminant(&attempt.purpose).hash(into);
            discriminant(&attempt.route).hash(into);
            match attempt.route {
                Route::Named(named) | Route::Given(named) => (named.id, named.name).hash(into),
                Route::Order { at, first } => (at, first).hash(into),
            }
            (attempt.needs_result, attempt.is_put_off).hash(into);
            attempt.until.rest(now).hash(into);
            attempt.timeout.map(|span| span.as_millis()).hash(into);
            let failure = attempt.failure;
            (failure.interface, failure.outcome, failure.code).hash(into);
        }
        let pending = &self.pending;
        (pending.begun, pending.ends, pending.flushes).hash(into);
        discriminant(&pending.newest).hash(into);
        if let Newest::Waits(step) | Newest::InForce(step) = pending.newest {
            discriminant(&step).hash(into);
        }
        pending.ended.is_some().hash(into);
        let delays = &self.delays;
        delays.back_off.next_delay().as_millis().hash(into);
        (delays.grown.as_millis(), delays.is_capped).hash(into);
        delays.not_before.rest(now).hash(into);
        self.order.listed.as_slice().hash(into);
        self.order.selected().hash(into);
    }

    /// Begins its random numbers anew.
    pub(crate) fn reseed(&mut self, seed: u64) {
        self.delays.back_off.reseed(seed, SALT);
    }
}
