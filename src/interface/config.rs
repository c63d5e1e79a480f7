//! The settings of an interface's machine: time-outs of the steps, and recovery.

use super::Step;
use crate::back_off::BackOffConfig;
use crate::nic::InterfaceId;
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
}

impl InterfaceConfig {
    /// The defaults for an interface.
    #[must_use]
    pub fn new(id: InterfaceId) -> Self {
        Self {
            id,
            step_timeouts: StepTimeouts::default(),
            recovery: Recovery::default(),
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

impl StepTimeouts {
    /// How long a step may take.
    pub(super) const fn of(&self, step: Step) -> Span {
        match step {
            Step::Power => self.start,
            Step::Scan => self.scan,
            Step::Join => self.join,
            Step::Wps => self.wps,
            Step::Link => self.link,
            // Nothing waits for a static address.
            Step::Dhcp | Step::StaticAddress => self.dhcp,
            Step::Modem => self.modem,
            Step::Sim => self.sim,
            Step::Registration => self.registration,
            Step::Ppp => self.ppp,
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
    /// It tries again after a back-off, for ever, while a local holder remains.
    Automatic(BackOffConfig),
    /// It stays stopped until a request.
    Manual,
}

impl Default for Recovery {
    fn default() -> Self {
        Self::Automatic(BackOffConfig::default())
    }
}
