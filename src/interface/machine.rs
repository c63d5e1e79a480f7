//! The machine that runs the transition table of an interface's medium: what goes in and what comes
//! out. `effect` has what an effect of the table does.

use super::config::MediumTimeouts;
use super::effect::Occasion;
use super::hold_down::HoldDown;
use super::ladder::Ladder;
use super::pending::{PendingActions, WaitingAction};
use super::{Action, Cause, InterfaceConfig, Recovery, Report, State, Step, StopReason, Trigger};
use crate::back_off::BackOff;
use crate::counter::count;
use crate::generation::Generation;
use crate::ipv4::IpConfig;
use crate::nic::{InterfaceId, WifiSettings};
use crate::span::Span;
use crate::time::Instant;

/// The machine of one interface.
///
/// The parent calls it with reports, requests and time-outs, each with the present instant. After
/// each call it takes the changes; actions for the backend stay until they are polled.
///
/// It is `Copy` because cloning an array of `Copy` values certainly cannot panic.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Interface {
    pub(super) state: State,
    id: InterfaceId,
    pub(super) holders: Holders,
    /// Whether there is a Wi-Fi network to join.
    pub(super) has_network: bool,
    /// Whether CONNECTED has held for the stability time.
    pub(super) is_stable: bool,
    /// The state after that change, if there was a second transition: on the way through a link that
    /// is up, and when it begins anew. It has no reason, because it neither stops the interface nor
    /// leaves CONNECTED.
    pub(super) then: Option<State>,
    pub(super) ladder: Ladder,
    pub(super) back_off: Option<BackOff>,
    /// When the timer of the phase runs out; [`Instant::NEVER`] if none is armed.
    pub(super) deadline: Instant,
    /// The end of the newest back-off: before it only a request starts the interface (IFC-13).
    pub(super) retry_at: Instant,
    pub(super) hold_down: HoldDown,
    pub(super) phase: Phase,
    pub(super) pending: PendingActions,
    /// The change that the parent has not taken yet. It takes all changes after each input, and no
    /// input makes more than two transitions.
    pub(super) change: Option<Change>,
    /// The address to use in CONNECTED; without one the interface asks DHCP.
    pub(super) static_address: Option<IpConfig>,
    /// Why it left CONNECTED most recently.
    pub(super) loss: Option<StopReason>,
    pub(super) step_timeouts: MediumTimeouts,
    pub(super) stable_after: Span,
    pub(super) refused_delay: Span,
    pub(super) ignored: u32,
    stale: u32,
}

/// What comes with the state.
// size: 40 B, and 690 instructions of a time-out on a Cortex-M3: with a smaller tag the address
// would be copied byte by byte.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub(super) enum Phase {
    /// Never started, or passing through a state.
    Bare,
    /// A step is under way.
    Stepping(Step),
    /// CONNECTED, with this address.
    Up(IpConfig),
    /// Stopped for this reason, and perhaps about to try again.
    Stopped(StopReason, LateSuccess),
}

/// What was reported of the step that had failed, while the interface waits for its next try.
#[derive(Clone, Copy, Debug)]
pub(super) enum LateSuccess {
    /// Nothing.
    None,
    /// It succeeded: there is a carrier, or a registration.
    Done,
    /// It succeeded, and granted this address.
    Granted(IpConfig),
    /// It succeeded, which ended a refusal, and was lost again: a denial is a new refusal (IFC-16).
    Over,
}

/// What an interface waits for until its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Timer {
    /// The answer of this step.
    Step(Step),
    /// The end of the back-off, then it tries again. Without a carrier it looks for one about once a
    /// minute.
    BackOff,
    /// The proof that CONNECTED is stable, then earlier failures are forgotten.
    Stability,
    /// The return of a carrier or link; then its loss counts (IFC-15).
    HoldDown,
}

/// Who keeps an interface up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    /// Somebody opened it for local use.
    Local,
    /// The server connection, or an attempt at it, uses it.
    Server,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Holders {
    pub(super) local: bool,
    pub(super) server: bool,
}

/// A change that the parent takes and reacts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// The interface is in this state now; the reason says why it stopped or left CONNECTED.
    State(State, Option<StopReason>),
    /// Another address, mask or gateway within CONNECTED (IFC-5); `moved` says whether the address
    /// itself is another one.
    Address {
        /// Whether what was bound to the former address is lost.
        moved: bool,
    },
}

