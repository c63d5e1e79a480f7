//! The laws that every machine obeys, under any sequence of inputs at any instants.

use lankeeper::{
    Action, Command, Duration, Generation, Handle, Instant, InterfaceConfig, Nic, Notice, Recovery,
    Report, State, Wake,
};
use proptest::prelude::*;

use crate::support::operation::{Op, config, op, span};
use crate::support::{ETH0, Rig, lease};

/// A device under any inputs, and what has been seen of it.
struct World {
    rig: Rig,
    automatic: bool,
    handles: Vec<Handle>,
    generations: Vec<Generation>,
    reported: State,
    /// Everything that came out, for comparison with another run.
    log: Vec<String>,
}

impl World {
    fn new(config: InterfaceConfig) -> Self {
        Self {
            automatic: config.recovery != Recovery::Manual,
            rig: Rig::with(config),
            handles: Vec::new(),
            generations: vec![Generation::default()],
            reported: State::Unknown,
            log: Vec::new(),
        }
    }

    fn step(&mut self, op: &Op) {
        let now = self.rig.now;
        match op {
            Op::Pass(span) => self.rig.pass(Duration::from_micros(*span)),
            Op::Back(span) => {
                let before = format!("{:?}", self.rig.manager);
                let earlier = Instant::from_micros(now.as_micros().saturating_sub(*span));
                self.rig.manager.handle_timeout(earlier);
                assert_eq!(
                    before,
                    format!("{:?}", self.rig.manager),
                    "time went backwards"
                );
            }
            Op::Open => {
                if let Ok(handle) = self.rig.manager.open(now, &Nic::named("ethernet").unwrap()) {
                    self.handles.push(handle);
                }
            }
            Op::Close(which) => {
                if let Some(handle) = pick(&self.handles, *which) {
                    self.rig.manager.close(now, handle);
                }
            }
            Op::Retry(which) => {
                if let Some(handle) = pick(&self.handles, *which) {
                    let _ = self.rig.manager.retry(now, handle);
                }
            }
            Op::SetEnabled(enabled) => self.rig.manager.set_enabled(now, ETH0, *enabled).unwrap(),
            Op::Report(report, back) => {
                let index = self.generations.len().saturating_sub(1 + back);
                self.rig.report_as(self.generations[index], *report);
            }
            Op::TakeCommands => self.take_commands(),
            Op::TakeNotices => self.take_notices(),
        }
        self.log.push(format!("{:?}", self.rig.state()));
        self.check();
    }

    fn take_commands(&mut self) {
        let commands = self.rig.commands();
        assert!(
            commands.len() <= 3,
            "more than stop, power down and one step: {commands:?}"
        );
        for command in &commands {
            if let Command::Interface {
                action:
                    Action::PowerUp(generation)
                    | Action::StartLink(generation)
                    | Action::StartDhcp(generation)
                    | Action::SetAddress(generation, _),
                ..
            } = command
            {
                assert!(
                    self.is_held(),
                    "after the last close only the stop is issued"
                );
                self.generations.push(*generation);
            }
        }
        self.log.push(format!("{commands:?}"));
    }

    fn take_notices(&mut self) {
        for notice in self.rig.notices() {
            self.log.push(format!("{notice:?}"));
            if let Notice::StateChanged { state, .. } = notice {
                assert_ne!(state, self.reported, "the same state twice in a row");
                self.reported = state;
            }
            if let Notice::Lagged(_) = notice {
                self.reported = self.rig.state();
            }
        }
        assert_eq!(
            self.reported,
            self.rig.state(),
            "the last report is the present state"
        );
    }

    fn is_held(&self) -> bool {
        self.handles
            .iter()
            .any(|handle| self.rig.manager.interface(*handle).is_ok())
    }

    /// What holds at any time.
    fn check(&mut self) {
        let state = self.rig.state();
        let manager = &self.rig.manager;
        assert!(
            matches!(state.code(), -1..=1 | 200..=204),
            "a state of another medium: {state}"
        );
        assert_eq!(manager.ip_config(ETH0).is_some(), state == State::Connected);
        assert_eq!(manager.reason(ETH0).is_some(), state.is_stopped());
        assert_eq!(
            self.is_held(),
            !matches!(state, State::Unknown) && !self.at_rest()
        );
    }

    /// Whether the interface is stopped because nobody holds it.
    fn at_rest(&self) -> bool {
        use lankeeper::Cause::{Closed, Disabled};
        let reason = self.rig.manager.reason(ETH0);
        reason.is_some_and(|reason| matches!(reason.cause, Closed | Disabled))
    }

    /// Takes all outputs, then checks what holds at rest.
    fn settle(&mut self) {
        self.rig.manager.handle_timeout(self.rig.now);
        self.take_commands();
        self.take_notices();
        let deadline = self.rig.manager.poll_at();
        assert!(
            deadline.is_none_or(|deadline| deadline.at > self.rig.now),
            "spins"
        );
        let state = self.rig.state();
        let waits =
            !state.is_terminal() || (state.is_stopped() && self.is_held() && self.automatic);
        let ends = self.rig.now.saturating_add(Duration::from_secs(61)) == Instant::MAX;
        if waits && state != State::Unknown && !ends {
            assert!(deadline.is_some(), "nothing is armed in {state}");
        }
    }
}

