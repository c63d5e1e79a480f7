//! The search for a secret in displayed text.

use core::fmt::Debug;

/// A text that serves as key, password and blob, and occurs nowhere else.
pub(crate) const MARKER: &str = "Zq7-mArk3r";

/// Everything that would reveal the marker, compared without white space: the marker itself, its
/// bytes in hexadecimal and as lists, and the middle of its Base64 form at each of the three
/// alignments.
pub(crate) fn traces() -> Vec<String> {
    let bytes = MARKER.as_bytes();
    let list = |show: fn(&u8) -> String| bytes.iter().map(show).collect::<Vec<_>>().join(",");
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut traces = vec![
        MARKER.into(),
        list(u8::to_string),
        list(|byte| format!("{byte:x}")),
        list(|byte| format!("{byte:X}")),
        list(|byte| format!("0x{byte:x}")),
        list(|byte| format!("0x{byte:X}")),
        hex.to_uppercase(),
        hex,
    ];
    traces.extend((0..3).map(|skipped| base64(&bytes[skipped..])));
    traces
}

/// The Base64 form of the complete groups of three bytes.
fn base64(bytes: &[u8]) -> String {
    let alphabet: Vec<char> = ('A'..='Z')
        .chain('a'..='z')
        .chain('0'..='9')
        .chain(['+', '/'])
        .collect();
    let sextets = |group: &[u8]| {
        let bits = group
            .iter()
            .fold(0, |bits, byte| bits << 8 | usize::from(*byte));
        [18, 12, 6, 0].map(|shift| alphabet[bits >> shift & 63])
    };
    bytes.chunks_exact(3).flat_map(sextets).collect()
}

/// Fails if one of the texts reveals the marker.
pub(crate) fn assert_hidden(shown: impl IntoIterator<Item = impl AsRef<str>>) {
    let traces = traces();
    for text in shown {
        let text = text.as_ref();
        let dense: String = text.split_whitespace().collect();
        for trace in &traces {
            assert!(!dense.contains(trace), "{trace} in {text}");
        }
    }
}

/// A value that can be displayed.
#[cfg(not(feature = "defmt"))]
pub(crate) trait Show: Debug {}
#[cfg(not(feature = "defmt"))]
impl<T: Debug> Show for T {}

/// A value that can be displayed and logged.
#[cfg(feature = "defmt")]
pub(crate) trait Show: Debug + defmt::Format {}
#[cfg(feature = "defmt")]
impl<T: Debug + defmt::Format> Show for T {}

/// A value in each form in which it can be displayed.
pub(crate) fn renderings(value: impl Show) -> Vec<String> {
    [
        &debug(&value)[..],
        #[cfg(feature = "defmt")]
        &[super::logged::logged(&value)],
    ]
    .concat()
}

pub(crate) fn debug(value: impl Debug) -> [String; 2] {
    [format!("{value:?}"), format!("{value:#?}")]
}

// spec: SEC-1
#[test]
fn the_search_finds_what_it_looks_for() {
    assert_eq!(base64(b"Man"), "TWFu");
    let bytes = MARKER.as_bytes();
    for shown in [
        format!("key: {MARKER:?}"),
        format!("{bytes:?}"),
        format!("{bytes:#?}"),
        format!("{bytes:x?}"),
        format!("{bytes:02X?}"),
        format!("{bytes:#x?}"),
        format!("{bytes:#04X?}"),
        bytes.iter().map(|byte| format!("{byte:02X}")).collect(),
        format!("a{}b", base64(&bytes[1..])),
        format!("a{}b", base64(&bytes[2..])),
        String::from_utf8_lossy(&[&[0xFF, 3], bytes, &[0xFE]].concat()).into_owned(),
    ] {
        let found = std::panic::catch_unwind(|| assert_hidden([&shown]));
        assert!(found.is_err(), "not found in {shown}");
    }
    assert_hidden(["Zq7-mArk3", "q7-mArk3r"]);
}
