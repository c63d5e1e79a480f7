//! Stored settings: fixed samples, and generators.

use core::net::Ipv4Addr;

use lankeeper::nic::{Bssid, Exposed, ProxyPassword, Security};
use lankeeper::stored::StoredSettings;
use lankeeper::{IpConfig, Prefix, ProxySettings, WifiKey, WifiSettings};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

pub(super) fn wifi(ssid: &[u8], key: &str) -> WifiSettings {
    WifiSettings::new(ssid, WifiKey::plaintext(key).unwrap()).unwrap()
}

pub(super) fn address(last: u8) -> IpConfig {
    let own = Prefix::new([192, 168, 1, last].into(), 24).unwrap();
    let router = [192, 168, 1, 1].into();
    IpConfig::new(own, Some(router), &[router, [9, 9, 9, 9].into()]).unwrap()
}

pub(super) fn proxy(password: &str) -> ProxySettings {
    let password = ProxyPassword::plaintext(password).unwrap();
    let proxy = ProxySettings::new("proxy.example", 3128).unwrap();
    proxy.with_credentials("hub", Some(password)).unwrap()
}

/// Every kind of setting.
pub(super) fn full() -> StoredSettings {
    let mut settings = StoredSettings::default();
    settings.wifi = Some(wifi(b"shed", "correct horse"));
    settings.ip_config = Some(address(7));
    settings.proxy = Some(proxy("swordfish"));
    settings
}

/// Settings in which every part has its maximum length.
pub(super) fn longest() -> StoredSettings {
    let name = ["a".repeat(32), "b".repeat(31)].join(".");
    let password = ProxyPassword::sealed(&[0xA5; 80]).unwrap();
    let proxy = ProxySettings::new(&name, u16::MAX).unwrap();
    let mut settings = full();
    let key = WifiKey::sealed(&[0xA5; 112]).unwrap();
    let bssid = Bssid::new([0xFE; 6]).unwrap();
    let wifi = WifiSettings::new(&[0xFF; 32], key).unwrap();
    settings.wifi = Some(wifi.with_hidden(true).with_bssid(Some(bssid)));
    settings.proxy = Some(
        proxy
            .with_credentials(&"u".repeat(32), Some(password))
            .unwrap(),
    );
    settings
}

/// One sample of every kind, for tests that go through all bytes of a record.
pub(super) fn samples() -> [StoredSettings; 5] {
    let mut sealed = StoredSettings::default();
    let key = WifiKey::sealed(b"sealed key").unwrap();
    sealed.wifi = Some(WifiSettings::new(b"\0", key).unwrap());
    sealed.proxy = Some(ProxySettings::new("10.0.0.9", 80).unwrap());
    let mut bare = StoredSettings::default();
    bare.wifi = Some(WifiSettings::new(b"cafe", WifiKey::open()).unwrap());
    let own = Prefix::new([10, 1, 2, 3].into(), 8).unwrap();
    bare.ip_config = Some(IpConfig::new(own, None, &[]).unwrap());
    [StoredSettings::default(), full(), sealed, bare, longest()]
}

fn any_key() -> impl Strategy<Value = WifiKey> {
    let plaintext = prop_oneof![
        ("[ -~]{5}|[ -~]{13}|[0-9a-f]{10}|[0-9a-f]{26}").prop_map(|text| (Security::Wep, text)),
        // Five bytes beyond printable ASCII, as far as they are valid UTF-8.
        Just((Security::Wep, "\u{e9}\0\u{e9}".to_string())),
        ("[ -~]{8,63}|[0-9a-fA-F]{64}|[ä-ü]{4,31}").prop_map(|text| (Security::Any, text)),
        ("[ -~]{8,63}|[0-9a-fA-F]{64}").prop_map(|text| (Security::Wpa2, text)),
        ("[ -~]{1,63}").prop_map(|text| (Security::Wpa3, text)),
    ];
    let kinds = [Security::Wep, Security::Wpa2, Security::Wpa3, Security::Any];
    let sealed = (select(kinds.to_vec()), vec(any::<u8>(), 1..=112));
    prop_oneof![
        1 => Just(WifiKey::open()),
        4 => plaintext.prop_map(|(security, text)| {
            WifiKey::new(security, Exposed::Plaintext(&text)).unwrap()
        }),
        4 => sealed.prop_map(|(security, blob)| {
            WifiKey::new(security, Exposed::Sealed(&blob)).unwrap()
        }),
    ]
}

