//! Requests for the server connection, and when each is allowed.

use lankeeper::manager::{ConnectError, InterfaceError, OrderError, ServerCall};
use lankeeper::stored::StoredSettings;
use lankeeper::{ConnectOutcome, Instant, Nic, Notice, Policy, ServerReport, ServerState, State};

use super::device::{
    CELL0, Device, ETH0, WL0, config, just_before, named, network, proxied, seconds, wifi,
};
use crate::support::span;

// spec: CON-1
#[test]
fn the_default_policy_suspends_and_refuses_connect_with() {
    let mut device = Device::with(&config());
    assert_eq!(device.manager.policy(), Policy::SuspendOnError);
    let before = format!("{:?}", device.manager);
    for nic in [named("eth0"), proxied("10.1.1.1")] {
        let refused = device.manager.connect_with(device.now, &nic, None);
        assert_eq!(refused, Err(ConnectError::Suspends));
    }
    assert_eq!(format!("{:?}", device.manager), before);
    for policy in [Policy::ReturnOnError, Policy::ReturnOnErrorNoDisconnect] {
        device.manager.set_policy(device.now, policy);
        device.connect_with(&named("eth0"));
    }
}

// spec: CON-1
#[test]
fn unacknowledged_data_drops_the_connection_except_under_no_disconnect() {
    for (policy, stays) in [
        (Policy::SuspendOnError, false),
        (Policy::ReturnOnError, false),
        (Policy::ReturnOnErrorNoDisconnect, true),
    ] {
        let mut device = Device::connected(&named("eth0"));
        device.manager.set_policy(device.now, policy);
        device.server(ServerReport::SendTimedOut { code: 1 });
        let is_connected = device.server_state() == ServerState::Connected;
        assert_eq!(is_connected, stays, "{policy:?}");
        assert_eq!(device.commands().is_empty(), stays, "{policy:?}");
    }
}

// spec: CON-3
#[test]
fn the_timeout_is_a_minute_or_configured_per_medium_or_requested() {
    let mut cautious = config();
    cautious.server.timeouts.cellular = span(120).unwrap();
    for (id, requested, expected) in [
        (WL0, None, 60),
        (ETH0, None, 60),
        (CELL0, None, 120),
        (CELL0, Some(7), 7),
        (WL0, Some(90), 90),
    ] {
        let mut device = Device::with(&cautious);
        device.manager.set_policy(device.now, Policy::ReturnOnError);
        let nic = match id {
            WL0 => wifi("shed"),
            _ => named(&id.to_string()),
        };
        let requested = requested.and_then(span);
        device
            .manager
            .connect_with(device.now, &nic, requested)
            .unwrap();
        device.come_up_to(ServerState::Resolving);
        let end = device.now.saturating_add(seconds(expected));
        device.go(just_before(end));
        assert_eq!(device.results(), []);
        device.go(end);
        assert_eq!(
            device.results(),
            [(nic.name().as_str(), ConnectOutcome::NotResolved)]
        );
    }
}

// spec: OPEN-2, CON-14
#[test]
fn an_interface_that_is_absent_or_disabled_is_an_error_and_nothing_changes() {
    let mut device = Device::new();
    device.manager.set_enabled(device.now, WL0, false).unwrap();
    let before = format!("{:?}", device.manager);
    let refused = device
        .manager
        .connect_with(device.now, &named("eth3"), None);
    let eth3 = *named("eth3").name();
    assert_eq!(
        refused,
        Err(ConnectError::Interface(InterfaceError::Absent(eth3)))
    );
    let refused = device.manager.connect_with(device.now, &wifi("shed"), None);
    let wifi = *named("wifi").name();
    assert_eq!(
        refused,
        Err(ConnectError::Interface(InterfaceError::Disabled(wifi)))
    );
    assert_eq!(format!("{:?}", device.manager), before);
}

// spec: OPEN-3
#[test]
fn settings_for_a_locally_held_interface_are_an_error_unless_they_are_in_use() {
    let mut device = Device::new();
    device.manager.open(device.now, &wifi("shed")).unwrap();
    device.bring_up(WL0);
    device.forget_outputs();
    let before = format!("{:?}", device.manager);
    let refused = device
        .manager
        .connect_with(device.now, &wifi("other"), None);
    assert_eq!(refused, Err(ConnectError::Active));
    assert_eq!(format!("{:?}", device.manager), before);
    device.connect_with(&wifi("shed"));
    assert_eq!(device.commands(), ["wl0 resolve"]);
}

