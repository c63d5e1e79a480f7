//! Tickets: which command a report belongs to. A backend keeps the ticket of a command, and makes
//! from it the events that report on the command.

use core::net::SocketAddrV4;

use super::Event;
use crate::connect::ServerReport;
use crate::generation::Generation;
use crate::interface::Report;
use crate::nic::InterfaceId;
use crate::udp::Binding;

/// Which command of an interface a report belongs to (IFC-10).
///
/// A ticket goes out with every action, and comes back with every report of that action, at once or
/// much later. A report of a command that is over changes nothing. [`Tickets`](crate::Tickets)
/// remembers the tickets that a backend needs.
///
/// ```
/// use lankeeper::{
///     Action, Command, Config, Event, Instant, InterfaceConfig, InterfaceId, Manager, Nic, Report,
///     State,
/// };
///
/// let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
/// let mut manager = Manager::new(&config)?;
/// manager.open(Instant::EPOCH, &Nic::named("eth0")?)?;
/// let Some(Command::Interface { ticket, action: Action::PowerUp }) = manager.poll_command() else {
///     return Err("it begins with the power-up".into());
/// };
/// manager.handle_event(Instant::EPOCH, ticket.report(Report::Ready));
/// assert_eq!(manager.state(InterfaceId::ETHERNET), Some(State::EthernetLinkUp));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ticket {
    pub(crate) interface: InterfaceId,
    pub(crate) generation: Generation,
}

impl Ticket {
    /// The interface of the command.
    #[must_use]
    pub const fn interface(self) -> InterfaceId {
        self.interface
    }

    /// The event of a report of the command.
    #[must_use]
    pub const fn report(self, report: Report) -> Event {
        Event::Interface {
            ticket: self,
            report,
        }
    }

    /// The ticket as a number, for a backend behind a link or in another language.
    ///
    /// ```
    /// # use lankeeper::{Command, Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// use lankeeper::Ticket;
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # manager.open(Instant::EPOCH, &Nic::named("eth0")?)?;
    /// # let command = manager.poll_command();
    ///
    /// if let Some(Command::Interface { ticket, .. }) = command {
    ///     assert_eq!(Ticket::from_bits(ticket.to_bits()), Some(ticket));
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_bits(self) -> u64 {
        to_bits(self.interface, self.generation)
    }

    /// The ticket with this number; `None` if no ticket has it.
    #[must_use]
    pub fn from_bits(bits: u64) -> Option<Self> {
        let (interface, generation) = from_bits(bits)?;
        Some(Self {
            interface,
            generation,
        })
    }
}

/// Which command of the server connection a report belongs to, like a [`Ticket`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ServerTicket {
    pub(crate) interface: InterfaceId,
    pub(crate) generation: Generation,
}

impl ServerTicket {
    /// The interface that the connection goes over.
    #[must_use]
    pub const fn interface(self) -> InterfaceId {
        self.interface
    }

    /// The event of a report of the command.
    #[must_use]
    pub const fn report(self, report: ServerReport) -> Event {
        Event::Server {
            ticket: self,
            report,
        }
    }

    /// The ticket as a number, as [`Ticket::to_bits`].
    #[must_use]
    pub fn to_bits(self) -> u64 {
        to_bits(self.interface, self.generation)
    }

    /// The ticket with this number; `None` if no ticket has it.
    #[must_use]
    pub fn from_bits(bits: u64) -> Option<Self> {
        let (interface, generation) = from_bits(bits)?;
        Some(Self {
            interface,
            generation,
        })
    }
}

/// Which [`Command::Seal`](crate::Command::Seal) a sealed secret answers, see
/// [`Manager::sealed`](crate::Manager::sealed).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SealTicket(pub(super) Generation);

impl SealTicket {
    /// The ticket as a number, as [`Ticket::to_bits`].
    #[must_use]
    pub const fn to_bits(self) -> u32 {
        self.0.to_bits()
    }

    /// The ticket with this number.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(Generation::from_bits(bits))
    }
}

/// What the backend reports about a local port. Here, because sockets know nothing of events.
impl Binding {
    /// The event of a port that could not be bound, with the backend's own code (DRV-6).
    #[must_use]
    pub const fn failed(self, code: i32) -> Event {
        Event::BindFailed {
            binding: self,
            code,
        }
    }

    /// The event of a datagram from this port that was not sent, with the backend's own code: the
    /// stack refused it, or found no neighbour (DRV-6).
    #[must_use]
    pub const fn send_failed(self, destination: SocketAddrV4, code: i32) -> Event {
        Event::SendFailed {
            binding: self,
            destination,
            code,
        }
    }
}

fn to_bits(interface: InterfaceId, generation: Generation) -> u64 {
    u64::from(interface.to_bits()) << 32 | u64::from(generation.to_bits())
}

fn from_bits(bits: u64) -> Option<(InterfaceId, Generation)> {
    let interface = u8::try_from(bits >> 32).ok()?;
    let generation = u32::try_from(bits & u64::from(u32::MAX)).ok()?;
    let interface = InterfaceId::from_bits(interface)?;
    Some((interface, Generation::from_bits(generation)))
}
