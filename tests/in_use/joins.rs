//! The stored network at each try, and opens that join what is in use (OPEN-5).

use lankeeper::{Cause, Nic, Notice, Policy, Report, State};

use super::rig::{Health, Rig};
use super::{ALL, MINUTE, WL0, address, fixed, named, network, wifi};

/// A device without a stored network.
fn bare() -> Rig<3> {
    let mut rig = Rig::new(Policy::ReturnOnError, ALL);
    rig.request("clear", |manager, now| {
        manager.clear_stored(now, lankeeper::stored::StoredParts::all());
    });
    rig.delay = 100;
    rig
}

fn store(rig: &mut Rig<3>, ssid: &str) {
    let ssid = ssid.to_owned();
    rig.request("store", |manager, now| {
        manager.store_wifi(now, &network(&ssid))
    });
}

/// The networks that were looked for, in order.
fn scans(rig: &mut Rig<3>) -> Vec<String> {
    let scan = |text: String| text.strip_prefix("wl0 scan ").map(str::to_owned);
    rig.commands().into_iter().filter_map(scan).collect()
}

fn nics() -> [Nic; 2] {
    [named("wl0"), fixed("wl0", 9)]
}

// spec: OPEN-5
#[test]
fn a_network_that_is_stored_while_the_interface_starts_is_joined() {
    for nic in nics() {
        for wait in [0, 1, 99, 100, 101, 5_000] {
            let mut rig = bare();
            rig.open(&nic).unwrap();
            rig.pass(wait);
            store(&mut rig, "home");
            let up = rig.pass_until(MINUTE, |rig| rig.state(WL0) == State::Connected);
            assert!(up, "{wait} ms\n{}", rig.story());
            assert_eq!(scans(&mut rig), ["home"]);
            assert_eq!(rig.runs(WL0).ip, nic.ip_config().copied());
        }
    }
}

// spec: OPEN-5, CON-5
#[test]
fn a_network_that_is_stored_while_an_attempt_starts_is_joined() {
    for nic in nics() {
        for wait in [0, 1, 99] {
            let mut rig = bare();
            rig.connect_with(&nic).unwrap();
            rig.pass(wait);
            store(&mut rig, "home");
            let up = rig.pass_until(MINUTE, |rig| rig.is_connected());
            assert!(up, "{wait} ms\n{}", rig.story());
            let (name, runs, _) = rig.current().unwrap();
            assert_eq!((name, runs), ("wl0", rig.runs(WL0)), "{}", rig.story());
        }
    }
}

// spec: OPEN-5, CFG-1
#[test]
fn a_network_that_is_provisioned_while_the_interface_starts_is_joined() {
    for nic in nics() {
        for wait in [0, 99, 101] {
            let mut rig = bare();
            rig.open(&nic).unwrap();
            rig.pass(wait);
            let mut settings = lankeeper::stored::StoredSettings::default();
            settings.wifi = Some(network("home"));
            rig.request("provision", |manager, now| {
                manager.provision(now, &settings)
            });
            let up = rig.pass_until(MINUTE, |rig| rig.state(WL0) == State::Connected);
            assert!(up, "{wait} ms\n{}", rig.story());
        }
    }
}

// spec: OPEN-5, OPEN-8
#[test]
fn each_try_takes_the_network_that_is_stored_then() {
    for nic in nics() {
        let mut rig = bare();
        store(&mut rig, "home");
        rig.set_health(WL0, Health::Dead);
        rig.open(&nic).unwrap();
        rig.pass(500);
        assert_eq!(rig.state(WL0), State::WifiStopped);
        store(&mut rig, "work");
        rig.pass(500);
        store(&mut rig, "shed");
        rig.pass(500);
        rig.set_health(WL0, Health::Good);
        store(&mut rig, "barn");
        rig.pass(2_000);
        let looked: Vec<_> = scans(&mut rig);
        assert_eq!(looked, ["home", "work", "shed", "barn"], "{}", rig.story());
        assert_eq!(rig.state(WL0), State::Connected);
    }
}

