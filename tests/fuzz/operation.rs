//! Decodes bytes into what happens to a device with one interface.

use core::net::Ipv4Addr;

use arbitrary::{Result, Unstructured};
use lankeeper::{
    Config, InterfaceConfig, InterfaceId, Lease, Policy, Recovery, Report, ServerReport, Span,
};

#[derive(Clone, Debug)]
pub(super) enum Operation {
    Open,
    Close(usize),
    Retry(usize),
    Enable(bool),
    /// The clock goes on by this many microseconds, or to this much before the next deadline.
    Pass(u64),
    PassToDeadline(u64),
    /// A time-out that comes this much earlier than the one before.
    Back(u64),
    /// The step under way succeeds.
    Answer,
    /// A report with the ticket of a command of the step that it is of: the newest one, or an older.
    Report(Report, usize),
    Connect(Option<Span>),
    ConnectWith {
        settings: bool,
        timeout: Option<Span>,
    },
    Disconnect(Option<Span>),
    Call,
    Wake,
    Policy(Policy),
    StoreProxy(bool),
    /// All stored settings at once: which network, if any, and whether there is an address.
    Provision {
        network: Option<bool>,
        address: bool,
    },
    Reapply,
    /// Whether the server order has the interface.
    Order(bool),
    /// Whether it is selected.
    Select(bool),
    AnswerServer,
    ServerReport(ServerReport, usize),
    /// Every step fails with this report, and the clock goes on to the next deadline, so many times.
    Refuse {
        interface: Option<Report>,
        server: Option<ServerReport>,
        times: usize,
    },
    /// So many outputs are taken, commands and notices in their own turn.
    TakeCommands(usize),
    TakeNotices(usize),
    /// Everything is taken, and the laws of rest are checked.
    Settle,
}

pub(super) fn config(bytes: &mut Unstructured<'_>) -> Result<Config<1>> {
    let id = [
        InterfaceId::ETHERNET,
        InterfaceId::WIFI,
        InterfaceId::CELLULAR,
    ];
    let mut interface = InterfaceConfig::new(*bytes.choose(&id)?);
    if bytes.ratio(1, 4)? {
        interface.hold_down = Span::from_secs(2);
    }
    if bytes.ratio(1, 8)? {
        interface.recovery = Recovery::Manual;
    }
    interface.power_cycle_after = *bytes.choose(&[4, 4, 4, 0, 1])?;
    let mut config = Config::new(bytes.arbitrary::<u8>()?.into(), [interface]);
    config.policy = policy(bytes)?;
    if bytes.ratio(1, 4)? {
        config.spread = Span::from_secs(5);
    }
    if bytes.ratio(1, 8)? {
        config.server.alive_within = Span::from_secs(90);
    }
    Ok(config)
}

fn policy(bytes: &mut Unstructured<'_>) -> Result<Policy> {
    let all = [
        Policy::KeepTrying,
        Policy::ReturnOnError,
        Policy::SuspendOnError,
        Policy::ReturnOnErrorNoDisconnect,
    ];
    Ok(*bytes.choose(&all)?)
}

/// One operation, with requests for the server connection or without.
pub(super) fn next(bytes: &mut Unstructured<'_>, server: bool) -> Result<Operation> {
    if server && bytes.ratio(5, 8)? {
        return server_operation(bytes);
    }
    Ok(match bytes.int_in_range(0..=31)? {
        0 | 1 => Operation::Open,
        2 => Operation::Close(bytes.int_in_range(0..=2)?),
        3 => Operation::Retry(bytes.int_in_range(0..=2)?),
        4 => Operation::Enable(bytes.ratio(2, 3)?),
        5 => Operation::Pass(bytes.int_in_range(0..=2_000_000)?),
        6 => Operation::Pass(1_000_000 << bytes.int_in_range(0..=16)?),
        7..=9 => Operation::PassToDeadline(0),
        10 => Operation::PassToDeadline(1),
        11 => Operation::Back(bytes.int_in_range(0..=5_000_000)?),
        12..=16 => Operation::Answer,
        17..=24 => Operation::Report(report(bytes)?, behind(bytes)?),
        25 => Operation::Refuse {
            interface: Some(report(bytes)?),
            server: None,
            times: bytes.int_in_range(1..=120)?,
        },
        26 => Operation::TakeCommands(bytes.int_in_range(1..=3)?),
        27 => Operation::TakeNotices(bytes.int_in_range(1..=3)?),
        _ => Operation::Settle,
    })
}

