//! The steps of coming up: each has one command for the backend and one deadline.

use super::State;

/// One step of bringing an interface up (IFC-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Step {
    /// Powering the interface up, in STARTING.
    Power,
    /// Waiting for the Ethernet carrier, in ETHERNET_LINK_UP.
    Link,
    /// Getting a lease, in the medium's DHCPING state.
    Dhcp,
    /// Using a static address; nothing is waited for (IFC-3).
    StaticAddress,
}

impl Step {
    /// The step that a state waits for, if it waits for one.
    pub(super) const fn of(state: State) -> Option<Self> {
        match state {
            State::Starting => Some(Self::Power),
            State::EthernetLinkUp => Some(Self::Link),
            State::WifiDhcping | State::EthernetDhcping => Some(Self::Dhcp),
            State::Unknown
            | State::Connected
            | State::WifiScanning
            | State::WifiJoining
            | State::WifiWpsing
            | State::WifiLinkUp
            | State::WifiStopped
            | State::WifiStoppedUnhappy
            | State::EthernetStopped
            | State::EthernetStoppedUnhappy
            | State::EthernetStoppedNoLink
            | State::CellularPinging
            | State::CellularWaitingForSim
            | State::CellularPppConnecting
            | State::CellularRegistering
            | State::CellularRegistrationDenied
            | State::CellularStopped
            | State::CellularStoppedUnhappy => None,
        }
    }

    /// The height of the step: starting it ends every step of the same height or above.
    const fn height(self) -> u8 {
        match self {
            Self::Power => 0,
            Self::Link => 1,
            Self::Dhcp | Self::StaticAddress => 2,
        }
    }
}

/// Which command of an interface an event belongs to (IFC-10).
///
/// The core numbers its commands; a backend gives the number back with each event that the
/// command leads to, at once or much later. Events of a command that is over are ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Generation(u32);

impl Generation {
    /// The generation of the next command.
    pub(super) const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// How many steps can be in force at once: one of each height.
const HEIGHTS: usize = 3;

/// The steps whose commands the backend has and that still count, lowest first.
#[derive(Clone, Debug, Default)]
pub(super) struct InForce(heapless::Vec<(Step, Generation), HEIGHTS>);

impl InForce {
    /// Ends `step` and every step that builds on it.
    pub(super) fn end(&mut self, step: Step) {
        self.0.retain(|(other, _)| other.height() < step.height());
    }

    /// Puts `step` in force, in place of what was there at its height and above.
    pub(super) fn begin(&mut self, step: Step, generation: Generation) {
        self.end(step);
        // Cannot be full: a place at the step's height was just made free.
        let _ = self.0.push((step, generation));
    }

    /// Whether an event of `step` with this generation still counts.
    pub(super) fn holds(&self, step: Step, generation: Generation) -> bool {
        self.0.contains(&(step, generation))
    }

    /// Whether any step in force has this generation.
    pub(super) fn knows(&self, generation: Generation) -> bool {
        self.0.iter().any(|(_, other)| *other == generation)
    }
}
