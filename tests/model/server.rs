//! The server connection as the rules speak of it: what was asked, over which interface, until when.

use lankeeper::{AttemptId, ConnectOutcome, Policy, ServerState};

use super::book::{Book, puts_an_end_to};
use super::port::{Port, Window};
use super::settings::{Given, IDS, ServerTimes};

/// The place of the server's commands, beside those of the interfaces.
pub(crate) const SERVER: usize = 3;

/// How a try ended, with the code of the backend.
pub(crate) type Ended = (ConnectOutcome, Option<i32>);

/// What is known of all but the server connection while it decides.
pub(crate) struct Around<'a> {
    pub(crate) ports: &'a mut Vec<Port>,
    pub(crate) book: &'a mut Book,
    pub(crate) now: u64,
    /// The text of every handle that was given.
    pub(crate) handles: Vec<String>,
    /// Which interfaces the manager shows as stopped.
    pub(crate) stopped: [bool; 3],
    /// Deadlines fire, and not all that are due have fired.
    pub(crate) is_time: bool,
    /// The deadline that fires, though it may be late, or else now.
    pub(crate) at: u64,
    /// The manager shows that it waits.
    pub(crate) waits: bool,
}

/// The present business of the server connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    Nothing,
    /// It waits until its interface is up.
    Comes,
    /// A command that was not answered yet.
    Asks(&'static str),
    Holds {
        since: u64,
    },
    Flushes {
        until: u64,
    },
    /// Nothing is tried before the end of a wait.
    Waits,
}

/// A request that has no result yet.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) id: Option<AttemptId>,
    /// The interface and its name, if it was named.
    pub(crate) name: Option<(usize, String)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) times: ServerTimes,
    pub(crate) policy: Policy,
    pub(crate) order: Vec<usize>,
    pub(crate) selected: Option<usize>,
    pub(crate) does: Does,
    /// The interface that is used or waited for.
    pub(crate) on: Option<usize>,
    /// The interface of the newest try.
    pub(crate) newest: usize,
    /// And that of the one before it.
    pub(crate) before: usize,
    pub(crate) request: Option<Request>,
    pub(crate) time_out: Option<u64>,
    /// The settings for this connection only, and for which interface.
    pub(crate) given: Option<(usize, Given)>,
    /// What the connection was asked for by name.
    pub(crate) name: Option<(usize, String)>,
    /// The interface that a request has named or selected, also after a loss.
    pub(crate) asked_for: Option<usize>,
    /// The interface that is tried alone.
    pub(crate) alone: Option<usize>,
    /// The interfaces of this route that had their turn.
    pub(crate) tried: Vec<usize>,
    /// The interface that carried the connection which is tried again, or with which a round begins.
    pub(crate) first: Option<usize>,
    /// The newest failure of a try.
    pub(crate) failure: Option<(usize, Ended)>,
    /// Somebody asked for what is tried now.
    pub(crate) asked: bool,
    /// What was lost comes up again by itself.
    pub(crate) comes_back: bool,
    /// The connection has lasted for its stability time; the end of that, or of four times as much.
    pub(crate) stable: bool,
    pub(crate) lasts: Option<u64>,
    /// The next try begins as soon as all deadlines have fired.
    pub(crate) begins_after: bool,
    /// The end of the present try.
    pub(crate) until: Option<u64>,
    /// It waits for the next round, and a failure was reported as a suspension (CON-13).
    pub(crate) pauses: bool,
    pub(crate) called: bool,
    pub(crate) suspended: bool,
    /// A failure was reported, and the connection is tried on (CON-21).
    pub(crate) reported: bool,
    /// The end of the wait.
    pub(crate) wait: Option<Window>,
    /// The end of the time for which a loss is not reported, or of a round.
    pub(crate) grace: Option<Window>,
    /// The next delay in milliseconds, and what it is after the first one.
    pub(crate) delay: u64,
    /// The end of a wait that an interface has ended: none ends another one before, and the next wait
    /// begins then (CON-19).
    pub(crate) no_news_before: Window,
    /// What came up before that, and the wait that it ends then.
    pub(crate) came_up: Option<(usize, Window)>,
    pub(crate) resumes: Option<u64>,
    /// Within the grace the delays grow to a quarter of it.
    pub(crate) is_limited: bool,
    /// Until when a proxy that has refused is left alone.
    pub(crate) refused: Option<Window>,
    /// No request was made since the start or a wake.
    pub(crate) first_call: bool,
    /// What runs in the backend, and the newest disconnect.
    pub(crate) runs: Vec<(&'static str, u64)>,
    pub(crate) dropped: Option<u64>,
    pub(crate) state: ServerState,
    /// What can be asked of the past.
    pub(crate) result: Option<String>,
    pub(crate) ended: u32,
    pub(crate) loss: Option<String>,
    pub(crate) last_sign: u64,
}

impl Server {
    pub(crate) fn new(times: &ServerTimes) -> Self {
        Self {
            times: times.clone(),
            policy: times.policy,
            order: vec![0, 1, 2],
            selected: None,
            does: Does::Nothing,
            on: None,
            newest: 0,
            before: 0,
            request: None,
            time_out: None,
            given: None,
            name: None,
            asked_for: None,
            alone: None,
            tried: Vec::new(),
            first: None,
            failure: None,
            asked: false,
            comes_back: false,
            stable: false,
            lasts: None,
            begins_after: false,
            until: None,
            pauses: false,
            called: false,
            suspended: false,
            reported: false,
            wait: None,
            grace: None,
            delay: times.delays.0,
            no_news_before: (0, 0),
            came_up: None,
            resumes: None,
            is_limited: true,
            refused: None,
            first_call: true,
            runs: Vec::new(),
            dropped: None,
            state: ServerState::Disconnected,
            result: None,
            ended: 0,
            loss: None,
            last_sign: 0,
        }
    }

