//! A host that does not belong here: its address is of another subnet.

use core::net::{Ipv4Addr, SocketAddrV4};

use lankeeper::{Duration, Instant};
use smoltcp::wire::{EthernetAddress, Ipv4Cidr};

use crate::hub;
use crate::message::Message;
use crate::mishap::STRANGER_SENDS;
use crate::stack::Stack;

const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 168, 66, 6);
const PORT: u16 = 6_666;
const GAP: Duration = Duration::from_secs(1);

/// The stranger with its stack.
pub struct Stranger {
    pub stack: Stack,
    next: Option<Instant>,
    left: u64,
}

impl Stranger {
    /// A stranger that keeps quiet.
    pub fn new(now: Instant, mac: EthernetAddress, seed: u64) -> Self {
        let mut stack = Stack::new(now, mac, seed);
        stack.set_address(Ipv4Cidr::new(ADDRESS, 24).into(), None);
        stack.bind(PORT);
        Self {
            stack,
            next: None,
            left: STRANGER_SENDS,
        }
    }

    /// It begins to send.
    pub fn begin(&mut self, now: Instant) {
        self.next = Some(now);
    }

    /// Sends what is due: a claim to be a node, by broadcast, as it has no way to the hub's
    /// address.
    pub fn run(&mut self, now: Instant) {
        if self.next.take_if(|next| *next <= now).is_some() {
            let claim = Message::Announce {
                node: u16::MAX,
                expected: 0,
            };
            let to = SocketAddrV4::new(Ipv4Addr::BROADCAST, hub::PORT);
            self.stack.send(PORT, to, &claim.encode());
            self.left -= 1;
            self.next = (self.left > 0).then(|| now.saturating_add(GAP));
        }
        self.stack.poll(now);
        // What others say does not interest it.
        while self.stack.receive().is_some() {}
    }

    /// When to run again if no frame comes before.
    pub fn poll_at(&mut self, now: Instant) -> Option<Instant> {
        self.next.into_iter().chain(self.stack.poll_at(now)).min()
    }
}
