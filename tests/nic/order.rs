//! The first of several problems is reported.

use lankeeper::Nic;
use lankeeper::nic::Value;

use super::{Entry, nic, refusal, table};

/// Several mistakes at once, in the order in which they are reported: once the first one is
/// repaired, the next one is reported.
struct Repairs<'a> {
    section: &'a str,
    steps: &'a [(&'a [Entry<'a>], &'a str)],
}

fn check(repairs: &Repairs<'_>) {
    for (entries, expected) in repairs.steps {
        let mut entries = entries.to_vec();
        for _ in 0..2 {
            let nic = nic(&[
                (repairs.section, table(&entries)),
                ("interface", "wl0".into()),
            ]);
            let text = nic.map_or_else(|error| error.to_string(), |_| String::new());
            assert!(text.starts_with(expected), "{text} instead of {expected}");
            assert_eq!(text.is_empty(), expected.is_empty());
            // The order of the entries does not matter.
            entries.reverse();
        }
    }
}

// spec: NIC-11
#[test]
fn sections_are_checked_in_order() {
    let bad = [("bad", Value::Null)];
    let all = [
        ("bad", Value::Null),
        ("proxyconfig", table(&bad)),
        ("staticconfig", table(&bad)),
        ("wificonfig", table(&bad)),
        ("interface", "wl10".into()),
    ];
    assert!(refusal(nic(&all)).starts_with("bad: unknown key"));
    assert!(refusal(nic(&all[1..])).starts_with("interface: \"wl10\""));
    let named = [&all[1..4], &[("interface", "wl0".into())]].concat();
    for (skipped, section) in [(2, "wificonfig"), (1, "staticconfig"), (0, "proxyconfig")] {
        let left = [&named[..=skipped], &named[3..]].concat();
        let text = refusal(nic(&left));
        assert!(text.starts_with(&format!("{section}.bad: ")), "{text}");
    }
    assert!(nic(&named[3..]).is_ok());
}

// spec: NIC-4, NIC-11
#[test]
fn unknown_keys_are_reported_as_they_appear() {
    let two = [("ned", Value::Null), ("typ", Value::Null)];
    assert!(refusal(nic(&two)).starts_with("ned: unknown key"));
    let turned = [two[1], two[0]];
    assert!(refusal(nic(&turned)).starts_with("typ: unknown key"));
}

// spec: NIC-4, NIC-5, NIC-11
#[test]
fn a_section_must_be_unique_then_a_table_then_fit_the_medium() {
    let interface = ("interface", "eth0".into());
    let inside = [("bad", Value::Null)];
    let (wrong, given) = (("wificonfig", 5.into()), ("wificonfig", table(&inside)));
    assert!(refusal(nic(&[interface, wrong, given])).starts_with("wificonfig: duplicate key"));
    assert!(refusal(nic(&[interface, wrong])).starts_with("wificonfig: an integer"));
    assert!(refusal(nic(&[interface, given])).starts_with("wificonfig: not for Ethernet"));
}

// spec: NIC-11
#[test]
fn the_order_of_problems_inside_wificonfig() {
    check(&Repairs {
        section: "wificonfig",
        steps: &[
            (
                &[("sid", 1.into()), ("ssid", 5.into()), ("ssid", 5.into())],
                "wificonfig.sid: unknown",
            ),
            (
                &[("ssid", 5.into()), ("ssid", "x".into()), ("key", 5.into())],
                "wificonfig.ssid: duplicate",
            ),
            (&[("key", 5.into())], "wificonfig.ssid: missing"),
            (
                &[("ssid", 5.into()), ("key", 5.into())],
                "wificonfig.ssid: an integer",
            ),
            (
                &[("ssid", "".into()), ("key", 5.into())],
                "wificonfig.ssid: 0 bytes",
            ),
            (
                &[("ssid", "s".into()), ("key", 5.into()), ("key", 5.into())],
                "wificonfig.key: duplicate",
            ),
            (&[("ssid", "s".into())], "wificonfig.key: missing"),
            (
                &[("ssid", "s".into()), ("key", 5.into())],
                "wificonfig.key: an integer",
            ),
            (
                &[("ssid", "s".into()), ("key", "1".into())],
                "wificonfig.key: not a key for security any,",
            ),
            (
                &[
                    ("ssid", "s".into()),
                    ("security", "wpa".into()),
                    ("key", 5.into()),
                ],
                "wificonfig.security: \"wpa\" is not",
            ),
            (
                &[
                    ("ssid", "s".into()),
                    ("security", "wpa3".into()),
                    ("key", Value::Null),
                    ("hidden", 5.into()),
                ],
                "wificonfig.key: not a key for security wpa3,",
            ),
            (
                &[
                    ("ssid", "s".into()),
                    ("key", Value::Null),
                    ("hidden", 5.into()),
                    ("bssid", 5.into()),
                ],
                "wificonfig.hidden: an integer",
            ),
            (
                &[
                    ("ssid", "s".into()),
                    ("key", Value::Null),
                    ("hidden", true.into()),
                    ("bssid", "x".into()),
                ],
                "wificonfig.bssid: \"x\" is not",
            ),
            (&[("ssid", "s".into()), ("key", "12345678".into())], ""),
        ],
    });
}

