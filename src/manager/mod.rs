//! Puts the machines together, and owns who holds what.

mod config;
mod error;
mod handle;
mod in_use;
mod input;
mod last;
mod local;
mod member;
mod message;
mod notices;
mod open;
mod outcome;
mod server;
mod settings;
mod snapshot;
mod stored;

pub use config::{Config, ConfigError, Reconfigure};
pub use error::{
    AbsentError, ConnectError, InterfaceError, NotConnectedError, OpenError, OrderError,
    StaleHandleError,
};
pub use handle::Handle;
pub use input::{Input, Reply, ServerCall};
pub use message::{Command, Event, Notice, Output};
pub use snapshot::Snapshot;

use crate::alarm::Alarm;
use crate::connect::{Connector, ServerTimer};
use crate::interface::{Change, Interface, Reason, State, Timer};
use crate::ipv4::IpConfig;
use crate::nic::InterfaceId;
use crate::slots::Slots;
use crate::time::{Deadline, Instant};
use crate::udp::{Binding, DropReason, SocketId, Udp};
use last::Last;
use member::Member;
use notices::Notices;
use settings::Settings;
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
// What is asked for most stands first, where short instructions reach it.
#[repr(C)]
pub struct Manager<
    const INTERFACES: usize = 1,
    const HANDLES: usize = 8,
    const SOCKETS: usize = 4,
    const NOTICES: usize = 16,
    const NETWORKS: usize = 1,
> {
    interfaces: [Member; INTERFACES],
    connector: Connector<INTERFACES>,
    udp: Udp<SOCKETS>,
    handles: Slots<InterfaceId, HANDLES>,
    notices: Notices<NOTICES>,
    settings: Settings<NETWORKS>,
    last: Last,
    /// The interface that was brought up for the connector, and not let go of since.
    served: Option<InterfaceId>,
    persistence: Persistence,
    reconfigure: Reconfigure,
}

impl<
    const INTERFACES: usize,
    const HANDLES: usize,
    const SOCKETS: usize,
    const NOTICES: usize,
    const NETWORKS: usize,
