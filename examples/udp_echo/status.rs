//! How things stand, in one line.

use core::fmt;
use std::io::{self, Write};

use lankeeper::{Drops, Duration, Ignored, Instant, Prefix, Reason, ServerState, State};

/// Lines are at least this far apart.
const PAUSE: Duration = Duration::from_secs(1);

/// What the echo server has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Datagrams that came in.
    pub received: u64,
    /// Those that were answered.
    pub echoed: u64,
    /// Those that the rate limit left unanswered.
    pub limited: u64,
    /// Those that were left unanswered for another reason.
    pub unanswered: u64,
}

/// What was sent and did not get onto the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// Datagrams that the stack gave up.
    pub datagrams: u32,
    /// Frames that the driver did not take.
    pub frames: u32,
}

/// How things stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    pub state: State,
    pub reason: Option<Reason>,
    pub address: Option<Prefix>,
    /// That of the server connection, where one is wanted.
    pub server: Option<ServerState>,
    /// Tokens left for sends.
    pub tokens: u32,
    pub counts: Counts,
    /// Datagrams that the core did not let in.
    pub drops: Drops,
    /// Events that changed nothing.
    pub ignored: Ignored,
    pub losses: Losses,
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
        if let Some(server) = self.server {
            write!(f, " | server {server}")?;
        }
        let Counts {
            received,
            echoed,
            limited,
            unanswered,
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
            " | lost {} datagrams {} frames | ignored {} stale {}",
            self.losses.datagrams, self.losses.frames, self.ignored.meaningless, self.ignored.stale
        )
    }
}

/// Prints the status.
pub fn print(status: &Status) {
    // Who reads no further has seen enough.
    let _ = writeln!(io::stdout(), "{status}");
}

/// Prints the status when it has changed, but not too often.
#[derive(Default)]
pub struct StatusLine {
    last: Option<(Instant, Status)>,
    /// A change that came too soon after the last line.
    is_due: bool,
}

impl StatusLine {
    /// Prints a line if there is something new.
    pub fn print(&mut self, now: Instant, status: Status) {
        self.is_due = false;
        if let Some((at, last)) = self.last {
            // That the bucket refills is no news.
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

    /// When to print what came too soon.
    pub fn poll_at(&self) -> Option<Instant> {
        let (at, _) = self.last.filter(|_| self.is_due)?;
        Some(at.saturating_add(PAUSE))
    }
}
