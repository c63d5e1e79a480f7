//! Puts the machines together, and owns who holds what.

mod config;
mod handle;
mod local;
mod message;
mod notices;

pub use config::{Config, ConfigError};
pub use handle::{AbsentError, Handle, OpenError, StaleHandleError};
pub use message::{Command, Event, Input, Notice, Output, Reply};

use crate::interface::{Addressing, Change, Holders, Interface, Reason, State, Timer};
use crate::ipv4::IpConfig;
use crate::nic::{InterfaceId, Nic, WifiSettings};
use crate::slots::Slots;
use crate::time::{Deadline, Instant, Latest};
use crate::udp::{Binding, DropReason, SocketId, Udp};
use notices::Notices;

/// Why a manager wants to be called again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Wake {
    /// Outputs wait to be polled.
    Output,
    /// A timer of this interface runs out.
    Interface(InterfaceId, Timer),
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
/// The capacities are interfaces, handles open at once, sockets open at once, and notices that
/// wait to be polled. None can overflow silently.
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
> {
    latest: Latest,
    interfaces: [Member; INTERFACES],
    handles: Slots<InterfaceId, HANDLES>,
    udp: Udp<SOCKETS>,
    notices: Notices<NOTICES>,
}

/// An interface and whether it may be opened.
#[derive(Clone, Debug)]
struct Member {
    machine: Interface,
    enabled: bool,
    /// The Wi-Fi network that it was opened with: its key is kept no longer than it is open.
    network: Option<WifiSettings>,
}

