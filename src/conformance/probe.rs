//! Gives commands, hears events, and notes what is wrong with them, whatever is being checked.

use heapless::Deque;

use super::{Bed, Change, Check, Outcome, Plan, Seen, Skip, Verdicts};
use crate::connect::{ServerAction, ServerReport, ServerStep};
use crate::driver::Backend;
use crate::generation::Generation;
use crate::interface::{Action, Report, Step};
use crate::ipv4::Prefix;
use crate::manager::{Command, Event, ServerTicket, Ticket};
use crate::span::Span;
use crate::time::{Duration, Instant};
use crate::udp::Binding;

/// The most commands whose reports are judged. The ticket of one before them is believed.
const REMEMBERED: usize = 48;
/// More events than this in one wait come without an end.
const FLOOD: u32 = 1000;
/// A clock that does not move in so many waits stands still.
const STUCK: u32 = 100_000;

/// A command that the backend has, and the last report of it.
struct Given {
    ticket: AnyTicket,
    begins: Begins,
    last: Option<Event>,
}

#[derive(PartialEq, Eq)]
enum AnyTicket {
    Interface(Ticket),
    Server(ServerTicket),
}

/// What a command begins.
enum Begins {
    Step(Step),
    ServerStep(ServerStep),
    Nothing,
}

/// The suite at work.
pub(super) struct Probe<'b, 'p, B: Bed> {
    pub(super) bed: &'b mut B,
    pub(super) plan: &'p Plan<'p>,
    pub(super) verdicts: Verdicts,
    /// The address of the interface in its subnet, since it had one.
    pub(super) own: Option<Prefix>,
    generation: Generation,
    given: Deque<Given, REMEMBERED>,
    /// Whether there was an event with a wrong ticket since the last command. It is judged already.
    astray: bool,
    /// Whether events come without an end: nothing can be judged any more.
    is_over: bool,
}

impl<'b, 'p, B: Bed> Probe<'b, 'p, B> {
    pub(super) fn new(bed: &'b mut B, plan: &'p Plan<'p>) -> Self {
        Self {
            bed,
            plan,
            verdicts: Verdicts::new(),
            own: None,
            generation: Generation::from_bits(plan.start),
            given: Deque::new(),
            astray: false,
            is_over: false,
        }
    }

    pub(super) fn pass(&mut self, check: Check) {
        if !self.is_over {
            self.verdicts.set(check, Outcome::Passed);
        }
    }

    pub(super) fn skip(&mut self, check: Check, skip: Skip) {
        self.verdicts.set(check, Outcome::Skipped(skip));
    }

    pub(super) fn fail(&mut self, check: Check, expected: &'static str, seen: Seen) {
        if !self.is_over {
            self.verdicts.set(check, Outcome::Failed { expected, seen });
        }
    }

    /// Changes the world. Returns false, and skips the check, if the bed cannot do it.
    pub(super) fn change(&mut self, check: Check, change: Change) -> bool {
        let done = self.bed.change(change);
        if !done {
            self.skip(check, Skip::Change(change));
        }
        done
    }

    /// Gives a command of the interface.
    pub(super) fn command(&mut self, action: Action<'_>) -> Ticket {
        self.generation = self.generation.next();
        let ticket = Ticket {
            interface: self.plan.interface,
            generation: self.generation,
        };
        let begins = action.step().map_or(Begins::Nothing, Begins::Step);
        self.remember(AnyTicket::Interface(ticket), begins);
        let command = Command::Interface { ticket, action };
        self.bed.backend().execute(command);
        ticket
    }

    /// Gives a command of the server connection. A flush has the ticket of the connection.
    pub(super) fn server_command(
        &mut self,
        action: ServerAction<'_>,
        of: Option<ServerTicket>,
    ) -> ServerTicket {
        let ticket = of.unwrap_or_else(|| {
            self.generation = self.generation.next();
            ServerTicket {
                interface: self.plan.interface,
                generation: self.generation,
            }
        });
        if of.is_none() {
            let begins = action.step().map_or(Begins::Nothing, Begins::ServerStep);
            self.remember(AnyTicket::Server(ticket), begins);
        }
        let command = Command::Server { ticket, action };
        self.bed.backend().execute(command);
        ticket
    }

    fn remember(&mut self, ticket: AnyTicket, begins: Begins) {
        if self.given.is_full() {
            self.given.pop_front();
        }
        let last = None;
        self.astray = false;
        let _ = self.given.push_back(Given {
            ticket,
            begins,
            last,
        });
    }

    /// A binding that no command had so far.
    pub(super) fn binding(&mut self, port: u16) -> Option<Binding> {
        self.generation = self.generation.next();
        self.numbered(self.generation.to_bits(), port)
    }

