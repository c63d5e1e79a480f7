//! The commands of an interface: those that wait for the backend, and those that it has.

use super::{Action, Step};
use crate::generation::Generation;

/// Actions that wait for the backend, ends first, and the commands that it can still answer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PendingActions {
    pub(super) stop: bool,
    pub(super) power_down: bool,
    /// Whether the backend was asked to power up, and not to power down since.
    pub(super) powered: bool,
    /// Whether the backend was asked to stop, and to begin nothing since.
    pub(super) stopped: bool,
    /// The step whose command is the newest, while the backend has not got that command.
    pub(super) begins: Option<Step>,
    /// The generation of the newest command that the backend has.
    newest: Generation,
    /// The generation of the newest command that ended something, until its failure is reported.
    pub(super) ended: Option<Generation>,
    /// The steps whose commands the backend has and can still answer, by layer.
    pub(super) in_force: [Option<Step>; Step::LAYERS],
    /// The generations of those commands. Apart from the steps, which saves 12 B in each interface.
    generations: [Generation; Step::LAYERS],
}

/// A command that waits for the backend.
#[derive(Clone, Copy, Debug)]
pub(crate) enum WaitingAction {
    /// Ends something.
    End,
    /// Begins a step.
    Begin,
}

impl PendingActions {
    /// No action. The first command gets the generation after `base`.
    pub(super) fn new(base: Generation) -> Self {
        Self {
            newest: base,
            ..Self::default()
        }
    }

    /// Issues the command of a step; whatever built on the step is over.
    pub(super) fn begin(&mut self, step: Step) {
        self.begins = Some(step);
        self.revoke(step);
    }

    /// Ends a step and all that builds on it. Without a power-up before it, no command is needed.
    pub(super) fn end(&mut self, step: Step) {
        // A command that waits for a lower layer stays, such as the watch on the carrier.
        self.begins = self.begins.filter(|below| below.layer() < step.layer());
        self.revoke(step);
        if self.powered {
            // The layers below a step go on. A step above layer 1 ends without a command, because a
            // stop would end them too, such as the watch on the carrier.
            self.stop |= step.layer() <= 1 && !self.stopped;
            self.power_down |= step.layer() == 0;
        }
    }

    /// Ends all that builds on a step, without a command, because nothing below it ends. What waits
    /// for this step or one below it stays.
    pub(super) fn end_above(&mut self, step: Step) {
        let above = step.layer().saturating_add(1);
        self.begins = self.begins.filter(|below| below.layer() < above);
        if let Some(over) = self.in_force.get_mut(usize::from(above)..) {
            over.fill(None);
        }
    }

    /// Makes reports of `step`, and of every step that builds on it, stale.
    fn revoke(&mut self, step: Step) {
        if let Some(over) = self.in_force.get_mut(usize::from(step.layer())..) {
            over.fill(None);
        }
    }

    /// Whether the backend has the command of this step, and it can still be answered.
    pub(super) fn has(&self, step: Step) -> bool {
        self.in_force.contains(&Some(step))
    }

    /// The step whose command has this generation, if it can still be answered.
    // size: 49 B less than where it is inlined
    #[inline(never)]
    pub(super) fn answered(&self, generation: Generation) -> Option<Step> {
        let commands = self.in_force.iter().zip(&self.generations);
        for (step, issued) in commands {
            if step.is_some() && *issued == generation {
                return *step;
            }
        }
        None
    }

    /// The command that waits for the backend, if one does.
    pub(super) const fn waiting(&self) -> Option<WaitingAction> {
        if self.stop || self.power_down {
            Some(WaitingAction::End)
        } else if self.begins.is_some() {
            Some(WaitingAction::Begin)
        } else {
            None
        }
    }

    /// Whether this generation is that of the newest command that ended something. Returns true
    /// once.
    pub(super) fn take_ended(&mut self, generation: Generation) -> bool {
        self.ended.take_if(|ended| *ended == generation).is_some()
    }

    /// Takes the next action that ends something, with the generation of its command.
    pub(super) fn take_ending(&mut self) -> Option<(Action<'static>, Generation)> {
        let action = if self.stop {
            self.stop = false;
            self.stopped = true;
            Action::Stop
        } else if self.power_down {
            self.power_down = false;
            self.powered = false;
            Action::PowerDown
        } else {
            return None;
        };
        // What ends together has one generation: a power-down often follows a stop at once.
        if self.ended != Some(self.newest) {
            self.newest = self.newest.next();
            self.ended = Some(self.newest);
        }
        Some((action, self.newest))
    }

    /// Takes the step that the backend is to begin now, with the generation of its command.
    pub(super) fn take_beginning(&mut self) -> Option<(Step, Generation)> {
        let step = self.begins.take()?;
        let generation = self.newest.next();
        self.newest = generation;
        // Only now can the backend answer.
        let layer = usize::from(step.layer());
        if let (Some(in_force), Some(issued)) = (
            self.in_force.get_mut(layer),
            self.generations.get_mut(layer),
        ) {
            *in_force = Some(step);
            *issued = generation;
        }
        self.powered |= step.layer() == 0;
        self.stopped = false;
        Some((step, generation))
    }

    /// Whether the backend has still to be asked to begin a step.
    pub(super) const fn begins(&self) -> bool {
        self.begins.is_some()
    }
}
