//! The local network around a simulated device: neighbours send datagrams to the device, and get
//! those that it sends.

use core::fmt;
use core::net::SocketAddrV4;

use heapless::{Deque, Vec};

use super::schedule::CapacityError;
use crate::{Binding, Datagram, InterfaceId, Received};

/// The most datagrams that wait in each direction.
const DATAGRAMS: usize = 8;
/// The longest payload in bytes.
const PAYLOAD: usize = 256;
/// The most ports that the device can bind.
const PORTS: usize = 16;

/// A datagram on the local network, with at most 256 bytes.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LanDatagram {
    /// The interface of the device that sends or receives it.
    pub interface: InterfaceId,
    /// The source address and port.
    pub source: SocketAddrV4,
    /// The destination address and port.
    pub destination: SocketAddrV4,
    payload: Vec<u8, PAYLOAD>,
}

impl LanDatagram {
    /// The payload.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }
}

impl fmt::Debug for LanDatagram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            interface,
            source,
            destination,
            payload,
        } = self;
        let length = payload.len();
        write!(
            f,
            "{source} -> {destination}, {length} bytes on {interface}"
        )
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for LanDatagram {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(
            f,
            "{} -> {}, {} bytes on {}",
            self.source,
            self.destination,
            self.payload.len(),
            self.interface,
        );
    }
}

/// The datagrams on their way, and the ports that the device has bound.
#[derive(Clone, Debug)]
pub(super) struct Lan {
    bound: Vec<Binding, PORTS>,
    to_device: Deque<LanDatagram, DATAGRAMS>,
    from_device: Deque<LanDatagram, DATAGRAMS>,
}

impl Lan {
    pub(super) const fn new() -> Self {
        Self {
            bound: Vec::new(),
            to_device: Deque::new(),
            from_device: Deque::new(),
        }
    }

    /// Binds a port, if there is room.
    pub(super) fn bind(&mut self, binding: Binding) -> Result<(), CapacityError> {
        self.bound.push(binding).map_err(|_| CapacityError(PORTS))
    }

    /// Gives a port back, and drops the datagrams that wait there.
    pub(super) fn unbind(&mut self, binding: Binding) {
        self.bound.retain(|bound| *bound != binding);
        for _ in 0..self.to_device.len() {
            if let Some(datagram) = self.to_device.pop_front()
                && !is_for(&datagram, binding)
            {
                let _ = self.to_device.push_back(datagram);
            }
        }
    }

    /// A neighbour sends a datagram to the device. If the port is not bound, it is lost, as any
    /// datagram can be.
    pub(super) fn arrive(
        &mut self,
        interface: InterfaceId,
        source: SocketAddrV4,
        destination: SocketAddrV4,
        payload: &[u8],
    ) -> Result<(), CapacityError> {
        let datagram = LanDatagram {
            interface,
            source,
            destination,
            payload: copied(payload)?,
        };
        if self.bound.iter().any(|bound| is_for(&datagram, *bound)) {
            self.to_device
                .push_back(datagram)
                .map_err(|_| CapacityError(DATAGRAMS))?;
        }
        Ok(())
    }

    /// The oldest datagram for a bound port.
    pub(super) fn receive(&mut self, binding: Binding, buffer: &mut [u8]) -> Option<Received> {
        let mut received = None;
        for _ in 0..self.to_device.len() {
            let datagram = self.to_device.pop_front()?;
            if received.is_none() && is_for(&datagram, binding) {
                buffer
                    .iter_mut()
                    .zip(&datagram.payload)
                    .for_each(|(to, from)| *to = *from);
                received = Some(Received {
                    source: datagram.source,
                    destination: *datagram.destination.ip(),
                    length: datagram.payload.len(),
                });
            } else {
                let _ = self.to_device.push_back(datagram);
            }
        }
        received
    }

    /// The device sends a datagram to a neighbour.
    pub(super) fn send(&mut self, datagram: &Datagram<'_>) -> Result<(), CapacityError> {
        let sent = LanDatagram {
            interface: datagram.binding.interface(),
            source: datagram.source,
            destination: datagram.destination,
            payload: copied(datagram.payload)?,
        };
        if self.from_device.is_full() {
            // Nobody takes them: forget the oldest one.
            self.from_device.pop_front();
        }
        self.from_device
            .push_back(sent)
            .map_err(|_| CapacityError(DATAGRAMS))
    }

    /// The oldest datagram that the device has sent and nobody has taken yet.
    pub(super) fn take_sent(&mut self) -> Option<LanDatagram> {
        self.from_device.pop_front()
    }

    pub(super) fn has_arrived(&self) -> bool {
        !self.to_device.is_empty()
    }

    /// Forgets everything, because the device restarts.
    pub(super) fn reset(&mut self) {
        *self = Self::new();
    }
}

fn is_for(datagram: &LanDatagram, binding: Binding) -> bool {
    datagram.interface == binding.interface() && datagram.destination.port() == binding.port()
}

fn copied(payload: &[u8]) -> Result<Vec<u8, PAYLOAD>, CapacityError> {
    Vec::from_slice(payload).map_err(|_| CapacityError(PAYLOAD))
}
