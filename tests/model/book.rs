//! What the model writes down: which rules were exercised, and what notices say to the application.

use std::collections::BTreeMap;

use super::port::Happened;
use crate::support::action::ABOVE_POWER;

#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    /// How often each rule decided something.
    pub(crate) rules: BTreeMap<&'static str, u64>,
    /// Every notice that is due and was not taken, oldest first, as text.
    pub(crate) notices: Vec<(u64, String)>,
    pub(crate) now: u64,
    /// Every command since the commands were last taken.
    pub(crate) commands: Vec<Said>,
    /// What has happened to interfaces that the server connection has not heard of.
    pub(crate) happened: Vec<(usize, Happened)>,
    numbers: u64,
}

/// A command as it was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) port: usize,
    pub(crate) what: &'static str,
    /// The settings that it carries.
    pub(crate) with: String,
    pub(crate) number: u64,
}

impl Book {
    pub(crate) fn rule(&mut self, rule: &'static str) {
        *self.rules.entry(rule).or_default() += 1;
    }

    pub(crate) fn notify(&mut self, notice: String) {
        self.notices.push((self.now, notice));
    }

    pub(crate) fn say(&mut self, port: usize, what: &'static str, with: &str) -> u64 {
        self.numbers += 1;
        self.commands.push(Said {
            port,
            what,
            with: with.to_owned(),
            number: self.numbers,
        });
        self.numbers
    }
}

/// What a command of the backend's guide puts an end to.
pub(crate) fn puts_an_end_to(what: &str) -> &'static [&'static str] {
    match what {
        "scan" => &["join", "wps", "start dhcp", "set address"],
        "join" => &["scan"],
        "wps" => &["scan", "join", "start dhcp", "set address"],
        "start link" => &["start dhcp", "set address"],
        "start dhcp" => &["set address"],
        "set address" => &["start dhcp"],
        "read sim" => &["register", "dial"],
        "register" => &["dial"],
        "stop" => &ABOVE_POWER,
        "power down" => &["power up"],
        "resolve" => &["reach proxy", "connect", "flush"],
        "reach proxy" => &["resolve"],
        "connect" => &["resolve", "reach proxy"],
        "disconnect" => &["resolve", "reach proxy", "connect", "flush"],
        _ => &[],
    }
}
