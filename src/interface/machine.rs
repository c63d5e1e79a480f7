//! The machine that runs the transition table of an interface's medium.

use super::pending::{PendingActions, WaitingAction};
use super::table::{Effect, table};
use super::{
    Action, Cause, InterfaceConfig, Recovery, Report, State, Step, StepTimeouts, StopReason,
    Trigger,
};
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
pub(crate) struct Interface {
    id: InterfaceId,
    state: State,
    phase: Phase,
    /// When the timer of the phase runs out; [`Instant::NEVER`] if none is armed.
    deadline: Instant,
    holders: Holders,
    /// Whether there is a Wi-Fi network to join.
    has_network: bool,
    /// The address to use in CONNECTED; without one the interface asks DHCP.
    static_address: Option<IpConfig>,
    pending: PendingActions,
    /// The change that the parent has not taken yet. It takes all changes after each input, and no
    /// input makes more than two transitions.
    change: Option<Change>,
    /// The state after that change, if there was a second transition. Only [`Effect::Associate`]
    /// and [`Interface::restart`] make one; it has no reason, because it neither stops the
    /// interface nor leaves CONNECTED.
    then: Option<State>,
    /// Why it left CONNECTED most recently.
    loss: Option<StopReason>,
    ignored: u32,
    stale: u32,
    step_timeouts: StepTimeouts,
    back_off: Option<BackOff>,
}

/// What comes with the state.
// size: 40 B, and 690 instructions of a time-out on a Cortex-M3: with a smaller tag the address
// would be copied byte by byte.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
enum Phase {
    /// Never started, or passing through a state.
    Bare,
    /// A step is under way.
    Stepping(Step),
    /// CONNECTED, with this address.
    Up(IpConfig),
    /// Stopped for this reason, and perhaps about to try again.
    Stopped(StopReason),
}

/// What an interface waits for until its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Timer {
    /// The answer of this step.
    Step(Step),
    /// The end of the back-off, then it tries again.
    BackOff,
    /// The proof that CONNECTED is stable, then the back-off begins anew.
    Stability,
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
struct Holders {
    local: bool,
    server: bool,
}

/// A change that the parent takes and reacts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// The interface is in this state now; the reason says why it stopped or left CONNECTED.
    State(State, Option<StopReason>),
    /// Another address, mask or gateway within CONNECTED (IFC-5).
    Address,
}

impl Interface {
    /// An interface that nobody has opened. `seed` is that of the device.
    pub(crate) fn new(config: &InterfaceConfig, seed: u64) -> Self {
        Self {
            id: config.id,
            state: State::Unknown,
            phase: Phase::Bare,
            deadline: Instant::NEVER,
            holders: Holders::default(),
            has_network: false,
            static_address: None,
            pending: PendingActions::default(),
            change: None,
            then: None,
            loss: None,
            ignored: 0,
            stale: 0,
            step_timeouts: config.step_timeouts,
            back_off: match &config.recovery {
                Recovery::Automatic(back_off) => {
                    Some(BackOff::new(back_off, seed, config.id.ordinal()))
                }
                Recovery::Manual => None,
            },
        }
    }

    /// Sets whether there is a Wi-Fi network to join, and where the address comes from. The first
    /// counts from the next scan on, the second when the interface needs an address again.
    pub(crate) fn configure(&mut self, has_network: bool, static_address: Option<&IpConfig>) {
        self.has_network = has_network;
        IpConfig::assign(&mut self.static_address, static_address);
    }

    /// Adds a holder (IFC-1). An interface that is not up starts at once.
    pub(crate) fn hold(&mut self, holder: Holder, now: Instant) {
        match holder {
            Holder::Local => self.holders.local = true,
            Holder::Server => self.holders.server = true,
        }
        self.start(now);
    }

    /// Starts the interface if it is stopped, without waiting for the back-off.
    // size: 3 callers
    #[inline(never)]
    pub(crate) fn start(&mut self, now: Instant) {
        // A start neither stops the interface nor takes it out of CONNECTED: nothing reads it.
        const UNUSED: StopReason = StopReason::of(Cause::Closed);
        self.apply(Trigger::Start, &UNUSED, None, now);
    }

    /// Removes a kind of holder. The interface stops when none is left (IFC-8).
    pub(crate) fn release(&mut self, holder: Holder, now: Instant) {
        let was_held = self.is_held();
        match holder {
            Holder::Local => self.holders.local = false,
            Holder::Server => self.holders.server = false,
        }
        if was_held && !self.is_held() {
            self.shut_down(Cause::Closed, now);
        } else if self.state.is_stopped() && !self.holders.local {
            // An interface recovers for local holders only (IFC-7).
            self.deadline = Instant::NEVER;
        }
    }

