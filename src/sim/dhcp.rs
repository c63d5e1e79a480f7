//! A simulated DHCP server, and the DHCP client of a simulated device.

use super::code;
use crate::{Duration, Instant, Lease, Report, Ticket};

/// The shortest lease. The client would renew a shorter one without a pause.
const MIN_LIFETIME: Duration = Duration::from_secs(2);
/// How long the client waits before it asks a silent server again.
const RETRY: Duration = Duration::from_secs(4);

/// A DHCP server. A change during a lease takes effect at the next renewal, which the client
/// attempts at half of the lease time.
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
    behaviour: Behaviour,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Behaviour {
    Granting,
    Refusing,
    Silent,
}

impl DhcpServer {
    /// Creates a server that grants this lease for `lifetime`, at least 2 s.
    #[must_use]
    pub fn new(lease: Lease, lifetime: Duration) -> Self {
        Self {
            lease,
            lifetime: lifetime.max(MIN_LIFETIME),
            behaviour: Behaviour::Granting,
        }
    }

    /// Makes the server refuse requests.
    #[must_use]
    pub const fn refusing(mut self) -> Self {
        self.behaviour = Behaviour::Refusing;
        self
    }

    /// Makes the server ignore requests, so that leases expire.
    #[must_use]
    pub const fn silent(mut self) -> Self {
        self.behaviour = Behaviour::Silent;
        self
    }

    /// Makes the server grant requests again.
    #[must_use]
    pub const fn granting(mut self) -> Self {
        self.behaviour = Behaviour::Granting;
        self
    }
}

/// The address state of a device.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum DhcpClient {
    /// The device has no address.
    #[default]
    Off,
    /// The address is static.
    Static,
    /// The client requests a lease.
    Requesting { ticket: Ticket, at: Instant },
    /// The client holds a lease.
    Bound {
        ticket: Ticket,
        renew_at: Instant,
        expires_at: Instant,
    },
}

/// A report of the DHCP client: the answer to its command, or a later change.
pub(super) enum DhcpReport {
    Answer(Ticket, Report),
    Unsolicited(Ticket, Report),
}

impl DhcpClient {
    pub(super) const fn has_address(&self) -> bool {
        matches!(self, Self::Static | Self::Bound { .. })
    }

    pub(super) fn poll_at(&self) -> Option<Instant> {
        match *self {
            Self::Off | Self::Static => None,
            Self::Requesting { at, .. } => Some(at),
            Self::Bound {
                renew_at,
                expires_at,
                ..
            } => Some(renew_at.min(expires_at)),
        }
    }

    /// Does what is due. `server` is `None` without a link, which the client cannot distinguish
    /// from a silent server.
    pub(super) fn handle_timeout(
        &mut self,
        now: Instant,
        server: Option<&DhcpServer>,
    ) -> Option<DhcpReport> {
        if self.poll_at()? > now {
            return None;
        }
        let server = server.filter(|server| server.behaviour != Behaviour::Silent);
        match (*self, server) {
            (Self::Off | Self::Static, _) => None,
            (Self::Requesting { ticket, .. }, Some(server)) => {
                let report = self.request(now, ticket, server);
                Some(DhcpReport::Answer(ticket, report))
            }
            (Self::Bound { ticket, .. }, Some(server)) => {
                let report = self.request(now, ticket, server);
                Some(DhcpReport::Unsolicited(ticket, report))
            }
            (Self::Requesting { at, .. }, None) => {
                if let Self::Requesting { at: retry_at, .. } = self {
                    *retry_at = at.max(now).saturating_add(RETRY);
                }
                None
            }
            (
                Self::Bound {
                    ticket, expires_at, ..
                },
                None,
            ) => {
                if expires_at <= now {
                    *self = Self::Off;
                    return Some(DhcpReport::Unsolicited(ticket, Report::LeaseLost));
                }
                let renew_at = now.saturating_add(RETRY);
                *self = Self::Bound {
                    ticket,
                    renew_at,
                    expires_at,
                };
                None
            }
        }
    }

    fn request(&mut self, now: Instant, ticket: Ticket, server: &DhcpServer) -> Report {
        if server.behaviour == Behaviour::Refusing {
            *self = Self::Off;
            let code = code::DHCP_NAK;
            return Report::LeaseRefused { code };
        }
        let half = Duration::from_micros(server.lifetime.as_micros() / 2);
        *self = Self::Bound {
            ticket,
            renew_at: now.saturating_add(half),
            expires_at: now.saturating_add(server.lifetime),
        };
        Report::Lease(server.lease)
    }
}
