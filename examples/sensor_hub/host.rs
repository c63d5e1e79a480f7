//! What stands at the ends of the cables.

use core::net::SocketAddrV4;
use std::rc::Rc;

use lankeeper::{Instant, State};
use smoltcp::wire::EthernetAddress;

use crate::backend::Carrier;
use crate::device::{Device, Inbox};
use crate::dhcp_server::DhcpServer;
use crate::hub::Hub;
use crate::lan::PortId;
use crate::node::Node;
use crate::stack::Stack;
use crate::stranger::Stranger;
use crate::timeline::Event;

/// What runs on a device: it is told what happened, and asked when it wants to be called.
pub trait Application {
    /// The device has got its address.
    fn handle_connected(&mut self, device: &mut Device);
    /// A datagram came.
    fn handle_datagram(&mut self, device: &mut Device, from: SocketAddrV4, payload: &[u8]);
    /// Time went on.
    fn handle_timeout(&mut self, device: &mut Device);
    /// When time matters next.
    fn poll_at(&self) -> Option<Instant>;
    /// Requests that came with a number that was over.
    fn bad_sequence(&self) -> u32;
}

/// A device with its application, under power or not.
pub struct Unit<A> {
    pub running: Option<(Device, A)>,
    /// What was counted before the power went out.
    before: Counters,
    tokens: Vec<(Instant, u32)>,
}

/// What is counted on every device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Sends that the limiter refused.
    pub limited: u32,
    /// Datagrams that the core did not let in.
    pub dropped: u32,
    /// Requests with a number that was over.
    pub bad_sequence: u32,
}

impl<A: Application> Unit<A> {
    /// A device that is switched off.
    pub fn off() -> Self {
        Self {
            running: None,
            before: Counters::default(),
            tokens: Vec::new(),
        }
    }

    /// Switches the device on.
    pub fn power_up(&mut self, device: Device, application: A) {
        self.running = Some((device, application));
    }

    /// Takes the power away, with no chance to say goodbye.
    pub fn cut_power(&mut self) {
        self.before = self.counters();
        if let Some((mut device, _)) = self.running.take() {
            self.tokens.extend(device.take_tokens());
        }
    }

    /// Runs device and application until neither has anything left to do at `now`.
    pub fn run(&mut self, now: Instant) {
        let Some((device, application)) = &mut self.running else {
            return;
        };
        loop {
            let inbox = device.run(now);
            let due = application.poll_at().is_some_and(|at| at <= now);
            if inbox.is_empty() && !due {
                break;
            }
            for item in inbox {
                match item {
                    Inbox::Connected => application.handle_connected(device),
                    Inbox::Datagram(from, payload) => {
                        application.handle_datagram(device, from, &payload);
                    }
                }
            }
            application.handle_timeout(device);
        }
    }

    /// All counters, over every restart.
    pub fn counters(&self) -> Counters {
        let Some((device, application)) = &self.running else {
            return self.before;
        };
        Counters {
            limited: self.before.limited + device.limited,
            dropped: self.before.dropped + device.dropped(),
            bad_sequence: self.before.bad_sequence + application.bad_sequence(),
        }
    }

    fn poll_at(&mut self) -> Option<Instant> {
        let (device, application) = self.running.as_mut()?;
        application
            .poll_at()
            .into_iter()
            .chain(device.poll_at())
            .min()
    }
}

/// A host of any kind.
pub enum Host {
    Server(Box<DhcpServer>),
    Hub(Box<Unit<Hub>>),
    Node(Box<Unit<Node>>),
    Stranger(Box<Stranger>),
}

impl Host {
    /// The name in all reports.
    pub fn name(&self, port: PortId) -> String {
        match self {
            Self::Server(_) => "dhcp".to_owned(),
            Self::Hub(_) => "hub".to_owned(),
            Self::Node(_) => format!("node-{}", port - 1),
            Self::Stranger(_) => "stranger".to_owned(),
        }
    }

    /// Does everything that there is to do at `now`.
    pub fn run(&mut self, now: Instant) {
        match self {
            Self::Server(server) => server.run(now),
            Self::Hub(unit) => unit.run(now),
            Self::Node(unit) => unit.run(now),
            Self::Stranger(stranger) => stranger.run(now),
        }
    }

    /// When to run again if no frame comes before.
    pub fn poll_at(&mut self, now: Instant) -> Option<Instant> {
        match self {
            Self::Server(server) => server.stack.poll_at(now),
            Self::Hub(unit) => unit.poll_at(),
            Self::Node(unit) => unit.poll_at(),
            Self::Stranger(stranger) => stranger.poll_at(now),
        }
    }

    /// A frame comes in from the cable.
    pub fn receive_frame(&mut self, frame: Rc<[u8]>) {
        if let Some(stack) = self.stack() {
            stack.card.receive_frame(frame);
        }
    }

    /// Takes the frames that go out on the cable.
    pub fn take_sent(&mut self) -> Vec<Vec<u8>> {
        self.stack()
            .map(|stack| stack.card.take_sent())
            .unwrap_or_default()
    }

    /// The carrier has changed.
    pub fn set_carrier(&mut self, carrier: Carrier) {
        if let Some(device) = self.device() {
            device.set_carrier(carrier);
        }
    }

    /// Takes what a device has written into its journal.
    pub fn take_journal(&mut self) -> Vec<(Instant, Event)> {
        self.device().map(Device::take_journal).unwrap_or_default()
    }

    /// Takes the samples of the limiter's tokens.
    pub fn take_tokens(&mut self) -> Vec<(Instant, u32)> {
        let mut tokens = match self {
            Self::Hub(unit) => core::mem::take(&mut unit.tokens),
            Self::Node(unit) => core::mem::take(&mut unit.tokens),
            Self::Server(_) | Self::Stranger(_) => Vec::new(),
        };
        tokens.extend(self.device().map(Device::take_tokens).unwrap_or_default());
        tokens
    }

    /// All counters of a device.
    pub fn counters(&self) -> Counters {
        match self {
            Self::Hub(unit) => unit.counters(),
            Self::Node(unit) => unit.counters(),
            Self::Server(_) | Self::Stranger(_) => Counters::default(),
        }
    }

    /// The state of a device's interface; `None` for hosts that lankeeper does not run.
    pub fn state(&mut self) -> Option<State> {
        match self {
            Self::Server(_) | Self::Stranger(_) => None,
            Self::Hub(_) | Self::Node(_) => Some(
                self.device()
                    .map_or(State::Unknown, |device| device.state()),
            ),
        }
    }

    fn device(&mut self) -> Option<&mut Device> {
        match self {
            Self::Hub(unit) => unit.running.as_mut().map(|(device, _)| device),
            Self::Node(unit) => unit.running.as_mut().map(|(device, _)| device),
            Self::Server(_) | Self::Stranger(_) => None,
        }
    }

    fn stack(&mut self) -> Option<&mut Stack> {
        match self {
            Self::Server(server) => Some(&mut server.stack),
            Self::Stranger(stranger) => Some(&mut stranger.stack),
            Self::Hub(_) | Self::Node(_) => self.device().map(Device::stack),
        }
    }
}

/// The hardware address of the host at a port: one of the locally administered ones.
pub fn mac(port: PortId) -> EthernetAddress {
    let [high, low] = u16::try_from(port).unwrap_or(u16::MAX).to_be_bytes();
    EthernetAddress([0x02, 0, 0, 0, high, low])
}
