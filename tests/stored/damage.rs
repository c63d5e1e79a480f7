//! Records that are damaged, truncated, foreign or have invalid content: each gives a typed error,
//! and nothing is read.

use core::net::Ipv4Addr;

use lankeeper::nic::{Exposed, ProxyAddress, Security};
use lankeeper::stored::{RecordError, StoredSettings};
use lankeeper::{WifiKey, WifiSettings};
use proptest::collection::vec;
use proptest::prelude::*;

use super::samples::{any_settings, full, samples, wifi};

const HEADER: usize = 5;

fn read(bytes: &[u8]) -> Result<StoredSettings, RecordError> {
    StoredSettings::from_record(bytes)
}

/// CRC-32 as in zlib, Ethernet and PNG. Unlike the crate's, this implementation uses a table.
fn crc32(bytes: &[u8]) -> u32 {
    let table: Vec<u32> = (0..256)
        .map(|byte| (0..8).fold(byte, |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1))))
        .collect();
    !bytes.iter().fold(!0, |crc, byte| {
        (crc >> 8) ^ table[usize::from(*byte) ^ (crc & 0xFF) as usize]
    })
}

/// A record of this version with these sections, and with correct length and checksum.
fn of_version(version: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap().to_le_bytes();
    let mut bytes = [&b"LK"[..], &[version], &length, body].concat();
    bytes.extend(crc32(&bytes).to_le_bytes());
    bytes
}

fn whole(body: &[u8]) -> Vec<u8> {
    of_version(2, body)
}

/// The same section as version 2 has it, where its fields are the same.
fn section(former: &[u8]) -> Vec<u8> {
    let (tag, fields) = former.split_first().unwrap();
    let length = u8::try_from(fields.len()).unwrap();
    [&[*tag, 1, length], fields].concat()
}

/// The sections of version 1, which knew neither security, nor hidden networks, nor access points.
fn former(settings: &StoredSettings) -> Vec<u8> {
    let counted = |bytes: &[u8]| [&[u8::try_from(bytes.len()).unwrap()], bytes].concat();
    let secret = |given: Option<Exposed<'_>>| match given {
        None => vec![0],
        Some(Exposed::Plaintext(text)) => [vec![1], counted(text.as_bytes())].concat(),
        Some(Exposed::Sealed(blob)) => [vec![2], counted(blob)].concat(),
    };
    let mut body = Vec::new();
    if let Some(wifi) = &settings.wifi {
        body.push(1);
        body.extend(counted(wifi.ssid()));
        body.extend(secret(wifi.key().expose()));
    }
    if let Some(ip) = &settings.ip_config {
        let none = Ipv4Addr::UNSPECIFIED;
        let servers: Vec<_> = ip.name_servers().chain([none; 2]).collect();
        body.push(2);
        body.extend(ip.address().octets());
        body.push(ip.prefix().length());
        for address in [ip.gateway().unwrap_or(none), servers[0], servers[1]] {
            body.extend(address.octets());
        }
    }
    if let Some(proxy) = &settings.proxy {
        body.push(3);
        match proxy.address() {
            ProxyAddress::Ip(address) => body.extend([&[0], &address.octets()[..]].concat()),
            ProxyAddress::Host(name) => {
                body.push(1);
                body.extend(counted(name.as_str().as_bytes()));
            }
        }
        body.extend(proxy.port().to_le_bytes());
        body.extend(counted(proxy.username().unwrap_or_default().as_bytes()));
        body.extend(secret(proxy.password().map(|password| password.expose())));
    }
    body
}

/// What a device had stored with version 1, as it is read today.
fn kept(mut settings: StoredSettings) -> StoredSettings {
    if let Some(wifi) = settings.wifi.take() {
        let security = match wifi.key().expose() {
            Some(Exposed::Plaintext(text)) if text.len() == 5 => Security::Wep,
            _ => Security::Any,
        };
        let given = wifi.key().expose().unwrap_or(Exposed::Plaintext(""));
        let key = WifiKey::new(security, given).unwrap();
        settings.wifi = Some(WifiSettings::new(wifi.ssid(), key).unwrap());
    }
    settings
}

