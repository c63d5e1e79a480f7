//! Records that are damaged, truncated, foreign or have invalid content: each gives a typed error,
//! and nothing is read.

use lankeeper::nic::Exposed;
use lankeeper::stored::{RecordError, StoredSettings};
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

/// A record with these sections, and with correct length and checksum.
fn whole(body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap().to_le_bytes();
    let mut bytes = [b"LK\x01", &length[..], body].concat();
    bytes.extend(crc32(&bytes).to_le_bytes());
    bytes
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
    for settings in samples() {
        let record = settings.to_record();
        let bytes = record.as_bytes();
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
    for settings in samples() {
        let record = settings.to_record();
        for more in [&[0][..], &[0xFF], &[0; 200], record.as_bytes()] {
            let bytes = [record.as_bytes(), more].concat();
            assert_eq!(read(&bytes), Err(RecordError::Length));
        }
    }
}

// spec: CFG-1
#[test]
fn every_flipped_bit_is_found() {
    for settings in samples() {
        let record = settings.to_record();
        let mut bytes = record.as_bytes().to_vec();
        for place in 0..bytes.len() {
            for bit in 0..8 {
                bytes[place] ^= 1 << bit;
                let error = read(&bytes).unwrap_err();
                match place {
                    0..2 => assert_eq!(error, RecordError::Foreign),
                    2 => assert_eq!(error, RecordError::Version(1 ^ 1 << bit)),
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
    for version in (0..=u8::MAX).filter(|version| *version != 1) {
        let mut bytes = full().to_record().as_bytes().to_vec();
        bytes[2] = version;
        assert_eq!(read(&bytes), Err(RecordError::Version(version)));
        // A future version may have any length and another checksum.
        assert_eq!(read(&bytes[..3]), Err(RecordError::Version(version)));
        let error = read(&bytes).unwrap_err().to_string();
        assert!(error.contains(&version.to_string()), "{error}");
        assert!(error.ends_with("allowed is 1"), "{error}");
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

/// One section of the full sample with one byte replaced; `at` counts from the tag of the section.
fn changed(tag: u8, at: usize, byte: u8) -> Vec<u8> {
    let mut body = body(&only(tag));
    assert_eq!(body[0], tag);
    assert_ne!(body[at], byte, "the byte does not change");
    body[at] = byte;
    body
}

/// Invalid content, each with a description of what is wrong; the records' checksums are correct.
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
    for (what, body) in refused() {
        assert_eq!(read(&whole(&body)), Err(RecordError::Content(1)), "{what}");
    }
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
        assert!(read(&whole(&right)).is_ok(), "{what}");
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
    let first = errors("12345");
    assert_eq!(
        first[2],
        "something that is not allowed in section 4 of a record of settings"
    );
    for key in ["12345678", "correct horse", &"0".repeat(64)] {
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
        let bytes = whole(&[&[3, 0, 10, 0, 0, 9, 80, 0], &credentials[..]].concat());
        let settings = read(&bytes).unwrap();
        let proxy = settings.proxy.as_ref().unwrap();
        assert_eq!(proxy.username(), Some(name));
        let kept = proxy.password().unwrap().expose();
        assert_eq!(kept, Exposed::Plaintext(password));
        assert_eq!(settings.to_record().as_bytes(), bytes);
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
    fn any_sections_never_panic(body in vec(any::<u8>(), 0..400)) {
        let bytes = whole(&body);
        if let Ok(settings) = read(&bytes) {
            let written = settings.to_record();
            prop_assert_eq!(written.as_bytes(), bytes);
        }
    }
}
