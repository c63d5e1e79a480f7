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
    /// A delay that jitter shortens by at most a quarter.
    pub(super) fn jittered(now: u64, span: u64) -> Self {
        Self::Within(now + span - span / 4, now + span)
    }

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
    Address,
    StopFailed(i32),
}

/// Where the settings in use come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Stored,
    Opened,
    /// From a request for the server connection (CFG-2).
    Connection,
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
    back_off: u64,
    /// The settings in use.
    pub(super) network: Option<WifiSettings>,
    pub(super) fixed: Option<IpConfig>,
    pub(super) origin: Origin,
    /// Commands that were polled and are still valid.
    pub(super) live: Vec<(Ticket, Step)>,
    /// The newest command that ended something, unless it is known to have failed.
    pub(super) ended: Option<Ticket>,
    stops: bool,
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
            back_off: SECOND,
            network: None,
            fixed: None,
            origin: Origin::Stored,
            live: Vec::new(),
            ended: None,
            stops: false,
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
    }

    /// A request starts the interface now.
    pub(super) fn start(&mut self, now: u64) {
        match self.state {
            State::EthernetStoppedNoLink => self.step(now, State::EthernetLinkUp, None),
            state if state == State::Unknown || state.is_stopped() => {
                self.step(now, State::Starting, None);
            }
            _ => {}
        }
    }

    /// Stops, because there is no holder any more.
    pub(super) fn stop(&mut self, now: u64, cause: Cause) {
        if self.state != State::Unknown {
            let reason = reason(cause, None, None);
            self.halt(now, self.stopped(), reason, 0);
        }
    }

    /// The local holders have left and the server connection remains: recovery ends, because only
    /// local holders have it.
    pub(super) fn recover_no_more(&mut self) {
        if self.state.is_stopped() {
            self.timer = None;
        }
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

    /// Stops, and ends everything from this layer on.
    fn halt(&mut self, now: u64, state: State, reason: Why, from: u8) {
        self.live.retain(|(_, step)| height(*step) < from);
        self.begins = self.begins.filter(|step| height(*step) < from);
        self.stops |= self.powered && from <= 1;
        self.powers_down |= self.powered && from == 0;
        let asked = matches!(
            reason.cause,
            Cause::Closed | Cause::Disabled | Cause::Switched
        );
        let tries = self.automatic && self.local && !asked && reason.cause != Cause::NoCredentials;
        let wait = match state {
            State::EthernetStoppedNoLink => 60 * SECOND,
            _ => self.back_off,
        };
        self.timer = tries.then(|| Timer::jittered(now, wait));
        self.go(state, Some(reason));
    }

    /// A step has failed, or its result was lost.
    fn fail(&mut self, now: u64, state: State, cause: Cause, code: Option<i32>, from: u8) {
        let reason = reason(cause, step_of(self.state), code);
        self.halt(now, state, reason, from);
    }

    fn look_for_network(&mut self, now: u64, lost: Option<Why>, code: Option<i32>) {
        if self.network.is_some() {
            self.step(now, State::WifiScanning, lost);
        } else {
            self.fail(now, State::WifiStopped, Cause::NoCredentials, code, 1);
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
        self.timer = self.automatic.then_some(Timer::At(now + 60 * SECOND));
    }

    fn renew(&mut self, renewed: IpConfig) {
        if self.address != Some(renewed) {
            self.changes.push(Change::Address);
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
        let lost = |cause, code| is_up.then_some(reason(cause, None, code));
        let joining = matches!(self.state, State::WifiJoining | State::WifiWpsing);
        let joined = matches!(self.state, State::WifiDhcping | State::Connected);
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
            Report::NetworkNotFound { code } if self.state == State::WifiScanning => {
                self.fail(now, State::WifiStopped, Cause::NotFound, Some(code), 1);
            }
            Report::Joined if joining => {
                self.go(State::WifiLinkUp, None);
                self.get_address(now);
            }
            Report::WrongKey { code } if joining => {
                self.fail(
                    now,
                    State::WifiStopped,
                    Cause::WrongCredentials,
                    Some(code),
                    1,
                );
            }
            Report::JoinRejected { code } if joining => {
                self.fail(now, State::WifiStopped, Cause::Rejected, Some(code), 1);
            }
            Report::LinkLost { code } if joining => {
                self.fail(now, State::WifiStopped, Cause::LinkLost, Some(code), 1);
            }
            Report::WrongKey { code } if joined => {
                let lost = lost(Cause::WrongCredentials, Some(code));
                self.look_for_network(now, lost, Some(code));
            }
            Report::JoinRejected { code } if joined => {
                self.look_for_network(now, lost(Cause::Rejected, Some(code)), Some(code));
            }
            Report::LinkLost { code } if joined => {
                self.look_for_network(now, lost(Cause::LinkLost, Some(code)), Some(code));
            }
            Report::CarrierUp => match self.state {
                State::EthernetLinkUp => self.get_address(now),
                State::EthernetStoppedNoLink if self.automatic => {
                    self.step(now, State::EthernetLinkUp, None);
                }
                _ => {}
            },
            Report::CarrierDown => match self.state {
                State::EthernetLinkUp | State::EthernetDhcping | State::Connected => {
                    self.fail(now, State::EthernetStoppedNoLink, Cause::NoCarrier, None, 4);
                }
                _ => {}
            },
            Report::Lease(lease) => match lease.config() {
                Ok(address) if is_up => self.renew(address),
                Ok(address) => self.connect(now, address),
                Err(_) => self.refuse(now, lost(Cause::NoAddress, None), None),
            },
            Report::LeaseRefused { code } => {
                self.refuse(now, lost(Cause::NoAddress, Some(code)), Some(code));
            }
            Report::LeaseLost if is_up => self.ask_again(now, lost(Cause::LeaseLost, None)),
            Report::ModemAlive if self.state == State::CellularPinging => {
                self.step(now, State::CellularWaitingForSim, None);
            }
            Report::SimReady if self.state == State::CellularWaitingForSim => {
                self.step(now, State::CellularRegistering, None);
            }
            Report::SimFailed { code } if has_sim => {
                self.fail(now, State::CellularStopped, Cause::Sim, Some(code), 1);
            }
            Report::Registered if self.state == State::CellularRegistering => {
                self.step(now, State::CellularPppConnecting, None);
            }
            Report::RegistrationDenied { code } if registering => {
                let state = State::CellularRegistrationDenied;
                self.fail(now, state, Cause::RegistrationDenied, Some(code), 1);
            }
            Report::RegistrationLost if dialled => {
                let lost = lost(Cause::RegistrationLost, None);
                self.step(now, State::CellularRegistering, lost);
            }
            Report::PppUp(lease) => match granted(lease) {
                Some(address) if is_up => self.renew(address),
                Some(address) => self.connect(now, address),
                None => self.hang_up(now, lost(Cause::Ppp, None), None),
            },
            Report::PppDown { code } => self.hang_up(now, lost(Cause::Ppp, Some(code)), Some(code)),
            Report::Fault { code } => self.break_down(now, of, code),
            _ => {}
        }
    }

    fn refuse(&mut self, now: u64, lost: Option<Why>, code: Option<i32>) {
        if self.state == State::Connected {
            self.ask_again(now, lost);
        } else {
            self.fail(now, self.stopped(), Cause::NoAddress, code, 1);
        }
    }

    fn ask_again(&mut self, now: u64, lost: Option<Why>) {
        match self.id.medium() {
            Medium::Wifi => self.step(now, State::WifiDhcping, lost),
            _ => self.step(now, State::EthernetDhcping, lost),
        }
    }

    fn hang_up(&mut self, now: u64, lost: Option<Why>, code: Option<i32>) {
        if self.state == State::Connected {
            self.step(now, State::CellularPppConnecting, lost);
        } else {
            self.fail(now, State::CellularStopped, Cause::Ppp, code, 1);
        }
    }

    fn break_down(&mut self, now: u64, of: Step, code: i32) {
        let runs = !self.state.is_stopped() || self.state == State::EthernetStoppedNoLink;
        if !runs {
            return;
        }
        // An address that cannot be set is known once the interface counts as connected.
        let step = match (of, self.state) {
            (Step::StaticAddress, State::Connected) => Some(of),
            _ => step_of(self.state),
        };
        let reason = reason(Cause::Fault, step, Some(code));
        self.halt(now, self.unhappy(), reason, 0);
    }

    /// Its timer fires.
    pub(super) fn fire(&mut self, now: u64) {
        self.timer = None;
        match self.state {
            State::Connected => self.back_off = SECOND,
            State::EthernetStoppedNoLink => self.start(now),
            state if state.is_stopped() => {
                self.back_off = (2 * self.back_off).min(60 * SECOND);
                self.start(now);
            }
            State::Starting | State::CellularPinging => {
                self.fail(now, self.unhappy(), Cause::TimedOut, None, 0);
            }
            State::EthernetLinkUp => {
                self.fail(now, State::EthernetStoppedNoLink, Cause::NoCarrier, None, 4);
            }
            _ => self.fail(now, self.stopped(), Cause::TimedOut, None, 1),
        }
    }

    /// The command that this report can answer, if the backend has it and it is still valid.
    pub(super) fn ticket_for(&self, report: Report) -> Option<Ticket> {
        let mut live = self.live.iter().rev();
        let (ticket, _) = live.find(|(_, step)| answers(report, *step))?;
        Some(*ticket)
    }

    /// Whether a step is running or its command is pending.
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
