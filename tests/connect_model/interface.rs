//! One interface according to the IFC rules.

use lankeeper::interface::Step;
use lankeeper::{Cause, InterfaceId, IpConfig, Lease, Medium, Report, State, Ticket, WifiSettings};

use super::output::{Task, Why};
use super::step::{answers, height, span, step_of};

pub(super) const SECOND: u64 = 1_000_000;

/// When a timer fires: a jittered one is a window until its instant is observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timer {
    At(u64),
    Within(u64, u64),
}

impl Timer {
    /// The same two instants later by at least `least` and at most `most`.
    pub(super) fn later(self, least: u64, most: u64) -> Self {
        Self::Within(self.earliest() + least, self.latest() + most)
    }

    /// The latest instant at which it can fire.
    pub(super) fn latest(self) -> u64 {
        match self {
            Self::At(at) | Self::Within(_, at) => at,
        }
    }

    /// The earliest instant at which it can fire.
    pub(super) fn earliest(self) -> u64 {
        match self {
            Self::At(at) | Self::Within(at, _) => at,
        }
    }
}

/// What is reported outside.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    State(State, Option<Why>),
    Address { moved: bool },
    StopFailed(i32),
}

/// Where the settings in use come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Stored,
    Opened,
    /// From a request for the server connection (CFG-2).
    Connection,
    /// From such a request, whose connection has ended.
    Ended,
}

#[derive(Clone, Debug)]
pub(super) struct Interface {
    pub(super) id: InterfaceId,
    automatic: bool,
    pub(super) enabled: bool,
    /// Its two kinds of holders.
    pub(super) local: bool,
    pub(super) server: bool,
    pub(super) state: State,
    pub(super) reason: Option<Why>,
    pub(super) address: Option<IpConfig>,
    pub(super) timer: Option<Timer>,
    /// The step at which the next try begins (IFC-14).
    rung: Step,
    /// How many tries have failed in a row.
    failed: u8,
    /// The newest try failed because PPP was silent.
    was_silent: bool,
    /// The settings in use.
    pub(super) network: Option<WifiSettings>,
    pub(super) fixed: Option<IpConfig>,
    pub(super) origin: Origin,
    /// Whether the network is a given one, and not that which was stored.
    pub(super) has_own_network: bool,
    /// Whether Wi-Fi Protected Setup has brought the network, which nobody has provisioned since.
    pub(super) is_unknown: bool,
    /// Commands that were polled and are still valid.
    pub(super) live: Vec<(Ticket, Step)>,
    /// The newest command that ended something, unless it is known to have failed.
    pub(super) ended: Option<Ticket>,
    stops: bool,
    /// A stop was polled, and nothing that begins a step since.
    is_stopped: bool,
    powers_down: bool,
    begins: Option<Step>,
    powered: bool,
    pub(super) changes: Vec<Change>,
}

impl Interface {
    pub(super) fn new(id: InterfaceId, automatic: bool) -> Self {
        Self {
            id,
            automatic,
            enabled: true,
            local: false,
            server: false,
            state: State::Unknown,
            reason: None,
            address: None,
            timer: None,
            rung: Step::Power,
            failed: 0,
            was_silent: false,
            network: None,
            fixed: None,
            origin: Origin::Stored,
            has_own_network: false,
            is_unknown: false,
            live: Vec::new(),
            ended: None,
            stops: false,
            is_stopped: false,
            powers_down: false,
            begins: None,
            powered: false,
            changes: Vec::new(),
        }
    }

    pub(super) fn is_held(&self) -> bool {
        self.local || self.server
    }

    pub(super) fn use_settings(
        &mut self,
        network: Option<WifiSettings>,
        fixed: Option<IpConfig>,
        origin: Origin,
    ) {
        self.network = network;
        self.fixed = fixed;
        self.origin = origin;
        self.has_own_network = false;
    }