fn server_operation(bytes: &mut Unstructured<'_>) -> Result<Operation> {
    Ok(match bytes.int_in_range(0..=31)? {
        0 | 1 => Operation::Connect(timeout(bytes)?),
        2 | 3 => Operation::ConnectWith {
            settings: bytes.ratio(1, 2)?,
            timeout: timeout(bytes)?,
        },
        4 => Operation::Disconnect(timeout(bytes)?),
        5 | 6 => Operation::Call,
        7 => Operation::Wake,
        8 | 9 => Operation::Policy(policy(bytes)?),
        10 => settings_operation(bytes)?,
        11..=17 => Operation::AnswerServer,
        18..=28 => Operation::ServerReport(server_report(bytes)?, behind(bytes)?),
        29 => Operation::Refuse {
            interface: None,
            server: Some(server_report(bytes)?),
            times: bytes.int_in_range(1..=200)?,
        },
        _ => Operation::Refuse {
            interface: Some(report(bytes)?),
            server: Some(server_report(bytes)?),
            times: bytes.int_in_range(1..=120)?,
        },
    })
}

fn settings_operation(bytes: &mut Unstructured<'_>) -> Result<Operation> {
    Ok(match bytes.int_in_range(0..=15)? {
        0..=4 => Operation::StoreProxy(true),
        5 => Operation::StoreProxy(false),
        6..=9 => Operation::Provision {
            network: *bytes.choose(&[Some(false), Some(false), Some(true), None])?,
            address: bytes.ratio(1, 2)?,
        },
        10 | 11 => Operation::Reapply,
        12 | 13 => Operation::Order(bytes.ratio(1, 2)?),
        _ => Operation::Select(bytes.ratio(3, 4)?),
    })
}

fn behind(bytes: &mut Unstructured<'_>) -> Result<usize> {
    Ok(*bytes.choose(&[0, 0, 0, 0, 0, 0, 1, 2])?)
}

fn timeout(bytes: &mut Unstructured<'_>) -> Result<Option<Span>> {
    Ok(Span::from_secs(*bytes.choose(&[0, 0, 0, 1, 20, 300])?))
}

pub(super) fn report(bytes: &mut Unstructured<'_>) -> Result<Report> {
    let code = 7;
    Ok(match bytes.int_in_range(0..=22)? {
        0 => Report::Ready,
        1 => Report::WpsStarted,
        2 => Report::NetworkFound,
        3 => Report::NetworkNotFound { code },
        4 => Report::Joined,
        5 => Report::WrongKey { code },
        6 => Report::JoinRejected { code },
        7 => Report::LinkLost { code },
        8 => Report::CarrierUp,
        9 => Report::CarrierDown,
        10 => Report::Lease(lease(bytes)?),
        11 => Report::LeaseRefused { code },
        12 => Report::LeaseLost,
        13 => Report::AddressConflict,
        14 => Report::ModemAlive,
        15 => Report::SimReady,
        16 => Report::SimFailed { code },
        17 => Report::Registered,
        18 => Report::RegistrationDenied { code },
        19 => Report::RegistrationLost,
        20 => Report::PppUp(lease(bytes)?),
        21 => Report::PppDown { code },
        _ => Report::Fault { code },
    })
}

/// A good one, another one, or one that cannot be used.
fn lease(bytes: &mut Unstructured<'_>) -> Result<Lease> {
    Ok(match bytes.int_in_range(0..=3)? {
        0 | 1 => good_lease(),
        2 => Lease::new(Ipv4Addr::new(10, 0, 0, bytes.arbitrary()?), 24),
        _ => Lease::new(
            Ipv4Addr::from(bytes.arbitrary::<u32>()?),
            bytes.arbitrary()?,
        ),
    })
}

pub(super) fn good_lease() -> Lease {
    Lease::new(Ipv4Addr::new(192, 168, 1, 50), 24).with_gateway(Ipv4Addr::new(192, 168, 1, 1))
}

pub(super) fn server_report(bytes: &mut Unstructured<'_>) -> Result<ServerReport> {
    let code = 9;
    Ok(match bytes.int_in_range(0..=12)? {
        0 => ServerReport::Resolved,
        1 => ServerReport::NotResolved { code },
        2 => ServerReport::ProxyReached,
        3 => ServerReport::ProxyUnreachable { code },
        4 => ServerReport::ProxyRefused { code },
        5 => ServerReport::Connected,
        6 => ServerReport::Unreachable { code },
        7 => ServerReport::NoConnectivity { code },
        8 => ServerReport::Lost { code },
        9 => ServerReport::SendTimedOut { code },
        10 => ServerReport::Alive,
        11 => ServerReport::Flushed,
        _ => ServerReport::Fault { code },
    })
}
