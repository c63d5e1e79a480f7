//! One try after the other: over which interface, how it fails, and what follows (CON-5, CON-10 to CON-14).

use lankeeper::interface::Step;
use lankeeper::{Cause, ConnectOutcome, Medium, Policy, ServerReport, ServerState};

use super::port::{Happened, Why};
use super::server::{Around, Does, Server};
use super::settings::IDS;

impl Server {
    /// What is tried if nobody names an interface: the selected one alone, else the order (CON-14); a
    /// selected one that is disabled does not hide the order (CON-23).
    pub(crate) fn route(&self, around: &Around<'_>) -> Vec<usize> {
        match self.alone_now(around) {
            Some(port) => vec![port],
            None => self.in_order(around),
        }
    }

    /// The interfaces over which a lost connection is tried again.
    pub(crate) fn own_route(&self, around: &Around<'_>) -> Vec<usize> {
        let is_on = |port: &usize| around.ports[*port].enabled;
        let instead = self.asked_for.and_then(|_| self.alone_now(around));
        match self.asked_for.filter(is_on).or(instead) {
            Some(port) => vec![port],
            None => self.in_order(around),
        }
    }

    pub(crate) fn alone_now(&self, around: &Around<'_>) -> Option<usize> {
        let given = self.given.as_ref().map(|given| given.0);
        let selected = self.selected.filter(|port| around.ports[*port].enabled);
        given.or(selected)
    }

    fn in_order(&self, around: &Around<'_>) -> Vec<usize> {
        let is_on = |port: &usize| around.ports[*port].enabled;
        self.order.iter().copied().filter(is_on).collect()
    }

    /// The next of the route that had no turn: what carried the connection comes first, and after an
    /// interface come those that stand behind it, then those before it (CON-22).
    pub(crate) fn next(&mut self, around: &Around<'_>) -> Option<usize> {
        let order = match self.alone {
            Some(port) => vec![port],
            None => self.order.clone(),
        };
        let newest = self
            .tried
            .last()
            .or(self.first.as_ref().filter(|_| self.asked_for.is_none()));
        let place = order.iter().position(|port| Some(port) == newest);
        let (before, behind) = order.split_at(place.map_or(0, |place| place + 1));
        let begins = self.tried.is_empty();
        let first = self.first.iter().filter(|_| begins);
        let all = first.chain(behind).chain(before).copied();
        for port in all.collect::<Vec<_>>() {
            if self.tried.contains(&port) {
                continue;
            }
            if around.ports[port].enabled {
                return Some(port);
            }
            // Its turn is over, also if it is enabled later. Those before the first one come last
            // (CON-23).
            if !begins {
                self.tried.push(port);
            }
        }
        None
    }

    /// The interface of this route whose turn comes after this one, going round.
    pub(crate) fn after(&self, route: &[usize], port: usize) -> Option<usize> {
        let place = self.order.iter().position(|one| *one == port);
        let (before, behind) = self.order.split_at(place.map_or(0, |place| place + 1));
        let mut turns = behind.iter().chain(before).copied();
        turns.find(|port| route.contains(port))
    }

    /// Begins with the route anew.
    pub(crate) fn begin(&mut self, around: &mut Around<'_>) {
        self.tried.clear();
        let is_off = |port: &usize| !around.ports[*port].enabled;
        if let Some(first) = self.first.filter(is_off) {
            let is_named = self.asked_for.is_some();
            let next = self.after(&self.in_order(around), first);
            self.first = next.filter(|_| !is_named);
        }
        // What is selected or the order takes the place of what was asked for (CON-23).
        if self.asked_for.as_ref().is_some_and(is_off) {
            self.asked_for = self.alone_now(around);
        }
        self.narrow(around);
        let is_on = |port: &&usize| around.ports[**port].enabled;
        let first = self.order.iter().find(is_on).copied();
        self.first = self.first.or(self.alone).or(first);
        self.go_on(around);
    }

    /// Whether one interface is tried alone.
    pub(crate) fn narrow(&mut self, around: &Around<'_>) {
        let is_on = |port: &usize| around.ports[*port].enabled;
        let other = self.selected.filter(|_| self.asked_for.is_some());
        self.alone = self.asked_for.filter(is_on).or(other.filter(is_on));
        // Once the order is tried, it is the route.
        if self.asked_for.is_some() && self.alone.is_none() {
            self.first = self.first.filter(|first| Some(*first) != self.asked_for);
            self.asked_for = None;
        }
    }

