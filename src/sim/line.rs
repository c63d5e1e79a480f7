//! The line between a device and the manager: the commands, the reports, and the faults in between.

use heapless::Deque;

use super::code;
use super::failures::Failures;
use super::fault::{Fault, FaultRates, FaultSource};
use super::protocol::Protocol;
use super::schedule::Schedule;
use crate::interface::Step;
use crate::{
    Action, Command, Datagram, Event, Instant, InterfaceId, Report, ServerAction, ServerReport,
    Ticket,
};

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
    commands: Deque<(R::Operation, R::Ticket), MAX_COMMANDS>,
    /// The step that the device is working on.
    job: Option<Job<R::Operation, R::Ticket>>,
    reports: Schedule<(R::Ticket, R), QUEUE>,
    /// Commands that the device does not know.
    failures: Failures,
    overflowed: u32,
}

/// A step in progress.
#[derive(Clone, Copy, Debug)]
pub(super) struct Job<S = Step, T = Ticket> {
    pub(super) step: S,
    pub(super) ticket: T,
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
            failures: Failures::new(),
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
        self.failures.clear();
    }

    /// Remembers a command.
    pub(super) fn record(&mut self, step: R::Operation, ticket: R::Ticket) {
        if self.commands.is_full() {
            self.commands.pop_front();
        }
        let _ = self.commands.push_back((step, ticket));
    }

    /// Starts a step and cancels the one in progress.
    pub(super) fn begin(&mut self, step: R::Operation, ticket: R::Ticket) {
        let due = self.after(step);
        self.job = Some(Job { step, ticket, due });
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
    pub(super) fn take_done(&mut self) -> Option<Job<R::Operation, R::Ticket>> {
        let now = self.now();
        self.job.take_if(|job| job.due <= now)
    }

    /// Answers a command, subject to faults.
    pub(super) fn answer(&mut self, ticket: R::Ticket, report: R) {
        let now = self.now();
        match self.faults.next_fault(self.device) {
            Some(Fault::Silence) => {}
            Some(Fault::Late(by)) => self.send(now.saturating_add(by), ticket, report),
            Some(Fault::Duplicate(after)) => {
                self.send(now, ticket, report);
                self.send(now.saturating_add(after), ticket, report);
            }
            Some(Fault::Stale) => {
                if let Some(older) = self.older() {
                    self.send(now, older, report);
                }
            }
            Some(Fault::Spurious(other)) => {
                self.send(now, ticket, report);
                let of = self.any_recorded();
                let at = now.saturating_add(self.faults.draw_delay());
                if let Some(of) = of {
                    self.send(at, of, other);
                }
            }
            Some(Fault::Driver { code }) => self.send(now, ticket, R::fault(code)),
            None => self.send(now, ticket, report),
        }
    }

    /// Sends a report that answers no command.
    pub(super) fn report(&mut self, ticket: R::Ticket, report: R) {
        let now = self.now();
        match self.faults.draw(self.device) {
            Some(Fault::Late(by)) => self.send(now.saturating_add(by), ticket, report),
            Some(Fault::Duplicate(after)) => {
                self.send(now, ticket, report);
                self.send(now.saturating_add(after), ticket, report);
            }
            _ => self.send(now, ticket, report),
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
        let failed = (!self.failures.is_empty()).then_some(self.now());
        let answers = earliest(self.reports.next_at(), self.job.map(|job| job.due));
        earliest(answers, failed)
    }

    pub(super) fn next_event(&mut self) -> Option<Event> {
        if let Some(failure) = self.failures.pop() {
            return Some(failure);
        }
        let (_, (ticket, report)) = self.reports.take_due(self.now())?;
        Some(R::event(ticket, report))
    }

    fn send(&mut self, at: Instant, ticket: R::Ticket, report: R) {
        if self.reports.add(at, (ticket, report)).is_err() {
            self.overflowed = self.overflowed.saturating_add(1);
        }
    }

    /// Sends a spurious report. It needs a command that allows it, because the manager would ignore
    /// any other ticket.
    fn report_spurious(&mut self, report: R) {
        let mut commands = self.commands.iter().rev();
        if let Some((_, ticket)) = commands.find(|(step, _)| report.belongs_to(*step)) {
            self.send(self.now(), *ticket, report);
        }
    }

    /// Picks the ticket of a command before the latest one.
    fn older(&mut self) -> Option<R::Ticket> {
        let choice = self.faults.choose(self.commands.len().saturating_sub(1));
        self.ticket(choice)
    }

    fn any_recorded(&mut self) -> Option<R::Ticket> {
        let choice = self.faults.choose(self.commands.len());
        self.ticket(choice)
    }

    fn ticket(&self, choice: usize) -> Option<R::Ticket> {
        let mut commands = self.commands.iter();
        commands.nth(choice).map(|(_, ticket)| *ticket)
    }
}

impl<const QUEUE: usize> Line<QUEUE> {
    pub(super) const fn id(&self) -> InterfaceId {
        self.device
    }

    /// Returns the action, with its ticket, if the command is for this device. Where a device is the
    /// backend of its interface alone, it fails what else is asked of it (DRV-6).
    pub(super) fn own<'a>(&mut self, command: Command<'a>) -> Option<(Ticket, Action<'a>)> {
        let code = code::UNKNOWN_ACTION;
        if command.interface().is_some_and(|id| id != self.device) {
            return None;
        }
        self.failures.push(match command {
            Command::Interface { ticket, action } => return Some((ticket, action)),
            Command::Bind(binding) => binding.failed(code),
            Command::Send(datagram) => {
                let Datagram {
                    binding,
                    destination,
                    ..
                } = datagram;
                binding.send_failed(destination, code)
            }
            Command::Server { ticket, action } if action != ServerAction::Disconnect => {
                ticket.report(ServerReport::Fault { code })
            }
            Command::Persist(_) => Event::PersistFailed { code },
            // There is nothing to end, and a secret that is not sealed is no event (CFG-4).
            Command::Server { .. } | Command::Unbind(_) | Command::Seal { .. } => return None,
        });
        None
    }

    /// Gives the step in progress to a newer command, which takes no longer for it. Returns false if
    /// another one or none is in progress.
    pub(super) fn take_over(&mut self, step: Step, ticket: Ticket) -> bool {
        let job = self.job.as_mut().filter(|job| job.step == step);
        let runs = job.is_some();
        if let Some(job) = job {
            job.ticket = ticket;
        }
        runs
    }

    /// Remembers the action if it expects an answer.
    pub(super) fn record_action(&mut self, ticket: Ticket, action: &Action<'_>) {
        if let Some(step) = action.step() {
            self.record(step, ticket);
        }
    }

    /// Reports an action that this medium does not support.
    pub(super) fn refuse(&mut self, ticket: Ticket) {
        let code = code::UNKNOWN_ACTION;
        self.send(self.now(), ticket, Report::Fault { code });
    }
}

/// The earlier of two instants.
pub(super) fn earliest(first: Option<Instant>, second: Option<Instant>) -> Option<Instant> {
    first.into_iter().chain(second).min()
}
