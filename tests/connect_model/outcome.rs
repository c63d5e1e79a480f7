//! The outcome of an attempt when its interface fails (CON-11).

use lankeeper::{Cause, Medium, Outcome, Step};

use super::interface::Interface;
use super::output::Why;
use super::step::step_of;

/// The outcome of an attempt when its interface stops or is lost for this reason.
pub(super) fn outcome(medium: Medium, why: Why) -> Outcome {
    match (why.cause, why.step) {
        (
            Cause::NoCredentials
            | Cause::NotFound
            | Cause::WrongCredentials
            | Cause::Rejected
            | Cause::LinkLost,
            _,
        ) => Outcome::NoWifi,
        (Cause::NoCarrier, _) => Outcome::NoLink,
        (Cause::NoAddress | Cause::LeaseLost, _) => Outcome::NoIpAddress,
        (Cause::Sim, _) => Outcome::SimError,
        (Cause::RegistrationDenied, _) => Outcome::RegistrationDenied,
        (Cause::RegistrationLost, _) => Outcome::NoRegistration,
        (Cause::Ppp, _) => Outcome::NoPppConnection,
        (Cause::TimedOut | Cause::Fault, Some(step)) => outcome_of(medium, step),
        _ => Outcome::NotConnected,
    }
}

fn outcome_of(medium: Medium, step: Step) -> Outcome {
    match step {
        Step::Power if medium == Medium::Cellular => Outcome::NoModem,
        Step::Power => Outcome::NotConnected,
        Step::Scan | Step::Join | Step::Wps => Outcome::NoWifi,
        Step::Link => Outcome::NoLink,
        Step::Dhcp | Step::StaticAddress => Outcome::NoIpAddress,
        Step::Modem => Outcome::NoModem,
        Step::Sim => Outcome::SimError,
        Step::Registration => Outcome::NoRegistration,
        Step::Ppp => Outcome::NoPppConnection,
        other => panic!("not known: {other:?}"),
    }
}

/// The stage of an interface (CON-10).
pub(super) fn stage(interface: &Interface) -> Outcome {
    let medium = interface.id.medium();
    match (interface.reason, step_of(interface.state)) {
        (Some(why), _) => outcome(medium, why),
        (None, Some(step)) => outcome_of(medium, step),
        (None, None) => Outcome::NotConnected,
    }
}
