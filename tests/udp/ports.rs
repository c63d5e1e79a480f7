//! Local ports: which are allowed, when a socket gets one, and the commands to the backend.

use crate::support::bound::bounded;
use lankeeper::manager::Wake;
use lankeeper::udp::OpenSocketError;
use lankeeper::{Action, InterfaceId, Lease, Manager, Medium, Nic, Report, SendError, State};

use super::*;

// spec: UDP-2
#[test]
fn local_ports_go_from_1024_to_65535() {
    let (mut rig, handle) = Rig::connected();
    for port_ in 0..=u16::MAX {
        let opened = rig.manager.udp_open(rig.now, handle, Some(port_));
        if port_ < 1024 {
            assert_eq!(opened, Err(OpenSocketError::Port(port_)));
        } else {
            let socket = opened.unwrap();
            assert_eq!(port(&rig, socket), Ok(Some(port_)));
            rig.manager.udp_close(rig.now, socket);
        }
    }
    assert!(commands(&mut rig).is_empty(), "no refused port was bound");
}

// spec: UDP-2, UDP-11
#[test]
fn a_port_in_use_is_refused_until_it_is_freed() {
    let (mut rig, handle) = Rig::connected();
    let first = open(&mut rig, handle, 5000);
    let other = open(&mut rig, handle, 5001);
    let in_use = Err(OpenSocketError::PortInUse(5000));
    assert_eq!(rig.manager.udp_open(rig.now, handle, Some(5000)), in_use);
    rig.manager.udp_close(rig.now, other);
    assert_eq!(rig.manager.udp_open(rig.now, handle, Some(5000)), in_use);
    rig.manager.udp_close(rig.now, first);
    rig.manager.udp_close(rig.now, first);
    let again = open(&mut rig, handle, 5000);
    rig.manager.udp_close(rig.now, first);
    assert_eq!(
        port(&rig, again),
        Ok(Some(5000)),
        "closing twice is harmless"
    );

    // An automatic port is in use just like a requested one.
    let given = open(&mut rig, handle, None);
    let _ = send(&mut rig, given, PEER).unwrap();
    assert_eq!(
        rig.manager.udp_open(rig.now, handle, Some(49_152)),
        Err(OpenSocketError::PortInUse(49_152))
    );
}

// spec: UDP-2, UDP-5, UDP-9
#[test]
fn each_interface_has_its_own_ports() {
    let eth1 = InterfaceId::new(Medium::Ethernet, 1).unwrap();
    let config = Config::new(0, [ETH0, eth1].map(InterfaceConfig::new));
    let mut manager = Manager::new(&config).unwrap();
    let now = lankeeper::Instant::EPOCH;
    let handles =
        ["eth0", "eth1"].map(|name| manager.open(now, &Nic::named(name).unwrap()).unwrap());
    let sockets = handles.map(|handle| manager.udp_open(now, handle, Some(5000)).unwrap());
    assert_ne!(sockets[0], sockets[1]);
    // Both come up, each with its own address.
    let mut bound = Vec::new();
    while let Some(command) = bounded(manager.poll_command()) {
        let (ticket, action) = match command {
            Command::Interface { ticket, action } => (ticket, action),
            Command::Bind(binding) => {
                bound.push(binding);
                continue;
            }
            other => panic!("unexpected: {other:?}"),
        };
        let own = Ipv4Addr::new(10, 0, ticket.interface().number(), 1);
        let report = match action {
            Action::PowerUp => Report::Ready,
            Action::StartLink => Report::CarrierUp,
            Action::StartDhcp => Report::Lease(Lease::new(own, 24)),
            other => panic!("unexpected: {other:?}"),
        };
        manager.handle_event(now, ticket.report(report));
    }
    let ports = bound
        .iter()
        .map(|binding| (binding.interface(), binding.port()));
    assert!(ports.eq([(ETH0, 5000), (eth1, 5000)]));

    for (number, (interface, socket)) in [ETH0, eth1].into_iter().zip(sockets).enumerate() {
        let own = Ipv4Addr::new(10, 0, number as u8, 1);
        let peer = Ipv4Addr::new(10, 0, number as u8, 2);
        let sent = manager.udp_send(now, socket, (peer, 7), b"").unwrap();
        assert_eq!(sent.binding, bound[number]);
        assert_eq!(
            (sent.binding.interface(), *sent.source.ip()),
            (interface, own)
        );
        let answer = Received {
            source: sent.destination,
            destination: *sent.source.ip(),
            length: 0,
        };
        let received = manager.udp_receive(now, sent.binding, &answer, 0);
        assert_eq!(received, Ok(socket));
    }

    manager.close(now, handles[0]);
    assert!(manager.udp_port(sockets[0]).is_err());
    assert_eq!(manager.udp_port(sockets[1]), Ok(Some(5000)));
    assert_eq!(manager.poll_command(), Some(Command::Unbind(bound[0])));
}

