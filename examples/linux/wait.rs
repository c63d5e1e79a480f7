//! Sleeps until a frame arrives, the kernel reports a link change, a deadline passes, or a signal
//! asks the program to stop.

use std::os::fd::{AsFd, BorrowedFd};

use lankeeper::Duration;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::time::TimeSpec;

use super::LinuxError;

/// The reason why a sleep ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// There may be something to do.
    Work,
    /// Ctrl-C, or another request to terminate.
    Stop,
}

/// A file descriptor for the termination signals, so that they can be polled.
pub struct Wait {
    signals: SignalFd,
}

impl Wait {
    /// Blocks these signals, so that they no longer kill the program.
    pub fn new() -> Result<Self, LinuxError> {
        let mut stop_signals = SigSet::empty();
        stop_signals.add(Signal::SIGINT);
        stop_signals.add(Signal::SIGTERM);
        stop_signals
            .thread_block()
            .map_err(LinuxError::system("hold signals back"))?;
        let flags = SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC;
        let signals = SignalFd::with_flags(&stop_signals, flags)
            .map_err(LinuxError::system("wait for signals"))?;
        Ok(Self { signals })
    }

    /// Sleeps until one of `sources` is readable, at most for `timeout`; without a limit if
    /// `timeout` is `None`.
    pub fn sleep(
        &self,
        sources: [BorrowedFd<'_>; 2],
        timeout: Option<Duration>,
    ) -> Result<Woken, LinuxError> {
        let [card, carrier] = sources.map(|source| PollFd::new(source, PollFlags::POLLIN));
        let signals = PollFd::new(self.signals.as_fd(), PollFlags::POLLIN);
        let mut all = [card, carrier, signals];
        let timeout = timeout.map(|timeout| TimeSpec::from_duration(timeout.into()));
        match ppoll(&mut all, timeout, None) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(LinuxError::system("wait for frames")(errno)),
        }
        Ok(match all[2].any() {
            Some(true) => Woken::Stop,
            _ => Woken::Work,
        })
    }
}
