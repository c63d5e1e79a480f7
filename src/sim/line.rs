//! The line between a device and the manager: the commands, the reports, and the faults in between.

use heapless::Deque;

use super::code;
use super::fault::{Fault, FaultRates, FaultSource};
use super::protocol::Protocol;
use super::schedule::Schedule;
use crate::generation::Generation;
use crate::interface::{Action, Report, Step};
use crate::manager::{Command, Event};
use crate::nic::InterfaceId;
use crate::time::Instant;

/// The number of commands that a device remembers.
const MAX_COMMANDS: usize = 8;

/// The part that all simulated devices share. Holds up to `QUEUE` pending reports.
#[derive(Clone, Debug)]
pub(super) struct Line<const QUEUE: usize, R: Protocol = Report> {
    device: R::DeviceId,
    /// The latest instant seen.
    latest: Instant,
    delays: R::Latencies,
    faults: FaultSource<R>,
    /// The latest commands, oldest first.
    commands: Deque<(R::Operation, Generation), MAX_COMMANDS>,
    /// The step that the device is working on.
    job: Option<Job<R::Operation>>,
    reports: Schedule<(Generation, R), QUEUE>,
    overflowed: u32,
}

/// A step in progress.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job<S = Step> {
    pub(super) step: S,
    pub(super) generation: Generation,
    due: Instant,
}

impl<const QUEUE: usize, R: Protocol> Line<QUEUE, R> {
    pub(super) fn new(device: R::DeviceId, seed: u64) -> Self {
        Self {
            device,
            latest: Instant::EPOCH,
            delays: R::Latencies::default(),
            faults: FaultSource::new(seed),
            commands: Deque::new(),
            job: None,
            reports: Schedule::new(),
            overflowed: 0,
        }
    }

    pub(super) const fn delays(&self) -> &R::Latencies {
        &self.delays
    }

    pub(super) fn set_delays(&mut self, delays: R::Latencies) {
        self.delays = delays;
    }

    pub(super) fn set_rates(&mut self, rates: FaultRates) {
        self.faults.set_rates(rates);
    }

    pub(super) const fn now(&self) -> Instant {
        self.latest
    }

    pub(super) fn advance(&mut self, now: Instant) {
        self.latest = self.latest.max(now);
    }

    /// The number of reports dropped because the queue was full.
    pub(super) const fn overflowed(&self) -> u32 {
        self.overflowed
    }

    /// Forgets commands and pending reports, because the manager starts afresh.
    pub(super) fn reset(&mut self) {
        self.commands.clear();
        self.job = None;
        self.reports = Schedule::new();
    }

    /// Remembers a command.
    pub(super) fn record(&mut self, step: R::Operation, generation: Generation) {
        if self.commands.is_full() {
            self.commands.pop_front();
        }
        let _ = self.commands.push_back((step, generation));
    }

    /// Starts a step and cancels the one in progress.
    pub(super) fn begin(&mut self, step: R::Operation, generation: Generation) {
        let due = self.after(step);
        self.job = Some(Job {
            step,
            generation,
            due,
        });
    }

    /// When the answer to a step that starts now is due.
    pub(super) fn after(&self, step: R::Operation) -> Instant {
        self.now().saturating_add(R::delay(&self.delays, step))
    }

    /// Cancels the step in progress. Pending reports still arrive.
    pub(super) fn cancel(&mut self) {
        self.job = None;
    }

    /// Takes the job if it is done by now.
    pub(super) fn take_done(&mut self) -> Option<Job<R::Operation>> {
        let now = self.now();
        self.job.take_if(|job| job.due <= now)
    }

    /// Answers a command, subject to faults.
    pub(super) fn answer(&mut self, generation: Generation, report: R) {
        let now = self.now();
        match self.faults.next_fault(self.device) {
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
                let of = self.any_recorded();
                let at = now.saturating_add(self.faults.draw_delay());
                self.send(at, of, other);
            }
            Some(Fault::Driver { code }) => self.send(now, generation, R::fault(code)),
            None => self.send(now, generation, report),
        }
    }

    /// Sends a report that answers no command.
    pub(super) fn report(&mut self, generation: Generation, report: R) {
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

    /// Injects a fault.
    pub(super) fn handle_fault(&mut self, fault: Fault<R>) {
        match fault {
            Fault::Spurious(report) => self.report_spurious(report),
            Fault::Driver { code } => self.report_spurious(R::fault(code)),
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

    /// Sends a spurious report. It needs a command that allows it, because the manager would ignore
    /// any other generation.
    fn report_spurious(&mut self, report: R) {
        let mut commands = self.commands.iter().rev();
        if let Some((_, generation)) = commands.find(|(step, _)| report.belongs_to(*step)) {
            self.send(self.now(), *generation, report);
        }
    }

    /// Picks the generation of a command before the latest one.
    fn older(&mut self) -> Generation {
        let choice = self.faults.choose(self.commands.len().saturating_sub(1));
        self.generation(choice)
    }

    fn any_recorded(&mut self) -> Generation {
        let choice = self.faults.choose(self.commands.len());
        self.generation(choice)
    }

    /// Without such a command, returns the default generation, which no command carries.
    fn generation(&self, choice: usize) -> Generation {
        let commands = self.commands.iter().nth(choice);
        commands.map_or_else(Generation::default, |(_, generation)| *generation)
    }
}

impl<const QUEUE: usize> Line<QUEUE> {
    pub(super) const fn id(&self) -> InterfaceId {
        self.device
    }

    /// Returns the action if the command is for this device. Sockets and datagrams are not
    /// simulated.
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

    /// Remembers the action if it expects an answer.
    pub(super) fn record_action(&mut self, action: &Action<'_>) {
        if let (Some(step), Some(generation)) = (step_of(action), action.generation()) {
            self.record(step, generation);
        }
    }

    /// Reports an action that this medium does not support.
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
