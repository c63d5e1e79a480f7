//! The manager itself: its parts, its clock, and what can be asked of it at any time.

use super::in_use::{ManagedInterface, Settings};
use super::output::Notices;
use super::round::Round;
use super::stored::Persistence;
use super::{Config, ConfigError, Reconfigure};
use crate::connect::{Connector, ServerTimer};
use crate::counter::count;
use crate::interface::{Interface, State, StopReason, Timer};
use crate::ipv4::IpConfig;
use crate::nic::InterfaceId;
use crate::slots::Slots;
use crate::stored::LastConnection;
use crate::time::{Deadline, Instant};
use crate::udp::Udp;

/// Why a manager wants to be called again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Wake {
    /// Outputs wait to be polled.
    Output,
    /// The backend may have more events and datagrams than one round of
    /// [`Manager::poll`] takes.
    Backend,
    /// A timer of this interface runs out.
    Interface(InterfaceId, Timer),
    /// A timer of the server connection runs out.
    Server(ServerTimer),
}

/// Counts of events that changed nothing, of one interface or of the server connection. They stop
/// at their maximum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Ignored {
    /// Events that meant nothing in the state in which they came (IFC).
    pub meaningless: u32,
    /// Events of a command that was over (IFC-10).
    pub stale: u32,
}

/// All decisions of a device: its interfaces, its server connection and its local sockets.
///
/// [`poll`](Self::poll) runs it with a [`Backend`](crate::Backend): call it until it returns
/// `None`, then wait until [`poll_at`](Self::poll_at) or until the backend has something. Requests
/// may be made at any time.
///
/// A loop of your own needs no backend. Requests, [`handle_event`](Self::handle_event),
/// [`udp_receive`](Self::udp_receive) and [`handle_timeout`](Self::handle_timeout) go in, each with
/// the present instant; [`poll_command`](Self::poll_command) and [`poll_notice`](Self::poll_notice)
/// return what comes out.
///
/// The parameters are capacities: interfaces, handles open at once, sockets open at once, notices
/// that wait to be polled, and networks (how many of the interfaces may be Wi-Fi). None can
/// overflow silently. [`new`](Self::new) makes a manager with the default capacities,
/// [`with_capacities`](Self::with_capacities) one with any others.
///
/// ```
/// use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic, State};
///
/// let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
/// let mut manager = Manager::new(&config)?;
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
    pub(super) interfaces: [ManagedInterface; INTERFACES],
    pub(super) connector: Connector<INTERFACES>,
    pub(super) udp: Udp<SOCKETS>,
    pub(super) handles: Slots<InterfaceId, HANDLES>,
    pub(super) settings: Settings<NETWORKS>,
    pub(super) persistence: Persistence,
    pub(super) last_connection: LastConnection,
    pub(super) reconfigure: Reconfigure,
    pub(super) notices: Notices<NOTICES>,
    pub(crate) round: Round,
    /// The latest instant seen, to which an earlier one is lifted (TIME-2).
    pub(super) latest: Instant,
    /// Inputs that came earlier than that.
    early_inputs: u32,
}

impl<const INTERFACES: usize> Manager<INTERFACES> {
    /// A manager of the interfaces in `config`, all enabled and none opened, with the default
    /// capacities: 8 handles, 4 sockets, 16 notices, one Wi-Fi interface.
    ///
    /// ```
    /// use lankeeper::{Config, InterfaceConfig, InterfaceId, Manager, State};
    ///
    /// let interfaces = [InterfaceId::ETHERNET, InterfaceId::WIFI].map(InterfaceConfig::new);
    /// let manager = Manager::new(&Config::new(1, interfaces))?;
    /// assert_eq!(manager.state(InterfaceId::WIFI), Some(State::Unknown));
    /// # Ok::<(), lankeeper::manager::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ConfigError`]: an interface is listed twice, more of them are Wi-Fi than there is room
    /// for, or the server order is wrong.
    pub fn new(config: &Config<INTERFACES>) -> Result<Self, ConfigError> {
        Self::with_capacities(config)
    }
}

