//! The commands of an interface that the backend has still to be given, and those that it has.

use bitflags::bitflags;

use super::{Action, Step};
use crate::generation::Generation;

bitflags! {
    /// Commands of ending something, in this order, and whether there is anything to end.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Endings: u8 {
        const STOP = 1;
        const POWER_DOWN = 2;
        const BOTH = Self::STOP.bits() | Self::POWER_DOWN.bits();
        /// The backend was told to power up, and not to power down since.
        const POWERED = 4;
    }
}

impl Endings {
    /// What ends `step` and all that builds on it.
    const fn of(step: Step) -> Self {
        match step.height() {
            0 => Self::BOTH,
            1 => Self::STOP,
            // What is below still runs, as the watch on the carrier.
            _ => Self::empty(),
        }
    }
}

/// How many steps can be in force at once: one of each height.
const HEIGHTS: usize = 5;

/// What is to be ended and what is to be begun, in this order, and what can still be answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pending {
    endings: Endings,
    /// The step whose command has the last generation, if the backend has not got it yet.
    begins: Option<Step>,
    last_generation: Generation,
    /// The heights of the steps whose commands the backend has and that still count, a bit for each.
    in_force: u8,
    /// Those steps, and the generations of their commands, by height.
    steps: [Step; HEIGHTS],
    generations: [Generation; HEIGHTS],
}

impl Pending {
    /// Nothing was begun yet.
    pub(super) const NONE: Self = Self {
        endings: Endings::empty(),
        begins: None,
        last_generation: Generation::from_bits(0),
        in_force: 0,
        steps: [Step::Power; HEIGHTS],
        generations: [Generation::from_bits(0); HEIGHTS],
    };

    /// Issues the command of a step; whatever built on it is over.
    // A call takes less room, and there are two.
    #[inline(never)]
    pub(super) fn begin(&mut self, step: Step) {
        self.last_generation = self.last_generation.next();
        self.begins = Some(step);
        self.revoke(step);
    }

    /// Ends a step and all that builds on it. What the backend never heard of needs no ending.
    pub(super) fn end(&mut self, step: Step) {
        self.begins = None;
        self.revoke(step);
        if self.endings.contains(Endings::POWERED) {
            self.endings.insert(Endings::of(step));
        }
    }

    /// What `step` and every step that builds on it may still report counts no more.
    fn revoke(&mut self, step: Step) {
        self.in_force &= bit(step.height()).wrapping_sub(1);
    }

    /// The step whose command has this generation, if it still counts.
    pub(super) fn step(&self, generation: Generation) -> Option<Step> {
        let mut commands = (0..).zip(self.generations.iter().zip(&self.steps));
        let (_, (_, step)) = commands.find(|(height, (other, _))| {
            **other == generation && self.in_force & bit(*height) != 0
        })?;
        Some(*step)
    }

    /// The next action that ends something.
    pub(super) fn poll_ending(&mut self) -> Option<Action<'static>> {
        if self.endings.contains(Endings::STOP) {
            self.endings.remove(Endings::STOP);
            Some(Action::Stop)
        } else if self.endings.contains(Endings::POWER_DOWN) {
            self.endings.remove(Endings::POWER_DOWN | Endings::POWERED);
            Some(Action::PowerDown)
        } else {
            None
        }
    }

    /// The step that the backend is to begin now, with the generation of its command.
    pub(super) fn poll_beginning(&mut self) -> Option<(Step, Generation)> {
        let step = self.begins.take()?;
        // Only now can the backend answer.
        let height = step.height();
        self.in_force |= bit(height);
        *self.steps.get_mut(usize::from(height))? = step;
        *self.generations.get_mut(usize::from(height))? = self.last_generation;
        if step == Step::Power {
            self.endings.insert(Endings::POWERED);
        }
        Some((step, self.last_generation))
    }

    pub(super) const fn is_empty(&self) -> bool {
        !self.endings.intersects(Endings::BOTH) && !self.begins()
    }

    /// Whether the backend has still to be told to begin a step.
    pub(super) const fn begins(&self) -> bool {
        self.begins.is_some()
    }
}

/// The bit of a height.
fn bit(height: u8) -> u8 {
    1_u8.wrapping_shl(u32::from(height))
}
