//! The gate without a manager, for firmware with its own sockets and network stack.

use lankeeper::{Destination, Gate, Prefix, Report, Target};
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
            assert!(gate.check(secs(0), PEER, 7, 0).is_ok());
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
        let result = gate.check(secs(0), to, port, if size { 65_508 } else { 65_507 });

        match broken.trailing_zeros() {
            0 => assert!(matches!(result, Err(SendError::Address(_)))),
            1 => assert_eq!(result, Err(SendError::Port(68))),
            2 => assert_eq!(result, Err(SendError::TooLong(65_508))),
            3 => assert_eq!(result, Err(SendError::NotConnected)),
            4 => assert_eq!(result, Err(SendError::OutsideSubnet)),
            5 => assert!(
                matches!(result, Err(SendError::WouldBlock(refusal)) if refusal.retry_at() == secs(1))
            ),
            _ => assert_eq!(result, Ok(ip(PEER))),
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
        let error = gate.check(secs(0), to, 7, 0).unwrap_err();
        assert!(error.closes_socket(), "{to}: {error}");
    }
    assert!(gate.check(secs(0), PEER, 7, 0).is_ok());
    for (to, port, length) in [
        (PEER, 0, 0),
        (PEER, 7, 65_508),
        ("10.0.0.1", 7, 0),
        (PEER, 7, 0),
    ] {
        let error = gate.check(secs(0), to, port, length).unwrap_err();
        assert!(!error.closes_socket(), "{to}: {error}");
    }
    assert!(!SendError::NotConnected.closes_socket());
    assert!(!SendError::Closed.closes_socket());
}

// spec: UDP-5, UDP-9
#[test]
fn a_new_address_changes_the_subnet_and_keeps_the_tokens() {
    let mut gate = gate(2);
    assert!(gate.check(secs(0), PEER, 7, 0).is_ok());
    gate.set_own(Some(Prefix::new(ip("10.0.0.77"), 25).unwrap()));
    assert_eq!(
        gate.check(secs(0), PEER, 7, 0),
        Err(SendError::OutsideSubnet)
    );
    assert_eq!(gate.available(secs(0)), 1);
    let filter = gate.filter().unwrap();
    assert!(filter.admits_source(ip("10.0.0.78")) && !filter.admits_source(ip(PEER)));
    assert_eq!(
        filter.check(ip("10.0.0.127")),
        Ok(Destination::SubnetBroadcast)
    );
    assert!(gate.check(secs(0), ip("10.0.0.127"), 7, 0).is_ok());
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
                Ok(address) if !as_text => Target::Address(address),
                _ => Target::Text(to),
            };
            if lose {
                rig.report(Report::CarrierDown);
                gate.set_own(None);
            }
            let socket = retry_and_open(&mut rig, handle);
            let sent = rig.manager.udp_send(rig.now, socket, target, port, &LONG[..length]);
            let checked = gate.check(rig.now, target, port, length);
            prop_assert_eq!(sent.map(|datagram| *datagram.destination.ip()), checked);
            let closed = rig.manager.udp_port(socket).is_err();
            prop_assert_eq!(closed, checked.is_err_and(|error| error.closes_socket()));
            rig.manager.udp_close(rig.now, socket);
            prop_assert_eq!(tokens(&rig), gate.available(rig.now));
            if lose {
                rig.report(Report::CarrierUp);
                rig.come_up();
                gate.set_own(Some(Prefix::new(ip(OWN), 24).unwrap()));
            }
        }
    }
}

/// Opens a socket on an interface that may be stopped.
fn retry_and_open(rig: &mut Rig, handle: Handle) -> SocketId {
    rig.manager.retry(rig.now, handle).unwrap();
    open(rig, handle, None)
}
