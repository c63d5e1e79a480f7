//! How often the server is tried by itself (IFC-13, IFC-16, CON-12).

use lankeeper::{
    Duration, Instant, Lease, Policy, ProxySettings, Report, ServerReport, ServerState,
};

use super::device::{Device, ETH0, config, just_before, named, seconds};
use crate::support::good_answer;

/// A server that comes and goes, and perhaps a network that does.
#[derive(Clone, Copy, Debug)]
struct Pattern {
    policy: Policy,
    /// How long a connection holds, in milliseconds.
    holds: u64,
    /// How many tries fail before one succeeds.
    failures: u32,
    /// Whether an interface comes up whenever a try waits.
    flaps: bool,
    /// Whether the address changes, in place of a loss.
    moves: bool,
    seed: u64,
}

/// When tries began within some hours.
fn tries(pattern: Pattern, hours: u64) -> Vec<Instant> {
    let mut config = config();
    config.seed = pattern.seed;
    config.policy = pattern.policy;
    config.server_order = [Some(ETH0), None, None];
    let mut device = Device::with(&config);
    device.connect();
    let end = Instant::from_secs(hours * 3600);
    let (mut left, mut lost_at, mut host) = (0, Instant::EPOCH, 0);
    let mut tries = Vec::new();
    while device.now < end {
        device.forget_outputs();
        match device.server_state() {
            ServerState::WaitingForInterface => device.bring_up(ETH0),
            ServerState::Resolving => {
                tries.push(device.now);
                if left > 0 {
                    left -= 1;
                    device.server(ServerReport::NotResolved { code: 1 });
                } else {
                    device.server(ServerReport::Resolved);
                }
            }
            ServerState::Connecting => {
                device.server(ServerReport::Connected);
                left = pattern.failures;
                lost_at = device
                    .now
                    .saturating_add(Duration::from_millis(pattern.holds));
            }
            ServerState::Connected => {
                device.go(lost_at);
                if pattern.moves {
                    host ^= 1;
                    let lease = Lease::new([192, 168, 1, 100 + host].into(), 24);
                    device.report(ETH0, Report::Lease(lease));
                } else {
                    device.server(ServerReport::Lost { code: 1 });
                }
            }
            _ => {
                if pattern.flaps {
                    device.report(ETH0, Report::LeaseLost);
                    while let Some(report) = good_answer(device.state(ETH0)) {
                        device.report(ETH0, report);
                    }
                }
                if device.server_state() == ServerState::Waiting {
                    device.forget_outputs();
                    device.go_on();
                }
            }
        }
    }
    tries
}

/// The most tries in any hour.
fn busiest(tries: &[Instant]) -> usize {
    let within = |place: usize| {
        let end = tries[place].saturating_add(seconds(3600));
        tries[place..].iter().take_while(|at| **at < end).count()
    };
    (0..tries.len()).map(within).max().unwrap_or(0)
}

// spec: IFC-13, CON-12, CON-13, CON-19
#[test]
fn no_server_that_comes_and_goes_is_tried_more_than_140_times_an_hour() {
    let mut worst = 0;
    for policy in [Policy::KeepTrying, Policy::SuspendOnError] {
        for holds in [0, 1_000, 59_999, 60_000, 120_000, 299_999, 300_000, 600_000] {
            for failures in [0, 1, 2, 4, 6, 8, 10, 1_000] {
                for (flaps, moves) in [(false, false), (true, false), (false, true), (true, true)] {
                    for seed in 0..2 {
                        let pattern = Pattern {
                            policy,
                            holds,
                            failures,
                            flaps,
                            moves,
                            seed,
                        };
                        let tries = tries(pattern, 4);
                        let busiest = busiest(&tries);
                        assert!(busiest <= 140, "{pattern:?}: {busiest}");
                        worst = worst.max(busiest);
                    }
                }
            }
        }
    }
    println!("at most {worst} tries in an hour");
    assert!(worst > 60, "the patterns are too kind: {worst}");
}

// spec: IFC-13, CON-12
#[test]
fn a_server_that_accepts_and_drops_is_tried_ever_more_rarely() {
    for policy in [
        Policy::KeepTrying,
        Policy::SuspendOnError,
        Policy::ReturnOnError,
    ] {
        let pattern = Pattern {
            policy,
            holds: 0,
            failures: 0,
            flaps: false,
            moves: false,
            seed: 1,
        };
        let tries = tries(pattern, 2);
        let second_hour = tries.iter().filter(|at| **at >= Instant::from_secs(3600));
        let count = second_hour.count();
        assert!((80..=140).contains(&count), "{policy:?}: {count}");
    }
}

/// The longest wait of the next tries, by their failures, in seconds.
fn waits(device: &mut Device, count: usize) -> Vec<u64> {
    let mut waits = Vec::new();
    while waits.len() < count {
        match device.server_state() {
            ServerState::WaitingForInterface => device.bring_up(ETH0),
            ServerState::Resolving => device.server(ServerReport::NotResolved { code: 1 }),
            _ => {
                let begin = device.now;
                while device.server_state() == ServerState::Waiting {
                    device.go_on();
                }
                waits.push(device.now.saturating_duration_since(begin).as_millis());
            }
        }
    }
    waits
}

fn assert_drawn(waits: &[u64], delays: &[u64]) {
    assert_eq!(waits.len(), delays.len());
    for (wait, delay) in waits.iter().zip(delays) {
        let delay = delay * 1_000;
        assert!((delay / 8..=delay).contains(wait), "{waits:?}, {delays:?}");
    }
}

