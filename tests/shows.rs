//! What the values with a form of their own look like in `Debug` output and in a log.

use lankeeper::driver::SecretBuffer;
use lankeeper::nic::{Bssid, Exposed, NicProblem, ProxyPassword, Security, Table, Value};
use lankeeper::stored::StoredSettings;
use lankeeper::{
    InterfaceId, IpConfig, Lease, Nic, Prefix, ProxySettings, Quota, WifiKey, WifiSettings,
};

use crate::secrets::search::{Show, debug, renderings};
use crate::support::ip;

/// Checks the `Debug` output of a value, and that a log, if this is built with `defmt`, contains a
/// text. What has no text in a log is in `formats`.
fn shows(value: impl Show, expected: &str, in_log: &str) {
    let displayed = debug(&value).len();
    let renderings = renderings(value);
    assert_eq!(renderings[0], expected);
    for logged in &renderings[displayed..] {
        assert!(
            logged.contains(in_log),
            "{expected} is logged as {logged:?}"
        );
    }
}

// spec: NIC-1, NIC-3
#[test]
fn names_show_as_they_were_given() {
    shows(InterfaceId::WIFI, "wl0", "wl0");
    shows(Nic::named("wl0i").unwrap().name(), "wl0i", "wl0i");
    let error = Nic::named("wlan0").unwrap_err();
    let NicProblem::Name { found, .. } = error.problem() else {
        panic!("{error:?}")
    };
    shows(found, "\"wlan0\"", "\"wlan0\"");
}

// spec: NIC-4
#[test]
fn a_path_shows_as_its_text() {
    for (key, shown) in [
        ("sid", "wificonfig.sid"),
        ("s_s-1", "wificonfig.s_s-1"),
        ("s s", "wificonfig.\"s s\""),
    ] {
        let network = [(key, "shed".into())];
        let table = [
            ("interface", "wl0".into()),
            ("wificonfig", Table::new(&network).into()),
        ];
        let error = Nic::from_table(&Table::new(&table)).unwrap_err();
        shows(error.path(), shown, shown);
    }
}

// spec: SEC-1
#[test]
fn a_value_of_a_table_shows_only_its_kind() {
    let entries = [("key", Value::from("secret"))];
    let table = Table::new(&entries);
    let values = [
        Value::Null,
        true.into(),
        1.into(),
        "secret".into(),
        b"secret".as_slice().into(),
        table.into(),
        Value::List(&[]),
    ];
    let kinds = [
        "Null", "Boolean", "Integer", "String", "Blob", "Table", "List",
    ];
    assert_eq!(values.map(|value| format!("{value:?}")), kinds);
    shows(table, "Table", "");
}

// spec: SEC-1
#[test]
fn settings_show_all_but_their_secrets() {
    let key = WifiKey::plaintext("correct horse").unwrap();
    shows(&key, "Plaintext", "Plaintext");
    shows(WifiKey::sealed(&[7; 20]).unwrap(), "Sealed", "Sealed");
    shows(WifiKey::open(), "Open", "");
    let wifi = WifiSettings::new(b"shed", key).unwrap();
    shows(
        &wifi,
        "WifiSettings { ssid: \"shed\", key: Plaintext, hidden: false, bssid: None }",
        "shed",
    );
    let bssid: Bssid = "02:00:5e:00:53:01".parse().unwrap();
    shows(bssid, "02:00:5e:00:53:01", "02:00:5e:00:53:01");
    let key = WifiKey::new(Security::Wpa3, Exposed::Plaintext("horse")).unwrap();
    shows(&key, "Wpa3 Plaintext", "Plaintext");
    let password = ProxyPassword::plaintext("open sesame").unwrap();
    shows(&password, "Plaintext", "Plaintext");
    let proxy = ProxySettings::new("proxy.example", 3128).unwrap();
    let proxy = proxy.with_credentials("hub", Some(password)).unwrap();
    shows(
        &proxy,
        "ProxySettings { address: proxy.example, port: 3128, username: Some(\"hub\"), \
         password: Some(Plaintext) }",
        "proxy.example",
    );
    shows(proxy.address(), "proxy.example", "proxy.example");
    let address = ProxySettings::new("192.168.1.9", 1).unwrap();
    shows(address.address(), "192.168.1.9", "");
    let mut buffer = SecretBuffer::<16>::new();
    buffer.push(b"open sesame").unwrap();
    shows(&buffer, "SecretBuffer", "");
    let record = StoredSettings::default().to_record();
    shows(&record, "Record", "");
}

// spec: NIC-8
#[test]
fn an_address_shows_with_what_belongs_to_it() {
    let own = Prefix::new(ip("192.168.1.7"), 24).unwrap();
    shows(own, "192.168.1.7/24", "");
    let config = IpConfig::new(own, Some(ip("192.168.1.1")), &[]).unwrap();
    shows(
        config,
        "IpConfig { prefix: 192.168.1.7/24, gateway: Some(192.168.1.1), \
         first_name_server: None, second_name_server: None }",
        "",
    );
}

// spec: IFC-5
#[test]
fn a_lease_shows_what_it_has() {
    let lease = Lease::new(ip("192.168.1.7"), 24);
    shows(
        lease.with_gateway(ip("97.98.99.100")),
        "Lease { address: 192.168.1.7, prefix_length: 24, gateway: Some(97.98.99.100), \
         name_servers: [None, None] }",
        "",
    );
}

// spec: RATE-1
#[test]
fn a_quota_shows_its_two_numbers() {
    let quota = Quota::new(25, 100).unwrap();
    shows(quota, "Quota { rate: 25, burst: 100 }", "\u{19}\0\0\0");
}
