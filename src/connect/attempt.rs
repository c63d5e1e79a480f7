//! What an attempt is: for whom, until when, and how it failed.

use super::Outcome;
use super::route::Route;
use crate::nic::{InterfaceId, InterfaceName};
use crate::time::{Alarm, Duration};

/// Why something was not reached, and the backend's own code.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failure {
    pub(crate) outcome: Outcome,
    pub(crate) code: Option<i32>,
}

impl Failure {
    pub(crate) const fn new(outcome: Outcome) -> Self {
        Self {
            outcome,
            code: None,
        }
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    pub(crate) route: Route,
    /// What the result calls the interface; else the name of the one that was tried.
    pub(crate) name: Option<InterfaceName>,
    /// How long each interface may take; else what is configured for its medium.
    pub(crate) timeout: Option<Duration>,
}

impl Request {
    /// What the interface is called that was tried for it.
    pub(super) fn name_of(&self, id: InterfaceId) -> InterfaceName {
        self.name.unwrap_or(id.into())
    }
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

/// What is being tried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    pub(super) purpose: Purpose,
    pub(super) request: Request,
    /// Whether somebody waits for a result.
    pub(super) owes_result: bool,
    /// The last failure.
    pub(super) failure: Failure,
    /// When the try over this interface, or the whole round, is over. Off only at the very end of
    /// time.
    pub(super) until: Alarm,
}
