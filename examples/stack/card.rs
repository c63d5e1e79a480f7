//! A network card in memory.

use std::collections::VecDeque;
use std::rc::Rc;

use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;
use smoltcp::wire::EthernetAddress;

use super::NetworkCard;

/// The received frames, and the frames to send.
pub struct Card {
    mac: EthernetAddress,
    received: VecDeque<Rc<[u8]>>,
    sent: Vec<Vec<u8>>,
}

impl Card {
    /// Creates a card without frames.
    pub fn new(mac: EthernetAddress) -> Self {
        Self {
            mac,
            received: VecDeque::new(),
            sent: Vec::new(),
        }
    }

    /// Receives a frame.
    pub fn receive_frame(&mut self, frame: Rc<[u8]>) {
        self.received.push_back(frame);
    }

    /// Takes the frames to send.
    pub fn take_sent(&mut self) -> Vec<Vec<u8>> {
        core::mem::take(&mut self.sent)
    }
}

/// Exchanges frames between two cards, as a cable does; returns whether there were any.
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
        // This includes the Ethernet header.
        capabilities.max_transmission_unit = 1514;
        capabilities
    }
}

/// A received frame.
pub struct Incoming(Rc<[u8]>);

impl RxToken for Incoming {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(&self.0)
    }
}

/// A buffer for a frame to send.
pub struct Outgoing<'a>(&'a mut Vec<Vec<u8>>);

impl TxToken for Outgoing<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        let mut frame = vec![0; length];
        let result = f(&mut frame);
        self.0.push(frame);
        result
    }
}