// spec: CON-5
#[test]
fn a_connected_interface_is_used_and_a_starting_one_is_waited_for() {
    let mut device = Device::new();
    device.open_up(ETH0);
    device.connect_with(&named("eth0"));
    assert_eq!(device.commands(), ["eth0 resolve"]);

    let mut device = Device::new();
    device.open("eth0");
    device.bring_up_to(ETH0, State::EthernetDhcping);
    device.forget_outputs();
    device.connect_with(&named("eth0"));
    assert_eq!(device.commands(), [""; 0]);
    device.bring_up(ETH0);
    assert_eq!(device.commands(), ["eth0 resolve"]);
}

// spec: CON-5
#[test]
fn an_interface_in_its_back_off_is_started_at_once() {
    let mut device = Device::new();
    device.open("eth0");
    device.bring_up_to(ETH0, State::EthernetDhcping);
    device.report(ETH0, lankeeper::Report::LeaseRefused { code: 1 });
    assert_eq!(device.state(ETH0), State::EthernetStopped);
    device.forget_outputs();
    device.connect_with(&named("eth0"));
    assert_eq!(device.state(ETH0), State::EthernetDhcping);
    assert_eq!(
        device.results(),
        [],
        "having been stopped before is not a failure"
    );
    device.come_up();
    assert_eq!(
        device.results(),
        [("eth0", ConnectOutcome::ServerConnected)]
    );
}

// spec: CON-5
#[test]
fn a_failed_attempt_is_not_repeated_and_local_holders_keep_the_interface() {
    let mut device = Device::new();
    device.open("eth0");
    device.connect_with(&named("eth0"));
    device.bring_up_to(ETH0, State::EthernetDhcping);
    device.report(ETH0, lankeeper::Report::LeaseRefused { code: 1 });
    assert_eq!(device.results(), [("eth0", ConnectOutcome::NoIpAddress)]);
    // The interface retries for its local holder; the server connection does not.
    device.go_on();
    assert_eq!(device.state(ETH0), State::EthernetDhcping);
    device.bring_up(ETH0);
    assert_eq!(device.server_state(), ServerState::Disconnected);

    // A failure of the server does not affect the interface either.
    device.connect_with(&named("eth0"));
    device.server(ServerReport::NotResolved { code: 1 });
    device.forget_outputs();
    assert_eq!(device.state(ETH0), State::Connected);
}

// spec: CON-5, OPEN-2
#[test]
fn a_try_over_a_slow_interface_fails_when_that_is_disabled() {
    for policy in [Policy::ReturnOnError, Policy::KeepTrying] {
        let mut device = Device::new();
        device.manager.set_policy(device.now, policy);
        device.connect_with(&named("eth0"));
        device.bring_up_to(ETH0, State::EthernetDhcping);
        // DHCP takes long, which is no end of the try.
        device.pass(seconds(30));
        assert_eq!(device.state(ETH0), State::EthernetStopped);
        assert_eq!(device.server_state(), ServerState::WaitingForInterface);
        assert_eq!(device.results(), []);
        device.manager.set_enabled(device.now, ETH0, false).unwrap();
        assert_eq!(device.results(), [("eth0", ConnectOutcome::NotConnected)]);
        assert_ne!(device.server_state(), ServerState::WaitingForInterface);
    }
}

// spec: CON-5, OPEN-8
#[test]
fn a_try_goes_on_over_an_interface_that_begins_anew() {
    let mut device = Device::new();
    device.connect_with(&named("wifi"));
    device.bring_up_to(WL0, State::WifiScanning);
    device.forget_outputs();
    let mut learnt = StoredSettings::default();
    learnt.wifi = Some(network("shed"));
    device.manager.provision(device.now, &learnt);
    assert_eq!(device.state(WL0), State::Starting);
    assert_eq!(device.server_state(), ServerState::WaitingForInterface);
    device.come_up();
    let connected = ConnectOutcome::ServerConnected;
    assert_eq!(device.results(), [("wifi", connected)]);
}

