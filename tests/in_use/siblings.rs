//! Where else the same ideas could be broken: names that are selected, provisioning, WPS, proxies.

use lankeeper::manager::OpenError;
use lankeeper::stored::StoredSettings;
use lankeeper::{ConnectOutcome, Nic, Policy, Report, ServerState, Span, State};

use super::rig::{Health, Rig, Server, config};
use super::{
    ALL, CELL0, ETH0, MINUTE, RETURNING, WL0, fixed, named, network, proxied, proxy, wifi,
};

fn provision(rig: &mut Rig<3>, ssid: &str) {
    let mut settings = StoredSettings::default();
    settings.wifi = Some(network(ssid));
    rig.request("provision", |manager, now| {
        manager.provision(now, &settings)
    });
}

fn told(rig: &Rig<3>) -> Option<String> {
    rig.current().and_then(|(_, runs, _)| runs.network)
}

/// Connected with café, which was given, opened by name, disconnected.
fn left_running(policy: Policy) -> Rig<3> {
    let mut rig = Rig::allowing(policy, ALL);
    rig.connect_with(&wifi("cafe")).unwrap();
    assert!(rig.pass_until(MINUTE, |rig| rig.is_connected()));
    rig.open_named("wl0");
    rig.disconnect();
    rig.pass(1_000);
    rig.forget();
    rig
}

// spec: OPEN-9, OPEN-8
#[test]
fn provisioning_with_the_network_in_use_changes_nothing() {
    for policy in RETURNING {
        let mut rig = left_running(policy);
        provision(&mut rig, "cafe");
        rig.pass(10_000);
        assert_eq!(rig.commands(), [""; 0], "{policy:?}");
        assert_eq!(rig.state(WL0), State::Connected);
    }
}

// spec: OPEN-9, OPEN-8
#[test]
fn provisioning_with_another_network_than_the_one_in_use_begins_anew() {
    for policy in RETURNING {
        for ssid in ["home", "work"] {
            let mut rig = left_running(policy);
            provision(&mut rig, ssid);
            rig.pass(10_000);
            assert_eq!(
                rig.runs(WL0).network.as_deref(),
                Some(ssid),
                "{policy:?}\n{}",
                rig.story()
            );
        }
    }
}

// spec: OPEN-9, OPEN-8
#[test]
fn reapplying_what_is_stored_ends_what_runs_with_something_else() {
    for policy in RETURNING {
        let mut rig = left_running(policy);
        rig.request("reapply", |manager, now| manager.reapply(now));
        rig.pass(10_000);
        assert_eq!(
            rig.runs(WL0).network.as_deref(),
            Some("home"),
            "{policy:?}\n{}",
            rig.story()
        );
        rig.forget();
        rig.request("reapply", |manager, now| manager.reapply(now));
        rig.pass(10_000);
        assert_eq!(rig.commands(), [""; 0], "it runs with what is stored");
    }
}

// spec: CON-8, OPEN-9
#[test]
fn where_only_the_proxy_differs_from_what_is_in_use_the_interface_stays_up() {
    for policy in RETURNING {
        let mut rig = left_running(policy);
        rig.connect_with(&named("wl0")).unwrap();
        assert!(rig.pass_until(MINUTE, |rig| rig.is_connected()));
        rig.forget();
        let builder = Nic::builder("wl0").wifi(network("cafe"));
        let nic = builder.proxy(proxy("10.1.1.1")).build().unwrap();
        rig.connect_with(&nic).unwrap();
        rig.pass(1_000);
        assert!(rig.is_connected());
        let expected = [
            "wl0 disconnect",
            "wl0 resolve via 10.1.1.1",
            "wl0 reach proxy via 10.1.1.1",
            "wl0 connect via 10.1.1.1",
        ];
        assert_eq!(rig.commands(), expected, "{policy:?}\n{}", rig.story());
    }
}

// spec: CFG-3, CON-14
#[test]
fn an_extended_request_selects_nothing() {
    for policy in RETURNING {
        let mut rig = Rig::new(policy, ALL);
        rig.connect_with(&named("wl0")).unwrap();
        rig.pass(5_000);
        rig.connect_with(&fixed("eth0", 9)).unwrap();
        rig.pass(5_000);
        rig.disconnect();
        rig.connect().unwrap();
        rig.pass(5_000);
        assert_eq!(rig.manager.server_interface(), Some(WL0), "{policy:?}");
        let mut rig = Rig::new(policy, ALL);
        rig.connect_with(&wifi("cafe")).unwrap();
        rig.pass(5_000);
        rig.disconnect();
        rig.connect().unwrap();
        rig.pass(5_000);
        assert_eq!(rig.manager.server_interface(), Some(ETH0), "{policy:?}");
    }
}

