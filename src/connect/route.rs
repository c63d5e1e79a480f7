//! Over which interfaces a connection is tried, one after the other.

use super::order::Order;
use crate::nic::{InterfaceId, InterfaceName};

/// The interfaces over which a connection is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Over this one, with the settings that are stored or in use.
    Named(Named),
    /// Over this one, with settings that are used for this connection only (CFG-2).
    Given(Named),
    /// Over those of the server order: now over `at`, which is `None` if there is nothing to try. A
    /// pass began with `first`, and ends before its turn comes again.
    Order {
        at: Option<InterfaceId>,
        first: Option<InterfaceId>,
    },
}

/// An interface, and the name by which it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) id: InterfaceId,
    pub(crate) name: InterfaceName,
}

impl From<InterfaceId> for Named {
    fn from(id: InterfaceId) -> Self {
        Self {
            id,
            name: id.into(),
        }
    }
}

impl Route {
    /// The route of an attempt that names no interface: over the selected one alone, but a disabled
    /// one does not hide the others.
    pub(crate) fn of<const N: usize>(order: &Order<N>) -> Self {
        match order.selected().filter(|id| order.is_enabled(*id)) {
            Some(id) => Self::Named(id.into()),
            None => Self::order(order.next(None, None)),
        }
    }

    /// A pass through the server order that begins here.
    pub(super) const fn order(first: Option<InterfaceId>) -> Self {
        Self::Order { at: first, first }
    }

    /// The interface to try now.
    pub(crate) const fn interface(self) -> Option<InterfaceId> {
        match self {
            Self::Named(named) | Self::Given(named) => Some(named.id),
            Self::Order { at, .. } => at,
        }
    }

    /// The name of an interface in results: as it was asked for, while the route is the one that was
    /// (CON-24).
    pub(super) fn name_of(self, id: InterfaceId) -> InterfaceName {
        match self {
            Self::Named(named) | Self::Given(named) if named.id == id => named.name,
            Self::Named(_) | Self::Given(_) | Self::Order { .. } => id.into(),
        }
    }

    /// The interface whose turn comes after the present one in this pass; a disabled one is passed
    /// over (CON-23).
    fn next<const N: usize>(self, order: &Order<N>) -> Option<InterfaceId> {
        match self {
            Self::Order { at, first } => order.next(at, first),
            Self::Named(_) | Self::Given(_) => None,
        }
    }

    /// Whether no interface is left after the present one.
    pub(super) fn is_at_end<const N: usize>(self, order: &Order<N>) -> bool {
        self.next(order).is_none()
    }

    /// Goes on to the next interface. Returns false if none is left to be tried.
    pub(super) fn advance<const N: usize>(&mut self, order: &Order<N>) -> bool {
        let next = self.next(order);
        if let (Self::Order { at, first }, Some(_)) = (&mut *self, next) {
            *at = next;
            // Where another order was set, the pass begins here.
            if !first.is_some_and(|first| order.is_listed(first)) {
                *first = next;
            }
        }
        next.is_some()
    }

    /// Begins the whole route again at the present interface.
    pub(super) const fn restart(&mut self) {
        if let Self::Order { at, .. } = *self {
            *self = Self::order(at);
        }
    }

    /// Begins the whole route again after the present interface, so that one that takes all the time
    /// does not hide the others.
    // size: 3 callers
    #[inline(never)]
    pub(super) fn restart_after<const N: usize>(&mut self, order: &Order<N>) {
        if let Self::Order { at, .. } = *self {
            *self = Self::order(order.next(at, None).or(at));
        }
    }

    /// Goes on at this interface, with all others after it. Returns false if the route has others
    /// only.
    pub(super) fn go_to<const N: usize>(&mut self, id: InterfaceId, order: &Order<N>) -> bool {
        let Self::Order { at, .. } = *self else {
            return self.interface() == Some(id);
        };
        let is_one = at == Some(id) || order.is_listed(id);
        if is_one {
            *self = Self::order(Some(id));
        }
        is_one
    }

    pub(super) const fn is_given(self) -> bool {
        matches!(self, Self::Given(_))
    }
}
