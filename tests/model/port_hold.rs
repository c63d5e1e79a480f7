//! An interface and its holders: local ones, and the server connection.

use lankeeper::interface::Step;
use lankeeper::{Cause, IpConfig, Medium, State};

use super::book::Book;
use super::port::{About, Port, Why, Window};
use super::settings::Given;

impl Port {
    /// Network and address by these settings. A given NIC is complete: one without an address takes
    /// none, but the stored network (OPEN-5).
    pub(crate) fn would_run_with(&self, given: &Given) -> (Option<String>, Option<IpConfig>) {
        let stored = self.stored.network.clone();
        let network = given.network.clone().or(stored);
        let settings = if *given == Given::default() {
            &self.stored
        } else {
            given
        };
        let address = settings.ip.filter(|_| self.place != 2);
        (network.filter(|_| self.place == 1), address)
    }

    pub(crate) fn runs_with(&self) -> (Option<String>, Option<IpConfig>) {
        let uses = self.uses.clone();
        let uses = uses.filter(|_| !matches!(self.about, About::Rest | About::Step("power", _)));
        uses.unwrap_or_else(|| self.would_run_with(&self.given))
    }

    /// It joined what only the radio knows.
    pub(crate) fn runs_unknown(&self) -> bool {
        let is_joined = self.by_wps && self.runs.iter().any(|one| one.0 == "wps");
        is_joined || matches!(self.about, About::Step("wps", _))
    }

    /// A deadline of DHCP or of the registration is no end of a try, if the interface tries on by
    /// itself (CON-5), without a power cycle.
    pub(crate) fn is_slow_by(&self, why: Why) -> bool {
        let is_slow =
            why.0 == Cause::TimedOut && matches!(why.1, Some(Step::Dhcp | Step::Registration));
        is_slow && !self.is_manual() && !self.cycle_due
    }

    pub(crate) fn is_slow(&self) -> bool {
        self.why.is_some_and(|why| self.is_slow_by(why))
    }

    pub(crate) fn is_held(&self) -> bool {
        self.server || !self.holders.is_empty()
    }

    pub(crate) fn is_up(&self) -> bool {
        matches!(self.about, About::Connected { .. })
    }

    pub(crate) fn is_at_rest(&self) -> bool {
        self.about == About::Rest
    }

    /// The first holder has it powered up (IFC-1).
    pub(crate) fn power_up(&mut self, book: &mut Book, now: u64, given: Given) {
        book.rule("IFC-1");
        self.given = given;
        (self.borrowed, self.begun) = (false, None);
        self.from = "power";
        self.cooling = None;
        self.begin(book, now, "power", None);
    }

    /// The server connection holds it. Nothing that nobody asked for starts it in a back-off (IFC-13).
    pub(crate) fn hold(
        &mut self,
        book: &mut Book,
        now: u64,
        asked: bool,
        stopped: bool,
        given: Option<Given>,
    ) {
        let was_held = self.is_held();
        self.server = true;
        let cools = |one: &Window| now < one.1 && (stopped || now < one.0);
        let cools = self.cooling.filter(cools);
        if !was_held {
            if let Some(waits) = cools.filter(|_| !asked) {
                book.rule("IFC-13 waits");
                self.borrowed = given.is_some();
                self.given = given.unwrap_or_default();
                self.from = "power";
                self.retry = Some(waits).filter(|_| !self.is_manual());
                return;
            }
            let begun = self.short_of(now);
            if !asked {
                self.lengthen();
            }
            let borrowed = given.is_some();
            self.power_up(book, now, given.unwrap_or_default());
            self.borrowed = borrowed;
            self.begun = Some(begun).filter(|_| !asked);
            return;
        }
        let waits = self.retry.is_some() || self.look.is_some();
        let lacks_network = self.why.is_some_and(|why| why.0 == Cause::NoCredentials);
        if !asked && !waits && lacks_network && !self.is_manual() {
            self.tries_unseen(now);
        }
        let is_over = self.cooling.is_some() && cools.is_none();
        let may_start = asked || (is_over && !waits && self.conflict <= now);
        if may_start && self.about == About::Rest {
            book.rule("CON-5 request");
            let begun = self.short_of(now);
            if !asked {
                self.lengthen();
            }
            self.request(book, now);
            self.begun = Some(begun).filter(|_| !asked);
        } else if !asked && !waits && self.about == About::Rest && !self.is_manual() {
            self.retry = cools;
        }
    }

    /// The back-off of a try that begins now, should it be given up. The server connection may make
    /// another one a minute later where there is none.
    fn short_of(&self, now: u64) -> Window {
        if self.is_manual() {
            return (now + 60_000_000, now + 60_000_000);
        }
        let least = self.delay - self.delay / 4;
        (now + least * 1_000, now + self.delay * 1_000)
    }

    /// Stops for good: it was left or disabled (IFC-8).
    pub(crate) fn end(&mut self, book: &mut Book, now: u64, cause: Cause) {
        self.was_stable(book, now);
        if self.state == State::Unknown {
            return;
        }
        book.rule("IFC-8");
        if !self.runs.is_empty() {
            self.say(book, "stop", "");
            self.say(book, "power down", "");
        }
        self.held = None;
        self.cooling = self.retry.or(self.cooling);
        self.forget_waits();
        self.cooling = self.cooling.or(self.begun.take());
        self.from = "power";
        self.unseen = None;
        self.about = About::Rest;
        (self.given, self.borrowed) = (Given::default(), false);
        self.uses = None;
        self.conflict = 0;
        (self.failed, self.cycle_due) = (0, false);
        (self.wrong_keys, self.silent_dials) = (0, 0);
        let state = self.stopped_state();
        self.turn(book, state, Some((cause, None, None)));
    }

    /// The step that is under way, by its public name.
    pub(crate) fn step(&self) -> Option<Step> {
        let About::Step(step, _) = self.about else {
            return None;
        };
        Some(match step {
            "power" => Step::Power,
            "scan" => Step::Scan,
            "join" => Step::Join,
            "wps" => Step::Wps,
            "link" => Step::Link,
            "address" => Step::Dhcp,
            "modem" => Step::Modem,
            "sim" => Step::Sim,
            "registration" => Step::Registration,
            _ => Step::Ppp,
        })
    }

    pub(crate) fn stopped_state(&self) -> State {
        match self.medium {
            Medium::Wifi => State::WifiStopped,
            Medium::Ethernet => State::EthernetStopped,
            Medium::Cellular => State::CellularStopped,
        }
    }

    pub(crate) fn unhappy_state(&self) -> State {
        match self.medium {
            Medium::Wifi => State::WifiStoppedUnhappy,
            Medium::Ethernet => State::EthernetStoppedUnhappy,
            Medium::Cellular => State::CellularStoppedUnhappy,
        }
    }
}
