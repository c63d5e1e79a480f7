//! The inputs that the fuzzer has kept, replayed. They stand outside the package: in a package there
//! is nothing to replay, and the generated tests of each subject check the same.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use super::{Body, TARGETS};

/// The inputs with which a target reached new code, or none in a package. A file has one a line, in
/// hexadecimal digits.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    if !fuzz.exists() {
        return Vec::new();
    }
    let text = fs::read_to_string(fuzz.join("corpus").join(target)).expect("a corpus");
    let inputs: Vec<_> = text.lines().map(bytes).collect();
    assert!(inputs.len() >= 20, "{target}: {} inputs", inputs.len());
    inputs
}

fn bytes(line: &str) -> Vec<u8> {
    assert!(line.len().is_multiple_of(2), "half a byte: {line}");
    let byte = |place| u8::from_str_radix(&line[place..place + 2], 16).unwrap();
    (0..line.len()).step_by(2).map(byte).collect()
}

/// Replays the corpus of a target; then a planted fault has to be detected by some of it.
fn replay(target: &str) {
    let body = body(target);
    let corpus = corpus(target);
    for (line, input) in (1..).zip(&corpus) {
        assert!(
            catch_unwind(|| body(input, false)).is_ok(),
            "line {line} of fuzz/corpus/{target}"
        );
    }
    let is_noticed = corpus
        .iter()
        .any(|input| catch_unwind(|| body(input, true)).is_err());
    assert!(
        corpus.is_empty() || is_noticed,
        "{target} does not notice what is planted"
    );
}

fn body(target: &str) -> Body {
    let mut all = TARGETS.iter();
    all.find(|(name, _)| *name == target).unwrap().1
}

// spec: CON-2, CON-5, CON-9, CON-13, CON-26, IFC-13
#[test]
fn the_corpus_of_the_connector() {
    replay("connector");
}

// spec: UDP-1, UDP-2, UDP-3, UDP-4, UDP-5, UDP-6, UDP-7, UDP-9, UDP-10, UDP-11, UDP-12
// spec: RATE-1, RATE-3, RATE-4
#[test]
fn the_corpus_of_the_gate() {
    replay("gate");
}

// spec: IFC-9, IFC-11, IFC-12, IFC-13, TIME-2, TIME-3, TIME-4, DRV-2
#[test]
fn the_corpus_of_an_interface() {
    replay("interface");
}

// spec: NIC-4, NIC-11
#[test]
fn the_corpus_of_json() {
    replay("json");
}

// spec: DRV-1, DRV-2, DRV-6
#[test]
fn the_corpus_of_the_poll_loop() {
    replay("poll");
}

// spec: IFC-9, OPEN-7, UDP-7, UDP-9, CON-2, DRV-2
#[test]
fn the_corpus_of_the_model() {
    replay("model");
}

// spec: UDP-3
#[test]
fn the_corpus_of_dotted_quads() {
    replay("quad");
}

// spec: CFG-1
#[test]
fn the_corpus_of_stored_records() {
    replay("record");
}

// spec: NIC-4, NIC-5, NIC-6, NIC-7, NIC-8, NIC-9, NIC-10, NIC-11
#[test]
fn the_corpus_of_nic_tables() {
    replay("table");
}
