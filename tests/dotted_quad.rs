//! The parser for IPv4 addresses, compared with the one of `core::net`.

use core::net::Ipv4Addr;

use lankeeper::ipv4::parse_dotted_quad;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::support::exact::exhaustive;

/// The standard library's result; its parser is exactly as strict as UDP-3.
fn oracle(text: &str) -> Option<Ipv4Addr> {
    text.parse().ok()
}

/// Calls `check` with every string over `alphabet` of at most `length` characters.
fn every_string(alphabet: &[u8], length: usize, check: &mut impl FnMut(&str)) {
    fn extend(alphabet: &[u8], length: usize, text: &mut String, check: &mut impl FnMut(&str)) {
        check(text);
        if text.len() < length {
            for character in alphabet {
                text.push(char::from(*character));
                extend(alphabet, length, text, check);
                text.pop();
            }
        }
    }
    extend(alphabet, length, &mut String::new(), check);
}

// spec: UDP-3
#[test]
fn every_short_string_parses_as_in_the_standard_library() {
    let mut accepted = 0;
    let mut check = |text: &str| {
        let read = parse_dotted_quad(text).ok();
        assert_eq!(read, oracle(text), "{text:?}");
        accepted += u32::from(read.is_some());
    };
    let length = if exhaustive() { 8 } else { 6 };
    every_string(b"012569.x ", length, &mut check);
    // The shortest quad has 7 characters; a smaller alphabet makes longer strings feasible.
    every_string(b"0125.", 9, &mut check);
    // Enough of the strings are valid quads.
    assert!(accepted > 100, "{accepted}");
}

// spec: UDP-3
#[test]
fn more_than_four_numbers_are_refused_however_many() {
    for dots in (0..1_000).filter(|dots| *dots != 3) {
        let text = "1.".repeat(dots) + "1";
        assert!(parse_dotted_quad(&text).is_err(), "{dots} dots");
    }
}

// spec: UDP-3
#[test]
fn random_strings_parse_as_in_the_standard_library() {
    let strings = if exhaustive() { 10_000_000 } else { 100_000 };
    let mut random = Pcg64Mcg::seed_from_u64(20_261_120);
    let (mut accepted, mut text) = (0, String::new());
    for _ in 0..strings {
        text.clear();
        for place in 0..random.random_range(3..=5) {
            let number: u32 = random.random_range(0..300) >> random.random_range(0..8);
            let dot = if place > 0 { "." } else { "" };
            text.push_str(&format!("{dot}{number}"));
        }
        // Half of the strings get one character replaced.
        if random.random() {
            let place = random.random_range(0..text.len());
            let character = char::from(b"0125699.. x+"[random.random_range(0..12)]);
            text.replace_range(place..=place, character.encode_utf8(&mut [0; 4]));
        }
        let read = parse_dotted_quad(&text).ok();
        assert_eq!(read, oracle(&text), "{text:?}");
        accepted += u32::from(read.is_some());
    }
    assert!(accepted > strings / 10, "{accepted}");
}

// spec: UDP-3
#[test]
fn every_short_string_is_checked_as_each_of_the_four_octets() {
    every_string(b"012569.x +-", 4, &mut |octet| {
        for text in [
            format!("{octet}.2.3.4"),
            format!("1.{octet}.3.4"),
            format!("1.2.{octet}.4"),
            format!("1.2.3.{octet}"),
        ] {
            assert_eq!(parse_dotted_quad(&text).ok(), oracle(&text), "{text:?}");
        }
    });
}

// spec: UDP-3
#[test]
fn each_octet_goes_from_0_to_255_without_leading_zeros() {
    for value in 0..=1_000_u32 {
        for octet in [
            format!("{value}"),
            format!("{value:02}"),
            format!("{value:03}"),
            format!("{value:04}"),
        ] {
            let allowed = value <= 255 && octet == value.to_string();
            for place in 0..4 {
                let mut octets = ["7"; 4];
                octets[place] = &octet;
                let text = octets.join(".");
                let mut bytes = [7; 4];
                bytes[place] = u8::try_from(value).unwrap_or(0);
                let expected = if allowed {
                    Some(Ipv4Addr::from(bytes))
                } else {
                    None
                };
                assert_eq!(parse_dotted_quad(&text).ok(), expected, "{text:?}");
            }
        }
    }
}

