//! Two managers with the same history: one hands out its notices, the other loses all of them.

use lankeeper::manager::{Input, Reply};
use lankeeper::stored::{StoredParts, StoredSettings};
use lankeeper::{
    Binding, Command, Config, Duration, Event, Handle, Instant, InterfaceConfig, InterfaceId,
    Lease, Manager, Nic, Policy, Report, ServerReport, ServerState, ServerTicket, SocketId, Span,
    State, Ticket, Tickets,
};
use proptest::prelude::*;
use proptest::sample::select;

use super::said::Said;
use crate::support::bound::bounded;
use crate::support::{good_answer, named, network};

pub(crate) const INTERFACES: [InterfaceId; 3] = [
    InterfaceId::ETHERNET,
    InterfaceId::WIFI,
    InterfaceId::CELLULAR,
];

/// An input, with places among what was handed out.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Pass(u64),
    Open(usize, bool),
    Close(usize),
    Retry(usize),
    SetEnabled(usize, bool),
    UdpOpen(usize, Option<u16>),
    UdpSend(usize),
    UdpClose(usize),
    Connect,
    ConnectWith(usize, bool),
    Disconnect(bool),
    ServerCall,
    SetPolicy(Policy),
    Store,
    Clear,
    Provision(bool),
    /// The interface answers everything as it should, until it is CONNECTED.
    ComeUp(usize),
    /// So do the interface and the server, until there is a connection.
    Reach,
    Renew(u8),
    Report(usize, Report, usize),
    ServerReport(ServerReport, usize),
    FailBind(usize),
    FailSend(usize),
    FailPersist,
}

pub(crate) fn op() -> impl Strategy<Value = Op> {
    let which = || 0..INTERFACES.len();
    let place = || 0_usize..8;
    prop_oneof![
        6 => prop_oneof![0_u64..1_000, 1_000_u64..100_000, Just(600_000)].prop_map(Op::Pass),
        4 => (which(), any::<bool>()).prop_map(|(id, given)| Op::Open(id, given)),
        2 => place().prop_map(Op::Close),
        1 => place().prop_map(Op::Retry),
        2 => (which(), prop::bool::weighted(0.8)).prop_map(|(id, on)| Op::SetEnabled(id, on)),
        6 => (0_usize..2, prop::option::of(5_000_u16..5_002))
            .prop_map(|(handle, port)| Op::UdpOpen(handle, port)),
        4 => (0_usize..2).prop_map(Op::UdpSend),
        1 => place().prop_map(Op::UdpClose),
        3 => Just(Op::Connect),
        3 => (which(), any::<bool>()).prop_map(|(id, given)| Op::ConnectWith(id, given)),
        2 => any::<bool>().prop_map(Op::Disconnect),
        2 => Just(Op::ServerCall),
        2 => select(vec![
            Policy::SuspendOnError,
            Policy::ReturnOnError,
            Policy::ReturnOnErrorNoDisconnect,
            Policy::KeepTrying,
            // Only this one reports a connection that is back.
            Policy::KeepTrying,
            Policy::KeepTrying,
        ])
        .prop_map(Op::SetPolicy),
        1 => Just(Op::Store),
        1 => Just(Op::Clear),
        1 => any::<bool>().prop_map(Op::Provision),
        6 => which().prop_map(Op::ComeUp),
        8 => Just(Op::Reach),
        2 => (1_u8..4).prop_map(Op::Renew),
        6 => (which(), report(), prop_oneof![4 => Just(0), 1 => place()])
            .prop_map(|(id, report, back)| Op::Report(id, report, back)),
        8 => (server_report(), prop_oneof![4 => Just(0), 1 => place()])
            .prop_map(|(report, back)| Op::ServerReport(report, back)),
        4 => (0_usize..2).prop_map(Op::FailBind),
        4 => (0_usize..2).prop_map(Op::FailSend),
        1 => Just(Op::FailPersist),
    ]
}

