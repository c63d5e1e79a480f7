//! Simulates the day of a device with Wi-Fi, Ethernet and cellular, in virtual time.
//!
//! ```sh
//! cargo run --release --example roam
//! cargo run --release --example roam -- --days 7 --faults 20 --seed 3
//! cargo run --release --example roam -- --slow --faults 20
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
mod slow;
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
    /// Ten hours in slow surroundings instead, and only the table: a switch forwards 50 s after
    /// link-up, and a registration takes ten minutes
    #[arg(long, conflicts_with_all = ["days", "all"])]
    slow: bool,
    /// Print every attempt, not only those that end differently from the previous one
    #[arg(long)]
    all: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let device = Device::live(&options);
    let text = if options.slow {
        device.diary.table()
    } else {
        device.diary.text()
    };
    // A closed pipe is no error.
    let _ = std::io::stdout().write_all(text.as_bytes());
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
            slow: false,
            all: false,
        })
    }

    fn live_slowly(seed: u64, faults: u16) -> Device {
        Device::live(&Options {
            seed,
            faults,
            days: 1,
            slow: true,
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
    fn slow_hours_end_well() {
        for (seed, faults) in [(1, 0), (2, 20), (3, 20), (4, 50), (5, 100)] {
            let device = live_slowly(seed, faults);
            let text = device.diary.text();
            assert_eq!(device.missing(), [], "seed {seed}:\n{text}");
        }
    }

    #[test]
    fn the_slow_hours_are_slow() {
        // The cable is in at 7 minutes. The switch forwards after that, and not before.
        let text = live_slowly(1, 0).diary.text();
        let plugged = text.split("the cable is plugged in").nth(1).unwrap();
        let tries = plugged.split("eth0  CONNECTED").next().unwrap();
        assert!(
            tries.contains("ETHERNET_STOPPED (202): timed out"),
            "{text}"
        );
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
        let days = |seed| live(seed, 30, 1).diary.text();
        let hours = |seed| live_slowly(seed, 30).diary.text();
        assert_eq!((days(1), hours(1)), (days(1), hours(1)));
        assert_ne!(days(1), days(2));
        assert_ne!(hours(1), hours(2));
    }
}
