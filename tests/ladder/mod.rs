//! What an interface does after a failure: where the next try begins, and when.

mod carrier;
mod conflict;
mod hold_down;
mod late;
mod patience;
mod reapply;
mod rungs;
mod silence;
mod stable;
mod unpolled;
mod wps;

use lankeeper::{
    Command, Duration, Instant, InterfaceConfig, InterfaceId, Recovery, Report, State,
};

use crate::support::{Rig, name};

const WIFI: InterfaceId = InterfaceId::WIFI;
const ETHERNET: InterfaceId = InterfaceId::ETHERNET;
const CELLULAR: InterfaceId = InterfaceId::CELLULAR;

const CODE: i32 = 7;
const NOT_FOUND: Report = Report::NetworkNotFound { code: CODE };
const WRONG_KEY: Report = Report::WrongKey { code: CODE };
const REJECTED: Report = Report::JoinRejected { code: CODE };
const LINK_LOST: Report = Report::LinkLost { code: CODE };
const REFUSED: Report = Report::LeaseRefused { code: CODE };
const NO_SIM: Report = Report::SimFailed { code: CODE };
const DENIED: Report = Report::RegistrationDenied { code: CODE };
const PPP_DOWN: Report = Report::PppDown { code: CODE };
const FAULT: Report = Report::Fault { code: CODE };

const MICROSECOND: Duration = Duration::from_micros(1);

/// An open interface with changed settings, that has come up as far as `state`; all outputs are taken.
fn changed(id: InterfaceId, state: State, change: impl FnOnce(&mut InterfaceConfig)) -> Rig {
    let mut config = InterfaceConfig::new(id);
    change(&mut config);
    let mut rig = Rig::with(config);
    rig.open();
    rig.come_up_to(state);
    rig
}

/// An interface under manual recovery that nobody has opened.
fn unopened(id: InterfaceId) -> Rig {
    let mut config = InterfaceConfig::new(id);
    manual(&mut config);
    Rig::with(config)
}

fn manual(config: &mut InterfaceConfig) {
    config.recovery = Recovery::Manual;
}

impl Rig {
    /// How long it waits from now on.
    fn delay(&mut self) -> Duration {
        let at = self.next_timer().expect("a timer is armed");
        at.saturating_duration_since(self.now)
    }

    /// The names of the actions since the last call, without other commands.
    fn only_actions(&mut self) -> Vec<&'static str> {
        let action = |command| match command {
            Command::Interface { action, .. } => Some(name(&action)),
            _ => None,
        };
        self.commands().into_iter().filter_map(action).collect()
    }

    /// Takes all outputs.
    fn take(&mut self) {
        self.commands();
        self.notices();
    }

    /// Waits until a microsecond before the next timer, where nothing happens, then for the timer.
    fn wait_exactly(&mut self) {
        let at = self.next_timer().expect("a timer is armed");
        let before = Instant::from_micros(at.as_micros() - 1);
        if before >= self.now {
            let state = self.state();
            self.go(before);
            assert_eq!((self.state(), self.actions().len()), (state, 0));
        }
        self.go(at);
    }

    /// Has a report come while the interface is in a state, which it comes up to before; all outputs
    /// are taken.
    fn fail_in(&mut self, state: State, report: Report) {
        self.come_up_to(state);
        self.report(report);
        self.take();
        assert!(self.state().is_stopped(), "{}", self.state());
    }
}

/// Whether a delay is this many milliseconds less up to a quarter.
fn is_about(delay: Duration, millis: u64) -> bool {
    (millis * 750..=millis * 1_000).contains(&delay.as_micros())
}
