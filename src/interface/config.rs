//! The settings of the machine itself: deadlines and recovery.

use super::recovery::Recovery;
use crate::nic::{InterfaceId, Medium};
use crate::time::Duration;

/// How one interface is to be handled (IFC-2, IFC-7).
///
/// ```
/// use lankeeper::{Duration, InterfaceConfig, InterfaceId, Recovery};
///
/// let mut config = InterfaceConfig::new(InterfaceId::ETHERNET);
/// config.deadlines.dhcp = Duration::from_secs(10);
/// config.recovery = Recovery::Manual;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct InterfaceConfig {
    /// Which interface.
    pub id: InterfaceId,
    /// How long each step may take.
    pub deadlines: Deadlines,
    /// What happens when it is stopped by a failure.
    pub recovery: Recovery,
}

impl InterfaceConfig {
    /// The defaults for an interface.
    #[must_use]
    pub fn new(id: InterfaceId) -> Self {
        Self {
            id,
            deadlines: Deadlines::default(),
            recovery: Recovery::default(),
        }
    }

    /// Checks what the machine relies on.
    pub(crate) fn check(&self) -> Result<(), InterfaceConfigError> {
        if self.id.medium() != Medium::Ethernet {
            return Err(InterfaceConfigError::Medium(self.id.medium()));
        }
        let Deadlines { start, link, dhcp } = self.deadlines;
        let mut spans = [
            ("deadlines.start", start),
            ("deadlines.link", link),
            ("deadlines.dhcp", dhcp),
            ("recovery.initial", Duration::MAX),
            ("recovery.stable_after", Duration::MAX),
        ];
        if let Recovery::Automatic(back_off) = self.recovery {
            if back_off.maximum < back_off.initial {
                return Err(InterfaceConfigError::MaximumBelowInitial);
            }
            spans[3].1 = back_off.initial;
            spans[4].1 = back_off.stable_after;
        }
        match spans.into_iter().find(|(_, span)| span.is_zero()) {
            Some((field, _)) => Err(InterfaceConfigError::Zero(field)),
            None => Ok(()),
        }
    }
}

/// How long each step may take (IFC-2). None may be zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Deadlines {
    /// Powering up. Default 10 s.
    pub start: Duration,
    /// The Ethernet carrier. Default 5 s.
    pub link: Duration,
    /// The lease. Default 30 s.
    pub dhcp: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            start: Duration::from_secs(10),
            link: Duration::from_secs(5),
            dhcp: Duration::from_secs(30),
        }
    }
}

/// What is wrong with an [`InterfaceConfig`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum InterfaceConfigError {
    /// The lifecycle of this medium is not built yet.
    #[error("{0} interfaces are not supported yet, allowed is Ethernet")]
    Medium(#[cfg_attr(feature = "defmt", defmt(Debug2Format))] Medium),
    /// This span is zero.
    #[error("{0}: zero, at least 1 µs")]
    Zero(&'static str),
    /// The longest back-off is shorter than the first.
    #[error("recovery.maximum: below recovery.initial")]
    MaximumBelowInitial,
}
