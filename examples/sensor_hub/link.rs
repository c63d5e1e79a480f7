//! The link of a device: a cable or a radio. Above it both media are alike.

use lankeeper::{Action, Instant, InterfaceId, Report};

use crate::radio::Radio;
use crate::stack::backend::LinkDriver;
use crate::stack::cable::Cable;

/// The link of a device.
pub enum Link {
    Cable(Cable),
    Radio(Radio),
}

impl Link {
    fn driver(&mut self) -> &mut dyn LinkDriver {
        match self {
            Self::Cable(cable) => cable,
            Self::Radio(radio) => radio,
        }
    }
}

impl LinkDriver for Link {
    fn interface(&self) -> InterfaceId {
        match self {
            Self::Cable(cable) => cable.interface(),
            Self::Radio(radio) => radio.interface(),
        }
    }

    fn begin(&mut self, now: Instant, action: Action<'_>) -> Result<(), i32> {
        self.driver().begin(now, action)
    }

    fn stop(&mut self) {
        self.driver().stop();
    }

    fn next_report(&mut self, now: Instant) -> Option<Report> {
        self.driver().next_report(now)
    }

    fn poll_at(&self) -> Option<Instant> {
        match self {
            Self::Cable(cable) => cable.poll_at(),
            Self::Radio(radio) => radio.poll_at(),
        }
    }
}