fn report() -> impl Strategy<Value = Report> {
    let code = 3;
    select(vec![
        Report::Ready,
        Report::NetworkNotFound { code },
        Report::WrongKey { code },
        Report::LinkLost { code },
        Report::CarrierDown,
        Report::CarrierUp,
        Report::LeaseLost,
        Report::AddressConflict,
        Report::SimFailed { code },
        Report::RegistrationDenied { code },
        Report::PppDown { code },
        Report::Fault { code },
        Report::Fault { code: 4 },
    ])
}

fn server_report() -> impl Strategy<Value = ServerReport> {
    let code = 5;
    select(vec![
        ServerReport::NotResolved { code },
        ServerReport::Unreachable { code },
        ServerReport::Lost { code },
        ServerReport::Lost { code: 6 },
        ServerReport::SendTimedOut { code },
        ServerReport::Fault { code },
    ])
}

pub(crate) struct Twins {
    tells: Manager<3, 4, 2, 64, 1>,
    /// It has room for one notice, which nobody takes.
    loses: Manager<3, 4, 2, 1, 1>,
    pub(crate) said: Said,
    now: Instant,
    latest: [Tickets; 3],
    tickets: [Vec<Ticket>; 3],
    server_tickets: Vec<ServerTicket>,
    bindings: Vec<Binding>,
    handles: Vec<Handle>,
    sockets: Vec<SocketId>,
}

fn nic(id: InterfaceId, given: bool) -> Nic {
    let nic = Nic::builder(&id.to_string());
    if given && id == InterfaceId::WIFI {
        return nic.wifi(network()).build().unwrap();
    }
    named(&id.to_string())
}

impl Twins {
    pub(crate) fn new() -> Self {
        let config = Config::new(7, INTERFACES.map(InterfaceConfig::new));
        Self {
            tells: Manager::with_capacities(&config).unwrap(),
            loses: Manager::with_capacities(&config).unwrap(),
            said: Said::default(),
            now: Instant::EPOCH,
            latest: INTERFACES.map(Tickets::new),
            tickets: [const { Vec::new() }; 3],
            server_tickets: Vec::new(),
            bindings: Vec::new(),
            handles: Vec::new(),
            sockets: Vec::new(),
        }
    }

    pub(crate) fn step(&mut self, op: &Op) {
        match op {
            Op::Pass(millis) => {
                self.now = self.now.saturating_add(Duration::from_millis(*millis));
                self.input(Input::Timeout);
            }
            Op::Open(id, given) => {
                let nic = nic(INTERFACES[*id], *given);
                self.input(Input::Open(&nic));
            }
            Op::Connect => self.input(Input::Connect(None)),
            Op::ConnectWith(id, given) => {
                let nic = nic(INTERFACES[*id], *given);
                self.input(Input::ConnectWith(&nic, None));
            }
            Op::Disconnect(flushes) => {
                let flush = Span::from_secs(2).filter(|_| *flushes);
                self.input(Input::Disconnect(flush));
            }
            Op::ServerCall => self.input(Input::ServerCall),
            Op::SetPolicy(policy) => self.input(Input::SetPolicy(*policy)),
            Op::SetEnabled(id, on) => self.input(Input::SetEnabled(INTERFACES[*id], *on)),
            Op::Store => self.input(Input::StoreWifi(&network())),
            Op::Clear => self.input(Input::ClearStored(StoredParts::all())),
            Op::Provision(has_network) => {
                let mut settings = StoredSettings::default();
                settings.wifi = has_network.then(network);
                self.input(Input::Provision(&settings));
                assert_eq!(*self.loses.stored(), settings);
            }
            Op::ComeUp(id) => self.come_up(*id),
            Op::Reach => self.reach(),
            Op::Renew(host) => {
                let lease = Lease::new([192, 168, 1, *host].into(), 24);
                for id in 0..INTERFACES.len() {
                    if let Some(event) = self.latest[id].event(Report::Lease(lease)) {
                        self.input(Input::Event(event));
                    }
                }
            }
            Op::Report(id, report, back) => {
                if let Some(ticket) = self.tickets[*id].iter().rev().nth(*back) {
                    self.input(Input::Event(ticket.report(*report)));
                }
            }
            Op::ServerReport(report, back) => {
                if let Some(ticket) = self.server_tickets.iter().rev().nth(*back) {
                    self.input(Input::Event(ticket.report(*report)));
                }
            }
            Op::FailPersist => self.input(Input::Event(Event::PersistFailed { code: 28 })),
            Op::Close(_)
            | Op::Retry(_)
            | Op::UdpOpen(..)
            | Op::UdpSend(_)
            | Op::UdpClose(_)
            | Op::FailBind(_)
            | Op::FailSend(_) => self.step_of_socket(op),
        }
    }

