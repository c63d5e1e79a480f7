//! Pictures, drawn by Graphviz.
//!
//! Each holds the description that it was drawn from in a comment. What is compared is that
//! description, so that tests need no Graphviz.

use core::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

const OPEN: &str = "<!-- drawn from:\n";
const CLOSE: &str = "-->\n";
const STYLE: &str = "style=\"min-width:700px;max-width:100%;height:auto;border-radius:6px\"";

/// The description that a picture was drawn from; nothing where it holds none.
pub(crate) fn described(picture: &str) -> &str {
    parts(picture).map_or("", |(_, description, _)| description)
}

/// A picture as a block of HTML for a page in Markdown, without its description.
pub(crate) fn embedded(picture: &str) -> String {
    let (head, _, body) = parts(picture).unwrap_or_default();
    // On a narrow screen it is scrolled rather than shrunk to nothing.
    format!("<div style=\"overflow-x:auto\">\n{head}{body}</div>\n")
}

/// A picture whose description stands behind its first tag.
pub(crate) fn framed(description: &str, head: &str, body: &str) -> String {
    assert!(!description.contains("--"), "no comment can hold that");
    format!("{head}{OPEN}{description}{CLOSE}{body}")
}

fn parts(picture: &str) -> Option<(&str, &str, &str)> {
    let (head, rest) = picture.split_once(OPEN)?;
    let (description, body) = rest.split_once(CLOSE)?;
    Some((head, description, body))
}

/// Draws a description. An empty line would end the picture within a page, and names would mix
/// with the page's: it has neither.
pub(crate) fn drawn(description: &str) -> String {
    let drawing = graphviz(description);
    let (_, drawing) = drawing.split_once("<svg ").expect("Graphviz draws SVG");
    let (tag, drawing) = drawing.split_once(">\n").expect("its tag ends");
    let (_, view) = value(tag, " viewBox");
    let mut size = view.split(' ').skip(2);
    let (width, height) = (size.next().unwrap(), size.next().unwrap());
    let head = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"State diagram\" \
         viewBox=\"{view}\" width=\"{width}\" height=\"{height}\" {STYLE}>\n"
    );
    let is_drawn = |line: &&str| !line.is_empty() && !line.starts_with("<!--");
    let mut body = String::new();
    for line in drawing.lines().filter(is_drawn) {
        let id = if line.contains(" id=\"") {
            value(line, " id").0
        } else {
            ""
        };
        writeln!(body, "{}", line.replacen(id, "", 1)).unwrap();
    }
    framed(description, &head, &body)
}

/// An attribute of a tag: all of it, and its value.
fn value<'a>(tag: &'a str, name: &str) -> (&'a str, &'a str) {
    let start = tag
        .find(&format!("{name}=\""))
        .expect("it has the attribute");
    let text = &tag[start..];
    let (before, rest) = text.split_once('"').unwrap();
    let (value, _) = rest.split_once('"').expect("the attribute ends");
    (&text[..before.len() + value.len() + 2], value)
}

fn graphviz(description: &str) -> String {
    let dot = Command::new("dot")
        .arg("-Tsvg")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut dot = dot.unwrap_or_else(|error| {
        panic!("a diagram changed, and drawing it needs `dot` of Graphviz: {error}")
    });
    let mut input = dot.stdin.take().unwrap();
    input.write_all(description.as_bytes()).unwrap();
    drop(input);
    let output = dot.wait_with_output().unwrap();
    assert!(output.status.success(), "`dot` refused:\n{description}");
    String::from_utf8(output.stdout).unwrap()
}
