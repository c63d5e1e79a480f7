//! Every rule of `src/spec.md` is cited by a test, and every citation names a rule.
//!
//! A citation is a comment line `// spec: UDP-5` or `// spec: UDP-5, NIC-1` directly above the
//! `#[test]` attribute. Other attributes and comments may come between, an empty line may not.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Rules without code so far. A rule is removed from this list together with its first test.
pub(crate) const NOT_BUILT: &[&str] = &["TRACE-1", "TRACE-2", "TRACE-3", "TRACE-4"];

/// Path of the specification, relative to the root of the crate.
pub(crate) const SPEC: &str = "src/spec.md";

#[test]
fn every_rule_has_a_test_and_every_citation_names_a_rule() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let spec = fs::read_to_string(root.join(SPEC)).expect("the specification can be read");
    let mut sources = Vec::new();
    for folder in ["examples", "src", "tests"] {
        collect(root, folder, &mut sources);
    }
    let sources: Vec<_> = sources
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let findings = findings(&spec, &sources, NOT_BUILT);
    assert!(
        findings.is_empty(),
        "rules and tests do not match, {} findings:\n{}",
        findings.len(),
        findings.join("\n")
    );
}

/// Adds path and text of every Rust file below `folder`, ordered by name.
pub(crate) fn collect(root: &Path, folder: &str, sources: &mut Vec<(String, String)>) {
    let mut entries: Vec<_> = fs::read_dir(root.join(folder))
        .expect("the folder can be listed")
        .map(|entry| entry.expect("the folder's entry can be read"))
        .collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry
            .file_name()
            .into_string()
            .expect("file names are text");
        let path = format!("{folder}/{name}");
        if entry.path().is_dir() {
            collect(root, &path, sources);
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(entry.path()).expect("sources are text");
            sources.push((path, text));
        }
    }
}

/// Every mismatch between the rules of `spec`, the citations in `sources` (path and text) and the
/// rules that are listed as `not_built`.
fn findings(spec: &str, sources: &[(&str, &str)], not_built: &[&str]) -> Vec<String> {
    let mut findings = Vec::new();
    let rules = rules(spec, &mut findings);
    let mut cited = BTreeMap::new();
    for &(path, text) in sources {
        let citations = citations(path, text, &mut findings);
        if !citations.is_empty() && !is_compiled(path, sources) {
            findings.push(format!("{path}: cites rules, but no module declares it"));
        }
        for (rule, place) in citations {
            if place_of(rule, &rules).is_some() {
                cited.entry(rule).or_insert(place);
            } else {
                findings.push(format!("{place}: {rule} is no rule of {SPEC}"));
            }
        }
    }
    for (rule, place) in &rules {
        match (cited.get(rule), not_built.contains(rule)) {
            (None, false) => findings.push(format!("{place}: {rule} has no test")),
            (Some(test), true) => {
                findings.push(format!(
                    "{test}: {rule} has a test, but is listed in NOT_BUILT"
                ));
            }
            (Some(_), false) | (None, true) => {}
        }
    }
    for rule in not_built {
        if place_of(rule, &rules).is_none() {
            findings.push(format!("NOT_BUILT: {rule} is no rule of {SPEC}"));
        }
    }
    findings
}

/// The rules in order, each with its place.
fn rules<'a>(spec: &'a str, findings: &mut Vec<String>) -> Vec<(&'a str, String)> {
    let mut rules = Vec::new();
    for (index, line) in spec.lines().enumerate() {
        let place = place(SPEC, index);
        let Some(item) = line.trim_start().strip_prefix(['-', '*', '+']) else {
            continue;
        };
        let word = item.split_whitespace().next().unwrap_or_default();
        if !is_rule(word) || !line.starts_with(&format!("- {word} ")) {
            // A rule in another form must not be mistaken for an ordinary list item.
            if is_rule(&word.trim_matches(is_decoration).to_ascii_uppercase()) {
                findings.push(format!("{place}: a rule is written `- NIC-1 text`: {line}"));
            }
        } else if let Some(first) = place_of(word, &rules) {
            findings.push(format!("{place}: {word} is already defined at {first}"));
        } else {
            rules.push((word, place));
        }
    }
    rules
}

fn place_of<'a>(rule: &str, rules: &'a [(&str, String)]) -> Option<&'a str> {
    rules
        .iter()
        .find(|(known, _)| *known == rule)
        .map(|(_, place)| place.as_str())
}

/// Whether the text has the form of a rule number: `NIC-1`.
fn is_rule(text: &str) -> bool {
    text.split_once('-').is_some_and(|(group, number)| {
        !group.is_empty()
            && group.bytes().all(|byte| byte.is_ascii_uppercase())
            && number.parse::<u16>().is_ok()
            && number.starts_with(|first: char| matches!(first, '1'..='9'))
    })
}

const fn is_decoration(character: char) -> bool {
    !character.is_ascii_alphanumeric()
}