    /// Stops the interface whoever holds it.
    // size: 3 callers
    #[inline(never)]
    pub(crate) fn shut_down(&mut self, cause: Cause, now: Instant) {
        self.holders = Holders::default();
        self.apply(Trigger::Stop, &StopReason::of(cause), None, now);
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
        self.apply(trigger, &reason, ip.as_ref(), now);
    }

    /// Whether this generation is that of the newest command that ended something, whose fault
    /// changes nothing here (DRV-6). Returns true once.
    pub(crate) fn take_ended(&mut self, generation: Generation) -> bool {
        self.pending.take_ended(generation)
    }

    /// Fires the timer, because its deadline has come.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        let (trigger, step) = match self.phase {
            // No timer is armed.
            Phase::Bare => return,
            Phase::Stepping(step) => (Trigger::DeadlinePassed, Some(step)),
            Phase::Up(_) => (Trigger::Stable, None),
            Phase::Stopped(_) => {
                // A look for the carrier is no failed attempt, and leaves the delay (IFC-7).
                if self.state != State::EthernetStoppedNoLink
                    && let Some(back_off) = &mut self.back_off
                {
                    back_off.lengthen();
                }
                (Trigger::RetryDue, None)
            }
        };
        let reason = StopReason {
            cause: step.map_or(Cause::TimedOut, Cause::of_deadline),
            step,
            code: None,
        };
        self.apply(trigger, &reason, None, now);
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

    /// Moves the timer to a clock that says `to` where it said `from` (TIME-7).
    pub(crate) const fn rebase(&mut self, from: Instant, to: Instant) {
        self.deadline = self.deadline.rebased(from, to);
    }

    /// When its timer runs out; [`Instant::NEVER`] if none is armed.
    pub(crate) const fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The purpose of its timer; it counts only while the timer is armed.
    pub(crate) const fn timer(&self) -> Option<Timer> {
        match self.phase {
            Phase::Bare => None,
            Phase::Stepping(step) => Some(Timer::Step(step)),
            Phase::Up(_) => Some(Timer::Stability),
            Phase::Stopped(_) => Some(Timer::BackOff),
        }
    }

    /// The step that is under way.
    pub(crate) const fn step(&self) -> Option<Step> {
        match self.phase {
            Phase::Stepping(step) => Some(step),
            Phase::Bare | Phase::Up(_) | Phase::Stopped(_) => None,
        }
    }

    /// The address settings in use, in CONNECTED only.
    pub(crate) const fn ip_config(&self) -> Option<IpConfig> {
        match self.phase {
            Phase::Up(ip) => Some(ip),
            Phase::Bare | Phase::Stepping(_) | Phase::Stopped(_) => None,
        }
    }

    /// Why it is stopped, in stopped states only.
    pub(crate) const fn reason(&self) -> Option<StopReason> {
        match self.phase {
            Phase::Stopped(reason) => Some(reason),
            Phase::Bare | Phase::Stepping(_) | Phase::Up(_) => None,
        }
    }

    /// Why it left CONNECTED most recently, if it ever did.
    pub(crate) const fn loss(&self) -> Option<StopReason> {
        self.loss
    }

    pub(crate) const fn is_held(&self) -> bool {
        self.holders.local || self.holders.server
    }

    pub(crate) const fn is_held_by_server(&self) -> bool {
        self.holders.server
    }

    /// Whether a step is under way, or the command for a static address still waits.
    pub(crate) const fn is_under_way(&self) -> bool {
        self.step().is_some() || self.pending.begins()
    }

    /// The address to use the next time that it needs one; without one it asks DHCP.
    pub(crate) const fn static_address(&self) -> Option<&IpConfig> {
        self.static_address.as_ref()
    }

    /// Events that meant nothing in their state, and events of commands that were over.
    pub(crate) const fn ignored(&self) -> (u32, u32) {
        (self.ignored, self.stale)
    }

    /// Does what the table says of a trigger. `reason` is why the interface stops or leaves
    /// CONNECTED, if it does; `ip` is the address that was granted.
    fn apply(
        &mut self,
        trigger: Trigger,
        reason: &StopReason,
        ip: Option<&IpConfig>,
        now: Instant,
    ) {
        let effect = table(self.id.medium()).effect(self.state.bit(), trigger.index());
        let static_address;
        let (next, ends, ip) = match (effect, ip) {
            (Some(Effect::Enter(next)), _) => (next, None, None),
            (Some(Effect::Search(scanning, _)), _) if self.has_network => (scanning, None, None),
            (Some(Effect::Search(_, stopped)), _) => {
                let cause = Cause::NoCredentials;
                self.pending.end(Step::Scan);
                return self.transition_to(stopped, &StopReason { cause, ..*reason }, None, now);
            }
            (Some(Effect::Resume(next)), _) if self.back_off.is_some() => (next, None, None),
            (Some(Effect::Address(dhcping) | Effect::Associate(dhcping, _)), _) => {
                if let Some(Effect::Associate(_, link_up)) = effect {
                    self.transition_to(link_up, reason, None, now);
                }
                match self.static_address {
                    None => (dhcping, None, None),
                    Some(ip) => {
                        static_address = ip;
                        self.pending.begin(Step::StaticAddress);
                        (State::Connected, None, Some(&static_address))
                    }
                }
            }
            (Some(Effect::Connect), Some(ip)) => (State::Connected, None, Some(ip)),
            (Some(Effect::Renew), Some(ip)) => return self.renew(ip),
            (Some(Effect::Halt(stopped, ends)), _) => (stopped, Some(ends), None),
            (Some(Effect::Close(stopped)), _) => (stopped, Some(Step::Power), None),
            (Some(Effect::Trust), _) => return self.trust(),
            (None | Some(Effect::Resume(_) | Effect::Connect | Effect::Renew), _) => {
                // Only events are counted: a request without an effect is none.
                if !matches!(trigger, Trigger::Start | Trigger::Stop) {
                    count(&mut self.ignored);
                }
                return;
            }
        };
        if let Some(step) = ends {
            self.pending.end(step);
        }
        self.transition_to(next, reason, ip, now);
    }

    fn renew(&mut self, renewed: &IpConfig) {
        if let Phase::Up(ip) = &mut self.phase
            && ip != renewed
        {
            self.change = Some(Change::Address);
            *ip = *renewed;
        }
    }

    fn trust(&mut self) {
        self.deadline = Instant::NEVER;
        if let Some(back_off) = &mut self.back_off {
            back_off.reset();
        }
    }

    /// The only function that sets the state, and with it the phase, the timer, the command of a
    /// step that begins, and the change for the parent. `reason` is why the interface stops or
    /// leaves CONNECTED, if it does; `ip` is its address in CONNECTED.
    // size: 3 callers
    #[inline(never)]
    fn transition_to(
        &mut self,
        next: State,
        reason: &StopReason,
        ip: Option<&IpConfig>,
        now: Instant,
    ) {
        let is_loss = self.state == State::Connected;
        if is_loss {
            self.loss = Some(*reason);
        }
        if self.state != next {
            let has_reason = is_loss || next.is_stopped();
            match self.change {
                None => self.change = Some(Change::State(next, has_reason.then_some(*reason))),
                Some(_) => self.then = Some(next),
            }
        }
        self.state = next;
        self.phase = match (next.step(), ip) {
            (Some(step), _) => {
                self.pending.begin(step);
                Phase::Stepping(step)
            }
            (None, Some(ip)) => Phase::Up(*ip),
            (None, None) if next.is_stopped() => Phase::Stopped(*reason),
            (None, None) => Phase::Bare,
        };
        self.deadline = self
            .timeout()
            .map_or(Instant::NEVER, |span| span.after(now));
    }

    /// The time-out of the present phase; `None` if its timer is not armed.
    fn timeout(&mut self) -> Option<Span> {
        match (&self.phase, &mut self.back_off) {
            (Phase::Stepping(step), _) => Some(self.step_timeouts.of(*step)),
            (Phase::Up(_), Some(back_off)) => Some(back_off.stable_after()),
            // Only a request that brings credentials can help.
            (Phase::Stopped(reason), _) if reason.cause == Cause::NoCredentials => None,
            (Phase::Stopped(_), Some(back_off)) if self.holders.local => {
                Some(if self.state == State::EthernetStoppedNoLink {
                    // The carrier is watched, and its return ends the wait: a rare look will do.
                    back_off.longest_delay()
                } else {
                    back_off.delay()
                })
            }
            (Phase::Bare | Phase::Up(_) | Phase::Stopped(_), _) => None,
        }
    }
}