// spec: CFG-3, CON-9
#[test]
fn a_name_is_selected_although_its_attempt_fails_or_is_superseded() {
    for policy in RETURNING {
        for fails in [false, true] {
            let mut rig = Rig::new(policy, ALL);
            rig.delay = 100;
            if fails {
                rig.set_health(WL0, Health::Dead);
            }
            rig.connect_with(&named("wifi")).unwrap();
            rig.pass(150);
            rig.connect_with(&fixed("eth0", 9)).unwrap();
            rig.pass(10_000);
            rig.disconnect();
            rig.set_health(WL0, Health::Good);
            rig.connect().unwrap();
            rig.pass(10_000);
            assert_eq!(
                rig.manager.server_interface(),
                Some(WL0),
                "{policy:?} {fails}"
            );
        }
    }
}

// spec: CON-8, CFG-2
#[test]
fn a_connect_while_connected_with_given_settings_forgets_them() {
    for policy in RETURNING {
        for nic in [wifi("cafe"), fixed("eth0", 9), proxied("eth0", "10.1.1.1")] {
            let mut rig = Rig::new(policy, ALL);
            rig.connect_with(&nic).unwrap();
            rig.pass(90_000);
            rig.forget();
            rig.connect().unwrap();
            rig.pass(10_000);
            assert_eq!(rig.results(), [("eth0", ConnectOutcome::ServerConnected)]);
            let (name, runs, via) = rig.current().unwrap();
            assert_eq!(
                (name, runs.ip, via),
                ("eth0", None, None),
                "{}",
                rig.story()
            );
        }
    }
}

/// Begins WPS, which the world answers with a join.
fn wps(rig: &mut Rig<3>) {
    rig.report(WL0, "power up", Report::WpsStarted);
    rig.pass(5_000);
    assert_eq!(rig.state(WL0), State::Connected, "{}", rig.story());
}

// spec: OPEN-9, IFC-17, CFG-4
#[test]
fn a_network_that_was_joined_by_wps_is_not_the_one_that_is_stored_since() {
    for policy in RETURNING {
        for before in [false, true] {
            let mut rig = Rig::allowing(policy, ALL);
            rig.set_health(WL0, Health::Dead);
            if !before {
                rig.request("clear", |manager, now| {
                    manager.clear_stored(now, lankeeper::stored::StoredParts::all());
                });
            }
            rig.open_named("wl0");
            rig.pass(100);
            rig.set_health(WL0, Health::Good);
            wps(&mut rig);
            rig.request("store", |manager, now| {
                manager.store_wifi(now, &network("home"))
            });
            assert_eq!(
                rig.open(&wifi("home")),
                Err(OpenError::Active),
                "{}",
                rig.story()
            );
            rig.connect_with(&named("wl0")).unwrap();
            rig.pass(1_000);
            assert!(rig.is_connected());
            assert_eq!(told(&rig), None, "{policy:?} {before}\n{}", rig.story());
        }
    }
}

// spec: IFC-17, CFG-4, OPEN-9
#[test]
fn a_network_that_was_joined_by_wps_and_provisioned_is_told() {
    for policy in RETURNING {
        for before in [false, true] {
            let mut rig = Rig::allowing(policy, ALL);
            if !before {
                rig.request("clear", |manager, now| {
                    manager.clear_stored(now, lankeeper::stored::StoredParts::all());
                });
            }
            rig.delay = 100;
            rig.set_health(WL0, Health::Dead);
            rig.open_named("wl0");
            rig.pass(500);
            rig.set_health(WL0, Health::Good);
            rig.report(WL0, "power up", Report::WpsStarted);
            let begun = rig.pass_until(MINUTE, |rig| rig.state(WL0) == State::WifiWpsing);
            assert!(begun, "{}", rig.story());
            provision(&mut rig, "work");
            rig.pass(5_000);
            assert_eq!(rig.state(WL0), State::Connected, "{}", rig.story());
            rig.connect_with(&named("wl0")).unwrap();
            rig.pass(1_000);
            assert_eq!(
                told(&rig).as_deref(),
                Some("work"),
                "{policy:?}\n{}",
                rig.story()
            );
        }
    }
}

// spec: CON-11, CON-13, CON-23
#[test]
fn what_a_policy_ends_is_told_with_the_last_real_failure() {
    let cases = [
        (ETH0, Health::Dead, ConnectOutcome::NoLink),
        (WL0, Health::Dead, ConnectOutcome::NoWifi),
        (CELL0, Health::Dead, ConnectOutcome::SimError),
        (WL0, Health::Good, ConnectOutcome::NoWifi),
    ];
    for (id, health, outcome) in cases {
        for opened in [false, true] {
            for wait in (0..150).map(|step| 1 + step * 4_733) {
                let mut rig = Rig::new(Policy::SuspendOnError, ALL);
                if health == Health::Good {
                    rig.request("clear", |manager, now| {
                        manager.clear_stored(now, lankeeper::stored::StoredParts::all());
                    });
                }
                rig.set_health(id, health);
                rig.order(&[id]);
                if opened {
                    rig.open_named(&id.to_string());
                }
                rig.connect().unwrap();
                rig.pass(wait);
                rig.policy(Policy::ReturnOnError);
                let name = named(&id.to_string());
                let result = (name.name().as_str(), outcome);
                assert_eq!(
                    rig.results(),
                    [result],
                    "{id} {opened} {wait}\n{}",
                    rig.story()
                );
            }
        }
    }
}

