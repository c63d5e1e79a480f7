//! What an event costs a device: the whole `Manager`, beside the life of one Wi-Fi interface made
//! with other libraries.
//!
//! `cargo bench --bench dispatch` counts instructions with valgrind and takes the time as a check;
//! `cargo test --benches` only compares what the engines decide.
//!
//! All engines take the same recorded events through the same loop, which is measured alone and
//! subtracted, and go through the same states. They do not do the same work: what is printed below
//! the tables says what the manager does more. So there is no goal here; the table shows what a user
//! pays for it.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::enum_glob_use,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    dead_code,
    unnameable_types,
    unreachable_pub,
    reason = "a program for a desk: these lints guard the core"
)]

mod book;
mod engines;
mod managed;
mod peers;
#[path = "../shared/mod.rs"]
mod shared;
mod stream;

use std::process::ExitCode;

use engines::{Idle, Peer, Smlang, Statig};
use managed::Managed;
use peers::matched::Matched;
use shared::engine::{Group, bound, ours, peer};
use stream::{Moment, STREAMS};

static LIFE: Group<Moment> = Group {
    name: "event",
    streams: STREAMS,
    passes: 31,
    idle: bound::<_, Idle>("loop"),
    contenders: &[
        ours::<_, Managed>("lankeeper Manager<1>"),
        peer::<_, Matched>("match"),
        peer::<_, Smlang>("smlang"),
        peer::<_, Statig>("statig"),
    ],
    goals: &[],
};

const NOTES: &str = "\
Net of the loop. `instr` by callgrind, `ns` as the median of nine rounds between the lowest and the
highest; a round is the median of several passes over the stream.

match, smlang, statig: the states, events and transitions of one Wi-Fi interface. Each transition
arms a configured deadline and counts. Nothing else: a stale report would be taken as a fresh one,
nobody says what the radio has to do, and a deadline has to be fired from outside.

Manager: the same transitions through handle_event, handle_timeout, open, close and retry; after each
event commands and notices are polled until there are none. More than the peers: reports carry data
and are checked against the ticket of their command; commands are issued, and notices with the
reason of a change; time is kept monotonic, and what is due fires first; back-off doubles, with
jitter; a server connection, sockets and stored settings are there and are looked at, too.
Less than the peers: nothing. The streams leave out what the peers do not do: a retry that begins at
the step that failed, and what becomes of a loss before CONNECTED was stable.";

/// What the peers arm and count must agree as well.
fn compare_books() {
    fn books<E: Peer>(moments: &[Moment]) -> Vec<(Option<u64>, u32)> {
        let mut engine = E::fresh();
        let take = |moment| {
            engine.decide(&E::prepare(moment));
            (engine.book().deadline, engine.book().taken)
        };
        moments.iter().map(take).collect()
    }
    for stream in STREAMS {
        let moments = (stream.record)();
        let expected = books::<Matched>(&moments);
        assert_eq!(books::<Smlang>(&moments), expected, "{}", stream.name);
        assert_eq!(books::<Statig>(&moments), expected, "{}", stream.name);
        let taken = expected.last().map_or(0, |(_, taken)| *taken);
        println!("{}: {taken} taken, all peers agree", stream.name);
    }
}

/// A state in the terms of all engines.
const fn number(code: Option<i16>) -> u64 {
    match code {
        Some(code) => code.cast_unsigned() as u64,
        None => u64::MAX,
    }
}

fn main() -> ExitCode {
    // Not in a run that is counted.
    if std::env::args().nth(1).as_deref() != Some(shared::count::RUN) {
        compare_books();
    }
    shared::main(&[&LIFE], NOTES)
}