    /// One for which there must be a handle, a socket or a bound port.
    fn step_of_socket(&mut self, op: &Op) {
        let handle = |back: &usize| self.handles.iter().rev().nth(*back).copied();
        let socket = |back: &usize| self.sockets.iter().rev().nth(*back).copied();
        let binding = |back: &usize| self.bindings.iter().rev().nth(*back).copied();
        let target = core::net::SocketAddrV4::new([192, 168, 1, 9].into(), 9_000);
        let input = match op {
            Op::Close(back) => handle(back).map(Input::Close),
            Op::Retry(back) => handle(back).map(Input::Retry),
            Op::UdpOpen(back, port) => handle(back).map(|it| Input::UdpOpen(it, *port)),
            Op::UdpSend(back) => socket(back).map(|it| Input::UdpSend(it, target.into(), b"hello")),
            Op::UdpClose(back) => socket(back).map(Input::UdpClose),
            Op::FailBind(back) => binding(back).map(|it| Input::Event(it.failed(98))),
            Op::FailSend(back) => binding(back).map(|it| Input::Event(it.send_failed(target, 113))),
            other => panic!("not of a socket: {other:?}"),
        };
        if let Some(input) = input {
            self.input(input);
        }
    }

    fn come_up(&mut self, id: usize) {
        for _ in 0..8 {
            let state = self.loses.state(INTERFACES[id]).unwrap();
            let answer = good_answer(state).filter(|_| state != State::Connected);
            let Some(event) = answer.and_then(|report| self.latest[id].event(report)) else {
                return;
            };
            self.input(Input::Event(event));
        }
    }

    fn reach(&mut self) {
        for _ in 0..8 {
            if let Some(id) = self.loses.server_interface() {
                self.come_up(INTERFACES.iter().position(|it| *it == id).unwrap());
            }
            let report = match self.loses.server_state() {
                ServerState::Resolving => ServerReport::Resolved,
                ServerState::ReachingProxy => ServerReport::ProxyReached,
                ServerState::Connecting => ServerReport::Connected,
                ServerState::Flushing => ServerReport::Flushed,
                _ => return,
            };
            let ticket = *self.server_tickets.last().unwrap();
            self.input(Input::Event(ticket.report(report)));
        }
    }

    /// Hands an input to both, takes the commands of both, and asks one what the other said.
    fn input(&mut self, input: Input<'_>) {
        let reply = self.tells.handle_input(self.now, input);
        assert_eq!(self.loses.handle_input(self.now, input), reply);
        match reply {
            Reply::Opened(Ok(handle)) => self.handles.push(handle),
            Reply::UdpOpened(Ok(socket)) => self.sockets.push(socket),
            Reply::UdpSent(Ok(datagram)) => self.bindings.push(datagram.binding),
            _ => {}
        }
        while let Some(command) = bounded(self.tells.poll_command()) {
            let same = self.loses.poll_command();
            assert_eq!(format!("{same:?}"), format!("{:?}", Some(command)));
            for (id, latest) in INTERFACES.iter().zip(&mut self.latest) {
                if command.interface() == Some(*id) {
                    latest.note(&command);
                }
            }
            match command {
                Command::Interface { ticket, .. } => {
                    let mut ids = INTERFACES.iter();
                    let id = ids.position(|id| *id == ticket.interface()).unwrap();
                    self.tickets[id].push(ticket);
                }
                Command::Server { ticket, .. } => self.server_tickets.push(ticket),
                Command::Bind(binding) => self.bindings.push(binding),
                Command::Persist(_) => self.said.note_persisted(),
                _ => {}
            }
        }
        assert_eq!(self.loses.poll_command(), None);
        while let Some(notice) = bounded(self.tells.poll_notice()) {
            self.said.note(notice);
        }
        self.said.check(&self.loses);
    }
}
