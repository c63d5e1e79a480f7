//! The settings of the machine itself: deadlines and recovery.

use super::{Recovery, Step};
use crate::back_off::BackOffError;
use crate::nic::{InterfaceId, Medium};
use crate::time::{Duration, first_zero};

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
    // A manager is made with a deep stack: the checks are not to add to it.
    #[inline(never)]
    pub(crate) fn check(&self) -> Result<(), InterfaceConfigError> {
        if let Some(field) = first_zero(&Deadlines::NAMES, &self.deadlines.spans()) {
            return Err(InterfaceConfigError::ZeroDeadline(field));
        }
        match &self.recovery {
            Recovery::Automatic(back_off) => {
                back_off.check().map_err(InterfaceConfigError::Recovery)
            }
            Recovery::Manual => Ok(()),
        }
    }

    /// The deadlines that an interface of this medium needs.
    pub(super) const fn spans(&self) -> Spans {
        let of = &self.deadlines;
        let (first, second, third, address) = match self.id.medium() {
            Medium::Wifi => (&of.scan, &of.join, &of.wps, &of.dhcp),
            Medium::Ethernet => (&of.link, &of.dhcp, &of.dhcp, &of.dhcp),
            Medium::Cellular => (&of.modem, &of.sim, &of.registration, &of.ppp),
        };
        Spans([of.start, *first, *second, *third, *address])
    }
}

/// How long each step may take (IFC-2). None may be zero; those of other media are not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Deadlines {
    /// Powering up. Default 10 s.
    pub start: Duration,
    /// Looking for the Wi-Fi network. Default 15 s.
    pub scan: Duration,
    /// Joining it. Default 20 s.
    pub join: Duration,
    /// Joining by Wi-Fi Protected Setup. Default 120 s.
    pub wps: Duration,
    /// The Ethernet carrier. Default 5 s.
    pub link: Duration,
    /// The lease. Default 30 s.
    pub dhcp: Duration,
    /// A sign of life of the modem. Default 30 s.
    pub modem: Duration,
    /// Reading the SIM. Default 30 s.
    pub sim: Duration,
    /// Registering with the cellular network. Default 180 s.
    pub registration: Duration,
    /// Dialling up. Default 60 s.
    pub ppp: Duration,
}

impl Deadlines {
    const NAMES: [&'static str; 10] = [
        "start",
        "scan",
        "join",
        "wps",
        "link",
        "dhcp",
        "modem",
        "sim",
        "registration",
        "ppp",
    ];

    /// In the order of their names.
    const fn spans(&self) -> [&Duration; Self::NAMES.len()] {
        [
            &self.start,
            &self.scan,
            &self.join,
            &self.wps,
            &self.link,
            &self.dhcp,
            &self.modem,
            &self.sim,
            &self.registration,
            &self.ppp,
        ]
    }
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            start: Duration::from_secs(10),
            scan: Duration::from_secs(15),
            join: Duration::from_secs(20),
            wps: Duration::from_secs(120),
            link: Duration::from_secs(5),
            dhcp: Duration::from_secs(30),
            modem: Duration::from_secs(30),
            sim: Duration::from_secs(30),
            registration: Duration::from_secs(180),
            ppp: Duration::from_secs(60),
        }
    }
}

/// The deadlines of one medium's steps: what an interface keeps of its [`Deadlines`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Spans([Duration; 5]);

impl Spans {
    /// How long a step of this medium may take.
    pub(super) fn of(&self, step: Step) -> Duration {
        // The second way to join is as high as the first.
        let place = if step == Step::Wps { 3 } else { step.height() };
        self.0.get(usize::from(place)).copied().unwrap_or_default()
    }
}

/// What is wrong with an [`InterfaceConfig`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum InterfaceConfigError {
    /// This deadline is zero.
    #[error("deadlines.{0}: zero, at least 1 µs")]
    ZeroDeadline(&'static str),
    /// The back-off is not allowed so.
    #[error("recovery.{0}")]
    Recovery(BackOffError),
}