    /// Tries the next interface of the route, if there is one; what a deadline starts begins after
    /// everything that is due (TIME-3).
    pub(crate) fn go_on(&mut self, around: &mut Around<'_>) {
        let Some(port) = self.next(around) else {
            self.route_is_over(around);
            return;
        };
        self.begins_after = around.is_time;
        if around.is_time {
            around.book.rule("TIME-3 after");
            if self.on.is_some_and(|on| on != port) {
                self.let_go(around);
            }
            self.turn(around, ServerState::WaitingForInterface);
            return;
        }
        around.book.rule("CON-14");
        self.tried.push(port);
        self.try_over(around, port);
    }

    pub(crate) fn try_over(&mut self, around: &mut Around<'_>, port: usize) {
        if self.on.is_some_and(|on| on != port) {
            around.book.rule("CON-7");
            self.let_go(around);
        }
        self.drop_what_runs(around);
        let medium = IDS[port].medium();
        let time = self.time_out.unwrap_or_else(|| self.times.time_out(medium));
        self.does = Does::Comes;
        (self.wait, self.came_up) = (None, None);
        self.turn(around, ServerState::WaitingForInterface);
        self.before = self.newest;
        self.hold(around, port);
        // Only an attempt has a time (CON-3): tries after a loss go on until their round ends.
        let is_timed = self.grace.is_none() && (self.asked || !self.keeps());
        self.until = Some(around.now + time * 1_000).filter(|_| is_timed);
        let happened = core::mem::take(&mut around.book.happened);
        let was_started = self.asked || happened.iter().any(|one| one.0 == port);
        let stopped = around.ports[port].why.filter(|_| was_started);
        if around.ports[port].is_up() {
            self.ask(around, "resolve");
        } else if let Some(why) = stopped {
            self.fails(around, (outcome_of(IDS[port].medium(), why), why.2));
        } else if !self.asked && around.ports[port].is_at_rest() && !around.ports[port].is_slow() {
            around.book.rule("IFC-13");
            // Why it is stopped counts as its failure, if it was one.
            let why = around.ports[port].why.filter(|why| is_failure(*why));
            if let Some(why) = why {
                self.failure = Some((port, (outcome_of(medium, why), why.2)));
            } else {
                self.newest = self.before;
            }
            self.go_on(around);
        }
    }

    /// The next stage (CON-5).
    fn ask(&mut self, around: &mut Around<'_>, what: &'static str) {
        around.book.rule("CON-5");
        self.does = Does::Asks(what);
        self.has_time(around);
        self.say(around, what);
        let state = match what {
            "resolve" => ServerState::Resolving,
            "reach proxy" => ServerState::ReachingProxy,
            _ => ServerState::Connecting,
        };
        self.turn(around, state);
    }

    // What happens to the interface.

    pub(crate) fn hears(&mut self, around: &mut Around<'_>, port: usize, what: Happened) {
        if what == Happened::Up && matches!(self.does, Does::Waits) {
            self.is_up_again(around, port);
            return;
        }
        if let Happened::Stopped(why) = what
            && self.pauses
            && self.on == Some(port)
            && !around.ports[port].is_slow_by(why)
        {
            self.let_go(around);
            return;
        }
        if self.on != Some(port) {
            return;
        }
        match (self.does, what) {
            (Does::Comes, Happened::Up) => self.ask(around, "resolve"),
            (Does::Comes, Happened::Stopped(why)) if around.ports[port].is_slow_by(why) => {
                around.book.rule("CON-5 slow");
            }
            (Does::Comes | Does::Asks(_), Happened::Stopped(why)) => {
                let ended = (outcome_of(IDS[port].medium(), why), why.2);
                self.fails(around, ended);
            }
            (Does::Asks(_), Happened::Left(_)) => {
                around.book.rule("CON-5 again");
                self.until = self.until.filter(|_| self.asked || !self.keeps());
                self.drop_what_runs(around);
                self.does = Does::Comes;
                self.turn(around, ServerState::WaitingForInterface);
            }
            (Does::Holds { .. }, Happened::Stopped(why) | Happened::Left(why)) => {
                let ended = (outcome_of(IDS[port].medium(), why), why.2);
                self.comes_back = matches!(what, Happened::Left(_));
                self.is_lost(around, ended);
            }
            (Does::Holds { .. }, Happened::Address) => self.has_another_address(around),
            (Does::Flushes { .. }, Happened::Stopped(_) | Happened::Left(_)) => {
                self.flushed(around);
            }
            _ => {}
        }
    }

