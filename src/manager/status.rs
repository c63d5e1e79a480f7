//! What notices said, for whoever lost them (CON-26, DRV-2).

use super::stored::Persistence;
use super::{Manager, Notice};
use crate::connect::{AttemptId, ConnectOutcome};
use crate::counter::count;
use crate::nic::{InterfaceId, InterfaceName};

/// How a request for a connection ended, see [`Manager::last_result`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct ConnectResult {
    /// The number that the request returned.
    pub attempt: AttemptId,
    /// The interface as it was named, or the one of the newest try.
    pub interface: InterfaceName,
    /// How it ended.
    pub outcome: ConnectOutcome,
    /// The backend's own code, unchanged, where it reported one.
    pub code: Option<i32>,
}

/// How the server connection was lost, see [`Manager::server_loss`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct ServerLoss {
    /// The interface of the newest try.
    pub interface: InterfaceId,
    /// Why there was no connection.
    pub outcome: ConnectOutcome,
    /// The backend's own code, unchanged, where it reported one.
    pub code: Option<i32>,
}

/// How many commands have failed, see [`Manager::failures`]. The counts stop at their maximum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Failures {
    /// Local ports that could not be bound.
    pub binds: u32,
    /// Datagrams that were not sent.
    pub sends: u32,
    /// Stops and power-downs of an interface.
    pub stops: u32,
    /// Server connections that could not be dropped.
    pub disconnects: u32,
    /// Stored settings that could not be persisted.
    pub persists: u32,
}

/// What was said and nobody else knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Status {
    result: Option<ConnectResult>,
    ended_attempts: u32,
    loss: Option<ServerLoss>,
    failures: Failures,
}

impl Status {
    /// Notes what a notice says, if it cannot be asked elsewhere.
    pub(super) fn note(&mut self, notice: &Notice) {
        match *notice {
            Notice::ConnectEnded {
                attempt,
                interface,
                outcome,
                code,
            } => {
                self.result = Some(ConnectResult {
                    attempt,
                    interface,
                    outcome,
                    code,
                });
                count(&mut self.ended_attempts);
            }
            Notice::ServerLost {
                interface,
                outcome,
                code,
            }
            | Notice::Suspended {
                interface,
                outcome,
                code,
            } => {
                self.loss = Some(ServerLoss {
                    interface,
                    outcome,
                    code,
                });
            }
            Notice::BindFailed { .. } => count(&mut self.failures.binds),
            Notice::SendFailed { .. } => count(&mut self.failures.sends),
            Notice::StopFailed { .. } => count(&mut self.failures.stops),
            Notice::DisconnectFailed { .. } => count(&mut self.failures.disconnects),
            Notice::PersistFailed { .. } => count(&mut self.failures.persists),
            // States, handles, sockets and settings are there to be asked.
            Notice::StateChanged { .. }
            | Notice::Joined { .. }
            | Notice::AddressChanged { .. }
            | Notice::HandleClosed { .. }
            | Notice::SocketClosed { .. }
            | Notice::ServerStateChanged { .. }
            | Notice::ServerBack { .. }
            | Notice::Resumed
            | Notice::Provisioned
            | Notice::Lagged(_) => {}
        }
    }
}

impl<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>
    Manager<I, H, S, N, W>
{
    /// How the most recent request for a connection that has ended did so: what its
    /// [`Notice::ConnectEnded`] said. `None` before the first end. A request that was superseded has no
    /// result (CON-9).
    ///
    /// ```
    /// use lankeeper::ConnectOutcome;
    /// # use lankeeper::sim::{Simulated, World, run_until_ended};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let now = world.now();
    ///
    /// let attempt = manager.connect(now, None)?;
    /// assert_eq!(manager.last_result(), None);
    /// run_until_ended(&mut manager, &mut world, Duration::from_secs(60))?;
    /// let result = manager.last_result().ok_or("it has not ended")?;
    /// assert_eq!((result.attempt, result.outcome), (attempt, ConnectOutcome::ServerConnected));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn last_result(&self) -> Option<ConnectResult> {
        self.notices.status.result
    }

    /// How many requests for a connection have ended with a result. It stops at its maximum.
    ///
    /// ```
    /// # use lankeeper::sim::{Simulated, World, run_until_ended};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// manager.connect(world.now(), None)?;
    /// run_until_ended(&mut manager, &mut world, Duration::from_secs(60))?;
    /// assert_eq!(manager.ended_attempts(), 1);
    /// manager.connect(world.now(), None)?; // the same connection: it ends at once
    /// assert_eq!(manager.ended_attempts(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn ended_attempts(&self) -> u32 {
        self.notices.status.ended_attempts
    }

    /// Why and over which interface there was no connection when that was most recently reported, by
    /// [`Notice::ServerLost`] or [`Notice::Suspended`]. `None` before the first time. It stays when there
    /// is a connection again.
    ///
    /// ```
    /// use lankeeper::ConnectOutcome;
    /// # use lankeeper::sim::{Condition, ServerChange};
    /// # use lankeeper::sim::{Simulated, World, run_for};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # world.happen(ServerChange::Server(Condition::Fails));
    ///
    /// // Under the policy SuspendOnError, with a server that cannot be reached:
    /// manager.connect(world.now(), None)?;
    /// run_for(&mut manager, &mut world, Duration::from_secs(20), |_, _| {})?;
    /// assert!(manager.is_suspended());
    /// let loss = manager.server_loss().ok_or("nothing was lost")?;
    /// assert_eq!((loss.interface, loss.outcome), (InterfaceId::ETHERNET, ConnectOutcome::NoServer));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn server_loss(&self) -> Option<ServerLoss> {
        self.notices.status.loss
    }

    /// Whether the application is to suspend itself: since [`Notice::Suspended`], until
    /// [`Notice::Resumed`] (CON-13).
    ///
    /// ```
    /// # use lankeeper::{Config, InterfaceConfig, InterfaceId, Manager};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let manager = Manager::new(&config)?;
    /// assert!(!manager.is_suspended());
    /// # Ok::<(), lankeeper::manager::ConfigError>(())
    /// ```
    #[must_use]
    pub const fn is_suspended(&self) -> bool {
        self.connector.is_suspended()
    }

    /// How many commands the backend reported as failed, each of which was a notice (DRV-6).
    ///
    /// ```
    /// use lankeeper::Event;
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// manager.handle_event(now, Event::PersistFailed { code: 28 });
    /// assert_eq!(manager.failures().persists, 1);
    /// # Ok::<(), lankeeper::manager::ConfigError>(())
    /// ```
    #[must_use]
    pub const fn failures(&self) -> Failures {
        self.notices.status.failures
    }

    /// Whether the backend has the stored settings, as far as is known: they were loaded, or it was
    /// given them and has reported no failure since.
    ///
    /// ```
    /// use lankeeper::stored::StoredParts;
    /// use lankeeper::{Command, Event};
    /// # use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let mut manager = Manager::new(&config)?;
    /// # let now = Instant::EPOCH;
    ///
    /// manager.clear_stored(now, StoredParts::all());
    /// assert!(!manager.is_persisted()); // the command waits
    /// assert!(matches!(manager.poll_command(), Some(Command::Persist(_))));
    /// assert!(manager.is_persisted());
    /// manager.handle_event(now, Event::PersistFailed { code: 28 });
    /// assert!(!manager.is_persisted());
    /// # Ok::<(), lankeeper::manager::ConfigError>(())
    /// ```
    #[must_use]
    pub const fn is_persisted(&self) -> bool {
        matches!(self.persistence, Persistence::Kept)
    }
}
