//! The commands of an interface that the backend has still to be given, and those that it has.

use bitflags::bitflags;

use super::{Action, Step};
use crate::generation::Generation;

bitflags! {
    /// Commands of ending something, in this order.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    struct Endings: u8 {
        const STOP = 1;
        const POWER_DOWN = 2;
    }
}

impl Endings {
    /// What ends `step` and all that builds on it.
    const fn of(step: Step) -> Self {
        match step.height() {
            0 => Self::all(),
            1 => Self::STOP,
            // What is below still runs, as the watch on the carrier.
            _ => Self::empty(),
        }
    }
}

/// How many steps can be in force at once: one of each height.
const HEIGHTS: usize = 5;

/// What is to be ended and what is to be begun, in this order, and what can still be answered.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pending {
    /// Whether the backend was told to power up, and not to power down since.
    powered: bool,
    endings: Endings,
    /// The step whose command has the last generation, if the backend has not got it yet.
    begins: Option<Step>,
    last_generation: Generation,
    /// The steps whose commands the backend has and that still count, by their height.
    in_force: [Option<Step>; HEIGHTS],
    /// The generations of those commands.
    generations: [Generation; HEIGHTS],
}

impl Pending {
    /// Issues the command of a step; whatever built on it is over.
    pub(super) fn begin(&mut self, step: Step) {
        self.last_generation = self.last_generation.next();
        self.begins = Some(step);
        self.revoke(step);
    }

    /// Ends a step and all that builds on it. What the backend never heard of needs no ending.
    pub(super) fn end(&mut self, step: Step) {
        self.begins = None;
        self.revoke(step);
        if self.powered {
            self.endings.insert(Endings::of(step));
        }
    }

    /// What `step` and every step that builds on it may still report counts no more.
    fn revoke(&mut self, step: Step) {
        for (height, place) in (0..).zip(&mut self.in_force) {
            if height >= step.height() {
                *place = None;
            }
        }
    }

    /// The step whose command has this generation, if it still counts.
    pub(super) fn step(&self, generation: Generation) -> Option<Step> {
        let mut commands = self.in_force.iter().zip(&self.generations);
        let (step, _) = commands.find(|(step, other)| step.is_some() && **other == generation)?;
        *step
    }

    /// The next action that ends something.
    pub(super) fn poll_ending(&mut self) -> Option<Action<'static>> {
        if self.endings.contains(Endings::STOP) {
            self.endings.remove(Endings::STOP);
            Some(Action::Stop)
        } else if self.endings.contains(Endings::POWER_DOWN) {
            self.endings.remove(Endings::POWER_DOWN);
            self.powered = false;
            Some(Action::PowerDown)
        } else {
            None
        }
    }

    /// The step that the backend is to begin now, with the generation of its command.
    pub(super) fn poll_beginning(&mut self) -> Option<(Step, Generation)> {
        let step = self.begins.take()?;
        // Only now can the backend answer.
        let height = usize::from(step.height());
        *self.in_force.get_mut(height)? = Some(step);
        *self.generations.get_mut(height)? = self.last_generation;
        self.powered |= step == Step::Power;
        Some((step, self.last_generation))
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.endings.is_empty() && !self.begins()
    }

    /// Whether the backend has still to be told to begin a step.
    pub(super) const fn begins(&self) -> bool {
        self.begins.is_some()
    }
}
