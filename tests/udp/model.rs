//! Random lives of sockets, in lock-step with a small model of the rules.
//!
//! The model takes the interface's state as given; what it knows of its own are sockets, ports,
//! tokens and addresses.

use std::collections::BTreeSet;

use lankeeper::{Instant, OpenSocketError, Report, State, Wake};
use proptest::prelude::*;

use super::*;
use crate::support::lease;

static LONG: [u8; 65_508] = [0; 65_508];
const RATE: u128 = 2;
const BURST: u128 = 3;
const MICROS: u128 = 1_000_000;

#[derive(Clone, Debug)]
enum Op {
    OpenInterface,
    CloseInterface,
    SetEnabled(bool),
    Report(Report),
    Pass(u64),
    Back(u64),
    Open(Option<u16>),
    Close(usize),
    SetReceiving(usize, bool),
    Send(usize, &'static str, u16, usize),
    Receive(&'static str, &'static str, u16),
    TakeCommands,
}

/// The latest sockets are drawn more often than old ones.
fn any_socket() -> impl Strategy<Value = usize> {
    prop_oneof![6 => 0..4_usize, 1 => 0..20_usize]
}

fn op() -> impl Strategy<Value = Op> {
    let ports = vec![
        None,
        None,
        None,
        Some(1023),
        Some(1024),
        Some(5000),
        Some(5001),
        Some(49_152),
        Some(49_153),
        Some(65_535),
    ];
    let addresses = prop::sample::select(vec![
        PEER,
        PEER,
        PEER,
        PEER,
        BROADCAST,
        "255.255.255.255",
        OWN,
        "192.168.2.9",
        "10.0.0.1",
        "8.8.8.8",
        "192.168.1.09",
    ]);
    let quads = || {
        prop::sample::select(vec![
            PEER,
            PEER,
            OWN,
            OWN,
            BROADCAST,
            "255.255.255.255",
            "192.168.1.0",
            "192.168.2.9",
            "8.8.8.8",
        ])
    };
    let remote =
        prop_oneof![8 => Just(7_u16), 1 => prop::sample::select(vec![0, 66, 67, 68, 69, u16::MAX])];
    let length =
        prop_oneof![8 => Just(3_usize), 1 => prop::sample::select(vec![0, 65_507, 65_508])];
    let local = prop::sample::select(vec![
        0, 1024, 5000, 5001, 49_152, 49_153, 49_154, 65_535_u16,
    ]);
    let reports = prop::sample::select(vec![
        Report::Ready,
        Report::CarrierUp,
        Report::CarrierUp,
        Report::Lease(lease()),
        Report::Lease(lease()),
        Report::CarrierDown,
        Report::LeaseLost,
        Report::Fault { code: 1 },
    ]);
    prop_oneof![
        2 => Just(Op::OpenInterface),
        1 => Just(Op::CloseInterface),
        1 => prop_oneof![3 => Just(true), 1 => Just(false)].prop_map(Op::SetEnabled),
        6 => reports.prop_map(Op::Report),
        3 => prop_oneof![0..3_000_000_u64, Just(499_999), Just(500_000), Just(1)].prop_map(Op::Pass),
        1 => (0..3_000_000_u64).prop_map(Op::Back),
        6 => prop::sample::select(ports).prop_map(Op::Open),
        2 => any_socket().prop_map(Op::Close),
        3 => (any_socket(), any::<bool>()).prop_map(|(socket, on)| Op::SetReceiving(socket, on)),
        8 => (any_socket(), addresses, remote, length)
            .prop_map(|(socket, to, port, length)| Op::Send(socket, to, port, length)),
        5 => (quads(), quads(), local).prop_map(|(from, to, port)| Op::Receive(from, to, port)),
        3 => Just(Op::TakeCommands),
    ]
}

#[derive(Clone, Debug)]
struct Socket {
    id: SocketId,
    port: Option<u16>,
    receiving: bool,
}

#[derive(Default)]
struct Model {
    /// In the order in which they were opened.
    sockets: Vec<Socket>,
    /// Every socket there ever was, the latest last.
    all: Vec<SocketId>,
    /// Tokens taken in millionths, less what was refilled since.
    used: u128,
    latest: u64,
}

impl Model {
    fn socket(&mut self, id: SocketId) -> Option<&mut Socket> {
        self.sockets.iter_mut().find(|socket| socket.id == id)
    }

    fn named(&self, index: usize) -> Option<SocketId> {
        self.all.iter().rev().nth(index).copied()
    }