/// The records of every sample in both versions, with what they hold.
fn records() -> Vec<(StoredSettings, Vec<u8>)> {
    let current = samples().map(|settings| (settings.clone(), whole(&body(&settings))));
    let former = samples().map(|settings| {
        let record = of_version(1, &former(&settings));
        (kept(settings), record)
    });
    current.into_iter().chain(former).collect()
}

fn body(settings: &StoredSettings) -> Vec<u8> {
    let record = settings.to_record();
    let bytes = record.as_bytes();
    bytes[HEADER..bytes.len() - 4].to_vec()
}

#[test]
fn the_checksum_is_crc_32() {
    assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    for settings in samples() {
        assert_eq!(whole(&body(&settings)), settings.to_record().as_bytes());
    }
}

// spec: CFG-1
#[test]
fn every_truncation_is_found() {
    for (_, bytes) in records() {
        for length in 0..bytes.len() {
            let expected = match length {
                0..3 => RecordError::Foreign,
                _ => RecordError::Length,
            };
            assert_eq!(read(&bytes[..length]), Err(expected), "{length}");
        }
    }
}

// spec: CFG-1
#[test]
fn every_trailing_byte_is_found() {
    for (_, record) in records() {
        for more in [&[0][..], &[0xFF], &[0; 200], &record] {
            let bytes = [&record, more].concat();
            assert_eq!(read(&bytes), Err(RecordError::Length));
        }
    }
}

// spec: CFG-1
#[test]
fn every_flipped_bit_is_found() {
    for (settings, mut bytes) in records() {
        for place in 0..bytes.len() {
            for bit in 0..8 {
                bytes[place] ^= 1 << bit;
                let error = read(&bytes).unwrap_err();
                match place {
                    0..2 => assert_eq!(error, RecordError::Foreign),
                    2 => assert_eq!(error, RecordError::Version(bytes[2])),
                    3..5 => assert_eq!(error, RecordError::Length),
                    _ => assert_eq!(error, RecordError::Damaged),
                }
                bytes[place] ^= 1 << bit;
            }
        }
        assert_eq!(read(&bytes), Ok(settings));
    }
}

// spec: CFG-1
#[test]
fn every_other_version_is_refused() {
    for version in (0..=u8::MAX).filter(|version| ![1, 2].contains(version)) {
        let mut bytes = full().to_record().as_bytes().to_vec();
        bytes[2] = version;
        assert_eq!(read(&bytes), Err(RecordError::Version(version)));
        // A future version may have any length and another checksum.
        assert_eq!(read(&bytes[..3]), Err(RecordError::Version(version)));
        let error = read(&bytes).unwrap_err().to_string();
        assert!(error.contains(&version.to_string()), "{error}");
        assert!(error.ends_with("allowed are 1 and 2"), "{error}");
    }
}

// spec: CFG-1
#[test]
fn other_data_is_foreign() {
    for bytes in [
        &b""[..],
        b"L",
        b"LK",
        b"lk\x01\0\0",
        b"KL\x01\0\0",
        b"{\"ssid\":\"shed\"}",
        // Erased flash memory, and memory that was never written.
        &[0xFF; 512],
        &[0; 512],
    ] {
        assert_eq!(read(bytes), Err(RecordError::Foreign), "{bytes:?}");
    }
}

/// The full sample, reduced to the section with this tag.
fn only(tag: u8) -> StoredSettings {
    let mut settings = full();
    settings.wifi.take_if(|_| tag != 1);
    settings.ip_config.take_if(|_| tag != 2);
    settings.proxy.take_if(|_| tag != 3);
    settings
}

