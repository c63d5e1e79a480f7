//! Drives the sockets of the manager and of the model, and compares what a user can see.

use core::net::{Ipv4Addr, SocketAddrV4};
use std::collections::BTreeMap;

use lankeeper::udp::{DropReason, OpenSocketError};
use lankeeper::{Binding, Instant, Received, SendError, SocketId};

use super::operation::socket::{SocketOp, text_of};
use super::settings::IDS;
use super::socket::{Sent, Sockets};
use super::walk::Walk;

/// The sockets and bindings that the manager gave out.
#[derive(Default)]
pub(crate) struct Bindings {
    /// Every socket that was ever opened.
    pub(crate) ids: Vec<SocketId>,
    /// Every binding that the backend was given.
    given: Vec<Binding>,
    /// The bindings of the backend, by interface and port.
    bound: BTreeMap<(usize, u16), SocketId>,
}

impl<const H: usize, const N: usize> Walk<H, N> {
    pub(crate) fn socket_op(&mut self, op: SocketOp) {
        let at = self.at();
        match op {
            SocketOp::Open { handle, any, port } => self.open_socket(handle, any, port),
            SocketOp::Close { which } => {
                let Some(id) = self.nth(which) else { return };
                self.manager.udp_close(at, id);
                if self.sockets.close(id) {
                    self.book.rule("UDP-11 close");
                }
            }
            SocketOp::Receiving { which, on } => {
                let Some(id) = self.nth(which) else { return };
                let reply = self.manager.udp_set_receiving(at, id, on);
                let mut all = self.sockets.open.iter_mut();
                let socket = all.find(|socket| socket.id == id);
                assert_eq!(reply.is_ok(), socket.is_some(), "UDP-10\n{}", self.story());
                if let Some(socket) = socket {
                    socket.receives = on;
                }
            }
            SocketOp::Send {
                which,
                to,
                port,
                size,
                early,
                times,
            } => {
                let Some(id) = self.nth(which) else { return };
                let ip = self.sockets.find(id).and_then(|one| self.ports[one.on].ip);
                let to = text_of(to, ip);
                for _ in 0..times {
                    if self.send(id, (&to, port), size, early) != Sent::Passed {
                        return;
                    }
                }
            }
            SocketOp::Receive {
                which,
                from,
                to,
                room,
            } => {
                let Some(binding) = self.binding(which) else {
                    return;
                };
                let ip = self.manager.ip_config(binding.interface());
                let (from, to) = (text_of(from, ip), text_of(to, ip));
                if let (Ok(from), Ok(to)) = (from.parse(), to.parse()) {
                    self.receive(binding, from, to, room);
                }
            }
            SocketOp::BindFailed { which } => {
                let Some(binding) = self.binding(which) else {
                    return;
                };
                self.manager.handle_event(at, binding.failed(7));
                let id = binding.socket();
                self.bindings.bound.retain(|_, bound| *bound != id);
                if self.sockets.close(id) {
                    self.book.rule("DRV-6 bind");
                    self.sockets.failures.0 += 1;
                    self.book.notify(format!("socket {id:?} not bound 7"));
                }
            }
            SocketOp::ComeUp { port } => self.come_up_locally(port),
            SocketOp::SendFailed { which } => {
                let Some(binding) = self.binding(which) else {
                    return;
                };
                let to = SocketAddrV4::new([192, 168, 7, 9].into(), 4000);
                self.manager.handle_event(at, binding.send_failed(to, 7));
                let id = binding.socket();
                if self.sockets.find(id).is_some() {
                    self.book.rule("DRV-6 send");
                    self.sockets.failures.1 += 1;
                    self.book.notify(format!("socket {id:?} not sent {to} 7"));
                }
            }
        }
    }

    /// Answers every step until an interface is up.
    fn come_up_locally(&mut self, port: usize) {
        for _ in 0..6 {
            self.take_commands();
            if self.ports[port].is_held() && !self.ports[port].is_up() {
                self.answer(port);
            }
        }
    }

    /// One of the newest sockets, whether it is open or not.
    fn nth(&self, which: usize) -> Option<SocketId> {
        self.bindings.ids.iter().rev().nth(which).copied()
    }

    fn binding(&self, which: usize) -> Option<Binding> {
        self.bindings.given.iter().rev().nth(which).copied()
    }

