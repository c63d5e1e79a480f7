//! An independent model of one Ethernet interface, written from the rules. It runs in lock-step
//! with the manager, and both must agree after every operation.

use lankeeper::{
    Cause, Command, Duration, Handle, Instant, InterfaceConfig, Manager, Nic, Recovery, Report,
    State,
};
use proptest::prelude::*;

use crate::support::bound::bounded;
use crate::support::operation::{Op, config, op};
use crate::support::{ETH0, Rig};

const SECOND: u128 = 1_000_000;

/// The layers, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    Power,
    Link,
    Address,
}

/// The state of the interface according to the rules.
struct Model {
    automatic: bool,
    enabled: bool,
    open: usize,
    now: u128,
    state: State,
    cause: Option<Cause>,
    /// The deadline of the step, or the end of the stable time in CONNECTED.
    deadline: Option<u128>,
    /// In a stopped state: the earliest and the latest instant of the retry.
    retry: Option<Window>,
    /// The same of the newest back-off, also after the interface went on.
    not_before: Window,
    back_off: u128,
    /// Whether CONNECTED has held for the stability time.
    is_stable: bool,
    /// How many tries have failed in a row.
    failed: u32,
    /// The layer at which the next try begins.
    rung: Layer,
    /// Whether the step that failed has succeeded after all.
    is_late: bool,
    /// Whether the back-off without a carrier is over.
    watches: bool,
    /// Commands that were polled and are still valid: number and layer.
    live: Vec<(usize, Layer)>,
    /// The next command to poll, and the stops before it.
    begin: Option<Layer>,
    ends: Vec<&'static str>,
    powered: bool,
    handed_out: usize,
}

/// The earliest and the latest instant.
type Window = (u128, u128);

fn later_of(one: Window, other: Window) -> Window {
    (one.0.max(other.0), one.1.max(other.1))
}

impl Model {
    fn new(config: &InterfaceConfig) -> Self {
        Self {
            automatic: config.recovery != Recovery::Manual,
            enabled: true,
            open: 0,
            now: 0,
            state: State::Unknown,
            cause: None,
            deadline: None,
            retry: None,
            not_before: (0, 0),
            back_off: SECOND,
            is_stable: false,
            failed: 0,
            rung: Layer::Power,
            is_late: false,
            watches: false,
            live: Vec::new(),
            begin: None,
            ends: Vec::new(),
            powered: false,
            handed_out: 0,
        }
    }

    /// Advances to `now`; `fired` says whether the manager's retry timer has fired.
    fn reach(&mut self, now: u128, fired: bool) {
        self.now = self.now.max(now);
        if self.retry.is_some() && fired {
            if self.state == State::EthernetStoppedNoLink && !self.is_late {
                if !self.watches {
                    self.watches = true;
                    let rest = |longest: u128| {
                        let rest = longest.saturating_sub(self.back_off);
                        self.now + rest.max(SECOND / 1_000)
                    };
                    self.retry = Some((rest(45 * SECOND), rest(60 * SECOND)));
                    return;
                }
            } else {
                self.lengthen();
            }
            return self.start();
        }
        if self.deadline.is_none_or(|deadline| deadline > self.now) {
            return;
        }
        match self.state {
            State::Starting => self.fail(State::EthernetStoppedUnhappy, Cause::TimedOut),
            State::EthernetLinkUp => self.fail(State::EthernetStoppedNoLink, Cause::NoCarrier),
            State::EthernetDhcping => self.fail(State::EthernetStopped, Cause::TimedOut),
            State::Connected => {
                self.deadline = None;
                self.back_off = SECOND;
                self.is_stable = true;
                self.failed = 0;
            }
            other => panic!("a deadline in {other}"),
        }
    }

    fn lengthen(&mut self) {
        self.back_off = (self.back_off * 2).min(60 * SECOND);
    }

    /// When a delay from now on, less up to a quarter, is over.
    const fn shortened(&self, full: u128) -> Window {
        (self.now + full - full / 4, self.now + full)
    }

    fn start(&mut self) {
        if self.state == State::Unknown {
            return self.step(Layer::Power);
        }
        if !self.state.is_stopped() {
            return;
        }
        self.not_before = (self.now, self.now);
        if self.is_late && self.rung == Layer::Address {
            return self.connect();
        }
        if self.failed >= 4 {
            self.failed = 0;
            self.rung = Layer::Power;
            self.power_down();
        }
        self.step(self.rung);
    }

    fn step(&mut self, layer: Layer) {
        let (state, secs) = match layer {
            Layer::Power => (State::Starting, 10),
            Layer::Link => (State::EthernetLinkUp, 5),
            Layer::Address => (State::EthernetDhcping, 30),
        };
        self.enter(state);
        self.deadline = self.later(secs * SECOND);
        self.live.retain(|(_, other)| *other < layer);
        self.begin = Some(layer);
    }

