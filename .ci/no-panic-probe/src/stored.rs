//! Stored settings, their record, and vaults.

use core::hint::black_box;

use lankeeper::{
    Config, Exposed, InterfaceConfig, Manager, Nic, Plaintext, SealedSecret, SecretBuffer,
    SecretPurpose, StoredParts, StoredSettings, Vault, VaultError,
};

use crate::nic::built;
use crate::opaque::{any, bytes, id, instant, keep, text};

pub fn call() {
    keep(settings());
    keep(requests());
    keep(vault());
    keep(buffer::<1>());
}

fn settings() -> Option<()> {
    let settings = black_box(StoredSettings::from_record(bytes())).ok()?;
    let record = any(settings.to_record());
    keep(record.as_bytes());
    keep(settings.parts());
    keep(settings.clone());
    Some(())
}

fn requests() -> Option<()> {
    let config = any(Config::new([InterfaceConfig::new(id())]));
    let mut manager: Manager<1> = any(Manager::new(&config)).ok()?;
    let nic = built()?;
    loop {
        let manager = black_box(&mut manager);
        match any(0) {
            0 => keep(manager.load_stored(bytes())),
            1 => manager.store_wifi(instant(), any(nic.wifi()?.clone())),
            2 => manager.store_static(instant(), any(*nic.ip_config()?)),
            3 => manager.store_proxy(instant(), any(nic.proxy()?.clone())),
            4 => manager.clear_stored(instant(), any(StoredParts::all())),
            5 => keep(manager.stored().parts()),
            6 => keep(manager.current_config().map(Nic::is_name_only)),
            7 => keep(manager.poll_command()),
            _ => return Some(()),
        }
    }
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
        plaintext: &mut Plaintext,
    ) -> Result<(), VaultError> {
        keep((purpose, sealed));
        plaintext.push(bytes())?;
        any(Ok(()))
    }
}

fn vault() -> Option<()> {
    let mut plaintext = Plaintext::new();
    let secret = any(match any(0) {
        0 => Exposed::Plaintext(text()),
        _ => Exposed::Sealed(bytes()),
    });
    let purpose = any(SecretPurpose::WifiKey);
    let error = any((&mut &mut Opaque).reveal(purpose, secret, &mut plaintext)).err()?;
    keep(error.code());
    keep(error.join_report());
    keep(error.proxy_report());
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
