//! Where sockets work: on a private own address (UDP-13).

use lankeeper::udp::{Gate, GateError, OpenSocketError};
use lankeeper::{Config, Instant, InterfaceId, Lease, Manager, Medium, Prefix, Report, Tickets};

use super::*;
use crate::support::bound::bounded;
use crate::support::{good_answer, nic};

/// A connected device with this own address, and a socket on port 5000.
fn connected_as(own: &str, length: u8) -> (Rig, Handle, SocketId) {
    let (mut rig, handle) = Rig::connected();
    let socket = open(&mut rig, handle, 5000);
    renew(&mut rig, own, length);
    rig.commands();
    (rig, handle, socket)
}

fn renew(rig: &mut Rig, own: &str, length: u8) {
    rig.report(Report::Lease(Lease::new(ip(own), length)));
    let address = rig.manager.ip_config(ETH0).map(|config| config.address());
    assert_eq!(address, Some(ip(own)), "a usable lease");
}

/// Each end of each private range, and its neighbour outside, as own address in a subnet that
/// reaches over both ends, with a private peer in that subnet.
const EDGES: [(&str, u8, &str, bool); 12] = [
    ("9.255.255.255", 5, "10.0.0.9", false),
    ("10.0.0.0", 5, "10.0.0.9", true),
    ("10.255.255.255", 5, "10.0.0.9", true),
    ("11.0.0.0", 5, "10.0.0.9", false),
    ("172.15.255.255", 10, "172.16.0.9", false),
    ("172.16.0.0", 10, "172.16.0.9", true),
    ("172.31.255.255", 10, "172.16.0.9", true),
    ("172.32.0.0", 10, "172.16.0.9", false),
    ("192.167.255.255", 8, "192.168.0.9", false),
    ("192.168.0.0", 8, "192.168.0.9", true),
    ("192.168.255.255", 8, "192.168.0.9", true),
    ("192.169.0.0", 8, "192.168.0.9", false),
];

// spec: UDP-13
#[test]
fn sockets_work_where_the_own_address_is_private_and_nowhere_else() {
    for (own, length, peer, private) in EDGES {
        let (mut rig, handle, socket) = connected_as(own, length);
        let unbound = open(&mut rig, handle, None);
        for socket in [socket, unbound] {
            for to in [peer, "255.255.255.255"] {
                let before = tokens(&rig);
                let sent = rig.manager.udp_send(rig.now, socket, (to, 7), b"abc");
                match sent {
                    Ok(datagram) => {
                        assert!(private, "{own} to {to}");
                        assert_eq!(*datagram.source.ip(), ip(own));
                        assert_eq!(*datagram.destination.ip(), ip(to));
                    }
                    Err(error) => {
                        assert!(!private, "{own} to {to}: {error}");
                        assert_eq!((error, error.code()), (SendError::NotConnected, Some(1)));
                    }
                }
                assert_eq!(before - tokens(&rig), u32::from(private), "{own} to {to}");
            }
        }
        assert_eq!(port(&rig, socket), Ok(Some(5000)));
        assert_eq!(port(&rig, unbound), Ok(private.then_some(49_152)));
        for to in [own, "255.255.255.255"] {
            let received = receive(&mut rig, (peer, 7), (to, 5000));
            let expected = if private {
                Ok(socket)
            } else {
                Err(DropReason::NotConnected)
            };
            assert_eq!(received, expected, "{own} from {peer} to {to}");
        }
        let dropped = rig.manager.udp_drops();
        assert_eq!(dropped.total(), if private { 0 } else { 2 }, "{own}");
        assert_eq!(dropped.not_connected, dropped.total());
    }
}

