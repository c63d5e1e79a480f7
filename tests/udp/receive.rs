//! Which datagrams are delivered, and why others are dropped.

use lankeeper::udp::Drops;
use lankeeper::{Backend, Binding, Delivery, Event, InterfaceId, Lease, Medium, Report};

use super::*;
use crate::support::bound::bounded;
use crate::support::unbound;

/// The counters in the order in which the reasons are checked.
fn counters(drops: Drops) -> [u32; 6] {
    [
        drops.not_connected,
        drops.destination,
        drops.source,
        drops.port,
        drops.not_receiving,
        drops.too_long,
    ]
}

const REASONS: [DropReason; 6] = [
    DropReason::NotConnected,
    DropReason::Destination,
    DropReason::Source,
    DropReason::Port,
    DropReason::NotReceiving,
    DropReason::TooLong,
];

/// A connected device with a receiving socket on port 5000.
fn listening() -> (Rig, Handle, SocketId) {
    let (mut rig, handle) = Rig::connected();
    let socket = open(&mut rig, handle, 5000);
    (rig, handle, socket)
}

// spec: UDP-9
#[test]
fn a_drop_is_counted_by_the_first_broken_rule() {
    for broken in 0..1_u8 << 6 {
        let [disconnected, destination, source, other_port, off, short] =
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
        let room = if short { 2 } else { 3 };
        let result = receive_into(&mut rig, room, (source, 7), (to, to_port));
        let first = broken.trailing_zeros() as usize;
        let mut expected = [0; 6];
        match REASONS.get(first) {
            Some(reason) => {
                assert_eq!(result, Err(*reason), "{broken:06b}");
                expected[first] = 1;
            }
            None => assert_eq!(result, Ok(socket)),
        }
        assert_eq!(counters(rig.manager.udp_drops()), expected, "{broken:06b}");
        let by_reason: Vec<_> = rig.manager.udp_drops().iter().collect();
        let reasons = REASONS.into_iter().zip(expected).collect::<Vec<_>>();
        assert_eq!(by_reason, reasons, "{broken:06b}");
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
    assert_eq!(counters(rig.manager.udp_drops()), [0, 3, 0, 2, 0, 0]);
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

// spec: UDP-9, UDP-11
#[test]
fn what_came_for_a_closed_socket_is_not_for_the_next_one_on_its_port() {
    let (mut rig, handle, first) = listening();
    let former = rig.binding(5000);
    rig.manager.udp_close(rig.now, first);
    let second = open(&mut rig, handle, 5000);
    let datagram = Received {
        source: SocketAddrV4::new(ip(PEER), 7),
        destination: ip(OWN),
        length: 0,
    };
    for _ in 0..2 {
        // Before and after the backend is told.
        let late = rig.manager.udp_receive(rig.now, former, &datagram, 0);
        assert_eq!(late, Err(DropReason::Port));
        rig.binding(5000);
    }
    assert_eq!(receive(&mut rig, (PEER, 7), (OWN, 5000)), Ok(second));
    assert_eq!(rig.manager.udp_drops().port, 2);
}

// spec: UDP-9
#[test]
fn a_datagram_of_an_absent_interface_is_dropped() {
    let (mut rig, _, _) = listening();
    let absent = unbound(InterfaceId::new(Medium::Ethernet, 1).unwrap(), 5000);
    let datagram = Received {
        source: SocketAddrV4::new(ip(PEER), 7),
        destination: ip(OWN),
        length: 0,
    };
    let dropped = rig.manager.udp_receive(rig.now, absent, &datagram, 0);
    assert_eq!(dropped, Err(DropReason::NotConnected));
}

// spec: UDP-9
#[test]
fn a_datagram_longer_than_the_buffer_is_dropped_and_counted() {
    let (mut rig, _, socket) = listening();
    for room in [0, 1, 2] {
        let dropped = receive_into(&mut rig, room, (PEER, 7), (OWN, 5000));
        assert_eq!(dropped, Err(DropReason::TooLong));
    }
    for room in [3, 4, 65_507] {
        let received = receive_into(&mut rig, room, (PEER, 7), (OWN, 5000));
        assert_eq!(received, Ok(socket));
    }
    assert_eq!(counters(rig.manager.udp_drops()), [0, 0, 0, 0, 0, 3]);
}

/// A backend with received payloads.
struct Inbox(Vec<Vec<u8>>);

impl Backend for Inbox {
    fn execute(&mut self, _: Command<'_>) {}

    fn next_event(&mut self) -> Option<Event> {
        None
    }

    fn receive(&mut self, binding: Binding, buffer: &mut [u8]) -> Option<Received> {
        assert_eq!(binding.port(), 5000);
        let payload = self.0.pop()?;
        buffer[..payload.len()].copy_from_slice(&payload);
        Some(Received {
            source: SocketAddrV4::new(ip(PEER), 777),
            destination: ip(BROADCAST),
            length: payload.len(),
        })
    }
}

// spec: UDP-9
#[test]
fn datagrams_are_delivered_unchanged() {
    let (mut rig, _, listener) = listening();
    let mut left = [&b""[..], b"abc", &[9; 65_507]]
        .map(<[u8]>::to_vec)
        .to_vec();
    let mut inbox = Inbox(left.clone());
    let mut buffer = vec![0; 65_507];
    while let Some(delivery) = bounded(rig.manager.poll(rig.now, &mut inbox, &mut buffer)) {
        let Delivery::Datagram {
            socket,
            from,
            to,
            length,
            ..
        } = delivery
        else {
            panic!("{delivery:?}");
        };
        assert_eq!((socket, to), (listener, ip(BROADCAST)));
        assert_eq!(from, SocketAddrV4::new(ip(PEER), 777));
        assert_eq!(Some(&buffer[..length]), left.pop().as_deref());
    }
    assert!(left.is_empty());
}

// spec: UDP-10
#[test]
fn a_socket_receives_from_the_start_so_that_no_answer_is_lost() {
    let (mut rig, handle) = Rig::connected();
    let socket = open(&mut rig, handle, None);
    let sent = send(&mut rig, socket, PEER).unwrap();
    // The answer arrives before any other input.
    let answered = receive(&mut rig, (PEER, 5000), (OWN, sent.source.port()));
    assert_eq!(answered, Ok(socket));
}

// spec: UDP-10
#[test]
fn reception_can_be_turned_off_before_the_first_send() {
    let (mut rig, handle) = Rig::connected();
    let socket = open(&mut rig, handle, None);
    rig.manager
        .udp_set_receiving(rig.now, socket, false)
        .unwrap();
    let sent = send(&mut rig, socket, PEER).unwrap();
    let answered = receive(&mut rig, (PEER, 5000), (OWN, sent.source.port()));
    assert_eq!(answered, Err(DropReason::NotReceiving));
}

// spec: UDP-10
#[test]
fn while_reception_is_off_datagrams_are_discarded_not_queued() {
    let (mut rig, handle) = Rig::connected();
    let socket = open(&mut rig, handle, 5000);
    let from = (PEER, 7);
    assert_eq!(receive(&mut rig, from, (OWN, 5000)), Ok(socket));
    for _ in 0..2 {
        rig.manager
            .udp_set_receiving(rig.now, socket, false)
            .unwrap();
        assert_eq!(
            receive(&mut rig, from, (OWN, 5000)),
            Err(DropReason::NotReceiving)
        );
    }
    assert_eq!(rig.manager.poll_output(), None, "the port stays bound");
    for _ in 0..2 {
        rig.manager
            .udp_set_receiving(rig.now, socket, true)
            .unwrap();
        assert_eq!(rig.manager.poll_output(), None, "nothing was queued");
        assert_eq!(receive(&mut rig, from, (OWN, 5000)), Ok(socket));
    }
}
