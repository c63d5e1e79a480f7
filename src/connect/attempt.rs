//! What an attempt is: for whom, until when, and how it failed.

use super::Outcome;
use super::route::Route;
use crate::alarm::Alarm;
use crate::nic::{InterfaceId, InterfaceName};
use crate::span::Span;

/// Why something was not reached, and the backend's own code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure {
    pub(crate) outcome: Outcome,
    // An option of a number would take up half as much again.
    has_code: bool,
    code: i32,
}

impl Failure {
    /// None that says why.
    pub(crate) const NONE: Self = Self::new(Outcome::NotConnected);

    pub(crate) const fn new(outcome: Outcome) -> Self {
        Self::with_code(outcome, None)
    }

    pub(crate) const fn with_code(outcome: Outcome, code: Option<i32>) -> Self {
        Self {
            outcome,
            has_code: code.is_some(),
            code: match code {
                Some(code) => code,
                None => 0,
            },
        }
    }

    pub(crate) const fn code(self) -> Option<i32> {
        if self.has_code { Some(self.code) } else { None }
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    pub(crate) route: Route,
    /// What the result calls the interface; else the name of the one that was tried.
    pub(crate) name: Option<InterfaceName>,
    /// How long each interface may take; else what is configured for its medium.
    pub(crate) timeout: Option<Span>,
}

/// For whom something is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Somebody asked for it.
    Asked,
    /// A connection was lost, and nobody has been told yet (CON-12).
    Silent,
    /// The application is suspended meanwhile (CON-13).
    Suspended,
}

/// What is being tried, or was tried last: the connection that there is came of it.
#[derive(Clone, Debug)]
// What is asked for most stands first, as in its owner.
#[repr(C)]
pub(super) struct Effort {
    pub(super) purpose: Purpose,
    /// Over which interfaces it is tried, or the connection is.
    pub(super) route: Route,
    /// What the result calls the interface.
    pub(super) name: Option<InterfaceName>,
    /// Whether somebody waits for a result.
    pub(super) owes_result: bool,
    /// When the try over this interface, or the whole round, is over. Off between two rounds, and
    /// at the very end of time.
    pub(super) until: Alarm,
    /// How long each interface may take.
    timeout: Option<Span>,
    /// How it failed last, or succeeded.
    pub(super) failure: Failure,
}

impl Effort {
    /// Nothing was tried yet.
    pub(super) const NONE: Self = Self {
        purpose: Purpose::Silent,
        route: Route::Order { place: 0, more: 0 },
        name: None,
        timeout: None,
        owes_result: false,
        failure: Failure::NONE,
        until: Alarm::OFF,
    };

    /// An attempt that somebody asks for.
    pub(super) fn asked(request: &Request) -> Self {
        Self {
            purpose: Purpose::Asked,
            route: request.route,
            name: request.name,
            timeout: request.timeout,
            owes_result: true,
            ..Self::NONE
        }
    }

    /// What the interface is called that was tried for it.
    pub(super) fn name_of(&self, id: InterfaceId) -> InterfaceName {
        self.name.unwrap_or(id.into())
    }

    /// How long an interface may take that may take so long by default.
    pub(super) fn timeout_or(&self, configured: Span) -> Span {
        self.timeout.unwrap_or(configured)
    }
}
