//! The mishaps: what goes wrong, when, and which effect is expected.

use lankeeper::udp::DropReason;
use lankeeper::{Cause, Duration, Instant, SendError, State};

use crate::options::MINIMUM_MINUTES;
use crate::stranger::SENDS;
use crate::timeline::{self, Event, HostId, Timeline, clock};

/// The kind of a mishap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The key of a Wi-Fi node is mistyped.
    WrongKey { node: HostId },
    /// A loop in the cabling: every frame to a node arrives twice.
    DoubledFrames { node: HostId },
    /// The hub's cable is unplugged.
    HubCable,
    /// A node sends to a public address.
    ForbiddenSend { node: HostId },
    /// A node sends as fast as it can, in a version that the hub does not know.
    Flood { node: HostId },
    /// A stranger sends from outside the subnet.
    Stranger,
    /// A node loses its power and its memory.
    Restart { node: HostId },
    /// A node's cable is unplugged for so long that the hub gives the node up.
    NodeCable { node: HostId },
    /// A Wi-Fi node moves out of range.
    OutOfRange { node: HostId },
    /// The access point reboots.
    AccessPointReboot,
    /// The DHCP server is silent until the leases have expired and the clients have stopped waiting
    /// for new ones.
    SilentServer,
}

/// An entry of the schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mishap {
    pub kind: Kind,
    pub begin: Instant,
    pub end: Instant,
}

/// How much later an effect may still show.
const AFTERWARDS: Duration = Duration::from_secs(5);

/// The ids of the hosts, which are their ports at the switch.
pub const SERVER: HostId = 0;
/// The access point has no cable; its port stays empty.
pub const ACCESS_POINT: HostId = 1;
pub const HUB: HostId = 2;
/// Node n has this id plus n.
const BEFORE_NODES: HostId = HUB;

/// Returns the id of node `id`, counted from 1.
pub fn node(id: u16) -> HostId {
    BEFORE_NODES + HostId::from(id)
}

/// Returns the number of the node if the host is one; the stranger counts as one too.
pub fn node_id(host: HostId) -> Option<u16> {
    let id = u16::try_from(host.checked_sub(BEFORE_NODES)?).ok()?;
    (id > 0).then_some(id)
}

/// Whether a node uses Wi-Fi, as every second one does; the others have a cable.
pub fn has_radio(node: HostId) -> bool {
    node_id(node).is_some_and(|id| id.is_multiple_of(2))
}

/// Returns the nodes with Wi-Fi; the stranger is the host after the last node.
pub fn radios(stranger: HostId) -> impl Iterator<Item = HostId> {
    (node(1)..stranger).filter(|host| has_radio(*host))
}

/// Returns the schedule. A longer run has the same mishaps, further apart.
pub fn schedule(minutes: u64, nodes: u16) -> Vec<Mishap> {
    // Each mishap affects a different node, as far as there are enough.
    let victim = |nth: u16| node(nth % nodes + 1);
    let cabled = |nth: u16| node(nth % nodes.div_ceil(2) * 2 + 1);
    // A single node has a cable, so there are no Wi-Fi mishaps then.
    let radio = |nth: u16| Some(node(nth.checked_rem(nodes / 2)? * 2 + 2));
    let wrong_key = radio(0).map(|node| Kind::WrongKey { node });
    let out_of_range = radio(2).map(|node| Kind::OutOfRange { node });
    let reboot = radio(0).map(|_| Kind::AccessPointReboot);
    [
        (wrong_key, 0, 70),
        (Some(Kind::DoubledFrames { node: victim(0) }), 20, 170),
        (Some(Kind::HubCable), 200, 30),
        (Some(Kind::ForbiddenSend { node: victim(1) }), 260, 0),
        (Some(Kind::Flood { node: victim(2) }), 280, 3),
        (Some(Kind::Stranger), 300, 5),
        (Some(Kind::Restart { node: victim(3) }), 320, 5),
        (Some(Kind::NodeCable { node: cabled(2) }), 400, 240),
        (out_of_range, 440, 60),
        (reboot, 590, 25),
        (Some(Kind::SilentServer), 690, 120),
    ]
    .into_iter()
    .filter_map(|(kind, start, length)| {
        let begin = second(start * minutes / MINIMUM_MINUTES);
        Some(Mishap {
            kind: kind?,
            begin,
            end: begin.saturating_add(Duration::from_secs(length)),
        })
    })
    .collect()
}

fn second(seconds: u64) -> Instant {
    Instant::from_micros(seconds.saturating_mul(1_000_000))
}

impl Kind {
    /// The timeline's text for the beginning.
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
            Self::WrongKey { .. } => "its Wi-Fi key is mistyped".to_owned(),
            Self::OutOfRange { .. } => "it moves out of range".to_owned(),
            Self::AccessPointReboot => "it reboots".to_owned(),
            Self::SilentServer => "it stops answering".to_owned(),
        }
    }

    /// The timeline's text for the end, if there is one.
    pub fn ending(&self) -> Option<&'static str> {
        match self {
            Self::DoubledFrames { .. } => Some("the loop is gone: frames to it arrive once"),
            Self::HubCable | Self::NodeCable { .. } => Some("its cable is plugged in again"),
            Self::Restart { .. } => Some("its power is back"),
            Self::WrongKey { .. } => Some("its Wi-Fi key is corrected"),
            Self::OutOfRange { .. } => Some("it is back in range"),
            Self::AccessPointReboot => Some("it is up again"),
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
            Self::Restart { .. } => ("node restarts", "CONNECTED, continues at the hub's number"),
            Self::NodeCable { .. } => ("node's cable out", "hub gives it up, finds it again"),
            Self::WrongKey { .. } => (
                "wrong Wi-Fi key",
                "WIFI_STOPPED and retries, CONNECTED once corrected",
            ),
            Self::OutOfRange { .. } => (
                "node out of range",
                "WIFI_SCANNING, WIFI_STOPPED, then CONNECTED",
            ),
            Self::AccessPointReboot => (
                "access point reboots",
                "all Wi-Fi links lost, then CONNECTED",
            ),
            Self::SilentServer => (
                "DHCP server silent",
                "leases lost, …_STOPPED, then CONNECTED",
            ),
        }
    }

    /// Returns the affected host; the stranger is the host after the last node.
    pub fn host(&self, stranger: HostId) -> HostId {
        match self {
            Self::DoubledFrames { node }
            | Self::ForbiddenSend { node }
            | Self::Flood { node }
            | Self::Restart { node }
            | Self::NodeCable { node }
            | Self::WrongKey { node }
            | Self::OutOfRange { node } => *node,
            Self::HubCable => HUB,
            Self::AccessPointReboot => ACCESS_POINT,
            Self::Stranger => stranger,
            Self::SilentServer => SERVER,
        }
    }
}

