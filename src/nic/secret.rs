//! Secrets: held so that they do not show, and do not stay behind.

use core::fmt;
use core::mem::discriminant;

use heapless::string::StringView;
use heapless::{String, Vec};
use zeroize::Zeroize;

use super::NicProblem;
use super::error::check_length;
use super::place::{put_bytes, put_text, same};

/// How many bytes more than the longest plaintext a sealed secret may have: for a version, a nonce
/// and a tag.
pub(super) const SEALING_OVERHEAD: usize = 48;

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

/// A secret in its place, or none there: of at most `LONGEST` bytes when it is sealed, and of
/// `SEALING_OVERHEAD` fewer in plaintext.
///
/// What replaces a secret, or drops it, wipes a plaintext first (SEC-2): the bytes that it has, for
/// those behind them were never written, or were wiped with a longer one. A move copies the bytes
/// and leaves the old place as it was, as all moves do; so what holds a secret for long takes it
/// over by `clone_from`, which copies it straight to where it stays.
pub(super) enum Secret<const LONGEST: usize> {
    None,
    /// Not empty.
    Plaintext(Wiped<LONGEST>),
    Sealed(Vec<u8, LONGEST, u8>),
}

/// A text that is wiped when it is dropped.
pub(super) struct Wiped<const LONGEST: usize>(String<LONGEST, u8>);

impl<const LONGEST: usize> Secret<LONGEST> {
    /// Puts a secret in the place of this one: in plaintext as `check` allows, or sealed. An
    /// empty text is none.
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

    /// What there is of it, in whatever form.
    fn bytes(&self) -> &[u8] {
        match self {
            Self::None => &[],
            Self::Plaintext(Wiped(text)) => text.as_bytes(),
            Self::Sealed(blob) => blob,
        }
    }

    pub(super) fn expose(&self) -> Option<Exposed<'_>> {
        match self {
            Self::None => None,
            Self::Plaintext(Wiped(text)) => Some(Exposed::Plaintext(text)),
            Self::Sealed(blob) => Some(Exposed::Sealed(blob)),
        }
    }
}

impl<const LONGEST: usize> PartialEq for Secret<LONGEST> {
    fn eq(&self, other: &Self) -> bool {
        discriminant(self) == discriminant(other) && same(self.bytes(), other.bytes())
    }
}

impl<const LONGEST: usize> Eq for Secret<LONGEST> {}

impl<const LONGEST: usize> Clone for Secret<LONGEST> {
    fn clone(&self) -> Self {
        let mut copy = Self::None;
        copy.clone_from(self);
        copy
    }

    fn clone_from(&mut self, source: &Self) {
        self.put(source.expose());
    }
}

impl<const LONGEST: usize> Drop for Wiped<LONGEST> {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

// Called from everywhere, so it had better be there once.
#[inline(never)]
fn wipe(text: &mut StringView<u8>) {
    text.as_mut_str().zeroize();
    text.clear();
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
