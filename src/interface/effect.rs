//! What the effects of an interface's table do, and when its timer runs out.

use super::machine::{Change, Interface, LateSuccess, Phase};
use super::table::{Effect, table};
use super::{Cause, State, Step, StopReason, Trigger};
use crate::counter::count;
use crate::ipv4::IpConfig;
use crate::span::Span;
use crate::time::Instant;

/// Why and when something happens to an interface.
#[derive(Clone, Copy, Debug)]
pub(super) struct Occasion {
    /// Why it stops or leaves CONNECTED, if it does.
    pub(super) reason: StopReason,
    pub(super) now: Instant,
}

/// How long DHCP waits after an address conflict (RFC 2131 §3.1.5).
const AFTER_CONFLICT: Span = Span::secs::<10>();

impl Interface {
    /// Does what the table says of a trigger. `ip` is the address that was granted.
    pub(super) fn apply(&mut self, trigger: Trigger, why: &Occasion, ip: Option<&IpConfig>) {
        let effect = table(self.id().medium()).effect(self.state.bit(), trigger.index());
        match (effect, ip) {
            (Some(Effect::Enter(next)), _) => self.transition_to(next, why, None),
            (Some(Effect::Search(scanning, stopped)), _) => {
                self.search(scanning, stopped, why);
            }
            (Some(Effect::Associate(dhcping, link_up)), _) => {
                self.transition_to(link_up, why, None);
                self.address(dhcping, why);
            }
            (Some(Effect::Address(dhcping)), _) => self.address(dhcping, why),
            (Some(Effect::Connect), Some(ip)) => {
                self.transition_to(State::Connected, why, Some(ip));
            }
            (Some(Effect::Renew), Some(ip)) => self.renew(ip),
            (Some(Effect::Return(next, stopped)), _) if self.is_stable => {
                self.search(next, stopped, why);
            }
            (Some(Effect::Return(next, stopped)), _) => {
                self.fail(stopped, next.step().unwrap_or(Step::Power), why);
            }
            (Some(Effect::Halt(stopped, step)), _) => self.fail(stopped, step, why),
            (Some(Effect::PowerOff(unhappy)), _) => {
                self.pending.end(Step::Power);
                self.fail(unhappy, Step::Power, why);
            }
            (Some(Effect::Close(stopped)), _) => {
                self.pending.end(Step::Power);
                self.ladder.reset();
                self.transition_to(stopped, why, None);
            }
            (Some(Effect::Climb), _) => self.climb(trigger, why),
            (Some(Effect::Resume(next)), _) if self.back_off.is_some() => {
                // Noted in either case: this try is no look for the carrier.
                self.note(LateSuccess::Done);
                if why.now >= self.retry_at {
                    self.lengthen();
                    self.transition_to(next, why, None);
                }
            }
            (Some(Effect::Note(step)), _) if step == self.ladder.rung() => {
                self.note(ip.map_or(LateSuccess::Done, |ip| LateSuccess::Granted(*ip)));
                self.end_refusal(why.now);
            }
            (Some(Effect::Descend(step)), _) => {
                let had_succeeded = matches!(
                    self.phase,
                    Phase::Stopped(_, LateSuccess::Done | LateSuccess::Over)
                );
                self.descend(step);
                if trigger == Trigger::AddressConflict {
                    self.wait_at_least(AFTER_CONFLICT, why.now);
                } else if trigger == Trigger::RegistrationLost && had_succeeded {
                    self.note(LateSuccess::Over);
                } else if trigger == Trigger::RegistrationDenied
                    && had_succeeded
                    && let Some(back_off) = &mut self.back_off
                {
                    let least = back_off.lengthened(self.refused_delay);
                    self.wait_at_least(least, why.now);
                }
            }
            (Some(Effect::Invite(wpsing)), _) => self.invite(wpsing, why),
            (Some(Effect::Trust), _) => self.trust(),
            (
                None | Some(Effect::Resume(_) | Effect::Note(_) | Effect::Connect | Effect::Renew),
                _,
            ) => {
                // Only events are counted: a request without an effect is none.
                if !matches!(trigger, Trigger::Start | Trigger::Stop) {
                    count(&mut self.ignored);
                }
            }
        }
    }

    /// Goes to a state that runs a step; where that is a scan and there is no network to look for,
    /// to this stopped state, with the radio on (IFC-17).
    fn search(&mut self, next: State, stopped: State, why: &Occasion) {
        if next != State::WifiScanning || self.has_network {
            return self.transition_to(next, why, None);
        }
        if self.state == State::Connected {
            self.pending.end(Step::Scan);
        }
        self.ladder.set_rung(Step::Scan);
        let cause = Cause::NoCredentials;
        let reason = StopReason {
            cause,
            ..why.reason
        };
        self.transition_to(stopped, &Occasion { reason, ..*why }, None);
    }

    /// Gets an address: asks DHCP, or uses the static one at once.
    fn address(&mut self, dhcping: State, why: &Occasion) {
        let Some(ip) = self.static_address else {
            return self.transition_to(dhcping, why, None);
        };
        self.pending.begin(Step::StaticAddress);
        self.transition_to(State::Connected, why, Some(&ip));
    }

