//! The simulated radio and its access points.

use lankeeper::nic::{Bssid, Exposed, Security};
use lankeeper::sim::{AccessPoint, AirChange, DhcpServer, Reach, WifiRadio, code};
use lankeeper::{
    Action, Backend, Cause, Command, Duration, InterfaceId, Lease, Medium, Nic, State, WifiKey,
    WifiSettings,
};

use super::Scene;
use crate::support::{forged, network, nic};

const WL0: InterfaceId = InterfaceId::WIFI;

fn other_key() -> WifiKey {
    WifiKey::plaintext("battery staple").unwrap()
}

// spec: IFC-1, IFC-2, IFC-5
#[test]
fn it_comes_up_step_by_step() {
    let mut scene = Scene::new(WL0);
    scene.pass(10);
    assert_eq!(
        scene.states(),
        [
            State::Starting,
            State::WifiScanning,
            State::WifiJoining,
            State::WifiLinkUp,
            State::WifiDhcping,
            State::Connected,
        ]
    );
    assert_eq!(scene.world.wifi.associated_with(), Some(scene.home));
    assert_eq!(scene.world.reach(WL0), Reach::Internet);
    let address = scene.manager.ip_config(WL0).unwrap().prefix().to_string();
    assert_eq!(address, "192.168.1.50/24");
}

// spec: IFC-4, IFC-7, IFC-16
#[test]
fn a_wrong_key_is_reported_and_a_right_one_joins() {
    let mut scene = Scene::new(WL0);
    scene.happen(AirChange::Key(scene.home, other_key()));
    scene.reach(State::WifiStopped, 10);
    let reason = scene.manager.reason(WL0).unwrap();
    assert_eq!(reason.cause, Cause::WrongCredentials);
    assert_eq!(reason.code, Some(code::HANDSHAKE_TIMEOUT));
    scene.pass(600);
    assert_ne!(scene.state(), State::Connected, "the key is still wrong");
    scene.happen(AirChange::Key(scene.home, network().key().clone()));
    scene.reach(State::Connected, 765);
}

/// How a radio that wants the first network fares with an access point of the second.
fn meets(wanted: &WifiSettings, other: WifiSettings) -> Result<(), (Cause, Option<i32>)> {
    let nic = Nic::builder("wl0").wifi(wanted.clone()).build().unwrap();
    let mut scene = Scene::with(WL0, AccessPoint::new(other), &nic);
    scene.pass(10);
    let ends = scene
        .seen
        .iter()
        .find_map(|(_, state, reason)| match state {
            State::Connected => Some(Ok(())),
            _ => reason.map(|reason| Err((reason.cause, reason.code))),
        });
    ends.expect("it is joined or refused")
}

// spec: NIC-6, IFC-4
#[test]
fn a_hidden_network_is_found_by_name_and_an_access_point_by_its_address() {
    let not_found = Err((Cause::NotFound, Some(code::NO_ACCESS_POINT)));
    let hidden = network().with_hidden(true);
    assert_eq!(meets(&network(), hidden.clone()), not_found);
    assert_eq!(meets(&hidden, hidden.clone()), Ok(()));
    assert_eq!(meets(&hidden, network()), Ok(()));
    let at = |last| network().with_bssid(Bssid::new([2, 0, 0, 0, 0, last]).ok());
    assert_eq!(meets(&at(1), at(1)), Ok(()));
    assert_eq!(meets(&network(), at(1)), Ok(()));
    assert_eq!(meets(&at(1), at(2)), not_found);
    assert_eq!(meets(&at(1), network()), not_found);
}

// spec: NIC-6, NIC-7, IFC-4
#[test]
fn a_radio_joins_no_access_point_with_another_security() {
    let secured = |security| {
        let key = WifiKey::new(security, Exposed::Plaintext("correct horse")).unwrap();
        WifiSettings::new(b"shed", key).unwrap()
    };
    let all = [Security::Wep, Security::Wpa2, Security::Wpa3, Security::Any];
    let refused = Err((Cause::Rejected, Some(code::OTHER_SECURITY)));
    for own in all {
        for other in all {
            // Any security is none of WEP.
            let is_wep = [own, other].contains(&Security::Wep);
            let is_any = [own, other].contains(&Security::Any);
            let joins = own == other || (is_any && !is_wep);
            let expected = if joins { Ok(()) } else { refused };
            assert_eq!(
                meets(&secured(own), secured(other)),
                expected,
                "{own} {other}"
            );
        }
    }
    // Somebody opens an access point of the same name.
    let open = WifiSettings::new(b"shed", WifiKey::open()).unwrap();
    assert_eq!(meets(&secured(Security::Wpa2), open), refused);
}

