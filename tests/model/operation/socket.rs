//! Operations of local datagrams.

use lankeeper::IpConfig;

/// A request about a socket, or a report of the backend about one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SocketOp {
    /// Opens one over any handle that was ever given, or over one that is open.
    Open {
        handle: usize,
        any: bool,
        port: Option<u16>,
    },
    Close {
        which: usize,
    },
    Receiving {
        which: usize,
        on: bool,
    },
    /// Sends, at an instant that is this much too early, as often as this.
    Send {
        which: usize,
        to: u8,
        port: u16,
        size: usize,
        early: u64,
        times: u8,
    },
    /// A datagram comes to a port that was bound once.
    Receive {
        which: usize,
        from: u8,
        to: u8,
        room: usize,
    },
    BindFailed {
        which: usize,
    },
    SendFailed {
        which: usize,
    },
    /// An interface comes up, if it was opened.
    ComeUp {
        port: usize,
    },
}

impl SocketOp {
    pub(crate) fn decode(first: u8, a: u8, b: u8) -> Self {
        let which = usize::from(a % 4);
        match first % 24 {
            0..=3 => Self::Open {
                handle: usize::from(a),
                any: b >= 224,
                port: PORTS[usize::from(b % 8)],
            },
            4 => Self::Close { which },
            5 => Self::Receiving {
                which,
                on: b.is_multiple_of(2),
            },
            6..=12 => Self::Send {
                which,
                to: b,
                port: [4000, 4000, 4000, 67, 65_535, 4000, 68, 0][usize::from(a / 32)],
                size: [0, 65_508, 5, 5, 65_507, 5, 5, 5][usize::from(b / 32)],
                early: u64::from(a / 4 % 8) / 7 * 1_000,
                times: if a % 32 < 20 { 1 } else { 120 },
            },
            13..=18 => Self::Receive {
                which,
                from: b,
                to: [0, 0, 1, a / 16][usize::from(a / 4 % 4)],
                room: [4, 5, 5, 5][usize::from(b / 64)],
            },
            19 => Self::BindFailed { which },
            20 => Self::SendFailed { which },
            _ => Self::ComeUp {
                port: usize::from(a % 2),
            },
        }
    }
}

const PORTS: [Option<u16>; 8] = [
    None,
    None,
    Some(5_000),
    Some(5_000),
    Some(1_024),
    Some(1_023),
    Some(49_152),
    Some(65_535),
];

/// An address, or what is none. Most of them are the interface's own, or near it.
pub(crate) fn text_of(choice: u8, ip: Option<IpConfig>) -> String {
    if let Some(near) = ip.filter(|_| choice % 32 < 16) {
        let own = near.address();
        let last = near.prefix().broadcast().unwrap_or(own);
        let [first, second, third, fourth] = own.octets();
        let other = |bits: u8| [first, second, third, fourth ^ bits].into();
        let near = [own, last, near.prefix().network(), other(1)];
        let near = near.get(usize::from(choice % 8)).copied();
        return near.unwrap_or_else(|| other(12)).to_string();
    }
    TEXTS[usize::from(choice % 16)].to_owned()
}

/// Addresses of the device and of others; the last ones are none.
const TEXTS: [&str; 16] = [
    "255.255.255.255",
    "192.168.7.5",
    "192.168.7.9",
    "255.255.255.255",
    "192.168.7.255",
    "10.1.1.7",
    "10.1.1.9",
    "192.168.7.6",
    "11.255.255.255",
    "1.2.3.255",
    "8.8.8.8",
    "172.31.0.1",
    "172.32.0.1",
    "192.168.07.9",
    "192.168.7",
    " 10.1.1.9",
];