> Manager<INTERFACES, HANDLES, SOCKETS, NOTICES, NETWORKS>
{
    /// A manager of the interfaces in `config`, all enabled and none opened.
    ///
    /// # Errors
    ///
    /// [`ConfigError`]: an interface is listed twice, or more of them are Wi-Fi than there is room for.
    pub fn new(config: &Config<INTERFACES>) -> Result<Self, ConfigError> {
        let wifi = config.check()?;
        Ok(Self {
            interfaces: config.interfaces.map(|config| Member::new(&config)),
            handles: Slots::EMPTY,
            udp: Udp::new(config.quota, config.limit_scope),
            connector: Connector::new(
                &config.server,
                config.interfaces.iter().map(|config| config.id),
            ),
            notices: Notices::new(),
            settings: Settings::new(wifi),
            last: Last::new(),
            served: None,
            persistence: Persistence::default(),
            reconfigure: config.reconfigure,
        })
    }

    /// Takes an event of the backend. For a datagram the answer is the socket that it is for, or
    /// why it is to be dropped (UDP-9); for other events there is none.
    pub fn handle_event(
        &mut self,
        now: Instant,
        event: Event<'_>,
    ) -> Option<Result<SocketId, DropReason>> {
        self.at(now).handle_event_now(event)
    }

    fn handle_event_now(&mut self, event: Event<'_>) -> Option<Result<SocketId, DropReason>> {
        match event {
            Event::Interface {
                interface,
                generation,
                report,
            } => {
                if let Some((place, member)) = find(&mut self.interfaces, interface) {
                    member.machine.handle_report(generation, report);
                    self.settle_interface(place);
                }
                None
            }
            Event::Server { generation, report } => {
                self.handle_server_report(generation, report);
                None
            }
            Event::Sealed { generation, blob } => {
                self.last.handle_sealed(generation, blob);
                None
            }
            Event::PersistFailed { code } => {
                self.persistence.fail();
                self.notices.push(Notice::PersistFailed { code });
                None
            }
            Event::Provisioned(settings) => {
                self.provision(settings);
                None
            }
            Event::Datagram(datagram) => {
                let own = local::own(&self.interfaces, datagram.interface);
                Some(self.udp.receive(&datagram, own))
            }
        }
    }

    /// Fires every deadline that has come, in their order (TIME-3). Early or repeated calls do
    /// nothing.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.at(now);
    }

    /// The next command or notice, until `None`.
    pub fn poll_output(&mut self) -> Option<Output<'_>> {
        // Not by `poll_command`: the borrow would last over the other arm.
        if self.has_commands() {
            return self.poll_command().map(Output::Command);
        }
        self.notices.pop().map(Output::Notice)
    }

    /// The next command for the backend. What ends comes before what begins, across all
    /// interfaces, so that nothing runs on two of them during a switch (DRV-2).
    pub fn poll_command(&mut self) -> Option<Command<'_>> {
        if let Some((interface, action)) = self.connector.poll_ending() {
            return Some(Command::Server { interface, action });
        }
        if let Some(Binding { interface, port }) = self.udp.poll_unbind() {
            return Some(Command::Unbind { interface, port });
        }
        for member in &mut self.interfaces {
            if let Some(action) = member.machine.poll_ending() {
                let interface = member.machine.id();
                return Some(Command::Interface { interface, action });
            }
        }
        for member in &mut self.interfaces {
            if member.machine.has_actions() {
                let interface = member.machine.id();
                let action = member.poll_beginning(&self.settings)?;
                return Some(Command::Interface { interface, action });
            }
        }
        if let Some(Binding { interface, port }) = self.udp.poll_bind() {
            return Some(Command::Bind { interface, port });
        }
        if self.connector.has_actions() {
            let proxy = self.settings.proxy();
            let (interface, action) = self.connector.poll_beginning(proxy)?;
            return Some(Command::Server { interface, action });
        }
        if self.persistence.take_due() {
            return Some(Command::Persist(&self.settings.stored));
        }
        let held = self.connector.held();
        let network = held.and_then(|id| self.settings.network(id));
        let proxy = self.settings.proxy();
        self.last.poll(network, proxy)
    }

    /// The next notice for the application.
    pub fn poll_notice(&mut self) -> Option<Notice> {
        self.notices.pop()
    }

    /// What is to be done next, and when: poll the outputs, now, while any wait; else call
    /// [`handle_timeout`](Self::handle_timeout). `None` if only an input can change anything.
    #[must_use]
    pub fn poll_at(&self) -> Option<Deadline<Wake>> {
        if self.has_commands() || !self.notices.is_empty() {
            return Some(Deadline {
                at: self.now(),
                reason: Wake::Output,
            });
        }
        self.next_timer()
    }

    /// The state of an interface; `None` if it is absent.
    #[must_use]
    pub fn state(&self, id: InterfaceId) -> Option<State> {
        self.machine(id).map(Interface::state)
    }

    /// Why an interface is stopped; `None` if it is not (IFC-4).
    #[must_use]
    pub fn reason(&self, id: InterfaceId) -> Option<Reason> {
        self.machine(id)?.reason()
    }

    /// Why an interface last left CONNECTED; `None` if it never did.
    #[must_use]
    pub fn loss(&self, id: InterfaceId) -> Option<Reason> {
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

    /// Lifts `now` to the latest instant seen (TIME-2) and fires what is due by then, so that an
    /// input always meets the state of its own time. Every public input begins with this; what it
    /// does at that instant, a function does whose name ends in `_now`.
    // An input calls it once, and there are many inputs.
    #[inline(never)]
    fn at(&mut self, now: Instant) -> &mut Self {
        let now = self.connector.advance(now);
        // Each machine has one timer, and one that fires is armed again for later than now; but for
        // a try of the server connection whose round is over by now.
        for _ in 0..INTERFACES.saturating_add(2) {
            let (alarm, place) = self.earliest();
            if !alarm.is_due(now) {
                break;
            }
            if let Some(member) = self.interfaces.get_mut(place) {
                member.machine.handle_timeout();
                self.take_changes(place);
            } else {
                let stage = self.server_stage();
                self.connector.handle_timeout(stage);
            }
            self.let_go();
        }
        // A try is charged with no deadline from before it.
        self.bring_up();
        self
    }

    /// The present instant: that of the input under way.
    fn now(&self) -> Instant {
        self.connector.now()
    }

    fn next_timer(&self) -> Option<Deadline<Wake>> {
        let (alarm, place) = self.earliest();
        let at = alarm.at()?;
        let reason = match self.interfaces.get(place) {
            Some(Member { machine, .. }) => Wake::Interface(machine.id(), machine.timer()?),
            None => Wake::Server(self.connector.awaited()),
        };
        Some(Deadline { at, reason })
    }

    /// The timer that runs out first, and the place of its interface; the server connection has the
    /// place after them all. Of several at one instant the first one.
    // Comparisons of 64 bits are long, and two ask.
    #[inline(never)]
    fn earliest(&self) -> (Alarm, usize) {
        let mut earliest = (Alarm::OFF, INTERFACES);
        let interfaces = self.interfaces.iter().map(|member| member.machine.alarm());
        for (place, alarm) in interfaces.enumerate() {
            if alarm.is_before(earliest.0) {
                earliest = (alarm, place);
            }
        }
        let server = self.connector.alarm();
        if server.is_before(earliest.0) {
            earliest = (server, INTERFACES);
        }
        earliest
    }

    /// Turns what changed in an interface into notices, and tells the connector what concerns it.
    // Seven requests and events lead here.
    #[inline(never)]
    fn take_changes(&mut self, place: usize) {
        let now = self.now();
        let Some(member) = self.interfaces.get_mut(place) else {
            return;
        };
        member.machine.wind_up(now);
        let interface = member.machine.id();
        while let Some(change) = member.machine.poll_change() {
            match change {
                Change::State(state, reason) => {
                    self.notices.push(Notice::StateChanged {
                        interface,
                        state,
                        reason,
                    });
                    server::inform(&mut self.connector, interface, state, reason);
                }
                Change::Address => self.notices.push(Notice::AddressChanged { interface }),
            }
        }
        // One that has stopped goes on with what is stored now.
        member.refresh(&mut self.settings);
    }

    /// Whether a command waits to be polled.
    fn has_commands(&self) -> bool {
        self.connector.has_actions()
            || self.udp.has_bindings()
            || self.persistence.is_due()
            || self.last.has_commands()
            || self
                .interfaces
                .iter()
                .any(|member| member.machine.has_actions())
    }

    fn member(&self, id: InterfaceId) -> Option<&Member> {
        find_ref(&self.interfaces, id)
    }
}

/// The interface with this identity, and its place.
// A search takes more room than a call, and there are many.
#[inline(never)]
fn find(interfaces: &mut [Member], id: InterfaceId) -> Option<(usize, &mut Member)> {
    let mut interfaces = interfaces.iter_mut().enumerate();
    interfaces.find(|(_, member)| member.machine.id() == id)
}

// As above.
#[inline(never)]
fn find_ref(interfaces: &[Member], id: InterfaceId) -> Option<&Member> {
    interfaces.iter().find(|member| member.machine.id() == id)
}
