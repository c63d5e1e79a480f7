//! The page that everybody reads first.

use super::backend::ANSWERS;
use super::page::rows;
use crate::support::golden::{is_updating, read, same, write};

const README: &str = "README.md";
const EXAMPLE: &str = "examples/minimal.rs";
/// More is not read.
const LINES: usize = 150;

const BEGIN: &str = "<!-- minimal -->\n";
const END: &str = "<!-- end -->\n";

#[test]
fn it_is_short() {
    let lines = read(README).lines().count();
    assert!(lines <= LINES, "{lines} lines, at most {LINES}");
}

/// What it shows first is the smallest example, which runs.
#[test]
fn it_begins_with_the_smallest_example() {
    if is_updating() {
        write(README, &showing(&read(README), &read(EXAMPLE)));
    }
    let page = read(README);
    if let Err(why) = same(README, &page, &showing(&page, &read(EXAMPLE))) {
        panic!("{why}");
    }
    let first = page.find("```").expect("it shows code");
    assert!(page[..first].ends_with(&format!("{BEGIN}\n")));
}

/// The page with this example, without the comment at its head.
fn showing(page: &str, example: &str) -> String {
    let (before, rest) = page.split_once(BEGIN).expect("there is a place for it");
    let (_, after) = rest.split_once(END).expect("the place ends");
    let code = example
        .lines()
        .skip_while(|line| line.starts_with("//!") || line.is_empty())
        .fold(String::new(), |code, line| code + line + "\n");
    format!("{before}{BEGIN}\n```rust\n{code}```\n\n{END}{after}")
}

/// Planted failure: an example that has changed is missed.
#[test]
fn a_change_of_the_example_shows() {
    let (page, example) = (read(README), read(EXAMPLE));
    let page = showing(&page, &example);
    for line in example.lines().filter(|line| line.starts_with("    ")) {
        let changed = example.replacen(line, "", 1);
        assert!(
            same(README, &page, &showing(&page, &changed)).is_err(),
            "{line}"
        );
    }
}

// spec: DRV-1
#[test]
fn its_map_of_commands_and_reports_is_that_of_the_running_code() {
    assert_eq!(wrong(&read(README)), Vec::<String>::new());
}

/// What the short map has that the running code has not, and the commands that it leaves out.
fn wrong(page: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let names = |cell: &str| {
        cell.split(", ")
            .filter(|name| !name.is_empty())
            .map(|name| name.trim_matches('`').to_owned())
            .collect::<Vec<_>>()
    };
    for row in rows(page, "| command | report | later |") {
        for command in names(&row[0]) {
            let Some(reports) = ANSWERS.get(&command) else {
                wrong.push(format!("{command} is no command"));
                continue;
            };
            for (cell, counting) in [(&row[1], &reports.first), (&row[2], &reports.later)] {
                let missing = names(cell)
                    .into_iter()
                    .filter(|report| !counting.contains(report));
                wrong.extend(
                    missing.map(|report| format!("{command} is not answered with {report}")),
                );
            }
        }
    }
    let missing = ANSWERS
        .keys()
        .filter(|command| !page.contains(&format!("`{command}`")));
    wrong.extend(missing.map(|command| format!("{command} is missing")));
    wrong
}

/// Planted failures: a wrong report and a command that is left out are found.
#[test]
fn a_wrong_map_shows() {
    let page = read(README);
    let changed = page.replace("| `Ready` |", "| `Joined` |");
    assert_eq!(wrong(&changed), ["PowerUp is not answered with Joined"]);
    let changed = page.replace("| `Dial` |", "| `Register` |");
    assert!(wrong(&changed).contains(&"Dial is missing".to_owned()));
}
