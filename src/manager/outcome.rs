//! What becomes of an attempt when its interface fails (CON-11).

use crate::connect::{Failure, Outcome};
use crate::interface::{Cause, Interface, Reason, Step};
use crate::nic::Medium;

/// How an attempt fails whose interface stopped, or was lost, for this reason.
pub(super) const fn failure(medium: Medium, reason: Reason) -> Failure {
    let outcome = match reason.cause {
        Cause::NoCredentials
        | Cause::NotFound
        | Cause::WrongCredentials
        | Cause::Rejected
        | Cause::LinkLost => Outcome::NoWifi,
        Cause::NoCarrier => Outcome::NoLink,
        Cause::NoAddress | Cause::LeaseLost => Outcome::NoIpAddress,
        Cause::Sim => Outcome::SimError,
        Cause::RegistrationDenied => Outcome::RegistrationDenied,
        Cause::RegistrationLost => Outcome::NoRegistration,
        Cause::Ppp => Outcome::NoPppConnection,
        Cause::Closed | Cause::Disabled | Cause::Switched => Outcome::NotConnected,
        Cause::TimedOut | Cause::Fault => match reason.step {
            Some(step) => of_step(medium, step),
            None => Outcome::NotConnected,
        },
    };
    Failure::with_code(outcome, reason.code())
}

/// How an attempt fails whose time is over while the interface is where it is (CON-10).
pub(super) fn stage(interface: &Interface) -> Outcome {
    let reason = match interface.step() {
        Some(step) => Some(Reason::new(Cause::TimedOut, Some(step), None)),
        None => interface.reason(),
    };
    reason.map_or(Outcome::NotConnected, |reason| {
        failure(interface.id().medium(), reason).outcome
    })
}

const fn of_step(medium: Medium, step: Step) -> Outcome {
    match (step, medium) {
        (Step::Scan | Step::Join | Step::Wps, _) => Outcome::NoWifi,
        (Step::Link, _) => Outcome::NoLink,
        (Step::Dhcp | Step::StaticAddress, _) => Outcome::NoIpAddress,
        (Step::Modem, _) | (Step::Power, Medium::Cellular) => Outcome::NoModem,
        (Step::Sim, _) => Outcome::SimError,
        (Step::Registration, _) => Outcome::NoRegistration,
        (Step::Ppp, _) => Outcome::NoPppConnection,
        (Step::Power, Medium::Wifi | Medium::Ethernet) => Outcome::NotConnected,
    }
}
