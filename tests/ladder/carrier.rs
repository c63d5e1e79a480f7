//! A carrier that is lost and comes back (IFC-6).

use lankeeper::back_off::BackOffConfig;
use lankeeper::{Config, Duration, Instant, InterfaceConfig, Recovery, Report, Span, State};

use super::{ETHERNET, MICROSECOND, REFUSED, is_about, unopened};
use crate::support::{Rig, secs};

const NO_LINK: State = State::EthernetStoppedNoLink;
const LINK_UP: State = State::EthernetLinkUp;

/// An interface whose carrier is lost, and the end of its back-off; all outputs are taken.
fn lost() -> (Rig, Instant) {
    let mut rig = Rig::up_to(ETHERNET, State::Connected);
    rig.report(Report::CarrierDown);
    assert_eq!(rig.states(), [NO_LINK]);
    assert_eq!(rig.actions(), [""; 0]);
    let end = rig.next_timer().unwrap();
    assert!(is_about(rig.delay(), 1_000));
    (rig, end)
}

// spec: IFC-6
#[test]
fn a_carrier_that_is_back_in_the_back_off_is_used_at_its_end() {
    let (mut rig, end) = lost();
    rig.report(Report::CarrierUp);
    assert_eq!(rig.states(), []);
    assert_eq!(rig.next_timer(), Some(end));
    rig.wait_exactly();
    assert_eq!(rig.states(), [LINK_UP]);
    assert_eq!(rig.actions(), ["start link"]);
}

// spec: IFC-6
#[test]
fn a_carrier_that_is_back_later_is_used_at_once() {
    for late in [MICROSECOND, Duration::from_secs(30)] {
        let (mut rig, end) = lost();
        rig.go(end);
        assert_eq!((rig.states().len(), rig.actions().len()), (0, 0));
        rig.pass(late);
        rig.report(Report::CarrierUp);
        assert_eq!(rig.states(), [LINK_UP]);
        assert_eq!(rig.actions(), ["start link"]);
    }
}

// spec: IFC-6
#[test]
fn a_carrier_that_is_gone_again_by_then_is_not_used() {
    let (mut rig, end) = lost();
    rig.report(Report::CarrierUp);
    rig.report(Report::CarrierDown);
    rig.go(end);
    assert_eq!((rig.states().len(), rig.actions().len()), (0, 0));
    rig.report(Report::CarrierUp);
    assert_eq!(rig.states(), [LINK_UP]);
}

// spec: IFC-6, IFC-7
#[test]
fn without_a_carrier_it_looks_for_one_after_the_longest_delay() {
    for failures in 0..9 {
        let mut rig = Rig::up_to(ETHERNET, State::EthernetDhcping);
        for _ in 0..failures {
            rig.report(Report::CarrierDown);
            rig.report(Report::CarrierUp);
            rig.wait();
            rig.come_up_to(State::EthernetDhcping);
        }
        rig.report(Report::CarrierDown);
        let begin = rig.now;
        // The back-off is a part of the delay.
        rig.wait();
        rig.take();
        rig.wait_exactly();
        assert_eq!(rig.states(), [LINK_UP]);
        assert_eq!(rig.actions(), ["start link"]);
        let waited = rig.now.saturating_duration_since(begin).as_micros();
        // At the longest delay a millisecond more.
        assert!((45_000_000..=60_001_000).contains(&waited), "{waited}");
    }
}

// spec: IFC-6, IFC-7
#[test]
fn a_carrier_that_comes_back_lengthens_the_back_off() {
    for is_late in [false, true] {
        let mut rig = Rig::up_to(ETHERNET, State::EthernetDhcping);
        for secs in [1, 2, 4, 8, 16, 32, 60, 60] {
            rig.report(Report::CarrierDown);
            assert!(is_about(rig.delay(), secs * 1_000), "{is_late} {secs}");
            if is_late {
                rig.wait();
                rig.pass(MICROSECOND);
                rig.report(Report::CarrierUp);
            } else {
                rig.report(Report::CarrierUp);
                rig.wait();
            }
            assert_eq!(rig.state(), LINK_UP);
            rig.come_up_to(State::EthernetDhcping);
        }
    }
}

// spec: IFC-6, IFC-7
#[test]
fn after_a_stable_connection_the_back_off_is_the_first_one() {
    let mut rig = Rig::up_to(ETHERNET, State::Connected);
    for _ in 0..3 {
        rig.report(Report::CarrierDown);
        assert!(is_about(rig.delay(), 1_000), "NO_LINK waits even then");
        rig.report(Report::CarrierUp);
        rig.wait();
        rig.come_up_to(State::Connected);
        rig.prove_stable();
    }
}

