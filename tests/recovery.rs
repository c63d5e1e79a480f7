//! How a stopped interface tries again.

use lankeeper::{BackOffConfig, Duration, Instant, InterfaceConfig, Recovery, Report, Span, State};
use proptest::prelude::*;

use crate::support::{ETH0, Rig, lease};

fn with_back_off(change: impl FnOnce(&mut BackOffConfig)) -> InterfaceConfig {
    let mut back_off = BackOffConfig::default();
    change(&mut back_off);
    let mut config = InterfaceConfig::new(ETH0);
    config.recovery = Recovery::Automatic(back_off);
    config
}

/// Fails the power-up `times` times and tells how long each back-off was.
fn delays(rig: &mut Rig, times: usize) -> Vec<u64> {
    (0..times)
        .map(|_| {
            rig.report(Report::Fault { code: 0 });
            assert_eq!(rig.state(), State::EthernetStoppedUnhappy);
            let retry = rig.next_timer().unwrap();
            let delay = retry.saturating_duration_since(rig.now);
            rig.go(retry);
            assert_eq!(rig.state(), State::Starting);
            rig.notices();
            delay.as_micros()
        })
        .collect()
}

/// The delays before jitter: 1 s doubling to 60 s.
fn doubling() -> impl Iterator<Item = u64> {
    [1, 2, 4, 8, 16, 32]
        .into_iter()
        .chain(core::iter::repeat(60))
        .map(|secs| secs * 1_000_000)
}

proptest! {
    // spec: IFC-7
    #[test]
    fn delays_double_to_the_maximum_less_up_to_a_quarter(seed: u64) {
        let mut rig = Rig::with(with_back_off(|back_off| back_off.seed = seed));
        rig.open();
        for (delay, full) in delays(&mut rig, 20).into_iter().zip(doubling()) {
            prop_assert!(delay <= full && delay >= full - full / 4, "{delay} of {full}");
        }
    }

    // spec: IFC-7, TIME-5
    #[test]
    fn the_same_seed_gives_the_same_delays(seed: u64) {
        let run = || {
            let mut rig = Rig::with(with_back_off(|back_off| back_off.seed = seed));
            rig.open();
            delays(&mut rig, 10)
        };
        prop_assert_eq!(run(), run());
    }
}

// spec: IFC-7
#[test]
fn jitter_reaches_both_ends_of_its_quarter() {
    let full = 60_000_000;
    let mut shortest = u64::MAX;
    let mut longest = 0;
    for seed in 0..200 {
        let mut rig = Rig::with(with_back_off(|back_off| {
            *back_off = BackOffConfig::new(back_off.maximum(), back_off.maximum()).unwrap();
            back_off.seed = seed;
        }));
        rig.open();
        for delay in delays(&mut rig, 5) {
            shortest = shortest.min(delay);
            longest = longest.max(delay);
        }
    }
    assert!(
        (full * 3 / 4..full * 76 / 100).contains(&shortest),
        "{shortest}"
    );
    assert!((full * 99 / 100..=full).contains(&longest), "{longest}");
}

/// SplitMix64 as its authors publish it, checked by their numbers.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

// spec: IFC-7, TIME-5
#[test]
fn jitter_is_drawn_by_split_mix_from_the_seed_and_the_interface() {
    let mut state = 1_234_567;
    assert_eq!(split_mix(&mut state), 6_457_827_717_110_365_317);
    assert_eq!(split_mix(&mut state), 3_203_168_211_198_807_973);
    for seed in [0, 1, 42, u64::MAX] {
        let mut rig = Rig::with(with_back_off(|back_off| back_off.seed = seed));
        rig.open();
        // The first Ethernet interface is the twentieth of all that there can be.
        let mut state = seed ^ (20 << 32);
        for (delay, full) in delays(&mut rig, 12).into_iter().zip(doubling()) {
            // In whole milliseconds.
            let choices = u128::from(full / 1_000 / 4 + 1);
            let cut = ((u128::from(split_mix(&mut state)) * choices) >> 64) * 1_000;
            assert_eq!(u128::from(delay), u128::from(full) - cut);
        }
    }
}