    /// The interface comes up by itself: the retry waits for that (CON-12).
    pub(crate) fn waits_for(&mut self, around: &mut Around<'_>, port: usize) {
        self.wait = None;
        self.narrow(around);
        self.tried.push(port);
        self.does = Does::Comes;
        self.turn(around, ServerState::WaitingForInterface);
    }

    fn has_another_address(&mut self, around: &mut Around<'_>) {
        around.book.rule("CON-20");
        let stable = self.stable && self.given.is_none();
        self.is_lost(around, (ConnectOutcome::AddressChanged, None));
        if stable && self.does == Does::Waits {
            around.book.rule("CON-20 at once");
            self.ends_wait();
            self.begin(around);
        }
    }

    /// The interface was disabled: it had no turn (CON-23).
    pub(crate) fn is_disabled(&mut self, around: &mut Around<'_>, port: usize) {
        if self.on != Some(port) {
            return;
        }
        around.book.rule("CON-23");
        self.drop_what_runs(around);
        self.on = None;
        match self.does {
            Does::Comes | Does::Asks(_) => {
                let reached = matches!(self.does, Does::Asks(_));
                self.newest = self.failure.map_or(self.newest, |_| self.before);
                self.go_on_from(around, reached);
            }
            Does::Holds { .. } => self.is_lost(around, (ConnectOutcome::NotConnected, None)),
            Does::Flushes { .. } => self.flushed(around),
            Does::Waits | Does::Nothing => {}
        }
    }

    // What the backend reports.

    pub(crate) fn report(
        &mut self,
        around: &mut Around<'_>,
        what: &str,
        number: u64,
        report: ServerReport,
    ) {
        if let ServerReport::Fault { code } = report
            && self.dropped == Some(number)
        {
            around.book.rule("DRV-6 server");
            self.dropped = None;
            around
                .book
                .notify(format!("server disconnect failed {code}"));
            return;
        }
        let in_force = self.runs.iter().any(|one| one.0 == what && one.1 == number);
        if !in_force || !super::operation::server::answers(what, report) {
            around.book.rule("IFC-10 server");
            return;
        }
        let is_cellular = self.on == Some(2);
        let stage = match self.does {
            Does::Asks("resolve") => ConnectOutcome::NotResolved,
            Does::Asks("reach proxy") => ConnectOutcome::NoProxy,
            _ => ConnectOutcome::NoServer,
        };
        let bad = match report {
            ServerReport::NotResolved { code } => (ConnectOutcome::NotResolved, Some(code)),
            ServerReport::ProxyUnreachable { code } => (ConnectOutcome::NoProxy, Some(code)),
            ServerReport::ProxyRefused { code } => (ConnectOutcome::NotAuthorised, Some(code)),
            ServerReport::NoConnectivity { code } if is_cellular => {
                (ConnectOutcome::PppNoConnectivity, Some(code))
            }
            ServerReport::Fault { code } => (stage, Some(code)),
            ServerReport::NoConnectivity { code }
            | ServerReport::Unreachable { code }
            | ServerReport::Lost { code } => (ConnectOutcome::NoServer, Some(code)),
            ServerReport::SendTimedOut { code } => {
                let holds = matches!(self.does, Does::Holds { .. });
                if holds && self.policy != Policy::ReturnOnErrorNoDisconnect {
                    around.book.rule("CON-1");
                    self.is_lost(around, (ConnectOutcome::NoServer, Some(code)));
                }
                return;
            }
            _ => {
                self.good_news(around, report);
                return;
            }
        };
        match self.does {
            Does::Asks(_) => {
                around.book.rule("CON-11");
                self.fails(around, bad);
            }
            Does::Holds { .. } if is_loss(report) => self.is_lost(around, bad),
            Does::Flushes { .. } if is_loss(report) => {
                if let ServerReport::Fault { code } = report {
                    around
                        .book
                        .notify(format!("server disconnect failed {code}"));
                }
                self.flushed(around);
            }
            _ => {}
        }
    }

