//! A disabled interface is passed over, and gives no result (CON-23).

use lankeeper::manager::{ConnectError, InterfaceError};
use lankeeper::{ConnectOutcome, InterfaceId, Policy, ServerState, State};

use super::rig::{Health, Rig, Server};
use super::{ALL, CELL0, ETH0, MINUTE, POLICIES, RETURNING, WL0, named, wifi};

const fn failure(id: InterfaceId) -> ConnectOutcome {
    match id {
        ETH0 => ConnectOutcome::NoLink,
        WL0 => ConnectOutcome::NoWifi,
        _ => ConnectOutcome::SimError,
    }
}

fn all_dead(policy: Policy) -> Rig<3> {
    let mut rig = Rig::new(policy, ALL);
    for id in ALL {
        rig.set_health(id, Health::Dead);
    }
    rig
}

/// Every set of interfaces but that of all.
fn sets() -> Vec<Vec<InterfaceId>> {
    let chosen = |bits: usize| {
        let is_in = |(place, _): &(usize, InterfaceId)| bits & (1 << place) != 0;
        let all = ALL.into_iter().enumerate();
        all.filter(is_in).map(|(_, id)| id).collect()
    };
    (0..7).map(chosen).collect()
}

/// The result is that of the last interface of the order that is not off.
fn fails_over_the_last_but(rig: &mut Rig<3>, off: &[InterfaceId]) {
    rig.pass(10_000);
    let last = ALL.into_iter().rfind(|id| !off.contains(id)).unwrap();
    let result = (named(&last.to_string()).name().as_str(), failure(last));
    assert_eq!(rig.results(), [result], "{off:?}\n{}", rig.story());
}

// spec: CON-23, CON-14
#[test]
fn the_result_is_the_last_failure_of_an_interface_that_is_enabled() {
    for policy in RETURNING {
        for off in sets() {
            let mut rig = all_dead(policy);
            off.iter().for_each(|id| rig.enable(*id, false));
            rig.connect().unwrap();
            fails_over_the_last_but(&mut rig, &off);
        }
    }
}

// spec: CON-23, CON-14
#[test]
fn an_interface_that_is_disabled_before_its_turn_is_passed_over() {
    for policy in RETURNING {
        for off in sets() {
            let mut rig = all_dead(policy);
            rig.delay = 100;
            rig.connect().unwrap();
            rig.pass(150);
            // The first one is under way.
            let off: Vec<_> = off.into_iter().filter(|id| *id != ETH0).collect();
            off.iter().for_each(|id| rig.enable(*id, false));
            fails_over_the_last_but(&mut rig, &off);
        }
    }
}

// spec: CON-23
#[test]
fn an_interface_that_is_disabled_in_its_turn_gives_no_result() {
    for policy in RETURNING {
        for state in [
            ServerState::WaitingForInterface,
            ServerState::Resolving,
            ServerState::Connecting,
        ] {
            let mut rig = all_dead(policy);
            rig.delay = 100;
            rig.set_health(WL0, Health::Good);
            rig.enable(CELL0, false);
            rig.connect().unwrap();
            let is_there = |rig: &mut Rig<3>| {
                rig.manager.server_interface() == Some(WL0) && rig.server_state() == state
            };
            assert!(rig.pass_until(MINUTE, is_there));
            rig.enable(WL0, false);
            rig.pass(10_000);
            let result = ("eth0", ConnectOutcome::NoLink);
            assert_eq!(
                rig.results(),
                [result],
                "{policy:?} {state}\n{}",
                rig.story()
            );
        }
    }
}

// spec: CON-23
#[test]
fn the_order_goes_on_after_an_interface_that_is_disabled_in_its_turn() {
    for policy in POLICIES {
        for (place, id) in ALL.into_iter().enumerate() {
            for millis in [0, 50, 150, 250, 350, 450, 550, 650] {
                let mut rig = Rig::new(policy, ALL);
                rig.delay = 100;
                rig.order(&[ALL[place], ALL[(place + 1) % 3], ALL[(place + 2) % 3]]);
                rig.connect().unwrap();
                rig.pass(millis);
                rig.enable(id, false);
                let back = rig.pass_until(MINUTE, |rig| rig.is_connected());
                let case = format!("{policy:?} {id} {millis}\n{}", rig.story());
                assert!(back, "{case}");
                assert_eq!(
                    rig.manager.server_interface(),
                    Some(ALL[(place + 1) % 3]),
                    "{case}"
                );
            }
        }
    }
}

// spec: CON-23
#[test]
fn nothing_to_try_is_said_only_if_no_interface_of_the_order_is_enabled() {
    for policy in POLICIES {
        for off in sets() {
            let mut rig = Rig::new(policy, ALL);
            off.iter().for_each(|id| rig.enable(*id, false));
            assert!(rig.connect().is_ok(), "{policy:?} {off:?}");
        }
        let mut rig = Rig::new(policy, ALL);
        for id in ALL {
            rig.enable(id, false);
        }
        assert_eq!(rig.connect(), Err(ConnectError::NothingToTry));
        assert_eq!(rig.commands(), [""; 0]);
        rig.enable(CELL0, true);
        rig.order(&[ETH0, WL0]);
        assert_eq!(rig.connect(), Err(ConnectError::NothingToTry));
        rig.order(&[]);
        assert_eq!(rig.connect(), Err(ConnectError::NothingToTry));
        rig.order(&[ETH0, CELL0]);
        assert!(rig.connect().is_ok());
    }
}