// spec: IFC-7
#[test]
fn it_never_gives_up() {
    let mut rig = Rig::new();
    rig.open();
    assert_eq!(delays(&mut rig, 10_000).len(), 10_000);
    rig.come_up();
    assert_eq!(rig.state(), State::Connected);
}

/// Comes up and stays CONNECTED for a span, then fails; tells the back-off that follows.
fn delay_after_connection(rig: &mut Rig, span: Duration) -> u64 {
    rig.come_up();
    assert_eq!(rig.state(), State::Connected);
    rig.pass(span);
    rig.notices();
    delays(rig, 1)[0]
}

// spec: IFC-7
#[test]
fn the_back_off_begins_anew_only_after_connected_held_for_60_seconds() {
    let almost = Duration::from_micros(59_999_999);
    let mut flapping = Rig::new();
    flapping.open();
    delays(&mut flapping, 8);
    for _ in 0..20 {
        assert!(delay_after_connection(&mut flapping, almost) >= 45_000_000);
    }
    assert!(delay_after_connection(&mut flapping, Duration::from_secs(60)) <= 1_000_000);
}

// spec: IFC-6, IFC-7
#[test]
fn without_a_carrier_it_looks_now_and_then_and_the_back_off_stays_as_it_is() {
    let mut rig = Rig::new();
    rig.open();
    rig.report(Report::Ready);
    for _ in 0..8 {
        rig.report(Report::CarrierDown);
        let look = rig.next_timer().unwrap();
        let wait = look.saturating_duration_since(rig.now).as_micros();
        assert!((45_000_000..=60_000_000).contains(&wait), "{wait}");
        rig.go(look);
        assert_eq!(rig.state(), State::EthernetLinkUp);
        rig.report(Report::CarrierDown);
        rig.report(Report::CarrierUp);
        assert_eq!(rig.state(), State::EthernetLinkUp);
        rig.notices();
    }
    assert!(delays(&mut rig, 1)[0] <= 1_000_000);
}

// spec: IFC-7
#[test]
fn asking_starts_at_once_and_keeps_the_course_of_the_back_off() {
    let mut rig = Rig::new();
    let handle = rig.open();
    delays(&mut rig, 4);
    rig.report(Report::Fault { code: 0 });
    rig.manager.retry(rig.now, handle).unwrap();
    assert_eq!(rig.state(), State::Starting);
    rig.notices();
    assert!((12_000_000..=16_000_000).contains(&delays(&mut rig, 1)[0]));
}

// spec: IFC-7
#[test]
fn a_longest_delay_below_the_first_is_an_error() {
    let [shorter, second, longer] =
        [999, 1_000, 1_001].map(|millis| Span::from_millis(millis).unwrap());
    assert!(BackOffConfig::new(second, longer).is_ok());
    let even = BackOffConfig::new(second, second).unwrap();
    assert_eq!((even.initial(), even.maximum()), (second, second));
    let error = BackOffConfig::new(second, shorter).unwrap_err();
    assert_eq!(error.to_string(), "maximum: below initial");
}

// spec: IFC-7, TIME-6
#[test]
fn the_shortest_back_off_is_one_of_a_millisecond() {
    let mut rig = Rig::with(with_back_off(|back_off| {
        *back_off = BackOffConfig::new(Span::MIN, Span::MIN).unwrap();
        back_off.stable_after = Span::MIN;
    }));
    rig.open();
    assert_eq!(delays(&mut rig, 3), [1_000, 1_000, 1_000]);
}

// spec: IFC-7, TIME-4
#[test]
fn at_the_end_of_time_nothing_spins() {
    let mut rig = Rig::new();
    rig.go(Instant::from_micros(u64::MAX - 1));
    rig.open();
    assert_eq!(rig.next_timer(), Some(Instant::MAX));
    rig.go(Instant::MAX);
    assert_eq!(rig.state(), State::EthernetStoppedUnhappy);
    assert_eq!(rig.next_timer(), None);
    rig.report(Report::Lease(lease()));
}
