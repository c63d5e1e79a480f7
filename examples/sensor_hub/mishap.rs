//! What goes wrong, when, and how it is to show.

use lankeeper::{DropReason, Duration, Instant, SendError, State};

use crate::options::MINIMUM_MINUTES;
use crate::stranger::SENDS;
use crate::timeline::{self, Event, HostId, Timeline, clock};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A loop in the cabling: every frame to a node arrives twice.
    DoubledFrames { node: HostId },
    /// The hub's cable is out.
    HubCable,
    /// A node sends to a public address.
    ForbiddenSend { node: HostId },
    /// A node sends as fast as it can, in a version that the hub does not know.
    Flood { node: HostId },
    /// A stranger sends from outside the subnet.
    Stranger,
    /// A node loses its power and all its memory.
    Restart { node: HostId },
    /// A node's cable is out for so long that the hub gives it up.
    NodeCable { node: HostId },
    /// The DHCP server is silent for longer than a lease and the wait for another one last.
    SilentServer,
}

/// One entry of the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mishap {
    pub kind: Kind,
    pub begin: Instant,
    pub end: Instant,
}

/// What began in a mishap may show its effect this much later.
const AFTERWARDS: Duration = Duration::from_secs(5);

/// The hosts' numbers in the order of their ports at the switch.
pub const SERVER: HostId = 0;
pub const HUB: HostId = 1;
/// Node n has this number plus n.
const BEFORE_NODES: HostId = 1;

/// The number of the host that is node `id`, which counts from 1.
pub fn node(id: u16) -> HostId {
    BEFORE_NODES + HostId::from(id)
}

/// Which node a host is, if it is one.
pub fn node_id(host: HostId) -> Option<u16> {
    u16::try_from(host.checked_sub(BEFORE_NODES)?).ok()
}

/// The schedule: the mishaps keep their length, their distance grows with the run.
pub fn schedule(minutes: u64, nodes: u16) -> Vec<Mishap> {
    // Each mishap meets another node, as far as there are any.
    let victim = |nth: u16| node(nth % nodes + 1);
    [
        (Kind::DoubledFrames { node: victim(0) }, 20, 170),
        (Kind::HubCable, 200, 30),
        (Kind::ForbiddenSend { node: victim(1) }, 260, 0),
        (Kind::Flood { node: victim(2) }, 280, 3),
        (Kind::Stranger, 300, 5),
        (Kind::Restart { node: victim(3) }, 320, 5),
        (Kind::NodeCable { node: victim(4) }, 400, 240),
        (Kind::SilentServer, 690, 120),
    ]
    .into_iter()
    .map(|(kind, start, length)| {
        let begin = second(start * minutes / MINIMUM_MINUTES);
        Mishap {
            kind,
            begin,
            end: begin.saturating_add(Duration::from_secs(length)),
        }
    })
    .collect()
}

fn second(seconds: u64) -> Instant {
    Instant::from_micros(seconds.saturating_mul(1_000_000))
}

impl Kind {
    /// What the timeline says when it begins.
    pub fn beginning(&self) -> String {
        match self {
            Self::DoubledFrames { .. } => {
                "a loop in the cabling: frames to it arrive twice".to_owned()
            }
            Self::HubCable => "its cable is pulled".to_owned(),
            Self::ForbiddenSend { .. } => "it sends to a public address".to_owned(),
            Self::Flood { .. } => "it begins to flood the hub".to_owned(),
            Self::Stranger => "it broadcasts from outside the subnet".to_owned(),
            Self::Restart { .. } => "its power goes out, its memory is lost".to_owned(),
            Self::NodeCable { .. } => "its cable is pulled".to_owned(),
            Self::SilentServer => "it falls silent".to_owned(),
        }
    }

