//! What the documentation promises of every name: one path, and an example for each method of the
//! manager.

use std::collections::BTreeMap;
use std::fs::read_dir;

use crate::support::golden::read;

/// The names that a file exports by `pub use`.
fn exported(source: &str) -> Vec<String> {
    let uses = source.split("\npub use ").skip(1);
    uses.filter_map(|rest| rest.split_once(';'))
        .flat_map(|(path, _)| {
            let names = path.rsplit_once("::").map_or(path, |(_, name)| name);
            let list = path.split_once('{').map_or(names, |(_, list)| list);
            list.trim_end_matches('}')
                .split(',')
                .map(|name| name.trim().to_owned())
                .filter(|name| !name.is_empty())
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The names that are exported more than once, with where.
fn doubled(files: &[(String, String)]) -> Vec<String> {
    let mut places: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (file, source) in files {
        for name in exported(source) {
            places.entry(name).or_default().push(file);
        }
    }
    let doubled = places.into_iter().filter(|(_, files)| files.len() > 1);
    doubled
        .map(|(name, files)| format!("{name}: {}", files.join(", ")))
        .collect()
}

/// The files that export names: the root, and each module of the crate.
fn exporting() -> Vec<(String, String)> {
    let modules = read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap();
    let modules = modules.filter_map(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let file = format!("src/{name}/mod.rs");
        let has_it = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(&file)
            .exists();
        has_it.then_some(file)
    });
    let mut files: Vec<_> = modules.chain(["src/lib.rs".to_owned()]).collect();
    files.sort();
    files
        .into_iter()
        .map(|file| {
            let source = read(&file);
            (file, source)
        })
        .collect()
}

#[test]
fn every_name_has_one_path() {
    let files = exporting();
    assert!(files.len() > 8, "it looks at every module");
    assert_eq!(doubled(&files), Vec::<String>::new());
}

#[test]
fn about_forty_names_are_at_the_root() {
    let names = exported(&read("src/lib.rs"));
    assert!(
        (40..=45).contains(&names.len()),
        "{}: {names:?}",
        names.len()
    );
    assert!(names.contains(&"Manager".to_owned()));
}

/// Planted failure: a name with a second path is found.
#[test]
fn a_second_path_shows() {
    let mut files = exporting();
    let module = files.iter_mut().find(|(file, _)| file.contains("manager"));
    module
        .unwrap()
        .1
        .push_str("\npub use machine::{Ignored, Manager};\n");
    let doubled = doubled(&files);
    assert!(
        doubled.iter().any(|line| line.starts_with("Manager: ")),
        "{doubled:?}"
    );
}

/// The methods of the manager in a file whose documentation has no example.
fn without_example(source: &str) -> Vec<String> {
    let mut without = Vec::new();
    let (mut has_example, mut is_manager) = (false, false);
    for line in source.lines() {
        if line.starts_with("impl") {
            is_manager = line.contains("Manager<");
        }
        is_manager |= line.trim_start().starts_with("Manager<");
        let Some(line) = line.strip_prefix("    ") else {
            continue;
        };
        if line.starts_with("///") {
            has_example |= line.contains("```");
        } else if !line.starts_with("#[") && !line.starts_with("//") {
            let method = line
                .strip_prefix("pub const fn ")
                .or(line.strip_prefix("pub fn "));
            if let Some(method) = method.filter(|_| is_manager && !has_example) {
                let end = method.find(['(', '<']).unwrap();
                without.push(method[..end].to_owned());
            }
            has_example = false;
        }
    }
    without
}

const METHODS: [&str; 8] = [
    "src/driver/poll.rs",
    "src/manager/input.rs",
    "src/manager/machine.rs",
    "src/manager/open.rs",
    "src/manager/output.rs",
    "src/manager/server.rs",
    "src/manager/stored.rs",
    "src/manager/udp.rs",
];

#[test]
fn every_method_of_the_manager_has_an_example() {
    for file in METHODS {
        assert_eq!(without_example(&read(file)), Vec::<String>::new(), "{file}");
    }
}

/// Planted failure: a method without one is found.
#[test]
fn a_method_without_an_example_shows() {
    for file in METHODS {
        let source = read(file);
        let planted = source.replacen("    /// ```\n", "", 2);
        assert_eq!(without_example(&planted).len(), 1, "{file}");
    }
}
