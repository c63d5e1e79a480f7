//! The poll loop with a backend that answers as the bytes say: rightly, wrongly, twice, never, with
//! floods of events and of datagrams (DRV-1).

use core::net::{Ipv4Addr, SocketAddrV4};
use std::collections::HashSet;

use arbitrary::Result;
use lankeeper::manager::Wake;
use lankeeper::stored::StoredSettings;
use lankeeper::{
    Config, Delivery, Handle, Instant, InterfaceConfig, InterfaceId, Manager, Nic, Policy, Quota,
    SendError, ServerState, SocketId, State, WifiKey, WifiSettings,
};

use super::backend::{Asked, Faulty};

/// The most events and datagrams in a round.
const ROUND: usize = 64;
const SOCKETS: usize = 3;
/// The most rounds and requests in one run.
const LONGEST: usize = 60;
/// Some outputs more than one round can cause.
const MOST: usize = 1_000;

struct Device<'a> {
    manager: Manager<2, 4, SOCKETS, 16>,
    backend: Faulty<'a>,
    now: Instant,
    handles: Vec<Handle>,
    sockets: Vec<SocketId>,
    deaf: HashSet<SocketId>,
    buffer: Vec<u8>,
    delivered: u32,
    planted: bool,
}

/// The planted fault is a manager that does not say that a cut round goes on now.
pub(super) fn run(bytes: &[u8], planted: bool) {
    let mut device = Device::new(bytes, planted);
    for _ in 0..LONGEST {
        if device.backend.bytes.is_empty() {
            break;
        }
        device
            .request()
            .expect("decoding continues with zeros after the last byte");
        device.round();
    }
    device.get_well();
}

impl<'a> Device<'a> {
    fn new(bytes: &'a [u8], planted: bool) -> Self {
        let interfaces = [InterfaceId::ETHERNET, InterfaceId::WIFI].map(InterfaceConfig::new);
        let mut config = Config::new(7, interfaces);
        config.policy = Policy::KeepTrying;
        config.quota = Quota::per_second::<25>().with_burst::<5>();
        let mut manager = Manager::with_capacities(&config).unwrap();
        let key = WifiKey::plaintext("correct horse").unwrap();
        let mut stored = StoredSettings::default();
        stored.wifi = Some(WifiSettings::new(b"shed", key).unwrap());
        manager.load_stored(stored.to_record().as_bytes()).unwrap();
        Self {
            manager,
            backend: Faulty::new(bytes),
            now: Instant::from_millis(1_000),
            handles: Vec::new(),
            sockets: Vec::new(),
            deaf: HashSet::new(),
            buffer: vec![0; 64],
            delivered: 0,
            planted,
        }
    }

    /// Something that the application or the clock does.
    fn request(&mut self) -> Result<()> {
        let (now, bytes) = (self.now, &mut self.backend.bytes);
        let name = *bytes.choose(&["eth0", "wl0"])?;
        match bytes.int_in_range(0..=15)? {
            0 | 1 => {
                let opened = self.manager.open(now, &Nic::named(name).unwrap());
                self.handles.extend(opened);
            }
            2 => {
                if let Ok(place) = bytes.choose_index(self.handles.len()) {
                    let handle = self.handles.remove(place);
                    self.manager.close(now, handle);
                }
            }
            3 => _ = self.manager.connect(now, None),
            4 => {
                _ = self
                    .manager
                    .connect_with(now, &Nic::named(name).unwrap(), None)
            }
            5 => self.manager.disconnect(now, None),
            6..=8 => {
                let port = *bytes.choose(&[None, Some(5_000), Some(5_001), Some(49_152)])?;
                if let Some(handle) = self.handles.last() {
                    let opened = self.manager.udp_open(now, *handle, port);
                    self.sockets.extend(opened);
                }
            }
            9 => {
                if let Ok(place) = bytes.choose_index(self.sockets.len()) {
                    let socket = self.sockets.remove(place);
                    self.manager.udp_close(now, socket);
                    self.manager.udp_close(now, socket);
                    assert!(self.manager.udp_port(socket).is_err());
                }
            }
            10 => {
                let on = bytes.arbitrary()?;
                if let Some(socket) = self.sockets.last()
                    && self.manager.udp_set_receiving(now, *socket, on).is_ok()
                {
                    if on {
                        self.deaf.remove(socket);
                    } else {
                        self.deaf.insert(*socket);
                    }
                }
            }
            11 | 12 => self.send()?,
            13 => {
                let span = 1_000_000 << bytes.int_in_range(0..=12)?;
                self.pass(span);
            }
            14 => self.buffer.resize(*bytes.choose(&[64, 0, 1, 63, 65])?, 0),
            _ => {
                if let Some(deadline) = self.manager.poll_at() {
                    self.now = self.now.max(deadline.at);
                }
            }
        }
        Ok(())
    }

    fn pass(&mut self, micros: u64) {
        let now = self.now.as_micros().saturating_add(micros);
        self.now = Instant::from_micros(now.min(1 << 61));
    }

