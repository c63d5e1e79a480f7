//! What the parent has still to be told.

use heapless::Vec;

use super::ServerState;
use super::attempt::Failure;
use crate::nic::{InterfaceId, InterfaceName};

/// What the parent is told, in the order in which it came about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    /// Another state.
    State(ServerState),
    /// There is a connection, over the interface that was named so.
    Made(InterfaceName),
    /// What was asked for has ended (CON-2).
    Ended(Failure, InterfaceName),
    /// A connection was lost and did not come back (CON-12).
    Lost(Failure, InterfaceId),
    /// The application is to be suspended (CON-13).
    Suspended(Failure),
    /// The application goes on: there is a connection, or nothing is tried any more.
    Resumed,
}

/// The most changes that come about before they are told: a connection is made for which a
/// suspended application has waited, and the result of a request is owed.
const MOST: usize = 4;

/// Changes on their way to the parent, which takes all of them after every input.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    changes: Vec<Change, MOST, u8>,
    /// So many of them are told.
    told: u8,
}

impl Changes {
    // A call takes less room, and there are six.
    #[inline(never)]
    pub(super) fn push(&mut self, change: Change) {
        // Cannot be full: see above.
        let _ = self.changes.push(change);
    }

    pub(super) fn poll(&mut self) -> Option<Change> {
        let next = self.changes.get(usize::from(self.told)).copied();
        if next.is_some() {
            self.told = self.told.saturating_add(1);
        } else {
            *self = Self::default();
        }
        next
    }
}
