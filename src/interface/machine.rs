//! The machine that runs the transition table of an interface's medium.

use bitflags::bitflags;

use super::config::Spans;
use super::laid::{Timed, Untimed, Way};
use super::lookup::Outcome;
use super::pending::Pending;
use super::phase::{Phase, Timer};
use super::{Action, Cause, InterfaceConfig, Reason, Recovery, Report, State, Step, Trigger};
use crate::alarm::Alarm;
use crate::back_off::BackOff;
use crate::counter::count;
use crate::generation::Generation;
use crate::ipv4::IpConfig;
use crate::nic::{InterfaceId, WifiSettings};
use crate::span::Span;
use crate::time::Instant;

bitflags! {
    /// Who keeps an interface up.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Holders: u8 {
        /// Somebody opened it for local use.
        const LOCAL = 1;
        /// The server connection or an attempt at it uses it.
        const SERVER = 2;
    }
}

bitflags! {
    /// What the parent has still to take.
    #[derive(Clone, Copy, Debug)]
    struct Owed: u8 {
        /// Something that it is told: of another address, where not of a state.
        const CHANGE = 1;
        /// A timer to be wound up for the phase, which is new.
        const TIMER = 2;
    }
}

/// Where a CONNECTED interface gets its address from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addressing {
    Dhcp,
    Static(IpConfig),
}

/// What the parent is told, in the order in which it came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Another state, and why where the last one was lost.
    State(State, Option<Reason>),
    /// Another address, mask or gateway within CONNECTED (IFC-5).
    Address,
}

/// The machine of one interface.
///
/// The parent hands it reports, requests and time-outs. After each of them it tells the time, by
/// [`Interface::wind_up`], and takes what changed from [`Interface::poll_change`]; actions for the
/// backend stay until they are polled.
///
/// `Copy`, for a clone of a manager is checked to have no panic in it: arrays of what is cloned part
/// by part come with an assertion that is not always seen to hold.
#[derive(Clone, Copy, Debug)]
// What is asked for most stands first, where short instructions reach it.
#[repr(C)]
pub(crate) struct Interface {
    id: InterfaceId,
    state: State,
    holders: Holders,
    /// Whether there is a Wi-Fi network to join.
    has_network: bool,
    owed: Owed,
    /// The last state that the parent was told.
    told: State,
    /// A state between that one and the present one, and why it was stopped there.
    passed: Option<(State, Option<Cause>)>,
    /// The timer of the phase.
    alarm: Alarm,
    pending: Pending,
    phase: Phase,
    addressing: Addressing,
    /// Why it last left CONNECTED.
    loss: Option<Reason>,
    ignored: u32,
    stale: u32,
    spans: Spans,
    back_off: Option<BackOff>,
}

impl Interface {
    /// An interface that nobody has opened.
    pub(crate) fn new(config: &InterfaceConfig) -> Self {
        Self {
            id: config.id,
            state: State::Unknown,
            holders: Holders::empty(),
            has_network: false,
            owed: Owed::empty(),
            told: State::Unknown,
            passed: None,
            alarm: Alarm::OFF,
            phase: Phase::Fresh,
            pending: Pending::NONE,
            addressing: Addressing::Dhcp,
            loss: None,
            ignored: 0,
            stale: 0,
            back_off: match &config.recovery {
                Recovery::Automatic(back_off) => Some(BackOff::new(back_off, config.id.ordinal())),
                Recovery::Manual => None,
            },
            spans: config.spans(),
        }
    }

    /// Sets where the address comes from; counts from the next time that it is asked for.
    pub(crate) fn set_addressing(&mut self, addressing: Addressing) {
        self.addressing = addressing;
    }

    /// Tells whether there is a Wi-Fi network to join; counts from the next scan.
    pub(crate) fn set_network(&mut self, there_is_one: bool) {
        self.has_network = there_is_one;
    }

    /// A holder joins (IFC-1). An interface that is stopped starts at once.
    pub(crate) fn hold(&mut self, holder: Holders) {
        self.holders.insert(holder);
        self.start();
    }

