//! What an interface runs with is what it was last joined or addressed with (OPEN-9).

use lankeeper::manager::{ConnectError, OpenError};
use lankeeper::{ConnectOutcome, Nic, Policy, Report, State};

use super::rig::{Rig, Runs, Server};
use super::{ALL, ETH0, MINUTE, RETURNING, WL0, address, fixed, named, network, proxied, wifi};

/// Connected with a given NIC, opened by name meanwhile, disconnected: what was given runs on.
fn left_running(policy: Policy, given: &Nic, allowing: bool) -> Rig<3> {
    let mut rig = match allowing {
        true => Rig::allowing(policy, ALL),
        false => Rig::new(policy, ALL),
    };
    rig.connect_with(given).unwrap();
    assert!(rig.pass_until(MINUTE, |rig| rig.is_connected()));
    rig.open_named(given.name().as_str());
    rig.disconnect();
    rig.pass(1_000);
    rig.forget();
    rig
}

/// Connects, and returns over what the connection runs, which `current_config` must say too.
fn connected_with(rig: &mut Rig<3>, nic: &Nic) -> Result<Runs, ConnectError> {
    rig.connect_with(nic)?;
    assert!(
        rig.pass_until(2 * MINUTE, |rig| rig.is_connected()),
        "{}",
        rig.story()
    );
    rig.pass(1_000);
    let id = rig.manager.server_interface().unwrap();
    let runs = rig.runs(id);
    let (_, current, via) = rig.current().expect("it was sealed");
    assert_eq!(current.ip, runs.ip, "{}", rig.story());
    if id == WL0 {
        assert_eq!(current.network, runs.network, "{}", rig.story());
    }
    assert_eq!(via, rig.proxy, "{}", rig.story());
    Ok(runs)
}

fn joined(ssid: &str) -> Runs {
    Runs {
        network: Some(ssid.to_owned()),
        ip: None,
    }
}

// spec: OPEN-9, OPEN-3
#[test]
fn another_network_than_the_one_in_use_is_refused_although_it_is_stored() {
    for policy in RETURNING {
        for allowing in [false, true] {
            let mut rig = left_running(policy, &wifi("cafe"), allowing);
            assert_eq!(rig.runs(WL0), joined("cafe"));
            let refused = rig.connect_with(&wifi("home"));
            assert_eq!(refused, Err(ConnectError::Active), "{policy:?} {allowing}");
            assert_eq!(rig.open(&wifi("home")), Err(OpenError::Active));
            assert_eq!(rig.commands(), [""; 0]);
        }
    }
}

// spec: OPEN-9, OPEN-3, CFG-4
#[test]
fn the_network_in_use_is_taken_although_it_was_forgotten() {
    for policy in RETURNING {
        let mut rig = left_running(policy, &wifi("cafe"), true);
        rig.open(&wifi("cafe")).unwrap();
        let runs = connected_with(&mut rig, &wifi("cafe"));
        assert_eq!(runs, Ok(joined("cafe")), "{policy:?}\n{}", rig.story());
        let (name, current, _) = rig.current().unwrap();
        assert_eq!((name, current), ("wl0", joined("cafe")));
    }
}

// spec: CFG-2, OPEN-9
#[test]
fn what_is_given_again_is_joined_again_while_the_attempt_lasts() {
    for policy in RETURNING {
        for given in [wifi("cafe"), wifi("home")] {
            let mut rig = left_running(policy, &given, false);
            rig.pass(6 * MINUTE);
            rig.request("store", |manager, now| {
                manager.store_wifi(now, &network("work"))
            });
            rig.server_down(Server::Silent);
            rig.connect_with(&given).unwrap();
            rig.pass(1_000);
            rig.report(WL0, "join", Report::LinkLost { code: 1 });
            rig.server_up();
            let up = rig.pass_until(MINUTE, |rig| rig.is_connected());
            let ssid = given.wifi().unwrap().ssid();
            let ssid = String::from_utf8(ssid.to_vec()).unwrap();
            assert!(up && rig.runs(WL0) == joined(&ssid), "{}", rig.story());
            // Once it is over, it is forgotten as ever.
            rig.disconnect();
            rig.pass(6 * MINUTE);
            rig.report(WL0, "join", Report::LinkLost { code: 1 });
            rig.pass(10_000);
            assert_eq!(rig.runs(WL0), joined("work"), "{}", rig.story());
        }
    }
}