// spec: CON-5, IFC-14
#[test]
fn a_try_over_a_slow_interface_ends_where_a_power_cycle_is_due() {
    let mut device = Device::new();
    let patient = span(1_000);
    let nic = named("eth0");
    let begun = device.manager.connect_with(device.now, &nic, patient);
    assert!(begun.is_ok(), "{begun:?}");
    for _ in 0..4 {
        assert_eq!(device.results(), []);
        device.bring_up_to(ETH0, State::EthernetDhcping);
        device.pass(seconds(30));
        assert_eq!(device.state(ETH0), State::EthernetStopped);
        if device.server_state() == ServerState::WaitingForInterface {
            device.go_on();
        }
    }
    assert_eq!(device.results(), [("eth0", ConnectOutcome::NoIpAddress)]);
}

// spec: CON-5, CON-11
#[test]
fn a_try_over_a_radio_that_waits_for_credentials_fails_at_once() {
    let mut config = config();
    config.policy = Policy::ReturnOnError;
    let mut device = Device::with(&config);
    device.open("wifi");
    device.report(WL0, lankeeper::Report::Ready);
    assert_eq!(device.state(WL0), State::WifiStopped);
    device.connect_with(&named("wifi"));
    assert_eq!(device.results(), [("wifi", ConnectOutcome::NoWifi)]);
}

// spec: CON-9
#[test]
fn a_newer_request_supersedes_and_the_older_one_never_gets_a_result() {
    let mut device = Device::new();
    device.connect_with(&named("ethernet"));
    device.come_up_to(ServerState::Resolving);
    let resolve = device.server_ticket(ETH0, &["resolve"]);
    device.connect_with(&named("eth0"));
    // The interface stays up; only the server part of the attempt starts over.
    assert_eq!(
        device.commands().last_chunk::<2>().unwrap(),
        &["eth0 disconnect", "eth0 resolve"]
    );
    device.server_as(resolve, ServerReport::NotResolved { code: 1 });
    assert_eq!(
        device.server_state(),
        ServerState::Resolving,
        "a late answer to the older request is ignored"
    );
    device.come_up();
    assert_eq!(
        device.results(),
        [("eth0", ConnectOutcome::ServerConnected)]
    );
    device.pass(seconds(3600));
    assert_eq!(device.results(), []);
}

// spec: CON-15
#[test]
fn a_disconnect_waits_for_the_flush_or_its_timeout() {
    for flushed in [true, false] {
        let mut device = Device::connected(&named("eth0"));
        let end = device.now.saturating_add(seconds(3));
        device.manager.disconnect(device.now, span(3));
        assert_eq!(device.commands(), ["eth0 flush"]);
        device.go(just_before(end));
        assert_eq!(device.server_state(), ServerState::Flushing);
        assert_eq!(device.commands(), [""; 0]);
        if flushed {
            device.server(ServerReport::Flushed);
        } else {
            device.go(end);
        }
        assert_eq!(device.server_state(), ServerState::Disconnected);
        assert_eq!(
            device.commands(),
            ["eth0 disconnect", "eth0 stop", "eth0 power down"]
        );
        let notices = device.notices();
        let unexpected = |notice: &Notice| matches!(notice, Notice::ServerLost { .. });
        assert!(
            !notices.iter().any(unexpected),
            "a requested disconnect (CON-12)"
        );
    }
}

// spec: CON-15
#[test]
fn a_disconnect_leaves_local_holders_and_their_sockets_alone() {
    let (mut device, handle, socket) = Device::shared();
    device.manager.disconnect(device.now, None);
    assert_eq!(device.server_state(), ServerState::Disconnected);
    assert_eq!(device.commands(), ["eth0 disconnect"]);
    assert_eq!(device.state(ETH0), State::Connected);
    assert!(device.manager.interface(handle).is_ok());
    assert_eq!(device.manager.udp_port(socket), Ok(Some(5000)));
}

// spec: CON-15
#[test]
fn a_disconnect_without_a_flush_time_ends_a_flush_at_once() {
    let mut device = Device::new();
    device.connect_with(&named("eth0"));
    device.come_up();
    device.manager.disconnect(device.now, span(3));
    assert_eq!(device.server_state(), ServerState::Flushing);
    device.manager.disconnect(device.now, None);
    assert_eq!(device.server_state(), ServerState::Disconnected);
}

// spec: CON-15, TIME-4
#[test]
fn at_the_end_of_time_nothing_is_flushed() {
    let mut device = Device::new();
    device.connect_with(&named("eth0"));
    device.come_up();
    device.go(Instant::MAX);
    assert_eq!(device.server_state(), ServerState::Connected);
    device.manager.disconnect(device.now, span(3));
    assert_eq!(device.server_state(), ServerState::Disconnected);
}

