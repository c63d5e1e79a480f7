//! Sleeps until a frame comes, the kernel has news, time is up, or somebody wants us to stop.

use std::os::fd::{AsFd, BorrowedFd};

use lankeeper::Duration;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::time::TimeSpec;

use super::Trouble;

/// What ends a sleep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// There may be something to do.
    Work,
    /// Ctrl-C, or another polite request to end.
    Stop,
}

/// The signals that ask for an end, turned into something to wait for like everything else.
pub struct Wait {
    signals: SignalFd,
}

impl Wait {
    /// From now on those signals no longer kill the program.
    pub fn new() -> Result<Self, Trouble> {
        let mut asked = SigSet::empty();
        asked.add(Signal::SIGINT);
        asked.add(Signal::SIGTERM);
        asked
            .thread_block()
            .map_err(Trouble::system("hold signals back"))?;
        let flags = SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC;
        let signals =
            SignalFd::with_flags(&asked, flags).map_err(Trouble::system("wait for signals"))?;
        Ok(Self { signals })
    }

    /// Sleeps until one of `sources` has something to read, but no longer than `span`; for ever
    /// without one.
    pub fn sleep(
        &self,
        sources: [BorrowedFd<'_>; 2],
        span: Option<Duration>,
    ) -> Result<Woken, Trouble> {
        let [card, carrier] = sources.map(|source| PollFd::new(source, PollFlags::POLLIN));
        let signals = PollFd::new(self.signals.as_fd(), PollFlags::POLLIN);
        let mut all = [card, carrier, signals];
        let span = span.map(|span| TimeSpec::from_duration(span.into()));
        match ppoll(&mut all, span, None) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(Trouble::system("wait for frames")(errno)),
        }
        Ok(match all[2].any() {
            Some(true) => Woken::Stop,
            _ => Woken::Work,
        })
    }
}
