//! What an event costs the lifecycle machine, beside the same machine made with other libraries.
//!
//! `cargo bench --bench dispatch` counts instructions with valgrind and takes the time as a check;
//! `cargo test --benches` only compares what the engines decide.
//!
//! All engines take the same recorded events through the same loop, which calls each of them
//! through a door of its own; the loop with a door that leads nowhere is measured alone and
//! subtracted. The first four engines live the same life and do the same on each transition: arm
//! a configured deadline, and count. `machine` and `manager` are what the crate runs and do more,
//! as the output says.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::enum_glob_use,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_core,
    clippy::unreachable,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a program for a desk: these lints guard the core"
)]
#![allow(
    dead_code,
    unfulfilled_lint_expectations,
    unnameable_types,
    unreachable_pub,
    unused_imports,
    unused_qualifications,
    reason = "the crate's modules are taken in as they are, and only some of them are measured"
)]

#[path = "../../src/alarm.rs"]
mod alarm;
#[path = "../../src/back_off.rs"]
mod back_off;
mod book;
#[path = "../count.rs"]
mod count;
#[path = "../../src/counter.rs"]
mod counter;
mod engines;
#[path = "../../src/generation.rs"]
mod generation;
mod interface;
#[path = "../../src/ipv4/mod.rs"]
mod ipv4;
mod moment;
#[path = "../../src/nic/mod.rs"]
mod nic;
mod peers;
#[path = "../../src/random.rs"]
mod random;
#[path = "../../src/span.rs"]
mod span;
mod stream;
#[path = "../../src/time.rs"]
mod time;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use book::Book;
use engines::{Engine, Loop, Machine, Managed};
use interface::Tabled;
use moment::Moment;
use peers::{in_smlang, in_statig, matched::Matched};
use stream::{KINDS, Kind, LENGTH};

type Smlang = in_smlang::StateMachine<Book>;
type Statig = statig::blocking::StateMachine<in_statig::Life>;

/// One engine, ready to be measured.
struct Contender {
    name: &'static str,
    /// The states that it goes through, with its deadline and count where it keeps them.
    decide: fn(&[Moment]) -> Vec<Decision>,
    /// Prepares all moments and takes as many of them.
    run: fn(&[Moment], usize),
    /// The nanoseconds that one event takes.
    time: fn(&[Moment]) -> f64,
}

type Decision = (Option<i16>, Option<(Option<u64>, u32)>);

const fn contender<E: Engine>(name: &'static str) -> Contender {
    Contender {
        name,
        decide: decide::<E>,
        run: run::<E>,
        time: time::<E>,
    }
}

const LOOP: Contender = contender::<Loop>("loop");
const CONTENDERS: [Contender; 6] = [
    contender::<Matched>("match"),
    contender::<Smlang>("smlang"),
    contender::<Statig>("statig"),
    contender::<Tabled>("table"),
    contender::<Machine>("machine"),
    contender::<Managed>("manager"),
];

/// Ours, the peer, and the most that ours may cost of what the peer does.
const RATIOS: [(&str, &str, Option<f64>); 7] = [
    ("table", "smlang", Some(1.05)),
    ("table", "statig", Some(1.05)),
    ("table", "match", Some(1.05)),
    ("machine", "smlang", None),
    ("machine", "statig", None),
    ("manager", "smlang", None),
    ("manager", "statig", None),
];

const NOTES: &str = "\
net of the loop and of one call for each event, which no engine is spared and none has twice;
  instr by callgrind, ns as the median of several runs and only a check
match, smlang, statig, table: the same states, events and transitions of Wi-Fi; each transition
  arms a configured deadline and counts. `table` looks up the crate's own table.
machine: what the crate runs for an interface. More than the peers: each report carries data and
  is checked against the generations of its steps; commands are issued and taken by the backend;
  changes with their reasons are told and taken; a loss is remembered; back-off with jitter.
manager: the public Manager with one interface, through handle_event, handle_timeout, open, close
  and retry. More than the machine: time is kept monotonic, the interface is found, due timers
  fire first; after every event commands and notices are polled until there are none.";

/// The one door through which an engine takes its events. Nobody else calls the engine, so the
/// compiler builds it in here and not as a second call.
#[inline(never)]
fn door<E: Engine>(engine: &mut E, now: u64, event: E::Event) {
    engine.take(now, event);
}

/// The loop that is measured. It does not know which door it calls, so nothing of an engine can
/// move into it.
#[inline(never)]
fn drive<E: Engine>(engine: &mut E, events: &[(u64, E::Event)]) {
    let door = black_box(door::<E> as fn(&mut E, u64, E::Event));
    for (now, event) in events {
        door(engine, *now, *event);
    }
}