    fn ports(&self) -> BTreeSet<u16> {
        self.sockets
            .iter()
            .filter_map(|socket| socket.port)
            .collect()
    }

    fn close(&mut self, id: SocketId) {
        self.sockets.retain(|socket| socket.id != id);
    }

    fn reach(&mut self, now: u64) {
        let elapsed = u128::from(now.saturating_sub(self.latest));
        self.used = self.used.saturating_sub(elapsed * RATE);
        self.latest = self.latest.max(now);
    }

    fn tokens(&self) -> u128 {
        (BURST * MICROS - self.used) / MICROS
    }

    fn open(&self, state: State, port: Option<u16>) -> Result<(), OpenSocketError> {
        match port {
            _ if state.is_stopped() || state == State::Unknown => Err(OpenSocketError::Stopped),
            Some(port @ ..=1023) => Err(OpenSocketError::Port(port)),
            Some(port) if self.ports().contains(&port) => Err(OpenSocketError::PortInUse(port)),
            _ if self.sockets.len() == 4 => Err(OpenSocketError::TooMany(4)),
            _ => Ok(()),
        }
    }

    /// The local port that the datagram leaves from, or the refusal in words.
    fn send(
        &mut self,
        state: State,
        (id, to, port, length): (SocketId, &str, u16, usize),
    ) -> Result<u16, &'static str> {
        let lowest_free = (49_152..).find(|port| !self.ports().contains(port));
        let full = BURST * MICROS - self.used < MICROS;
        let socket = self.socket(id).ok_or("closed")?;
        let own_port = socket.port.or(lowest_free).unwrap();
        match (to, port, length) {
            ("192.168.1.09" | "8.8.8.8", _, _) => {
                self.close(id);
                Err("address")
            }
            (_, 0 | 67 | 68, _) => Err("port"),
            (_, _, 65_508..) => Err("size"),
            _ if state != State::Connected => Err("not connected"),
            ("192.168.2.9" | "10.0.0.1", _, _) => Err("subnet"),
            _ if full => Err("rate"),
            _ => {
                socket.port = Some(own_port);
                self.used += MICROS;
                Ok(own_port)
            }
        }
    }

    fn receive(
        &self,
        state: State,
        from: &str,
        to: &str,
        port: u16,
    ) -> Result<SocketId, DropReason> {
        let known = self.sockets.iter().find(|socket| socket.port == Some(port));
        match known {
            _ if state != State::Connected => Err(DropReason::NotConnected),
            _ if ![OWN, BROADCAST, "255.255.255.255"].contains(&to) => Err(DropReason::Destination),
            _ if from != PEER => Err(DropReason::Source),
            None => Err(DropReason::Port),
            Some(socket) if socket.receiving => Ok(socket.id),
            Some(_) => Err(DropReason::NotReceiving),
        }
    }
}

