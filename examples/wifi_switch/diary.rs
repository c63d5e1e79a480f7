//! The printed report: a timeline, and a table at the end.

use comfy_table::{CellAlignment, Table};
use lankeeper::{
    ConnectOutcome, Duration, Instant, InterfaceId, Notice, ServerState, State, StopReason,
};

use crate::device::INTERFACES;

pub struct Diary {
    lines: Vec<String>,
    table: String,
    /// The events of the story.
    pub scenes: Vec<(Instant, &'static str)>,
    /// The requests to the manager, in order.
    pub attempts: Vec<Attempt>,
    /// The states of the server connection and of the interfaces.
    pub server: Vec<(Instant, ServerState)>,
    pub interfaces: [Vec<(Instant, State)>; 3],
    pub end: Instant,
    /// Whether to print every state change.
    all: bool,
}

/// A request for a connection.
pub struct Attempt {
    pub at: Instant,
    pub name: String,
    /// When and how it ended; `None` if another request replaced it.
    pub ended: Option<(Instant, ConnectOutcome)>,
    /// When the resulting connection ended.
    pub until: Option<Instant>,
}

impl Diary {
    pub fn new(all: bool) -> Self {
        Self {
            lines: Vec::new(),
            table: String::new(),
            scenes: Vec::new(),
            attempts: Vec::new(),
            server: vec![(Instant::EPOCH, ServerState::Disconnected)],
            interfaces: INTERFACES.map(|_| vec![(Instant::EPOCH, State::Unknown)]),
            end: Instant::EPOCH,
            all,
        }
    }

    /// The timeline and the table.
    pub fn text(&self) -> String {
        format!("{}\n\n{}\n", self.lines.join("\n"), self.table)
    }

    /// Records an event of the story, or a request from the phone.
    pub fn scene(&mut self, now: Instant, text: &'static str) {
        self.scenes.push((now, text));
        self.lines.push(format!("{}  * {text}", time(now)));
    }

    /// Records a decision of the application.
    pub fn decision(&mut self, now: Instant, text: &str) {
        self.push(now, "app", text);
    }

    pub fn pause(&mut self, now: Instant, duration: Duration) {
        let text = format!("next round over the list in {} s", duration.as_secs());
        self.push(now, "app", &text);
    }

    /// Records a request for a connection, which replaces the present one.
    pub fn attempt(&mut self, now: Instant, name: String) {
        self.disconnected(now);
        self.attempts.push(Attempt {
            at: now,
            name,
            ended: None,
            until: None,
        });
    }

    /// Records a notice; `over` is the interface of the server connection.
    pub fn take(&mut self, now: Instant, notice: Notice, over: Option<InterfaceId>) {
        match notice {
            Notice::StateChanged {
                interface,
                state,
                reason,
            } => self.take_state(now, interface, state, reason),
            Notice::ServerStateChanged { state } => self.take_server(now, state, over),
            Notice::ConnectEnded {
                interface,
                outcome,
                code,
                ..
            } => {
                if let Some(attempt) = self.attempts.last_mut() {
                    attempt.ended = Some((now, outcome));
                    let text = result(outcome, code);
                    let text = format!("{} over {interface}: {text}", attempt.name);
                    self.push(now, "result", &text);
                }
            }
            Notice::ServerLost {
                interface,
                outcome,
                code,
            } => {
                self.disconnected(now);
                let text = format!("over {interface}: {}", result(outcome, code));
                self.push(now, "lost", &text);
            }
            _ => {}
        }
    }

    /// Adds the table of the attempts by network.
    pub fn close(&mut self, now: Instant) {
        self.end = now;
        self.disconnected(now);
        let mut table = Table::new();
        table.load_style(comfy_table::presets::UTF8_FULL_CONDENSED);
        table.set_header(["network", "attempts", "connected", "for", "results"]);
        for column in table.column_iter_mut().skip(1).take(3) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let mut names: Vec<&str> = Vec::new();
        for attempt in &self.attempts {
            if !names.contains(&attempt.name.as_str()) {
                names.push(&attempt.name);
            }
        }
        for name in names {
            table.add_row(self.row(name));
        }
        self.table = table.to_string();
    }

