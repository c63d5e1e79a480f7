//! Which sockets share tokens (RATE-4).

use lankeeper::udp::{LimitScope, WouldBlock};

use super::*;
use crate::support::secs;

/// A connected device whose sockets have `burst` tokens each, refilled by one a second.
fn limited_by_socket(burst: u32) -> (Rig, Handle) {
    let mut config = Config::new(0, [InterfaceConfig::new(ETH0)]);
    config.quota = Quota::new(1, burst).unwrap();
    config.limit_scope = LimitScope::Socket;
    let mut rig = Rig::with_config(&config);
    let handle = rig.open();
    rig.come_up();
    (rig, handle)
}

fn left(rig: &Rig, socket: SocketId) -> Result<u32, ClosedError> {
    rig.manager.udp_socket_tokens(rig.now, socket)
}

fn refusal(result: Result<Datagram<'_>, SendError>) -> WouldBlock {
    match result {
        Err(SendError::WouldBlock(refusal)) => refusal,
        other => panic!("not refused by the rate limit: {other:?}"),
    }
}

// spec: RATE-4
#[test]
fn by_default_all_sockets_of_the_device_share_one_bucket() {
    assert_eq!(
        Config::new(0, [InterfaceConfig::new(ETH0)]).limit_scope,
        LimitScope::Device
    );
    let (mut rig, handle) = connected_with_burst(3);
    let sockets = [open(&mut rig, handle, None), open(&mut rig, handle, None)];
    for (sent, socket) in [0, 1, 0]
        .map(|index| sockets[index])
        .into_iter()
        .enumerate()
    {
        let expected = 3 - u32::try_from(sent).unwrap();
        for socket in sockets {
            assert_eq!(left(&rig, socket), Ok(expected));
        }
        assert_eq!(tokens(&rig), expected);
        assert!(send(&mut rig, socket, PEER).is_ok());
    }
    for socket in sockets {
        assert_eq!(refusal(send(&mut rig, socket, PEER)).retry_at(), secs(1));
    }
    // A new socket does not bring new tokens.
    rig.manager.udp_close(rig.now, sockets[0]);
    let again = open(&mut rig, handle, None);
    assert_eq!(left(&rig, again), Ok(0));
    let _ = refusal(send(&mut rig, again, PEER));
}

// spec: RATE-4, UDP-7
#[test]
fn each_socket_can_have_its_own_bucket() {
    let (mut rig, handle) = limited_by_socket(2);
    let [busy, idle] = [5000, 5001].map(|port| open(&mut rig, handle, port));
    for sent in 0..2 {
        assert_eq!(left(&rig, busy), Ok(2 - sent));
        assert!(send(&mut rig, busy, PEER).is_ok());
    }
    assert_eq!(refusal(send(&mut rig, busy, PEER)).retry_at(), secs(1));
    assert_eq!((left(&rig, busy), left(&rig, idle)), (Ok(0), Ok(2)));
    assert_eq!(tokens(&rig), 2, "the bucket of the device is not used");
    assert!(send(&mut rig, idle, PEER).is_ok());

    // Each bucket refills on its own, and a refused send costs no token.
    rig.go(secs(1));
    assert_eq!((left(&rig, busy), left(&rig, idle)), (Ok(1), Ok(2)));
    assert_eq!(
        send(&mut rig, busy, "192.168.2.9"),
        Err(SendError::OutsideSubnet)
    );
    assert!(send(&mut rig, busy, PEER).is_ok());
    assert_eq!(refusal(send(&mut rig, busy, PEER)).retry_at(), secs(2));
    // An earlier instant counts as the latest one.
    rig.now = secs(0);
    assert_eq!((left(&rig, busy), left(&rig, idle)), (Ok(0), Ok(2)));
}

// spec: RATE-4, UDP-11
#[test]
fn a_transient_loss_keeps_the_tokens_of_each_socket() {
    let (mut rig, handle) = limited_by_socket(2);
    let socket = open(&mut rig, handle, None);
    assert!(send(&mut rig, socket, PEER).is_ok());
    rig.report(lankeeper::Report::CarrierDown);
    assert_eq!(send(&mut rig, socket, PEER), Err(SendError::NotConnected));
    assert_eq!(left(&rig, socket), Ok(1));
    rig.report(lankeeper::Report::CarrierUp);
    rig.come_up();
    assert_eq!(left(&rig, socket), Ok(1));
}

