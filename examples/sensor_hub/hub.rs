//! The hub: discovers the nodes by broadcast and requests a reading from each of them every minute.

use core::net::{Ipv4Addr, SocketAddrV4};
use std::collections::BTreeMap;

use lankeeper::{Duration, Instant, SendError};

use crate::device::Device;
use crate::message::{DecodeError, Message};
use crate::node;
use crate::timeline::Event;
use crate::unit::Application;

/// The port on which the hub receives.
pub const PORT: u16 = 42_000;
/// The time between two readings of a node.
pub const PERIOD: Duration = Duration::from_secs(60);

const DISCOVERY: Duration = Duration::from_secs(15);
/// How long to wait for an answer: once before the request is repeated, and once before it is lost.
const PATIENCE: Duration = Duration::from_secs(2);
const MISSES: u32 = 3;

/// The application on the hub.
pub struct Hub {
    /// The time between the polls of two nodes. Polls are spread evenly over the period, so the
    /// limiter never refuses one.
    spacing: Duration,
    discover_at: Instant,
    peers: BTreeMap<u16, Peer>,
    /// Poll statistics of every node that was ever known.
    pub tallies: BTreeMap<u16, Tally>,
    /// Messages ignored because of an unknown version.
    pub versions_ignored: u64,
    /// Payloads that are not messages for a hub.
    pub garbage: u64,
}

/// A node that the hub knows.
struct Peer {
    address: Ipv4Addr,
    /// The number of the next request.
    number: u32,
    /// When to send the next request.
    ask_at: Instant,
    /// The pending request.
    open: Option<Open>,
    misses: u32,
}

/// A pending request.
struct Open {
    repeated: bool,
    deadline: Instant,
}

/// Poll statistics of one node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Numbers requested, not counting repetitions.
    pub polls: u32,
    /// Numbers requested again, because no answer came.
    pub repeats: u32,
    pub answers: u32,
    /// Numbers without an answer, even to the repetition.
    pub lost: u32,
    /// How often the hub gave the node up.
    pub given_up: u32,
}

impl Hub {
    /// Creates a hub for about this many nodes.
    pub fn new(now: Instant, nodes: u16) -> Self {
        Self {
            spacing: Duration::from_micros(PERIOD.as_micros() / u64::from(nodes)),
            discover_at: now,
            peers: BTreeMap::new(),
            tallies: BTreeMap::new(),
            versions_ignored: 0,
            garbage: 0,
        }
    }

    fn meet(&mut self, device: &mut Device, node: u16, address: Ipv4Addr, expected: u32) {
        if let Some(peer) = self.peers.get_mut(&node) {
            peer.address = address;
            return;
        }
        device.log(Event::Found { node });
        let ask_at = next_slot(device.now(), self.spacing.saturating_mul(u64::from(node)));
        let peer = Peer {
            address,
            number: expected,
            ask_at,
            open: None,
            misses: 0,
        };
        self.peers.insert(node, peer);
    }

    fn take_reading(&mut self, node: u16, number: u32) {
        if let Some(peer) = self.peers.get_mut(&node)
            && peer.number == number
            && peer.open.take().is_some()
        {
            peer.number = peer.number.saturating_add(1);
            peer.misses = 0;
            self.tallies.entry(node).or_default().answers += 1;
        }
    }
}

impl Application for Hub {
    fn handle_connected(&mut self, device: &mut Device) {
        self.discover_at = device.now();
    }

    fn handle_datagram(&mut self, device: &mut Device, from: SocketAddrV4, payload: &[u8]) {
        match Message::decode(payload) {
            Ok(Message::Announce { node, expected }) => {
                self.meet(device, node, *from.ip(), expected);
            }
            Ok(Message::Reading { node, number, .. }) => self.take_reading(node, number),
            // Only another hub sends these.
            Ok(Message::Discover | Message::Request { .. }) => self.garbage += 1,
            Err(DecodeError::Version(version)) => {
                self.versions_ignored += 1;
                device.log(Event::Version(version));
            }
            Err(_) => self.garbage += 1,
        }
    }

    fn handle_timeout(&mut self, device: &mut Device) {
        let now = device.now();
        if now >= self.discover_at {
            // If it is lost or refused, the next one follows soon.
            let _ = device.send(
                (Ipv4Addr::BROADCAST, node::PORT),
                &Message::Discover.encode(),
            );
            self.discover_at = now.saturating_add(DISCOVERY);
        }
        for (&node, peer) in &mut self.peers {
            peer.handle_timeout(device, node, self.tallies.entry(node).or_default());
        }
        self.peers.retain(|_, peer| peer.misses < MISSES);
    }

    fn poll_at(&self) -> Option<Instant> {
        self.peers
            .values()
            .map(Peer::poll_at)
            .chain([self.discover_at])
            .min()
    }
}

impl Peer {
    fn poll_at(&self) -> Instant {
        self.open.as_ref().map_or(self.ask_at, |open| open.deadline)
    }

    fn handle_timeout(&mut self, device: &mut Device, node: u16, tally: &mut Tally) {
        let now = device.now();
        if now < self.poll_at() {
            return;
        }
        match &self.open {
            None => {
                self.ask_at = self.ask_at.saturating_add(PERIOD);
                // A number counts as requested once it is sent, so that an offline hub blames no
                // node.
                if self.ask(device).is_ok() {
                    tally.polls += 1;
                    self.open = Some(Open {
                        repeated: false,
                        deadline: now.saturating_add(PATIENCE),
                    });
                }
            }
            Some(Open {
                repeated: false, ..
            }) => {
                let _ = self.ask(device);
                tally.repeats += 1;
                self.open = Some(Open {
                    repeated: true,
                    deadline: now.saturating_add(PATIENCE),
                });
            }
            Some(Open { repeated: true, .. }) => {
                device.log(Event::NoAnswer {
                    node,
                    number: self.number,
                });
                tally.lost += 1;
                self.open = None;
                self.number = self.number.saturating_add(1);
                self.misses += 1;
                if self.misses == MISSES {
                    device.log(Event::GivenUp { node });
                    tally.given_up += 1;
                }
            }
        }
    }

    fn ask(&self, device: &mut Device) -> Result<(), SendError> {
        let request = Message::Request {
            number: self.number,
        };
        device.send((self.address, node::PORT), &request.encode())
    }
}

/// The next instant at `offset` within the period.
fn next_slot(now: Instant, offset: Duration) -> Instant {
    let period = PERIOD.as_micros();
    let since = (now.as_micros() + period - offset.as_micros() % period) % period;
    now.saturating_add(Duration::from_micros(period - since))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_come_once_in_a_period() {
        let seconds = |seconds: u64| Instant::from_micros(seconds * 1_000_000);
        assert_eq!(next_slot(seconds(0), Duration::from_secs(10)), seconds(10));
        assert_eq!(next_slot(seconds(10), Duration::from_secs(10)), seconds(70));
        assert_eq!(
            next_slot(seconds(61), Duration::from_secs(60)),
            seconds(120)
        );
        assert_eq!(
            next_slot(seconds(75), Duration::from_secs(10)),
            seconds(130)
        );
    }
}
