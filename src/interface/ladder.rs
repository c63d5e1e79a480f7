//! What an interface remembers of its failed tries: at which step the next one begins (IFC-14), and
//! whether somebody has refused it who will hardly change his mind (IFC-16).

use super::{Cause, State, Step, StopReason};
use crate::nic::Medium;

/// The steps of an interface, each built on the ones before it, and where the next try begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ladder {
    /// The step at which the next try begins.
    pub(super) rung: Step,
    /// How many tries have failed in a row.
    pub(super) failed: u8,
    /// After so many failed tries the next one begins with a power cycle; 0 for never.
    pub(super) power_cycle_after: u8,
    /// How many times in a row the key was wrong.
    pub(super) wrong_keys: u8,
    /// Whether the newest try failed because PPP was silent.
    pub(super) ppp_was_silent: bool,
}

/// A wrong key may come from a weak signal: only so many in a row count as a refusal.
pub(super) const WRONG_KEYS: u8 = 3;

impl Ladder {
    pub(super) const fn new(power_cycle_after: u8) -> Self {
        Self {
            rung: Step::Power,
            failed: 0,
            power_cycle_after,
            wrong_keys: 0,
            ppp_was_silent: false,
        }
    }

    /// The step at which the next try begins.
    pub(super) const fn rung(&self) -> Step {
        self.rung
    }

    /// Sets the step at which the next try begins.
    pub(super) const fn set_rung(&mut self, rung: Step) {
        self.rung = rung;
    }

    /// Notes a failed try, of which `step` is to be repeated.
    pub(super) fn note_failure(&mut self, step: Step, reason: &StopReason) {
        self.failed = self.failed.saturating_add(1);
        self.wrong_keys = if reason.cause == Cause::WrongCredentials {
            self.wrong_keys.saturating_add(1)
        } else {
            0
        };
        // A modem that is silent twice in a row hangs.
        let is_silent = matches!((step, reason.cause), (Step::Ppp, Cause::TimedOut));
        let hangs = is_silent && self.ppp_was_silent;
        self.ppp_was_silent = is_silent && !hangs;
        self.rung = if hangs { Step::Power } else { step };
    }

    /// Notes that it is CONNECTED: refusals are over, but whether it lasts remains to be seen.
    pub(super) const fn note_connected(&mut self) {
        self.wrong_keys = 0;
        self.ppp_was_silent = false;
    }

    /// Forgets all failures.
    pub(super) const fn reset(&mut self) {
        *self = Self::new(self.power_cycle_after);
    }

    /// Forgets how many tries have failed.
    pub(super) const fn trust(&mut self) {
        self.failed = 0;
    }

    /// Whether fewer tries have failed in a row than lead to a power cycle, if any number does.
    pub(super) const fn is_patient(&self) -> bool {
        self.power_cycle_after == 0 || self.failed < self.power_cycle_after
    }

    /// Whether the next try is to begin with a power cycle. Returns true once.
    pub(super) const fn take_power_cycle(&mut self) -> bool {
        let is_due = self.power_cycle_after > 0 && self.failed >= self.power_cycle_after;
        if is_due {
            self.failed = 0;
            self.rung = Step::Power;
        }
        is_due
    }

    /// Whether this reason is a refusal that will hardly be another one in a minute (IFC-16).
    pub(super) const fn is_refused(&self, reason: &StopReason) -> bool {
        let is_wrong_key = matches!(reason.cause, Cause::WrongCredentials);
        matches!(reason.cause, Cause::RegistrationDenied)
            || is_wrong_key && self.wrong_keys >= WRONG_KEYS
    }

    /// The state in which the next try begins.
    pub(super) const fn state(&self, medium: Medium) -> State {
        match (self.rung, medium) {
            (Step::Power, _) => State::Starting,
            (Step::Scan | Step::Join, _) => State::WifiScanning,
            (Step::Wps, _) => State::WifiWpsing,
            (Step::Link, _) => State::EthernetLinkUp,
            (Step::Dhcp | Step::StaticAddress, Medium::Wifi) => State::WifiDhcping,
            (Step::Dhcp | Step::StaticAddress, _) => State::EthernetDhcping,
            (Step::Modem, _) => State::CellularPinging,
            (Step::Sim, _) => State::CellularWaitingForSim,
            (Step::Registration, _) => State::CellularRegistering,
            (Step::Ppp, _) => State::CellularPppConnecting,
        }
    }
}
