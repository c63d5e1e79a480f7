//! The status, in one line.

use core::fmt;
use std::io::{self, Write};

use lankeeper::manager::Ignored;
use lankeeper::udp::Drops;
use lankeeper::{Duration, Instant, Prefix, ServerState, State, StopReason};

/// The shortest time between two lines.
const PAUSE: Duration = Duration::from_secs(1);

/// The counters of the echo server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Received datagrams.
    pub received: u64,
    /// Datagrams that were answered.
    pub echoed: u64,
    /// Datagrams left unanswered because of the rate limit.
    pub limited: u64,
    /// Datagrams left unanswered for another reason.
    pub unanswered: u64,
    /// Datagrams that the stack did not send.
    pub lost: u64,
}

/// The status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    pub state: State,
    pub reason: Option<StopReason>,
    pub address: Option<Prefix>,
    /// The code with which the stack did not bind the port, if it did not.
    pub unbound: Option<i32>,
    /// The state of the server connection, if a server is configured.
    pub server: Option<ServerState>,
    /// Tokens left in the rate limiter.
    pub tokens: u32,
    pub counts: Counts,
    /// Received datagrams that the core dropped.
    pub drops: Drops,
    /// Events that the core ignored.
    pub ignored: Ignored,
    /// Frames that the driver refused.
    pub refused_frames: u32,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status: {} ({})", self.state, self.state.code())?;
        if let Some(reason) = self.reason {
            write!(f, " {reason}")?;
        }
        if let Some(address) = self.address {
            write!(f, " {address}")?;
        }
        if let Some(code) = self.unbound {
            write!(f, " | port not bound, code {code}")?;
        }
        if let Some(server) = self.server {
            write!(f, " | server {server}")?;
        }
        let Counts {
            received,
            echoed,
            limited,
            unanswered,
            lost,
        } = self.counts;
        write!(
            f,
            " | tokens {} | received {received} echoed {echoed} limited {limited} \
             unanswered {unanswered} | dropped {}",
            self.tokens,
            self.drops.total(),
        )?;
        let reasons = self.drops.iter().filter(|(_, count)| *count > 0);
        for (reason, count) in reasons {
            write!(f, " ({reason}: {count})")?;
        }
        write!(
            f,
            " | lost {lost} datagrams {} frames | ignored {} stale {}",
            self.refused_frames, self.ignored.meaningless, self.ignored.stale
        )
    }
}

/// Prints the status.
pub fn print(status: &Status) {
    // A closed pipe is no error.
    let _ = writeln!(io::stdout(), "{status}");
}

/// Prints the status when it changes, but not too often.
#[derive(Default)]
pub struct StatusLine {
    last: Option<(Instant, Status)>,
    /// Whether a change waits, because it came too soon after the last line.
    is_due: bool,
}

impl StatusLine {
    /// Prints a line if the status has changed.
    pub fn print(&mut self, now: Instant, status: Status) {
        self.is_due = false;
        if let Some((at, last)) = self.last {
            // Refilled tokens alone are not a change.
            let same = Status {
                tokens: last.tokens,
                ..status
            } == last;
            if same || now < at.saturating_add(PAUSE) {
                self.is_due = !same;
                return;
            }
        }
        print(&status);
        self.last = Some((now, status));
    }

    /// When to print a waiting change.
    pub fn poll_at(&self) -> Option<Instant> {
        let (at, _) = self.last.filter(|_| self.is_due)?;
        Some(at.saturating_add(PAUSE))
    }
}
