//! The manager: it runs the machines of the interfaces and of the server connection, and keeps who
//! holds what.

mod config;
mod in_use;
mod input;
mod open;
mod output;
mod reconcile;
mod server;
mod stored;
mod udp;

pub use config::{Config, ConfigError, Reconfigure};
pub use input::{Event, Input, Reply};
pub use open::{AbsentError, Handle, InterfaceError, OpenError, Snapshot, StaleHandleError};
pub use output::{Command, Notice, Output};
pub use server::{ConnectError, NotConnectedError, OrderError, ServerCall};

use crate::connect::{Connector, ServerTimer};
use crate::interface::{Interface, State, StopReason, Timer};
use crate::ipv4::IpConfig;
use crate::nic::InterfaceId;
use crate::slots::Slots;
use crate::stored::LastConnection;
use crate::time::{Deadline, Instant};
use crate::udp::Udp;
use in_use::{ManagedInterface, Settings};
use output::Notices;
use stored::Persistence;

/// Why a manager wants to be called again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Wake {
    /// Outputs wait to be polled.
    Output,
    /// A timer of this interface runs out.
    Interface(InterfaceId, Timer),
    /// A timer of the server connection runs out.
    Server(ServerTimer),
}

/// Events that changed nothing, of one interface. Counters stop at their maximum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Ignored {
    /// They meant nothing in the state that the interface was in (IFC).
    pub meaningless: u32,
    /// They belonged to a command that was over (IFC-10).
    pub stale: u32,
}

/// All decisions of a device: its interfaces and its local sockets.
///
/// In: requests, [`handle_event`](Self::handle_event), [`handle_timeout`](Self::handle_timeout),
/// each with the present instant. Out: [`poll_output`](Self::poll_output) until `None`, then wait
/// until [`poll_at`](Self::poll_at) or the next event. [`drive`](crate::drive) does all of that.
///
/// The capacities are interfaces, handles open at once, sockets open at once, notices that wait to
/// be polled, and networks: how many of the interfaces may be Wi-Fi. None can overflow silently.
///
/// ```
/// use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic, State};
///
/// let config = Config::new([InterfaceConfig::new(InterfaceId::ETHERNET)]);
/// let mut manager: Manager<1> = Manager::new(&config)?;
/// manager.open(Instant::EPOCH, &Nic::named("eth0")?)?;
/// assert_eq!(manager.state(InterfaceId::ETHERNET), Some(State::Starting));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Manager<
    const INTERFACES: usize = 1,
    const HANDLES: usize = 8,
    const SOCKETS: usize = 4,
    const NOTICES: usize = 16,
    const NETWORKS: usize = 1,
> {
    interfaces: [ManagedInterface; INTERFACES],
    connector: Connector<INTERFACES>,
    /// The interface that was brought up for the connector, and not released since.
    in_use: Option<InterfaceId>,
    udp: Udp<SOCKETS>,
    handles: Slots<InterfaceId, HANDLES>,
    settings: Settings<NETWORKS>,
    persistence: Persistence,
    last_connection: LastConnection,
    reconfigure: Reconfigure,
    notices: Notices<NOTICES>,
    /// The latest instant seen, to which an earlier one is lifted (TIME-2).
    latest: Instant,
}

