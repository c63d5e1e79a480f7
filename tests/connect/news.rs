//! What ends a wait between two tries before its time (CON-19), and what a server call begins.

use lankeeper::connect::ServerTimer;
use lankeeper::manager::{ServerCall, Wake};
use lankeeper::{
    Instant, IpConfig, Notice, Policy, Prefix, ServerReport, ServerState, Span, State,
};

use super::device::{CELL0, Device, ETH0, WL0, config, just_before, named, network, seconds};

/// When the timer of the server connection runs out.
fn due(device: &mut Device, timer: ServerTimer) -> Instant {
    device.forget_outputs();
    let next = device.manager.poll_at().unwrap();
    assert_eq!(next.reason, Wake::Server(timer));
    next.at
}

/// A device whose server is gone, in the wait after the loss of a connection over `eth0`.
fn lost(policy: Policy) -> Device {
    let mut device = Device::new();
    device.manager.set_policy(device.now, policy);
    device.connect();
    device.come_up();
    // Nothing else is due while the server is gone.
    device.pass(seconds(3600));
    device.server(ServerReport::Lost { code: 1 });
    device.forget_outputs();
    device
}

/// The same in the middle of the pause after the first round, in which no interface is held.
fn pausing() -> Device {
    let mut device = lost(Policy::SuspendOnError);
    while device.manager.server_interface().is_some() {
        match device.server_state() {
            ServerState::WaitingForInterface => {
                let tried = device.manager.server_interface().unwrap();
                device.report(tried, lankeeper::Report::Fault { code: 1 });
            }
            ServerState::Resolving => device.server(ServerReport::NotResolved { code: 1 }),
            _ => device.go_on(),
        }
    }
    due(&mut device, ServerTimer::Pause);
    device.pass(seconds(120));
    assert_eq!(device.server_state(), ServerState::Waiting);
    device
}

// spec: CON-19
#[test]
fn an_interface_that_comes_up_ends_a_pause() {
    let mut device = pausing();
    device.open_up(WL0);
    assert_eq!(device.server_state(), ServerState::Resolving);
    assert_eq!(device.manager.server_interface(), Some(WL0));
    // The round goes on over the others, as any round does: after a wait.
    device.server(ServerReport::NotResolved { code: 1 });
    assert_eq!(device.server_state(), ServerState::Waiting);
    while device.server_state() == ServerState::Waiting {
        device.go_on();
    }
    assert_eq!(device.manager.server_interface(), Some(CELL0));
}

// spec: CON-19, CON-14
#[test]
fn an_interface_that_is_not_of_the_route_is_no_news() {
    let mut device = Device::connected(&named("eth0"));
    device.server(ServerReport::Lost { code: 1 });
    device.open_up(WL0);
    assert_eq!(device.server_state(), ServerState::Waiting);
    assert_eq!(device.manager.server_interface(), Some(ETH0));
}

// spec: CON-19, IFC-13
#[test]
fn news_of_interfaces_makes_no_more_tries_than_there_are_waits() {
    let mut device = lost(Policy::ReturnOnError);
    let first = due(&mut device, ServerTimer::Retry);
    device.open_up(WL0);
    assert_eq!(device.server_state(), ServerState::Resolving);
    let everywhere = |device: &mut Device| {
        while device.server_state() != ServerState::Waiting {
            device.come_up_to(ServerState::Resolving);
            device.server(ServerReport::NotResolved { code: 1 });
        }
    };
    everywhere(&mut device);
    // The next wait begins where the one that was cut short would have ended.
    let second = due(&mut device, ServerTimer::Retry);
    let wait = second.saturating_duration_since(first).as_millis();
    assert!((250..=2_000).contains(&wait), "{wait}");
    device.open_up(CELL0);
    assert_eq!(device.server_state(), ServerState::Waiting);
    assert_eq!(due(&mut device, ServerTimer::Retry), first);
    device.go(just_before(first));
    assert_eq!(device.server_state(), ServerState::Waiting);
    device.go(first);
    assert_eq!(device.manager.server_interface(), Some(CELL0));
}

