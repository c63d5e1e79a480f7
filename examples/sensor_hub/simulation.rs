//! The simulation: virtual time jumps from one event to the next.

use std::rc::Rc;

use lankeeper::{Duration, Instant, Nic, State};
use pcap_file::PcapError;
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::access_point::{self, AccessPoint};
use crate::capture::Capture;
use crate::device::Device;
use crate::dhcp_server::{Counts, DhcpServer};
use crate::host::{Host, mac};
use crate::hub::{self, Hub, Tally};
use crate::lan::{Lan, PortId};
use crate::link::Link;
use crate::mishap::{self, Kind, Mishap, schedule};
use crate::node::{self, Node};
use crate::options::Options;
use crate::queue::Queue;
use crate::radio::Radio;
use crate::stack::Stack;
use crate::stack::backend::StackBackend;
use crate::stack::cable::{Cable, Carrier};
use crate::stack::card::Card;
use crate::stranger::{self, Stranger};
use crate::timeline::{Event, Timeline};
use crate::unit::{AnyUnit, Counters, Unit};

/// The devices boot at random instants within this time.
const BOOT_MICROS: u64 = 3_000_000;

/// How long both ends of a cable take to negotiate.
const NEGOTIATION: Duration = Duration::from_millis(1_500);

/// The results of a run.
pub struct Outcome {
    pub end: Instant,
    pub timeline: Timeline,
    pub schedule: Vec<Mishap>,
    pub hosts: Vec<HostOutcome>,
    pub server: Counts,
    pub frames: u64,
    pub frames_lost: u64,
    /// The capture file, if one was requested.
    pub capture: Option<Vec<u8>>,
}

/// The results of a run for one host.
pub struct HostOutcome {
    pub name: String,
    /// `None` for hosts without lankeeper.
    pub state: Option<State>,
    pub counters: Counters,
    /// The statistics of the hub's polls of the node.
    pub tally: Tally,
    /// The limiter's tokens at every change.
    pub tokens: Vec<(Instant, u32)>,
}

/// The LAN with its hosts, and the pending events.
pub struct Simulation {
    now: Instant,
    end: Instant,
    lan: Lan,
    /// The host at each port of the switch.
    hosts: Vec<Host>,
    queue: Queue<Happening>,
    /// When each host wakes up; wake-up events for another instant are outdated.
    wake_at: Vec<Option<Instant>>,
    /// When the negotiation of each cable is complete.
    link_at: Vec<Option<Instant>>,
    schedule: Vec<Mishap>,
    timeline: Timeline,
    capture: Option<Capture>,
    random: Pcg64Mcg,
}

/// A future event.
enum Happening {
    Frame(PortId, Rc<[u8]>),
    Wake(PortId),
    PowerUp(PortId),
    LinkUp(PortId),
    /// The mishap with this index begins or ends.
    Begin(usize),
    End(usize),
}

impl Simulation {
    /// Creates a LAN with these options, all devices switched off.
    pub fn new(options: &Options) -> Result<Self, PcapError> {
        let now = Instant::EPOCH;
        let mut random = Pcg64Mcg::seed_from_u64(options.seed);
        let stranger = mishap::node(options.nodes) + 1;
        let ports = stranger + 1;
        let hosts = (0..ports)
            .map(|port| match port {
                mishap::SERVER => {
                    Host::Server(Box::new(DhcpServer::new(now, mac(port), random.next_u64())))
                }
                mishap::ACCESS_POINT => {
                    Host::AccessPoint(AccessPoint::new().expect("valid settings"))
                }
                mishap::HUB => Host::Hub(Box::new(Unit::off())),
                _ if port == stranger => Host::Stranger(Box::new(Unit::off())),
                _ => Host::Node(Box::new(Unit::off())),
            })
            .collect();
        let mut simulation = Self {
            now,
            end: now.saturating_add(Duration::from_secs(options.minutes * 60)),
            lan: Lan::new(ports, options.loss / 100.0, random.next_u64()),
            hosts,
            queue: Queue::new(),
            wake_at: vec![None; ports],
            link_at: vec![None; ports],
            schedule: schedule(options.minutes, options.nodes),
            timeline: Timeline::default(),
            capture: options.pcap.is_some().then(Capture::new).transpose()?,
            random,
        };
        simulation.plan(stranger);
        Ok(simulation)
    }

    /// Queues the scheduled events.
    fn plan(&mut self, stranger: PortId) {
        self.lan.plug(mishap::SERVER);
        for port in mishap::HUB..=stranger {
            let at = Instant::from_micros(self.random.random_range(0..BOOT_MICROS));
            self.queue.add(at, Happening::PowerUp(port));
        }
        for (number, mishap) in self.schedule.iter().enumerate() {
            self.queue.add(mishap.begin, Happening::Begin(number));
            self.queue.add(mishap.end, Happening::End(number));
        }
    }

