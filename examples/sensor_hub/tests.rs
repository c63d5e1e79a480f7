//! Tests of whole runs.

use lankeeper::{Instant, Medium, Nic, State};
use smoltcp::wire::EthernetAddress;

use crate::access_point;
use crate::device::Device;
use crate::link::Link;
use crate::mishap::{self, Kind, schedule};
use crate::options::Options;
use crate::plot;
use crate::report::report;
use crate::simulation::{Outcome, Simulation};
use crate::stack::Stack;
use crate::stack::backend::StackBackend;
use crate::stack::cable::Cable;
use crate::stack::card::Card;
use crate::timeline::{Event, HostId, Timeline};

fn options(nodes: u16, loss: f64, seed: u64) -> Options {
    Options {
        nodes,
        minutes: 15,
        loss,
        seed,
        pcap: Some("unused".into()),
        svg: None,
    }
}

fn run(options: &Options) -> Outcome {
    Simulation::new(options).unwrap().run(|_| {}).unwrap()
}

#[test]
fn every_mishap_shows_and_all_hosts_end_connected() {
    for (nodes, loss, seed) in [(6, 1.0, 1), (1, 0.0, 2), (2, 10.0, 3), (3, 2.0, 4)] {
        let options = options(nodes, loss, seed);
        let (text, good) = report(&options, &run(&options));
        assert!(good, "{text}");
        assert!(!text.contains("FAILED"), "{text}");
    }
}

#[test]
fn one_seed_gives_one_output() {
    let all = |options: &Options| {
        let outcome = run(options);
        let drawing = plot::draw(&outcome).unwrap();
        (report(options, &outcome).0, drawing, outcome.capture)
    };
    let (first, other) = (options(3, 5.0, 7), options(3, 5.0, 8));
    let outputs = all(&first);
    assert!(
        outputs == all(&first),
        "the same seed gave a different output"
    );
    let others = all(&other);
    assert_ne!(outputs.0, others.0);
    assert_ne!(outputs.1, others.1);
    assert_ne!(outputs.2, others.2);
}

#[test]
fn nothing_is_lost_on_a_perfect_network() {
    let outcome = run(&options(2, 0.0, 4));
    assert_eq!(outcome.frames_lost, 0);
    let count = |wanted: fn(&Event) -> bool| {
        outcome
            .timeline
            .entries()
            .iter()
            .filter(|entry| wanted(&entry.event))
            .count()
    };
    // Only the mishaps cost answers: lost links, and the silent server.
    assert!(count(|event| matches!(event, Event::NoAnswer { .. })) <= 8);
    assert_eq!(count(|event| matches!(event, Event::GivenUp { .. })), 1);
    assert_eq!(outcome.server.refusals, 0);
    // Each of three hosts renews every 45 s, except during the mishaps.
    assert!(
        (32..60).contains(&outcome.server.renewals),
        "{}",
        outcome.server.renewals
    );
}

/// Returns the states of a host in order.
fn states(outcome: &Outcome, host: HostId) -> impl Iterator<Item = State> {
    outcome
        .timeline
        .of(host, Instant::EPOCH, Instant::MAX)
        .filter_map(|entry| match entry.event {
            Event::State { state, .. } => Some(state),
            _ => None,
        })
}

#[test]
fn devices_go_through_the_states_of_ethernet() {
    let outcome = run(&options(1, 0.0, 5));
    let first: Vec<State> = states(&outcome, mishap::HUB).take(4).collect();
    let expected = [
        State::Starting,
        State::EthernetLinkUp,
        State::EthernetDhcping,
        State::Connected,
    ];
    assert_eq!(first, expected);
}

#[test]
fn every_second_node_goes_through_the_states_of_wifi() {
    let outcome = run(&options(5, 0.0, 5));
    let first: Vec<State> = states(&outcome, mishap::node(4)).take(6).collect();
    let expected = [
        State::Starting,
        State::WifiScanning,
        State::WifiJoining,
        State::WifiLinkUp,
        State::WifiDhcping,
        State::Connected,
    ];
    assert_eq!(first, expected);
    for node in 1..=5 {
        let medium = |wanted| {
            states(&outcome, mishap::node(node)).any(|state| state.medium() == Some(wanted))
        };
        assert_eq!(medium(Medium::Wifi), node % 2 == 0, "node-{node}");
        assert_eq!(medium(Medium::Ethernet), node % 2 == 1, "node-{node}");
    }
}

