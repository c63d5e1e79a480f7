//! Opens with settings while an interface is in use (OPEN-3).

use lankeeper::manager::{ConnectError, OpenError};
use lankeeper::{InterfaceId, Nic, Policy, ServerState};

use super::rig::{Health, Rig, Server};
use super::{ALL, CELL0, ETH0, MINUTE, POLICIES, RETURNING, WL0, address, fixed, network, proxied};
use super::{proxy, wifi};

/// Every NIC with settings of an interface, from two of each setting.
fn nics(name: &str, is_wifi: bool) -> Vec<Nic> {
    let mut nics = Vec::new();
    for ssid in [None, Some("cafe"), Some("shed")] {
        for last in [None, Some(7), Some(9)] {
            for via in [None, Some("10.1.1.1"), Some("10.1.1.2")] {
                let mut builder = Nic::builder(name);
                match ssid {
                    Some(ssid) if is_wifi => builder = builder.wifi(network(ssid)),
                    Some(_) => continue,
                    None => {}
                }
                if let Some(last) = last {
                    builder = builder.ip_config(address(last));
                }
                if let Some(via) = via {
                    builder = builder.proxy(proxy(via));
                }
                let nic = builder.build().unwrap();
                if !nic.is_name_only() {
                    nics.push(nic);
                }
            }
        }
    }
    nics
}

fn all_nics() -> Vec<Nic> {
    [nics("eth0", false), nics("wl0", true)].concat()
}

/// What an interface is like when it is opened again.
const MOMENTS: [(Health, u64); 5] = [
    (Health::Good, 0),
    (Health::Good, 150),
    (Health::Good, 5_000),
    (Health::Dead, 500),
    (Health::Silent, 40_000),
];

fn device(policy: Policy, health: Health) -> Rig<3> {
    let mut rig = Rig::allowing(policy, ALL);
    rig.delay = 100;
    for id in ALL {
        rig.set_health(id, health);
    }
    rig
}

// spec: OPEN-3
#[test]
fn the_same_nic_is_taken_twice_and_another_is_not() {
    for (health, wait) in MOMENTS {
        for first in all_nics() {
            for second in all_nics() {
                if first.name().as_str() != second.name().as_str() {
                    continue;
                }
                let mut rig = device(Policy::ReturnOnError, health);
                rig.open(&first).unwrap();
                rig.pass(wait);
                // The proxy is that of the server connection, which does not use the interface.
                let same = first.wifi() == second.wifi() && first.ip_config() == second.ip_config();
                let expected = if same { None } else { Some(OpenError::Active) };
                let opened = rig.open(&second).err();
                assert_eq!(opened, expected, "{health:?} {wait}\n{}", rig.story());
            }
        }
    }
}

// spec: OPEN-3
#[test]
fn the_nic_of_a_connection_can_be_opened_while_it_lasts() {
    for policy in RETURNING {
        for (health, wait) in MOMENTS {
            for first in all_nics() {
                let mut rig = device(policy, health);
                rig.connect_with(&first).unwrap();
                rig.pass(wait);
                let id = first.name().resolve(ALL).unwrap();
                if !rig.snapshot(id).server_holder || health != Health::Good {
                    continue;
                }
                for second in nics(first.name().as_str(), id == WL0) {
                    if !first.means_same_as(&second, ALL) {
                        assert_eq!(rig.open(&second), Err(OpenError::Active), "{}", rig.story());
                    }
                }
                let opened = rig.open(&first);
                assert!(
                    opened.is_ok(),
                    "{policy:?} {wait} {first:?}\n{}",
                    rig.story()
                );
                assert!(rig.open(&first).is_ok());
                rig.pass(5_000);
                assert!(rig.is_connected());
                assert!(rig.open(&first).is_ok());
            }
        }
    }
}

// spec: OPEN-3, OPEN-9
#[test]
fn the_nic_with_which_an_interface_was_opened_can_be_connected_with() {
    for policy in RETURNING {
        for (health, wait) in MOMENTS {
            for first in all_nics() {
                let mut rig = device(policy, health);
                rig.open(&first).unwrap();
                rig.pass(wait);
                let begun = rig.connect_with(&first);
                assert!(
                    begun.is_ok(),
                    "{health:?} {wait} {begun:?}\n{}",
                    rig.story()
                );
                if health == Health::Good {
                    assert!(rig.pass_until(MINUTE, |rig| rig.is_connected()));
                    let via = first.proxy().map(|proxy| proxy.address().to_string());
                    assert_eq!(rig.proxy, via, "{}", rig.story());
                    let (_, runs, told) = rig.current().unwrap();
                    assert_eq!((runs.ip, told), (first.ip_config().copied(), via));
                }
            }
        }
    }
}