// spec: CON-12, TIME-3
#[test]
fn growth_is_remembered_until_a_connection_has_held_for_five_times_as_long() {
    for (held, delays) in [
        // After its stability time only the first wait is short.
        (60_000_000, [1, 32, 60, 60]),
        (299_999_999, [1, 32, 60, 60]),
        // Then all is forgotten, and the grace has its many tries again.
        (300_000_000, [1, 2, 4, 8]),
    ] {
        // How late time is handled in between changes nothing.
        for handled in [60_000_000, 200_000_000, held] {
            let mut device = Device::new();
            device.manager.set_policy(device.now, Policy::KeepTrying);
            device.connect_with(&named("eth0"));
            device.come_up();
            // Lost before it was stable, five times: the delay has no limit but a minute.
            for delay in [1, 2, 4, 8, 16] {
                device.server(ServerReport::Lost { code: 1 });
                let wait = waits(&mut device, 1);
                assert_drawn(&wait, &[delay]);
                device.come_up();
            }
            let handled = handled.min(held);
            device.pass(Duration::from_micros(handled));
            device.pass(Duration::from_micros(held - handled));
            device.server(ServerReport::Lost { code: 1 });
            assert_drawn(&waits(&mut device, 4), &delays);
        }
    }
}

// spec: CON-12, CON-21
#[test]
fn delays_grow_on_after_the_grace() {
    let mut device = Device::new();
    device.manager.set_policy(device.now, Policy::KeepTrying);
    device.connect_with(&named("eth0"));
    device.come_up();
    let loss = device.now;
    device.server(ServerReport::Lost { code: 1 });
    let mut longest = [0, 0];
    while device.now < Instant::from_secs(3600) {
        let wait = waits(&mut device, 1)[0];
        let begin = device.now.saturating_duration_since(loss).as_millis() - wait;
        let is_later = usize::from(begin > 60_000);
        longest[is_later] = longest[is_later].max(wait);
    }
    assert!(longest[0] <= 15_000, "{longest:?}");
    assert!((50_000..=60_000).contains(&longest[1]), "{longest:?}");
}

/// A device whose stored proxy refuses the credentials, in the wait after that.
fn refused(policy: Policy) -> Device {
    let mut device = Device::new();
    let proxy = ProxySettings::new("10.1.1.1", 3128).unwrap();
    device.manager.store_proxy(device.now, &proxy);
    device.connect_with(&named("eth0"));
    device.manager.set_policy(device.now, policy);
    device.come_up();
    device.pass(seconds(3600));
    device.server(ServerReport::Lost { code: 1 });
    device.go_on();
    device.come_up_to(ServerState::ReachingProxy);
    device.forget_outputs();
    device.server(ServerReport::ProxyRefused { code: 407 });
    device
}

// spec: IFC-16
#[test]
fn a_proxy_that_refuses_the_credentials_is_left_alone_for_ten_minutes() {
    for policy in [Policy::KeepTrying, Policy::SuspendOnError] {
        let mut device = refused(policy);
        let refusal = device.now;
        let earliest = refusal.saturating_add(seconds(600));
        assert_eq!(device.server_state(), ServerState::Waiting);
        // Neither traffic nor an interface that comes up helps, and no round comes in between.
        while device.now < just_before(earliest) {
            let _ = device.manager.server_call(device.now);
            assert_eq!(device.server_state(), ServerState::Waiting, "{policy:?}");
            let later = device.now.saturating_add(seconds(7));
            device.go(later.min(just_before(earliest)));
        }
        while device.server_state() == ServerState::Waiting {
            device.forget_outputs();
            device.go_on();
        }
        let wait = device.now.saturating_duration_since(refusal).as_millis();
        assert!((600_000..=811_000).contains(&wait), "{policy:?}: {wait}");
    }
}

// spec: IFC-16, CON-19
#[test]
fn a_request_and_other_settings_try_the_proxy_at_once() {
    let mut device = refused(Policy::KeepTrying);
    device.connect();
    assert_ne!(device.server_state(), ServerState::Waiting);

    let mut device = refused(Policy::KeepTrying);
    let other = ProxySettings::new("10.1.1.2", 3128).unwrap();
    device.manager.store_proxy(device.now, &other);
    assert_ne!(device.server_state(), ServerState::Waiting);
    device.come_up();
    assert_eq!(device.server_state(), ServerState::Connected);
}

// spec: IFC-16
#[test]
fn a_request_ends_the_wait_for_a_proxy_that_refused() {
    let mut device = refused(Policy::KeepTrying);
    device.connect();
    device.come_up_to(ServerState::Resolving);
    // It fails for another reason, and is tried again as after any failure.
    let waits = waits(&mut device, 1);
    assert!(waits[0] <= 2_000, "{waits:?}");
}

// spec: CON-12, CON-13
#[test]
fn a_round_after_a_pause_has_several_tries_however_long_delays_had_grown() {
    let mut config = config();
    config.policy = Policy::SuspendOnError;
    config.server_order = [Some(ETH0), None, None];
    let mut device = Device::with(&config);
    device.connect();
    device.come_up();
    // Lost before it was stable, again and again: the delay grows to a minute.
    for _ in 0..8 {
        device.server(ServerReport::Lost { code: 1 });
        waits(&mut device, 1);
        device.come_up();
    }
    device.server(ServerReport::Lost { code: 1 });
    let all = waits(&mut device, 20);
    let pause = all.iter().position(|wait| *wait > 60_000).unwrap();
    assert!(pause < 10, "{all:?}");
    let round = &all[pause + 1..];
    let end = round.iter().position(|wait| *wait > 60_000).unwrap();
    assert!(end >= 4, "{all:?}");
    assert!(round[..end].iter().all(|wait| *wait <= 15_000), "{all:?}");
}