/// One section of the full sample, as version 1 has it, with one byte replaced; `at` counts from the tag
/// of the section.
fn changed(tag: u8, at: usize, byte: u8) -> Vec<u8> {
    let mut body = former(&only(tag));
    assert_eq!(body[0], tag);
    assert_ne!(body[at], byte, "the byte does not change");
    body[at] = byte;
    body
}

/// Invalid content of version 1, each with a description of what is wrong; the records' checksums are
/// correct.
fn refused() -> Vec<(&'static str, Vec<u8>)> {
    let [ssid, name] = [[b'a'; 33], [b'a'; 33]];
    let sealed = |tag: &[u8], length: u8| [tag, &[2, length], &vec![7; length.into()]].concat();
    let proxy = |tail: &[u8]| [&[3, 0, 10, 0, 0, 9, 80, 0], tail].concat();
    vec![
        ("tag 0", vec![0]),
        ("an unknown tag", vec![4]),
        ("the highest tag", vec![255]),
        ("an empty SSID", vec![1, 0, 0]),
        ("an SSID of 33 bytes", [&[1, 33], &ssid[..], &[0]].concat()),
        ("an SSID beyond the end of the record", vec![1, 9, b'a', 0]),
        ("an SSID without a key", vec![1, 1, b'a']),
        ("an unknown kind of key", changed(1, 6, 3)),
        ("an empty plaintext key", vec![1, 1, b'a', 1, 0]),
        (
            "a key of 7 bytes",
            [&[1, 1, b'a', 1, 7], &b"1234567"[..]].concat(),
        ),
        ("a key that is not printable", changed(1, 8, 0x1F)),
        ("a key that is no text", changed(1, 8, 0xFF)),
        (
            "64 digits, not all hexadecimal",
            [&[1, 1, b'a', 1, 64], &[b'g'; 64][..]].concat(),
        ),
        (
            "a key of 65 digits",
            [&[1, 1, b'a', 1, 65], &[b'0'; 65][..]].concat(),
        ),
        ("an empty sealed key", sealed(&[1, 1, b'a'], 0)),
        ("a sealed key of 113 bytes", sealed(&[1, 1, b'a'], 113)),
        ("no address", [&[2, 0, 0, 0, 0, 24], &[0; 12][..]].concat()),
        ("a loopback address", changed(2, 1, 127)),
        ("a multicast address", changed(2, 1, 224)),
        ("a reserved address", changed(2, 1, 240)),
        ("the network's address", changed(2, 4, 0)),
        ("the broadcast address", changed(2, 4, 255)),
        ("prefix length 0", changed(2, 5, 0)),
        ("prefix length 33", changed(2, 5, 33)),
        ("prefix length 255", changed(2, 5, 255)),
        (
            "a link-local address",
            [&[2, 169, 254, 0, 1, 16], &[0; 12][..]].concat(),
        ),
        ("a gateway that no host can be", changed(2, 6, 127)),
        (
            "a gateway that is the broadcast address",
            changed(2, 9, 255),
        ),
        ("a gateway that is the own address", changed(2, 9, 7)),
        ("an invalid name server", changed(2, 10, 224)),
        ("an invalid second name server", changed(2, 14, 255)),
        (
            "a second name server without a first",
            [
                &[2, 10, 0, 0, 1, 24, 0, 0, 0, 0, 0, 0, 0, 0],
                &[9, 9, 9, 9][..],
            ]
            .concat(),
        ),
        (
            "a session with its own address as gateway",
            [&[2, 10, 0, 0, 1, 32, 10, 0, 0, 1], &[0; 8][..]].concat(),
        ),
        (
            "a session with an invalid gateway",
            [&[2, 10, 0, 0, 1, 32, 224, 0, 0, 1], &[0; 8][..]].concat(),
        ),
        (
            "a session with an invalid name server",
            [&[2, 10, 0, 0, 1, 32, 0, 0, 0, 0, 240, 0, 0, 1], &[0; 4][..]].concat(),
        ),
        ("half an address", vec![2, 10, 0]),
        ("an unknown kind of address", changed(3, 1, 2)),
        ("an invalid name", changed(3, 3, b'-')),
        ("a name that is no text", changed(3, 3, 0xFF)),
        ("an empty name", vec![3, 1, 0, 80, 0, 0, 0]),
        (
            "a name of 65 bytes",
            [&[3, 1, 65], &[b'a'; 63][..], b".a", &[80, 0, 0, 0]].concat(),
        ),
        (
            "a name that ends in a dot",
            [&[3, 1, 2], &b"a."[..], &[80, 0, 0, 0]].concat(),
        ),
        (
            "a name that is an address",
            [&[3, 1, 8], &b"10.0.0.9"[..], &[80, 0, 0, 0]].concat(),
        ),
        ("port 0", vec![3, 0, 10, 0, 0, 9, 0, 0, 0, 0]),
        ("no port", vec![3, 0, 10, 0, 0, 9, 80]),
        (
            "a user name of 33 bytes",
            [&proxy(&[33])[..], &name, &[0]].concat(),
        ),
        ("a user name that is no text", proxy(&[1, 0xFF, 0])),
        ("a password without a user name", proxy(&[0, 1, 1, b'p'])),
        (
            "a sealed password without a user name",
            proxy(&[0, 2, 1, b'p']),
        ),
        ("an empty password", proxy(&[1, b'u', 1, 0])),
        (
            "a password of 33 bytes",
            [&proxy(&[1, b'u', 1, 33])[..], &name].concat(),
        ),
        ("a password that is no text", proxy(&[1, b'u', 1, 1, 0xFF])),
        ("an empty sealed password", sealed(&proxy(&[1, b'u']), 0)),
        (
            "a sealed password of 81 bytes",
            sealed(&proxy(&[1, b'u']), 81),
        ),
        ("an unknown kind of password", proxy(&[1, b'u', 3])),
        ("no kind of password", proxy(&[1, b'u'])),
    ]
}

