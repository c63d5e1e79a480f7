//! Compares strings and bytes, writes them straight to where they are kept, and wipes them. Building
//! a value elsewhere and moving it would leave a copy behind (SEC-2).
//!
//! The functions take views, so that one copy of each serves buffers of every capacity.

use heapless::VecView;
use heapless::string::StringView;
use zeroize::{Zeroize, zeroize_stack};

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

/// Wipes the whole capacity: unused bytes may be left from a secret that was moved (SEC-2).
pub(super) fn wipe(place: &mut VecView<u8, u8>) {
    place.zeroize();
}

/// Does the same with a text.
// size: 3 callers, which are part of every drop of settings
#[inline(never)]
pub(super) fn wipe_text(place: &mut StringView<u8>) {
    place.zeroize();
}

/// How much of the stack a value with secrets takes while it is made, at most: some copies of the
/// longest, a record or a configuration.
const SPENT: usize = 1024;

/// Makes a value, and wipes the stack that this took. What a function returns it moves to its caller,
/// and that leaves a copy where it was made.
// Not inlined, because what is wiped is the stack below this function, not below a long caller.
#[inline(never)]
pub(crate) fn made<T>(make: impl FnOnce() -> T) -> T {
    /// Wipes when it is dropped, because a value with a name of its own would be moved once more.
    struct Spent;
    impl Drop for Spent {
        fn drop(&mut self) {
            zeroize_stack::<SPENT>();
        }
    }

    #[inline(never)]
    fn below<T>(make: impl FnOnce() -> T) -> T {
        make()
    }

    let _spent = Spent;
    below(make)
}

/// Makes a copy of a value out of a blank one, in the same way.
pub(crate) fn cloned<T: Clone>(blank: impl FnOnce() -> T, source: &T) -> T {
    made(|| {
        let mut copy = blank();
        copy.clone_from(source);
        copy
    })
}

/// Makes a value out of a blank one, or none, in the same way.
pub(crate) fn filled<T, E>(
    blank: impl FnOnce() -> T,
    fill: impl FnOnce(&mut T) -> Result<(), E>,
) -> Result<T, E> {
    made(|| {
        let mut value = blank();
        match fill(&mut value) {
            Ok(()) => Ok(value),
            Err(problem) => Err(problem),
        }
    })
}