#[test]
fn each_mishap_of_a_medium_meets_a_node_that_has_it() {
    for nodes in 1..=13 {
        let schedule = schedule(15, nodes);
        assert_eq!(schedule.len(), if nodes == 1 { 8 } else { 11 });
        for mishap in schedule {
            let (node, radio) = match mishap.kind {
                Kind::NodeCable { node } => (node, false),
                Kind::WrongKey { node } | Kind::OutOfRange { node } => (node, true),
                _ => continue,
            };
            assert!((mishap::node(1)..=mishap::node(nodes)).contains(&node));
            assert_eq!(mishap::has_radio(node), radio, "{mishap:?} of {nodes}");
        }
    }
}

#[test]
fn no_key_shows_in_any_output() {
    let options = options(2, 0.0, 10);
    let outcome = run(&options);
    let text = report(&options, &outcome).0;
    assert!(text.contains("wrong credentials likely"), "{text}");
    let drawing = plot::draw(&outcome).unwrap();
    let capture = outcome.capture.unwrap();
    for secret in access_point::tests::SECRETS {
        assert!(!text.contains(secret));
        assert!(!drawing.contains(secret));
        let shows = |bytes: &[u8]| bytes == secret.as_bytes();
        assert!(!capture.windows(secret.len()).any(shows));
    }
}

#[test]
fn capture_has_every_kind_of_packet() {
    use pcap_file::pcap::PcapReader;
    use smoltcp::wire::{EthernetFrame, EthernetProtocol, Ipv4Packet, UdpPacket};

    let capture = run(&options(1, 0.0, 6)).capture.unwrap();
    let mut reader = PcapReader::new(&capture[..]).unwrap();
    let (mut arp, mut dhcp, mut ours) = (0, 0, 0);
    let mut latest = core::time::Duration::ZERO;
    while let Some(packet) = reader.next_packet() {
        let packet = packet.unwrap();
        assert!(packet.timestamp >= latest);
        latest = packet.timestamp;
        let frame = EthernetFrame::new_checked(&packet.data).unwrap();
        if frame.ethertype() == EthernetProtocol::Arp {
            arp += 1;
            continue;
        }
        let ip = Ipv4Packet::new_checked(frame.payload()).unwrap();
        assert!(ip.verify_checksum());
        let Ok(udp) = UdpPacket::new_checked(ip.payload()) else {
            continue;
        };
        if ip.next_header() != smoltcp::wire::IpProtocol::Udp {
            continue;
        }
        assert!(udp.verify_checksum(&ip.src_addr().into(), &ip.dst_addr().into()));
        match udp.dst_port() {
            67 | 68 => dhcp += 1,
            _ => ours += 1,
        }
    }
    assert!(
        arp > 10 && dhcp > 50 && ours > 30,
        "{arp} ARP, {dhcp} DHCP, {ours} others"
    );
}

#[test]
fn failures_are_reported() {
    let options = options(2, 0.0, 9);
    let mut outcome = run(&options);
    outcome.hosts[mishap::HUB].state = Some(State::EthernetStopped);
    let (text, good) = report(&options, &outcome);
    assert!(!good);
    assert!(
        text.contains("FAILED: hub is ETHERNET_STOPPED (202) at the end"),
        "{text}"
    );

    let mut outcome = run(&options);
    outcome.timeline = Timeline::default();
    let stranger = outcome.hosts.len() - 1;
    for mishap in &outcome.schedule {
        assert!(
            mishap.seen(&outcome.timeline, stranger).is_err(),
            "{:?}",
            mishap.kind
        );
    }
    let (text, good) = report(&options, &outcome);
    assert!(!good);
    assert_eq!(text.matches("FAILED").count(), outcome.schedule.len());
}

#[test]
fn a_port_that_is_taken_is_in_the_journal() {
    let now = Instant::EPOCH;
    let mut stack = Stack::new(now, Card::new(EthernetAddress([2, 0, 0, 0, 0, 9])), 1);
    stack.bind(5000).unwrap();
    let backend = StackBackend::new(stack, Link::Cable(Cable::new()));
    let nic = Nic::named("eth0").unwrap();
    let mut device = Device::power_up(now, backend, 1, &nic, 5000);
    while device.poll(now, &mut []).is_some() {}
    let journal = device.take_journal();
    let told = journal
        .iter()
        .map(|(_, event)| event.to_string())
        .find(|text| text.contains("bound"));
    assert_eq!(told.as_deref(), Some("port 5000 not bound, code 98"));
}