// spec: OPEN-3
#[test]
fn without_a_permission_no_settings_are_taken_for_an_active_interface() {
    for (health, wait) in MOMENTS {
        for first in all_nics() {
            let mut rig = Rig::new(Policy::ReturnOnError, ALL);
            let id = first.name().resolve(ALL).unwrap();
            rig.delay = 100;
            rig.set_health(id, health);
            rig.open(&first).unwrap();
            rig.pass(wait);
            rig.forget();
            for second in nics(first.name().as_str(), id == WL0) {
                assert_eq!(rig.open(&second), Err(OpenError::Active));
            }
            assert_eq!(rig.commands(), [""; 0]);
        }
    }
}

/// Something that brings the server connection into some state; `id` is its interface.
type Way = fn(&mut Rig<3>, InterfaceId);

#[rustfmt::skip]
const WAYS: &[(&str, Way)] = &[
    ("nothing happens", |_, _| {}),
    ("the server is lost", |rig, _| rig.server_down(Server::Refuses)),
    ("the server is silent", |rig, _| rig.server_down(Server::Silent)),
    ("it dies", |rig, id| rig.set_health(id, Health::Dead)),
    ("it hangs", |rig, id| { rig.set_health(id, Health::Dead); rig.set_health(id, Health::Silent); }),
    ("a disconnect", |rig, _| rig.disconnect()),
    ("a flush", |rig, _| {
        rig.request("flush", |manager, now| manager.disconnect(now, lankeeper::Span::from_secs(20)));
    }),
    ("it is disabled and enabled", |rig, id| { rig.enable(id, false); rig.enable(id, true); }),
    ("others are ordered", |rig, id| {
        let others: Vec<_> = ALL.into_iter().filter(|one| *one != id).collect();
        rig.server_down(Server::Refuses);
        rig.order(&others);
    }),
];

// spec: OPEN-3, OPEN-7
#[test]
fn an_interface_counts_as_active_wherever_the_snapshot_says_that_it_is_held() {
    for policy in POLICIES {
        for (what, way) in WAYS {
            for id in [ETH0, WL0] {
                for wait in [0, 100, 500, 20_000, 59_999, 60_000, 60_001, 90_000, 400_000] {
                    let mut rig = Rig::new(policy, ALL);
                    rig.order(&[id, CELL0]);
                    rig.connect().unwrap();
                    rig.pass(90_000);
                    way(&mut rig, id);
                    rig.pass(wait);
                    for one in [ETH0, WL0] {
                        let settings = if one == WL0 {
                            wifi("cafe")
                        } else {
                            fixed("eth0", 9)
                        };
                        let before = rig.snapshot(one);
                        let opened = rig.open(&settings);
                        let case = format!("{policy:?} {what} {id} {wait} {one}\n{}", rig.story());
                        if before.server_holder {
                            assert_eq!(opened, Err(OpenError::Active), "{case}");
                        } else {
                            assert!(opened.is_ok(), "{case}");
                        }
                    }
                }
            }
        }
    }
}

// spec: OPEN-3, CON-8
#[test]
fn a_connection_over_a_held_interface_may_bring_other_settings() {
    for policy in RETURNING {
        for state in [
            ServerState::WaitingForInterface,
            ServerState::Connecting,
            ServerState::Connected,
        ] {
            let mut rig = Rig::new(policy, ALL);
            rig.delay = 100;
            rig.connect_with(&fixed("eth0", 9)).unwrap();
            assert!(rig.pass_until(MINUTE, |rig| rig.server_state() == state));
            rig.connect_with(&fixed("eth0", 7)).unwrap();
            assert!(rig.pass_until(MINUTE, |rig| {
                rig.is_connected() && rig.runs(ETH0).ip == Some(address(7))
            }));
            let (_, runs, _) = rig.current().unwrap();
            assert_eq!(runs.ip, Some(address(7)));
        }
    }
}

// spec: OPEN-3
#[test]
fn another_address_over_a_local_interface_is_refused_for_a_connection_whatever_the_proxy() {
    for policy in RETURNING {
        for (health, wait) in MOMENTS {
            let mut rig = device(policy, health);
            rig.open(&proxied("eth0", "10.1.1.1")).unwrap();
            rig.pass(wait);
            rig.forget();
            assert_eq!(
                rig.connect_with(&fixed("eth0", 9)),
                Err(ConnectError::Active)
            );
            assert_eq!(rig.commands(), [""; 0]);
        }
    }
}