// spec: CFG-2, CON-7, CON-8
#[test]
fn a_proxy_that_is_given_changes_nothing_of_an_interface_that_was_opened_by_name() {
    for policy in RETURNING {
        let mut rig = Rig::new(policy, ALL);
        let handle = rig.open_named("eth0");
        rig.pass(MINUTE);
        // What is stored now is not what was stored when it came up.
        rig.request("store", |manager, now| {
            manager.store_wifi(now, &network("work"))
        });
        rig.server_down(Server::Silent);
        rig.connect_with(&proxied("eth0", "10.0.0.1")).unwrap();
        rig.pass(1_000);
        rig.connect_with(&named("eth0")).unwrap();
        rig.pass(1_000);
        let state = rig.manager.state(ETH0);
        assert_eq!(state, Some(State::Connected), "{}", rig.story());
        assert!(rig.manager.interface(handle).is_ok(), "{}", rig.story());
    }
}

// spec: OPEN-9, CFG-4
#[test]
fn a_name_only_connection_over_an_interface_in_use_is_told_as_it_runs() {
    for policy in RETURNING {
        for allowing in [false, true] {
            let mut rig = left_running(policy, &wifi("cafe"), allowing);
            let runs = connected_with(&mut rig, &named("wl0"));
            assert_eq!(runs, Ok(joined("cafe")), "{policy:?}\n{}", rig.story());
        }
    }
}

// spec: OPEN-9, CFG-4
#[test]
fn a_connection_by_the_order_over_an_interface_in_use_is_told_as_it_runs() {
    for policy in RETURNING {
        let mut rig = left_running(policy, &wifi("cafe"), false);
        rig.order(&[WL0]);
        rig.connect().unwrap();
        assert!(rig.pass_until(MINUTE, |rig| rig.is_connected()));
        rig.pass(100);
        assert_eq!(rig.runs(WL0), joined("cafe"));
        let (_, current, _) = rig.current().unwrap();
        assert_eq!(current, joined("cafe"), "{policy:?}\n{}", rig.story());
    }
}

// spec: OPEN-9, CON-8
#[test]
fn connected_over_the_network_in_use_an_equal_nic_changes_nothing_and_another_begins_anew() {
    for policy in RETURNING {
        let mut rig = left_running(policy, &wifi("cafe"), true);
        connected_with(&mut rig, &named("wl0")).unwrap();
        rig.forget();
        rig.connect_with(&wifi("cafe")).unwrap();
        rig.pass(1_000);
        assert_eq!(rig.commands(), [""; 0], "{policy:?}\n{}", rig.story());
        let connected = ("wl0", ConnectOutcome::ServerConnected);
        assert_eq!(rig.results(), [connected]);
        let runs = connected_with(&mut rig, &wifi("home"));
        assert_eq!(runs, Ok(joined("home")), "{policy:?}\n{}", rig.story());
    }
}

// spec: OPEN-9, OPEN-3, CFG-4
#[test]
fn a_static_address_in_use_counts_until_the_interface_is_addressed_anew() {
    for policy in RETURNING {
        for name in ["eth0", "wl0"] {
            let given = fixed(name, 9);
            let mut rig = left_running(policy, &given, true);
            let id = given.name().resolve(ALL).unwrap();
            assert_eq!(rig.runs(id).ip, Some(address(9)));
            let refused = rig.connect_with(&fixed(name, 8));
            assert_eq!(refused, Err(ConnectError::Active));
            assert_eq!(rig.open(&fixed(name, 8)), Err(OpenError::Active));
            rig.open(&given).unwrap();
            let runs = connected_with(&mut rig, &named(name)).unwrap();
            assert_eq!(runs.ip, Some(address(9)), "{policy:?}\n{}", rig.story());
            rig.disconnect();
            let runs = connected_with(&mut rig, &given).unwrap();
            assert_eq!(runs.ip, Some(address(9)), "{policy:?}\n{}", rig.story());
        }
    }
}

// spec: OPEN-3, OPEN-9
#[test]
fn a_leased_address_in_use_is_not_the_static_one_that_was_stored_since() {
    for policy in RETURNING {
        for name in ["eth0", "wl0"] {
            let mut rig = Rig::allowing(policy, ALL);
            rig.open_named(name);
            rig.pass(5_000);
            rig.request("store static", |manager, now| {
                manager.store_static(now, address(9))
            });
            rig.pass(1_000);
            let refused = rig.connect_with(&fixed(name, 9));
            assert_eq!(
                refused,
                Err(ConnectError::Active),
                "{policy:?} {name}\n{}",
                rig.story()
            );
            assert_eq!(rig.open(&fixed(name, 9)), Err(OpenError::Active));
            let runs = connected_with(&mut rig, &named(name)).unwrap();
            assert_eq!(runs.ip, None);
        }
    }
}

