//! What the crate provides for every vault: `reveal`, buffers that wipe themselves, and the reports
//! for failures.

use core::mem::MaybeUninit;
use core::ptr;

use lankeeper::driver::{Plaintext, SealedSecret, SecretBuffer, Vault, VaultError};
use lankeeper::nic::{Exposed, ProxyPassword, SecretPurpose};
use lankeeper::{Report, ServerReport, WifiKey};

use super::search::{MARKER, assert_hidden, renderings};

const PURPOSES: [SecretPurpose; 2] = [SecretPurpose::WifiKey, SecretPurpose::ProxyPassword];

/// A vault whose `unseal` writes a fixed text and then returns a fixed result.
struct FixedVault {
    text: Vec<u8>,
    result: Result<(), VaultError>,
    purposes: Vec<SecretPurpose>,
}

impl FixedVault {
    fn new(text: &[u8], result: Result<(), VaultError>) -> Self {
        Self {
            text: text.to_vec(),
            result,
            purposes: Vec::new(),
        }
    }
}

impl Vault for FixedVault {
    fn seal(
        &mut self,
        _: SecretPurpose,
        plaintext: &str,
        sealed: &mut SealedSecret,
    ) -> Result<(), VaultError> {
        sealed.push(plaintext.as_bytes())
    }

    fn unseal(
        &mut self,
        purpose: SecretPurpose,
        _: &[u8],
        plaintext: &mut Plaintext,
    ) -> Result<(), VaultError> {
        self.purposes.push(purpose);
        assert_eq!(plaintext.as_bytes(), b"", "the buffer is empty");
        plaintext.push(&self.text)?;
        self.result
    }
}

fn reveal(vault: impl Vault, secret: Exposed<'_>) -> (Result<(), VaultError>, Vec<u8>) {
    let mut vault = vault;
    let mut plaintext = Plaintext::new();
    plaintext.push(b"what was there before").unwrap();
    let revealed = vault.reveal(SecretPurpose::WifiKey, secret, &mut plaintext);
    (revealed, plaintext.as_bytes().to_vec())
}

// spec: SEC-3
#[test]
fn reveal_unseals_blobs_and_copies_plaintext() {
    let mut vault = FixedVault::new(b"swordfish", Ok(()));
    for purpose in PURPOSES {
        let mut plaintext = Plaintext::new();
        let text = Exposed::Plaintext("correct horse");
        vault.reveal(purpose, text, &mut plaintext).unwrap();
        assert_eq!(plaintext.as_str(), Ok("correct horse"));
    }
    assert_eq!(vault.purposes, []);
    for purpose in PURPOSES {
        let mut plaintext = Plaintext::new();
        vault
            .reveal(purpose, Exposed::Sealed(b"blob"), &mut plaintext)
            .unwrap();
        assert_eq!(plaintext.as_str(), Ok("swordfish"));
    }
    assert_eq!(vault.purposes, PURPOSES);
}

// spec: SEC-3
#[test]
fn a_failed_unseal_leaves_nothing_in_the_buffer() {
    let blob = Exposed::Sealed(b"blob");
    for error in [VaultError::Unreadable, VaultError::Failed { code: 7 }] {
        let vault = FixedVault::new(b"half a sec", Err(error));
        assert_eq!(reveal(vault, blob), (Err(error), vec![]));
    }
    let no_text = FixedVault::new(b"\xFFnot text", Ok(()));
    assert_eq!(reveal(no_text, blob), (Err(VaultError::Unreadable), vec![]));
    let mut borrowed = FixedVault::new(&[b'k'; 65], Ok(()));
    let too_long = Err(VaultError::TooLong { most: 64 });
    assert_eq!(reveal(&mut borrowed, blob), (too_long, vec![]));
    let longest = FixedVault::new(&[b'k'; 64], Ok(()));
    assert_eq!(reveal(longest, blob), (Ok(()), vec![b'k'; 64]));
}

// spec: SEC-3
#[test]
fn a_vault_by_reference_is_the_vault() {
    fn seal(mut vault: impl Vault, plaintext: &str) -> Vec<u8> {
        let mut sealed = SealedSecret::new();
        let purpose = SecretPurpose::WifiKey;
        vault.seal(purpose, plaintext, &mut sealed).unwrap();
        sealed.as_bytes().to_vec()
    }
    let mut vault = FixedVault::new(b"swordfish", Ok(()));
    assert_eq!(seal(&mut vault, "correct horse"), b"correct horse");
    let blob = Exposed::Sealed(b"blob");
    assert_eq!(reveal(&mut vault, blob), (Ok(()), b"swordfish".to_vec()));
    let dynamic: &mut dyn Vault = &mut vault;
    assert_eq!(reveal(dynamic, blob), (Ok(()), b"swordfish".to_vec()));
    assert_eq!(vault.purposes, [SecretPurpose::WifiKey; 2]);
}

