//! Runs a manager and a simulated backend through virtual time.

use core::cell::Cell;

use super::Simulated;
use super::line::earliest;
use crate::connect::{ConnectOutcome, ServerState};
use crate::driver::{Delivery, Progress, drive};
use crate::interface::State;
use crate::manager::{Manager, Notice};
use crate::nic::InterfaceId;
use crate::time::{Duration, Instant};

/// The most iterations at one instant before a run counts as stuck.
const MAX_ROUNDS: u32 = 1_000;

/// The reason why a run ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RunError {
    /// Time stands still: there is always something to do at this instant.
    #[error("stuck at {} µs: always something to do", .0.as_micros())]
    Stuck(Instant),
    /// The interface did not reach the state by this instant.
    #[error("by {} µs {interface} got no further than {found}", .at.as_micros())]
    Late {
        /// The interface.
        interface: InterfaceId,
        /// The end of the run.
        at: Instant,
        /// The state that the interface is in.
        found: State,
    },
    /// The server connection did not reach the state by this instant.
    #[error("by {} µs the server connection got no further than {found}", .at.as_micros())]
    ServerLate {
        /// The end of the run.
        at: Instant,
        /// The state that the server connection is in.
        found: ServerState,
    },
    /// No attempt to connect to the server ended by this instant.
    #[error("by {} µs no attempt to connect ended, it is {found}", .at.as_micros())]
    NotEnded {
        /// The end of the run.
        at: Instant,
        /// The state that the server connection is in.
        found: ServerState,
    },
    /// The manager has no such interface.
    #[error("{0}: absent")]
    Absent(InterfaceId),
}

/// Runs until an instant. Time jumps from one deadline to the next, and `deliver` receives every
/// delivery with its instant. What is due at `until` is still done.
///
/// ```
/// use lankeeper::sim::{CableChange, World, run_until};
/// use lankeeper::{
///     Config, Delivery, Instant, InterfaceConfig, InterfaceId, Manager, Nic, Notice, State,
/// };
///
/// let mut world: World = World::new(1);
/// world.at(Instant::from_micros(20_000_000), CableChange::Pulled)?;
/// let config = Config::new([InterfaceConfig::new(InterfaceId::ETHERNET)]);
/// let mut manager: Manager<1> = Manager::new(&config)?;
/// manager.open(Instant::EPOCH, &Nic::named("eth0")?)?;
///
/// let mut states = Vec::new();
/// let end = Instant::from_micros(20_000_000);
/// run_until(&mut manager, &mut world, end, |now, delivery| {
///     if let Delivery::Notice(Notice::StateChanged { state, .. }) = delivery {
///         states.push((now, state));
///     }
/// })?;
/// assert_eq!(states.last(), Some(&(end, State::EthernetStoppedNoLink)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`RunError::Stuck`] if time stands still.
pub fn run_until<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
    manager: &mut Manager<I, H, S, N, W>,
    backend: &mut impl Simulated,
    until: Instant,
    deliver: impl FnMut(Instant, Delivery<'_>),
) -> Result<(), RunError> {
    run(manager, backend, until, deliver, |_| false)
}

/// Runs for a duration, otherwise as [`run_until`].
///
/// # Errors
///
/// [`RunError::Stuck`] if time stands still.
pub fn run_for<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
    manager: &mut Manager<I, H, S, N, W>,
    backend: &mut impl Simulated,
    duration: Duration,
    deliver: impl FnMut(Instant, Delivery<'_>),
) -> Result<(), RunError> {
    let until = backend.now().saturating_add(duration);
    run_until(manager, backend, until, deliver)
}

/// Runs until an interface is in a state, for at most `timeout`, and returns that instant. Drops
/// all deliveries.
///
/// # Errors
///
/// [`RunError`] if the interface does not reach the state.
pub fn run_until_state<
    const I: usize,
    const H: usize,
    const S: usize,
    const N: usize,
    const W: usize,
>(
    manager: &mut Manager<I, H, S, N, W>,
    backend: &mut impl Simulated,
    (interface, wanted): (InterfaceId, State),
    timeout: Duration,
) -> Result<Instant, RunError> {
    let until = backend.now().saturating_add(timeout);
    let is_reached = |manager: &Manager<I, H, S, N, W>| manager.state(interface) == Some(wanted);
    run(manager, backend, until, |_, _| {}, is_reached)?;
    match manager.state(interface) {
        Some(found) if found == wanted => Ok(backend.now()),
        Some(found) => Err(RunError::Late {
            interface,
            at: until,
            found,
        }),
        None => Err(RunError::Absent(interface)),
    }
}

/// Runs until the server connection is in a state, for at most `timeout`, and returns that instant.
/// Drops all deliveries.
///
/// # Errors
///
/// [`RunError`] if the connection does not reach the state.
pub fn run_until_server<
    const I: usize,
    const H: usize,
    const S: usize,
    const N: usize,
    const W: usize,
>(
    manager: &mut Manager<I, H, S, N, W>,
    backend: &mut impl Simulated,
    wanted: ServerState,
    timeout: Duration,
) -> Result<Instant, RunError> {
    let at = backend.now().saturating_add(timeout);
    let is_reached = |manager: &Manager<I, H, S, N, W>| manager.server_state() == wanted;
    run(manager, backend, at, |_, _| {}, is_reached)?;
    let found = manager.server_state();
    if found == wanted {
        Ok(backend.now())
    } else {
        Err(RunError::ServerLate { at, found })
    }
}

/// Runs until an attempt to connect to the server ends (CON-2), for at most `timeout`, and returns
/// when and how it ended. Drops all other deliveries.
///
/// # Errors
///
/// [`RunError`] if no attempt ends.
pub fn run_until_ended<
    const I: usize,
    const H: usize,
    const S: usize,
    const N: usize,
    const W: usize,
>(
    manager: &mut Manager<I, H, S, N, W>,
    backend: &mut impl Simulated,
    timeout: Duration,
) -> Result<(Instant, ConnectOutcome), RunError> {
    let at = backend.now().saturating_add(timeout);
    let ended = Cell::new(None);
    let deliver = |now, delivery: Delivery<'_>| {
        if let Delivery::Notice(Notice::ConnectEnded { outcome, .. }) = delivery {
            ended.set(Some((now, outcome)));
        }
    };
    run(manager, backend, at, deliver, |_| ended.get().is_some())?;
    let found = manager.server_state();
    ended.get().ok_or(RunError::NotEnded { at, found })
}

/// Runs until an instant, or until `is_done` returns true.
fn run<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
    manager: &mut Manager<I, H, S, N, W>,
    backend: &mut impl Simulated,
    until: Instant,
    mut deliver: impl FnMut(Instant, Delivery<'_>),
    is_done: impl Fn(&Manager<I, H, S, N, W>) -> bool,
) -> Result<(), RunError> {
    let mut rounds = 0_u32;
    loop {
        let now = backend.now();
        backend.handle_timeout(now);
        let progress = drive(manager, backend, now, |delivery| deliver(now, delivery));
        if is_done(manager) {
            return Ok(());
        }
        let next = match progress {
            Progress::Busy => now,
            Progress::Settled(deadline) => {
                let next = earliest(deadline.map(|deadline| deadline.at), backend.poll_at());
                next.unwrap_or(Instant::MAX)
            }
        };
        if next <= now && next < Instant::MAX {
            rounds = rounds.saturating_add(1);
            if rounds > MAX_ROUNDS {
                return Err(RunError::Stuck(now));
            }
            continue;
        }
        if now >= until {
            return Ok(());
        }
        rounds = 0;
        backend.handle_timeout(next.min(until));
    }
}
