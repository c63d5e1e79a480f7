//! The persistent memory of a simulated device, and its vault.

use super::code;
use super::vault::MockVault;
use crate::Event;
use crate::driver::{SealedSecret, VaultError};
use crate::stored::{Record, StoredSettings};

/// The flash memory and the vault of a device. Both complete at once.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    vault: MockVault,
    record: Option<Record>,
    /// Whether writing fails.
    fails: bool,
    /// How many failures are not reported yet.
    failures: u32,
}

impl Memory {
    pub(super) const fn new(vault: MockVault) -> Self {
        Self {
            vault,
            record: None,
            fails: false,
            failures: 0,
        }
    }

    pub(super) const fn vault(&self) -> MockVault {
        self.vault
    }

    pub(super) const fn record(&self) -> Option<&Record> {
        self.record.as_ref()
    }

    pub(super) fn set_failing(&mut self, fails: bool) {
        self.fails = fails;
    }

    pub(super) fn persist(&mut self, settings: &StoredSettings) {
        if self.fails {
            self.failures = self.failures.saturating_add(1);
        } else {
            self.record = Some(settings.to_record());
        }
    }

    pub(super) fn seal(
        &self,
        plaintext: &str,
        sealed: &mut SealedSecret,
    ) -> Result<(), VaultError> {
        sealed.push(self.vault.seal(plaintext).as_bytes())
    }

    /// Drops pending events.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    pub(super) const fn has_events(&self) -> bool {
        self.failures > 0
    }

    pub(super) fn next_event(&mut self) -> Option<Event> {
        self.failures = self.failures.checked_sub(1)?;
        Some(Event::PersistFailed {
            code: code::FLASH_FAILED,
        })
    }
}
