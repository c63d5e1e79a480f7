//! The interface to a backend: the code that owns radios, cables and sockets.

use crate::manager::{Command, Event};

/// Executes commands and reports events (DRV-1).
///
/// Both methods return at once. A command that fails is reported as an event,
/// [`Report::Fault`](crate::Report::Fault), at any later time (DRV-3). Secrets in commands may be
/// sealed; a backend that seals them has a [`Vault`](crate::Vault).
pub trait Backend {
    /// Executes a command, or starts to.
    fn execute(&mut self, command: Command<'_>);

    /// Returns the next event in the order of occurrence, or `None` if there is none now.
    fn next_event(&mut self) -> Option<Event<'_>>;
}

impl<B: Backend + ?Sized> Backend for &mut B {
    fn execute(&mut self, command: Command<'_>) {
        (**self).execute(command);
    }

    fn next_event(&mut self) -> Option<Event<'_>> {
        (**self).next_event()
    }
}
