//! The driver of an Ethernet port: watches the carrier.

use lankeeper::{Action, Generation, Instant, InterfaceId, Report};

use super::backend::LinkDriver;

/// What the network card says of its cable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    Absent,
    /// Both ends agree on a speed, or on who they are: neither up nor down yet.
    Negotiating,
    Present,
}

/// An Ethernet port with what is plugged into it.
pub struct Cable {
    carrier: Carrier,
    /// The command that watches the carrier, and what it was told last.
    watch: Option<(Generation, Option<Carrier>)>,
}

impl Cable {
    /// A port with no cable in it.
    pub fn new() -> Self {
        Self {
            carrier: Carrier::Absent,
            watch: None,
        }
    }

    /// The carrier has changed.
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
        let (generation, told) = self.watch.as_mut()?;
        let report = match self.carrier {
            carrier if *told == Some(carrier) => return None,
            Carrier::Negotiating => return None,
            Carrier::Present => Report::CarrierUp,
            Carrier::Absent => Report::CarrierDown,
        };
        *told = Some(self.carrier);
        Some((*generation, report))
    }

    fn poll_at(&self) -> Option<Instant> {
        // It tells at once.
        None
    }
}