impl Interface {
    /// An interface that nobody has opened. `seed` is that of the device.
    pub(crate) fn new(config: &InterfaceConfig, seed: u64, base: Generation) -> Self {
        Self {
            id: config.id,
            state: State::Unknown,
            phase: Phase::Bare,
            deadline: Instant::NEVER,
            retry_at: Instant::EPOCH,
            holders: Holders::default(),
            has_network: false,
            is_stable: false,
            static_address: None,
            pending: PendingActions::new(base),
            change: None,
            then: None,
            loss: None,
            ignored: 0,
            stale: 0,
            step_timeouts: MediumTimeouts::new(&config.step_timeouts, config.id.medium()),
            stable_after: config.stable_after,
            refused_delay: config.refused_delay,
            ladder: Ladder::new(config.power_cycle_after),
            hold_down: HoldDown::new(config.hold_down),
            back_off: match &config.recovery {
                Recovery::Automatic(back_off) => {
                    Some(BackOff::new(back_off, seed, config.id.ordinal()))
                }
                Recovery::Manual => None,
            },
        }
    }

    /// Sets whether there is a Wi-Fi network to join, from the next scan on.
    pub(crate) const fn use_network(&mut self, has_network: bool) {
        self.has_network = has_network;
    }

    /// Sets where the address comes from the next time that the interface needs one.
    pub(crate) fn use_address(&mut self, static_address: Option<&IpConfig>) {
        IpConfig::assign(&mut self.static_address, static_address);
    }

    /// Adds a holder (IFC-1). An interface that is not up starts at once.
    pub(crate) fn hold(&mut self, holder: Holder, now: Instant) {
        self.holders.set(holder, true);
        self.start(now);
    }

    /// Adds a holder that nobody asked for (IFC-13): an interface whose back-off runs waits for the
    /// end of that. Returns whether it is up or on its way.
    pub(crate) fn hold_patiently(&mut self, holder: Holder, now: Instant) -> bool {
        self.holders.set(holder, true);
        if self.step().is_some() || self.state == State::Connected {
            return true;
        }
        if self.deadline == Instant::NEVER {
            if now >= self.retry_at {
                let next = self.unasked_retry(now);
                self.start(now);
                self.retry_at = self.retry_at.max(next);
            } else if self.back_off.is_some() {
                self.deadline = self.retry_at;
            }
        }
        !self.state.is_stopped()
    }

    /// Starts the interface if it is stopped, without waiting for the back-off.
    // size: 3 callers
    #[inline(never)]
    pub(crate) fn start(&mut self, now: Instant) {
        // A start neither stops the interface nor takes it out of CONNECTED: nothing reads it.
        const UNUSED: StopReason = StopReason::of(Cause::Closed);
        self.apply(
            Trigger::Start,
            &Occasion {
                reason: UNUSED,
                now,
            },
            None,
        );
    }

    /// Removes a kind of holder. The interface stops when none is left (IFC-8).
    pub(crate) fn release(&mut self, holder: Holder, now: Instant) {
        let was_held = self.is_held();
        self.holders.set(holder, false);
        if was_held && !self.is_held() {
            self.shut_down(Cause::Closed, now);
        }
    }

    /// Stops the interface whoever holds it.
    // size: 3 callers
    #[inline(never)]
    pub(crate) fn shut_down(&mut self, cause: Cause, now: Instant) {
        self.holders = Holders::default();
        let reason = StopReason::of(cause);
        self.apply(Trigger::Stop, &Occasion { reason, now }, None);
    }

    /// Begins anew at the power-up, with the same holders.
    pub(crate) fn restart(&mut self, now: Instant) {
        let holders = self.holders;
        self.shut_down(Cause::Switched, now);
        self.holders = holders;
        self.start(now);
    }

