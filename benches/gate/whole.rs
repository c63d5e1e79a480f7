//! The whole check of a destination, without and with the limiter.

use std::hint::black_box;
use std::net::Ipv4Addr;

use ip_network::Ipv4Network;
use ipnet::Ipv4Net;
use lankeeper::ipv4::parse_dotted_quad;
use lankeeper::udp::{AddressError, AddressFilter, Destination, Gate, GateError};
use lankeeper::{Instant, Prefix, Quota};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::address::{LENGTH, half_malformed};
use crate::limiter::{Governor, PASSES};
use crate::shared::engine::{Engine, Group, Stream, bound, ours, peer};
use crate::shared::report::{Goal, What};

const OWN: Ipv4Addr = Ipv4Addr::new(172, 16, 5, 7);
const LENGTH_OF_PREFIX: u8 = 16;
const PORT: u16 = 5_000;

/// The decisions in the terms of all engines.
const MALFORMED: u64 = 0;
const NOT_LOCAL: u64 = 1;
const OUTSIDE: u64 = 2;
const LIMITED_BROADCAST: u64 = 3;
const SUBNET_BROADCAST: u64 = 4;
const UNICAST: u64 = 5;
const WOULD_BLOCK: u64 = 6;
const SENT: u64 = 7;
const NOT_PRIVATE: u64 = 8;

pub static CHECK: Group<String> = Group {
    name: "whole check",
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
    passes: PASSES,
    idle: bound::<_, Idle>("loop"),
    contenders: &[
        ours::<_, OurCheck>("lankeeper"),
        peer::<_, TheirCheck<Ipv4Net>>("std+ipnet"),
        peer::<_, TheirCheck<Ipv4Network>>("std+ip_network"),
        peer::<_, TheirCheck<Masked>>("std alone"),
    ],
    goals: &[
        Goal::beside("good", What::Instructions, "std+ipnet", 0.7),
        Goal::beside("good", What::Nanos, "std+ipnet", 0.71),
        Goal::above("good", What::Instructions, "a kernel by hand", 163.0, 1.1),
    ],
};

pub static GATE: Group<(u64, String)> = Group {
    name: "whole gate",
    streams: &[Stream {
        name: "half too many",
        record: || {
            (0..)
                .map(|n| 10_000_000 + n * 20_000)
                .zip(neighbours())
                .collect()
        },
    }],
    passes: PASSES,
    idle: bound::<_, Idle>("loop"),
    contenders: &[
        ours::<_, Gate>("lankeeper"),
        peer::<_, Theirs<Ipv4Net>>("std+ipnet+governor"),
        peer::<_, Theirs<Ipv4Network>>("std+ip_network+governor"),
        peer::<_, Theirs<Masked>>("std+governor"),
    ],
    goals: &[Goal::beside(
        "half too many",
        What::Instructions,
        "std+ipnet+governor",
        0.7,
    )],
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
            Err(AddressError::NotPrivate) => NOT_PRIVATE,
            Err(_) => NOT_LOCAL,
        }
    }
}

/// The own subnet of another crate.
trait Subnet {
    fn new(own: Ipv4Addr, length: u8) -> Self;
    fn has(&self, address: Ipv4Addr) -> bool;
    fn last(&self) -> Ipv4Addr;
}

impl Subnet for Ipv4Net {
    fn new(own: Ipv4Addr, length: u8) -> Self {
        Self::new(own, length).unwrap()
    }

    fn has(&self, address: Ipv4Addr) -> bool {
        self.contains(&address)
    }

    fn last(&self) -> Ipv4Addr {
        self.broadcast()
    }
}

impl Subnet for Ipv4Network {
    fn new(own: Ipv4Addr, length: u8) -> Self {
        Self::new_truncate(own, length).unwrap()
    }

    fn has(&self, address: Ipv4Addr) -> bool {
        self.contains(address)
    }

    fn last(&self) -> Ipv4Addr {
        self.broadcast_address()
    }
}

/// Without a library: a network and its host bits.
struct Masked(u32, u32);

impl Subnet for Masked {
    fn new(own: Ipv4Addr, length: u8) -> Self {
        let hosts = u32::MAX >> length;
        Self(own.to_bits() & !hosts, hosts)
    }

    fn has(&self, address: Ipv4Addr) -> bool {
        address.to_bits() & !self.1 == self.0
    }

    fn last(&self) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.0 | self.1)
    }
}

/// The same check from std, the own address and a subnet.
struct TheirCheck<S>(Ipv4Addr, S);

impl<S: Subnet> Engine<String> for TheirCheck<S> {
    type Input = String;
    const BYTES: usize = size_of::<Self>();

    fn fresh() -> Self {
        let own = black_box(OWN);
        Self(own, S::new(own, black_box(LENGTH_OF_PREFIX)))
    }

    fn prepare(text: &String) -> String {
        text.clone()
    }

    fn decide(&mut self, text: &String) -> u64 {
        let Ok(address) = text.parse::<Ipv4Addr>() else {
            return MALFORMED;
        };
        let is_limited = address.is_broadcast();
        if !address.is_private() && !is_limited {
            return if address == self.1.last() {
                NOT_PRIVATE
            } else {
                NOT_LOCAL
            };
        }
        if !self.0.is_private() {
            NOT_PRIVATE
        } else if is_limited {
            LIMITED_BROADCAST
        } else if !self.1.has(address) {
            OUTSIDE
        } else if address == self.1.last() {
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
        match self.check(*now, (text.as_str(), PORT), text.len()) {
            Ok(_) => SENT,
            Err(GateError::WouldBlock(_)) => WOULD_BLOCK,
            Err(GateError::OutsideSubnet) => OUTSIDE,
            Err(GateError::NotLocal) => NOT_LOCAL,
            Err(GateError::NotConnected) => NOT_PRIVATE,
            Err(_) => MALFORMED,
        }
    }
}

struct Theirs<S> {
    check: TheirCheck<S>,
    governor: Governor,
}

impl<S: Subnet> Engine<(u64, String)> for Theirs<S> {
    type Input = (u64, String);
    const BYTES: usize = TheirCheck::<S>::BYTES + Governor::BYTES;

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
