//! Bytes become operations: the same for a random walk and for fuzzing.

pub(crate) mod server;
pub(crate) mod socket;
pub(crate) mod stored;

use lankeeper::{Lease, Medium, Report};

use server::ServerOp;
use socket::SocketOp;
use stored::StoreOp;

/// One operation of the application, the backend, the clock or the program's loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    /// Time passes, and every deadline is handled at its instant.
    Pass {
        micros: u64,
    },
    /// Time passes to the next deadline and this much beyond it, and is handled once.
    Late {
        micros: u64,
    },
    /// Time is handled with an instant that is this much too early.
    Early {
        micros: u64,
    },
    /// Opens an interface, by its generic name or not, with settings of a kind.
    Open {
        port: usize,
        settings: u8,
    },
    /// Closes one of all handles that were ever given.
    Close {
        which: usize,
    },
    /// Tries again over one of these handles.
    Retry {
        which: usize,
    },
    Enable {
        port: usize,
        on: bool,
    },
    /// The report that goes on where an interface waits, in time.
    Answer {
        port: usize,
    },
    /// Any report with the ticket of a command of its kind: the newest one, or an older one.
    Report {
        port: usize,
        report: u8,
        age: usize,
        code: i32,
    },
    /// A report that no command of this kind has.
    Forged {
        port: usize,
        report: u8,
        kind: u8,
    },
    /// Whether outputs are left where they are, from now on.
    Linger {
        commands: bool,
        notices: bool,
    },
    TakeCommands,
    TakeNotices {
        most: usize,
    },
    Server(ServerOp),
    Socket(SocketOp),
    Store(StoreOp),
}

/// Reads operations until the bytes end.
pub(crate) fn decode(bytes: &[u8]) -> Vec<Op> {
    let mut rest = bytes.iter().copied();
    let mut ops = Vec::new();
    while let Some(first) = rest.next() {
        let mut byte = || rest.next().unwrap_or(0);
        let (a, b) = (byte(), byte());
        let port = usize::from(a % 3);
        let which = usize::from(b);
        ops.push(match first {
            0..=29 => Op::Pass { micros: span(a, b) },
            30..=37 => Op::Late {
                micros: span(a % 4, b),
            },
            38..=39 => Op::Early { micros: span(a, b) },
            40..=52 => Op::Open { port, settings: b },
            53..=57 => Op::Close { which },
            58..=63 => Op::Retry { which },
            64..=66 => Op::Enable {
                port,
                on: b % 4 != 0,
            },
            67..=97 => Op::Answer { port },
            98..=127 => Op::Socket(SocketOp::decode(first - 98, a, b)),
            128..=191 => Op::Server(ServerOp::decode(first, a, b)),
            192..=196 => Op::Store(StoreOp::decode(b)),
            197..=231 => Op::Report {
                port,
                report: b,
                age: usize::from(a / 3 % 16).saturating_sub(12),
                code: i32::from(b / 32),
            },
            232..=239 => Op::Forged {
                port,
                report: b,
                kind: a / 3,
            },
            240..=243 => Op::Linger {
                commands: a % 4 == 0,
                notices: b % 4 == 0,
            },
            244..=249 => Op::TakeCommands,
            _ => Op::TakeNotices {
                most: usize::from(a % 8),
            },
        });
    }
    ops
}

/// A time in microseconds: often none or a little, at times an hour.
fn span(kind: u8, amount: u8) -> u64 {
    let amount = u64::from(amount);
    match kind % 8 {
        0 => amount % 3,
        1 => amount * 1_000,
        2 => amount * 50_000,
        3 => amount * 300_000,
        4 => 1_000_000,
        5 => amount * 1_000_000,
        6 => 60_000_000 + amount,
        _ => amount * 4_000_000,
    }
}

pub(crate) fn lease_of(choice: u8) -> Lease {
    let (address, length) = match choice {
        9 => ([1, 2, 3, 4], 24),
        10 => ([10, 0, 0, 5], 7),
        11 => ([192, 168, 7, 5], 31),
        13 => ([192, 168, 7, 5], 32),
        14 => ([10, 1, 1, 9], 24),
        _ => match choice % 4 {
            0 => ([0, 0, 0, 0], 24),
            3 => ([192, 168, 7, 6], 24),
            _ => ([192, 168, 7, 5], 24),
        },
    };
    let lease = Lease::new(address.into(), length);
    if choice % 8 == 6 {
        return lease.with_gateway([192, 168, 7, 1].into());
    }
    lease
}

pub(crate) fn report_of(medium: Medium, choice: u8, code: i32) -> Report {
    let lease = lease_of(choice / 16);
    if choice % 16 == 15 {
        return Report::Fault { code };
    }
    match (medium, choice % 15) {
        (_, 0) => Report::Ready,
        (Medium::Wifi, 1) => Report::WpsStarted,
        (Medium::Wifi, 2) => Report::NetworkFound,
        (Medium::Wifi, 3) => Report::NetworkNotFound { code },
        (Medium::Wifi, 4) => Report::Joined,
        (Medium::Wifi, 5..=7) => Report::WrongKey { code },
        (Medium::Wifi, 8) => Report::JoinRejected { code },
        (Medium::Wifi, 9) => Report::LinkLost { code },
        (Medium::Ethernet, 1..=5) => Report::CarrierUp,
        (Medium::Ethernet, 6..=9) => Report::CarrierDown,
        (Medium::Cellular, 1) => Report::ModemAlive,
        (Medium::Cellular, 2) => Report::SimReady,
        (Medium::Cellular, 3) => Report::SimFailed { code },
        (Medium::Cellular, 4..=6) => Report::Registered,
        (Medium::Cellular, 7) => Report::RegistrationDenied { code },
        (Medium::Cellular, 8..=9) => Report::RegistrationLost,
        (Medium::Cellular, 10..=12) => Report::PppUp(lease),
        (Medium::Cellular, _) => Report::PppDown { code },
        (_, 10 | 11) => Report::Lease(lease),
        (_, 12) => Report::LeaseRefused { code },
        (_, 13) => Report::LeaseLost,
        _ => Report::AddressConflict,
    }
}
