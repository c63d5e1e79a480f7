//! Recovery of a stopped interface: back-off, jitter and requests.

use lankeeper::back_off::BackOffConfig;
use lankeeper::{
    Config, Duration, Instant, InterfaceConfig, InterfaceId, Medium, Recovery, Report, Span, State,
};
use proptest::prelude::*;

use crate::support::{ETH0, Rig, lease};

fn with_back_off(change: impl FnOnce(&mut BackOffConfig)) -> InterfaceConfig {
    let mut back_off = BackOffConfig::default();
    change(&mut back_off);
    let mut config = InterfaceConfig::new(ETH0);
    config.recovery = Recovery::Automatic(back_off);
    config
}

/// A device with this seed.
fn with_seed(seed: u64, interface: InterfaceConfig) -> Rig {
    Rig::with_config(&Config::new(seed, [interface]))
}

/// Fails the power-up `times` times, and returns the length of each back-off.
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
    fn delays_double_to_the_maximum_and_jitter_takes_at_most_a_quarter(seed: u64) {
        let mut rig = with_seed(seed, InterfaceConfig::new(ETH0));
        rig.open();
        for (delay, full) in delays(&mut rig, 20).into_iter().zip(doubling()) {
            prop_assert!(delay <= full && delay >= full - full / 4, "{delay} of {full}");
        }
    }

    // spec: IFC-7, TIME-5
    #[test]
    fn the_same_seed_gives_the_same_delays(seed: u64) {
        let run = || {
            let mut rig = with_seed(seed, InterfaceConfig::new(ETH0));
            rig.open();
            delays(&mut rig, 10)
        };
        prop_assert_eq!(run(), run());
    }
}

// spec: IFC-7
#[test]
fn the_seed_survives_settings_that_are_replaced() {
    let run = |seed, replaces: bool| {
        let mut config = Config::new(seed, [InterfaceConfig::new(ETH0)]);
        if replaces {
            config.interfaces[0].recovery = Recovery::Automatic(BackOffConfig::default());
        }
        let mut rig = Rig::with_config(&config);
        rig.open();
        delays(&mut rig, 10)
    };
    assert_eq!(run(7, true), run(7, false));
    assert_ne!(run(7, true), run(8, true));
}

