//! What is awaited in each state.

use super::{State, Step};

/// What an interface waits for in a state: a [`Timer`](super::Timer), by one number.
#[derive(Clone, Copy)]
pub(super) enum Awaited {
    /// The answer of a step.
    Power,
    Scan,
    Join,
    Wps,
    Link,
    Dhcp,
    Modem,
    Sim,
    Registration,
    Ppp,
    /// The proof that CONNECTED is stable.
    Stability,
    /// The end of the back-off.
    BackOff,
}

impl Awaited {
    /// What a state waits for, if for anything.
    pub(super) const fn of(state: State) -> Option<Self> {
        match state {
            State::Starting => Some(Self::Power),
            State::WifiScanning => Some(Self::Scan),
            State::WifiJoining => Some(Self::Join),
            State::WifiWpsing => Some(Self::Wps),
            State::EthernetLinkUp => Some(Self::Link),
            State::WifiDhcping | State::EthernetDhcping => Some(Self::Dhcp),
            State::CellularPinging => Some(Self::Modem),
            State::CellularWaitingForSim => Some(Self::Sim),
            State::CellularRegistering => Some(Self::Registration),
            State::CellularPppConnecting => Some(Self::Ppp),
            State::Connected => Some(Self::Stability),
            State::WifiStopped
            | State::WifiStoppedUnhappy
            | State::EthernetStopped
            | State::EthernetStoppedUnhappy
            | State::EthernetStoppedNoLink
            | State::CellularRegistrationDenied
            | State::CellularStopped
            | State::CellularStoppedUnhappy => Some(Self::BackOff),
            State::Unknown | State::WifiLinkUp => None,
        }
    }

    /// The step whose answer it is, if it is one.
    pub(super) const fn step(self) -> Option<Step> {
        match self {
            Self::Power => Some(Step::Power),
            Self::Scan => Some(Step::Scan),
            Self::Join => Some(Step::Join),
            Self::Wps => Some(Step::Wps),
            Self::Link => Some(Step::Link),
            Self::Dhcp => Some(Step::Dhcp),
            Self::Modem => Some(Step::Modem),
            Self::Sim => Some(Step::Sim),
            Self::Registration => Some(Step::Registration),
            Self::Ppp => Some(Step::Ppp),
            Self::Stability | Self::BackOff => None,
        }
    }
}