fn any_wifi() -> impl Strategy<Value = WifiSettings> {
    let bssid = option::of(any::<[u8; 6]>()).prop_map(|it| Bssid::new(it?).ok());
    let parts = (vec(any::<u8>(), 1..=32), any_key(), any::<bool>(), bssid);
    parts.prop_map(|(ssid, key, hidden, bssid)| {
        let wifi = WifiSettings::new(&ssid, key).unwrap();
        wifi.with_hidden(hidden).with_bssid(bssid)
    })
}

/// Every address that settings can have: from a static configuration, or taken from a lease or a
/// session of an interface.
fn any_address() -> impl Strategy<Value = IpConfig> {
    let any_quad = || any::<u32>().prop_map(Ipv4Addr::from_bits);
    let parts = (
        any_quad(),
        1_u8..=32,
        option::of(any_quad()),
        vec(any_quad(), 0..=2),
        any::<[bool; 2]>(),
    );
    let made = |(own, length, gateway, servers, [is_session, is_far]): (
        _,
        _,
        Option<Ipv4Addr>,
        Vec<Ipv4Addr>,
        [bool; 2],
    )| {
        if length == 32 && is_session {
            return IpConfig::point_to_point(own, gateway, servers).ok();
        }
        let prefix = Prefix::new(own, length).ok()?;
        if is_far {
            return IpConfig::from_lease(prefix, gateway, servers).ok();
        }
        // A random gateway is hardly ever inside the subnet.
        let near = gateway.map(|gateway| {
            let host = !prefix.mask().to_bits();
            Ipv4Addr::from_bits(prefix.network().to_bits() | gateway.to_bits() & host)
        });
        IpConfig::from_lease(prefix, near, servers).ok()
    };
    parts.prop_filter_map("usable for a host", made)
}

fn any_proxy() -> impl Strategy<Value = ProxySettings> {
    let place = prop_oneof![
        any::<u32>().prop_map(|bits| Ipv4Addr::from_bits(bits).to_string()),
        "[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\\.[a-z]{1,20}){0,2}",
        Just(format!("{}.a", "x".repeat(62))),
    ];
    let password = prop_oneof![
        "[^\\p{Cc}]{1,8}".prop_map(|text| ProxyPassword::plaintext(&text).unwrap()),
        Just(ProxyPassword::plaintext(&"p".repeat(32)).unwrap()),
        vec(any::<u8>(), 1..=80).prop_map(|blob| ProxyPassword::sealed(&blob).unwrap()),
    ];
    let credentials = option::of((
        prop_oneof!["[^:\\p{Cc}]{1,8}", "[a-z]{32}"],
        option::of(password),
    ));
    (place, 1_u16.., credentials).prop_filter_map("a host name", |(place, port, credentials)| {
        let proxy = ProxySettings::new(&place, port).ok()?;
        match credentials {
            Some((name, password)) => proxy.with_credentials(&name, password).ok(),
            None => Some(proxy),
        }
    })
}

/// Any valid settings.
pub(super) fn any_settings() -> impl Strategy<Value = StoredSettings> {
    let parts = (
        option::of(any_wifi()),
        option::of(any_address()),
        option::of(any_proxy()),
    );
    parts.prop_map(|(wifi, ip_config, proxy)| {
        let mut settings = StoredSettings::default();
        (settings.wifi, settings.ip_config, settings.proxy) = (wifi, ip_config, proxy);
        settings
    })
}