    /// A request starts the interface now.
    pub(super) fn start(&mut self, now: u64) {
        if self.state == State::Unknown {
            return self.step(now, State::Starting, None);
        }
        if !self.state.is_stopped() {
            return;
        }
        if self.failed >= 4 {
            self.failed = 0;
            self.rung = Step::Power;
            self.end_from(0);
        }
        match self.rung {
            Step::Power => self.step(now, State::Starting, None),
            Step::Scan => self.look_for_network(now, None, None),
            Step::Link => self.step(now, State::EthernetLinkUp, None),
            Step::Dhcp => self.get_address(now),
            Step::Registration => self.step(now, State::CellularRegistering, None),
            Step::Ppp => self.step(now, State::CellularPppConnecting, None),
            rung => panic!("no deadline leads to {rung:?}"),
        }
    }

    /// Stops, because there is no holder any more.
    pub(super) fn stop(&mut self, cause: Cause) {
        if self.state != State::Unknown {
            self.end_from(0);
            self.rung = Step::Power;
            self.failed = 0;
            self.was_silent = false;
            self.rest(self.stopped(), reason(cause, None, None));
        }
    }

    /// It is stopped only because DHCP or the registration took long, and tries on by itself.
    pub(super) fn keeps_on(&self) -> bool {
        let is_slow = self.reason.is_some_and(|why| {
            why.cause == Cause::TimedOut
                && matches!(why.step, Some(Step::Dhcp | Step::Registration))
        });
        is_slow && self.automatic && self.is_held() && self.failed < 4
    }

    fn stopped(&self) -> State {
        match self.id.medium() {
            Medium::Wifi => State::WifiStopped,
            Medium::Ethernet => State::EthernetStopped,
            Medium::Cellular => State::CellularStopped,
        }
    }

    fn unhappy(&self) -> State {
        match self.id.medium() {
            Medium::Wifi => State::WifiStoppedUnhappy,
            Medium::Ethernet => State::EthernetStoppedUnhappy,
            Medium::Cellular => State::CellularStoppedUnhappy,
        }
    }

    fn go(&mut self, state: State, reason: Option<Why>) {
        self.address = None;
        self.reason = reason.filter(|_| state.is_stopped());
        if self.state != state {
            self.state = state;
            if matches!(
                state,
                State::Starting | State::WifiScanning | State::WifiWpsing
            ) {
                self.is_unknown = state == State::WifiWpsing;
            }
            self.changes.push(Change::State(state, reason));
        }
    }

    fn step(&mut self, now: u64, state: State, lost: Option<Why>) {
        let step = step_of(state).unwrap();
        self.begin(step);
        self.timer = Some(Timer::At(now + span(step)));
        self.go(state, lost);
    }

    fn begin(&mut self, step: Step) {
        self.live.retain(|(_, other)| height(*other) < height(step));
        self.begins = Some(step);
    }

    /// Ends everything from this layer on, one of the two lowest.
    fn end_from(&mut self, layer: u8) {
        self.live.retain(|(_, step)| height(*step) < layer);
        self.begins = self.begins.filter(|step| height(*step) < layer);
        self.stops |= self.powered && !self.is_stopped;
        self.powers_down |= self.powered && layer == 0;
    }

    fn rest(&mut self, state: State, reason: Why) {
        self.timer = None;
        self.go(state, Some(reason));
    }

    /// A step has failed, or its result was lost: the next try begins at `rung`, and what lies below
    /// it is left as it is (IFC-14).
    fn fail(&mut self, state: State, cause: Cause, code: Option<i32>, rung: Step) {
        let why = reason(cause, step_of(self.state), code);
        self.fail_with(state, why, rung);
    }

