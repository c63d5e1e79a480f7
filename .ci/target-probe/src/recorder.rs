//! Backends that do nothing: one remembers what it was given, and hashes it, one reports an event.

use core::hint::black_box;

use heapless::HistoryBuf;
use lankeeper::driver::{SealedSecret, VaultError};
use lankeeper::manager::SealTicket;
use lankeeper::nic::SecretPurpose;
use lankeeper::{Backend, Binding, Command, Event, Received, ServerTicket, Ticket};

use crate::hash::Fnv;
use crate::settings::{BLOB, INTERFACES};

/// What was handed out of late.
pub type Recent<T> = HistoryBuf<T, 6>;

pub struct Recorder {
    pub known: [Known; INTERFACES.len()],
    /// Of the commands for the server connection.
    pub serving: Recent<ServerTicket>,
    /// Of the commands to seal.
    pub sealing: Recent<SealTicket>,
    pub hash: Fnv,
    /// A datagram that waits to be received, at whatever port.
    pub arrives: Option<Received>,
    /// Whether it seals at once.
    pub seals: bool,
}

/// What was handed out for an interface.
#[derive(Default)]
pub struct Known {
    pub tickets: Recent<Ticket>,
    pub bindings: Recent<Binding>,
}

impl Recorder {
    pub fn new() -> Self {
        Self {
            known: Default::default(),
            serving: HistoryBuf::new(),
            sealing: HistoryBuf::new(),
            hash: Fnv::new(),
            arrives: None,
            seals: false,
        }
    }

    /// Forgets all that was handed out, because the device has booted.
    pub fn forget(&mut self) {
        self.known = Default::default();
        self.serving = HistoryBuf::new();
        self.sealing = HistoryBuf::new();
    }

    pub fn note(&mut self, command: &Command<'_>) {
        self.hash.debug(command);
        self.hash.secrets(command);
        let interface = command.interface();
        let which = INTERFACES.iter().position(|id| interface == Some(*id));
        match (*command, which) {
            (Command::Interface { ticket, .. }, Some(which)) => {
                self.known[which].tickets.write(ticket);
            }
            (Command::Bind(binding), Some(which)) => self.known[which].bindings.write(binding),
            (Command::Server { ticket, .. }, _) => self.serving.write(ticket),
            (Command::Seal { ticket, .. }, _) => self.sealing.write(ticket),
            _ => {}
        }
    }
}

impl Backend for Recorder {
    fn execute(&mut self, command: Command<'_>) {
        self.note(&command);
    }

    fn next_event(&mut self) -> Option<Event> {
        None
    }

    fn receive(&mut self, binding: Binding, _: &mut [u8]) -> Option<Received> {
        self.hash.debug(&binding);
        self.arrives.take()
    }

    fn seal(
        &mut self,
        _: SecretPurpose,
        plaintext: &str,
        sealed: &mut SealedSecret,
    ) -> Result<(), VaultError> {
        self.hash.debug(&plaintext);
        if self.seals {
            sealed.push(&BLOB[..80])
        } else {
            Err(VaultError::Failed { code: 0 })
        }
    }
}

/// Has one event, and nothing else to do.
pub struct Reporting(pub Option<Event>);

impl Backend for Reporting {
    fn execute(&mut self, command: Command<'_>) {
        black_box(command);
    }

    fn next_event(&mut self) -> Option<Event> {
        self.0.take()
    }

    fn receive(&mut self, _: Binding, _: &mut [u8]) -> Option<Received> {
        None
    }

    fn seal(
        &mut self,
        _: SecretPurpose,
        _: &str,
        sealed: &mut SealedSecret,
    ) -> Result<(), VaultError> {
        sealed.push(&BLOB[..80])
    }
}