    fn open_socket(&mut self, handle: usize, any: bool, port: Option<u16>) {
        let open = self.ports[..2].iter().flat_map(|port| &port.holders);
        let open: Vec<_> = open.copied().collect();
        let handle = match handle.checked_rem(open.len()) {
            Some(place) if !any => open[place],
            _ => handle,
        };
        let Some((number, on, handle)) = self.holds(handle) else {
            return;
        };
        let reply = self.manager.udp_open(self.at(), handle, port);
        let is_open = self.ports[on].holders.contains(&number);
        let expected = if is_open {
            self.sockets.may_open(on, port)
        } else {
            Err("OPEN-6 socket")
        };
        let shown = match reply {
            Ok(_) => Ok(()),
            Err(OpenSocketError::StaleHandle) => Err("OPEN-6 socket"),
            Err(OpenSocketError::Medium(_)) => Err("UDP-1"),
            Err(OpenSocketError::Port(_)) => Err("UDP-2"),
            Err(OpenSocketError::PortInUse(_)) => Err("UDP-2 in use"),
            Err(OpenSocketError::TooMany(_)) => Err("UDP-12"),
            Err(_) => Err("another error"),
        };
        assert_eq!(shown, expected, "UDP-1\n{}", self.story());
        self.book.rule(expected.err().unwrap_or("UDP-1 open"));
        if let Ok(id) = reply {
            self.bindings.ids.push(id);
            self.sockets.opened(id, on, port);
        }
    }

    fn send(&mut self, id: SocketId, to: (&str, u16), size: usize, early: u64) -> Sent {
        let early = self.now.saturating_sub(early);
        self.early += u32::from(early < self.now);
        static PAYLOAD: [u8; 65_508] = [0; 65_508];
        let at = Instant::from_micros(early);
        let reply = self.manager.udp_send(at, id, to, &PAYLOAD[..size]);
        let shown = match &reply {
            Ok(_) => Sent::Passed,
            Err(SendError::Address(_)) => Sent::Address,
            Err(SendError::NotLocal) => Sent::NotLocal,
            Err(SendError::Port(_)) => Sent::Port,
            Err(SendError::TooLong(_)) => Sent::TooLong,
            Err(SendError::NotConnected) => Sent::NotConnected,
            Err(SendError::OutsideSubnet) => Sent::OutsideSubnet,
            Err(SendError::WouldBlock(wait)) => Sent::WouldBlock(wait.retry_at().as_micros()),
            Err(_) => Sent::Closed,
        };
        let datagram = reply
            .ok()
            .map(|sent| (sent.binding, sent.source, sent.destination));
        let expected = self.sockets.send(id, to, size, &self.ports, self.now);
        assert_eq!(shown, expected, "UDP-7 {to:?}\n{}", self.story());
        self.book.rule(match expected {
            Sent::Passed => "UDP-7 sent",
            Sent::Closed => "UDP-7",
            Sent::Address => "UDP-3",
            Sent::NotLocal => "UDP-4",
            Sent::Port | Sent::TooLong => "UDP-6",
            Sent::NotConnected => "UDP-13",
            Sent::OutsideSubnet => "UDP-5",
            Sent::WouldBlock(_) => "RATE-3",
        });
        let Some((binding, source, destination)) = datagram else {
            return expected;
        };
        let bound = self.sockets.find(id).unwrap().clone();
        let port = binding.port();
        if bound.local.is_none() {
            self.book.rule("UDP-2 first send");
            let is_free = port >= 49_152 && !self.sockets.is_used(bound.on, port);
            assert!(is_free, "UDP-2: {port}\n{}", self.story());
            let mut all = self.sockets.open.iter_mut();
            all.find(|socket| socket.id == id).unwrap().local = Some(port);
        }
        let own = self.ports[bound.on].ip.unwrap().address();
        let local = bound.local.unwrap_or(port);
        let to = SocketAddrV4::new(to.0.parse().unwrap(), to.1);
        assert_eq!(
            (binding.socket(), binding.interface(), source, destination),
            (id, IDS[bound.on], SocketAddrV4::new(own, local), to),
            "UDP-7\n{}",
            self.story()
        );
        expected
    }

