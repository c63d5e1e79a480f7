//! Whose turn it is, and what changes that: another order, an interface that is selected, enabled or
//! disabled, and news for which a wait ends (CON-19, CON-22, CON-23).

use super::ServerState;
use super::machine::Connector;
use super::order::Order;
use super::route::{Named, Route};
use crate::nic::InterfaceId;
use crate::time::Instant;

impl<const N: usize> Connector<N> {
    /// The interface whose turn it is. A disabled one is passed over; where nobody asked for the
    /// present route, that does not end the pass.
    pub(super) fn next_enabled(&mut self) -> Option<InterfaceId> {
        let turn = self.attempt.route.interface();
        if turn.is_some_and(|id| self.order.is_enabled(id)) {
            return turn;
        }
        if !self.is_asked() {
            self.leave_disabled();
        } else if !self.attempt.route.advance(&self.order) {
            return None;
        }
        self.attempt.route.interface()
    }

    /// Goes on over the server order if the interface of the route is disabled (CON-23).
    fn leave_disabled(&mut self) {
        let turn = self.attempt.route.interface();
        if !turn.is_some_and(|id| self.order.is_enabled(id)) {
            self.attempt.route = match self.attempt.route {
                Route::Order { at, .. } => Route::order(self.order.next(at, None)),
                Route::Named(_) | Route::Given(_) => Route::of(&self.order),
            };
        }
    }

    /// Whether this interface is one of the route. If so, the route goes on there.
    pub(super) fn goes_over(&mut self, id: InterfaceId) -> bool {
        self.leave_disabled();
        self.attempt.route.go_to(id, &self.order)
    }

    /// Has a wait ended, because something changed for which a try is worth while: over this
    /// interface if it is one of the route, or from the beginning of the order.
    pub(crate) fn take_news(&mut self, interface: Option<InterfaceId>, now: Instant) {
        // What was asked for and put off begins in its time (CON-18).
        if self.state() != ServerState::Waiting || self.is_asked() {
            return;
        }
        match interface {
            Some(id) if self.order.selected() != Some(id) => {
                if !self.goes_over(id) {
                    return;
                }
            }
            _ => self.attempt.route = Route::of(&self.order),
        }
        self.handle_news(now);
    }

    /// Selects an interface for later connections, or none (CFG-3). What was asked for goes on; a
    /// connection over the selected one is tried again over that alone, and one over an interface that
    /// is selected no more over the whole order.
    pub(crate) fn select(&mut self, selected: Option<Named>) {
        self.order.select(selected.map(|named| named.id));
        if self.is_asked() && self.state() != ServerState::Connected {
            return;
        }
        self.attempt.route = match (self.attempt.route, selected) {
            (Route::Named(former), None) => Route::order(Some(former.id)),
            (Route::Order { at, .. }, Some(named)) if at == Some(named.id) => Route::Named(named),
            (route, _) => route,
        };
    }

    /// Lists the interfaces of the server order. What is being tried goes on; the interfaces after it
    /// are those of the new order.
    pub(crate) fn set_order(&mut self, order: &[InterfaceId]) {
        self.order.list(order);
        self.attempt.route.restart();
    }

    /// Enables or disables an interface.
    pub(crate) fn set_enabled(&mut self, id: InterfaceId, enabled: bool) {
        self.order.set_enabled(id, enabled);
    }

    pub(crate) fn is_enabled(&self, id: InterfaceId) -> bool {
        self.order.is_enabled(id)
    }

    pub(crate) const fn order(&self) -> &Order<N> {
        &self.order
    }
}