// spec: IFC-4, IFC-7
#[test]
fn an_access_point_out_of_range_is_not_found_until_it_is_back() {
    let mut scene = Scene::new(WL0);
    scene.happen(AirChange::Signal(scene.home, None));
    scene.reach(State::WifiStopped, 10);
    assert_eq!(scene.stopped(), Some((State::WifiStopped, Cause::NotFound)));
    scene.happen(AirChange::Signal(scene.home, Some(-91)));
    scene.pass(300);
    assert_ne!(scene.state(), State::Connected, "too weak");
    scene.happen(AirChange::Signal(scene.home, Some(-90)));
    scene.reach(State::Connected, 65);
}

// spec: IFC-6, IFC-7
#[test]
fn a_restarted_access_point_is_found_again() {
    let mut scene = Scene::stable(WL0);
    scene.happen(AirChange::Restarts(scene.home, Duration::from_secs(60)));
    assert_eq!(scene.world.reach(WL0), Reach::Nothing);
    scene.pass(1);
    assert_eq!(scene.lost(), Some(Cause::LinkLost));
    assert_eq!(scene.state(), State::WifiScanning);
    scene.pass(58);
    assert_ne!(scene.state(), State::Connected);
    scene.reach(State::Connected, 65);
}

// spec: IFC-6
#[test]
fn leaving_the_range_is_reported_at_once() {
    let mut scene = Scene::stable(WL0);
    scene.happen(AirChange::Signal(scene.home, Some(-85)));
    scene.pass(1);
    assert_eq!(scene.state(), State::Connected, "a weak signal is enough");
    scene.happen(AirChange::Signal(scene.home, None));
    scene.pass_for(Duration::ZERO);
    assert_eq!(scene.state(), State::WifiScanning);
}

// spec: IFC-4
#[test]
fn a_full_access_point_rejects_only_new_stations() {
    let mut scene = Scene::connected(WL0);
    scene.happen(AirChange::Rejects(scene.home, true));
    scene.prove_stable();
    scene.happen(AirChange::Restarts(scene.home, Duration::ZERO));
    scene.reach(State::WifiStopped, 10);
    assert_eq!(scene.stopped(), Some((State::WifiStopped, Cause::Rejected)));
    scene.happen(AirChange::Rejects(scene.home, false));
    scene.reach(State::Connected, 65);
}

// spec: IFC-1
#[test]
fn the_wps_button_joins_without_a_key() {
    let access_point = AccessPoint::new(WifiSettings::new(b"guest", other_key()).unwrap());
    let mut scene = Scene::with(WL0, access_point.with_wps(), &nic(WL0));
    scene.pass(1);
    assert_eq!(
        scene.state(),
        State::WifiScanning,
        "the button is on another network"
    );
    scene.happen(AirChange::WpsPressed(scene.home));
    scene.pass(1);
    assert_eq!(scene.state(), State::WifiWpsing);
    scene.reach(State::Connected, 20);
    assert_eq!(scene.world.wifi.associated_with(), Some(scene.home));
}

#[test]
fn wps_without_a_button_does_nothing() {
    let mut scene = Scene::new(WL0);
    scene.pass(1);
    scene.happen(AirChange::WpsPressed(scene.home));
    scene.pass(1);
    assert_eq!(scene.state(), State::WifiScanning);
}

// spec: IFC-5
#[test]
fn a_captive_portal_connects_but_reaches_no_further() {
    let mut scene = Scene::with(
        WL0,
        AccessPoint::new(network()).with_captive_portal(),
        &nic(WL0),
    );
    scene.reach(State::Connected, 20);
    assert_eq!(scene.world.reach(WL0), Reach::Portal);
    scene.happen(AirChange::Captive(scene.home, false));
    assert_eq!(scene.world.reach(WL0), Reach::Internet);
    scene.pass(10);
    assert_eq!(scene.state(), State::Connected);
}