    fn connect(&mut self) {
        self.enter(State::Connected);
        self.deadline = self.later(300 * SECOND).filter(|_| self.automatic);
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.cause = None;
        self.retry = None;
        self.deadline = None;
        self.is_stable = false;
        self.is_late = false;
        self.watches = false;
    }

    fn later(&self, span: u128) -> Option<u128> {
        Some((self.now + span).min(u64::MAX.into())).filter(|at| *at > self.now)
    }

    fn power_down(&mut self) {
        self.live.clear();
        self.begin = None;
        if self.powered {
            self.ends = vec!["Stop", "PowerDown"];
        }
    }

    fn fail(&mut self, state: State, cause: Cause) {
        self.rung = match state {
            State::EthernetStoppedNoLink => Layer::Link,
            State::EthernetStopped => Layer::Address,
            _ => Layer::Power,
        };
        match self.rung {
            Layer::Power => self.power_down(),
            // Nothing below is ended, and no command ends what is above.
            rung => {
                self.live.retain(|(_, layer)| *layer <= rung);
                self.begin = self.begin.filter(|layer| *layer <= rung);
            }
        }
        // What fails in a stopped state is no other try, and the carrier does not count.
        if !self.state.is_stopped() && self.rung != Layer::Link {
            self.failed += 1;
        }
        self.enter(state);
        self.cause = Some(cause);
        self.not_before = later_of(self.not_before, self.shortened(self.back_off));
        self.wait_for_retry();
    }

    fn conflict(&mut self) {
        let then = self.now + 10 * SECOND;
        self.not_before = later_of(self.not_before, (then, then));
        self.wait_for_retry();
    }

    fn wait_for_retry(&mut self) {
        self.retry = Some(self.not_before).filter(|_| self.automatic);
    }

    fn close(&mut self, cause: Cause) {
        if self.state != State::Unknown {
            self.power_down();
            self.enter(State::EthernetStopped);
            self.cause = Some(cause);
            self.failed = 0;
            self.rung = Layer::Power;
        }
    }

    fn report(&mut self, command: usize, report: Report) {
        let layer = match report {
            Report::Ready => Some(Layer::Power),
            Report::CarrierUp | Report::CarrierDown => Some(Layer::Link),
            Report::Fault { .. } => None,
            _ => Some(Layer::Address),
        };
        let counts =
            |(live, of): &(usize, Layer)| *live == command && layer.is_none_or(|s| s == *of);
        if !self.live.iter().any(counts) {
            return;
        }
        let good = match report {
            Report::Lease(lease) => lease.config().is_ok(),
            _ => false,
        };
        let of_lease = match report {
            Report::Lease(_) | Report::LeaseRefused { .. } => Some(Cause::NoAddress),
            Report::LeaseLost => Some(Cause::LeaseLost),
            _ => None,
        };
        match (self.state, report, of_lease) {
            (State::Starting, Report::Ready, _) => self.step(Layer::Link),
            (State::EthernetLinkUp, Report::CarrierUp, _) => self.step(Layer::Address),
            (State::EthernetStoppedNoLink, Report::CarrierUp, _) if self.automatic => {
                if self.watches {
                    self.lengthen();
                    self.step(Layer::Link);
                } else {
                    self.is_late = true;
                }
            }
            (State::EthernetStoppedNoLink, Report::CarrierDown, _) => self.is_late = false,
            (State::Starting, Report::CarrierDown, _) => {}
            (_, Report::CarrierDown, _) => {
                self.fail(State::EthernetStoppedNoLink, Cause::NoCarrier);
            }
            (State::EthernetDhcping, Report::Lease(_), _) if good => self.connect(),
            (State::EthernetDhcping, Report::LeaseLost, _) => {}
            (State::EthernetDhcping, _, Some(cause)) => {
                self.fail(State::EthernetStopped, cause);
            }
            (State::Connected, Report::Lease(_), _) if good => {}
            (State::Connected, _, Some(_)) if self.is_stable => self.step(Layer::Address),
            (State::Connected, _, Some(cause)) => self.fail(State::EthernetStopped, cause),
            (State::EthernetStopped, _, Some(_)) => self.is_late = good,
            (State::EthernetDhcping | State::Connected, Report::AddressConflict, _) => {
                self.fail(State::EthernetStopped, Cause::AddressConflict);
                self.conflict();
            }
            (State::EthernetStopped, Report::AddressConflict, _) => {
                self.is_late = false;
                self.conflict();
            }
            (_, Report::Fault { .. }, _) => {
                self.fail(State::EthernetStoppedUnhappy, Cause::Fault);
            }
            _ => {}
        }
    }