// spec: IFC-7
#[test]
fn jitter_covers_its_whole_range() {
    let full = 60_000_000;
    let mut shortest = u64::MAX;
    let mut longest = 0;
    for seed in 0..200 {
        let interface = with_back_off(|back_off| {
            *back_off = BackOffConfig::new(back_off.maximum(), back_off.maximum()).unwrap();
        });
        let mut rig = with_seed(seed, interface);
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

/// The finalizer of MurmurHash3 as published by its author, checked below with the known hashes of
/// the empty text.
const fn murmur_finalizer(mut h: u32) -> u32 {
    h ^= h >> 16;
    h = h.wrapping_mul(0x85eb_ca6b);
    h ^= h >> 13;
    h = h.wrapping_mul(0xc2b2_ae35);
    h ^ (h >> 16)
}

/// A 32-bit SplitMix generator: the mixed values of a Weyl sequence with the golden ratio.
fn split_mix(start: u32) -> impl Iterator<Item = u32> {
    (1..).map(move |n: u32| murmur_finalizer(start.wrapping_add(n.wrapping_mul(0x9e37_79b9))))
}

// spec: IFC-7, TIME-5
#[test]
fn jitter_is_drawn_by_split_mix_from_the_seed_and_the_interface() {
    assert_eq!(murmur_finalizer(1), 0x514e_28b7);
    assert_eq!(murmur_finalizer(u32::MAX), 0x81f1_6f39);
    for seed in [0, 1, 42, 7 << 32, u64::MAX] {
        let mut rig = with_seed(seed, InterfaceConfig::new(ETH0));
        rig.open();
        // Each medium has sixteen numbers, counted from 1: 17 is the first Ethernet interface.
        let digits = [17, (seed >> 32) as u32, seed as u32];
        let start = digits.into_iter().fold(0, |number: u32, digit| {
            number.wrapping_mul(0x85eb_ca6b).wrapping_add(digit)
        });
        for ((delay, full), number) in delays(&mut rig, 12)
            .into_iter()
            .zip(doubling())
            .zip(split_mix(start))
        {
            // Jitter is in whole milliseconds.
            let choices = full / 1_000 / 4 + 1;
            let cut = ((u64::from(number) * choices) >> 32) * 1_000;
            assert_eq!(delay, full - cut);
        }
    }
}

/// The quarter of the jitter's range into which each of the first delays falls.
fn parts_of_jitter(id: InterfaceId, seed: u64) -> [usize; 3] {
    let mut config = with_back_off(|back_off| {
        *back_off = BackOffConfig::new(back_off.maximum(), back_off.maximum()).unwrap();
    });
    config.id = id;
    let mut rig = with_seed(seed, config);
    rig.open();
    let parts = delays(&mut rig, 3).into_iter().map(|delay| {
        let cut = (60_000_000 - delay) / 1_000;
        (cut * 4 / 15_001) as usize
    });
    parts.collect::<Vec<_>>().try_into().unwrap()
}

/// Asserts that the two numbers of a pair are independent, by a chi-squared test.
fn assert_unrelated(what: &str, pairs: impl Iterator<Item = (usize, usize)>) {
    let mut counts = [[0_u32; 4]; 4];
    for (one, other) in pairs {
        counts[one][other] += 1;
    }
    let counts = counts.as_flattened();
    let even = f64::from(counts.iter().sum::<u32>()) / 16.0;
    let distance: f64 = counts
        .iter()
        .map(|count| (f64::from(*count) - even).powi(2) / even)
        .sum();
    // Independent pairs give about 15, and exceed this limit less than once in a million.
    assert!(distance < 60.0, "{what}: {distance}, {counts:?}");
}

// spec: IFC-7
#[test]
fn jitter_is_independent_between_seeds_interfaces_and_delays() {
    let eth1 = InterfaceId::new(Medium::Ethernet, 1).unwrap();
    for step in [1, 1 << 32] {
        let devices = |id| {
            let seeds = (0..2_001).map(|n| n * step);
            seeds
                .map(|seed| parts_of_jitter(id, seed))
                .collect::<Vec<_>>()
        };
        let (first, second) = (devices(ETH0), devices(eth1));
        for round in 0..3 {
            let name = |of: &str| format!("{of} of seeds {step} apart, delay {round}");
            let neighbours = first.windows(2).map(|two| (two[0][round], two[1][round]));
            assert_unrelated(&name("neighbours"), neighbours);
            let interfaces = first.iter().zip(&second);
            let interfaces = interfaces.map(|(one, other)| (one[round], other[round]));
            assert_unrelated(&name("interfaces"), interfaces);
            let course = first.iter().map(|of| (of[round], of[(round + 1) % 3]));
            assert_unrelated(&name("course"), course);
        }
    }
}

// spec: IFC-7
#[test]
fn recovery_never_gives_up() {
    let mut rig = Rig::new();
    rig.open();
    assert_eq!(delays(&mut rig, 10_000).len(), 10_000);
    rig.come_up();
    assert_eq!(rig.state(), State::Connected);
}

/// Brings the interface up, keeps it CONNECTED for a span, then fails it; returns the back-off that
/// follows.
fn delay_after_connection(rig: &mut Rig, span: Duration) -> u64 {
    rig.come_up();
    assert_eq!(rig.state(), State::Connected);
    rig.pass(span);
    rig.notices();
    delays(rig, 1)[0]
}

// spec: IFC-7
#[test]
fn the_back_off_resets_only_after_five_minutes_connected() {
    let almost = Duration::from_micros(299_999_999);
    let mut flapping = Rig::new();
    flapping.open();
    delays(&mut flapping, 8);
    for _ in 0..20 {
        assert!(delay_after_connection(&mut flapping, almost) >= 45_000_000);
    }
    assert!(delay_after_connection(&mut flapping, Duration::from_secs(300)) <= 1_000_000);
}

// spec: IFC-6, IFC-7
#[test]
fn looks_for_the_carrier_do_not_change_the_back_off() {
    let mut rig = Rig::new();
    rig.open();
    rig.report(Report::Ready);
    for _ in 0..8 {
        rig.report(Report::CarrierDown);
        // After the back-off, the carrier is watched.
        let watch = rig.next_timer().unwrap();
        let wait = watch.saturating_duration_since(rig.now).as_micros();
        assert!((750_000..=1_000_000).contains(&wait), "{wait}");
        rig.go(watch);
        assert_eq!(rig.state(), State::EthernetStoppedNoLink);
        let look = rig.next_timer().unwrap();
        let wait = look.saturating_duration_since(rig.now).as_micros();
        assert!((44_250_000..=59_000_000).contains(&wait), "{wait}");
        rig.go(look);
        assert_eq!(rig.state(), State::EthernetLinkUp);
        rig.notices();
    }
    assert!(delays(&mut rig, 1)[0] <= 1_000_000);
}

// spec: IFC-7
#[test]
fn a_request_starts_at_once_and_does_not_change_the_back_off() {
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
    assert_eq!(
        error.to_string(),
        "the longest delay is shorter than the first"
    );
}

// spec: IFC-7, TIME-6
#[test]
fn the_shortest_back_off_is_one_millisecond() {
    let mut rig = Rig::with(with_back_off(|back_off| {
        *back_off = BackOffConfig::new(Span::MIN, Span::MIN).unwrap();
    }));
    rig.open();
    assert_eq!(delays(&mut rig, 3), [1_000, 1_000, 1_000]);
}

// spec: IFC-7, TIME-4
#[test]
fn at_the_end_of_time_nothing_spins() {
    let start = Duration::from_secs(10);
    let latest = u64::MAX - start.as_micros();

    // The latest deadline that can be reached is one microsecond before the end.
    let mut rig = Rig::new();
    rig.go(Instant::from_micros(latest - 1));
    rig.open();
    let before_the_end = Instant::from_micros(u64::MAX - 1);
    assert_eq!(rig.next_timer(), Some(before_the_end));
    rig.go(before_the_end);
    assert_eq!(rig.state(), State::EthernetStoppedUnhappy);
    assert_eq!(rig.next_timer(), None);
    rig.go(Instant::MAX);
    rig.report(Report::Lease(lease()));

    // One at the end itself is not armed.
    let mut rig = Rig::new();
    rig.go(Instant::from_micros(latest));
    rig.open();
    assert_eq!(rig.next_timer(), None);
    rig.go(Instant::MAX);
    assert_eq!(rig.state(), State::Starting);
}
