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
    begins: Option<(Step, Generation)>,
    flushes: bool,
    last_generation: Generation,
    in_force: Option<(Step, Generation)>,
}

impl Pending {
    /// Issues the command of a step, which takes the place of the one before.
    pub(super) fn begin(&mut self, step: Step) {
        self.last_generation = self.last_generation.next();
        self.begins = Some((step, self.last_generation));
        self.in_force = None;
    }

    /// Issues the command to send what waits.
    pub(super) fn flush(&mut self) {
        self.flushes = true;
    }

    /// Ends what the backend was told to begin. What it never heard of needs no ending.
    pub(super) fn end(&mut self) {
        self.begins = None;
        self.in_force = None;
        self.flushes = false;
        self.ends |= self.begun.is_some();
    }

    /// The step whose command has this generation, if it still counts.
    pub(super) fn step(&self, generation: Generation) -> Option<Step> {
        let (step, in_force) = self.in_force?;
        (in_force == generation).then_some(step)
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
        let Some((step, generation)) = self.begins.take() else {
            let (_, generation) = self.in_force?;
            let flushes = core::mem::take(&mut self.flushes);
            return flushes.then_some((interface, ServerAction::Flush(generation)));
        };
        // Only now can the backend answer.
        self.in_force = Some((step, generation));
        self.begun = Some(interface);
        let action = match (step, proxy) {
            (Step::Resolve, proxy) => ServerAction::Resolve(generation, proxy),
            (Step::Proxy, Some(proxy)) => ServerAction::ReachProxy(generation, proxy),
            // Without a proxy that step is never begun.
            (Step::Proxy | Step::Connect, proxy) => ServerAction::Connect(generation, proxy),
        };
        Some((interface, action))
    }

    pub(super) const fn is_empty(&self) -> bool {
        !self.ends && self.begins.is_none() && !self.flushes
    }
}
