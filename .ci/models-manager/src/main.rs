//! Records runs of a manager in a simulated world as TLA+ modules: `record DIRECTORY [altered]`.
//!
//! A module has what an application could see after each input. The module `trace` says whether
//! that is a behaviour of the specification. Altered, one of its states is another one.

mod courses;
mod recorder;
mod storm;

use std::{env, fs};

use courses::COURSES;
use recorder::Seen;

const CFG: &str =
    "INIT TraceInit\nNEXT TraceNext\nCONSTANT Trace <- Recorded\nINVARIANT Unfinished\n";

/// How many runs are drawn.
const STORMS: u64 = 60;

/// Alters the state in the middle, in each run another part of it in turn, so that no rule allows it.
fn alter(seen: &mut [Seen], place: usize) {
    let state = &mut seen[seen.len() / 2];
    match place % 4 {
        0 => state.owed = !state.owed,
        1 => state.server = if state.holds { "idle" } else { "flush" },
        2 => state.iface = if state.iface == "off" { "up" } else { "off" },
        _ => state.results += 1,
    }
}

fn main() {
    let mut words = env::args().skip(1);
    let directory = words.next().expect("a directory");
    let is_altered = words.next().is_some_and(|word| word == "altered");
    let courses = COURSES
        .iter()
        .map(|course| (course.name.into(), course.record()));
    let storms = (1..=STORMS).map(|seed| (format!("storm_{seed}"), storm::record(seed)));
    let mut drawn = 0;
    for (place, (name, mut seen)) in courses.chain(storms).enumerate() {
        if is_altered {
            alter(&mut seen, place);
        }
        let states: Vec<_> = seen.iter().map(ToString::to_string).collect();
        let module = format!(
            "---- MODULE {name} ----\nEXTENDS trace\nRecorded == <<\n  {}\n>>\n====\n",
            states.join(",\n  ")
        );
        fs::write(format!("{directory}/{name}.tla"), module).unwrap();
        fs::write(format!("{directory}/{name}.cfg"), CFG).unwrap();
        if place < COURSES.len() {
            println!("{name}: {} states", seen.len());
        } else {
            drawn += seen.len();
        }
    }
    println!("{STORMS} storms: {drawn} states");
}