// spec: NIC-6, NIC-9, SEC-3
#[test]
fn every_secret_and_every_blob_fits() {
    let mut plaintext = Plaintext::new();
    plaintext.push(&[b'0'; 64]).unwrap();
    assert!(WifiKey::plaintext(plaintext.as_str().unwrap()).is_ok());
    assert!(plaintext.push(b"0").is_err());
    let mut sealed = SealedSecret::new();
    sealed.push(&[7; 112]).unwrap();
    assert!(WifiKey::sealed(sealed.as_bytes()).is_ok());
    assert_eq!(sealed.push(b"0"), Err(VaultError::TooLong { most: 112 }));
    assert_eq!(sealed.as_bytes(), [7; 112], "all or none");
    let mut sealed = SealedSecret::new();
    sealed.push(&[7; 80]).unwrap();
    assert!(ProxyPassword::sealed(sealed.as_bytes()).is_ok());
}

// spec: NIC-6, NIC-9
#[test]
fn a_seal_may_be_48_bytes_longer_than_the_longest_plaintext() {
    let (text, blob) = ("0".repeat(200), [7; 200]);
    let lengths = || 1..=200;
    let key = lengths().rfind(|it| WifiKey::plaintext(&text[..*it]).is_ok());
    let password = lengths().rfind(|it| ProxyPassword::plaintext(&text[..*it]).is_ok());
    let (key, password) = (key.unwrap() + 48, password.unwrap() + 48);
    assert_eq!((key, password), (112, 80));
    for length in lengths() {
        let blob = &blob[..length];
        assert_eq!(WifiKey::sealed(blob).is_ok(), length <= key);
        assert_eq!(ProxyPassword::sealed(blob).is_ok(), length <= password);
    }
}

// spec: SEC-3
#[test]
fn a_vault_error_names_the_report_for_the_backend() {
    for (error, code) in [
        (VaultError::Unreadable, -1),
        (VaultError::TooLong { most: 64 }, -2),
        (VaultError::Failed { code: 28 }, 28),
    ] {
        assert_eq!(error.code(), code);
        assert_eq!(error.join_report(), Report::WrongKey { code });
        assert_eq!(error.proxy_report(), ServerReport::ProxyRefused { code });
    }
}

// spec: SEC-1
#[test]
fn a_buffer_displays_neither_its_bytes_nor_its_length() {
    let mut buffer = Plaintext::new();
    let empty = renderings(&buffer);
    buffer.push(MARKER.as_bytes()).unwrap();
    assert_eq!(renderings(&buffer), empty);
    assert_hidden(renderings(&buffer));
    let error = buffer.push(&[0; 64]).unwrap_err();
    assert_hidden(renderings(error));
    assert_hidden([error.to_string()]);
}

/// The bytes of a full buffer after `act` was applied to it in place.
fn left_behind(act: impl FnOnce(*mut SecretBuffer<16>)) -> Vec<u8> {
    let mut place = MaybeUninit::new(SecretBuffer::<16>::new());
    // SAFETY: the place holds a buffer.
    let buffer = unsafe { place.assume_init_mut() };
    buffer.push(&[0xA5; 16]).unwrap();
    let start = buffer.as_bytes().as_ptr();
    act(place.as_mut_ptr());
    // SAFETY: the bytes are inside the place, which is still there, and were written.
    let byte = |index| unsafe { ptr::read_volatile(start.add(index)) };
    (0..16).map(byte).collect()
}

// spec: SEC-2
#[test]
fn a_buffer_is_wiped_when_it_is_cleared_or_dropped() {
    assert_eq!(
        left_behind(|_| ()),
        [0xA5; 16],
        "the search finds what is there"
    );
    // SAFETY: the place holds a buffer.
    assert_eq!(left_behind(|place| unsafe { (*place).clear() }), [0; 16]);
    // SAFETY: the place holds a buffer that is not used afterwards.
    let dropped = left_behind(|place| unsafe { ptr::drop_in_place(place) });
    assert_eq!(dropped, [0; 16]);
}