// spec: CON-2, CON-15
#[test]
fn a_disconnect_ends_an_attempt_with_its_one_result() {
    let mut device = Device::new();
    device.connect_with(&named("ethernet"));
    device.come_up_to(ServerState::Connecting);
    device.manager.disconnect(device.now, span(9));
    assert_eq!(
        device.results(),
        [("ethernet", ConnectOutcome::NotConnected)]
    );
    assert_eq!(device.state(ETH0), State::EthernetStopped);
    device.manager.disconnect(device.now, span(9));
    assert_eq!(device.notices(), []);
}

// spec: CON-16
#[test]
fn traffic_connects_by_itself_under_suspend_on_error() {
    let mut device = Device::with(&config());
    for _ in 0..2 {
        let called = device.manager.server_call(device.now);
        assert_eq!(called, Ok(ServerCall::Connecting));
    }
    device.come_up();
    assert_eq!(device.manager.server_interface(), Some(ETH0));
    assert_eq!(
        device.manager.server_call(device.now),
        Ok(ServerCall::Connected)
    );
    device.manager.disconnect(device.now, None);
    assert_eq!(
        device.manager.server_call(device.now),
        Ok(ServerCall::Connecting)
    );
}

// spec: CON-16
#[test]
fn traffic_connects_once_after_boot_and_after_a_wake_otherwise_it_fails_with_code_1() {
    let mut device = Device::new();
    for _ in 0..2 {
        assert_eq!(
            device.manager.server_call(device.now),
            Ok(ServerCall::Connecting)
        );
        let refused = device.manager.server_call(device.now).unwrap_err();
        assert_eq!(
            refused.code(),
            1,
            "the attempt is running; nothing can be sent yet"
        );
        device.come_up_to(ServerState::Resolving);
        device.manager.disconnect(device.now, None);
        assert!(device.manager.server_call(device.now).is_err());
        assert_eq!(device.server_state(), ServerState::Disconnected);
        device.manager.note_wake(device.now);
    }
    // A connect request counts as a server call too.
    device.connect_with(&named("eth0"));
    device.manager.disconnect(device.now, None);
    assert!(device.manager.server_call(device.now).is_err());
}

// spec: CON-17
#[test]
fn connection_and_interface_are_reported_separately() {
    let mut device = Device::new();
    device.open_up(ETH0);
    device.connect_with(&named("eth0"));
    device.come_up();
    let states: Vec<_> = device
        .notices()
        .into_iter()
        .map(|notice| match notice {
            Notice::ServerStateChanged { state } => state.to_string(),
            Notice::ConnectEnded { outcome, .. } => outcome.to_string(),
            other => panic!("the interface did not change: {other:?}"),
        })
        .collect();
    #[rustfmt::skip]
    assert_eq!(states, [
        "WAITING_FOR_INTERFACE", "RESOLVING", "CONNECTING", "CONNECTED", "SERVER_CONNECTED",
    ]);
}

// spec: CON-14
#[test]
fn a_server_order_names_present_interfaces_once() {
    let mut device = Device::new();
    assert_eq!(device.manager.server_order(), [ETH0, WL0, CELL0]);
    let eth1 = lankeeper::InterfaceId::new(lankeeper::Medium::Ethernet, 1).unwrap();
    let absent = device.manager.set_server_order(device.now, &[WL0, eth1]);
    assert_eq!(absent, Err(OrderError::Absent(eth1)));
    let twice = device
        .manager
        .set_server_order(device.now, &[WL0, ETH0, WL0]);
    assert_eq!(twice, Err(OrderError::Twice(WL0)));
    assert_eq!(device.manager.server_order(), [ETH0, WL0, CELL0]);
    device
        .manager
        .set_server_order(device.now, &[CELL0, WL0])
        .unwrap();
    assert_eq!(device.manager.server_order(), [CELL0, WL0]);
    // An interface left out of the order can still be named.
    assert!(
        device
            .manager
            .open(device.now, &Nic::named("eth0").unwrap())
            .is_ok()
    );
    device.manager.set_server_order(device.now, &[]).unwrap();
    assert_eq!(
        device.manager.connect(device.now, None),
        Err(ConnectError::NothingToTry)
    );
}
