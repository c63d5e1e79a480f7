//! Random operations on sockets in lock-step with a model of the rules.

use proptest::prelude::*;

use super::gate;

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
