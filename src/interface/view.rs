//! What decides the future of an interface.

use core::hash::{Hash, Hasher};
use core::mem::discriminant;

use super::ladder::WRONG_KEYS;
use super::machine::{Interface, LateSuccess, Phase};
use crate::time::Instant;

impl Interface {
    /// Writes all that decides what it does from now on. No generation is in it, because whoever
    /// reports knows which of its commands are in force; no counter, and nothing that is only asked.
    pub(crate) fn view(&self, now: Instant, into: &mut impl Hasher) {
        (self.id(), self.state.code()).hash(into);
        (self.holders.local, self.holders.server).hash(into);
        (self.has_network, self.is_stable).hash(into);
        let ladder = &self.ladder;
        // Above these limits they count no further.
        let failed = ladder.failed.min(ladder.power_cycle_after);
        let wrong_keys = ladder.wrong_keys.min(WRONG_KEYS);
        (ladder.rung, failed, wrong_keys).hash(into);
        ladder.ppp_was_silent.hash(into);
        let delay = self.back_off.as_ref().map(|back_off| back_off.next_delay());
        delay.map(|delay| delay.as_millis()).hash(into);
        self.deadline.rest(now).hash(into);
        self.retry_at.rest(now).hash(into);
        self.hold_down.deadline().rest(now).hash(into);
        // Without a loss that is held back the code is that of an earlier one.
        if self.hold_down.deadline() != Instant::NEVER {
            self.hold_down.code.hash(into);
        }
        discriminant(&self.phase).hash(into);
        match &self.phase {
            Phase::Bare => {}
            Phase::Stepping(step) => step.hash(into),
            Phase::Up(ip) => ip.prefix().hash(into),
            Phase::Stopped(reason, late) => {
                discriminant(&reason.cause).hash(into);
                (reason.step, reason.code).hash(into);
                discriminant(late).hash(into);
                if let LateSuccess::Granted(ip) = late {
                    ip.prefix().hash(into);
                }
            }
        }
        let pending = &self.pending;
        (pending.stop, pending.power_down, pending.powered).hash(into);
        (pending.stopped, pending.begins, pending.in_force).hash(into);
        pending.ended.is_some().hash(into);
        let address = self.static_address.as_ref();
        address.map(|ip| ip.prefix()).hash(into);
    }

    /// Begins its random numbers anew.
    pub(crate) fn reseed(&mut self, seed: u64) {
        let salt = self.id().ordinal();
        if let Some(back_off) = &mut self.back_off {
            back_off.reseed(seed, salt);
        }
    }
}
