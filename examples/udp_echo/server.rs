//! Stays connected to a server: an attempt that fails is made again after a pause.

use lankeeper::{Duration, Instant, Manager, Nic, Notice, Outcome, Policy};
use log::{info, warn};

/// Between a failure and the next attempt.
const PAUSE: Duration = Duration::from_secs(5);
/// How long what waits to be sent may take at the end.
const FLUSH: Duration = Duration::from_secs(1);

/// The wish to be connected, over the interface of a configuration.
pub struct ServerWish {
    nic: Nic,
    /// When to ask for the next attempt, unless one is under way.
    next: Option<Instant>,
}

impl ServerWish {
    /// The first attempt is due at once.
    pub fn new<const I: usize, const H: usize, const S: usize, const N: usize>(
        now: Instant,
        manager: &mut Manager<I, H, S, N>,
        nic: Nic,
    ) -> Self {
        // This program has other things to do than to wait for its server.
        manager.set_policy(now, Policy::ReturnOnError);
        let next = Some(now);
        Self { nic, next }
    }

    /// Asks for an attempt if one is due.
    pub fn run<const I: usize, const H: usize, const S: usize, const N: usize>(
        &mut self,
        now: Instant,
        manager: &mut Manager<I, H, S, N>,
    ) {
        if self.next.is_none_or(|at| now < at) {
            return;
        }
        self.next = None;
        if let Err(error) = manager.connect_with(now, &self.nic, None) {
            warn!("server: {error}");
            self.try_later(now);
        }
    }

    /// Tells what became of an attempt or a connection.
    pub fn take_notice(&mut self, now: Instant, notice: &Notice) {
        match *notice {
            Notice::ServerStateChanged { state } => info!("server: {state}"),
            Notice::ConnectEnded { outcome, code, .. } => {
                info!("server: {}", Told(outcome, code));
                if outcome != Outcome::ServerConnected {
                    self.try_later(now);
                }
            }
            Notice::ServerLost { outcome, code, .. } => {
                warn!("server: lost: {}", Told(outcome, code));
                self.try_later(now);
            }
            _ => {}
        }
    }

    /// Wants to be connected no more.
    pub fn end<const I: usize, const H: usize, const S: usize, const N: usize>(
        &mut self,
        now: Instant,
        manager: &mut Manager<I, H, S, N>,
    ) {
        self.next = None;
        manager.disconnect(now, FLUSH);
    }

    /// When to run again.
    pub fn poll_at(&self) -> Option<Instant> {
        self.next
    }

    fn try_later(&mut self, now: Instant) {
        self.next = Some(now.saturating_add(PAUSE));
    }
}

/// A result with its public code, and the backend's where it gave one.
struct Told(Outcome, Option<i32>);

impl core::fmt::Display for Told {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self(outcome, code) = self;
        write!(f, "{outcome} ({})", outcome.code())?;
        match code {
            Some(code) => write!(f, ", code {code}"),
            None => Ok(()),
        }
    }
}
