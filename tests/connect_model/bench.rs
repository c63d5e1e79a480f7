//! Manager and model in lock-step, with the backend and the application that they share.

use std::collections::BTreeMap;

use lankeeper::manager::{ConnectError, OrderError, SealTicket, ServerCall};
use lankeeper::nic::{Exposed, Secrets};
use lankeeper::stored::{StoredParts, StoredSettings};
use lankeeper::{
    AttemptId, ConnectOutcome, Event, Handle, Instant, InterfaceId, Medium, Nic, Policy,
    ServerState, ServerTicket, Ticket,
};

use super::Device3;
use super::device::Device;
use super::interface::{Origin, SECOND};
use super::laws::{Before, Laws};
use super::operation::{Given, Op};
use super::output::Told;
use super::server::Purpose;
use super::settings::{GIVEN, fixed, network, nic, proxy};
use super::setup::{Setup, configured};
use crate::support::forged;

/// How many of the latest handles and tickets are remembered.
const KNOWN: usize = 12;

/// What a run has covered.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// How often the server connection was in each state, in the order of `ServerState::ALL`.
    pub(super) states: [u64; ServerState::ALL.len()],
    /// How often each outcome was reported, in the order of `ConnectOutcome::ALL`.
    pub(super) outcomes: [u64; ConnectOutcome::ALL.len()],
    pub(super) notices: BTreeMap<&'static str, u64>,
}

pub(super) struct Bench {
    pub(super) ids: [InterfaceId; 3],
    pub(super) manager: Device3,
    pub(super) device: Device,
    pub(super) laws: Laws,
    pub(super) now: u64,
    pub(super) handles: Vec<Handle>,
    pub(super) tickets: [Vec<Ticket>; 3],
    pub(super) server_tickets: Vec<ServerTicket>,
    pub(super) seal_tickets: Vec<SealTicket>,
    /// The number of every request for a connection.
    pub(super) attempts: Vec<AttemptId>,
    nics: u32,
    /// What the backend keeps across a restart.
    pub(super) persisted: StoredSettings,
    /// How many of the model's notices have been checked.
    pub(super) looked_at: usize,
    pub(super) seen: Seen,
}

pub(super) fn instant(micros: u64) -> Instant {
    Instant::from_micros(micros)
}

fn latest<T: Copy>(list: &[T], back: usize) -> Option<T> {
    list.iter().rev().nth(back).copied()
}

pub(super) fn place<T: PartialEq>(all: &[T], one: &T) -> usize {
    all.iter().position(|other| other == one).unwrap()
}

pub(super) fn keep<T>(list: &mut Vec<T>, thing: T) {
    if list.len() == KNOWN {
        list.remove(0);
    }
    list.push(thing);
}

impl Bench {
    pub(super) fn new(setup: &Setup) -> Self {
        let config = setup.config();
        Self {
            manager: Device3::with_capacities(&config).unwrap(),
            ids: setup.ids,
            device: setup.device(),
            laws: Laws::default(),
            now: 0,
            handles: Vec::new(),
            tickets: [const { Vec::new() }; 3],
            server_tickets: Vec::new(),
            seal_tickets: Vec::new(),
            attempts: Vec::new(),
            nics: 0,
            persisted: StoredSettings::default(),
            looked_at: 0,
            seen: Seen::default(),
        }
    }

    /// Advances both to the current time, and compares the effects before anything else happens.
    pub(super) fn reach(&mut self) -> Instant {
        self.device.reach(self.now);
        if self.waits() || self.to_shut().is_some() {
            self.manager.handle_timeout(instant(self.now));
            self.settle();
        }
        self.look();
        instant(self.now)
    }

