//! Patience with who will hardly change his mind (IFC-16).

use lankeeper::back_off::BackOffConfig;
use lankeeper::{Config, Duration, InterfaceConfig, Recovery, Report, Span, State};

use super::{CELLULAR, DENIED, NOT_FOUND, WIFI, WRONG_KEY, changed, is_about};
use crate::support::Rig;

const REGISTERING: State = State::CellularRegistering;

/// Whether a delay is this many seconds, or longer by up to a quarter.
fn is_at_least(delay: Duration, secs: u64) -> bool {
    (secs * 1_000_000..=secs * 1_250_000).contains(&delay.as_micros())
}

// spec: IFC-16
#[test]
fn a_denied_registration_is_not_repeated_within_ten_minutes() {
    let mut rig = Rig::up_to(CELLULAR, REGISTERING);
    for _ in 0..3 {
        rig.report(DENIED);
        assert_eq!(rig.state(), State::CellularRegistrationDenied);
        assert!(is_at_least(rig.delay(), 600), "{:?}", rig.delay());
        rig.wait_exactly();
        assert_eq!(rig.actions(), ["register"]);
        rig.notices();
    }
}

// spec: IFC-16
#[test]
fn the_wait_differs_from_device_to_device_and_covers_its_quarter() {
    let delay = |seed| {
        let config = Config::new(seed, [InterfaceConfig::new(CELLULAR)]);
        let mut rig = Rig::with_config(&config);
        rig.open();
        rig.fail_in(REGISTERING, DENIED);
        rig.delay().as_secs()
    };
    let delays: Vec<_> = (0..200).map(delay).collect();
    let (shortest, longest) = (delays.iter().min().unwrap(), delays.iter().max().unwrap());
    assert!((600..610).contains(shortest), "{shortest}");
    assert!((740..=750).contains(longest), "{longest}");
}

// spec: IFC-16
#[test]
fn the_wait_can_be_set_and_is_never_shorter_than_the_back_off() {
    let mut rig = changed(CELLULAR, REGISTERING, |config| {
        config.refused_delay = Span::secs::<20>();
    });
    rig.report(DENIED);
    assert!(is_at_least(rig.delay(), 20));
    let mut rig = changed(CELLULAR, REGISTERING, |config| {
        let (initial, maximum) = (Span::secs::<100>(), Span::secs::<100>());
        config.recovery = Recovery::Automatic(BackOffConfig::new(initial, maximum).unwrap());
        config.refused_delay = Span::MIN;
    });
    rig.report(DENIED);
    assert!(is_about(rig.delay(), 100_000));
}

// spec: IFC-16
#[test]
fn a_wrong_key_is_a_refusal_from_the_third_in_a_row_on() {
    let mut rig = changed(WIFI, State::Starting, |config| config.power_cycle_after = 0);
    for number in 1..=5 {
        rig.fail_in(State::WifiJoining, WRONG_KEY);
        let delay = rig.delay();
        match number {
            1 => assert!(is_about(delay, 1_000), "{delay:?}"),
            2 => assert!(is_about(delay, 2_000), "{delay:?}"),
            _ => assert!(is_at_least(delay, 600), "{number} {delay:?}"),
        }
        rig.wait_exactly();
    }
}

// spec: IFC-16
#[test]
fn another_failure_or_a_connection_ends_the_row_of_wrong_keys() {
    let in_between: [fn(&mut Rig); 2] = [
        |rig| {
            rig.fail_in(State::WifiScanning, NOT_FOUND);
            rig.wait();
        },
        |rig| {
            rig.fail_in(State::Connected, Report::LeaseLost);
            rig.wait();
            rig.report(super::LINK_LOST);
            rig.wait();
        },
    ];
    for between in in_between {
        let mut rig = changed(WIFI, State::Starting, |config| config.power_cycle_after = 0);
        for _ in 0..2 {
            rig.fail_in(State::WifiJoining, WRONG_KEY);
            rig.wait();
        }
        between(&mut rig);
        for _ in 0..2 {
            rig.fail_in(State::WifiJoining, WRONG_KEY);
            assert!(rig.delay() <= Duration::from_secs(60));
            rig.wait();
        }
        rig.fail_in(State::WifiJoining, WRONG_KEY);
        assert!(is_at_least(rig.delay(), 600));
    }
}

