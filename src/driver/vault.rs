//! Encrypts a device's secrets so that they can be stored or exported and are useless on any other
//! device.

use core::fmt;

use heapless::Vec;
use zeroize::Zeroize;

use crate::connect::ServerReport;
use crate::interface::Report;
use crate::nic::{Exposed, SecretPurpose};

/// Seals and unseals secrets (SEC-3). It belongs to the backend; the core never looks inside a
/// sealed secret.
///
/// A vault should use authenticated encryption under a key that does not leave the device, bind the
/// sealed secret to its purpose, and begin it with a version, so that the encryption can change
/// later. A secret that was sealed for another purpose or on another device, or was tampered with,
/// is [`VaultError::Unreadable`]. A sealed secret may have 48 bytes more than the longest plaintext
/// for its purpose, for version, nonce and tag: a Wi-Fi key 112, a proxy password 80. The example
/// `vault` does all of this.
///
/// How a backend uses it:
/// - [`Backend::seal`](crate::Backend::seal): [`seal`](Self::seal) the secret. If the vault is
///   slow, fail there; [`Command::Seal`](crate::Command::Seal) comes next. Pass the sealed secrets
///   to [`Manager::sealed`](crate::Manager::sealed) later.
/// - [`Action::Scan`](crate::Action::Scan) and [`Action::Join`](crate::Action::Join): the SSID is
///   never sealed, the key may be. [`reveal`](Self::reveal) it to join the network. On an error, do
///   not join, and report [`VaultError::join_report`].
/// - [`ServerAction::ReachProxy`](crate::ServerAction::ReachProxy) and
///   [`ServerAction::Connect`](crate::ServerAction::Connect): `reveal` the password. On an error,
///   do not contact the proxy, and report [`VaultError::proxy_report`].
/// - [`Command::Persist`](crate::Command::Persist): the settings contain secrets as they were
///   stored. If the flash memory must not contain plaintext, encrypt the whole record before
///   writing it.
///
/// ```
/// use lankeeper::driver::{Plaintext, SealedSecret, Vault, VaultError};
/// use lankeeper::nic::{Exposed, SecretPurpose};
///
/// /// Reverses secrets: a vault for examples only.
/// struct Mirror;
///
/// impl Vault for Mirror {
///     fn seal(
///         &mut self,
///         _: SecretPurpose,
///         plaintext: &str,
///         sealed: &mut SealedSecret,
///     ) -> Result<(), VaultError> {
///         sealed.push(plaintext.as_bytes())?;
///         sealed.as_mut_bytes().reverse();
///         Ok(())
///     }
///
///     fn unseal(
///         &mut self,
///         _: SecretPurpose,
///         sealed: &[u8],
///         plaintext: &mut Plaintext,
///     ) -> Result<(), VaultError> {
///         plaintext.push(sealed)?;
///         plaintext.as_mut_bytes().reverse();
///         Ok(())
///     }
/// }
///
/// let mut plaintext = Plaintext::new();
/// let sealed = Exposed::Sealed(b"hsifdrows");
/// Mirror.reveal(SecretPurpose::ProxyPassword, sealed, &mut plaintext)?;
/// assert_eq!(plaintext.as_str()?, "swordfish");
/// # Ok::<(), VaultError>(())
/// ```
pub trait Vault {
    /// Seals a secret into an empty buffer.
    ///
    /// # Errors
    ///
    /// [`VaultError`]; then the content of the buffer is unspecified.
    fn seal(
        &mut self,
        purpose: SecretPurpose,
        plaintext: &str,
        sealed: &mut SealedSecret,
    ) -> Result<(), VaultError>;

    /// Unseals a secret into an empty buffer.
    ///
    /// # Errors
    ///
    /// [`VaultError::Unreadable`] unless this vault sealed the secret for this purpose, or another
    /// [`VaultError`]; then the content of the buffer is unspecified.
    fn unseal(
        &mut self,
        purpose: SecretPurpose,
        sealed: &[u8],
        plaintext: &mut Plaintext,
    ) -> Result<(), VaultError>;

    /// Replaces the content of the buffer by the plaintext of a secret from a command, unsealing it
    /// if necessary.
    ///
    /// # Errors
    ///
    /// Those of [`unseal`](Self::unseal), and [`VaultError::Unreadable`] if the plaintext is not
    /// UTF-8; then the buffer is empty.
    fn reveal(
        &mut self,
        purpose: SecretPurpose,
        secret: Exposed<'_>,
        plaintext: &mut Plaintext,
    ) -> Result<(), VaultError> {
        plaintext.clear();
        let revealed = match secret {
            Exposed::Plaintext(text) => plaintext.push(text.as_bytes()),
            Exposed::Sealed(sealed) => self.unseal(purpose, sealed, plaintext),
        };
        let is_text = revealed.and_then(|()| plaintext.as_str().map(|_| ()));
        if is_text.is_err() {
            plaintext.clear();
        }
        is_text
    }
}

