//! Counters for diagnostics.

/// Adds one; a counter saturates at its maximum.
// size: 6 callers
#[inline(never)]
pub(crate) fn count(counter: &mut u32) {
    *counter = counter.saturating_add(1);
}