    /// Handles a report about the command with this generation.
    pub(crate) fn handle_report(&mut self, generation: Generation, report: Report, now: Instant) {
        let step = match self.pending.answered(generation) {
            Some(step) if report.is_of(step) => step,
            _ => return count(&mut self.stale),
        };
        let (trigger, ip) = report.read();
        if self
            .hold_down
            .holds_back(trigger, self.state, report.code(), now)
        {
            return;
        }
        let reason = StopReason {
            cause: trigger.cause(),
            // No state belongs to this step: its fault comes when the interface is CONNECTED.
            step: if step == Step::StaticAddress {
                Some(step)
            } else {
                self.step()
            },
            code: report.code(),
        };
        self.apply(trigger, &Occasion { reason, now }, ip.as_ref());
    }

    /// Whether this generation is that of the newest command that ended something, whose fault
    /// changes nothing here (DRV-6). Returns true once.
    pub(crate) fn take_ended(&mut self, generation: Generation) -> bool {
        self.pending.take_ended(generation)
    }

    /// Fires the timer that runs out first, because its deadline has come.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if self.hold_down.deadline() <= self.deadline
            && let Some(code) = self.hold_down.take()
        {
            let trigger = Trigger::loss_of_link(self.id.medium());
            let reason = StopReason {
                cause: trigger.cause(),
                step: self.step(),
                code,
            };
            return self.apply(trigger, &Occasion { reason, now }, None);
        }
        if self.watches_carrier(now) {
            return;
        }
        let (trigger, step) = match self.phase {
            // No timer is armed.
            Phase::Bare => return,
            Phase::Stepping(step) => (Trigger::DeadlinePassed, Some(step)),
            Phase::Up(_) => (Trigger::Stable, None),
            Phase::Stopped(..) => (Trigger::RetryDue, None),
        };
        let reason = StopReason {
            cause: step.map_or(Cause::TimedOut, Cause::of_deadline),
            step,
            code: None,
        };
        self.apply(trigger, &Occasion { reason, now }, None);
    }

    /// Takes the oldest change that the parent has not taken yet.
    pub(crate) const fn take_change(&mut self) -> Option<Change> {
        let change = self.change.take();
        if let Some(state) = self.then.take() {
            self.change = Some(Change::State(state, None));
        }
        change
    }

    /// The kind of command that waits for the backend, if one does.
    pub(crate) const fn waiting(&self) -> Option<WaitingAction> {
        self.pending.waiting()
    }

    /// Takes the next action, with the generation of its command: those that end something go
    /// first. `network` is the Wi-Fi network to join; without one no scan and no join is begun.
    pub(crate) fn take_action<'a>(
        &mut self,
        network: Option<&'a WifiSettings>,
    ) -> Option<(Action<'a>, Generation)> {
        if let Some(ending) = self.pending.take_ending() {
            return Some(ending);
        }
        let (step, generation) = self.pending.take_beginning()?;
        let action = match step {
            Step::Power => Action::PowerUp,
            Step::Scan => Action::Scan(network?),
            Step::Join => Action::Join(network?),
            Step::Wps => Action::Wps,
            Step::Link => Action::StartLink,
            Step::Dhcp => Action::StartDhcp,
            Step::StaticAddress => Action::SetAddress(self.static_address?),
            Step::Modem => Action::PingModem,
            Step::Sim => Action::ReadSim,
            Step::Registration => Action::Register,
            Step::Ppp => Action::Dial,
        };
        Some((action, generation))
    }

    pub(crate) const fn id(&self) -> InterfaceId {
        self.id
    }

    pub(crate) const fn state(&self) -> State {
        self.state
    }

    /// Moves the timers to a clock that says `to` where it said `from` (TIME-7).
    pub(crate) const fn rebase(&mut self, from: Instant, to: Instant) {
        self.deadline = self.deadline.rebased(from, to);
        self.retry_at = self.retry_at.rebased(from, to);
        self.hold_down.rebase(from, to);
    }

    /// When its first timer runs out; [`Instant::NEVER`] if none is armed.
    pub(crate) fn deadline(&self) -> Instant {
        self.deadline.min(self.hold_down.deadline())
    }

    /// The purpose of the timer that runs out first; it counts only while a timer is armed. The
    /// hold-down goes before another one of the same instant, as in [`handle_timeout`](Self::handle_timeout).
    pub(crate) fn timer(&self) -> Option<Timer> {
        match self.phase {
            _ if self.hold_down.deadline() <= self.deadline => Some(Timer::HoldDown),
            Phase::Bare => None,
            Phase::Stepping(step) => Some(Timer::Step(step)),
            Phase::Up(_) => Some(Timer::Stability),
            Phase::Stopped(..) => Some(Timer::BackOff),
        }
    }

    /// The step that is under way.
    pub(crate) const fn step(&self) -> Option<Step> {
        match self.phase {
            Phase::Stepping(step) => Some(step),
            Phase::Bare | Phase::Up(_) | Phase::Stopped(..) => None,
        }
    }

    /// The address settings in use, in CONNECTED only.
    pub(crate) const fn ip_config(&self) -> Option<IpConfig> {
        match self.phase {
            Phase::Up(ip) => Some(ip),
            Phase::Bare | Phase::Stepping(_) | Phase::Stopped(..) => None,
        }
    }

    /// Why it is stopped, in stopped states only.
    pub(crate) const fn reason(&self) -> Option<StopReason> {
        match self.phase {
            Phase::Stopped(reason, _) => Some(reason),
            Phase::Bare | Phase::Stepping(_) | Phase::Up(_) => None,
        }
    }

    /// Whether it is stopped for want of a network to join.
    pub(crate) fn lacks_network(&self) -> bool {
        let cause = self.reason().map(|reason| reason.cause);
        cause == Some(Cause::NoCredentials)
    }

    /// Why it is not CONNECTED yet: it is stopped, or its step is too slow.
    pub(crate) fn hindrance(&self) -> Option<StopReason> {
        match self.step() {
            Some(step) => Some(StopReason {
                cause: Cause::TimedOut,
                step: Some(step),
                code: None,
            }),
            None => self.reason(),
        }
    }

    /// Why it left CONNECTED most recently, if it ever did.
    pub(crate) const fn loss(&self) -> Option<StopReason> {
        self.loss
    }

    /// Whether it recovers from failures by itself.
    pub(crate) const fn recovers(&self) -> bool {
        self.back_off.is_some()
    }

    pub(crate) const fn is_held(&self) -> bool {
        self.holders.local || self.holders.server
    }

    pub(crate) const fn is_held_by_server(&self) -> bool {
        self.holders.server
    }

    /// Whether it waits for the next try of a step that only took too long, DHCP or the registration,
    /// and has not failed too often: a slow network is reached in this way (IFC-14).
    pub(crate) fn keeps_on(&self) -> bool {
        let is_slow = |reason: StopReason| {
            reason.cause == Cause::TimedOut
                && matches!(reason.step, Some(Step::Dhcp | Step::Registration))
        };
        self.reason().is_some_and(is_slow)
            && self.deadline != Instant::NEVER
            && self.ladder.is_patient()
    }

    /// Whether its network came with Wi-Fi Protected Setup, and not from the settings: those that are
    /// provisioned now are what the radio has learnt (IFC-17).
    pub(crate) fn is_joined_by_wps(&self) -> bool {
        self.step() == Some(Step::Wps) || self.pending.has(Step::Wps)
    }

    /// Whether it stopped for this reason only to begin anew, with the same holders.
    pub(crate) fn begins_anew(&self, reason: Option<StopReason>) -> bool {
        self.is_held() && reason.is_some_and(|reason| reason.cause == Cause::Switched)
    }

    /// Whether it is coming up: a step is under way, or only takes long.
    pub(crate) fn is_on_its_way(&self) -> bool {
        self.step().is_some() || self.keeps_on()
    }

    /// Whether a step is under way, or the command for a static address still waits.
    pub(crate) const fn is_under_way(&self) -> bool {
        self.step().is_some() || self.pending.begins()
    }

    /// Whether the command to scan for its network still waits.
    pub(crate) fn is_about_to_scan(&self) -> bool {
        self.step() == Some(Step::Scan) && self.pending.begins() && self.has_network
    }

    /// The address to use the next time that it needs one; without one it asks DHCP.
    pub(crate) const fn static_address(&self) -> Option<&IpConfig> {
        self.static_address.as_ref()
    }

    /// Events that meant nothing in their state, and events of commands that were over.
    pub(crate) const fn ignored(&self) -> (u32, u32) {
        (self.ignored, self.stale)
    }
}

impl Holders {
    const fn set(&mut self, holder: Holder, holds: bool) {
        match holder {
            Holder::Local => self.local = holds,
            Holder::Server => self.server = holds,
        }
    }
}
