//! The bodies of the fuzz targets. Each decodes bytes and checks properties; the tests here replay
//! what the fuzzer has found, and `.ci/fuzz` looks for more.

mod backend;
mod device;
mod json;
mod laws;
mod machines;
mod operation;
mod poll;
mod quad;
mod record;
#[cfg(test)]
mod replay;
mod rest;
mod surroundings;
mod table;

use core::fmt::Debug;

/// Runs an input. With `true` a fault is planted in the model or the law, and has to be detected.
pub(crate) type Body = fn(&[u8], bool);

/// Every target and its body.
pub(crate) const TARGETS: [(&str, Body); 9] = [
    ("connector", machines::connector),
    ("gate", crate::udp::gate::run),
    ("interface", machines::interface),
    ("json", json::run),
    ("model", crate::model::fuzz),
    ("poll", poll::run),
    ("quad", quad::run),
    ("record", record::run),
    ("table", table::run),
];

/// Shows a step of a run, if somebody asks for the story of an input.
fn story(step: &dyn Debug) {
    use std::sync::LazyLock;

    static SHOWN: LazyLock<bool> = LazyLock::new(|| std::env::var_os("LANKEEPER_STORY").is_some());
    if *SHOWN {
        println!("{step:?}");
    }
}