// spec: CFG-1
#[test]
fn invalid_content_is_refused_despite_a_correct_checksum() {
    let refused_by = Err(RecordError::Content(1));
    for (what, body) in refused() {
        assert_eq!(read(&of_version(1, &body)), refused_by, "{what}");
        assert_eq!(read(&whole(&section(&body))), refused_by, "{what}");
    }
    let network = |change: &dyn Fn(&mut Vec<u8>)| {
        // Tag, version of the fields, length; SSID, security, key, hidden, access point.
        let mut body = body(&only(1));
        assert_eq!(body[..9], [1, 1, 28, 4, b's', b'h', b'e', b'd', 4]);
        change(&mut body);
        read(&whole(&body))
    };
    assert!(network(&|_| {}).is_ok());
    for (what, at, byte) in [
        ("another version of the fields", 1, 2),
        ("no version of the fields", 1, 0),
        ("a length that is too short", 2, 27),
        ("a length that is too long", 2, 29),
        ("a length of nothing", 2, 0),
        ("an empty SSID", 3, 0),
        ("an SSID of 33 bytes", 3, 33),
        ("an unknown security", 8, 5),
        ("a key for no security", 8, 0),
        ("an unknown kind of key", 9, 3),
        ("a control character in the key", 11, 0x1F),
        ("a key that is no text", 11, 0xFF),
        ("neither hidden nor not", 24, 2),
        ("a group address", 25, 1),
    ] {
        let changed = network(&|body| {
            assert_ne!(body[at], byte, "{what}: the byte does not change");
            body[at] = byte;
        });
        assert_eq!(changed, refused_by, "{what}");
    }
    // An open network has one form.
    for security in 0..=5 {
        let open = [&[1, 1, 11, 1, b'a', security, 0, 0][..], &[0; 6]].concat();
        assert_eq!(read(&whole(&open)).is_ok(), security == 0, "{security}");
    }
    // What is behind the fields of a section is another section.
    let longer = network(&|body| {
        body[2] += 1;
        body.push(0);
    });
    assert_eq!(longer, refused_by);
}