    /// The binding of a port that has this number.
    pub(super) fn numbered(&self, number: u32, port: u16) -> Option<Binding> {
        let interface = u64::from(self.plan.interface.to_bits());
        Binding::from_bits(u64::from(number) << 24 | interface << 16 | u64::from(port))
    }

    /// The number of the newest command or binding.
    pub(super) const fn generation(&self) -> u32 {
        self.generation.to_bits()
    }

    /// The newest command that began this step.
    pub(super) fn newest(&self, step: Step) -> Option<Ticket> {
        self.given.iter().rev().find_map(|given| match given {
            Given {
                ticket: AnyTicket::Interface(ticket),
                begins: Begins::Step(other),
                ..
            } if *other == step => Some(*ticket),
            _ => None,
        })
    }

    /// Waits for an event, for at most this time. Returns the last other one if it does not come.
    pub(super) fn hear(
        &mut self,
        within: Duration,
        mut wanted: impl FnMut(&Event) -> bool,
    ) -> Result<Event, Option<Event>> {
        let deadline = self.bed.now().saturating_add(within);
        let (mut other, mut heard, mut stuck) = (None, 0_u32, 0_u32);
        loop {
            if self.is_over {
                return Err(other);
            }
            while let Some(event) = self.next_event() {
                if wanted(&event) {
                    return Ok(event);
                }
                other = Some(event);
                heard = heard.saturating_add(1);
                if heard > FLOOD {
                    let expected = "an end of the events while nothing happens";
                    self.fail(Check::Once, expected, Seen::Flood);
                    self.is_over = true;
                    return Err(other);
                }
            }
            let now = self.bed.now();
            stuck = stuck.saturating_add(1);
            if now >= deadline {
                return Err(other);
            }
            if stuck > STUCK {
                let expected = "a clock that goes on while the bed waits";
                self.fail(Check::Answers, expected, Seen::Nothing(Duration::ZERO));
                self.is_over = true;
                return Err(other);
            }
            self.bed.wait(deadline);
            if self.bed.now() > now {
                stuck = 0;
            }
        }
    }

    /// Takes what is on its way after a stop, without a judgement of its time.
    pub(super) fn settle(&mut self) {
        let _ = self.hear(self.plan.grace.duration(), |_| false);
    }

    /// Watches that nothing is reported, but a datagram that was not sent. Returns whether that is so.
    pub(super) fn silent(&mut self, check: Check, watch: Span, expected: &'static str) -> bool {
        let counts = |event: &Event| !matches!(event, Event::SendFailed { .. });
        match self.hear(watch.duration(), counts) {
            Ok(event) => {
                self.fail(check, expected, Seen::Event(event));
                false
            }
            Err(_) => true,
        }
    }

    /// Gives a command, and waits for its first report.
    pub(super) fn ask(
        &mut self,
        check: Check,
        action: Action<'_>,
        within: Span,
        wanted: impl Fn(&Report) -> bool,
        expected: &'static str,
    ) -> Option<Report> {
        let ticket = self.command(action);
        self.next_report(check, ticket, within, wanted, expected)
    }

    /// Waits for the next report with this ticket.
    pub(super) fn next_report(
        &mut self,
        check: Check,
        of: Ticket,
        within: Span,
        wanted: impl Fn(&Report) -> bool,
        expected: &'static str,
    ) -> Option<Report> {
        let begun = self.bed.now();
        let mut astray = None;
        let heard = self.hear(within.duration(), |event| {
            let Event::Interface { ticket, report } = event else {
                return false;
            };
            if *ticket != of && wanted(report) {
                astray = Some(*event);
            }
            // That somebody pressed a button or that a lease was renewed is no answer.
            let is_aside = matches!(
                report,
                Report::WpsStarted | Report::Lease(_) | Report::PppUp(_)
            );
            *ticket == of && (!is_aside || wanted(report))
        });
        match heard {
            Ok(Event::Interface { report, .. }) if wanted(&report) => {
                return Some(report);
            }
            Ok(event) => self.fail(check, expected, Seen::Event(event)),
            Err(other) => self.missed(check, expected, begun, astray, other),
        }
        None
    }

    /// The same of the server connection.
    pub(super) fn next_server_report(
        &mut self,
        check: Check,
        of: ServerTicket,
        within: Span,
        wanted: impl Fn(&ServerReport) -> bool,
        expected: &'static str,
    ) -> Option<ServerReport> {
        let begun = self.bed.now();
        let mut astray = None;
        let heard = self.hear(within.duration(), |event| {
            let Event::Server { ticket, report } = event else {
                return false;
            };
            if *ticket != of && wanted(report) {
                astray = Some(*event);
            }
            // Signs of life, and of their want, may come at any time.
            *ticket == of
                && !matches!(
                    report,
                    ServerReport::Alive | ServerReport::SendTimedOut { .. }
                )
        });
        match heard {
            Ok(Event::Server { report, .. }) if wanted(&report) => return Some(report),
            Ok(event) => self.fail(check, expected, Seen::Event(event)),
            Err(other) => self.missed(check, expected, begun, astray, other),
        }
        None
    }