    /// Tries now what would be tried after the back-off.
    // A call takes less room, and there are four.
    #[inline(never)]
    pub(crate) fn start(&mut self) {
        // A start stops nothing but for want of a network, which has a cause of its own.
        self.apply(Trigger::Start, Reason::of(Cause::Closed), None);
    }

    /// A kind of holder has left; the last one stops the interface (IFC-8).
    pub(crate) fn release(&mut self, holder: Holders) {
        let was_held = self.is_held();
        self.holders.remove(holder);
        if was_held && !self.is_held() {
            self.shut_down(Cause::Closed);
        } else if self.state.is_stopped() && !self.holders.contains(Holders::LOCAL) {
            // Recovery is for local holders (IFC-7).
            self.alarm = Alarm::OFF;
        }
    }

    /// Stops the interface whoever holds it.
    // As above.
    #[inline(never)]
    pub(crate) fn shut_down(&mut self, cause: Cause) {
        self.holders = Holders::empty();
        self.apply(Trigger::Stop, Reason::of(cause), None);
    }

    /// Begins anew at the power-up, for whoever holds it.
    pub(crate) fn restart(&mut self) {
        let holders = self.holders;
        self.shut_down(Cause::Switched);
        self.hold(holders);
    }

    /// The backend reports something that belongs to the command with this generation.
    pub(crate) fn handle_report(&mut self, generation: Generation, report: Report) {
        let step = self.pending.step(generation);
        let Some(step) = step.filter(|step| report.is_of(*step)) else {
            count(&mut self.stale);
            return;
        };
        // Nothing waits for a static address: that it cannot be set shows afterwards.
        let during = if step == Step::StaticAddress {
            Some(step)
        } else {
            self.step()
        };
        let code = report.code();
        let ip = report.granted();
        let trigger = if ip.is_some() {
            report.trigger()
        } else {
            report.trigger().refused()
        };
        let reason = Reason::new(trigger.cause(), during, code);
        self.apply(trigger, reason, ip.as_ref());
    }

    /// Fires the deadline, which has come.
    pub(crate) fn handle_timeout(&mut self) {
        let trigger = match self.phase {
            // Nothing runs before the first start.
            Phase::Fresh => return,
            Phase::Stepping(_) => Trigger::DeadlinePassed,
            Phase::Stopped(_) => {
                // A look for the carrier is no try that failed.
                let looks_for_carrier = self.state == State::EthernetStoppedNoLink;
                if let (Some(back_off), false) = (&mut self.back_off, looks_for_carrier) {
                    back_off.lengthen();
                }
                Trigger::RetryDue
            }
            Phase::Up(_) => Trigger::Stable,
        };
        let step = self.step();
        let cause = step.map_or(Cause::TimedOut, Cause::of_deadline);
        let reason = Reason::new(cause, step, None);
        self.apply(trigger, reason, None);
    }

    /// Winds up the timer of a phase that is new.
    pub(crate) fn wind_up(&mut self, now: Instant) {
        if self.take(Owed::TIMER) {
            let span = self.span();
            self.alarm = span.map_or(Alarm::OFF, |span| Alarm::after(now, span));
        }
    }

    /// Its timer, if it runs.
    pub(crate) const fn alarm(&self) -> Alarm {
        self.alarm
    }

    /// What it is for.
    pub(crate) const fn timer(&self) -> Option<Timer> {
        self.phase.timer()
    }

    /// The step that is under way.
    pub(crate) const fn step(&self) -> Option<Step> {
        match self.phase {
            Phase::Stepping(step) => Some(step),
            Phase::Fresh | Phase::Up(_) | Phase::Stopped(_) => None,
        }
    }

    /// What has changed and was not told yet.
    pub(crate) fn poll_change(&mut self) -> Option<Change> {
        if !self.take(Owed::CHANGE) {
            return None;
        }
        if let Some((state, cause)) = self.passed.take() {
            self.told = state;
            self.owed |= Owed::CHANGE;
            return Some(Change::State(state, cause.map(Reason::of)));
        }
        if self.told == self.state {
            return Some(Change::Address);
        }
        let reason = if self.told == State::Connected {
            self.loss
        } else {
            self.reason()
        };
        self.told = self.state;
        Some(Change::State(self.state, reason))
    }

