//! A sensor node: announces itself to the hub and answers with readings.

use core::net::{Ipv4Addr, SocketAddrV4};

use lankeeper::{Duration, Instant, SendError};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::device::Device;
use crate::hub;
use crate::message::{self, Message};
use crate::timeline::Event;
use crate::unit::Application;

/// The port on which a node receives.
pub const PORT: u16 = 42_001;

/// Announcements are spread over this time, because all nodes receive the same discovery at once.
const SPREAD_MICROS: u64 = 2_000_000;
/// The size of a burst of the flood, and the time between two bursts.
const BURST: u32 = 50;
const BURST_GAP: Duration = Duration::from_millis(100);
/// How long the node has no socket after a forbidden send has closed it.
const REPAIR: Duration = Duration::from_secs(1);

/// The application on a node.
pub struct Node {
    id: u16,
    random: Pcg64Mcg,
    /// The lowest number that is still expected.
    expected: u32,
    /// Whether the node has rebooted and has received no request since.
    fresh: bool,
    /// When to announce the node, and to whom.
    announcement: Option<(Instant, Ipv4Addr)>,
    hub: Option<Ipv4Addr>,
    flood: Option<Flood>,
    /// When the forbidden send is due.
    blunder_at: Option<Instant>,
    reopen_at: Option<Instant>,
    bad_sequence: u32,
}

/// A flood in progress.
struct Flood {
    next: Instant,
    until: Instant,
    sent: u32,
    limited: u32,
}

impl Node {
    /// Creates a node without memory; `again` means that it has lost one.
    pub fn new(id: u16, seed: u64, again: bool) -> Self {
        Self {
            id,
            random: Pcg64Mcg::seed_from_u64(seed),
            expected: 0,
            fresh: again,
            announcement: None,
            hub: None,
            flood: None,
            blunder_at: None,
            reopen_at: None,
            bad_sequence: 0,
        }
    }

    /// Simulates a bug: the node sends as fast as it can, in a version that the hub does not know.
    pub fn begin_flood(&mut self, now: Instant, until: Instant) {
        self.flood = Some(Flood {
            next: now,
            until,
            sent: 0,
            limited: 0,
        });
    }

    /// Simulates another bug: the node sends a reading to a public address.
    pub fn blunder(&mut self, now: Instant) {
        self.blunder_at = Some(now);
    }

    fn answer(&mut self, device: &mut Device, from: SocketAddrV4, number: u32) {
        if core::mem::take(&mut self.fresh) {
            device.log(Event::Resumed { number });
        }
        self.expected = number.saturating_add(1);
        let centidegrees = self.random.random_range(1_950..2_250);
        let reading = Message::Reading {
            node: self.id,
            number,
            centidegrees,
        };
        // A lost answer is not sent again: from now on the node refuses this number.
        let _ = device.send((*from.ip(), hub::PORT), &reading.encode());
    }

    fn send_to_the_internet(&mut self, device: &mut Device) {
        const PUBLIC: &str = "8.8.8.8";
        let payload = Message::Announce {
            node: self.id,
            expected: self.expected,
        }
        .encode();
        if let Err(error) = device.send((PUBLIC, hub::PORT), &payload) {
            device.log(Event::Refused { to: PUBLIC, error });
            self.reopen_at = Some(device.now().saturating_add(REPAIR));
        }
    }

    fn send_burst(&mut self, device: &mut Device) {
        let now = device.now();
        let (Some(flood), Some(hub)) = (&mut self.flood, self.hub) else {
            return;
        };
        let payload = message::from_the_future();
        for _ in 0..BURST {
            match device.send((hub, hub::PORT), &payload) {
                Ok(()) => flood.sent += 1,
                Err(SendError::WouldBlock(_)) => flood.limited += 1,
                Err(_) => {}
            }
        }
        flood.next = now.saturating_add(BURST_GAP);
        if flood.next >= flood.until {
            device.log(Event::Flooded {
                sent: flood.sent,
                limited: flood.limited,
            });
            self.flood = None;
        }
    }
}

impl Application for Node {
    // The node waits for the next discovery.
    fn handle_connected(&mut self, _: &mut Device) {}

    fn handle_datagram(&mut self, device: &mut Device, from: SocketAddrV4, payload: &[u8]) {
        match Message::decode(payload) {
            Ok(Message::Discover) => {
                let delay = self.random.random_range(0..SPREAD_MICROS);
                let at = device.now().saturating_add(Duration::from_micros(delay));
                self.announcement = Some((at, *from.ip()));
                self.hub = Some(*from.ip());
            }
            Ok(Message::Request { number }) if number < self.expected => {
                self.bad_sequence += 1;
                device.log(Event::BadSequence {
                    number,
                    expected: self.expected,
                });
            }
            Ok(Message::Request { number }) => self.answer(device, from, number),
            // Nodes ignore all other messages.
            Ok(Message::Announce { .. } | Message::Reading { .. }) | Err(_) => {}
        }
    }

    fn handle_timeout(&mut self, device: &mut Device) {
        let now = device.now();
        if let Some((_, hub)) = self.announcement.take_if(|(at, _)| *at <= now) {
            let announce = Message::Announce {
                node: self.id,
                expected: self.expected,
            };
            // If it is lost or refused, the next discovery triggers another one.
            let _ = device.send((hub, hub::PORT), &announce.encode());
        }
        if self.blunder_at.take_if(|at| *at <= now).is_some() {
            self.send_to_the_internet(device);
        }
        if self.reopen_at.take_if(|at| *at <= now).is_some() && device.open_socket() {
            device.log(Event::Opened { port: PORT });
        }
        if self.flood.as_ref().is_some_and(|flood| flood.next <= now) {
            self.send_burst(device);
        }
    }

    fn poll_at(&self) -> Option<Instant> {
        let announcement = self.announcement.map(|(at, _)| at);
        let flood = self.flood.as_ref().map(|flood| flood.next);
        [announcement, flood, self.blunder_at, self.reopen_at]
            .into_iter()
            .flatten()
            .min()
    }

    fn bad_sequence(&self) -> u32 {
        self.bad_sequence
    }
}
