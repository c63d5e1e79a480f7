//! `wificonfig`.

use lankeeper::nic::{Bssid, Exposed, NicProblem, Security, Value};
use lankeeper::{WifiKey, WifiSettings};

use super::{refusal, wifi};

/// The key made from a table with this value, checked against the one that the builder makes.
fn key(value: Value<'_>) -> Result<WifiKey, lankeeper::nic::NicError> {
    let read = wifi(&[("ssid", "shed".into()), ("key", value)]).map(|it| it.key().clone());
    let typed = match value {
        Value::String(text) => WifiKey::plaintext(text),
        Value::Blob(blob) => WifiKey::sealed(blob),
        _ => Ok(WifiKey::open()),
    };
    assert_eq!(read, typed);
    read
}

// spec: NIC-6
#[test]
fn an_ssid_has_1_to_32_bytes() {
    for (length, allowed) in [(0, false), (1, true), (32, true), (33, false)] {
        let text = "s".repeat(length);
        let read = wifi(&[("ssid", text.as_str().into()), ("key", Value::Null)]);
        assert_eq!(read.is_ok(), allowed, "{length}");
        let blob = wifi(&[("ssid", text.as_bytes().into()), ("key", Value::Null)]);
        assert_eq!(read, blob);
        assert_eq!(read, WifiSettings::new(text.as_bytes(), WifiKey::open()));
    }
    let long = "s".repeat(33);
    assert_eq!(
        refusal(wifi(&[
            ("ssid", long.as_str().into()),
            ("key", Value::Null)
        ])),
        "wificonfig.ssid: 33 bytes, at most 32"
    );
    assert_eq!(
        refusal(wifi(&[("ssid", "".into()), ("key", Value::Null)])),
        "wificonfig.ssid: 0 bytes, at least 1"
    );
}

// spec: NIC-6
#[test]
fn an_ssid_counts_bytes_not_characters() {
    assert!(
        wifi(&[
            ("ssid", "é".repeat(16).as_str().into()),
            ("key", Value::Null)
        ])
        .is_ok()
    );
    assert!(
        wifi(&[
            ("ssid", "é".repeat(17).as_str().into()),
            ("key", Value::Null)
        ])
        .is_err()
    );
}

// spec: NIC-6
#[test]
fn an_ssid_may_have_any_bytes() {
    for byte in 0..=u8::MAX {
        let ssid = [byte; 32];
        let read = wifi(&[("ssid", (&ssid).into()), ("key", Value::Null)]).unwrap();
        assert_eq!(read.ssid(), ssid);
    }
    let odd = wifi(&[("ssid", b"\0\xff\n\"".into()), ("key", Value::Null)]).unwrap();
    assert_eq!(
        format!("{odd:?}"),
        r#"WifiSettings { ssid: "\x00\xff\n\"", key: Open, hidden: false, bssid: None }"#
    );
}

// spec: NIC-6
#[test]
fn an_open_network_needs_an_explicit_null_or_empty_key() {
    assert_eq!(key(Value::Null).unwrap().expose(), None);
    assert_eq!(key("".into()).unwrap().expose(), None);
    assert_eq!(
        refusal(wifi(&[("ssid", "shed".into())])),
        "wificonfig.key: missing, required is null or a string or a blob"
    );
}

/// All kinds of security with their texts.
const KINDS: [(&str, Security); 5] = [
    ("open", Security::Open),
    ("wep", Security::Wep),
    ("wpa2", Security::Wpa2),
    ("wpa3", Security::Wpa3),
    ("any", Security::Any),
];

/// A key for a network with this security, made from a table and checked against the one that is made
/// from parts.
fn secured(kind: &str, value: Value<'_>) -> Result<WifiKey, lankeeper::nic::NicError> {
    let entries = [
        ("ssid", "shed".into()),
        ("key", value),
        ("security", kind.into()),
    ];
    let read = wifi(&entries).map(|it| it.key().clone());
    let (_, security) = *KINDS.iter().find(|known| known.0 == kind).unwrap();
    let given = match value {
        Value::String(text) => Exposed::Plaintext(text),
        Value::Blob(blob) => Exposed::Sealed(blob),
        _ => Exposed::Plaintext(""),
    };
    assert_eq!(read, WifiKey::new(security, given));
    read
}

