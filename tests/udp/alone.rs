//! The gate without a manager, for firmware with its own sockets and network stack.

use std::collections::HashSet;

use ipnet::Ipv4Net;
use lankeeper::udp::{Destination, Drops, Gate, GateError, Target};
use lankeeper::{Instant, Prefix, Report};
use proptest::prelude::*;

use super::*;
use crate::support::secs;

/// A gate for 192.168.1.0/24 with `burst` tokens, refilled by one a second.
fn gate(burst: u32) -> Gate {
    let mut gate = Gate::new(Quota::new(1, burst).unwrap());
    gate.set_own(Some(Prefix::new(ip(OWN), 24).unwrap()));
    gate
}

// spec: UDP-7, UDP-8
#[test]
fn a_check_reports_the_first_broken_rule_and_costs_a_token_only_if_it_succeeds() {
    for broken in 0..1_u8 << 6 {
        let [address, port, size, connected, subnet, rate] =
            core::array::from_fn(|rule| broken & 1 << rule != 0);
        let mut gate = gate(1);
        if rate {
            assert!(gate.check(secs(0), (PEER, 7), 0).is_ok());
        }
        if connected {
            gate.set_own(None);
        }
        assert_eq!(gate.filter().is_none(), connected);
        let to = match (address, subnet) {
            (true, _) => "192.168.1.256",
            (_, true) => "192.168.2.9",
            _ => PEER,
        };
        let before = gate.available(secs(0));

        let port = if port { 68 } else { 7 };
        let result = gate.check(secs(0), (to, port), if size { 65_508 } else { 65_507 });

        match broken.trailing_zeros() {
            0 => assert!(matches!(result, Err(GateError::Address(_)))),
            1 => assert_eq!(result, Err(GateError::Port(68))),
            2 => assert_eq!(result, Err(GateError::TooLong(65_508))),
            3 => assert_eq!(result, Err(GateError::NotConnected)),
            4 => assert_eq!(result, Err(GateError::OutsideSubnet)),
            5 => assert!(
                matches!(result, Err(GateError::WouldBlock(refusal)) if refusal.retry_at() == secs(1))
            ),
            _ => assert_eq!(result, Ok(SocketAddrV4::new(ip(PEER), 7))),
        }
        let cost = before - gate.available(secs(0));
        assert_eq!(cost, u32::from(result.is_ok()), "{broken:06b}");
    }
}

// spec: UDP-3, UDP-4
#[test]
fn only_forbidden_destinations_close_the_socket() {
    let mut gate = gate(1);
    for to in ["peer", "192.168.1.09", "8.8.8.8", "127.0.0.1"] {
        let error = SendError::from(gate.check(secs(0), (to, 7), 0).unwrap_err());
        assert!(error.closes_socket(), "{to}: {error}");
    }
    assert!(gate.check(secs(0), (PEER, 7), 0).is_ok());
    for (to, port, length) in [
        (PEER, 0, 0),
        (PEER, 7, 65_508),
        ("10.0.0.1", 7, 0),
        (PEER, 7, 0),
    ] {
        let error = SendError::from(gate.check(secs(0), (to, port), length).unwrap_err());
        assert!(!error.closes_socket(), "{to}: {error}");
    }
    assert!(!SendError::NotConnected.closes_socket());
    assert!(!SendError::Closed.closes_socket());
}

