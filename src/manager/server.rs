//! The server connection through the manager: requests, and its status.

use super::in_use::Origin;
use super::open::usable;
use super::{Ignored, InterfaceError, Manager, find};
use crate::connect::{AttemptId, Named, Policy, Request, Route, ServerState};
use crate::interface::Cause;
use crate::nic::{Copied, InterfaceId, Nic, ProxySettings};
use crate::span::Span;
use crate::time::Instant;

/// When traffic for the server can be sent (CON-16).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "it can be sent now or later")]
pub enum ServerCall {
    /// It can be sent.
    Connected,
    /// It can be sent once there is a connection, which is being made.
    Connecting,
}

/// Why no attempt to connect was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ConnectError {
    /// The policy is SuspendOnError, which connects by itself (CON-1).
    #[error("not under the policy SuspendOnError, allowed are the ReturnOnError policies")]
    Suspends,
    /// The interface is absent or disabled (OPEN-2).
    #[error(transparent)]
    Interface(#[from] InterfaceError),
    /// Somebody has opened the interface, and the NIC carries other settings (OPEN-3).
    #[error("cannot reconfigure interface when active")]
    Active,
    /// No interface of the server order is enabled.
    #[error("no enabled interface in the server order")]
    NothingToTry,
}

/// There is no server connection, and none is being made (CON-16).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("not connected to the server")]
#[non_exhaustive]
pub struct NotConnectedError;

impl NotConnectedError {
    /// The public code: 1.
    #[must_use]
    pub const fn code(self) -> u8 {
        1
    }
}