// spec: CFG-4, OPEN-9
#[test]
fn a_network_stored_while_another_is_in_use_is_not_told_before_it_is_joined() {
    for policy in RETURNING {
        let mut rig = Rig::allowing(policy, ALL);
        rig.open_named("wl0");
        rig.pass(5_000);
        rig.request("store", |manager, now| {
            manager.store_wifi(now, &network("cafe"))
        });
        assert_eq!(rig.open(&wifi("cafe")), Err(OpenError::Active));
        rig.open(&wifi("home")).unwrap();
        let runs = connected_with(&mut rig, &named("wl0"));
        assert_eq!(runs, Ok(joined("home")), "{policy:?}\n{}", rig.story());
        rig.request("reapply", |manager, now| manager.reapply(now));
        rig.pass(10_000);
        let runs = connected_with(&mut rig, &named("wl0"));
        assert_eq!(runs, Ok(joined("cafe")), "{policy:?}\n{}", rig.story());
    }
}

// spec: CFG-4, CFG-5, OPEN-9
#[test]
fn a_cleared_network_is_told_while_it_is_in_use() {
    for policy in RETURNING {
        let mut rig = Rig::allowing(policy, ALL);
        rig.open_named("wl0");
        rig.pass(5_000);
        rig.request("clear", |manager, now| {
            manager.clear_stored(now, lankeeper::stored::StoredParts::all());
        });
        let runs = connected_with(&mut rig, &named("wl0"));
        assert_eq!(runs, Ok(joined("home")), "{policy:?}\n{}", rig.story());
        rig.open(&wifi("home")).unwrap();
    }
}

// spec: CON-8, OPEN-9
#[test]
fn what_is_told_of_a_proxy_is_what_the_connection_goes_through() {
    for policy in RETURNING {
        for name in ["eth0", "wl0"] {
            let mut rig = left_running(policy, &proxied(name, "10.1.1.1"), true);
            connected_with(&mut rig, &named(name)).unwrap();
            rig.disconnect();
            // Where the interface counts as in use with that proxy, it is gone through.
            if connected_with(&mut rig, &proxied(name, "10.1.1.1")).is_ok() {
                assert_eq!(rig.proxy.as_deref(), Some("10.1.1.1"), "{}", rig.story());
            }
            let refused = rig.connect_with(&proxied(name, "10.1.1.2"));
            if refused.is_ok() {
                assert!(rig.pass_until(MINUTE, |rig| rig.is_connected()));
                assert_eq!(rig.proxy.as_deref(), Some("10.1.1.2"), "{}", rig.story());
            }
        }
    }
}

// spec: CON-8, OPEN-9
#[test]
fn a_proxy_stored_while_connected_is_not_told_before_it_is_gone_through() {
    for policy in RETURNING {
        for name in ["eth0", "wl0"] {
            let mut rig = Rig::allowing(policy, ALL);
            rig.open_named(name);
            connected_with(&mut rig, &named(name)).unwrap();
            rig.request("store proxy", |manager, now| {
                manager.store_proxy(now, &super::proxy("10.1.1.1"));
            });
            rig.pass(1_000);
            // A request that changes nothing tells what there is.
            connected_with(&mut rig, &named(name)).unwrap();
            rig.disconnect();
            rig.pass(1_000);
            connected_with(&mut rig, &named(name)).unwrap();
        }
    }
}

// spec: OPEN-9
#[test]
fn a_second_connection_over_wired_settings_is_told_as_it_runs() {
    // Over DHCP, given a static address, and back by name alone.
    for policy in RETURNING {
        let mut rig = Rig::new(policy, ALL);
        connected_with(&mut rig, &named("eth0")).unwrap();
        let runs = connected_with(&mut rig, &fixed("eth0", 9)).unwrap();
        assert_eq!(runs.ip, Some(address(9)));
        rig.disconnect();
        rig.pass(1_000);
        let runs = connected_with(&mut rig, &named("eth0")).unwrap();
        assert_eq!(
            runs.ip, None,
            "nobody held it: it starts with what is stored"
        );
        assert!(rig.is_connected());
        assert_eq!(rig.manager.server_interface(), Some(ETH0));
    }
}
