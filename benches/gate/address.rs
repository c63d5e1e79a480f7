//! Readers of addresses in text, and tests whether an address is private.

use std::net::{IpAddr, Ipv4Addr};

use ip_network::Ipv4Network;
use ipnet::Ipv4Net;
use iprange::IpRange;
use lankeeper::ipv4::{is_private, parse_dotted_quad};
use prefix_trie::PrefixSet;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::limiter::PASSES;
use crate::shared::engine::{Engine, Group, Stream, bound, ours, peer};
use crate::shared::report::{Goal, What};

/// How many texts or addresses each stream has.
pub const LENGTH: usize = 16_384;

const PRIVATE: [&str; 3] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

pub static PARSE: Group<String> = Group {
    name: "dotted quad",
    streams: &[
        Stream {
            name: "random",
            record: || addresses().iter().map(Ipv4Addr::to_string).collect(),
        },
        Stream {
            name: "repeated",
            record: || vec!["192.168.1.77".into(); LENGTH],
        },
        Stream {
            name: "half malformed",
            record: || half_malformed(addresses().iter().map(Ipv4Addr::to_string).collect()),
        },
    ],
    passes: PASSES,
    idle: bound::<_, IdleText>("loop"),
    contenders: &[
        ours::<_, OurParse>("lankeeper"),
        peer::<_, StdParse>("std Ipv4Addr"),
        peer::<_, StdIpParse>("std IpAddr"),
    ],
    goals: &[
        Goal::beside("random", What::Instructions, "std Ipv4Addr", 0.65),
        Goal::beside("random", What::Nanos, "std Ipv4Addr", 0.8),
        Goal::beside("repeated", What::Nanos, "std Ipv4Addr", 0.56),
        Goal::above(
            "random",
            What::Instructions,
            "a kernel by hand",
            132.0,
            1.15,
        ),
    ],
};

pub static FILTER: Group<Ipv4Addr> = Group {
    name: "private address",
    streams: &[Stream {
        name: "half private",
        record: half_private,
    }],
    passes: PASSES,
    idle: bound::<_, IdleAddress>("loop"),
    contenders: &[
        ours::<_, OurFilter>("lankeeper"),
        peer::<_, StdFilter>("std is_private"),
        peer::<_, Networks<Ipv4Network>>("ip_network x3"),
        peer::<_, Networks<Ipv4Net>>("ipnet x3"),
        peer::<_, Range>("iprange"),
        peer::<_, Trie>("prefix-trie"),
    ],
    goals: &[
        Goal::beside("half private", What::Instructions, "ipnet x3", 0.25),
        Goal::beside("half private", What::Nanos, "std is_private", 0.25),
        Goal::above(
            "half private",
            What::Instructions,
            "a kernel by hand",
            13.0,
            1.3,
        ),
    ],
};

fn random() -> Pcg64Mcg {
    Pcg64Mcg::seed_from_u64(20_261_120)
}

fn addresses() -> Vec<Ipv4Addr> {
    let mut random = random();
    (0..LENGTH)
        .map(|_| Ipv4Addr::from_bits(random.random()))
        .collect()
}

/// Any addresses, every second one moved into one of the private ranges.
fn half_private() -> Vec<Ipv4Addr> {
    let mut random = random();
    let mut moved = |address: Ipv4Addr| {
        let range: Ipv4Net = PRIVATE[random.random_range(0..PRIVATE.len())]
            .parse()
            .unwrap();
        let host = address.to_bits() & range.hostmask().to_bits();
        match random.random() {
            true => Ipv4Addr::from_bits(range.network().to_bits() | host),
            false => address,
        }
    };
    addresses().into_iter().map(&mut moved).collect()
}

/// One character replaced in every second text, by one that may not stand there.
pub fn half_malformed(texts: Vec<String>) -> Vec<String> {
    let mut random = random();
    let mut break_ = |(index, text): (usize, String)| {
        let mut text = text.into_bytes();
        if index % 2 == 1 {
            let place = random.random_range(0..text.len());
            text[place] = b" x-+/"[random.random_range(0..5)];
        }
        String::from_utf8(text).unwrap()
    };
    texts.into_iter().enumerate().map(&mut break_).collect()
}