// spec: UDP-7, UDP-13
#[test]
fn without_a_private_address_the_first_broken_rule_is_reported_as_ever() {
    let too_long = vec![0; 65_508];
    let (mut rig, handle, _) = connected_as("8.8.8.8", 24);
    let socket = open(&mut rig, handle, None);
    let mut send = |to, port, length: usize| {
        let sent = rig
            .manager
            .udp_send(rig.now, socket, (to, port), &too_long[..length]);
        sent.map(|_| ())
    };
    for to in [PEER, "10.0.0.1", "255.255.255.255", "8.8.8.255"] {
        assert_eq!(send(to, 67, 65_508), Err(SendError::Port(67)), "{to}");
        assert_eq!(send(to, 7, 65_508), Err(SendError::TooLong(65_508)), "{to}");
        assert_eq!(send(to, 7, 65_507), Err(SendError::NotConnected), "{to}");
    }
    // What is no destination in any network closes the socket in this one too.
    assert_eq!(send("8.8.8.9", 67, 65_508), Err(SendError::NotLocal));
    assert_eq!(send(PEER, 7, 3), Err(SendError::Closed));
    let socket = open(&mut rig, handle, None);
    let sent = rig.manager.udp_send(rig.now, socket, ("peer", 7), b"");
    assert!(matches!(sent, Err(SendError::Address(_))));
    assert!(port(&rig, socket).is_err());
}

// spec: UDP-4, UDP-7, UDP-13
#[test]
fn a_broadcast_address_outside_the_private_ranges_gives_not_connected() {
    let too_long = vec![0; 65_508];
    for (own, length, broadcast, beside) in [
        ("10.0.0.5", 7, "11.255.255.255", "11.255.255.254"),
        ("11.0.0.5", 7, "11.255.255.255", "12.0.0.0"),
        ("172.16.0.5", 10, "172.63.255.255", "172.63.255.254"),
        ("192.168.1.5", 15, "192.169.255.255", "192.170.0.0"),
        ("8.8.8.8", 24, "8.8.8.255", "8.8.8.254"),
    ] {
        let (mut rig, _, socket) = connected_as(own, length);
        let (all, next) = ((broadcast, 7), (beside, 7));
        let mut send = |to, payload| {
            let sent = rig.manager.udp_send(rig.now, socket, to, payload);
            sent.map(|_| ())
        };
        let wrong_port = (broadcast, 68);
        assert_eq!(send(wrong_port, &too_long), Err(SendError::Port(68)));
        assert_eq!(send(all, &too_long), Err(SendError::TooLong(65_508)));
        for _ in 0..3 {
            assert_eq!(send(all, b"abc"), Err(SendError::NotConnected), "{own}");
        }
        assert_eq!(tokens(&rig), 100);
        assert_eq!(port(&rig, socket), Ok(Some(5000)), "{own}");
        assert!(rig.commands().is_empty(), "the port stays bound");
        // Beside it nothing has changed.
        let sent = rig.manager.udp_send(rig.now, socket, next, b"abc");
        assert_eq!(sent, Err(SendError::NotLocal), "{own} to {beside}");
        assert!(port(&rig, socket).is_err());
    }
}

// spec: UDP-5, UDP-7, UDP-13
#[test]
fn in_a_subnet_with_private_and_public_addresses_the_private_ones_are_reached() {
    let (mut rig, _, socket) = connected_as("10.0.0.5", 7);
    for to in ["10.0.0.0", "10.0.0.9", "10.255.255.255", "255.255.255.255"] {
        let sent = send(&mut rig, socket, to).unwrap();
        assert_eq!(*sent.destination.ip(), ip(to));
    }
    assert_eq!(
        send(&mut rig, socket, PEER),
        Err(SendError::OutsideSubnet),
        "private, in another subnet"
    );
    // What is sent to the broadcast address by others is delivered, from private sources.
    for to in ["10.0.0.5", "11.255.255.255", "255.255.255.255"] {
        let received = receive(&mut rig, ("10.1.0.1", 7), (to, 5000));
        assert_eq!(received, Ok(socket), "{to}");
        for source in ["11.0.0.9", "10.0.0.5", "11.255.255.255"] {
            let dropped = receive(&mut rig, (source, 7), (to, 5000));
            assert_eq!(dropped, Err(DropReason::Source), "{source}");
        }
    }
    // With the rate at its limit the broadcast address still gives NOT_CONNECTED.
    while send(&mut rig, socket, "10.0.0.9").is_ok() {}
    let all = send(&mut rig, socket, "11.255.255.255");
    assert_eq!(all, Err(SendError::NotConnected));
}

