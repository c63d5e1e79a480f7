//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// The shortest run that fits the whole schedule of mishaps.
pub const MINIMUM_MINUTES: u64 = 15;
const MAXIMUM_MINUTES: u64 = 7 * 24 * 60;
/// The DHCP server's pool and the neighbour caches have room for this many.
const MAXIMUM_NODES: u16 = 500;
const MAXIMUM_LOSS: f64 = 50.0;

/// A hub and its sensor nodes on a simulated LAN: real Ethernet frames, virtual time, and a
/// schedule of mishaps. Exits with 1 if a host is not CONNECTED at the end or a mishap had no
/// effect, with 2 for a bad option or a file that cannot be written.
#[derive(Clone, Debug, Parser)]
#[command(name = "sensor_hub", version)]
pub struct Options {
    /// Number of sensor nodes, 1 to 500
    #[arg(long, value_name = "N", default_value = "6", value_parser = nodes)]
    pub nodes: u16,
    /// Virtual minutes to run, 15 to 10080
    #[arg(long, value_name = "N", default_value = "60", value_parser = minutes)]
    pub minutes: u64,
    /// Percentage of frames lost on their way from the switch to a host, 0 to 50
    // Lets `loss` reject a negative number, instead of reporting an unknown option.
    #[arg(
        long,
        value_name = "PERCENT",
        default_value = "1",
        value_parser = loss,
        allow_negative_numbers = true
    )]
    pub loss: f64,
    /// Random seed; the same seed gives the same output, byte for byte
    #[arg(long, value_name = "N", default_value = "1")]
    pub seed: u64,
    /// Write every frame that the switch received to this file, for Wireshark
    #[arg(long, value_name = "FILE")]
    pub pcap: Option<PathBuf>,
    /// Draw the states of the hosts and the tokens of the limiter to this file
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

fn nodes(text: &str) -> Result<u16, String> {
    match text.parse() {
        Ok(nodes @ 1..=MAXIMUM_NODES) => Ok(nodes),
        _ => Err(format!("allowed are 1 to {MAXIMUM_NODES}")),
    }
}

fn minutes(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(minutes @ MINIMUM_MINUTES..=MAXIMUM_MINUTES) => Ok(minutes),
        Ok(0..MINIMUM_MINUTES) => Err(format!(
            "the schedule of mishaps needs at least {MINIMUM_MINUTES} minutes"
        )),
        _ => Err(format!(
            "allowed are {MINIMUM_MINUTES} to {MAXIMUM_MINUTES}"
        )),
    }
}

fn loss(text: &str) -> Result<f64, String> {
    // NaN is in no range, so it is rejected too.
    match text.parse::<f64>() {
        Ok(percent) if (0.0..=MAXIMUM_LOSS).contains(&percent) => Ok(percent),
        _ => Err(format!("allowed is a percentage from 0 to {MAXIMUM_LOSS}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Options, String> {
        Options::try_parse_from([&["sensor_hub"], arguments].concat())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn defaults_are_those_of_the_description() {
        let options = parse(&[]).unwrap();
        assert_eq!((options.nodes, options.minutes, options.seed), (6, 60, 1));
        assert_eq!((options.pcap, options.svg), (None, None));
    }

    #[test]
    fn bad_values_are_refused_with_what_is_allowed() {
        for (arguments, allowed) in [
            (["--nodes", "0"], "1 to 500"),
            (["--nodes", "501"], "1 to 500"),
            (["--nodes", "six"], "1 to 500"),
            (["--minutes", "14"], "at least 15 minutes"),
            (["--minutes", "10081"], "15 to 10080"),
            (["--loss", "-1"], "0 to 50"),
            (["--loss", "50.1"], "0 to 50"),
            (["--loss", "NaN"], "0 to 50"),
            (["--seed", "x"], "--seed"),
            (["--speed", "1"], "--speed"),
        ] {
            let message = parse(&arguments).unwrap_err();
            assert!(message.contains(allowed), "{arguments:?}: {message}");
        }
    }

    #[test]
    fn ends_of_the_ranges_are_allowed() {
        for arguments in [
            ["--nodes", "1"],
            ["--nodes", "500"],
            ["--minutes", "15"],
            ["--loss", "50"],
        ] {
            assert!(parse(&arguments).is_ok(), "{arguments:?}");
        }
    }
}
