//! The whole check of a destination, without and with the limiter.

use std::hint::black_box;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use lankeeper::{
    AddressError, AddressFilter, Destination, Gate, Instant, Prefix, Quota, SendError,
    parse_dotted_quad,
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::address::{LENGTH, half_malformed};
use crate::engine::{Engine, Group, Stream, contender};
use crate::limiter::Governor;
use crate::report::{Goal, What};

const OWN: Ipv4Addr = Ipv4Addr::new(172, 16, 5, 7);
const LENGTH_OF_PREFIX: u8 = 16;
const PORT: u16 = 5_000;

/// What becomes of a destination, for all engines.
const MALFORMED: u64 = 0;
const NOT_LOCAL: u64 = 1;
const OUTSIDE: u64 = 2;
const LIMITED_BROADCAST: u64 = 3;
const SUBNET_BROADCAST: u64 = 4;
const UNICAST: u64 = 5;
const WOULD_BLOCK: u64 = 6;
const SENT: u64 = 7;

pub static CHECK: Group<String> = Group {
    name: "check",
    streams: &[
        Stream {
            name: "good",
            record: || neighbours().collect(),
        },
        Stream {
            name: "half malformed",
            record: || half_malformed(neighbours().collect()),
        },
    ],
    idle: contender::<_, Idle>("loop"),
    contenders: &[
        contender::<_, OurCheck>("lankeeper"),
        contender::<_, TheirCheck>("std+ipnet"),
    ],
    goals: &[
        Goal {
            stream: "good",
            peer: "std+ipnet",
            what: What::Instructions,
            most: 0.7,
        },
        Goal {
            stream: "good",
            peer: "std+ipnet",
            what: What::Nanos,
            most: 0.71,
        },
    ],
};

pub static GATE: Group<(u64, String)> = Group {
    name: "gate",
    streams: &[Stream {
        name: "half too many",
        record: || {
            (0..)
                .map(|n| 10_000_000 + n * 20_000)
                .zip(neighbours())
                .collect()
        },
    }],
    idle: contender::<_, Idle>("loop"),
    contenders: &[
        contender::<_, Gate>("lankeeper"),
        contender::<_, Theirs>("std+ipnet+governor"),
    ],
    goals: &[Goal {
        stream: "half too many",
        peer: "std+ipnet+governor",
        what: What::Instructions,
        most: 0.7,
    }],
};

/// Hosts of the own subnet.
fn neighbours() -> impl Iterator<Item = String> {
    let mut random = Pcg64Mcg::seed_from_u64(20_261_120);
    let host = move |_| {
        let [_, _, third, fourth] = random.random::<u32>().to_be_bytes();
        Ipv4Addr::new(172, 16, third, fourth).to_string()
    };
    (0..LENGTH).map(host)
}

/// The loop alone: counts the texts.
struct Idle;

impl Engine<String> for Idle {
    type Input = String;
    const BYTES: usize = 0;

    fn fresh() -> Self {
        Self
    }

    fn prepare(text: &String) -> String {
        text.clone()
    }

    fn decide(&mut self, text: &String) -> u64 {
        u64::from(!text.is_empty())
    }
}

impl Engine<(u64, String)> for Idle {
    type Input = (u64, String);
    const BYTES: usize = 0;

    fn fresh() -> Self {
        Self
    }

    fn prepare(request: &(u64, String)) -> (u64, String) {
        request.clone()
    }

    fn decide(&mut self, (now, text): &(u64, String)) -> u64 {
        u64::from(*now != 0 && !text.is_empty())
    }
}

struct OurCheck(AddressFilter);

impl Engine<String> for OurCheck {
    type Input = String;
    const BYTES: usize = size_of::<AddressFilter>();

    fn fresh() -> Self {
        let own = Prefix::new(black_box(OWN), black_box(LENGTH_OF_PREFIX));
        Self(AddressFilter::new(own.unwrap()))
    }

    fn prepare(text: &String) -> String {
        text.clone()
    }

    fn decide(&mut self, text: &String) -> u64 {
        let Ok(address) = parse_dotted_quad(text) else {
            return MALFORMED;
        };
        match self.0.check(address) {
            Ok(Destination::Unicast) => UNICAST,
            Ok(Destination::SubnetBroadcast) => SUBNET_BROADCAST,
            Ok(Destination::LimitedBroadcast) => LIMITED_BROADCAST,
            Err(AddressError::OutsideSubnet) => OUTSIDE,
            Err(_) => NOT_LOCAL,
        }
    }
}

struct TheirCheck(Ipv4Net);

impl Engine<String> for TheirCheck {
    type Input = String;
    const BYTES: usize = size_of::<Ipv4Net>();

    fn fresh() -> Self {
        Self(Ipv4Net::new(black_box(OWN), black_box(LENGTH_OF_PREFIX)).unwrap())
    }

    fn prepare(text: &String) -> String {
        text.clone()
    }

    fn decide(&mut self, text: &String) -> u64 {
        let Ok(address) = text.parse::<Ipv4Addr>() else {
            return MALFORMED;
        };
        if address.is_broadcast() {
            LIMITED_BROADCAST
        } else if !address.is_private() {
            NOT_LOCAL
        } else if !self.0.contains(&address) {
            OUTSIDE
        } else if address == self.0.broadcast() {
            SUBNET_BROADCAST
        } else {
            UNICAST
        }
    }
}

impl Engine<(u64, String)> for Gate {
    type Input = (Instant, String);
    const BYTES: usize = size_of::<Self>();

    fn fresh() -> Self {
        let own = Prefix::new(black_box(OWN), black_box(LENGTH_OF_PREFIX));
        let mut gate = Self::new(Quota::default());
        gate.set_own(own.ok());
        gate
    }

    fn prepare((now, text): &(u64, String)) -> (Instant, String) {
        (Instant::from_micros(*now), text.clone())
    }

    fn decide(&mut self, (now, text): &(Instant, String)) -> u64 {
        match self.check(*now, text.as_str(), PORT, text.len()) {
            Ok(_) => SENT,
            Err(SendError::WouldBlock(_)) => WOULD_BLOCK,
            Err(SendError::OutsideSubnet) => OUTSIDE,
            Err(SendError::NotLocal) => NOT_LOCAL,
            Err(_) => MALFORMED,
        }
    }
}

struct Theirs {
    check: TheirCheck,
    governor: Governor,
}

impl Engine<(u64, String)> for Theirs {
    type Input = (u64, String);
    const BYTES: usize = TheirCheck::BYTES + Governor::BYTES;

    fn fresh() -> Self {
        Self {
            check: TheirCheck::fresh(),
            governor: Governor::fresh(),
        }
    }

    fn prepare((now, text): &(u64, String)) -> (u64, String) {
        (Governor::prepare(now), text.clone())
    }

    fn decide(&mut self, (now, text): &(u64, String)) -> u64 {
        match self.check.decide(text) {
            UNICAST | SUBNET_BROADCAST | LIMITED_BROADCAST => {
                match Engine::<u64>::decide(&mut self.governor, now) {
                    0 => WOULD_BLOCK,
                    _ => SENT,
                }
            }
            refused => refused,
        }
    }
}
