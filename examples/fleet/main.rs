//! Counts how many of 20,000 devices connect in one second to a server that is back after an outage.
//! Prints the tables of the page `guide::fleets`, with the goal beside each figure.
//!
//! ```sh
//! cargo run --release --example fleet
//! ```
#![allow(
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "an example may panic; these lints guard the core"
)]

mod plot;
mod simulation;

use std::io::Write as _;
use std::path::PathBuf;

use clap::Parser;
use comfy_table::{Table, presets::ASCII_MARKDOWN};
use lankeeper::{Policy, Span};

use plot::Line;
use simulation::{
    Interfaces, SECOND, Scene, Times, busiest_second, outage, percentile, power_return,
};

/// Takes a server away from a fleet, and prints how many devices come back to it in one second.
#[derive(Clone, Debug, Parser)]
#[command(name = "fleet", version)]
struct Options {
    /// Number of devices; their seeds are 0, 1, 2 …
    #[arg(long, value_name = "N", default_value_t = 20_000,
          value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    devices: u32,
    /// The spread in the tables with one, in seconds
    #[arg(long, value_name = "S", default_value_t = 30,
          value_parser = clap::value_parser!(u32).range(1..=3_600))]
    spread: u32,
    /// Also draw the connections in each second after an outage of 10 s, into this SVG file
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
}

const POLICIES: [Policy; 4] = [
    Policy::SuspendOnError,
    Policy::ReturnOnError,
    Policy::ReturnOnErrorNoDisconnect,
    Policy::KeepTrying,
];

/// Outages in milliseconds, by name, with the goal for the busiest second without a spread.
const OUTAGES: [(&str, u64, Option<f64>); 11] = [
    ("0.1 s", 100, None),
    ("1 s", 1_000, None),
    ("2 s", 2_000, None),
    ("5 s", 5_000, Some(0.35)),
    ("10 s", 10_000, Some(0.20)),
    ("30 s", 30_000, Some(0.13)),
    ("55 s", 55_000, Some(0.13)),
    ("60 s", 60_000, Some(0.10)),
    ("2 min", 120_000, Some(0.10)),
    ("10 min", 600_000, Some(0.10)),
    ("30 min", 1_800_000, Some(0.10)),
];

/// The goal for the busiest second with a spread of 30 s.
const SPREAD_GOAL: f64 = 0.05;

/// The time from the end of an outage to the connection of half the fleet where nothing spreads it, in
/// seconds.
const SOON: [(&str, u64, f64); 2] = [("1 s", SECOND, 1.5), ("55 s", 55 * SECOND, 6.0)];

/// The time until 99 % are back where the server takes 1 % of the fleet a second, in seconds: under
/// `SuspendOnError` a pause and a round.
const CAPACITY: [(Policy, f64); 3] = [
    (Policy::SuspendOnError, 660.0),
    (Policy::ReturnOnError, 250.0),
    (Policy::KeepTrying, 150.0),
];

/// How long a fleet may take at most: several rounds with their pauses.
const PATIENCE: u64 = 3_600 * SECOND;

/// Figures and their goals, as text; counts the goals.
#[derive(Default)]
struct Goals {
    met: u32,
    missed: u32,
}

impl Goals {
    /// A figure, in bold where it misses its goal.
    fn cell(&mut self, text: String, figure: f64, goal: Option<f64>) -> String {
        match goal {
            Some(goal) if figure > goal => {
                self.missed += 1;
                format!("**{text}**")
            }
            Some(_) => {
                self.met += 1;
                text
            }
            None => text,
        }
    }

    /// The largest part of the times that is within one second, in percent.
    fn share(&mut self, times: &[u64], goal: Option<f64>) -> String {
        if times.is_empty() {
            return "–".to_owned();
        }
        let share = busiest_second(times);
        self.cell(format!("{:.1} %", share * 100.0), share, goal)
    }

    /// The time from the end of an outage until this part of the fleet is connected.
    fn back(&mut self, run: &Run, part: f64, goal: Option<f64>) -> String {
        match percentile(&run.times.connected, run.scene.devices, part) {
            Some(at) => {
                let seconds = at.saturating_sub(run.outage) as f64 / SECOND as f64;
                self.cell(format!("{seconds:.1} s"), seconds, goal)
            }
            None => self.cell("never".to_owned(), f64::INFINITY, goal),
        }
    }
}

/// An outage and what came of it.
struct Run {
    scene: Scene,
    outage: u64,
    times: Times,
}

impl Run {
    fn new(scene: Scene, length: u64) -> Self {
        Self {
            scene,
            outage: length,
            times: outage(scene, length, length + PATIENCE),
        }
    }
}

fn main() {
    let options = Options::parse();
    let mut goals = Goals::default();
    let spread = Span::from_secs(options.spread);
    let spread_goal = (options.spread == 30).then_some(SPREAD_GOAL);
    for interfaces in [Interfaces::One, Interfaces::Three] {
        for (spread, spread_goal) in [(spread, spread_goal), (None, None)] {
            print(&shares(
                &options,
                interfaces,
                spread,
                spread_goal,
                &mut goals,
            ));
        }
    }
    print(&soon(&options, &mut goals));
    for interfaces in [Interfaces::One, Interfaces::Three] {
        print(&capacity(&options, interfaces, &mut goals));
    }
    if let Some(file) = &options.plot {
        std::fs::write(file, drawing(&options)).expect("the file can be written");
    }
    let Goals { met, missed } = goals;
    print(&format!("{missed} of {} goals are missed.\n", met + missed));
}

