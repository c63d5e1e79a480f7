//! The policy that reports failures and never gives up (CON-21).

use crate::support::bound::{bounded, turns};
use lankeeper::back_off::BackOffConfig;
use lankeeper::manager::ServerCall;
use lankeeper::{
    Duration, Instant, Notice, Policy, Recovery, Report, ServerReport, ServerState, Span, State,
};

use super::device::{
    CELL0, Device, ETH0, WL0, config, just_before, named, network, proxied, seconds, wifi,
};

/// The notices about results, losses and suspension since the last call, as text.
fn reported(device: &mut Device) -> Vec<String> {
    let text = |notice| match notice {
        Notice::Suspended { outcome, .. } => Some(format!("suspended: {outcome}")),
        Notice::Resumed => Some("resumed".to_owned()),
        Notice::ConnectEnded {
            interface, outcome, ..
        } => Some(format!("ended: {interface} {outcome}")),
        Notice::ServerLost {
            interface, outcome, ..
        } => Some(format!("lost: {interface} {outcome}")),
        Notice::ServerBack { interface } => Some(format!("back: {interface}")),
        _ => None,
    };
    device.notices().into_iter().filter_map(text).collect()
}

fn keeping() -> Device {
    let mut device = Device::new();
    device.manager.set_policy(device.now, Policy::KeepTrying);
    let order = [ETH0];
    device.manager.set_server_order(device.now, &order).unwrap();
    device
}

/// A device in the wait after the loss of its server.
fn lost() -> Device {
    let mut device = keeping();
    device.connect();
    device.come_up();
    device.pass(seconds(3600));
    device.forget_outputs();
    device.server(ServerReport::Lost { code: 1 });
    device
}

/// Asserts that the try that is under way ends a minute from now, and not before.
fn assert_has_its_time_from_now_on(device: &mut Device) {
    let until = device.now.saturating_add(seconds(60));
    let mut silent = device.manager.clone();
    silent.handle_timeout(until);
    assert_eq!(silent.server_state(), ServerState::Waiting);
    device.go(just_before(until));
    device.server(ServerReport::Connected);
    assert_eq!(reported(device), ["back: eth0"]);
}

/// Fails every try until that many seconds from now; nothing is due then. Returns the longest time
/// between two tries.
fn fail_for(device: &mut Device, secs: u64) -> u64 {
    let end = device.now.saturating_add(seconds(secs));
    let (mut longest, mut newest) = (0, device.now);
    loop {
        if device.server_state() == ServerState::WaitingForInterface {
            device.bring_up(ETH0);
        }
        if device.server_state() == ServerState::Resolving {
            longest = longest.max(device.now.saturating_duration_since(newest).as_millis());
            newest = device.now;
            device.server(ServerReport::NotResolved { code: 1 });
        }
        device.commands();
        match bounded(device.manager.poll_at().filter(|next| next.at <= end)) {
            Some(next) => device.go(next.at.max(device.now)),
            None => break,
        }
    }
    device.go(end);
    longest
}

// spec: CON-21, CON-2
#[test]
fn a_failed_attempt_has_its_result_and_is_tried_on_until_it_succeeds() {
    let mut device = keeping();
    device.connect();
    device.come_up_to(ServerState::Connecting);
    device.server(ServerReport::Unreachable { code: 1 });
    assert_eq!(reported(&mut device), ["ended: eth0 NO_SERVER"]);
    assert_eq!(device.server_state(), ServerState::Waiting);
    let call = device.manager.server_call(device.now);
    assert_eq!(call, Ok(ServerCall::Connecting));
    device.go_on();
    device.come_up();
    assert_eq!(reported(&mut device), ["back: eth0"]);
    // The notice comes once; a connection that was asked for has a result instead.
    device.connect();
    assert_eq!(reported(&mut device), ["ended: eth0 SERVER_CONNECTED"]);
}

// spec: CON-21, CON-12
#[test]
fn a_loss_is_reported_once_after_the_grace_and_tried_for_ever() {
    let mut device = lost();
    let end = device.now.saturating_add(seconds(60));
    while device.now < end {
        match device.server_state() {
            ServerState::Resolving => device.server(ServerReport::NotResolved { code: 1 }),
            _ => {
                assert_eq!(reported(&mut device), [""; 0]);
                device.go_on();
            }
        }
    }
    assert_eq!(device.now, end);
    assert_eq!(reported(&mut device), ["lost: eth0 NOT_RESOLVED"]);
    let longest = fail_for(&mut device, 24 * 3600);
    assert!((50_000..=60_000).contains(&longest), "{longest}");
    assert_eq!(reported(&mut device), [""; 0]);
    assert_eq!(device.state(ETH0), State::Connected, "it is held meanwhile");
    device.go_on();
    device.come_up();
    assert_eq!(reported(&mut device), ["back: eth0"]);
}