    /// Runs to the end; calls `progress` with the virtual time.
    pub fn run(mut self, mut progress: impl FnMut(Instant)) -> Result<Outcome, PcapError> {
        while let Some((now, happening)) = self.queue.next_before(self.end) {
            self.now = now;
            progress(now);
            match happening {
                Happening::Frame(port, frame) if self.lan.is_plugged(port) => {
                    self.hosts[port].receive_frame(frame);
                    self.run_host(port)?;
                }
                Happening::Wake(port) if self.wake_at[port] == Some(now) => {
                    self.wake_at[port] = None;
                    self.run_host(port)?;
                }
                Happening::LinkUp(port) if self.link_at[port] == Some(now) => {
                    self.lan.plug(port);
                    self.hosts[port].set_carrier(Carrier::Present);
                    self.run_host(port)?;
                }
                // The cable is unplugged, or the event is outdated.
                Happening::Frame(..) | Happening::Wake(_) | Happening::LinkUp(_) => {}
                Happening::PowerUp(port) => self.power_up(port, false)?,
                Happening::Begin(number) => self.begin(number)?,
                Happening::End(number) => self.finish(number)?,
            }
        }
        Ok(self.outcome())
    }

    /// Runs a host, forwards its frames and events, and schedules its next wake-up.
    fn run_host(&mut self, port: PortId) -> Result<(), PcapError> {
        let host = &mut self.hosts[port];
        host.run(self.now);
        // A radio's association acts as its carrier.
        match host.is_associated() {
            Some(true) => self.lan.plug(port),
            Some(false) => self.lan.pull(port),
            None => {}
        }
        for (at, event) in host.take_journal() {
            self.timeline.add(at, port, event);
        }
        let wake_at = host.poll_at(self.now);
        for frame in host.take_sent() {
            if let (Some(capture), true) = (&mut self.capture, self.lan.is_plugged(port)) {
                capture.add(self.now, &frame)?;
            }
            for delivery in self.lan.transmit(self.now, port, &frame) {
                self.queue
                    .add(delivery.at, Happening::Frame(delivery.to, delivery.frame));
            }
        }
        if wake_at != self.wake_at[port] {
            self.wake_at[port] = wake_at;
            if let Some(at) = wake_at {
                self.queue.add(at, Happening::Wake(port));
            }
        }
        Ok(())
    }

    fn power_up(&mut self, port: PortId, again: bool) -> Result<(), PcapError> {
        let seed = self.random.next_u64();
        let stack = Stack::new(self.now, Card::new(mac(port)), seed);
        let is_node = matches!(self.hosts[port], Host::Node(_));
        let (link, nic) = if is_node && mishap::has_radio(port) {
            (Link::Radio(Radio::default()), self.wifi_nic(port))
        } else {
            let nic = Nic::named("eth0").expect("a valid name");
            (Link::Cable(Cable::new()), nic)
        };
        let backend = StackBackend::new(stack, link);
        let nodes = u16::try_from(self.stranger() - mishap::node(1)).unwrap_or(u16::MAX);
        match &mut self.hosts[port] {
            Host::Hub(unit) => {
                let device = Device::power_up(self.now, backend, seed, &nic, hub::PORT);
                unit.power_up(device, Hub::new(self.now, nodes));
            }
            Host::Node(unit) => {
                let device = Device::power_up(self.now, backend, seed, &nic, node::PORT);
                let id = mishap::node_id(port).unwrap_or_default();
                unit.power_up(device, Node::new(id, seed, again));
            }
            Host::Stranger(unit) => {
                let nic = stranger::nic();
                let device = Device::power_up(self.now, backend, seed, &nic, stranger::PORT);
                unit.power_up(device, Stranger::new());
            }
            Host::Server(_) | Host::AccessPoint(_) => {}
        }
        if self.hosts[port].is_associated().is_some() {
            self.refresh_air(port)
        } else {
            self.set_cable(port, true)
        }
    }

    /// The stranger is the host after the last node.
    fn stranger(&self) -> PortId {
        self.hosts.len() - 1
    }

    /// Returns the present configuration of a Wi-Fi node.
    fn wifi_nic(&self, node: PortId) -> Nic {
        let mistyped = self.schedule.iter().any(|mishap| {
            mishap.kind == Kind::WrongKey { node } && (mishap.begin..mishap.end).contains(&self.now)
        });
        access_point::nic(mistyped).expect("valid settings")
    }

    /// Updates the network that a host's radio receives.
    fn refresh_air(&mut self, port: PortId) -> Result<(), PcapError> {
        let Host::AccessPoint(access_point) = &self.hosts[mishap::ACCESS_POINT] else {
            return Ok(());
        };
        let air = access_point.air_at(port);
        self.hosts[port].set_air(self.now, air);
        self.run_host(port)
    }

    fn set_in_range(&mut self, port: PortId, in_range: bool) -> Result<(), PcapError> {
        if let Host::AccessPoint(access_point) = &mut self.hosts[mishap::ACCESS_POINT] {
            access_point.set_in_range(port, in_range);
        }
        self.refresh_air(port)
    }

