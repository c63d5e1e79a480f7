//! Keys and types of values.

use lankeeper::Nic;
use lankeeper::nic::{NicProblem, Value, ValueKind};

use super::{Entry, address, nic, proxy, refusal, table, wifi};

// spec: NIC-4
#[test]
fn a_bare_string_means_a_table_with_only_an_interface() {
    let bare = Nic::from_value(&"wl3".into()).unwrap();
    let entries = [("interface", "wl3".into())];
    let full = Nic::from_value(&table(&entries)).unwrap();
    assert_eq!(bare.name(), full.name());
    assert!(bare.is_name_only() && full.is_name_only());
    assert_eq!(
        refusal(Nic::from_value(&"eth10".into())),
        refusal(nic(&[("interface", "eth10".into())]))
    );
}

// spec: NIC-4
#[test]
fn only_a_string_or_a_table_is_a_configuration() {
    let others = [
        (Value::Null, "null"),
        (false.into(), "a boolean"),
        (1.into(), "an integer"),
        (b"wl0".into(), "a blob"),
        (Value::List(&["wl0".into()]), "a list"),
    ];
    for (value, kind) in others {
        assert_eq!(
            refusal(Nic::from_value(&value)),
            format!("nic: {kind}, allowed is a string or a table")
        );
    }
}

// spec: NIC-4
#[test]
fn the_four_mistakes_with_keys_are_different_errors() {
    let problem = |settings: &[Entry<'_>]| {
        let error = wifi(settings).unwrap_err();
        (error.path().to_string(), error.problem().clone())
    };
    let (ssid, key) = (("ssid", "shed".into()), ("key", Value::Null));

    assert_eq!(
        problem(&[ssid]),
        (
            "wificonfig.key".into(),
            NicProblem::MissingKey {
                allowed: &[ValueKind::Null, ValueKind::String, ValueKind::Blob],
            }
        )
    );
    assert_eq!(
        problem(&[ssid, key, ("sid", Value::Null)]),
        (
            "wificonfig.sid".into(),
            NicProblem::UnknownKey {
                allowed: &["ssid", "security", "key", "hidden", "bssid"],
            }
        )
    );
    assert_eq!(
        problem(&[ssid, key, ssid]),
        ("wificonfig.ssid".into(), NicProblem::DuplicateKey)
    );
    assert_eq!(
        problem(&[("ssid", 5.into()), key]),
        (
            "wificonfig.ssid".into(),
            NicProblem::WrongType {
                found: ValueKind::Integer,
                allowed: &[ValueKind::String, ValueKind::Blob],
            }
        )
    );
}

// spec: NIC-4
#[test]
fn errors_about_keys_have_the_documented_texts() {
    assert_eq!(
        refusal(wifi(&[("sid", "shed".into())])),
        "wificonfig.sid: unknown key, allowed are ssid, security, key, hidden, bssid"
    );
    assert_eq!(
        refusal(nic(&[])),
        "interface: missing, required is a string"
    );
    assert_eq!(
        refusal(nic(&[
            ("interface", "wl0".into()),
            ("interface", "wl0".into())
        ])),
        "interface: duplicate key, allowed is one"
    );
    assert_eq!(
        refusal(wifi(&[("ssid", "shed".into()), ("key", 5.into())])),
        "wificonfig.key: an integer, allowed is null or a string or a blob"
    );
}

