//! A carrier or link that is back soon was not lost (IFC-15).

use super::{State, Trigger};
use crate::span::Span;
use crate::time::Instant;

/// The time for which a loss of the carrier or link is held back, and the loss that is held back now.
#[derive(Clone, Copy, Debug)]
pub(super) struct HoldDown {
    span: Option<Span>,
    /// When the loss counts; [`Instant::NEVER`] if none is held back.
    deadline: Instant,
    /// The backend's own code of the loss.
    pub(super) code: Option<i32>,
}

impl HoldDown {
    pub(super) const fn new(span: Option<Span>) -> Self {
        Self {
            span,
            deadline: Instant::NEVER,
            code: None,
        }
    }

    /// Whether a trigger in this state is the loss of a carrier or link that is held back from now
    /// on, or the end of one that was.
    // size: 128 B
    #[inline(never)]
    pub(super) fn holds_back(
        &mut self,
        trigger: Trigger,
        state: State,
        code: Option<i32>,
        now: Instant,
    ) -> bool {
        let is_up = matches!(
            state,
            State::WifiDhcping | State::EthernetDhcping | State::Connected
        );
        match (trigger, self.span) {
            (Trigger::CarrierDown | Trigger::LinkLost, Some(span)) if is_up => {
                if self.deadline == Instant::NEVER {
                    self.deadline = span.after(now);
                    self.code = code;
                }
                true
            }
            (Trigger::CarrierUp | Trigger::Joined, _) => self.take().is_some(),
            _ => false,
        }
    }

    /// When the loss that is held back counts; [`Instant::NEVER`] if none is.
    pub(super) const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Takes the loss that is held back, with its code.
    pub(super) fn take(&mut self) -> Option<Option<i32>> {
        if core::mem::replace(&mut self.deadline, Instant::NEVER) == Instant::NEVER {
            return None;
        }
        Some(self.code)
    }

    /// Moves its deadline to a clock that says `to` where it said `from` (TIME-7).
    pub(super) const fn rebase(&mut self, from: Instant, to: Instant) {
        self.deadline = self.deadline.rebased(from, to);
    }
}
