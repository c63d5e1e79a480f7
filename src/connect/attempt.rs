//! What an attempt is: who asked for it, over which interfaces, and how long it may take.

use super::outcome::Failure;
use super::route::Route;
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
    /// How the newest try failed, or that it succeeded; over which interface, or over which one the
    /// first is to be.
    pub(super) failure: Failure,
}

impl Attempt {
    /// Nothing was tried yet.
    pub(super) const NONE: Self = Self {
        purpose: Purpose::Silent,
        route: Route::order(None),
        timeout: None,
        needs_result: false,
        is_put_off: false,
        failure: Failure::NONE,
        until: Instant::NEVER,
    };

    /// An attempt that somebody asks for.
    pub(super) const fn asked(request: &Request) -> Self {
        Self {
            failure: Failure {
                interface: request.route.interface(),
                ..Failure::NONE
            },
            purpose: Purpose::Asked,
            route: request.route,
            timeout: request.timeout,
            needs_result: true,
            is_put_off: request.is_put_off,
            ..Self::NONE
        }
    }
}