    fn fail_with(&mut self, state: State, why: Why, rung: Step) {
        assert!(!self.state.is_stopped(), "a stopped one is shut down");
        self.rung = rung;
        if state != State::EthernetStoppedNoLink {
            self.failed += 1;
            let is_silent = (rung, why.cause) == (Step::Ppp, Cause::TimedOut);
            let hangs = is_silent && self.was_silent;
            self.was_silent = is_silent && !hangs;
            if hangs {
                self.rung = Step::Power;
            }
        }
        if state == self.unhappy() {
            self.end_from(0);
        } else if height(self.rung) > 1 || self.rung == Step::Link {
            let rung = height(self.rung);
            self.live.retain(|(_, step)| height(*step) <= rung);
            self.begins = self.begins.filter(|step| height(*step) <= rung);
        } else {
            self.end_from(1);
        }
        self.rest(state, why);
    }

    /// Leaves CONNECTED: to this step at once if it was stable, else it has failed (IFC-6).
    fn go_back(&mut self, now: u64, state: State, cause: Cause, code: Option<i32>) {
        let is_stable = self.automatic && self.timer.is_none();
        let lost = Some(reason(cause, None, code));
        if !is_stable {
            self.fail(self.stopped(), cause, code, step_of(state).unwrap());
        } else if state == State::WifiScanning {
            self.look_for_network(now, lost, code);
        } else {
            self.step(now, state, lost);
        }
    }

    fn look_for_network(&mut self, now: u64, lost: Option<Why>, code: Option<i32>) {
        if self.network.is_some() {
            self.step(now, State::WifiScanning, lost);
        } else {
            // The radio stays on (IFC-17).
            if self.state == State::Connected {
                self.end_from(1);
            }
            self.rung = Step::Scan;
            let why = reason(Cause::NoCredentials, step_of(self.state), code);
            self.rest(State::WifiStopped, why);
        }
    }

    fn get_address(&mut self, now: u64) {
        let dhcping = match self.id.medium() {
            Medium::Wifi => State::WifiDhcping,
            _ => State::EthernetDhcping,
        };
        match self.fixed {
            None => self.step(now, dhcping, None),
            Some(address) => {
                self.begin(Step::StaticAddress);
                self.connect(now, address);
            }
        }
    }

    fn connect(&mut self, now: u64, address: IpConfig) {
        self.go(State::Connected, None);
        self.address = Some(address);
        self.timer = self.automatic.then_some(Timer::At(now + 300 * SECOND));
        self.was_silent = false;
    }

    fn renew(&mut self, renewed: IpConfig) {
        if self.address != Some(renewed) {
            let host = |address: IpConfig| address.prefix().address();
            let moved = self.address.map(host) != Some(host(renewed));
            self.changes.push(Change::Address { moved });
        }
        self.address = Some(renewed);
    }

