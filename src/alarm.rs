//! When a timer runs out.

use crate::span::Span;
use crate::time::Instant;

/// When a timer runs out, if it runs: the microsecond before, for no alarm is at the epoch. So one
/// that does not run comes after all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
// An alignment of eight leaves room unused beside it, and is of no use to a processor of 32 bits.
#[repr(Rust, packed(4))]
pub(crate) struct Alarm(u64);

impl Alarm {
    /// A timer that does not run.
    pub(crate) const OFF: Self = Self(u64::MAX);

    /// The alarm `span` after `now`; off where time ends before it would be later.
    pub(crate) fn after(now: Instant, span: Span) -> Self {
        Self(Self::micros_after(now, span))
    }

    // Out of line, for sums of 64 bits are long and there are many of them; and as a plain number,
    // which comes back in registers.
    #[inline(never)]
    fn micros_after(now: Instant, span: Span) -> u64 {
        let at = now.saturating_add(span.duration());
        if at > now {
            at.as_micros().wrapping_sub(1)
        } else {
            Self::OFF.0
        }
    }

    /// The instant at which it runs out.
    pub(crate) const fn at(self) -> Option<Instant> {
        match self.0.checked_add(1) {
            Some(micros) => Some(Instant::from_micros(micros)),
            None => None,
        }
    }

    pub(crate) const fn is_on(self) -> bool {
        self.0 != Self::OFF.0
    }

    /// Whether it has run out by `now`.
    pub(crate) const fn is_due(self, now: Instant) -> bool {
        self.0 < now.as_micros()
    }

    /// Whether it runs out before another one.
    pub(crate) const fn is_before(self, other: Self) -> bool {
        self.0 < other.0
    }
}
