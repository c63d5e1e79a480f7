//! smoltcp's device interface for the Ethernet controller.

use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;

use crate::lan9118::{FRAME, Lan9118};

/// The controller, with buffers for one received and one sent frame.
pub struct Ethernet {
    pub chip: Lan9118,
    received: [u8; FRAME],
    sent: [u8; FRAME],
}

impl Ethernet {
    pub const fn new(chip: Lan9118) -> Self {
        Self {
            chip,
            received: [0; FRAME],
            sent: [0; FRAME],
        }
    }
}

impl Device for Ethernet {
    type RxToken<'a> = Received<'a>;
    type TxToken<'a> = Sending<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Received<'_>, Sending<'_>)> {
        let length = self.chip.receive(&mut self.received)?;
        let frame = self.received.get(..length)?;
        let sending = Sending {
            chip: &mut self.chip,
            frame: &mut self.sent,
        };
        Some((Received(frame), sending))
    }

    fn transmit(&mut self, _: Instant) -> Option<Sending<'_>> {
        self.chip.can_send().then_some(Sending {
            chip: &mut self.chip,
            frame: &mut self.sent,
        })
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = FRAME;
        capabilities
    }
}

pub struct Received<'a>(&'a [u8]);

impl RxToken for Received<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, read: F) -> R {
        read(self.0)
    }
}

pub struct Sending<'a> {
    chip: &'a mut Lan9118,
    frame: &'a mut [u8; FRAME],
}

impl TxToken for Sending<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, write: F) -> R {
        let frame = &mut self.frame[..length];
        let result = write(frame);
        self.chip.send(frame);
        result
    }
}
