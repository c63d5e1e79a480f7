//! The settings of the machine itself: deadlines and recovery.

use super::{Recovery, Step};
use crate::nic::{InterfaceId, Medium};
use crate::span::Span;

/// How one interface is to be handled (IFC-2, IFC-7).
///
/// ```
/// use lankeeper::{InterfaceConfig, InterfaceId, Recovery, Span};
///
/// let mut config = InterfaceConfig::new(InterfaceId::ETHERNET);
/// config.deadlines.dhcp = Span::from_secs(10).ok_or("zero")?;
/// config.recovery = Recovery::Manual;
/// # Ok::<(), &str>(())
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

    /// The deadlines that an interface of this medium needs.
    pub(super) const fn spans(&self) -> Spans {
        let of = &self.deadlines;
        match self.id.medium() {
            Medium::Wifi => Spans([of.start, of.scan, of.join, of.wps, of.dhcp]),
            Medium::Ethernet => Spans([of.start, of.link, of.dhcp, of.dhcp, of.dhcp]),
            Medium::Cellular => Spans([of.start, of.modem, of.sim, of.registration, of.ppp]),
        }
    }
}

/// How long each step may take (IFC-2). Those of other media are not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Deadlines {
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

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            start: Span::of_secs::<10>(),
            scan: Span::of_secs::<15>(),
            join: Span::of_secs::<20>(),
            wps: Span::of_secs::<120>(),
            link: Span::of_secs::<5>(),
            dhcp: Span::of_secs::<30>(),
            modem: Span::of_secs::<30>(),
            sim: Span::of_secs::<30>(),
            registration: Span::of_secs::<180>(),
            ppp: Span::of_secs::<60>(),
        }
    }
}

/// The deadlines of one medium's steps: what an interface keeps of its [`Deadlines`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Spans([Span; 5]);

impl Spans {
    /// How long a step of this medium may take.
    pub(super) fn of(&self, step: Step) -> Span {
        // The second way to join is as high as the first.
        let place = if step == Step::Wps { 3 } else { step.height() };
        self.0.get(usize::from(place)).copied().unwrap_or(Span::MAX)
    }
}
