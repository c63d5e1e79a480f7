//! The driver of an Ethernet port: watches the carrier.

use lankeeper::{Action, Generation, Instant, InterfaceId, Report};

use super::backend::LinkDriver;

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
    /// The command that watches the carrier, and the carrier that was last reported for it.
    watch: Option<(Generation, Option<Carrier>)>,
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

    fn begin(&mut self, _: Instant, action: Action<'_>) {
        if let Action::StartLink(generation) = action {
            self.watch = Some((generation, None));
        }
    }

    fn stop(&mut self) {
        self.watch = None;
    }

    fn next_report(&mut self, _: Instant) -> Option<(Generation, Report)> {
        let (generation, reported) = self.watch.as_mut()?;
        let report = match self.carrier {
            carrier if *reported == Some(carrier) => return None,
            Carrier::Negotiating => return None,
            Carrier::Present => Report::CarrierUp,
            Carrier::Absent => Report::CarrierDown,
        };
        *reported = Some(self.carrier);
        Some((*generation, report))
    }

    fn poll_at(&self) -> Option<Instant> {
        // Changes are reported at once.
        None
    }
}