// spec: UDP-4, UDP-13
#[test]
fn a_private_broadcast_address_is_sent_to_whatever_the_length_of_its_subnet() {
    for (own, length, broadcast) in [
        ("10.0.0.5", 8, "10.255.255.255"),
        ("172.16.0.5", 12, "172.31.255.255"),
        ("172.16.0.5", 11, "172.31.255.255"),
        ("192.168.1.5", 16, "192.168.255.255"),
        ("192.168.1.5", 30, "192.168.1.7"),
    ] {
        let (mut rig, _, socket) = connected_as(own, length);
        let sent = send(&mut rig, socket, broadcast).unwrap();
        assert_eq!(*sent.destination.ip(), ip(broadcast), "{own}/{length}");
    }
}

// spec: UDP-4, UDP-13
#[test]
fn without_an_address_there_is_no_broadcast_address_of_the_own_subnet() {
    let (mut rig, _, socket) = connected_as("10.0.0.5", 7);
    rig.report(Report::CarrierDown);
    let sent = send(&mut rig, socket, "11.255.255.255");
    assert_eq!(sent, Err(SendError::NotLocal));
    assert!(port(&rig, socket).is_err());
}

// spec: UDP-11, UDP-13, IFC-5
#[test]
fn sockets_outlive_a_public_address_and_work_with_the_next_private_one() {
    let (mut rig, handle) = Rig::connected();
    let listening = open(&mut rig, handle, 5000);
    let deaf = open(&mut rig, handle, 5001);
    let client = open(&mut rig, handle, None);
    rig.manager.udp_set_receiving(rig.now, deaf, false).unwrap();
    let _ = send(&mut rig, client, PEER).unwrap();
    rig.commands();
    rig.notices();
    for _ in 0..3 {
        renew(&mut rig, "8.8.8.8", 24);
        let opened_meanwhile = open(&mut rig, handle, 5002);
        for socket in [listening, client, opened_meanwhile] {
            let error = send(&mut rig, socket, PEER).unwrap_err();
            assert_eq!((error, error.code()), (SendError::NotConnected, Some(1)));
        }
        for source in [PEER, "8.8.8.9"] {
            for to in [OWN, "8.8.8.8", "8.8.8.255", "255.255.255.255"] {
                let dropped = receive(&mut rig, (source, 7), (to, 5000));
                assert_eq!(dropped, Err(DropReason::NotConnected), "{source} to {to}");
            }
        }
        let before = tokens(&rig);
        renew(&mut rig, OWN, 24);
        assert_eq!(tokens(&rig), before, "nothing was taken");
        let datagram = send(&mut rig, client, PEER).unwrap();
        assert_eq!(datagram.source, SocketAddrV4::new(ip(OWN), 49_152));
        let received = receive(&mut rig, (PEER, 7), (OWN, 5000));
        assert_eq!(received, Ok(listening));
        let received = receive(&mut rig, (PEER, 7), (OWN, 5001));
        assert_eq!(received, Err(DropReason::NotReceiving));
        let received = receive(&mut rig, (PEER, 7), (OWN, 5002));
        assert_eq!(received, Ok(opened_meanwhile));
        rig.manager.udp_close(rig.now, opened_meanwhile);
        assert_eq!(commands(&mut rig), ["eth0 bind 5002", "eth0 unbind 5002"]);
        let notices = rig.notices();
        let address = |notice: &Notice| matches!(notice, Notice::AddressChanged { .. });
        assert!(notices.iter().all(address), "{notices:?}");
    }
}

