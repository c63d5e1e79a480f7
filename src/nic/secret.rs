//! Secrets: held so that they do not show, and do not stay behind.

use core::fmt;
use core::ops::RangeInclusive;

use heapless::{String, Vec};
use zeroize::Zeroize;

use super::NicError;
use super::path::KeyPath;

/// How long a sealed secret may be, in bytes.
const SEALED_LENGTH: RangeInclusive<usize> = 1..=112;

/// A secret laid open, for the one who puts it to use.
///
/// Its `Debug` form tells the variant only (SEC-1).
#[derive(Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a secret is sealed or it is not")]
pub enum Exposed<'a> {
    /// The secret itself.
    Plaintext(&'a str),
    /// The secret as its backend sealed it, opaque to everybody else (SEC-3).
    Sealed(&'a [u8]),
}

/// A secret whose plaintext has at most `MAX` bytes.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Secret<const MAX: usize> {
    Plaintext(Plaintext<MAX>),
    Sealed(Vec<u8, 112, u8>),
}

/// A text that is wiped when it is dropped or replaced (SEC-2).
///
/// A move copies its bytes and leaves the old place as it was, as all moves do: what holds a
/// secret for long had better be built where it stays.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Plaintext<const MAX: usize>(String<MAX, u8>);

impl<const MAX: usize> Secret<MAX> {
    pub(super) fn plaintext(path: &KeyPath, text: &str) -> Result<Self, NicError> {
        path.check_length(text.len(), 0..=MAX)?;
        let mut held = Plaintext(String::new());
        // It fits: its length was checked.
        let _ = held.0.push_str(text);
        Ok(Self::Plaintext(held))
    }

    pub(super) fn sealed(path: &KeyPath, blob: &[u8]) -> Result<Self, NicError> {
        path.check_length(blob.len(), SEALED_LENGTH)?;
        let mut held = Vec::new();
        // It fits: its length was checked.
        let _ = held.extend_from_slice(blob);
        Ok(Self::Sealed(held))
    }

    pub(super) fn expose(&self) -> Exposed<'_> {
        match self {
            Self::Plaintext(text) => Exposed::Plaintext(&text.0),
            Self::Sealed(blob) => Exposed::Sealed(blob),
        }
    }
}

impl<const MAX: usize> Drop for Plaintext<MAX> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Exposed<'_> {
    /// All that may be shown.
    const fn kind(self) -> &'static str {
        match self {
            Self::Plaintext(_) => "Plaintext",
            Self::Sealed(_) => "Sealed",
        }
    }
}

impl fmt::Debug for Exposed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

impl<const MAX: usize> fmt::Debug for Secret<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expose().kind())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Exposed<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=str}", self.kind());
    }
}

#[cfg(feature = "defmt")]
impl<const MAX: usize> defmt::Format for Secret<MAX> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=str}", self.expose().kind());
    }
}
