//! Files that are generated, and held against what they should be.

use std::path::{Path, PathBuf};

/// Makes every generated file anew. Whatever is drawn needs `dot` of Graphviz where it changed.
const UPDATE: &str = "LANKEEPER_UPDATE=1 cargo test --test behaviour -- every_pair guide::";

/// Whether generated files are to be made anew.
pub(crate) fn is_updating() -> bool {
    std::env::var_os("LANKEEPER_UPDATE").is_some()
}

/// What stands in a file; nothing where there is none.
pub(crate) fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_default()
}

pub(crate) fn write(name: &str, text: &str) {
    std::fs::write(path(name), text).unwrap();
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Holds what was found in a file against what it should be.
pub(crate) fn same(name: &str, found: &str, expected: &str) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    let mut lines = (1..).zip(found.lines().zip(expected.lines()));
    let place = match lines.find(|(_, (found, expected))| found != expected) {
        Some((number, (found, expected))) => {
            format!("line {number}:\n found {found}\nwanted {expected}")
        }
        None => "one is longer than the other".into(),
    };
    Err(format!("{name} is stale, {place}\nMake it anew: {UPDATE}"))
}
