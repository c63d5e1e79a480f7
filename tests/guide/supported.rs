//! The page of what is there and what is not.

use super::page::{Page, Table, rows};
use crate::spec_coverage::{NOT_BUILT, SPEC};
use crate::support::golden::read;

const PAGE: &str = "src/guide/supported.md";

fn page() -> Page {
    Page::new(PAGE, vec![("not built", not_built())])
}

fn not_built() -> Table {
    let spec = read(SPEC);
    let mut table = Table::new(&["rule", "what it says"]);
    for rule in NOT_BUILT {
        let begins = format!("- {rule} ");
        let text = spec.lines().find_map(|line| line.strip_prefix(&begins));
        let text = text.unwrap_or_else(|| panic!("{SPEC} has no {rule}"));
        let first = text
            .split_inclusive(&['.', ':', ';'])
            .next()
            .unwrap_or(text);
        table.row(&[rule, &first.trim_end_matches(['.', ':', ';'])]);
    }
    table
}

#[test]
fn what_is_not_built_is_on_the_page() {
    page().check();
}

/// Planted failures: a row that is lost or says something else is missed.
#[test]
fn a_change_of_what_is_not_built_shows() {
    page().check_that_a_change_shows();
}

/// The page has the features of the manifest, and no others.
#[test]
fn every_feature_is_on_the_page() {
    assert_eq!(features(&read(PAGE)), declared(&read("Cargo.toml")));
}

fn features(page: &str) -> Vec<String> {
    let name = |row: Vec<String>| row[0].trim_matches('`').to_owned();
    rows(page, "| feature | adds |")
        .into_iter()
        .map(name)
        .collect()
}

/// The features of a manifest in order.
fn declared(manifest: &str) -> Vec<String> {
    let mut lines = manifest.lines().skip_while(|line| *line != "[features]");
    assert!(lines.next().is_some(), "the manifest has features");
    let lines = lines.take_while(|line| !line.starts_with('['));
    let name = |line: &str| Some(line.split_once(" = ")?.0.to_owned());
    let names = lines.filter(|line| !line.starts_with('#')).filter_map(name);
    let mut names: Vec<_> = names.filter(|name| name != "default").collect();
    names.sort_unstable();
    names
}

/// Planted failure: a feature that the page leaves out is missed.
#[test]
fn a_feature_without_a_row_shows() {
    let (page, manifest) = (read(PAGE), read("Cargo.toml"));
    let more = manifest.replace("\n[features]\n", "\n[features]\nmore = []\n");
    assert_ne!(features(&page), declared(&more));
    let row = page
        .lines()
        .find(|line| line.starts_with("| `sim` |"))
        .unwrap();
    assert_ne!(features(&page.replace(row, "")), declared(&manifest));
}
