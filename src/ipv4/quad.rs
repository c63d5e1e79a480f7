//! The only parser of addresses in text, so that the checks and the send see the same address.

use core::net::Ipv4Addr;

/// Parses a strict dotted quad (UDP-3): four decimal numbers from 0 to 255 of one to three digits,
/// no leading zero before another digit, no sign, no space, nothing before or after.
///
/// # Errors
///
/// [`DottedQuadError`] for everything else, including `"010.0.0.1"`, `"10.1"` and `"0x0a.0.0.1"`,
/// which other parsers accept and interpret differently.
///
/// ```
/// use core::net::Ipv4Addr;
/// use lankeeper::ipv4::parse_dotted_quad;
///
/// assert_eq!(parse_dotted_quad("192.168.1.7"), Ok(Ipv4Addr::new(192, 168, 1, 7)));
/// assert!(parse_dotted_quad("192.168.01.7").is_err());
/// assert!(parse_dotted_quad("192.168.1.7 ").is_err());
/// ```
pub const fn parse_dotted_quad(text: &str) -> Result<Ipv4Addr, DottedQuadError> {
    match four_octets(text.as_bytes()) {
        Some(bits) => Ok(Ipv4Addr::from_bits(bits)),
        None => Err(DottedQuadError),
    }
}

/// The text is not a strict dotted quad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error(
    "not a dotted quad, allowed are four numbers 0 to 255 without leading zeros, as 192.168.1.7"
)]
#[non_exhaustive]
pub struct DottedQuadError;

const fn four_octets(text: &[u8]) -> Option<u32> {
    // A loop, because four inlined copies of `octet` are no faster and three times the size.
    let mut rest = text;
    let mut bits = 0;
    let mut dots = 3_u8;
    loop {
        let Some((value, after)) = octet(rest) else {
            return None;
        };
        bits = bits << 8 | value;
        match after {
            [] if dots == 0 => return Some(bits),
            [b'.', after @ ..] if dots > 0 => rest = after,
            _ => return None,
        }
        dots = dots.wrapping_sub(1);
    }
}

/// Parses one number from 0 to 255, and returns it with the rest of the text.
const fn octet(text: &[u8]) -> Option<(u32, &[u8])> {
    let [first, rest @ ..] = text else {
        return None;
    };
    let ones = digit(*first);
    if ones > 9 {
        return None;
    }
    let [second, after_second @ ..] = rest else {
        return Some((ones, rest));
    };
    let second = digit(*second);
    if second > 9 {
        return Some((ones, rest));
    }
    let tens = append(ones, second);
    if tens < 10 {
        return None;
    }
    let [third, after_third @ ..] = after_second else {
        return Some((tens, after_second));
    };
    let third = digit(*third);
    if third > 9 {
        return Some((tens, after_second));
    }
    match append(tens, third) {
        value @ 0..=255 => Some((value, after_third)),
        _ => None,
    }
}

/// The value of a digit; above 9 for any other character.
#[expect(clippy::as_conversions, reason = "widening, and `From` is not const")]
const fn digit(character: u8) -> u32 {
    (character as u32).wrapping_sub(b'0' as u32)
}

// Never wraps, because a number has at most three digits.
const fn append(value: u32, digit: u32) -> u32 {
    value.wrapping_mul(10).wrapping_add(digit)
}