impl<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>
    Manager<I, H, S, N, W>
{
    /// A manager with the capacities that its type has, otherwise as from [`new`](Manager::new).
    ///
    /// ```
    /// use lankeeper::{Config, InterfaceConfig, InterfaceId, Manager};
    ///
    /// let interfaces = [InterfaceId::WIFI, InterfaceId::ETHERNET].map(InterfaceConfig::new);
    /// // 2 interfaces, 2 handles, 1 socket, 8 notices, 1 network.
    /// let manager = Manager::<2, 2, 1, 8, 1>::with_capacities(&Config::new(1, interfaces))?;
    /// # Ok::<(), lankeeper::manager::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`new`](Manager::new).
    pub fn with_capacities(config: &Config<I>) -> Result<Self, ConfigError> {
        let wifi = config.check()?;
        let base = config.base();
        let order = config.server_order.iter().flatten().copied();
        Ok(Self {
            interfaces: config
                .interfaces
                .map(|interface| ManagedInterface::new(&interface, config.seed, base)),
            connector: Connector::new(
                &config.server,
                config.policy,
                order,
                (config.seed, base),
                config.spread,
            ),
            udp: Udp::new(config.quota, config.limit_scope, base),
            handles: Slots::new(base),
            settings: Settings::new(wifi),
            persistence: Persistence::default(),
            last_connection: LastConnection::new(base),
            reconfigure: config.reconfigure,
            notices: Notices::new(),
            round: Round::default(),
            latest: Instant::EPOCH,
            early_inputs: 0,
        })
    }

    /// Fires every deadline that has come, in their order (TIME-3). Early or repeated calls do
    /// nothing.
    ///
    /// ```
    /// use lankeeper::{Cause, Duration};
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// manager.open(now, &Nic::named("eth0")?)?;
    /// // The power-up is never answered: after 10 s it has failed.
    /// manager.handle_timeout(now.saturating_add(Duration::from_secs(10)));
    /// let reason = manager.reason(InterfaceId::ETHERNET).ok_or("it is not stopped")?;
    /// assert_eq!(reason.cause, Cause::TimedOut);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
    }

    /// Takes over a clock that was reset or has jumped: `now` is the present instant on it. Every
    /// deadline and rate limit keeps the time that it had left at the latest instant seen (TIME-7).
    ///
    /// Only this moves time back. An input that is earlier than another counts as one at the same
    /// instant (TIME-2), so after a jump back nothing would run out until the clock has caught up, and
    /// after a jump forward everything runs out at once. Where a sleep should count, which a clock has
    /// not measured, add it to the instants instead.
    ///
    /// Call it before any other input of the new clock. Instants that were handed out before, such as
    /// [`retry_at`](crate::udp::WouldBlock::retry_at), are those of the old clock, and so are timers of
    /// the application and of the backend.
    ///
    /// ```
    /// use lankeeper::Duration;
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    ///
    /// let before = Instant::from_secs(1_000_000);
    /// manager.open(before, &Nic::named("eth0")?)?; // the power-up may take 10 s
    /// while manager.poll_output().is_some() {}
    /// manager.rebase(Instant::from_secs(5)); // the clock was reset
    /// let next = manager.poll_at().ok_or("no timer is armed")?;
    /// assert_eq!(next.at, Instant::from_secs(15));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rebase(&mut self, now: Instant) {
        let before = core::mem::replace(&mut self.latest, now);
        for interface in &mut self.interfaces {
            interface.machine.rebase(before, now);
        }
        self.connector.rebase(before, now);
        self.udp.rebase(before, now);
    }

    /// How many inputs came earlier than the latest one before them (TIME-7): a sign that the clock
    /// is not monotonic, or was reset without [`rebase`](Self::rebase).
    ///
    /// ```
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// manager.handle_timeout(Instant::from_secs(2));
    /// manager.handle_timeout(Instant::from_secs(1));
    /// assert_eq!(manager.early_inputs(), 1);
    /// # Ok::<(), lankeeper::manager::ConfigError>(())
    /// ```
    #[must_use]
    pub const fn early_inputs(&self) -> u32 {
        self.early_inputs
    }

    /// When there is something to do next, and why: now while outputs wait to be polled or a round
    /// of [`poll`](Self::poll) has left something to the next one, else at the next deadline.
    /// `None` if only an input can change anything.
    ///
    /// Ask after the last call of a loop: a request can make it sooner.
    ///
    /// ```
    /// use lankeeper::manager::Wake;
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// manager.open(now, &Nic::named("eth0")?)?;
    /// let next = manager.poll_at().ok_or("there is nothing to do")?;
    /// assert_eq!((next.at, next.reason), (now, Wake::Output));
    /// while manager.poll_output().is_some() {}
    /// let next = manager.poll_at().ok_or("no timer is armed")?;
    /// assert_eq!(next.at.as_micros(), 10_000_000);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn poll_at(&self) -> Option<Deadline<Wake>> {
        if self.next_source().is_some() || !self.notices.is_empty() {
            return Some(Deadline {
                at: self.latest,
                reason: Wake::Output,
            });
        }
        if self.round.is_open() {
            return Some(Deadline {
                at: self.latest,
                reason: Wake::Backend,
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
    ///
    /// ```
    /// use lankeeper::State;
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// assert_eq!(manager.state(InterfaceId::ETHERNET), Some(State::Unknown));
    /// manager.open(now, &Nic::named("eth0")?)?;
    /// assert_eq!(manager.state(InterfaceId::ETHERNET), Some(State::Starting));
    /// assert_eq!(manager.state(InterfaceId::WIFI), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn state(&self, id: InterfaceId) -> Option<State> {
        self.machine(id).map(Interface::state)
    }

    /// Why an interface is stopped; `None` if it is not stopped (IFC-4).
    ///
    /// ```
    /// use lankeeper::Cause;
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// let handle = manager.open(now, &Nic::named("eth0")?)?;
    /// manager.close(now, handle);
    /// let reason = manager.reason(InterfaceId::ETHERNET).ok_or("it is not stopped")?;
    /// assert_eq!(reason.cause, Cause::Closed);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn reason(&self, id: InterfaceId) -> Option<StopReason> {
        self.machine(id)?.reason()
    }

    /// Why an interface left CONNECTED most recently; `None` if it never did.
    ///
    /// ```
    /// use lankeeper::sim::CableChange;
    /// # use lankeeper::sim::{Simulated, World, run_until_state};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, State};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let port = manager.open(world.now(), &Nic::named("eth0")?)?;
    /// # let up = (InterfaceId::ETHERNET, State::Connected);
    /// # run_until_state(&mut manager, &mut world, up, Duration::from_secs(30))?;
    /// # let now = world.now();
    ///
    /// # use lankeeper::Cause;
    /// # use lankeeper::sim::run_for;
    /// assert_eq!(manager.loss(InterfaceId::ETHERNET), None);
    /// world.happen(CableChange::Pulled);
    /// run_for(&mut manager, &mut world, Duration::from_secs(1), |_, _| {})?;
    /// let loss = manager.loss(InterfaceId::ETHERNET).ok_or("nothing was lost")?;
    /// assert_eq!(loss.cause, Cause::NoCarrier);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn loss(&self, id: InterfaceId) -> Option<StopReason> {
        self.machine(id)?.loss()
    }

    /// The address settings of an interface; `None` unless it is CONNECTED (IFC-5).
    ///
    /// ```
    /// # use lankeeper::sim::{Simulated, World, run_until_state};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, State};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let port = manager.open(world.now(), &Nic::named("eth0")?)?;
    /// # let up = (InterfaceId::ETHERNET, State::Connected);
    /// # run_until_state(&mut manager, &mut world, up, Duration::from_secs(30))?;
    /// # let now = world.now();
    /// let ip = manager.ip_config(InterfaceId::ETHERNET).ok_or("not connected")?;
    /// assert_eq!(ip.prefix().to_string(), "192.168.2.50/24");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn ip_config(&self, id: InterfaceId) -> Option<IpConfig> {
        self.machine(id)?.ip_config()
    }

    /// Events of an interface that changed nothing; `None` if it is absent.
    ///
    /// ```
    /// use lankeeper::{Command, Report};
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// manager.open(now, &Nic::named("eth0")?)?;
    /// if let Some(Command::Interface { ticket, .. }) = manager.poll_command() {
    ///     manager.handle_event(now, ticket.report(Report::Ready));
    ///     manager.handle_event(now, ticket.report(Report::Ready)); // again: it means nothing now
    /// }
    /// let ignored = manager.ignored(InterfaceId::ETHERNET).ok_or("absent")?;
    /// assert_eq!((ignored.meaningless, ignored.stale), (1, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn ignored(&self, id: InterfaceId) -> Option<Ignored> {
        let (meaningless, stale) = self.machine(id)?.ignored();
        Some(Ignored { meaningless, stale })
    }

    /// Lifts `now` to the latest instant seen (TIME-2), fires what is due by then, and returns that
    /// instant. Every public input begins with this, so that it meets the state of its own time.
    // size: 21 callers
    #[inline(never)]
    pub(super) fn advance(&mut self, now: Instant) -> Instant {
        if now < self.latest {
            count(&mut self.early_inputs);
        }
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
                let (stage, is_on_its_way) = self.stage();
                self.connector.handle_timeout(stage, is_on_its_way, now);
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

    pub(super) fn machine(&self, id: InterfaceId) -> Option<&Interface> {
        machine(&self.interfaces, id)
    }
}

/// The machine of the interface with this identity.
// size: 8 callers, 7 of them through the method
#[inline(never)]
pub(super) fn machine(interfaces: &[ManagedInterface], id: InterfaceId) -> Option<&Interface> {
    let mut machines = interfaces.iter().map(|interface| &interface.machine);
    machines.find(|machine| machine.id() == id)
}

/// The interface with this identity, and its place.
// size: 10 callers
#[inline(never)]
pub(super) fn find(
    interfaces: &mut [ManagedInterface],
    id: InterfaceId,
) -> Option<(usize, &mut ManagedInterface)> {
    let mut interfaces = interfaces.iter_mut().enumerate();
    interfaces.find(|(_, interface)| interface.machine.id() == id)
}
