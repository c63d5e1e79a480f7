//! How the server connection stands, and what is set for later.

use super::attempt::Failure;
use super::machine::Connector;
use super::route::Route;
use super::{Policy, ServerState};
use crate::nic::{InterfaceId, InterfaceName};
use crate::time::Instant;

impl<const N: usize> Connector<N> {
    pub(crate) const fn state(&self) -> ServerState {
        self.state
    }

    pub(crate) const fn policy(&self) -> Policy {
        self.policy
    }

    /// How it failed last, or succeeded.
    pub(crate) const fn failure(&self) -> Failure {
        self.effort.failure
    }

    /// The interface that was tried last, and what the result calls it.
    pub(crate) fn tried(&self) -> Option<(InterfaceId, InterfaceName)> {
        let id = self.tried?;
        Some((id, self.effort.name_of(id)))
    }

    /// Lifts `now` to the latest instant seen (TIME-2), which is the present one from now on.
    pub(crate) fn advance(&mut self, now: Instant) -> Instant {
        self.latest.advance(now)
    }

    /// The present instant: that of the input under way.
    pub(crate) const fn now(&self) -> Instant {
        self.latest.get()
    }

    /// The interface that the connection or the attempt uses.
    pub(crate) const fn held(&self) -> Option<InterfaceId> {
        self.held
    }

    /// Whether this interface carries the connection.
    pub(crate) fn carries(&self, id: InterfaceId) -> bool {
        matches!(self.state, ServerState::Connected | ServerState::Flushing)
            && self.held == Some(id)
    }

    /// Whether it is told of this interface's doings: the one that it was brought up for it.
    pub(crate) fn watches(&self, id: InterfaceId) -> bool {
        self.held == Some(id) && !self.wish
    }

    /// Whether the settings in use are for this connection or attempt only (CFG-2).
    pub(crate) fn is_given(&self) -> bool {
        self.state != ServerState::Disconnected && self.effort.route.is_given()
    }

    /// The device woke: the next server call is the first one.
    pub(crate) fn wake(&mut self) {
        self.called = false;
    }

    /// Takes note of a server call, and tells whether it is the first one since the device started
    /// or woke (CON-16).
    pub(crate) fn note_call(&mut self) -> bool {
        !core::mem::replace(&mut self.called, true)
    }

    /// Selects an interface for later connections (CFG-3).
    pub(crate) fn select(&mut self, id: InterfaceId) {
        self.named = Some(id);
    }

    pub(crate) fn order(&self) -> &[InterfaceId] {
        &self.order
    }

    /// Sets the order; what is being tried goes on, and what is left of it is that of the new one.
    pub(crate) fn set_order(&mut self, order: &[InterfaceId]) {
        self.order = order.iter().copied().take(N).collect();
    }

    /// Where a connection is tried that names no interface, and the first of those (CON-14). `None`
    /// if none is `usable`.
    pub(crate) fn first_route(
        &self,
        usable: impl Fn(InterfaceId) -> bool,
    ) -> Option<(InterfaceId, Route)> {
        let mut route = self.default_route();
        loop {
            match route.interface(&self.order) {
                Some(id) if usable(id) => return Some((id, route)),
                _ if route.advance(&self.order) => {}
                _ => return None,
            }
        }
    }

    pub(super) fn default_route(&self) -> Route {
        match self.named {
            Some(id) => Route::Named(id),
            None => Route::order(self.order.len()),
        }
    }

    /// Reports that meant nothing in their state, and reports of commands that were over.
    pub(crate) const fn ignored(&self) -> (u32, u32) {
        (self.ignored, self.stale)
    }
}
