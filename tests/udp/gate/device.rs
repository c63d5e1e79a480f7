//! A manager and the state of its backend, run in lock-step with the model.

use core::net::SocketAddrV4;
use std::collections::{BTreeMap, BTreeSet};

use lankeeper::{
    Action, Command, Config, Datagram, Event, Generation, Handle, Instant, InterfaceConfig,
    InterfaceId, LimitScope, Manager, Nic, Notice, Quota, Report, SendError, SocketId, State,
    Target, Wake,
};

use super::model::{Model, Own, SOCKETS, Sent};
use super::operation::{Operation, To, Which, interfaces};

static LONG: [u8; 65_508] = [7; 65_508];

pub(crate) struct Device {
    manager: Manager<3, 4, SOCKETS, 64>,
    now: u64,
    handles: Vec<(InterfaceId, Handle)>,
    /// The generation of the latest action of each kind.
    generations: BTreeMap<(InterfaceId, &'static str), Generation>,
    /// The ports that the backend has bound.
    bound: BTreeSet<(InterfaceId, u16)>,
    /// The names of closed sockets whose notice has not come yet.
    closing: BTreeSet<String>,
    /// When the most recently refused send would succeed.
    retry: u64,
}

impl Device {
    pub(crate) fn new(quota: Quota, scope: LimitScope) -> Self {
        let mut config = Config::new(interfaces().map(InterfaceConfig::new));
        config.quota = quota;
        config.limit_scope = scope;
        Self {
            manager: Manager::new(&config).unwrap(),
            now: 0,
            handles: Vec::new(),
            generations: BTreeMap::new(),
            bound: BTreeSet::new(),
            closing: BTreeSet::new(),
            retry: 0,
        }
    }

    pub(crate) fn carry_out(&mut self, model: &mut Model, operation: Operation) {
        let now = Instant::from_micros(self.now);
        match operation {
            Operation::OpenInterface(id) => {
                let opened = self.manager.open(now, &Nic::named(&name(id)).unwrap());
                self.handles.extend(opened.map(|handle| (id, handle)));
            }
            Operation::CloseInterface(id) => {
                let held = |(other, _): &(InterfaceId, Handle)| *other == id;
                if let Some(index) = self.handles.iter().position(held) {
                    let (_, handle) = self.handles.remove(index);
                    self.manager.close(now, handle);
                    if !self.handles.iter().any(held) {
                        self.closing.extend(model.close_all(id));
                    }
                }
            }
            Operation::SetEnabled(id, on) => {
                self.manager.set_enabled(now, id, on).unwrap();
                if !on {
                    self.handles.retain(|(other, _)| *other != id);
                    self.closing.extend(model.close_all(id));
                }
            }
            Operation::Retry(id) => {
                if let Some(handle) = self.handle(id) {
                    self.manager.retry(now, handle).unwrap();
                }
            }
            Operation::Report(id, report) => self.report(id, report),
            Operation::ComeUp(id, lease) => {
                if self.handle(id).is_none() {
                    self.carry_out(model, Operation::OpenInterface(id));
                }
                for report in [Report::Ready, Report::CarrierUp, Report::Lease(lease)] {
                    self.report(id, report);
                }
            }
            Operation::Pass(span) => self.go(self.now.max(model.latest()).saturating_add(span)),
            Operation::Back(span) => self.go(self.now.saturating_sub(span)),
            Operation::PassToRetry(early) => self.go(self.retry.saturating_sub(early)),
            Operation::OpenSocket(id, port) => self.open_socket(model, id, port),
            Operation::CloseSocket(which) => {
                if let Some(socket) = named(model, which) {
                    self.manager.udp_close(now, socket);
                    model.close(socket);
                }
            }
            Operation::SetReceiving(which, on) => {
                if let Some(socket) = named(model, which) {
                    let set = self.manager.udp_set_receiving(now, socket, on);
                    assert_eq!(set.is_ok(), model.set_receiving(socket, on));
                }
            }
            Operation::Send {
                socket,
                to,
                port,
                length,
            } => {
                if let Some(socket) = named(model, socket) {
                    self.send(model, socket, (&to, port), length);
                }
            }
            Operation::Receive {
                interface,
                source,
                destination,
                port,
            } => {
                let own = self.own(interface);
                let datagram = Datagram {
                    interface,
                    source: SocketAddrV4::new(source, 7),
                    destination: SocketAddrV4::new(destination, port),
                    payload: b"",
                };
                let received = self.manager.handle_event(now, Event::Datagram(datagram));
                let expected = model.receive(own, interface, (source, destination), port);
                assert_eq!(received, Some(expected));
            }
            Operation::TakeCommands => self.take_commands(),
        }
    }

    /// Executes all commands, and checks that each port is bound once and unbound once.
    pub(crate) fn take_commands(&mut self) {
        while let Some(command) = self.manager.poll_command() {
            match command {
                Command::Interface { interface, action } => {
                    if let Some(generation) = action.generation() {
                        let kind = kind_of_action(action);
                        self.generations.insert((interface, kind), generation);
                    }
                }
                Command::Bind { interface, port } => {
                    assert!(self.bound.insert((interface, port)), "{port} bound twice");
                }
                Command::Unbind { interface, port } => {
                    assert!(self.bound.remove(&(interface, port)), "{port} not bound");
                }
                other => panic!("never polled: {other:?}"),
            }
            assert!(self.bound.len() <= SOCKETS);
        }
    }

