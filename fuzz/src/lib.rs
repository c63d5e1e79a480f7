//! What the targets share. Their bodies and models are those of the tests of the package, which
//! replay what was found.
#![allow(
    dead_code,
    reason = "the tests use more of the modules that they share"
)]

pub use libfuzzer_sys;

#[path = "../../tests/fuzz/mod.rs"]
mod fuzz;
#[path = "../../tests/model/mod.rs"]
mod model;
#[path = "../../tests/nic"]
mod nic {
    pub(crate) mod model;
    pub(crate) mod tree;
}
#[path = "../../tests/support"]
mod support {
    pub(crate) mod action;
    pub(crate) mod bound;
    pub(crate) use action::name;
}
#[path = "../../tests/udp"]
mod udp {
    pub(crate) mod gate;
}

/// Whether a fault is planted, which the fuzzer has to find.
pub fn planted() -> bool {
    use std::sync::LazyLock;

    static PLANTED: LazyLock<bool> =
        LazyLock::new(|| std::env::var_os("LANKEEPER_PLANTED").is_some());
    *PLANTED
}

/// Runs the body of the target with this name.
pub fn run(target: &str, bytes: &[u8]) {
    let mut bodies = fuzz::TARGETS.iter();
    let (_, body) = bodies.find(|(name, _)| *name == target).expect("a target");
    body(bytes, planted());
}

/// Makes a fuzz target of the body with this name.
#[macro_export]
macro_rules! target {
    ($name:literal) => {
        use $crate::libfuzzer_sys;
        libfuzzer_sys::fuzz_target!(|bytes: &[u8]| $crate::run($name, bytes));
    };
}