// spec: CON-19, OPEN-2
#[test]
fn an_interface_that_is_enabled_is_tried_at_once() {
    for policy in [Policy::ReturnOnError, Policy::KeepTrying] {
        let mut device = lost(policy);
        let now = device.now;
        device.manager.set_enabled(now, CELL0, false).unwrap();
        assert_eq!(device.server_state(), ServerState::Waiting);
        device.manager.set_enabled(now, CELL0, true).unwrap();
        assert_eq!(device.server_state(), ServerState::WaitingForInterface);
        assert_eq!(device.manager.server_interface(), Some(CELL0));
    }
}

// spec: CON-19, CFG-1
#[test]
fn settings_and_another_order_are_tried_at_once_from_the_first_interface_on() {
    let news: [fn(&mut Device); 4] = [
        |device| device.manager.store_wifi(device.now, &network("elsewhere")),
        |device| {
            let parts = lankeeper::stored::StoredParts::WIFI;
            device.manager.clear_stored(device.now, parts);
        },
        |device| {
            let same = device.manager.stored().clone();
            device.manager.provision(device.now, &same);
        },
        |device| {
            let order = [WL0, ETH0];
            device.manager.set_server_order(device.now, &order).unwrap();
        },
    ];
    for (place, news) in news.into_iter().enumerate() {
        for mut device in [lost(Policy::ReturnOnError), pausing()] {
            news(&mut device);
            let first = if place == 3 { WL0 } else { ETH0 };
            assert_eq!(device.manager.server_interface(), Some(first), "{place}");
            assert_ne!(device.server_state(), ServerState::Waiting, "{place}");
        }
    }
}

// spec: CON-19, CFG-1
#[test]
fn settings_that_change_nothing_are_no_news() {
    let mut device = lost(Policy::ReturnOnError);
    device.manager.store_wifi(device.now, &network("home"));
    assert_eq!(device.server_state(), ServerState::Waiting);
}

// spec: CON-19, CON-16
#[test]
fn a_server_call_ends_a_pause_but_no_back_off() {
    let mut device = lost(Policy::SuspendOnError);
    let retry = due(&mut device, ServerTimer::Retry);
    let call = device.manager.server_call(device.now);
    assert_eq!(call, Ok(ServerCall::Connecting));
    assert_eq!(due(&mut device, ServerTimer::Retry), retry);

    let mut device = pausing();
    let call = device.manager.server_call(device.now);
    assert_eq!(call, Ok(ServerCall::Connecting));
    assert_eq!(device.server_state(), ServerState::WaitingForInterface);
    let end = device.now.saturating_add(seconds(60));
    while let Some(tried) = device.manager.server_interface() {
        // Nothing is on its way when the round ends: that would be held on.
        device.report(tried, lankeeper::Report::Fault { code: 1 });
        device.go_on();
    }
    assert_eq!(device.now, end, "a round lasts as long as any other");
}

// spec: CON-18, CON-19
#[test]
fn news_does_not_hasten_a_call_that_is_put_off() {
    let mut config = config();
    config.policy = Policy::ReturnOnError;
    config.spread = Span::from_secs(30);
    let mut device = Device::with(&config);
    device.manager.server_call(device.now).unwrap();
    let begin = due(&mut device, ServerTimer::Retry);
    device.open_up(CELL0);
    device.manager.store_wifi(device.now, &network("home"));
    device.forget_outputs();
    assert_eq!(device.server_state(), ServerState::Waiting);
    device.go(begin);
    assert_eq!(device.manager.server_interface(), Some(ETH0));
}

