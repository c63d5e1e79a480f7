//! Connections that are lost with the address of their interface (CON-20), or because nothing is
//! heard of the server (CON-30).

use lankeeper::connect::ServerTimer;
use lankeeper::manager::Wake;
use lankeeper::{ConnectOutcome, Lease, Notice, Policy, Report, ServerReport, ServerState, Span};

use super::device::{Device, ETH0, config, just_before, named, proxied, seconds};

const HOST: [u8; 4] = [10, 9, 8, 7];

fn lease() -> Lease {
    Lease::new(HOST.into(), 24)
}

fn moved() -> Report {
    Report::Lease(Lease::new([10, 9, 8, 6].into(), 24))
}

/// Connected over `eth0` with that lease, for so many microseconds.
fn connected(policy: Policy, held: u64) -> Device {
    let mut device = Device::new();
    device.manager.set_policy(device.now, policy);
    device.connect();
    device.bring_up(ETH0);
    device.come_up_to(ServerState::Resolving);
    device.report(ETH0, Report::Lease(lease()));
    device.come_up();
    device.pass(lankeeper::Duration::from_micros(held));
    device.forget_outputs();
    device
}

const EVERY_POLICY: [Policy; 4] = [
    Policy::SuspendOnError,
    Policy::ReturnOnError,
    Policy::ReturnOnErrorNoDisconnect,
    Policy::KeepTrying,
];

// spec: CON-20
#[test]
fn another_address_makes_a_stable_connection_anew_at_once() {
    for policy in EVERY_POLICY {
        for (held, state) in [
            (59_999_999, ServerState::Waiting),
            (60_000_000, ServerState::Resolving),
        ] {
            let mut device = connected(policy, held);
            device.report(ETH0, moved());
            assert_eq!(device.server_state(), state, "{policy:?}");
            let commands = device.commands();
            let again = ["eth0 disconnect", "eth0 resolve"];
            assert!(commands.iter().eq(again.iter().take(commands.len())));
            while device.server_state() == ServerState::Waiting {
                device.go_on();
            }
            device.come_up();
            let reported = device.notices();
            let is_quiet = |notice: &Notice| {
                matches!(
                    notice,
                    Notice::ServerStateChanged { .. } | Notice::AddressChanged { .. }
                )
            };
            assert!(reported.iter().all(is_quiet), "{reported:?}");
        }
    }
}

// spec: CON-20, IFC-5
#[test]
fn the_same_address_with_another_gateway_loses_nothing() {
    let mut device = connected(Policy::ReturnOnError, 60_000_000);
    let renewed = lease().with_gateway([10, 9, 8, 1].into());
    device.report(ETH0, Report::Lease(renewed));
    assert_eq!(device.server_state(), ServerState::Connected);
    assert!(device.commands().is_empty());
    let changed = Notice::AddressChanged { interface: ETH0 };
    assert_eq!(device.notices(), [changed]);
}

// spec: CON-20, CON-12, CON-13
#[test]
fn a_server_that_is_not_found_from_the_new_address_is_lost_as_ever() {
    for policy in EVERY_POLICY {
        let mut device = connected(policy, 60_000_000);
        let end = device.now.saturating_add(seconds(60));
        device.report(ETH0, moved());
        device.go(just_before(end));
        let told = |device: &mut Device| {
            let told = |notice| match notice {
                Notice::Suspended { outcome, .. } => Some(("suspended", outcome)),
                Notice::ServerLost { outcome, .. } => Some(("lost", outcome)),
                _ => None,
            };
            device.notices().into_iter().find_map(told)
        };
        assert_eq!(told(&mut device), None);
        device.go(end);
        let what = match policy {
            Policy::SuspendOnError => "suspended",
            _ => "lost",
        };
        let expected = (what, ConnectOutcome::NotResolved);
        assert_eq!(told(&mut device), Some(expected), "{policy:?}");
    }
}