// spec: CFG-1
#[test]
fn what_version_1_had_stored_is_kept() {
    for (settings, record) in records() {
        assert_eq!(read(&record), Ok(settings));
    }
    // In version 1 five bytes of any value were a key for WEP; today a typo is none.
    let wep = [1, 1, b'a', 1, 5, b'a', 0, 127, b' ', b'~'];
    let settings = read(&of_version(1, &wep)).unwrap();
    let key = settings.wifi.as_ref().unwrap().key();
    assert_eq!(key.security(), Security::Wep);
    assert_eq!(key.expose(), Some(Exposed::Plaintext("a\0\x7F ~")));
    assert_eq!(read(settings.to_record().as_bytes()), Ok(settings));
}

// spec: CFG-1
#[test]
fn content_at_the_limits_is_accepted() {
    for (what, right) in [
        (
            "an SSID of 32 bytes",
            [&[1, 32], &[b'a'; 32][..], &[0]].concat(),
        ),
        (
            "a key of 8 bytes",
            [&[1, 1, b'a', 1, 8], &b"12345678"[..]].concat(),
        ),
        (
            "64 digits",
            [&[1, 1, b'a', 1, 64], &[b'f'; 64][..]].concat(),
        ),
        (
            "a sealed key of 112 bytes",
            [&[1, 1, b'a', 2, 112], &[7; 112][..]].concat(),
        ),
        (
            "prefix length 30",
            [&[2, 192, 168, 1, 6, 30, 192, 168, 1, 5], &[0; 8][..]].concat(),
        ),
        (
            "prefix length 31, from a lease",
            [&[2, 192, 168, 1, 6, 31, 192, 168, 1, 7], &[0; 8][..]].concat(),
        ),
        (
            "a gateway elsewhere, from a lease",
            [&[2, 192, 168, 1, 6, 24, 192, 168, 2, 1], &[0; 8][..]].concat(),
        ),
        (
            "a session",
            [&[2, 10, 0, 0, 1, 32, 10, 0, 0, 2], &[0; 8][..]].concat(),
        ),
        (
            "a session with a link-local address",
            [&[2, 169, 254, 0, 1, 32, 169, 254, 0, 2], &[0; 8][..]].concat(),
        ),
        ("an empty user name", vec![3, 0, 10, 0, 0, 9, 1, 0, 0, 0]),
        (
            "a name with underscores",
            [&[3, 1, 3], &b"_a_"[..], &[80, 0, 0, 0]].concat(),
        ),
        (
            "a password of 1 byte",
            vec![3, 0, 10, 0, 0, 9, 1, 0, 1, b'u', 1, 1, b'p'],
        ),
    ] {
        let former = read(&of_version(1, &right));
        assert!(former.is_ok(), "{what}");
        if right[0] != 1 {
            assert_eq!(read(&whole(&section(&right))), former, "{what}");
        }
    }
}

// spec: CFG-1
#[test]
fn invalid_content_is_reported_with_the_number_of_its_section() {
    for settings in samples() {
        let before = body(&settings);
        let bits = settings.parts().bits();
        let sections = u8::try_from(bits.count_ones()).unwrap();
        // An unknown tag, and a repetition of every section.
        for more in [&[9][..], &body(&full())] {
            let expected = Err(RecordError::Content(sections + 1));
            if settings != StoredSettings::default() || more == [9] {
                assert_eq!(read(&whole(&[&before, more].concat())), expected);
            }
        }
    }
}

// spec: SEC-1
#[test]
fn no_error_reveals_the_length_of_a_stored_secret() {
    let errors = |key: &str| {
        let mut settings = full();
        settings.wifi = Some(wifi(b"shed", key));
        let body = body(&settings);
        let bytes = whole(&body);
        let cut = read(&bytes[..bytes.len() - 1]).unwrap_err();
        let longer = read(&[&bytes[..], b"x"].concat()).unwrap_err();
        let content = read(&whole(&[&body[..], &[9]].concat())).unwrap_err();
        [cut, longer, content].map(|error| error.to_string())
    };
    let first = errors("12345678");
    assert_eq!(
        first[2],
        "something that is not allowed in section 4 of a record of settings"
    );
    for key in ["123456789", "correct horse", &"0".repeat(64)] {
        assert_eq!(errors(key), first);
    }
}

