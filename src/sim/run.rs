//! Runs a manager and a simulated backend through virtual time.

use core::cell::Cell;

use super::Simulated;
use super::line::earliest;
use crate::connect::{Outcome, ServerState};
use crate::driver::{Delivery, Progress, drive};
use crate::interface::State;
use crate::manager::{Manager, Notice};
use crate::nic::InterfaceId;
use crate::time::{Duration, Instant};

/// So often may there be something to do at one instant.
const ROUNDS: u32 = 1_000;

/// Why a run ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RunError {
    /// Time does not go on: there is always something to do at this instant.
    #[error("stuck at {} µs: always something to do", .0.as_micros())]
    Stuck(Instant),
    /// The interface did not get into the state by this instant; it is in another one.
    #[error("by {} µs {interface} got no further than {found}", .at.as_micros())]
    Late {
        /// Which interface.
        interface: InterfaceId,
        /// When it had to be there.
        at: Instant,
        /// The state that it is in.
        found: State,
    },
    /// The server connection did not get into the state by this instant; it is in another one.
    #[error("by {} µs the server connection got no further than {found}", .at.as_micros())]
    ServerLate {
        /// When it had to be there.
        at: Instant,
        /// The state that it is in.
        found: ServerState,
    },
    /// No attempt to connect to the server ended by this instant.
    #[error("by {} µs no attempt to connect ended, it is {found}", .at.as_micros())]
    NotEnded {
        /// When one had to.
        at: Instant,
        /// The state that the server connection is in.
        found: ServerState,
    },
    /// The manager has no such interface.
    #[error("{0}: absent")]
    Absent(InterfaceId),
}

/// Runs until an instant: jumps from one thing that is due to the next, and hands what comes out to
/// `deliver`, with its instant. What is due at the end is done.
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
/// [`RunError::Stuck`] if time stops going on.
pub fn run_until<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
    manager: &mut Manager<I, H, S, N, W>,
    backend: &mut impl Simulated,
    until: Instant,
    deliver: impl FnMut(Instant, Delivery<'_>),
) -> Result<(), RunError> {
    run(manager, backend, until, deliver, |_| false)
}

/// Runs for a span as [`run_until`] does.
///
/// # Errors
///
/// [`RunError::Stuck`] if time stops going on.
pub fn run_for<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
    manager: &mut Manager<I, H, S, N, W>,
    backend: &mut impl Simulated,
    span: Duration,
    deliver: impl FnMut(Instant, Delivery<'_>),
) -> Result<(), RunError> {
    let until = backend.now().saturating_add(span);
    run_until(manager, backend, until, deliver)
}

/// Runs until an interface is in a state, at most for `span`, and tells when it was. Notices are
/// dropped.
///
/// # Errors
///
/// [`RunError`]: it did not come to that.
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
    span: Duration,
) -> Result<Instant, RunError> {
    let until = backend.now().saturating_add(span);
    let is_there = |manager: &Manager<I, H, S, N, W>| manager.state(interface) == Some(wanted);
    run(manager, backend, until, |_, _| {}, is_there)?;
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

/// Runs until the server connection is in a state, at most for `span`, and tells when it was.
/// Notices are dropped.
///
/// # Errors
///
/// [`RunError`]: it did not come to that.
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
    span: Duration,
) -> Result<Instant, RunError> {
    let at = backend.now().saturating_add(span);
    let is_there = |manager: &Manager<I, H, S, N, W>| manager.server_state() == wanted;
    run(manager, backend, at, |_, _| {}, is_there)?;
    let found = manager.server_state();
    if found == wanted {
        Ok(backend.now())
    } else {
        Err(RunError::ServerLate { at, found })
    }
}

/// Runs until an attempt to connect to the server ends (CON-2), at most for `span`, and tells when
/// and how it did. Other notices are dropped.
///
/// # Errors
///
/// [`RunError`]: it did not come to that.
pub fn run_until_ended<
    const I: usize,
    const H: usize,
    const S: usize,
    const N: usize,
    const W: usize,
>(
    manager: &mut Manager<I, H, S, N, W>,
    backend: &mut impl Simulated,
    span: Duration,
) -> Result<(Instant, Outcome), RunError> {
    let at = backend.now().saturating_add(span);
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

/// Runs until an instant, or until `is_done` says so.
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
            if rounds > ROUNDS {
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
