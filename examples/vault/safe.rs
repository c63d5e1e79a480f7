//! A vault that seals secrets with XChaCha20-Poly1305 under a key of the device.
//!
//! A sealed secret consists of version, nonce, ciphertext and tag. The associated data binds it to
//! the version, the purpose and the device. Nonces are random: 24 bytes are enough to never repeat,
//! so no counter has to survive a restart.

use chacha20poly1305::aead::{AeadInOut, Generate, KeyInit};
use chacha20poly1305::{Key, Tag, XChaCha20Poly1305, XNonce};
use lankeeper::driver::{Plaintext, SealedSecret, Vault, VaultError};
use lankeeper::nic::SecretPurpose;

const VERSION: u8 = 1;
const NONCE: usize = 24;
const TAG: usize = 16;
/// The code for a missing source of random numbers.
const NO_RANDOM_NUMBERS: i32 = 1;

pub struct Safe {
    cipher: XChaCha20Poly1305,
    serial_number: u64,
}

impl Safe {
    /// Creates the vault of one device. On hardware the key comes from fuses or a secure element,
    /// differs on each device, and cannot be read from outside.
    pub fn new(device_key: [u8; 32], serial_number: u64) -> Self {
        Self {
            cipher: XChaCha20Poly1305::new(&Key::from(device_key)),
            serial_number,
        }
    }

    fn associated_data(&self, version: u8, purpose: SecretPurpose) -> [u8; 10] {
        let purpose = match purpose {
            SecretPurpose::WifiKey => 1,
            SecretPurpose::ProxyPassword => 2,
        };
        let mut data = [version, purpose, 0, 0, 0, 0, 0, 0, 0, 0];
        data[2..].copy_from_slice(&self.serial_number.to_be_bytes());
        data
    }
}

impl Vault for Safe {
    fn seal(
        &mut self,
        purpose: SecretPurpose,
        plaintext: &str,
        sealed: &mut SealedSecret,
    ) -> Result<(), VaultError> {
        let code = NO_RANDOM_NUMBERS;
        let nonce = XNonce::try_generate().map_err(|_| VaultError::Failed { code })?;
        sealed.push(&[VERSION])?;
        sealed.push(&nonce)?;
        sealed.push(plaintext.as_bytes())?;
        let data = self.associated_data(VERSION, purpose);
        let text = &mut sealed.as_mut_bytes()[1 + NONCE..];
        let tag = self
            .cipher
            .encrypt_inout_detached(&nonce, &data, text.into())
            .expect("a secret is shorter than 256 GB");
        sealed.push(&tag)
    }

    fn unseal(
        &mut self,
        purpose: SecretPurpose,
        sealed: &[u8],
        plaintext: &mut Plaintext,
    ) -> Result<(), VaultError> {
        let (nonce, text, tag) = parts(sealed).ok_or(VaultError::Unreadable)?;
        plaintext.push(text)?;
        let data = self.associated_data(VERSION, purpose);
        self.cipher
            .decrypt_inout_detached(&nonce, &data, plaintext.as_mut_bytes().into(), &tag)
            .map_err(|_| VaultError::Unreadable)
    }
}

/// Splits a sealed secret of this version into nonce, ciphertext and tag.
fn parts(sealed: &[u8]) -> Option<(XNonce, &[u8], Tag)> {
    let (VERSION, rest) = sealed
        .split_first()
        .map(|(version, rest)| (*version, rest))?
    else {
        return None;
    };
    let (nonce, rest) = rest.split_first_chunk::<NONCE>()?;
    let (text, tag) = rest.split_last_chunk::<TAG>()?;
    Some(((*nonce).into(), text, (*tag).into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lankeeper::nic::Exposed;

    const WIFI: SecretPurpose = SecretPurpose::WifiKey;
    const PROXY: SecretPurpose = SecretPurpose::ProxyPassword;

    fn safe() -> Safe {
        Safe::new([7; 32], 1)
    }

    fn sealed(safe: &mut Safe, purpose: SecretPurpose, text: &str) -> Vec<u8> {
        let mut sealed = SealedSecret::new();
        safe.seal(purpose, text, &mut sealed).unwrap();
        sealed.as_bytes().to_vec()
    }

    fn revealed(
        safe: &mut Safe,
        purpose: SecretPurpose,
        blob: &[u8],
    ) -> Result<String, VaultError> {
        let mut plaintext = Plaintext::new();
        plaintext.push(b"before").unwrap();
        safe.reveal(purpose, Exposed::Sealed(blob), &mut plaintext)?;
        plaintext.as_str().map(str::to_string)
    }

    // spec: SEC-3
    #[test]
    fn secrets_of_every_length_come_back_and_fit() {
        let mut safe = safe();
        for length in 0..=64 {
            let text = "k".repeat(length);
            let blob = sealed(&mut safe, WIFI, &text);
            assert_eq!(blob.len(), 1 + NONCE + length + TAG);
            assert!(blob.len() <= length + 48);
            assert_eq!(revealed(&mut safe, WIFI, &blob), Ok(text));
        }
    }

    // spec: SEC-3
    #[test]
    fn the_same_secret_is_never_sealed_alike() {
        let mut safe = safe();
        let blobs: Vec<_> = (0..100)
            .map(|_| sealed(&mut safe, WIFI, "correct horse"))
            .collect();
        for (place, blob) in blobs.iter().enumerate() {
            assert!(!blobs[..place].contains(blob));
            assert!(
                !blob
                    .windows(4)
                    .any(|part| b"correct horse".windows(4).any(|it| it == part))
            );
        }
    }

    // spec: SEC-3
    #[test]
    fn a_blob_that_was_tampered_with_is_unreadable() {
        let mut safe = safe();
        let blob = sealed(&mut safe, WIFI, "correct horse");
        let mut tampered: Vec<_> = (0..blob.len() * 8)
            .map(|bit| {
                let mut blob = blob.clone();
                blob[bit / 8] ^= 1 << (bit % 8);
                blob
            })
            .collect();
        tampered.extend((0..blob.len()).map(|length| blob[..length].to_vec()));
        tampered.push([&blob[..], &[0]].concat());
        tampered.push([&[0], &blob[..]].concat());
        for blob in tampered {
            assert_eq!(
                revealed(&mut safe, WIFI, &blob),
                Err(VaultError::Unreadable)
            );
        }
        assert!(revealed(&mut safe, WIFI, &blob).is_ok());
    }

    // spec: SEC-3
    #[test]
    fn a_blob_of_another_purpose_device_or_key_is_unreadable() {
        let mut safe = safe();
        let blob = sealed(&mut safe, PROXY, "swordfish");
        assert!(revealed(&mut safe, PROXY, &blob).is_ok());
        assert_eq!(
            revealed(&mut safe, WIFI, &blob),
            Err(VaultError::Unreadable)
        );
        for mut other in [Safe::new([7; 32], 2), Safe::new([8; 32], 1)] {
            assert_eq!(
                revealed(&mut other, PROXY, &blob),
                Err(VaultError::Unreadable)
            );
        }
    }

    // spec: SEC-3
    #[test]
    fn a_secret_in_plaintext_is_revealed_as_it_is() {
        let mut plaintext = Plaintext::new();
        let text = Exposed::Plaintext("correct horse");
        safe().reveal(WIFI, text, &mut plaintext).unwrap();
        assert_eq!(plaintext.as_str(), Ok("correct horse"));
    }
}