    pub(super) fn look(&mut self) {
        for told in &self.device.told[self.looked_at..] {
            self.laws.told(told);
            let name = match told {
                Told::Ended(_, _, outcome, _)
                | Told::Lost(_, outcome, _)
                | Told::Suspended(outcome, _) => {
                    self.seen.outcomes[place(&ConnectOutcome::ALL, outcome)] += 1;
                    match told {
                        Told::Ended(..) => "results",
                        Told::Lost(..) => "losses",
                        _ => "suspensions",
                    }
                }
                Told::Resumed => "resumptions",
                Told::HandleClosed(_) => "handles closed",
                Told::SocketClosed(_) => "sockets closed",
                Told::StopFailed(..) | Told::DisconnectFailed(_) => "failures to end",
                _ => "others",
            };
            *self.seen.notices.entry(name).or_default() += 1;
        }
        self.looked_at = self.device.told.len();
    }

    /// Runs one operation on both sides, and compares everything visible.
    pub(super) fn run(&mut self, op: &Op, setup: &Setup) {
        // No notice may be lost here; the report of lost notices is tested elsewhere.
        if self.device.told.len() > 24 {
            self.take_notices();
        }
        match op {
            Op::Restart => self.restart(setup),
            Op::TakeCommands(most) => self.take_commands(*most),
            Op::TakeNotices => self.take_notices(),
            Op::Pass(_) | Op::ToDeadline { .. } | Op::Back(_) => self.run_time(op),
            Op::Climb => self.climb(),
            Op::Answer(which) => self.answer(*which),
            Op::AnswerServer => self.answer_server(),
            Op::Refuse(which, code) => self.refuse(*which, *code),
            Op::FailToEnd(which, code) => self.fail_to_end(*which, *code),
            Op::Report(which, report, back) => {
                let id = self.ids[*which];
                let fitting = self.device.interface(id).ticket_for(*report);
                let ticket = match (back, fitting) {
                    (0, Some(fitting)) => Some(fitting),
                    _ => latest(&self.tickets[*which], *back),
                };
                self.report(ticket.unwrap_or_else(|| forged(id, 0)), *report);
            }
            Op::ServerReport(report, back) => {
                let ticket = match (back, self.device.server.live()) {
                    (0, Some(live)) => Some(live),
                    _ => latest(&self.server_tickets, *back),
                };
                let never_given = || ServerTicket::from_bits(forged(self.ids[0], 0).to_bits());
                let ticket = ticket.or_else(never_given).unwrap();
                self.server_report(ticket, *report);
            }
            Op::Open(_) | Op::Close(_) | Op::Retry(_) | Op::OpenSocket(_) | Op::SetEnabled(..) => {
                self.run_local(op)
            }
            Op::Connect(_)
            | Op::ConnectWith(..)
            | Op::Disconnect(_)
            | Op::ServerCall
            | Op::NoteWake
            | Op::SetPolicy(_)
            | Op::SetOrder(_) => self.run_server(op),
            Op::StoreWifi(_)
            | Op::StoreStatic(_)
            | Op::StoreProxy(_)
            | Op::Clear(_)
            | Op::Provision(..)
            | Op::PersistFailed(_)
            | Op::Sealed { .. } => self.run_settings(op),
        }
        self.settle();
        self.compare();
    }

    /// The model knows neither how a connection is tried again that nobody asks for, nor how a
    /// stopped interface does, nor when an interface takes over what was stored meanwhile or while it
    /// ran with given settings. All that has tests of its own. Here a disconnect ends the first, and
    /// being disabled the others.
    pub(super) fn settle(&mut self) {
        self.end_tries();
        while let Some(id) = self.to_shut() {
            self.shut(id);
        }
    }

    fn end_tries(&mut self) {
        if self.waits() {
            assert_eq!(self.manager.server_state(), self.device.server.state);
            self.disconnect();
        }
    }

    /// What becomes of a route whose interfaces are disabled or listed in another order has tests of its
    /// own, too: before that the connection is dropped.
    fn disconnect(&mut self) {
        self.manager.disconnect(instant(self.device.now), None);
        self.device.disconnect(0);
    }

