//! The hosts on the LAN.

use std::rc::Rc;

use lankeeper::{Instant, State, WifiSettings};
use smoltcp::wire::EthernetAddress;

use crate::access_point::AccessPoint;
use crate::device::Device;
use crate::dhcp_server::DhcpServer;
use crate::hub::Hub;
use crate::lan::PortId;
use crate::link::Link;
use crate::mishap::node_id;
use crate::node::Node;
use crate::stack::Stack;
use crate::stack::cable::Carrier;
use crate::stranger::Stranger;
use crate::timeline::Event;
use crate::unit::{AnyUnit, Counters, Unit};

/// A host of any kind. lankeeper runs on all but the first two.
pub enum Host {
    Server(Box<DhcpServer>),
    AccessPoint(AccessPoint),
    Hub(Box<Unit<Hub>>),
    Node(Box<Unit<Node>>),
    Stranger(Box<Unit<Stranger>>),
}

impl Host {
    /// The name used in reports.
    pub fn name(&self, port: PortId) -> String {
        match self {
            Self::Server(_) => "dhcp".to_owned(),
            Self::Hub(_) => "hub".to_owned(),
            Self::AccessPoint(_) => "wifi-ap".to_owned(),
            Self::Node(_) => format!("node-{}", node_id(port).unwrap_or_default()),
            Self::Stranger(_) => "stranger".to_owned(),
        }
    }

    /// The device with its application, if the host is one.
    pub fn unit(&mut self) -> Option<&mut dyn AnyUnit> {
        match self {
            Self::Server(_) | Self::AccessPoint(_) => None,
            Self::Hub(unit) => Some(&mut **unit),
            Self::Node(unit) => Some(&mut **unit),
            Self::Stranger(unit) => Some(&mut **unit),
        }
    }

    /// Does everything that is due at `now`.
    pub fn run(&mut self, now: Instant) {
        if let Self::Server(server) = self {
            server.run(now);
        } else if let Some(unit) = self.unit() {
            unit.run(now);
        }
    }

    /// When to run again if no frame comes before.
    pub fn poll_at(&mut self, now: Instant) -> Option<Instant> {
        match self {
            Self::Server(server) => server.stack.poll_at(now),
            _ => self.unit()?.poll_at(),
        }
    }

    /// Receives a frame from the LAN.
    pub fn receive_frame(&mut self, frame: Rc<[u8]>) {
        if let Some(stack) = self.stack() {
            stack.card.receive_frame(frame);
        }
    }

    /// Takes the frames to send.
    pub fn take_sent(&mut self) -> Vec<Vec<u8>> {
        self.stack()
            .map(|stack| stack.card.take_sent())
            .unwrap_or_default()
    }

    /// Sets the carrier, if the host has a cable.
    pub fn set_carrier(&mut self, carrier: Carrier) {
        if let Some(Link::Cable(cable)) = self.device().map(Device::link) {
            cable.set_carrier(carrier);
        }
    }

    /// Sets the network in range, if the host has a radio.
    pub fn set_air(&mut self, now: Instant, air: Option<Rc<WifiSettings>>) {
        if let Some(Link::Radio(radio)) = self.device().map(Device::link) {
            radio.set_air(now, air);
        }
    }

    /// Whether the host's radio is associated; `None` without a radio.
    pub fn is_associated(&mut self) -> Option<bool> {
        match self.device()?.link() {
            Link::Radio(radio) => Some(radio.is_associated()),
            Link::Cable(_) => None,
        }
    }

    /// Takes the events of the device's journal.
    pub fn take_journal(&mut self) -> Vec<(Instant, Event)> {
        self.device().map(Device::take_journal).unwrap_or_default()
    }

    /// Takes the samples of the limiter's tokens.
    pub fn take_tokens(&mut self) -> Vec<(Instant, u32)> {
        self.unit().map(AnyUnit::take_tokens).unwrap_or_default()
    }

    /// The counters of the device.
    pub fn counters(&mut self) -> Counters {
        self.unit().map(|unit| unit.counters()).unwrap_or_default()
    }

    /// The state of the device's interface, UNKNOWN without power; `None` if the host is no device.
    pub fn state(&mut self) -> Option<State> {
        let unit = self.unit()?;
        Some(
            unit.device()
                .map_or(State::Unknown, |device| device.state()),
        )
    }

    /// The device, if the host is one and is powered.
    pub fn device(&mut self) -> Option<&mut Device> {
        self.unit()?.device()
    }

    fn stack(&mut self) -> Option<&mut Stack> {
        match self {
            Self::Server(server) => Some(&mut server.stack),
            _ => self.device().map(Device::stack),
        }
    }
}

/// Returns the MAC address of the host at a port, which is a locally administered one.
pub fn mac(port: PortId) -> EthernetAddress {
    let [high, low] = u16::try_from(port).unwrap_or(u16::MAX).to_be_bytes();
    EthernetAddress([0x02, 0, 0, 0, high, low])
}