// spec: CON-20, CFG-2
#[test]
fn a_given_connection_ends_with_its_address() {
    let mut device = Device::new();
    device.connect_with(&proxied("10.1.1.1"));
    device.come_up();
    device.pass(seconds(60));
    device.forget_outputs();
    device.report(ETH0, moved());
    assert_eq!(device.server_state(), ServerState::Disconnected);
    let lost = Notice::ServerLost {
        interface: ETH0,
        outcome: ConnectOutcome::AddressChanged,
        code: None,
    };
    assert!(device.notices().contains(&lost));
}

// spec: CON-20, CON-18
#[test]
fn in_a_fleet_a_new_address_does_not_bring_all_back_at_once() {
    let mut config = config();
    config.spread = Span::from_secs(30);
    let mut device = Device::with(&config);
    device.connect();
    device.come_up();
    device.pass(seconds(60));
    device.report(ETH0, moved());
    assert_eq!(device.server_state(), ServerState::Waiting);
    let changed = device.now;
    device.go_on();
    let wait = device.now.saturating_duration_since(changed).as_millis();
    assert!((1..=30_000).contains(&wait), "{wait}");
    assert_eq!(device.server_state(), ServerState::Resolving);
}

// spec: CON-30
#[test]
fn without_a_sign_of_life_in_time_the_connection_is_lost() {
    let mut config = config();
    config.policy = Policy::ReturnOnError;
    config.server.alive_within = Span::from_secs(30);
    let mut device = Device::with(&config);
    device.connect_with(&named("eth0"));
    device.come_up();
    device.forget_outputs();
    let mut end = device.now.saturating_add(seconds(30));
    for _ in 0..3 {
        device.go(just_before(end));
        assert_eq!(device.server_state(), ServerState::Connected);
        device.server(ServerReport::Alive);
        end = device.now.saturating_add(seconds(30));
    }
    assert_eq!(device.manager.server_ignored().meaningless, 0);
    device.forget_outputs();
    device.go(just_before(end));
    let next = device.manager.poll_at().unwrap();
    assert_eq!(
        (next.at, next.reason),
        (end, Wake::Server(ServerTimer::Alive))
    );
    device.go(end);
    assert_eq!(device.server_state(), ServerState::Waiting);
    assert_eq!(device.commands(), ["eth0 disconnect"]);
    // The report after the grace says why.
    device.pass(seconds(60));
    while device.server_state() != ServerState::Disconnected {
        device.go_on();
    }
    let is_lost = |notice: &Notice| {
        matches!(notice, Notice::ServerLost { outcome, .. } if *outcome == ConnectOutcome::NoServer
            || *outcome == ConnectOutcome::NotResolved)
    };
    assert!(device.notices().iter().any(is_lost));
}

// spec: CON-30, CON-12
#[test]
fn a_connection_that_is_lost_at_the_instant_at_which_it_is_stable_was_stable() {
    let mut config = config();
    config.policy = Policy::KeepTrying;
    config.server.alive_within = Some(config.server.stable_after);
    let mut device = Device::with(&config);
    device.connect_with(&named("eth0"));
    device.come_up();
    device.forget_outputs();
    let next = device.manager.poll_at().unwrap();
    assert_eq!(next.reason, Wake::Server(ServerTimer::Stability));
    device.go(next.at);
    assert_eq!(device.server_state(), ServerState::Waiting, "lost, too");
}

// spec: CON-30
#[test]
fn by_default_nobody_waits_for_a_sign_of_life() {
    let mut device = Device::connected(&named("eth0"));
    device.pass(seconds(24 * 3600));
    assert_eq!(device.server_state(), ServerState::Connected);
    assert_eq!(device.manager.poll_at(), None);
}

// spec: CON-30, CON-15
#[test]
fn a_flush_waits_for_no_sign_of_life() {
    let mut config = config();
    config.server.alive_within = Span::from_secs(30);
    let mut device = Device::with(&config);
    device.connect();
    device.come_up();
    device.manager.disconnect(device.now, Span::from_secs(60));
    device.pass(seconds(59));
    device.server(ServerReport::Alive);
    assert_eq!(device.server_state(), ServerState::Flushing);
    device.pass(seconds(1));
    assert_eq!(device.server_state(), ServerState::Disconnected);
}