impl<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>
    Manager<I, H, S, N, W>
{
    /// Connects to the server over the interface of a NIC, within `timeout` or the medium's default
    /// (CON-2, CON-3). Never waits: the one result comes as
    /// [`Notice::ConnectEnded`](crate::Notice::ConnectEnded) with the number that is returned here,
    /// unless a later request supersedes this one (CON-9).
    ///
    /// A connection over another interface is dropped, and that interface powered down whoever
    /// holds it (CON-6). The settings of the NIC are for this connection only (CFG-2). A NIC
    /// without settings selects its interface for later connections (CFG-3).
    ///
    /// ```
    /// use lankeeper::ConnectOutcome;
    /// # use lankeeper::sim::{Simulated, World, run_until_ended};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, Policy};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let now = world.now();
    ///
    /// manager.set_policy(now, Policy::ReturnOnError);
    /// let attempt = manager.connect_with(now, &Nic::named("eth0")?, None)?;
    /// let (_, outcome) = run_until_ended(&mut manager, &mut world, Duration::from_secs(60))?;
    /// assert_eq!(outcome, ConnectOutcome::ServerConnected);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ConnectError`]: [`Suspends`](ConnectError::Suspends) under
    /// [`SuspendOnError`](Policy::SuspendOnError), which is the default; nothing has changed then.
    pub fn connect_with(
        &mut self,
        now: Instant,
        nic: &Nic,
        timeout: Option<Span>,
    ) -> Result<AttemptId, ConnectError> {
        let now = self.advance(now);
        if self.connector.policy() == Policy::SuspendOnError {
            return Err(ConnectError::Suspends);
        }
        let (_, interface) = usable(&mut self.interfaces, nic, &self.connector)?;
        let id = interface.machine.id();
        let is_used = interface.machine.is_held_by_server();
        let name_only = nic.is_name_only();
        // Whether the interface runs, and with something else than is asked for.
        let is_other = if name_only {
            interface.is_given()
        } else {
            interface.machine.is_held() && !interface.runs_with(nic, &self.settings)
        };
        if is_other && !is_used {
            return Err(ConnectError::Active);
        }
        let is_connected = is_used && self.connector.state() == ServerState::Connected;
        let proxy = self.settings.proxy();
        let is_same = name_only || (!is_other && ProxySettings::are_same(proxy, nic.proxy()));
        let named = Named {
            id,
            name: *nic.name(),
        };
        if name_only {
            self.connector.select(Some(named));
        }
        if is_connected && is_same {
            self.connector.confirm(named.name);
        } else {
            let request = Request {
                route: if name_only {
                    Route::Named(named)
                } else {
                    Route::Given(named)
                },
                timeout,
                is_put_off: false,
            };
            self.begin(id, &request, is_other, now);
            if !name_only {
                self.settings.give_proxy(nic.proxy());
                match find(&mut self.interfaces, id) {
                    Some((_, interface)) if interface.is_free_for(nic, &self.settings) => {
                        interface.configure(nic, &mut self.settings, Origin::Connection);
                    }
                    _ => {}
                }
            }
        }
        let attempt = self.connector.attempt_id();
        self.reconcile(now);
        Ok(attempt)
    }

    /// Connects to the server over the interface named most recently, else over those of the server
    /// order, one after the other (CON-14). Each may take `timeout`, or its medium's default. The
    /// one result comes as [`Notice::ConnectEnded`](crate::Notice::ConnectEnded); under
    /// [`SuspendOnError`](Policy::SuspendOnError) it comes with the connection, however long that
    /// takes. Under [`KeepTrying`](Policy::KeepTrying) a failed attempt is followed by others, until
    /// [`Notice::ServerBack`](crate::Notice::ServerBack) (CON-21).
    ///
    /// The order counts, not what is up: an interface that is down is started and waited for. While
    /// there is a connection over another interface, or an attempt at one, even one that waits, that
    /// interface is powered down whoever holds it (CON-6). To keep its handles and sockets, call
    /// [`disconnect`](Self::disconnect) first.
    ///
    /// ```
    /// use lankeeper::{ConnectOutcome, Delivery, Notice, sim::poll_until};
    /// # use lankeeper::sim::{Simulated, World, run_until_ended};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, Policy};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let now = world.now();
    ///
    /// let attempt = manager.connect(now, None)?;
    /// let (end, mut buffer) = (now.saturating_add(Duration::from_secs(60)), [0; 0]);
    /// while let Some(delivery) = poll_until(&mut manager, &mut world, end, &mut buffer)? {
    ///     if let Delivery::Notice(Notice::ConnectEnded { attempt: ended, outcome, .. }) = delivery {
    ///         assert_eq!((ended, outcome), (attempt, ConnectOutcome::ServerConnected));
    ///     }
    /// }
    /// # assert_eq!(manager.server_state(), lankeeper::ServerState::Connected);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ConnectError`]; nothing has changed then.
    pub fn connect(
        &mut self,
        now: Instant,
        timeout: Option<Span>,
    ) -> Result<AttemptId, ConnectError> {
        self.connect_by_route(now, timeout, false)
    }

    /// Drops the server connection, or ends the attempt at one: at once if `flush` is `None`,
    /// otherwise when everything is sent or `flush` is over (CON-15). Local holders and their sockets
    /// are untouched.
    ///
    /// ```
    /// use lankeeper::{ServerState, Span};
    /// # use lankeeper::sim::{Simulated, World, run_until_ended};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, Policy};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let now = world.now();
    ///
    /// manager.connect(now, None)?;
    /// run_until_ended(&mut manager, &mut world, Duration::from_secs(60))?;
    /// manager.disconnect(world.now(), Span::from_secs(2)); // sends what waits, within 2 s
    /// assert_eq!(manager.server_state(), ServerState::Flushing);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn disconnect(&mut self, now: Instant, flush: Option<Span>) {
        let now = self.advance(now);
        self.connector.disconnect(flush, now);
        self.reconcile(now);
    }

    /// Notes that there is traffic for the server: returns when it can be sent, and connects if the
    /// policy says so (CON-16). It ends the pause of [`SuspendOnError`](Policy::SuspendOnError), but no
    /// other wait (CON-19), and no flush (CON-28). With a
    /// [`spread`](crate::Config::spread) the first call after a start or a [wake](Self::note_wake)
    /// begins within that, and not at once (CON-18): a fleet uses it when its power returns.
    ///
    /// ```
    /// use lankeeper::manager::ServerCall;
    /// # use lankeeper::sim::{Simulated, World, run_until_ended};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, Policy};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let now = world.now();
    ///
    /// assert_eq!(manager.server_call(now), Ok(ServerCall::Connecting));
    /// run_until_ended(&mut manager, &mut world, Duration::from_secs(60))?;
    /// assert_eq!(manager.server_call(world.now()), Ok(ServerCall::Connected));
    ///
    /// manager.set_policy(world.now(), Policy::ReturnOnError);
    /// manager.disconnect(world.now(), None);
    /// assert!(manager.server_call(world.now()).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`NotConnectedError`]: it cannot be sent, and nothing is tried for it.
    pub fn server_call(&mut self, now: Instant) -> Result<ServerCall, NotConnectedError> {
        let now = self.advance(now);
        let is_first = !self.connector.was_called();
        let connects = matches!(
            self.connector.policy(),
            Policy::SuspendOnError | Policy::KeepTrying
        );
        match self.connector.state() {
            ServerState::Connected => return Ok(ServerCall::Connected),
            ServerState::Disconnected if connects || is_first => {
                let begun = self.connect_by_route(now, None, is_first);
                begun.map_err(|_| NotConnectedError)?;
            }
            ServerState::Disconnected | ServerState::Flushing => return Err(NotConnectedError),
            ServerState::WaitingForInterface
            | ServerState::Resolving
            | ServerState::ReachingProxy
            | ServerState::Connecting
            | ServerState::Waiting => {
                if !connects {
                    return Err(NotConnectedError);
                }
                self.connector.handle_call(now);
                self.reconcile(now);
            }
        }
        // What has just begun may have failed at once.
        if self.connector.state() == ServerState::Disconnected {
            return Err(NotConnectedError);
        }
        Ok(ServerCall::Connecting)
    }

    /// Notes that the device woke from a sleep in which it could not stay connected: the next
    /// server call counts as the first one (CON-16).
    ///
    /// ```
    /// use lankeeper::manager::ServerCall;
    /// # use lankeeper::sim::{Simulated, World, run_until_ended};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, Policy};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let now = world.now();
    ///
    /// manager.set_policy(now, Policy::ReturnOnError);
    /// manager.connect(now, None)?;
    /// manager.disconnect(now, None);
    /// manager.note_wake(now);
    /// assert_eq!(manager.server_call(now), Ok(ServerCall::Connecting));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn note_wake(&mut self, now: Instant) {
        self.advance(now);
        self.connector.wake();
    }

    /// Sets what becomes of a connection that is lost or does not come about (CON-1). An
    /// application that is suspended goes on at once when the policy suspends no more. What is tried
    /// goes on under [`KeepTrying`](Policy::KeepTrying), and ends under the others if its failure was
    /// reported already (CON-21).
    ///
    /// ```
    /// # use lankeeper::sim::{Simulated, World, run_until_ended};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, Policy};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let now = world.now();
    /// manager.set_policy(now, Policy::ReturnOnError);
    /// assert_eq!(manager.policy(), Policy::ReturnOnError);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_policy(&mut self, now: Instant, policy: Policy) {
        let now = self.advance(now);
        self.connector.set_policy(policy, now);
        self.reconcile(now);
    }

    /// How the server connection reacts to a failed attempt and to a loss (CON-1).
    ///
    /// ```
    /// # use lankeeper::sim::{Simulated, World, run_until_ended};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, Policy};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let now = world.now();
    /// assert_eq!(manager.policy(), Policy::SuspendOnError);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn policy(&self) -> Policy {
        self.connector.policy()
    }

    /// The state of the server connection (CON-17).
    ///
    /// ```
    /// use lankeeper::ServerState;
    /// # use lankeeper::sim::{Simulated, World, run_until_ended};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, Policy};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let now = world.now();
    ///
    /// assert_eq!(manager.server_state(), ServerState::Disconnected);
    /// manager.connect(now, None)?;
    /// assert_eq!(manager.server_state(), ServerState::WaitingForInterface);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn server_state(&self) -> ServerState {
        self.connector.state()
    }

    /// The interface that the server connection, or the attempt at one, uses.
    ///
    /// ```
    /// # use lankeeper::sim::{Simulated, World, run_until_ended};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, Policy};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let now = world.now();
    /// manager.connect(now, None)?;
    /// assert_eq!(manager.server_interface(), Some(InterfaceId::ETHERNET));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn server_interface(&self) -> Option<InterfaceId> {
        self.connector.wanted()
    }

    /// Reports of the server connection that changed nothing.
    ///
    /// ```
    /// # use lankeeper::sim::{Simulated, World, run_until_ended};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, Policy};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let now = world.now();
    /// let ignored = manager.server_ignored();
    /// assert_eq!((ignored.meaningless, ignored.stale), (0, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn server_ignored(&self) -> Ignored {
        let (meaningless, stale) = self.connector.ignored();
        Ignored { meaningless, stale }
    }

    /// Ends a wait of the server connection, because something changed for which a try is worth
    /// while (CON-19).
    // size: 4 callers
    #[inline(never)]
    pub(super) fn take_news(&mut self, interface: Option<InterfaceId>, now: Instant) {
        self.connector.take_news(interface, now);
        self.reconcile(now);
    }

    /// Connects over the interfaces that apply where none is named. If it `is_put_off`, a configured
    /// spread puts the first try off.
    fn connect_by_route(
        &mut self,
        now: Instant,
        timeout: Option<Span>,
        is_put_off: bool,
    ) -> Result<AttemptId, ConnectError> {
        let now = self.advance(now);
        let was_given = self.connector.is_given();
        match (self.connector.wanted(), self.connector.state()) {
            (Some(id), ServerState::Connected) if !was_given => self.connector.confirm(id.into()),
            _ => {
                let route = Route::of(self.connector.order());
                let first = route.interface().ok_or(ConnectError::NothingToTry)?;
                let request = Request {
                    route,
                    timeout,
                    is_put_off,
                };
                self.begin(first, &request, was_given, now);
            }
        }
        let attempt = self.connector.attempt_id();
        self.reconcile(now);
        Ok(attempt)
    }

    /// Begins an attempt that tries `first` first. The interface that is used now is powered down
    /// whoever holds it, if it is another one or has to begin `anew` (CON-6).
    // size: 2 callers
    #[inline(never)]
    fn begin(&mut self, first: InterfaceId, request: &Request, anew: bool, now: Instant) {
        let used = self.held_by_server();
        self.connector.connect(request, now);
        if let Some(used) = used.filter(|used| *used != first || anew) {
            self.shut_down(used, Cause::Switched, now);
        }
    }
}
