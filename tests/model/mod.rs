//! A model of the device from the rules of `src/spec.md` alone.
//!
//! It shares nothing with the machines: no states, no tables, no words. It knows interfaces, and
//! what an application sees of them. Not modelled yet, and not drawn by [`operation::decode`]:
//!
//! - stored settings, provisioning, `reapply`, `Reconfigure::AllowEqual` (CFG, OPEN-8, OPEN-9)
//! - sockets, the gate and the limit (UDP, RATE)
//! - the server connection, and with it the server as a holder (CON)
//! - secrets, recordings, `poll` with a backend, `rebase` (SEC, TRACE, DRV-1, TIME-7)
//! - which event was counted as ignored; what `poll_at` gives as its reason
//! - taking a part of the commands that wait

mod book;
mod differences;
mod happen;
mod operation;
mod port;
mod seen;
mod settings;
mod walk;

use std::collections::BTreeMap;

use operation::{Op, decode};
use walk::Walk;

/// Runs the operations in these bytes; how often each rule was exercised.
pub(crate) fn run(bytes: &[u8]) -> BTreeMap<&'static str, u64> {
    let (head, rest) = bytes.split_at(bytes.len().min(3));
    let byte = |place: usize| head.get(place).copied().unwrap_or(0);
    let ops = decode(rest);
    match byte(0) % 3 {
        0 => walk::<2, 64>(byte(1), byte(2), &ops),
        1 => walk::<8, 64>(byte(1), byte(2), &ops),
        _ => walk::<3, 64>(byte(1), byte(2), &ops),
    }
}

fn walk<const H: usize, const N: usize>(
    choice: u8,
    seed: u8,
    ops: &[Op],
) -> BTreeMap<&'static str, u64> {
    let mut walk = Walk::<H, N>::new(choice, seed.into());
    for op in ops {
        walk.step(*op);
    }
    walk.book.rules
}

// spec: IFC-1, IFC-2, IFC-4, IFC-5, IFC-6, IFC-7, IFC-8, IFC-9, IFC-10, IFC-14, OPEN-2, OPEN-4, OPEN-6, OPEN-7
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
        seed += 1;
        done += 300;
        for (rule, count) in run(&bytes) {
            *rules.entry(rule).or_default() += count;
        }
    }
    for (rule, count) in &rules {
        let count: &u64 = count;
        println!("{rule:24} {count:>12}");
    }
    if steps >= 1_000_000 {
        let missing: Vec<_> = CLAIMED
            .iter()
            .filter(|rule| !rules.contains_key(*rule))
            .collect();
        assert!(missing.is_empty(), "never exercised: {missing:?}");
    }
}

/// What the model decides by; each is exercised in a million steps.
const CLAIMED: &[&str] = &[
    "DRV-2",
    "DRV-2 lagged",
    "DRV-6",
    "IFC-1",
    "IFC-10",
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
    "OPEN-2 stale",
    "OPEN-3",
    "OPEN-4",
    "OPEN-5",
    "OPEN-6",
    "OPEN-7",
    "TIME-2",
    "TIME-3",
    "TIME-4",
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