fn pick(handles: &[Handle], which: usize) -> Option<Handle> {
    handles.get(which.checked_rem(handles.len())?).copied()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    // spec: IFC-8, IFC-9, IFC-11, IFC-12, STATE-3
    #[test]
    fn hold_under_any_inputs(config in config(), ops in prop::collection::vec(op(), 1..60)) {
        let mut world = World::new(config);
        for op in &ops {
            world.step(op);
        }
        world.settle();
    }

    // spec: TIME-3, TIME-4
    #[test]
    fn after_handling_time_and_taking_outputs_nothing_is_due(
        config in config(), ops in prop::collection::vec(op(), 1..60),
    ) {
        let mut world = World::new(config);
        for op in &ops {
            world.step(op);
            world.settle();
        }
    }

    // spec: DRV-2
    #[test]
    fn outputs_that_wait_make_it_due_now(
        config in config(), ops in prop::collection::vec(op(), 1..60),
    ) {
        let mut world = World::new(config);
        for op in &ops {
            world.step(op);
            let deadline = world.rig.manager.poll_at();
            let mut copy = world.rig.manager.clone();
            let waits = copy.poll_output().is_some();
            let says = deadline.is_some_and(|deadline| deadline.reason == Wake::Output);
            prop_assert_eq!(waits, says);
            if says {
                prop_assert!(deadline.unwrap().at <= world.rig.now);
            }
        }
    }

    // spec: TIME-3
    #[test]
    fn handling_time_too_early_changes_nothing(
        config in config(), ops in prop::collection::vec(op(), 1..40), part in 0.0..1.0_f64,
    ) {
        let mut world = World::new(config);
        for op in &ops {
            world.step(op);
        }
        world.settle();
        if let Some(deadline) = world.rig.manager.poll_at() {
            let wait = deadline.at.saturating_duration_since(world.rig.now).as_micros();
            let early = ((wait - 1) as f64 * part) as u64;
            let (state, count) = (world.rig.state(), world.rig.manager.ignored(ETH0));
            world.rig.pass(Duration::from_micros(early.min(wait - 1)));
            prop_assert_eq!(world.rig.manager.poll_at(), Some(deadline));
            prop_assert_eq!((world.rig.state(), world.rig.manager.ignored(ETH0)), (state, count));
            world.rig.go(deadline.at);
            prop_assert_ne!(world.rig.manager.poll_at(), Some(deadline));
        }
    }

    // spec: TIME-5
    #[test]
    fn the_same_inputs_give_the_same_outputs(
        config in config(), ops in prop::collection::vec(op(), 1..60),
    ) {
        let run = || {
            let mut world = World::new(config);
            ops.iter().for_each(|op| world.step(op));
            world.settle();
            world.log
        };
        prop_assert_eq!(run(), run());
    }

    // spec: TIME-2
    #[test]
    fn an_input_from_the_past_counts_as_one_from_now(
        config in config(), ops in prop::collection::vec(op(), 1..40), last in op(), back in span(),
    ) {
        let mut world = World::new(config);
        ops.iter().for_each(|op| world.step(op));
        let now = world.rig.now;
        let mut manager = world.rig.manager.clone();
        let past = Instant::from_micros(now.as_micros().saturating_sub(back));
        // The same operation once now and once in the past.
        world.rig.manager.handle_timeout(now);
        if let Op::Report(report, behind) = last {
            let index = world.generations.len().saturating_sub(1 + behind);
            let event = lankeeper::Event::Interface {
                interface: ETH0, generation: world.generations[index], report,
            };
            world.rig.manager.handle_event(now, event);
            manager.handle_event(past, event);
        } else {
            let nic = Nic::named("eth0").unwrap();
            prop_assert_eq!(world.rig.manager.open(now, &nic), manager.open(past, &nic));
        }
        prop_assert_eq!(format!("{:?}", world.rig.manager), format!("{manager:?}"));
    }

    // spec: IFC-7, IFC-11
    #[test]
    fn in_a_healthy_world_a_held_interface_gets_connected(
        ops in prop::collection::vec(op(), 1..60),
    ) {
        let mut world = World::new(InterfaceConfig::new(ETH0));
        ops.iter().for_each(|op| world.step(op));
        world.rig.manager.set_enabled(world.rig.now, ETH0, true).unwrap();
        let _ = world.rig.manager.open(world.rig.now, &Nic::named("eth0").unwrap());
        // The longest back-off, and every answer at once.
        let end = world.rig.now.saturating_add(Duration::from_secs(60));
        prop_assume!(end < Instant::from_micros(u64::MAX - 1_000_000_000));
        for _ in 0..10 {
            match world.rig.state() {
                State::Starting => world.rig.report(Report::Ready),
                State::EthernetLinkUp => world.rig.report(Report::CarrierUp),
                State::EthernetDhcping => world.rig.report(Report::Lease(lease())),
                State::Connected => break,
                _ => {
                    let retry = world.rig.next_timer().expect("a stopped interface tries again");
                    world.rig.go(retry);
                }
            }
        }
        prop_assert_eq!(world.rig.state(), State::Connected);
        prop_assert!(world.rig.now <= end, "took longer than the longest back-off");
    }
}
