//! The gate in lock-step with a model of its rules, driven by bytes: one decoder and one model for
//! the tests here and for the fuzz target.
//!
//! What it is shown for: no panic, no answer but that of the rules, no port bound twice or left
//! behind, no socket closed in silence.

mod device;
mod model;
mod operation;

use device::Device;
use model::Model;

use arbitrary::Unstructured;

/// Operations at most in one run: more finds nothing that fewer do not.
const LONGEST: usize = 200;

/// Reads a configuration and operations, and carries them out on a manager and on the model.
/// A model with the planted fault must be found out.
pub(crate) fn run(bytes: &[u8], planted: bool) {
    let mut bytes = Unstructured::new(bytes);
    let (quota, scope) = operation::configuration(&mut bytes).expect("zeros follow the last byte");
    let mut device = Device::new(quota, scope);
    let mut model = Model::new(quota, scope, planted);
    for _ in 0..LONGEST {
        if bytes.is_empty() {
            break;
        }
        let operation = operation::next(&mut bytes).expect("zeros follow the last byte");
        device.carry_out(&mut model, operation);
        device.check(&mut model);
    }
    device.take_commands();
    device.check(&mut model);
}
