//! The printed report: a timeline, and a table at the end.

use core::fmt::Write;

use comfy_table::{CellAlignment, Table};
use lankeeper::manager::Ignored;
use lankeeper::{Cause, Delivery, Duration, Instant, InterfaceId, Notice, State, StopReason};

use crate::device::INTERFACES;

pub struct Diary {
    lines: Vec<Line>,
    table: String,
    tracks: [Track; 3],
    /// Whether to print every attempt.
    all: bool,
}

/// The history of an interface.
struct Track {
    id: InterfaceId,
    /// The lines of the attempt in progress.
    pending: Vec<Line>,
    /// How the previous attempt ended, unless it succeeded.
    stop: Option<(State, Option<Cause>)>,
    /// The number of attempts that ended like the previous one and were not printed.
    omitted: u32,
    connected_since: Option<Instant>,
    connected_for: Duration,
    connections: u32,
    losses: u32,
    attempts: u32,
}

impl Diary {
    pub fn new(all: bool) -> Self {
        Self {
            lines: Vec::new(),
            table: String::new(),
            tracks: INTERFACES.map(|id| Track {
                id,
                pending: Vec::new(),
                stop: None,
                omitted: 0,
                connected_since: None,
                connected_for: Duration::ZERO,
                connections: 0,
                losses: 0,
                attempts: 0,
            }),
            all,
        }
    }

    /// The timeline and the table.
    pub fn text(&self) -> String {
        let mut lines: Vec<_> = self.lines.iter().collect();
        // An attempt is added once its end is known, so its lines have to be sorted back into
        // place.
        lines.sort_by_key(|line| line.at);
        let mut text = String::new();
        for line in lines {
            text.push_str(&line.text);
            text.push('\n');
        }
        text + "\n" + &self.table()
    }

    /// The table alone.
    pub fn table(&self) -> String {
        self.table.clone() + "\n"
    }

    /// Adds a line.
    pub fn push(&mut self, now: Instant, who: &str, text: &str) {
        self.lines.push(Line::new(now, who, text));
    }

    /// Records what the manager delivered.
    pub fn take(&mut self, now: Instant, delivery: Delivery) {
        match delivery {
            Delivery::Notice(Notice::StateChanged {
                interface,
                state,
                reason,
            }) => self.take_state(now, interface, state, reason),
            Delivery::Notice(Notice::AddressChanged { interface }) => {
                self.push(now, &interface.to_string(), "another address");
            }
            Delivery::Notice(_) | Delivery::Datagram { .. } => {}
        }
    }

    fn take_state(
        &mut self,
        now: Instant,
        id: InterfaceId,
        state: State,
        reason: Option<StopReason>,
    ) {
        let Some(track) = self.tracks.iter_mut().find(|track| track.id == id) else {
            return;
        };
        let mut text = format!("{state} ({})", state.code());
        if let Some(reason) = reason {
            let _ = write!(text, ": {reason}");
        }
        track.count(now, state);
        track.pending.push(Line::new(now, &id.to_string(), &text));
        let first_attempt = track.stop.is_none() && !state.is_stopped();
        if self.all || (first_attempt && state != State::Connected) {
            self.lines.append(&mut track.pending);
            return;
        }
        if !state.is_terminal() {
            return;
        }
        let stop = (state != State::Connected).then(|| (state, reason.map(|reason| reason.cause)));
        if stop.is_some() && stop == track.stop {
            track.omitted += 1;
            track.pending.clear();
            return;
        }
        if let Some(first) = track.pending.first().filter(|_| track.omitted > 0) {
            let text = format!("… {} more attempts ended the same way", track.omitted);
            self.lines.push(Line::new(first.at, &id.to_string(), &text));
        }
        track.omitted = 0;
        track.stop = stop;
        self.lines.append(&mut track.pending);
    }

    /// Adds the table of the time spent CONNECTED.
    pub fn close(&mut self, now: Instant, ignored: impl Fn(InterfaceId) -> Option<Ignored>) {
        let mut table = Table::new();
        table.load_style(comfy_table::presets::UTF8_FULL_CONDENSED);
        table.set_header([
            "interface",
            "medium",
            "connected",
            "share",
            "times",
            "losses",
            "attempts",
            "ignored",
        ]);
        for column in table.column_iter_mut().skip(2) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        for track in &mut self.tracks {
            track.pause(now);
            let seconds = track.connected_for.as_secs();
            let per_mille = track.connected_for.as_micros() / (now.as_micros() / 1_000).max(1);
            let ignored = ignored(track.id).map_or(0, |of| of.meaningless + of.stale);
            table.add_row([
                track.id.to_string(),
                track.id.medium().to_string(),
                format!(
                    "{}:{:02}:{:02}",
                    seconds / 3_600,
                    seconds / 60 % 60,
                    seconds % 60
                ),
                format!("{}.{} %", per_mille / 10, per_mille % 10),
                track.connections.to_string(),
                track.losses.to_string(),
                track.attempts.to_string(),
                ignored.to_string(),
            ]);
        }
        self.table = table.to_string();
    }
}

impl Track {
    fn count(&mut self, now: Instant, state: State) {
        if self.connected_since.is_some() {
            self.losses += 1;
            self.pause(now);
        }
        if state == State::Connected {
            self.connected_since = Some(now);
            self.connections += 1;
        }
        self.attempts += u32::from(state == State::Starting);
    }

    fn pause(&mut self, now: Instant) {
        if let Some(since) = self.connected_since.take() {
            let duration = now.saturating_duration_since(since);
            self.connected_for = self.connected_for.saturating_add(duration);
        }
    }
}

/// A line of the timeline.
struct Line {
    at: Instant,
    text: String,
}

impl Line {
    fn new(at: Instant, who: &str, text: &str) -> Self {
        let millis = at.as_micros() / 1_000;
        let (seconds, millis) = (millis / 1_000, millis % 1_000);
        let (day, hour) = (seconds / 86_400 + 1, seconds / 3_600 % 24);
        let (minute, second) = (seconds / 60 % 60, seconds % 60);
        let time = format!("day {day} {hour:02}:{minute:02}:{second:02}.{millis:03}");
        let text = if who.is_empty() {
            format!("{time}  * {text}")
        } else {
            format!("{time}      {who:<5} {text}")
        };
        Self { at, text }
    }
}
