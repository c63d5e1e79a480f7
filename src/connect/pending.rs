//! The commands of the server connection that the backend has still to be given, and those that it
//! has.

use super::ServerAction;
use super::message::Step;
use crate::generation::Generation;
use crate::nic::{InterfaceId, ProxySettings};

/// What is to be ended and what is to be begun, in this order, and what can still be answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Pending {
    /// The interface over which the backend was told to begin something, and not to drop it since.
    begun: Option<InterfaceId>,
    ends: bool,
    command: Command,
    flushes: bool,
    /// That of the last command.
    generation: Generation,
}

/// The command of the step under way.
#[derive(Clone, Copy, Debug, Default)]
enum Command {
    /// There is none.
    #[default]
    None,
    /// The backend has still to be given it.
    Begins(Step),
    /// The backend has it.
    InForce(Step),
}

impl Pending {
    /// Issues the command of a step, which takes the place of the one before.
    pub(super) fn begin(&mut self, step: Step) {
        self.generation = self.generation.next();
        self.command = Command::Begins(step);
    }

    /// Issues the command to send what waits.
    pub(super) fn flush(&mut self) {
        self.flushes = true;
    }

    /// Ends what the backend was told to begin. What it never heard of needs no ending.
    // Three lead here.
    #[inline(never)]
    pub(super) fn end(&mut self) {
        self.command = Command::None;
        self.flushes = false;
        self.ends = self.begun.is_some();
    }

    /// The step whose command has this generation, if it still counts.
    pub(super) fn step(&self, generation: Generation) -> Option<Step> {
        match self.command {
            Command::InForce(step) if self.generation == generation => Some(step),
            Command::None | Command::Begins(_) | Command::InForce(_) => None,
        }
    }

    pub(super) fn poll_ending(&mut self) -> Option<(InterfaceId, ServerAction<'static>)> {
        if !core::mem::take(&mut self.ends) {
            return None;
        }
        Some((self.begun.take()?, ServerAction::Disconnect))
    }

    pub(super) fn poll_beginning<'a>(
        &mut self,
        interface: InterfaceId,
        proxy: Option<&'a ProxySettings>,
    ) -> Option<(InterfaceId, ServerAction<'a>)> {
        let generation = self.generation;
        let action = match self.command {
            Command::Begins(step) => {
                // Only now can the backend answer.
                self.command = Command::InForce(step);
                self.begun = Some(interface);
                match (step, proxy) {
                    (Step::Resolve, proxy) => ServerAction::Resolve(generation, proxy),
                    (Step::Proxy, Some(proxy)) => ServerAction::ReachProxy(generation, proxy),
                    // Without a proxy that step is never begun.
                    (Step::Proxy | Step::Connect, proxy) => {
                        ServerAction::Connect(generation, proxy)
                    }
                }
            }
            Command::InForce(_) if self.flushes => {
                self.flushes = false;
                ServerAction::Flush(generation)
            }
            Command::None | Command::InForce(_) => return None,
        };
        Some((interface, action))
    }

    pub(super) const fn is_empty(&self) -> bool {
        !self.ends && !matches!(self.command, Command::Begins(_)) && !self.flushes
    }
}
