//! A device with one interface, and the laws of its inputs and of its rest.

use lankeeper::manager::{ServerCall, Wake};
use lankeeper::stored::StoredSettings;
use lankeeper::{
    Config, ConnectOutcome, Deadline, Handle, Instant, InterfaceId, IpConfig, Manager, Medium, Nic,
    ProxySettings, Recovery, Report, ServerReport, ServerState, State, WifiKey, WifiSettings,
};

use super::laws::Laws;
use super::operation::Operation;
use super::surroundings::{Surroundings, good_report};

/// The most outputs that one input can leave behind, if all were taken before it.
pub(super) const MOST: usize = 40;

/// A fault that is planted in what is seen of the manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// It forgets to be called while it waits for a lease.
    Deadline,
    /// A request whose name was not resolved gets no result.
    Result,
}

pub(super) struct Device {
    pub(super) manager: Manager<1, 3, 2, 8>,
    pub(super) id: InterfaceId,
    pub(super) is_manual: bool,
    now: u64,
    pub(super) handles: Vec<Handle>,
    pub(super) surroundings: Surroundings,
    pub(super) laws: Laws,
    fault: Fault,
}

impl Device {
    pub(super) fn new(config: &Config<1>, fault: Fault) -> Self {
        let id = config.interfaces[0].id;
        let mut manager = Manager::with_capacities(config).unwrap();
        let mut stored = StoredSettings::default();
        stored.wifi = Some(shed());
        manager.load_stored(stored.to_record().as_bytes()).unwrap();
        Self {
            manager,
            id,
            is_manual: config.interfaces[0].recovery == Recovery::Manual,
            now: 1_000_000,
            handles: Vec::new(),
            surroundings: Surroundings::default(),
            laws: Laws::new(id),
            fault,
        }
    }

    pub(super) fn instant(&self) -> Instant {
        Instant::from_micros(self.now)
    }

    pub(super) fn state(&self) -> State {
        self.manager.state(self.id).unwrap()
    }

    pub(super) fn carry_out(&mut self, operation: &Operation) {
        let now = self.instant();
        match *operation {
            Operation::Open => {
                self.laws.asked();
                self.open();
            }
            Operation::Close(which) => {
                self.laws.asked();
                if let Some(handle) = self.handles.get(which) {
                    self.manager.close(now, *handle);
                    let before = format!("{:?}", self.manager.poll_at());
                    self.manager.close(now, *handle);
                    assert_eq!(
                        before,
                        format!("{:?}", self.manager.poll_at()),
                        "closed twice"
                    );
                }
            }
            Operation::Retry(which) => {
                self.laws.asked();
                if let Some(handle) = self.handles.get(which) {
                    let is_stale = self.manager.interface(*handle).is_err();
                    assert_eq!(self.manager.retry(now, *handle).is_err(), is_stale);
                }
            }
            Operation::Enable(on) => {
                self.laws.asked();
                self.manager.set_enabled(now, self.id, on).unwrap();
                assert!(on || self.is_off(), "disabled, and it runs");
            }
            Operation::Pass(span) => self.go(self.now.saturating_add(span)),
            Operation::PassToDeadline(early) => self.go_to_deadline(early),
            Operation::Back(span) => self.go_back(span),
            Operation::Answer => {
                self.take_commands(MOST);
                let newest = self.surroundings.newest_step();
                if let Some((step, ticket)) = newest
                    && let Some(report) = good_report(step)
                {
                    self.manager.handle_event(now, ticket.report(report));
                }
            }
            Operation::Report(report, behind) => self.report(report, behind),
            Operation::Connect(timeout) => {
                self.laws.asked();
                let last = self.last_ended();
                let connected = self.manager.connect(now, timeout);
                self.laws.requested += 1;
                if let Ok(attempt) = connected {
                    self.laws.requested(attempt, last);
                }
            }
            Operation::ConnectWith { settings, timeout } => {
                self.laws.asked();
                let last = self.last_ended();
                let nic = if settings {
                    given(self.id)
                } else {
                    named(self.id)
                };
                let connected = self.manager.connect_with(now, &nic, timeout);
                self.laws.requested += 1;
                if let Ok(attempt) = connected {
                    self.laws.requested(attempt, last);
                }
            }
            Operation::Disconnect(flush) => {
                self.laws.asked();
                self.manager.disconnect(now, flush);
                let state = self.manager.server_state();
                let is_over = matches!(state, ServerState::Disconnected | ServerState::Flushing);
                assert!(is_over, "{state} after a disconnect");
                assert!(flush.is_some() || state == ServerState::Disconnected);
            }
            Operation::Call => {
                self.laws.asked();
                let before = self.manager.server_state();
                self.laws.requested += 1;
                match self.manager.server_call(now) {
                    Ok(ServerCall::Connected) => assert_eq!(before, ServerState::Connected),
                    Ok(ServerCall::Connecting) => {
                        assert_ne!(self.manager.server_state(), ServerState::Disconnected);
                        // What it begins has a number that no reply gives.
                        if before == ServerState::Disconnected {
                            self.laws.waiting = Some(None);
                        }
                    }
                    Err(_) => {}
                }
            }
            Operation::Wake => self.manager.note_wake(now),
            Operation::Policy(policy) => {
                self.laws.asked();
                self.manager.set_policy(now, policy);
                assert_eq!(self.manager.policy(), policy);
            }
            Operation::StoreProxy(on) => {
                self.laws.asked();
                if on {
                    let proxy = ProxySettings::new("proxy.test", 3128).unwrap();
                    self.manager.store_proxy(now, &proxy);
                } else {
                    let proxy = lankeeper::stored::StoredParts::PROXY;
                    self.manager.clear_stored(now, proxy);
                }
            }
            Operation::Provision { network, address } => {
                self.laws.asked();
                let mut stored = StoredSettings::default();
                stored.wifi = network.map(|other| if other { barn() } else { shed() });
                stored.ip_config = address.then(static_address);
                self.manager.provision(now, &stored);
                assert_eq!(*self.manager.stored(), stored);
            }
            Operation::Reapply => {
                self.laws.asked();
                self.manager.reapply(now);
            }
            Operation::Order(has_it) => {
                self.laws.asked();
                let order = &[self.id][..usize::from(has_it)];
                self.manager.set_server_order(now, order).unwrap();
                assert_eq!(self.manager.server_order(), order);
            }
            Operation::Select(is_selected) => {
                self.laws.asked();
                let selected = Some(self.id).filter(|_| is_selected);
                self.manager.select(now, selected).unwrap();
            }
            Operation::AnswerServer => {
                self.take_commands(MOST);
                if let Some((ticket, report)) = self.surroundings.good_server_news() {
                    self.manager.handle_event(now, ticket.report(report));
                }
            }
            Operation::ServerReport(report, behind) => self.server_report(report, behind),
            Operation::Refuse {
                interface,
                server,
                times,
            } => {
                for _ in 0..times {
                    self.refuse(interface, server);
                }
            }
            Operation::TakeCommands(most) => self.take_commands(most),
            Operation::TakeNotices(most) => self.take_notices(most),
            Operation::Settle => self.settle(),
        }
        self.check();
    }

