//! Instants, durations, spans and deadlines, compared with 128-bit arithmetic.

use lankeeper::{Deadline, Duration, Instant, Span};
use proptest::prelude::*;

/// Numbers near the ends of the range, near the units, and in between.
fn micros() -> impl Strategy<Value = u64> {
    prop_oneof![
        0..=3_u64,
        (u64::MAX - 3)..=u64::MAX,
        999_998..=1_000_002_u64,
        (1_u64 << 63) - 2..=(1 << 63) + 2,
        any::<u64>(),
    ]
}

fn clamp(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

proptest! {
    // spec: TIME-1
    #[test]
    fn instants_keep_their_microseconds_and_order(a in micros(), b in micros()) {
        let (x, y) = (Instant::from_micros(a), Instant::from_micros(b));
        prop_assert_eq!(x.as_micros(), a);
        prop_assert_eq!(x.cmp(&y), a.cmp(&b));
        prop_assert_eq!(x == y, a == b);
        prop_assert!(Instant::EPOCH <= x && x <= Instant::MAX);
    }

    // spec: TIME-4
    #[test]
    fn sums_of_instants_saturate_or_are_refused_at_the_end(a in micros(), b in micros()) {
        let (start, span) = (Instant::from_micros(a), Duration::from_micros(b));
        let exact = u128::from(a) + u128::from(b);
        prop_assert_eq!(start.saturating_add(span).as_micros(), clamp(exact));
        prop_assert_eq!(
            start.checked_add(span).map(|sum| u128::from(sum.as_micros())),
            (exact <= u128::from(u64::MAX)).then_some(exact)
        );
    }

    // spec: TIME-4
    #[test]
    fn differences_of_instants_stop_at_zero_or_are_refused(a in micros(), b in micros()) {
        let (later, earlier) = (Instant::from_micros(a), Instant::from_micros(b));
        let exact = i128::from(a) - i128::from(b);
        prop_assert_eq!(
            i128::from(later.saturating_duration_since(earlier).as_micros()),
            exact.max(0)
        );
        prop_assert_eq!(
            later.checked_duration_since(earlier).map(|span| i128::from(span.as_micros())),
            (exact >= 0).then_some(exact)
        );
    }

    // spec: TIME-4
    #[test]
    fn the_difference_to_an_instant_plus_a_duration_is_the_duration(a in micros(), b in micros()) {
        let (start, span) = (Instant::from_micros(a), Duration::from_micros(b));
        if let Some(end) = start.checked_add(span) {
            prop_assert_eq!(end.checked_duration_since(start), Some(span));
            prop_assert_eq!(start.saturating_add(span), end);
        } else {
            prop_assert_eq!(start.saturating_add(span), Instant::MAX);
        }
    }

    // spec: TIME-4
    #[test]
    fn arithmetic_of_durations_saturates(a in micros(), b in micros()) {
        let (x, y) = (Duration::from_micros(a), Duration::from_micros(b));
        let (wide_a, wide_b) = (u128::from(a), u128::from(b));
        prop_assert_eq!(x.saturating_add(y).as_micros(), clamp(wide_a + wide_b));
        prop_assert_eq!(u128::from(x.saturating_sub(y).as_micros()), wide_a.saturating_sub(wide_b));
        prop_assert_eq!(x.saturating_mul(b).as_micros(), clamp(wide_a * wide_b));
    }

    // spec: TIME-1, TIME-4
    #[test]
    fn larger_units_are_exact_up_to_the_end_of_the_range(a in micros()) {
        let wide = u128::from(a);
        prop_assert_eq!(Duration::from_millis(a).as_micros(), clamp(wide * 1_000));
        prop_assert_eq!(Duration::from_secs(a).as_micros(), clamp(wide * 1_000_000));
        let span = Duration::from_micros(a);
        prop_assert_eq!(u128::from(span.as_millis()), wide / 1_000);
        prop_assert_eq!(u128::from(span.as_secs()), wide / 1_000_000);
        prop_assert_eq!(span.is_zero(), a == 0);
        prop_assert_eq!(Instant::from_millis(a).as_micros(), clamp(wide * 1_000));
        prop_assert_eq!(Instant::from_secs(a).as_micros(), clamp(wide * 1_000_000));
        prop_assert_eq!(u128::from(Instant::from_micros(a).as_millis()), wide / 1_000);
        // What is not at the end of the range comes back unchanged.
        let millis = Instant::from_millis(a);
        prop_assert_eq!(millis.as_millis(), if millis == Instant::MAX { u64::MAX / 1_000 } else { a });
    }

    // spec: TIME-1, TIME-4
    #[test]
    fn durations_convert_to_and_from_core(a in micros(), secs in any::<u64>(), nanos in 0..1_000_000_000_u32) {
        let span = Duration::from_micros(a);
        let of_core = core::time::Duration::from(span);
        prop_assert_eq!(of_core.as_micros(), u128::from(a));
        prop_assert_eq!(of_core.subsec_nanos() % 1_000, 0);
        prop_assert_eq!(Duration::from(of_core), span);

        let other = core::time::Duration::new(secs, nanos);
        prop_assert_eq!(Duration::from(other).as_micros(), clamp(other.as_micros()));
    }

    // spec: TIME-3
    #[test]
    fn the_earlier_deadline_wins_and_the_first_of_equal_ones(
        first in prop::option::of(0..4_u64),
        second in prop::option::of(0..4_u64),
    ) {
        let deadline = |at: Option<u64>, reason| {
            at.map(|at| Deadline { at: Instant::from_micros(at), reason })
        };
        let earliest = Deadline::earliest(deadline(first, "first"), deadline(second, "second"));
        // A stable sort keeps equal deadlines in order.
        let mut all: Vec<_> = deadline(first, "first").into_iter().chain(deadline(second, "second")).collect();
        all.sort_by_key(|deadline| deadline.at);
        prop_assert_eq!(earliest, all.first().copied());
    }
}

// spec: TIME-1, TIME-4
#[test]
fn the_range_is_that_of_64_bits() {
    let micro = Duration::from_micros(1);
    assert_eq!(Instant::EPOCH.as_micros(), 0);
    assert_eq!(Instant::default(), Instant::EPOCH);
    assert_eq!(Instant::MAX.as_micros(), u64::MAX);
    assert_eq!(Duration::default(), Duration::ZERO);
    assert_eq!(Duration::ZERO.as_micros(), 0);
    assert_eq!(Duration::MAX.as_micros(), u64::MAX);

    let last_but_one = Instant::from_micros(u64::MAX - 1);
    assert_eq!(last_but_one.checked_add(micro), Some(Instant::MAX));
    assert_eq!(Instant::MAX.checked_add(micro), None);
    assert_eq!(Instant::MAX.saturating_add(Duration::MAX), Instant::MAX);
    assert_eq!(
        Instant::EPOCH.checked_duration_since(Instant::from_micros(1)),
        None
    );
}

// spec: TIME-4
#[test]
fn units_saturate_one_step_beyond_what_fits() {
    let most_secs = u64::MAX / 1_000_000;
    assert_eq!(
        Duration::from_secs(most_secs).as_micros(),
        most_secs * 1_000_000
    );
    assert_eq!(Duration::from_secs(most_secs + 1), Duration::MAX);
    let most_millis = u64::MAX / 1_000;
    assert_eq!(
        Duration::from_millis(most_millis).as_micros(),
        most_millis * 1_000
    );
    assert_eq!(Duration::from_millis(most_millis + 1), Duration::MAX);
    assert_eq!(
        Instant::from_secs(most_secs).as_micros(),
        most_secs * 1_000_000
    );
    assert_eq!(Instant::from_secs(most_secs + 1), Instant::MAX);
    assert_eq!(
        Instant::from_millis(most_millis).as_micros(),
        most_millis * 1_000
    );
    assert_eq!(Instant::from_millis(most_millis + 1), Instant::MAX);

    let longest = core::time::Duration::from_micros(u64::MAX);
    assert_eq!(Duration::from(longest), Duration::MAX);
    let beyond = longest + core::time::Duration::from_micros(1);
    assert_eq!(Duration::from(beyond), Duration::MAX);
    let before = longest - core::time::Duration::from_nanos(1);
    assert_eq!(Duration::from(before).as_micros(), u64::MAX - 1);
}

// spec: TIME-6
#[test]
fn a_span_is_never_zero_and_never_out_of_range() {
    assert_eq!(Span::from_millis(0), None);
    assert_eq!(Span::from_millis(1), Some(Span::MIN));
    assert_eq!(Span::from_millis(u32::MAX), Some(Span::MAX));
    assert_eq!(Span::from_secs(0), None);
    let longest = u32::MAX / 1_000;
    assert!(Span::from_secs(longest).is_some_and(|span| span < Span::MAX));
    assert_eq!(Span::from_secs(longest + 1), None);
}

// spec: TIME-6
#[test]
fn a_constant_span_is_the_one_of_the_same_number() {
    const LONGEST: u32 = u32::MAX / 1_000;
    for (constant, checked) in [
        (Span::secs::<1>(), Span::from_secs(1)),
        (Span::secs::<LONGEST>(), Span::from_secs(LONGEST)),
        (Span::millis::<1>(), Span::from_millis(1)),
        (Span::millis::<{ u32::MAX }>(), Span::from_millis(u32::MAX)),
    ] {
        assert_eq!(Some(constant), checked);
    }
}

proptest! {
    // spec: TIME-1, TIME-6
    #[test]
    fn a_span_converts_to_microseconds(millis in 1..=u32::MAX) {
        let span = Span::from_millis(millis).unwrap();
        prop_assert_eq!(span.as_millis(), millis);
        prop_assert_eq!(span.duration().as_micros(), u64::from(millis) * 1_000);
        let secs = Span::from_secs(millis).map(Span::as_millis);
        prop_assert_eq!(secs, millis.checked_mul(1_000));
    }
}