    /// Whether a connection is tried that nobody asked for.
    fn waits(&mut self) -> bool {
        let rests = matches!(
            self.device.server.state,
            ServerState::Disconnected | ServerState::Connected | ServerState::Flushing
        );
        !rests && self.device.server.effort().purpose != Purpose::Asked
    }

    /// An interface that tries again by itself, or will run with other settings then.
    fn to_shut(&self) -> Option<InterfaceId> {
        let mut held = self.device.interfaces.iter().filter(|one| one.is_held());
        let found = held.find(|one| {
            one.state.is_stopped() || one.origin == Origin::Ended || self.device.is_outdated(one)
        });
        found.map(|one| one.id)
    }

    /// An interface that runs with stored settings, if only with a stored network.
    fn runs_with_stored(&self) -> Option<InterfaceId> {
        let mut held = self.device.interfaces.iter().filter(|one| one.is_held());
        let found = held.find(|one| {
            one.origin == Origin::Stored
                || (one.id.medium() == Medium::Wifi && !one.has_own_network)
        });
        found.map(|one| one.id)
    }

    fn shut(&mut self, id: InterfaceId) {
        let now = instant(self.device.now);
        self.disconnect();
        for on in [false, true] {
            self.manager.set_enabled(now, id, on).unwrap();
            self.device.set_enabled(id, on);
            // To be enabled would be news for it.
            self.end_tries();
        }
        self.look();
    }

    fn run_time(&mut self, op: &Op) {
        match op {
            // The next operation carries the time.
            Op::Pass(span) if span % 2 == 1 => {
                self.now += span;
                return;
            }
            Op::Pass(span) => self.now += span,
            Op::ToDeadline { before, beyond } => {
                let timers = self.device.timers();
                let Some(next) = timers.map(|(_, timer)| timer.earliest()).min() else {
                    return;
                };
                self.now = self.now.max((next + beyond).saturating_sub(*before));
            }
            Op::Back(span) => {
                let earlier = instant(self.now.saturating_sub(*span));
                self.manager.handle_timeout(earlier);
                self.device.reach(earlier.as_micros());
                return self.look();
            }
            other => panic!("not of time: {other:?}"),
        }
        let now = self.reach();
        self.manager.handle_timeout(now);
    }

    fn handle(&self, back: usize) -> Option<Handle> {
        latest(&self.handles, back.checked_rem(self.handles.len())?)
    }

    fn nic(&mut self, given: Given) -> (Nic, u32) {
        let number = match given.back {
            None => {
                self.nics += 1;
                self.nics
            }
            Some(back) => self.nics.saturating_sub(back),
        };
        let number = GIVEN + number;
        (nic(given.name, given.extras, number), number)
    }

    fn run_local(&mut self, op: &Op) {
        if self.handles.is_empty() && !matches!(op, Op::Open(_) | Op::SetEnabled(..)) {
            return;
        }
        let now = self.reach();
        match op {
            Op::Open(given) => {
                let (nic, number) = self.nic(*given);
                let opened = self.manager.open(now, &nic);
                let expected = self.device.open(&nic, opened.ok());
                assert_eq!(opened.map(|_| ()), expected);
                if let Ok(handle) = opened {
                    assert!(!self.handles.contains(&handle), "a handle comes again");
                    keep(&mut self.handles, handle);
                    let id = self.manager.interface(handle).unwrap();
                    self.laws.opened(id, &nic, number);
                }
            }
            Op::Close(back) => {
                if let Some(handle) = self.handle(*back) {
                    self.manager.close(now, handle);
                    self.device.close(handle);
                }
            }
            Op::Retry(back) => {
                if let Some(handle) = self.handle(*back) {
                    let tried = self.manager.retry(now, handle).is_ok();
                    assert_eq!(tried, self.device.retry(handle));
                }
            }
            Op::OpenSocket(back) => {
                if let Some(handle) = self.handle(*back) {
                    let socket = self.manager.udp_open(now, handle, None);
                    assert_eq!(socket.is_ok(), self.device.can_open_socket(handle));
                    if let Ok(socket) = socket {
                        let id = self.manager.interface(handle).unwrap();
                        self.device.sockets.push((socket, id));
                    }
                }
            }
            Op::SetEnabled(which, on) => {
                let id = self.ids[*which];
                self.disconnect();
                self.manager.set_enabled(now, id, *on).unwrap();
                self.device.set_enabled(id, *on);
            }
            other => panic!("not local: {other:?}"),
        }
    }

