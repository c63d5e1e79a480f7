//! The printed report: the timeline and the closing tables.

use std::collections::BTreeSet;
use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use lankeeper::{Duration, State};

use crate::dhcp_server::LEASE_SECONDS;
use crate::hub::Tally;
use crate::mishap::{HUB, Mishap};
use crate::options::Options;
use crate::simulation::{HostOutcome, Outcome};
use crate::story::{Line, lines};
use crate::timeline::{HostId, clock, seconds};

/// The most hosts that each get a row of their own in the tables.
const ROWS: usize = 24;

/// The width of the tables, in columns of the terminal.
const WIDTH: u16 = 120;
/// A line shows its duration only from here on.
const SHOWN_DURATION: Duration = Duration::from_millis(1);

/// Returns the whole report, and whether all is well.
pub fn report(options: &Options, outcome: &Outcome) -> (String, bool) {
    let mut text = heading(options);
    for line in lines(outcome) {
        push(&mut text, &printed(&line, outcome));
    }
    let (mishaps, shown) = mishap_table(outcome);
    let failures = unconnected(outcome);
    push(&mut text, "");
    push(&mut text, &host_table(outcome));
    push(&mut text, &mishaps);
    push(&mut text, &footing(outcome));
    for failure in &failures {
        push(&mut text, &format!("FAILED: {failure}"));
    }
    let good = shown && failures.is_empty();
    push(
        &mut text,
        if good {
            "All hosts are CONNECTED, and every mishap had its effect."
        } else {
            "Not as expected: see above."
        },
    );
    (text, good)
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn heading(options: &Options) -> String {
    let Options {
        nodes,
        minutes,
        loss,
        seed,
        ..
    } = options;
    let plural = if *nodes == 1 { "" } else { "s" };
    let wifi = match nodes / 2 {
        0 => String::new(),
        radios => format!(", {radios} of them on Wi-Fi,"),
    };
    format!(
        "A hub and {nodes} node{plural}{wifi} for {minutes} virtual minutes, {loss} % loss, seed {seed}, \
         leases of {LEASE_SECONDS} s\n\n"
    )
}

fn printed(line: &Line, outcome: &Outcome) -> String {
    let who = match line.hosts.iter().next() {
        Some(host) if line.hosts.len() == 1 => outcome.hosts[*host].name.clone(),
        _ => format!("{} hosts", line.hosts.len()),
    };
    let mark = if line.is_mishap { "**" } else { "  " };
    let mut text = format!("{:>13} {mark} {who:<9} {}", clock(line.at), line.text);
    let duration = line.until.saturating_duration_since(line.at);
    if line.count == 1 && duration >= SHOWN_DURATION {
        let _ = write!(text, ", in {}", seconds(duration));
    } else if line.count > line.hosts.len() {
        let _ = write!(text, " ({} times until {})", line.count, clock(line.until));
    }
    text
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH)
        .set_header(header);
    table
}

fn host_table(outcome: &Outcome) -> String {
    let mut table = table(&[
        "host",
        "state",
        "polls",
        "repeats",
        "answers",
        "lost",
        "bad sequence",
        "limited",
        "dropped",
        "given up",
    ]);
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let (shown, others) = rows(outcome);
    for host in shown {
        let host = &outcome.hosts[host];
        table.add_row(row(&host.name, &state(host), host));
    }
    if !others.is_empty() {
        let sum = others
            .iter()
            .fold(nothing(), |sum, host| add(sum, &outcome.hosts[*host]));
        let state = format!(
            "{} CONNECTED",
            others
                .iter()
                .filter(|host| { outcome.hosts[**host].state == Some(State::Connected) })
                .count()
        );
        table.add_row(row(&format!("{} others", others.len()), &state, &sum));
    }
    let all = outcome.hosts.iter().fold(nothing(), add);
    table.add_row(row("sum", "", &all));
    table.to_string()
}

/// Splits the hosts into those with a row of their own and the others. Hosts affected by a mishap
/// always have one.
pub fn rows(outcome: &Outcome) -> (Vec<HostId>, Vec<HostId>) {
    let stranger = outcome.hosts.len() - 1;
    let devices = HUB..=stranger;
    if stranger <= ROWS {
        return (devices.collect(), Vec::new());
    }
    let mut met: BTreeSet<HostId> = outcome
        .schedule
        .iter()
        .map(|mishap| mishap.kind.host(stranger))
        .collect();
    met.insert(HUB);
    devices.partition(|host| met.contains(host))
}

fn row(name: &str, state: &str, host: &HostOutcome) -> Vec<String> {
    let (tally, counters) = (host.tally, host.counters);
    // The hub is not polled itself.
    let polled = |count: u32| {
        if tally.polls == 0 {
            String::new()
        } else {
            count.to_string()
        }
    };
    vec![
        name.to_owned(),
        state.to_owned(),
        polled(tally.polls),
        polled(tally.repeats),
        polled(tally.answers),
        polled(tally.lost),
        polled(counters.bad_sequence),
        counters.limited.to_string(),
        counters.dropped.to_string(),
        polled(tally.given_up),
    ]
}

fn state(host: &HostOutcome) -> String {
    host.state.map_or_else(String::new, |state| {
        format!("{} ({})", state.name(), state.code())
    })
}

fn nothing() -> HostOutcome {
    HostOutcome {
        name: String::new(),
        state: None,
        counters: Default::default(),
        tally: Tally::default(),
        tokens: Vec::new(),
    }
}

fn add(mut sum: HostOutcome, host: &HostOutcome) -> HostOutcome {
    sum.tally.polls += host.tally.polls;
    sum.tally.repeats += host.tally.repeats;
    sum.tally.answers += host.tally.answers;
    sum.tally.lost += host.tally.lost;
    sum.tally.given_up += host.tally.given_up;
    sum.counters.bad_sequence += host.counters.bad_sequence;
    sum.counters.limited += host.counters.limited;
    sum.counters.dropped += host.counters.dropped;
    sum
}

fn mishap_table(outcome: &Outcome) -> (String, bool) {
    let mut table = table(&["mishap", "at", "host", "expected effect", "seen"]);
    let stranger = outcome.hosts.len() - 1;
    let mut all = true;
    for mishap in &outcome.schedule {
        let Mishap { kind, begin, .. } = mishap;
        let (name, expected) = kind.expectation();
        let seen = mishap
            .seen(&outcome.timeline, stranger)
            .unwrap_or_else(|missing| {
                all = false;
                format!("FAILED: {missing}")
            });
        let host = &outcome.hosts[kind.host(stranger)].name;
        table.add_row([name, &clock(*begin), host, expected, &seen]);
    }
    (table.to_string(), all)
}

fn unconnected(outcome: &Outcome) -> Vec<String> {
    let wrong = |host: &&HostOutcome| host.state.is_some_and(|state| state != State::Connected);
    let text = |host: &HostOutcome| format!("{} is {} at the end", host.name, state(host));
    outcome.hosts.iter().filter(wrong).map(text).collect()
}

fn footing(outcome: &Outcome) -> String {
    let server = outcome.server;
    format!(
        "DHCP server: {} offers, {} leases granted, {} renewed, {} refused, {} messages \
         ignored while silent.\nSwitch: {} frames delivered, {} lost.",
        server.offers,
        server.grants,
        server.renewals,
        server.refusals,
        server.ignored,
        outcome.frames,
        outcome.frames_lost,
    )
}
