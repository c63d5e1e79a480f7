//! How a fleet keeps apart: the draws of its waits, and the spread.

use std::collections::BTreeSet;

use lankeeper::back_off::BackOffConfig;
use lankeeper::connect::ServerTimer;
use lankeeper::manager::{ServerCall, Wake};
use lankeeper::{
    Config, ConnectOutcome, Duration, Instant, Notice, Policy, Recovery, ServerReport, ServerState,
    Span,
};

use super::device::{Device, ETH0, WL0, config, just_before};

const RETURNS: Policy = Policy::ReturnOnError;
const POLICIES: [Policy; 3] = [
    Policy::SuspendOnError,
    Policy::ReturnOnError,
    Policy::ReturnOnErrorNoDisconnect,
];

/// Enough devices to meet every draw of a dozen at both ends.
const SEEDS: u64 = 500;

fn millis(millis: u32) -> Span {
    Span::from_millis(millis).unwrap()
}

/// Waits of 8 ms each within a grace of a second, so that every draw can be met.
fn short(seed: u64, spread: Option<u32>, policy: Policy) -> Config<3> {
    let mut config = config();
    // No timer but those of the server connection.
    for interface in &mut config.interfaces {
        interface.recovery = Recovery::Manual;
    }
    config.seed = seed;
    config.policy = policy;
    config.spread = spread.map(millis);
    config.server_order = [Some(ETH0), None, None];
    config.server.retry = BackOffConfig::new(millis(8), millis(8)).unwrap();
    config.server.grace = millis(1_000);
    config.server.pause = millis(8);
    config
}

/// A device of this configuration that has lost its server.
fn lost(config: &Config<3>) -> Device {
    let mut device = Device::with(config);
    device.connect();
    device.come_up();
    device.server(ServerReport::Lost { code: 1 });
    device.forget_outputs();
    device
}

fn refuse(device: &mut Device) {
    device.come_up_to(ServerState::Resolving);
    device.server(ServerReport::NotResolved { code: 1 });
    device.forget_outputs();
}

/// What a device waits for, and how long, in milliseconds.
fn wait(device: &Device) -> (ServerTimer, u64) {
    let next = device.manager.poll_at().expect("it waits");
    let Wake::Server(timer) = next.reason else {
        panic!("another timer: {next:?}");
    };
    let wait = next.at.saturating_duration_since(device.now);
    (timer, wait.as_micros() / 1_000)
}

/// The shortest and the longest of what many devices do, and how many different ones.
fn range(of: impl Fn(u64) -> u64) -> (u64, u64, usize) {
    let all: BTreeSet<_> = (0..SEEDS).map(of).collect();
    (*all.first().unwrap(), *all.last().unwrap(), all.len())
}

fn is_reported_lost(device: &mut Device) -> bool {
    let is_lost = |notice: &Notice| matches!(notice, Notice::ServerLost { .. });
    device.notices().iter().any(is_lost)
}

// spec: CON-18
#[test]
fn a_wait_is_anything_from_an_eighth_of_the_delay_to_all_of_it() {
    for (delay, expected) in [(1, (1, 1, 1)), (8, (1, 8, 8)), (16, (2, 16, 15))] {
        let waits = range(|seed| {
            let mut config = short(seed, None, RETURNS);
            config.server.retry = BackOffConfig::new(millis(delay), millis(delay)).unwrap();
            wait(&lost(&config)).1
        });
        assert_eq!(waits, expected, "{delay} ms");
    }
}

/// The waits of the round that a loss begins, in which every try fails.
fn waits_of_a_round(config: &Config<3>) -> Vec<u64> {
    let mut device = lost(config);
    let mut waits = Vec::new();
    while let (ServerTimer::Retry, wait) = wait(&device) {
        waits.push(wait);
        device.go_on();
        refuse(&mut device);
    }
    waits
}

// spec: CON-12, CON-18
#[test]
fn delays_grow_to_a_quarter_of_the_grace_and_a_longer_first_one_stays() {
    for (initial, grace, delays) in [
        (1, 600, [1, 2, 4, 8, 16]),
        (1, 60, [1, 2, 4, 8, 15]),
        (1, 36, [1, 2, 4, 8, 9]),
        (9, 36, [9, 9, 9, 9, 9]),
        (10, 36, [10, 10, 10, 10, 10]),
    ] {
        let mut longest = [0; 5];
        for seed in 0..SEEDS {
            let mut config = short(seed, None, RETURNS);
            let seconds = |secs| Span::from_secs(secs).unwrap();
            config.server.retry = BackOffConfig::new(seconds(initial), seconds(60)).unwrap();
            config.server.grace = seconds(grace);
            for (place, wait) in waits_of_a_round(&config).into_iter().enumerate() {
                let place = place.min(4);
                let limit = delays[4].max(u64::from(grace) / 4) * 1_000;
                let delay = if place < 4 {
                    delays[place] * 1_000
                } else {
                    limit
                };
                assert!(
                    (delay.min(1_000) / 8..=delay).contains(&wait),
                    "{place}: {wait}"
                );
                longest[place] = longest[place].max(wait);
            }
        }
        // The third one is followed by more in nearly every round.
        for (longest, delay) in longest.iter().zip(delays).take(3) {
            assert!(longest * 20 >= delay * 1_000 * 19, "{longest} of {delay} s");
        }
    }
}

