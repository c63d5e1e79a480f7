//! Dotted quads: the parser beside the one of the standard library and a naive one (UDP-3).

use core::net::Ipv4Addr;

use arbitrary::{Result, Unstructured};
use lankeeper::ipv4::parse_dotted_quad;

/// Reads the bytes as text, or makes a text near a quad of them. The planted fault is a naive parser
/// that takes a zero before another digit.
pub(crate) fn run(bytes: &[u8], planted: bool) {
    let Some((kind, rest)) = bytes.split_first() else {
        return;
    };
    let text = match kind % 2 {
        0 => String::from_utf8_lossy(rest).into_owned(),
        _ => near(&mut Unstructured::new(rest)).expect("decoding continues with zeros"),
    };
    let read = parse_dotted_quad(&text).ok();
    assert_eq!(read, text.parse().ok(), "{text:?}");
    assert_eq!(read, naive(&text, planted), "{text:?}");
    let Some(address) = read else {
        return;
    };
    // Each address has one text, and nothing may stand around it.
    assert_eq!(address.to_string(), text);
    for more in [" ", "\0", ".", "0", "-", "\u{200b}"] {
        assert!(parse_dotted_quad(&format!("{more}{text}")).is_err());
    }
    for more in [" ", "\0", ".", "x", ":80", "/24"] {
        assert!(parse_dotted_quad(&format!("{text}{more}")).is_err());
    }
}

fn naive(text: &str, lax: bool) -> Option<Ipv4Addr> {
    let numbers: Vec<_> = text.split('.').map(|part| number(part, lax)).collect();
    match numbers[..] {
        [Some(a), Some(b), Some(c), Some(d)] => Some(Ipv4Addr::new(a, b, c, d)),
        _ => None,
    }
}

fn number(part: &str, lax: bool) -> Option<u8> {
    let is_number = part.chars().all(|c| c.is_ascii_digit());
    let is_strict = !part.starts_with('0') || part == "0" || lax;
    (is_number && is_strict && part.len() <= 3)
        .then(|| part.parse().ok())
        .flatten()
}

/// Some numbers with dots, and up to three characters more, fewer or other ones.
fn near(bytes: &mut Unstructured<'_>) -> Result<String> {
    let parts = *bytes.choose(&[4, 4, 4, 4, 4, 4, 3, 5])?;
    let mut numbers = Vec::new();
    for _ in 0..parts {
        let number: u16 = *bytes.choose(&[0, 1, 9, 10, 99, 100, 199, 249, 250, 255, 256, 999])?;
        numbers.push(number.to_string());
    }
    let mut text: Vec<char> = numbers.join(".").chars().collect();
    for _ in 0..bytes.int_in_range(0..=3)? {
        let place = bytes.int_in_range(0..=text.len())?;
        let character = match bytes.ratio(1, 8)? {
            true => bytes.arbitrary()?,
            false => *bytes.choose(&['0', '1', '2', '5', '.', ' ', '+', '-', '\0', 'x', '٣'])?,
        };
        match bytes.int_in_range(0..=2)? {
            0 if place < text.len() => text[place] = character,
            1 if place < text.len() => drop(text.remove(place)),
            _ => text.insert(place, character),
        }
    }
    Ok(text.into_iter().collect())
}
