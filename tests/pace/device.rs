//! A device in a world that nobody controls: time jumps to the next deadline, report or call.

use core::cmp::Reverse;
use core::fmt;
use std::collections::{BinaryHeap, VecDeque};

use lankeeper::stored::StoredSettings;
use lankeeper::{
    Command, Config, ConnectOutcome, Handle, Instant, InterfaceConfig, InterfaceId, Manager, Nic,
    Notice, Policy, Report, ServerReport, ServerState, ServerTicket, State, Ticket,
};

use super::count::{Counted, Counts, forget_old, hour_of};
use super::kind::{InForce, Kind, ServerKind};
use super::world::{Friendly, World};
use super::{HOUR, HOURLY, HOURLY_SERVER, after};
use crate::support::bound::bounded;
use crate::support::dice::Dice;
use crate::support::network;

/// How an application uses the server connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum App {
    /// Nothing holds an interface for the server.
    LocalOnly,
    /// It asks once.
    Once,
    /// It has traffic every second, and asks for nothing.
    Calls,
    /// It asks once, and again 45 to 60 s after each failure.
    Asks,
}

/// What is limited, beyond what was asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) interface: usize,
    pub(super) server: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            interface: HOURLY,
            server: HOURLY_SERVER,
        }
    }
}

/// What comes to the manager, and when.
enum Due {
    Answer(Ticket, Report),
    Unasked(InterfaceId, Report),
    Served(ServerTicket, ServerReport),
    ServerUnasked(ServerReport),
    Call,
    Ask,
    Wake,
}

/// An entry of the queue: the time, the place in line, what comes.
struct Entry(Instant, u64, Due);

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        (self.0, self.1).cmp(&(other.0, other.1))
    }
}

/// A line of the log.
#[derive(Clone, Copy)]
enum Line {
    Command(InterfaceId, Kind),
    Server(ServerKind),
    Report(InterfaceId, Report),
    ServerReport(ServerReport),
    State(InterfaceId, State),
    ServerState(ServerState),
    Request(&'static str),
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(id, kind) => write!(formatter, "{id} <- {kind:?}"),
            Self::Server(kind) => write!(formatter, "server <- {kind:?}"),
            Self::Report(id, report) => write!(formatter, "{id} -> {report:?}"),
            Self::ServerReport(report) => write!(formatter, "server -> {report:?}"),
            Self::State(id, state) => write!(formatter, "{id}: {state}"),
            Self::ServerState(state) => write!(formatter, "server: {state}"),
            Self::Request(what) => write!(formatter, "request: {what}"),
        }
    }
}

/// How many lines of the log are kept.
const KEPT: usize = 60;

/// A rule that was broken, with the newest lines of the log.
pub(super) struct Broken {
    /// The pattern, and its seed.
    pub(super) name: String,
    pub(super) rule: String,
    log: Vec<String>,
}

impl Broken {
    pub(super) fn headline(&self) -> String {
        format!("  {}: {}", self.name, self.rule)
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, rule, log } = self;
        write!(formatter, "{name}: {rule}\n{}", log.join("\n"))
    }
}

pub(super) struct Device<const N: usize> {
    pub(super) manager: Manager<N, 8, 4, 64, N>,
    pub(super) now: Instant,
    pub(super) handles: Vec<Handle>,
    pub(super) counts: Counts,
    pub(super) limits: Limits,
    pub(super) app: App,
    /// How many requests were made in the last hour.
    requests: VecDeque<Instant>,
    in_force: InForce,
    queue: BinaryHeap<Reverse<Entry>>,
    queued: u64,
    dice: Dice,
    log: VecDeque<(Instant, Line)>,
    /// How many inputs there were at the present instant.
    at_once: usize,
    broken: Option<String>,
    name: String,
}

impl<const N: usize> Device<N> {
    pub(super) fn new(name: &str, seed: u64, config: &Config<N>) -> Self {
        let mut manager = Manager::with_capacities(config).unwrap();
        let mut stored = StoredSettings::default();
        stored.wifi = Some(network());
        manager.load_stored(stored.to_record().as_bytes()).unwrap();
        Self {
            manager,
            now: Instant::EPOCH,
            handles: Vec::new(),
            counts: Counts::default(),
            limits: Limits::default(),
            app: App::LocalOnly,
            requests: VecDeque::new(),
            in_force: InForce::default(),
            queue: BinaryHeap::new(),
            queued: 0,
            dice: Dice::new(seed),
            log: VecDeque::new(),
            at_once: 0,
            broken: None,
            name: format!("{name}, seed {seed}"),
        }
    }

