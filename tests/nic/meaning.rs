//! When two configurations mean the same, and that builder and table agree.

use core::net::Ipv4Addr;

use lankeeper::nic::{ProxyPassword, Value};
use lankeeper::{InterfaceId, IpConfig, Medium, Nic, Prefix, ProxySettings, WifiKey, WifiSettings};

use super::{nic, table};
use crate::support::named;

fn shed(key: WifiKey) -> Nic {
    let wifi = WifiSettings::new(b"shed", key).unwrap();
    Nic::builder("wl0").wifi(wifi).build().unwrap()
}

// spec: NIC-10
#[test]
fn the_builder_and_tables_make_the_same_configuration() {
    let own = Prefix::new(Ipv4Addr::new(10, 0, 0, 2), 8).unwrap();
    let router = Ipv4Addr::new(10, 0, 0, 1);
    let password = ProxyPassword::sealed(b"opaque").unwrap();
    let proxy = ProxySettings::new("proxy.example", 8080)
        .and_then(|proxy| proxy.with_credentials("hub", Some(password)))
        .unwrap();
    let key = WifiKey::plaintext("correct horse").unwrap();
    let typed = Nic::builder("wl1")
        .wifi(WifiSettings::new(b"sh\xffd", key).unwrap())
        .ip_config(IpConfig::new(own, Some(router), &[router]).unwrap())
        .proxy(proxy)
        .build()
        .unwrap();

    let wifi = [("ssid", b"sh\xffd".into()), ("key", "correct horse".into())];
    let servers = ["10.0.0.1".into()];
    let ip = [
        ("ip", "10.0.0.2".into()),
        ("netmask", "255.0.0.0".into()),
        ("gateway", "10.0.0.1".into()),
        ("dns", Value::List(&servers)),
    ];
    let proxy = [
        ("type", "http".into()),
        ("address", "proxy.example".into()),
        ("port", 8080.into()),
        ("user", "hub".into()),
        ("password", b"opaque".into()),
    ];
    let read = nic(&[
        ("interface", "wl1".into()),
        ("wificonfig", table(&wifi)),
        ("staticconfig", table(&ip)),
        ("proxyconfig", table(&proxy)),
    ])
    .unwrap();
    assert!(read.means_same_as(&typed, []));
    assert_eq!(read.wifi(), typed.wifi());
    assert_eq!(read.ip_config(), typed.ip_config());
    assert_eq!(read.proxy(), typed.proxy());
    assert_eq!(format!("{read:#?}"), format!("{typed:#?}"));
    assert!(!read.is_name_only());
}

// spec: NIC-2, NIC-10
#[test]
fn names_are_equal_when_they_mean_the_same_interface() {
    let wl1 = InterfaceId::new(Medium::Wifi, 1).unwrap();
    let (generic, first, second) = (named("wifi"), named("wl0"), named("wl1"));
    let both = [wl1, InterfaceId::WIFI];
    assert!(generic.means_same_as(&first, both) && first.means_same_as(&generic, both));
    assert!(!generic.means_same_as(&second, both));
    assert!(generic.means_same_as(&second, [wl1]));
    assert!(!generic.means_same_as(&first, [wl1]) && !first.means_same_as(&generic, [wl1]));
    assert!(!named("ethernet").means_same_as(&generic, both));
}

// spec: NIC-10
#[test]
fn names_of_absent_interfaces_are_equal_only_if_synonymous() {
    assert!(named("wl0").means_same_as(&named("wl0i"), []));
    assert!(named("wifi").means_same_as(&named("wifi"), []));
    for (one, other) in [("wifi", "wl0"), ("wifi", "cell"), ("eth0", "eth1")] {
        assert!(
            !named(one).means_same_as(&named(other), []),
            "{one} {other}"
        );
    }
}

// spec: NIC-10
#[test]
fn settings_are_compared_by_content() {
    let present = [InterfaceId::WIFI];
    let keys = [
        WifiKey::open(),
        WifiKey::plaintext("correct horse").unwrap(),
        WifiKey::plaintext("correct hores").unwrap(),
        WifiKey::sealed(b"correct horse").unwrap(),
    ];
    for (row, one) in keys.iter().enumerate() {
        for (column, other) in keys.iter().enumerate() {
            let same = shed(one.clone()).means_same_as(&shed(other.clone()), present);
            assert_eq!(same, row == column, "{one:?} {other:?}");
        }
    }
    let plain = named("wl0");
    assert!(!plain.means_same_as(&shed(WifiKey::open()), present));
    let proxied = |address, port| {
        let proxy = ProxySettings::new(address, port).unwrap();
        Nic::builder("wl0").proxy(proxy).build().unwrap()
    };
    assert!(proxied("a", 1).means_same_as(&proxied("a", 1), present));
    assert!(!proxied("a", 1).means_same_as(&proxied("a", 2), present));
    assert!(!proxied("a", 1).means_same_as(&proxied("b", 1), present));
    assert!(!proxied("a", 1).means_same_as(&plain, present));
}

// spec: NIC-10
#[test]
fn any_section_makes_a_configuration_extended() {
    assert!(named("wl0").is_name_only());
    assert!(!shed(WifiKey::open()).is_name_only());
    let own = Prefix::new(Ipv4Addr::new(10, 0, 0, 2), 8).unwrap();
    let ip = Nic::builder("eth0").ip_config(IpConfig::new(own, None, &[]).unwrap());
    assert!(!ip.build().unwrap().is_name_only());
    let proxy = Nic::builder("eth0").proxy(ProxySettings::new("a", 1).unwrap());
    assert!(!proxy.build().unwrap().is_name_only());
}
