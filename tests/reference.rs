//! An independent model of one Ethernet interface, written from the rules and run beside the
//! manager: both must agree after every operation.

use lankeeper::{
    Cause, Command, Duration, Handle, Instant, InterfaceConfig, Manager, Nic, Recovery, Report,
    State,
};
use proptest::prelude::*;

use crate::support::operation::{Op, config, op};
use crate::support::{ETH0, Rig};

const SECOND: u128 = 1_000_000;

/// The steps, by what builds on what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Power,
    Link,
    Address,
}

/// The interface as the rules tell of it.
struct Model {
    automatic: bool,
    enabled: bool,
    open: usize,
    now: u128,
    state: State,
    cause: Option<Cause>,
    /// The deadline of the step, or the end of the stable time.
    deadline: Option<u128>,
    /// In a stopped state: the earliest and the latest instant of the next try.
    retry: Option<(u128, u128)>,
    back_off: u128,
    /// Commands that the backend has, and that still count: which one, and for what.
    live: Vec<(usize, Stage)>,
    /// The command to be handed out, and what is to be ended before it.
    begin: Option<Stage>,
    ends: Vec<&'static str>,
    powered: bool,
    handed_out: usize,
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
            back_off: SECOND,
            live: Vec::new(),
            begin: None,
            ends: Vec::new(),
            powered: false,
            handed_out: 0,
        }
    }

    /// Time reaches `now`; `fired` tells whether a retry within its window has happened.
    fn reach(&mut self, now: u128, fired: bool) {
        self.now = self.now.max(now);
        if self.retry.is_some() && fired {
            if self.state != State::EthernetStoppedNoLink {
                self.back_off = (self.back_off * 2).min(60 * SECOND);
            }
            return self.start();
        }
        if self.deadline.is_none_or(|deadline| deadline > self.now) {
            return;
        }
        match self.state {
            State::Starting => self.stop(State::EthernetStoppedUnhappy, Cause::TimedOut),
            State::EthernetLinkUp => self.stop(State::EthernetStoppedNoLink, Cause::NoCarrier),
            State::EthernetDhcping => self.stop(State::EthernetStopped, Cause::TimedOut),
            State::Connected => {
                self.deadline = None;
                self.back_off = SECOND;
            }
            other => panic!("a deadline in {other}"),
        }
    }

    fn start(&mut self) {
        match self.state {
            State::Unknown | State::EthernetStopped | State::EthernetStoppedUnhappy => {
                self.step(State::Starting, Stage::Power, 10);
            }
            State::EthernetStoppedNoLink => self.step(State::EthernetLinkUp, Stage::Link, 5),
            _ => {}
        }
    }

    fn step(&mut self, state: State, stage: Stage, secs: u128) {
        self.state = state;
        self.cause = None;
        self.retry = None;
        self.deadline = self.later(secs * SECOND);
        self.live.retain(|(_, other)| *other < stage);
        self.begin = Some(stage);
    }

    fn later(&self, span: u128) -> Option<u128> {
        Some((self.now + span).min(u64::MAX.into())).filter(|at| *at > self.now)
    }

    fn stop(&mut self, state: State, cause: Cause) {
        self.state = state;
        self.cause = Some(cause);
        self.deadline = None;
        self.begin = None;
        let (keeps, ends): (_, &[_]) = match state {
            State::EthernetStoppedNoLink => (Stage::Address, &[]),
            State::EthernetStopped if cause != Cause::Closed && cause != Cause::Disabled => {
                (Stage::Link, &["Stop"])
            }
            _ => (Stage::Power, &["Stop", "PowerDown"]),
        };
        self.live.retain(|(_, stage)| *stage < keeps);
        if self.powered {
            for end in ends {
                if !self.ends.contains(end) {
                    self.ends.push(end);
                }
            }
        }
        self.retry = None;
        if self.automatic && self.open > 0 && !matches!(cause, Cause::Closed | Cause::Disabled) {
            let full = match state {
                State::EthernetStoppedNoLink => 60 * SECOND,
                _ => self.back_off,
            };
            self.retry = self.later(full - full / 4).zip(self.later(full));
        }
    }

    fn close(&mut self, cause: Cause) {
        if self.state != State::Unknown {
            self.stop(State::EthernetStopped, cause);
        }
    }

    fn report(&mut self, command: usize, report: Report) {
        let stage = match report {
            Report::Ready => Some(Stage::Power),
            Report::CarrierUp | Report::CarrierDown => Some(Stage::Link),
            Report::Fault { .. } => None,
            _ => Some(Stage::Address),
        };
        let counts =
            |(live, of): &(usize, Stage)| *live == command && stage.is_none_or(|s| s == *of);
        if !self.live.iter().any(counts) {
            return;
        }
        let good = match report {
            Report::Lease(lease) => lease.config().is_ok(),
            _ => false,
        };
        match (self.state, report) {
            (State::Starting, Report::Ready) => self.step(State::EthernetLinkUp, Stage::Link, 5),
            (State::EthernetLinkUp, Report::CarrierUp) => {
                self.step(State::EthernetDhcping, Stage::Address, 30);
            }
            (State::EthernetStoppedNoLink, Report::CarrierUp) if self.automatic => {
                self.step(State::EthernetLinkUp, Stage::Link, 5);
            }
            (
                State::EthernetLinkUp | State::EthernetDhcping | State::Connected,
                Report::CarrierDown,
            ) => self.stop(State::EthernetStoppedNoLink, Cause::NoCarrier),
            (State::EthernetDhcping, Report::Lease(_)) if good => {
                self.state = State::Connected;
                self.deadline = self.later(60 * SECOND).filter(|_| self.automatic);
            }
            (State::EthernetDhcping, Report::Lease(_) | Report::LeaseRefused { .. }) => {
                self.stop(State::EthernetStopped, Cause::NoAddress);
            }
            (State::Connected, Report::Lease(_)) if good => {}
            (
                State::Connected,
                Report::Lease(_) | Report::LeaseRefused { .. } | Report::LeaseLost,
            ) => self.step(State::EthernetDhcping, Stage::Address, 30),
            (State::EthernetStopped, Report::Fault { .. }) => {}
            (_, Report::Fault { .. }) => self.stop(State::EthernetStoppedUnhappy, Cause::Fault),
            _ => {}
        }
    }

    /// The names of the commands that are handed out now.
    fn take_commands(&mut self) -> Vec<String> {
        let mut names: Vec<String> = core::mem::take(&mut self.ends)
            .into_iter()
            .map(String::from)
            .collect();
        if names.iter().any(|name| name == "PowerDown") {
            self.powered = false;
        }
        if let Some(stage) = self.begin.take() {
            self.powered |= stage == Stage::Power;
            self.handed_out += 1;
            self.live.push((self.handed_out, stage));
            names.push(
                match stage {
                    Stage::Power => "PowerUp",
                    Stage::Link => "StartLink",
                    Stage::Address => "StartDhcp",
                }
                .into(),
            );
        }
        names
    }
}

/// When the manager's next timer fires.
fn timer(manager: &Manager<1, 4, 4, 64>) -> Option<u128> {
    let mut copy = manager.clone();
    while copy.poll_output().is_some() {}
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
        // The generation of a command is its number: the first one handed out is the first.
        Op::Report(report, back) => {
            let command = model.handed_out.saturating_sub(*back);
            if let Some(generation) = rig.handed_out().get(command.wrapping_sub(1)).copied() {
                rig.report_as(generation, *report);
                model.report(command, *report);
            }
        }
        // A model of one medium needs no leading on: reports come often enough.
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

    // spec: IFC-1, IFC-2, IFC-4, IFC-6, IFC-7, IFC-8, IFC-10, IFC-12, DRV-2
    #[test]
    fn the_manager_agrees_with_a_model_of_the_rules(
        config in config(Just(ETH0)), ops in prop::collection::vec(op(), 1..80),
    ) {
        let (mut rig, mut model) = (Rig::with(config), Model::new(&config));
        let mut handles = Vec::new();
        for op in &ops {
            run(&mut rig, &mut model, &mut handles, op);
        }
    }
}