    /// Checks what must hold after every operation.
    pub(crate) fn check(&mut self, model: &mut Model) {
        model.reach(self.now);
        let now = Instant::from_micros(self.now);
        assert_eq!(u128::from(self.manager.udp_tokens(now)), model.tokens());
        for id in &model.all {
            let socket = model.socket(*id);
            let port = self.manager.udp_port(*id);
            assert_eq!(port.ok(), socket.map(|socket| socket.port));
            let tokens = self.manager.udp_socket_tokens(now, *id);
            assert_eq!(tokens.ok().map(u128::from), model.socket_tokens(*id));
        }
        assert_eq!(self.manager.udp_drops(), model.drops);
        self.check_closed();
        if self.bound != model.bindings() {
            let reason = self.manager.poll_at().map(|deadline| deadline.reason);
            assert_eq!(
                reason,
                Some(Wake::Output),
                "a port command is pending, but `poll_at` does not report it"
            );
        }
    }

    /// Checks that every socket that was closed with its interface is reported once, and no other.
    fn check_closed(&mut self) {
        while let Some(notice) = self.manager.poll_notice() {
            match notice {
                Notice::SocketClosed { socket } => {
                    assert!(self.closing.remove(&format!("{socket:?}")), "{socket:?}");
                }
                Notice::Lagged(missed) => panic!("{missed} notices missed"),
                _ => {}
            }
        }
        assert!(self.closing.is_empty(), "not reported: {:?}", self.closing);
    }

    fn open_socket(&mut self, model: &mut Model, id: InterfaceId, port: Option<u16>) {
        let Some(handle) = self.handle(id) else {
            return;
        };
        let now = Instant::from_micros(self.now);
        let state = self.manager.state(id).unwrap();
        let opened = self.manager.udp_open(now, handle, port);
        assert_eq!(opened.map(|_| ()), model.open(id, state, port));
        if let Ok(socket) = opened {
            model.add(socket, id, port);
        }
    }

    fn send(&mut self, model: &mut Model, socket: SocketId, to: (&To, u16), length: usize) {
        let now = Instant::from_micros(self.now);
        let interface = model.socket(socket).map(|socket| socket.interface);
        let own = interface.and_then(|id| self.own(id));
        let target = match to.0 {
            To::Text(text) => Target::Text(text),
            To::Address(address) => Target::Address(*address),
        };
        let sent = self
            .manager
            .udp_send(now, socket, target, to.1, &LONG[..length]);
        let expected = model.send(own, socket, to, length);
        if let Ok(datagram) = &sent {
            assert_eq!(Some(datagram.interface), interface);
            assert_eq!(Some(*datagram.source.ip()), own.map(|(address, _)| address));
            assert_eq!(datagram.destination.port(), to.1);
            assert_eq!(datagram.payload.len(), length);
        }
        if let Sent::WouldBlock(until) = expected {
            self.retry = u64::try_from(until).unwrap_or(u64::MAX);
        }
        assert_eq!(in_terms_of_the_model(sent, &expected), expected);
    }

    /// Sends a report, with the generation of the latest action that it can answer.
    fn report(&mut self, interface: InterfaceId, report: Report) {
        self.take_commands();
        let kind = match report {
            Report::Ready | Report::Fault { .. } => "power",
            Report::CarrierUp | Report::CarrierDown => "link",
            _ => "dhcp",
        };
        let generation = self.generations.get(&(interface, kind)).copied();
        let event = Event::Interface {
            interface,
            generation: generation.unwrap_or_default(),
            report,
        };
        let now = Instant::from_micros(self.now);
        assert_eq!(self.manager.handle_event(now, event), None);
        self.take_commands();
    }

    fn go(&mut self, to: u64) {
        self.now = to;
        self.manager.handle_timeout(Instant::from_micros(to));
    }

    fn handle(&self, id: InterfaceId) -> Option<Handle> {
        let held = |(other, _): &&(InterfaceId, Handle)| *other == id;
        self.handles
            .iter()
            .rev()
            .find(held)
            .map(|(_, handle)| *handle)
    }

    /// The address and prefix length of an interface that is CONNECTED.
    fn own(&self, id: InterfaceId) -> Option<Own> {
        let config = self.manager.ip_config(id);
        let connected = self.manager.state(id) == Some(State::Connected);
        assert_eq!(config.is_some(), connected);
        config.map(|config| (config.address(), config.prefix().length()))
    }
}

fn name(id: InterfaceId) -> String {
    id.to_string()
}

fn named(model: &Model, Which(age): Which) -> Option<SocketId> {
    model.all.iter().rev().nth(age).copied()
}

fn kind_of_action(action: Action<'_>) -> &'static str {
    match action {
        Action::PowerUp(_) => "power",
        Action::StartLink(_) => "link",
        Action::StartDhcp(_) => "dhcp",
        _ => "other",
    }
}

fn in_terms_of_the_model(sent: Result<Datagram<'_>, SendError>, expected: &Sent) -> Sent {
    match sent {
        Ok(datagram) => Sent::Gone(datagram.source.port(), *datagram.destination.ip()),
        Err(SendError::Closed) => Sent::Closed,
        Err(SendError::Address(_)) => Sent::NoAddress,
        Err(SendError::NotLocal) => Sent::NotLocal,
        Err(SendError::Port(_)) => Sent::Port,
        Err(SendError::TooLong(_)) => Sent::TooLong,
        Err(SendError::NotConnected) => Sent::NotConnected,
        Err(SendError::OutsideSubnet) => Sent::OutsideSubnet,
        Err(SendError::WouldBlock(refusal)) => match expected {
            // Beyond the range the gate can only return `Instant::MAX` (TIME-4).
            Sent::WouldBlock(until)
                if *until > u64::MAX.into() && refusal.retry_at() == Instant::MAX =>
            {
                Sent::WouldBlock(*until)
            }
            _ => Sent::WouldBlock(refusal.retry_at().as_micros().into()),
        },
        Err(other) => panic!("unknown to the model: {other:?}"),
    }
}
