//! Secrets: held so that they do not show, and do not stay behind.

use core::fmt;

use heapless::{String, Vec};
use zeroize::Zeroize;

use super::NicProblem;
use super::error::check_length;

/// How long a sealed secret may be, in bytes. None in plaintext is longer.
const LONGEST: usize = 112;

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

/// What a secret is for. A sealed secret is good for that only (SEC-3): else who can write to the
/// memory of a device could have its Wi-Fi key sent to a proxy, as a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "a vault has to know each of them")]
pub enum SecretPurpose {
    /// The key of a Wi-Fi network.
    WifiKey,
    /// The password for a proxy.
    ProxyPassword,
}

/// A secret, as long as it may be.
#[derive(PartialEq, Eq)]
pub(super) enum Secret {
    Plaintext(Plaintext),
    Sealed(Vec<u8, LONGEST, u8>),
}

/// A text that is wiped when it is dropped or replaced (SEC-2).
///
/// A move copies its bytes and leaves the old place as it was, as all moves do. So what holds a
/// secret for long takes it over by `clone_from`, which copies it straight to where it stays.
#[derive(PartialEq, Eq)]
pub(super) struct Plaintext(String<LONGEST, u8>);

impl Secret {
    /// None yet: to be filled.
    pub(super) const fn blank() -> Self {
        Self::Plaintext(Plaintext(String::new()))
    }

    /// Puts a secret of at most `most` bytes in plaintext, or of 1 to 112 sealed, into a blank one.
    pub(super) fn fill(&mut self, given: Exposed<'_>, most: usize) -> Result<(), NicProblem> {
        // It is built where it stays, and fits: its length is checked.
        match given {
            Exposed::Plaintext(text) => {
                check_length(text.len(), 0, most)?;
                if let Self::Plaintext(held) = self {
                    let _ = held.0.push_str(text);
                }
            }
            Exposed::Sealed(blob) => {
                check_length(blob.len(), 1, LONGEST)?;
                *self = Self::Sealed(Vec::new());
                if let Self::Sealed(held) = self {
                    let _ = held.extend_from_slice(blob);
                }
            }
        }
        Ok(())
    }

    pub(super) fn expose(&self) -> Exposed<'_> {
        match self {
            Self::Plaintext(text) => Exposed::Plaintext(&text.0),
            Self::Sealed(blob) => Exposed::Sealed(blob),
        }
    }
}

impl Clone for Secret {
    fn clone(&self) -> Self {
        let mut copy = Self::blank();
        copy.clone_from(self);
        copy
    }

    fn clone_from(&mut self, source: &Self) {
        *self = Self::blank();
        // A secret is no longer than a secret may be.
        let _ = self.fill(source.expose(), LONGEST);
    }
}

/// Copies what is in the one place straight to the other; `blank` is a value without a secret.
pub(super) fn assign<T: Clone + PartialEq>(
    place: &mut Option<T>,
    source: Option<&T>,
    blank: fn() -> T,
) {
    match source {
        // To compare costs less than to wipe a secret and copy the same one.
        Some(source) if place.as_ref() == Some(source) => {}
        Some(source) => place.get_or_insert_with(blank).clone_from(source),
        None => *place = None,
    }
}

impl Drop for Plaintext {
    // Called from everywhere, so it had better be there once.
    #[inline(never)]
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

impl fmt::Debug for Secret {
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
impl defmt::Format for Secret {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=str}", self.expose().kind());
    }
}
