//! The outcome of an attempt when its interface fails (CON-11).

use lankeeper::interface::Step;
use lankeeper::{Cause, ConnectOutcome, Medium};

use super::interface::Interface;
use super::output::Why;
use super::step::step_of;

/// The outcome of an attempt when its interface stops or is lost for this reason.
pub(super) fn outcome(medium: Medium, why: Why) -> ConnectOutcome {
    match (why.cause, why.step) {
        (
            Cause::NoCredentials
            | Cause::NotFound
            | Cause::WrongCredentials
            | Cause::Rejected
            | Cause::LinkLost,
            _,
        ) => ConnectOutcome::NoWifi,
        (Cause::NoCarrier, _) => ConnectOutcome::NoLink,
        (Cause::NoAddress | Cause::LeaseLost, _) => ConnectOutcome::NoIpAddress,
        (Cause::Sim, _) => ConnectOutcome::SimError,
        (Cause::RegistrationDenied, _) => ConnectOutcome::RegistrationDenied,
        (Cause::RegistrationLost, _) => ConnectOutcome::NoRegistration,
        (Cause::Ppp, _) => ConnectOutcome::NoPppConnection,
        (Cause::TimedOut | Cause::Fault, Some(step)) => outcome_of(medium, step),
        _ => ConnectOutcome::NotConnected,
    }
}

fn outcome_of(medium: Medium, step: Step) -> ConnectOutcome {
    match step {
        Step::Power if medium == Medium::Cellular => ConnectOutcome::NoModem,
        Step::Power => ConnectOutcome::NotConnected,
        Step::Scan | Step::Join | Step::Wps => ConnectOutcome::NoWifi,
        Step::Link => ConnectOutcome::NoLink,
        Step::Dhcp | Step::StaticAddress => ConnectOutcome::NoIpAddress,
        Step::Modem => ConnectOutcome::NoModem,
        Step::Sim => ConnectOutcome::SimError,
        Step::Registration => ConnectOutcome::NoRegistration,
        Step::Ppp => ConnectOutcome::NoPppConnection,
        other => panic!("not known: {other:?}"),
    }
}

/// The stage of an interface (CON-10).
pub(super) fn stage(interface: &Interface) -> ConnectOutcome {
    let medium = interface.id.medium();
    match (interface.reason, step_of(interface.state)) {
        (Some(why), _) => outcome(medium, why),
        (None, Some(step)) => outcome_of(medium, step),
        (None, None) => ConnectOutcome::NotConnected,
    }
}
