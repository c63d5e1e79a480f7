//! An end for loops that drain something: a test whose loop would never end fails by its name.

use core::cell::RefCell;
use core::panic::Location;
use std::collections::HashMap;

/// More turns than any loop here needs.
const MOST: u32 = 200_000;

thread_local! {
    /// How many turns each loop of this test has made since it began.
    static TURNS: RefCell<HashMap<&'static Location<'static>, u32>> = RefCell::default();
}

/// What a loop draws, for its head: `while let Some(command) = bounded(manager.poll_command())`.
/// A loop that has not come to its end after many turns fails.
#[track_caller]
pub(crate) fn bounded<T>(drawn: Option<T>) -> Option<T> {
    let place = Location::caller();
    TURNS.with_borrow_mut(|all| {
        let turns = all.entry(place).or_default();
        *turns = if drawn.is_some() { *turns + 1 } else { 0 };
        assert!(*turns < MOST, "the loop at {place} does not end");
    });
    drawn
}

/// The turns of a loop that ends by itself: `for () in turns()`.
#[track_caller]
pub(crate) fn turns() -> impl Iterator<Item = ()> {
    let place = Location::caller();
    (0..MOST).map(move |turn| assert!(turn < MOST - 1, "the loop at {place} does not end"))
}

/// Planted failures: loops without an end are noticed, and loops that end are not.
#[test]
fn a_loop_that_does_not_end_fails() {
    use std::panic::catch_unwind;

    assert!(catch_unwind(|| while bounded(Some(())).is_some() {}).is_err());
    assert!(catch_unwind(|| turns().for_each(|()| {})).is_err());
    for round in 0..3 {
        let mut left = MOST / 2;
        while bounded(left.checked_sub(1).inspect(|rest| left = *rest)).is_some() {}
        assert_eq!(left, 0, "{round}");
    }
    assert_eq!(turns().take(9).count(), 9);
}