    fn run_server(&mut self, op: &Op) {
        let now = self.reach();
        let before = Before {
            state: self.device.server.state,
            interface: self.device.server.held,
        };
        match op {
            Op::Connect(timeout) => {
                let begun = self.manager.connect(now, timeout.0.and_then(configured));
                let attempt = self.begun(begun);
                let expected = self.device.connect(attempt, timeout.0);
                assert_eq!(begun.map(|_| ()), expected);
                if begun.is_ok() {
                    self.laws.requested(&self.manager, before, None);
                }
            }
            Op::ConnectWith(given, timeout) => {
                let (nic, number) = self.nic(*given);
                let span = timeout.0.and_then(configured);
                let begun = self.manager.connect_with(now, &nic, span);
                let attempt = self.begun(begun);
                let expected = self.device.connect_with(attempt, &nic, timeout.0);
                assert_eq!(begun.map(|_| ()), expected);
                if begun.is_ok() {
                    let given = (!nic.is_name_only()).then_some(number);
                    self.laws.requested(&self.manager, before, given);
                }
            }
            Op::Disconnect(flush) => {
                self.manager.disconnect(now, configured(*flush));
                self.device.disconnect(*flush);
            }
            Op::ServerCall => {
                let rests = matches!(
                    before.state,
                    ServerState::Disconnected | ServerState::Flushing
                );
                let call = self.manager.server_call(now);
                let expected = match self.device.server_call() {
                    Some(true) => Ok(ServerCall::Connected),
                    Some(false) => Ok(ServerCall::Connecting),
                    None => Err(1),
                };
                assert_eq!(call.map_err(|error| error.code()), expected);
                if rests && expected.is_ok() {
                    self.laws.requested(&self.manager, before, None);
                }
            }
            Op::NoteWake => {
                self.manager.note_wake(now);
                self.device.wake();
            }
            Op::SetPolicy(policy) => {
                self.manager.set_policy(now, *policy);
                self.device.set_policy(*policy);
            }
            Op::SetOrder(places) => {
                self.disconnect();
                self.set_order(now, places);
            }
            other => panic!("not of the server: {other:?}"),
        }
        self.look();
    }

    /// Notes the number of a request, which no other request has.
    fn begun(&mut self, begun: Result<AttemptId, ConnectError>) -> Option<AttemptId> {
        let attempt = begun.ok()?;
        assert!(!self.attempts.contains(&attempt), "a number comes again");
        self.attempts.push(attempt);
        Some(attempt)
    }

    fn set_order(&mut self, now: Instant, places: &[usize]) {
        let absent = InterfaceId::new(Medium::Ethernet, 9).unwrap();
        let id = |place: &usize| self.ids.get(*place).copied().unwrap_or(absent);
        let order: Vec<_> = places.iter().map(id).collect();
        let absent = order.iter().position(|id| !self.ids.contains(id));
        let twice = (0..order.len()).find(|place| order[place + 1..].contains(&order[*place]));
        let expected = match (absent, twice) {
            (Some(absent), twice) if twice.is_none_or(|twice| absent <= twice) => {
                Err(OrderError::Absent(order[absent]))
            }
            (_, Some(twice)) => Err(OrderError::Twice(order[twice])),
            _ => Ok(()),
        };
        assert_eq!(self.manager.set_server_order(now, &order), expected);
        if expected.is_ok() {
            self.device.server.order = order;
        }
    }

