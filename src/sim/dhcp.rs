//! A DHCP server as a client meets it, and the client in a device.

use super::code;
use crate::generation::Generation;
use crate::interface::{Lease, Report};
use crate::time::{Duration, Instant};

/// The shortest lease: a shorter one would be renewed without a pause.
const SHORTEST: Duration = Duration::from_secs(2);
/// How long a client waits until it asks a silent server again.
const ASK_AGAIN: Duration = Duration::from_secs(4);

/// How a DHCP server answers. Changed while a lease runs, it shows at the next renewal, which is
/// tried when half of the time is over.
///
/// ```
/// use lankeeper::sim::DhcpServer;
/// use lankeeper::{Duration, Lease};
///
/// let lease = Lease::new([192, 168, 7, 20].into(), 24);
/// let short = DhcpServer::new(lease, Duration::from_secs(60));
/// assert_ne!(short, short.refusing());
/// assert_ne!(short, short.silent());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DhcpServer {
    lease: Lease,
    lifetime: Duration,
    mood: Mood,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Mood {
    Granting,
    Refusing,
    Silent,
}

impl DhcpServer {
    /// Grants this lease for so long, at least 2 s.
    #[must_use]
    pub fn new(lease: Lease, lifetime: Duration) -> Self {
        Self {
            lease,
            lifetime: lifetime.max(SHORTEST),
            mood: Mood::Granting,
        }
    }

    /// The same server, which refuses.
    #[must_use]
    pub const fn refusing(mut self) -> Self {
        self.mood = Mood::Refusing;
        self
    }

    /// The same server, which does not answer: leases run out.
    #[must_use]
    pub const fn silent(mut self) -> Self {
        self.mood = Mood::Silent;
        self
    }

    /// The same server, which grants again.
    #[must_use]
    pub const fn granting(mut self) -> Self {
        self.mood = Mood::Granting;
        self
    }
}

/// Where a device has its address from.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Client {
    /// It has none.
    #[default]
    Off,
    /// It was told.
    Fixed,
    /// It asks for one.
    Asking { generation: Generation, at: Instant },
    /// It was granted one.
    Bound {
        generation: Generation,
        renew_at: Instant,
        expires_at: Instant,
    },
}

/// What a client has to report: the answer to its command, or news after that.
pub(super) enum News {
    Answer(Generation, Report),
    Later(Generation, Report),
}

impl Client {
    pub(super) const fn has_address(&self) -> bool {
        matches!(self, Self::Fixed | Self::Bound { .. })
    }

    pub(super) fn poll_at(&self) -> Option<Instant> {
        match *self {
            Self::Off | Self::Fixed => None,
            Self::Asking { at, .. } => Some(at),
            Self::Bound {
                renew_at,
                expires_at,
                ..
            } => Some(renew_at.min(expires_at)),
        }
    }

    /// Goes on. Without a link there is no server, which is as good as a silent one.
    pub(super) fn handle_timeout(
        &mut self,
        now: Instant,
        server: Option<&DhcpServer>,
    ) -> Option<News> {
        if self.poll_at()? > now {
            return None;
        }
        let server = server.filter(|server| server.mood != Mood::Silent);
        match (*self, server) {
            (Self::Off | Self::Fixed, _) => None,
            (Self::Asking { generation, .. }, Some(server)) => {
                let report = self.ask(now, generation, server);
                Some(News::Answer(generation, report))
            }
            (Self::Bound { generation, .. }, Some(server)) => {
                let report = self.ask(now, generation, server);
                Some(News::Later(generation, report))
            }
            (Self::Asking { at, .. }, None) => {
                if let Self::Asking { at: again, .. } = self {
                    *again = at.max(now).saturating_add(ASK_AGAIN);
                }
                None
            }
            (
                Self::Bound {
                    generation,
                    expires_at,
                    ..
                },
                None,
            ) => {
                if expires_at <= now {
                    *self = Self::Off;
                    return Some(News::Later(generation, Report::LeaseLost));
                }
                let renew_at = now.saturating_add(ASK_AGAIN);
                *self = Self::Bound {
                    generation,
                    renew_at,
                    expires_at,
                };
                None
            }
        }
    }

    fn ask(&mut self, now: Instant, generation: Generation, server: &DhcpServer) -> Report {
        if server.mood == Mood::Refusing {
            *self = Self::Off;
            let code = code::DHCP_NAK;
            return Report::LeaseRefused { code };
        }
        let half = Duration::from_micros(server.lifetime.as_micros() / 2);
        *self = Self::Bound {
            generation,
            renew_at: now.saturating_add(half),
            expires_at: now.saturating_add(server.lifetime),
        };
        Report::Lease(server.lease)
    }
}
