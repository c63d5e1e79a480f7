//! Searches the memory of dropped values for secrets (SEC-2): their own bytes, unused ones included,
//! and the stack below. Every public type that holds a secret is made, moved, cloned, replaced and
//! dropped in every public way. Optimised code is what counts: there the compiler decides which
//! copies are made.
//!
//! `secrets` searches. `secrets planted` searches for what must be found, and fails if it is not.

mod devices;
mod memory;
mod planted;
mod samples;
mod stacks;
mod values;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut search = memory::Search::default();
    let is_planted = std::env::args().any(|argument| argument == "planted");
    if is_planted {
        planted::search(&mut search);
        return search.expect_all();
    }
    values::search(&mut search);
    stacks::search(&mut search);
    devices::search(&mut search);
    search.expect_none()
}
