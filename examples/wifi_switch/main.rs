//! Simulates a device that switches between Wi-Fi networks at the request of a phone, in virtual
//! time.
//!
//! ```sh
//! cargo run --release --example wifi_switch
//! cargo run --release --example wifi_switch -- --all --faults 20 --svg switch.svg
//! ```
#![allow(
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "an example may panic; these lints guard the core"
)]

mod device;
mod diary;
#[path = "../shared/drawing.rs"]
mod drawing;
mod plot;
mod story;
mod switcher;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use device::Device;

/// The exit code for errors outside the simulation.
const EXIT_ERROR: u8 = 2;

/// A device has a list of Wi-Fi networks. A phone asks it to switch from one to the next; the
/// device reports the result, and falls back to the network that worked before. When every network
/// is dead it uses Ethernet or cellular, and tries the list again at growing intervals. Simulates
/// 100 minutes in virtual time: a wrong key, a network out of range, a dead server, a captive
/// portal, a proxy that refuses, a power cut.
///
/// Prints events and requests (*), decisions of the application (app) and reports of the manager
/// (result, lost, server), and at the end a table of the networks. Exits with 1 if the device is
/// not connected over Wi-Fi at the end, with 2 for a bad option or a file that cannot be written.
#[derive(Clone, Debug, Parser)]
#[command(name = "wifi_switch", version)]
struct Options {
    /// Random seed; the same seed gives the same output, byte for byte
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Rate of each kind of driver fault, in answers per mille, 0 to 100
    #[arg(long, value_name = "N", default_value_t = 0,
          value_parser = clap::value_parser!(u16).range(0..=100))]
    faults: u16,
    /// Print every state change of the server connection and the interfaces
    #[arg(long)]
    all: bool,
    /// Draw the attempts and the states over time to this file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("the device could be connected over Wi-Fi but is not");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("wifi_switch: {error}");
            ExitCode::from(EXIT_ERROR)
        }
    }
}

/// Runs the story, prints and draws it, and returns whether it ended well.
fn run(options: &Options) -> Result<bool, Box<dyn core::error::Error>> {
    // Creates the file before the run, so that an unwritable one does not cost a run.
    let svg = options.svg.as_deref().map(|path| {
        let file = File::create(path);
        file.map_err(|error| format!("cannot write {}: {error}", path.display()))
    });
    let svg = svg.transpose()?;
    let device = Device::live(options);
    // A closed pipe is no error.
    let _ = std::io::stdout().write_all(device.diary.text().as_bytes());
    if let Some(mut file) = svg {
        file.write_all(plot::draw(&device.diary)?.as_bytes())?;
    }
    Ok(device.is_well())
}
