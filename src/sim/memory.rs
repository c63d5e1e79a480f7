//! What a simulated device keeps over a restart, and how it seals.

use heapless::Deque;

use super::code;
use super::vault::{SealedSecret, Vault};
use crate::generation::Generation;
use crate::manager::Event;
use crate::nic::Exposed;
use crate::stored::{Record, StoredSettings};

/// How many answers can wait to be fetched: a connection has two secrets to be sealed.
const ANSWERS: usize = 4;

/// The flash memory of a device, and its vault. Both answer at once.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    vault: Vault,
    record: Option<Record>,
    fails: bool,
    answers: Deque<Answer, ANSWERS>,
    /// The answer that was fetched last: it is lent.
    fetched: Option<SealedSecret>,
}

#[derive(Clone, Debug)]
enum Answer {
    Sealed(Generation, SealedSecret),
    PersistFailed,
}

impl Memory {
    pub(super) const fn new(vault: Vault) -> Self {
        Self {
            vault,
            record: None,
            fails: false,
            answers: Deque::new(),
            fetched: None,
        }
    }

    pub(super) const fn vault(&self) -> Vault {
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
            self.answer(Answer::PersistFailed);
        } else {
            self.record = Some(settings.to_record());
        }
    }

    /// Seals a secret; what is sealed and was not by this device is left unanswered.
    pub(super) fn seal(&mut self, generation: Generation, secret: Exposed<'_>) {
        if let Ok(sealed) = self.vault.sealed(secret) {
            self.answer(Answer::Sealed(generation, sealed));
        }
    }

    /// Forgets what waits to be fetched.
    pub(super) fn reset(&mut self) {
        self.answers.clear();
    }

    pub(super) fn has_answers(&self) -> bool {
        !self.answers.is_empty()
    }

    pub(super) fn next_event(&mut self) -> Option<Event<'_>> {
        Some(match self.answers.pop_front()? {
            Answer::Sealed(generation, sealed) => Event::Sealed {
                generation,
                blob: self.fetched.insert(sealed).as_bytes(),
            },
            Answer::PersistFailed => Event::PersistFailed {
                code: code::FLASH_FAILED,
            },
        })
    }

    /// Who fetches nothing loses the oldest answers.
    fn answer(&mut self, answer: Answer) {
        if self.answers.is_full() {
            self.answers.pop_front();
        }
        let _ = self.answers.push_back(answer);
    }
}