/// Sends until it is refused, and returns how often that succeeded.
fn drain(rig: &mut Rig, socket: SocketId) -> u32 {
    let mut sent = 0;
    while send(rig, socket, PEER).is_ok() {
        sent += 1;
    }
    sent
}

// spec: UDP-14, RATE-4
#[test]
fn closing_and_opening_refills_nothing_however_a_socket_is_closed() {
    type Close = fn(&mut Rig, Handle, SocketId) -> Handle;
    let ways: [(&str, Close); 6] = [
        ("by request", |rig, handle, socket| {
            rig.manager.udp_close(rig.now, socket);
            handle
        }),
        ("by a forbidden destination", |rig, handle, socket| {
            assert_eq!(send(rig, socket, "8.8.8.8"), Err(SendError::NotLocal));
            handle
        }),
        ("because its port could not be bound", |rig, handle, _| {
            let binding = rig.binding(5000);
            rig.manager.handle_event(rig.now, binding.failed(98));
            handle
        }),
        ("with its interface", |rig, handle, _| {
            rig.manager.close(rig.now, handle);
            let handle = rig.open();
            rig.come_up();
            handle
        }),
        ("disabled", |rig, _, _| {
            rig.manager.set_enabled(rig.now, ETH0, false).unwrap();
            rig.manager.set_enabled(rig.now, ETH0, true).unwrap();
            let handle = rig.open();
            rig.come_up();
            handle
        }),
        ("on another clock", |rig, handle, socket| {
            rig.manager.udp_close(rig.now, socket);
            rig.now = secs(5_000);
            rig.manager.rebase(rig.now);
            handle
        }),
    ];
    for (way, close) in ways {
        for reopened in [Some(5000), Some(5001), None] {
            let (mut rig, handle) = limited_by_socket(3);
            let socket = open(&mut rig, handle, 5000);
            assert_eq!(drain(&mut rig, socket), 3);
            let handle = close(&mut rig, handle, socket);
            assert!(port(&rig, socket).is_err(), "{way}");
            let again = open(&mut rig, handle, reopened);
            assert_eq!(left(&rig, again), Ok(0), "{way}");
            let refused = refusal(send(&mut rig, again, PEER));
            let retry = rig.now.saturating_add(lankeeper::Duration::from_secs(1));
            assert_eq!(refused.retry_at(), retry, "{way}");
            rig.go(retry);
            assert_eq!(drain(&mut rig, again), 1, "{way}");
        }
    }
}

// spec: UDP-14, RATE-1, RATE-4
#[test]
fn a_socket_goes_on_with_what_its_place_has_left() {
    let (mut rig, handle) = limited_by_socket(4);
    let first = open(&mut rig, handle, None);
    for _ in 0..3 {
        assert!(send(&mut rig, first, PEER).is_ok());
    }
    rig.manager.udp_close(rig.now, first);
    // While nobody is there it is refilled as ever.
    rig.go(secs(2));
    let second = open(&mut rig, handle, 5000);
    assert_eq!(left(&rig, second), Ok(3));
    // A place that nobody had before is full.
    let third = open(&mut rig, handle, 5001);
    assert_eq!(left(&rig, third), Ok(4));
    rig.go(secs(1_000));
    assert_eq!((left(&rig, second), left(&rig, third)), (Ok(4), Ok(4)));
}

// spec: UDP-14, RATE-2
#[test]
fn sockets_opened_in_turn_send_no_more_than_as_many_that_stay_open() {
    const BURST: u32 = 5;
    for at_once in 1..=4_u32 {
        let (mut rig, handle) = limited_by_socket(BURST);
        let mut open_now = std::collections::VecDeque::new();
        let (mut sent, mut seconds) = (0, 0_u32);
        for round in 0..400_u32 {
            // The oldest goes when there are as many as allowed; every other round the newest.
            if open_now.len() == at_once as usize {
                let gone = if round % 2 == 0 {
                    open_now.pop_front()
                } else {
                    open_now.pop_back()
                };
                rig.manager.udp_close(rig.now, gone.unwrap());
            }
            open_now.push_back(open(&mut rig, handle, None));
            for socket in open_now.clone() {
                sent += drain(&mut rig, socket);
            }
            assert!(sent <= at_once * (BURST + seconds), "{sent} in {seconds} s");
            if round % 7 == 6 {
                seconds += 1;
                rig.go(secs(seconds.into()));
            }
        }
        // All of it can be used.
        assert!(sent >= at_once * BURST + at_once * (seconds - 1), "{sent}");
    }
}
