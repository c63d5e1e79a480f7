//! The kinds of commands, and which reports each of them allows, as the documentation has it.

use super::world::Later;
use lankeeper::{
    Action, InterfaceId, Lease, Medium, Report, ServerAction, ServerReport, ServerTicket, Ticket,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    PowerUp,
    Scan,
    Join,
    Wps,
    StartLink,
    StartDhcp,
    SetAddress,
    PingModem,
    ReadSim,
    Register,
    Dial,
    Stop,
    PowerDown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ServerKind {
    Resolve,
    ReachProxy,
    Connect,
    Flush,
    Disconnect,
}

/// The backend's own code in every report of a failure.
const CODE: i32 = 7;

pub(super) fn lease() -> Lease {
    Lease::new([192, 168, 1, 50].into(), 24)
}

impl Kind {
    pub(super) fn of(action: &Action<'_>) -> Self {
        match action {
            Action::PowerUp => Self::PowerUp,
            Action::Scan(_) => Self::Scan,
            Action::Join(_) => Self::Join,
            Action::Wps => Self::Wps,
            Action::StartLink => Self::StartLink,
            Action::StartDhcp => Self::StartDhcp,
            Action::SetAddress(_) => Self::SetAddress,
            Action::PingModem => Self::PingModem,
            Action::ReadSim => Self::ReadSim,
            Action::Register => Self::Register,
            Action::Dial => Self::Dial,
            Action::Stop => Self::Stop,
            Action::PowerDown => Self::PowerDown,
            other => panic!("unknown action: {other:?}"),
        }
    }

    /// The report of success, so many milliseconds later.
    pub(super) fn succeeds(self, wait: u64) -> Vec<Later<Report>> {
        let report = self.success().map(|report| (wait, report));
        report.into_iter().collect()
    }

    /// The report of success.
    pub(super) fn success(self) -> Option<Report> {
        Some(match self {
            Self::PowerUp => Report::Ready,
            Self::Scan => Report::NetworkFound,
            Self::Join | Self::Wps => Report::Joined,
            Self::StartLink => Report::CarrierUp,
            Self::StartDhcp => Report::Lease(lease()),
            Self::PingModem => Report::ModemAlive,
            Self::ReadSim => Report::SimReady,
            Self::Register => Report::Registered,
            Self::Dial => Report::PppUp(lease()),
            Self::SetAddress | Self::Stop | Self::PowerDown => return None,
        })
    }

    /// How long the step may take (IFC-2).
    pub(super) const fn timeout_ms(self) -> u64 {
        match self {
            Self::PowerUp => 10_000,
            Self::Scan => 15_000,
            Self::Join => 20_000,
            Self::Wps => 120_000,
            Self::StartLink => 5_000,
            Self::StartDhcp | Self::PingModem | Self::ReadSim => 30_000,
            Self::Register => 180_000,
            Self::Dial => 60_000,
            Self::SetAddress | Self::Stop | Self::PowerDown => 1_000,
        }
    }

    /// Whether the action can be answered by this report, at once or later.
    pub(super) fn allows(self, report: Report) -> bool {
        match report {
            Report::Ready | Report::WpsStarted => self == Self::PowerUp,
            Report::NetworkFound => self == Self::Scan,
            // IFC-18: either may answer either.
            Report::NetworkNotFound { .. } | Report::WrongKey { .. } => {
                matches!(self, Self::Scan | Self::Join | Self::Wps)
            }
            Report::Joined | Report::JoinRejected { .. } | Report::LinkLost { .. } => {
                matches!(self, Self::Join | Self::Wps)
            }
            Report::CarrierUp | Report::CarrierDown => self == Self::StartLink,
            Report::Lease(_) | Report::LeaseRefused { .. } | Report::LeaseLost => {
                self == Self::StartDhcp
            }
            Report::AddressConflict => matches!(self, Self::StartDhcp | Self::SetAddress),
            Report::ModemAlive => self == Self::PingModem,
            Report::SimReady | Report::SimFailed { .. } => self == Self::ReadSim,
            Report::Registered | Report::RegistrationDenied { .. } | Report::RegistrationLost => {
                self == Self::Register
            }
            Report::PppUp(_) | Report::PppDown { .. } => self == Self::Dial,
            Report::Fault { .. } => !matches!(self, Self::Stop | Self::PowerDown),
            _ => false,
        }
    }
}

/// Every report that an interface of this medium can have.
pub(super) fn reports(medium: Medium) -> Vec<Report> {
    let unusable = Lease::new([0, 0, 0, 0].into(), 24);
    let mut reports = vec![Report::Ready, Report::Fault { code: CODE }];
    if medium != Medium::Cellular {
        reports.extend([
            Report::Lease(lease()),
            Report::Lease(unusable),
            Report::LeaseRefused { code: CODE },
            Report::LeaseLost,
            Report::AddressConflict,
        ]);
    }
    match medium {
        Medium::Wifi => reports.extend([
            Report::WpsStarted,
            Report::NetworkFound,
            Report::NetworkNotFound { code: CODE },
            Report::Joined,
            Report::WrongKey { code: CODE },
            Report::JoinRejected { code: CODE },
            Report::LinkLost { code: CODE },
        ]),
        Medium::Ethernet => reports.extend([Report::CarrierUp, Report::CarrierDown]),
        Medium::Cellular => reports.extend([
            Report::ModemAlive,
            Report::SimReady,
            Report::SimFailed { code: CODE },
            Report::Registered,
            Report::RegistrationDenied { code: CODE },
            Report::RegistrationLost,
            Report::PppUp(lease()),
            Report::PppUp(unusable),
            Report::PppDown { code: CODE },
        ]),
    }
    reports
}

impl ServerKind {
    pub(super) fn of(action: &ServerAction<'_>) -> Self {
        match action {
            ServerAction::Resolve(_) => Self::Resolve,
            ServerAction::ReachProxy(_) => Self::ReachProxy,
            ServerAction::Connect(_) => Self::Connect,
            ServerAction::Flush => Self::Flush,
            ServerAction::Disconnect => Self::Disconnect,
            other => panic!("unknown action: {other:?}"),
        }
    }

    /// The report of success, so many milliseconds later.
    pub(super) fn succeeds(self, wait: u64) -> Vec<Later<ServerReport>> {
        let report = self.success().map(|report| (wait, report));
        report.into_iter().collect()
    }

    /// The report of success.
    pub(super) fn success(self) -> Option<ServerReport> {
        match self {
            Self::Resolve => Some(ServerReport::Resolved),
            Self::ReachProxy => Some(ServerReport::ProxyReached),
            Self::Connect => Some(ServerReport::Connected),
            Self::Flush => Some(ServerReport::Flushed),
            Self::Disconnect => None,
        }
    }

    pub(super) fn allows(self, report: ServerReport) -> bool {
        match report {
            ServerReport::Resolved | ServerReport::NotResolved { .. } => self == Self::Resolve,
            ServerReport::ProxyReached => self == Self::ReachProxy,
            ServerReport::ProxyUnreachable { .. } | ServerReport::ProxyRefused { .. } => {
                matches!(self, Self::ReachProxy | Self::Connect)
            }
            ServerReport::Connected
            | ServerReport::Unreachable { .. }
            | ServerReport::Lost { .. }
            | ServerReport::SendTimedOut { .. } => self == Self::Connect,
            ServerReport::NoConnectivity { .. } => {
                matches!(self, Self::Resolve | Self::ReachProxy | Self::Connect)
            }
            ServerReport::Flushed => self == Self::Flush,
            ServerReport::Fault { .. } => self != Self::Disconnect,
            _ => false,
        }
    }
}

/// Every report of a failure that the server connection can have without a proxy.
pub(super) const SERVER_FAILURES: [ServerReport; 6] = [
    ServerReport::NotResolved { code: CODE },
    ServerReport::NoConnectivity { code: CODE },
    ServerReport::Unreachable { code: CODE },
    ServerReport::Lost { code: CODE },
    ServerReport::SendTimedOut { code: CODE },
    ServerReport::Fault { code: CODE },
];

/// The tickets of the commands in force: those that were given and not ended.
#[derive(Default)]
pub(super) struct InForce {
    interfaces: Vec<(Kind, Ticket)>,
    server: Vec<(ServerKind, ServerTicket)>,
}

impl InForce {
    pub(super) fn given(&mut self, kind: Kind, ticket: Ticket) {
        let id = ticket.interface();
        self.interfaces.retain(|(earlier, of)| {
            let ended = match kind {
                Kind::PowerUp | Kind::PowerDown => true,
                Kind::Stop => *earlier != Kind::PowerUp,
                // These two take each other's place.
                Kind::Join | Kind::Wps => matches!(earlier, Kind::Join | Kind::Wps),
                other => *earlier == other,
            };
            of.interface() != id || !ended
        });
        if !matches!(kind, Kind::Stop | Kind::PowerDown) {
            self.interfaces.push((kind, ticket));
        }
    }

    pub(super) fn server_given(&mut self, kind: ServerKind, ticket: ServerTicket) {
        match kind {
            ServerKind::Disconnect => self.server.clear(),
            ServerKind::Resolve => self.server = vec![(kind, ticket)],
            _ => self.server.push((kind, ticket)),
        }
    }

    pub(super) fn holds(&self, ticket: Ticket) -> bool {
        self.interfaces.iter().any(|(_, given)| *given == ticket)
    }

    pub(super) fn holds_server(&self, ticket: ServerTicket) -> bool {
        self.server.iter().any(|(_, given)| *given == ticket)
    }

    /// The ticket of the newest command in force that allows this report.
    pub(super) fn that_allows(&self, id: InterfaceId, report: Report) -> Option<Ticket> {
        let mut newest_first = self.interfaces.iter().rev();
        let found =
            newest_first.find(|(kind, ticket)| ticket.interface() == id && kind.allows(report));
        found.map(|(_, ticket)| *ticket)
    }

    pub(super) fn server_that_allows(&self, report: ServerReport) -> Option<ServerTicket> {
        let mut newest_first = self.server.iter().rev();
        let found = newest_first.find(|(kind, _)| kind.allows(report));
        found.map(|(_, ticket)| *ticket)
    }
}
