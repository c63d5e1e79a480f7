//! Which datagrams are delivered, and why others are dropped.

use lankeeper::{Backend, Delivery, Drops, InterfaceId, Lease, Medium, Report, drive};

use super::*;

/// The counters in the order in which the reasons are checked.
fn counters(drops: Drops) -> [u32; 5] {
    [
        drops.not_connected,
        drops.destination,
        drops.source,
        drops.port,
        drops.not_receiving,
    ]
}

const REASONS: [DropReason; 5] = [
    DropReason::NotConnected,
    DropReason::Destination,
    DropReason::Source,
    DropReason::Port,
    DropReason::NotReceiving,
];

/// A connected device with a receiving socket on port 5000.
fn listening() -> (Rig, Handle, SocketId) {
    let (mut rig, handle) = Rig::connected();
    let socket = open(&mut rig, handle, 5000);
    rig.manager
        .udp_set_receiving(rig.now, socket, true)
        .unwrap();
    (rig, handle, socket)
}

// spec: UDP-9
#[test]
fn a_drop_is_counted_by_the_first_broken_rule() {
    for broken in 0..1_u8 << 5 {
        let [disconnected, destination, source, other_port, off] =
            core::array::from_fn(|rule| broken & 1 << rule != 0);
        let (mut rig, _, socket) = listening();
        if disconnected {
            rig.report(Report::CarrierDown);
        }
        if off {
            rig.manager
                .udp_set_receiving(rig.now, socket, false)
                .unwrap();
        }
        let source = if source { "192.168.2.9" } else { PEER };
        let to = if destination { "192.168.1.51" } else { OWN };
        let to_port = if other_port { 5001 } else { 5000 };
        let result = receive(&mut rig, (source, 7), (to, to_port));
        let first = broken.trailing_zeros() as usize;
        let mut expected = [0; 5];
        match REASONS.get(first) {
            Some(reason) => {
                assert_eq!(result, Err(*reason), "{broken:05b}");
                expected[first] = 1;
            }
            None => assert_eq!(result, Ok(socket)),
        }
        assert_eq!(counters(rig.manager.udp_drops()), expected, "{broken:05b}");
        assert_eq!(rig.manager.udp_drops().total(), u32::from(broken != 0));
        assert!(
            rig.notices()
                .iter()
                .all(|notice| !matches!(notice, Notice::SocketClosed { .. }))
        );
    }
}

// spec: UDP-9
#[test]
fn drops_are_counted_by_reason() {
    let (mut rig, _, _) = listening();
    let from = (PEER, 7);
    for (count, destination) in [(3, "192.168.1.51"), (2, OWN)] {
        for _ in 0..count {
            assert!(receive(&mut rig, from, (destination, 5001)).is_err());
        }
    }
    assert_eq!(counters(rig.manager.udp_drops()), [0, 3, 0, 2, 0]);
    assert_eq!(rig.manager.udp_drops().total(), 5);
}

// spec: UDP-9
#[test]
fn destinations_are_the_own_address_and_both_broadcasts() {
    let (mut rig, _, socket) = listening();
    for destination in [OWN, BROADCAST, "255.255.255.255"] {
        assert_eq!(
            receive(&mut rig, (PEER, 7), (destination, 5000)),
            Ok(socket),
            "{destination}"
        );
    }
    for destination in [
        "192.168.1.49",
        "192.168.1.51",
        "192.168.1.0",
        "192.168.1.254",
        "192.168.0.255",
        "255.255.255.254",
        "0.0.0.0",
        "224.0.0.1",
    ] {
        let dropped = receive(&mut rig, (PEER, 7), (destination, 5000));
        assert_eq!(dropped, Err(DropReason::Destination), "{destination}");
    }
}

// spec: UDP-9
#[test]
fn sources_are_other_hosts_of_the_subnet() {
    let (mut rig, _, socket) = listening();
    for source in [
        "192.168.1.1",
        "192.168.1.49",
        "192.168.1.51",
        "192.168.1.254",
    ] {
        for port in [0, 1, 67, 5000, u16::MAX] {
            assert_eq!(
                receive(&mut rig, (source, port), (OWN, 5000)),
                Ok(socket),
                "{source}"
            );
        }
    }
    for source in [
        OWN,
        "192.168.1.0",
        BROADCAST,
        "192.168.0.255",
        "192.168.2.0",
        "10.0.0.1",
        "8.8.8.8",
        "255.255.255.255",
        "0.0.0.0",
        "127.0.0.1",
    ] {
        for destination in [OWN, BROADCAST] {
            let dropped = receive(&mut rig, (source, 7), (destination, 5000));
            assert_eq!(dropped, Err(DropReason::Source), "{source}");
        }
    }
    // The rules follow the address: a former peer address is now the own address.
    rig.report(Report::Lease(Lease::new(ip(PEER), 24)));
    assert_eq!(
        receive(&mut rig, (PEER, 7), (BROADCAST, 5000)),
        Err(DropReason::Source)
    );
    assert_eq!(receive(&mut rig, (OWN, 7), (PEER, 5000)), Ok(socket));
}

