//! A network card that exists in memory only.

use std::collections::VecDeque;
use std::rc::Rc;

use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;
use smoltcp::wire::EthernetAddress;

use super::NetworkCard;

/// The card: what came from the cable, and what is to go out on it.
pub struct Card {
    mac: EthernetAddress,
    received: VecDeque<Rc<[u8]>>,
    sent: Vec<Vec<u8>>,
}

impl Card {
    /// A card at which nothing has come in yet.
    pub fn new(mac: EthernetAddress) -> Self {
        Self {
            mac,
            received: VecDeque::new(),
            sent: Vec::new(),
        }
    }

    /// A frame comes in from the cable.
    pub fn receive_frame(&mut self, frame: Rc<[u8]>) {
        self.received.push_back(frame);
    }

    /// Takes the frames that are to go out.
    pub fn take_sent(&mut self) -> Vec<Vec<u8>> {
        core::mem::take(&mut self.sent)
    }
}

/// A cable between two cards: takes the frames of each to the other. Whether there were any.
pub fn exchange(one: &mut Card, other: &mut Card) -> bool {
    let (from_one, from_other) = (one.take_sent(), other.take_sent());
    let any = !from_one.is_empty() || !from_other.is_empty();
    from_one
        .into_iter()
        .for_each(|frame| other.receive_frame(Rc::from(frame)));
    from_other
        .into_iter()
        .for_each(|frame| one.receive_frame(Rc::from(frame)));
    any
}

impl NetworkCard for Card {
    fn mac(&self) -> EthernetAddress {
        self.mac
    }

    fn power_up(&mut self) -> Result<(), i32> {
        Ok(())
    }
}

impl Device for Card {
    type RxToken<'a> = Incoming;
    type TxToken<'a> = Outgoing<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Incoming, Outgoing<'_>)> {
        let frame = self.received.pop_front()?;
        Some((Incoming(frame), Outgoing(&mut self.sent)))
    }

    fn transmit(&mut self, _: Instant) -> Option<Outgoing<'_>> {
        Some(Outgoing(&mut self.sent))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        // The Ethernet header counts.
        capabilities.max_transmission_unit = 1514;
        capabilities
    }
}

/// A frame that came in.
pub struct Incoming(Rc<[u8]>);

impl RxToken for Incoming {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0)
    }
}

/// Room for a frame that goes out.
pub struct Outgoing<'a>(&'a mut Vec<Vec<u8>>);

impl TxToken for Outgoing<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        let mut frame = vec![0; length];
        let result = f(&mut frame);
        self.0.push(frame);
        result
    }
}