// spec: NIC-7
#[test]
fn each_security_has_keys_of_its_own_lengths() {
    for (kind, security) in KINDS {
        for length in 0..=130 {
            // Digits are valid in every form of key.
            let text = "7".repeat(length);
            let allowed = match security {
                Security::Open => length == 0,
                Security::Wep => [5, 10, 13, 26].contains(&length),
                Security::Wpa2 => (8..=64).contains(&length),
                Security::Wpa3 => (1..=63).contains(&length),
                _ => length == 0 || (8..=64).contains(&length),
            };
            let read = secured(kind, text.as_str().into());
            assert_eq!(read.is_ok(), allowed, "{kind} {length}");
            match read {
                Ok(key) if length == 0 => {
                    assert_eq!((key.expose(), key.security()), (None, Security::Open));
                }
                Ok(key) => {
                    assert_eq!(key.expose(), Some(Exposed::Plaintext(&text)));
                    assert_eq!(key.security(), security);
                }
                Err(error) => assert_eq!(*error.problem(), NicProblem::KeyForm(security)),
            }
        }
    }
    for (kind, allowed) in [
        ("open", "none"),
        ("wep", "5 or 13 bytes, or 10 or 26 hexadecimal digits"),
        ("wpa2", "8 to 63 bytes, or 64 hexadecimal digits"),
        ("wpa3", "1 to 63 bytes"),
        ("any", "8 to 63 bytes, 64 hexadecimal digits, or none"),
    ] {
        assert_eq!(
            refusal(secured(kind, "g".repeat(64).as_str().into())),
            format!("wificonfig.key: not a key for security {kind}, allowed: {allowed}")
        );
    }
}

// spec: NIC-6, NIC-7
#[test]
fn any_security_is_the_default_and_none_is_guessed() {
    for length in 0..=130 {
        let text = "7".repeat(length);
        assert_eq!(
            key(text.as_str().into()),
            secured("any", text.as_str().into())
        );
    }
    // A typo of five characters is no key for WEP.
    assert!(key("horse".into()).is_err());
    assert!(secured("wep", "horse".into()).is_ok());
    assert_eq!(
        refusal(wifi(&[
            ("ssid", "shed".into()),
            ("security", "wpa2-enterprise".into()),
            ("key", Value::Null),
        ])),
        "wificonfig.security: \"wpa2-enterprise\" is not a security, allowed are open, wep, wpa2, wpa3, any"
    );
    for (text, security) in KINDS {
        assert_eq!(security.to_string(), text);
    }
}

// spec: NIC-7
#[test]
fn a_passphrase_is_text_without_control_characters() {
    for code in 0..=255_u8 {
        for length in [8, 10, 62] {
            for place in [0, length / 2, length - 1] {
                let mut text = vec!['a'; length];
                text[place] = char::from(code);
                let text: String = text.into_iter().collect();
                let allowed = !matches!(code, 0..=31 | 127..=159);
                for kind in ["wpa2", "wpa3", "any"] {
                    let read = secured(kind, text.as_str().into());
                    assert_eq!(read.is_ok(), allowed, "{kind} {code} {place}");
                }
            }
        }
    }
    // Of a refused length nothing is said.
    for text in ["tab\there", "\t", &"\t".repeat(70)] {
        assert_eq!(
            refusal(key(text.into())),
            "wificonfig.key: a control character, allowed are all others"
        );
    }
    // Bytes count, not characters.
    assert!(key("é".repeat(4).as_str().into()).is_ok());
    assert!(key("é".repeat(32).as_str().into()).is_err());
    assert!(secured("wpa3", "é".into()).is_ok());
}

// spec: NIC-7
#[test]
fn every_byte_of_a_key_of_digits_must_be_a_hexadecimal_one() {
    for (kind, length) in [("wpa2", 64), ("any", 64), ("wep", 10), ("wep", 26)] {
        for code in 0..=127_u8 {
            for place in [0, length / 2 - 1, length - 1] {
                let mut bytes = vec![b'0'; length];
                bytes[place] = code;
                let text = core::str::from_utf8(&bytes).unwrap();
                let allowed = char::from(code).is_ascii_hexdigit();
                let read = secured(kind, text.into());
                assert_eq!(read.is_ok(), allowed, "{kind} {code} {place}");
            }
        }
    }
}

// spec: NIC-7
#[test]
fn wep_takes_any_5_or_13_bytes() {
    for text in ["abcde", "\0\n\u{7f} ~", "ééx", "\0thirteenbyte"] {
        assert!([5, 13].contains(&text.len()));
        let key = secured("wep", text.into()).unwrap();
        assert_eq!(key.expose(), Some(Exposed::Plaintext(text)));
    }
}

// spec: NIC-6
#[test]
fn a_sealed_key_goes_with_every_security_but_none() {
    for (kind, _) in KINDS {
        let read = secured(kind, b"sealed".into());
        assert_eq!(read.is_ok(), kind != "open", "{kind}");
    }
}

