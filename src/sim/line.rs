//! The line between a device and the manager: what was asked, what is reported, and what goes
//! wrong in between.

use heapless::Deque;

use super::agenda::Agenda;
use super::code;
use super::dialect::Dialect;
use super::fault::{Fault, FaultRates, Faults};
use crate::generation::Generation;
use crate::interface::{Action, Report, Step};
use crate::manager::{Command, Event};
use crate::nic::InterfaceId;
use crate::time::{Instant, Latest};

/// How many commands a device remembers.
const REMEMBERED: usize = 8;

/// What all simulated devices have in common. Holds up to `QUEUE` reports that are on their way.
#[derive(Clone, Debug)]
pub(super) struct Line<const QUEUE: usize, R: Dialect = Report> {
    device: R::Device,
    latest: Latest,
    delays: R::Delays,
    faults: Faults<R>,
    /// What was asked, the latest last.
    asked: Deque<(R::Step, Generation), REMEMBERED>,
    /// What the device is at.
    job: Option<Job<R::Step>>,
    reports: Agenda<(Generation, R), QUEUE>,
    overflowed: u32,
}

/// Something that takes its time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job<S = Step> {
    pub(super) step: S,
    pub(super) generation: Generation,
    due: Instant,
}

impl<const QUEUE: usize, R: Dialect> Line<QUEUE, R> {
    pub(super) fn new(device: R::Device, seed: u64) -> Self {
        Self {
            device,
            latest: Latest::default(),
            delays: R::Delays::default(),
            faults: Faults::new(seed),
            asked: Deque::new(),
            job: None,
            reports: Agenda::new(),
            overflowed: 0,
        }
    }

    pub(super) const fn delays(&self) -> &R::Delays {
        &self.delays
    }

    pub(super) fn set_delays(&mut self, delays: R::Delays) {
        self.delays = delays;
    }

    pub(super) fn set_rates(&mut self, rates: FaultRates) {
        self.faults.set_rates(rates);
    }

    pub(super) const fn now(&self) -> Instant {
        self.latest.get()
    }

    pub(super) fn advance(&mut self, now: Instant) {
        self.latest.advance(now);
    }

    /// Reports that got lost because too many were on their way.
    pub(super) const fn overflowed(&self) -> u32 {
        self.overflowed
    }

    /// Forgets what was asked, and what was to be reported of it: the manager begins anew.
    pub(super) fn reset(&mut self) {
        self.asked.clear();
        self.job = None;
        self.reports = Agenda::new();
    }

    /// Remembers what was asked.
    pub(super) fn remember(&mut self, step: R::Step, generation: Generation) {
        if self.asked.is_full() {
            self.asked.pop_front();
        }
        let _ = self.asked.push_back((step, generation));
    }

    /// Begins to work on a step, in place of what the device was at.
    pub(super) fn begin(&mut self, step: R::Step, generation: Generation) {
        let due = self.after(step);
        self.job = Some(Job {
            step,
            generation,
            due,
        });
    }

    /// When the answer of a step that begins now is due.
    pub(super) fn after(&self, step: R::Step) -> Instant {
        self.now().saturating_add(R::delay(&self.delays, step))
    }

    /// Drops what the device is at. Reports that are on their way still come.
    pub(super) fn cancel(&mut self) {
        self.job = None;
    }

    /// The job that is done by now.
    pub(super) fn take_done(&mut self) -> Option<Job<R::Step>> {
        let now = self.now();
        self.job.take_if(|job| job.due <= now)
    }

    /// Answers a command, unless a fault strikes.
    pub(super) fn answer(&mut self, generation: Generation, report: R) {
        let now = self.now();
        match self.faults.strike(self.device) {
            Some(Fault::Silence) => {}
            Some(Fault::Late(by)) => self.send(now.saturating_add(by), generation, report),
            Some(Fault::Duplicate(after)) => {
                self.send(now, generation, report);
                self.send(now.saturating_add(after), generation, report);
            }
            Some(Fault::Stale) => {
                let older = self.older();
                self.send(now, older, report);
            }
            Some(Fault::Spurious(other)) => {
                self.send(now, generation, report);
                let of = self.any_asked();
                let at = now.saturating_add(self.faults.span());
                self.send(at, of, other);
            }
            Some(Fault::Driver { code }) => self.send(now, generation, R::fault(code)),
            None => self.send(now, generation, report),
        }
    }