    fn row(&self, name: &str) -> [String; 5] {
        let of_name = |attempt: &&Attempt| attempt.name == name;
        let attempts: Vec<_> = self.attempts.iter().filter(of_name).collect();
        let connected: Vec<_> = attempts
            .iter()
            .filter_map(|attempt| attempt.connected_for())
            .collect();
        let seconds: u64 = connected.iter().map(|duration| duration.as_secs()).sum();
        let mut results: Vec<(ConnectOutcome, u32)> = Vec::new();
        for (_, outcome) in attempts.iter().filter_map(|attempt| attempt.ended) {
            match results.iter_mut().find(|(known, _)| *known == outcome) {
                Some((_, count)) => *count += 1,
                None => results.push((outcome, 1)),
            }
        }
        let results: Vec<_> = results
            .into_iter()
            .map(|(outcome, count)| format!("{count} × {outcome} ({})", outcome.code()))
            .collect();
        [
            name.to_owned(),
            attempts.len().to_string(),
            connected.len().to_string(),
            format!("{}:{:02}", seconds / 60, seconds % 60),
            results.join(", "),
        ]
    }

    /// Prints what happens without a request: losses and reconnections.
    fn take_server(&mut self, now: Instant, state: ServerState, over: Option<InterfaceId>) {
        let was_connected = matches!(self.server.last(), Some((_, ServerState::Connected)));
        self.server.push((now, state));
        let is_asked = self
            .attempts
            .last()
            .is_none_or(|attempt| attempt.ended.is_none());
        let retries = matches!(
            state,
            ServerState::Waiting | ServerState::WaitingForInterface
        );
        if self.all {
            self.push(now, "server", &state.to_string());
        }
        match (state, over) {
            _ if is_asked => {}
            (ServerState::Connected, Some(id)) => {
                self.push(now, "server", &format!("connected again, over {id}"));
            }
            _ if was_connected && retries => {
                self.push(now, "server", "connection lost, retrying");
            }
            _ => {}
        }
    }

    fn take_state(
        &mut self,
        now: Instant,
        id: InterfaceId,
        state: State,
        reason: Option<StopReason>,
    ) {
        let Some(place) = INTERFACES.iter().position(|known| *known == id) else {
            return;
        };
        self.interfaces[place].push((now, state));
        if self.all {
            let reason = reason.map_or(String::new(), |reason| format!(": {reason}"));
            let text = format!("{state} ({}){reason}", state.code());
            self.push(now, &id.to_string(), &text);
        }
    }

    /// Records the end of the present connection, if there is one.
    fn disconnected(&mut self, now: Instant) {
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.until.get_or_insert(now);
        }
    }

    fn push(&mut self, now: Instant, who: &str, text: &str) {
        self.lines
            .push(format!("{}      {who:<6} {text}", time(now)));
    }
}

impl Attempt {
    /// How long the connection lasted, if there was one.
    pub fn connected_for(&self) -> Option<Duration> {
        let (since, outcome) = self.ended?;
        let until = self.until?;
        (outcome == ConnectOutcome::ServerConnected).then(|| until.saturating_duration_since(since))
    }
}

fn result(outcome: ConnectOutcome, code: Option<i32>) -> String {
    let of_backend = code.map_or(String::new(), |code| {
        format!(", code of the backend {code}")
    });
    format!("{outcome} ({}){of_backend}", outcome.code())
}

fn time(at: Instant) -> String {
    let millis = at.as_micros() / 1_000;
    let (seconds, millis) = (millis / 1_000, millis % 1_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{hour}:{minute:02}:{second:02}.{millis:03}")
}