// spec: CON-18, CON-19
#[test]
fn a_fleet_does_not_try_in_step_because_its_network_is_back() {
    let mut config = config();
    config.policy = Policy::KeepTrying;
    config.spread = Span::from_secs(30);
    let mut waits = Vec::new();
    for seed in 0..20 {
        config.seed = seed;
        let mut device = Device::with(&config);
        device.connect();
        device.come_up();
        device.pass(seconds(3600));
        device.server(ServerReport::Lost { code: 1 });
        // Hours later: long waits, and no interface of its own.
        while device.now < Instant::from_secs(10_000) {
            if let Some(tried) = device.manager.server_interface()
                && device.server_state() != ServerState::Waiting
            {
                device.report(tried, lankeeper::Report::Fault { code: 1 });
            }
            device.go_on();
        }
        while device.server_state() != ServerState::Waiting {
            let tried = device.manager.server_interface().unwrap();
            device.report(tried, lankeeper::Report::Fault { code: 1 });
        }
        device.forget_outputs();
        let news = device.now;
        device.open_up(CELL0);
        assert_eq!(device.server_state(), ServerState::Waiting, "{seed}");
        device.go_on();
        waits.push(device.now.saturating_duration_since(news).as_millis());
    }
    assert!(waits.iter().all(|wait| (1..=30_000).contains(wait)));
    waits.sort_unstable();
    waits.dedup();
    assert!(waits.len() > 15, "{waits:?}");
}

// spec: CON-28
#[test]
fn a_call_during_a_flush_does_not_cut_the_flush_short() {
    for policy in [
        Policy::SuspendOnError,
        Policy::ReturnOnError,
        Policy::KeepTrying,
    ] {
        let mut device = Device::connected(&named("eth0"));
        device.manager.set_policy(device.now, policy);
        device.manager.note_wake(device.now);
        device.manager.disconnect(device.now, Span::from_secs(5));
        device.forget_outputs();
        let call = device.manager.server_call(device.now);
        assert_eq!(call.map_err(|error| error.code()), Err(1));
        assert_eq!(device.server_state(), ServerState::Flushing);
        assert!(device.commands().is_empty());
        device.server(ServerReport::Flushed);
        assert_eq!(device.server_state(), ServerState::Disconnected);
    }
}

// spec: CON-28, CON-16
#[test]
fn only_an_attempt_uses_up_the_first_call_after_a_wake() {
    let mut device = Device::connected(&named("eth0"));
    device.manager.note_wake(device.now);
    // One that finds it connected, a request that is confirmed, and one during a flush.
    device.manager.server_call(device.now).unwrap();
    device.connect();
    device.manager.disconnect(device.now, Span::from_secs(5));
    assert!(device.manager.server_call(device.now).is_err());
    device.manager.disconnect(device.now, None);
    // One that has nothing to try.
    for id in [ETH0, WL0, CELL0] {
        device.manager.set_enabled(device.now, id, false).unwrap();
    }
    assert!(device.manager.server_call(device.now).is_err());
    for id in [ETH0, WL0, CELL0] {
        device.manager.set_enabled(device.now, id, true).unwrap();
    }
    let call = device.manager.server_call(device.now);
    assert_eq!(call, Ok(ServerCall::Connecting));
    device.manager.disconnect(device.now, None);
    assert!(device.manager.server_call(device.now).is_err(), "used up");
}

// spec: OPEN-8, CON-5, CON-12
#[test]
fn an_interface_that_begins_anew_brings_the_connection_back() {
    let own = Prefix::new([10, 1, 2, 3].into(), 8).unwrap();
    let address = IpConfig::new(own, None, &[]).unwrap();
    let (mut device, handle, _) = Device::shared();
    device.manager.store_static(device.now, address);
    device.forget_outputs();
    device.manager.reapply(device.now);
    assert_eq!(device.server_state(), ServerState::WaitingForInterface);
    assert_eq!(device.manager.server_interface(), Some(ETH0));
    assert_eq!(device.state(ETH0), State::Starting);
    device.come_up();
    assert_eq!(device.manager.ip_config(ETH0), Some(address));
    assert_eq!(device.manager.interface(handle), Ok(ETH0));
    let is_lost = |notice: &Notice| matches!(notice, Notice::ServerLost { .. });
    assert!(!device.notices().iter().any(is_lost));
}