    /// Reports something that was not waited for.
    pub(super) fn tell(&mut self, generation: Generation, report: R) {
        let now = self.now();
        match self.faults.draw(self.device) {
            Some(Fault::Late(by)) => self.send(now.saturating_add(by), generation, report),
            Some(Fault::Duplicate(after)) => {
                self.send(now, generation, report);
                self.send(now.saturating_add(after), generation, report);
            }
            _ => self.send(now, generation, report),
        }
    }

    /// Lets something go wrong.
    pub(super) fn handle_fault(&mut self, fault: Fault<R>) {
        match fault {
            Fault::Spurious(report) => self.report_anyway(report),
            Fault::Driver { code } => self.report_anyway(R::fault(code)),
            Fault::Silence | Fault::Late(_) | Fault::Duplicate(_) | Fault::Stale => {
                self.faults.script(fault);
            }
        }
    }

    pub(super) fn poll_at(&self) -> Option<Instant> {
        earliest(self.reports.next_at(), self.job.map(|job| job.due))
    }

    pub(super) fn next_event(&mut self) -> Option<Event<'static>> {
        let (_, (generation, report)) = self.reports.take_due(self.now())?;
        Some(R::event(self.device, generation, report))
    }

    fn send(&mut self, at: Instant, generation: Generation, report: R) {
        if self.reports.add(at, (generation, report)).is_err() {
            self.overflowed = self.overflowed.saturating_add(1);
        }
    }

    /// Reports what did not happen; of nothing that was asked it would not even be noticed.
    fn report_anyway(&mut self, report: R) {
        let mut asked = self.asked.iter().rev();
        if let Some((_, generation)) = asked.find(|(step, _)| report.belongs_to(*step)) {
            self.send(self.now(), *generation, report);
        }
    }

    /// The generation of a command before the latest one.
    fn older(&mut self) -> Generation {
        let choice = self.faults.choose(self.asked.len().saturating_sub(1));
        self.generation(choice)
    }

    fn any_asked(&mut self) -> Generation {
        let choice = self.faults.choose(self.asked.len());
        self.generation(choice)
    }

    /// Of nothing that was asked there is the generation that no command has.
    fn generation(&self, choice: usize) -> Generation {
        let asked = self.asked.iter().nth(choice);
        asked.map_or_else(Generation::default, |(_, generation)| *generation)
    }
}

impl<const QUEUE: usize> Line<QUEUE> {
    pub(super) const fn id(&self) -> InterfaceId {
        self.device
    }

    /// What a command asks of this device. Datagrams and ports are nothing to it.
    pub(super) fn own<'a>(&self, command: Command<'a>) -> Option<Action<'a>> {
        match command {
            Command::Interface { interface, action } if interface == self.device => Some(action),
            Command::Interface { .. }
            | Command::Bind { .. }
            | Command::Unbind { .. }
            | Command::Send(_)
            | Command::Server { .. }
            | Command::Persist(_)
            | Command::Seal { .. } => None,
        }
    }

    /// Remembers what was asked.
    pub(super) fn ask(&mut self, action: &Action<'_>) {
        if let (Some(step), Some(generation)) = (step_of(action), action.generation()) {
            self.remember(step, generation);
        }
    }

    /// Refuses what a device of this medium cannot do.
    pub(super) fn refuse(&mut self, action: &Action<'_>) {
        if let Some(generation) = action.generation() {
            let code = code::UNKNOWN_ACTION;
            self.send(self.now(), generation, Report::Fault { code });
        }
    }
}

/// The earlier of two instants.
pub(super) fn earliest(first: Option<Instant>, second: Option<Instant>) -> Option<Instant> {
    first.into_iter().chain(second).min()
}

const fn step_of(action: &Action<'_>) -> Option<Step> {
    Some(match action {
        Action::PowerUp(_) => Step::Power,
        Action::Scan(..) => Step::Scan,
        Action::Join(..) => Step::Join,
        Action::Wps(_) => Step::Wps,
        Action::StartLink(_) => Step::Link,
        Action::StartDhcp(_) => Step::Dhcp,
        Action::SetAddress(..) => Step::StaticAddress,
        Action::PingModem(_) => Step::Modem,
        Action::ReadSim(_) => Step::Sim,
        Action::Register(_) => Step::Registration,
        Action::Dial(_) => Step::Ppp,
        Action::Stop | Action::PowerDown => return None,
    })
}
