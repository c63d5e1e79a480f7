//! Where the next try begins after each failure, and what the failure ends (IFC-14).

use lankeeper::{InterfaceConfig, InterfaceId, Report, State, WifiKey, WifiSettings};

use super::{
    CELLULAR, DENIED, ETHERNET, FAULT, LINK_LOST, NO_SIM, NOT_FOUND, PPP_DOWN, REFUSED, REJECTED,
    WIFI, WRONG_KEY,
};
use crate::support::{Rig, named, network};

/// What fails in which state (`None` is silence), where it stops, what is ended, and the state and the
/// commands with which the next try begins.
type Case = (
    InterfaceId,
    State,
    Option<Report>,
    State,
    &'static [&'static str],
    State,
    &'static str,
);

const NOTHING: &[&str] = &[];
const STOP: &[&str] = &["stop"];
const OFF: &[&str] = &["stop", "power down"];

#[rustfmt::skip]
const CASES: &[Case] = {
    use State as S;
    &[
        (WIFI, S::Starting, None, S::WifiStoppedUnhappy, OFF, S::Starting, "power up"),
        (WIFI, S::WifiScanning, Some(NOT_FOUND), S::WifiStopped, STOP, S::WifiScanning, "scan"),
        (WIFI, S::WifiScanning, None, S::WifiStopped, STOP, S::WifiScanning, "scan"),
        (WIFI, S::WifiJoining, Some(NOT_FOUND), S::WifiStopped, STOP, S::WifiScanning, "scan"),
        (WIFI, S::WifiJoining, Some(WRONG_KEY), S::WifiStopped, STOP, S::WifiScanning, "scan"),
        (WIFI, S::WifiJoining, Some(REJECTED), S::WifiStopped, STOP, S::WifiScanning, "scan"),
        (WIFI, S::WifiJoining, Some(LINK_LOST), S::WifiStopped, STOP, S::WifiScanning, "scan"),
        (WIFI, S::WifiJoining, None, S::WifiStopped, STOP, S::Starting, "power up"),
        (WIFI, S::WifiDhcping, Some(REFUSED), S::WifiStopped, NOTHING, S::WifiDhcping, "start dhcp"),
        (WIFI, S::WifiDhcping, None, S::WifiStopped, NOTHING, S::WifiDhcping, "start dhcp"),
        (WIFI, S::WifiDhcping, Some(LINK_LOST), S::WifiStopped, STOP, S::WifiScanning, "scan"),
        (WIFI, S::WifiDhcping, Some(FAULT), S::WifiStoppedUnhappy, OFF, S::Starting, "power up"),
        (WIFI, S::Connected, Some(LINK_LOST), S::WifiStopped, STOP, S::WifiScanning, "scan"),
        (WIFI, S::Connected, Some(WRONG_KEY), S::WifiStopped, STOP, S::WifiScanning, "scan"),
        (WIFI, S::Connected, Some(Report::LeaseLost), S::WifiStopped, NOTHING, S::WifiDhcping, "start dhcp"),
        (ETHERNET, S::Starting, None, S::EthernetStoppedUnhappy, OFF, S::Starting, "power up"),
        (ETHERNET, S::EthernetDhcping, Some(REFUSED), S::EthernetStopped, NOTHING, S::EthernetDhcping, "start dhcp"),
        (ETHERNET, S::EthernetDhcping, None, S::EthernetStopped, NOTHING, S::EthernetDhcping, "start dhcp"),
        (ETHERNET, S::Connected, Some(REFUSED), S::EthernetStopped, NOTHING, S::EthernetDhcping, "start dhcp"),
        (ETHERNET, S::Connected, Some(Report::LeaseLost), S::EthernetStopped, NOTHING, S::EthernetDhcping, "start dhcp"),
        (ETHERNET, S::Connected, Some(FAULT), S::EthernetStoppedUnhappy, OFF, S::Starting, "power up"),
        (CELLULAR, S::Starting, None, S::CellularStoppedUnhappy, OFF, S::Starting, "power up"),
        (CELLULAR, S::CellularPinging, None, S::CellularStoppedUnhappy, OFF, S::Starting, "power up"),
        (CELLULAR, S::CellularWaitingForSim, Some(NO_SIM), S::CellularStopped, NOTHING, S::CellularWaitingForSim, "read sim"),
        (CELLULAR, S::CellularWaitingForSim, None, S::CellularStopped, STOP, S::Starting, "power up"),
        (CELLULAR, S::CellularRegistering, Some(DENIED), S::CellularRegistrationDenied, NOTHING, S::CellularRegistering, "register"),
        (CELLULAR, S::CellularRegistering, Some(NO_SIM), S::CellularStopped, NOTHING, S::CellularWaitingForSim, "read sim"),
        (CELLULAR, S::CellularRegistering, None, S::CellularStopped, NOTHING, S::CellularRegistering, "register"),
        (CELLULAR, S::CellularPppConnecting, Some(Report::RegistrationLost), S::CellularStopped, NOTHING, S::CellularRegistering, "register"),
        (CELLULAR, S::CellularPppConnecting, Some(PPP_DOWN), S::CellularStopped, NOTHING, S::CellularPppConnecting, "dial"),
        (CELLULAR, S::CellularPppConnecting, None, S::CellularStopped, NOTHING, S::CellularPppConnecting, "dial"),
        (CELLULAR, S::Connected, Some(PPP_DOWN), S::CellularStopped, NOTHING, S::CellularPppConnecting, "dial"),
        (CELLULAR, S::Connected, Some(Report::RegistrationLost), S::CellularStopped, NOTHING, S::CellularRegistering, "register"),
        (CELLULAR, S::Connected, Some(DENIED), S::CellularRegistrationDenied, NOTHING, S::CellularRegistering, "register"),
        (CELLULAR, S::Connected, Some(FAULT), S::CellularStoppedUnhappy, OFF, S::Starting, "power up"),
    ]
};