    fn run_settings(&mut self, op: &Op) {
        let now = self.reach();
        match op {
            Op::StoreWifi(number) => {
                self.manager.store_wifi(now, &network(*number));
                self.device
                    .store(|stored| stored.wifi = Some(network(*number)));
            }
            Op::StoreStatic(number) => {
                self.manager.store_static(now, fixed(*number));
                self.device
                    .store(|stored| stored.ip_config = Some(fixed(*number)));
            }
            Op::StoreProxy(number) => {
                self.manager.store_proxy(now, &proxy(*number));
                self.device
                    .store(|stored| stored.proxy = Some(proxy(*number)));
            }
            Op::Clear(bits) => {
                let parts = StoredParts::from_bits_truncate(*bits);
                self.manager.clear_stored(now, parts);
                self.device.clear(parts);
            }
            Op::Provision(extras, number) => {
                let mut settings = StoredSettings::default();
                settings.wifi = extras.wifi.then(|| network(*number));
                settings.ip_config = extras.fixed.then(|| fixed(*number));
                settings.proxy = extras.proxy.then(|| proxy(*number));
                // It says what Wi-Fi Protected Setup has joined: that has tests of its own.
                let held = self.device.server.held;
                if held.is_some_and(|id| self.device.interface(id).is_joined_by_wps()) {
                    self.disconnect();
                }
                // It would begin anew what runs with other stored settings.
                while let Some(id) = self.runs_with_stored() {
                    self.shut(id);
                }
                // That may have ended a connection with given settings.
                self.settle();
                self.manager.provision(now, &settings);
                self.device.store(|stored| *stored = settings);
                self.device.tell(Told::Provisioned);
            }
            Op::PersistFailed(code) => {
                self.manager
                    .handle_event(now, Event::PersistFailed { code: *code });
                self.device.fail_to_persist();
                self.device.tell(Told::PersistFailed(*code));
            }
            Op::Sealed { lengths, back } => {
                let ticket = latest(&self.seal_tickets, *back);
                let ticket = ticket.unwrap_or(SealTicket::from_bits(0));
                let blobs = lengths.map(|length| Some(vec![b'#'; length?]));
                let [key, password] = blobs
                    .each_ref()
                    .map(|blob| Some(Exposed::Sealed(blob.as_ref()?)));
                self.manager.sealed(now, ticket, Secrets { key, password });
                self.device.last.answer(ticket, &blobs);
            }
            other => panic!("not of settings: {other:?}"),
        }
    }

    fn restart(&mut self, setup: &Setup) {
        self.take_commands(usize::MAX);
        self.take_notices();
        assert_eq!(
            self.persisted,
            *self.manager.stored(),
            "nothing is left to be kept"
        );
        let persisted = core::mem::take(&mut self.persisted);
        let record = persisted.to_record();
        let seen = core::mem::take(&mut self.seen);
        let (now, nics) = (self.now, self.nics);
        *self = Self::new(setup);
        self.manager.load_stored(record.as_bytes()).unwrap();
        self.device.stored = persisted.clone();
        self.device.is_kept = true;
        self.persisted = persisted;
        (self.seen, self.now, self.nics) = (seen, now, nics);
    }

    /// The backend stops answering: every attempt must end with a result.
    pub(super) fn run_out(&mut self, setup: &Setup) {
        self.run(&Op::SetPolicy(Policy::ReturnOnError), setup);
        let begin = self.now;
        let to_deadline = Op::ToDeadline {
            before: 0,
            beyond: 0,
        };
        for _ in 0..100 {
            self.take_commands(usize::MAX);
            self.take_notices();
            let state = self.manager.server_state();
            if matches!(state, ServerState::Disconnected | ServerState::Connected) {
                return;
            }
            self.run(&to_deadline, setup);
            assert!(self.now - begin <= 2_000 * SECOND, "{state} for too long");
        }
        panic!("{} without an end", self.manager.server_state());
    }
}
