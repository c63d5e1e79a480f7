//! Links of README and of the guide lead to files where a page stands alone, and to items and pages
//! within the documentation: of two definitions of a link the first one holds, and `src/lib.rs` puts
//! one before each page.

use std::fs;
use std::path::Path;

use crate::support::golden::read;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// README and the pages, each with the text that includes it.
fn pages() -> Vec<(String, String)> {
    let mut pages = vec![("README.md".to_owned(), "../README.md".to_owned())];
    for entry in fs::read_dir(Path::new(ROOT).join("src/guide")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".md") {
            pages.push((format!("src/guide/{name}"), format!("guide/{name}")));
        }
    }
    pages
}

#[test]
fn every_link_leads_somewhere() {
    let library = read("src/lib.rs");
    for (file, included) in pages() {
        let page = read(&file);
        let broken = broken(&file, &page, head(&library, &included));
        assert_eq!(broken, Vec::<String>::new(), "{file}");
    }
}

/// What `src/lib.rs` puts before a page.
fn head<'a>(library: &'a str, included: &str) -> &'a str {
    let include = format!("include_str!(\"{included}\")");
    let (head, _) = library.split_once(&include).expect("it is shown");
    head.rsplit("mod ").next().unwrap()
}

/// The links of a page that lead nowhere.
fn broken(file: &str, page: &str, head: &str) -> Vec<String> {
    let mut broken = Vec::new();
    let folder = Path::new(ROOT).join(file);
    let folder = folder.parent().unwrap();
    let texts: String = page.split("```").step_by(2).collect();
    for (name, target) in definitions(page) {
        let target_file = target.split('#').next().unwrap();
        if !folder.join(target_file).exists() {
            broken.push(format!("{target} does not exist"));
        }
        // Whether those of `src/lib.rs` lead somewhere, `cargo doc` checks.
        if !head.contains(&format!(" [{name}]: ")) {
            broken.push(format!("{name} is defined for files only"));
        }
    }
    let names: Vec<_> = definitions(page).map(|(name, _)| name).collect();
    for link in texts.split("][").skip(1) {
        let name = link.split(']').next().unwrap();
        if !names.contains(&name) {
            broken.push(format!("{name} is not defined"));
        }
    }
    for link in texts.split("](").skip(1) {
        let target = link.split(')').next().unwrap();
        if !target.starts_with("https://") {
            broken.push(format!("{target} leads to one place only"));
        }
    }
    broken
}

/// The links that a page defines, with the files that they lead to.
fn definitions(page: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = page.lines();
    lines.filter_map(|line| line.strip_prefix('[')?.split_once("]: "))
}

/// Planted failures: links of each kind that lead nowhere are found.
#[test]
fn a_broken_link_shows() {
    let library = read("src/lib.rs");
    for (file, included) in pages() {
        let (page, head) = (read(&file), head(&library, &included));
        let finds = |page: &str, head: &str, what: &str| {
            let broken = broken(&file, page, head);
            assert!(broken.iter().any(|one| one == what), "{file}: {what}");
        };
        let inline = format!("{page}\n[here](src/spec.md)\n");
        finds(&inline, head, "src/spec.md leads to one place only");
        for (name, target) in definitions(&page) {
            let definition = format!("\n[{name}]: {target}");
            let moved = page.replace(&definition, &format!("\n[{name}]: gone/{target}"));
            finds(&moved, head, &format!("gone/{target} does not exist"));
            let undefined = page.replace(&definition, "");
            finds(&undefined, head, &format!("{name} is not defined"));
            let files_only = head.replace(&format!(" [{name}]: "), "");
            finds(
                &page,
                &files_only,
                &format!("{name} is defined for files only"),
            );
        }
    }
}
