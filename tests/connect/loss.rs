//! Lost connections under the two policies that return.

use crate::support::bound::turns;
use lankeeper::{
    ConnectOutcome, Duration, Notice, Policy, Report, ServerReport, ServerState, Span, State,
};

use super::device::{CELL0, Device, ETH0, WL0, config, just_before, named, seconds, wifi};

fn lost(device: &mut Device) -> Vec<(String, ConnectOutcome)> {
    let lost = |notice| match notice {
        Notice::ServerLost {
            interface, outcome, ..
        } => Some((interface.to_string(), outcome)),
        Notice::ConnectEnded { .. } | Notice::Suspended { .. } => {
            panic!("unexpected notice: {notice:?}")
        }
        _ => None,
    };
    device.notices().into_iter().filter_map(lost).collect()
}

// spec: CON-12
#[test]
fn a_loss_is_retried_silently_for_a_minute_then_reported_once() {
    for policy in [Policy::ReturnOnError, Policy::ReturnOnErrorNoDisconnect] {
        let mut device = Device::connected(&named("eth0"));
        device.manager.set_policy(device.now, policy);
        let end = device.now.saturating_add(seconds(60));
        device.server(ServerReport::Lost { code: 1 });
        assert_eq!(device.server_state(), ServerState::Waiting);
        let mut attempts = 0;
        // No attempt finds the server, until the minute is over.
        for () in turns() {
            device.commands();
            device.notices();
            let next = device.manager.poll_at().unwrap().at;
            if next >= end {
                break;
            }
            device.go(next);
            assert_eq!(device.commands(), ["eth0 resolve"]);
            attempts += 1;
            device.come_up_to(ServerState::Connecting);
            device.server(ServerReport::Unreachable { code: 1 });
            assert_eq!(lost(&mut device), []);
        }
        assert!(
            (6..=33).contains(&attempts),
            "delays of 1 s, 2 s, 4 s, 8 s, 15 s …, each at most seven eighths shorter: {attempts}"
        );
        device.go(just_before(end));
        assert_eq!(lost(&mut device), []);
        device.go(end);
        assert_eq!(
            lost(&mut device),
            [("eth0".to_owned(), ConnectOutcome::NoServer)]
        );
        assert_eq!(device.server_state(), ServerState::Disconnected);
        assert_eq!(
            device.state(ETH0),
            State::EthernetStopped,
            "the interface has no holder"
        );
        device.forget_outputs();
        device.pass(seconds(24 * 3600));
        assert_eq!(
            (device.commands(), device.notices()),
            (vec![], vec![]),
            "nothing is retried without a request"
        );
    }
}

// spec: CON-12
#[test]
fn a_connection_back_before_the_minute_is_over_is_not_reported_as_lost() {
    for (back, reported) in [(59_999_999, false), (60_000_000, true)] {
        let mut device = Device::connected(&named("eth0"));
        let loss = device.now;
        device.server(ServerReport::Lost { code: 1 });
        device.go_on();
        device.come_up_to(ServerState::Connecting);
        device.forget_outputs();
        device.now = loss.saturating_add(Duration::from_micros(back));
        device.server(ServerReport::Connected);
        let state = if reported {
            ServerState::Disconnected
        } else {
            ServerState::Connected
        };
        assert_eq!(device.server_state(), state);
        assert_eq!(!lost(&mut device).is_empty(), reported);
    }
}

// spec: CON-12
#[test]
fn the_first_attempt_waits_so_that_a_fleet_does_not_storm_its_server() {
    let mut device = Device::connected(&named("eth0"));
    let loss = device.now;
    device.server(ServerReport::Lost { code: 1 });
    device.commands();
    device.notices();
    let first = device.manager.poll_at().unwrap().at;
    let wait = first.saturating_duration_since(loss).as_millis();
    assert!((125..=1000).contains(&wait), "{wait}");
    assert_eq!(
        device.state(ETH0),
        State::Connected,
        "the interface stays up meanwhile"
    );
}

// spec: CON-12
#[test]
fn delays_keep_growing_until_a_connection_has_held_for_a_minute() {
    let mut device = Device::connected(&named("eth0"));
    let mut waits = Vec::new();
    for held in [0, 0, 0, 59, 60] {
        device.pass(seconds(held));
        device.server(ServerReport::Lost { code: 1 });
        device.forget_outputs();
        let next = device.manager.poll_at().unwrap().at;
        waits.push(next.saturating_duration_since(device.now).as_millis());
        device.go(next);
        device.come_up();
    }
    let expected = [1, 2, 4, 8, 1];
    for (wait, secs) in waits.iter().zip(expected) {
        let longest = u64::try_from(secs * 1000_i32).unwrap();
        assert!((longest / 8..=longest).contains(wait), "{waits:?}");
    }
}

// spec: CON-12
#[test]
fn an_interface_that_recovers_brings_the_connection_back() {
    let mut device = Device::new();
    device.connect_with(&named("wifi"));
    device.come_up();
    // A stable one goes on at once.
    device.pass(seconds(300));
    device.forget_outputs();
    device.report(WL0, Report::LinkLost { code: 1 });
    assert_eq!(device.state(WL0), State::WifiScanning);
    assert_eq!(device.server_state(), ServerState::WaitingForInterface);
    assert_eq!(device.commands(), ["wl0 disconnect", "wl0 scan home"]);
    device.come_up();
    assert_eq!(lost(&mut device), []);
    // One that was not stable yet waits, and the connection with it.
    device.report(WL0, Report::LinkLost { code: 1 });
    assert_eq!(device.state(WL0), State::WifiStopped);
    assert_eq!(device.server_state(), ServerState::Waiting);
    device.recover(WL0);
    device.come_up();
    assert_eq!(lost(&mut device), []);
}