// spec: OPEN-5
#[test]
fn after_a_loss_the_network_that_is_stored_then_is_looked_for() {
    for nic in nics() {
        for hold in [1_000, 299_000, 301_000] {
            let mut rig = bare();
            store(&mut rig, "home");
            rig.open(&nic).unwrap();
            rig.pass(hold);
            assert_eq!(rig.state(WL0), State::Connected);
            store(&mut rig, "work");
            rig.pass(1_000);
            assert_eq!(scans(&mut rig), ["home"]);
            rig.report(WL0, "join", Report::LinkLost { code: 1 });
            rig.pass(10_000);
            assert_eq!(scans(&mut rig), ["work"], "{hold}\n{}", rig.story());
            assert_eq!(rig.runs(WL0).ip, nic.ip_config().copied());
        }
    }
}

// spec: OPEN-5, IFC-4
#[test]
fn without_any_network_nothing_is_sent_on_air() {
    for nic in nics() {
        let mut rig = bare();
        rig.open(&nic).unwrap();
        rig.pass(10 * MINUTE);
        let cause = rig.manager.reason(WL0).unwrap().cause;
        assert_eq!(
            (rig.state(WL0), cause),
            (State::WifiStopped, Cause::NoCredentials)
        );
        assert_eq!(scans(&mut rig), [""; 0]);
    }
}

// spec: OPEN-5, OPEN-4
#[test]
fn an_open_by_name_joins_the_settings_in_use() {
    for given in [wifi("cafe"), fixed("wl0", 9)] {
        for wait in [0, 100, 200, 300, 400, 5_000] {
            for dead in [false, true] {
                let mut rig = bare();
                store(&mut rig, "home");
                let expected = if given.wifi().is_some() {
                    "cafe"
                } else {
                    "home"
                };
                rig.open(&given).unwrap();
                rig.pass(wait);
                let handle = rig.open_named("wifi");
                let joined = rig.notices().into_iter().any(
                    |notice| matches!(notice, Notice::Joined { handle: one, .. } if one == handle),
                );
                assert!(joined);
                rig.pass(5_000);
                if dead {
                    rig.set_health(WL0, Health::Dead);
                    rig.pass(90_000);
                    rig.set_health(WL0, Health::Good);
                }
                let up = rig.pass_until(20 * MINUTE, |rig| rig.state(WL0) == State::Connected);
                assert!(up, "{}", rig.story());
                let others = scans(&mut rig).into_iter().find(|ssid| ssid != expected);
                assert_eq!(others, None, "{wait} {dead}\n{}", rig.story());
                let ip = given.ip_config().copied();
                assert_eq!(rig.runs(WL0).ip, ip);
            }
        }
    }
}

// spec: OPEN-5, CFG-2
#[test]
fn an_open_by_name_joins_what_a_connection_was_given_while_that_lasts() {
    for wait in [0, 100, 250, 350, 1_000, 5_000] {
        let mut rig = bare();
        store(&mut rig, "home");
        rig.connect_with(&wifi("cafe")).unwrap();
        rig.pass(wait);
        rig.open_named("wl0");
        rig.pass(10_000);
        assert!(rig.is_connected());
        assert_eq!(scans(&mut rig), ["cafe"], "{wait}\n{}", rig.story());
        // The connection ends: the next time it is the stored one.
        rig.disconnect();
        rig.pass(1_000);
        assert_eq!(rig.state(WL0), State::Connected);
        rig.report(WL0, "join", Report::LinkLost { code: 1 });
        rig.pass(10_000);
        assert_eq!(scans(&mut rig), ["home"], "{wait}\n{}", rig.story());
    }
}

// spec: OPEN-5
#[test]
fn an_extended_nic_takes_no_stored_address() {
    let mut rig = bare();
    store(&mut rig, "home");
    rig.request("static", |manager, now| {
        manager.store_static(now, address(11))
    });
    rig.open(&wifi("cafe")).unwrap();
    rig.pass(5_000);
    assert_eq!(rig.runs(WL0).ip, None, "{}", rig.story());
    rig.report(WL0, "join", Report::LinkLost { code: 1 });
    rig.pass(10_000);
    assert_eq!(rig.runs(WL0).ip, None, "{}", rig.story());
    assert_eq!(rig.runs(WL0).network.as_deref(), Some("cafe"));
}