// spec: IFC-4, IFC-6
#[test]
fn dhcp_refuses_falls_silent_and_grants_again() {
    let lease = Lease::new([192, 168, 1, 60].into(), 24);
    let server = DhcpServer::new(lease, Duration::from_secs(60));
    let mut scene = Scene::new(WL0);
    scene.happen(AirChange::Dhcp(scene.home, server.refusing()));
    scene.reach(State::WifiStopped, 10);
    let reason = scene.manager.reason(WL0).unwrap();
    assert_eq!(reason.cause, Cause::NoAddress);
    assert_eq!(reason.code, Some(code::DHCP_NAK));
    scene.happen(AirChange::Dhcp(scene.home, server));
    scene.reach(State::Connected, 65);
    scene.prove_stable();
    scene.happen(AirChange::Dhcp(scene.home, server.silent()));
    scene.reach(State::WifiDhcping, 61);
    assert_eq!(scene.lost(), Some(Cause::LeaseLost));
    scene.reach(State::WifiStopped, 31);
    assert_eq!(scene.stopped(), Some((State::WifiStopped, Cause::TimedOut)));
    scene.happen(AirChange::Dhcp(scene.home, server.silent().granting()));
    scene.reach(State::Connected, 65);
}

// spec: IFC-3
#[test]
fn a_static_address_needs_no_dhcp_server() {
    let nic = Nic::from_table(&lankeeper::nic::Table::new(&[
        ("interface", lankeeper::nic::Value::String("wl0")),
        (
            "wificonfig",
            lankeeper::nic::Value::Table(lankeeper::nic::Table::new(&[
                ("ssid", lankeeper::nic::Value::String("shed")),
                ("key", lankeeper::nic::Value::String("correct horse")),
            ])),
        ),
        (
            "staticconfig",
            lankeeper::nic::Value::Table(lankeeper::nic::Table::new(&[
                ("ip", lankeeper::nic::Value::String("192.168.1.9")),
                ("netmask", lankeeper::nic::Value::String("255.255.255.0")),
            ])),
        ),
    ]))
    .unwrap();
    let mut scene = Scene::with(WL0, AccessPoint::new(network()), &nic);
    scene.pass(10);
    assert!(!scene.states().contains(&State::WifiDhcping));
    assert_eq!(scene.state(), State::Connected);
    assert_eq!(scene.world.reach(WL0), Reach::Internet);
}

#[test]
fn the_strongest_access_point_on_a_known_channel_is_joined() {
    let mut scene = Scene::new(WL0);
    scene.world.wifi = WifiRadio::new(1).with_channels(1..=11);
    let access_point = || AccessPoint::new(network());
    let mut add = |access_point| scene.world.wifi.add(access_point).unwrap();
    let weak = add(access_point().with_signal(Some(-80)));
    let strong = add(access_point().with_signal(Some(-50)));
    add(access_point().with_signal(Some(-40)).on_channel(13));
    scene.reach(State::Connected, 20);
    scene.prove_stable();
    assert_eq!(scene.world.wifi.associated_with(), Some(strong));
    scene.happen(AirChange::Signal(strong, None));
    scene.reach(State::WifiScanning, 1);
    scene.reach(State::Connected, 20);
    assert_eq!(scene.world.wifi.associated_with(), Some(weak));
}

// spec: SEC-1
#[test]
fn no_output_contains_a_key() {
    let scene = Scene::connected(WL0);
    let change = AirChange::Key(scene.home, other_key());
    let text = format!("{:?} {change:?}", scene.world);
    assert!(text.contains("shed"));
    assert!(!text.contains("correct horse") && !text.contains("battery staple"));
}

#[test]
fn a_radio_has_the_number_of_its_interface() {
    let mut radio: WifiRadio = WifiRadio::numbered(3, 1).unwrap();
    assert_eq!(radio.id(), InterfaceId::new(Medium::Wifi, 3).unwrap());
    assert!(<WifiRadio>::numbered(10, 1).is_err());
    // An event for another interface does not affect this one.
    radio.execute(Command::Interface {
        ticket: forged(WL0, 1),
        action: Action::PowerUp,
    });
    assert_eq!(lankeeper::sim::Simulated::poll_at(&radio), None);
}