/// The busiest second after each outage. The goal is that with the spread; without it each outage has
/// its own.
fn shares(
    options: &Options,
    interfaces: Interfaces,
    spread: Option<Span>,
    spread_goal: Option<f64>,
    goals: &mut Goals,
) -> String {
    let title = spread.map_or_else(
        || "Without a spread".to_owned(),
        |_| format!("With a spread of {} s", options.spread),
    );
    let title = titled(&title, interfaces);
    let scene = |policy| Scene {
        interfaces,
        ..scene(options, policy, spread)
    };
    let mut header = vec!["outage".to_owned()];
    header.extend(POLICIES.map(|policy| format!("`{policy:?}`")));
    header.push("goal".to_owned());
    let mut table = table(&header);
    let mut reports = vec!["reports of a loss".to_owned()];
    for (name, millis, goal) in OUTAGES {
        let goal = spread.map_or(goal, |_| spread_goal);
        let mut row = vec![name.to_owned()];
        for policy in POLICIES {
            let run = Run::new(scene(policy), millis * 1_000);
            row.push(goals.share(&run.times.connected, goal));
            if name == "10 min" {
                reports.push(goals.share(&run.times.reported, spread_goal));
            }
        }
        row.push(percent(goal));
        table.add_row(row);
    }
    reports.push(percent(spread_goal));
    table.add_row(reports);
    let mut row = vec!["return of power".to_owned()];
    for policy in POLICIES {
        let times = power_return(scene(policy), PATIENCE);
        row.push(goals.share(&times.connected, spread_goal));
    }
    row.push(percent(spread_goal));
    table.add_row(row);
    format!("### {title}\n\n{table}\n\n")
}

/// How soon a device is back.
fn soon(options: &Options, goals: &mut Goals) -> String {
    let mut table = table(&["outage", "spread", "policy", "half", "99 %", "goal of half"]);
    for (name, length, goal) in SOON {
        for spread in [None, Span::from_secs(options.spread)] {
            for (policy, _) in CAPACITY {
                let run = Run::new(scene(options, policy, spread), length);
                let goal = spread.is_none().then_some(goal);
                table.add_row([
                    name.to_owned(),
                    named(spread),
                    format!("`{policy:?}`"),
                    goals.back(&run, 0.5, goal),
                    goals.back(&run, 0.99, None),
                    goal.map_or_else(|| "none".to_owned(), |goal| format!("{goal:.1} s")),
                ]);
            }
        }
    }
    format!("### How soon devices are back\n\n{table}\n\n")
}

/// What a server meets that takes 1 % of the fleet a second, and refuses all others.
fn capacity(options: &Options, interfaces: Interfaces, goals: &mut Goals) -> String {
    let mut table = table(&[
        "outage",
        "spread",
        "policy",
        "half",
        "99 %",
        "goal of 99 %",
        "tries a device",
    ]);
    for (name, length) in [("10 s", 10), ("60 s", 60), ("10 min", 600)] {
        for spread in [None, Span::from_secs(options.spread)] {
            for (policy, goal) in CAPACITY {
                let scene = Scene {
                    interfaces,
                    capacity: Some(options.devices / 100),
                    ..scene(options, policy, spread)
                };
                let run = Run::new(scene, length * SECOND);
                let tries = run.times.tries as f64 / f64::from(options.devices);
                table.add_row([
                    name.to_owned(),
                    named(spread),
                    format!("`{policy:?}`"),
                    goals.back(&run, 0.5, None),
                    goals.back(&run, 0.99, Some(goal)),
                    format!("{goal:.0} s"),
                    format!("{tries:.1}"),
                ]);
            }
        }
    }
    let title = titled("A server that takes 1 % of the fleet a second", interfaces);
    format!("### {title}\n\n{table}\n\n")
}

/// The connections after an outage of 10 s, with and without a spread.
fn drawing(options: &Options) -> String {
    let back = 10 * SECOND;
    let spread = Span::from_secs(options.spread);
    let run = |spread| Run::new(scene(options, Policy::ReturnOnError, spread), back);
    let (without, with) = (run(None), run(spread));
    let name = format!("with a spread of {} s", options.spread);
    let lines = [
        Line {
            name: "without a spread",
            color: "#c93a2e",
            times: &without.times.connected,
        },
        Line {
            name: &name,
            color: "#1f5fa8",
            times: &with.times.connected,
        },
    ];
    plot::draw(&lines, options.devices, back, 60, 0.2)
}

const fn scene(options: &Options, policy: Policy, spread: Option<Span>) -> Scene {
    Scene {
        devices: options.devices,
        interfaces: Interfaces::One,
        policy,
        spread,
        capacity: None,
    }
}

/// A title, with the number of interfaces where there are several.
fn titled(title: &str, interfaces: Interfaces) -> String {
    match interfaces {
        Interfaces::One => title.to_owned(),
        Interfaces::Three => format!("{title}, three interfaces"),
    }
}

/// A table of Markdown.
fn table<T: ToString>(header: &[T]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(header.iter().map(ToString::to_string));
    table
}

fn named(spread: Option<Span>) -> String {
    spread.map_or_else(
        || "none".to_owned(),
        |spread| format!("{} s", spread.as_millis() / 1_000),
    )
}

fn percent(goal: Option<f64>) -> String {
    goal.map_or_else(
        || "none".to_owned(),
        |goal| format!("{:.0} %", goal * 100.0),
    )
}

fn print(text: &str) {
    // A closed pipe is no error.
    let _ = std::io::stdout().write_all(text.as_bytes());
}