// spec: CON-21
#[test]
fn a_connection_that_is_back_within_the_grace_is_not_reported() {
    let mut device = lost();
    device.go_on();
    device.come_up();
    assert_eq!(reported(&mut device), [""; 0]);
}

// spec: CON-21
#[test]
fn the_end_of_the_grace_cuts_no_try_short() {
    let mut device = lost();
    let end = device.now.saturating_add(seconds(60));
    device.go_on();
    device.come_up_to(ServerState::Connecting);
    device.go(just_before(end));
    assert_eq!(reported(&mut device), [""; 0]);
    device.go(end);
    assert_eq!(reported(&mut device), ["lost: eth0 NO_SERVER"]);
    assert_eq!(device.server_state(), ServerState::Connecting);
    assert_has_its_time_from_now_on(&mut device);
}

// spec: CON-21, CON-2
#[test]
fn the_end_of_a_request_cuts_no_try_short() {
    let mut device = keeping();
    device.connect();
    device.come_up_to(ServerState::Connecting);
    device.forget_outputs();
    device.go(just_before(Instant::from_secs(60)));
    assert_eq!(reported(&mut device), [""; 0]);
    device.pass(Duration::from_micros(1));
    assert_eq!(reported(&mut device), ["ended: eth0 NO_SERVER"]);
    assert_eq!(device.server_state(), ServerState::Connecting);
    assert!(device.commands().is_empty());
    assert_has_its_time_from_now_on(&mut device);
}

// spec: CON-21, CON-14, CON-3
#[test]
fn a_request_whose_time_is_over_goes_on_to_the_next_interface() {
    for state in [ServerState::WaitingForInterface, ServerState::Connecting] {
        let mut device = keeping();
        let order = [ETH0, WL0];
        device.manager.set_server_order(device.now, &order).unwrap();
        device.manager.store_wifi(device.now, &network("home"));
        device.connect();
        device.pass(seconds(8));
        device.come_up_to(state);
        device.go(Instant::from_secs(60));
        assert_eq!(reported(&mut device), [""; 0]);
        assert_eq!(device.state(ETH0), State::EthernetStopped);
        assert_eq!(device.state(WL0), State::Starting);
    }
}

// spec: CON-21, CON-5
#[test]
fn a_slow_interface_is_kept_on_its_way() {
    let mut device = keeping();
    device.connect_with(&named("wl0"));
    device.pass(seconds(9));
    device.bring_up_to(WL0, State::WifiScanning);
    device.pass(seconds(14));
    device.bring_up_to(WL0, State::WifiJoining);
    device.pass(seconds(19));
    device.bring_up_to(WL0, State::WifiDhcping);
    device.forget_outputs();
    device.pass(seconds(18));
    assert_eq!(reported(&mut device), ["ended: wl0 NO_IP_ADDRESS"]);
    assert_eq!(device.server_state(), ServerState::WaitingForInterface);
    assert_eq!(device.state(WL0), State::WifiDhcping);
    assert!(device.commands().is_empty());
    device.pass(seconds(5));
    device.come_up();
    assert_eq!(reported(&mut device), ["back: wl0"]);
}

// spec: CON-21, CFG-2
#[test]
fn a_nic_that_was_given_is_forgotten_and_stored_settings_go_on() {
    let mut device = keeping();
    device.connect_with(&wifi("shed"));
    device.bring_up_to(WL0, State::WifiJoining);
    device.report(WL0, Report::WrongKey { code: 1 });
    assert_eq!(reported(&mut device), ["ended: wifi NO_WIFI"]);
    device.go_on();
    assert_eq!(device.manager.server_interface(), Some(ETH0));
    device.come_up();
    assert_eq!(reported(&mut device), ["back: eth0"]);

    // One that was connected is reported as lost at once.
    device.connect_with(&proxied("10.1.1.1"));
    device.come_up();
    device.forget_outputs();
    device.server(ServerReport::Lost { code: 1 });
    assert_eq!(reported(&mut device), ["lost: eth0 NO_SERVER"]);
    device.go_on();
    device.come_up_to(ServerState::Connecting);
    assert!(device.commands().iter().all(|text| !text.contains("via")));
    device.come_up();
    assert_eq!(reported(&mut device), ["back: eth0"]);
}