// spec: CON-12
#[test]
fn an_interface_that_stays_down_is_reported_with_its_own_code() {
    let mut device = Device::connected(&named("eth0"));
    let end = device.now.saturating_add(seconds(60));
    device.report(ETH0, Report::CarrierDown);
    while device.now < end {
        assert_eq!(lost(&mut device), []);
        if device.state(ETH0) == State::Starting {
            device.report(ETH0, Report::Ready);
            device.report(ETH0, Report::CarrierDown);
        }
        device.go_on();
    }
    assert_eq!(device.now, end);
    assert_eq!(
        lost(&mut device),
        [("eth0".to_owned(), ConnectOutcome::NoLink)]
    );
}

// spec: CON-12
#[test]
fn a_requested_disconnect_is_never_reported_as_a_loss() {
    for loses_first in [false, true] {
        let mut device = Device::connected(&named("eth0"));
        if loses_first {
            device.server(ServerReport::Lost { code: 1 });
        }
        device.manager.disconnect(device.now, None);
        device.pass(seconds(3600));
        assert_eq!(lost(&mut device), []);
        assert_eq!(device.server_state(), ServerState::Disconnected);
    }
}

// spec: CFG-2, CON-12
#[test]
fn a_loss_with_given_settings_is_reported_at_once_and_not_retried() {
    let mut device = Device::connected(&wifi("shed"));
    device.server(ServerReport::Lost { code: 1 });
    assert_eq!(
        lost(&mut device),
        [("wl0".to_owned(), ConnectOutcome::NoServer)]
    );
    assert_eq!(
        device.commands(),
        ["wl0 disconnect", "wl0 stop", "wl0 power down"]
    );
    assert_eq!(device.manager.poll_at(), None);

    for report in [
        Report::LinkLost { code: 1 },
        Report::WrongKey { code: 1 },
        Report::JoinRejected { code: 1 },
    ] {
        let mut device = Device::connected(&wifi("shed"));
        device.report(WL0, report);
        assert_eq!(
            lost(&mut device),
            [("wl0".to_owned(), ConnectOutcome::NoWifi)]
        );
        assert_eq!(device.state(WL0), State::WifiStopped);
    }
}

// spec: CON-12, CON-14
#[test]
fn a_connection_made_by_the_order_is_retried_over_the_whole_order() {
    let mut device = Device::new();
    device.connect();
    device.report(ETH0, Report::Fault { code: 1 });
    device.come_up();
    assert_eq!(device.manager.server_interface(), Some(WL0));
    // The back-off of eth0 is over.
    device.pass(seconds(60));
    device.forget_outputs();
    device.server(ServerReport::Lost { code: 1 });
    device.go_on();
    // First the interface that was connected, then the rest of the order, cyclically.
    let mut tried = Vec::new();
    for _ in 0..3 {
        device.come_up_to(ServerState::Resolving);
        let id = device.manager.server_interface().unwrap();
        tried.push(id.to_string());
        device.server(ServerReport::NotResolved { code: 1 });
    }
    assert_eq!(tried, ["wl0", "cell0", "eth0"]);
    assert_eq!(device.server_state(), ServerState::Waiting);
    device.go_on();
    assert_eq!(device.manager.server_interface(), Some(WL0));
}

// spec: TIME-3, CON-12
#[test]
fn a_jump_in_time_leaves_nothing_due() {
    let mut device = Device::connected(&named("eth0"));
    device.open("wl0");
    device.open("cell0");
    device.server(ServerReport::Lost { code: 1 });
    device.forget_outputs();
    // Due by then: the next attempt, two power-ups, the stable time, and the end of the minute.
    device.pass(seconds(600));
    assert_eq!(device.server_state(), ServerState::Disconnected);
    assert_eq!(lost(&mut device).len(), 1);
    device.commands();
    let next = device.manager.poll_at().unwrap();
    assert!(next.at > device.now, "{next:?} is due at {:?}", device.now);
}

// spec: IFC-7, IFC-13
#[test]
fn an_interface_that_was_stable_forgets_the_back_off_of_a_start_that_nobody_asked_for() {
    let mut config = config();
    config.interfaces[2].stable_after = Span::secs::<20>();
    config.server_order = [Some(ETH0), Some(CELL0), None];
    let mut device = Device::with(&config);
    device.manager.set_policy(device.now, Policy::ReturnOnError);
    // No power-up of the modem is answered, until its back-off is a minute.
    let modem = device.open("cell0");
    for _ in 0..20 {
        device.go_on();
    }
    device.manager.close(device.now, modem);
    device.pass(seconds(100));
    device.connect();
    device.come_up();
    device.report(ETH0, Report::CarrierDown);
    device.go_on();
    assert_eq!(device.manager.server_interface(), Some(CELL0));
    device.come_up();
    device.pass(seconds(20));
    device.report(CELL0, Report::Fault { code: 1 });
    assert_eq!(device.state(CELL0), State::CellularStoppedUnhappy);
    device.pass(seconds(1));
    assert_eq!(device.state(CELL0), State::Starting);
}
