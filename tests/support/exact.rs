//! Exhaustive checks, for when there is time.

use core::ops::RangeInclusive;
use std::thread;

/// Whether `LANKEEPER_EXACT` requests every case instead of a sample; use release mode then.
pub(crate) fn exhaustive() -> bool {
    std::env::var_os("LANKEEPER_EXACT").is_some()
}

/// Passes every `stride`-th number of `range` to `check`, divided among all processors.
pub(crate) fn share_out(
    range: RangeInclusive<u32>,
    stride: u32,
    check: impl Fn(&mut dyn Iterator<Item = u32>) + Sync,
) {
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let each = workers * usize::try_from(stride).unwrap();
    thread::scope(|scope| {
        for worker in 0..workers {
            let (check, range) = (&check, range.clone());
            let first = worker * usize::try_from(stride).unwrap();
            scope.spawn(move || check(&mut range.skip(first).step_by(each)));
        }
    });
}