    // Commands and notices.

    /// The proxy of the connection: on cellular there is none, and a given NIC is complete (OPEN-5).
    pub(crate) fn proxy(&self) -> Option<String> {
        let on = self.on.filter(|on| *on != 2)?;
        match &self.given {
            Some((port, given)) if *port == on => given.proxy.clone(),
            _ => self.times.stored.proxy.clone(),
        }
    }

    pub(crate) fn say(&mut self, around: &mut Around<'_>, what: &'static str) {
        let proxy = self
            .proxy()
            .filter(|_| !matches!(what, "disconnect" | "flush"));
        let id = IDS[self.on.unwrap_or(self.newest)];
        let with = format!("{id} {}", proxy.unwrap_or_default());
        let number = around.book.say(SERVER, what, &with);
        let over = puts_an_end_to(what);
        self.runs
            .retain(|one| one.0 != what && !over.contains(&one.0));
        if what != "disconnect" {
            self.runs.push((what, number));
        }
    }

    pub(crate) fn turn(&mut self, around: &mut Around<'_>, state: ServerState) {
        if self.state != state {
            around.book.rule("CON-17");
            around.book.notify(format!("server {state:?}"));
            self.state = state;
        }
    }

    /// The one result of a request (CON-2), with its name (CON-24).
    pub(crate) fn result(&mut self, around: &mut Around<'_>, on: usize, ended: Ended) {
        let Some(request) = self.request.take() else {
            return;
        };
        around.book.rule("CON-2");
        let name = match request.name {
            // Which name a result has where nothing was tried: see `differences`.
            _ if self.failure.is_none() && self.on.is_none() => "?".to_owned(),
            Some((port, name)) if port == on => name,
            _ => IDS[on].to_string(),
        };
        // A server call returns no number.
        let id = request
            .id
            .map_or_else(|| "?".to_owned(), |id| format!("{id:?}"));
        let text = format!("{id} {name} {:?} {:?}", ended.0, ended.1);
        around.book.notify(format!("server ended {text}"));
        self.result = Some(text);
        self.ended += 1;
    }

    pub(crate) fn report_loss(
        &mut self,
        around: &mut Around<'_>,
        how: &str,
        (port, ended): (usize, Ended),
    ) {
        let id = IDS[port];
        let text = format!("{id} {:?} {:?}", ended.0, ended.1);
        around.book.notify(format!("server {how} {text}"));
        self.loss = Some(text);
    }

    // The hold of an interface.

    /// Gives an interface back (CON-15); the last holder stops it.
    pub(crate) fn let_go(&mut self, around: &mut Around<'_>) {
        self.drop_what_runs(around);
        let Some(on) = self.on.take() else {
            return;
        };
        around.book.rule("CON-15");
        let port = &mut around.ports[on];
        if core::mem::take(&mut port.server) && port.holders.is_empty() {
            port.end(around.book, around.now, lankeeper::Cause::Closed);
            around.book.happened.clear();
        }
    }

    pub(crate) fn drop_what_runs(&mut self, around: &mut Around<'_>) {
        if !self.runs.is_empty() {
            self.say(around, "disconnect");
        }
    }

    /// Powers the interface down whatever its holders (CON-6).
    pub(crate) fn switch_off(&mut self, around: &mut Around<'_>) {
        self.drop_what_runs(around);
        let Some(on) = self.on.take() else {
            return;
        };
        around.book.rule("CON-6");
        let port = &mut around.ports[on];
        port.server = false;
        port.end(around.book, around.now, lankeeper::Cause::Switched);
        around.book.happened.clear();
        for number in core::mem::take(&mut port.holders) {
            around.book.rule("OPEN-6 switched");
            let handle = &around.handles[number];
            around.book.notify(format!("handle closed {handle}"));
        }
    }

    /// Holds an interface, and starts it at once if somebody asked for that (CON-5, IFC-13).
    pub(crate) fn hold(&mut self, around: &mut Around<'_>, on: usize) {
        let given = self.given.clone().filter(|given| given.0 == on);
        self.on = Some(on);
        self.newest = on;
        let asked = self.asked;
        let stopped = around.stopped[on];
        let port = &mut around.ports[on];
        let given = given.map(|one| one.1);
        port.hold(around.book, around.now, asked, stopped, given);
    }

    /// Everything is over.
    pub(crate) fn rest(&mut self, around: &mut Around<'_>) {
        self.drop_what_runs(around);
        self.has_lasted(around, false);
        self.does = Does::Nothing;
        (self.until, self.wait, self.grace) = (None, None, None);
        (self.begins_after, self.pauses) = (false, false);
        self.turn(around, ServerState::Disconnected);
    }
}

/// Whether two texts are the same word by word; `?` is any word.
pub(crate) fn is_same(shown: &str, expected: &str) -> bool {
    let (shown, expected) = (shown.split(' '), expected.split(' '));
    shown.clone().count() == expected.clone().count()
        && shown
            .zip(expected)
            .all(|(one, other)| one == other || other == "?")
}