// spec: CON-21, CON-9
#[test]
fn a_request_takes_the_place_of_the_tries() {
    let mut device = lost();
    fail_for(&mut device, 600);
    device.forget_outputs();
    device.connect();
    assert_ne!(device.server_state(), ServerState::Waiting, "at once");
    device.come_up();
    assert_eq!(reported(&mut device), ["ended: eth0 SERVER_CONNECTED"]);
}

// spec: CON-21, CON-16
#[test]
fn a_disconnect_ends_the_tries_and_each_call_begins_an_attempt() {
    let mut device = lost();
    fail_for(&mut device, 600);
    for _ in 0..3 {
        device.forget_outputs();
        device.manager.disconnect(device.now, None);
        assert_eq!(device.server_state(), ServerState::Disconnected);
        device.forget_outputs();
        device.pass(seconds(24 * 3600));
        assert_eq!((device.commands(), device.notices()), (vec![], vec![]));
        let call = device.manager.server_call(device.now);
        assert_eq!(call, Ok(ServerCall::Connecting));
        assert_eq!(device.server_state(), ServerState::WaitingForInterface);
        // Each has a result.
        device.report(ETH0, Report::Fault { code: 1 });
        assert_eq!(reported(&mut device), ["ended: eth0 NOT_CONNECTED"]);
    }
}

// spec: CON-21, CON-1
#[test]
fn another_policy_decides_what_becomes_of_the_tries() {
    // Reported already: nothing more is.
    for policy in [Policy::ReturnOnError, Policy::ReturnOnErrorNoDisconnect] {
        let mut device = lost();
        fail_for(&mut device, 600);
        device.forget_outputs();
        device.manager.set_policy(device.now, policy);
        assert_eq!(device.server_state(), ServerState::Disconnected);
        assert_eq!(reported(&mut device), [""; 0]);
    }
    let mut device = lost();
    fail_for(&mut device, 600);
    device.forget_outputs();
    device
        .manager
        .set_policy(device.now, Policy::SuspendOnError);
    assert_eq!(reported(&mut device), ["suspended: NOT_RESOLVED"]);
    assert_eq!(device.server_state(), ServerState::Waiting);
    fail_for(&mut device, 3600);
    // In a pause no interface is held; the policy that keeps trying ends it.
    device.forget_outputs();
    device.manager.set_policy(device.now, Policy::KeepTrying);
    assert_eq!(
        reported(&mut device),
        ["resumed", "lost: eth0 NOT_RESOLVED"]
    );
    let changed = device.now;
    while device.server_state() == ServerState::Waiting {
        device.go_on();
    }
    let wait = device.now.saturating_duration_since(changed).as_millis();
    assert!(wait <= 60_000, "{wait}");
    device.come_up();
    assert_eq!(reported(&mut device), ["back: eth0"]);

    // A loss that is not reported yet goes on as it was.
    let mut device = lost();
    device.manager.set_policy(device.now, Policy::ReturnOnError);
    device.manager.set_policy(device.now, Policy::KeepTrying);
    assert_eq!(reported(&mut device), [""; 0]);
    fail_for(&mut device, 60);
    assert_eq!(reported(&mut device), ["lost: eth0 NOT_RESOLVED"]);
}

// spec: CON-21, CON-14
#[test]
fn every_interface_of_the_order_is_tried_again_and_again() {
    let mut device = keeping();
    let order = [ETH0, WL0, CELL0];
    device.manager.set_server_order(device.now, &order).unwrap();
    device.manager.store_wifi(device.now, &network("home"));
    device.connect();
    let mut tried = Vec::new();
    while tried.len() < 9 {
        if device.server_state() == ServerState::Waiting {
            device.go_on();
        } else {
            let id = device.manager.server_interface().unwrap();
            tried.push(id);
            device.report(id, Report::Fault { code: 1 });
        }
    }
    for id in order {
        assert_eq!(tried.iter().filter(|tried| **tried == id).count(), 3);
    }
}

