//! A foreign device: its static address is in another subnet.

use core::net::{Ipv4Addr, SocketAddrV4};

use lankeeper::{Duration, Instant, IpConfig, Nic, Prefix};

use crate::device::Device;
use crate::hub;
use crate::message::Message;
use crate::unit::Application;

/// The stranger's own port.
pub const PORT: u16 = 42_002;
/// How often it sends.
pub const SENDS: u32 = 5;

const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 168, 66, 6);
const GAP: Duration = Duration::from_secs(1);

/// The application on the stranger.
pub struct Stranger {
    next: Option<Instant>,
    left: u32,
}

impl Stranger {
    /// Creates a stranger that does not send.
    pub fn new() -> Self {
        Self {
            next: None,
            left: SENDS,
        }
    }

    /// Starts to send.
    pub fn begin(&mut self, now: Instant) {
        self.next = Some(now);
    }
}

/// The stranger's network configuration: Ethernet with a static address.
pub fn nic() -> Nic {
    let own = Prefix::new(ADDRESS, 24).expect("a valid prefix length");
    let ip = IpConfig::new(own, None, &[]).expect("a valid host address");
    Nic::builder("eth0")
        .ip_config(ip)
        .build()
        .expect("Ethernet may have a static address")
}

impl Application for Stranger {
    fn handle_connected(&mut self, _: &mut Device) {}

    // The stranger ignores all datagrams.
    fn handle_datagram(&mut self, _: &mut Device, _: SocketAddrV4, _: &[u8]) {}

    /// Sends what is due: an announcement as a node, by broadcast, because it has no route to the
    /// hub.
    fn handle_timeout(&mut self, device: &mut Device) {
        let now = device.now();
        if self.next.take_if(|next| *next <= now).is_some() {
            let claim = Message::Announce {
                node: u16::MAX,
                expected: 0,
            };
            let _ = device.send((Ipv4Addr::BROADCAST, hub::PORT), &claim.encode());
            self.left -= 1;
            self.next = (self.left > 0).then(|| now.saturating_add(GAP));
        }
    }

    fn poll_at(&self) -> Option<Instant> {
        self.next
    }
}
