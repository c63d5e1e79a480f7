//! A device under any inputs, and the invariants that it must keep.

use lankeeper::interface::transitions;
use lankeeper::{
    Cause, Command, Config, Duration, Handle, Instant, InterfaceId, Notice, Recovery, State, Ticket,
};

use super::operation::Op;
use super::{Rig, forged, good_answer, nic};

/// A device, and what the test has seen of it.
pub(crate) struct World {
    pub(crate) rig: Rig,
    automatic: bool,
    pub(crate) handles: Vec<Handle>,
    pub(crate) tickets: Vec<Ticket>,
    reported: State,
    /// Whether notices were lost since the latest reported state.
    lagged: bool,
    /// Whether to write the log, and to compare the whole manager when nothing may change.
    pub(crate) keeps_log: bool,
    /// All outputs, for comparison with another run.
    pub(crate) log: Vec<String>,
}

impl World {
    pub(crate) fn new(config: &Config<1>) -> Self {
        let interface = &config.interfaces[0];
        Self {
            automatic: interface.recovery != Recovery::Manual,
            rig: Rig::with_config(config),
            handles: Vec::new(),
            tickets: vec![forged(interface.id, 0)],
            reported: State::Unknown,
            lagged: false,
            keeps_log: true,
            log: Vec::new(),
        }
    }

    pub(crate) fn step(&mut self, op: &Op) {
        let now = self.rig.now;
        match op {
            Op::Pass(span) => self.rig.pass(Duration::from_micros(*span)),
            Op::Back(span) => {
                let before = self.keeps_log.then(|| all_but_early(&self.rig.manager));
                let earlier = Instant::from_micros(now.as_micros().saturating_sub(*span));
                self.rig.manager.handle_timeout(earlier);
                if let Some(before) = before {
                    let after = all_but_early(&self.rig.manager);
                    assert_eq!(before, after, "time went backwards");
                }
            }
            Op::Open => {
                if let Ok(handle) = self.rig.manager.open(now, &nic(self.rig.id)) {
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
            Op::SetEnabled(enabled) => self
                .rig
                .manager
                .set_enabled(now, self.rig.id, *enabled)
                .unwrap(),
            Op::Report(report, back) => {
                let index = self.tickets.len().saturating_sub(1 + back);
                self.rig.report_as(self.tickets[index], *report);
            }
            Op::Answer => {
                if let Some(report) = good_answer(self.rig.state()) {
                    self.take_commands();
                    self.rig.report(report);
                }
            }
            Op::TakeCommands => self.take_commands(),
            Op::TakeNotices => self.take_notices(),
        }
        let state = self.rig.state();
        self.note(|| format!("{state:?}"));
        self.check();
    }

    fn note(&mut self, line: impl FnOnce() -> String) {
        if self.keeps_log {
            self.log.push(line());
        }
    }

    fn take_commands(&mut self) {
        let commands = self.rig.commands();
        assert!(
            commands.len() <= 3,
            "more than stop, power down and one step: {commands:?}"
        );
        for command in &commands {
            let Command::Interface { ticket, action } = command else {
                continue;
            };
            assert!(
                self.is_held() || action.step().is_none(),
                "after the last close only stop commands are issued"
            );
            self.tickets.push(*ticket);
        }
        self.note(|| format!("{commands:?}"));
    }

    fn take_notices(&mut self) {
        for notice in self.rig.notices() {
            self.note(|| format!("{notice:?}"));
            if let Notice::StateChanged { state, .. } = notice {
                assert_ne!(state, self.reported, "the same state twice in a row");
                assert!(
                    self.lagged || leads_to(self.rig.id, self.reported, state),
                    "no transition from {} to {state}",
                    self.reported
                );
                self.reported = state;
                self.lagged = false;
            }
            if let Notice::Lagged(_) = notice {
                self.reported = self.rig.state();
                self.lagged = true;
            }
        }
        assert_eq!(
            self.reported,
            self.rig.state(),
            "the latest reported state is the current state"
        );
    }

    fn is_held(&self) -> bool {
        self.handles
            .iter()
            .any(|handle| self.rig.manager.interface(*handle).is_ok())
    }

    /// Checks what holds at any time.
    fn check(&mut self) {
        let state = self.rig.state();
        let (manager, id) = (&self.rig.manager, self.rig.id);
        assert!(
            state.medium().is_none_or(|medium| medium == id.medium()),
            "a state of another medium: {state}"
        );
        assert_eq!(manager.ip_config(id).is_some(), state == State::Connected);
        assert_eq!(manager.reason(id).is_some(), state.is_stopped());
        assert_eq!(
            self.is_held(),
            !matches!(state, State::Unknown) && !self.at_rest()
        );
    }

    /// Whether the interface is stopped because it has no holder.
    fn at_rest(&self) -> bool {
        matches!(self.rig.cause(), Some(Cause::Closed | Cause::Disabled))
    }

    /// Takes all outputs, then checks what holds when nothing is due.
    pub(crate) fn settle(&mut self) {
        self.rig.manager.handle_timeout(self.rig.now);
        self.take_commands();
        self.take_notices();
        let deadline = self.rig.manager.poll_at();
        assert!(
            deadline.is_none_or(|deadline| deadline.at > self.rig.now),
            "spins"
        );
        let state = self.rig.state();
        let needs_timer =
            !state.is_terminal() || (state.is_stopped() && self.is_held() && self.automatic);
        let ends = self.rig.now.saturating_add(Duration::from_secs(200)) == Instant::MAX;
        if needs_timer && state != State::Unknown && !ends {
            assert!(deadline.is_some(), "no timer is armed in {state}");
        }
    }
}

fn pick(handles: &[Handle], which: usize) -> Option<Handle> {
    handles.get(which.checked_rem(handles.len())?).copied()
}

/// Whether the tables have a transition from one state to the other.
fn leads_to(id: InterfaceId, from: State, to: State) -> bool {
    match from {
        // Left again within the same input.
        State::WifiLinkUp => matches!(to, State::WifiDhcping | State::Connected),
        _ => transitions(id.medium())
            .any(|pair| pair.state() == from && pair.targets().any(|target| target == to)),
    }
}

/// All that a manager holds, but for how many inputs came early.
pub(crate) fn all_but_early(manager: &impl core::fmt::Debug) -> String {
    let all = format!("{manager:?}");
    let (rest, count) = all.rsplit_once("early_inputs: ").expect("it counts them");
    assert!(
        count
            .trim_end_matches('}')
            .trim_end()
            .parse::<u32>()
            .is_ok()
    );
    rest.to_owned()
}
