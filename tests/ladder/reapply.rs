//! Stored settings that change while an interface uses them (OPEN-8).

use lankeeper::stored::StoredSettings;
use lankeeper::{Cause, InterfaceConfig, IpConfig, Prefix, Report, State, WifiKey, WifiSettings};

use super::{ETHERNET, LINK_LOST, NOT_FOUND, REFUSED, WIFI, manual};
use crate::support::{Rig, named, network, nic};

fn address() -> IpConfig {
    IpConfig::new(Prefix::new([10, 1, 2, 3].into(), 8).unwrap(), None, &[]).unwrap()
}

fn other_network() -> WifiSettings {
    WifiSettings::new(b"barn", WifiKey::plaintext("battery staple").unwrap()).unwrap()
}

/// Ethernet, or Wi-Fi with a stored network, that uses the stored settings and has come up as far as
/// `state`; all outputs are taken.
fn stored(id: lankeeper::InterfaceId, state: State) -> Rig {
    let mut rig = Rig::with(InterfaceConfig::new(id));
    rig.manager.store_wifi(rig.now, &network());
    rig.manager.open(rig.now, &named(&id.to_string())).unwrap();
    rig.come_up_to(state);
    rig
}

// spec: OPEN-8
#[test]
fn what_is_stored_counts_from_the_next_start_or_from_the_request_on() {
    for state in [State::EthernetDhcping, State::Connected] {
        let mut rig = stored(ETHERNET, state);
        let handle = rig.manager.open(rig.now, &named("eth0")).unwrap();
        let socket = rig.manager.udp_open(rig.now, handle, Some(5000)).unwrap();
        rig.take();
        rig.manager.store_static(rig.now, address());
        assert_eq!((rig.state(), rig.states().len()), (state, 0), "goes on");
        rig.take();
        rig.manager.reapply(rig.now);
        assert_eq!(rig.states(), [State::EthernetStopped, State::Starting]);
        assert_eq!(rig.only_actions(), ["stop", "power down", "power up"]);
        rig.come_up();
        assert_eq!(rig.manager.ip_config(ETHERNET), Some(address()));
        // Its holders and their sockets stay.
        assert_eq!(rig.manager.interface(handle), Ok(ETHERNET));
        assert_eq!(rig.manager.udp_port(socket), Ok(Some(5000)));
    }
}

// spec: OPEN-8
#[test]
fn a_scan_that_is_under_way_begins_anew_for_another_network() {
    let mut rig = stored(WIFI, State::WifiScanning);
    let mut learnt = StoredSettings::default();
    learnt.wifi = Some(other_network());
    rig.manager.provision(rig.now, &learnt);
    assert_eq!(rig.states_reported(), [State::WifiStopped, State::Starting]);
    assert_eq!(rig.only_actions(), ["stop", "power down", "power up"]);
}

// spec: OPEN-8
#[test]
fn the_same_settings_and_those_of_its_own_go_on() {
    let mut rig = stored(ETHERNET, State::Connected);
    rig.manager.reapply(rig.now);
    assert_eq!((rig.states().len(), rig.actions().len()), (0, 0));

    // A NIC with settings of its own does not use the stored ones.
    let mut rig = Rig::up_to(WIFI, State::Connected);
    assert!(!nic(WIFI).is_name_only());
    rig.manager.store_wifi(rig.now, &other_network());
    rig.take();
    rig.manager.reapply(rig.now);
    assert_eq!((rig.states().len(), rig.only_actions().len()), (0, 0));
}

// spec: OPEN-8, IFC-14
#[test]
fn another_network_ends_a_back_off_and_is_looked_for() {
    for (state, report) in [
        (State::WifiScanning, NOT_FOUND),
        (State::WifiDhcping, REFUSED),
    ] {
        let mut rig = stored(WIFI, state);
        rig.report(report);
        rig.take();
        // The same once more changes nothing.
        rig.manager.store_wifi(rig.now, &network());
        assert_eq!(
            (rig.state(), rig.only_actions().len()),
            (State::WifiStopped, 0)
        );
        rig.manager.store_wifi(rig.now, &other_network());
        assert_eq!(rig.states(), [State::WifiScanning]);
        assert_eq!(rig.only_actions().last(), Some(&"scan"));
    }
}

// spec: OPEN-8, IFC-14
#[test]
fn a_network_that_was_replaced_is_not_asked_for_an_address_again() {
    let mut rig = stored(WIFI, State::WifiDhcping);
    rig.manager.store_wifi(rig.now, &other_network());
    rig.report(REFUSED);
    // The failure is told, then the other network is looked for at once.
    assert_eq!(
        rig.states_reported(),
        [State::WifiStopped, State::WifiScanning]
    );
    assert_eq!(rig.only_actions(), ["stop", "scan"]);
}

// spec: OPEN-8, IFC-7
#[test]
fn under_manual_recovery_only_the_request_starts_it() {
    for (id, state, report) in [
        (WIFI, State::WifiScanning, NOT_FOUND),
        (ETHERNET, State::EthernetDhcping, REFUSED),
    ] {
        let mut config = InterfaceConfig::new(id);
        manual(&mut config);
        let mut rig = Rig::with(config);
        rig.manager.store_wifi(rig.now, &network());
        rig.manager.open(rig.now, &named(&id.to_string())).unwrap();
        rig.come_up_to(state);
        rig.report(report);
        rig.take();
        rig.manager.store_wifi(rig.now, &other_network());
        rig.manager.store_static(rig.now, address());
        assert_eq!(
            (rig.state().is_stopped(), rig.only_actions().len()),
            (true, 0)
        );
        rig.manager.reapply(rig.now);
        assert!(!rig.state().is_stopped(), "{id}");
    }
}

// spec: OPEN-8
#[test]
fn the_request_tries_at_once_where_nothing_has_changed() {
    for provisions in [false, true] {
        let mut rig = stored(ETHERNET, State::EthernetDhcping);
        rig.report(REFUSED);
        rig.take();
        let settings = rig.manager.stored().clone();
        if provisions {
            rig.manager.provision(rig.now, &settings);
        } else {
            rig.manager.reapply(rig.now);
        }
        assert_eq!(rig.states_reported(), [State::EthernetDhcping]);
        assert_eq!(rig.only_actions(), ["start dhcp"]);
    }
}

// spec: IFC-17, OPEN-8
#[test]
fn what_wps_has_learnt_does_not_cut_it_off() {
    let mut settings = StoredSettings::default();
    settings.wifi = Some(other_network());
    for state in [State::WifiWpsing, State::WifiDhcping, State::Connected] {
        for is_network_stored in [false, true] {
            let mut rig = Rig::with(InterfaceConfig::new(WIFI));
            if is_network_stored {
                rig.manager.store_wifi(rig.now, &network());
            }
            rig.manager.open(rig.now, &named("wl0")).unwrap();
            rig.report(Report::Ready);
            rig.report(Report::WpsStarted);
            rig.come_up_to(state);
            rig.manager.provision(rig.now, &settings);
            assert_eq!(rig.state(), state);
            assert_eq!(
                (rig.states_reported().len(), rig.only_actions().len()),
                (0, 0)
            );
            rig.come_up();
            assert_eq!(rig.state(), State::Connected);
            // Later it is joined by what was learnt.
            rig.take();
            rig.report(LINK_LOST);
            rig.wait();
            assert_eq!(
                rig.state(),
                State::WifiScanning,
                "not {:?}",
                Cause::NoCredentials
            );
        }
    }
}
