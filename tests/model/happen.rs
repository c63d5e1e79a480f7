//! What reports and deadlines do to an interface.

use lankeeper::interface::Step;
use lankeeper::{Cause, IpConfig, Lease, Medium, Report, State};

use super::book::Book;
use super::port::{About, Happened, Noted, Port, Why, Window};

impl Port {
    /// When something happens by itself next, at the earliest and at the latest.
    pub(crate) fn next(&self) -> Option<(u64, u64)> {
        let step = match self.about {
            About::Step(_, until) => Some((until, until)),
            _ => None,
        };
        let held = self.held.map(|held| (held.0, held.0));
        let all = [step, held, self.retry, self.look];
        all.into_iter().flatten().min_by_key(|one| one.1)
    }

    /// What is due happens, as the first of all that is: the one that is due at `at`.
    pub(crate) fn fire(&mut self, book: &mut Book, at: (u64, u64), now: u64) {
        self.due = Some(at.0);
        self.fire_due(book, at, now);
        self.due = None;
    }

    fn fire_due(&mut self, book: &mut Book, at: (u64, u64), now: u64) {
        if self.held.is_some_and(|held| (held.0, held.0) == at) {
            let (_, (cause, _, code)) = self.held.take().unwrap();
            let why = (cause, self.step(), code);
            book.rule("IFC-15 over");
            if self.about == About::Rest && cause == Cause::LinkLost {
                self.link_is_gone(book);
            } else {
                self.lose(book, now, why);
            }
        } else if matches!(self.about, About::Step(_, until) if (until, until) == at) {
            book.rule("TIME-3");
            self.silence(book, now);
        } else if self.retry == Some(at) {
            self.wait_is_over(book, now);
        } else {
            book.rule("IFC-7 look");
            self.begin(book, now, "link", None);
        }
    }

    /// A step was not answered in time (IFC-4, IFC-14).
    fn silence(&mut self, book: &mut Book, now: u64) {
        let step = self.step();
        let About::Step(name, _) = self.about else {
            return;
        };
        let why = (Cause::TimedOut, step, None);
        let from = match name {
            "scan" => "scan",
            "address" => "address",
            "registration" => "registration",
            "link" => {
                self.fail(book, now, "link", (Cause::NoCarrier, step, None));
                return;
            }
            "ppp" => {
                self.silent_dials += 1;
                if self.silent_dials >= 2 {
                    self.silent_dials = 0;
                    "power"
                } else {
                    "ppp"
                }
            }
            _ => "power",
        };
        self.fail(book, now, from, why);
    }

    /// A report of the command with this number.
    pub(crate) fn report(
        &mut self,
        book: &mut Book,
        now: u64,
        what: &'static str,
        number: u64,
        report: Report,
    ) {
        let in_force = self.number_of(what) == Some(number);
        if let Report::Fault { code } = report
            && self.stop.contains(&number)
        {
            book.rule("DRV-6");
            self.stop.clear();
            let id = super::settings::IDS[self.place];
            book.notify(format!("{id} stop failed {code}"));
            return;
        }
        if !in_force || !answers(what, report) {
            book.rule("IFC-10");
            return;
        }
        self.asked = what;
        if matches!(report, Report::CarrierUp | Report::Joined) && self.held.take().is_some() {
            book.rule("IFC-15 back");
            return;
        }
        match self.about {
            About::Rest => self.while_stopped(book, now, report),
            About::Connected { .. } => self.while_connected(book, now, report),
            About::Step(step, _) => self.on_the_way(book, now, step, report),
            About::Nothing => {}
        }
    }

