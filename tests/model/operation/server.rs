//! Operations of the server connection.

use lankeeper::{Policy, ServerReport, Span};

/// What an application asks of the server connection, and what the backend reports of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServerOp {
    Connect {
        millis: Option<u32>,
    },
    ConnectWith {
        port: usize,
        settings: u8,
        millis: Option<u32>,
    },
    Disconnect {
        millis: Option<u32>,
    },
    Call,
    Wake,
    Policy {
        policy: Policy,
    },
    Order {
        choice: u8,
    },
    Select {
        port: Option<usize>,
    },
    /// The report with which the connection goes on.
    Answer,
    /// The connection comes about, whatever is missing.
    ComeUp,
    /// Any report of the newest command of its kind, or of an older one.
    Report {
        report: u8,
        age: usize,
        code: i32,
    },
}

impl ServerOp {
    pub(crate) fn decode(first: u8, a: u8, b: u8) -> Self {
        let port = usize::from(a % 3);
        let millis = match b % 8 {
            0 => Some(1 + u32::from(a) * 100),
            1 => Some(1 + u32::from(a) * 2_000),
            _ => None,
        };
        match first % 64 {
            0..=6 => Self::Connect { millis },
            7..=11 => Self::ConnectWith {
                port,
                settings: a / 3,
                millis,
            },
            12..=14 => Self::Disconnect {
                millis: millis.filter(|_| a.is_multiple_of(4)).or(Some(700)),
            },
            15 | 16 => Self::Disconnect { millis: None },
            17..=19 => Self::Call,
            20 => Self::Wake,
            21 | 22 => Self::Policy {
                policy: POLICIES[usize::from(a % 3)],
            },
            23..=25 => Self::Order { choice: a },
            26 => Self::Select {
                port: (!b.is_multiple_of(3)).then_some(port),
            },
            27..=43 => Self::Answer,
            44..=51 => Self::ComeUp,
            _ => Self::Report {
                report: b,
                age: usize::from(a / 3 % 16).saturating_sub(12),
                code: i32::from(b / 32),
            },
        }
    }
}

/// The policies that the model knows.
pub(crate) const POLICIES: [Policy; 3] = [
    Policy::ReturnOnError,
    Policy::ReturnOnErrorNoDisconnect,
    Policy::SuspendOnError,
];

/// An order of up to three interfaces; one lists an interface twice, which is an error.
pub(crate) fn order_of(choice: u8) -> Vec<usize> {
    let orders: [&[usize]; 10] = [
        &[0, 1, 2],
        &[0, 2],
        &[2, 0],
        &[2],
        &[0],
        &[1, 2],
        &[2, 1, 0],
        &[],
        &[0, 1, 0],
        &[1],
    ];
    orders[usize::from(choice % 10)].to_vec()
}

pub(crate) fn span_of(millis: Option<u32>) -> Option<Span> {
    millis.and_then(Span::from_millis)
}

pub(crate) fn report_of(choice: u8, code: i32) -> ServerReport {
    match choice % 16 {
        0 => ServerReport::Resolved,
        1 => ServerReport::NotResolved { code },
        2 => ServerReport::ProxyReached,
        3 => ServerReport::ProxyUnreachable { code },
        4 => ServerReport::ProxyRefused { code },
        5 => ServerReport::Connected,
        6 => ServerReport::Unreachable { code },
        7 => ServerReport::NoConnectivity { code },
        8 | 9 | 15 => ServerReport::Lost { code },
        10 => ServerReport::SendTimedOut { code },
        11 | 12 => ServerReport::Alive,
        13 => ServerReport::Flushed,
        _ => ServerReport::Fault { code },
    }
}

/// Which reports a command has, by the table of the backend's guide.
pub(crate) fn answers(what: &str, report: ServerReport) -> bool {
    match report {
        ServerReport::Fault { .. } => true,
        ServerReport::Resolved | ServerReport::NotResolved { .. } => what == "resolve",
        ServerReport::ProxyReached => what == "reach proxy",
        ServerReport::ProxyUnreachable { .. } | ServerReport::ProxyRefused { .. } => {
            matches!(what, "reach proxy" | "connect")
        }
        ServerReport::NoConnectivity { .. } => what != "disconnect",
        ServerReport::Flushed => what == "flush",
        _ => what == "connect",
    }
}
