//! One interface as the rules speak of it: what was said to it, what is waited for, and until when.

use lankeeper::interface::Step;
use lankeeper::{Cause, IpConfig, Medium, State};

use super::book::{Book, puts_an_end_to};
use super::settings::{Given, IDS, Times};

/// Why an interface is stopped or was lost.
pub(crate) type Why = (Cause, Option<Step>, Option<i32>);

/// Between these two instants, in microseconds.
pub(crate) type Window = (u64, u64);

/// What an interface is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// Nobody ever opened it.
    Nothing,
    /// A step, until its answer or its deadline.
    Step(&'static str, u64),
    Connected {
        since: u64,
    },
    /// It is stopped and was given up, or waits for its next try.
    Rest,
}

/// What the server connection hears of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Happened {
    Up,
    Stopped(Why),
    /// It left CONNECTED, and comes up again.
    Left(Why),
    /// It has another address.
    Address,
}

#[derive(Clone, Debug)]
pub(crate) struct Port {
    pub(crate) place: usize,
    pub(crate) medium: Medium,
    pub(crate) times: Times,
    pub(crate) enabled: bool,
    /// The handles that hold it, by the order in which they were given.
    pub(crate) holders: Vec<usize>,
    /// The server connection holds it.
    pub(crate) server: bool,
    pub(crate) given: Given,
    pub(crate) stored: Given,
    /// The network and the address that it runs with (OPEN-9).
    pub(crate) uses: Option<(Option<String>, Option<IpConfig>)>,
    /// It stopped just now: other settings that were stored before end the back-off.
    pub(crate) looks: bool,
    /// These settings are those of the server connection alone.
    pub(crate) borrowed: bool,
    pub(crate) about: About,
    pub(crate) state: State,
    pub(crate) why: Option<Why>,
    pub(crate) loss: Option<Why>,
    pub(crate) ip: Option<IpConfig>,
    /// What was begun and is not over: what, and the number of the command.
    pub(crate) runs: Vec<(&'static str, u64)>,
    /// The newest stop and power-down, until one of them was reported as failed.
    pub(crate) stop: Vec<u64>,
    /// The command whose report came last.
    pub(crate) asked: &'static str,
    /// The deadline that fires now, though it may be late (TIME-3).
    pub(crate) due: Option<u64>,
    /// When the next try begins, and with what.
    pub(crate) retry: Option<Window>,
    /// The back-off of an interface that nobody holds any more.
    pub(crate) cooling: Option<Window>,
    /// The back-off and the next delay, if a try was made of which nothing is seen: there is no network
    /// to join, and whether the back-off was over only the manager knows.
    pub(crate) unseen: Option<(Window, u64)>,
    /// The back-off of what nobody asked for, from its begin.
    pub(crate) begun: Option<Window>,
    /// When it looks for the carrier.
    pub(crate) look: Option<Window>,
    pub(crate) from: &'static str,
    /// The late success that is used when the wait is over.
    pub(crate) noted: Option<Noted>,
    /// Somebody began Wi-Fi Protected Setup in the meantime.
    pub(crate) wps: bool,
    /// It joined a network that only the radio knows (OPEN-9).
    pub(crate) by_wps: bool,
    /// It came before the late success.
    pub(crate) wps_first: bool,
    /// The delay of the next wait in milliseconds, and the failed tries in a row.
    pub(crate) delay: u64,
    pub(crate) failed: u32,
    /// So many tries have failed in a row that the next one begins with a power cycle.
    pub(crate) cycle_due: bool,
    pub(crate) silent_dials: u32,
    pub(crate) wrong_keys: u32,
    /// No address is tried before, because another device has it.
    pub(crate) conflict: u64,
    /// When the back-off alone would have ended, where a refusal makes the wait longer.
    pub(crate) short: Option<Window>,
    /// Until when a refusal is not repeated, unless it was none.
    pub(crate) refused: Option<Window>,
    /// A carrier or link that is held to be there, and what its loss is; until when.
    pub(crate) held: Option<(u64, Why)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Noted {
    Carrier,
    Address(IpConfig),
    Registration,
}

impl Port {
    pub(crate) fn new(place: usize, times: &Times) -> Self {
        Self {
            place,
            medium: IDS[place].medium(),
            times: times.clone(),
            enabled: true,
            holders: Vec::new(),
            server: false,
            given: Given::default(),
            stored: Given::default(),
            uses: None,
            looks: false,
            borrowed: false,
            cooling: None,
            unseen: None,
            begun: None,
            about: About::Nothing,
            state: State::Unknown,
            why: None,
            loss: None,
            ip: None,
            runs: Vec::new(),
            stop: Vec::new(),
            asked: "",
            due: None,
            retry: None,
            look: None,
            from: "power",
            noted: None,
            wps: false,
            by_wps: false,
            wps_first: false,
            delay: times.delays.map_or(0, |delays| delays.0),
            failed: 0,
            cycle_due: false,
            silent_dials: 0,
            wrong_keys: 0,
            conflict: 0,
            short: None,
            refused: None,
            held: None,
        }
    }

    pub(crate) fn is_manual(&self) -> bool {
        self.times.delays.is_none()
    }

    pub(crate) fn number_of(&self, what: &str) -> Option<u64> {
        self.runs.iter().find(|one| one.0 == what).map(|one| one.1)
    }

    // Commands and notices.

    pub(crate) fn say(&mut self, book: &mut Book, what: &'static str, with: &str) {
        let number = book.say(self.place, what, with);
        let over = puts_an_end_to(what);
        self.runs
            .retain(|one| one.0 != what && !over.contains(&one.0));
        if what == "power down" {
            self.wps = false;
        }
        if what == "power down" && self.cycle_due {
            // The next row begins with the power cycle.
            (self.failed, self.cycle_due) = (0, false);
        }
        if !matches!(what, "stop" | "power down") {
            self.runs.push((what, number));
        }
    }

    /// Reports another state (IFC-9).
    pub(crate) fn turn(&mut self, book: &mut Book, state: State, why: Option<Why>) {
        self.why = why.filter(|_| is_stopped(state));
        let was_up = self.state == State::Connected;
        if was_up {
            self.loss = why;
            self.ip = None;
        }
        if self.state == state {
            book.rule("IFC-9 same");
            return;
        }
        book.rule("IFC-9");
        self.state = state;
        let id = IDS[self.place];
        book.notify(format!("{id} {state:?} {why:?}"));
        let happened = match why {
            _ if state == State::Connected => Happened::Up,
            Some(why) if is_stopped(state) => Happened::Stopped(why),
            Some(why) if was_up => Happened::Left(why),
            _ => return,
        };
        book.happened.push((self.place, happened));
    }

    // Steps.

    /// Begins a step of the ladder.
    pub(crate) fn begin(
        &mut self,
        book: &mut Book,
        now: u64,
        step: &'static str,
        why: Option<Why>,
    ) {
        self.forget_waits();
        if step != "address" {
            self.held = None;
        }
        self.by_wps = step == "wps" || (self.by_wps && step == "address");
        let goes_on = matches!(self.about, About::Step(step, _) if step != "power");
        if step == "power" || !goes_on {
            self.uses = Some(self.would_run_with(&self.given));
        }
        let (network, _) = self.runs_with();
        let has_network = network.is_some();
        let network = network.unwrap_or_default();
        let (what, with, state, time) = match step {
            "power" => ("power up", "", State::Starting, "start"),
            "scan" if !has_network => {
                book.rule("OPEN-5");
                let step = (self.state == State::Starting).then_some(Step::Power);
                let why = (Cause::NoCredentials, step, why.and_then(|why| why.2));
                // At rest what was lost is stopped already, or was reported as gone.
                let is_rest = self.about == About::Rest;
                if !is_rest && self.runs.iter().any(|one| one.0 != "power up") {
                    self.say(book, "stop", "");
                }
                self.about = About::Rest;
                self.from = "scan";
                // Only the server connection tries it again by itself.
                self.wait(book, now);
                self.cooling = self.retry.take().or(self.cooling);
                self.turn(book, State::WifiStopped, Some(why));
                return;
            }
            "scan" => ("scan", network.as_str(), State::WifiScanning, "scan"),
            "join" => ("join", network.as_str(), State::WifiJoining, "join"),
            "wps" => ("wps", "", State::WifiWpsing, "wps"),
            "link" => ("start link", "", State::EthernetLinkUp, "link"),
            "address" => {
                self.begin_address(book, now, why);
                return;
            }
            "modem" => ("ping modem", "", State::CellularPinging, "modem"),
            "sim" => ("read sim", "", State::CellularWaitingForSim, "sim"),
            "registration" => ("register", "", State::CellularRegistering, "registration"),
            "ppp" => ("dial", "", State::CellularPppConnecting, "ppp"),
            other => panic!("no step: {other}"),
        };
        book.rule("IFC-2");
        self.unseen = None;
        self.say(book, what, with);
        self.about = About::Step(step, now.saturating_add(self.times.step(time) * 1_000));
        self.turn(book, state, why);
    }

    fn begin_address(&mut self, book: &mut Book, now: u64, why: Option<Why>) {
        if let (_, Some(ip)) = self.runs_with() {
            book.rule("IFC-3");
            self.say(book, "set address", &format!("{ip:?}"));
            self.connect(book, now, ip);
            return;
        }
        book.rule("IFC-2");
        self.say(book, "start dhcp", "");
        let state = match self.medium {
            Medium::Wifi => State::WifiDhcping,
            _ => State::EthernetDhcping,
        };
        let until = now.saturating_add(self.times.step("dhcp") * 1_000);
        self.about = About::Step("address", until);
        self.turn(book, state, why);
    }

    /// Nothing is waited for any more, and what was noted meanwhile is used up.
    pub(crate) fn forget_waits(&mut self) {
        self.cooling = self.cooling.filter(|_| self.about == About::Rest);
        (self.retry, self.look, self.short, self.refused) = (None, None, None, None);
        (self.wps, self.noted) = (false, None);
    }

    pub(crate) fn connect(&mut self, book: &mut Book, now: u64, ip: IpConfig) {
        book.rule("IFC-5");
        self.forget_waits();
        self.silent_dials = 0;
        self.wrong_keys = 0;
        self.about = About::Connected { since: now };
        self.turn(book, State::Connected, None);
        self.ip = Some(ip);
    }

    /// Whether CONNECTED had lasted; then earlier failures are forgotten.
    pub(crate) fn was_stable(&mut self, book: &mut Book, now: u64) -> bool {
        let About::Connected { since } = self.about else {
            return false;
        };
        let lasted = self.due.unwrap_or(now).saturating_sub(since) >= self.times.stable * 1_000;
        if lasted && !self.is_manual() {
            book.rule("IFC-7 stable");
            self.begun = None;
            self.delay = self.times.delays.map_or(0, |delays| delays.0);
            (self.failed, self.cycle_due) = (0, false);
            self.wrong_keys = 0;
            self.silent_dials = 0;
        }
        lasted && !self.is_manual()
    }

    // Failures.

    /// Stops by a failure; the next try begins with `from`.
    pub(crate) fn fail(&mut self, book: &mut Book, now: u64, from: &'static str, why: Why) {
        book.rule("IFC-4");
        book.rule("IFC-14");
        self.was_stable(book, now);
        if from != "address" {
            self.held = None;
        }
        self.noted = None;
        self.look = None;
        self.from = from;
        let state = match why.0 {
            Cause::Fault => self.unhappy_state(),
            Cause::TimedOut if matches!(why.1, Some(Step::Power | Step::Modem)) => {
                self.unhappy_state()
            }
            Cause::NoCarrier => State::EthernetStoppedNoLink,
            Cause::RegistrationDenied => State::CellularRegistrationDenied,
            _ => self.stopped_state(),
        };
        if why.0 != Cause::NoCarrier && self.about != About::Rest {
            self.failed = self.failed.saturating_add(1);
            self.cycle_due = self.failed.checked_div(self.times.cycle_after) > Some(0);
        }
        if self.about != About::Rest && (why.0, why.1) != (Cause::TimedOut, Some(Step::Ppp)) {
            self.silent_dials = 0;
        }
        let is_unhappy = state == self.unhappy_state();
        if is_unhappy {
            book.rule("IFC-14 unhappy");
            self.say(book, "stop", "");
            self.say(book, "power down", "");
        } else if matches!(from, "power" | "scan") {
            self.say(book, "stop", "");
        }
        if why.0 == Cause::WrongCredentials {
            self.wrong_keys += 1;
        } else {
            self.wrong_keys = 0;
        }
        if why.0 == Cause::AddressConflict {
            book.rule("IFC-5 conflict");
            self.conflict = now.saturating_add(10_000_000);
        }
        let before = self
            .refused
            .or(self.retry)
            .filter(|_| self.about == About::Rest);
        self.about = About::Rest;
        self.turn(book, state, Some(why));
        self.wait(book, now);
        if self.conflict > now {
            let late = |window: Window| (window.0.max(self.conflict), window.1.max(self.conflict));
            self.retry = self.retry.map(late);
            let more = self.conflict - now;
            self.look = self
                .look
                .map(|look| (look.0.max(self.conflict), look.1 + more));
        }
        // It begins no step more often than its back-off allows (IFC-13).
        for before in [before, self.begun.take()].into_iter().flatten() {
            let later = |retry: Window| (before.0.max(retry.0), before.1.max(retry.1));
            self.retry = self.retry.map(later);
        }
        self.looks = true;
    }

    /// Waits for the next try.
    pub(crate) fn wait(&mut self, book: &mut Book, now: u64) {
        let Some((_, longest)) = self.times.delays else {
            book.rule("IFC-7 manual");
            self.retry = None;
            // The server connection may try it again a minute later.
            self.cooling = Some((now + 60_000_000, now + 60_000_000));
            return;
        };
        book.rule("IFC-7");
        let after = |least: u64, most: u64| (now + least * 1_000, now + most * 1_000);
        let delay = self.delay;
        let short = after(delay - delay / 4, delay);
        self.retry = Some(short);
        self.short = Some(short);
        match self.why.map_or(Cause::NoCredentials, |why| why.0) {
            Cause::NoCarrier => {
                book.rule("IFC-7 look");
                // A millisecond more where the back-off is the longest delay itself (TIME-6).
                let more = u64::from(delay == longest);
                self.look = Some(after(longest - longest / 4, longest + more));
            }
            Cause::RegistrationDenied => {
                book.rule("IFC-16");
                let refused = self.times.refused;
                let refused = after(refused, refused + refused / 4);
                self.retry = Some((refused.0.max(short.0), refused.1.max(short.1)));
                self.refused = self.retry;
            }
            Cause::WrongCredentials if self.wrong_keys >= 3 => {
                book.rule("IFC-16");
                let refused = self.times.refused;
                let refused = after(refused, refused + refused / 4);
                self.retry = Some((refused.0.max(short.0), refused.1.max(short.1)));
                self.refused = self.retry;
            }
            Cause::AddressConflict => {
                self.retry = Some((short.0.max(self.conflict), short.1.max(self.conflict)));
            }
            _ => {}
        }
    }

    /// The wait is over by itself: another try, and a longer delay (IFC-7).
    pub(crate) fn wait_is_over(&mut self, book: &mut Book, now: u64) {
        if self.why.is_some_and(|why| why.0 == Cause::NoCarrier) && self.noted.is_none() {
            // A look that is begun late is late by as much.
            let late = self.retry.map_or(0, |retry| now.saturating_sub(retry.1));
            self.look = self.look.map(|look| (look.0, look.1 + late));
            self.retry = None;
            return;
        }
        self.lengthen();
        self.attempt(book, now);
    }

    pub(crate) fn lengthen(&mut self) {
        self.delay = self.longer(self.delay);
    }

    fn longer(&self, delay: u64) -> u64 {
        let longest = self.times.delays.map_or(delay, |delays| delays.1);
        (delay * 2).min(longest)
    }

    /// A try was made perhaps, and changed nothing to be seen.
    pub(crate) fn tries_unseen(&mut self, now: u64) {
        let delay = match self.unseen {
            Some((window, delay)) if window.1 <= now => delay,
            None if self.cooling.is_some_and(|one| one.0 <= now && now < one.1) => self.delay,
            _ => return,
        };
        let delay = self.longer(delay);
        let window = (now + (delay - delay / 4) * 1_000, now + delay * 1_000);
        self.unseen = Some((window, delay));
    }

    /// Somebody asked for a try: it is made at once, whoever has the address (IFC-5).
    pub(crate) fn request(&mut self, book: &mut Book, now: u64) {
        self.conflict = 0;
        self.attempt(book, now);
    }

    /// Begins a try at once, where the last one failed (IFC-14).
    pub(crate) fn attempt(&mut self, book: &mut Book, now: u64) {
        book.rule("IFC-14 from");
        if self.has_news() && matches!(self.noted, Some(Noted::Address(_))) {
            book.rule("OPEN-5 late success");
            self.noted = None; // other settings are stored, of which it knows nothing
        }
        let noted = self.noted.filter(|_| !(self.wps && self.wps_first));
        let is_success = matches!(noted, Some(Noted::Address(_) | Noted::Registration));
        if self.cycle_due && self.from != "link" && !is_success {
            book.rule("IFC-14 cycle");
            self.say(book, "stop", "");
            self.say(book, "power down", "");
            self.begin(book, now, "power", None);
            return;
        }
        match noted {
            Some(Noted::Address(ip)) => {
                book.rule("IFC-14 late success");
                self.connect(book, now, ip);
            }
            Some(Noted::Registration) => {
                book.rule("IFC-14 late success");
                self.begin(book, now, "ppp", None);
            }
            _ if self.wps => {
                book.rule("IFC-17");
                self.begin(book, now, "wps", None);
            }
            Some(Noted::Carrier) | None => {
                let from = self.from;
                self.begin(book, now, from, None);
            }
        }
    }
}

pub(crate) fn is_stopped(state: State) -> bool {
    matches!(state.code(), 105 | 106 | 202 | 203 | 204 | 304 | 305 | 306)
}
