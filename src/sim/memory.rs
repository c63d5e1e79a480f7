//! The persistent memory of a simulated device, and its vault.

use heapless::Deque;

use super::code;
use super::vault::{MockVault, SealedBlob};
use crate::generation::Generation;
use crate::manager::Event;
use crate::nic::Exposed;
use crate::stored::{Record, StoredSettings};

/// The most pending events; a connection has two secrets to seal.
const MAX_EVENTS: usize = 4;

/// The flash memory and the vault of a device. Both complete at once.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    vault: MockVault,
    record: Option<Record>,
    fails: bool,
    events: Deque<MemoryEvent, MAX_EVENTS>,
    /// The blob that the latest event borrows.
    fetched: Option<SealedBlob>,
}

#[derive(Clone, Debug)]
enum MemoryEvent {
    Sealed(Generation, SealedBlob),
    PersistFailed,
}

impl Memory {
    pub(super) const fn new(vault: MockVault) -> Self {
        Self {
            vault,
            record: None,
            fails: false,
            events: Deque::new(),
            fetched: None,
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
            self.push(MemoryEvent::PersistFailed);
        } else {
            self.record = Some(settings.to_record());
        }
    }

    /// Seals a secret. A secret that another device sealed stays without an answer.
    pub(super) fn seal(&mut self, generation: Generation, secret: Exposed<'_>) {
        if let Ok(sealed) = self.vault.sealed(secret) {
            self.push(MemoryEvent::Sealed(generation, sealed));
        }
    }

    /// Drops pending events.
    pub(super) fn reset(&mut self) {
        self.events.clear();
    }

    pub(super) fn has_events(&self) -> bool {
        !self.events.is_empty()
    }

    pub(super) fn next_event(&mut self) -> Option<Event<'_>> {
        Some(match self.events.pop_front()? {
            MemoryEvent::Sealed(generation, sealed) => Event::Sealed {
                generation,
                secret: Exposed::Sealed(self.fetched.insert(sealed).as_bytes()),
            },
            MemoryEvent::PersistFailed => Event::PersistFailed {
                code: code::FLASH_FAILED,
            },
        })
    }

    /// Queues an event; a full queue drops the oldest one.
    fn push(&mut self, event: MemoryEvent) {
        if self.events.is_full() {
            self.events.pop_front();
        }
        let _ = self.events.push_back(event);
    }
}
