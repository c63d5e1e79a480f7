//! The core is the same everywhere: no line of it depends on the target, an allocator or an
//! operating system.
//!
//! `.ci/same-everywhere` also compares outputs of the core with those on a Cortex-M3, and
//! `.ci/bare-metal` links it without an allocator.

use std::path::Path;

use crate::spec_coverage::collect;

/// The features that a `cfg` may name. A feature only adds code and changes none.
const FEATURES: [&str; 6] = ["conformance", "defmt", "ipnet", "sim", "std", "view"];
/// Lines that depend on the target nevertheless, and why the outputs are the same.
const EXCEPTIONS: [(&str, &str); 2] = [
    // The same factor, stored in one machine word.
    ("src/udp/quota.rs", "#[cfg(target_pointer_width = \"64\")]"),
    (
        "src/udp/quota.rs",
        "#[cfg(not(target_pointer_width = \"64\"))]",
    ),
];
/// The files with code for the feature `std`.
const WITH_STD: [&str; 2] = ["src/driver/clock.rs", "src/lib.rs"];

// spec: DRV-4
#[test]
fn no_line_of_the_core_depends_on_target_or_allocator() {
    let mut sources = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    collect(root, "src", &mut sources);
    assert!(sources.len() > 50, "the sources of the core were not found");
    let faults: Vec<_> = sources
        .iter()
        .flat_map(|(path, text)| faults(path, text))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));

    let lib = sources.iter().find(|(path, _)| path == "src/lib.rs");
    let (_, lib) = lib.expect("src/lib.rs exists");
    for attribute in ["#![no_std]", "#![forbid(unsafe_code)]"] {
        assert!(lib.lines().any(|line| line == attribute), "{attribute}");
    }
}

/// The lines of code that are not the same everywhere.
fn faults(path: &str, text: &str) -> Vec<String> {
    let code = text.lines().map(str::trim).enumerate();
    code.filter(|(_, line)| !line.starts_with("//"))
        .filter(|(_, line)| !EXCEPTIONS.contains(&(path, line)))
        .filter(|(_, line)| {
            asks_for_more_than_features(line)
                || names(line, "alloc")
                || (names(line, "std") && !WITH_STD.contains(&path))
        })
        .map(|(index, line)| format!("{path}:{}: {line}", index + 1))
        .collect()
}

/// Whether the line has a condition other than an allowed feature.
fn asks_for_more_than_features(line: &str) -> bool {
    let mut rest = line;
    while let Some(at) = rest.find("cfg") {
        rest = &rest[at + "cfg".len()..];
        let condition = rest.trim_start_matches("_attr").trim_start_matches('!');
        let Some(condition) = condition.strip_prefix('(') else {
            continue;
        };
        let is_feature = |name: &str| {
            let rest = condition.strip_prefix(&format!("feature = \"{name}\""));
            rest.is_some_and(|rest| rest.starts_with([')', ',']))
        };
        if !FEATURES.iter().any(|name| is_feature(name)) {
            return true;
        }
    }
    false
}

/// Whether the line uses this library: `std::time`, `extern crate std;`.
fn names(line: &str, library: &str) -> bool {
    let is_path = line.match_indices(&format!("{library}::")).any(|(at, _)| {
        !line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
    });
    is_path || line.starts_with(&format!("extern crate {library}"))
}

#[test]
fn each_kind_of_fault_is_found() {
    for line in [
        "#[cfg(target_os = \"none\")]",
        "#[cfg(not(feature = \"std\"))]",
        "#[cfg(all(feature = \"std\", unix))]",
        "#[cfg_attr(debug_assertions, inline)]",
        "#[cfg(feature = \"turbo\")]",
        "if cfg!(target_pointer_width = \"64\") {",
        "extern crate alloc;",
        "extern crate std as host;",
        "let text: alloc::string::String;",
        "let now = std::time::Instant::now();",
        "use std::collections::HashMap;",
    ] {
        let text = format!("//! Its rules.\n\n    {line}\n");
        let found = faults("src/time.rs", &text);
        assert_eq!(found, [format!("src/time.rs:3: {line}")]);
    }
    // An exception is valid in its own file only.
    for (path, line) in EXCEPTIONS {
        assert_eq!(faults(path, line), [""; 0]);
        assert_eq!(faults("src/udp/mod.rs", line).len(), 1);
    }
}

#[test]
fn portable_lines_are_no_fault() {
    for line in [
        "#[cfg(feature = \"std\")]",
        "#[cfg_attr(feature = \"defmt\", derive(defmt::Format))]",
        "/// # Ok::<(), Box<dyn std::error::Error>>(())",
        "let not_std::Path = my_alloc::take();",
        "let config = cfg;",
    ] {
        assert_eq!(faults("src/time.rs", line), [""; 0], "{line}");
    }
}
