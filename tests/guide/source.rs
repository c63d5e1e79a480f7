//! The public items of a source file: what a page has to name.

use crate::support::golden::read;

/// The variants of a public enum, or the public fields of a struct, in their order.
pub(super) fn members(file: &str, item: &str) -> Vec<String> {
    let source = read(file);
    let head = [format!("pub enum {item}"), format!("pub struct {item}")];
    let begins = |line: &str| {
        let rest = head
            .iter()
            .find_map(|head| line.strip_prefix(head.as_str()));
        rest.is_some_and(|rest| rest.starts_with([' ', '<']) && rest.ends_with('{'))
    };
    let mut lines = source.lines().skip_while(|line| !begins(line));
    assert!(lines.next().is_some(), "{file} has no {item}");
    let body = lines.take_while(|line| *line != "}");
    // Rustfmt indents members by four spaces, and what belongs to them by more.
    let members = body
        .filter_map(|line| line.strip_prefix("    "))
        .filter_map(|line| {
            let line = line.strip_prefix("pub ").unwrap_or(line);
            let length =
                line.find(|character: char| !character.is_ascii_alphanumeric() && character != '_');
            let (name, rest) = line.split_at(length.unwrap_or(line.len()));
            let is_member = rest.starts_with([',', '(', ':'])
                || rest.starts_with(" {")
                || rest.starts_with(" =");
            (is_member && !name.is_empty()).then(|| name.to_owned())
        });
    let members: Vec<_> = members.collect();
    assert!(!members.is_empty(), "{item} has no members");
    members
}

#[test]
fn the_members_of_an_item_are_found() {
    assert_eq!(
        members("src/udp/quota.rs", "LimitScope"),
        ["Device", "Socket"]
    );
    assert_eq!(
        members("src/connect/policy.rs", "Timeouts"),
        ["wifi", "ethernet", "cellular"]
    );
    assert_eq!(
        members("src/driver/vault.rs", "VaultError"),
        ["Unreadable", "TooLong", "Failed"]
    );
}