// spec: UDP-4, UDP-7, UDP-9, UDP-13
#[test]
fn a_gate_alone_is_closed_on_the_same_addresses() {
    for (own, length, peer, private) in EDGES {
        let own = Prefix::new(ip(own), length).unwrap();
        let broadcast = own.broadcast().unwrap();
        let beside = Ipv4Addr::from_bits(broadcast.to_bits() - 1);
        let mut gate = Gate::new(Quota::new(1, 2).unwrap());
        gate.set_own(Some(own));
        let mut check = |to, port, length| gate.check(Instant::EPOCH, (to, port), length);
        // What the caller has passed is checked first, then the network, then the subnet.
        for to in [broadcast, ip(peer), ip("255.255.255.255")] {
            assert_eq!(check(to, 67, 65_508), Err(GateError::Port(67)), "{own}");
            let too_long = Err(GateError::TooLong(65_508));
            assert_eq!(check(to, 7, 65_508), too_long, "{own}");
        }
        assert_eq!(check(beside, 7, 0), Err(GateError::NotLocal), "{own}");
        let closed = Err(GateError::NotConnected);
        assert_eq!(check(broadcast, 7, 0), closed, "{own}");
        let elsewhere = ["10.0.0.9", "192.168.0.9"].map(ip);
        let elsewhere = elsewhere.into_iter().find(|other| !own.contains(*other));
        let outside = Err(GateError::OutsideSubnet);
        let expected = if private { outside } else { closed };
        assert_eq!(check(elsewhere.unwrap(), 7, 0), expected, "{own}");
        for to in [ip(peer), ip("255.255.255.255")] {
            let sent = Ok(SocketAddrV4::new(to, 7));
            let expected = if private { sent } else { closed };
            assert_eq!(check(to, 7, 0), expected, "{own} to {to}");
        }
        let left = gate.available(Instant::EPOCH);
        assert_eq!(left, if private { 0 } else { 2 }, "{own}");
        for to in [own.address(), broadcast, ip("255.255.255.255")] {
            let received = gate.check_received(SocketAddrV4::new(ip(peer), 7), to);
            let dropped = Err(DropReason::NotConnected);
            assert_eq!(received, if private { Ok(()) } else { dropped }, "{own}");
        }
        assert_eq!(gate.drops().total(), gate.drops().not_connected);
        assert_eq!(gate.drops().total(), if private { 0 } else { 3 }, "{own}");
        gate.set_own(Some(Prefix::new(ip(OWN), 24).unwrap()));
        let received = gate.check_received(SocketAddrV4::new(ip(PEER), 7), ip(OWN));
        assert_eq!(received, Ok(()), "open again");
    }
}

// spec: UDP-1, UDP-13
#[test]
fn sockets_are_opened_on_a_public_address_too() {
    let (mut rig, handle, _) = connected_as("8.8.8.8", 24);
    let below = rig.manager.udp_open(rig.now, handle, 80);
    assert_eq!(below, Err(OpenSocketError::Port(80)));
    let socket = open(&mut rig, handle, 5001);
    assert_eq!(rig.binding(5001).socket(), socket, "bound at once");
}

/// A device with several interfaces, of which each can be given an address.
struct Several<const N: usize> {
    manager: Manager<N, 4, 4, 64>,
    tickets: [Tickets; N],
    ids: [InterfaceId; N],
}

impl<const N: usize> Several<N> {
    fn new(ids: [InterfaceId; N]) -> Self {
        let config = Config::new(0, ids.map(InterfaceConfig::new));
        Self {
            manager: Manager::with_capacities(&config).unwrap(),
            tickets: ids.map(Tickets::new),
            ids,
        }
    }

    fn open(&mut self, id: InterfaceId) -> Handle {
        self.manager.open(Instant::EPOCH, &nic(id)).unwrap()
    }

    /// Opens an interface and brings it up with this address.
    fn connect(&mut self, id: InterfaceId, own: &str) -> Handle {
        let handle = self.open(id);
        while let Some(report) = good_answer(self.manager.state(id).unwrap()) {
            let lease = Lease::new(ip(own), 24);
            self.report(
                id,
                match report {
                    Report::Lease(_) => Report::Lease(lease),
                    Report::PppUp(_) => Report::PppUp(lease),
                    other => other,
                },
            );
        }
        let address = self.manager.ip_config(id).map(|config| config.address());
        assert_eq!(address, Some(ip(own)));
        handle
    }

    fn report(&mut self, id: InterfaceId, report: Report) {
        while let Some(command) = bounded(self.manager.poll_command()) {
            for tickets in &mut self.tickets {
                tickets.note(&command);
            }
        }
        let index = self.ids.iter().position(|other| *other == id).unwrap();
        let event = self.tickets[index].event(report).unwrap();
        self.manager.handle_event(Instant::EPOCH, event);
    }

    /// Receives from a source at a socket that is bound.
    fn receive(
        &mut self,
        binding: lankeeper::Binding,
        source: &str,
        to: &str,
    ) -> Result<SocketId, DropReason> {
        let received = Received {
            source: SocketAddrV4::new(ip(source), 7),
            destination: ip(to),
            length: 3,
        };
        self.manager
            .udp_receive(Instant::EPOCH, binding, &received, 3)
    }

