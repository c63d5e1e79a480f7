//! When sockets can be opened, and what closes them.

use lankeeper::udp::OpenSocketError;
use lankeeper::{Report, SendError, State};

use super::*;
use crate::support::{lease, secs};

// spec: UDP-1
#[test]
fn sockets_open_on_an_interface_that_is_coming_up_or_up() {
    let mut rig = Rig::new();
    let handle = rig.open();
    let coming_up = [
        (State::Starting, Report::Ready),
        (State::EthernetLinkUp, Report::CarrierUp),
        (State::EthernetDhcping, Report::Lease(lease())),
    ];
    for (state, report) in coming_up {
        assert_eq!(rig.state(), state);
        open(&mut rig, handle, None);
        rig.report(report);
    }
    assert_eq!(rig.state(), State::Connected);
    open(&mut rig, handle, None);
}

// spec: UDP-1
#[test]
fn sockets_open_in_the_back_off_of_a_held_interface_too() {
    for (report, state) in [
        (Report::LeaseRefused { code: 1 }, State::EthernetStopped),
        (Report::CarrierDown, State::EthernetStoppedNoLink),
        (Report::Fault { code: 1 }, State::EthernetStoppedUnhappy),
    ] {
        let mut rig = Rig::new();
        let handle = rig.open();
        rig.report(Report::Ready);
        rig.report(Report::CarrierUp);
        rig.report(report);
        assert_eq!(rig.state(), state);
        let below = rig.manager.udp_open(rig.now, handle, 80);
        assert_eq!(below, Err(OpenSocketError::Port(80)), "{state}");
        let sockets = [open(&mut rig, handle, None), open(&mut rig, handle, 5000)];
        assert_eq!(rig.state(), state, "nothing is tried for a socket");
        for socket in sockets {
            let error = send(&mut rig, socket, PEER).unwrap_err();
            assert_eq!((error, error.code()), (SendError::NotConnected, Some(1)));
        }
        assert_eq!(rig.binding(5000).socket(), sockets[1], "bound at once");
        // Nothing is to be opened again once the interface has recovered.
        rig.manager.retry(rig.now, handle).unwrap();
        rig.come_up();
        assert_eq!(rig.state(), State::Connected);
        assert!(send(&mut rig, sockets[0], PEER).is_ok());
        let received = receive(&mut rig, (PEER, 7), (OWN, 5000));
        assert_eq!(received, Ok(sockets[1]));
    }
}

// spec: UDP-1
#[test]
fn sockets_do_not_open_on_a_cellular_interface() {
    let mut rig = Rig::up_to(lankeeper::InterfaceId::CELLULAR, State::Connected);
    let handle = rig.open();
    let opened = rig.manager.udp_open(rig.now, handle, None);
    let medium = lankeeper::Medium::Cellular;
    assert_eq!(opened, Err(OpenSocketError::Medium(medium)));
}

// spec: UDP-1, OPEN-6
#[test]
fn sockets_do_not_open_through_a_stale_handle() {
    let (mut rig, handle) = Rig::connected();
    let other = rig.open();
    rig.manager.close(rig.now, handle);
    assert_eq!(rig.state(), State::Connected);
    let opened = rig.manager.udp_open(rig.now, handle, None);
    assert_eq!(opened, Err(OpenSocketError::StaleHandle));
    open(&mut rig, other, None);
}

// spec: UDP-1, TIME-3
#[test]
fn a_deadline_due_at_the_request_fires_first() {
    let mut rig = Rig::new();
    let handle = rig.open();
    // The power-up times out after ten seconds.
    rig.now = secs(10);
    let socket = open(&mut rig, handle, None);
    assert_eq!(rig.state(), State::EthernetStoppedUnhappy);
    assert_eq!(
        port(&rig, socket),
        Ok(None),
        "the socket is open all the same"
    );
}

// spec: UDP-11
#[test]
fn a_transient_loss_keeps_sockets_and_their_ports() {
    let losses = [
        Report::CarrierDown,
        Report::LeaseLost,
        Report::Fault { code: 1 },
        Report::LeaseRefused { code: 1 },
    ];
    for loss in losses {
        let (mut rig, handle) = Rig::connected();
        let (first, second) = (open(&mut rig, handle, 5000), open(&mut rig, handle, None));
        let _ = send(&mut rig, second, PEER).unwrap();
        rig.commands();
        rig.report(loss);
        assert_ne!(rig.state(), State::Connected);
        for socket in [first, second] {
            assert_eq!(
                send(&mut rig, socket, PEER),
                Err(SendError::NotConnected),
                "{loss:?}"
            );
        }
        let lost = receive(&mut rig, (PEER, 7), (OWN, 5000));
        assert_eq!(lost, Err(DropReason::NotConnected));

        rig.manager.retry(rig.now, handle).unwrap();
        rig.come_up();
        assert_eq!(rig.state(), State::Connected);
        assert_eq!(port(&rig, first), Ok(Some(5000)));
        assert_eq!(send(&mut rig, second, PEER).unwrap().source.port(), 49_152);
        assert_eq!(receive(&mut rig, (PEER, 7), (OWN, 5000)), Ok(first));
        let seen = commands(&mut rig);
        assert!(
            !seen.iter().any(|command| command.contains("bind")),
            "{seen:?}"
        );
        assert!(closed(&mut rig).is_empty());
    }
}