/// Every refusal: what causes it on a fresh gate for 192.168.1.0/24 without tokens, its text and
/// its code.
fn refusals() -> [(GateError, &'static str, Option<u8>); 7] {
    let mut gate = gate(1);
    gate.check(secs(0), (PEER, 7), 0).unwrap();
    let no_token = gate.check(secs(0), (PEER, 7), 0).unwrap_err();
    let mut check = |to, port, length| gate.check(secs(0), (to, port), length).unwrap_err();
    [
        (
            check("192.168.1.09", 7, 0),
            "destination: not a dotted quad, allowed are four numbers 0 to 255 without leading zeros, \
             as 192.168.1.7",
            None,
        ),
        (
            check("8.8.8.8", 7, 0),
            "destination: not local, allowed are private addresses and 255.255.255.255",
            None,
        ),
        (
            check(PEER, 67, 0),
            "remote port 67, allowed is 1 to 65535 but 67 and 68",
            None,
        ),
        (
            check(PEER, 7, 65_508),
            "payload of 65508 bytes, at most 65507",
            None,
        ),
        (
            Gate::new(Quota::default())
                .check(secs(0), (PEER, 7), 0)
                .unwrap_err(),
            "the interface is not connected to a private network",
            Some(1),
        ),
        (
            check("192.168.2.9", 7, 0),
            "destination: outside the subnet of the interface, allowed are its addresses and \
             255.255.255.255",
            Some(1),
        ),
        (
            no_token,
            "rate limit reached, allowed again at 1000000 µs",
            Some(4),
        ),
    ]
}

// spec: UDP-3, UDP-4, UDP-5, UDP-6, UDP-7, UDP-8, RATE-3
#[test]
fn each_refusal_says_what_is_allowed_and_never_speaks_of_sockets() {
    let mut kinds = HashSet::new();
    for (error, text, code) in refusals() {
        assert_eq!(error.to_string(), text);
        assert!(!text.contains("socket"));
        assert_eq!(error.code(), code, "{text}");
        kinds.insert(core::mem::discriminant(&error));
    }
    assert_eq!(kinds.len(), refusals().len(), "one refusal of each kind");
}

// spec: UDP-7, UDP-8
#[test]
fn a_socket_refuses_for_the_same_reason_with_the_same_code() {
    let mut kinds = HashSet::new();
    for (error, _, code) in refusals() {
        let of_socket = SendError::from(error);
        assert_eq!(of_socket.code(), code, "{of_socket}");
        assert_eq!(
            of_socket.to_string().ends_with("; the socket is closed"),
            of_socket.closes_socket()
        );
        // Those that a gate and a socket word alike, and the two that mention the closed socket.
        match error {
            GateError::NotConnected => assert_eq!(of_socket, SendError::NotConnected),
            GateError::OutsideSubnet => assert_eq!(of_socket, SendError::OutsideSubnet),
            _ => assert_eq!(
                of_socket
                    .to_string()
                    .trim_end_matches("; the socket is closed"),
                error.to_string()
            ),
        }
        kinds.insert(core::mem::discriminant(&of_socket));
    }
    assert_eq!(kinds.len(), refusals().len());
    assert!(!kinds.contains(&core::mem::discriminant(&SendError::Closed)));
}

// spec: UDP-3, UDP-4, UDP-5, UDP-6, RATE-1
#[test]
fn each_check_is_tested_on_either_side_of_its_limit() {
    type Is = fn(&Result<SocketAddrV4, GateError>) -> bool;
    let sent: Is = |result| result.is_ok();
    let malformed: Is = |result| matches!(result, Err(GateError::Address(_)));
    let not_local: Is = |result| *result == Err(GateError::NotLocal);
    let outside: Is = |result| *result == Err(GateError::OutsideSubnet);
    for (to, expected) in [
        ("192.168.1.255", sent),
        ("192.168.1.256", malformed),
        ("192.168.0.255", outside),
        ("192.168.1.0", sent),
        ("192.168.2.0", outside),
        ("9.255.255.255", not_local),
        ("10.0.0.0", outside),
        ("10.255.255.255", outside),
        ("11.0.0.0", not_local),
        ("172.15.255.255", not_local),
        ("172.16.0.0", outside),
        ("172.31.255.255", outside),
        ("172.32.0.0", not_local),
        ("192.167.255.255", not_local),
        ("192.168.0.0", outside),
        ("192.168.255.255", outside),
        ("192.169.0.0", not_local),
        ("255.255.255.254", not_local),
        ("255.255.255.255", sent),
    ] {
        let result = gate(1).check(secs(0), (to, 7), 0);
        assert!(expected(&result), "{to}: {result:?}");
    }
    for (port, allowed) in [
        (0, false),
        (1, true),
        (66, true),
        (67, false),
        (68, false),
        (69, true),
        (u16::MAX, true),
    ] {
        let result = gate(1).check(secs(0), (PEER, port), 0);
        let expected = if allowed {
            Ok(SocketAddrV4::new(ip(PEER), port))
        } else {
            Err(GateError::Port(port))
        };
        assert_eq!(result, expected);
    }
    for (length, allowed) in [
        (0, true),
        (65_507, true),
        (65_508, false),
        (usize::MAX, false),
    ] {
        let result = gate(1).check(secs(0), (PEER, 7), length);
        let expected = if allowed {
            Ok(SocketAddrV4::new(ip(PEER), 7))
        } else {
            Err(GateError::TooLong(length))
        };
        assert_eq!(result, expected);
    }
    // One token a second, all taken at the start.
    let mut gate = gate(1);
    assert!(gate.check(secs(0), (PEER, 7), 0).is_ok());
    let refused = gate.check(Instant::from_micros(999_999), (PEER, 7), 0);
    assert!(
        matches!(refused, Err(GateError::WouldBlock(refusal)) if refusal.retry_at() == secs(1))
    );
    assert!(gate.check(secs(1), (PEER, 7), 0).is_ok());
}

fn received(gate: &mut Gate, source: &str, destination: &str) -> Result<(), DropReason> {
    gate.check_received(SocketAddrV4::new(ip(source), 7), ip(destination))
}

// spec: UDP-9
#[test]
fn what_was_received_is_counted_by_the_first_broken_rule() {
    let mut gate = gate(1);
    let mut expected = Drops::default();
    for broken in 0..1_u8 << 3 {
        let [disconnected, destination, source] =
            core::array::from_fn(|rule| broken & 1 << rule != 0);
        gate.set_own((!disconnected).then(|| Prefix::new(ip(OWN), 24).unwrap()));
        let source = if source { "192.168.2.9" } else { PEER };
        let to = if destination { "192.168.1.51" } else { OWN };
        let result = received(&mut gate, source, to);
        match broken.trailing_zeros() {
            0 => {
                assert_eq!(result, Err(DropReason::NotConnected));
                expected.not_connected += 1;
            }
            1 => {
                assert_eq!(result, Err(DropReason::Destination));
                expected.destination += 1;
            }
            2 => {
                assert_eq!(result, Err(DropReason::Source));
                expected.source += 1;
            }
            _ => assert_eq!(result, Ok(())),
        }
        assert_eq!(gate.drops(), expected, "{broken:03b}");
    }
    assert_eq!(gate.drops().total(), 7);
    assert_eq!(
        gate.available(secs(0)),
        1,
        "what is received takes no token"
    );
}

// spec: UDP-9
#[test]
fn source_and_destination_are_tested_on_either_side_of_their_limits() {
    // 192.168.1.64 to 192.168.1.127.
    let mut gate = Gate::new(Quota::default());
    gate.set_own(Some("192.168.1.100/26".parse().unwrap()));
    let own = "192.168.1.100";
    for (source, allowed) in [
        ("192.168.1.63", false),
        ("192.168.1.64", false),
        ("192.168.1.65", true),
        ("192.168.1.99", true),
        (own, false),
        ("192.168.1.101", true),
        ("192.168.1.126", true),
        ("192.168.1.127", false),
        ("192.168.1.128", false),
        ("0.0.0.0", false),
        ("127.0.0.1", false),
        ("255.255.255.255", false),
    ] {
        let expected = if allowed {
            Ok(())
        } else {
            Err(DropReason::Source)
        };
        assert_eq!(received(&mut gate, source, own), expected, "{source}");
    }
    for (destination, allowed) in [
        ("192.168.1.64", false),
        ("192.168.1.99", false),
        (own, true),
        ("192.168.1.101", false),
        ("192.168.1.126", false),
        ("192.168.1.127", true),
        ("192.168.1.128", false),
        ("192.168.1.255", false),
        ("224.0.0.1", false),
        ("255.255.255.254", false),
        ("255.255.255.255", true),
        ("0.0.0.0", false),
    ] {
        let expected = if allowed {
            Ok(())
        } else {
            Err(DropReason::Destination)
        };
        let result = received(&mut gate, "192.168.1.65", destination);
        assert_eq!(result, expected, "{destination}");
    }
}

// spec: UDP-9
#[test]
fn every_source_port_is_received_and_a_new_address_keeps_the_counters() {
    let mut gate = gate(1);
    for port in [0, 1, 67, 68, 5000, u16::MAX] {
        let source = SocketAddrV4::new(ip(PEER), port);
        assert_eq!(gate.check_received(source, ip(OWN)), Ok(()));
    }
    assert_eq!(gate.drops(), Drops::default());
    assert!(received(&mut gate, OWN, OWN).is_err());
    gate.set_own(None);
    gate.set_own(Some(Prefix::new(ip("10.0.0.77"), 25).unwrap()));
    assert_eq!(gate.drops().source, 1);
}

// spec: UDP-5, UDP-9
#[test]
fn a_new_address_changes_the_subnet_and_keeps_the_tokens() {
    let mut gate = gate(2);
    assert!(gate.check(secs(0), (PEER, 7), 0).is_ok());
    gate.set_own(Some(Prefix::new(ip("10.0.0.77"), 25).unwrap()));
    assert_eq!(
        gate.check(secs(0), (PEER, 7), 0),
        Err(GateError::OutsideSubnet)
    );
    assert_eq!(gate.available(secs(0)), 1);
    let filter = gate.filter().unwrap();
    assert!(filter.admits_source(ip("10.0.0.78")) && !filter.admits_source(ip(PEER)));
    assert_eq!(
        filter.check(ip("10.0.0.127")),
        Ok(Destination::SubnetBroadcast)
    );
    assert!(gate.check(secs(0), (ip("10.0.0.127"), 7), 0).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    // spec: UDP-3, UDP-4, UDP-5, UDP-6, UDP-7, RATE-1, RATE-3
    #[test]
    fn the_gate_alone_decides_as_the_manager_does(
        sends in prop::collection::vec(
            (
                prop::sample::select(vec![
                    PEER, PEER, PEER, OWN, BROADCAST, "255.255.255.255", "192.168.2.9",
                    "10.0.0.1", "8.8.8.8", "192.168.1.09", "", "255.255.255.254",
                ]),
                any::<bool>(),
                prop::sample::select(vec![7, 7, 7, 7, 0, 1, 66, 67, 68, 69, u16::MAX]),
                prop::sample::select(vec![0, 3, 3, 65_507, 65_508]),
                0..700_000_u64,
                prop::sample::select(vec![false, false, false, false, true]),
            ),
            1..60,
        ),
    ) {
        static LONG: [u8; 65_508] = [0; 65_508];
        let (mut rig, handle) = connected_with_burst(3);
        let mut gate = gate(3);
        for (to, as_text, port, length, pass, lose) in sends {
            rig.go(rig.now.saturating_add(lankeeper::Duration::from_micros(pass)));
            let target = match to.parse() {
                Ok(address) if !as_text => Target::Address(SocketAddrV4::new(address, port)),
                _ => Target::Text(to, port),
            };
            if lose {
                rig.report(Report::CarrierDown);
                gate.set_own(None);
            }
            let socket = open(&mut rig, handle, None);
            let sent = rig.manager.udp_send(rig.now, socket, target, &LONG[..length]);
            let checked = gate.check(rig.now, target, length).map_err(SendError::from);
            prop_assert_eq!(sent.map(|datagram| datagram.destination), checked);
            let closed = rig.manager.udp_port(socket).is_err();
            prop_assert_eq!(closed, checked.is_err_and(|error| error.closes_socket()));
            rig.manager.udp_close(rig.now, socket);
            prop_assert_eq!(tokens(&rig), gate.available(rig.now));
            if lose {
                // A request makes the next try at once.
                rig.manager.retry(rig.now, handle).unwrap();
                rig.come_up();
                gate.set_own(Some(Prefix::new(ip(OWN), 24).unwrap()));
            }
        }
    }
}

/// UDP-9, word by word, without what concerns sockets.
fn received_by_the_rules(
    own: Option<Ipv4Net>,
    source: Ipv4Addr,
    destination: Ipv4Addr,
) -> Result<(), DropReason> {
    let own = own.filter(|own| own.addr().is_private());
    let own = own.ok_or(DropReason::NotConnected)?;
    // Every address of a /31 or /32 is a host (RFC 3021).
    let is_edge =
        |address| own.prefix_len() < 31 && (address == own.network() || address == own.broadcast());
    let is_broadcast = destination == own.broadcast() && is_edge(destination);
    if ![own.addr(), Ipv4Addr::BROADCAST].contains(&destination) && !is_broadcast {
        return Err(DropReason::Destination);
    }
    let is_edge = is_edge(source);
    if !source.is_private() || !own.contains(&source) || is_edge || source == own.addr() {
        return Err(DropReason::Source);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    // spec: UDP-9
    #[test]
    fn what_is_received_is_checked_by_the_rule(
        own in 0..4_usize,
        host in any::<u32>(),
        length in 0..=32_u8,
        connected in prop::sample::select(vec![true, true, true, false]),
        near in prop::collection::vec((any::<u32>(), 0..=32_u32, any::<u32>(), 0..=32_u32), 1..20),
    ) {
        // The last one has public addresses on either side of private ones.
        let ranges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "192.160.0.0/12"];
        let range: Ipv4Net = ranges[own].parse().unwrap();
        let own = u32::from(range.network()) | (host & u32::from(range.hostmask()));
        let net = Ipv4Net::new(own.into(), length).unwrap();
        let mut gate = gate(1);
        gate.set_own(connected.then(|| Prefix::new(net.addr(), length).unwrap()));
        let mut expected = Drops::default();
        for (source, shared, destination, as_many) in near {
            // Addresses with the first bits of the own one, so that both sides of each edge are met.
            let source = Ipv4Addr::from(own ^ source.checked_shr(shared).unwrap_or(0));
            let destination = match as_many {
                0..=9 => net.broadcast(),
                10..=19 => Ipv4Addr::BROADCAST,
                20..=29 => net.addr(),
                _ => Ipv4Addr::from(own ^ destination.checked_shr(as_many).unwrap_or(0)),
            };
            let rule = received_by_the_rules(connected.then_some(net), source, destination);
            let result = gate.check_received(SocketAddrV4::new(source, 7), destination);
            prop_assert_eq!(result, rule, "{} from {} to {}", net, source, destination);
            match rule {
                Err(DropReason::NotConnected) => expected.not_connected += 1,
                Err(DropReason::Destination) => expected.destination += 1,
                Err(DropReason::Source) => expected.source += 1,
                _ => {}
            }
            prop_assert_eq!(gate.drops(), expected);
        }
    }
}