// spec: CON-12
#[test]
fn a_server_that_is_back_late_in_the_grace_is_found() {
    // 20 s before the end, or five quarters of the spread.
    for (spread, before) in [(None, 20_000), (Some(30), 37_500), (Some(20), 25_000)] {
        for seed in 0..SEEDS {
            let mut config = config();
            (config.seed, config.policy) = (seed, RETURNS);
            config.server_order = [Some(ETH0), None, None];
            config.spread = spread.and_then(Span::from_secs);
            let mut device = lost(&config);
            let back = device
                .now
                .saturating_add(Duration::from_millis(60_000 - before));
            while device.server_state() == ServerState::Waiting {
                device.go_on();
                if device.server_state() == ServerState::Disconnected {
                    panic!("given up, {spread:?}, seed {seed}");
                } else if device.now >= back {
                    device.come_up();
                } else {
                    refuse(&mut device);
                }
            }
            assert_eq!(device.server_state(), ServerState::Connected);
        }
    }
}

// spec: CON-18
#[test]
fn the_first_retry_after_a_loss_is_put_off_and_later_ones_wait_for_the_spread() {
    for policy in POLICIES {
        // 1 to 8 ms, and 1 to 4 ms later.
        let first = range(|seed| wait(&lost(&short(seed, Some(4), policy))).1);
        assert_eq!(first, (2, 12, 11));
        let later = |spread| {
            range(|seed| {
                let mut device = lost(&short(seed, Some(spread), policy));
                device.go_on();
                refuse(&mut device);
                wait(&device).1
            })
        };
        // A drawn delay that is longer than the spread stays.
        assert_eq!(later(4), (4, 8, 5));
        assert_eq!(later(40), (40, 50, 11));
    }
}

// spec: CON-18
#[test]
fn the_end_of_the_grace_is_put_off_and_so_are_end_and_begin_of_a_round() {
    for policy in POLICIES {
        let suspends = policy == Policy::SuspendOnError;
        let end_of_grace = |device: &mut Device| {
            let begin = device.now;
            while wait(device).0 != ServerTimer::Round {
                device.go_on();
                refuse(device);
            }
            device.go(just_before(device.manager.poll_at().unwrap().at));
            assert_eq!(device.server_state(), ServerState::Waiting);
            assert!(!is_reported_lost(device));
            device.go_on();
            assert_eq!(is_reported_lost(device), !suspends);
            device.now.saturating_duration_since(begin).as_millis()
        };
        for (spread, expected) in [(None, (1_000, 1_000, 1)), (Some(4), (1_001, 1_004, 4))] {
            let ends = range(|seed| end_of_grace(&mut lost(&short(seed, spread, policy))));
            assert_eq!(ends, expected);
        }
        if !suspends {
            continue;
        }
        let pauses = |spread| {
            range(|seed| {
                let mut device = lost(&short(seed, spread, policy));
                end_of_grace(&mut device);
                let (timer, pause) = wait(&device);
                assert_eq!(timer, ServerTimer::Pause);
                pause
            })
        };
        // 6 to 8 ms, and 1 to 4 ms later.
        assert_eq!(pauses(None), (6, 8, 3));
        assert_eq!(pauses(Some(4)), (7, 12, 6));
        let second_ends = range(|seed| {
            let mut device = lost(&short(seed, Some(4), policy));
            end_of_grace(&mut device);
            device.go_on();
            let begin = device.now;
            refuse(&mut device);
            while wait(&device).0 != ServerTimer::Round {
                device.go_on();
                refuse(&mut device);
            }
            device.go_on();
            device.now.saturating_duration_since(begin).as_millis()
        });
        assert_eq!(second_ends, (1_001, 1_004, 4));
    }
}

// spec: CON-13, CON-18
#[test]
fn the_first_retry_after_a_failed_request_is_put_off_too() {
    let waits = range(|seed| {
        let mut device = Device::with(&short(seed, Some(4), Policy::SuspendOnError));
        device.connect();
        refuse(&mut device);
        wait(&device).1
    });
    assert_eq!(waits, (2, 12, 11));
}

/// Whether a call was put off; then nothing has begun.
fn is_put_off(device: &mut Device) -> bool {
    device.forget_outputs();
    assert_eq!(
        device.manager.server_call(device.now),
        Ok(ServerCall::Connecting)
    );
    match device.server_state() {
        ServerState::WaitingForInterface => return false,
        state => assert_eq!(state, ServerState::Waiting),
    }
    assert_eq!(device.commands(), [""; 0]);
    assert_eq!(device.manager.server_interface(), None);
    true
}

