//! A manager and the state of its backend, run in lock-step with the model.

use crate::support::bound::bounded;
use core::net::SocketAddrV4;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use lankeeper::manager::Wake;
use lankeeper::udp::{LimitScope, Target};
use lankeeper::{
    Action, Binding, Command, Config, Datagram, Handle, Instant, InterfaceConfig, InterfaceId,
    Manager, Nic, Notice, Quota, Received, Report, SendError, SocketId, State, Ticket,
};

use super::model::{Model, Own, SOCKETS, Sent};
use super::operation::{From, Operation, To, Which, interfaces};

static LONG: [u8; 65_508] = [7; 65_508];

pub(crate) struct Device {
    manager: Manager<3, 4, SOCKETS, 64>,
    now: u64,
    handles: Vec<(InterfaceId, Handle)>,
    /// The ticket of the latest action of each kind.
    tickets: BTreeMap<(InterfaceId, &'static str), Ticket>,
    /// The ports that the backend has bound.
    bound: HashSet<Binding>,
    /// Every binding so far, in order.
    bindings: Vec<Binding>,
    /// The sockets whose failed bind or send was told, in order, and those that should have been.
    failures: Vec<Notice>,
    expected_failures: Vec<Notice>,
    /// The names of closed sockets whose notice has not come yet.
    closing: BTreeSet<String>,
    /// When the most recently refused send would succeed.
    retry: u64,
}

impl Device {
    pub(crate) fn new(quota: Quota, scope: LimitScope) -> Self {
        let mut config = Config::new(0, interfaces().map(InterfaceConfig::new));
        config.quota = quota;
        config.limit_scope = scope;
        Self {
            manager: Manager::with_capacities(&config).unwrap(),
            now: 0,
            handles: Vec::new(),
            tickets: BTreeMap::new(),
            bound: HashSet::new(),
            bindings: Vec::new(),
            failures: Vec::new(),
            expected_failures: Vec::new(),
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
                age,
                length,
                room,
            } => {
                let own = self.own(interface);
                let address = |from| match from {
                    From::Address(address) => Some(address),
                    From::Interface(id) => self.own(id).map(|(address, _)| address),
                };
                let (Some(source), Some(destination)) = (address(source), address(destination))
                else {
                    return;
                };
                let Some(binding) = self.binding(interface, port, age) else {
                    return;
                };
                let datagram = Received {
                    source: SocketAddrV4::new(source, 7),
                    destination,
                    length,
                };
                let received = self.manager.udp_receive(now, binding, &datagram, room);
                let ours = interfaces().map(|id| self.own(id)).into_iter().flatten();
                let ours: Vec<_> = ours.map(|(address, _)| address).collect();
                let (addresses, fits) = ((source, destination), length <= room);
                let expected = model.receive(own, &ours, binding, addresses, fits);
                assert_eq!(received, expected);
            }
            Operation::FailBind(which) => {
                if let Some(binding) = self.binding_of(model, which) {
                    let was_bound = self.bound.remove(&binding);
                    if was_bound && model.is_bound(binding) {
                        let socket = binding.socket();
                        model.close(socket);
                        let notice = Notice::BindFailed { socket, code: 98 };
                        self.expected_failures.push(notice);
                    }
                    self.manager.handle_event(now, binding.failed(98));
                }
            }
            Operation::FailSend(which) => {
                if let Some(binding) = self.binding_of(model, which) {
                    let to = SocketAddrV4::new([192, 168, 1, 9].into(), 7);
                    if model.is_bound(binding) {
                        let socket = binding.socket();
                        let notice = Notice::SendFailed {
                            socket,
                            to,
                            code: 113,
                        };
                        self.expected_failures.push(notice);
                    }
                    self.manager.handle_event(now, binding.send_failed(to, 113));
                }
            }
            Operation::TakeCommands => self.take_commands(),
        }
    }

