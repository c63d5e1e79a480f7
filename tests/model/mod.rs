//! A model of the device from the rules of `src/spec.md` alone.
//!
//! It shares nothing with the machines: no states, no tables, no words. It knows interfaces, the
//! server connection under the four policies of CON-1, and what an application sees of them.
//! Not modelled yet, and not drawn by [`operation::decode`]:
//!
//! - stored settings that change while the server connection has something to do (CON-19), or that
//!   could not be saved; provisioning and `reapply` after Wi-Fi Protected Setup (OPEN-9), and before
//!   the commands of a step were taken
//! - a change of the policy from or to `KeepTrying` (CON-21)
//! - local holders that join an interface with settings for the connection alone, and such settings
//!   where other ones were stored meanwhile (CFG-2, OPEN-9)
//! - `current_config` (CFG-4), a spread (CON-18)
//! - secrets, recordings, `poll` with a backend, `rebase` (SEC, TRACE, DRV-1, TIME-7)
//! - which event was counted as ignored; what `poll_at` gives as its reason
//! - taking a part of the commands that wait

mod book;
#[cfg(test)]
mod differences;
mod happen;
mod operation;
mod port;
mod port_hold;
mod seen;
mod server;
mod server_ask;
mod server_fail;
mod server_pace;
mod server_round;
mod server_try;
mod server_walk;
mod settings;
mod socket;
mod socket_walk;
mod store;
mod walk;

use std::collections::BTreeMap;

use operation::{Op, decode};
use walk::Walk;

/// The body of the fuzz target. The planted fault forgets that the last holder stops an interface.
pub(crate) fn fuzz(bytes: &[u8], planted: bool) {
    run(bytes, planted);
}

/// Runs the operations in these bytes; how often each rule was exercised.
pub(crate) fn run(bytes: &[u8], planted: bool) -> BTreeMap<&'static str, u64> {
    let (head, rest) = bytes.split_at(bytes.len().min(3));
    let byte = |place: usize| head.get(place).copied().unwrap_or(0);
    let ops = decode(rest);
    match byte(0) % 3 {
        0 => walk::<2, 64>(byte(1), byte(2), &ops, planted),
        1 => walk::<8, 64>(byte(1), byte(2), &ops, planted),
        _ => walk::<3, 64>(byte(1), byte(2), &ops, planted),
    }
}

fn walk<const H: usize, const N: usize>(
    choice: u8,
    seed: u8,
    ops: &[Op],
    planted: bool,
) -> BTreeMap<&'static str, u64> {
    let mut walk = Walk::<H, N>::new(choice, seed.into());
    walk.planted = planted;
    for op in ops {
        walk.step(*op);
    }
    walk.book.rules
}

// spec: CON-1, CON-2, CON-3, CON-5, CON-6, CON-7, CON-8, CON-9, CON-10, CON-11, CON-12, CON-13, CON-14, CON-15, CON-16, CON-17, CON-19, CON-20, CON-21, CON-22, CON-23, CON-24, CON-26, CON-28, CON-30, CFG-1, CFG-3, CFG-5, TIME-6
// spec: UDP-1, UDP-2, UDP-3, UDP-4, UDP-5, UDP-6, UDP-7, UDP-9, UDP-10, UDP-11, UDP-12, UDP-13, UDP-14, RATE-1, RATE-2, RATE-3, RATE-4, DRV-6
// spec: IFC-1, IFC-2, IFC-4, IFC-5, IFC-6, IFC-7, IFC-8, IFC-9, IFC-10, IFC-13, IFC-14, IFC-16, OPEN-2, OPEN-3, OPEN-4, OPEN-5, OPEN-6, OPEN-7, OPEN-8
/// Runs many random walks: 20,000 steps, or as many as `LANKEEPER_MODEL_STEPS` says.
#[test]
fn manager_and_model_agree() {
    let steps = std::env::var("LANKEEPER_MODEL_STEPS");
    let steps: u64 = steps.map_or(20_000, |steps| steps.parse().unwrap());
    let first: u64 = std::env::var("LANKEEPER_MODEL_FIRST").map_or(1, |text| text.parse().unwrap());
    let mut rules = BTreeMap::new();
    let mut seed = first;
    let mut done = 0;
    while done < steps {
        let bytes = random(seed, 3 + 3 * 300);
        done += 300;
        let is_known = KNOWN.contains(&seed);
        seed += 1;
        if is_known {
            let agrees = std::panic::catch_unwind(|| run(&bytes, false)).is_ok();
            assert!(!agrees, "walk {} agrees now: it is none of KNOWN", seed - 1);
            continue;
        }
        for (rule, count) in run(&bytes, false) {
            *rules.entry(rule).or_default() += count;
        }
    }
    for (rule, count) in &rules {
        let count: &u64 = count;
        println!("{rule:24} {count:>12}");
    }
    if steps >= 10_000_000 {
        let missing: Vec<_> = CLAIMED
            .iter()
            .filter(|rule| !rules.contains_key(*rule))
            .collect();
        assert!(missing.is_empty(), "never exercised: {missing:?}");
    }
}