// spec: UDP-2
#[test]
fn a_socket_without_a_port_gets_the_lowest_free_one_from_49152_at_its_first_send() {
    let (mut rig, handle) = Rig::connected();
    let sockets = [None, Some(49_152), None, Some(49_154)].map(|port| open(&mut rig, handle, port));
    assert_eq!(commands(&mut rig), ["eth0 bind 49152", "eth0 bind 49154"]);
    for (socket, expected) in [(sockets[2], 49_153), (sockets[0], 49_155)] {
        assert_eq!(port(&rig, socket), Ok(None));
        for _ in 0..2 {
            assert_eq!(
                send(&mut rig, socket, PEER).unwrap().source.port(),
                expected
            );
            assert_eq!(port(&rig, socket), Ok(Some(expected)), "the port is kept");
        }
        assert_eq!(commands(&mut rig), [format!("eth0 bind {expected}")]);
    }
    // Freed ports are reused, the lowest first.
    for socket in [sockets[0], sockets[1]] {
        rig.manager.udp_close(rig.now, socket);
    }
    for expected in [49_152, 49_155] {
        let socket = open(&mut rig, handle, None);
        assert_eq!(
            send(&mut rig, socket, PEER).unwrap().source.port(),
            expected
        );
    }
}

// spec: UDP-2, UDP-6
#[test]
fn a_refused_first_send_does_not_bind() {
    let (mut rig, handle) = connected_with_burst(1);
    let socket = open(&mut rig, handle, None);
    let long = [0; 65_508];
    let unbound = |rig: &mut Rig, result: Result<Datagram<'_>, SendError>| {
        assert!(result.is_err());
        assert_eq!(port(rig, socket), Ok(None));
        assert!(commands(rig).is_empty());
    };
    let result = rig.manager.udp_send(rig.now, socket, (PEER, 0), b"");
    unbound(&mut rig, result);
    let result = rig.manager.udp_send(rig.now, socket, (PEER, 7), &long);
    unbound(&mut rig, result);
    let result = send(&mut rig, socket, "192.168.2.1");
    unbound(&mut rig, result);
    let other = open(&mut rig, handle, 5000);
    let _ = send(&mut rig, other, PEER).unwrap();
    assert_eq!(commands(&mut rig), ["eth0 bind 5000"]);
    let result = send(&mut rig, socket, PEER);
    unbound(&mut rig, result);
    rig.report(Report::CarrierDown);
    let result = send(&mut rig, socket, PEER);
    unbound(&mut rig, result);
    // An unbound socket receives nothing, not even on the port that it will get.
    rig.report(Report::CarrierUp);
    rig.wait();
    rig.come_up();
    assert_eq!(rig.state(), State::Connected);
    commands(&mut rig);
    let from = (PEER, 7);
    assert_eq!(
        receive(&mut rig, from, (OWN, 49_152)),
        Err(DropReason::Port)
    );
    assert_eq!(receive(&mut rig, from, (OWN, 0)), Err(DropReason::Port));
}

// spec: UDP-12
#[test]
fn one_socket_above_the_capacity_is_an_error() {
    let (mut rig, handle) = Rig::connected();
    let sockets: Vec<_> = (0..4).map(|_| open(&mut rig, handle, None)).collect();
    let full = Err(OpenSocketError::TooMany(4));
    assert_eq!(rig.manager.udp_open(rig.now, handle, None), full);
    assert_eq!(rig.manager.udp_open(rig.now, handle, Some(5000)), full);
    rig.manager.udp_close(rig.now, sockets[2]);
    open(&mut rig, handle, 5000);
    assert_eq!(rig.manager.udp_open(rig.now, handle, None), full);
}

