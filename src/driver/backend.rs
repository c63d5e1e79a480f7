//! The interface to a backend: the code that owns radios, cables and sockets.

use super::{SealedSecret, VaultError};
use crate::manager::{Command, Event};
use crate::nic::SecretPurpose;
use crate::udp::{Binding, Received};

/// Executes commands, reports events, and keeps datagrams until they are received (DRV-1).
///
/// Every method returns at once. A command that fails is reported as an event at any later time
/// (DRV-3, DRV-6). [`Tickets`](crate::Tickets) remembers which command a report belongs to;
/// [`Pair`](crate::driver::Pair) makes one backend of two. The page
/// [`guide::backend`](crate::guide::backend) lists the reports of each command.
///
/// How a program waits is its own business. The wait has to end at
/// [`Manager::poll_at`](crate::Manager::poll_at), and at once while an event or a datagram waits
/// here.
///
/// ```
/// use lankeeper::{
///     Action, Backend, Binding, Command, Config, Event, Instant, InterfaceConfig, InterfaceId,
///     Manager, Nic, Received, Report, State,
/// };
///
/// /// An Ethernet port that powers up at once, and does nothing else.
/// #[derive(Default)]
/// struct Port(Option<Event>);
///
/// impl Backend for Port {
///     fn execute(&mut self, command: Command<'_>) {
///         if let Command::Interface { ticket, action: Action::PowerUp } = command {
///             self.0 = Some(ticket.report(Report::Ready));
///         }
///     }
///     fn next_event(&mut self) -> Option<Event> {
///         self.0.take()
///     }
///     fn receive(&mut self, _: Binding, _: &mut [u8]) -> Option<Received> {
///         None
///     }
/// }
///
/// let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
/// let mut manager = Manager::new(&config)?;
/// manager.open(Instant::EPOCH, &Nic::named("eth0")?)?;
/// let mut port = Port::default();
/// while manager.poll(Instant::EPOCH, &mut port, &mut []).is_some() {}
/// assert_eq!(manager.state(InterfaceId::ETHERNET), Some(State::EthernetLinkUp));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Backend {
    /// Executes a command, or starts to.
    fn execute(&mut self, command: Command<'_>);

    /// Returns the next event in the order of occurrence, or `None` if there is none now. A backend
    /// that is made of several takes them in turn, so that a flood on one does not starve another.
    fn next_event(&mut self) -> Option<Event>;

    /// Copies the next datagram that came to a bound port into the buffer, as far as it fits, or
    /// returns `None` if there is none now. Datagrams wait here until they are received; those for
    /// which there is no room are lost.
    fn receive(&mut self, binding: Binding, buffer: &mut [u8]) -> Option<Received>;

    /// Seals a secret at once into an empty buffer (SEC-3). If this fails for one of a connection's
    /// secrets, the backend gets [`Command::Seal`] with all of them next. A backend with a [`Vault`](crate::driver::Vault) calls
    /// [`Vault::seal`](crate::driver::Vault::seal).
    ///
    /// # Errors
    ///
    /// [`VaultError`] if the secret was not sealed. By default always, with the code 0.
    fn seal(
        &mut self,
        purpose: SecretPurpose,
        plaintext: &str,
        sealed: &mut SealedSecret,
    ) -> Result<(), VaultError> {
        let _ = (purpose, plaintext, sealed);
        Err(VaultError::Failed { code: 0 })
    }
}

impl<B: Backend + ?Sized> Backend for &mut B {
    fn execute(&mut self, command: Command<'_>) {
        (**self).execute(command);
    }

    fn next_event(&mut self) -> Option<Event> {
        (**self).next_event()
    }

    fn receive(&mut self, binding: Binding, buffer: &mut [u8]) -> Option<Received> {
        (**self).receive(binding, buffer)
    }

    fn seal(
        &mut self,
        purpose: SecretPurpose,
        plaintext: &str,
        sealed: &mut SealedSecret,
    ) -> Result<(), VaultError> {
        (**self).seal(purpose, plaintext, sealed)
    }
}