    fn on_the_way(&mut self, book: &mut Book, now: u64, step: &'static str, report: Report) {
        let next = match (step, report) {
            ("power", Report::Ready) => match self.medium {
                Medium::Wifi => "scan",
                Medium::Ethernet => "link",
                Medium::Cellular => "modem",
            },
            ("power" | "scan" | "join", Report::WpsStarted) => {
                book.rule("IFC-1");
                "wps"
            }
            ("scan", Report::NetworkFound) => "join",
            ("join" | "wps", Report::Joined) => {
                self.turn(book, State::WifiLinkUp, None);
                "address"
            }
            ("link", Report::CarrierUp) => "address",
            ("modem", Report::ModemAlive) => "sim",
            ("sim", Report::SimReady) => "registration",
            ("registration", Report::Registered) => "ppp",
            ("address", Report::Lease(lease)) => {
                match lease.config() {
                    Ok(ip) => self.connect(book, now, ip),
                    Err(_) => {
                        book.rule("IFC-5 refused");
                        let why = (Cause::NoAddress, self.step(), None);
                        self.fail(book, now, "address", why);
                    }
                }
                return;
            }
            ("ppp", Report::PppUp(lease)) => {
                match session(lease) {
                    Some(ip) => self.connect(book, now, ip),
                    None => {
                        let why = (Cause::Ppp, self.step(), None);
                        self.fail(book, now, "ppp", why);
                    }
                }
                return;
            }
            ("address", Report::LeaseLost) | ("registration", Report::RegistrationLost) => return,
            _ => {
                self.bad_news(book, now, report);
                return;
            }
        };
        self.begin(book, now, next, None);
    }

    /// Whatever report takes something away, on the way up or in CONNECTED.
    fn bad_news(&mut self, book: &mut Book, now: u64, report: Report) {
        let Some((cause, code)) = bad(report) else {
            return;
        };
        let is_up = matches!(
            self.about,
            About::Connected { .. } | About::Step("address", _)
        );
        if cause == Cause::NotFound && is_up {
            book.rule("IFC-10");
            return;
        }
        let is_fixed = self.asked == "set address";
        let fixed = (is_fixed && matches!(cause, Cause::Fault | Cause::AddressConflict))
            .then_some(Step::StaticAddress);
        let why = (cause, self.step().or(fixed), code);
        let is_held = is_up && matches!(cause, Cause::NoCarrier | Cause::LinkLost);
        if let Some(hold) = self.times.hold.filter(|_| is_held) {
            book.rule("IFC-15");
            if self.held.is_none() {
                self.held = Some((now + hold * 1_000, why));
            }
            return;
        }
        self.lose(book, now, why);
    }

    /// What was reported as lost is gone.
    fn lose(&mut self, book: &mut Book, now: u64, why: Why) {
        let from = match why.0 {
            Cause::Fault => "power",
            Cause::NoCarrier => "link",
            Cause::NotFound | Cause::WrongCredentials | Cause::Rejected | Cause::LinkLost => "scan",
            Cause::NoAddress | Cause::LeaseLost | Cause::AddressConflict => "address",
            Cause::Sim => "sim",
            Cause::RegistrationDenied | Cause::RegistrationLost => "registration",
            _ => "ppp",
        };
        match why.0 {
            Cause::NoCarrier => self
                .runs
                .retain(|one| !matches!(one.0, "start dhcp" | "set address")),
            Cause::Sim => self
                .runs
                .retain(|one| !matches!(one.0, "register" | "dial")),
            Cause::RegistrationDenied | Cause::RegistrationLost => {
                self.runs.retain(|one| one.0 != "dial");
            }
            _ => {}
        }
        let stays = matches!(
            why.0,
            Cause::NoCarrier
                | Cause::Fault
                | Cause::Sim
                | Cause::RegistrationDenied
                | Cause::AddressConflict
        );
        if self.was_stable(book, now) && !stays {
            book.rule("IFC-6");
            if from == "address" && self.has_news() {
                self.leave_with_news(book, now, why);
            } else {
                self.begin(book, now, from, Some(why));
            }
            return;
        }
        book.rule("IFC-6 unstable");
        self.fail(book, now, from, why);
    }

    /// The address is gone, and other settings were stored: another address is used at once, another
    /// network is looked for (OPEN-5).
    fn leave_with_news(&mut self, book: &mut Book, now: u64, why: Why) {
        book.rule("OPEN-5 left");
        let (network, _) = self.would_run_with(&self.given);
        let is_other = self.uses.as_ref().is_some_and(|uses| uses.0 != network);
        let state = match self.medium {
            Medium::Wifi => State::WifiDhcping,
            _ => State::EthernetDhcping,
        };
        self.turn(book, state, Some(why));
        if is_other && self.medium == Medium::Wifi {
            self.say(book, "stop", "");
            self.begin(book, now, "scan", None);
        } else {
            self.begin(book, now, "address", None);
        }
    }