    /// The next action that ends something. Those of all interfaces go before any that begins
    /// something.
    pub(crate) fn poll_ending(&mut self) -> Option<Action<'static>> {
        self.pending.poll_ending()
    }

    /// The action that begins the present step, if the backend has not got it yet. `network` is
    /// the Wi-Fi network to join, where there is one.
    pub(crate) fn poll_beginning<'a>(
        &mut self,
        network: Option<&'a WifiSettings>,
    ) -> Option<Action<'a>> {
        let (step, generation) = self.pending.poll_beginning()?;
        match step {
            Step::Power => Some(Action::PowerUp(generation)),
            // Without a network none of these is begun.
            Step::Scan => network.map(|network| Action::Scan(generation, network)),
            Step::Join => network.map(|network| Action::Join(generation, network)),
            Step::Wps => Some(Action::Wps(generation)),
            Step::Link => Some(Action::StartLink(generation)),
            Step::Dhcp => Some(Action::StartDhcp(generation)),
            Step::StaticAddress => match self.addressing {
                Addressing::Static(ip) => Some(Action::SetAddress(generation, ip)),
                Addressing::Dhcp => Some(Action::StartDhcp(generation)),
            },
            Step::Modem => Some(Action::PingModem(generation)),
            Step::Sim => Some(Action::ReadSim(generation)),
            Step::Registration => Some(Action::Register(generation)),
            Step::Ppp => Some(Action::Dial(generation)),
        }
    }

    /// Whether an action waits to be polled.
    pub(crate) fn has_actions(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Whether the backend has still to be told of the present step.
    pub(crate) const fn begins(&self) -> bool {
        self.pending.begins()
    }

    pub(crate) const fn id(&self) -> InterfaceId {
        self.id
    }

    pub(crate) const fn state(&self) -> State {
        self.state
    }

    /// The address settings in use, in CONNECTED only.
    pub(crate) const fn ip_config(&self) -> Option<IpConfig> {
        match self.phase {
            Phase::Up(ip) => Some(ip),
            Phase::Fresh | Phase::Stepping(_) | Phase::Stopped(_) => None,
        }
    }

    /// Why it is stopped, in stopped states only.
    pub(crate) const fn reason(&self) -> Option<Reason> {
        match self.phase {
            Phase::Stopped(reason) => Some(reason),
            Phase::Fresh | Phase::Stepping(_) | Phase::Up(_) => None,
        }
    }

    /// Why it last left CONNECTED, if it ever did.
    pub(crate) const fn loss(&self) -> Option<Reason> {
        self.loss
    }

    pub(crate) const fn is_held(&self) -> bool {
        !self.holders.is_empty()
    }

    pub(crate) const fn is_held_by(&self, holder: Holders) -> bool {
        self.holders.contains(holder)
    }

    /// Where its address comes from the next time that it is asked for.
    pub(crate) const fn addressing(&self) -> &Addressing {
        &self.addressing
    }

    /// Events that meant nothing in their state, and events of commands that were over.
    pub(crate) const fn ignored(&self) -> (u32, u32) {
        (self.ignored, self.stale)
    }
}

