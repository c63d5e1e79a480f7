//! Secrets: never shown, and wiped from memory when they are no longer needed.

use core::fmt;
use core::mem::discriminant;

use heapless::{String, Vec};

use super::NicProblem;
use super::place::{cloned, put_bytes, put_text, same, wipe};

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
/// Replacing a plaintext wipes it first, and dropping a secret wipes every byte of the place (SEC-2): a move in Rust
/// copies unused bytes too, and those may be left from another secret. It also leaves the old place as
/// it was. So code that keeps a secret takes it over by `clone_from`, which copies
/// it straight to where it is kept.
pub(super) struct Secret<const LONGEST: usize>(Form<LONGEST>);

/// What is kept. Has no drop of its own, so that `Secret` can replace it while wiping.
enum Form<const LONGEST: usize> {
    None,
    /// Not empty.
    Plaintext(String<LONGEST, u8>),
    Sealed(Vec<u8, LONGEST, u8>),
}

impl<const LONGEST: usize> Secret<LONGEST> {
    // Not a constant, because that would be copied whole, 114 B of zeros.
    pub(super) const fn none() -> Self {
        Self(Form::None)
    }

    /// Replaces this secret by a plaintext that `check` accepts, or by a sealed one. An empty text
    /// means no secret.
    pub(super) fn set(
        &mut self,
        given: Exposed<'_>,
        check: impl FnOnce(&str) -> Result<(), NicProblem>,
    ) -> Result<(), NicProblem> {
        match given {
            Exposed::Plaintext(text) => check(text)?,
            Exposed::Sealed(blob) if (1..=LONGEST).contains(&blob.len()) => {}
            Exposed::Sealed(_) => return Err(NicProblem::SealedLength { most: LONGEST }),
        }
        self.put(Some(given));
        Ok(())
    }

    /// Replaces this secret by another one, whose length is already checked.
    // size: 4 callers
    #[inline(never)]
    pub(super) fn put(&mut self, given: Option<Exposed<'_>>) {
        if self.is_plaintext() {
            self.wipe();
        }
        // Built in place: a move would leave a copy of the secret behind.
        match given {
            None | Some(Exposed::Plaintext("")) => self.0 = Form::None,
            Some(Exposed::Plaintext(text)) => {
                self.0 = Form::Plaintext(String::new());
                if let Form::Plaintext(place) = &mut self.0 {
                    put_text(place, text);
                }
            }
            Some(Exposed::Sealed(blob)) => {
                self.0 = Form::Sealed(Vec::new());
                if let Form::Sealed(place) = &mut self.0 {
                    put_bytes(place, blob);
                }
            }
        }
    }

    /// Wipes every byte. A sealed secret reaches as far as the place does.
    fn wipe(&mut self) {
        self.0 = Form::Sealed(Vec::new());
        if let Form::Sealed(place) = &mut self.0 {
            wipe(place);
        }
    }

    pub(super) const fn is_none(&self) -> bool {
        matches!(self.0, Form::None)
    }

    pub(super) const fn is_plaintext(&self) -> bool {
        matches!(self.0, Form::Plaintext(_))
    }

    /// The bytes of the secret, plaintext or sealed.
    fn bytes(&self) -> &[u8] {
        match &self.0 {
            Form::None => &[],
            Form::Plaintext(text) => text.as_bytes(),
            Form::Sealed(blob) => blob,
        }
    }

    pub(super) fn expose(&self) -> Option<Exposed<'_>> {
        match &self.0 {
            Form::None => None,
            Form::Plaintext(text) => Some(Exposed::Plaintext(text)),
            Form::Sealed(blob) => Some(Exposed::Sealed(blob)),
        }
    }
}

impl<const LONGEST: usize> PartialEq for Secret<LONGEST> {
    fn eq(&self, other: &Self) -> bool {
        discriminant(&self.0) == discriminant(&other.0) && same(self.bytes(), other.bytes())
    }
}

impl<const LONGEST: usize> Eq for Secret<LONGEST> {}

impl<const LONGEST: usize> Clone for Secret<LONGEST> {
    fn clone(&self) -> Self {
        cloned(Self::none, self)
    }

    fn clone_from(&mut self, source: &Self) {
        self.put(source.expose());
    }
}

impl<const LONGEST: usize> Drop for Secret<LONGEST> {
    fn drop(&mut self) {
        self.wipe();
    }
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
