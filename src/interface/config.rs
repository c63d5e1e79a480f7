//! The settings of an interface's machine: time-outs of the steps, and recovery.

use super::Step;
use crate::back_off::BackOffConfig;
use crate::nic::{InterfaceId, Medium};
use crate::span::Span;

/// How one interface is to be handled (IFC-2, IFC-7).
///
/// ```
/// use lankeeper::{InterfaceConfig, InterfaceId, Recovery, Span};
///
/// let mut config = InterfaceConfig::new(InterfaceId::ETHERNET);
/// config.step_timeouts.dhcp = Span::secs::<10>();
/// config.recovery = Recovery::Manual;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct InterfaceConfig {
    /// Which interface.
    pub id: InterfaceId,
    /// How long each step may take.
    pub step_timeouts: StepTimeouts,
    /// What happens when it is stopped by a failure.
    pub recovery: Recovery,
    /// After so many failed tries in a row the next one begins with a power cycle (IFC-14). 0 for
    /// never. Default 4.
    pub power_cycle_after: u8,
    /// How long CONNECTED must last before earlier failures are forgotten (IFC-7). Default 5 minutes.
    pub stable_after: Span,
    /// How long it waits before it repeats what somebody has refused who will hardly change his mind:
    /// a registration that was denied, or a key that was wrong three times in a row (IFC-16). Longer
    /// by up to a quarter, at random. Default 10 minutes.
    pub refused_delay: Span,
    /// A carrier or link that is back within this time was not lost (IFC-15). Default none.
    pub hold_down: Option<Span>,
}

impl InterfaceConfig {
    /// The defaults for an interface.
    #[must_use]
    pub fn new(id: InterfaceId) -> Self {
        Self {
            id,
            step_timeouts: StepTimeouts::default(),
            recovery: Recovery::default(),
            power_cycle_after: 4,
            stable_after: Span::secs::<{ 5 * 60 }>(),
            refused_delay: Span::secs::<{ 10 * 60 }>(),
            hold_down: None,
        }
    }
}

/// How long each step may take (IFC-2). Those of other media are not used.
///
/// ```
/// use lankeeper::interface::StepTimeouts;
/// use lankeeper::{InterfaceConfig, InterfaceId, Span};
///
/// let mut patient = StepTimeouts::default();
/// patient.dhcp = Span::secs::<60>();
/// let mut config = InterfaceConfig::new(InterfaceId::ETHERNET);
/// config.step_timeouts = patient;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct StepTimeouts {
    /// Powering up. Default 10 s.
    pub start: Span,
    /// Looking for the Wi-Fi network. Default 15 s.
    pub scan: Span,
    /// Joining it. Default 20 s.
    pub join: Span,
    /// Joining by Wi-Fi Protected Setup. Default 120 s.
    pub wps: Span,
    /// The Ethernet carrier. Default 5 s.
    pub link: Span,
    /// The lease. Default 30 s.
    pub dhcp: Span,
    /// A sign of life of the modem. Default 30 s.
    pub modem: Span,
    /// Reading the SIM. Default 30 s.
    pub sim: Span,
    /// Registering with the cellular network. Default 180 s.
    pub registration: Span,
    /// Dialling up. Default 60 s.
    pub ppp: Span,
}

impl Default for StepTimeouts {
    fn default() -> Self {
        Self {
            start: Span::secs::<10>(),
            scan: Span::secs::<15>(),
            join: Span::secs::<20>(),
            wps: Span::secs::<120>(),
            link: Span::secs::<5>(),
            dhcp: Span::secs::<30>(),
            modem: Span::secs::<30>(),
            sim: Span::secs::<30>(),
            registration: Span::secs::<180>(),
            ppp: Span::secs::<60>(),
        }
    }
}

/// How long each step of one medium may take: the power-up, the steps of layer 1, the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct MediumTimeouts {
    start: Span,
    medium: [Span; 4],
}

impl MediumTimeouts {
    /// Those of a medium. Keeping all ten would cost 20 B in each interface.
    pub(super) const fn new(all: &StepTimeouts, medium: Medium) -> Self {
        let medium = match medium {
            Medium::Wifi => [all.scan, all.join, all.wps, all.dhcp],
            Medium::Ethernet => [all.link, all.link, all.link, all.dhcp],
            Medium::Cellular => [all.modem, all.sim, all.registration, all.ppp],
        };
        Self {
            start: all.start,
            medium,
        }
    }

    /// How long a step may take.
    pub(super) const fn of(&self, step: Step) -> Span {
        let [first, second, third, last] = self.medium;
        match step {
            Step::Power => self.start,
            Step::Scan | Step::Link | Step::Modem => first,
            Step::Join | Step::Sim => second,
            Step::Wps | Step::Registration => third,
            // Nothing waits for a static address.
            Step::Dhcp | Step::StaticAddress | Step::Ppp => last,
        }
    }
}

/// How an interface recovers from a failure (IFC-7).
///
/// ```
/// use lankeeper::back_off::BackOffConfig;
/// use lankeeper::{InterfaceConfig, InterfaceId, Recovery, Span};
///
/// let mut config = InterfaceConfig::new(InterfaceId::ETHERNET);
/// let slow = BackOffConfig::new(Span::secs::<5>(), Span::secs::<600>())?;
/// config.recovery = Recovery::Automatic(slow);
/// # Ok::<(), lankeeper::back_off::BackOffError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "the specification knows these two")]
pub enum Recovery {
    /// It tries again after a back-off, for ever, while somebody holds it.
    Automatic(BackOffConfig),
    /// It stays stopped until a request, or until the server connection, which has a pace of its own,
    /// tries it again: no sooner than a minute later.
    Manual,
}

impl Default for Recovery {
    fn default() -> Self {
        Self::Automatic(BackOffConfig::default())
    }
}