// spec: IFC-13
#[test]
fn a_carrier_that_flaps_in_the_worst_moments_is_not_followed() {
    for back_after_wait in [false, true] {
        let mut rig = Rig::up_to(ETHERNET, State::EthernetLinkUp);
        let mut hours = [0; 24];
        while rig.now < secs(24 * 3_600) {
            rig.come_up_to(State::EthernetDhcping);
            rig.report(Report::CarrierDown);
            if back_after_wait {
                rig.wait();
            }
            rig.report(Report::CarrierUp);
            if rig.state() == NO_LINK {
                rig.wait();
            }
            assert_eq!(rig.actions(), ["start link"]);
            let hour = rig.now.as_micros() / 3_600_000_000;
            if let Some(starts) = hours.get_mut(hour as usize) {
                *starts += 1;
            }
        }
        assert!(hours.iter().all(|starts| *starts <= 90), "{hours:?}");
        assert!(hours[23] <= hours[0], "{hours:?}");
    }
}

// spec: IFC-6
#[test]
fn under_manual_recovery_a_carrier_resumes_nothing() {
    let mut rig = unopened(ETHERNET);
    let handle = rig.open();
    rig.fail_in(LINK_UP, Report::CarrierDown);
    for _ in 0..2 {
        rig.report(Report::CarrierUp);
        assert_eq!((rig.states().len(), rig.next_timer()), (0, None));
        rig.pass(Duration::from_secs(1_000_000));
    }
    rig.manager.retry(rig.now, handle).unwrap();
    assert_eq!(rig.states(), [LINK_UP]);
}

// spec: IFC-6, TIME-7
#[test]
fn a_clock_that_is_set_back_leaves_the_back_off_as_it_was() {
    let (mut rig, end) = lost();
    rig.pass(Duration::from_secs(100));
    let _ = rig.next_timer();
    // The carrier is watched; the back-off is long over on any clock.
    assert!(rig.now > end);
    rig.now = Instant::EPOCH;
    rig.manager.rebase(rig.now);
    rig.pass(MICROSECOND);
    rig.report(Report::CarrierUp);
    assert_eq!(rig.state(), LINK_UP);
    rig.take();
    // One that runs has the time that it had left.
    rig.come_up_to(State::EthernetDhcping);
    rig.report(Report::CarrierDown);
    rig.report(Report::CarrierUp);
    let left = rig.delay();
    rig.now = secs(1_000_000);
    rig.manager.rebase(rig.now);
    assert_eq!(rig.delay(), left);
    rig.wait_exactly();
    assert_eq!(rig.state(), LINK_UP);
}

// spec: IFC-14
#[test]
fn without_a_carrier_a_power_cycle_is_put_off() {
    let mut rig = Rig::up_to(ETHERNET, State::EthernetDhcping);
    for _ in 0..3 {
        rig.report(REFUSED);
        rig.wait();
    }
    rig.report(REFUSED);
    // The fourth failure in a row: a power cycle is due.
    rig.report(Report::CarrierDown);
    rig.take();
    for _ in 0..2 {
        while rig.state() == NO_LINK {
            rig.wait();
        }
        assert_eq!(rig.state(), LINK_UP);
        assert_eq!(rig.only_actions(), ["start link"]);
        rig.report(Report::CarrierDown);
    }
    rig.report(Report::CarrierUp);
    rig.wait();
    rig.report(Report::CarrierUp);
    rig.report(REFUSED);
    rig.take();
    rig.wait();
    assert_eq!(rig.only_actions(), ["stop", "power down", "power up"]);
}

// spec: IFC-7
#[test]
fn the_look_for_a_carrier_comes_no_sooner_than_three_quarters_of_the_longest_delay() {
    for seed in 0..200 {
        let mut config = InterfaceConfig::new(ETHERNET);
        let delays = BackOffConfig::new(Span::secs::<32>(), Span::secs::<60>()).unwrap();
        config.recovery = Recovery::Automatic(delays);
        let mut rig = Rig::with_config(&Config::new(seed, [config]));
        rig.open();
        rig.come_up_to(LINK_UP);
        rig.report(Report::CarrierDown);
        let lost = rig.now;
        // The end of the back-off, then the look.
        rig.wait_exactly();
        assert_eq!(rig.state(), NO_LINK, "seed {seed}");
        rig.wait_exactly();
        assert_eq!(rig.state(), LINK_UP, "seed {seed}");
        let millis = rig.now.as_millis() - lost.as_millis();
        assert!(
            (45_000..=60_000).contains(&millis),
            "seed {seed}: {millis} ms"
        );
    }
}