// spec: IFC-16, IFC-14
#[test]
fn a_late_success_ends_the_wait_but_not_the_back_off() {
    let mut rig = Rig::up_to(CELLULAR, REGISTERING);
    rig.report(DENIED);
    rig.take();
    rig.pass(Duration::from_secs(100));
    rig.report(Report::Registered);
    assert_eq!(rig.state(), State::CellularRegistrationDenied);
    assert!(is_about(rig.delay(), 1_000), "{:?}", rig.delay());
    rig.wait_exactly();
    assert_eq!(rig.states(), [State::CellularPppConnecting]);
    assert_eq!(rig.actions(), ["dial"]);
}

// spec: IFC-16
#[test]
fn a_late_success_at_the_end_of_the_wait_makes_it_no_longer() {
    let mut rig = Rig::up_to(CELLULAR, REGISTERING);
    rig.report(DENIED);
    rig.take();
    let end = rig.next_timer().unwrap();
    rig.go(lankeeper::Instant::from_micros(end.as_micros() - 1));
    rig.report(Report::Registered);
    assert_eq!(rig.next_timer(), Some(end));
}

// spec: IFC-16
#[test]
fn a_request_tries_at_once() {
    let mut rig = Rig::with(InterfaceConfig::new(CELLULAR));
    let handle = rig.open();
    rig.fail_in(REGISTERING, DENIED);
    rig.manager.retry(rig.now, handle).unwrap();
    assert_eq!(rig.states(), [REGISTERING]);
    assert_eq!(rig.actions(), ["register"]);
}

// spec: IFC-16, TIME-7
#[test]
fn a_clock_that_jumps_leaves_the_wait_as_it_was() {
    for to in [0, 1_000_000] {
        let mut rig = Rig::up_to(CELLULAR, REGISTERING);
        rig.pass(Duration::from_secs(50));
        rig.report(DENIED);
        rig.take();
        rig.pass(Duration::from_secs(100));
        let left = rig.delay();
        rig.now = crate::support::secs(to);
        rig.manager.rebase(rig.now);
        assert_eq!(rig.delay(), left);
        rig.wait_exactly();
        assert_eq!(rig.state(), REGISTERING);
    }
}

// spec: IFC-16, IFC-14
#[test]
fn a_fault_meanwhile_makes_the_wait_no_shorter() {
    let mut rig = Rig::up_to(CELLULAR, REGISTERING);
    rig.report(DENIED);
    let end = rig.next_timer();
    rig.report(super::FAULT);
    assert_eq!(rig.state(), State::CellularStoppedUnhappy);
    assert_eq!(rig.next_timer(), end);
}

// spec: IFC-16, IFC-7
#[test]
fn after_a_request_another_failure_waits_as_ever() {
    let mut rig = Rig::with(InterfaceConfig::new(CELLULAR));
    let handle = rig.open();
    rig.fail_in(REGISTERING, DENIED);
    rig.manager.retry(rig.now, handle).unwrap();
    rig.fail_in(State::CellularPppConnecting, super::PPP_DOWN);
    assert!(is_about(rig.delay(), 1_000), "{:?}", rig.delay());
}

// spec: IFC-16
#[test]
fn a_stable_connection_ends_the_row_of_wrong_keys() {
    let mut rig = Rig::up_to(WIFI, State::Starting);
    for _ in 0..2 {
        rig.fail_in(State::WifiJoining, WRONG_KEY);
        rig.wait();
    }
    rig.come_up_to(State::Connected);
    rig.prove_stable();
    rig.report(super::LINK_LOST);
    assert_eq!(rig.state(), State::WifiScanning);
    rig.fail_in(State::WifiJoining, WRONG_KEY);
    assert!(is_about(rig.delay(), 1_000), "{:?}", rig.delay());
}

// spec: IFC-16
#[test]
fn a_denial_after_a_late_success_is_a_refusal_too() {
    let mut rig = Rig::up_to(CELLULAR, REGISTERING);
    rig.report(DENIED);
    rig.report(Report::Registered);
    assert!(is_about(rig.delay(), 1_000));
    rig.report(DENIED);
    assert!(is_at_least(rig.delay(), 600), "{:?}", rig.delay());
    // Another one in the wait makes it no longer.
    let wait = rig.delay();
    rig.report(DENIED);
    assert_eq!(rig.delay(), wait);
}

// spec: IFC-16
#[test]
fn a_fault_after_a_late_success_waits_for_the_back_off_only() {
    let mut rig = Rig::up_to(CELLULAR, REGISTERING);
    rig.report(DENIED);
    rig.report(Report::Registered);
    rig.report(Report::Fault { code: 2 });
    assert_eq!(rig.state(), State::CellularStoppedUnhappy);
    assert!(is_about(rig.delay(), 1_000), "{:?}", rig.delay());
}