    /// Opens an interface with the stored settings.
    pub(super) fn open(&mut self, id: InterfaceId) {
        let nic = Nic::named(&id.to_string()).unwrap();
        let handle = self.manager.open(self.now, &nic).unwrap();
        self.handles.push(handle);
    }

    /// Begins the use of the server connection.
    pub(super) fn use_server(&mut self, app: App, policy: Policy) {
        self.app = app;
        self.manager.set_policy(self.now, policy);
        let first = match app {
            App::LocalOnly => return,
            App::Once | App::Asks => Due::Ask,
            App::Calls => Due::Call,
        };
        self.enqueue(0, first);
    }

    /// Runs until `end` in this world.
    pub(super) fn run(&mut self, world: &mut dyn World, end: Instant) -> Result<(), Broken> {
        self.enqueue(0, Due::Wake);
        self.settle(world);
        while self.broken.is_none() {
            let input = self.queue.peek().map(|Reverse(entry)| entry.0);
            let deadline = self.manager.poll_at().map(|deadline| deadline.at);
            let Some(next) = [input, deadline].into_iter().flatten().min() else {
                break;
            };
            if next > end {
                break;
            }
            self.pass_to(next);
            self.manager.handle_timeout(self.now);
            self.settle(world);
            while self.broken.is_none()
                && let Some(Reverse(entry)) = self.queue.peek()
                && entry.0 <= self.now
                && let Some(Reverse(entry)) = self.queue.pop()
            {
                self.pass_to(self.now);
                self.input(world, entry.2);
                self.settle(world);
            }
        }
        self.pass_to(end);
        self.result()
    }

    /// From now on all is well: what was under way is never answered, each new command is at once. A
    /// watched carrier is there.
    pub(super) fn run_well(&mut self, end: Instant) -> Result<(), Broken> {
        self.queue
            .retain(|Reverse(entry)| matches!(entry.2, Due::Call | Due::Ask));
        self.enqueue(0, Due::Unasked(super::ETH0, Report::CarrierUp));
        self.run(&mut Friendly, end)
    }

    /// A violation of a rule that the caller has found.
    pub(super) fn breaks(&mut self, rule: String) -> Result<(), Broken> {
        self.broken.get_or_insert(rule);
        self.result()
    }

    /// Fails where something was given more often in the last whole hour than in the first.
    pub(super) fn must_not_grow(&mut self, slack: usize, server: usize) -> Result<(), Broken> {
        let Some(last) = hour_of(self.now).checked_sub(1).filter(|last| *last > 0) else {
            return Ok(());
        };
        let slack = |what| match what {
            Counted::Interface(..) => slack,
            Counted::Server(_) => server,
        };
        match self.counts.growing(last, slack) {
            None => Ok(()),
            Some((what, first, last)) => self.breaks(format!(
                "{what:?} was given {first} times in the first hour and {last} times in the last"
            )),
        }
    }

    fn result(&mut self) -> Result<(), Broken> {
        let Some(rule) = self.broken.take() else {
            return Ok(());
        };
        let line = |(at, line): &(Instant, Line)| format!("{:>10} ms  {line}", at.as_millis());
        Err(Broken {
            name: self.name.clone(),
            rule,
            log: self.log.iter().map(line).collect(),
        })
    }

    fn pass_to(&mut self, to: Instant) {
        self.at_once = if to > self.now { 0 } else { self.at_once + 1 };
        self.now = self.now.max(to);
        if self.at_once > 10_000 {
            self.broken.get_or_insert_with(|| "it spins".to_owned());
        }
    }

    fn enqueue(&mut self, wait: u64, due: Due) {
        self.queued += 1;
        let entry = Entry(after(self.now, wait), self.queued, due);
        self.queue.push(Reverse(entry));
    }

    fn note(&mut self, line: Line) {
        if self.log.len() == KEPT {
            self.log.pop_front();
        }
        self.log.push_back((self.now, line));
    }

