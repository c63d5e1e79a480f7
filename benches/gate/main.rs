//! What a decision of the gate for local datagrams costs, beside other libraries on the same
//! streams.
//!
//! `cargo bench --bench gate` counts instructions with valgrind and takes the time as a check; what
//! it prints stands in `src/guide/speed.md`. `cargo test --benches` only compares what the engines
//! decide.
//!
//! All engines take the same recorded stream through the same loop, which is measured alone and
//! subtracted. Before each decision the optimiser has to assume that the engine changed, as in a
//! firmware where other code runs in between: nothing is kept in registers from one to the next.
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
mod limiter;
mod million;
#[path = "../shared/mod.rs"]
mod shared;
mod whole;

use std::process::ExitCode;

const NOTES: &str = "\
Net of the loop. `instr` by callgrind, `ns` as the median of nine rounds between the lowest and the
highest; a round is the median of several passes over the stream. Bytes are what the engine has to
remember, without a clock that is shared.

- Rate limit: 100 at once and 25 a second. `admit` is a request for each token, `deny` ten a
  microsecond, `mixed` random arrivals of which half are denied, `flood` 200 at once every 4 seconds.
- governor and ratelimit read the time from one `Cell` that the benchmark sets; `governor, fake
  clock` uses governor's own. ratelimit rounds to 40 ns, which whole microseconds do not show, and
  returns no instant to try again.
- Dotted quad: text to address. Private address: half of the addresses are private. Whole check: text
  to kind of destination in the own subnet. Whole gate: the same with ports, size and limit.
- A million limits: a `Bucket` each, one quota for all. `memory alone` fetches and changes 16 bytes.
- A kernel by hand is the least that was reached by throw-away code for the same decision.";

fn main() -> ExitCode {
    shared::main(
        &[
            &limiter::DECISION,
            &limiter::WAIT,
            &address::PARSE,
            &address::FILTER,
            &whole::CHECK,
            &whole::GATE,
            &million::MILLION,
        ],
        NOTES,
    )
}
