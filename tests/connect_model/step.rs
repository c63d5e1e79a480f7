//! The steps of an interface: their layers, their time-outs, and the reports that answer them.

use lankeeper::interface::Step;
use lankeeper::{Report, State};

use super::interface::SECOND;

/// The layer of a step: a step ends everything on its layer and above.
pub(super) fn height(step: Step) -> u8 {
    match step {
        Step::Power => 0,
        Step::Scan | Step::Join | Step::Wps | Step::Link | Step::Modem => 1,
        Step::Sim => 2,
        Step::Registration => 3,
        Step::Dhcp | Step::StaticAddress | Step::Ppp => 4,
        other => panic!("not known: {other:?}"),
    }
}

pub(super) fn step_of(state: State) -> Option<Step> {
    Some(match state {
        State::Starting => Step::Power,
        State::WifiScanning => Step::Scan,
        State::WifiJoining => Step::Join,
        State::WifiWpsing => Step::Wps,
        State::EthernetLinkUp => Step::Link,
        State::WifiDhcping | State::EthernetDhcping => Step::Dhcp,
        State::CellularPinging => Step::Modem,
        State::CellularWaitingForSim => Step::Sim,
        State::CellularRegistering => Step::Registration,
        State::CellularPppConnecting => Step::Ppp,
        _ => return None,
    })
}

/// The defaults of IFC-2.
pub(super) fn span(step: Step) -> u64 {
    SECOND
        * match step {
            Step::Power => 10,
            Step::Scan => 15,
            Step::Join => 20,
            Step::Wps => 120,
            Step::Link => 5,
            Step::Dhcp | Step::Modem | Step::Sim => 30,
            Step::Registration => 180,
            Step::Ppp => 60,
            other => panic!("nothing is waited for: {other:?}"),
        }
}

/// Whether this report can answer a command of this step.
pub(super) fn answers(report: Report, step: Step) -> bool {
    match report {
        Report::Fault { .. } => true,
        Report::Ready | Report::WpsStarted => step == Step::Power,
        Report::NetworkFound => step == Step::Scan,
        Report::NetworkNotFound { .. } | Report::WrongKey { .. } => {
            matches!(step, Step::Scan | Step::Join | Step::Wps)
        }
        Report::Joined | Report::JoinRejected { .. } | Report::LinkLost { .. } => {
            matches!(step, Step::Join | Step::Wps)
        }
        Report::CarrierUp | Report::CarrierDown => step == Step::Link,
        Report::Lease(_) | Report::LeaseRefused { .. } | Report::LeaseLost => step == Step::Dhcp,
        Report::ModemAlive => step == Step::Modem,
        Report::SimReady | Report::SimFailed { .. } => step == Step::Sim,
        Report::Registered | Report::RegistrationDenied { .. } | Report::RegistrationLost => {
            step == Step::Registration
        }
        Report::PppUp(_) | Report::PppDown { .. } => step == Step::Ppp,
        other => panic!("not known: {other:?}"),
    }
}
