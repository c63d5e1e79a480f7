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

/// The port at which a node hears the hub.
pub const PORT: u16 = 42_001;

/// Announcements are spread over this time: all nodes hear the same discovery at once.
const SPREAD_MICROS: u64 = 2_000_000;
/// A burst of the flood, and how often one comes.
const BURST: u32 = 50;
const BURST_GAP: Duration = Duration::from_millis(100);
/// How long the node goes without socket after a forbidden send has closed it.
const REPAIR: Duration = Duration::from_secs(1);

/// The application on a node.
pub struct Node {
    id: u16,
    random: Pcg64Mcg,
    /// The lowest number that is still to come.
    expected: u32,
    /// Whether the node booted again and has not been asked since.
    fresh: bool,
    /// Where and when to announce the node.
    announcement: Option<(Instant, Ipv4Addr)>,
    hub: Option<Ipv4Addr>,
    flood: Option<Flood>,
    /// When the forbidden send is due.
    blunder_at: Option<Instant>,
    reopen_at: Option<Instant>,
    bad_sequence: u32,
}

/// A flood under way.
struct Flood {
    next: Instant,
    until: Instant,
    sent: u32,
    limited: u32,
}

impl Node {
    /// A node without memory; `again` if it had one before its power went out.
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

    /// A mistake of the firmware: from now on it sends as fast as it can, in a version of the
    /// format that the hub does not know.
    pub fn begin_flood(&mut self, now: Instant, until: Instant) {
        self.flood = Some(Flood {
            next: now,
            until,
            sent: 0,
            limited: 0,
        });
    }

    /// Another mistake: the reading goes to a public address.
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
        // A lost answer is lost for good: its number is over.
        let _ = device.send(*from.ip(), hub::PORT, &reading.encode());
    }

    fn send_to_the_internet(&mut self, device: &mut Device) {
        const PUBLIC: &str = "8.8.8.8";
        let payload = Message::Announce {
            node: self.id,
            expected: self.expected,
        }
        .encode();
        if let Err(error) = device.send(PUBLIC, hub::PORT, &payload) {
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
            match device.send(hub, hub::PORT, &payload) {
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
    // The next discovery is awaited.
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
            // Nothing else is for nodes.
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
            // Lost or refused, the next discovery asks again.
            let _ = device.send(hub, hub::PORT, &announce.encode());
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
