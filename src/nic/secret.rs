//! Secrets: never shown, and wiped from memory when they are no longer needed.

use core::fmt;
use core::mem::discriminant;

use heapless::string::StringView;
use heapless::{String, Vec};
use zeroize::Zeroize;

use super::NicProblem;
use super::error::check_length;
use super::place::{put_bytes, put_text, same};

/// How many bytes longer than the longest plaintext a sealed secret may be: room for a version, a
/// nonce and an authentication tag.
pub(super) const SEALING_OVERHEAD: usize = 48;

/// The content of a secret, for the code that uses it.
///
/// Its `Debug` output shows the variant only (SEC-1).
#[derive(Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a secret is sealed or it is not")]
pub enum Exposed<'a> {
    /// The secret itself.
    Plaintext(&'a str),
    /// The secret as the backend sealed it, opaque to all other code (SEC-3).
    Sealed(&'a [u8]),
}

/// The use of a secret. A sealed secret can be unsealed for this purpose only (SEC-3). Otherwise an
/// attacker with write access to the flash memory could have the device send its Wi-Fi key to a
/// proxy as a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "a vault has to know each of them")]
pub enum SecretPurpose {
    /// The key of a Wi-Fi network.
    WifiKey,
    /// The password for a proxy.
    ProxyPassword,
}

/// A secret where it is kept, or none: at most `LONGEST` bytes sealed, `SEALING_OVERHEAD` fewer in
/// plaintext.
///
/// Replacing or dropping a plaintext wipes it first (SEC-2). Wiping its current length is enough:
/// the bytes after it were never written, or were wiped together with a longer secret. A move in
/// Rust copies the bytes and leaves the old place as it was. So code that keeps a secret takes it
/// over by `clone_from`, which copies it straight to where it is kept.
pub(super) enum Secret<const LONGEST: usize> {
    None,
    /// Not empty.
    Plaintext(Wiped<LONGEST>),
    Sealed(Vec<u8, LONGEST, u8>),
}

/// A text that is wiped on drop.
pub(super) struct Wiped<const LONGEST: usize>(String<LONGEST, u8>);

impl<const LONGEST: usize> Secret<LONGEST> {
    /// Replaces this secret by a plaintext that `check` accepts, or by a sealed one. An empty text
    /// means no secret.
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

    /// Replaces this secret by another one, whose length is already checked.
    // size: 4 callers
    #[inline(never)]
    pub(super) fn put(&mut self, given: Option<Exposed<'_>>) {
        *self = Self::None;
        // Built in place: a move would leave a copy of the secret behind.
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

    /// The bytes of the secret, plaintext or sealed.
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

// size: 1 caller, which is part of every drop of settings
#[inline(never)]
fn wipe(text: &mut StringView<u8>) {
    text.as_mut_str().zeroize();
    text.clear();
}

impl Exposed<'_> {
    /// The only part that may be shown (SEC-1).
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
