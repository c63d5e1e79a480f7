//! Lost connections and failed attempts under the policy that suspends.

use crate::support::bound::bounded;
use lankeeper::{Instant, Lease, Notice, Policy, Report, ServerReport, ServerState, Span, State};

use super::device::{Device, ETH0, WL0, config, just_before, named, network, seconds, wifi};

/// The notices about suspension, results and losses since the last call, as text.
fn reported(device: &mut Device) -> Vec<String> {
    let text = |notice| match notice {
        Notice::Suspended { outcome, .. } => Some(format!("suspended: {outcome}")),
        Notice::Resumed => Some("resumed".to_owned()),
        Notice::ConnectEnded { outcome, .. } => Some(format!("ended: {outcome}")),
        Notice::ServerLost { outcome, .. } => Some(format!("lost: {outcome}")),
        _ => None,
    };
    device.notices().into_iter().filter_map(text).collect()
}

fn suspending() -> Device {
    let mut device = Device::with(&config());
    device.manager.store_wifi(device.now, &network("home"));
    device
        .manager
        .set_server_order(device.now, &[ETH0])
        .unwrap();
    device
}

/// A device that has just lost its server, under the policy that suspends.
fn lost() -> Device {
    let mut device = suspending();
    device.connect();
    device.come_up();
    device.forget_outputs();
    device.server(ServerReport::Lost { code: 1 });
    device
}

/// Fails every attempt to resolve the server, until nothing more is due by `end`.
fn fail_until(device: &mut Device, end: Instant) {
    loop {
        if device.server_state() == ServerState::WaitingForInterface {
            device.bring_up(ETH0);
        }
        if device.server_state() == ServerState::Resolving {
            device.server(ServerReport::NotResolved { code: 1 });
        }
        device.commands();
        match bounded(device.manager.poll_at()) {
            Some(deadline) if deadline.at <= end => device.go(deadline.at.max(device.now)),
            _ => return,
        }
        if device.now == end {
            return;
        }
    }
}

// spec: CON-13
#[test]
fn a_loss_suspends_and_the_connection_resumes() {
    let mut device = lost();
    assert_eq!(reported(&mut device), ["suspended: NO_SERVER"]);
    device.go_on();
    device.come_up();
    assert_eq!(reported(&mut device), ["resumed"]);
}

// spec: CON-13
#[test]
fn rounds_of_a_minute_alternate_with_jittered_pauses_of_nine() {
    let mut device = lost();
    reported(&mut device);
    for _ in 0..20 {
        let round = device.now.saturating_add(seconds(60));
        fail_until(&mut device, just_before(round));
        assert_eq!(
            device.state(ETH0),
            State::Connected,
            "held during the whole round"
        );
        device.go(round);
        assert_eq!(device.server_state(), ServerState::Waiting);
        assert_eq!(
            device.state(ETH0),
            State::EthernetStopped,
            "not held during the pause"
        );
        device.commands();
        device.notices();
        let next = device.manager.poll_at().unwrap().at;
        let pause = next.saturating_duration_since(round).as_secs();
        assert!((405..=540).contains(&pause), "{pause}");
        device.go(just_before(next));
        assert_eq!(device.commands(), [""; 0]);
        device.go(next);
        assert_eq!(device.commands(), ["eth0 power up"]);
    }
    device.come_up();
    assert_eq!(reported(&mut device), ["resumed"]);
}

// spec: CON-13
#[test]
fn a_day_without_a_server_keeps_the_rhythm_and_reports_nothing_more() {
    let mut device = lost();
    assert_eq!(reported(&mut device), ["suspended: NO_SERVER"]);
    let (begin, day) = (device.now, seconds(24 * 3600));
    let end = begin.saturating_add(day);
    let mut rounds = 1;
    let mut is_paused = false;
    while device.now < end {
        let now = device.now;
        fail_until(&mut device, now);
        let paused = device.state(ETH0) == State::EthernetStopped;
        rounds += u32::from(is_paused && !paused);
        is_paused = paused;
        assert_eq!(reported(&mut device), [""; 0]);
        device.go_on();
    }
    // 24 h divided by a round of 60 s and a pause of 405 s to 540 s.
    assert!((144..=186).contains(&rounds), "{rounds}");
    while device.server_state() == ServerState::Waiting {
        device.go_on();
    }
    device.come_up();
    assert_eq!(reported(&mut device), ["resumed"]);
}