// spec: IFC-6, IFC-14, IFC-18
#[test]
fn a_retry_begins_at_the_step_that_failed_and_nothing_below_it_is_ended() {
    for (id, state, report, stopped, ended, retried_in, command) in CASES {
        let told = format!("{state} {report:?}");
        let mut rig = Rig::up_to(*id, *state);
        match report {
            Some(report) => rig.report(*report),
            None => rig.wait(),
        }
        assert_eq!(rig.states(), [*stopped], "{told}");
        assert_eq!(rig.actions(), *ended, "{told}");
        rig.wait_exactly();
        assert_eq!(rig.states(), [*retried_in], "{told}");
        assert_eq!(rig.actions(), [*command], "{told}");
        // And from there it comes up.
        rig.come_up();
        assert_eq!(rig.state(), State::Connected, "{told}");
    }
}

// spec: IFC-14
#[test]
fn wps_that_is_silent_begins_at_the_power_up() {
    let mut rig = Rig::up_to(WIFI, State::WifiScanning);
    rig.report(Report::WpsStarted);
    rig.take();
    rig.wait_exactly();
    assert_eq!(rig.states(), [State::WifiStopped]);
    assert_eq!(rig.actions(), ["stop"]);
    rig.wait();
    assert_eq!(rig.actions(), ["power up"]);
}

// spec: IFC-14
#[test]
fn a_request_begins_at_the_same_step() {
    for (id, state, report, _, _, retried_in, command) in CASES {
        let mut rig = Rig::with(InterfaceConfig::new(*id));
        let handle = rig.open();
        rig.come_up_to(*state);
        match report {
            Some(report) => rig.report(*report),
            None => rig.wait(),
        }
        rig.take();
        rig.manager.retry(rig.now, handle).unwrap();
        assert_eq!(rig.states(), [*retried_in], "{state} {report:?}");
        assert_eq!(rig.actions(), [*command], "{state} {report:?}");
    }
}

// spec: IFC-14, IFC-8
#[test]
fn an_interface_that_was_closed_begins_at_the_power_up() {
    for (id, state, report) in [
        (WIFI, State::WifiDhcping, REFUSED),
        (ETHERNET, State::EthernetDhcping, REFUSED),
        (CELLULAR, State::CellularPppConnecting, PPP_DOWN),
    ] {
        let mut rig = Rig::with(InterfaceConfig::new(id));
        let handle = rig.open();
        rig.fail_in(state, report);
        rig.manager.close(rig.now, handle);
        assert_eq!(rig.actions(), ["stop", "power down"], "{id}");
        rig.notices();
        rig.open();
        assert_eq!(rig.states(), [State::Starting], "{id}");
        assert_eq!(rig.actions(), ["power up"], "{id}");
    }
}

// spec: IFC-14
#[test]
fn another_network_takes_the_retry_down_to_the_scan() {
    let mut rig = Rig::with(InterfaceConfig::new(WIFI));
    rig.manager.store_wifi(rig.now, &network());
    rig.manager.open(rig.now, &named("wl0")).unwrap();
    rig.fail_in(State::WifiDhcping, REFUSED);
    let other = WifiSettings::new(b"attic", WifiKey::plaintext("battery staple").unwrap());
    rig.manager.store_wifi(rig.now, &other.unwrap());
    assert_eq!(rig.states(), [State::WifiScanning], "at once");
    assert_eq!(rig.only_actions(), ["stop", "scan"]);
    rig.come_up();
    assert_eq!(rig.state(), State::Connected);
}
