//! The LAN: a learning switch with a cable to each host, and its imperfections.

use std::collections::BTreeMap;
use std::rc::Rc;

use lankeeper::{Duration, Instant};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use smoltcp::wire::{EthernetAddress, EthernetFrame};

/// The number of a port of the switch, with one host each. An associated radio counts as plugged
/// in, because the access point is part of the switch.
pub type PortId = usize;

/// The latency of every frame, and the largest random addition to it.
const LATENCY: Duration = Duration::from_micros(80);
const JITTER_MICROS: u64 = 120;
/// The delay of the copy of a doubled frame.
const COPY_LAG: Duration = Duration::from_millis(1);
/// How long the switch remembers the port of an address (the default of IEEE 802.1D).
const AGEING: Duration = Duration::from_secs(300);

/// A frame on its way from the switch to a host.
pub struct Delivery {
    pub at: Instant,
    pub to: PortId,
    pub frame: Rc<[u8]>,
}

/// The switch with its cables.
pub struct Lan {
    ports: Vec<Port>,
    /// The port of an address, and when a frame came from there last.
    learned: BTreeMap<EthernetAddress, (PortId, Instant)>,
    /// The probability of losing a frame on the way to a host.
    loss: f64,
    random: Pcg64Mcg,
    pub forwarded: u64,
    pub lost: u64,
}

#[derive(Clone, Default)]
struct Port {
    plugged: bool,
    /// Whether every frame to the host arrives twice.
    doubles: bool,
    /// When the last frame arrives at the host. Frames to one host stay in order.
    busy_until: Instant,
}

impl Lan {
    /// Creates a switch without cables, which loses a share `loss` (0 to 1) of the frames.
    pub fn new(ports: usize, loss: f64, seed: u64) -> Self {
        Self {
            ports: vec![Port::default(); ports],
            learned: BTreeMap::new(),
            loss,
            random: Pcg64Mcg::seed_from_u64(seed),
            forwarded: 0,
            lost: 0,
        }
    }

    /// Whether the cable of a port is plugged in.
    pub fn is_plugged(&self, port: PortId) -> bool {
        self.ports[port].plugged
    }

    /// Plugs in the cable of a port.
    pub fn plug(&mut self, port: PortId) {
        self.ports[port].plugged = true;
    }

    /// Pulls the cable of a port; the switch forgets the addresses there.
    pub fn pull(&mut self, port: PortId) {
        self.ports[port].plugged = false;
        self.learned.retain(|_, (learned, _)| *learned != port);
    }

    /// Sets whether every frame to this port arrives twice, as with a loop in the cabling.
    pub fn double(&mut self, port: PortId, on: bool) {
        self.ports[port].doubles = on;
    }

    /// Takes a frame from a host; returns when and where it arrives.
    pub fn transmit(&mut self, now: Instant, from: PortId, frame: &[u8]) -> Vec<Delivery> {
        let Ok(header) = EthernetFrame::new_checked(frame) else {
            return Vec::new();
        };
        if !self.ports[from].plugged {
            return Vec::new();
        }
        self.learned.insert(header.src_addr(), (from, now));
        let frame: Rc<[u8]> = frame.into();
        let everybody = 0..self.ports.len();
        match self.destination(now, header.dst_addr()) {
            Some(port) if port == from => Vec::new(),
            Some(port) => self.forward(now, port, &frame),
            // Floods a broadcast, or a frame to an unknown address.
            None => everybody
                .filter(|port| *port != from)
                .flat_map(|port| self.forward(now, port, &frame))
                .collect(),
        }
    }

    fn destination(&self, now: Instant, address: EthernetAddress) -> Option<PortId> {
        let (port, heard) = self.learned.get(&address)?;
        (now.saturating_duration_since(*heard) < AGEING).then_some(*port)
    }

    /// Forwards a frame to a port, where it arrives never, once or twice.
    fn forward(&mut self, now: Instant, to: PortId, frame: &Rc<[u8]>) -> Vec<Delivery> {
        let port = &mut self.ports[to];
        if !port.plugged {
            return Vec::new();
        }
        if self.random.random_bool(self.loss) {
            self.lost += 1;
            return Vec::new();
        }
        let jitter = Duration::from_micros(self.random.random_range(0..JITTER_MICROS));
        let at = now.saturating_add(LATENCY).saturating_add(jitter);
        let copy = port.doubles.then(|| at.saturating_add(COPY_LAG));
        let mut deliveries = Vec::new();
        for at in [Some(at), copy].into_iter().flatten() {
            self.forwarded += 1;
            port.busy_until = at.max(port.busy_until);
            deliveries.push(Delivery {
                at: port.busy_until,
                to,
                frame: Rc::clone(frame),
            });
        }
        deliveries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BROADCAST: [u8; 6] = [0xff; 6];

    fn mac(host: u8) -> [u8; 6] {
        [2, 0, 0, 0, 0, host]
    }

    fn frame(to: [u8; 6], from: [u8; 6]) -> Vec<u8> {
        [&to[..], &from[..], &[0x08, 0x00]].concat()
    }

    fn lan(loss: f64) -> Lan {
        let mut lan = Lan::new(3, loss, 7);
        (0..3).for_each(|port| lan.plug(port));
        lan
    }

    fn reached(lan: &mut Lan, from: PortId, frame: &[u8]) -> Vec<PortId> {
        lan.transmit(Instant::EPOCH, from, frame)
            .iter()
            .map(|delivery| delivery.to)
            .collect()
    }

    #[test]
    fn switch_learns_where_an_address_is() {
        let mut lan = lan(0.0);
        assert_eq!(
            reached(&mut lan, 0, &frame(mac(1), mac(0))),
            [1, 2],
            "not learned yet"
        );
        assert_eq!(reached(&mut lan, 1, &frame(mac(0), mac(1))), [0]);
        assert_eq!(reached(&mut lan, 0, &frame(mac(1), mac(0))), [1]);
        assert_eq!(reached(&mut lan, 0, &frame(BROADCAST, mac(0))), [1, 2]);
    }

    #[test]
    fn pulled_cable_carries_nothing_either_way() {
        let mut lan = lan(0.0);
        reached(&mut lan, 1, &frame(BROADCAST, mac(1)));
        lan.pull(1);
        assert_eq!(reached(&mut lan, 1, &frame(BROADCAST, mac(1))), []);
        assert_eq!(
            reached(&mut lan, 0, &frame(mac(1), mac(0))),
            [2],
            "forgotten, so flooded"
        );
    }

    #[test]
    fn frames_to_one_host_keep_their_order() {
        let mut lan = lan(0.0);
        lan.double(1, true);
        let broadcast = frame(BROADCAST, mac(0));
        assert_eq!(reached(&mut lan, 0, &broadcast), [1, 1, 2]);
        let copy = lan.transmit(Instant::EPOCH, 0, &broadcast)[1].at;
        lan.double(1, false);
        let next = lan.transmit(Instant::EPOCH, 0, &broadcast)[0].at;
        assert!(next >= copy);
    }

    #[test]
    fn loss_is_about_what_was_asked_for() {
        let mut lan = lan(0.2);
        (0..5_000).for_each(|_| drop(reached(&mut lan, 0, &frame(BROADCAST, mac(0)))));
        assert!((1_800..2_200).contains(&lan.lost), "{} of 10000", lan.lost);
        assert_eq!(lan.lost + lan.forwarded, 10_000);
    }

    #[test]
    fn runts_are_dropped() {
        assert_eq!(reached(&mut lan(0.0), 0, &[0; 13]), []);
    }
}