    fn receive(&mut self, binding: Binding, from: Ipv4Addr, to: Ipv4Addr, room: usize) {
        let received = Received {
            source: SocketAddrV4::new(from, 4000),
            destination: to,
            length: 5,
        };
        let at = self.at();
        let shown = self.manager.udp_receive(at, binding, &received, room);
        let shown = shown.map_err(|reason| match reason {
            DropReason::NotConnected => 0,
            DropReason::Destination => 1,
            DropReason::Source => 2,
            DropReason::Port => 3,
            DropReason::NotReceiving => 4,
            DropReason::TooLong => 5,
            _ => 6,
        });
        let id = binding.socket();
        let on = IDS.iter().position(|one| *one == binding.interface());
        let fits = room >= 5;
        let to = ((id, on.unwrap()), (from, to));
        let expected = self.sockets.receive(to.0, to.1, fits, &self.ports);
        assert_eq!(shown, expected.map(|()| id), "UDP-9\n{}", self.story());
        let drops = [
            "UDP-9 not connected",
            "UDP-9 destination",
            "UDP-9 source",
            "UDP-9 port",
            "UDP-10",
            "UDP-9 too long",
        ];
        self.book
            .rule(expected.err().map_or("UDP-9", |why| drops[why]));
        if let Err(why) = expected {
            self.sockets.drops[why] += 1;
        }
    }

    /// The last local holder of an interface takes its sockets along (UDP-11).
    pub(crate) fn close_sockets(&mut self) {
        for on in 0..3 {
            if !self.ports[on].holders.is_empty() {
                continue;
            }
            let (gone, open) = core::mem::take(&mut self.sockets.open)
                .into_iter()
                .partition(|socket| socket.on == on);
            self.sockets.open = open;
            let gone: Vec<_> = gone;
            for socket in gone {
                self.book.rule("UDP-11");
                self.book.notify(format!("socket {:?} closed", socket.id));
            }
        }
    }

    /// The backend is given a port, or gives it back (UDP-2, UDP-11).
    pub(crate) fn binds(&mut self, binding: Binding, on: bool) {
        let place = IDS.iter().position(|id| *id == binding.interface());
        let key = (place.unwrap(), binding.port());
        let before = if on {
            self.bindings.given.push(binding);
            self.bindings.bound.insert(key, binding.socket())
        } else {
            self.bindings.bound.remove(&key)
        };
        let expected = (!on).then(|| binding.socket());
        assert_eq!(before, expected, "DRV-2: {key:?} {on}\n{}", self.story());
    }

    pub(crate) fn compare_bound(&self) {
        let all = self.sockets.open.iter();
        let wanted = all.filter_map(|socket| Some(((socket.on, socket.local?), socket.id)));
        let wanted: BTreeMap<_, _> = wanted.collect();
        assert_eq!(self.bindings.bound, wanted, "DRV-2\n{}", self.story());
    }

    pub(crate) fn compare_sockets(&self) {
        let sockets = &self.sockets;
        for id in self.bindings.ids.iter().rev().take(6) {
            let open = sockets.find(*id);
            let shown = self.manager.udp_port(*id).ok();
            let expected = open.map(|socket| socket.local);
            assert_eq!(shown, expected, "UDP-2\n{}", self.story());
            for later in [0, 1, 39_999, 1_000_000] {
                let at = self.now + later;
                let shown = self
                    .manager
                    .udp_socket_tokens(Instant::from_micros(at), *id);
                let expected = open.map(|socket| sockets.bucket(socket).tokens(at));
                assert_eq!(shown.ok(), expected, "RATE-1\n{}", self.story());
            }
        }
        let first = &sockets.buckets[0];
        let is_shared = sockets.buckets.len() < Sockets::MOST;
        let expected = if is_shared {
            first.tokens(self.now)
        } else {
            first.burst
        };
        assert_eq!(
            self.manager.udp_tokens(self.at()),
            expected,
            "RATE-4\n{}",
            self.story()
        );
        let drops = self.manager.udp_drops();
        let drops: Vec<_> = drops.iter().map(|one| one.1).collect();
        assert_eq!(drops, sockets.drops, "UDP-9\n{}", self.story());
        let failures = self.manager.failures();
        let failures = (failures.binds, failures.sends);
        assert_eq!(failures, sockets.failures, "DRV-6\n{}", self.story());
    }
}