// spec: CON-16, CON-18
#[test]
fn the_first_server_call_after_a_start_or_a_wake_is_put_off() {
    for policy in POLICIES {
        let begins = range(|seed| {
            let mut device = Device::with(&short(seed, Some(4), policy));
            let mut begins = 0;
            for _ in 0..2 {
                assert!(is_put_off(&mut device));
                let (timer, wait) = wait(&device);
                assert_eq!(timer, ServerTimer::Retry);
                begins = wait;
                let begin = device.manager.poll_at().unwrap().at;
                device.go(just_before(begin));
                assert_eq!(device.commands(), [""; 0]);
                device.go(begin);
                assert_eq!(device.commands(), ["eth0 power up"]);
                device.come_up();
                assert_eq!(
                    device.results(),
                    [("eth0", ConnectOutcome::ServerConnected)]
                );
                device.manager.disconnect(device.now, None);
                device.manager.note_wake(device.now);
            }
            begins
        });
        assert_eq!(begins, (1, 4, 4), "{policy:?}");
        assert!(!is_put_off(&mut Device::with(&short(1, None, policy))));
    }
    // No other call is put off.
    let mut device = Device::with(&short(1, Some(4), Policy::SuspendOnError));
    assert!(is_put_off(&mut device));
    device.manager.disconnect(device.now, None);
    assert!(!is_put_off(&mut device));
}

// spec: CON-18
#[test]
fn a_connect_is_never_put_off() {
    for policy in POLICIES {
        let mut device = Device::with(&short(1, Some(4), policy));
        device.connect();
        assert_eq!(device.commands(), ["eth0 power up"]);

        // It takes the place of a call that is.
        let mut device = Device::with(&short(1, Some(4), policy));
        assert!(is_put_off(&mut device));
        device.connect();
        assert_eq!(device.commands(), ["eth0 power up"]);
        device.come_up();
        let connected = ("eth0", ConnectOutcome::ServerConnected);
        assert_eq!(device.results(), [connected]);
        device.forget_outputs();
        device.pass(Duration::from_secs(1));
        assert_eq!((device.commands(), device.results()), (vec![], vec![]));
    }
}

// spec: CON-18, CON-23
#[test]
fn an_interface_that_is_disabled_while_a_call_is_put_off_is_passed_over() {
    for policy in POLICIES {
        let mut config = short(1, Some(4), policy);
        config.server_order = [Some(ETH0), Some(WL0), None];
        let mut device = Device::with(&config);
        assert!(is_put_off(&mut device));
        device.manager.set_enabled(device.now, ETH0, false).unwrap();
        device.go_on();
        assert_eq!(device.commands(), ["wl0 power up"], "{policy:?}");
    }
}

// spec: CON-2, CON-16, CON-18
#[test]
fn a_call_that_is_put_off_is_an_attempt_with_a_result() {
    for policy in POLICIES {
        let mut device = Device::with(&short(1, Some(4), policy));
        assert!(is_put_off(&mut device));
        let again = device.manager.server_call(device.now).ok();
        let suspends = policy == Policy::SuspendOnError;
        assert_eq!(again, suspends.then_some(ServerCall::Connecting));
        device.manager.disconnect(device.now, None);
        assert_eq!(device.results(), [("eth0", ConnectOutcome::NotConnected)]);
        assert_eq!(device.manager.poll_at(), None);

        // Its time runs from its begin on.
        let mut device = Device::with(&short(1, Some(4), policy));
        assert!(is_put_off(&mut device));
        device.go_on();
        device.come_up_to(ServerState::Resolving);
        device.forget_outputs();
        assert_eq!(wait(&device), (ServerTimer::Attempt, 60_000));
        device.go_on();
        if suspends {
            assert_eq!(device.server_state(), ServerState::Waiting);
        } else {
            assert_eq!(device.results(), [("eth0", ConnectOutcome::NotResolved)]);
        }
    }
}

// spec: CON-18, TIME-4
#[test]
fn the_longest_spread_overflows_nothing() {
    for policy in POLICIES {
        let mut config = short(1, Some(u32::MAX), policy);
        config.server.grace = Span::MAX;
        config.server.retry = BackOffConfig::new(Span::MAX, Span::MAX).unwrap();
        let mut device = lost(&config);
        let end = device
            .now
            .saturating_add(Duration::from_secs(86_400 * 1_000));
        while device.server_state() != ServerState::Disconnected && device.now < end {
            device.go_on();
            if device.manager.server_interface().is_some()
                && device.server_state() != ServerState::Waiting
            {
                refuse(&mut device);
            }
            device.forget_outputs();
            let next = device.manager.poll_at();
            assert!(next.is_none_or(|next| next.at > device.now));
        }
        device.go(Instant::MAX);
    }
}
