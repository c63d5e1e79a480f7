//! Two backends as one.

use super::{Backend, SealedSecret, VaultError};
use crate::manager::{Command, Event};
use crate::nic::{InterfaceId, SecretPurpose};
use crate::udp::{Binding, Received};

/// Two backends as one, for a device with two stacks: `first` has one interface, and keeps settings
/// and secrets for the whole device (`Persist` and `Seal` go there); `second` has every other
/// interface. A server connection belongs to the backend of the interface that it goes over. The two
/// take turns to report.
///
/// A pair is a backend too: three stacks are a pair of one and a pair.
///
/// ```
/// use lankeeper::sim::{EthernetPort, WifiRadio};
/// use lankeeper::driver::Pair;
/// use lankeeper::InterfaceId;
///
/// let (port, radio): (EthernetPort, WifiRadio) = (EthernetPort::new(1), WifiRadio::new(2));
/// let pair = Pair::new(InterfaceId::ETHERNET, port, radio);
/// assert_eq!(pair.second.associated_with(), None);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Pair<A, B> {
    /// The backend of the one interface.
    pub first: A,
    /// The backend of every other interface.
    pub second: B,
    interface: InterfaceId,
    second_is_next: bool,
}

impl<A, B> Pair<A, B> {
    /// The backend in which `first` has `interface`, and `second` has the rest.
    pub const fn new(interface: InterfaceId, first: A, second: B) -> Self {
        Self {
            first,
            second,
            interface,
            second_is_next: false,
        }
    }
}

impl<A: Backend, B: Backend> Backend for Pair<A, B> {
    fn execute(&mut self, command: Command<'_>) {
        match command.interface() {
            Some(id) if id != self.interface => self.second.execute(command),
            _ => self.first.execute(command),
        }
    }

    fn next_event(&mut self) -> Option<Event> {
        let second_is_next = self.second_is_next;
        self.second_is_next = !second_is_next;
        if second_is_next {
            self.second.next_event().or_else(|| self.first.next_event())
        } else {
            self.first.next_event().or_else(|| self.second.next_event())
        }
    }

    fn receive(&mut self, binding: Binding, buffer: &mut [u8]) -> Option<Received> {
        if binding.interface() == self.interface {
            self.first.receive(binding, buffer)
        } else {
            self.second.receive(binding, buffer)
        }
    }

    fn seal(
        &mut self,
        purpose: SecretPurpose,
        plaintext: &str,
        sealed: &mut SealedSecret,
    ) -> Result<(), VaultError> {
        self.first.seal(purpose, plaintext, sealed)
    }
}