// spec: CON-11, CON-13, CON-23
#[test]
fn what_a_policy_ends_over_several_interfaces_is_told_with_a_real_failure() {
    for order in [&[WL0, ETH0][..], &[ETH0, CELL0], &ALL] {
        for opened in [None, Some(ETH0), Some(CELL0), Some(WL0)] {
            for credentials in [false, true] {
                for wait in (0..100).map(|step| 1 + step * 7_331) {
                    let mut rig = Rig::new(Policy::SuspendOnError, ALL);
                    if !credentials {
                        rig.request("clear", |manager, now| {
                            manager.clear_stored(now, lankeeper::stored::StoredParts::all());
                        });
                    }
                    for id in ALL {
                        rig.set_health(id, Health::Dead);
                    }
                    rig.order(order);
                    if let Some(id) = opened {
                        rig.open_named(&id.to_string());
                    }
                    rig.connect().unwrap();
                    rig.pass(wait);
                    rig.policy(Policy::ReturnOnError);
                    let results = rig.results();
                    let case = format!("{order:?} {opened:?} {credentials} {wait}");
                    let is_real = |(_, outcome): &(_, ConnectOutcome)| {
                        *outcome != ConnectOutcome::NotConnected
                    };
                    assert!(
                        results.iter().all(is_real),
                        "{case} {results:?}\n{}",
                        rig.story()
                    );
                    assert_eq!(results.len(), 1, "{case}");
                }
            }
        }
    }
}

// spec: CON-16
#[test]
fn a_server_call_whose_attempt_fails_at_once_does_not_say_that_it_connects() {
    let mut rig = Rig::new(Policy::ReturnOnError, ALL);
    rig.request("clear", |manager, now| {
        manager.clear_stored(now, lankeeper::stored::StoredParts::all());
    });
    rig.order(&[WL0]);
    rig.open_named("wl0");
    rig.pass(1_000);
    let call = rig.request("call", |manager, now| manager.server_call(now));
    let goes_on = rig.server_state() != ServerState::Disconnected;
    assert_eq!(call.is_ok(), goes_on, "{call:?}\n{}", rig.story());
}

// spec: CON-7, CON-12, CON-13
#[test]
fn what_was_held_is_free_where_a_try_runs_out_at_the_instant_at_which_its_round_ends() {
    for policy in super::POLICIES {
        for (id, other) in [(ETH0, WL0), (WL0, ETH0)] {
            for seed in 0..6 {
                for offset in [-1_i64, 0, 1] {
                    let mut config = config(ALL);
                    config.seed = seed;
                    config.policy = policy;
                    let begins = first_retry(&mut Rig::with(&config), id);
                    // The second time that try has as long as the round has then.
                    let left = u32::try_from(60_000 - begins + offset).unwrap();
                    let left = Span::from_millis(left).unwrap();
                    config.server.timeouts.ethernet = left;
                    config.server.timeouts.wifi = left;
                    let mut rig = Rig::with(&config);
                    assert_eq!(first_retry(&mut rig, id), begins);
                    rig.pass(60_001);
                    let name = id.to_string();
                    let handle = rig.open_named(&name);
                    rig.pass(100);
                    let before = rig.snapshot(id);
                    if policy == Policy::SuspendOnError {
                        rig.order(&[other]);
                        rig.connect().unwrap();
                    } else {
                        rig.connect_with(&named(&other.to_string())).unwrap();
                    }
                    let case = format!("{policy:?} {id} {seed} {offset} {before:?}");
                    if !before.server_holder {
                        let is_open = rig.manager.interface(handle).is_ok();
                        assert!(is_open, "{case}\n{}", rig.story());
                        assert_eq!(rig.state(id), before.state, "{case}");
                    }
                }
            }
        }
    }
}

/// How many milliseconds after a loss the first retry begins; the server is silent from then on.
fn first_retry(rig: &mut Rig<3>, id: lankeeper::InterfaceId) -> i64 {
    rig.order(&[id]);
    rig.connect().unwrap();
    assert!(rig.pass_until(MINUTE, |rig| rig.is_connected()));
    rig.pass(90_000);
    rig.server_down(Server::Silent);
    let lost = rig.now.as_millis();
    let begun = |rig: &mut Rig<3>| rig.server_state() == ServerState::Connecting;
    assert!(rig.pass_until(MINUTE, begun));
    i64::try_from(rig.now.as_millis() - lost).unwrap()
}
