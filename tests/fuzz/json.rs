//! JSON through the reader of the example `udp_echo` into NIC tables.

use arbitrary::{Result, Unstructured};
use lankeeper::nic::NicError;

use crate::nic::model::Finding;
use crate::nic::tree::Tree;

#[path = "../../examples/udp_echo/nic_file.rs"]
#[expect(dead_code, unreachable_pub, reason = "a part of the example")]
mod nic_file;

/// Reads the bytes as text, or writes a decoded table as text, and reads that. The planted fault is
/// a model that takes `null` as if the key were not there.
pub(crate) fn run(bytes: &[u8], planted: bool) {
    let Some((kind, rest)) = bytes.split_first() else {
        return;
    };
    if kind % 2 == 0 {
        let text = String::from_utf8_lossy(rest);
        let read = serde_json::from_str(&text)
            .ok()
            .and_then(|value| tree(&value));
        check(&text, read, planted);
    } else {
        let mut bytes = Unstructured::new(rest);
        let tree = super::table::table(&mut bytes).expect("decoding continues with zeros");
        let tree = without_blobs(&tree);
        let mut text = String::new();
        write(&tree, &mut bytes, &mut text).expect("decoding continues with zeros");
        check(&text, Some(tree), planted);
    }
}

/// Reads the text, which another reader took for this; nothing if that refused it.
fn check(text: &str, tree: Option<Tree>, planted: bool) {
    let read = nic_file::parse(text);
    let Some(tree) = tree else {
        let error = read.expect_err("not JSON, or with something that no table has");
        // Where JSON is refused there is no key to name, but a line.
        assert!(!error.is::<NicError>(), "{error}");
        assert!(error.to_string().contains(" at line "), "{error}");
        return;
    };
    // What stands for a table that is given by its name alone.
    let tree = match tree {
        Tree::Text(name) => Tree::Table(vec![("interface".into(), Tree::Text(name))]),
        tree => tree,
    };
    let read = match read {
        Ok(nic) => Ok(nic),
        Err(error) => Err(*error.downcast::<NicError>().expect("it is JSON")),
    };
    if !matches!(tree, Tree::Table(_)) {
        assert!(read.is_err(), "neither a name nor a table");
        return;
    }
    let tree = if planted { without_null(tree) } else { tree };
    let expected = super::table::predicted(&tree);
    match super::table::check(&tree, &read) {
        // A map of the other reader has one of several equal keys, and its own order.
        Some((_, "duplicate")) => {}
        found => assert_eq!(any_order(found), any_order(expected), "{text}"),
    }
}

/// Which of several unknown keys is reported depends on the order.
fn any_order(found: Option<Finding>) -> Option<Finding> {
    found.map(|(path, word)| match word {
        "unknown" => (String::new(), word),
        _ => (path, word),
    })
}

/// What `serde_json` makes of it; nothing for a number with a fraction, which no table has.
fn tree(value: &serde_json::Value) -> Option<Tree> {
    Some(match value {
        serde_json::Value::Null => Tree::Null,
        serde_json::Value::Bool(flag) => Tree::Boolean(*flag),
        serde_json::Value::Number(number) if number.is_f64() => return None,
        serde_json::Value::Number(number) => Tree::Integer(number.as_i64().unwrap_or(i64::MAX)),
        serde_json::Value::String(text) => Tree::text(text),
        serde_json::Value::Array(items) => {
            Tree::List(items.iter().map(tree).collect::<Option<_>>()?)
        }
        serde_json::Value::Object(map) => {
            let entry = |(key, value): (&String, _)| Some((key.clone(), tree(value)?));
            Tree::Table(map.iter().map(entry).collect::<Option<_>>()?)
        }
    })
}

fn without_null(tree: Tree) -> Tree {
    match tree {
        Tree::Table(entries) => {
            let present = entries
                .into_iter()
                .filter(|(_, it)| !matches!(it, Tree::Null));
            Tree::Table(present.map(|(key, it)| (key, without_null(it))).collect())
        }
        other => other,
    }
}

/// JSON has no blobs.
fn without_blobs(tree: &Tree) -> Tree {
    match tree {
        Tree::Blob(bytes) => Tree::Text("b".repeat(bytes.len())),
        Tree::List(items) => Tree::List(items.iter().map(without_blobs).collect()),
        Tree::Table(entries) => {
            let entries = entries.iter();
            Tree::Table(
                entries
                    .map(|(key, it)| (key.clone(), without_blobs(it)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}

/// Writes JSON, with spaces and escapes that the bytes choose.
fn write(tree: &Tree, bytes: &mut Unstructured<'_>, out: &mut String) -> Result<()> {
    space(bytes, out)?;
    match tree {
        Tree::Null => out.push_str("null"),
        Tree::Boolean(flag) => out.push_str(&flag.to_string()),
        Tree::Integer(number) => out.push_str(&number.to_string()),
        Tree::Text(text) => write_text(text, bytes, out)?,
        Tree::Blob(_) => panic!("JSON has no blobs"),
        Tree::List(items) => {
            out.push('[');
            for (place, item) in items.iter().enumerate() {
                out.push_str(if place > 0 { "," } else { "" });
                write(item, bytes, out)?;
            }
            out.push(']');
        }
        Tree::Table(entries) => {
            out.push('{');
            for (place, (key, item)) in entries.iter().enumerate() {
                out.push_str(if place > 0 { "," } else { "" });
                space(bytes, out)?;
                write_text(key, bytes, out)?;
                space(bytes, out)?;
                out.push(':');
                write(item, bytes, out)?;
            }
            out.push('}');
        }
    }
    space(bytes, out)
}

fn space(bytes: &mut Unstructured<'_>, out: &mut String) -> Result<()> {
    if bytes.ratio(1, 8)? {
        out.push(*bytes.choose(&[' ', '\n', '\t', '\r'])?);
    }
    Ok(())
}

fn write_text(text: &str, bytes: &mut Unstructured<'_>, out: &mut String) -> Result<()> {
    if !bytes.ratio(1, 8)? {
        out.push_str(&serde_json::Value::from(text).to_string());
        return Ok(());
    }
    // Every character as an escape, those beyond the first plane as two.
    out.push('"');
    for unit in text.encode_utf16() {
        out.push_str(&format!("\\u{unit:04x}"));
    }
    out.push('"');
    Ok(())
}
