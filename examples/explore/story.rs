//! What happens, in words: a story is written down only where somebody reads it.

use lankeeper::{Command, Duration, Instant, Notice};

use crate::alphabet::Bed;
use crate::operation::Operation;

/// The lines of a story, or nothing.
pub struct Log(Option<Vec<String>>);

impl Log {
    /// Nobody reads it.
    pub const fn none() -> Self {
        Self(None)
    }

    pub const fn written() -> Self {
        Self(Some(Vec::new()))
    }

    pub fn say(&mut self, line: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.0 {
            lines.push(line());
        }
    }

    pub fn lines(self) -> Vec<String> {
        self.0.unwrap_or_default()
    }
}

/// One thing that happens, with its time.
pub fn happens(bed: &Bed, now: Instant, operation: Operation) -> String {
    use Operation::*;
    let name = |place: usize| bed.alphabet.interfaces[place];
    let text = match operation {
        Drain => "the backend takes all commands".into(),
        Deadline => "time goes on to the next deadline".into(),
        Millisecond => "a millisecond passes".into(),
        Open(place) => format!("the application opens {}", name(place)),
        Close(place) => format!("the application closes {}", name(place)),
        Retry(place) => format!("the application has {} tried again", name(place)),
        Enable(place, true) => format!("{} is enabled", name(place)),
        Enable(place, false) => format!("{} is disabled", name(place)),
        OpenSocket(place) => format!("the application opens a socket over {}", name(place)),
        CloseSocket => "the application closes its socket".into(),
        FailBind => "the backend could not bind the port".into(),
        Report(place, _, report) => format!("{} reports {report:?}", name(place)),
        Server(report) => format!("of the server is reported {report:?}"),
        Connect => "the application connects".into(),
        ConnectWith(place) => format!("the application connects over {}", bed.names[place]),
        ConnectGiven => format!(
            "the application connects over {} with settings",
            bed.names[1]
        ),
        Disconnect => "the application disconnects".into(),
        Flush => "the application disconnects, and has 2 ms to flush".into(),
        Call => "there is traffic for the server".into(),
        SetPolicy(policy) => format!("the policy becomes {policy:?}"),
        SetOrder(order) => {
            let order = bed.alphabet.orders[order]
                .iter()
                .map(|place| name(*place).to_string());
            format!(
                "the server order becomes {}",
                order.collect::<Vec<_>>().join(", ")
            )
        }
        Select(None) => "no interface is selected any more".into(),
        Select(Some(place)) => format!("{} is selected", name(place)),
    };
    let passed = now.saturating_duration_since(Instant::EPOCH);
    format!(
        "{:>4} ms {text}",
        passed.as_micros() / Duration::from_millis(1).as_micros()
    )
}

pub fn command(command: &Command<'_>) -> String {
    match command {
        Command::Interface { ticket, action } => {
            format!("        asked of {}: {action:?}", ticket.interface())
        }
        Command::Server { ticket, action } => {
            format!(
                "        asked of the server over {}: {action:?}",
                ticket.interface()
            )
        }
        Command::Bind(binding) => format!("        bind port {}", binding.port()),
        Command::Unbind(binding) => format!("        unbind port {}", binding.port()),
        _ => "        keep or seal settings".into(),
    }
}

pub fn notice(notice: &Notice) -> String {
    let text = match notice {
        Notice::StateChanged {
            interface, state, ..
        } => format!("{interface} is {state}"),
        Notice::ServerStateChanged { state } => format!("the server connection is {state}"),
        Notice::ConnectEnded {
            interface, outcome, ..
        } => {
            format!("the request over {interface} ended: {outcome}")
        }
        Notice::HandleClosed { .. } => "the handle is stale".into(),
        Notice::SocketClosed { .. } => "the socket is closed".into(),
        Notice::Joined { .. } => "joined".into(),
        Notice::Suspended { .. } => "suspended".into(),
        other => format!("{other:?}"),
    };
    format!("        notice: {text}")
}