impl<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>
    Manager<I, H, S, N, W>
{
    /// A manager of the interfaces in `config`, all enabled and none opened.
    ///
    /// # Errors
    ///
    /// [`ConfigError`]: an interface is listed twice, or more of them are Wi-Fi than there is room for.
    pub fn new(config: &Config<I>) -> Result<Self, ConfigError> {
        let wifi = config.check()?;
        let present = config.interfaces.iter().map(|config| config.id);
        Ok(Self {
            interfaces: config
                .interfaces
                .map(|config| ManagedInterface::new(&config)),
            connector: Connector::new(&config.server, present),
            in_use: None,
            udp: Udp::new(config.quota, config.limit_scope),
            handles: Slots::EMPTY,
            settings: Settings::new(wifi),
            persistence: Persistence::default(),
            last_connection: LastConnection::NONE,
            reconfigure: config.reconfigure,
            notices: Notices::new(),
            latest: Instant::EPOCH,
        })
    }

    /// Fires every deadline that has come, in their order (TIME-3). Early or repeated calls do
    /// nothing.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
    }

    /// What is to be done next, and when: poll the outputs, now, while any wait; else call
    /// [`handle_timeout`](Self::handle_timeout). `None` if only an input can change anything.
    #[must_use]
    pub fn poll_at(&self) -> Option<Deadline<Wake>> {
        if self.next_source().is_some() || !self.notices.is_empty() {
            return Some(Deadline {
                at: self.latest,
                reason: Wake::Output,
            });
        }
        let (at, place) = self.earliest();
        if at == Instant::NEVER {
            return None;
        }
        let reason = match self.interfaces.get(place) {
            Some(ManagedInterface { machine, .. }) => {
                Wake::Interface(machine.id(), machine.timer()?)
            }
            None => Wake::Server(self.connector.timer()),
        };
        Some(Deadline { at, reason })
    }

    /// The state of an interface; `None` if it is absent.
    #[must_use]
    pub fn state(&self, id: InterfaceId) -> Option<State> {
        self.machine(id).map(Interface::state)
    }

    /// Why an interface is stopped; `None` if it is not (IFC-4).
    #[must_use]
    pub fn reason(&self, id: InterfaceId) -> Option<StopReason> {
        self.machine(id)?.reason()
    }

    /// Why an interface left CONNECTED most recently; `None` if it never did.
    #[must_use]
    pub fn loss(&self, id: InterfaceId) -> Option<StopReason> {
        self.machine(id)?.loss()
    }

    /// The address settings of an interface; `None` unless it is CONNECTED (IFC-5).
    #[must_use]
    pub fn ip_config(&self, id: InterfaceId) -> Option<IpConfig> {
        self.machine(id)?.ip_config()
    }

    /// Events of an interface that changed nothing; `None` if it is absent.
    #[must_use]
    pub fn ignored(&self, id: InterfaceId) -> Option<Ignored> {
        let (meaningless, stale) = self.machine(id)?.ignored();
        Some(Ignored { meaningless, stale })
    }

    /// Lifts `now` to the latest instant seen (TIME-2), fires what is due by then, and returns it:
    /// so an input always meets the state of its own time. Every public input begins with this.
    // size: 21 callers
    #[inline(never)]
    fn advance(&mut self, now: Instant) -> Instant {
        let now = now.max(self.latest);
        self.latest = now;
        // A timer that fires is armed again for later than now. Each interface has one timer; the
        // connector has two, because a retry that is due may find its round over, too.
        for fired in 0..I.saturating_add(2) {
            let (deadline, place) = self.earliest();
            if deadline > now || deadline == Instant::NEVER {
                if fired == 0 {
                    return now;
                }
                break;
            }
            if let Some(interface) = self.interfaces.get_mut(place) {
                interface.machine.handle_timeout(now);
                self.take_interface_changes(place, now);
            } else {
                let stage = self.stage();
                self.connector.handle_timeout(stage, now);
            }
            self.release_unwanted(now);
        }
        // Tries begin last, so that no earlier deadline counts against them (TIME-3).
        self.bring_up_wanted(now);
        now
    }

    /// The earliest deadline, and the place of its interface; the place of the server connection is
    /// after all of them. Of several at one instant it is the first one.
    // size: 2 callers, and each compares 64 bits several times
    #[inline(never)]
    fn earliest(&self) -> (Instant, usize) {
        let mut earliest = (Instant::NEVER, I);
        for (place, interface) in self.interfaces.iter().enumerate() {
            let deadline = interface.machine.deadline();
            if deadline < earliest.0 {
                earliest = (deadline, place);
            }
        }
        let deadline = self.connector.deadline();
        if deadline < earliest.0 {
            earliest = (deadline, I);
        }
        earliest
    }

    fn machine(&self, id: InterfaceId) -> Option<&Interface> {
        machine(&self.interfaces, id)
    }
}

/// The machine of the interface with this identity.
// size: 8 callers, 7 of them through the method
#[inline(never)]
fn machine(interfaces: &[ManagedInterface], id: InterfaceId) -> Option<&Interface> {
    let mut machines = interfaces.iter().map(|interface| &interface.machine);
    machines.find(|machine| machine.id() == id)
}

/// The interface with this identity, and its place.
// size: 10 callers
#[inline(never)]
fn find(
    interfaces: &mut [ManagedInterface],
    id: InterfaceId,
) -> Option<(usize, &mut ManagedInterface)> {
    let mut interfaces = interfaces.iter_mut().enumerate();
    interfaces.find(|(_, interface)| interface.machine.id() == id)
}