// spec: UDP-11
#[test]
fn powering_the_interface_down_closes_and_reports_its_sockets() {
    let power_downs: [fn(&mut Rig, Handle); 2] = [
        |rig, handle| rig.manager.close(rig.now, handle),
        |rig, _| rig.manager.set_enabled(rig.now, ETH0, false).unwrap(),
    ];
    for (power_down, lost) in power_downs
        .into_iter()
        .flat_map(|f| [(f, false), (f, true)])
    {
        let (mut rig, handle) = Rig::connected();
        let sockets = [open(&mut rig, handle, 5000), open(&mut rig, handle, None)];
        rig.commands();
        if lost {
            rig.report(Report::CarrierDown);
            rig.commands();
        }
        power_down(&mut rig, handle);
        assert_eq!(closed(&mut rig), sockets);
        for socket in sockets {
            assert!(port(&rig, socket).is_err());
            assert_eq!(send(&mut rig, socket, PEER), Err(SendError::Closed));
            assert!(
                rig.manager
                    .udp_set_receiving(rig.now, socket, true)
                    .is_err()
            );
            rig.manager.udp_close(rig.now, socket);
        }
        assert_eq!(
            commands(&mut rig),
            ["eth0 unbind 5000", "eth0 stop", "eth0 power down"]
        );
        assert!(closed(&mut rig).is_empty(), "each is reported once");
        // Their capacity and ports are free again.
        rig.manager.set_enabled(rig.now, ETH0, true).unwrap();
        let handle = rig.open();
        let again: Vec<_> = (5000..5004)
            .map(|port| open(&mut rig, handle, port))
            .collect();
        assert!(sockets.iter().all(|socket| !again.contains(socket)));
    }
}

// spec: UDP-11, OPEN-4
#[test]
fn sockets_stay_until_the_last_handle_is_closed() {
    let (mut rig, first) = Rig::connected();
    let second = rig.open();
    let socket = open(&mut rig, first, 5000);
    rig.manager.close(rig.now, first);
    assert!(send(&mut rig, socket, PEER).is_ok());
    assert!(closed(&mut rig).is_empty());
    rig.manager.close(rig.now, second);
    assert_eq!(closed(&mut rig), [socket]);
    assert_eq!(send(&mut rig, socket, PEER), Err(SendError::Closed));
}

// spec: UDP-11
#[test]
fn a_socket_closed_by_request_is_not_reported() {
    let (mut rig, handle) = Rig::connected();
    let [mine, misused, left] = [5000, 5001, 5002].map(|port| open(&mut rig, handle, port));
    rig.manager.udp_close(rig.now, mine);
    rig.manager.udp_close(rig.now, mine);
    assert_eq!(send(&mut rig, misused, "8.8.8.8"), Err(SendError::NotLocal));
    assert!(rig.notices().is_empty());
    rig.manager.close(rig.now, handle);
    assert_eq!(closed(&mut rig), [left]);
}

// spec: UDP-11
#[test]
fn a_closed_socket_never_refers_to_a_newer_one() {
    let (mut rig, handle) = Rig::connected();
    let mut old = Vec::new();
    for round in 0..300_u16 {
        let socket = open(&mut rig, handle, 5000 + round);
        assert!(!old.contains(&socket));
        for closed in old.iter().rev().take(3) {
            assert_eq!(send(&mut rig, *closed, PEER), Err(SendError::Closed));
            // A forbidden destination on a closed socket must not close the new one.
            assert_eq!(send(&mut rig, *closed, "8.8.8.8"), Err(SendError::Closed));
            assert!(port(&rig, *closed).is_err());
            assert!(
                rig.manager
                    .udp_set_receiving(rig.now, *closed, false)
                    .is_err()
            );
            rig.manager.udp_close(rig.now, *closed);
        }
        assert_eq!(port(&rig, socket), Ok(Some(5000 + round)));
        let received = receive(&mut rig, (PEER, 7), (OWN, 5000 + round));
        assert_eq!(
            received,
            Ok(socket),
            "a closed socket must not turn reception off"
        );
        rig.manager.udp_close(rig.now, socket);
        old.push(socket);
    }
    assert_eq!(tokens(&rig), 100);
}
