//! The alphabets, each with the counts that were found, and whether it takes a minute or more.

use lankeeper::Policy::{KeepTrying, ReturnOnError, SuspendOnError};
use lankeeper::{InterfaceId, Span};

use crate::alphabet::Alphabet;
use crate::keys::Counts;

const ETH0: InterfaceId = InterfaceId::ETHERNET;
const WL0: InterfaceId = InterfaceId::WIFI;
const CELL0: InterfaceId = InterfaceId::CELLULAR;

const fn counts(states: usize, transitions: u64, depth: u32, steps: usize) -> Counts {
    Counts {
        states,
        transitions,
        depth,
        steps,
    }
}

pub fn all() -> Vec<(Alphabet, Counts, bool)> {
    let short = [
        Span::millis::<1>(),
        Span::millis::<1>(),
        Span::millis::<2>(),
    ];
    let socket = Alphabet {
        name: "socket",
        interfaces: [ETH0, "eth1".parse().unwrap()],
        opened: [true, false],
        connects: 0,
        named: &[],
        given: false,
        sockets: true,
        late: true,
        policies: &[],
        orders: &[],
        selects: false,
        flushes: false,
        enabling: true,
        kinds: [3, 3],
        spans: [
            Span::millis::<1>(),
            Span::millis::<2>(),
            Span::millis::<3>(),
        ],
        grows: false,
    };
    let server = Alphabet {
        name: "server",
        connects: 1,
        named: &[0],
        sockets: false,
        flushes: true,
        enabling: false,
        policies: &[ReturnOnError],
        ..socket
    };
    let policies = Alphabet {
        name: "policies",
        opened: [false; 2],
        flushes: false,
        late: false,
        policies: &[ReturnOnError, SuspendOnError, KeepTrying],
        ..server
    };
    let delays = Alphabet {
        name: "delays",
        kinds: [2, 2],
        named: &[],
        policies: &[KeepTrying, ReturnOnError],
        grows: true,
        ..policies
    };
    let order = Alphabet {
        name: "order",
        opened: [false; 2],
        connects: 2,
        named: &[0],
        late: false,
        orders: &[&[0, 1], &[1, 0], &[0]],
        flushes: false,
        selects: false,
        spans: short,
        ..server
    };
    let cellular = Alphabet {
        name: "cellular",
        interfaces: [ETH0, CELL0],
        orders: &[],
        named: &[0, 1],
        spans: server.spans,
        ..order
    };
    let given = Alphabet {
        name: "given",
        interfaces: [ETH0, WL0],
        opened: [false, true],
        given: true,
        orders: &[],
        named: &[0, 1],
        kinds: [2, 2],
        spans: short,
        ..order
    };
    let enabling = Alphabet {
        name: "enabling",
        kinds: [1, 2],
        named: &[1],
        given: false,
        enabling: true,
        ..given
    };
    let suspending = Alphabet {
        name: "suspending",
        enabling: false,
        policies: &[ReturnOnError, SuspendOnError],
        ..enabling
    };
    let keeping = Alphabet {
        name: "keeping",
        given: true,
        policies: &[KeepTrying],
        ..suspending
    };
    let shared = Alphabet {
        name: "shared",
        given: false,
        named: &[1],
        sockets: true,
        ..given
    };
    vec![
        (socket, counts(9_654, 120_144, 23, 8), false),
        (server, counts(492_804, 7_611_079, 44, 10), false),
        (policies, counts(450_464, 6_376_469, 48, 9), false),
        (delays, counts(145_333, 3_160_704, 49, 5), false),
        (order, counts(459_514, 6_905_731, 39, 7), false),
        (cellular, counts(308_229, 4_505_472, 37, 9), false),
        (given, counts(2_268_495, 39_462_693, 42, 11), true),
        (enabling, counts(614_926, 7_577_566, 51, 11), false),
        (suspending, counts(1_100_922, 13_032_083, 59, 13), true),
        (keeping, counts(306_846, 3_860_326, 51, 11), false),
        (shared, counts(1_689_469, 26_352_212, 42, 11), true),
    ]
}
