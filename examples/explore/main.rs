//! Explores every state that the manager can reach with short deadlines, breadth first, and checks
//! laws in each. It prints how many states and transitions there are, or the shortest story of a
//! law that is broken, and exits with 1 then.
//!
//! ```sh
//! cargo run --release --example explore            # all alphabets of some seconds
//! cargo run --release --example explore -- socket  # one of them, or one of those that take minutes
//! ```
//!
//! With `--at-once` before the name the backend takes commands at once instead of late; these counts are
//! not kept.
#![allow(
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::collapsible_match,
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "an example may panic; these lints guard the core"
)]

mod alphabet;
mod alphabets;
mod application;
mod backend;
mod keys;
mod operation;
mod requests;
mod search;
mod story;
mod waits;
mod world;

use std::process::ExitCode;
use std::time::Instant as Clock;

use lankeeper::Instant;
use lankeeper::Manager;

use alphabet::Bed;
use world::World;

type Machine = Manager<2, 2, 1, 16>;

/// A manager, and what surrounds it.
#[derive(Clone)]
struct State {
    world: World,
    machine: Machine,
}

impl State {
    fn first(bed: &Bed) -> Self {
        Self {
            world: World::default(),
            machine: bed.machine(),
        }
    }
}

fn main() -> ExitCode {
    let mut wanted: Vec<String> = std::env::args().skip(1).collect();
    let at_once = wanted.first().is_some_and(|first| first == "--at-once");
    wanted.drain(..usize::from(at_once));
    let mut chosen = alphabets::all();
    chosen.retain(|(alphabet, _, takes_minutes)| {
        if wanted.is_empty() {
            return !takes_minutes;
        }
        wanted.iter().any(|name| name == alphabet.name)
    });
    if chosen.is_empty() {
        println!("there is no such alphabet");
        return ExitCode::FAILURE;
    }
    let mut all_as_kept = true;
    for (mut alphabet, kept, _) in chosen {
        alphabet.late &= !at_once;
        let begin = Clock::now();
        match search::explore(&Bed::new(alphabet)) {
            Ok((counts, compared)) => {
                let seconds = begin.elapsed().as_secs();
                println!(
                    "{}: {counts}, {compared} pairs compared, {seconds} s",
                    alphabet.name
                );
                if at_once {
                    continue;
                }
                if kept == counts {
                    println!("{}: as kept", alphabet.name);
                } else {
                    println!("{}: kept are {kept}", alphabet.name);
                }
                all_as_kept &= kept == counts;
            }
            Err(story) => {
                println!("{}: a law is broken\n{story}", alphabet.name);
                return ExitCode::FAILURE;
            }
        }
    }
    if all_as_kept {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