// spec: NIC-6
#[test]
fn a_network_can_be_hidden() {
    let entries = |hidden: bool| {
        wifi(&[
            ("ssid", "shed".into()),
            ("key", Value::Null),
            ("hidden", hidden.into()),
        ])
    };
    let bare = WifiSettings::new(b"shed", WifiKey::open()).unwrap();
    assert!(!bare.is_hidden());
    assert_eq!(entries(false), Ok(bare.clone()));
    let hidden = entries(true).unwrap();
    assert!(hidden.is_hidden());
    assert_eq!(hidden, bare.clone().with_hidden(true));
    assert_eq!(hidden.with_hidden(false), bare);
}

/// The access point in a table with this value, checked against the one made from the value.
fn access_point(value: Value<'_>) -> Result<Bssid, lankeeper::nic::NicError> {
    let read = wifi(&[
        ("ssid", "shed".into()),
        ("key", Value::Null),
        ("bssid", value),
    ]);
    let read = read.map(|it| it.bssid().unwrap());
    match value {
        Value::String(text) => assert_eq!(read, text.parse()),
        Value::Blob(bytes) => {
            if let Ok(bytes) = bytes.try_into() {
                assert_eq!(read, Bssid::new(bytes));
            }
        }
        _ => {}
    }
    read
}

// spec: NIC-6
#[test]
fn an_access_point_is_six_bytes_in_text_or_as_a_blob() {
    let bytes = [2, 0, 0x5E, 0, 0x53, 0xA1];
    for value in [
        Value::from("02:00:5e:00:53:a1"),
        "02:00:5E:00:53:A1".into(),
        "02-00-5e-00-53-a1".into(),
        (&bytes).into(),
    ] {
        let read = access_point(value).unwrap();
        assert_eq!(read.bytes(), bytes);
        assert_eq!(read.to_string(), "02:00:5e:00:53:a1");
    }
    for text in [
        "",
        "02:00:5e:00:53",
        "02:00:5e:00:53:a1:",
        "02:00:5e:00:53:a1:00",
        ":02:00:5e:00:53:a1",
        "02:00:5e:00:53-a1",
        "02:00:5e:00:53:+1",
        "02:00:5e:00:53:g1",
        "02:00:5e:00:53:1",
        "02:00:5e:00:530:1",
        "02005e0053a1",
        "02.00.5e.00.53.a1",
        "0é:00:5e:00:53:a",
    ] {
        let refused = refusal(access_point(text.into()));
        assert!(refused.starts_with("wificonfig.bssid: \""), "{refused}");
        assert!(refused.contains("is not a BSSID"), "{refused}");
    }
    assert_eq!(
        refusal(access_point(b"12345".into())),
        "wificonfig.bssid: 5 bytes, at least 6"
    );
    assert_eq!(
        refusal(access_point(b"1234567".into())),
        "wificonfig.bssid: 7 bytes, at most 6"
    );
}

// spec: NIC-6
#[test]
fn an_access_point_has_no_group_address_nor_zero() {
    for first in 0..=u8::MAX {
        let bytes = [first, 0, 0, 0, 0, 0];
        let read = access_point((&bytes).into());
        assert_eq!(read.is_ok(), first != 0 && first % 2 == 0, "{first}");
    }
    assert!(access_point("00:00:00:00:00:01".into()).is_ok());
    assert_eq!(
        refusal(access_point("FF:ff:ff:ff:ff:ff".into())),
        "wificonfig.bssid: ff:ff:ff:ff:ff:ff is not an access point, allowed are neither zero nor a \
         group address"
    );
    let bare = WifiSettings::new(b"shed", WifiKey::open()).unwrap();
    let bssid = Bssid::new([2, 0, 0, 0, 0, 0]).unwrap();
    let only = bare.clone().with_bssid(Some(bssid));
    assert_eq!(only.bssid(), Some(bssid));
    assert_eq!(only.with_bssid(None), bare);
}

// spec: NIC-6
#[test]
fn a_sealed_key_is_1_to_112_opaque_bytes() {
    for (length, allowed) in [(0, false), (1, true), (5, true), (112, true), (113, false)] {
        let blob: Vec<u8> = (0..=255).cycle().skip(200).take(length).collect();
        let key = key(blob.as_slice().into());
        assert_eq!(key.is_ok(), allowed, "{length}");
        if let Ok(key) = key {
            assert_eq!(key.expose(), Some(Exposed::Sealed(&blob)));
        }
    }
    assert_eq!(
        refusal(key(b"".into())),
        "wificonfig.key: a sealed secret of a length that is not allowed, allowed are 1 to 112 bytes"
    );
}
