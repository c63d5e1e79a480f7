//! Texts and bytes that are compared, and put straight to where they stay, not built elsewhere and
//! moved there: a move would copy what lies behind them, too.
//!
//! Each of these is there once, for places of any size.

use heapless::VecView;
use heapless::string::StringView;

/// Whether both are the same, told word by word: a processor without much room compares byte by
/// byte otherwise, in five times as many steps.
#[inline(never)]
pub(super) fn same(mut some: &[u8], mut others: &[u8]) -> bool {
    while let (Some((word, rest)), Some((other, other_rest))) =
        (some.split_first_chunk::<4>(), others.split_first_chunk())
    {
        if word != other {
            return false;
        }
        (some, others) = (rest, other_rest);
    }
    some == others
}

/// Replaces a text by one that fits.
#[inline(never)]
pub(super) fn put_text(place: &mut StringView<u8>, text: &str) {
    place.clear();
    // Unlike `push_str` it copies the text as a whole.
    let _ = place.insert_str(0, text);
}

/// Replaces bytes by others that fit.
#[inline(never)]
pub(super) fn put_bytes(place: &mut VecView<u8, u8>, bytes: &[u8]) {
    place.clear();
    // Told that its length does not overflow, the compiler copies the bytes as a whole.
    if bytes.len() <= usize::from(u8::MAX) {
        let _ = place.extend_from_slice(bytes);
    }
}
