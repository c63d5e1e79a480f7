//! One interface, and the server connection over it, under any sequence of inputs.

use arbitrary::Unstructured;
use lankeeper::{Policy, ServerState, State};

use super::device::{Device, Fault};
use super::operation::{config, next};

/// The most operations in one run, because longer runs find nothing new.
const LONGEST: usize = 150;

/// An interface. The planted fault forgets a deadline.
pub(super) fn interface(bytes: &[u8], planted: bool) {
    let fault = if planted {
        Fault::Deadline
    } else {
        Fault::None
    };
    let mut device = run(bytes, false, fault);
    device.hold();
    device.get_well(|device| device.state() == State::Connected);
}

/// The server connection. The planted fault loses a result.
pub(super) fn connector(bytes: &[u8], planted: bool) {
    let fault = if planted { Fault::Result } else { Fault::None };
    let mut device = run(bytes, true, fault);
    device.allow();
    let manager = &device.manager;
    // What is tried without end comes about without a request.
    let is_tried = |state| !matches!(state, ServerState::Disconnected | ServerState::Flushing);
    let is_endless = matches!(
        manager.policy(),
        Policy::KeepTrying | Policy::SuspendOnError
    );
    if is_endless && is_tried(manager.server_state()) && !device.is_manual {
        device.get_well(|device| device.manager.server_state() == ServerState::Connected);
    }
    // And a request is fulfilled.
    device.settle();
    device.connect();
    device.get_well(|device| device.manager.server_state() == ServerState::Connected);
    assert!(!device.manager.is_suspended());
}

fn run(bytes: &[u8], server: bool, fault: Fault) -> Device {
    let mut bytes = Unstructured::new(bytes);
    let config = config(&mut bytes).expect("decoding continues with zeros after the last byte");
    super::story(&config);
    let mut device = Device::new(&config, fault);
    for _ in 0..LONGEST {
        if bytes.is_empty() {
            break;
        }
        let operation = next(&mut bytes, server);
        let operation = operation.expect("decoding continues with zeros after the last byte");
        super::story(&operation);
        device.carry_out(&operation);
        super::story(&(device.state(), device.manager.server_state()));
    }
    device
}