    fn input(&mut self, world: &mut dyn World, due: Due) {
        let now = self.now;
        match due {
            Due::Answer(ticket, report) => {
                if self.in_force.holds(ticket) {
                    self.report(ticket, report);
                }
            }
            Due::Unasked(id, report) => self.unasked(id, report),
            Due::Served(ticket, report) => {
                if self.in_force.holds_server(ticket) {
                    self.server_report(ticket, report);
                }
            }
            Due::ServerUnasked(report) => {
                if let Some(ticket) = self.in_force.server_that_allows(report) {
                    self.server_report(ticket, report);
                }
            }
            // Traffic is no request.
            Due::Call => {
                let _ = self.manager.server_call(now);
                self.enqueue(1_000, Due::Call);
            }
            Due::Ask => {
                self.request("connect");
                self.manager.connect(now, None).unwrap();
            }
            Due::Wake => {
                let (reports, again) = world.wake(now);
                for (id, report) in reports {
                    self.unasked(id, report);
                    self.settle(world);
                }
                if let Some(again) = again {
                    self.queued += 1;
                    self.queue.push(Reverse(Entry(
                        again.max(after(now, 1)),
                        self.queued,
                        Due::Wake,
                    )));
                }
            }
        }
    }

    fn unasked(&mut self, id: InterfaceId, report: Report) {
        if let Some(ticket) = self.in_force.that_allows(id, report) {
            self.report(ticket, report);
        }
    }

    fn report(&mut self, ticket: Ticket, report: Report) {
        self.note(Line::Report(ticket.interface(), report));
        self.manager.handle_event(self.now, ticket.report(report));
    }

    fn server_report(&mut self, ticket: ServerTicket, report: ServerReport) {
        self.note(Line::ServerReport(report));
        self.manager.handle_event(self.now, ticket.report(report));
    }

    fn request(&mut self, what: &'static str) {
        self.note(Line::Request(what));
        self.requests.push_back(self.now);
    }

    /// Takes all outputs.
    fn settle(&mut self, world: &mut dyn World) {
        let now = self.now;
        while let Some(command) = bounded(self.manager.poll_command()) {
            match command {
                Command::Interface { ticket, action } => {
                    let (id, kind) = (ticket.interface(), Kind::of(&action));
                    self.note(Line::Command(id, kind));
                    self.in_force.given(kind, ticket);
                    self.count(Counted::Interface(id, kind));
                    for (wait, report) in world.answer(now, id, kind) {
                        self.enqueue(wait, Due::Answer(ticket, report));
                    }
                }
                Command::Server { ticket, action } => {
                    let kind = ServerKind::of(&action);
                    self.note(Line::Server(kind));
                    self.in_force.server_given(kind, ticket);
                    self.count(Counted::Server(kind));
                    for (wait, report) in world.serve(now, kind) {
                        self.enqueue(wait, Due::Served(ticket, report));
                    }
                }
                _ => {}
            }
        }
        while let Some(notice) = bounded(self.manager.poll_notice()) {
            self.notice(world, &notice);
        }
    }

    fn notice(&mut self, world: &mut dyn World, notice: &Notice) {
        let now = self.now;
        match notice {
            Notice::StateChanged {
                interface, state, ..
            } => {
                self.note(Line::State(*interface, *state));
                for (wait, report) in world.entered(now, *interface, *state) {
                    self.enqueue(wait, Due::Unasked(*interface, report));
                }
            }
            Notice::ServerStateChanged { state } => {
                self.note(Line::ServerState(*state));
                for (wait, report) in world.server_entered(now, *state) {
                    self.enqueue(wait, Due::ServerUnasked(report));
                }
            }
            Notice::ConnectEnded { outcome, .. } | Notice::ServerLost { outcome, .. }
                if self.app == App::Asks && *outcome != ConnectOutcome::ServerConnected =>
            {
                let wait = 45_000 + self.dice.below(15_001);
                self.enqueue(wait, Due::Ask);
            }
            _ => {}
        }
    }

    fn count(&mut self, what: Counted) {
        let given = self.counts.add(self.now, what);
        forget_old(&mut self.requests, self.now);
        // What is asked for comes on top: a request tries each interface of the route once.
        let (limit, of_request) = match what {
            Counted::Interface(..) => (self.limits.interface, 1),
            Counted::Server(_) => (self.limits.server, N),
        };
        let limit = limit.saturating_add(self.requests.len() * of_request);
        if given > limit {
            let rule =
                format!("{what:?} was given {given} times within an hour, allowed are {limit}");
            self.broken.get_or_insert(rule);
        }
    }
}

/// A device with these interfaces and default settings.
pub(super) fn config<const N: usize>(seed: u64, ids: [InterfaceId; N]) -> Config<N> {
    Config::new(seed, ids.map(InterfaceConfig::new))
}

/// The instant at which a run of so many hours ends.
pub(super) fn end_of(hours: u64) -> Instant {
    Instant::from_micros(HOUR.as_micros().saturating_mul(hours))
}
