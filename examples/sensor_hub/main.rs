//! A hub and its sensor nodes on a simulated LAN.
//!
//! Real Ethernet frames with real ARP, DHCP and UDP travel through a switch that delays and loses
//! them; every second node uses Wi-Fi. Each device runs its own smoltcp stack, and lankeeper
//! decides when it powers up, joins, requests an address, opens sockets and sends. Time is virtual:
//! an hour takes less than a second.
//!
//! To see how a device uses the crate, read `../stack/backend.rs`, `device.rs`, then `hub.rs` and
//! `node.rs`. The rest is the world around them.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::std_instead_of_core,
    clippy::wildcard_enum_match_arm,
    unreachable_pub,
    reason = "an example may panic; these lints guard the core"
)]

mod access_point;
mod capture;
mod device;
mod dhcp_server;
#[path = "../shared/drawing.rs"]
mod drawing;
mod host;
mod hub;
mod lan;
mod link;
mod message;
mod mishap;
mod node;
mod options;
mod plot;
mod queue;
mod radio;
mod report;
mod simulation;
#[path = "../stack/mod.rs"]
mod stack;
mod story;
mod stranger;
#[cfg(test)]
mod tests;
mod timeline;
mod token_plot;
mod unit;

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use lankeeper::Instant;

use options::Options;
use simulation::{Outcome, Simulation};

/// The exit code for errors outside the simulation.
const EXIT_ERROR: u8 = 2;

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("sensor_hub: {error}");
            ExitCode::from(EXIT_ERROR)
        }
    }
}

/// Runs the simulation, prints and writes the results, and returns whether all is well.
fn run(options: &Options) -> Result<bool, Box<dyn core::error::Error>> {
    // Creates the files before the run, so that an unwritable one does not cost a run.
    if options.pcap.is_some() && options.pcap == options.svg {
        return Err("--pcap and --svg name the same file".into());
    }
    let mut pcap = options.pcap.as_deref().map(create).transpose()?;
    let mut svg = options.svg.as_deref().map(create).transpose()?;

    let outcome = simulate(options)?;
    let (text, good) = report::report(options, &outcome);
    match io::stdout().lock().write_all(text.as_bytes()) {
        // A closed pipe is no error: the reader, such as `head`, has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        result => result?,
    }
    if let (Some(output), Some(capture)) = (&mut pcap, &outcome.capture) {
        output.write(capture)?;
    }
    if let Some(output) = &mut svg {
        output.write(plot::draw(&outcome)?.as_bytes())?;
    }
    Ok(good)
}

/// Runs the simulation, with a progress bar on a terminal.
fn simulate(options: &Options) -> Result<Outcome, pcap_file::PcapError> {
    // indicatif draws on stderr, and only if it is a terminal.
    let bar = ProgressBar::new(options.minutes * 60);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos} of {len} virtual seconds") {
        bar.set_style(style);
    }
    let second = |now: Instant| now.as_micros() / 1_000_000;
    let outcome = Simulation::new(options)?.run(|now| {
        if second(now) > bar.position() {
            bar.set_position(second(now));
        }
    });
    bar.finish_and_clear();
    outcome
}

/// A file to write after the run.
struct Output<'a> {
    path: &'a Path,
    file: File,
}

fn create(path: &Path) -> Result<Output<'_>, String> {
    match File::create(path) {
        Ok(file) => Ok(Output { path, file }),
        Err(error) => Err(format!("cannot write {}: {error}", path.display())),
    }
}

impl Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.file
            .write_all(bytes)
            .map_err(|error| format!("cannot write {}: {error}", self.path.display()))
    }
}