impl Interface {
    /// Runs what the table says of a trigger. `reason` is why the interface stops or leaves
    /// CONNECTED, where it does, and `ip` the address that came.
    fn apply(&mut self, trigger: Trigger, mut reason: Reason, ip: Option<&IpConfig>) {
        let before = self.state;
        let outcome = Outcome::of(self.id.medium(), before, trigger);
        // Where it stops, and with the end of which step.
        let stop = if let Some(timed) = outcome.and_then(Outcome::timed) {
            match (timed.way, ip) {
                (Way::Search(stopped), _) if !self.has_network => {
                    reason.cause = Cause::NoCredentials;
                    Some((stopped, Step::Scan))
                }
                (Way::Halt(ends), _) => Some((timed.state, ends)),
                (Way::Connect, Some(ip)) => {
                    self.connect(ip);
                    None
                }
                (Way::Connect, None) => return self.ignore(trigger),
                (Way::Resume, _) if self.back_off.is_none() => return self.ignore(trigger),
                (Way::Enter | Way::Search(_) | Way::Resume, _) => {
                    self.enter(timed);
                    None
                }
                (Way::Associate(_) | Way::Address, _) => {
                    if let Way::Associate(via) = timed.way {
                        self.transition_to(via);
                    }
                    self.go_on_to_address(timed);
                    None
                }
            }
        } else {
            match (outcome.and_then(Outcome::untimed), ip) {
                (Some(Untimed::Close(state)), _) => Some((state, Step::Power)),
                (Some(Untimed::Renew), Some(ip)) => return self.renew(ip),
                (Some(Untimed::Trust), _) => return self.trust(),
                (Some(Untimed::Renew) | None, _) => return self.ignore(trigger),
            }
        };
        if let Some((state, ends)) = stop {
            self.pending.end(ends);
            self.transition_to(state);
            self.phase = Phase::Stopped(reason);
        }
        if before == State::Connected {
            self.loss = Some(reason);
        }
        self.owed |= Owed::TIMER;
    }

    /// Whether the parent has still to take this, which it does now.
    fn take(&mut self, owed: Owed) -> bool {
        let is_owed = self.owed.contains(owed);
        self.owed.remove(owed);
        is_owed
    }

    /// Counts an event that means nothing here; a request that does is no event.
    fn ignore(&mut self, trigger: Trigger) {
        if !matches!(trigger, Trigger::Start | Trigger::Stop) {
            count(&mut self.ignored);
        }
    }

    fn go_on_to_address(&mut self, dhcping: &Timed) {
        match self.addressing {
            Addressing::Dhcp => self.enter(dhcping),
            Addressing::Static(ip) => {
                self.pending.begin(Step::StaticAddress);
                self.connect(&ip);
            }
        }
    }

    /// Goes to a state that runs a step, and issues its command.
    fn enter(&mut self, timed: &Timed) {
        // A state that a table enters so runs a step: others do not compile.
        if let Some(step) = timed.awaited.step() {
            self.pending.begin(step);
            self.transition_to(timed.state);
            self.phase = Phase::Stepping(step);
        }
    }

    fn connect(&mut self, ip: &IpConfig) {
        self.transition_to(State::Connected);
        self.phase = Phase::Up(*ip);
    }

    fn renew(&mut self, renewed: &IpConfig) {
        if let Phase::Up(ip) = &mut self.phase {
            if !ip.same_route(renewed) {
                self.owed |= Owed::CHANGE;
            }
            *ip = *renewed;
        }
    }

    /// How long to wait in the present phase; `None` where nothing is waited for.
    fn span(&mut self) -> Option<Span> {
        match (&self.phase, &mut self.back_off) {
            (Phase::Stepping(step), _) => Some(self.spans.of(*step)),
            (Phase::Up(_), Some(back_off)) => Some(back_off.stable_after()),
            // Only a request with some can help.
            (Phase::Stopped(reason), _) if reason.cause == Cause::NoCredentials => None,
            (Phase::Stopped(_), Some(back_off)) if self.holders.contains(Holders::LOCAL) => {
                Some(if self.state == State::EthernetStoppedNoLink {
                    // The carrier is watched, and its return is the way out: a look now and then
                    // will do.
                    back_off.longest_delay()
                } else {
                    back_off.delay()
                })
            }
            (Phase::Fresh | Phase::Up(_) | Phase::Stopped(_), _) => None,
        }
    }

    fn trust(&mut self) {
        self.alarm = Alarm::OFF;
        if let Some(back_off) = &mut self.back_off {
            back_off.reset();
        }
    }

    /// The only place that changes the state. What the new one needs, its phase and its timer, is
    /// set thereafter.
    // A call takes less room, and there are several.
    #[inline(never)]
    fn transition_to(&mut self, next: State) {
        if next != self.state {
            if self.told != self.state {
                let cause = self.reason().map(|reason| reason.cause);
                self.passed = Some((self.state, cause));
            }
            self.state = next;
            self.owed |= Owed::CHANGE;
        }
    }
}
