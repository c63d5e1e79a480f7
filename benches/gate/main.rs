//! What a decision of the gate for local datagrams costs, beside other libraries on the same
//! streams.
//!
//! `cargo bench --bench gate` counts instructions with valgrind and takes the time as a check;
//! `cargo test --benches` only compares what the engines decide.
//!
//! All engines take the same recorded stream through the same loop, which is measured alone and
//! subtracted. Before each decision the optimiser is told that the engine may have changed, as in
//! a firmware where other code runs in between: nothing is kept in registers from one to the next.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    unnameable_types,
    unreachable_pub,
    reason = "a program for a desk: these lints guard the core"
)]

mod address;
#[path = "../count.rs"]
mod count;
mod engine;
mod limiter;
mod million;
mod report;
mod whole;

use std::process::ExitCode;

use engine::Group;
use report::Report;

const NOTES: &str = "\
net of the loop; instr by callgrind, ns as the median of several runs and only a check
bytes: what the engine has to remember, a shared clock of the bench left out
limiter, wait: 100 at once and 25 a second; `wait` tells when to try again too
  governor: its clock is one Cell that the bench sets; FakeRelativeClock is its own
  ratelimit: its clock is one Cell; it rounds to 40 ns, which whole microseconds do not show
parse, filter, check, gate: text to address; private or not; text to kind of destination in the
  own subnet; the same with ports, size and a limiter
million: as many limiters in random order; `lankeeper` is a Bucket, its quota shared; `memory alone`
  only fetches and changes as many bytes";

/// Evaluates `$body` for every group; their streams differ in type.
macro_rules! each_group {
    ($group:ident => $body:expr) => {{
        let $group = &limiter::DECISION;
        $body;
        let $group = &limiter::WAIT;
        $body;
        let $group = &address::PARSE;
        $body;
        let $group = &address::FILTER;
        $body;
        let $group = &whole::CHECK;
        $body;
        let $group = &whole::GATE;
        $body;
    }};
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // Under valgrind: one run of one engine.
    if let [count::RUN, engine, stream, events] = arguments[..] {
        let events = events.parse().unwrap();
        each_group!(group => run(group, engine, stream, events));
        return ExitCode::SUCCESS;
    }
    each_group!(group => compare(group));
    // `cargo test --benches` leaves it at that.
    if !arguments.contains(&"--bench") {
        return ExitCode::SUCCESS;
    }
    let missing = count::check().err();
    let mut report = Report::default();
    let measured = (|| {
        each_group!(group => group.measure(missing.is_none(), &mut report)?);
        Ok::<(), String>(())
    })();
    million::measure(&mut report);
    println!("\n{report}\n{NOTES}");
    if let Some(fault) = missing.or(measured.err()) {
        eprintln!("\n!!!!\n!!!! NOT COUNTED, ratios of time only: {fault}\n!!!!");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn run<T>(group: &Group<T>, engine: &str, stream: &str, events: usize) {
    if let Some(engine) = engine
        .strip_prefix(group.name)
        .and_then(|name| name.strip_prefix('/'))
    {
        group.run(engine, stream, events);
    }
}

fn compare<T>(group: &Group<T>) {
    group.compare();
}