    fn good_news(&mut self, around: &mut Around<'_>, report: ServerReport) {
        match (self.does, report) {
            (Does::Asks("resolve"), ServerReport::Resolved) => {
                let next = if self.proxy().is_some() {
                    "reach proxy"
                } else {
                    "connect"
                };
                self.ask(around, next);
            }
            (Does::Asks("reach proxy"), ServerReport::ProxyReached) => self.ask(around, "connect"),
            (Does::Asks("connect"), ServerReport::Connected) => self.is_connected(around),
            (Does::Flushes { .. }, ServerReport::Flushed) => self.flushed(around),
            (Does::Holds { .. }, ServerReport::Alive) => self.last_sign = around.now,
            _ => {}
        }
    }

    pub(crate) fn is_connected(&mut self, around: &mut Around<'_>) {
        around.book.rule("CON-8");
        self.does = Does::Holds { since: around.now };
        (self.stable, self.lasts) = (false, Some(around.now + self.times.stable * 1_000));
        self.last_sign = around.now;
        (self.until, self.wait, self.grace) = (None, None, None);
        self.name = self
            .request
            .as_ref()
            .and_then(|request| request.name.clone());
        self.first = None;
        self.turn(around, ServerState::Connected);
        self.resume(around);
        if core::mem::take(&mut self.reported) && self.request.is_none() {
            around.book.rule("CON-21 back");
            let interface = IDS[self.newest];
            around.book.notify(format!("server back {interface}"));
        }
        self.result(around, self.newest, (ConnectOutcome::ServerConnected, None));
    }

    pub(crate) fn flushed(&mut self, around: &mut Around<'_>) {
        around.book.rule("CON-15 flush");
        self.rest(around);
        self.let_go(around);
        self.given = None;
    }
}

/// Nobody stopped it on purpose.
fn is_failure(why: Why) -> bool {
    !matches!(why.0, Cause::Closed | Cause::Disabled | Cause::Switched)
}

fn is_loss(report: ServerReport) -> bool {
    matches!(
        report,
        ServerReport::Lost { .. }
            | ServerReport::NoConnectivity { .. }
            | ServerReport::Fault { .. }
    )
}

/// CON-11.
pub(crate) fn outcome_of(medium: Medium, why: Why) -> ConnectOutcome {
    match why.0 {
        Cause::NoCredentials
        | Cause::NotFound
        | Cause::WrongCredentials
        | Cause::Rejected
        | Cause::LinkLost => ConnectOutcome::NoWifi,
        Cause::NoCarrier => ConnectOutcome::NoLink,
        Cause::NoAddress | Cause::LeaseLost | Cause::AddressConflict => ConnectOutcome::NoIpAddress,
        Cause::Sim => ConnectOutcome::SimError,
        Cause::RegistrationDenied => ConnectOutcome::RegistrationDenied,
        Cause::RegistrationLost => ConnectOutcome::NoRegistration,
        Cause::Ppp => ConnectOutcome::NoPppConnection,
        Cause::TimedOut | Cause::Fault => stage_of(medium, why.1),
        _ => ConnectOutcome::NotConnected,
    }
}

/// The result of a step that did not end.
pub(crate) fn stage_of(medium: Medium, step: Option<Step>) -> ConnectOutcome {
    match step {
        Some(Step::Scan | Step::Join | Step::Wps) => ConnectOutcome::NoWifi,
        Some(Step::Link) => ConnectOutcome::NoLink,
        Some(Step::Dhcp | Step::StaticAddress) => ConnectOutcome::NoIpAddress,
        Some(Step::Modem) => ConnectOutcome::NoModem,
        Some(Step::Power) if medium == Medium::Cellular => ConnectOutcome::NoModem,
        Some(Step::Sim) => ConnectOutcome::SimError,
        Some(Step::Registration) => ConnectOutcome::NoRegistration,
        Some(Step::Ppp) => ConnectOutcome::NoPppConnection,
        _ => ConnectOutcome::NotConnected,
    }
}