/// The rules cited by the tests of the file, each with its place.
fn citations<'a>(path: &str, text: &'a str, findings: &mut Vec<String>) -> Vec<(&'a str, String)> {
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let mut citations = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let place = place(path, index);
        if !is_meant_as_citation(line) {
            continue;
        }
        let rules: Vec<_> = line
            .strip_prefix("// spec: ")
            .map(|list| list.split(", ").collect())
            .unwrap_or_default();
        if rules.is_empty() || !rules.iter().all(|rule| is_rule(rule)) {
            findings.push(format!(
                "{place}: a citation is written `// spec: UDP-5, NIC-1`: {line}"
            ));
            continue;
        }
        match Below::of(&lines[index + 1..]) {
            Below::Test => citations.extend(rules.into_iter().map(|rule| (rule, place.clone()))),
            Below::IgnoredTest => findings.push(format!("{place}: the citing test is ignored")),
            Below::SomethingElse => findings.push(format!("{place}: not above a test: {line}")),
        }
    }
    citations
}

/// Whether the comment is meant to cite rules, even in a wrong form.
fn is_meant_as_citation(line: &str) -> bool {
    let Some(comment) = line.strip_prefix("//") else {
        return false;
    };
    let comment = comment
        .trim_start_matches(['/', '!', ' '])
        .to_ascii_lowercase();
    comment.strip_prefix("spec").is_some_and(|rest| {
        let word = rest.split_whitespace().next().unwrap_or_default();
        let word = word.trim_matches(is_decoration).to_ascii_uppercase();
        rest.trim_start().starts_with(':') || (rest.starts_with(' ') && is_rule(&word))
    })
}

/// What follows a citation.
enum Below {
    Test,
    IgnoredTest,
    SomethingElse,
}

impl Below {
    fn of(lines: &[&str]) -> Self {
        let mut test = false;
        let mut ignored = false;
        // The number of open brackets, because an attribute may have several lines.
        let mut open = 0_usize;
        for line in lines {
            if open == 0 {
                if line.starts_with("//") {
                    continue;
                }
                if !line.starts_with("#[") {
                    break;
                }
                test |= line.starts_with("#[test]");
                ignored |= line.starts_with("#[ignore");
            }
            open = (open + line.matches('[').count()).saturating_sub(line.matches(']').count());
        }
        match (test, ignored) {
            (true, false) => Self::Test,
            (true, true) => Self::IgnoredTest,
            (false, _) => Self::SomethingElse,
        }
    }
}

/// Whether the file is part of a target, that is, reachable by `mod name;` from its root. A test in
/// an undeclared file never runs.
fn is_compiled(path: &str, sources: &[(&str, &str)]) -> bool {
    let module = path
        .strip_suffix("/mod.rs")
        .or_else(|| path.strip_suffix(".rs"))
        .unwrap_or(path);
    let Some((folder, name)) = module.rsplit_once('/') else {
        return false;
    };
    let is_root = name == "main" || name == "lib" || folder == "examples";
    let declaration = format!("mod {name};");
    is_root
        || [
            format!("{folder}/main.rs"),
            format!("{folder}/lib.rs"),
            format!("{folder}/mod.rs"),
            format!("{folder}.rs"),
        ]
        .iter()
        .any(|parent| {
            sources.iter().any(|(path, text)| {
                path == parent
                    && text.lines().any(|line| {
                        let before = line.trim().strip_suffix(&declaration);
                        before.is_some_and(|before| before.is_empty() || is_visibility(before))
                    })
            }) && is_compiled(parent, sources)
        })
}

fn is_visibility(text: &str) -> bool {
    text.starts_with("pub") && text.ends_with(' ')
}

fn place(path: &str, index: usize) -> String {
    format!("{path}:{}", index + 1)
}

// Tests of the check itself: each kind of fault is planted once. The citations below are inside
// string literals, so they do not count as citations of this file.

/// A specification with two rules.
const TWO: &str = "# Rules\n- UDP-1 one\n- UDP-2 two\n";
/// A compiled file that tests both rules.
const BOTH: (&str, &str) = (
    "tests/main.rs",
    "// spec: UDP-1\n#[test]\nfn a() {}\n\n// spec: UDP-2\n#[test]\nfn b() {}\n",
);

/// Asserts that the check finds exactly what is `expected`.
fn finds(spec: &str, sources: &[(&str, &str)], not_built: &[&str], expected: &[&str]) {
    assert_eq!(findings(spec, sources, not_built), expected);
}

/// Like [`finds`], for a file of tests next to one that covers all rules.
fn finds_in(text: &str, expected: &[&str]) {
    let root = ("examples/all/main.rs", BOTH.1);
    finds(TWO, &[root, ("tests/main.rs", text)], &[], expected);
}

#[test]
fn a_complete_set_is_accepted() {
    finds(TWO, &[BOTH], &[], &[]);
}

#[test]
fn a_rule_without_a_test_is_found_unless_it_is_not_built() {
    let spec = format!("{TWO}- UDP-3 three\n");
    finds(&spec, &[BOTH], &[], &["src/spec.md:4: UDP-3 has no test"]);
    finds(&spec, &[BOTH], &["UDP-3"], &[]);
}

