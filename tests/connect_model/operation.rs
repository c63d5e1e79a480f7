//! Random operations on a device with three interfaces.

use lankeeper::{Lease, Policy, Report, ServerReport};
use proptest::prelude::*;

use super::settings::Extras;

/// A NIC in a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given {
    pub(super) name: &'static str,
    pub(super) extras: Extras,
    /// `None` for new settings, otherwise those of the NIC this many NICs ago.
    pub(super) back: Option<u32>,
}

/// How long an attempt may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeout(pub(super) Option<u64>);

/// One operation of the application, the backend or the clock. Interfaces, handles and tickets are
/// numbers: how far before the latest one.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Pass(u64),
    /// To an instant before, at or after the next deadline.
    ToDeadline {
        before: u64,
        beyond: u64,
    },
    Back(u64),
    Open(Given),
    Close(usize),
    Retry(usize),
    OpenSocket(usize),
    SetEnabled(usize, bool),
    Connect(Timeout),
    ConnectWith(Given, Timeout),
    Disconnect(u64),
    ServerCall,
    NoteWake,
    SetPolicy(Policy),
    SetOrder(Vec<usize>),
    StoreWifi(u32),
    StoreStatic(u32),
    StoreProxy(u32),
    Clear(u8),
    Provision(Extras, u32),
    PersistFailed(i32),
    /// The lengths of the key and of the password.
    Sealed {
        lengths: [Option<usize>; 2],
        back: usize,
    },
    /// The report that completes the current step of the interface, with the right ticket.
    Answer(usize),
    Report(usize, Report, usize),
    /// The same for the server connection.
    AnswerServer,
    ServerReport(ServerReport, usize),
    /// One of the failures that fit.
    Refuse(usize, i32),
    /// What ended something on the interface, and the server connection, has failed.
    FailToEnd(usize, i32),
    /// Good answers until the server is connected, or no command is left to answer.
    Climb,
    TakeCommands(usize),
    TakeNotices,
    Restart,
}

fn extras() -> impl Strategy<Value = Extras> {
    (0_u8..8).prop_map(|bits| Extras {
        wifi: bits & 1 != 0,
        fixed: bits & 2 != 0,
        proxy: bits & 4 != 0,
    })
}

fn given() -> impl Strategy<Value = Given> {
    let names = prop::sample::select(vec![
        "wl0", "wl0", "wl0", "wifi", "wl0i", "wl1", "eth0", "eth0", "eth0", "ethernet", "cell0",
        "cell", "eth7",
    ]);
    let none = Extras {
        wifi: false,
        fixed: false,
        proxy: false,
    };
    let extras = prop_oneof![1 => Just(none), 1 => extras()];
    let back = prop_oneof![3 => Just(None), 2 => (0_u32..3).prop_map(Some)];
    (names, extras, back).prop_map(|(name, extras, back)| Given { name, extras, back })
}

fn timeout() -> impl Strategy<Value = Timeout> {
    prop::sample::select(vec![
        None,
        None,
        None,
        None,
        Some(1_000),
        Some(1_000_000),
        Some(20_000_000),
        Some(300_000_000),
    ])
    .prop_map(Timeout)
}

fn span() -> impl Strategy<Value = u64> {
    prop_oneof![
        2 => Just(0_u64),
        3 => Just(1),
        6 => 0_u64..2_000_000,
        4 => 0_u64..70_000_000,
        1 => 0_u64..1_200_000_000,
    ]
}

/// A time-out in whole milliseconds.
fn flush() -> impl Strategy<Value = u64> {
    prop_oneof![1 => 1_u64..2_000, 1 => 1_u64..70_000].prop_map(|millis| millis * 1_000)
}

fn policy() -> impl Strategy<Value = Policy> {
    prop::sample::select(vec![
        Policy::SuspendOnError,
        Policy::SuspendOnError,
        Policy::ReturnOnError,
        Policy::ReturnOnError,
        Policy::ReturnOnErrorNoDisconnect,
    ])
}

/// Mostly a whole order, sometimes a short one, an empty one, or one that is not allowed.
fn order() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![
        6 => Just(vec![0_usize, 1, 2]).prop_shuffle(),
        2 => prop::collection::vec(0_usize..3, 0..4),
        1 => prop::collection::vec(0_usize..4, 0..3),
    ]
}

fn lease() -> impl Strategy<Value = Lease> {
    prop_oneof![
        5 => (1_u8..5).prop_map(|host| {
            Lease::new([192, 168, 1, host].into(), 24).with_gateway([192, 168, 1, 254].into())
        }),
        1 => Just(Lease::new([0, 0, 0, 0].into(), 24)),
    ]
}