// spec: CON-13
#[test]
fn devices_with_different_seeds_do_not_wake_in_step() {
    let pauses = [1, 2, 3].map(|seed| {
        let mut config = config();
        config.seed = seed;
        let mut device = Device::with(&config);
        device
            .manager
            .set_server_order(device.now, &[ETH0])
            .unwrap();
        device.connect();
        device.report(ETH0, Report::Fault { code: 1 });
        let end = device.now.saturating_add(seconds(60));
        while device.now < end {
            device.go_on();
        }
        device.forget_outputs();
        device.manager.poll_at().unwrap().at
    });
    assert_ne!(pauses[0], pauses[1]);
    assert_ne!(pauses[1], pauses[2]);
}

// spec: CON-2, CON-13
#[test]
fn a_failed_attempt_suspends_and_its_result_comes_with_the_connection() {
    let mut device = suspending();
    device.connect();
    device.come_up_to(ServerState::Resolving);
    device.server(ServerReport::NotResolved { code: 1 });
    assert_eq!(reported(&mut device), ["suspended: NOT_RESOLVED"]);
    device.pass(seconds(3600));
    while device.server_state() == ServerState::Waiting {
        device.go_on();
    }
    device.come_up();
    assert_eq!(
        reported(&mut device),
        ["resumed", "ended: SERVER_CONNECTED"]
    );
}

// spec: CON-13
#[test]
fn a_suspension_ends_with_a_disconnect_or_a_policy_that_returns() {
    let mut device = lost();
    reported(&mut device);
    device.manager.disconnect(device.now, None);
    assert_eq!(reported(&mut device), ["resumed"]);
    device.forget_outputs();
    assert_eq!(device.manager.poll_at(), None);

    let mut device = lost();
    reported(&mut device);
    device.manager.set_policy(device.now, Policy::ReturnOnError);
    assert_eq!(reported(&mut device), ["resumed", "lost: NO_SERVER"]);
    assert_eq!(device.server_state(), ServerState::Disconnected);

    let mut device = suspending();
    device.connect();
    device.report(ETH0, Report::Fault { code: 1 });
    reported(&mut device);
    device.manager.set_policy(device.now, Policy::ReturnOnError);
    assert_eq!(reported(&mut device), ["resumed", "ended: NOT_CONNECTED"]);
}

// spec: CON-12, CON-13
#[test]
fn the_policy_at_the_end_of_the_minute_decides() {
    let mut device = Device::connected(&named("eth0"));
    device.server(ServerReport::Lost { code: 1 });
    assert_eq!(reported(&mut device), [""; 0]);
    device
        .manager
        .set_policy(device.now, Policy::SuspendOnError);
    assert_eq!(reported(&mut device), [""; 0]);
    let end = device.now.saturating_add(seconds(60));
    fail_until(&mut device, just_before(end));
    assert_eq!(reported(&mut device), [""; 0]);
    device.go(end);
    assert_eq!(reported(&mut device), ["suspended: NOT_RESOLVED"]);
    assert_eq!(device.server_state(), ServerState::Waiting);
}

// spec: CFG-2, CON-13
#[test]
fn given_settings_are_forgotten_with_the_loss_and_stored_ones_are_tried() {
    let mut device = Device::connected(&wifi("shed"));
    device
        .manager
        .set_policy(device.now, Policy::SuspendOnError);
    device.server(ServerReport::Lost { code: 1 });
    assert_eq!(reported(&mut device), ["suspended: NO_SERVER"]);
    assert_eq!(
        device.commands(),
        ["wl0 disconnect", "wl0 stop", "wl0 power down"]
    );
    device.go_on();
    assert_eq!(
        device.manager.server_interface(),
        Some(ETH0),
        "chosen by the server order"
    );
}