// spec: UDP-9
#[test]
fn each_datagram_goes_to_the_socket_of_its_port() {
    let (mut rig, handle, first) = listening();
    let second = open(&mut rig, handle, 5001);
    let from = (PEER, 7);
    assert_eq!(receive(&mut rig, from, (OWN, 5000)), Ok(first));
    assert_eq!(
        receive(&mut rig, from, (OWN, 5001)),
        Err(DropReason::NotReceiving)
    );
    rig.manager
        .udp_set_receiving(rig.now, second, true)
        .unwrap();
    assert_eq!(receive(&mut rig, from, (OWN, 5001)), Ok(second));
    for port in [0, 4999, 5002, u16::MAX] {
        assert_eq!(
            receive(&mut rig, from, (OWN, port)),
            Err(DropReason::Port),
            "{port}"
        );
    }
    rig.manager.udp_close(rig.now, first);
    assert_eq!(receive(&mut rig, from, (OWN, 5000)), Err(DropReason::Port));
    assert_eq!(receive(&mut rig, from, (OWN, 5001)), Ok(second));
}

// spec: UDP-9
#[test]
fn a_datagram_of_an_absent_interface_is_dropped() {
    let (mut rig, _, _) = listening();
    let datagram = Datagram {
        interface: InterfaceId::new(Medium::Ethernet, 1).unwrap(),
        source: SocketAddrV4::new(ip(PEER), 7),
        destination: SocketAddrV4::new(ip(OWN), 5000),
        payload: b"",
    };
    let dropped = rig.manager.handle_event(rig.now, Event::Datagram(datagram));
    assert_eq!(dropped, Some(Err(DropReason::NotConnected)));
}

/// A backend with received datagrams.
struct Inbox<'a>(Vec<Datagram<'a>>);

impl Backend for Inbox<'_> {
    fn execute(&mut self, _: Command<'_>) {}

    fn next_event(&mut self) -> Option<Event<'_>> {
        self.0.pop().map(Event::Datagram)
    }
}

// spec: UDP-9
#[test]
fn datagrams_are_delivered_unchanged() {
    let (mut rig, _, socket) = listening();
    let longest = vec![9; 65_507];
    let inbox = [&b""[..], b"abc", &longest].map(|payload| Datagram {
        interface: ETH0,
        source: SocketAddrV4::new(ip(PEER), 777),
        destination: SocketAddrV4::new(ip(BROADCAST), 5000),
        payload,
    });
    let mut left = inbox.to_vec();
    let now = rig.now;
    let _ = drive(
        &mut rig.manager,
        &mut Inbox(inbox.to_vec()),
        now,
        |delivery| {
            if let Delivery::Datagram(to, datagram) = delivery {
                assert_eq!((to, Some(datagram)), (socket, left.pop()));
            }
        },
    );
    assert!(left.is_empty());
}

// spec: UDP-10
#[test]
fn reception_can_be_turned_on_before_the_first_send() {
    let (mut rig, handle) = Rig::connected();
    let socket = open(&mut rig, handle, None);
    rig.manager
        .udp_set_receiving(rig.now, socket, true)
        .unwrap();
    let sent = send(&mut rig, socket, PEER).unwrap();
    // The answer arrives before any other input.
    let answered = receive(&mut rig, (PEER, 5000), (OWN, sent.source.port()));
    assert_eq!(answered, Ok(socket));
}

// spec: UDP-10
#[test]
fn while_reception_is_off_datagrams_are_discarded_not_queued() {
    let (mut rig, handle) = Rig::connected();
    let socket = open(&mut rig, handle, 5000);
    let from = (PEER, 7);
    assert_eq!(
        receive(&mut rig, from, (OWN, 5000)),
        Err(DropReason::NotReceiving),
        "reception is off at first"
    );
    rig.commands();
    rig.manager
        .udp_set_receiving(rig.now, socket, true)
        .unwrap();
    assert_eq!(rig.manager.poll_output(), None, "nothing was queued");
    for _ in 0..2 {
        assert_eq!(receive(&mut rig, from, (OWN, 5000)), Ok(socket));
        rig.manager
            .udp_set_receiving(rig.now, socket, true)
            .unwrap();
    }
    rig.manager
        .udp_set_receiving(rig.now, socket, false)
        .unwrap();
    assert_eq!(
        receive(&mut rig, from, (OWN, 5000)),
        Err(DropReason::NotReceiving)
    );
    assert_eq!(rig.manager.poll_output(), None, "the port stays bound");
}