    fn send(&mut self) -> Result<()> {
        let bytes = &mut self.backend.bytes;
        let to = *bytes.choose(&["192.168.1.9", "255.255.255.255", "8.8.8.8", "192.168.1.255"])?;
        let Ok(place) = bytes.choose_index(self.sockets.len()) else {
            return Ok(());
        };
        let socket = self.sockets[place];
        let was_open = self.manager.udp_port(socket).is_ok();
        let sent_before = self.backend.sent.len();
        let sent = self
            .manager
            .send_to(self.now, &mut self.backend, socket, (to, 7), b"abc");
        assert_eq!(
            self.backend.sent.len() - sent_before,
            usize::from(sent.is_ok())
        );
        assert!(was_open || sent.is_err(), "sent from a closed socket");
        if sent.is_ok() {
            // What had to come first is done: the last command is the send.
            assert_eq!(self.backend.asked.last(), Some(&Asked::Sent));
            let (binding, destination) = *self.backend.sent.last().unwrap();
            assert_eq!(binding.socket(), socket);
            assert_eq!(destination, SocketAddrV4::new(to.parse().unwrap(), 7));
            assert!(
                self.backend.bound.contains(&binding),
                "sent from what is not bound"
            );
        }
        let is_closed = self.manager.udp_port(socket).is_err();
        let closes = sent.is_err_and(|error| error.closes_socket());
        assert!(!was_open || is_closed == closes, "closed, or not: {to}");
        assert!(!matches!(sent, Err(SendError::WouldBlock { .. })) || !is_closed);
        Ok(())
    }

    /// When it wants to be called.
    fn is_due(&self) -> Option<(Instant, bool)> {
        let deadline = self.manager.poll_at()?;
        let is_backend = deadline.reason == Wake::Backend;
        (!(self.planted && is_backend)).then_some((deadline.at, is_backend))
    }

    /// The calls up to the one that returns nothing.
    fn round(&mut self) {
        self.backend.begin_round();
        let mut calls = 0;
        while let Some(delivery) = self
            .manager
            .poll(self.now, &mut self.backend, &mut self.buffer)
        {
            calls += 1;
            assert!(calls < MOST, "a round without an end");
            self.deliver(delivery);
        }
        let taken = self.backend.taken();
        assert!(taken <= ROUND, "{taken} events and datagrams in a round");
        self.backend.check_order();
        // Each datagram was delivered, or dropped and counted.
        let dropped: u32 = self
            .manager
            .udp_drops()
            .iter()
            .map(|(_, count)| count)
            .sum();
        assert_eq!(self.delivered + dropped, self.backend.handed_out);
        // Every command was carried out, and every notice was taken.
        let mut rest = self.manager.clone();
        assert_eq!(rest.poll_output(), None, "left after a round");
        let due = self.is_due();
        if taken == ROUND {
            // There may be more: the next one is due now.
            assert!(
                due.is_some_and(|(at, _)| at <= self.now),
                "a cut round does not go on"
            );
        } else {
            assert!(due.is_none_or(|(at, _)| at > self.now), "spins");
        }
    }

    fn deliver(&mut self, delivery: Delivery) {
        let Delivery::Datagram {
            socket,
            from,
            to,
            length,
            ..
        } = delivery
        else {
            return;
        };
        self.delivered += 1;
        let (binding, received) = self.backend.last_datagram.expect("one was handed out");
        assert_eq!((binding.socket(), received.length), (socket, length));
        assert_eq!((received.source, received.destination), (from, to));
        assert!(length <= self.buffer.len(), "longer than the buffer");
        assert!(
            self.buffer[..length]
                .iter()
                .all(|byte| *byte == Faulty::CONTENT)
        );
        let port = self.manager.udp_port(socket);
        assert_eq!(
            port.ok().flatten(),
            Some(binding.port()),
            "for a closed socket"
        );
        assert!(
            !self.deaf.contains(&socket),
            "received, and it is turned off"
        );
        let own = self.manager.ip_config(binding.interface());
        let own = own.expect("received without an address");
        assert!(from.ip().is_private() && *from.ip() != own.address());
        assert!(own.prefix().contains(*from.ip()), "from another subnet");
        let is_ours = to == own.address()
            || to == Ipv4Addr::BROADCAST
            || Some(to) == own.prefix().broadcast();
        assert!(is_ours, "for {to}");
    }

    /// From now on the backend does what it should, and the interfaces and the connection come up.
    fn get_well(&mut self) {
        self.backend.get_well();
        // The handles are given back, so that one is free.
        for handle in self.handles.drain(..) {
            self.manager.close(self.now, handle);
        }
        let opened = self.manager.open(self.now, &Nic::named("eth0").unwrap());
        opened.expect("a handle is free");
        let _ = self.manager.connect(self.now, None);
        for _ in 0..400 {
            self.round();
            let is_up = self.manager.state(InterfaceId::ETHERNET) == Some(State::Connected);
            if is_up && self.manager.server_state() == ServerState::Connected {
                return;
            }
            if let Some((at, _)) = self.is_due() {
                self.now = self.now.max(at);
            }
        }
        panic!(
            "{:?} and {} with a backend that works",
            self.manager.state(InterfaceId::ETHERNET),
            self.manager.server_state()
        );
    }
}