    /// What the timeline says when it is over, if that is worth a line.
    pub fn ending(&self) -> Option<&'static str> {
        match self {
            Self::DoubledFrames { .. } => Some("the loop is gone: frames to it arrive once again"),
            Self::HubCable | Self::NodeCable { .. } => Some("its cable is plugged in again"),
            Self::Restart { .. } => Some("its power is back"),
            Self::SilentServer => Some("it answers again"),
            Self::ForbiddenSend { .. } | Self::Flood { .. } | Self::Stranger => None,
        }
    }

    /// The name and the expected effect, for the closing table.
    pub fn expectation(&self) -> (&'static str, &'static str) {
        match self {
            Self::DoubledFrames { .. } => ("frames arrive twice", "node logs Bad Sequence Number"),
            Self::HubCable => (
                "hub's cable out",
                "ETHERNET_STOPPED_NO_LINK, then CONNECTED",
            ),
            Self::ForbiddenSend { .. } => ("send to 8.8.8.8", "error, socket closed, opened again"),
            Self::Flood { .. } => (
                "flood",
                "limiter answers WOULDBLOCK, hub ignores the version",
            ),
            Self::Stranger => ("stranger", "the hub's core drops its datagrams"),
            Self::Restart { .. } => ("node restarts", "CONNECTED, takes the hub's number up"),
            Self::NodeCable { .. } => ("node's cable out", "hub gives it up, finds it again"),
            Self::SilentServer => (
                "DHCP server silent",
                "leases lost, ETHERNET_STOPPED, then CONNECTED",
            ),
        }
    }

    /// The host that it happens to; the stranger is the host after the last node.
    pub fn host(&self, stranger: HostId) -> HostId {
        match self {
            Self::DoubledFrames { node }
            | Self::ForbiddenSend { node }
            | Self::Flood { node }
            | Self::Restart { node }
            | Self::NodeCable { node } => *node,
            Self::HubCable => HUB,
            Self::Stranger => stranger,
            Self::SilentServer => SERVER,
        }
    }
}

impl Mishap {
    /// What was seen of the effect, or `Err` with what was missing.
    pub fn seen(&self, timeline: &Timeline, stranger: HostId) -> Result<String, String> {
        let host = self.kind.host(stranger);
        match self.kind {
            Kind::DoubledFrames { .. } => self.seen_bad_sequence(timeline, host),
            Kind::HubCable => self.seen_cable(timeline),
            Kind::ForbiddenSend { .. } => self.seen_refusal(timeline, host),
            Kind::Flood { .. } => self.seen_flood(timeline, host),
            Kind::Stranger => self.seen_drops(timeline),
            Kind::Restart { .. } => self.seen_restart(timeline, host),
            Kind::NodeCable { .. } => self.seen_given_up(timeline, host),
            Kind::SilentServer => self.seen_lost_leases(timeline, stranger),
        }
    }

    fn seen_bad_sequence(&self, timeline: &Timeline, node: HostId) -> Result<String, String> {
        let until = self.end.saturating_add(AFTERWARDS);
        let count = timeline
            .of(node, self.begin, until)
            .filter(|entry| matches!(entry.event, Event::BadSequence { .. }))
            .count();
        some(count, "no Bad Sequence Number")?;
        Ok(format!("{count} × Bad Sequence Number"))
    }

    fn seen_cable(&self, timeline: &Timeline) -> Result<String, String> {
        timeline
            .reached(HUB, State::EthernetStoppedNoLink, self.begin, self.end)
            .ok_or("the hub did not notice")?;
        let back = timeline
            .reached(HUB, State::Connected, self.end, Instant::MAX)
            .ok_or("the hub did not come back")?;
        Ok(format!(
            "CONNECTED {} after the plug",
            since(self.end, back)
        ))
    }

    fn seen_refusal(&self, timeline: &Timeline, node: HostId) -> Result<String, String> {
        let mut after = timeline.of(node, self.begin, Instant::MAX);
        after
            .find(|entry| matches!(&entry.event, Event::Refused { error, .. } if *error == SendError::NotLocal))
            .ok_or("the send was not refused")?;
        let opened = after
            .find(|entry| matches!(entry.event, Event::Opened { .. }))
            .ok_or("the socket was not opened again")?;
        Ok(format!("not local, opened again at {}", clock(opened.at)))
    }