/// 0 without an address, else the address and one.
fn number(address: Option<Ipv4Addr>) -> u64 {
    address.map_or(0, |address| 1 + u64::from(address.to_bits()))
}

/// An engine without a state, from texts or from addresses.
macro_rules! stateless {
    ($($(#[$doc:meta])* $name:ident($input:ident: $item:ty) $decide:expr;)*) => {
        $(
            $(#[$doc])*
            struct $name;

            impl Engine<$item> for $name {
                type Input = $item;
                const BYTES: usize = 0;

                fn fresh() -> Self {
                    Self
                }

                fn prepare(item: &$item) -> $item {
                    item.clone()
                }

                fn decide(&mut self, $input: &$item) -> u64 {
                    $decide
                }
            }
        )*
    };
}

stateless! {
    /// The loop alone: counts the texts.
    IdleText(text: String) u64::from(!text.is_empty());
    OurParse(text: String) number(parse_dotted_quad(text).ok());
    StdParse(text: String) number(text.parse().ok());
    StdIpParse(text: String) number(match text.parse() {
        Ok(IpAddr::V4(address)) => Some(address),
        Ok(IpAddr::V6(_)) | Err(_) => None,
    });
    /// The loop alone: counts the addresses.
    IdleAddress(address: Ipv4Addr) u64::from(!address.is_unspecified());
    OurFilter(address: Ipv4Addr) is_private(*address).into();
    StdFilter(address: Ipv4Addr) address.is_private().into();
}

/// A network of another crate.
trait Network: Sized {
    fn named(text: &str) -> Self;
    fn has(&self, address: Ipv4Addr) -> bool;
}

impl Network for Ipv4Network {
    fn named(text: &str) -> Self {
        text.parse().unwrap()
    }

    fn has(&self, address: Ipv4Addr) -> bool {
        self.contains(address)
    }
}

impl Network for Ipv4Net {
    fn named(text: &str) -> Self {
        text.parse().unwrap()
    }

    fn has(&self, address: Ipv4Addr) -> bool {
        self.contains(&address)
    }
}

/// The three private ranges, one asked after the other.
struct Networks<N>([N; 3]);

impl<N: Network> Engine<Ipv4Addr> for Networks<N> {
    type Input = Ipv4Addr;
    const BYTES: usize = size_of::<[N; 3]>();

    fn fresh() -> Self {
        Self(PRIVATE.map(N::named))
    }

    fn prepare(address: &Ipv4Addr) -> Ipv4Addr {
        *address
    }

    fn decide(&mut self, address: &Ipv4Addr) -> u64 {
        self.0.iter().any(|network| network.has(*address)).into()
    }
}

struct Range(IpRange<Ipv4Net>);

impl Engine<Ipv4Addr> for Range {
    type Input = Ipv4Addr;
    const BYTES: usize = size_of::<IpRange<Ipv4Net>>();

    fn fresh() -> Self {
        Self(PRIVATE.map(Ipv4Net::named).into_iter().collect())
    }

    fn prepare(address: &Ipv4Addr) -> Ipv4Addr {
        *address
    }

    fn decide(&mut self, address: &Ipv4Addr) -> u64 {
        self.0.contains(address).into()
    }
}

struct Trie(PrefixSet<Ipv4Net>);

impl Engine<Ipv4Addr> for Trie {
    type Input = Ipv4Net;
    const BYTES: usize = size_of::<PrefixSet<Ipv4Net>>();

    fn fresh() -> Self {
        Self(PRIVATE.map(Ipv4Net::named).into_iter().collect())
    }

    fn prepare(address: &Ipv4Addr) -> Ipv4Net {
        Ipv4Net::from(*address)
    }

    fn decide(&mut self, address: &Ipv4Net) -> u64 {
        self.0.get_lpm(address).is_some().into()
    }
}
