//! What the benchmarks share: groups of engines that are compared, counted, timed and reported.

pub mod count;
pub mod engine;
pub mod report;

use std::process::ExitCode;

use engine::Compared;
use report::Report;

/// Compares what the engines decide and, asked by `cargo bench`, measures them. Under valgrind it is
/// one run of one engine.
pub fn main(groups: &[&dyn Compared], notes: &str) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let [count::RUN, group, engine, stream, events] = arguments[..] {
        let group = groups.iter().find(|other| other.name() == group);
        group.unwrap().run(engine, stream, events.parse().unwrap());
        return ExitCode::SUCCESS;
    }
    for group in groups {
        group.compare();
    }
    // `cargo test --benches` leaves it at that.
    if !arguments.contains(&"--bench") {
        return ExitCode::SUCCESS;
    }
    let missing = count::check().err();
    let mut report = Report::default();
    let measured = groups
        .iter()
        .try_for_each(|group| group.measure(missing.is_none(), &mut report));
    println!("\n{report}\n{notes}");
    if let Some(fault) = missing.or(measured.err()) {
        eprintln!("\n!!!!\n!!!! NOT COUNTED, times only: {fault}\n!!!!");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Runs what is timed in a thread that stays on one core, so that no time includes a move to another.
pub fn on_one_core<R: Send>(timed: impl FnOnce() -> R + Send) -> R {
    let pinned = || {
        if let Err(fault) = pin() {
            eprintln!("not pinned to a core: {fault}");
        }
        timed()
    };
    std::thread::scope(|scope| scope.spawn(pinned).join().unwrap())
}

/// Pins the calling thread to the last core that it may use: the first ones take most interrupts.
#[cfg(target_os = "linux")]
fn pin() -> Result<(), String> {
    use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
    use nix::unistd::Pid;

    let this = Pid::from_raw(0);
    let pinned = sched_getaffinity(this).and_then(|allowed| {
        let mut cores = (0..CpuSet::count()).rev();
        let last = cores.find(|core| allowed.is_set(*core) == Ok(true));
        let mut only = CpuSet::new();
        only.set(last.unwrap_or(0))?;
        sched_setaffinity(this, &only)
    });
    pinned.map_err(|error| error.to_string())
}

#[cfg(not(target_os = "linux"))]
fn pin() -> Result<(), String> {
    Err("only on Linux".into())
}
