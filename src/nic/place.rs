//! Compares strings and bytes, and writes them straight to where they are kept. Building a value
//! elsewhere and moving it would copy its whole capacity, including unused bytes that may still
//! contain part of a secret (SEC-2).
//!
//! The functions take views, so that one copy of each serves buffers of every capacity.

use heapless::VecView;
use heapless::string::StringView;

/// Whether both are equal. Compares four bytes at a time: `==` on slices compares byte by byte at
/// `opt-level = "s"`, which takes five times as many instructions.
#[inline(never)]
pub(super) fn same(mut left: &[u8], mut right: &[u8]) -> bool {
    while let (Some((left_word, left_rest)), Some((right_word, right_rest))) =
        (left.split_first_chunk::<4>(), right.split_first_chunk())
    {
        if left_word != right_word {
            return false;
        }
        (left, right) = (left_rest, right_rest);
    }
    left == right
}

/// Replaces a text by another one, which must fit.
#[inline(never)]
pub(super) fn put_text(place: &mut StringView<u8>, text: &str) {
    place.clear();
    // `insert_str` compiles to a memcpy; `push_str` copies byte by byte.
    let _ = place.insert_str(0, text);
}

/// Replaces bytes by others, which must fit.
#[inline(never)]
pub(super) fn put_bytes(place: &mut VecView<u8, u8>, bytes: &[u8]) {
    place.clear();
    // With this bound the compiler sees that the length cannot overflow, and emits a memcpy.
    if bytes.len() <= usize::from(u8::MAX) {
        let _ = place.extend_from_slice(bytes);
    }
}
