//! The content of a record, byte by byte.

use core::ptr;

use lankeeper::stored::{RECORD_CAPACITY, Record, StoredSettings};
use lankeeper::{WifiKey, WifiSettings};
use proptest::prelude::*;

use super::samples::{any_settings, full, longest, samples};
use crate::secrets::kept::is_left;
use crate::secrets::search::MARKER;

/// A version 1 record with a sealed key, and with a proxy given by address without credentials.
#[rustfmt::skip]
const VERSION_1_SEALED: &[u8] = &[
    b'L', b'K', 1, 25, 0,
    1, 1, 0, 2, 10, b's', b'e', b'a', b'l', b'e', b'd', b' ', b'k', b'e', b'y',
    3, 0, 10, 0, 0, 9, 80, 0, 0, 0,
    0x3D, 0xF5, 0x2B, 0x69,
];

/// A version 1 record as stored by devices in the field. Every future version must read it the same
/// way.
#[rustfmt::skip]
const VERSION_1: &[u8] = &[
    b'L', b'K', 1, 72, 0,
    1, 4, b's', b'h', b'e', b'd',
        1, 13, b'c', b'o', b'r', b'r', b'e', b'c', b't', b' ', b'h', b'o', b'r', b's', b'e',
    2, 192, 168, 1, 7, 24, 192, 168, 1, 1, 192, 168, 1, 1, 9, 9, 9, 9,
    3, 1, 13, b'p', b'r', b'o', b'x', b'y', b'.', b'e', b'x', b'a', b'm', b'p', b'l', b'e',
        0x38, 0x0C, 3, b'h', b'u', b'b',
        1, 9, b's', b'w', b'o', b'r', b'd', b'f', b'i', b's', b'h',
    0x90, 0x96, 0xB5, 0xCD,
];

/// The same settings in version 2.
#[rustfmt::skip]
const VERSION_2_SEALED: &[u8] = &[
    b'L', b'K', 2, 37, 0,
    1, 1, 22, 1, 0, 4, 2, 10, b's', b'e', b'a', b'l', b'e', b'd', b' ', b'k', b'e', b'y',
        0, 0, 0, 0, 0, 0, 0,
    3, 1, 9, 0, 10, 0, 0, 9, 80, 0, 0, 0,
    0x7D, 0x83, 0x95, 0x9E,
];

#[rustfmt::skip]
const VERSION_2: &[u8] = &[
    b'L', b'K', 2, 86, 0,
    1, 1, 28, 4, b's', b'h', b'e', b'd', 4,
        1, 13, b'c', b'o', b'r', b'r', b'e', b'c', b't', b' ', b'h', b'o', b'r', b's', b'e',
        0, 0, 0, 0, 0, 0, 0,
    2, 1, 17, 192, 168, 1, 7, 24, 192, 168, 1, 1, 192, 168, 1, 1, 9, 9, 9, 9,
    3, 1, 32, 1, 13, b'p', b'r', b'o', b'x', b'y', b'.', b'e', b'x', b'a', b'm', b'p', b'l', b'e',
        0x38, 0x0C, 3, b'h', b'u', b'b',
        1, 9, b's', b'w', b'o', b'r', b'd', b'f', b'i', b's', b'h',
    0x21, 0x74, 0x03, 0x5B,
];

// spec: CFG-1
#[test]
fn records_of_both_versions_never_change() {
    let [_, full, sealed, ..] = samples();
    for (settings, former, current) in [
        (full, VERSION_1, VERSION_2),
        (sealed, VERSION_1_SEALED, VERSION_2_SEALED),
    ] {
        assert_eq!(settings.to_record().as_bytes(), current);
        assert_eq!(StoredSettings::from_record(former), Ok(settings.clone()));
        assert_eq!(StoredSettings::from_record(current), Ok(settings));
    }
    let nothing = [b'L', b'K', 1, 0, 0, 0x5E, 0xF7, 0xF6, 0x16];
    assert_eq!(
        StoredSettings::from_record(&nothing),
        Ok(StoredSettings::default())
    );
    let nothing = [b'L', b'K', 2, 0, 0, 0x07, 0x49, 0xB0, 0x14];
    assert_eq!(StoredSettings::default().to_record().as_bytes(), nothing);
}

// spec: CFG-1
#[test]
fn the_longest_record_fits() {
    let (settings, record) = (longest(), longest().to_record());
    assert_eq!(record.as_bytes().len(), 373);
    assert!(record.as_bytes().len() <= RECORD_CAPACITY);
    assert_eq!(StoredSettings::from_record(record.as_bytes()), Ok(settings));
}

// spec: CFG-1
#[test]
fn every_sample_survives_a_round_trip() {
    for settings in samples() {
        let record = settings.to_record();
        assert_eq!(StoredSettings::from_record(record.as_bytes()), Ok(settings));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    // spec: CFG-1, CFG-6
    #[test]
    fn all_settings_survive_a_round_trip(settings in any_settings()) {
        let record = settings.to_record();
        prop_assert!(record.as_bytes().len() <= 373);
        prop_assert_eq!(StoredSettings::from_record(record.as_bytes()), Ok(settings));
    }
}

// spec: SEC-1
#[test]
fn nothing_reveals_the_length_of_a_record() {
    let shown = |settings: StoredSettings| format!("{:?}", settings.to_record());
    assert_eq!(shown(full()), shown(longest()));
    assert_eq!(shown(full()), "Record");
}

// spec: SEC-2
#[test]
fn a_record_is_wiped_when_it_is_replaced_or_dropped() {
    let mut settings = StoredSettings::default();
    let key = WifiKey::plaintext(MARKER).unwrap();
    settings.wifi = Some(WifiSettings::new(b"shed", key).unwrap());
    let record = || settings.to_record();
    let nothing = StoredSettings::default().to_record();
    let mut replaced = record();
    replaced.clone_from(&nothing);
    assert_eq!(replaced.as_bytes(), nothing.as_bytes());

    let replace = |place: *mut Record| {
        // SAFETY: the place holds a record.
        unsafe { &mut *place }.clone_from(&StoredSettings::default().to_record());
    };
    // SAFETY: the place holds a record that is not used afterwards.
    let drop_in_place = |place: *mut Record| unsafe { ptr::drop_in_place(place) };
    assert!(is_left(record(), |_| ()), "the search finds what is there");
    assert!(!is_left(record(), replace));
    assert!(!is_left(record(), drop_in_place));
}