    /// Notes that a report did not come, or came with the ticket of another command.
    fn missed(
        &mut self,
        check: Check,
        expected: &'static str,
        begun: Instant,
        astray: Option<Event>,
        other: Option<Event>,
    ) {
        if let Some(event) = astray {
            let expected = "the answer with the ticket of its command";
            return self.fail(Check::Tickets, expected, Seen::Event(event));
        }
        if self.astray {
            return;
        }
        let time = self.bed.now().saturating_duration_since(begun);
        self.fail(
            check,
            expected,
            other.map_or(Seen::Nothing(time), Seen::Event),
        );
    }

    /// Takes the next event that is not wrong in itself.
    fn next_event(&mut self) -> Option<Event> {
        for _ in 0..FLOOD {
            let event = self.bed.backend().next_event()?;
            let Some((check, expected)) = self.judge(event) else {
                return Some(event);
            };
            self.fail(check, expected, Seen::Event(event));
            self.astray |= check == Check::Tickets;
        }
        self.is_over = true;
        None
    }

    /// What is wrong with an event in itself: its ticket, or that it comes twice.
    fn judge(&mut self, event: Event) -> Option<(Check, &'static str)> {
        let ticket = match event {
            Event::Interface { ticket, .. } => AnyTicket::Interface(ticket),
            Event::Server { ticket, .. } => AnyTicket::Server(ticket),
            Event::BindFailed { .. } | Event::SendFailed { .. } | Event::PersistFailed { .. } => {
                return None;
            }
        };
        let was_given = self.was_given(event);
        let mut given = self.given.iter_mut();
        match given.find(|given| given.ticket == ticket) {
            Some(given) => given.judge(event),
            // Forgotten here, or never given.
            None if was_given => None,
            None => Some((Check::Tickets, "the ticket of a command that was given")),
        }
    }

    /// A report was missed, so that the one before it may come again.
    pub(super) fn forget_last(&mut self, of: Ticket) {
        let mut given = self.given.iter_mut();
        if let Some(given) = given.find(|given| given.ticket == AnyTicket::Interface(of)) {
            given.last = None;
        }
    }

    fn was_given(&self, event: Event) -> bool {
        let (interface, generation) = match event {
            Event::Interface { ticket, .. } => (ticket.interface, ticket.generation),
            Event::Server { ticket, .. } => (ticket.interface, ticket.generation),
            Event::BindFailed { .. } | Event::SendFailed { .. } | Event::PersistFailed { .. } => {
                return true;
            }
        };
        let back = self.generation.to_bits().wrapping_sub(generation.to_bits());
        let given = self.generation.to_bits().wrapping_sub(self.plan.start);
        let room = u32::try_from(REMEMBERED).unwrap_or(u32::MAX);
        interface == self.plan.interface && back < given && back >= room
    }
}

impl Given {
    /// What is wrong with a report of this command.
    fn judge(&mut self, event: Event) -> Option<(Check, &'static str)> {
        let (can_be, may_repeat) = match (event, &self.begins) {
            (Event::Interface { report, .. }, Begins::Step(step)) => {
                (report.is_of(*step), is_repeatable(&report))
            }
            (Event::Interface { report, .. }, _) => (matches!(report, Report::Fault { .. }), true),
            (Event::Server { report, .. }, Begins::ServerStep(step)) => {
                (report.is_of(*step), is_repeatable_of_server(&report))
            }
            (Event::Server { report, .. }, _) => {
                (matches!(report, ServerReport::Fault { .. }), true)
            }
            _ => (true, true),
        };
        if !can_be {
            return Some((
                Check::Tickets,
                "the ticket of a command that this can report on",
            ));
        }
        let is_double = !may_repeat && self.last == Some(event);
        self.last = Some(event);
        is_double.then_some((Check::Once, "each report once"))
    }
}

/// Whether the same report may come again of the same command, with nothing in between.
const fn is_repeatable(report: &Report) -> bool {
    matches!(
        report,
        Report::Lease(_) | Report::PppUp(_) | Report::WpsStarted | Report::Fault { .. }
    )
}

const fn is_repeatable_of_server(report: &ServerReport) -> bool {
    matches!(
        report,
        ServerReport::Alive | ServerReport::SendTimedOut { .. } | ServerReport::Fault { .. }
    )
}
