//! Fuzzes the gate for local datagrams in lock-step with the model of the tests.
#![no_main]

#[path = "../../tests/udp/gate/mod.rs"]
mod gate;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| gate::run(bytes, cfg!(feature = "planted")));