    fn set_access_point_power(&mut self, on: bool) -> Result<(), PcapError> {
        if let Host::AccessPoint(access_point) = &mut self.hosts[mishap::ACCESS_POINT] {
            access_point.set_power(on);
        }
        mishap::radios(self.stranger()).try_for_each(|port| self.refresh_air(port))
    }

    /// Plugs in the cable of a host, or pulls it.
    fn set_cable(&mut self, port: PortId, plugged: bool) -> Result<(), PcapError> {
        let carrier = if plugged {
            let at = self.now.saturating_add(NEGOTIATION);
            self.link_at[port] = Some(at);
            self.queue.add(at, Happening::LinkUp(port));
            Carrier::Negotiating
        } else {
            self.link_at[port] = None;
            self.lan.pull(port);
            Carrier::Absent
        };
        self.hosts[port].set_carrier(carrier);
        self.run_host(port)
    }

    fn begin(&mut self, number: usize) -> Result<(), PcapError> {
        let Mishap { kind, end, .. } = self.schedule[number];
        let port = kind.host(self.stranger());
        self.timeline
            .add(self.now, port, Event::Mishap(kind.beginning()));
        match (kind, &mut self.hosts[port]) {
            (Kind::DoubledFrames { .. }, _) => self.lan.double(port, true),
            (Kind::HubCable | Kind::NodeCable { .. }, _) => return self.set_cable(port, false),
            (Kind::ForbiddenSend { .. }, Host::Node(unit)) => {
                if let Some(node) = unit.application() {
                    node.blunder(self.now);
                }
            }
            (Kind::Flood { .. }, Host::Node(unit)) => {
                if let Some(node) = unit.application() {
                    node.begin_flood(self.now, end);
                }
            }
            (Kind::Stranger, Host::Stranger(unit)) => {
                if let Some(stranger) = unit.application() {
                    stranger.begin(self.now);
                }
            }
            (Kind::Restart { .. }, Host::Node(unit)) => {
                unit.cut_power();
                self.lan.pull(port);
                // Cancels the wake-ups, because the device is off.
                self.wake_at[port] = None;
                let state = State::Unknown;
                let event = Event::State {
                    state,
                    reason: None,
                    address: None,
                };
                self.timeline.add(self.now, port, event);
                return Ok(());
            }
            (Kind::OutOfRange { .. }, _) => return self.set_in_range(port, false),
            (Kind::AccessPointReboot, _) => return self.set_access_point_power(false),
            (Kind::SilentServer, Host::Server(server)) => server.silent = true,
            // The key has been wrong since power-up.
            (Kind::WrongKey { .. }, _) => {}
            // The schedule affects no other kinds of hosts.
            _ => {}
        }
        self.run_host(port)
    }

    fn finish(&mut self, number: usize) -> Result<(), PcapError> {
        let Mishap { kind, .. } = self.schedule[number];
        let port = kind.host(self.stranger());
        if let Some(text) = kind.ending() {
            self.timeline
                .add(self.now, port, Event::Mishap(text.to_owned()));
        }
        match kind {
            Kind::DoubledFrames { .. } => self.lan.double(port, false),
            Kind::HubCable | Kind::NodeCable { .. } => return self.set_cable(port, true),
            Kind::Restart { .. } => return self.power_up(port, true),
            Kind::WrongKey { .. } => {
                let nic = self.wifi_nic(port);
                if let Some(device) = self.hosts[port].device() {
                    device.configure(self.now, &nic);
                }
                return self.run_host(port);
            }
            Kind::OutOfRange { .. } => return self.set_in_range(port, true),
            Kind::AccessPointReboot => return self.set_access_point_power(true),
            Kind::SilentServer => {
                if let Host::Server(server) = &mut self.hosts[port] {
                    server.silent = false;
                }
            }
            Kind::ForbiddenSend { .. } | Kind::Flood { .. } | Kind::Stranger => {}
        }
        Ok(())
    }

    fn outcome(mut self) -> Outcome {
        let mut tallies = match &mut self.hosts[mishap::HUB] {
            Host::Hub(unit) => unit.application().map(|hub| hub.tallies.clone()),
            _ => None,
        }
        .unwrap_or_default();
        let server = match &self.hosts[mishap::SERVER] {
            Host::Server(server) => server.counts,
            _ => Counts::default(),
        };
        let hosts = (0..).zip(&mut self.hosts).map(|(port, host)| HostOutcome {
            name: host.name(port),
            state: host.state(),
            counters: host.counters(),
            tally: mishap::node_id(port)
                .and_then(|node| tallies.remove(&node))
                .unwrap_or_default(),
            tokens: host.take_tokens(),
        });
        Outcome {
            end: self.end,
            hosts: hosts.collect(),
            timeline: self.timeline,
            schedule: self.schedule,
            server,
            frames: self.lan.forwarded,
            frames_lost: self.lan.lost,
            capture: self.capture.map(Capture::into_bytes),
        }
    }
}