// spec: CON-23, CFG-3
#[test]
fn a_named_interface_that_is_disabled_does_not_hide_the_order() {
    for policy in POLICIES {
        for id in ALL {
            let mut rig = Rig::new(Policy::ReturnOnError, ALL);
            rig.connect_with(&named(&id.to_string())).unwrap();
            rig.pass(5_000);
            rig.disconnect();
            rig.policy(policy);
            rig.enable(id, false);
            let begun = rig.connect();
            assert!(begun.is_ok(), "{policy:?} {id}: {begun:?}");
            assert!(rig.pass_until(MINUTE, |rig| rig.is_connected()));
            assert_ne!(rig.manager.server_interface(), Some(id));
            rig.disconnect();
            // It is enabled again: it is still the one that was named (CFG-3).
            rig.enable(id, true);
            rig.connect().unwrap();
            assert!(rig.pass_until(MINUTE, |rig| rig.is_connected()));
            assert_eq!(rig.manager.server_interface(), Some(id), "{policy:?}");
        }
    }
}

// spec: CON-23, CON-16
#[test]
fn a_named_interface_that_is_disabled_does_not_hide_the_order_from_a_server_call() {
    for policy in [Policy::SuspendOnError, Policy::KeepTrying] {
        for id in ALL {
            let mut rig = Rig::new(Policy::ReturnOnError, ALL);
            rig.connect_with(&named(&id.to_string())).unwrap();
            rig.pass(5_000);
            rig.disconnect();
            rig.policy(policy);
            rig.enable(id, false);
            let call = rig.request("server call", |manager, now| manager.server_call(now));
            assert!(call.is_ok(), "{policy:?} {id}: {call:?}");
            let back = rig.pass_until(30 * MINUTE, |rig| rig.is_connected());
            assert!(back, "{policy:?} {id}\n{}", rig.story());
        }
    }
}

// spec: CFG-3, CON-23
#[test]
fn a_named_interface_is_tried_although_the_order_has_nothing_enabled() {
    for policy in POLICIES {
        let mut rig = Rig::new(Policy::ReturnOnError, ALL);
        rig.connect_with(&named("wl0")).unwrap();
        rig.pass(5_000);
        rig.disconnect();
        rig.policy(policy);
        for order in [&[][..], &[ETH0], &[ETH0, CELL0]] {
            rig.order(order);
            rig.enable(ETH0, false);
            rig.enable(CELL0, false);
            assert!(rig.connect().is_ok(), "{policy:?} {order:?}");
            assert!(rig.pass_until(MINUTE, |rig| rig.is_connected()));
            rig.disconnect();
        }
    }
}

// spec: OPEN-2, CFG-3, CON-23
#[test]
fn a_refused_name_selects_nothing() {
    for policy in RETURNING {
        let mut rig = Rig::new(policy, ALL);
        rig.enable(CELL0, false);
        let refused = rig.connect_with(&named("cell"));
        let name = *named("cell").name();
        assert_eq!(
            refused,
            Err(ConnectError::Interface(InterfaceError::Disabled(name)))
        );
        rig.enable(CELL0, true);
        rig.connect().unwrap();
        rig.pass(5_000);
        assert_eq!(rig.manager.server_interface(), Some(ETH0));
    }
}

// spec: CON-19, CON-23
#[test]
fn where_all_were_disabled_the_first_one_that_is_enabled_is_tried_at_once() {
    for policy in [Policy::SuspendOnError, Policy::KeepTrying] {
        for id in ALL {
            for wait in [0, 1, 59_999, 60_000, 60_001, 500_000, 700_000] {
                let mut rig = Rig::new(policy, ALL);
                rig.connect().unwrap();
                rig.pass(90_000);
                for one in ALL {
                    rig.enable(one, false);
                }
                rig.pass(wait);
                rig.enable(id, true);
                let back = rig.pass_until(1_000, |rig| rig.is_connected());
                assert!(back, "{policy:?} {id} {wait}\n{}", rig.story());
            }
        }
    }
}

// spec: CON-13, CON-23
#[test]
fn a_given_connection_over_a_disabled_interface_goes_on_over_the_order() {
    let mut rig = Rig::new(Policy::KeepTrying, ALL);
    rig.connect_with(&wifi("cafe")).unwrap();
    rig.pass(90_000);
    rig.enable(WL0, false);
    let back = rig.pass_until(MINUTE, |rig| rig.is_connected());
    assert!(back, "{}", rig.story());
    assert_eq!(rig.manager.server_interface(), Some(ETH0));
    assert_eq!(rig.state(WL0), State::WifiStopped);
}

// spec: CON-23, CON-12
#[test]
fn a_loss_is_told_with_the_last_real_failure() {
    for policy in RETURNING {
        let mut rig = Rig::new(policy, ALL);
        rig.connect().unwrap();
        rig.pass(90_000);
        rig.enable(WL0, false);
        rig.enable(CELL0, false);
        rig.server_down(Server::Refuses);
        rig.pass(30_000);
        rig.forget();
        rig.enable(ETH0, false);
        rig.pass(MINUTE);
        let lost = rig.notices().into_iter().find_map(|notice| match notice {
            lankeeper::Notice::ServerLost {
                interface, outcome, ..
            } => Some((interface, outcome)),
            _ => None,
        });
        let told = Some((ETH0, ConnectOutcome::NoServer));
        assert_eq!(lost, told, "{policy:?}\n{}", rig.story());
    }
}
