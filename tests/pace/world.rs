//! What the world does: how it answers commands, and what it does unasked.

use lankeeper::{Instant, InterfaceId, Report, ServerReport, ServerState, State};

use super::kind::{Kind, ServerKind};

/// A report, and how many milliseconds later it comes.
pub(super) type Later<R> = (u64, R);

pub(super) trait World {
    /// A command was given: the reports that answer it. They come only while it is in force.
    fn answer(&mut self, _: Instant, _: InterfaceId, kind: Kind) -> Vec<Later<Report>> {
        kind.succeeds(0)
    }

    /// An interface has entered a state: the reports that the world has of itself. They come if a
    /// command is in force then that allows them.
    fn entered(&mut self, _: Instant, _: InterfaceId, _: State) -> Vec<Later<Report>> {
        Vec::new()
    }

    /// As [`World::answer`], of the server connection.
    fn serve(&mut self, _: Instant, kind: ServerKind) -> Vec<Later<ServerReport>> {
        kind.succeeds(0)
    }

    /// As [`World::entered`], of the server connection.
    fn server_entered(&mut self, _: Instant, _: ServerState) -> Vec<Later<ServerReport>> {
        Vec::new()
    }

    /// Reports at a moment of the world's own choosing, which begins with the run: those that are
    /// due now, and when to ask again.
    fn wake(&mut self, _: Instant) -> (Vec<(InterfaceId, Report)>, Option<Instant>) {
        (Vec::new(), None)
    }
}

/// A world in which all is well.
pub(super) struct Friendly;

impl World for Friendly {}