// spec: NIC-8, NIC-11
#[test]
fn the_order_of_problems_inside_staticconfig() {
    let step = |ip, mask, gateway, dns| {
        [
            ("ip", Value::from(ip)),
            ("netmask", Value::from(mask)),
            ("gateway", Value::from(gateway)),
            ("dns", dns),
        ]
    };
    let bad = [Value::from("224.0.0.1"), 5.into()];
    let half = [Value::from("9.9.9.9"), 5.into()];
    let good = [Value::from("9.9.9.9")];
    check(&Repairs {
        section: "staticconfig",
        steps: &[
            (
                &step("x", "x", "x", Value::List(&[])),
                "staticconfig.ip: \"x\"",
            ),
            (
                &step("127.0.0.1", "x", "x", Value::List(&[])),
                "staticconfig.ip: not usable",
            ),
            (
                &step("10.0.0.0", "x", "x", Value::List(&[])),
                "staticconfig.netmask: \"x\"",
            ),
            (
                &step("10.0.0.0", "255.0.0.3", "x", Value::List(&[])),
                "staticconfig.netmask: mask",
            ),
            (
                &step("10.0.0.0", "0.0.0.0", "x", Value::List(&[])),
                "staticconfig.netmask: prefix length 0",
            ),
            (
                &step("10.0.0.0", "255.0.0.0", "x", Value::List(&[])),
                "staticconfig.ip: the network",
            ),
            (
                &step("10.0.0.1", "255.0.0.0", "x", Value::List(&[])),
                "staticconfig.gateway: \"x\"",
            ),
            (
                &step("10.0.0.1", "255.0.0.0", "11.0.0.1", Value::List(&[])),
                "staticconfig.gateway: not allowed",
            ),
            (
                &step("10.0.0.1", "255.0.0.0", "10.0.0.2", Value::List(&[])),
                "staticconfig.dns: 0 name servers",
            ),
            (
                &step("10.0.0.1", "255.0.0.0", "10.0.0.2", Value::List(&bad)),
                "staticconfig.dns[0]: not a unicast",
            ),
            (
                &step("10.0.0.1", "255.0.0.0", "10.0.0.2", Value::List(&half)),
                "staticconfig.dns[1]: an integer",
            ),
            (
                &step("10.0.0.1", "255.0.0.0", "10.0.0.2", Value::List(&good)),
                "",
            ),
        ],
    });
}

// spec: NIC-9, NIC-11
#[test]
fn the_order_of_problems_inside_proxyconfig() {
    let long = "x".repeat(33);
    let long = long.as_str();
    let step = |kind, address, port: i64, user, password| {
        [
            ("type", Value::from(kind)),
            ("address", Value::from(address)),
            ("port", Value::from(port)),
            ("user", Value::from(user)),
            ("password", Value::from(password)),
        ]
    };
    check(&Repairs {
        section: "proxyconfig",
        steps: &[
            (&step("x", "", 0, long, long), "proxyconfig.type: \"x\""),
            (&step("http", "", 0, long, long), "proxyconfig.address: 0"),
            (&step("http", "a", 0, long, long), "proxyconfig.port: 0"),
            (&step("http", "a", 1, long, long), "proxyconfig.user: 33"),
            (
                &step("http", "a", 1, "", long),
                "proxyconfig.password: too long",
            ),
            (
                &step("http", "a", 1, "", "x"),
                "proxyconfig.password: a password without",
            ),
            (&step("http", "a", 1, "u", "x"), ""),
        ],
    });
}

// spec: NIC-5, NIC-11
#[test]
fn the_builder_reports_the_name_first_and_sections_in_order() {
    let proxy = lankeeper::ProxySettings::new("a", 1).unwrap();
    let wifi = lankeeper::WifiSettings::new(b"s", lankeeper::WifiKey::open()).unwrap();
    let build = |name| {
        let builder = Nic::builder(name).proxy(proxy.clone()).wifi(wifi.clone());
        refusal(builder.build())
    };
    assert!(build("cell10").starts_with("interface: "));
    assert!(build("cell0").starts_with("wificonfig: not for cellular"));
    assert!(build("eth0").starts_with("wificonfig: not for Ethernet"));
    assert!(
        refusal(Nic::builder("cell").proxy(proxy.clone()).build()).starts_with("proxyconfig: ")
    );
}
