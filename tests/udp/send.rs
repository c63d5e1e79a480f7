//! What may be sent, the order of the checks, and the cost in tokens.

use core::net::SocketAddrV4;

use lankeeper::udp::Target;
use lankeeper::{Duration, Report, SendError, State};

use super::*;
use crate::secrets::search::renderings;
use crate::support::secs;

// spec: UDP-7, UDP-8
#[test]
fn a_send_reports_the_first_broken_rule_and_costs_a_token_only_if_it_succeeds() {
    let too_long = vec![0; 65_508];
    for broken in 0..1_u8 << 7 {
        let breaks = |rule: u32| broken & 1 << rule != 0;
        let [closed, address, port_, size, connected, subnet, rate] =
            core::array::from_fn(|rule| breaks(u32::try_from(rule).unwrap()));
        let (mut rig, handle) = connected_with_burst(2);
        let (socket, other) = (open(&mut rig, handle, None), open(&mut rig, handle, None));
        for _ in 0..if rate { 2 } else { 1 } {
            let _ = send(&mut rig, other, PEER).unwrap();
        }
        if connected {
            rig.report(Report::CarrierDown);
        }
        if closed {
            rig.manager.udp_close(rig.now, socket);
        }
        let to = match (address, subnet) {
            (true, _) => "192.168.1.256",
            (_, true) => "192.168.2.9",
            _ => PEER,
        };
        let remote = if port_ { 67 } else { 7 };
        let payload = if size { &too_long[..] } else { &too_long[..5] };
        let before = tokens(&rig);

        let result = rig.manager.udp_send(rig.now, socket, (to, remote), payload);

        let code = result.err().and_then(|error| error.code());
        match broken.trailing_zeros() {
            0 => assert_eq!(result, Err(SendError::Closed)),
            1 => assert!(matches!(result, Err(SendError::Address(_)))),
            2 => assert_eq!(result, Err(SendError::Port(67))),
            3 => assert_eq!(result, Err(SendError::TooLong(65_508))),
            4 => assert_eq!((result, code), (Err(SendError::NotConnected), Some(1))),
            5 => assert_eq!((result, code), (Err(SendError::OutsideSubnet), Some(1))),
            6 => {
                assert_eq!(code, Some(4));
                assert!(
                    matches!(result, Err(SendError::WouldBlock(refusal)) if refusal.retry_at() == secs(1))
                );
            }
            _ => {
                let datagram = result.unwrap();
                assert_eq!(datagram.binding, rig.binding(49_153));
                assert_eq!(datagram.binding.socket(), socket);
                assert_eq!(datagram.binding.interface(), ETH0);
                assert_eq!(datagram.source, SocketAddrV4::new(ip(OWN), 49_153));
                assert_eq!(datagram.destination, SocketAddrV4::new(ip(PEER), 7));
                assert_eq!(datagram.payload, [0; 5]);
            }
        }
        let sent = result.is_ok();
        assert_eq!(before - tokens(&rig), u32::from(sent), "{broken:07b}");
        // Only a forbidden destination closes the socket, and only a successful send binds it.
        let expected = match (closed || address, sent) {
            (true, _) => Err(()),
            (false, true) => Ok(Some(49_153)),
            (false, false) => Ok(None),
        };
        assert_eq!(port(&rig, socket).map_err(|_| ()), expected, "{broken:07b}");
    }
}

// spec: UDP-8
#[test]
fn only_not_connected_and_would_block_have_codes() {
    let (mut rig, handle) = connected_with_burst(1);
    let socket = open(&mut rig, handle, None);
    // Code 0 means sent.
    assert!(send(&mut rig, socket, PEER).is_ok());
    let code = |result: Result<_, SendError>| result.unwrap_err().code();
    assert_eq!(code(send(&mut rig, socket, PEER)), Some(4));
    assert_eq!(code(send(&mut rig, socket, "192.168.2.1")), Some(1));
    assert_eq!(
        code(rig.manager.udp_send(rig.now, socket, (PEER, 0), b"")),
        None
    );
    let long = [0; 65_508];
    assert_eq!(
        code(rig.manager.udp_send(rig.now, socket, (PEER, 7), &long)),
        None
    );
    rig.report(Report::CarrierDown);
    assert_eq!(code(send(&mut rig, socket, PEER)), Some(1));
    assert_eq!(code(send(&mut rig, socket, "8.8.8.8")), None);
    assert_eq!(
        code(send(&mut rig, socket, PEER)),
        None,
        "the socket was closed"
    );
    rig.report(Report::CarrierUp);
    let socket = open(&mut rig, handle, None);
    assert_eq!(code(send(&mut rig, socket, "peer")), None);
}