    fn seen_flood(&self, timeline: &Timeline, node: HostId) -> Result<String, String> {
        let (sent, limited) = timeline
            .of(node, self.begin, Instant::MAX)
            .find_map(|entry| match entry.event {
                Event::Flooded { sent, limited } => Some((sent, limited)),
                _ => None,
            })
            .ok_or("the flood did not end")?;
        some(
            usize::try_from(limited).unwrap_or(usize::MAX),
            "nothing was limited",
        )?;
        let ignored = timeline
            .of(HUB, self.begin, Instant::MAX)
            .filter(|entry| matches!(entry.event, Event::Version(_)))
            .count();
        some(ignored, "the hub saw nothing of it")?;
        Ok(format!(
            "{sent} sent, {limited} × WOULDBLOCK, {ignored} ignored"
        ))
    }

    fn seen_drops(&self, timeline: &Timeline) -> Result<String, String> {
        let count: u32 = timeline
            .of(HUB, self.begin, self.end.saturating_add(AFTERWARDS))
            .map(|entry| match entry.event {
                Event::Dropped {
                    reason: DropReason::Source,
                    count,
                } => count,
                _ => 0,
            })
            .sum();
        some(
            usize::try_from(count).unwrap_or(usize::MAX),
            "the hub dropped nothing",
        )?;
        Ok(format!(
            "{count} of {SENDS} dropped: {}",
            DropReason::Source
        ))
    }

    fn seen_restart(&self, timeline: &Timeline, node: HostId) -> Result<String, String> {
        let back = timeline
            .reached(node, State::Connected, self.end, Instant::MAX)
            .ok_or("the node did not come back")?;
        let number = timeline
            .of(node, back, Instant::MAX)
            .find_map(|entry| match entry.event {
                Event::Resumed { number } => Some(number),
                _ => None,
            })
            .ok_or("the node took no number up")?;
        Ok(format!(
            "CONNECTED {} after power-up, goes on at {number}",
            since(self.end, back)
        ))
    }

    fn seen_given_up(&self, timeline: &Timeline, node: HostId) -> Result<String, String> {
        let id = node_id(node);
        // A lossy network may have had the hub give the node up shortly before.
        let given_up = timeline
            .of(HUB, Instant::EPOCH, self.end)
            .filter(|entry| match entry.event {
                Event::GivenUp { node } | Event::Found { node } => Some(node) == id,
                _ => false,
            })
            .last()
            .filter(|entry| matches!(entry.event, Event::GivenUp { .. }))
            .ok_or("the hub did not give it up")?;
        let found = timeline
            .of(HUB, self.end, Instant::MAX)
            .find(|entry| matches!(entry.event, Event::Found { node } if Some(node) == id))
            .ok_or("the hub did not find it again")?;
        let (given_up, plugged) = (clock(given_up.at), since(self.end, found.at));
        Ok(format!(
            "given up at {given_up}, found {plugged} after the plug"
        ))
    }

    fn seen_lost_leases(&self, timeline: &Timeline, stranger: HostId) -> Result<String, String> {
        let clients = HUB..stranger;
        let count = |wanted| {
            clients
                .clone()
                .filter(|host| {
                    timeline
                        .reached(*host, wanted, self.begin, self.end)
                        .is_some()
                })
                .count()
        };
        let (lost, stopped) = (count(State::EthernetDhcping), count(State::EthernetStopped));
        let all = clients.len();
        if lost < all {
            return Err(format!("only {lost} of {all} lost their lease"));
        }
        some(stopped, "none got as far as ETHERNET_STOPPED")?;
        let back = clients
            .clone()
            .filter_map(|host| timeline.reached(host, State::Connected, self.end, Instant::MAX))
            .collect::<Vec<_>>();
        let latest = back
            .iter()
            .max()
            .filter(|_| back.len() == all)
            .ok_or("not all came back")?;
        let back = since(self.end, *latest);
        Ok(format!(
            "{lost} leases lost, {stopped} ETHERNET_STOPPED, all back after {back}"
        ))
    }
}

fn some(count: usize, otherwise: &str) -> Result<(), String> {
    if count == 0 {
        Err(otherwise.to_owned())
    } else {
        Ok(())
    }
}

fn since(from: Instant, to: Instant) -> String {
    timeline::seconds(to.saturating_duration_since(from))
}
