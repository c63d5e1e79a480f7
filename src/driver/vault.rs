//! What seals the secrets of a device: they can be kept and handed around then, and are good for
//! nothing elsewhere.

use core::fmt;

use heapless::Vec;
use zeroize::Zeroize;

use crate::connect::ServerReport;
use crate::interface::Report;
use crate::nic::{Exposed, SecretPurpose};

/// Seals and unseals secrets (SEC-3). A backend has one; the core never sees inside a sealed secret.
///
/// A vault should seal with authenticated encryption under a key that does not leave the device,
/// bind what it seals to its purpose, and put a version before it, so that the way of sealing can
/// change. What it made for another purpose or on another device, or what was tampered with, is
/// [`VaultError::Unreadable`]. Sealed, a secret may have 48 bytes more than the longest plaintext for
/// its purpose, for version, nonce and tag: a Wi-Fi key 112, a password for a proxy 80. The example
/// `vault` does all of that.
///
/// How a backend uses it:
/// - [`Command::Seal`](crate::Command::Seal): [`seal`](Self::seal), and the event
///   [`Sealed`](crate::Event::Sealed). On an error it leaves the command.
/// - [`Action::Scan`](crate::Action::Scan) and [`Action::Join`](crate::Action::Join): the SSID is
///   never sealed, the key may be: [`reveal`](Self::reveal) it when the network is joined. On an
///   error join nothing, and report [`VaultError::join_report`] for the join.
/// - [`ServerAction::ReachProxy`](crate::ServerAction::ReachProxy) and
///   [`ServerAction::Connect`](crate::ServerAction::Connect): `reveal` the password. On an error ask
///   no proxy, and report [`VaultError::proxy_report`].
/// - [`Command::Persist`](crate::Command::Persist): the settings hold secrets as they were stored.
///   Where flash memory must hold none in plaintext, seal the whole record on the way there.
///
/// ```
/// use lankeeper::{Exposed, Plaintext, SealedSecret, SecretPurpose, Vault, VaultError};
///
/// /// Turns secrets around: a vault for examples only.
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
    /// [`VaultError`]; what is in the buffer then means nothing.
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
    /// [`VaultError::Unreadable`] for what this vault did not seal for this purpose, or another
    /// [`VaultError`]; what is in the buffer then means nothing.
    fn unseal(
        &mut self,
        purpose: SecretPurpose,
        sealed: &[u8],
        plaintext: &mut Plaintext,
    ) -> Result<(), VaultError>;

    /// Puts a secret of a command into the buffer, in plaintext, in place of what was there: as it
    /// is, or unsealed.
    ///
    /// # Errors
    ///
    /// Those of [`unseal`](Self::unseal), and [`VaultError::Unreadable`] for what is no text; the
    /// buffer is empty then.
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

/// Why a secret was not sealed or unsealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum VaultError {
    /// It was tampered with, or sealed by another vault or for another purpose.
    #[error("a secret that was not sealed here for this purpose")]
    Unreadable,
    /// It does not fit into the buffer.
    #[error("a secret of more than {most} bytes")]
    TooLong {
        /// How many bytes fit.
        most: usize,
    },
    /// The vault itself failed: its key is not there, or it has no random numbers.
    #[error("the vault failed (code {code})")]
    Failed {
        /// The vault's own code.
        code: i32,
    },
}

impl VaultError {
    /// What a backend reports of a join whose key it cannot reveal.
    #[must_use]
    pub const fn join_report(self) -> Report {
        Report::WrongKey { code: self.code() }
    }

    /// What a backend reports of a proxy whose password it cannot reveal.
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

/// Room for the plaintext of any secret.
pub type Plaintext = SecretBuffer<64>;

/// Room for any sealed secret: a Wi-Fi key is the longest.
pub type SealedSecret = SecretBuffer<112>;

/// Bytes of a secret, at most `CAPACITY`. They are wiped when it is dropped or cleared (SEC-2), and
/// its `Debug` form tells nothing of them (SEC-1).
///
/// ```
/// use lankeeper::{SecretBuffer, VaultError};
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

    /// Adds bytes: all of them or none.
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

    /// Wipes the bytes; the buffer is empty then.
    pub fn clear(&mut self) {
        self.0.zeroize();
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, to be encrypted or decrypted where they are.
    #[must_use]
    pub fn as_mut_bytes(&mut self) -> &mut [u8] {
        &mut self.0
    }

    /// The bytes as the text of a secret.
    ///
    /// # Errors
    ///
    /// [`VaultError::Unreadable`] if they are none.
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