fn decide<E: Engine>(moments: &[Moment]) -> Vec<Decision> {
    let mut engine = E::fresh();
    E::prepare(moments)
        .into_iter()
        .map(|(now, event)| {
            door(&mut engine, now, event);
            let book = engine.book().map(|book| (book.deadline, book.taken));
            (engine.state(), book)
        })
        .collect()
}

fn run<E: Engine>(moments: &[Moment], events: usize) {
    let prepared = E::prepare(moments);
    let mut engine = E::fresh();
    drive(black_box(&mut engine), black_box(&prepared[..events]));
    black_box(engine.state());
}

fn time<E: Engine>(moments: &[Moment]) -> f64 {
    const RUNS: usize = 101;
    let prepared = E::prepare(moments);
    let mut times: Vec<u128> = (0..RUNS)
        .map(|_| {
            let mut engine = E::fresh();
            let begin = Instant::now();
            drive(black_box(&mut engine), black_box(&prepared));
            let taken = begin.elapsed().as_nanos();
            black_box(engine.state());
            taken
        })
        .collect();
    times.sort_unstable();
    times[RUNS / 2] as f64 / prepared.len() as f64
}

/// Every engine must go through the same states, and those with the same action must have the
/// same deadlines and counts.
fn compare(kind: Kind, moments: &[Moment]) {
    let expected = decide::<Matched>(moments);
    let taken = expected.last().and_then(|(_, book)| Some(book.as_ref()?.1));
    for contender in &CONTENDERS {
        let decided = (contender.decide)(moments);
        for (index, (expected, decided)) in expected.iter().zip(&decided).enumerate() {
            let same = expected.0 == decided.0 && (decided.1.is_none() || expected.1 == decided.1);
            assert!(
                same,
                "{} decides {decided:?} at event {index} ({:?}) of {}, not {expected:?}",
                contender.name, moments[index].trigger, kind.name
            );
        }
    }
    println!(
        "{}: {} events, {} taken, all engines agree",
        kind.name,
        moments.len(),
        taken.unwrap_or(0)
    );
}

/// Measures, and tells the net figures; with the fault if instructions cannot be counted.
fn measure(kind: Kind, moments: &[Moment], countable: bool) -> Result<(), String> {
    let count = |contender: &Contender| {
        countable
            .then(|| count::per_event(contender.name, kind.name, LENGTH))
            .transpose()
    };
    let loop_count = count(&LOOP)?;
    let loop_time = (LOOP.time)(moments);
    let show = |count: Option<f64>| count.map_or("-".into(), |count| format!("{count:.1}"));
    println!(
        "\n{:<10}{:<10}{:>8}{:>8}",
        "stream", "engine", "instr", "ns"
    );
    let name = kind.name;
    println!(
        "{name:<10}{:<10}{:>8}{loop_time:>8.2}",
        LOOP.name,
        show(loop_count)
    );
    let mut counts = Vec::new();
    for contender in &CONTENDERS {
        let counted = count(contender)?
            .zip(loop_count)
            .map(|(count, of_loop)| count - of_loop);
        let time = (contender.time)(moments) - loop_time;
        println!(
            "{name:<10}{:<10}{:>8}{time:>8.2}",
            contender.name,
            show(counted)
        );
        counts.push((contender.name, counted));
    }
    let counted = |name| counts.iter().find(|(other, _)| *other == name)?.1;
    for (ours, peer, goal) in RATIOS {
        if let Some((ours_counted, peer_counted)) = counted(ours).zip(counted(peer)) {
            let ratio = ours_counted / peer_counted;
            let goal = goal.map_or("none".into(), |goal| format!("{goal:.2}"));
            println!("ratio dispatch/{name}/{ours}-{peer} {ratio:.2} goal {goal}");
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // Under valgrind: one run of one engine.
    if let [count::RUN, engine, stream, events] = arguments[..] {
        let kind = KINDS.into_iter().find(|kind| kind.name == stream).unwrap();
        let contender = CONTENDERS
            .iter()
            .chain([&LOOP])
            .find(|other| other.name == engine);
        (contender.unwrap().run)(&kind.record(), events.parse().unwrap());
        return ExitCode::SUCCESS;
    }
    let streams = KINDS.map(|kind| (kind, kind.record()));
    for (kind, moments) in &streams {
        compare(*kind, moments);
    }
    // `cargo test --benches` leaves it at that.
    if !arguments.contains(&"--bench") {
        return ExitCode::SUCCESS;
    }
    let missing = count::check().err();
    println!("\n{NOTES}");
    for (kind, moments) in &streams {
        if let Err(fault) = measure(*kind, moments, missing.is_none()) {
            eprintln!("\n!!!!\n!!!! NOT COUNTED: {fault}\n!!!!");
            return ExitCode::FAILURE;
        }
    }
    if let Some(fault) = missing {
        eprintln!("\n!!!!\n!!!! NOT COUNTED, no ratios: {fault}\n!!!!");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
