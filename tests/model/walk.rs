//! Drives a manager and the model with the same operations, and compares what a user can see.

use std::collections::BTreeMap;

use lankeeper::manager::Wake;
use lankeeper::manager::{InterfaceError, OpenError};
use lankeeper::stored::StoredSettings;
use lankeeper::{Cause, Deadline, Handle, Instant, Manager, Report, ServerTicket, State, Ticket};

use super::book::{Book, Said};
use super::operation::{Op, lease_of, report_of};
use super::port::{About, Port};
use super::server::Server;
use super::settings::{Given, IDS, config, quota, server_times, times};
use super::socket::{Bucket, Sockets};
use super::socket_walk::Bindings;
use super::store::settings_of;

/// A command that was handed out: of which interface, what, its number, its ticket.
pub(crate) type HandedOut = (usize, &'static str, u64, Ticket);

pub(crate) struct Walk<const H: usize, const N: usize> {
    pub(crate) manager: Manager<3, H, 2, N, 1>,
    pub(crate) book: Book,
    pub(crate) ports: Vec<Port>,
    pub(crate) server: Server,
    pub(crate) sockets: Sockets,
    pub(crate) bindings: Bindings,
    /// The server's commands that were handed out: what, its number, its ticket.
    pub(crate) server_handed_out: Vec<(&'static str, u64, ServerTicket)>,
    pub(crate) now: u64,
    pub(crate) handles: Vec<(Handle, usize)>,
    pub(crate) handed_out: Vec<HandedOut>,
    /// What runs in the backend, by the commands that it was given.
    pub(crate) backend: BTreeMap<(usize, &'static str), u64>,
    /// The settings that the backend keeps.
    pub(crate) persisted: Option<StoredSettings>,
    pub(crate) lingers: (bool, bool),
    pub(crate) lagged: bool,
    pub(crate) is_time: bool,
    pub(crate) fires_at: Option<u64>,
    pub(crate) early: u32,
    pub(crate) log: Vec<String>,
    /// Whether equal settings open an interface in use (OPEN-3).
    allows_equal: bool,
    /// The model has a fault, for the fuzzer to find.
    pub(crate) planted: bool,
}

impl<const H: usize, const N: usize> Walk<H, N> {
    pub(crate) fn new(choice: u8, seed: u64) -> Self {
        let times = times(choice);
        let server = server_times(choice);
        let (rate, burst, is_shared) = quota(choice);
        let mut walk = Self {
            manager: Manager::with_capacities(&config(&times, &server, quota(choice), seed))
                .unwrap(),
            server: Server::new(&server),
            sockets: Sockets::new(Bucket::full(rate, burst), is_shared),
            bindings: Bindings::default(),
            server_handed_out: Vec::new(),
            book: Book::default(),
            ports: (0..3).map(|place| Port::new(place, &times)).collect(),
            now: 0,
            handles: Vec::new(),
            handed_out: Vec::new(),
            backend: BTreeMap::new(),
            persisted: Some(&server.stored)
                .filter(|stored| **stored != Given::default())
                .map(settings_of),
            lingers: (false, false),
            lagged: false,
            is_time: false,
            fires_at: None,
            early: 0,
            log: Vec::new(),
            allows_equal: seed % 2 == 1,
            planted: false,
        };
        walk.log
            .push(format!("choice {choice} seed {seed}: {times:?} {server:?}"));
        walk.store(&server.stored);
        walk
    }

    pub(crate) fn at(&self) -> Instant {
        Instant::from_micros(self.now)
    }

    pub(crate) fn step(&mut self, op: Op) {
        self.log.push(format!("{:>12} {op:?}", self.now));
        match op {
            Op::Pass { micros } => self.pass(micros),
            Op::Late { micros } => self.late(micros),
            Op::Early { micros } => {
                let early = self.now.saturating_sub(micros);
                self.early += u32::from(early < self.now);
                self.manager.handle_timeout(Instant::from_micros(early));
                self.book.rule("TIME-2");
            }
            Op::Open { port, settings } => self.open(port, settings),
            Op::Close { which } => self.close(which),
            Op::Retry { which } => self.retry(which),
            Op::Enable { port, on } => self.enable(port, on),
            Op::Answer { port } => self.answer(port),
            Op::Report {
                port,
                report,
                age,
                code,
            } => {
                let report = report_of(self.ports[port].medium, report, code);
                let is_of =
                    |one: &&HandedOut| one.0 == port && super::happen::answers(one.1, report);
                let given = self.handed_out.iter().rev().filter(is_of).nth(age);
                if let Some(given) = given.copied() {
                    self.report(given, report);
                }
            }
            Op::Forged { port, report, kind } => {
                let report = report_of(self.ports[port].medium, report, 3);
                let of =
                    |one: &&HandedOut| one.0 == port && !matches!(one.1, "stop" | "power down");
                let given = self
                    .handed_out
                    .iter()
                    .rev()
                    .filter(of)
                    .nth(usize::from(kind % 4));
                if let Some(given) = given.copied() {
                    self.report(given, report);
                }
            }
            Op::Linger { commands, notices } => self.lingers = (commands, notices),
            Op::TakeCommands => self.take_commands(),
            Op::TakeNotices { most } => self.take_notices(most),
            Op::Server(op) => self.server_op(op),
            Op::Socket(op) => self.socket_op(op),
            Op::Store(op) => self.store_op(op),
        }
        self.close_sockets();
        if !self.lingers.0 {
            self.take_commands();
        }
        if !self.lingers.1 {
            self.take_notices(usize::MAX);
        }
        self.compare();
    }

    // Time.

    /// The next deadline of the manager, outputs aside.
    fn deadline(&self) -> Option<u64> {
        self.wakes().map(|deadline| deadline.at.as_micros())
    }

    pub(crate) fn wakes(&self) -> Option<Deadline<Wake>> {
        let mut twin = self.manager.clone();
        while twin.poll_output().is_some() {}
        twin.poll_at()
    }

    /// What happens by itself next, by the rules.
    fn next(&self) -> Option<(usize, (u64, u64))> {
        let all = self.ports.iter().enumerate();
        let all = all.filter_map(|(place, port)| Some((place, port.next()?)));
        all.min_by_key(|one| one.1.1)
    }

    fn pass(&mut self, micros: u64) {
        let end = self.now.saturating_add(micros);
        for _ in 0..40 {
            let Some(at) = self.deadline().filter(|at| *at <= end) else {
                break;
            };
            assert!(
                at >= self.now,
                "TIME-3: a deadline in the past\n{}",
                self.story()
            );
            let reason = self.wakes().map(|deadline| deadline.reason);
            self.log.push(format!("{at:>14} {reason:?}"));
            self.pin();
            (self.now, self.book.now) = (at, at);
            self.manager.handle_timeout(self.at());
            self.follow(reason);
            if !self.lingers.0 {
                self.take_commands();
            }
            self.compare();
        }
        if self.deadline().is_some_and(|at| at <= end) {
            return; // enough for one operation
        }
        (self.now, self.book.now) = (end, end);
        self.manager.handle_timeout(self.at());
        self.follow(None);
        if let Some((place, (_, most))) = self.next() {
            assert!(
                most > self.now,
                "IFC-11: {place} is overdue since {most}\n{}",
                self.story()
            );
        }
    }

    /// Lets the model do what is due at the instant at which the manager had a deadline.
    fn follow(&mut self, reason: Option<Wake>) {
        for _ in 0..40 {
            self.is_time = true;
            let due: Vec<_> = self
                .ports
                .iter()
                .enumerate()
                .filter_map(|(place, port)| {
                    let at = port.next_at(self.now)?;
                    Some((at.1, place, at))
                })
                .collect();
            // A timer that may be over is over if the manager shows it, and must be at its end.
            let mut due: Vec<_> = due
                .into_iter()
                .filter(|(most, place, _)| *most <= self.now || self.has_moved(*place, reason))
                .collect();
            due.sort_by_key(|one| one.0);
            let port = due.first().copied();
            if self.server_fires(port.map(|one| one.0.min(self.now))) {
                continue;
            }
            let Some((_, place, at)) = port else {
                self.is_time = false;
                return;
            };
            // What lasted until then has not lasted until now (TIME-3).
            self.fires_at = Some(at.0).filter(|_| at.0 == at.1);
            self.ports[place].fire(&mut self.book, at, self.now);
            self.hear();
            self.fires_at = None;
        }
        panic!("the model does not come to rest\n{}", self.story());
    }

    /// Whether the manager shows that a wait of this interface is over.
    fn has_moved(&self, place: usize, reason: Option<Wake>) -> bool {
        let (id, port) = (IDS[place], &self.ports[place]);
        // The server connection may have come to it, and started it.
        let is_asked = self.manager.server_interface() == Some(id) && self.server.on != Some(place);
        let is_asked = is_asked && (self.server.asked || !port.is_held());
        let is_its = matches!(reason, Some(Wake::Interface(by, _)) if by == id);
        if self.server.on == Some(place) && matches!(reason, Some(Wake::Server(_))) {
            return false;
        }
        if is_asked && !is_its {
            return false;
        }
        let why = self
            .manager
            .reason(id)
            .map(|why| (why.cause, why.step, why.code));
        // What the server connection has left stopped in another way.
        let is_left = !is_its && why.is_some_and(|why| why.0 == Cause::Closed);
        // A try without a network changes nothing.
        let is_bare = why.is_some_and(|why| why.0 == Cause::NoCredentials);
        let has_moved = self.manager.state(id) != Some(port.state) || why != port.why;
        !is_left && (has_moved || (is_bare && is_its))
    }

    /// Goes beyond the next deadline in one leap, if the model can tell what is due then.
    fn late(&mut self, micros: u64) {
        let Some(at) = self.deadline() else {
            return;
        };
        let to = at.saturating_add(micros);
        let windows = self.ports.iter().flat_map(Port::windows);
        let cooling = self.ports.iter().filter_map(|port| port.cooling);
        let windows = windows.chain(cooling.filter(|window| window.1 > self.now));
        if windows
            .chain(self.server.ends().into_iter().map(|end| end.1))
            .into_iter()
            .any(|(low, high)| low <= to && low != high)
        {
            return self.pass(at - self.now);
        }
        self.book.rule("TIME-4");
        (self.now, self.book.now) = (to, to);
        self.manager.handle_timeout(self.at());
        self.follow(None);
    }

    // Requests.

    fn open(&mut self, place: usize, choice: u8) {
        let given = Given::of(choice, place);
        if self.ports[place].borrowed {
            return; // who joins what is given for the connection alone is not modelled yet
        }
        let is_generic = choice >= 128;
        let name = match (place, is_generic) {
            (0, false) => "eth0",
            (1, false) => "wl0",
            (2, false) => "cell0",
            (0, true) => "ethernet",
            (1, true) => "wifi",
            _ => "cell",
        };
        let reply = self.manager.open(self.at(), &given.nic(name));
        let open: usize = self.ports.iter().map(|port| port.holders.len()).sum();
        let port = &mut self.ports[place];
        let is_equal = self.allows_equal && port.would_run_with(&given) == port.runs_with();
        // A proxy in use is one that it has not (OPEN-3).
        let has_proxy = port.server && self.server.proxy().is_some();
        let is_equal = is_equal && !port.runs_unknown() && !has_proxy;
        let is_extended = given != Given::default();
        let expected = if !port.enabled {
            self.book.rule("OPEN-2");
            "disabled"
        } else if port.is_held() && is_extended && !is_equal {
            self.book.rule("OPEN-3");
            "active"
        } else if open == H {
            self.book.rule("OPEN-1 capacity");
            "too many"
        } else {
            let is_joined = port.is_held() && is_extended;
            self.book
                .rule(if is_joined { "OPEN-3 equal" } else { "OPEN-1" });
            "opened"
        };
        let shown = match &reply {
            Ok(_) => "opened",
            Err(OpenError::Active) => "active",
            Err(OpenError::TooMany(_)) => "too many",
            Err(OpenError::Interface(InterfaceError::Disabled(_))) => "disabled",
            Err(_) => "another error",
        };
        assert_eq!(shown, expected, "{}", self.story());
        let Ok(handle) = reply else {
            return;
        };
        self.handles.push((handle, place));
        let number = self.handles.len() - 1;
        let port = &mut self.ports[place];
        let was_held = port.is_held();
        port.holders.push(number);
        if !was_held {
            port.power_up(&mut self.book, self.now, given);
        } else {
            self.book.rule("OPEN-4");
            let told = self.book.notices.len();
            if port.about == About::Rest {
                port.request(&mut self.book, self.now);
            }
            if told == self.book.notices.len() {
                let state = port.state;
                self.book.notify(format!("joined {handle:?} {state:?}"));
            }
        }
        self.hear();
    }

    pub(crate) fn holds(&self, which: usize) -> Option<(usize, usize, Handle)> {
        let number = which.checked_rem(self.handles.len())?;
        let (handle, place) = self.handles[number];
        Some((number, place, handle))
    }

    fn close(&mut self, which: usize) {
        let Some((number, place, handle)) = self.holds(which) else {
            return;
        };
        self.manager.close(self.at(), handle);
        let port = &mut self.ports[place];
        let held = !port.holders.is_empty();
        port.holders.retain(|one| *one != number);
        if held && !port.is_held() && !self.planted {
            port.end(&mut self.book, self.now, Cause::Closed);
        }
        self.hear();
    }

    fn retry(&mut self, which: usize) {
        let Some((number, place, handle)) = self.holds(which) else {
            return;
        };
        let reply = self.manager.retry(self.at(), handle);
        let port = &mut self.ports[place];
        let is_open = port.holders.contains(&number);
        self.book
            .rule(if is_open { "IFC-7 request" } else { "OPEN-6" });
        if is_open && port.about == About::Rest {
            port.request(&mut self.book, self.now);
        }
        assert_eq!(reply.is_ok(), is_open, "OPEN-6\n{}", self.story());
        self.hear();
    }

    fn enable(&mut self, place: usize, on: bool) {
        self.manager.set_enabled(self.at(), IDS[place], on).unwrap();
        let port = &mut self.ports[place];
        let is_news = core::mem::replace(&mut port.enabled, on) != on;
        if !on && port.is_held() {
            self.book.rule("OPEN-2 stale");
            let holders = core::mem::take(&mut port.holders);
            port.server = false;
            port.end(&mut self.book, self.now, Cause::Disabled);
            for number in holders {
                let handle = self.handles[number].0;
                self.book.notify(format!("handle closed {handle:?}"));
            }
        }
        self.book.happened.clear();
        if is_news {
            self.server_enabled(place, on);
        }
    }

    // Reports.

    fn report(&mut self, given: HandedOut, report: Report) {
        let (place, what, number, ticket) = given;
        let waits = |one: &Said| one.port == place && one.what == "stop";
        if matches!(what, "stop" | "power down") && self.book.commands.iter().any(waits) {
            return; // which one is the newest only the manager knows
        }
        self.log
            .push(format!("{:>14}{report:?} of {what} {number}", ""));
        self.manager.handle_event(self.at(), ticket.report(report));
        let (moved, now) = (self.manager.state(IDS[place]), self.now);
        let port = &mut self.ports[place];
        if port.look.is_some()
            && moved == Some(State::EthernetLinkUp)
            && port.retry.is_some_and(|retry| retry.0 <= now)
        {
            port.retry = None;
        }
        self.ports[place].report(&mut self.book, self.now, what, number, report);
        self.hear();
    }

    pub(crate) fn answer(&mut self, place: usize) {
        let About::Step(step, _) = self.ports[place].about else {
            return;
        };
        let (what, report) = match step {
            "power" => ("power up", Report::Ready),
            "scan" => ("scan", Report::NetworkFound),
            "join" => ("join", Report::Joined),
            "wps" => ("wps", Report::Joined),
            "link" => ("start link", Report::CarrierUp),
            "address" => ("start dhcp", Report::Lease(lease_of(5))),
            "modem" => ("ping modem", Report::ModemAlive),
            "sim" => ("read sim", Report::SimReady),
            "registration" => ("register", Report::Registered),
            _ => ("dial", Report::PppUp(lease_of(5))),
        };
        let number = self.ports[place].number_of(what);
        let mut given = self.handed_out.iter().rev();
        let given = given.find(|one| one.0 == place && one.1 == what && Some(one.2) == number);
        if let Some(given) = given.copied() {
            self.report(given, report);
        }
    }

    pub(crate) fn story(&self) -> String {
        let from = self.log.len().saturating_sub(120);
        let ports = self.ports.iter().map(|port| {
            let (about, given, uses) = (port.about, &port.given, &port.uses);
            let (held, server) = (&port.holders, port.server);
            let (on, wait, cooling) = (port.enabled, port.retry, port.cooling);
            format!(
                "{held:?} {server} failed {} on {on} {about:?} {wait:?} {cooling:?} {given:?} {uses:?}",
                port.failed
            )
        });
        let ports: Vec<_> = ports.collect();
        let log = self.log[from..].join("\n");
        let shown = (self.manager.server_state(), self.manager.server_interface());
        let states = IDS.map(|id| (self.manager.state(id).unwrap(), self.manager.reason(id)));
        format!(
            "{log}\nnow {}\n{}\n{:?}\nmanager {shown:?} {states:?} {:?}",
            self.now,
            ports.join("\n"),
            self.server,
            self.wakes(),
        )
    }
}
