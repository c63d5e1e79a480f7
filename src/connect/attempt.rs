//! What an attempt is: who asked for it, over which interfaces, and how long it may take.

use super::outcome::Failure;
use crate::nic::{InterfaceId, InterfaceName};
use crate::span::Span;
use crate::time::Instant;

/// The number of an attempt to connect: its request returns it, and its result carries it (CON-26).
///
/// No number is used again within 4 billion attempts; where the first one is, says
/// [`Config::start`](crate::Config::start). An attempt that another request supersedes has no result
/// (CON-9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AttemptId(u32);

impl AttemptId {
    /// The number itself.
    ///
    /// ```
    /// use lankeeper::AttemptId;
    ///
    /// assert_eq!(AttemptId::from_bits(7).to_bits(), 7);
    /// ```
    #[must_use]
    pub const fn to_bits(self) -> u32 {
        self.0
    }

    /// The attempt with this number.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The number of the next attempt.
    pub(super) const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// A connection that somebody asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    pub(crate) route: Route,
    /// The name of the interface in the result; if `None`, that of the one that was tried.
    pub(crate) name: Option<InterfaceName>,
    /// How long each interface may take; if `None`, as configured for its medium.
    pub(crate) timeout: Option<Span>,
    /// Whether a fleet may be asking at once: a configured spread puts the attempt off (CON-18).
    pub(crate) is_put_off: bool,
}

/// Why a connection is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Somebody asked for it.
    Asked,
    /// A connection was lost. `ServerLost` is reported only if it does not come back (CON-12).
    Silent,
    /// The application is suspended meanwhile (CON-13).
    Suspended,
    /// A failure or a loss was reported, and it goes on for ever (CON-21).
    Kept,
}

/// The present attempt, or the most recent one: a present connection is the result of it.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) purpose: Purpose,
    /// The interfaces over which it is tried; the present one carries the connection, if any does.
    pub(super) route: Route,
    /// The name of the interface in the result.
    pub(super) name: Option<InterfaceName>,
    /// Whether somebody waits for a result.
    pub(super) needs_result: bool,
    /// Whether the next wait is put off by a part of the spread: what it follows may have happened
    /// to a whole fleet (CON-18).
    pub(super) is_put_off: bool,
    /// When the try over this interface, or the whole round, is over; never between two rounds, and
    /// while a kept interface comes up. In CONNECTED, when a sign of life is due (CON-30).
    pub(super) until: Instant,
    /// How long each interface may take.
    pub(super) timeout: Option<Span>,
    /// How the newest try failed, or that it succeeded.
    pub(super) failure: Failure,
}

impl Attempt {
    /// Nothing was tried yet.
    pub(super) const NONE: Self = Self {
        purpose: Purpose::Silent,
        route: Route::Order { place: 0, more: 0 },
        name: None,
        timeout: None,
        needs_result: false,
        is_put_off: false,
        failure: Failure::NONE,
        until: Instant::NEVER,
    };

    /// An attempt that somebody asks for.
    pub(super) const fn asked(request: &Request) -> Self {
        Self {
            purpose: Purpose::Asked,
            route: request.route,
            name: request.name,
            timeout: request.timeout,
            needs_result: true,
            is_put_off: request.is_put_off,
            ..Self::NONE
        }
    }
}

/// Over which interfaces a connection is tried, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Over this one, with the settings that are stored or in use.
    Named(InterfaceId),
    /// Over this one, with settings that are used for this connection only (CFG-2).
    Given(InterfaceId),
    /// Over the one at this place of the server order, then over so many more, going round.
    Order { place: u8, more: u8 },
}

impl Route {
    /// All of an order of this length, from the beginning.
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

    /// Goes on to the next interface. Returns false if none is left to be tried.
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

    /// Begins the whole route again, `skipped` interfaces after the present one. Skipping one keeps
    /// an interface that takes all the time from hiding the others.
    // size: 3 callers
    #[inline(never)]
    pub(super) fn restart(&mut self, skipped: u8, order: &[InterfaceId]) {
        if let Self::Order { place, .. } = *self {
            *self = Self::round(place.saturating_add(skipped), order.len());
        }
    }

    /// Goes on at this interface, with all others after it. Returns false if the route has others
    /// only.
    pub(super) fn go_to(&mut self, id: InterfaceId, order: &[InterfaceId]) -> bool {
        let Self::Order { place, .. } = self else {
            return self.interface(order) == Some(id);
        };
        let mut places = (0..).zip(order);
        let Some((found, _)) = places.find(|(_, other)| **other == id) else {
            return false;
        };
        *place = found;
        self.restart(0, order);
        true
    }

    /// Whether no interface is left after the present one.
    pub(super) const fn is_at_end(self) -> bool {
        !matches!(self, Self::Order { more: 1.., .. })
    }

    pub(super) const fn is_given(self) -> bool {
        matches!(self, Self::Given(_))
    }
}