fn words(result: &Result<Datagram<'_>, SendError>) -> Result<u16, &'static str> {
    match result {
        Ok(datagram) => Ok(datagram.source.port()),
        Err(SendError::Closed) => Err("closed"),
        Err(SendError::Address(_) | SendError::NotLocal) => Err("address"),
        Err(SendError::Port(_)) => Err("port"),
        Err(SendError::TooLong(_)) => Err("size"),
        Err(SendError::NotConnected) => Err("not connected"),
        Err(SendError::OutsideSubnet) => Err("subnet"),
        Err(SendError::WouldBlock(_)) => Err("rate"),
        Err(_) => Err("unknown"),
    }
}

/// Manager and model side by side, and what the manager's backend has bound.
struct Pair {
    rig: Rig,
    handles: Vec<Handle>,
    model: Model,
    bound: BTreeSet<u16>,
}

impl Pair {
    fn new() -> Self {
        let mut config = Config::new([InterfaceConfig::new(ETH0)]);
        config.quota = Quota::new(2, 3).unwrap();
        let mut rig = Rig::with_config(&config);
        let handle = rig.open();
        rig.come_up();
        Self {
            rig,
            handles: vec![handle],
            model: Model::default(),
            bound: BTreeSet::new(),
        }
    }

    /// Carries out the commands as they come: a port is bound once, and given back once.
    fn take_commands(&mut self) {
        for command in self.rig.commands() {
            match command {
                Command::Bind { port, .. } => assert!(self.bound.insert(port), "{port} twice"),
                Command::Unbind { port, .. } => {
                    assert!(self.bound.remove(&port), "{port} not bound")
                }
                _ => {}
            }
            assert!(self.bound.len() <= 4);
        }
        assert_eq!(self.bound, self.model.ports());
    }

    /// The interface goes down: every socket is closed and told of.
    fn expect_closed(&mut self) {
        let mut told = closed(&mut self.rig);
        for socket in self.model.sockets.drain(..) {
            assert_eq!(told.iter().filter(|id| **id == socket.id).count(), 1);
            told.retain(|id| *id != socket.id);
        }
        assert!(told.is_empty());
    }

    fn run(&mut self, op: Op) {
        let now = self.rig.now;
        let state = self.rig.state();
        match op {
            Op::OpenInterface => {
                let nic = lankeeper::Nic::named("eth0").unwrap();
                self.handles.extend(self.rig.manager.open(now, &nic));
            }
            Op::CloseInterface => {
                if let Some(handle) = self.handles.pop() {
                    self.rig.manager.close(now, handle);
                    if self.handles.is_empty() {
                        self.expect_closed();
                    }
                }
            }
            Op::SetEnabled(on) => {
                self.rig.manager.set_enabled(now, ETH0, on).unwrap();
                if !on {
                    self.handles.clear();
                    self.expect_closed();
                }
            }
            Op::Report(report) => {
                self.rig.report(report);
                self.take_commands();
            }
            Op::Pass(span) => {
                let to = now.as_micros().max(self.model.latest) + span;
                self.rig.go(Instant::from_micros(to));
            }
            Op::Back(span) => {
                let to = now.as_micros().saturating_sub(span);
                self.rig.go(Instant::from_micros(to));
            }
            Op::Open(port_) => {
                let Some(handle) = self.handles.last() else {
                    return;
                };
                let opened = self.rig.manager.udp_open(now, *handle, port_);
                assert_eq!(opened.map(|_| ()), self.model.open(state, port_));
                if let Ok(id) = opened {
                    assert!(!self.model.all.contains(&id), "a key comes again");
                    self.model.all.push(id);
                    self.model.sockets.push(Socket {
                        id,
                        port: port_,
                        receiving: false,
                    });
                }
            }
            Op::Close(index) => {
                if let Some(id) = self.model.named(index) {
                    self.rig.manager.udp_close(now, id);
                    self.model.close(id);
                }
            }
            Op::SetReceiving(index, on) => {
                if let Some(id) = self.model.named(index) {
                    let set = self.rig.manager.udp_set_receiving(now, id, on);
                    let socket = self.model.socket(id);
                    assert_eq!(set.is_ok(), socket.is_some());
                    if let Some(socket) = socket {
                        socket.receiving = on;
                    }
                }
            }
            Op::Send(index, to, remote, length) => {
                if let Some(id) = self.model.named(index) {
                    let payload = &LONG[..length];
                    let sent = self.rig.manager.udp_send(now, id, to, remote, payload);
                    assert_eq!(
                        words(&sent),
                        self.model.send(state, (id, to, remote, length))
                    );
                    if let Ok(datagram) = sent {
                        assert_eq!(*datagram.source.ip(), ip(OWN));
                        assert_eq!(datagram.destination, SocketAddrV4::new(ip(to), remote));
                    }
                }
            }
            Op::Receive(from, to, port) => {
                let received = receive(&mut self.rig, (from, 7), (to, port));
                assert_eq!(received, self.model.receive(state, from, to, port));
            }
            Op::TakeCommands => self.take_commands(),
        }
    }

    /// What must hold after every operation.
    fn check(&mut self) {
        self.model.reach(self.rig.now.as_micros());
        assert_eq!(u128::from(tokens(&self.rig)), self.model.tokens());
        for id in &self.model.all {
            let known = self.model.sockets.iter().find(|socket| socket.id == *id);
            assert_eq!(port(&self.rig, *id).ok(), known.map(|socket| socket.port));
        }
        assert!(closed(&mut self.rig).is_empty(), "closed without a reason");
        if self.bound != self.model.ports() {
            let reason = self.rig.manager.poll_at().map(|deadline| deadline.reason);
            assert_eq!(reason, Some(Wake::Output));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    // spec: UDP-1, UDP-2, UDP-7, UDP-9, UDP-10, UDP-11, UDP-12, RATE-1, DRV-2
    #[test]
    fn the_socket_table_agrees_with_a_model_of_the_rules(ops in prop::collection::vec(op(), 1..120)) {
        let mut pair = Pair::new();
        pair.check();
        for op in ops {
            pair.run(op);
            pair.check();
        }
        pair.take_commands();
    }
}
