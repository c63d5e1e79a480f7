//! Over which interfaces a connection is tried, and in which order (CON-14).

use heapless::Vec;

use crate::nic::{InterfaceId, Medium};

/// Over which interfaces a connection is tried, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Over this one, with the settings that are stored or in use.
    Named(InterfaceId),
    /// Over this one, with settings that are used for this connection only (CFG-2).
    Given(InterfaceId),
    /// Over those of the server order, round from this place, and so many more after it.
    Order { place: u8, more: u8 },
}

impl Route {
    /// The order in which interfaces are tried by default.
    pub(super) fn default_order<const N: usize>(
        present: impl Iterator<Item = InterfaceId> + Clone,
    ) -> Vec<InterfaceId, N, u8> {
        let mut order = Vec::new();
        for medium in [Medium::Ethernet, Medium::Wifi, Medium::Cellular] {
            for number in 0..=InterfaceId::HIGHEST_NUMBER {
                let Ok(id) = InterfaceId::new(medium, number) else {
                    continue;
                };
                if present.clone().any(|other| other == id) {
                    // There are not more of them than places.
                    let _ = order.push(id);
                }
            }
        }
        order
    }

    /// All of an order of so many, from the beginning.
    pub(super) fn order(length: usize) -> Self {
        Self::round(0, length)
    }

    fn round(place: u8, length: usize) -> Self {
        let length = u8::try_from(length).unwrap_or(u8::MAX);
        Self::Order {
            place: place.checked_rem(length).unwrap_or(0),
            more: length.saturating_sub(1),
        }
    }

    /// The interface to try now.
    pub(super) fn interface(self, order: &[InterfaceId]) -> Option<InterfaceId> {
        match self {
            Self::Named(id) | Self::Given(id) => Some(id),
            Self::Order { place, .. } => order.get(usize::from(place)).copied(),
        }
    }

    /// Goes on to the next interface, if one is left to be tried.
    pub(super) fn advance(&mut self, order: &[InterfaceId]) -> bool {
        let Self::Order { place, more } = self else {
            return false;
        };
        let length = u8::try_from(order.len()).unwrap_or(u8::MAX);
        let next = place.saturating_add(1).checked_rem(length);
        let (Some(next), Some(rest)) = (next, more.checked_sub(1)) else {
            return false;
        };
        *place = next;
        *more = rest.min(length);
        true
    }

    /// All of it once more, beginning so many interfaces after the present one. Where it begins with
    /// the next, one that takes all the time there is cannot keep the others from being tried.
    // Its remainder takes room, and a round ends in three ways.
    #[inline(never)]
    pub(super) fn restart(&mut self, skipped: u8, order: &[InterfaceId]) {
        if let Self::Order { place, .. } = *self {
            *self = Self::round(place.saturating_add(skipped), order.len());
        }
    }

    pub(super) const fn is_given(self) -> bool {
        matches!(self, Self::Given(_))
    }
}