    /// Goes on, after it has left CONNECTED, at the step that uses the other settings first. A scan that is
    /// about to begin uses them anyway.
    pub(crate) fn go_on(&mut self, is_other_network: bool, now: Instant) {
        // Nobody reads the cause: it stays on its way, or stops for want of a network.
        let reason = StopReason::of(Cause::Switched);
        let why = Occasion { reason, now };
        match self.step() {
            Some(Step::Dhcp) if is_other_network => {
                self.pending.end(Step::Scan);
                self.search(State::WifiScanning, State::WifiStopped, &why);
            }
            Some(Step::Dhcp) => self.address(self.state, &why),
            _ => {}
        }
    }

    fn renew(&mut self, renewed: &IpConfig) {
        if let Phase::Up(ip) = &mut self.phase
            && ip != renewed
        {
            let moved = ip.address() != renewed.address();
            self.change = Some(Change::Address { moved });
            *ip = *renewed;
        }
    }

    /// Goes to this stopped state because of a failure, of which `step` is to be repeated. What lies
    /// below that step is left as it is (IFC-14). A report about a try that had failed already is no
    /// other failure, and neither is a look for the carrier.
    fn fail(&mut self, stopped: State, step: Step, why: &Occasion) {
        let is_carrier = stopped == State::EthernetStoppedNoLink;
        if is_carrier || self.state.is_stopped() {
            self.ladder.set_rung(step);
        } else {
            self.ladder.note_failure(step, &why.reason);
        }
        let rung = self.ladder.rung();
        if is_carrier || rung.layer() > 1 {
            self.pending.end_above(rung);
        } else {
            self.pending.end(Step::Scan);
        }
        self.transition_to(stopped, why, None);
    }

    /// Tries again, at the step that failed most recently. What succeeded late is used.
    fn climb(&mut self, trigger: Trigger, why: &Occasion) {
        if trigger == Trigger::RetryDue {
            self.lengthen();
        }
        self.retry_at = why.now;
        let medium = self.id().medium();
        if let Phase::Stopped(_, LateSuccess::Granted(ip)) = self.phase
            && self.static_address.is_none()
        {
            return self.transition_to(State::Connected, why, Some(&ip));
        }
        if let Phase::Stopped(_, LateSuccess::Done) = self.phase
            && self.ladder.rung() == Step::Registration
        {
            let next = State::CellularPppConnecting;
            return self.transition_to(next, why, None);
        }
        // Without a carrier a power cycle is put off: it brings none.
        let is_carrier = self.state == State::EthernetStoppedNoLink;
        if !is_carrier && self.ladder.take_power_cycle() {
            self.pending.end(Step::Power);
        }
        let next = self.ladder.state(medium);
        if self.ladder.rung() == Step::Dhcp {
            self.address(next, why);
        } else {
            self.search(next, self.state, why);
        }
    }

    /// Notes that the step that had failed has succeeded after all.
    fn note(&mut self, success: LateSuccess) {
        if let Phase::Stopped(_, late) = &mut self.phase {
            *late = success;
        }
    }

    /// A refusal is over: waits no longer than another failure would (IFC-16).
    fn end_refusal(&mut self, now: Instant) {
        if let (Phase::Stopped(reason, _), Some(back_off)) = (&self.phase, &mut self.back_off)
            && self.ladder.is_refused(reason)
        {
            self.deadline = self.deadline.min(back_off.delay().after(now));
            self.retry_at = self.deadline;
        }
    }

    /// This step is over, and all that builds on it: the next try begins no later than at it.
    fn descend(&mut self, step: Step) {
        self.note(LateSuccess::None);
        self.pending.end_above(step);
        if step.layer() < self.ladder.rung().layer() {
            self.ladder.set_rung(step);
        }
    }

    /// Puts the next try off until this much time has passed, because a late success is over again.
    fn wait_at_least(&mut self, least: Span, now: Instant) {
        self.retry_at = self.retry_at.max(least.after(now));
        if self.deadline != Instant::NEVER {
            self.deadline = self.deadline.max(self.retry_at);
        }
    }

    /// There is another network to look for: the next try begins at the scan, and what failed with
    /// the present one does not count (IFC-14). One that is under way goes on.
    pub(crate) fn leave_network(&mut self) {
        if self.state.is_stopped() && self.ladder.rung() != Step::Power {
            self.note(LateSuccess::None);
            self.ladder.reset();
            self.ladder.set_rung(Step::Scan);
            self.pending.end(Step::Scan);
        }
    }

    /// Somebody wants Wi-Fi Protected Setup. Where a back-off runs the next try begins with it, so
    /// that a driver that asks again and again does not set the pace.
    fn invite(&mut self, wpsing: State, why: &Occasion) {
        if self.deadline != Instant::NEVER {
            self.ladder.set_rung(Step::Wps);
        } else if let Phase::Stopped(
            StopReason {
                cause: Cause::NoCredentials,
                ..
            },
            _,
        ) = self.phase
        {
            self.transition_to(wpsing, why, None);
        } else {
            count(&mut self.ignored);
        }
    }