// spec: UDP-3
#[test]
fn nothing_may_surround_the_quad() {
    assert_eq!(parse_dotted_quad("0.0.0.0"), Ok(Ipv4Addr::UNSPECIFIED));
    assert_eq!(
        parse_dotted_quad("255.255.255.255"),
        Ok(Ipv4Addr::BROADCAST)
    );
    assert_eq!(
        parse_dotted_quad("192.168.1.255"),
        Ok(Ipv4Addr::new(192, 168, 1, 255))
    );
    for text in [
        "",
        ".",
        "...",
        "1",
        "1.2",
        "1.2.3",
        "1.2.3.",
        "1.2.3.4.",
        "1.2.3.4.5",
        ".1.2.3.4",
        "1..3.4",
        "192.168.1.256",
        "192.168.1.300",
        "192.168.1.1000",
        "299.1.1.1",
        "999.1.1.1",
        "192.168.1.01",
        "00.0.0.0",
        "010.0.0.1",
        "192.168.001.7",
        "1.2.3.0x4",
        "0x0a.0.0.1",
        "+1.2.3.4",
        "1.2.3.+4",
        "-1.2.3.4",
        "1.2.3.-4",
        " 1.2.3.4",
        "1.2.3.4 ",
        "1. 2.3.4",
        "1.2.3.4\n",
        "\n1.2.3.4",
        "1.2.3.4\r\n",
        "1.2.3.4\t",
        "1.2.3.4\0",
        "\x001.2.3.4",
        "1.2.3.4\0.5",
        "1.2.3.4:80",
        "1.2.3.4/24",
        "1,2,3,4",
        "167772161",
        "localhost",
        "::1",
        "::ffff:1.2.3.4",
        "\u{ff11}.2.3.4",
        "1.2.3.\u{ff14}",
        "1\u{ff0e}2.3.4",
        "1\u{3002}2\u{3002}3\u{3002}4",
        "\u{661}.\u{662}.\u{663}.\u{664}",
        "\u{feff}1.2.3.4",
        "1.2.3.4\u{200b}",
        "1.2.3.\u{b2}",
    ] {
        assert!(parse_dotted_quad(text).is_err(), "{text:?}");
    }
}

// spec: UDP-3
#[test]
fn huge_texts_are_refused() {
    let digits = "1".repeat(10 << 20);
    assert!(parse_dotted_quad(&digits).is_err());
    assert!(parse_dotted_quad(&format!("1.2.3.{digits}")).is_err());
    assert!(parse_dotted_quad(&format!("1.2.3.4{}", " ".repeat(10 << 20))).is_err());
}

/// A dotted quad with up to three characters replaced, inserted or removed.
fn nearly_a_quad() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), 0..3_u8, prop::char::any());
    let number = prop_oneof![
        0..=9_u32,
        98..=101_u32,
        198..=201_u32,
        248..=260_u32,
        0..=999_u32
    ];
    let plain = prop::sample::select(vec![
        '.', '0', '1', '2', '5', '9', ' ', '+', '-', '\n', '\0', 'x', '/',
    ]);
    let change = (change, plain)
        .prop_map(|((place, kind, any), plain)| (place, kind, if kind == 2 { any } else { plain }));
    (
        prop::array::uniform4(number),
        prop::collection::vec(change, 0..=3),
    )
        .prop_map(|(numbers, changes)| {
            let mut text: Vec<char> = numbers.map(|n| n.to_string()).join(".").chars().collect();
            for (place, kind, character) in changes {
                let place = place.index(text.len() + 1);
                match kind {
                    0 if place < text.len() => text[place] = character,
                    1 if place < text.len() => drop(text.remove(place)),
                    _ => text.insert(place, character),
                }
            }
            text.into_iter().collect()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    // spec: UDP-3
    #[test]
    fn texts_near_quads_parse_as_in_the_standard_library(text in nearly_a_quad()) {
        prop_assert_eq!(parse_dotted_quad(&text).ok(), oracle(&text));
    }

    // spec: UDP-3
    #[test]
    fn every_address_is_parsed_back_from_its_text(bits in any::<u32>()) {
        let address = Ipv4Addr::from(bits);
        prop_assert_eq!(parse_dotted_quad(&address.to_string()), Ok(address));
    }
}
