//! The one reader of addresses in text. What it accepts is what is checked and what is sent.

use core::net::Ipv4Addr;

/// Reads a strict dotted quad (UDP-3).
///
/// Four decimal numbers from 0 to 255, one to three digits each, no leading zero before another
/// digit, no sign, no space, nothing before or after.
///
/// # Errors
///
/// [`DottedQuadError`] for everything else, `"010.0.0.1"`, `"10.1"` and `"0x0a.0.0.1"` included,
/// which other readers take for addresses of their own choosing.
///
/// ```
/// use core::net::Ipv4Addr;
/// use lankeeper::parse_dotted_quad;
///
/// assert_eq!(parse_dotted_quad("192.168.1.7"), Ok(Ipv4Addr::new(192, 168, 1, 7)));
/// assert!(parse_dotted_quad("192.168.01.7").is_err());
/// assert!(parse_dotted_quad("192.168.1.7 ").is_err());
/// ```
pub const fn parse_dotted_quad(text: &str) -> Result<Ipv4Addr, DottedQuadError> {
    match four_octets(text.as_bytes()) {
        Some([a, b, c, d]) => Ok(Ipv4Addr::new(a, b, c, d)),
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

const fn four_octets(text: &[u8]) -> Option<[u8; 4]> {
    let Some((a, [b'.', rest @ ..])) = octet(text) else {
        return None;
    };
    let Some((b, [b'.', rest @ ..])) = octet(rest) else {
        return None;
    };
    let Some((c, [b'.', rest @ ..])) = octet(rest) else {
        return None;
    };
    let Some((d, [])) = octet(rest) else {
        return None;
    };
    Some([a, b, c, d])
}

/// One number and what follows it.
#[inline(always)]
const fn octet(text: &[u8]) -> Option<(u8, &[u8])> {
    match text {
        [b'0', rest @ ..] => Some((0, rest)),
        [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] => {
            match hundreds(*a).checked_add(tens(*b).wrapping_add(ones(*c))) {
                Some(value) if *a <= b'2' => Some((value, rest)),
                _ => None,
            }
        }
        [a @ b'1'..=b'9', b @ b'0'..=b'9', rest @ ..] => {
            Some((tens(*a).wrapping_add(ones(*b)), rest))
        }
        [a @ b'1'..=b'9', rest @ ..] => Some((ones(*a), rest)),
        _ => None,
    }
}

// Wrapping: the digit was matched, so nothing wraps but hundreds above 2, which `octet` refuses.
const fn ones(digit: u8) -> u8 {
    digit.wrapping_sub(b'0')
}

const fn tens(digit: u8) -> u8 {
    ones(digit).wrapping_mul(10)
}

const fn hundreds(digit: u8) -> u8 {
    ones(digit).wrapping_mul(100)
}
