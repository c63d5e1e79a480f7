//! The documentation shows every page and every picture.

use std::fs;
use std::path::{Path, PathBuf};

use core::any::{type_name, type_name_of_val};

use lankeeper::{Action, Command, Event, Manager, Notice, Report, ServerAction, ServerReport};

use crate::support::golden::read;

#[test]
fn every_file_of_the_guide_is_shown() {
    let library = read("src/lib.rs");
    for name in files() {
        assert!(is_shown(&name, &library), "{name} is shown nowhere");
    }
}

/// Planted failure: a file that is not shown is missed.
#[test]
fn a_file_that_is_not_shown_is_found() {
    let library = read("src/lib.rs");
    for name in files() {
        let shown = format!("include_str!(\"guide/{name}\")");
        assert!(!is_shown(&name, &library.replace(&shown, "")), "{name}");
    }
}

fn is_shown(name: &str, library: &str) -> bool {
    library.contains(&format!("include_str!(\"guide/{name}\")"))
}

fn files() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/guide");
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names: Vec<_> = names.collect();
    assert!(names.len() > 5, "{names:?}");
    names
}

/// Every example has its paragraph, and its place in README.
#[test]
fn every_example_is_named() {
    let (page, readme) = (read("src/guide/examples.md"), read("README.md"));
    for name in examples() {
        assert!(page.contains(&format!("\n## {name}\n")), "{name}");
        assert!(readme.contains(&name), "{name}");
    }
    // A published crate leaves out what is a project of its own.
    let is_known = |name: &str| name == "firmware" || examples().contains(&name.to_owned());
    let mut headings = page.lines().filter_map(|line| line.strip_prefix("## "));
    assert_eq!(headings.find(|name| !is_known(name)), None);
}

/// The folders and files that can be run.
fn examples() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let is_run = |path: &PathBuf| {
        let mains = ["main.rs", "src/main.rs"];
        path.is_file() || mains.iter().any(|main| path.join(main).is_file())
    };
    let name = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let names: Vec<_> = entries.filter(is_run).map(name).collect();
    assert!(names.len() > 5, "{names:?}");
    names
}

/// A picture within a page ends at an empty line, and needs nothing from anywhere else.
#[test]
fn every_picture_can_stand_in_a_page() {
    for name in files().iter().filter(|name| name.ends_with(".svg")) {
        let picture = read(&format!("src/guide/{name}"));
        assert!(
            picture.starts_with("<svg ") && picture.ends_with("</svg>\n"),
            "{name}"
        );
        assert!(
            picture.lines().all(|line| !line.trim().is_empty()),
            "{name}"
        );
        assert!(
            !picture.contains("href") && !picture.contains("url("),
            "{name}"
        );
    }
}

/// The picture of who says what to whom names what there is.
#[test]
fn the_names_in_the_overview_are_those_of_the_code() {
    let picture = read("src/guide/overview.svg");
    let types = [
        type_name::<Manager>(),
        type_name::<Command<'_>>(),
        type_name::<Action<'_>>(),
        type_name::<ServerAction<'_>>(),
        type_name::<Event>(),
        type_name::<Report>(),
        type_name::<ServerReport>(),
        type_name::<Notice>(),
        type_name_of_val(&Manager::<1>::open),
        type_name_of_val(&Manager::<1>::connect),
        type_name_of_val(&Manager::<1>::handle_event),
        type_name_of_val(&Manager::<1>::handle_timeout),
        type_name_of_val(&Manager::<1>::poll_output),
        type_name_of_val(&Manager::<1>::poll_at),
    ];
    for name in types {
        let name = name.split('<').next().unwrap().rsplit("::").next().unwrap();
        assert!(has_word(&picture, name), "{name}");
        assert!(!has_word(&picture.replace(name, "gone"), name), "{name}");
    }
}

/// Whether a picture shows a word.
fn has_word(picture: &str, word: &str) -> bool {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let texts = picture.split('<').filter_map(|tag| tag.split_once('>'));
    let mut words = texts.flat_map(|(_, text)| text.split(|character| !is_part(character)));
    words.any(|found| found == word)
}