#[test]
fn a_tested_rule_in_not_built_is_found() {
    let expected = ["tests/main.rs:5: UDP-2 has a test, but is listed in NOT_BUILT"];
    finds(TWO, &[BOTH], &["UDP-2"], &expected);
}

#[test]
fn an_unknown_rule_in_not_built_is_found() {
    let expected = ["NOT_BUILT: UDP-9 is no rule of src/spec.md"];
    finds(TWO, &[BOTH], &["UDP-9"], &expected);
}

#[test]
fn a_citation_of_an_unknown_rule_is_found() {
    finds_in(
        "// spec: UDP-1, UDP-9\n#[test]\nfn a() {}\n",
        &["tests/main.rs:1: UDP-9 is no rule of src/spec.md"],
    );
}

#[test]
fn a_malformed_citation_is_found() {
    for line in [
        "// spec:",
        "// spec: ",
        "// spec: UDP-1,UDP-2",
        "// spec: UDP-1, ",
        "// spec: UDP-1 UDP-2",
        "// spec: UDP-1.",
        "// spec: UDP-1 (partly)",
        "// spec: UDP-01",
        "// spec: udp-1",
        "// spec: UDP",
        "// spec:UDP-1",
        "//spec: UDP-1",
        "// Spec: UDP-1",
        "// spec UDP-1",
        "/// spec: UDP-1",
    ] {
        let finding = format!(
            "tests/main.rs:1: a citation is written `// spec: UDP-5, NIC-1`: {}",
            line.trim()
        );
        finds_in(&format!("{line}\n#[test]\nfn a() {{}}\n"), &[&finding]);
    }
}

#[test]
fn a_comment_that_mentions_the_specification_is_no_citation() {
    finds_in(
        "// specifications differ\n// spec says so\nfn a() {}\n",
        &[],
    );
}

#[test]
fn a_citation_that_is_not_above_a_test_is_found() {
    for below in [
        "",
        "fn a() {}\n",
        "\n#[test]\nfn a() {}\n",
        "fn a() {}\n#[test]\nfn b() {}\n",
        "#[cfg(test)]\nmod tests {}\n",
        "#[allow(\n    dead_code\n)]\nfn a() {}\n",
    ] {
        finds_in(
            &format!("// spec: UDP-1\n{below}"),
            &["tests/main.rs:1: not above a test: // spec: UDP-1"],
        );
    }
    finds_in(
        "#[test]\n// spec: UDP-1\nfn a() {}\n",
        &["tests/main.rs:2: not above a test: // spec: UDP-1"],
    );
}

#[test]
fn a_citation_of_a_test_that_does_not_run_is_found() {
    let ignored = ["tests/main.rs:1: the citing test is ignored"];
    finds_in(
        "// spec: UDP-1\n#[test]\n#[ignore = \"slow\"]\nfn a() {}\n",
        &ignored,
    );
    finds_in("// spec: UDP-1\n#[ignore]\n#[test]\nfn a() {}\n", &ignored);

    let undeclared = ["tests/udp.rs: cites rules, but no module declares it"];
    let test = ("tests/udp.rs", BOTH.1);
    finds(
        TWO,
        &[("tests/main.rs", "mod udps;\n// mod udp;\n"), test],
        &[],
        &undeclared,
    );
    finds(TWO, &[("tests/main.rs", "mod udp;\n"), test], &[], &[]);
}

#[test]
fn a_file_counts_when_it_is_reachable_by_modules() {
    let root = ("src/lib.rs", "pub mod udp;\n");
    let parent = ("src/udp/mod.rs", "pub(crate) mod filter;\n");
    let test = ("src/udp/filter.rs", BOTH.1);
    finds(TWO, &[root, parent, test], &[], &[]);
    let undeclared = ["src/udp/filter.rs: cites rules, but no module declares it"];
    finds(TWO, &[parent, test], &[], &undeclared);
}

#[test]
fn attributes_and_comments_may_come_between() {
    let between = "// spec: UDP-2\n    /// What it shows.\n    #[expect(\n        dead_code,\n        \
                   reason = \"example\"\n    )]\n    #[test]\n    fn a() {}\n";
    let text = format!("proptest! {{\n    // spec: UDP-1\n    {between}}}\n");
    finds(TWO, &[("tests/main.rs", &text)], &[], &[]);
}

#[test]
fn a_rule_that_is_defined_twice_is_found() {
    let spec = format!("{TWO}- UDP-1 again\n");
    let expected = ["src/spec.md:4: UDP-1 is already defined at src/spec.md:2"];
    finds(&spec, &[BOTH], &[], &expected);
}

#[test]
fn a_rule_in_another_form_is_found() {
    for line in [
        "* UDP-3 three",
        "- UDP-3: three",
        "-  UDP-3 three",
        " - UDP-3 three",
        "- **UDP-3** x",
    ] {
        let finding = format!("src/spec.md:4: a rule is written `- NIC-1 text`: {line}");
        finds(&format!("{TWO}{line}\n"), &[BOTH], &[], &[&finding]);
    }
    finds(
        &format!("{TWO}- **NIC**: a table\n- 10-20 of them\n"),
        &[BOTH],
        &[],
        &[],
    );
}