// spec: UDP-2, UDP-11, DRV-2
#[test]
fn port_commands_are_merged_until_the_next_poll() {
    let (mut rig, handle) = Rig::connected();
    let first = open(&mut rig, handle, 5000);
    assert_eq!(commands(&mut rig), ["eth0 bind 5000"]);

    // Opening and closing leaves nothing to do.
    let brief = open(&mut rig, handle, 6000);
    rig.manager.udp_close(rig.now, brief);
    assert!(commands(&mut rig).is_empty());

    // What came for a closed socket is not for the next one, even on the same port.
    rig.manager.udp_close(rig.now, first);
    let again = open(&mut rig, handle, 5000);
    assert_eq!(commands(&mut rig), ["eth0 unbind 5000", "eth0 bind 5000"]);
    assert_eq!(rig.binding(5000).socket(), again);

    // Ports are unbound before others are bound, even with every socket in use.
    rig.manager.udp_close(rig.now, again);
    let old: Vec<_> = (6000..6004)
        .map(|port| open(&mut rig, handle, port))
        .collect();
    assert_eq!(
        commands(&mut rig),
        [
            "unbind 5000",
            "bind 6000",
            "bind 6001",
            "bind 6002",
            "bind 6003"
        ]
        .map(|text| format!("eth0 {text}"))
    );
    for socket in old {
        rig.manager.udp_close(rig.now, socket);
    }
    for port in 7000..7004 {
        open(&mut rig, handle, port);
    }
    let mut polled = commands(&mut rig);
    polled[..4].sort();
    let expected = [
        "unbind 6000",
        "unbind 6001",
        "unbind 6002",
        "unbind 6003",
        "bind 7000",
        "bind 7001",
        "bind 7002",
        "bind 7003",
    ];
    assert_eq!(polled, expected.map(|text| format!("eth0 {text}")));
}

// spec: UDP-11, DRV-2
#[test]
fn ports_are_unbound_before_power_down_and_bound_after_power_up() {
    let mut rig = Rig::new();
    let handle = rig.open();
    open(&mut rig, handle, 5000);
    assert_eq!(commands(&mut rig), ["eth0 power up", "eth0 bind 5000"]);
    rig.manager.close(rig.now, handle);
    assert_eq!(
        commands(&mut rig),
        ["eth0 unbind 5000", "eth0 stop", "eth0 power down"]
    );

    // Opening and closing everything without a poll leaves nothing to do.
    let handle = rig.open();
    open(&mut rig, handle, 5000);
    rig.manager.close(rig.now, handle);
    assert!(commands(&mut rig).is_empty());

    // Closed and opened again without a poll: the port is bound anew, for another socket.
    let handle = rig.open();
    open(&mut rig, handle, 5000);
    open(&mut rig, handle, 6000);
    commands(&mut rig);
    rig.manager.close(rig.now, handle);
    let handle = rig.open();
    open(&mut rig, handle, 5000);
    assert_eq!(
        commands(&mut rig),
        [
            "eth0 unbind 5000",
            "eth0 unbind 6000",
            "eth0 stop",
            "eth0 power down",
            "eth0 power up",
            "eth0 bind 5000",
        ]
    );
}

// spec: TIME-3, UDP-2
#[test]
fn a_pending_bind_or_unbind_is_due_at_once() {
    let (mut rig, handle) = Rig::connected();
    // Until no timer of the interface is armed.
    rig.prove_stable();
    let due = |rig: &Rig| {
        rig.manager
            .poll_at()
            .map(|deadline| (deadline.at, deadline.reason))
    };
    let at_once = Some((rig.now, Wake::Output));
    assert_eq!(due(&rig), None);
    let socket = open(&mut rig, handle, None);
    assert_eq!(due(&rig), None, "it has no port yet");
    let _ = send(&mut rig, socket, PEER).unwrap();
    assert_eq!(due(&rig), at_once);
    assert_eq!(commands(&mut rig), ["eth0 bind 49152"]);
    assert_eq!(due(&rig), None);
    rig.manager.udp_close(rig.now, socket);
    assert_eq!(due(&rig), at_once);
    assert_eq!(commands(&mut rig), ["eth0 unbind 49152"]);
    assert_eq!(due(&rig), None);
}
