//! A stop or power-down that failed is reported, and changes nothing else (DRV-6).

use lankeeper::{Cause, InterfaceId, Notice, Report, State};

use crate::support::operation::id;
use crate::support::{ETH0, Rig};
use proptest::prelude::*;

const CODE: i32 = -16;

fn failed(interface: InterfaceId) -> Notice {
    let code = CODE;
    Notice::StopFailed { interface, code }
}

/// Closes an interface, and returns the tickets of the stop and of the power-down.
fn closed(id: InterfaceId) -> (Rig, [lankeeper::Ticket; 2]) {
    let mut rig = Rig::with(lankeeper::InterfaceConfig::new(id));
    let handle = rig.open();
    rig.come_up();
    rig.manager.close(rig.now, handle);
    let tickets = ["stop", "power down"].map(|name| rig.latest(&[name]).unwrap());
    rig.commands();
    rig.notices();
    (rig, tickets)
}

proptest! {
    // spec: DRV-6, IFC-12
    #[test]
    fn a_power_down_that_failed_is_reported_once_and_changes_nothing(id in id()) {
        let (mut rig, [_, power_down]) = closed(id);
        let before = (rig.state(), rig.cause(), rig.next_timer());
        prop_assert_eq!(before.1, Some(Cause::Closed));
        rig.report_as(power_down, Report::Fault { code: CODE });
        prop_assert_eq!(rig.notices(), [failed(id)]);
        prop_assert_eq!((rig.state(), rig.cause(), rig.next_timer()), before);
        prop_assert!(rig.commands().is_empty());
        prop_assert_eq!(rig.manager.ignored(id).unwrap().stale, 0);
        // The second time it is stale.
        rig.report_as(power_down, Report::Fault { code: CODE });
        prop_assert!(rig.notices().is_empty());
        prop_assert_eq!(rig.manager.ignored(id).unwrap().stale, 1);
    }
}

// spec: DRV-6
#[test]
fn a_stop_that_failed_in_a_back_off_is_reported_and_the_retry_goes_on() {
    let id = InterfaceId::WIFI;
    let mut rig = Rig::up_to(id, State::WifiScanning);
    rig.report(Report::NetworkNotFound { code: 1 });
    let stop = rig.latest(&["stop"]).unwrap();
    rig.notices();
    let (state, timer) = (rig.state(), rig.next_timer());
    assert_eq!(state, State::WifiStopped);
    rig.report_as(stop, Report::Fault { code: CODE });
    assert_eq!(rig.notices(), [failed(id)]);
    assert_eq!((rig.state(), rig.next_timer()), (state, timer));
    assert_eq!(rig.cause(), Some(Cause::NotFound), "the reason stays");
    rig.go(timer.unwrap());
    rig.come_up();
    assert_eq!(rig.state(), State::Connected);
}

// spec: DRV-6
#[test]
fn a_failure_is_reported_although_the_interface_comes_up_again() {
    let (mut rig, [_, power_down]) = closed(ETH0);
    rig.open();
    rig.come_up();
    rig.notices();
    rig.report_as(power_down, Report::Fault { code: CODE });
    assert_eq!(rig.notices(), [failed(ETH0)]);
    assert_eq!(rig.state(), State::Connected);
}

// spec: DRV-6, IFC-10
#[test]
fn a_failure_of_an_earlier_stop_is_stale() {
    let (mut rig, [_, former]) = closed(ETH0);
    let handle = rig.open();
    rig.come_up();
    rig.manager.close(rig.now, handle);
    rig.commands();
    rig.notices();
    rig.report_as(former, Report::Fault { code: CODE });
    assert!(rig.notices().is_empty());
    assert_eq!(rig.manager.ignored(ETH0).unwrap().stale, 1);
}

// spec: DRV-6, IFC-10
#[test]
fn a_stop_and_the_power_down_that_follows_are_reported_as_one() {
    let (mut rig, [stop, power_down]) = closed(ETH0);
    assert_eq!(stop, power_down);
    rig.report_as(stop, Report::Fault { code: CODE });
    assert_eq!(rig.notices(), [failed(ETH0)]);
    rig.report_as(power_down, Report::Fault { code: CODE });
    assert!(rig.notices().is_empty());
    assert_eq!(rig.manager.ignored(ETH0).unwrap().stale, 1);
}

// spec: DRV-6, IFC-10
#[test]
fn a_stop_is_answered_by_nothing_but_its_failure() {
    let (mut rig, [_, power_down]) = closed(ETH0);
    for report in [Report::Ready, Report::CarrierDown, Report::LeaseLost] {
        rig.report_as(power_down, report);
    }
    assert!(rig.notices().is_empty());
    assert_eq!(rig.manager.ignored(ETH0).unwrap().stale, 3);
    assert_eq!(rig.state(), State::EthernetStopped);
}