    pub(super) fn report(&mut self, now: u64, ticket: Ticket, report: Report) {
        if let (Report::Fault { code }, true) = (report, self.ended == Some(ticket)) {
            self.ended = None;
            return self.changes.push(Change::StopFailed(code));
        }
        let mut live = self.live.iter();
        let Some((_, of)) = live.find(|(other, _)| *other == ticket) else {
            return;
        };
        let of = *of;
        if !answers(report, of) {
            return;
        }
        let is_up = self.state == State::Connected;
        let joining = matches!(self.state, State::WifiJoining | State::WifiWpsing);
        let seeking = joining || self.state == State::WifiScanning;
        let dialled = matches!(self.state, State::CellularPppConnecting | State::Connected);
        let registering = self.state == State::CellularRegistering || dialled;
        let has_sim = self.state == State::CellularWaitingForSim || registering;
        match report {
            Report::Ready if self.state == State::Starting => match self.id.medium() {
                Medium::Wifi => self.look_for_network(now, None, None),
                Medium::Ethernet => self.step(now, State::EthernetLinkUp, None),
                Medium::Cellular => self.step(now, State::CellularPinging, None),
            },
            Report::WpsStarted if self.id.medium() == Medium::Wifi => match self.state {
                State::Starting | State::WifiScanning | State::WifiJoining => {
                    self.step(now, State::WifiWpsing, None);
                }
                _ => {}
            },
            Report::NetworkFound if self.state == State::WifiScanning => {
                self.step(now, State::WifiJoining, None);
            }
            Report::NetworkNotFound { code } if seeking => {
                self.fail(State::WifiStopped, Cause::NotFound, Some(code), Step::Scan);
            }
            Report::Joined if joining => {
                self.go(State::WifiLinkUp, None);
                self.get_address(now);
            }
            Report::WrongKey { code } if seeking || self.state == State::WifiDhcping || is_up => {
                self.lose_network(now, Cause::WrongCredentials, code);
            }
            Report::JoinRejected { code } => self.lose_network(now, Cause::Rejected, code),
            Report::LinkLost { code } => self.lose_network(now, Cause::LinkLost, code),
            Report::CarrierUp if self.state == State::EthernetLinkUp => self.get_address(now),
            Report::CarrierDown if self.state != State::Starting => {
                let state = State::EthernetStoppedNoLink;
                self.fail(state, Cause::NoCarrier, None, Step::Link);
            }
            Report::Lease(lease) => match lease.config() {
                Ok(address) if is_up => self.renew(address),
                Ok(address) => self.connect(now, address),
                Err(_) => self.refuse(now, Cause::NoAddress, None),
            },
            Report::LeaseRefused { code } => self.refuse(now, Cause::NoAddress, Some(code)),
            Report::LeaseLost if is_up => self.refuse(now, Cause::LeaseLost, None),
            Report::ModemAlive if self.state == State::CellularPinging => {
                self.step(now, State::CellularWaitingForSim, None);
            }
            Report::SimReady if self.state == State::CellularWaitingForSim => {
                self.step(now, State::CellularRegistering, None);
            }
            Report::SimFailed { code } if has_sim => {
                self.fail(State::CellularStopped, Cause::Sim, Some(code), Step::Sim);
            }
            Report::Registered if self.state == State::CellularRegistering => {
                self.step(now, State::CellularPppConnecting, None);
            }
            Report::RegistrationDenied { code } if registering => {
                let (state, cause) = (State::CellularRegistrationDenied, Cause::RegistrationDenied);
                self.fail(state, cause, Some(code), Step::Registration);
            }
            Report::RegistrationLost if is_up => {
                self.go_back(
                    now,
                    State::CellularRegistering,
                    Cause::RegistrationLost,
                    None,
                );
            }
            Report::RegistrationLost if dialled => {
                let cause = Cause::RegistrationLost;
                self.fail(self.stopped(), cause, None, Step::Registration);
            }
            Report::PppUp(lease) => match granted(lease) {
                Some(address) if is_up => self.renew(address),
                Some(address) => self.connect(now, address),
                None => self.hang_up(now, None),
            },
            Report::PppDown { code } => self.hang_up(now, Some(code)),
            Report::Fault { code } => self.break_down(of, code),
            _ => {}
        }
    }

    /// The network, joined or not, is not to be had.
    fn lose_network(&mut self, now: u64, cause: Cause, code: i32) {
        if self.state == State::Connected {
            self.go_back(now, State::WifiScanning, cause, Some(code));
        } else {
            self.fail(State::WifiStopped, cause, Some(code), Step::Scan);
        }
    }

    fn refuse(&mut self, now: u64, cause: Cause, code: Option<i32>) {
        let dhcping = match self.id.medium() {
            Medium::Wifi => State::WifiDhcping,
            _ => State::EthernetDhcping,
        };
        if self.state == State::Connected {
            self.go_back(now, dhcping, cause, code);
        } else {
            self.fail(self.stopped(), cause, code, Step::Dhcp);
        }
    }

    fn hang_up(&mut self, now: u64, code: Option<i32>) {
        if self.state == State::Connected {
            self.go_back(now, State::CellularPppConnecting, Cause::Ppp, code);
        } else {
            self.fail(State::CellularStopped, Cause::Ppp, code, Step::Ppp);
        }
    }