fn report() -> impl Strategy<Value = Report> {
    let code = || 0_i32..4;
    prop_oneof![
        4 => prop_oneof![
            Just(Report::WpsStarted),
            Just(Report::NetworkFound),
            code().prop_map(|code| Report::NetworkNotFound { code }),
            Just(Report::Joined),
            code().prop_map(|code| Report::WrongKey { code }),
            code().prop_map(|code| Report::JoinRejected { code }),
            code().prop_map(|code| Report::LinkLost { code }),
        ],
        3 => prop_oneof![
            Just(Report::CarrierUp),
            Just(Report::CarrierDown),
            lease().prop_map(Report::Lease),
            code().prop_map(|code| Report::LeaseRefused { code }),
            Just(Report::LeaseLost),
        ],
        4 => prop_oneof![
            Just(Report::ModemAlive),
            Just(Report::SimReady),
            code().prop_map(|code| Report::SimFailed { code }),
            Just(Report::Registered),
            code().prop_map(|code| Report::RegistrationDenied { code }),
            Just(Report::RegistrationLost),
            lease().prop_map(Report::PppUp),
            code().prop_map(|code| Report::PppDown { code }),
        ],
        2 => prop_oneof![
            Just(Report::Ready),
            code().prop_map(|code| Report::Fault { code }),
        ],
    ]
}

fn server_report() -> impl Strategy<Value = ServerReport> {
    (0_usize..12, 0_i32..4).prop_map(|(which, code)| match which {
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
        10 => ServerReport::Flushed,
        _ => ServerReport::Fault { code },
    })
}

/// Mostly the latest one.
fn back() -> impl Strategy<Value = usize> {
    prop_oneof![6 => Just(0_usize), 2 => 0_usize..8]
}

fn time() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => span().prop_map(Op::Pass),
        4 => Just(Op::ToDeadline { before: 0, beyond: 0 }),
        1 => Just(Op::ToDeadline { before: 1, beyond: 0 }),
        2 => span().prop_map(|beyond| Op::ToDeadline { before: 0, beyond }),
        1 => span().prop_map(Op::Back),
    ]
}

fn local() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => given().prop_map(Op::Open),
        2 => (0_usize..8).prop_map(Op::Close),
        1 => (0_usize..8).prop_map(Op::Retry),
        1 => (0_usize..8).prop_map(Op::OpenSocket),
        1 => (0_usize..3, prop::bool::weighted(0.7)).prop_map(|(of, on)| Op::SetEnabled(of, on)),
    ]
}

fn server() -> impl Strategy<Value = Op> {
    prop_oneof![
        5 => timeout().prop_map(Op::Connect),
        10 => (given(), timeout()).prop_map(|(given, timeout)| Op::ConnectWith(given, timeout)),
        2 => prop_oneof![2 => Just(0), 1 => flush()].prop_map(Op::Disconnect),
        2 => Just(Op::ServerCall),
        1 => Just(Op::NoteWake),
        3 => policy().prop_map(Op::SetPolicy),
        1 => order().prop_map(Op::SetOrder),
    ]
}

fn settings() -> impl Strategy<Value = Op> {
    let number = || 0_u32..6;
    prop_oneof![
        6 => number().prop_map(Op::StoreWifi),
        2 => number().prop_map(Op::StoreStatic),
        5 => number().prop_map(Op::StoreProxy),
        4 => (0_u8..8).prop_map(Op::Clear),
        1 => (extras(), number()).prop_map(|(extras, number)| Op::Provision(extras, number)),
        1 => (0_i32..4).prop_map(Op::PersistFailed),
        4 => ([sealed(), sealed()], back())
            .prop_map(|(lengths, back)| Op::Sealed { lengths, back }),
    ]
}

/// The length of a sealed secret, mostly one that fits.
fn sealed() -> impl Strategy<Value = Option<usize>> {
    prop_oneof![
        6 => prop::sample::select(vec![1_usize, 5, 80]).prop_map(Some),
        2 => prop::sample::select(vec![0_usize, 81, 112, 113]).prop_map(Some),
        1 => Just(None),
    ]
}

fn backend() -> impl Strategy<Value = Op> {
    prop_oneof![
        8 => (0_usize..3).prop_map(Op::Answer),
        4 => (0_usize..3, report(), back()).prop_map(|(of, report, back)| Op::Report(of, report, back)),
        5 => Just(Op::AnswerServer),
        4 => (server_report(), back()).prop_map(|(report, back)| Op::ServerReport(report, back)),
        3 => (0_usize..6, 0_i32..4).prop_map(|(which, code)| Op::Refuse(which, code)),
        1 => (0_usize..3, 0_i32..4).prop_map(|(which, code)| Op::FailToEnd(which, code)),
        5 => Just(Op::Climb),
        3 => (1_usize..4).prop_map(Op::TakeCommands),
        3 => Just(Op::TakeCommands(usize::MAX)),
        3 => Just(Op::TakeNotices),
    ]
}

pub(super) fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        12 => time(),
        10 => local(),
        16 => server(),
        8 => settings(),
        40 => backend(),
        1 => prop_oneof![7 => Just(Op::TakeNotices), 1 => Just(Op::Restart)],
    ]
}
