//! Secrets: held so that they do not show, and do not stay behind.

use core::fmt;

use heapless::{String, Vec};
use zeroize::Zeroize;

use super::NicProblem;
use super::error::check_length;
use super::place::{put_bytes, put_text, same};

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

/// A secret in its place, or none there.
///
/// What replaces a secret, or drops it, wipes a plaintext first (SEC-2): the bytes that it has, for
/// those behind them were never written, or were wiped with a longer one. A move copies the bytes
/// and leaves the old place as it was, as all moves do; so what holds a secret for long takes it
/// over by `clone_from`, which copies it straight to where it stays.
pub(super) enum Secret {
    None,
    /// Not empty.
    Plaintext(Wiped),
    Sealed(Vec<u8, LONGEST, u8>),
}

/// A text that is wiped when it is dropped.
pub(super) struct Wiped(String<LONGEST, u8>);

impl Secret {
    /// Puts a secret in the place of this one: in plaintext as `check` allows, or of 1 to 112 bytes
    /// sealed. An empty text is none.
    pub(super) fn set(
        &mut self,
        given: Exposed<'_>,
        check: impl FnOnce(&str) -> Result<(), NicProblem>,
    ) -> Result<(), NicProblem> {
        match given {
            Exposed::Plaintext(text) => check(text)?,
            Exposed::Sealed(blob) => check_length(blob.len(), 1, LONGEST)?,
        }
        self.put(Some(given));
        Ok(())
    }

    /// Puts a secret that is no longer than one may be. Out of line, for all that changes a secret
    /// comes here.
    #[inline(never)]
    pub(super) fn put(&mut self, given: Option<Exposed<'_>>) {
        *self = Self::None;
        // It is built where it stays, not moved there.
        match given {
            None | Some(Exposed::Plaintext("")) => {}
            Some(Exposed::Plaintext(text)) => {
                *self = Self::Plaintext(Wiped(String::new()));
                if let Self::Plaintext(Wiped(place)) = self {
                    put_text(place, text);
                }
            }
            Some(Exposed::Sealed(blob)) => {
                *self = Self::Sealed(Vec::new());
                if let Self::Sealed(place) = self {
                    put_bytes(place, blob);
                }
            }
        }
    }

    pub(super) const fn is_plaintext(&self) -> bool {
        matches!(self, Self::Plaintext(_))
    }

    pub(super) fn expose(&self) -> Option<Exposed<'_>> {
        match self {
            Self::None => None,
            Self::Plaintext(Wiped(text)) => Some(Exposed::Plaintext(text)),
            Self::Sealed(blob) => Some(Exposed::Sealed(blob)),
        }
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) => true,
            (Self::Plaintext(Wiped(text)), Self::Plaintext(Wiped(other))) => {
                same(text.as_bytes(), other.as_bytes())
            }
            (Self::Sealed(blob), Self::Sealed(other)) => same(blob, other),
            _ => false,
        }
    }
}

impl Eq for Secret {}

impl Clone for Secret {
    fn clone(&self) -> Self {
        let mut copy = Self::None;
        copy.clone_from(self);
        copy
    }

    fn clone_from(&mut self, source: &Self) {
        self.put(source.expose());
    }
}

impl Drop for Wiped {
    // Called from everywhere, so it had better be there once.
    #[inline(never)]
    fn drop(&mut self) {
        self.0.as_mut_str().zeroize();
        self.0.clear();
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

#[cfg(feature = "defmt")]
impl defmt::Format for Exposed<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=str}", self.kind());
    }
}