    fn bind(&mut self, handle: Handle) -> lankeeper::Binding {
        self.manager.udp_open(Instant::EPOCH, handle, 5000).unwrap();
        loop {
            match bounded(self.manager.poll_command()).unwrap() {
                Command::Bind(binding) => return binding,
                command => {
                    for tickets in &mut self.tickets {
                        tickets.note(&command);
                    }
                }
            }
        }
    }
}

const FIRST: &str = "192.168.1.50";
const SECOND: &str = "192.168.1.51";

// spec: UDP-9, UDP-13
#[test]
fn what_comes_from_another_interface_of_the_device_is_dropped() {
    let eth1 = InterfaceId::new(Medium::Ethernet, 1).unwrap();
    for other in [eth1, InterfaceId::WIFI, InterfaceId::CELLULAR] {
        let mut device = Several::new([ETH0, other]);
        let handle = device.connect(ETH0, FIRST);
        let binding = device.bind(handle);
        let socket = binding.socket();
        // Until the other interface has this address, it is that of anybody.
        assert_eq!(device.receive(binding, SECOND, FIRST), Ok(socket));
        let second = device.connect(other, SECOND);
        for to in [FIRST, BROADCAST, "255.255.255.255"] {
            let dropped = device.receive(binding, SECOND, to);
            assert_eq!(dropped, Err(DropReason::Source), "{other} to {to}");
            let dropped = device.receive(binding, FIRST, to);
            assert_eq!(dropped, Err(DropReason::Source));
            for beside in ["192.168.1.49", "192.168.1.52"] {
                assert_eq!(device.receive(binding, beside, to), Ok(socket));
            }
        }
        assert_eq!(device.manager.udp_drops().source, 6);
        // The destination is checked first, and is the address of the socket's interface only.
        let dropped = device.receive(binding, SECOND, SECOND);
        assert_eq!(dropped, Err(DropReason::Destination));
        if other.medium() != Medium::Cellular {
            // The same the other way round.
            let there = device.bind(second);
            let dropped = device.receive(there, FIRST, SECOND);
            assert_eq!(dropped, Err(DropReason::Source));
            let sent = device.receive(there, "192.168.1.52", SECOND);
            assert_eq!(sent, Ok(there.socket()));
        }
        // One that has no address any more has none to be mistaken for.
        device.manager.close(Instant::EPOCH, second);
        assert_eq!(device.receive(binding, SECOND, FIRST), Ok(socket));
    }
}

// spec: UDP-9, UDP-13
#[test]
fn the_own_addresses_are_those_that_the_interfaces_have_now() {
    let mut device = Several::new([ETH0, InterfaceId::WIFI]);
    let handle = device.connect(ETH0, FIRST);
    device.connect(InterfaceId::WIFI, SECOND);
    let binding = device.bind(handle);
    let socket = Ok(binding.socket());
    let source = Err(DropReason::Source);
    assert_eq!(device.receive(binding, SECOND, FIRST), source);
    let renewed = Lease::new(ip("192.168.1.52"), 24);
    device.report(InterfaceId::WIFI, Report::Lease(renewed));
    assert_eq!(device.receive(binding, SECOND, FIRST), socket);
    assert_eq!(device.receive(binding, "192.168.1.52", FIRST), source);
    // Without an address a link has none; the socket's own interface is not concerned.
    device.report(InterfaceId::WIFI, Report::LinkLost { code: 1 });
    assert_eq!(device.receive(binding, "192.168.1.52", FIRST), socket);
    assert_eq!(device.receive(binding, FIRST, FIRST), source);
}

// spec: UDP-13
#[test]
fn a_public_address_of_another_interface_hinders_nobody() {
    let mut device = Several::new([ETH0, InterfaceId::WIFI]);
    let first = device.connect(ETH0, FIRST);
    let second = device.connect(InterfaceId::WIFI, "8.8.8.8");
    let now = Instant::EPOCH;
    let [works, rests] = [first, second].map(|it| device.manager.udp_open(now, it, None).unwrap());
    assert!(
        device
            .manager
            .udp_send(now, works, (PEER, 7), b"abc")
            .is_ok()
    );
    let sent = device.manager.udp_send(now, rests, (PEER, 7), b"abc");
    assert_eq!(sent, Err(SendError::NotConnected));
}
