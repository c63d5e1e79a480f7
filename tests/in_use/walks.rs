//! Many walks, over one to three interfaces, slow and quick.

use std::collections::BTreeMap;
use std::panic::catch_unwind;

use lankeeper::{InterfaceId, Medium, Policy};

use super::pace::Pace;
use super::walk::Walk;
use super::{ALL, CELL0, ETH0, POLICIES, WL0, number_of_walks};

/// A whole walk: the rules that it broke, each with its story.
fn walk<const N: usize>(
    ids: [InterfaceId; N],
    pace: Pace,
    policy: Policy,
    seed: u64,
) -> BTreeMap<String, String> {
    let walked = catch_unwind(|| {
        let mut walk = Walk::new(ids, pace, policy, seed);
        for _ in 0..120 {
            walk.step();
        }
        walk.heal();
        walk.broken
    });
    walked.unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<String>().cloned();
        let text = text.unwrap_or_else(|| "it panicked".to_owned());
        let rule = text.split_once(')').map_or("", |(rule, _)| rule).to_owned();
        BTreeMap::from([(rule, text)])
    })
}

fn walks_over<const N: usize>(ids: [InterfaceId; N], pace: Pace, default: u64) {
    let mut broken: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let mut all = 0;
    for policy in POLICIES {
        for seed in 0..number_of_walks(default) {
            all += 1;
            for (rule, story) in walk(ids, pace, policy, seed) {
                let first = || (0, format!("{policy:?}, seed {seed}: {story}"));
                broken.entry(rule).or_insert_with(first).0 += 1;
            }
        }
    }
    let line = |(times, story): &(usize, String)| format!("{times} of {all}: {story}");
    let lines: Vec<_> = broken.values().map(line).collect();
    assert!(broken.is_empty(), "{}", lines.join("\n\n"));
}

#[test]
fn whatever_is_asked_for_and_whatever_happens_what_is_told_is_so() {
    walks_over(ALL, Pace::Default, 40);
}

#[test]
fn what_is_told_is_so_where_much_happens_at_the_same_instant() {
    walks_over(ALL, Pace::Tiny, 40);
}

#[test]
fn what_is_told_is_so_with_fewer_interfaces() {
    walks_over([ETH0], Pace::Default, 10);
    walks_over([WL0], Pace::Tiny, 10);
    walks_over([WL0, ETH0], Pace::Default, 10);
    walks_over([CELL0, WL0], Pace::Tiny, 10);
}

#[test]
fn what_is_told_is_so_with_two_interfaces_of_a_medium() {
    let second = InterfaceId::new(Medium::Wifi, 1).unwrap();
    walks_over([WL0, second, ETH0], Pace::Default, 20);
    walks_over([second, WL0], Pace::Tiny, 20);
}
