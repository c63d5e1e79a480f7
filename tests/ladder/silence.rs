//! Devices that hang: silence, and the power cycle (IFC-14).

use lankeeper::{InterfaceConfig, Report, State};

use super::{CELLULAR, ETHERNET, FAULT, NOT_FOUND, PPP_DOWN, REFUSED, WIFI, changed};
use crate::support::{ETH0, Rig};

const DHCPING: State = State::EthernetDhcping;
const CYCLE: [&str; 3] = ["stop", "power down", "power up"];

/// Has the lease refused, and returns the commands of the next try.
fn next_try(rig: &mut Rig) -> Vec<&'static str> {
    rig.fail_in(DHCPING, REFUSED);
    rig.wait();
    let commands = rig.actions();
    rig.take();
    commands
}

// spec: IFC-14
#[test]
fn ppp_that_is_silent_twice_in_a_row_is_powered_up_anew() {
    let mut rig = Rig::up_to(CELLULAR, State::CellularPppConnecting);
    rig.wait();
    assert_eq!(rig.actions(), [""; 0]);
    rig.wait();
    assert_eq!(
        rig.actions(),
        ["dial"],
        "the first time it counts as refused"
    );
    rig.wait();
    assert_eq!(rig.state(), State::CellularStopped);
    assert_eq!(rig.actions(), ["stop"]);
    rig.wait();
    assert_eq!(rig.actions(), ["power up"]);
    // After the power-up it begins anew.
    rig.come_up_to(State::CellularPppConnecting);
    rig.wait();
    rig.wait();
    assert_eq!(rig.actions(), ["dial"]);
}

// spec: IFC-8, IFC-14
#[test]
fn what_is_powered_up_twice_is_powered_down_by_the_last_close() {
    let mut rig = Rig::with(InterfaceConfig::new(WIFI));
    let handle = rig.open();
    rig.come_up_to(State::WifiJoining);
    rig.wait();
    rig.wait();
    assert_eq!(rig.actions(), ["stop", "power up"]);
    rig.manager.close(rig.now, handle);
    assert_eq!(rig.actions(), ["stop", "power down"]);
}

// spec: IFC-14
#[test]
fn an_answer_in_between_ends_the_row_of_silences() {
    for connects in [false, true] {
        let mut rig = changed(CELLULAR, State::CellularPppConnecting, |config| {
            config.power_cycle_after = 0;
        });
        for _ in 0..5 {
            rig.wait();
            rig.wait();
            assert_eq!(rig.actions(), ["dial"]);
            if connects {
                rig.come_up_to(State::Connected);
            }
            rig.report(PPP_DOWN);
            rig.wait();
            assert_eq!(rig.actions(), ["dial"], "connects: {connects}");
        }
    }
}

// spec: IFC-14
#[test]
fn the_fourth_failure_in_a_row_is_followed_by_a_power_cycle() {
    let mut rig = Rig::up_to(ETH0, State::Starting);
    for _ in 0..3 {
        for _ in 0..3 {
            assert_eq!(next_try(&mut rig), ["start dhcp"]);
        }
        assert_eq!(next_try(&mut rig), CYCLE);
        assert_eq!(rig.state(), State::Starting);
    }
}

// spec: IFC-14
#[test]
fn the_number_of_failures_before_a_power_cycle_can_be_set() {
    for number in [1, 2, 255] {
        let mut rig = changed(ETHERNET, State::Starting, |config| {
            config.power_cycle_after = number;
        });
        for _ in 1..number {
            assert_eq!(next_try(&mut rig), ["start dhcp"], "{number}");
        }
        assert_eq!(next_try(&mut rig), CYCLE, "{number}");
    }
    let mut never = changed(ETHERNET, State::Starting, |config| {
        config.power_cycle_after = 0;
    });
    for _ in 0..600 {
        assert_eq!(next_try(&mut never), ["start dhcp"]);
    }
}

// spec: IFC-14
#[test]
fn failures_of_any_step_count_together() {
    let mut rig = Rig::up_to(WIFI, State::WifiScanning);
    for (state, report) in [
        (State::WifiScanning, NOT_FOUND),
        (State::WifiDhcping, REFUSED),
        (State::Connected, Report::LeaseLost),
    ] {
        rig.fail_in(state, report);
        rig.wait();
        let commands = rig.actions();
        assert!(!commands.contains(&"power down"), "{state} {commands:?}");
    }
    rig.fail_in(State::WifiDhcping, REFUSED);
    rig.wait();
    assert_eq!(rig.actions(), CYCLE);
}

// spec: IFC-14
#[test]
fn only_stability_begins_the_count_anew() {
    for (millis, commands) in [(299_999, &CYCLE[..]), (300_000, &["start dhcp"])] {
        let mut rig = Rig::up_to(ETH0, State::Starting);
        for _ in 0..3 {
            assert_eq!(next_try(&mut rig), ["start dhcp"]);
        }
        rig.come_up_to(State::Connected);
        rig.pass(lankeeper::Duration::from_millis(millis));
        rig.report(Report::LeaseLost);
        if rig.state() == DHCPING {
            rig.report(REFUSED);
        }
        rig.take();
        rig.wait();
        assert_eq!(rig.actions(), commands, "{millis}");
    }
}

// spec: IFC-14
#[test]
fn looks_for_the_carrier_do_not_count() {
    let mut rig = Rig::up_to(ETH0, State::EthernetLinkUp);
    for _ in 0..10 {
        rig.report(Report::CarrierDown);
        // The back-off, then the look.
        rig.wait();
        rig.wait();
        assert_eq!(rig.actions(), ["start link"]);
        rig.notices();
    }
    assert_eq!(next_try(&mut rig), ["start dhcp"]);
}

// spec: IFC-14
#[test]
fn what_is_powered_down_already_is_not_powered_down_again() {
    let mut rig = Rig::up_to(ETH0, State::Starting);
    for _ in 0..9 {
        rig.report(FAULT);
        assert_eq!(rig.actions(), ["stop", "power down"]);
        rig.wait();
        assert_eq!(rig.actions(), ["power up"]);
        rig.take();
    }
}

// spec: IFC-14
#[test]
fn a_stable_connection_ends_the_row_of_silences() {
    let mut rig = Rig::up_to(CELLULAR, State::CellularPppConnecting);
    rig.wait();
    rig.wait();
    rig.come_up_to(State::Connected);
    rig.prove_stable();
    rig.report(PPP_DOWN);
    assert_eq!(rig.actions(), ["dial"]);
    rig.wait();
    rig.wait();
    assert_eq!(rig.actions(), ["dial"]);
}

// spec: IFC-14
#[test]
fn a_fault_in_the_back_off_is_no_other_failure() {
    let mut rig = Rig::up_to(ETH0, State::Starting);
    for _ in 0..2 {
        assert_eq!(next_try(&mut rig), ["start dhcp"]);
    }
    rig.fail_in(DHCPING, REFUSED);
    rig.report(FAULT);
    rig.take();
    rig.wait();
    assert_eq!(rig.actions(), ["power up"]);
    assert_eq!(next_try(&mut rig), CYCLE, "the fourth");
}