    fn break_down(&mut self, of: Step, code: i32) {
        // An address that cannot be set is known once the interface counts as connected.
        let step = match (of, self.state) {
            (Step::StaticAddress, State::Connected) => Some(of),
            _ => step_of(self.state),
        };
        let why = reason(Cause::Fault, step, Some(code));
        self.fail_with(self.unhappy(), why, Step::Power);
    }

    /// Its timer fires.
    pub(super) fn fire(&mut self) {
        let stopped = self.stopped();
        let (state, cause, rung) = match self.state {
            State::Connected => {
                self.timer = None;
                self.failed = 0;
                return;
            }
            State::Starting | State::CellularPinging => {
                (self.unhappy(), Cause::TimedOut, Step::Power)
            }
            State::EthernetLinkUp => (State::EthernetStoppedNoLink, Cause::NoCarrier, Step::Link),
            State::WifiScanning => (stopped, Cause::TimedOut, Step::Scan),
            State::WifiDhcping | State::EthernetDhcping => (stopped, Cause::TimedOut, Step::Dhcp),
            State::CellularRegistering => (stopped, Cause::TimedOut, Step::Registration),
            State::CellularPppConnecting => (stopped, Cause::TimedOut, Step::Ppp),
            // What does not answer there hangs.
            _ => (stopped, Cause::TimedOut, Step::Power),
        };
        self.fail(state, cause, None, rung);
    }

    /// The command that this report can answer, if the backend has it and it is still valid.
    pub(super) fn ticket_for(&self, report: Report) -> Option<Ticket> {
        let mut live = self.live.iter().rev();
        let (ticket, _) = live.find(|(_, step)| answers(report, *step))?;
        Some(*ticket)
    }

    /// Whether a step is running or its command is pending.
    /// Whether Wi-Fi Protected Setup runs, or has brought the link.
    pub(super) fn is_joined_by_wps(&self) -> bool {
        self.state == State::WifiWpsing || self.live.iter().any(|(_, step)| *step == Step::Wps)
    }

    pub(super) fn is_on_its_way(&self) -> bool {
        step_of(self.state).is_some() || self.begins.is_some()
    }

    pub(super) fn has_ending(&self) -> bool {
        self.stops || self.powers_down
    }

    pub(super) fn has_beginning(&self) -> bool {
        self.begins.is_some()
    }

    pub(super) fn take_ending(&mut self, ticket: Option<Ticket>) -> Option<Task> {
        self.ended = ticket;
        if core::mem::take(&mut self.stops) {
            self.is_stopped = true;
            return Some(Task::Stop);
        }
        core::mem::take(&mut self.powers_down).then(|| {
            self.powered = false;
            Task::PowerDown
        })
    }

    pub(super) fn take_beginning(&mut self, ticket: Option<Ticket>) -> Option<Task> {
        let step = self.begins.take()?;
        self.powered |= step == Step::Power;
        self.is_stopped = false;
        self.live.extend(ticket.map(|ticket| (ticket, step)));
        let network = || self.network.clone().expect("without one nothing is tried");
        Some(match step {
            Step::Power => Task::PowerUp,
            Step::Scan => Task::Scan(network()),
            Step::Join => Task::Join(network()),
            Step::Wps => Task::Wps,
            Step::Link => Task::StartLink,
            Step::Dhcp => Task::StartDhcp,
            Step::StaticAddress => Task::SetAddress(self.fixed.expect("a static address")),
            Step::Modem => Task::PingModem,
            Step::Sim => Task::ReadSim,
            Step::Registration => Task::Register,
            Step::Ppp => Task::Dial,
            other => panic!("not known: {other:?}"),
        })
    }
}

fn reason(cause: Cause, step: Option<Step>, code: Option<i32>) -> Why {
    Why { cause, step, code }
}

/// A PPP address has no subnet: its prefix length is 32 (IFC-5).
fn granted(lease: Lease) -> Option<IpConfig> {
    let lease = lease.config().ok()?;
    IpConfig::point_to_point(lease.address(), lease.gateway(), lease.name_servers()).ok()
}
