//! The timeline: the record of a run, which all reports are made from.

use core::fmt;

use lankeeper::udp::DropReason;
use lankeeper::{Duration, Instant, IpConfig, SendError, State, StopReason};

/// The id of a host, which is its port at the switch.
pub type HostId = usize;

/// An event with its instant and host.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub at: Instant,
    pub host: HostId,
    pub event: Event,
}

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The state of the interface changed.
    State {
        state: State,
        /// Why it stopped, or is no longer CONNECTED.
        reason: Option<StopReason>,
        address: Option<IpConfig>,
    },
    /// The address changed while the interface stayed CONNECTED.
    Address(IpConfig),
    /// A local socket was opened.
    Opened { port: u16 },
    /// The stack did not bind the port of the socket, which is closed now.
    NotBound { port: u16, code: i32 },
    /// A send was refused for a permanent reason.
    Refused { to: &'static str, error: SendError },
    /// A flood ended.
    Flooded { sent: u32, limited: u32 },
    /// The core dropped received datagrams.
    Dropped { reason: DropReason, count: u32 },
    /// A message of an unknown version arrived.
    Version(u8),
    /// The hub found a new node.
    Found { node: u16 },
    /// The hub gave up a node that missed too many polls.
    GivenUp { node: u16 },
    /// The hub got no answer to a request, even to its repetition.
    NoAnswer { node: u16, number: u32 },
    /// A request carried an outdated number.
    BadSequence { number: u32, expected: u32 },
    /// A node that lost its memory continues at the hub's number.
    Resumed { number: u32 },
    /// A scheduled mishap began or ended.
    Mishap(String),
}

/// How the printed timeline treats an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// Always on a line of its own.
    Single,
    /// May be merged with others of the same kind.
    Noise,
}

impl Event {
    /// Whether events of this kind may be merged.
    pub fn weight(&self) -> Weight {
        match self {
            Self::Mishap(_)
            | Self::Refused { .. }
            | Self::Flooded { .. }
            | Self::NotBound { .. }
            | Self::Resumed { .. } => Weight::Single,
            _ => Weight::Noise,
        }
    }

    /// The text for several events of this kind.
    pub fn kind(&self) -> String {
        match self {
            Self::State { state, reason, .. } => match reason {
                Some(reason) => format!("{} ({}), {reason}", state.name(), state.code()),
                None => format!("{} ({})", state.name(), state.code()),
            },
            Self::Address(_) => "new address".to_owned(),
            Self::Opened { port } => format!("socket opened on port {port}"),
            Self::Dropped { reason, .. } => format!("datagrams dropped: {reason}"),
            Self::Version(version) => format!("messages of version {version} ignored"),
            Self::Found { .. } => "nodes found".to_owned(),
            Self::GivenUp { .. } => "nodes given up after three missed polls".to_owned(),
            Self::NoAnswer { .. } => "polls without answer".to_owned(),
            Self::BadSequence { .. } => "Bad Sequence Number".to_owned(),
            single @ (Self::Refused { .. }
            | Self::Flooded { .. }
            | Self::NotBound { .. }
            | Self::Resumed { .. }
            | Self::Mishap(_)) => single.to_string(),
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State { address: None, .. } => f.write_str(&self.kind()),
            Self::State {
                address: Some(ip), ..
            } => {
                write!(f, "{} with {}", self.kind(), ip.prefix())
            }
            Self::Address(ip) => write!(f, "new address {}", ip.prefix()),
            Self::Opened { port } => write!(f, "socket opened on port {port}"),
            Self::NotBound { port, code } => write!(f, "port {port} not bound, code {code}"),
            Self::Refused { to, error } => write!(f, "send to {to} refused: {error}"),
            Self::Flooded { sent, limited } => {
                write!(
                    f,
                    "flood ended: {sent} datagrams sent, {limited} refused with WOULDBLOCK (4)"
                )
            }
            Self::Dropped { reason, count: 1 } => write!(f, "datagram dropped: {reason}"),
            Self::Dropped { reason, count } => write!(f, "{count} datagrams dropped: {reason}"),
            Self::Version(version) => write!(f, "message of version {version} ignored"),
            Self::Found { node } => write!(f, "found node-{node}"),
            Self::GivenUp { node } => write!(f, "gave node-{node} up after three missed polls"),
            Self::NoAnswer { node, number } => {
                write!(
                    f,
                    "no answer from node-{node} to number {number} or its repetition"
                )
            }
            Self::BadSequence { number, expected } => {
                write!(f, "Bad Sequence Number: {number}, expected {expected}")
            }
            Self::Resumed { number } => {
                write!(f, "continues at the hub's number {number}, its own is lost")
            }
            Self::Mishap(text) => f.write_str(text),
        }
    }
}

/// The record of a run, in order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    entries: Vec<Entry>,
}

impl Timeline {
    /// Adds an event.
    pub fn add(&mut self, at: Instant, host: HostId, event: Event) {
        self.entries.push(Entry { at, host, event });
    }

    /// All events.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The events of a host from one instant until before another.
    pub fn of(&self, host: HostId, from: Instant, until: Instant) -> impl Iterator<Item = &Entry> {
        let begin = self.entries.partition_point(|entry| entry.at < from);
        let end = self.entries.partition_point(|entry| entry.at < until);
        self.entries[begin..end.max(begin)]
            .iter()
            .filter(move |entry| entry.host == host)
    }

    /// When a host first reached a state within a period.
    pub fn reached(
        &self,
        host: HostId,
        wanted: State,
        from: Instant,
        until: Instant,
    ) -> Option<Instant> {
        self.of(host, from, until)
            .find(|entry| matches!(entry.event, Event::State { state, .. } if state == wanted))
            .map(|entry| entry.at)
    }
}

/// Formats an instant as time of day, such as `0:03:20.000`.
pub fn clock(at: Instant) -> String {
    let millis = at.as_micros() / 1_000;
    let (seconds, millis) = (millis / 1_000, millis % 1_000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    format!(
        "{}:{:02}:{seconds:02}.{millis:03}",
        minutes / 60,
        minutes % 60
    )
}

/// Formats a duration, such as `1.502 s`.
pub fn seconds(duration: Duration) -> String {
    let millis = duration.as_millis();
    format!("{}.{:03} s", millis / 1_000, millis % 1_000)
}