// spec: UDP-3
#[test]
fn a_destination_that_is_no_dotted_quad_closes_the_socket() {
    let (mut rig, handle) = Rig::connected();
    for text in [
        "",
        "192.168.1",
        "192.168.1.09",
        "192.168.1.256",
        "+10.0.0.1",
        "10.0.0.1 ",
        "10.0.0.1\0",
        "peer",
    ] {
        let socket = open(&mut rig, handle, 5000);
        assert_eq!(commands(&mut rig), ["eth0 bind 5000"]);
        let result = rig.manager.udp_send(rig.now, socket, (text, 5000), b"abc");
        assert!(matches!(result, Err(SendError::Address(_))), "{text:?}");
        assert_eq!(send(&mut rig, socket, PEER), Err(SendError::Closed));
        assert!(port(&rig, socket).is_err());
        assert_eq!(commands(&mut rig), ["eth0 unbind 5000"]);
    }
    assert_eq!(tokens(&rig), 100);
    // Similar texts that are dotted quads.
    let socket = open(&mut rig, handle, 5000);
    for text in [
        "192.168.1.9",
        "192.168.1.255",
        "192.168.1.0",
        "255.255.255.255",
    ] {
        let sent = rig
            .manager
            .udp_send(rig.now, socket, (text, 5000), b"abc")
            .unwrap();
        assert_eq!(*sent.destination.ip(), ip(text));
    }
}

// spec: UDP-4
#[test]
fn a_destination_that_is_not_local_closes_the_socket() {
    let (mut rig, handle) = Rig::connected();
    for address in [
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "192.169.0.0",
        "255.255.255.254",
        "0.0.0.0",
        "127.0.0.1",
        "224.0.0.1",
    ] {
        for target in [
            Target::from((address, 5000)),
            Target::from((ip(address), 5000)),
        ] {
            let socket = open(&mut rig, handle, 5000);
            let result = rig.manager.udp_send(rig.now, socket, target, b"abc");
            assert_eq!(result, Err(SendError::NotLocal), "{address}");
            assert_eq!(send(&mut rig, socket, PEER), Err(SendError::Closed));
        }
    }
    assert_eq!(tokens(&rig), 100);
    let socket = open(&mut rig, handle, 5000);
    let everyone = send(&mut rig, socket, "255.255.255.255").unwrap();
    assert_eq!(
        everyone.destination,
        SocketAddrV4::new(ip("255.255.255.255"), 5000),
        "unchanged"
    );
}

// spec: UDP-5
#[test]
fn private_addresses_outside_the_subnet_are_refused_and_the_socket_stays_open() {
    let (mut rig, handle) = Rig::connected();
    let socket = open(&mut rig, handle, None);
    for address in [
        "192.168.0.255",
        "192.168.2.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.2.255",
    ] {
        let error = send(&mut rig, socket, address).unwrap_err();
        assert_eq!(
            (error, error.code()),
            (SendError::OutsideSubnet, Some(1)),
            "{address}"
        );
        assert_eq!(port(&rig, socket), Ok(None));
    }
    assert_eq!(tokens(&rig), 100);
    for address in ["192.168.1.0", "192.168.1.1", "192.168.1.254", BROADCAST] {
        let datagram = send(&mut rig, socket, address).unwrap();
        assert_eq!(*datagram.destination.ip(), ip(address));
    }
}

// spec: UDP-5
#[test]
fn a_renewed_lease_changes_the_subnet_and_the_source() {
    let (mut rig, handle) = Rig::connected();
    let socket = open(&mut rig, handle, 5000);
    let lease = lankeeper::Lease::new(ip("10.0.0.77"), 25);
    rig.report(Report::Lease(lease));
    assert_eq!(send(&mut rig, socket, PEER), Err(SendError::OutsideSubnet));
    assert_eq!(
        send(&mut rig, socket, "10.0.0.128"),
        Err(SendError::OutsideSubnet)
    );
    let datagram = send(&mut rig, socket, "10.0.0.127").unwrap();
    assert_eq!(datagram.source, SocketAddrV4::new(ip("10.0.0.77"), 5000));
}

// spec: UDP-6
#[test]
fn remote_ports_are_all_but_0_67_and_68() {
    let (mut rig, handle) = connected_with_burst(u32::MAX);
    let socket = open(&mut rig, handle, None);
    for refused in [0, 67, 68] {
        let result = rig.manager.udp_send(rig.now, socket, (PEER, refused), b"");
        assert_eq!(result, Err(SendError::Port(refused)));
        assert_eq!(port(&rig, socket), Ok(None), "still unbound");
    }
    for remote in (1..=66).chain(69..=u16::MAX) {
        let sent = rig
            .manager
            .udp_send(rig.now, socket, (PEER, remote), b"")
            .unwrap();
        assert_eq!(sent.destination.port(), remote);
    }
    for refused in [0, 67, 68] {
        assert!(
            rig.manager
                .udp_send(rig.now, socket, (PEER, refused), b"")
                .is_err()
        );
        assert_eq!(port(&rig, socket), Ok(Some(49_152)), "still bound");
    }
}

