//! The interfaces over which a connection is tried if its request names none (CON-14).

use super::attempt::Route;
use super::machine::Connector;
use crate::nic::InterfaceId;

impl<const N: usize> Connector<N> {
    /// Selects an interface for later connections (CFG-3).
    pub(crate) const fn select(&mut self, id: InterfaceId) {
        self.named = Some(id);
    }

    pub(crate) fn order(&self) -> &[InterfaceId] {
        &self.order
    }

    /// Sets the order. What is being tried goes on; the interfaces after it are those of the new
    /// order.
    pub(crate) fn set_order(&mut self, order: &[InterfaceId]) {
        self.order.clear();
        for id in order {
            // There is room, because the order lists each of the `N` interfaces at most once.
            let _ = self.order.push(*id);
        }
    }

    /// That route, and the first interface of it that is `usable`; `None` if none is.
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

    /// The route of an attempt that names no interface.
    pub(super) fn default_route(&self) -> Route {
        match self.named {
            Some(id) => Route::Named(id),
            None => Route::order(self.order.len()),
        }
    }
}
