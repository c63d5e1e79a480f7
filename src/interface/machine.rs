//! The machine that runs the transition table of an interface's medium.

use bitflags::bitflags;
use heapless::Deque;

use super::config::Spans;
use super::event::Data;
use super::laid::{Timed, Untimed, Way};
use super::lookup::Outcome;
use super::phase::{Phase, Timer};
use super::step::InForce;
use super::{Action, Cause, InterfaceConfig, Reason, Recovery, Report, State, Step, Trigger};
use crate::back_off::BackOff;
use crate::generation::Generation;
use crate::ipv4::IpConfig;
use crate::nic::{InterfaceId, WifiSettings};
use crate::time::{Alarm, Deadline, Duration, Instant};

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
    /// Commands of ending something that the backend has still to be given, in this order.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct Endings: u8 {
        const STOP = 1;
        const POWER_DOWN = 2;
    }
}

impl Endings {
    /// What ends `step` and all that builds on it.
    const fn of(step: Step) -> Self {
        match step.height() {
            0 => Self::all(),
            1 => Self::STOP,
            // What is below still runs, as the watch on the carrier.
            _ => Self::empty(),
        }
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

/// The most changes that one input can bring about.
const CHANGES: usize = 2;

/// The machine of one interface.
///
/// The parent hands it reports, requests and time, and after each of them takes what changed from
/// [`Interface::poll_change`]; actions for the backend stay until they are polled.
#[derive(Clone, Debug)]
pub(crate) struct Interface {
    id: InterfaceId,
    spans: Spans,
    back_off: Option<BackOff>,
    holders: Holders,
    addressing: Addressing,
    /// Whether there is a Wi-Fi network to join.
    has_network: bool,
    state: State,
    phase: Phase,
    /// Why it last left CONNECTED.
    loss: Option<Reason>,
    /// Whether the backend was told to power up, and not to power down since.
    powered: bool,
    endings: Endings,
    beginning: Option<(Step, Generation)>,
    last_generation: Generation,
    in_force: InForce,
    changes: Deque<Change, CHANGES>,
    ignored: u32,
    stale: u32,
}

impl Interface {
    /// An interface that nobody has opened. The configuration has been checked.
    pub(crate) fn new(config: &InterfaceConfig) -> Self {
        Self {
            id: config.id,
            spans: config.spans(),
            back_off: match config.recovery {
                Recovery::Automatic(back_off) => Some(BackOff::new(back_off, config.id.ordinal())),
                Recovery::Manual => None,
            },
            holders: Holders::empty(),
            addressing: Addressing::Dhcp,
            has_network: false,
            state: State::Unknown,
            phase: Phase::Fresh,
            loss: None,
            powered: false,
            endings: Endings::empty(),
            beginning: None,
            last_generation: Generation::default(),
            in_force: InForce::default(),
            changes: Deque::new(),
            ignored: 0,
            stale: 0,
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
    pub(crate) fn hold(&mut self, now: Instant, holder: Holders) {
        self.holders.insert(holder);
        self.start(now);
    }

    /// Tries now what would be tried after the back-off.
    pub(crate) fn start(&mut self, now: Instant) {
        self.apply(now, Trigger::Start, Data::None);
    }

    /// A kind of holder has left; the last one stops the interface (IFC-8).
    pub(crate) fn release(&mut self, now: Instant, holder: Holders) {
        let was_held = self.is_held();
        self.holders.remove(holder);
        if was_held && self.holders.is_empty() {
            self.apply(now, Trigger::Stop, Data::Stop(Cause::Closed));
        } else if let (Phase::Stopped { retry_at, .. }, false) =
            (&mut self.phase, self.holders.contains(Holders::LOCAL))
        {
            // Recovery is for local holders (IFC-7).
            *retry_at = Alarm::OFF;
        }
    }

    /// Stops the interface whoever holds it.
    pub(crate) fn shut_down(&mut self, now: Instant, cause: Cause) {
        self.holders = Holders::empty();
        self.apply(now, Trigger::Stop, Data::Stop(cause));
    }

    /// Begins anew at the power-up, for whoever holds it.
    pub(crate) fn restart(&mut self, now: Instant) {
        self.apply(now, Trigger::Stop, Data::Stop(Cause::Switched));
        self.start(now);
    }

    /// The backend reports something that belongs to the command with this generation.
    pub(crate) fn handle_report(&mut self, now: Instant, generation: Generation, report: Report) {
        let step = self.in_force.step(generation);
        let Some(step) = step.filter(|step| report.is_of(*step)) else {
            self.stale = self.stale.saturating_add(1);
            return;
        };
        let (trigger, data) = match (report.trigger(), step) {
            ((trigger, Data::Code(code)), Step::StaticAddress) => {
                (trigger, Data::AddressCode(code))
            }
            (told, _) => told,
        };
        self.apply(now, trigger, data);
    }

    /// Fires the deadline if it has come.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        let Some(deadline) = self.deadline().filter(|deadline| deadline.at <= now) else {
            return;
        };
        let trigger = match deadline.reason {
            Timer::Step(_) => Trigger::DeadlinePassed,
            Timer::BackOff => {
                // A look for the carrier is no try that failed.
                let looks_for_carrier = self.state == State::EthernetStoppedNoLink;
                if let (Some(back_off), false) = (&mut self.back_off, looks_for_carrier) {
                    back_off.lengthen();
                }
                Trigger::RetryDue
            }
            Timer::Stability => Trigger::Stable,
        };
        self.apply(now, trigger, Data::None);
    }

    /// The one deadline that is armed, if any.
    pub(crate) fn deadline(&self) -> Option<Deadline<Timer>> {
        self.phase.timer()
    }

    /// What has changed and was not told yet.
    pub(crate) fn poll_change(&mut self) -> Option<Change> {
        self.changes.pop_front()
    }

    /// The next action that ends something. Those of all interfaces go before any that begins
    /// something.
    pub(crate) fn poll_ending(&mut self) -> Option<Action<'static>> {
        if self.endings.contains(Endings::STOP) {
            self.endings.remove(Endings::STOP);
            Some(Action::Stop)
        } else if self.endings.contains(Endings::POWER_DOWN) {
            self.endings.remove(Endings::POWER_DOWN);
            self.powered = false;
            Some(Action::PowerDown)
        } else {
            None
        }
    }

    /// The action that begins the present step, if the backend has not got it yet. `network` is
    /// the Wi-Fi network to join, where there is one.
    pub(crate) fn poll_beginning<'a>(
        &mut self,
        network: Option<&'a WifiSettings>,
    ) -> Option<Action<'a>> {
        let (step, generation) = self.beginning.take()?;
        // Only now can the backend answer.
        self.in_force.begin(step, generation);
        self.powered |= step == Step::Power;
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
        !self.endings.is_empty() || self.begins()
    }

    /// Whether the backend has still to be told of the present step.
    pub(crate) const fn begins(&self) -> bool {
        self.beginning.is_some()
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
            Phase::Up { ip, .. } => Some(ip),
            Phase::Fresh | Phase::Stepping { .. } | Phase::Stopped { .. } => None,
        }
    }

    /// Why it is stopped, in stopped states only.
    pub(crate) const fn reason(&self) -> Option<Reason> {
        match self.phase {
            Phase::Stopped { reason, .. } => Some(reason),
            Phase::Fresh | Phase::Stepping { .. } | Phase::Up { .. } => None,
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
    pub(crate) const fn addressing(&self) -> Addressing {
        self.addressing
    }

    /// Events that meant nothing in their state, and events of commands that were over.
    pub(crate) const fn ignored(&self) -> (u32, u32) {
        (self.ignored, self.stale)
    }
}

impl Interface {
    /// Runs what the table says of a trigger.
    fn apply(&mut self, now: Instant, trigger: Trigger, data: Data) {
        let outcome = Outcome::of(self.id.medium(), self.state, trigger);
        if let Some(timed) = outcome.and_then(Outcome::timed) {
            return self.go(now, trigger, timed, data);
        }
        match (outcome.and_then(Outcome::untimed), data) {
            (Some(Untimed::Close(state)), Data::Stop(cause)) => self.close(state, cause),
            (Some(Untimed::Renew), Data::Ip(ip)) => self.renew(ip),
            (Some(Untimed::Trust), _) => self.trust(),
            (Some(Untimed::Close(_) | Untimed::Renew) | None, _) => self.ignore(trigger),
        }
    }

    /// Goes to a state in which a timer runs.
    fn go(&mut self, now: Instant, trigger: Trigger, timed: &Timed, data: Data) {
        // What a step back out of CONNECTED is put down to.
        let lost = self.ip_config().map(|_| Reason {
            cause: trigger.loss(),
            step: None,
            code: data.code(),
        });
        match (timed.way, data) {
            (Way::Enter, _) => self.enter(now, timed, lost),
            (Way::Search(_), _) if self.has_network => self.enter(now, timed, lost),
            (Way::Search(state), data) => {
                self.halt(now, (state, Cause::NoCredentials, Step::Scan), data);
            }
            (Way::Resume, _) if self.back_off.is_some() => self.enter(now, timed, None),
            (Way::Associate(via), _) => {
                self.transition_to(via, self.phase, None);
                self.go_on_to_address(now, timed);
            }
            (Way::Address, _) => self.go_on_to_address(now, timed),
            (Way::Connect, Data::Ip(ip)) => self.connect(now, ip),
            (Way::Halt(cause, ends), data) => self.halt(now, (timed.state, cause, ends), data),
            (Way::Resume | Way::Connect, _) => self.ignore(trigger),
        }
    }

    /// Counts an event that means nothing here; a request that does is no event.
    fn ignore(&mut self, trigger: Trigger) {
        if !matches!(trigger, Trigger::Start | Trigger::Stop) {
            self.ignored = self.ignored.saturating_add(1);
        }
    }

    fn go_on_to_address(&mut self, now: Instant, dhcping: &Timed) {
        match self.addressing {
            Addressing::Dhcp => self.enter(now, dhcping, None),
            Addressing::Static(ip) => {
                self.begin(Step::StaticAddress);
                self.connect(now, ip);
            }
        }
    }

    /// Goes to a state that runs a step.
    fn enter(&mut self, now: Instant, timed: &Timed, lost: Option<Reason>) {
        // A state that a table enters so runs a step: others do not compile.
        let Some(step) = timed.awaited.step() else {
            return;
        };
        self.begin(step);
        let span = self.spans.of(step);
        self.transition_to(
            timed.state,
            Phase::Stepping {
                step,
                deadline: Alarm::after(now, span),
            },
            lost,
        );
    }

    /// Issues the command of a step; whatever built on it is over.
    fn begin(&mut self, step: Step) {
        self.last_generation = self.last_generation.next();
        self.beginning = Some((step, self.last_generation));
        self.in_force.end(step);
    }

    fn connect(&mut self, now: Instant, ip: IpConfig) {
        let stable_at = self.back_off.as_ref().map_or(Alarm::OFF, |back_off| {
            Alarm::after(now, back_off.stable_after())
        });
        self.transition_to(State::Connected, Phase::Up { ip, stable_at }, None);
    }

    fn renew(&mut self, renewed: IpConfig) {
        if let Phase::Up { ip, .. } = &mut self.phase {
            let same = ip.same_route(&renewed);
            *ip = renewed;
            if !same {
                self.tell(Change::Address);
            }
        }
    }

    /// Stops because of a failure.
    fn halt(&mut self, now: Instant, (state, cause, ends): (State, Cause, Step), data: Data) {
        let step = match (self.phase, data) {
            (Phase::Stepping { step, .. }, _) => Some(step),
            // Nothing waits for a static address: that it cannot be set shows afterwards.
            (Phase::Up { .. }, Data::AddressCode(_)) => Some(Step::StaticAddress),
            (Phase::Fresh | Phase::Up { .. } | Phase::Stopped { .. }, _) => None,
        };
        self.end(ends);
        let retry_at = self
            .retry_delay(state, cause)
            .map_or(Alarm::OFF, |delay| Alarm::after(now, delay));
        let reason = Reason {
            cause,
            step,
            code: data.code(),
        };
        self.transition_to(state, Phase::Stopped { reason, retry_at }, Some(reason));
    }

    /// How long to wait before trying again, if that is up to the machine.
    fn retry_delay(&mut self, state: State, cause: Cause) -> Option<Duration> {
        let back_off = self.back_off.as_mut()?;
        if !self.holders.contains(Holders::LOCAL) {
            return None;
        }
        match (state, cause) {
            // Only a request with some can help.
            (_, Cause::NoCredentials) => None,
            // The carrier is watched, and its return is the way out: a look now and then will do.
            (State::EthernetStoppedNoLink, _) => Some(back_off.longest_delay()),
            _ => Some(back_off.delay()),
        }
    }

    /// Stops because nobody wants it any more.
    fn close(&mut self, state: State, cause: Cause) {
        self.end(Step::Power);
        let reason = Reason {
            cause,
            step: None,
            code: None,
        };
        self.transition_to(
            state,
            Phase::Stopped {
                reason,
                retry_at: Alarm::OFF,
            },
            Some(reason),
        );
    }

    /// Ends a step and all that builds on it. What the backend never heard of needs no ending.
    fn end(&mut self, step: Step) {
        self.beginning = None;
        self.in_force.end(step);
        if self.powered {
            self.endings.insert(Endings::of(step));
        }
    }

    fn trust(&mut self) {
        if let (Phase::Up { stable_at, .. }, Some(back_off)) = (&mut self.phase, &mut self.back_off)
        {
            *stable_at = Alarm::OFF;
            back_off.reset();
        }
    }

    /// The only place that changes the state. What a state needs comes in its phase, so the timer
    /// of the state before is gone with it. The reason is that of a stop or a loss.
    fn transition_to(&mut self, next: State, phase: Phase, reason: Option<Reason>) {
        if self.state == State::Connected {
            self.loss = reason;
        }
        self.phase = phase;
        if self.state != next {
            self.state = next;
            self.tell(Change::State(next, reason));
        }
    }

    fn tell(&mut self, change: Change) {
        // Cannot be full: the parent takes the changes after every input.
        let _ = self.changes.push_back(change);
    }
}