    fn while_connected(&mut self, book: &mut Book, now: u64, report: Report) {
        match report {
            Report::Lease(lease) => match lease.config() {
                Ok(ip) if Some(ip) != self.ip => self.renew(book, ip),
                Ok(_) => {}
                Err(_) => self.lose(book, now, (Cause::NoAddress, None, None)),
            },
            Report::PppUp(lease) => match session(lease) {
                Some(ip) if Some(ip) != self.ip => self.renew(book, ip),
                Some(_) => {}
                None => self.lose(book, now, (Cause::Ppp, None, None)),
            },
            _ => self.bad_news(book, now, report),
        }
    }

    fn renew(&mut self, book: &mut Book, ip: IpConfig) {
        book.rule("IFC-5 renewed");
        let before = self.ip.replace(ip);
        let id = super::settings::IDS[self.place];
        book.notify(format!("{id} address changed"));
        if before.is_some_and(|before| before.address() != ip.address()) {
            book.happened.push((self.place, Happened::Address));
        }
    }

    /// A late success is none any more; Wi-Fi Protected Setup goes on.
    fn unnote(&mut self) {
        self.noted = None;
    }

    /// The next try begins at the scan, because the link is lost while nothing is tried (IFC-14).
    fn link_is_gone(&mut self, book: &mut Book) {
        book.rule("IFC-14 down");
        self.unnote();
        self.held = None;
        self.from = "scan";
        let over = ["start dhcp", "set address"];
        self.runs.retain(|one| !over.contains(&one.0));
    }

    fn while_stopped(&mut self, book: &mut Book, now: u64, report: Report) {
        let from = self.from;
        match report {
            Report::WpsStarted if self.medium == Medium::Wifi => {
                if self.retry.is_some() {
                    self.wps = true;
                    self.wps_first = self.noted.is_none();
                } else if self.why.is_some_and(|why| why.0 == Cause::NoCredentials) {
                    book.rule("IFC-17");
                    let cooling = self.cooling;
                    self.begin(book, now, "wps", None);
                    self.begun = cooling;
                }
            }
            Report::CarrierUp if from == "link" => {
                self.noted = Some(Noted::Carrier);
                if self.retry.is_none() && !self.is_manual() {
                    book.rule("IFC-6 late carrier");
                    self.wait_is_over(book, now);
                } else {
                    book.rule("IFC-6 carrier noted");
                }
            }
            Report::CarrierDown if from == "link" => self.noted = None,
            Report::Lease(lease) if from == "address" => {
                self.noted = lease.config().ok().map(Noted::Address);
            }
            Report::LeaseLost | Report::LeaseRefused { .. } | Report::AddressConflict
                if from == "address" =>
            {
                if report == Report::AddressConflict {
                    self.conflict = now + 10_000_000;
                    let until = self.conflict;
                    self.retry = self.retry.map(|one| (one.0.max(until), one.1.max(until)));
                }
                self.unnote();
            }
            Report::Registered if from == "registration" => {
                book.rule("IFC-16 late success");
                self.noted = Some(Noted::Registration);
                // The refusal is over with all that it put off, and a back-off begins.
                self.refused = None;
                let wait = self.retry;
                if let Some(wait) = wait.filter(|_| self.state == State::CellularRegistrationDenied)
                {
                    let most = now + self.delay * 1_000;
                    let least = most - self.delay / 4 * 1_000;
                    // A success makes no wait longer.
                    self.retry = Some((wait.0.min(least), wait.1.min(most)));
                    self.short = self.retry;
                }
            }
            Report::RegistrationLost if from == "registration" => self.noted = None,
            Report::PppUp(lease) if from == "ppp" => {
                let ip = session(lease);
                self.noted = ip.map(Noted::Address);
            }
            Report::PppDown { .. } if from == "ppp" => self.noted = None,
            Report::RegistrationDenied { .. }
                if self.state == State::CellularRegistrationDenied =>
            {
                if self.refused.is_none() && !self.is_manual() {
                    book.rule("IFC-16 refused again");
                    self.wait(book, now);
                }
                self.unnote();
            }
            Report::RegistrationDenied { .. } if matches!(from, "registration" | "ppp") => {
                self.bad_news(book, now, report);
            }
            Report::CarrierDown | Report::Fault { .. } => {
                book.rule("IFC-14 down at once");
                self.bad_news(book, now, report);
            }
            Report::LinkLost { .. } | Report::WrongKey { .. } | Report::JoinRejected { .. }
                if from == "address" =>
            {
                self.link_is_gone(book);
            }
            Report::SimFailed { .. } if matches!(from, "registration" | "ppp") => {
                book.rule("IFC-14 down");
                self.unnote();
                self.from = "sim";
                self.runs
                    .retain(|one| !matches!(one.0, "register" | "dial"));
            }
            Report::RegistrationLost if from == "ppp" => {
                book.rule("IFC-14 down");
                self.unnote();
                self.from = "registration";
                self.runs.retain(|one| one.0 != "dial");
            }
            _ => {}
        }
    }
}

