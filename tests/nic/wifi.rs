//! `wificonfig`.

use lankeeper::nic::{Exposed, NicProblem, Value};
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
        r#"WifiSettings { ssid: "\x00\xff\n\"", key: Open }"#
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

// spec: NIC-7
#[test]
fn a_plaintext_key_has_5_or_8_to_64_bytes() {
    for length in 0..=130 {
        // Digits are valid in every form of key.
        let text = "7".repeat(length);
        let allowed = matches!(length, 0 | 5 | 8..=64);
        match key(text.as_str().into()) {
            Ok(key) if length == 0 => assert_eq!(key.expose(), None),
            Ok(key) => assert_eq!(key.expose(), Some(Exposed::Plaintext(&text))),
            Err(error) => assert_eq!(*error.problem(), NicProblem::KeyForm),
        }
        assert_eq!(key(text.as_str().into()).is_ok(), allowed, "{length}");
    }
    for length in [4, 6, 7, 65] {
        assert_eq!(
            refusal(key("7".repeat(length).as_str().into())),
            "wificonfig.key: not a key, allowed are 5 bytes, 8 to 63 of printable ASCII, or 64 \
             hexadecimal digits"
        );
    }
}

// spec: NIC-7
#[test]
fn every_byte_of_a_passphrase_must_be_printable() {
    for code in 0..=127_u8 {
        for length in [8, 10, 63] {
            for place in [0, length / 2, length - 1] {
                let mut bytes = vec![b'a'; length];
                bytes[place] = code;
                let text = String::from_utf8(bytes).unwrap();
                let allowed = (32..=126).contains(&code);
                assert_eq!(key(text.as_str().into()).is_ok(), allowed, "{code} {place}");
            }
        }
    }
    assert_eq!(
        refusal(key("pässword".into())),
        "wificonfig.key: a byte that is not printable ASCII, allowed are codes 32 to 126"
    );
}

// spec: NIC-7
#[test]
fn every_byte_of_a_64_byte_key_must_be_a_hexadecimal_digit() {
    for code in 0..=127_u8 {
        for place in [0, 31, 63] {
            let mut bytes = [b'0'; 64];
            bytes[place] = code;
            let text = core::str::from_utf8(&bytes).unwrap();
            let allowed = char::from(code).is_ascii_hexdigit();
            assert_eq!(key(text.into()).is_ok(), allowed, "{code} {place}");
        }
    }
    assert_eq!(
        refusal(key("g".repeat(64).as_str().into())),
        "wificonfig.key: not a key, allowed are 5 bytes, 8 to 63 of printable ASCII, or 64 \
         hexadecimal digits"
    );
}

// spec: NIC-7
#[test]
fn wep_40_takes_any_5_bytes() {
    for text in ["abcde", "\0\n\u{7f} ~", "ééx"] {
        assert_eq!(text.len(), 5);
        let key = key(text.into()).unwrap();
        assert_eq!(key.expose(), Some(Exposed::Plaintext(text)));
    }
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