    fn trust(&mut self) {
        self.deadline = Instant::NEVER;
        // A back-off may be left from the start, if nobody asked for it.
        self.retry_at = Instant::EPOCH;
        self.is_stable = true;
        self.ladder.trust();
        if let Some(back_off) = &mut self.back_off {
            back_off.reset();
        }
    }

    /// The only function that sets the state, and with it the phase, the timer, the command of a
    /// step that begins, and the change for the parent. `ip` is its address in CONNECTED.
    // size: 10 callers
    #[inline(never)]
    fn transition_to(&mut self, next: State, why: &Occasion, ip: Option<&IpConfig>) {
        let is_loss = self.state == State::Connected;
        if is_loss {
            self.loss = Some(why.reason);
        }
        if self.state != next {
            let has_reason = is_loss || next.is_stopped();
            match self.change {
                None => self.change = Some(Change::State(next, has_reason.then_some(why.reason))),
                Some(_) => self.then = Some(next),
            }
        }
        self.state = next;
        self.is_stable = false;
        self.phase = match (next.step(), ip) {
            (Some(step), _) => {
                self.pending.begin(step);
                Phase::Stepping(step)
            }
            (None, Some(ip)) => {
                self.ladder.note_connected();
                Phase::Up(*ip)
            }
            (None, None) if next.is_stopped() => Phase::Stopped(why.reason, LateSuccess::None),
            (None, None) => Phase::Bare,
        };
        if !self.has_link() {
            self.hold_down.take();
        }
        self.arm(why.now);
    }

    /// Whether there is a carrier or link that can be lost: of an interface that waits to repeat
    /// DHCP, too.
    // size: 36 B
    #[inline(never)]
    fn has_link(&self) -> bool {
        let step = match self.phase {
            Phase::Stepping(step) => step,
            Phase::Up(_) => Step::Dhcp,
            Phase::Stopped(..) => self.ladder.rung(),
            Phase::Bare => Step::Power,
        };
        step == Step::Dhcp
    }

    /// Arms the timer of the present phase, if it has one.
    fn arm(&mut self, now: Instant) {
        let timeout = match (&self.phase, &self.back_off) {
            (Phase::Stepping(step), _) => Some(self.step_timeouts.of(*step)),
            (Phase::Up(_), Some(_)) => Some(self.stable_after),
            (Phase::Stopped(reason, _), _) if self.is_held() => {
                return self.arm_retry(*reason, now);
            }
            (Phase::Bare | Phase::Up(_) | Phase::Stopped(..), _) => None,
        };
        self.deadline = timeout.map_or(Instant::NEVER, |span| span.after(now));
    }

    /// Arms the timer of the next try, unless only a request can help.
    fn arm_retry(&mut self, reason: StopReason, now: Instant) {
        let is_refused = self.ladder.is_refused(&reason);
        let refused_delay = self.refused_delay;
        let retry_at = match &mut self.back_off {
            Some(back_off) => {
                let least = if is_refused {
                    back_off.lengthened(refused_delay)
                } else if reason.cause == Cause::AddressConflict {
                    AFTER_CONFLICT
                } else {
                    Span::MIN
                };
                back_off.delay().max(least).after(now)
            }
            None => Span::MINUTE.after(now),
        };
        self.retry_at = self.retry_at.max(retry_at);
        let needs_request = self.back_off.is_none() || reason.cause == Cause::NoCredentials;
        self.deadline = if needs_request {
            Instant::NEVER
        } else {
            self.retry_at
        };
    }

    /// The end of the back-off for a start that nobody asks for: the next one waits longer.
    pub(super) fn unasked_retry(&mut self, now: Instant) -> Instant {
        let delay = match &mut self.back_off {
            Some(back_off) => back_off.delay(),
            None => Span::MINUTE,
        };
        self.lengthen();
        delay.after(now)
    }

    /// Doubles the next delay, because another try begins. A look for a carrier is none.
    fn lengthen(&mut self) {
        let looks = self.state == State::EthernetStoppedNoLink
            && !matches!(self.phase, Phase::Stopped(_, LateSuccess::Done));
        if let (Some(back_off), false) = (&mut self.back_off, looks) {
            back_off.lengthen();
        }
    }

    /// The back-off of an interface without a carrier is over, and none has come back meanwhile:
    /// from now on it is watched, and its return ends the wait. A rare look will do.
    pub(super) fn watches_carrier(&mut self, now: Instant) -> bool {
        let is_back_off = self.deadline <= self.retry_at;
        let is_back = matches!(self.phase, Phase::Stopped(_, LateSuccess::Done));
        match &mut self.back_off {
            Some(back_off)
                if self.state == State::EthernetStoppedNoLink && is_back_off && !is_back =>
            {
                self.deadline = back_off.rest_of_longest().after(now);
                true
            }
            _ => false,
        }
    }
}