fn bad(report: Report) -> Option<(Cause, Option<i32>)> {
    Some(match report {
        Report::NetworkNotFound { code } => (Cause::NotFound, Some(code)),
        Report::WrongKey { code } => (Cause::WrongCredentials, Some(code)),
        Report::JoinRejected { code } => (Cause::Rejected, Some(code)),
        Report::LinkLost { code } => (Cause::LinkLost, Some(code)),
        Report::CarrierDown => (Cause::NoCarrier, None),
        Report::LeaseRefused { code } => (Cause::NoAddress, Some(code)),
        Report::LeaseLost => (Cause::LeaseLost, None),
        Report::AddressConflict => (Cause::AddressConflict, None),
        Report::SimFailed { code } => (Cause::Sim, Some(code)),
        Report::RegistrationDenied { code } => (Cause::RegistrationDenied, Some(code)),
        Report::RegistrationLost => (Cause::RegistrationLost, None),
        Report::PppDown { code } => (Cause::Ppp, Some(code)),
        Report::Fault { code } => (Cause::Fault, Some(code)),
        _ => return None,
    })
}

/// Which reports a command has, by the table of the README.
pub(crate) fn answers(what: &str, report: Report) -> bool {
    match report {
        Report::Fault { .. } => true,
        Report::Ready | Report::WpsStarted => what == "power up",
        Report::NetworkFound => what == "scan",
        Report::NetworkNotFound { .. } | Report::WrongKey { .. } => {
            matches!(what, "scan" | "join" | "wps")
        }
        Report::Joined | Report::JoinRejected { .. } | Report::LinkLost { .. } => {
            matches!(what, "join" | "wps")
        }
        Report::CarrierUp | Report::CarrierDown => what == "start link",
        Report::Lease(_) | Report::LeaseRefused { .. } | Report::LeaseLost => what == "start dhcp",
        Report::AddressConflict => matches!(what, "start dhcp" | "set address"),
        Report::ModemAlive => what == "ping modem",
        Report::SimReady | Report::SimFailed { .. } => what == "read sim",
        Report::Registered | Report::RegistrationDenied { .. } | Report::RegistrationLost => {
            what == "register"
        }
        Report::PppUp(_) | Report::PppDown { .. } => what == "dial",
        _ => false,
    }
}

/// What a session grants is one address; its prefix counts for nothing (IFC-5).
fn session(lease: Lease) -> Option<IpConfig> {
    let usable = lease.config().ok()?;
    IpConfig::point_to_point(usable.address(), usable.gateway(), usable.name_servers()).ok()
}

impl Port {
    /// The timer that may be or must be over at `now`; the one that must be first.
    pub(crate) fn next_at(&self, now: u64) -> Option<Window> {
        let mut due = self.windows();
        due.retain(|window| window.0 <= now);
        due.into_iter().min_by_key(|window| window.1)
    }

    /// All timers.
    pub(crate) fn windows(&self) -> Vec<Window> {
        let step = match self.about {
            About::Step(_, until) => Some((until, until)),
            _ => None,
        };
        let held = self.held.as_ref().map(|held| (held.0, held.0));
        [step, held, self.retry, self.look]
            .into_iter()
            .flatten()
            .collect()
    }
}