    /// Executes all commands, and checks that each port is bound once and unbound once.
    pub(crate) fn take_commands(&mut self) {
        while let Some(command) = bounded(self.manager.poll_command()) {
            match command {
                Command::Interface { ticket, action } => {
                    if action.step().is_some() {
                        let kind = kind_of_action(action);
                        self.tickets.insert((ticket.interface(), kind), ticket);
                    }
                }
                Command::Bind(binding) => {
                    let place = |binding: &Binding| (binding.interface(), binding.port());
                    let mut bound = self.bound.iter();
                    let is_bound = bound.any(|other| place(other) == place(&binding));
                    assert!(!is_bound, "{binding:?} bound twice");
                    assert!(!self.bindings.contains(&binding), "{binding:?} again");
                    self.bound.insert(binding);
                    self.bindings.push(binding);
                }
                Command::Unbind(binding) => {
                    assert!(self.bound.remove(&binding), "{binding:?} not bound");
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
        let bound = self.bound.iter();
        let bound = bound.map(|bound| (bound.socket(), bound.interface(), bound.port()));
        if bound.collect::<HashSet<_>>() != model.bound() {
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
        while let Some(notice) = bounded(self.manager.poll_notice()) {
            match notice {
                Notice::SocketClosed { socket } => {
                    assert!(self.closing.remove(&format!("{socket:?}")), "{socket:?}");
                }
                Notice::BindFailed { .. } | Notice::SendFailed { .. } => self.failures.push(notice),
                Notice::Lagged(missed) => panic!("{missed} notices missed"),
                _ => {}
            }
        }
        assert!(self.closing.is_empty(), "not reported: {:?}", self.closing);
        assert_eq!(self.failures, self.expected_failures);
    }

    fn open_socket(&mut self, model: &mut Model, id: InterfaceId, port: Option<u16>) {
        let Some(handle) = self.handle(id) else {
            return;
        };
        let now = Instant::from_micros(self.now);
        let opened = self.manager.udp_open(now, handle, port);
        assert_eq!(opened.map(|_| ()), model.open(id, port));
        if let Ok(socket) = opened {
            model.add(socket, id, port);
        }
    }

    fn send(&mut self, model: &mut Model, socket: SocketId, to: (&To, u16), length: usize) {
        let now = Instant::from_micros(self.now);
        let interface = model.socket(socket).map(|socket| socket.interface);
        let own = interface.and_then(|id| self.own(id));
        let target = match to.0 {
            To::Text(text) => Target::Text(text, to.1),
            To::Address(address) => Target::from((*address, to.1)),
        };
        let sent = self.manager.udp_send(now, socket, target, &LONG[..length]);
        let expected = model.send(own, socket, to, length);
        if let Ok(datagram) = &sent {
            assert_eq!(datagram.binding.socket(), socket);
            assert_eq!(datagram.binding.port(), datagram.source.port());
            assert_eq!(Some(datagram.binding.interface()), interface);
            assert_eq!(Some(*datagram.source.ip()), own.map(|(address, _)| address));
            assert_eq!(datagram.destination.port(), to.1);
            assert_eq!(datagram.payload.len(), length);
        }
        if let Sent::WouldBlock(until) = expected {
            self.retry = u64::try_from(until).unwrap_or(u64::MAX);
        }
        assert_eq!(in_terms_of_the_model(sent, &expected), expected);
    }

    /// Sends a report, with the ticket of the latest action that it can answer.
    fn report(&mut self, interface: InterfaceId, report: Report) {
        self.take_commands();
        let kind = match report {
            Report::Ready | Report::Fault { .. } => "power",
            Report::CarrierUp | Report::CarrierDown => "link",
            _ => "dhcp",
        };
        // Where there is none, with that of another action, which the report cannot answer.
        let ticket = self.tickets.get(&(interface, kind)).or_else(|| {
            let mut tickets = self.tickets.values();
            tickets.find(|ticket| ticket.interface() == interface)
        });
        if let Some(ticket) = ticket {
            let now = Instant::from_micros(self.now);
            self.manager.handle_event(now, ticket.report(report));
        }
        self.take_commands();
    }

    /// The binding of a local port, the newest one or one before it. Where it has had none, one with
    /// this port for whatever socket was bound most recently.
    fn binding(&self, interface: InterfaceId, port: u16, age: usize) -> Option<Binding> {
        let place = (interface, port);
        let mut of_port = self.bindings.iter().rev();
        let known = of_port
            .by_ref()
            .filter(|binding| (binding.interface(), binding.port()) == place)
            .nth(age);
        let other = || {
            let other = self
                .bindings
                .iter()
                .rev()
                .find(|other| other.interface() == interface)?;
            let bits = other.to_bits() & !u64::from(u16::MAX);
            Binding::from_bits(bits | u64::from(port))
        };
        known.copied().or_else(other)
    }

    /// The newest binding of a socket.
    fn binding_of(&self, model: &Model, which: Which) -> Option<Binding> {
        let socket = named(model, which)?;
        let mut bindings = self.bindings.iter().rev();
        bindings.find(|binding| binding.socket() == socket).copied()
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
        Action::PowerUp => "power",
        Action::StartLink => "link",
        Action::StartDhcp => "dhcp",
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
