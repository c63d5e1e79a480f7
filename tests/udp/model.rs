//! Random operations on sockets in lock-step with a model of the rules, and the inputs that the
//! fuzzer has kept.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use proptest::prelude::*;

use super::gate;

/// The inputs with which the fuzz target `gate` reached new code.
fn corpus() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/gate");
    let files = fs::read_dir(folder).expect("the corpus can be read");
    let read = |file: std::io::Result<fs::DirEntry>| fs::read(file.unwrap().path()).unwrap();
    files.map(read).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    // spec: UDP-1, UDP-2, UDP-7, UDP-9, UDP-10, UDP-11, UDP-12, RATE-1, RATE-4, DRV-2
    #[test]
    fn the_gate_agrees_with_a_model_of_the_rules(
        bytes in prop::collection::vec(any::<u8>(), 0..900),
    ) {
        gate::run(&bytes, false);
    }
}

// spec: UDP-1, UDP-2, UDP-3, UDP-4, UDP-5, UDP-6, UDP-7, UDP-9, UDP-10, UDP-11, UDP-12
// spec: RATE-1, RATE-3, RATE-4
#[test]
fn the_gate_agrees_with_the_model_on_the_fuzzing_corpus() {
    let corpus = corpus();
    assert!(corpus.len() > 50, "{} files", corpus.len());
    for bytes in corpus {
        gate::run(&bytes, false);
    }
}

#[test]
fn a_model_with_a_planted_fault_is_detected() {
    let found = corpus()
        .into_iter()
        .filter(|bytes| catch_unwind(|| gate::run(bytes, true)).is_err())
        .count();
    assert!(found > 0, "no input of the corpus sends a broadcast");
}