#[cfg(test)]
proptest::proptest! {
    // The same cases each time: a rare difference is looked for with other seeds, not in every gate.
    #![proptest_config(proptest::prelude::ProptestConfig {
        cases: 300,
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        ..Default::default()
    })]

    // spec: IFC-9, OPEN-7, DRV-2
    /// The same operations, with the shortest ones that differ.
    #[test]
    fn any_operations_agree(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 3..300)) {
        run(&bytes, false);
    }
}

/// The walks that still differ among those of ten million steps: the name of a result where everything
/// was disabled (21094, 30623), a delay where the 60 s of CON-12 end together with a try (24268), and
/// where a pass begins after a change of the route (31509).
const KNOWN: &[u64] = &[21_094, 24_268, 30_623, 31_509];

/// What the model decides by; each is exercised in ten million steps.
const CLAIMED: &[&str] = &[
    "CFG-1",
    "CFG-2",
    "CFG-3",
    "CFG-3 select",
    "CON-1",
    "CON-1 suspends",
    "CON-10",
    "CON-10 result",
    "CON-11",
    "CON-12",
    "CON-12 apart",
    "CON-12 by itself",
    "CON-12 forgotten",
    "CON-12 given",
    "CON-12 over",
    "CON-12 retry",
    "CON-12 stable",
    "CON-13",
    "CON-13 another policy",
    "CON-13 pause",
    "CON-13 resumed",
    "CON-13 round",
    "CON-14",
    "CON-15",
    "CON-15 flush",
    "CON-16",
    "CON-16 later",
    "CON-17",
    "CON-18",
    "CON-19",
    "CON-19 call",
    "CON-19 news",
    "CON-19 too soon",
    "CON-2",
    "CON-20",
    "CON-20 at once",
    "CON-21",
    "CON-21 back",
    "CON-23",
    "CON-23 nothing",
    "CON-28",
    "CON-30",
    "CON-5",
    "CON-5 again",
    "CON-5 request",
    "CON-5 slow",
    "CON-6",
    "CON-7",
    "CON-8",
    "CON-8 same",
    "CON-8 stored",
    "CON-9",
    "DRV-2",
    "DRV-2 lagged",
    "DRV-6",
    "DRV-6 bind",
    "DRV-6 send",
    "DRV-6 server",
    "IFC-1",
    "IFC-10",
    "IFC-10 server",
    "IFC-13",
    "IFC-13 waits",
    "IFC-14",
    "IFC-14 cycle",
    "IFC-14 down",
    "IFC-14 down at once",
    "IFC-14 from",
    "IFC-14 late success",
    "IFC-14 unhappy",
    "IFC-15",
    "IFC-15 back",
    "IFC-15 over",
    "IFC-16",
    "IFC-16 late success",
    "IFC-16 proxy",
    "IFC-16 refused again",
    "IFC-17",
    "IFC-2",
    "IFC-3",
    "IFC-4",
    "IFC-5",
    "IFC-5 conflict",
    "IFC-5 refused",
    "IFC-5 renewed",
    "IFC-6",
    "IFC-6 carrier noted",
    "IFC-6 late carrier",
    "IFC-6 unstable",
    "IFC-7",
    "IFC-7 look",
    "IFC-7 manual",
    "IFC-7 request",
    "IFC-7 stable",
    "IFC-8",
    "IFC-9",
    "IFC-9 same",
    "OPEN-1",
    "OPEN-1 capacity",
    "OPEN-2",
    "OPEN-2 server",
    "OPEN-2 stale",
    "OPEN-3",
    "OPEN-3 equal",
    "OPEN-3 server",
    "OPEN-4",
    "OPEN-5",
    "OPEN-5 late success",
    "OPEN-5 left",
    "OPEN-6",
    "OPEN-6 socket",
    "OPEN-6 switched",
    "OPEN-7",
    "OPEN-8",
    "OPEN-8 anew",
    "OPEN-8 reapply",
    "RATE-3",
    "TIME-2",
    "TIME-3",
    "TIME-3 after",
    "TIME-4",
    "UDP-1",
    "UDP-1 open",
    "UDP-10",
    "UDP-11",
    "UDP-11 close",
    "UDP-12",
    "UDP-13",
    "UDP-2",
    "UDP-2 first send",
    "UDP-2 in use",
    "UDP-3",
    "UDP-4",
    "UDP-5",
    "UDP-6",
    "UDP-7",
    "UDP-7 sent",
    "UDP-9",
    "UDP-9 destination",
    "UDP-9 not connected",
    "UDP-9 port",
    "UDP-9 source",
    "UDP-9 too long",
];

/// Bytes of a small generator (xorshift64*).
pub(crate) fn random(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut byte = || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        u8::try_from(state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 56).unwrap()
    };
    (0..count).map(|_| byte()).collect()
}
