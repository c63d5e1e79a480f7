//! Counts instructions with valgrind: the benchmark runs itself once more under its eyes.

use std::process::Command;

/// The argument that asks for one run to be counted.
pub const RUN: &str = "--run";

/// Whether valgrind is there, and where from if not.
pub fn check() -> Result<(), String> {
    let output = Command::new("valgrind").arg("--version").output();
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("valgrind --version: {}", output.status)),
        Err(error) => Err(format!("valgrind: {error} (install the package valgrind)")),
    }
}

/// The instructions of a whole run of this program with `arguments`.
fn of_run(arguments: &[&str]) -> Result<u64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .arg(RUN)
        .args(arguments)
        .output()
        .map_err(|error| error.to_string())?;
    let printed = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("valgrind: {}\n{printed}", output.status));
    }
    printed
        .lines()
        .find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
        .ok_or_else(|| format!("valgrind printed no count:\n{printed}"))
}

/// The instructions per event: what a run of `length` events needs more than one of half as many,
/// which has the same beginning and end.
pub fn per_event(group: &str, engine: &str, stream: &str, length: usize) -> Result<f64, String> {
    let half = length / 2;
    let of = |events: usize| of_run(&[group, engine, stream, &events.to_string()]);
    let more = of(length)?.saturating_sub(of(half)?);
    Ok(more as f64 / (length - half) as f64)
}