impl Mishap {
    /// Returns the observed effect, or an error with what is missing.
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
            Kind::WrongKey { .. } => self.seen_wrong_key(timeline, host),
            Kind::OutOfRange { .. } => self.seen_out_of_range(timeline, host),
            Kind::AccessPointReboot => self.seen_reboot(timeline, stranger),
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
            "CONNECTED {} after plugging in",
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
        some(ignored, "the hub received nothing of it")?;
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
            .ok_or("the node did not continue")?;
        Ok(format!(
            "CONNECTED {} after power-up, continues at {number}",
            since(self.end, back)
        ))
    }

    fn seen_given_up(&self, timeline: &Timeline, node: HostId) -> Result<String, String> {
        let id = node_id(node);
        // On a lossy network the hub may have given the node up shortly before.
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
            "given up at {given_up}, found {plugged} after plugging in"
        ))
    }

    fn seen_wrong_key(&self, timeline: &Timeline, node: HostId) -> Result<String, String> {
        if timeline
            .reached(node, State::Connected, self.begin, self.end)
            .is_some()
        {
            return Err("the node got in with the wrong key".to_owned());
        }
        let refusals = self.count_stops(timeline, node, Cause::WrongCredentials);
        some(refusals, "no key was refused")?;
        let back = timeline
            .reached(node, State::Connected, self.end, Instant::MAX)
            .ok_or("the node did not get in")?;
        Ok(format!(
            "{refusals} × {}, CONNECTED {} after the correction",
            Cause::WrongCredentials,
            since(self.end, back)
        ))
    }

    fn seen_out_of_range(&self, timeline: &Timeline, node: HostId) -> Result<String, String> {
        timeline
            .reached(node, State::WifiScanning, self.begin, self.end)
            .ok_or("the node did not notice")?;
        let stops = self.count_stops(timeline, node, Cause::NotFound);
        some(stops, "the loss of the network was not noticed")?;
        let back = timeline
            .reached(node, State::Connected, self.end, Instant::MAX)
            .ok_or("the node did not come back")?;
        Ok(format!(
            "{stops} × {}, CONNECTED {} after its return",
            Cause::NotFound,
            since(self.end, back)
        ))
    }

    fn seen_reboot(&self, timeline: &Timeline, stranger: HostId) -> Result<String, String> {
        let lost = radios(stranger)
            .filter(|host| {
                // A radio that had been up for five minutes looks for the network at once.
                let noticed = [State::WifiScanning, State::WifiStopped];
                noticed.into_iter().any(|state| {
                    let reached = timeline.reached(*host, state, self.begin, self.end);
                    reached.is_some()
                })
            })
            .count();
        let all = radios(stranger).count();
        if lost < all {
            return Err(format!("only {lost} of {all} noticed"));
        }
        let back = self.all_back(timeline, radios(stranger))?;
        Ok(format!("{lost} links lost, all back after {back}"))
    }

    /// How often an interface stopped for this cause before the mishap ended.
    fn count_stops(&self, timeline: &Timeline, host: HostId, cause: Cause) -> usize {
        timeline
            .of(host, self.begin, self.end)
            .filter(|entry| {
                matches!(&entry.event, Event::State { reason: Some(reason), .. } if reason.cause == cause)
            })
            .count()
    }

    /// The time from the end until the last of the hosts was CONNECTED again.
    fn all_back(
        &self,
        timeline: &Timeline,
        hosts: impl Iterator<Item = HostId>,
    ) -> Result<String, String> {
        let back: Option<Vec<Instant>> = hosts
            .map(|host| timeline.reached(host, State::Connected, self.end, Instant::MAX))
            .collect();
        let latest = back.and_then(|back| back.into_iter().max());
        Ok(since(self.end, latest.ok_or("not all came back")?))
    }

    fn seen_lost_leases(&self, timeline: &Timeline, stranger: HostId) -> Result<String, String> {
        let clients = HUB..stranger;
        let count = |wanted: [State; 2]| {
            let reached = |host: HostId, state: State| {
                timeline
                    .reached(host, state, self.begin, self.end)
                    .is_some()
            };
            clients
                .clone()
                .filter(|host| wanted.into_iter().any(|state| reached(*host, state)))
                .count()
        };
        let lost = count([State::EthernetDhcping, State::WifiDhcping]);
        let stopped = count([State::EthernetStopped, State::WifiStopped]);
        let all = clients.len();
        if lost < all {
            return Err(format!("only {lost} of {all} lost their lease"));
        }
        some(stopped, "none was stopped")?;
        let back = self.all_back(timeline, clients)?;
        Ok(format!(
            "{lost} leases lost, {stopped} stopped, all back after {back}"
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
