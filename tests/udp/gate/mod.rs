//! The gate in lock-step with a model of its rules, driven by bytes. The tests here and the fuzz
//! target share the decoder and the model.
//!
//! It checks that nothing panics, that every answer follows the rules, that no port is bound twice
//! or left bound, and that every closed socket is reported.

mod device;
mod model;
mod operation;

use device::Device;
use model::Model;

use arbitrary::Unstructured;

/// The most operations in one run, because longer runs find nothing new.
const LONGEST: usize = 200;

/// Decodes a configuration and operations, and runs them on a manager and on the model. A model
/// with the planted fault must be detected.
pub(crate) fn run(bytes: &[u8], planted: bool) {
    let mut bytes = Unstructured::new(bytes);
    let (quota, scope) = operation::configuration(&mut bytes)
        .expect("decoding continues with zeros after the last byte");
    let mut device = Device::new(quota, scope);
    let mut model = Model::new(quota, scope, planted);
    for _ in 0..LONGEST {
        if bytes.is_empty() {
            break;
        }
        let operation =
            operation::next(&mut bytes).expect("decoding continues with zeros after the last byte");
        device.carry_out(&mut model, operation);
        device.check(&mut model);
    }
    device.take_commands();
    device.check(&mut model);
}