    fn open(&mut self) {
        let opened = self.manager.open(self.instant(), &named(self.id));
        if let Ok(handle) = opened {
            assert!(!self.handles.contains(&handle), "a handle twice (OPEN-6)");
            self.handles.push(handle);
            self.handles.rotate_right(1);
        }
    }

    fn report(&mut self, report: Report, behind: usize) {
        let ticket = self.surroundings.ticket(report, behind);
        if let Some(ticket) = ticket {
            let event = ticket.report(report);
            self.manager.handle_event(self.instant(), event);
        }
    }

    fn server_report(&mut self, report: ServerReport, behind: usize) {
        if let Some(ticket) = self.surroundings.server_ticket(behind) {
            let event = ticket.report(report);
            self.manager.handle_event(self.instant(), event);
        }
    }

    /// All works but what refuses, and the clock goes on to the next deadline.
    fn refuse(&mut self, interface: Option<Report>, server: Option<ServerReport>) {
        for _ in 0..6 {
            self.take_commands(MOST);
            let newest = self.surroundings.newest_step();
            match (newest, interface) {
                (Some((_, ticket)), Some(report))
                    if self.surroundings.ticket(report, 0) == Some(ticket) =>
                {
                    self.report(report, 0);
                }
                (Some((step, ticket)), _) => {
                    if let Some(report) = good_report(step) {
                        self.manager
                            .handle_event(self.instant(), ticket.report(report));
                    }
                }
                (None, _) => {}
            }
            self.take_commands(MOST);
            match (self.surroundings.good_server_news(), server) {
                (Some((_, ServerReport::Connected | ServerReport::Flushed)), Some(report))
                | (Some(_), Some(report @ ServerReport::NotResolved { .. })) => {
                    self.server_report(report, 0);
                }
                (Some((ticket, report)), _) => {
                    self.manager
                        .handle_event(self.instant(), ticket.report(report));
                }
                (None, _) => {}
            }
        }
        self.take_commands(MOST);
        self.take_notices(MOST);
        self.go_to_deadline(0);
    }