    /// The names of all commands that can be polled now.
    fn take_commands(&mut self) -> Vec<String> {
        let mut names: Vec<String> = core::mem::take(&mut self.ends)
            .into_iter()
            .map(String::from)
            .collect();
        if names.iter().any(|name| name == "PowerDown") {
            self.powered = false;
        }
        if let Some(layer) = self.begin.take() {
            self.powered |= layer == Layer::Power;
            self.handed_out += 1;
            self.live.push((self.handed_out, layer));
            names.push(
                match layer {
                    Layer::Power => "PowerUp",
                    Layer::Link => "StartLink",
                    Layer::Address => "StartDhcp",
                }
                .into(),
            );
        }
        names
    }
}

/// When the next timer of the manager fires.
fn timer(manager: &Manager<1, 4, 4, 64>) -> Option<u128> {
    let mut copy = manager.clone();
    while bounded(copy.poll_output()).is_some() {}
    copy.poll_at()
        .map(|deadline| deadline.at.as_micros().into())
}

fn name(command: &Command<'_>) -> String {
    let Command::Interface { action, .. } = command else {
        panic!("{command:?}")
    };
    format!("{action:?}").split('(').next().unwrap().into()
}

/// Runs one operation on both sides.
fn run(rig: &mut Rig, model: &mut Model, handles: &mut Vec<Handle>, op: &Op) {
    let nic = Nic::named("eth0").unwrap();
    let retry = timer(&rig.manager);
    if let Op::Pass(span) = op {
        rig.now = rig.now.saturating_add(Duration::from_micros(*span));
    }
    let now = rig.now;
    model.reach(
        now.as_micros().into(),
        retry.is_some_and(|at| at <= now.as_micros().into()),
    );
    let held = |handles: &[Handle], rig: &Rig, which: usize| {
        let handle = handles.get(which.checked_rem(handles.len())?).copied()?;
        Some((handle, rig.manager.interface(handle).is_ok()))
    };
    match op {
        Op::Pass(_) => rig.manager.handle_timeout(now),
        Op::Back(span) => {
            rig.manager
                .handle_timeout(Instant::from_micros(now.as_micros().saturating_sub(*span)));
        }
        Op::Open => {
            let opened = rig.manager.open(now, &nic);
            assert_eq!(opened.is_ok(), model.enabled && model.open < 4);
            if let Ok(handle) = opened {
                handles.push(handle);
                model.open += 1;
                model.start();
            }
        }
        Op::Close(which) => {
            if let Some((handle, counts)) = held(handles, rig, *which) {
                rig.manager.close(now, handle);
                if counts {
                    model.open -= 1;
                    if model.open == 0 {
                        model.close(Cause::Closed);
                    }
                }
            }
        }
        Op::Retry(which) => {
            if let Some((handle, counts)) = held(handles, rig, *which) {
                assert_eq!(rig.manager.retry(now, handle).is_ok(), counts);
                if counts {
                    model.start();
                }
            }
        }
        Op::SetEnabled(enabled) => {
            rig.manager.set_enabled(now, ETH0, *enabled).unwrap();
            model.enabled = *enabled;
            if !enabled && model.open > 0 {
                model.open = 0;
                model.close(Cause::Disabled);
            }
        }
        // Commands are numbered in the order in which they were polled.
        Op::Report(report, back) => {
            let command = model.handed_out.saturating_sub(*back);
            if let Some(ticket) = rig.handed_out().get(command.wrapping_sub(1)).copied() {
                rig.report_as(ticket, *report);
                model.report(command, *report);
            }
        }
        // With a single medium, good reports are frequent enough without this operation.
        Op::Answer => {}
        Op::TakeCommands => {
            let names: Vec<String> = rig.commands().iter().map(name).collect();
            assert_eq!(names, model.take_commands());
        }
        Op::TakeNotices => drop(rig.notices()),
    }
    assert_eq!(rig.state(), model.state);
    assert_eq!(
        rig.manager.reason(ETH0).map(|reason| reason.cause),
        model.cause
    );
    match (timer(&rig.manager), model.deadline, model.retry) {
        (Some(at), None, Some((earliest, latest))) => {
            assert!(
                (earliest..=latest).contains(&at),
                "{at} not in {earliest}..={latest}"
            );
        }
        (at, deadline, retry) => assert_eq!((at, retry), (deadline, None)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    // spec: IFC-1, IFC-2, IFC-4, IFC-5, IFC-6, IFC-7, IFC-8, IFC-10, IFC-12, IFC-14, DRV-2
    #[test]
    fn the_manager_agrees_with_a_model_of_the_rules(
        config in config(Just(ETH0)), ops in prop::collection::vec(op(), 1..80),
    ) {
        let mut rig = Rig::with_config(&config);
        let mut model = Model::new(&config.interfaces[0]);
        let mut handles = Vec::new();
        for op in &ops {
            run(&mut rig, &mut model, &mut handles, op);
        }
    }
}
