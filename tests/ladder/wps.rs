//! Wi-Fi Protected Setup without a network, and drivers without a scan (IFC-17, IFC-18).

use lankeeper::{Cause, Duration, InterfaceConfig, Report, State};

use super::{LINK_LOST, NOT_FOUND, REFUSED, REJECTED, WIFI, WRONG_KEY, is_about, manual};
use crate::support::{Rig, named};

const STOPPED: State = State::WifiStopped;
const WPSING: State = State::WifiWpsing;

/// Stopped for want of credentials; all outputs are taken.
fn without_network(change: impl FnOnce(&mut InterfaceConfig)) -> Rig {
    let mut config = InterfaceConfig::new(WIFI);
    change(&mut config);
    let mut rig = Rig::with(config);
    rig.manager.open(rig.now, &named("wl0")).unwrap();
    rig.report(Report::Ready);
    assert_eq!(rig.state(), STOPPED);
    assert_eq!(rig.cause(), Some(Cause::NoCredentials));
    assert_eq!(rig.actions(), ["power up"], "the radio stays on");
    rig.take();
    rig
}

// spec: IFC-17
#[test]
fn wps_works_without_a_stored_network() {
    for change in [manual as fn(&mut InterfaceConfig), |_| {}] {
        let mut rig = without_network(change);
        assert_eq!(rig.next_timer(), None);
        rig.pass(Duration::from_secs(10_000));
        rig.report(Report::WpsStarted);
        assert_eq!(rig.states(), [WPSING]);
        assert_eq!(rig.actions(), ["wps"]);
        assert_eq!(rig.delay().as_secs(), 120);
        rig.come_up();
        assert_eq!(rig.state(), State::Connected);
    }
}

// spec: IFC-17, IFC-14
#[test]
fn wps_that_failed_can_be_begun_again() {
    let mut rig = without_network(|_| {});
    for secs in [1, 2] {
        rig.report(Report::WpsStarted);
        rig.report(REJECTED);
        assert_eq!(rig.states(), [WPSING, STOPPED]);
        assert_eq!(rig.actions(), ["wps", "stop"][..]);
        assert!(is_about(rig.delay(), secs * 1_000));
        rig.wait();
        // There is still no network to look for.
        assert_eq!(rig.cause(), Some(Cause::NoCredentials));
        assert_eq!((rig.next_timer(), rig.actions().len()), (None, 0));
    }
    rig.report(Report::WpsStarted);
    assert_eq!(rig.state(), WPSING);
}

// spec: IFC-14, IFC-17, OPEN-8
#[test]
fn a_lease_that_is_refused_after_wps_is_asked_for_again_over_the_same_link() {
    let mut rig = without_network(|_| {});
    rig.report(Report::WpsStarted);
    rig.take();
    // What the radio learns is provisioned before it reports that it has joined.
    let mut learnt = lankeeper::stored::StoredSettings::default();
    learnt.wifi = Some(crate::support::network());
    rig.manager.provision(rig.now, &learnt);
    assert_eq!(
        rig.manager.poll_notice(),
        Some(lankeeper::Notice::Provisioned)
    );
    rig.report(Report::Joined);
    rig.report(REFUSED);
    assert_eq!(
        rig.states(),
        [State::WifiLinkUp, State::WifiDhcping, STOPPED]
    );
    rig.take();
    rig.wait();
    assert_eq!(rig.states(), [State::WifiDhcping]);
    assert_eq!(rig.only_actions(), ["start dhcp"]);
}

// spec: IFC-17
#[test]
fn a_network_that_is_stored_later_is_joined_at_once() {
    let mut rig = without_network(|_| {});
    rig.manager.store_wifi(rig.now, &crate::support::network());
    assert_eq!(rig.states(), [State::WifiScanning]);
    assert_eq!(rig.only_actions().last(), Some(&"scan"));
    rig.come_up();
    assert_eq!(rig.state(), State::Connected);
}

// spec: IFC-17, IFC-13
#[test]
fn wps_in_a_back_off_begins_the_next_try() {
    for (state, report) in [
        (State::WifiScanning, NOT_FOUND),
        (State::WifiDhcping, REFUSED),
    ] {
        let mut rig = Rig::up_to(WIFI, state);
        rig.report(report);
        rig.take();
        let end = rig.next_timer();
        // A driver that asks again and again does not set the pace.
        for _ in 0..5 {
            rig.report(Report::WpsStarted);
            assert_eq!((rig.state(), rig.next_timer()), (STOPPED, end));
        }
        rig.wait_exactly();
        assert_eq!(rig.states(), [WPSING]);
        assert_eq!(rig.actions(), ["wps"]);
        // It is good for one try.
        rig.report(REJECTED);
        rig.take();
        rig.wait();
        assert_eq!(rig.actions(), ["scan"]);
    }
}

// spec: IFC-17, IFC-14
#[test]
fn a_link_that_is_lost_leaves_the_next_try_to_wps() {
    let mut rig = Rig::up_to(WIFI, State::WifiDhcping);
    rig.report(REFUSED);
    rig.report(Report::WpsStarted);
    // The link is gone, but WPS does not build on it: it begins at the same layer.
    rig.report(LINK_LOST);
    rig.take();
    rig.wait_exactly();
    assert_eq!(rig.states(), [WPSING]);
    assert_eq!(rig.actions(), ["wps"]);
}

// spec: IFC-17, IFC-7
#[test]
fn under_manual_recovery_wps_is_no_request() {
    let mut config = InterfaceConfig::new(WIFI);
    manual(&mut config);
    let mut rig = Rig::with(config);
    rig.open();
    rig.fail_in(State::WifiScanning, NOT_FOUND);
    rig.report(Report::WpsStarted);
    assert_eq!((rig.state(), rig.next_timer()), (STOPPED, None));
}

// spec: IFC-18, IFC-4
#[test]
fn a_join_or_wps_may_find_no_network_and_a_scan_a_wrong_key() {
    for state in [State::WifiScanning, State::WifiJoining, WPSING] {
        for (report, cause) in [
            (NOT_FOUND, Cause::NotFound),
            (WRONG_KEY, Cause::WrongCredentials),
        ] {
            let mut rig = Rig::up_to(WIFI, State::Starting);
            if state == WPSING {
                rig.report(Report::WpsStarted);
            }
            rig.come_up_to(state);
            rig.report(report);
            assert_eq!(rig.states(), [STOPPED], "{state} {report:?}");
            assert_eq!(rig.cause(), Some(cause));
            assert_eq!(rig.actions(), ["stop"]);
            rig.wait();
            assert_eq!(rig.actions(), ["scan"]);
        }
    }
}
