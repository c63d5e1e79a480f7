//! Shares of a small fleet that come back to a server in one second; `cargo run --release --example
//! fleet` makes the whole table with a large one.

#[path = "../examples/fleet/simulation.rs"]
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    dead_code,
    unreachable_pub,
    reason = "it is shared with an example, which uses all of it"
)]
mod simulation;

use lankeeper::{InterfaceId, Policy, Span};

use simulation::{Interfaces, SECOND, Scene, busiest_second, outage, percentile, power_return};

const DEVICES: u32 = 2_000;

/// What chance adds in so small a fleet: three deviations of 260 of them, 13 %.
const CHANCE: f64 = 0.022;

const PATIENCE: u64 = 1_000 * SECOND;

fn scene(policy: Policy, spread: Option<u32>) -> Scene {
    Scene {
        devices: DEVICES,
        interfaces: Interfaces::One,
        policy,
        spread: spread.and_then(Span::from_secs),
        capacity: None,
    }
}

// spec: CON-12, CON-13, CON-18
#[test]
fn with_a_spread_no_second_sees_more_than_a_twentieth_of_a_fleet() {
    for policy in [
        Policy::SuspendOnError,
        Policy::ReturnOnError,
        Policy::KeepTrying,
    ] {
        let scene = scene(policy, Some(30));
        for millis in [100, 10_000, 30_000, 55_000, 60_000, 120_000] {
            let times = outage(scene, millis * 1_000, PATIENCE);
            assert_eq!(times.missing, 0, "{policy:?}, {millis} ms");
            let share = busiest_second(&times.connected);
            assert!(share <= 0.05, "{policy:?}, {millis} ms: {share}");
            if policy == Policy::ReturnOnError && millis == 120_000 {
                assert_eq!(times.reported.len(), DEVICES as usize);
                let share = busiest_second(&times.reported);
                assert!(share <= 0.05, "reports: {share}");
            }
        }
        let times = power_return(scene, PATIENCE);
        assert_eq!(times.missing, 0, "{policy:?}, power");
        let share = busiest_second(&times.connected);
        assert!(share <= 0.05, "{policy:?}, power: {share}");
    }
}

// spec: CON-12, CON-18
#[test]
fn without_a_spread_longer_outages_are_followed_by_smaller_shares() {
    for (policy, secs, most) in [
        (Policy::SuspendOnError, 5, 0.35),
        (Policy::SuspendOnError, 10, 0.20),
        (Policy::SuspendOnError, 30, 0.13),
        (Policy::SuspendOnError, 55, 0.13),
        (Policy::SuspendOnError, 60, 0.10),
        (Policy::ReturnOnError, 60, 0.10),
        (Policy::ReturnOnError, 120, 0.10),
        (Policy::KeepTrying, 120, 0.10),
    ] {
        let times = outage(scene(policy, None), secs * SECOND, PATIENCE);
        assert_eq!(times.missing, 0, "{policy:?}, {secs} s");
        let share = busiest_second(&times.connected);
        assert!(share <= most + CHANCE, "{policy:?}, {secs} s: {share}");
    }
    // What is to be seen where nothing keeps them apart.
    let all = power_return(scene(Policy::ReturnOnError, None), PATIENCE);
    assert_eq!(busiest_second(&all.connected), 1.0);
}

// spec: CON-12, CON-14, CON-18
#[test]
fn three_interfaces_gather_no_more_than_one() {
    for policy in [
        Policy::SuspendOnError,
        Policy::ReturnOnError,
        Policy::KeepTrying,
    ] {
        for (spread, millis, most) in [
            (Some(30), 100, 0.05),
            (Some(30), 30_000, 0.05),
            (Some(30), 120_000, 0.05),
            (None, 10_000, 0.20 + CHANCE),
            (None, 30_000, 0.13 + CHANCE),
        ] {
            let scene = Scene {
                interfaces: Interfaces::Three,
                ..scene(policy, spread)
            };
            let times = outage(scene, millis * 1_000, PATIENCE);
            assert_eq!(times.missing, 0, "{policy:?}, {millis} ms");
            let share = busiest_second(&times.connected);
            assert!(share <= most, "{policy:?}, {millis} ms: {share}");
            // A longer outage takes devices over each of their interfaces.
            if spread.is_none() {
                for id in [
                    InterfaceId::ETHERNET,
                    InterfaceId::WIFI,
                    InterfaceId::CELLULAR,
                ] {
                    assert!(times.over.contains(&id), "{policy:?}, {millis} ms: {id}");
                }
            }
        }
    }
}

// spec: CON-12
#[test]
fn a_single_device_is_soon_back() {
    for (secs, most) in [(1, 1_500), (55, 6_000)] {
        let times = outage(scene(Policy::ReturnOnError, None), secs * SECOND, PATIENCE);
        let median = percentile(&times.connected, DEVICES, 0.5).unwrap() - secs * SECOND;
        assert!(median <= most * 1_000, "{secs} s: {median} µs");
    }
}

// spec: CON-13, CON-18
#[test]
fn a_server_that_takes_a_hundredth_of_the_fleet_a_second_is_not_overrun() {
    for (policy, most) in [
        (Policy::SuspendOnError, 660),
        (Policy::ReturnOnError, 250),
        (Policy::KeepTrying, 150),
    ] {
        let scene = Scene {
            capacity: Some(DEVICES / 100),
            ..scene(policy, Some(30))
        };
        let times = outage(scene, 10 * SECOND, PATIENCE);
        let all = percentile(&times.connected, DEVICES, 0.99).expect("all are back");
        assert!(all <= (10 + most) * SECOND, "{policy:?}: {all} µs");
        // None can be back sooner than the server takes them.
        assert!(all >= (10 + 98) * SECOND, "{policy:?}: {all} µs");
    }
}

#[test]
fn shares_and_percentiles_are_those_of_the_times() {
    let times = [0, 5, 999_999, 1_000_000, 3 * SECOND, 10 * SECOND];
    assert_eq!(busiest_second(&times), 0.5);
    let one_more = [0, 1, 1_000_000, 1_000_000, 1_000_000, 9 * SECOND];
    assert_eq!(busiest_second(&one_more), 4.0 / 6.0);
    assert_eq!(busiest_second(&[]), 0.0);
    assert_eq!(percentile(&times, 6, 0.5), Some(999_999));
    assert_eq!(percentile(&times, 6, 1.0), Some(10 * SECOND));
    assert_eq!(percentile(&times, 7, 1.0), None);
}