// spec: NIC-4
#[test]
fn each_key_accepts_its_types_and_no_other() {
    let values = [
        Value::Null,
        true.into(),
        7.into(),
        "x".into(),
        b"x".into(),
        Value::List(&[]),
        table(&[]),
    ];
    type Check = fn(Value<'_>) -> Result<(), lankeeper::nic::NicError>;
    let keys: [(&[ValueKind], Check); 20] = [
        (&[ValueKind::String], |it| {
            nic(&[("interface", it)]).map(drop)
        }),
        (&[ValueKind::Table], |it| section("wificonfig", it)),
        (&[ValueKind::Table], |it| section("staticconfig", it)),
        (&[ValueKind::Table], |it| section("proxyconfig", it)),
        (&[ValueKind::String, ValueKind::Blob], |it| {
            wifi(&[("ssid", it)]).map(drop)
        }),
        (
            &[ValueKind::Null, ValueKind::String, ValueKind::Blob],
            |it| wifi(&[("ssid", "shed".into()), ("key", it)]).map(drop),
        ),
        (&[ValueKind::String], |it| with_key(&[("security", it)])),
        (&[ValueKind::Boolean], |it| with_key(&[("hidden", it)])),
        (&[ValueKind::String, ValueKind::Blob], |it| {
            with_key(&[("bssid", it)])
        }),
        (&[ValueKind::String], |it| address(&[("ip", it)]).map(drop)),
        (&[ValueKind::String], |it| with_ip(&[("netmask", it)])),
        (&[ValueKind::String], |it| {
            with_ip(&[("netmask", "255.0.0.0".into()), ("gateway", it)])
        }),
        (&[ValueKind::List], |it| {
            with_ip(&[("netmask", "255.0.0.0".into()), ("dns", it)])
        }),
        (&[ValueKind::String], |it| {
            let list = [it];
            with_ip(&[("netmask", "255.0.0.0".into()), ("dns", Value::List(&list))])
        }),
        (&[ValueKind::String], |it| proxy(&[("type", it)]).map(drop)),
        (&[ValueKind::String], |it| {
            proxy(&[("address", it)]).map(drop)
        }),
        (&[ValueKind::Integer], |it| {
            proxy(&[("address", "a".into()), ("port", it)]).map(drop)
        }),
        (&[ValueKind::String], |it| with_port(&[("username", it)])),
        (&[ValueKind::String], |it| with_port(&[("user", it)])),
        (&[ValueKind::String, ValueKind::Blob], |it| {
            with_port(&[("username", "u".into()), ("password", it)])
        }),
    ];
    for (index, (allowed, check)) in keys.into_iter().enumerate() {
        for value in values {
            let refused = matches!(
                check(value).as_ref().map_err(lankeeper::nic::NicError::problem),
                Err(NicProblem::WrongType { found, allowed: kinds })
                    if *found == value.kind() && *kinds == allowed
            );
            assert_eq!(
                refused,
                !allowed.contains(&value.kind()),
                "{index} {value:?}"
            );
        }
    }
}

fn section(key: &str, value: Value<'_>) -> Result<(), lankeeper::nic::NicError> {
    nic(&[("interface", "wl0".into()), (key, value)]).map(drop)
}

fn with_key(more: &[Entry<'_>]) -> Result<(), lankeeper::nic::NicError> {
    wifi(&[&[("ssid", "shed".into()), ("key", Value::Null)], more].concat()).map(drop)
}

fn with_ip(more: &[Entry<'_>]) -> Result<(), lankeeper::nic::NicError> {
    address(&[&[("ip", "10.0.0.2".into())], more].concat()).map(drop)
}

fn with_port(more: &[Entry<'_>]) -> Result<(), lankeeper::nic::NicError> {
    proxy(&[&[("address", "a".into()), ("port", 1.into())], more].concat()).map(drop)
}

// spec: NIC-4
#[test]
fn an_unknown_key_cannot_forge_its_surroundings() {
    let path = |key: &str| {
        let error = nic(&[(key, Value::Null)]).unwrap_err();
        error.path().to_string()
    };
    assert_eq!(path("Interface"), "Interface");
    assert_eq!(path(""), r#""""#);
    assert_eq!(path("wificonfig.ssid"), r#""wificonfig.ssid""#);
    assert_eq!(path("a\nb: ok"), r#""a\nb: ok""#);
    assert_eq!(path("\u{1b}[2J\u{202e}"), r#""\u{1b}[2J\u{202e}""#);
    assert_eq!(path(&"k".repeat(24)), "k".repeat(24));
    assert_eq!(path(&"k".repeat(25)), format!("\"{}…\"", "k".repeat(24)));
    // Truncated at a character boundary: 'é' has two bytes.
    assert_eq!(
        path(&format!("{}é", "k".repeat(23))),
        format!("\"{}…\"", "k".repeat(23))
    );
}

// spec: NIC-4
#[test]
fn a_path_compares_with_text() {
    let error = address(&[
        ("ip", "10.0.0.2".into()),
        ("netmask", "255.0.0.0".into()),
        ("dns", Value::List(&["10.0.0.3".into(), "224.0.0.1".into()])),
    ])
    .unwrap_err();
    let path = error.path();
    assert!(*path == "staticconfig.dns[1]");
    for other in [
        "",
        "staticconfig",
        "staticconfig.dns[1",
        "staticconfig.dns[1]x",
    ] {
        assert!(*path != *other && *path != other, "{other}");
    }
}

// spec: NIC-5
#[test]
fn sections_belong_to_media() {
    let (wifi, ip, proxy) = (["wificonfig"], ["staticconfig"], ["proxyconfig"]);
    let not_on = |interface: &'static str, [key]: [&'static str; 1]| {
        // The section's content is wrong too, but is not checked.
        let inside = [("bad", Value::Null)];
        let text = refusal(nic(&[
            ("interface", interface.into()),
            (key, table(&inside)),
        ]));
        text.starts_with(&format!("{key}: not for "))
            .then_some(text)
    };
    for interface in ["wifi", "wl0", "wl0i"] {
        for section in [wifi, ip, proxy] {
            assert_eq!(not_on(interface, section), None);
        }
    }
    for interface in ["ethernet", "eth9"] {
        assert_eq!(
            not_on(interface, wifi).unwrap(),
            "wificonfig: not for Ethernet, allowed is Wi-Fi"
        );
        assert_eq!(not_on(interface, ip), None);
        assert_eq!(not_on(interface, proxy), None);
    }
    for interface in ["cell", "cell0"] {
        for (section, allowed) in [
            (wifi, "Wi-Fi"),
            (ip, "Wi-Fi or Ethernet"),
            (proxy, "Wi-Fi or Ethernet"),
        ] {
            assert_eq!(
                not_on(interface, section).unwrap(),
                format!("{}: not for cellular, allowed is {allowed}", section[0])
            );
        }
    }
}
