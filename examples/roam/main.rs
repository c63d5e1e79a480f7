//! Simulates the day of a device with Wi-Fi, Ethernet and cellular, in virtual time.
//!
//! ```sh
//! cargo run --release --example roam
//! cargo run --release --example roam -- --days 7 --faults 20 --seed 3
//! ```
#![allow(
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::wildcard_enum_match_arm,
    reason = "an example may panic; these lints guard the core"
)]

mod device;
mod diary;
mod story;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use device::Device;

/// Simulates the days of a device with Wi-Fi, Ethernet and cellular, in virtual time, and prints
/// what happens. Exits with 1 if an interface that could be connected at the end is not.
#[derive(Clone, Copy, Debug, Parser)]
#[command(name = "roam", version)]
struct Options {
    /// Random seed; the same seed gives the same output, byte for byte
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Rate of each kind of driver fault, in answers per mille, 0 to 100
    #[arg(long, value_name = "N", default_value_t = 0,
          value_parser = clap::value_parser!(u16).range(0..=100))]
    faults: u16,
    /// Number of virtual days, 1 to 365
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u64).range(1..=365))]
    days: u64,
    /// Print every attempt, not only those that end differently from the previous one
    #[arg(long)]
    all: bool,
}

fn main() -> ExitCode {
    let device = Device::live(&Options::parse());
    // A closed pipe is no error.
    let _ = std::io::stdout().write_all(device.diary.text().as_bytes());
    let missing = device.missing();
    if missing.is_empty() {
        return ExitCode::SUCCESS;
    }
    for id in missing {
        eprintln!("{id} could be connected but is not");
    }
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(seed: u64, faults: u16, days: u64) -> Device {
        Device::live(&Options {
            seed,
            faults,
            days,
            all: false,
        })
    }

    #[test]
    fn every_day_ends_well() {
        for (seed, faults, days) in [(1, 0, 1), (2, 20, 2), (3, 50, 3), (4, 100, 7)] {
            let device = live(seed, faults, days);
            assert_eq!(device.missing(), [], "{}", device.diary.text());
        }
    }

    #[test]
    fn the_day_shows_every_reason() {
        let device = live(1, 0, 1);
        let text = device.diary.text();
        for reason in [
            "link lost (code 3)",
            "network not found (code 201)",
            "wrong credentials likely (code 15)",
            "no carrier",
            "lease lost",
            "registration lost",
            "registration denied (code 3)",
            "SIM trouble (code 10)",
            "PPP down (code 3)",
        ] {
            assert!(text.contains(reason), "{reason} is missing:\n{text}");
        }
    }

    #[test]
    fn the_same_seed_prints_the_same() {
        let text = |seed| live(seed, 30, 1).diary.text();
        assert_eq!(text(1), text(1));
        assert_ne!(text(1), text(2));
    }
}
