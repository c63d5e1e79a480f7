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

// spec: RATE-1, RATE-4
#[test]
fn the_bucket_of_a_new_socket_is_full() {
    let (mut rig, handle) = limited_by_socket(1);
    let first = open(&mut rig, handle, None);
    assert!(send(&mut rig, first, PEER).is_ok());
    assert!(send(&mut rig, first, PEER).is_err());
    rig.manager.udp_close(rig.now, first);
    assert!(left(&rig, first).is_err());
    // The new socket reuses the slot of the closed one.
    let second = open(&mut rig, handle, None);
    assert_eq!(left(&rig, second), Ok(1));
    assert!(send(&mut rig, second, PEER).is_ok());
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