impl<V: Vault + ?Sized> Vault for &mut V {
    fn seal(
        &mut self,
        purpose: SecretPurpose,
        plaintext: &str,
        sealed: &mut SealedSecret,
    ) -> Result<(), VaultError> {
        (**self).seal(purpose, plaintext, sealed)
    }

    fn unseal(
        &mut self,
        purpose: SecretPurpose,
        sealed: &[u8],
        plaintext: &mut Plaintext,
    ) -> Result<(), VaultError> {
        (**self).unseal(purpose, sealed, plaintext)
    }
}

/// Why a secret could not be sealed or unsealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum VaultError {
    /// The secret was tampered with, or sealed by another vault or for another purpose.
    #[error("a secret that was not sealed here for this purpose")]
    Unreadable,
    /// The secret does not fit into the buffer.
    #[error("a secret of more than {most} bytes")]
    TooLong {
        /// The capacity of the buffer in bytes.
        most: usize,
    },
    /// The vault itself failed: for example, its key or its random numbers are unavailable.
    #[error("the vault failed (code {code})")]
    Failed {
        /// The vault's own code.
        code: i32,
    },
}

impl VaultError {
    /// The report for a join whose key cannot be revealed.
    #[must_use]
    pub const fn join_report(self) -> Report {
        Report::WrongKey { code: self.code() }
    }

    /// The report for a proxy whose password cannot be revealed.
    #[must_use]
    pub const fn proxy_report(self) -> ServerReport {
        ServerReport::ProxyRefused { code: self.code() }
    }

    /// The vault's own code; -1 for [`VaultError::Unreadable`], -2 for [`VaultError::TooLong`].
    #[must_use]
    pub const fn code(self) -> i32 {
        match self {
            Self::Unreadable => -1,
            Self::TooLong { .. } => -2,
            Self::Failed { code } => code,
        }
    }
}

/// A buffer for the plaintext of any secret. The longest is a Wi-Fi key, 64 bytes.
pub type Plaintext = SecretBuffer<64>;

/// A buffer for any sealed secret. The longest is a Wi-Fi key, 112 bytes.
pub type SealedSecret = SecretBuffer<112>;

/// A buffer for the bytes of a secret, at most `CAPACITY`. It is wiped when dropped or cleared
/// (SEC-2), a move leaves a copy behind (see [`nic`](crate::nic#secrets)), and its `Debug` output shows nothing of them (SEC-1).
///
/// ```
/// use lankeeper::driver::{SecretBuffer, VaultError};
///
/// let mut buffer: SecretBuffer<4> = SecretBuffer::new();
/// buffer.push(b"abc")?;
/// assert_eq!(buffer.push(b"de"), Err(VaultError::TooLong { most: 4 }));
/// assert_eq!(buffer.as_bytes(), b"abc");
/// # Ok::<(), VaultError>(())
/// ```
#[derive(Default)]
pub struct SecretBuffer<const CAPACITY: usize>(Vec<u8, CAPACITY>);

impl<const CAPACITY: usize> SecretBuffer<CAPACITY> {
    /// An empty buffer.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Appends bytes, all or none.
    ///
    /// # Errors
    ///
    /// [`VaultError::TooLong`] beyond `CAPACITY`.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), VaultError> {
        let most = CAPACITY;
        self.0
            .extend_from_slice(bytes)
            .map_err(|_| VaultError::TooLong { most })
    }

    /// Wipes the bytes, unused ones too, and empties the buffer.
    pub fn clear(&mut self) {
        self.0.as_mut_view().zeroize();
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, for encryption or decryption in place.
    #[must_use]
    pub fn as_mut_bytes(&mut self) -> &mut [u8] {
        &mut self.0
    }

    /// The bytes as text.
    ///
    /// # Errors
    ///
    /// [`VaultError::Unreadable`] if they are not UTF-8.
    pub fn as_str(&self) -> Result<&str, VaultError> {
        core::str::from_utf8(&self.0).map_err(|_| VaultError::Unreadable)
    }
}

impl<const CAPACITY: usize> Drop for SecretBuffer<CAPACITY> {
    fn drop(&mut self) {
        self.clear();
    }
}

impl<const CAPACITY: usize> fmt::Debug for SecretBuffer<CAPACITY> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBuffer")
    }
}

#[cfg(feature = "defmt")]
impl<const CAPACITY: usize> defmt::Format for SecretBuffer<CAPACITY> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "SecretBuffer");
    }
}
