//! What only Wi-Fi interfaces do.

use lankeeper::{
    Action, Command, Instant, InterfaceConfig, InterfaceId, IpConfig, Nic, Prefix, Report, State,
};

use crate::support::{Rig, network, nic};

const ID: InterfaceId = InterfaceId::WIFI;

// spec: IFC-2
#[test]
fn wps_has_a_deadline_of_two_minutes() {
    let mut rig = Rig::up_to(ID, State::WifiJoining);
    rig.report(Report::WpsStarted);
    assert_eq!(rig.next_timer(), Some(Instant::from_micros(120_000_000)));
}

// spec: OPEN-1, IFC-4, IFC-17
#[test]
fn wifi_without_a_network_stops_with_nothing_sent_on_air() {
    let mut rig = Rig::with(InterfaceConfig::new(ID));
    let handle = rig
        .manager
        .open(rig.now, &Nic::named("wl0").unwrap())
        .unwrap();
    rig.report(Report::Ready);
    assert_eq!(rig.states(), [State::Starting, State::WifiStopped]);
    let reason = rig.manager.reason(ID).unwrap();
    assert_eq!(reason.to_string(), "no credentials");
    assert!(!reason.cause.retry_is_sensible());
    assert_eq!(rig.actions(), ["power up"], "the radio stays on");
    assert_eq!(rig.next_timer(), None, "only a request starts it again");
    rig.manager.close(rig.now, handle);
    rig.open();
    rig.come_up();
    assert_eq!(rig.state(), State::Connected);
}

// spec: SEC-2
#[test]
fn the_key_is_forgotten_when_the_interface_is_closed() {
    for disables in [false, true] {
        let mut rig = Rig::with(InterfaceConfig::new(ID));
        let handle = rig.open();
        rig.come_up();
        assert!(format!("{:?}", rig.manager).contains("key: Plaintext"));
        if disables {
            rig.manager.set_enabled(rig.now, ID, false).unwrap();
        } else {
            rig.manager.close(rig.now, handle);
        }
        assert!(!format!("{:?}", rig.manager).contains("key: Plaintext"));
    }
}

// spec: IFC-1
#[test]
fn the_driver_can_start_wps_from_starting_scanning_and_joining() {
    for state in [State::Starting, State::WifiScanning, State::WifiJoining] {
        let mut rig = Rig::up_to(ID, state);
        rig.report(Report::WpsStarted);
        assert_eq!(rig.states(), [State::WifiWpsing], "{state}");
        assert_eq!(rig.actions(), ["wps"]);
        rig.report(Report::Joined);
        assert_eq!(rig.states(), [State::WifiLinkUp, State::WifiDhcping]);
    }
    for state in [State::WifiDhcping, State::Connected] {
        let mut rig = Rig::up_to(ID, state);
        rig.report(Report::WpsStarted);
        assert_eq!(rig.state(), state);
    }
}

// spec: IFC-10
#[test]
fn wps_ends_a_running_scan_or_join() {
    let mut rig = Rig::up_to(ID, State::WifiScanning);
    let scan = rig.ticket(Report::NetworkFound);
    rig.report(Report::WpsStarted);
    rig.report_as(scan, Report::NetworkFound);
    assert_eq!(rig.state(), State::WifiWpsing);
}

// spec: IFC-3
#[test]
fn wifi_with_a_static_address_goes_through_link_up_to_connected() {
    let own = Prefix::new([10, 1, 2, 3].into(), 8).unwrap();
    let ip = IpConfig::new(own, None, &[]).unwrap();
    let nic = Nic::builder("wl0")
        .wifi(network())
        .ip_config(ip)
        .build()
        .unwrap();
    let mut rig = Rig::with(InterfaceConfig::new(ID));
    rig.manager.open(rig.now, &nic).unwrap();
    rig.come_up();
    assert_eq!(
        rig.states()[2..],
        [State::WifiJoining, State::WifiLinkUp, State::Connected]
    );
    assert_eq!(rig.manager.ip_config(ID), Some(ip));
    assert_eq!(rig.actions(), ["power up", "scan", "join", "set address"]);
}

// spec: IFC-1, SEC-1
#[test]
fn the_radio_gets_the_network_of_the_nic() {
    let mut rig = Rig::with(InterfaceConfig::new(ID));
    rig.manager.open(rig.now, &nic(ID)).unwrap();
    rig.come_up();
    let given: Vec<_> = rig
        .commands()
        .into_iter()
        .filter_map(|command| match command {
            Command::Interface {
                action: Action::Scan(network),
                ..
            } => Some(network),
            Command::Interface {
                action: Action::Join(network),
                ..
            } => Some(network),
            _ => None,
        })
        .collect();
    assert_eq!(given, [&network(), &network()]);
    assert!(!format!("{given:?}").contains("correct horse"));
}