impl<const INTERFACES: usize, const HANDLES: usize, const SOCKETS: usize, const NOTICES: usize>
    Manager<INTERFACES, HANDLES, SOCKETS, NOTICES>
{
    /// A manager of the interfaces in `config`, all enabled and none opened.
    ///
    /// # Errors
    ///
    /// The first setting that is not allowed.
    pub fn new(config: &Config<INTERFACES>) -> Result<Self, ConfigError> {
        config.check()?;
        Ok(Self {
            latest: Latest::default(),
            interfaces: config.interfaces.each_ref().map(|config| Member {
                machine: Interface::new(config),
                enabled: true,
                network: None,
            }),
            handles: Slots::new(),
            udp: Udp::new(config.quota),
            notices: Notices::new(),
        })
    }

    /// Opens an interface for local use and brings it up if it is down (OPEN-1). Never waits:
    /// its states come as notices.
    ///
    /// # Errors
    ///
    /// [`OpenError`]; nothing has changed then.
    pub fn open(&mut self, now: Instant, nic: &Nic) -> Result<Handle, OpenError> {
        let now = self.advance(now);
        let id = nic
            .name()
            .resolve(self.interfaces.iter().map(|member| member.machine.id()))
            .ok_or_else(|| OpenError::Absent(*nic.name()))?;
        let Some(member) = find(&mut self.interfaces, id) else {
            return Err(OpenError::Absent(*nic.name()));
        };
        if !member.enabled {
            return Err(OpenError::Disabled(*nic.name()));
        }
        let shared = member.machine.is_held();
        if shared && !nic.is_name_only() {
            return Err(OpenError::Active);
        }
        let handle = self
            .handles
            .insert(id)
            .map(Handle)
            .map_err(|_| OpenError::TooMany(HANDLES))?;
        if !shared {
            member.machine.set_addressing(match nic.ip_config() {
                Some(ip) => Addressing::Static(*ip),
                None => Addressing::Dhcp,
            });
            member.machine.set_network(nic.wifi().is_some());
            member.network = nic.wifi().cloned();
        }
        let before = member.machine.state();
        member.machine.hold(now, Holders::LOCAL);
        let state = member.machine.state();
        self.take_changes();
        if state == before {
            self.notices.push(Notice::Joined {
                handle,
                interface: id,
                state,
            });
        }
        Ok(handle)
    }

    /// Gives an interface back; the last holder stops it (IFC-8). A stale handle is harmless.
    pub fn close(&mut self, now: Instant, handle: Handle) {
        let now = self.advance(now);
        let Some(id) = self.handles.remove(handle.0) else {
            return;
        };
        if self.handles.iter().any(|(_, other)| *other == id) {
            return;
        }
        if let Some(member) = find(&mut self.interfaces, id) {
            member.machine.release(now, Holders::LOCAL);
            let is_down = !member.machine.is_held();
            if is_down {
                member.network = None;
            }
            self.take_changes();
            if is_down {
                self.close_sockets(id);
            }
        }
    }

    /// Tries now what a stopped interface would try after its back-off; the only way out under
    /// [`Recovery::Manual`](crate::Recovery::Manual). Does nothing to one that is not stopped.
    ///
    /// # Errors
    ///
    /// [`StaleHandleError`] if the interface was closed.
    pub fn retry(&mut self, now: Instant, handle: Handle) -> Result<(), StaleHandleError> {
        let now = self.advance(now);
        let id = self.interface(handle)?;
        if let Some(member) = find(&mut self.interfaces, id) {
            member.machine.start(now);
        }
        self.take_changes();
        Ok(())
    }

    /// Enables or disables an interface. A disabled one cannot be opened; disabling one that is
    /// open stops it whoever holds it, and its handles become stale (OPEN-2, OPEN-6).
    ///
    /// # Errors
    ///
    /// [`AbsentError`] if there is no such interface.
    pub fn set_enabled(
        &mut self,
        now: Instant,
        id: InterfaceId,
        enabled: bool,
    ) -> Result<(), AbsentError> {
        let now = self.advance(now);
        let member = find(&mut self.interfaces, id).ok_or(AbsentError(id))?;
        member.enabled = enabled;
        if !enabled && member.machine.is_held() {
            member.machine.disable(now);
            member.network = None;
            self.take_changes();
            let notices = &mut self.notices;
            self.handles.remove_if(
                |held| *held == id,
                |key| {
                    notices.push(Notice::HandleClosed {
                        handle: Handle(key),
                    })
                },
            );
            self.close_sockets(id);
        }
        Ok(())
    }

    /// Takes an event of the backend. For a datagram the answer is the socket that it is for, or
    /// why it is to be dropped (UDP-9); for other events there is none.
    pub fn handle_event(
        &mut self,
        now: Instant,
        event: Event<'_>,
    ) -> Option<Result<SocketId, DropReason>> {
        let now = self.advance(now);
        match event {
            Event::Interface {
                interface,
                generation,
                report,
            } => {
                if let Some(member) = find(&mut self.interfaces, interface) {
                    member.machine.handle_report(now, generation, report);
                }
                self.take_changes();
                None
            }
            Event::Datagram(datagram) => {
                let own = self.own(datagram.interface);
                Some(self.udp.receive(&datagram, own))
            }
        }
    }

    /// Fires every deadline that has come, in their order (TIME-3). Early or repeated calls do
    /// nothing.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
    }

    /// Takes any input, and answers as the method of the same name does.
    pub fn handle_input<'a>(&mut self, now: Instant, input: Input<'a>) -> Reply<'a> {
        match input {
            Input::Timeout => {
                self.handle_timeout(now);
                Reply::Done
            }
            Input::Event(event) => self
                .handle_event(now, event)
                .map_or(Reply::Done, Reply::Received),
            Input::Open(nic) => Reply::Opened(self.open(now, nic)),
            Input::Close(handle) => {
                self.close(now, handle);
                Reply::Done
            }
            Input::Retry(handle) => Reply::Retried(self.retry(now, handle)),
            Input::SetEnabled(id, enabled) => Reply::Enabled(self.set_enabled(now, id, enabled)),
            Input::UdpOpen(handle, port) => Reply::UdpOpened(self.udp_open(now, handle, port)),
            Input::UdpSetReceiving(socket, on) => {
                Reply::UdpReceiving(self.udp_set_receiving(now, socket, on))
            }
            Input::UdpSend(socket, target, port, payload) => {
                Reply::UdpSent(self.udp_send(now, socket, target, port, payload))
            }
            Input::UdpClose(socket) => {
                self.udp_close(now, socket);
                Reply::Done
            }
        }
    }

    /// The next command or notice, until `None`.
    pub fn poll_output(&mut self) -> Option<Output<'_>> {
        match next_command(&mut self.interfaces, &mut self.udp) {
            Some(command) => Some(Output::Command(command)),
            None => self.notices.pop().map(Output::Notice),
        }
    }

    /// The next command for the backend. What ends comes before what begins, across all
    /// interfaces, so that nothing runs on two of them during a switch (DRV-2).
    pub fn poll_command(&mut self) -> Option<Command<'_>> {
        next_command(&mut self.interfaces, &mut self.udp)
    }

    /// The next notice for the application.
    pub fn poll_notice(&mut self) -> Option<Notice> {
        self.notices.pop()
    }

    /// What is to be done next, and when: poll the outputs, now, while any wait; else call
    /// [`handle_timeout`](Self::handle_timeout). `None` if only an input can change anything.
    #[must_use]
    pub fn poll_at(&self) -> Option<Deadline<Wake>> {
        let waiting = !self.notices.is_empty()
            || self.udp.has_bindings()
            || self
                .interfaces
                .iter()
                .any(|member| member.machine.has_actions());
        if waiting {
            return Some(Deadline {
                at: self.latest.get(),
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

    /// The interface that a handle has opened.
    ///
    /// # Errors
    ///
    /// [`StaleHandleError`] if it was closed.
    pub fn interface(&self, handle: Handle) -> Result<InterfaceId, StaleHandleError> {
        self.handles.get(handle.0).copied().ok_or(StaleHandleError)
    }

    /// Events of an interface that changed nothing; `None` if it is absent.
    #[must_use]
    pub fn ignored(&self, id: InterfaceId) -> Option<Ignored> {
        let (meaningless, stale) = self.machine(id)?.ignored();
        Some(Ignored { meaningless, stale })
    }

    /// Lifts `now` to the latest instant seen (TIME-2) and fires what is due by then, so that an
    /// input always meets the state of its own time.
    fn advance(&mut self, now: Instant) -> Instant {
        let now = self.latest.advance(now);
        // Each interface has one timer, and one that fires is armed again for later than now.
        for _ in 0..INTERFACES {
            let due = self.next_timer().filter(|timer| timer.at <= now);
            let Some(Deadline {
                reason: Wake::Interface(id, _),
                ..
            }) = due
            else {
                break;
            };
            if let Some(member) = find(&mut self.interfaces, id) {
                member.machine.handle_timeout(now);
            }
            self.take_changes();
        }
        now
    }

    fn next_timer(&self) -> Option<Deadline<Wake>> {
        self.interfaces
            .iter()
            .map(|member| &member.machine)
            .fold(None, |earliest, machine| {
                let timer = machine.deadline().map(|timer| Deadline {
                    at: timer.at,
                    reason: Wake::Interface(machine.id(), timer.reason),
                });
                Deadline::earliest(earliest, timer)
            })
    }

    /// Turns what changed in the interfaces into notices.
    fn take_changes(&mut self) {
        for member in &mut self.interfaces {
            let interface = member.machine.id();
            while let Some(change) = member.machine.poll_change() {
                self.notices.push(match change {
                    Change::State(state, reason) => Notice::StateChanged {
                        interface,
                        state,
                        reason,
                    },
                    Change::Address => Notice::AddressChanged { interface },
                });
            }
        }
    }

    fn machine(&self, id: InterfaceId) -> Option<&Interface> {
        self.interfaces
            .iter()
            .map(|member| &member.machine)
            .find(|machine| machine.id() == id)
    }
}

fn find(interfaces: &mut [Member], id: InterfaceId) -> Option<&mut Member> {
    interfaces
        .iter_mut()
        .find(|member| member.machine.id() == id)
}

/// Ports given back, then what ends, then what begins, then ports to bind.
fn next_command<'a, const SOCKETS: usize>(
    interfaces: &'a mut [Member],
    udp: &mut Udp<SOCKETS>,
) -> Option<Command<'a>> {
    if let Some(Binding { interface, port }) = udp.poll_unbind() {
        return Some(Command::Unbind { interface, port });
    }
    for member in interfaces.iter_mut() {
        if let Some(action) = member.machine.poll_ending() {
            let interface = member.machine.id();
            return Some(Command::Interface { interface, action });
        }
    }
    let begun = interfaces.iter_mut().find_map(|member| {
        let interface = member.machine.id();
        let action = member.machine.poll_beginning(member.network.as_ref())?;
        Some(Command::Interface { interface, action })
    });
    begun.or_else(|| {
        let Binding { interface, port } = udp.poll_bind()?;
        Some(Command::Bind { interface, port })
    })
}