// spec: IFC-13
#[test]
fn what_is_let_go_of_for_another_interface_starts_no_faster_than_its_back_off() {
    // The server connection itself is in a hurry.
    let mut config = config();
    let second = Span::secs::<1>();
    config.server.retry = BackOffConfig::new(second, second).unwrap();
    let mut device = Device::with(&config);
    device.manager.set_policy(device.now, Policy::KeepTrying);
    device.manager.store_wifi(device.now, &network("home"));
    let order = [ETH0, WL0];
    device.manager.set_server_order(device.now, &order).unwrap();
    device.connect();
    let mut starts = Vec::new();
    for () in turns() {
        let powered = device.commands().contains(&"eth0 power up".to_owned());
        starts.extend(powered.then_some(device.now));
        if starts.len() > 8 {
            break;
        }
        let held = device.manager.server_interface();
        match device.server_state() {
            ServerState::Resolving => device.server(ServerReport::NotResolved { code: 1 }),
            ServerState::WaitingForInterface if !device.state(held.unwrap()).is_stopped() => {
                device.bring_up(held.unwrap());
            }
            _ => device.go_on(),
        }
    }
    // The first was asked for.
    for (pair, delay) in starts[1..].windows(2).zip([1, 2, 4, 8, 16, 32, 60]) {
        let between = pair[1].saturating_duration_since(pair[0]).as_millis();
        assert!(between >= delay * 750, "{between} of {delay} in {starts:?}");
    }
}

// spec: CON-19
#[test]
fn enabling_what_is_enabled_already_is_no_news() {
    let mut device = lost();
    device.manager.set_enabled(device.now, ETH0, true).unwrap();
    assert_eq!(device.server_state(), ServerState::Waiting);
}

// spec: CON-5, IFC-13
#[test]
fn a_try_waits_with_an_interface_that_only_takes_long() {
    let mut config = config();
    config.policy = Policy::KeepTrying;
    config.server_order = [Some(ETH0), None, None];
    config.server.retry = BackOffConfig::new(Span::MIN, Span::MIN).unwrap();
    for interface in &mut config.interfaces {
        interface.step_timeouts.dhcp = Span::MIN;
    }
    let mut device = Device::with(&config);
    device.open_up(ETH0);
    device.connect();
    device.come_up();
    device.pass(seconds(3600));
    device.server(ServerReport::Lost { code: 1 });
    device.report(ETH0, Report::LeaseLost);
    // The address is late, and the back-off of the interface runs.
    device.pass(Duration::from_millis(1));
    assert_eq!(device.state(ETH0), State::EthernetStopped);
    device.pass(Duration::from_millis(1));
    assert_eq!(device.server_state(), ServerState::WaitingForInterface);
    assert_eq!(device.manager.server_interface(), Some(ETH0));
}

// spec: IFC-13, CON-14
#[test]
fn a_link_that_came_up_puts_no_later_try_off() {
    // Without a back-off of its own, an interface that was tried waits a minute for the next try.
    let mut config = config();
    config.interfaces[0].recovery = Recovery::Manual;
    let mut device = Device::with(&config);
    device.manager.set_policy(device.now, Policy::KeepTrying);
    device.manager.store_wifi(device.now, &network("home"));
    let order = [WL0, ETH0];
    device.manager.set_server_order(device.now, &order).unwrap();
    device.connect();
    for id in order {
        assert_eq!(device.manager.server_interface(), Some(id));
        device.bring_up(id);
        device.server(ServerReport::NotResolved { code: 1 });
    }
    while device.server_state() == ServerState::Waiting {
        device.go_on();
    }
    assert!(device.now < Instant::from_secs(2), "{:?}", device.now);
    assert_eq!(device.manager.server_interface(), Some(WL0));
    assert_eq!(device.state(WL0), State::Starting);
}

// spec: IFC-7, IFC-13
#[test]
fn a_try_over_an_interface_that_is_up_leaves_its_back_off_alone() {
    let mut device = Device::new();
    device.open_up(ETH0);
    device.pass(seconds(300));
    device.manager.set_policy(device.now, Policy::KeepTrying);
    device
        .manager
        .set_server_order(device.now, &[ETH0])
        .unwrap();
    device.connect();
    for _ in 0..4 {
        assert_eq!(device.server_state(), ServerState::Resolving);
        device.server(ServerReport::NotResolved { code: 1 });
        while device.server_state() == ServerState::Waiting {
            device.go_on();
        }
    }
    device.report(ETH0, Report::LeaseLost);
    device.report(ETH0, Report::LeaseRefused { code: 1 });
    assert_eq!(device.state(ETH0), State::EthernetStopped);
    let stopped = device.now;
    while device.state(ETH0) == State::EthernetStopped {
        device.go_on();
    }
    let delay = device.now.saturating_duration_since(stopped);
    assert!(delay <= seconds(1), "{delay:?}");
}
