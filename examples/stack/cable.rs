//! The driver of an Ethernet port: watches the carrier.

use lankeeper::{Action, Instant, InterfaceId, Report};

use super::backend::{LinkDriver, UNKNOWN_ACTION};

/// The carrier, as reported by the network card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    Absent,
    /// The link is being negotiated or authenticated: the carrier is neither up nor down yet.
    Negotiating,
    Present,
}

/// An Ethernet port and its cable.
pub struct Cable {
    carrier: Carrier,
    /// While the carrier is watched: the one that was reported last.
    watch: Option<Option<Carrier>>,
}

impl Cable {
    /// Creates a port without a cable.
    pub fn new() -> Self {
        Self {
            carrier: Carrier::Absent,
            watch: None,
        }
    }

    /// Sets the carrier.
    pub fn set_carrier(&mut self, carrier: Carrier) {
        self.carrier = carrier;
    }
}

impl LinkDriver for Cable {
    fn interface(&self) -> InterfaceId {
        InterfaceId::ETHERNET
    }

    fn begin(&mut self, _: Instant, action: Action<'_>) -> Result<(), i32> {
        if action != Action::StartLink {
            return Err(UNKNOWN_ACTION);
        }
        self.watch = Some(None);
        Ok(())
    }

    fn stop(&mut self) {
        self.watch = None;
    }

    fn next_report(&mut self, _: Instant) -> Option<Report> {
        let reported = self.watch.as_mut()?;
        let report = match self.carrier {
            carrier if *reported == Some(carrier) => return None,
            Carrier::Negotiating => return None,
            Carrier::Present => Report::CarrierUp,
            Carrier::Absent => Report::CarrierDown,
        };
        *reported = Some(self.carrier);
        Some(report)
    }

    fn poll_at(&self) -> Option<Instant> {
        // Changes are reported at once.
        None
    }
}
