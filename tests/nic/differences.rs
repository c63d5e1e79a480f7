//! Settings that differ in exactly one field are different, in both directions, and for everything
//! that rests on that: whether a request is for the connection that there is, whether an interface in
//! use may be opened, whether a changed setting is saved.

use core::fmt::Debug;

use lankeeper::manager::{Input, OpenError, Reply};
use lankeeper::nic::{Bssid, Exposed, NicBuilder, ProxyAddress, ProxyPassword, Security};
use lankeeper::stored::StoredSettings;
use lankeeper::{
    ConnectOutcome, InterfaceId, IpConfig, Nic, Notice, Prefix, ProxySettings, WifiKey,
    WifiSettings,
};

use crate::secrets::device::{Device, ETH0, WL0};

/// Settings, and others that differ from them in the field that is named.
struct Differing<T> {
    one: T,
    others: Vec<(&'static str, T)>,
}

impl<T> Differing<T> {
    fn map<U>(self, wrap: impl Fn(T) -> U) -> Differing<U> {
        let others = self.others.into_iter();
        Differing {
            one: wrap(self.one),
            others: others.map(|(field, other)| (field, wrap(other))).collect(),
        }
    }

    /// Every pair in both directions.
    fn pairs(&self) -> impl Iterator<Item = (&'static str, &T, &T)> {
        self.others
            .iter()
            .flat_map(|(field, other)| [(*field, &self.one, other), (*field, other, &self.one)])
    }
}

fn networks() -> Differing<WifiSettings> {
    let network = |ssid: &[u8], key| WifiSettings::new(ssid, key).unwrap();
    let key = |text| WifiKey::plaintext(text).unwrap();
    let wpa2 = |text| WifiKey::new(Security::Wpa2, Exposed::Plaintext(text)).unwrap();
    let sealed = |blob| WifiKey::sealed(blob).unwrap();
    let bssid = Bssid::new([2, 0, 0, 0, 0, 1]).unwrap();
    Differing {
        one: network(b"shed", key("correct horse")),
        others: vec![
            ("ssid", network(b"shee", key("correct horse"))),
            (
                "first byte of the ssid",
                network(b"Shed", key("correct horse")),
            ),
            (
                "length of the ssid",
                network(b"shed2", key("correct horse")),
            ),
            ("key", network(b"shed", key("correct horsf"))),
            (
                "first byte of the key",
                network(b"shed", key("Correct horse")),
            ),
            ("length of the key", network(b"shed", key("correct horses"))),
            (
                "kind of key: sealed",
                network(b"shed", sealed(b"correct horse")),
            ),
            ("kind of key: none", network(b"shed", WifiKey::open())),
            (
                "security of the key",
                network(b"shed", wpa2("correct horse")),
            ),
            (
                "hidden",
                network(b"shed", key("correct horse")).with_hidden(true),
            ),
            (
                "access point",
                network(b"shed", key("correct horse")).with_bssid(Some(bssid)),
            ),
        ],
    }
}

/// The same with a sealed key.
fn sealed_networks() -> Differing<WifiSettings> {
    let network = |blob: &[u8]| WifiSettings::new(b"shed", WifiKey::sealed(blob).unwrap()).unwrap();
    Differing {
        one: network(&[7; 112]),
        others: vec![
            ("last byte of the sealed key", {
                let mut blob = [7; 112];
                blob[111] = 8;
                network(&blob)
            }),
            ("length of the sealed key", network(&[7; 111])),
        ],
    }
}

fn proxies() -> Differing<ProxySettings> {
    let proxy = |address, port, username, password: Option<Result<ProxyPassword, _>>| {
        let proxy = ProxySettings::new(address, port).unwrap();
        let password = password.map(|password| password.unwrap());
        proxy.with_credentials(username, password).unwrap()
    };
    let plaintext = |text| Some(ProxyPassword::plaintext(text));
    let sealed = |blob| Some(ProxyPassword::sealed(blob));
    let like = |address, port| proxy(address, port, "hub", plaintext("swordfish"));
    let with = |username, password| proxy("proxy.example", 3128, username, password);
    Differing {
        one: like("proxy.example", 3128),
        others: vec![
            ("last byte of the host", like("proxy.examplf", 3128)),
            ("first byte of the host", like("Proxy.example", 3128)),
            ("length of the host", like("proxy.example.net", 3128)),
            ("kind of address", like("10.0.0.9", 3128)),
            ("low byte of the port", like("proxy.example", 3129)),
            ("high byte of the port", like("proxy.example", 3128 + 256)),
            ("user name", with("hua", plaintext("swordfish"))),
            (
                "length of the user name",
                with("hubs", plaintext("swordfish")),
            ),
            ("password", with("hub", plaintext("swordfisi"))),
            (
                "length of the password",
                with("hub", plaintext("swordfishes")),
            ),
            (
                "kind of password: sealed",
                with("hub", sealed(b"swordfish")),
            ),
            ("kind of password: none", with("hub", None)),
        ],
    }
}

/// The same with an address in numbers, and without credentials.
fn plain_proxies() -> Differing<ProxySettings> {
    let proxy = |address| ProxySettings::new(address, 3128).unwrap();
    let named = proxy("10.0.0.9").with_credentials("hub", None);
    Differing {
        one: proxy("10.0.0.9"),
        others: vec![
            ("last byte of the address", proxy("10.0.0.8")),
            ("first byte of the address", proxy("11.0.0.9")),
            ("kind of address", proxy("proxy.example")),
            ("user name: none", named.unwrap()),
        ],
    }
}

fn addresses() -> Differing<IpConfig> {
    let config = |own: [u8; 4], length, gateway: Option<[u8; 4]>, servers: &[[u8; 4]]| {
        let servers: Vec<_> = servers.iter().map(|server| (*server).into()).collect();
        let own = Prefix::new(own.into(), length).unwrap();
        IpConfig::new(own, gateway.map(Into::into), &servers).unwrap()
    };
    let (own, gateway) = ([10, 0, 0, 7], Some([10, 0, 0, 1]));
    let (first, second) = ([9, 9, 9, 9], [1, 1, 1, 1]);
    Differing {
        one: config(own, 24, gateway, &[first, second]),
        others: vec![
            (
                "address",
                config([10, 0, 0, 8], 24, gateway, &[first, second]),
            ),
            ("prefix", config(own, 25, gateway, &[first, second])),
            (
                "gateway",
                config(own, 24, Some([10, 0, 0, 2]), &[first, second]),
            ),
            ("gateway: none", config(own, 24, None, &[first, second])),
            (
                "first name server",
                config(own, 24, gateway, &[[9, 9, 9, 8], second]),
            ),
            (
                "second name server",
                config(own, 24, gateway, &[first, [1, 1, 1, 2]]),
            ),
            (
                "second name server: none",
                config(own, 24, gateway, &[first]),
            ),
        ],
    }
}

fn full(name: &str) -> NicBuilder {
    let builder = Nic::builder(name).ip_config(addresses().one);
    builder.proxy(proxies().one)
}

/// Configurations of an interface that differ in one field of one part, or in a whole part.
fn configurations(id: InterfaceId) -> Vec<Differing<Nic>> {
    let name = id.to_string();
    let built = |builder: NicBuilder| builder.build().unwrap();
    let base = |name: &str| match id {
        WL0 => full(name).wifi(networks().one),
        _ => full(name),
    };
    let bare = || match id {
        WL0 => Nic::builder(&name).wifi(networks().one),
        _ => Nic::builder(&name),
    };
    let mut all = vec![
        addresses().map(|ip| built(base(&name).ip_config(ip))),
        proxies().map(|proxy| built(base(&name).proxy(proxy))),
        plain_proxies().map(|proxy| built(base(&name).proxy(proxy))),
        Differing {
            one: built(base(&name)),
            others: vec![
                ("proxy: none", built(bare().ip_config(addresses().one))),
                ("address: none", built(bare().proxy(proxies().one))),
            ],
        },
    ];
    if id == WL0 {
        all.push(networks().map(|network| built(base(&name).wifi(network))));
        all.push(sealed_networks().map(|network| built(base(&name).wifi(network))));
        all.push(Differing {
            one: built(base(&name)),
            others: vec![("network: none", built(full(&name)))],
        });
    }
    all
}

fn stored() -> Vec<Differing<StoredSettings>> {
    let base = || {
        let mut settings = StoredSettings::default();
        settings.wifi = Some(networks().one);
        settings.ip_config = Some(addresses().one);
        settings.proxy = Some(proxies().one);
        settings
    };
    let with = |change: &dyn Fn(&mut StoredSettings)| {
        let mut settings = base();
        change(&mut settings);
        settings
    };
    vec![
        networks().map(|network| with(&|it| it.wifi = Some(network.clone()))),
        sealed_networks().map(|network| with(&|it| it.wifi = Some(network.clone()))),
        addresses().map(|ip| with(&|it| it.ip_config = Some(ip))),
        proxies().map(|proxy| with(&|it| it.proxy = Some(proxy.clone()))),
        plain_proxies().map(|proxy| with(&|it| it.proxy = Some(proxy.clone()))),
        Differing {
            one: base(),
            others: vec![
                ("network: none", with(&|it| it.wifi = None)),
                ("address: none", with(&|it| it.ip_config = None)),
                ("proxy: none", with(&|it| it.proxy = None)),
            ],
        },
    ]
}

/// Checks `==` and `!=`.
fn check<T: PartialEq + Clone + Debug>(all: &Differing<T>) {
    for (field, one, other) in all.pairs() {
        assert!(*one == one.clone(), "{field} {one:?}");
        assert!(one != other, "{field} {one:?} {other:?}");
    }
}

// spec: NIC-10
#[test]
fn settings_that_differ_in_one_field_are_different() {
    check(&networks());
    check(&sealed_networks());
    check(&proxies());
    check(&plain_proxies());
    check(&addresses());
    stored().iter().for_each(check);
    for all in [networks(), sealed_networks()] {
        for (field, one, other) in all.pairs() {
            let is_key = field.contains("key");
            assert_eq!(one.key() != other.key(), is_key, "{field}");
        }
    }
    for all in [proxies(), plain_proxies()] {
        for (field, one, other) in all.pairs() {
            let is_place = field.contains("host") || field.contains("address");
            assert_eq!(one.address() != other.address(), is_place, "{field}");
            let is_secret = field.contains("password");
            assert_eq!(one.password() != other.password(), is_secret, "{field}");
            if let (ProxyAddress::Host(one), ProxyAddress::Host(other)) =
                (one.address(), other.address())
            {
                assert_eq!(one != other, field.contains("host"), "{field}");
            }
        }
    }
}

// spec: NIC-10
#[test]
fn configurations_that_differ_in_one_field_mean_something_else() {
    for id in [WL0, ETH0] {
        for all in configurations(id) {
            for present in [&[WL0, ETH0][..], &[]] {
                for (field, one, other) in all.pairs() {
                    let means = |other: &Nic| one.means_same_as(other, present.iter().copied());
                    assert!(means(&one.clone()), "{field}");
                    assert!(!means(other), "{field}");
                }
            }
        }
    }
    let (wl0, wl1) = (full("wl0").build().unwrap(), full("wl1").build().unwrap());
    assert!(!wl0.means_same_as(&wl1, [WL0]) && !wl1.means_same_as(&wl0, [WL0]));
}

/// The number of commands that a request causes.
fn commands(device: &mut Device, nic: &Nic) -> usize {
    let before = device.commands();
    device.notices.clear();
    device.input(Input::ConnectWith(nic, None));
    assert_eq!(device.outcome(), Some(ConnectOutcome::ServerConnected));
    device.commands() - before
}

fn quiet() -> Device {
    let mut device = Device::allowing_equal();
    device.is_quiet = true;
    device
}

// spec: CON-8, NIC-10
#[test]
fn a_configuration_that_differs_in_one_field_is_another_connection() {
    for id in [WL0, ETH0] {
        for all in configurations(id) {
            for (field, one, other) in all.pairs() {
                // Without a network of its own it would take the stored one, and there is none.
                if id == WL0 && (one.wifi().is_none() || other.wifi().is_none()) {
                    continue;
                }
                let mut device = quiet();
                assert!(commands(&mut device, one) > 0, "{field}");
                assert_eq!(commands(&mut device, &one.clone()), 0, "{field}");
                assert!(commands(&mut device, other) > 0, "{field}");
                assert_eq!(commands(&mut device, other), 0, "{field}");
            }
        }
    }
}

// spec: OPEN-3, NIC-10
#[test]
fn only_equal_settings_open_an_interface_in_use() {
    for id in [WL0, ETH0] {
        for all in configurations(id) {
            for (field, one, other) in all.pairs() {
                if id == WL0 && (one.wifi().is_none() || other.wifi().is_none()) {
                    continue;
                }
                let mut device = quiet();
                commands(&mut device, one);
                let refused = Reply::Opened(Err(OpenError::Active));
                assert_eq!(device.input(Input::Open(other)), refused, "{field}");
                let equal = one.clone();
                let opened = device.input(Input::Open(&equal));
                assert!(matches!(opened, Reply::Opened(Ok(_))), "{field} {opened:?}");
            }
        }
    }
}

/// Checks that a request persists what is other than before, and nothing else.
fn persists<'a, T>(all: &'a [Differing<T>], request: impl Fn(&'a T) -> Input<'a>) {
    for (field, one, other) in all.iter().flat_map(Differing::pairs) {
        let mut device = Device::new();
        let mut count = |given| {
            let before = device.records.len();
            device.input(request(given));
            device.records.len() - before
        };
        let counts = [
            count(one),
            count(one),
            count(other),
            count(other),
            count(one),
        ];
        assert_eq!(counts, [1, 0, 1, 0, 1], "{field}");
    }
}

// spec: CFG-1, NIC-10
#[test]
fn a_setting_that_differs_in_one_field_is_persisted() {
    persists(&[networks(), sealed_networks()], Input::StoreWifi);
    persists(&[proxies(), plain_proxies()], Input::StoreProxy);
    persists(&[addresses()], |it| Input::StoreStatic(*it));
    persists(&stored(), Input::Provision);
}

// spec: OPEN-8, NIC-10
#[test]
fn a_provisioned_setting_that_differs_in_one_field_is_used_at_once() {
    for (name, id) in [("wl0", WL0), ("eth0", ETH0)] {
        for all in stored() {
            for (field, one, other) in all.pairs() {
                let network = one.wifi != other.wifi && id == WL0;
                let begins = network || one.ip_config != other.ip_config;
                if network && (one.wifi.is_none() || other.wifi.is_none()) {
                    continue;
                }
                let mut device = quiet();
                device.input(Input::Provision(one));
                device.input(Input::Open(&Nic::named(name).unwrap()));
                for (settings, begins) in [(one, false), (other, begins)] {
                    device.notices.clear();
                    device.input(Input::Provision(settings));
                    let changed = |notice: &Notice| matches!(notice, Notice::StateChanged { .. });
                    assert_eq!(device.notices.iter().any(changed), begins, "{name} {field}");
                }
            }
        }
    }
}
