//! Runs a manager and a simulated backend through virtual time.

use core::cell::Cell;

use super::Simulated;
use super::line::earliest;
use crate::{
    ConnectOutcome, Delivery, Duration, Instant, InterfaceId, Manager, Notice, ServerState, State,
};

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

/// The longest payload in bytes that a run with a closure receives.
const PAYLOAD: usize = 256;

/// [Polls](Manager::poll) the manager until there is a delivery, and returns that. Returns `None`
/// once everything that is due at `until` is done. Time jumps from one deadline to the next;
/// [`Simulated::now`] says how far.
///
/// ```
/// use lankeeper::sim::{Simulated, World, poll_until};
/// use lankeeper::{
///     Config, Delivery, Instant, InterfaceConfig, InterfaceId, Manager, Nic, Notice, State,
/// };
///
/// let mut world: World = World::new(1);
/// let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
/// let mut manager = Manager::new(&config)?;
/// manager.open(world.now(), &Nic::named("eth0")?)?;
///
/// let (mut buffer, end) = ([0; 64], Instant::from_micros(20_000_000));
/// while let Some(delivery) = poll_until(&mut manager, &mut world, end, &mut buffer)? {
///     if let Delivery::Notice(Notice::StateChanged { interface, state, .. }) = delivery {
///         println!("{:?} {interface}: {state}", world.now());
///     }
/// }
/// assert_eq!(manager.state(InterfaceId::ETHERNET), Some(State::Connected));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`RunError::Stuck`] if time stands still.
pub fn poll_until<
    const I: usize,
    const H: usize,
    const S: usize,
    const N: usize,
    const W: usize,
>(
    manager: &mut Manager<I, H, S, N, W>,
    backend: &mut impl Simulated,
    until: Instant,
    buffer: &mut [u8],
) -> Result<Option<Delivery>, RunError> {
    let mut rounds = 0;
    loop {
        let now = backend.now();
        backend.handle_timeout(now);
        if let Some(delivery) = manager.poll(now, backend, buffer) {
            return Ok(Some(delivery));
        }
        if !advance(manager, backend, until, &mut rounds)? {
            return Ok(None);
        }
    }
}

/// Runs until an instant. Time jumps from one deadline to the next, and `deliver` gets every
/// delivery with its instant, but not the payload of a datagram. What is due at `until` is still
/// done. An application that answers datagrams uses [`poll_until`].
///
/// ```
/// use lankeeper::sim::{CableChange, World, run_until};
/// use lankeeper::{
///     Config, Delivery, Instant, InterfaceConfig, InterfaceId, Manager, Nic, Notice, State,
/// };
///
/// let mut world: World = World::new(1);
/// world.at(Instant::from_micros(20_000_000), CableChange::Pulled)?;
/// let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
/// let mut manager = Manager::new(&config)?;
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
    deliver: impl FnMut(Instant, Delivery),
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
    deliver: impl FnMut(Instant, Delivery),
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
    let deliver = |now, delivery: Delivery| {
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
    mut deliver: impl FnMut(Instant, Delivery),
    is_done: impl Fn(&Manager<I, H, S, N, W>) -> bool,
) -> Result<(), RunError> {
    let (mut rounds, mut buffer) = (0, [0; PAYLOAD]);
    loop {
        let now = backend.now();
        backend.handle_timeout(now);
        while let Some(delivery) = manager.poll(now, backend, &mut buffer) {
            deliver(now, delivery);
        }
        if is_done(manager) || !advance(manager, backend, until, &mut rounds)? {
            return Ok(());
        }
    }
}

/// Advances time to the next deadline, or to the end of the run. Returns false at that end.
fn advance<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
    manager: &Manager<I, H, S, N, W>,
    backend: &mut impl Simulated,
    until: Instant,
    rounds: &mut u32,
) -> Result<bool, RunError> {
    let now = backend.now();
    let deadline = manager.poll_at().map(|deadline| deadline.at);
    let next = earliest(deadline, backend.poll_at()).unwrap_or(Instant::MAX);
    if next <= now && next < Instant::MAX {
        *rounds = rounds.saturating_add(1);
        return if *rounds > MAX_ROUNDS {
            Err(RunError::Stuck(now))
        } else {
            Ok(true)
        };
    }
    if now >= until {
        return Ok(false);
    }
    *rounds = 0;
    backend.handle_timeout(next.min(until));
    Ok(true)
}