    pub(super) fn last_ended(&self) -> Option<lankeeper::AttemptId> {
        let last = self.manager.last_result();
        let is_lost =
            |outcome| self.fault == Fault::Result && outcome == ConnectOutcome::NotResolved;
        last.filter(|last| !is_lost(last.outcome))
            .map(|last| last.attempt)
    }

    /// When it wants to be called.
    pub(super) fn poll_at(&self) -> Option<Deadline<Wake>> {
        let forgets = self.fault == Fault::Deadline
            && matches!(self.state(), State::EthernetDhcping | State::WifiDhcping);
        self.manager.poll_at().filter(|_| !forgets)
    }

    /// Later than a hundred thousand years nothing is new.
    fn go(&mut self, to: u64) {
        self.now = to.min(1 << 61);
        self.manager.handle_timeout(self.instant());
    }

    pub(super) fn go_to_deadline(&mut self, early: u64) {
        if let Some(deadline) = self.manager.poll_at() {
            self.go(deadline.at.as_micros().saturating_sub(early).max(self.now));
        }
    }

    /// An earlier instant changes nothing (TIME-2).
    fn go_back(&mut self, span: u64) {
        let mut before = self.manager.clone();
        before.handle_timeout(self.instant());
        let earlier = Instant::from_micros(self.now.saturating_sub(span));
        self.manager.handle_timeout(earlier);
        self.same(&before);
    }

    pub(super) fn take_commands(&mut self, most: usize) {
        for _ in 0..most {
            let is_held = self.is_held();
            let server = self.manager.server_state();
            let Some(command) = self.manager.poll_command() else {
                return;
            };
            let is_disconnected = server == ServerState::Disconnected;
            let (step, task) = self.surroundings.take(&command);
            assert!(
                step.is_none() || is_held,
                "{step:?}, and nobody holds it (IFC-12)"
            );
            assert!(
                task.is_none() || !is_disconnected,
                "{task:?}, and nobody wants it"
            );
            self.laws.given(self.now, step, task);
        }
        assert!(most < MOST, "more commands than there can be");
    }

    pub(super) fn take_notices(&mut self, most: usize) {
        for _ in 0..most {
            let Some(notice) = self.manager.poll_notice() else {
                return;
            };
            self.laws.take(notice);
        }
        assert!(most < MOST, "more notices than there can be");
    }

    /// Whether somebody holds the interface.
    pub(super) fn is_held(&self) -> bool {
        let mut all = self.manager.snapshot();
        let stands = all.next().unwrap();
        stands.local_holders > 0 || stands.server_holder
    }

    pub(super) fn is_off(&self) -> bool {
        self.state() == State::Unknown || self.state().is_stopped()
    }

    /// Somebody holds the interface from now on.
    pub(super) fn hold(&mut self) {
        self.laws.asked();
        let now = self.instant();
        self.manager.set_enabled(now, self.id, true).unwrap();
        if !self
            .handles
            .iter()
            .any(|it| self.manager.interface(*it).is_ok())
        {
            self.open();
        }
    }

    /// There is something to try, and with something, from now on. Nothing is set again that is so.
    pub(super) fn allow(&mut self) {
        self.laws.asked();
        let now = self.instant();
        self.manager.set_enabled(now, self.id, true).unwrap();
        if self.manager.server_order().is_empty() {
            self.manager.set_server_order(now, &[self.id]).unwrap();
        }
        if self.manager.stored().wifi.is_none() {
            self.manager.store_wifi(now, &shed());
        }
    }

    pub(super) fn connect(&mut self) {
        self.carry_out(&Operation::Connect(None));
    }
}

/// A name-only NIC.
fn named(id: InterfaceId) -> Nic {
    Nic::named(&id.to_string()).unwrap()
}

/// The network that is stored at first, and another one.
fn shed() -> WifiSettings {
    WifiSettings::new(b"shed", WifiKey::plaintext("correct horse").unwrap()).unwrap()
}

fn barn() -> WifiSettings {
    WifiSettings::new(b"barn", WifiKey::plaintext("other horse").unwrap()).unwrap()
}

fn static_address() -> IpConfig {
    IpConfig::new("10.0.0.9/24".parse().unwrap(), None, &[]).unwrap()
}

/// A NIC with settings of its own, as far as the medium has any.
fn given(id: InterfaceId) -> Nic {
    let name = id.to_string();
    match id.medium() {
        Medium::Cellular => named(id),
        Medium::Wifi => Nic::builder(&name).wifi(barn()).build().unwrap(),
        Medium::Ethernet => {
            let proxy = ProxySettings::new("other.test", 80).unwrap();
            Nic::builder(&name)
                .ip_config(static_address())
                .proxy(proxy)
                .build()
                .unwrap()
        }
    }
}