// spec: UDP-6
#[test]
fn payloads_have_at_most_65507_bytes() {
    let (mut rig, handle) = Rig::connected();
    let socket = open(&mut rig, handle, None);
    let bytes = vec![7; 10 << 20];
    for length in [65_508, 65_535, 65_536, 10 << 20] {
        let result = rig
            .manager
            .udp_send(rig.now, socket, (PEER, 7), &bytes[..length]);
        assert_eq!(result, Err(SendError::TooLong(length)));
        assert_eq!(port(&rig, socket), Ok(None), "open and still unbound");
    }
    assert_eq!(tokens(&rig), 100);
    for length in [0, 1, 65_506, 65_507] {
        let sent = rig
            .manager
            .udp_send(rig.now, socket, (PEER, 7), &bytes[..length])
            .unwrap();
        assert_eq!(sent.payload, &bytes[..length]);
    }
    assert_eq!(tokens(&rig), 96);
}

// spec: UDP-1
#[test]
fn sends_without_an_address_fail_with_not_connected() {
    let mut rig = Rig::new();
    let handle = rig.open();
    let socket = open(&mut rig, handle, 5000);
    for report in [
        Report::Ready,
        Report::CarrierUp,
        Report::Lease(crate::support::lease()),
    ] {
        let error = send(&mut rig, socket, PEER).unwrap_err();
        assert_eq!((error, error.code()), (SendError::NotConnected, Some(1)));
        rig.report(report);
    }
    assert_eq!(rig.state(), State::Connected);
    assert_eq!(tokens(&rig), 100);
    assert!(send(&mut rig, socket, PEER).is_ok());
}

// spec: RATE-1, RATE-3, UDP-7
#[test]
fn a_burst_of_100_datagrams_then_one_every_40_milliseconds() {
    let (mut rig, handle) = Rig::connected();
    let sockets = [open(&mut rig, handle, None), open(&mut rig, handle, 5000)];
    for sent in 0..100 {
        assert_eq!(tokens(&rig), 100 - sent);
        // All sockets share the same tokens.
        assert!(send(&mut rig, sockets[sent as usize % 2], PEER).is_ok());
    }
    for _ in 0..3 {
        for socket in sockets {
            let Err(SendError::WouldBlock(refusal)) = send(&mut rig, socket, PEER) else {
                panic!("sent above the limit");
            };
            let retry = rig.now.saturating_add(Duration::from_millis(40));
            assert_eq!(refusal.retry_at(), retry);
        }
        rig.pass(Duration::from_micros(39_999));
        assert!(send(&mut rig, sockets[0], PEER).is_err());
        rig.pass(Duration::from_micros(1));
        assert!(send(&mut rig, sockets[0], PEER).is_ok());
    }
}

// spec: TIME-2
#[test]
fn sends_and_token_counts_at_an_earlier_instant_use_the_latest_one() {
    let (mut rig, handle) = connected_with_burst(2);
    let socket = open(&mut rig, handle, None);
    rig.go(secs(10));
    assert!(send(&mut rig, socket, PEER).is_ok());
    assert!(send(&mut rig, socket, PEER).is_ok());
    rig.now = secs(3);
    let Err(SendError::WouldBlock(refusal)) = send(&mut rig, socket, PEER) else {
        panic!("an earlier instant has granted a token");
    };
    assert_eq!(refusal.retry_at(), secs(11));
    rig.go(secs(11));
    rig.now = secs(3);
    assert_eq!(tokens(&rig), 1);
    assert!(send(&mut rig, socket, PEER).is_ok());
    assert_eq!(tokens(&rig), 0);
}

// spec: UDP-4
#[test]
fn a_datagram_shows_where_it_goes_and_only_the_length_of_its_payload() {
    let (mut rig, handle) = connected_with_burst(1);
    let socket = open(&mut rig, handle, 4000);
    let shown = renderings(send(&mut rig, socket, PEER).unwrap());
    assert_eq!(
        shown[0],
        "192.168.1.50:4000 -> 192.168.1.9:5000, 3 bytes on eth0"
    );
    assert!(shown.iter().all(|text| text.contains("eth0")));
    assert!(shown.iter().all(|text| !text.contains("abc")));
}