/// A device whose Wi-Fi is slow to come back: it waits for an address when the first round is over.
fn slow() -> Device {
    let mut config = config();
    for interface in &mut config.interfaces {
        interface.step_timeouts.dhcp = Span::secs::<3600>();
    }
    config.server_order = [Some(WL0), Some(ETH0), None];
    let mut device = Device::with(&config);
    device.manager.store_wifi(device.now, &network("home"));
    device.connect();
    device.come_up();
    device.pass(seconds(3600));
    device.report(WL0, Report::LinkLost { code: 1 });
    let end = device.now.saturating_add(seconds(60));
    device.pass(seconds(14));
    device.bring_up_to(WL0, State::WifiJoining);
    device.pass(seconds(19));
    device.bring_up_to(WL0, State::WifiDhcping);
    device.go(just_before(end));
    assert_eq!(device.server_state(), ServerState::WaitingForInterface);
    device.go(end);
    assert_eq!(device.server_state(), ServerState::Waiting);
    device.forget_outputs();
    device.pass(seconds(2));
    device
}

// spec: CON-13, CON-19
#[test]
fn an_interface_on_its_way_is_held_through_a_pause_and_ends_it() {
    let mut device = slow();
    assert_eq!(device.state(WL0), State::WifiDhcping);
    assert_eq!(device.manager.server_interface(), Some(WL0));
    assert!(device.commands().is_empty());
    device.bring_up(WL0);
    assert_eq!(device.server_state(), ServerState::Resolving);
    device.come_up();
    assert_eq!(reported(&mut device), ["resumed"]);
}

// spec: CON-13
#[test]
fn an_interface_that_stops_in_a_pause_is_let_go_of() {
    let mut device = slow();
    device.report(WL0, Report::LeaseRefused { code: 1 });
    assert_eq!(device.manager.server_interface(), None);
    assert_eq!(device.server_state(), ServerState::Waiting);
    let commands = device.commands();
    assert!(
        commands.contains(&"wl0 power down".to_owned()),
        "{commands:?}"
    );
    let begin = device.now;
    while device.server_state() == ServerState::Waiting {
        device.go_on();
    }
    let wait = device.now.saturating_duration_since(begin).as_millis();
    assert!(wait > 390_000, "the pause goes on: {wait}");
}

// spec: CON-13
#[test]
fn the_next_round_does_not_leave_an_interface_on_its_way_for_another() {
    let mut device = slow();
    device.report(WL0, Report::LeaseRefused { code: 1 });
    let mut tried = Vec::new();
    for mut device in [device, slow()] {
        while device.server_state() == ServerState::Waiting {
            device.forget_outputs();
            device.go_on();
        }
        tried.push(device.manager.server_interface());
    }
    assert_eq!(tried, [Some(ETH0), Some(WL0)]);
}

// spec: CON-13, TIME-3
#[test]
fn a_try_that_has_not_begun_holds_no_interface_in_a_pause() {
    let mut config = config();
    config.policy = Policy::SuspendOnError;
    config.server_order = [Some(ETH0), Some(WL0), None];
    let mut device = Device::with(&config);
    device.manager.store_wifi(device.now, &network("home"));
    device.open("wl0");
    device.connect();
    // No power-up is answered, so that wl0 is on its way again whenever its turn comes.
    assert!(pauses_holding_what_is_named(&mut device) > 5);
    // So does one after another address, which has not suspended anybody yet (CON-20).
    for late in 0..90 {
        let mut device = Device::with(&config);
        device.manager.store_wifi(device.now, &network("home"));
        device.open("wl0");
        device.connect();
        device.come_up();
        device.pass(seconds(60));
        let lease = Lease::new([192, 168, 1, 77].into(), 24);
        device.report(ETH0, Report::Lease(lease));
        device.report(ETH0, Report::CarrierDown);
        device.go_on();
        device.pass(seconds(late));
        pauses_holding_what_is_named(&mut device);
    }
}

/// Handles time more or less late, and counts the pauses in which no interface is held.
fn pauses_holding_what_is_named(device: &mut Device) -> u32 {
    let mut paused = 0;
    for late in (0..40).cycle().take(400) {
        let due = device.manager.poll_at().unwrap().at;
        device.go(due.saturating_add(seconds(late)));
        let held = device.manager.server_interface();
        for seen in device.manager.snapshot() {
            let is_held =
                held == Some(seen.interface) && device.server_state() == ServerState::Waiting;
            assert!(seen.server_holder || !is_held, "{seen:?}");
        }
        paused += u32::from(device.server_state() == ServerState::Waiting && held.is_none());
    }
    paused
}