// spec: CFG-1, NIC-9
#[test]
fn credentials_of_an_earlier_version_are_read() {
    // It looked at their length only.
    for (name, password) in [
        ("hub:", "sword\u{1}fish"),
        ("h\tb", "\n"),
        ("\u{7F}", "\u{85}"),
    ] {
        let counted = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
        let credentials = [counted(name), vec![1], counted(password)].concat();
        let stored = [&[3, 0, 10, 0, 0, 9, 80, 0], &credentials[..]].concat();
        let settings = read(&of_version(1, &stored)).unwrap();
        let proxy = settings.proxy.as_ref().unwrap();
        assert_eq!(proxy.username(), Some(name));
        let kept = proxy.password().unwrap().expose();
        assert_eq!(kept, Exposed::Plaintext(password));
        assert_eq!(settings.to_record().as_bytes(), whole(&section(&stored)));
    }
}

// spec: CFG-1
#[test]
fn a_repeated_or_misplaced_section_is_found() {
    let section = |tag| body(&only(tag));
    for first in 1..=3 {
        for second in 1..=3 {
            let bytes = whole(&[section(first), section(second)].concat());
            match read(&bytes) {
                Ok(settings) => {
                    assert!(first < second, "{first} before {second}");
                    assert_eq!(settings.to_record().as_bytes(), bytes);
                }
                Err(error) => {
                    assert!(first >= second, "{first} before {second}");
                    assert_eq!(error, RecordError::Content(2));
                }
            }
        }
    }
}

/// Mostly well-formed sections with any content.
fn near_body() -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), any::<u8>());
    (any_settings(), vec(change, 0..4), vec(any::<u8>(), 0..3)).prop_map(
        |(settings, changes, more)| {
            let mut body = body(&settings);
            for (place, byte) in changes {
                if !body.is_empty() {
                    let place = place.index(body.len());
                    body[place] = byte;
                }
            }
            [body, more].concat()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    // spec: CFG-1
    #[test]
    fn random_bytes_are_an_error(bytes in vec(any::<u8>(), 0..600)) {
        prop_assert!(read(&bytes).is_err());
    }

    // spec: CFG-1
    #[test]
    fn accepted_bytes_are_what_would_be_written(body in near_body()) {
        let bytes = whole(&body);
        if let Ok(settings) = read(&bytes) {
            let written = settings.to_record();
            prop_assert_eq!(written.as_bytes(), bytes);
        }
    }

    // spec: CFG-1
    #[test]
    fn every_record_of_version_1_is_read(settings in any_settings()) {
        let is_known = settings.wifi.as_ref().is_none_or(|wifi| match wifi.key().expose() {
            Some(Exposed::Plaintext(text)) => {
                let phrase = (8..=63).contains(&text.len()) && text.is_ascii();
                text.len() == 5 || phrase || text.len() == 64
            }
            _ => true,
        });
        prop_assume!(is_known);
        let record = of_version(1, &former(&settings));
        prop_assert_eq!(read(&record), Ok(kept(settings)));
    }

    // spec: CFG-1
    #[test]
    fn any_sections_never_panic(body in vec(any::<u8>(), 0..400)) {
        let former = of_version(1, &body);
        if let Ok(settings) = read(&former) {
            let written = settings.to_record();
            prop_assert_eq!(read(written.as_bytes()), Ok(settings));
        }
        let bytes = whole(&body);
        if let Ok(settings) = read(&bytes) {
            let written = settings.to_record();
            prop_assert_eq!(written.as_bytes(), bytes);
        }
    }
}
