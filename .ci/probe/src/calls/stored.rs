//! Stored settings, their record, and vaults.

use core::hint::black_box;

use lankeeper::{
    Exposed, SealedSecret, SecretBuffer, SecretPurpose, StoredSettings, Vault, VaultError,
};

use super::opaque::{any, bytes, keep};

pub fn call() {
    keep(settings());
    keep(vault());
    keep(buffer::<1>());
}

fn settings() -> Option<()> {
    let settings = any(StoredSettings::from_record(bytes())).ok()?;
    keep(any(settings.to_record()).as_bytes());
    keep(settings.parts());
    keep(settings.clone());
    Some(())
}

/// Does and answers anything.
struct Opaque;

impl Vault for Opaque {
    fn seal(
        &mut self,
        purpose: SecretPurpose,
        plaintext: &str,
        sealed: &mut SealedSecret,
    ) -> Result<(), VaultError> {
        keep((purpose, plaintext));
        sealed.push(bytes())?;
        any(Ok(()))
    }

    fn unseal(
        &mut self,
        purpose: SecretPurpose,
        sealed: &[u8],
        plaintext: &mut SecretBuffer<64>,
    ) -> Result<(), VaultError> {
        keep((purpose, sealed));
        plaintext.push(bytes())?;
        any(Ok(()))
    }
}

fn vault() -> Option<()> {
    let purpose = any(SecretPurpose::WifiKey);
    let secret = any(Exposed::Sealed(bytes()));
    let revealed = (&mut &mut Opaque).reveal(purpose, secret, &mut SecretBuffer::new());
    let error = any(revealed).err()?;
    keep((error.code(), error.join_report(), error.proxy_report()));
    Some(())
}

fn buffer<const CAPACITY: usize>() -> Option<()> {
    let mut buffer: SecretBuffer<CAPACITY> = SecretBuffer::new();
    buffer.push(bytes()).ok()?;
    keep(black_box(&mut buffer).as_mut_bytes());
    keep(black_box(&buffer).as_str());
    keep(black_box(&buffer).as_bytes());
    black_box(&mut buffer).clear();
    Some(())
}
