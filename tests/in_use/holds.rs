//! What the connector holds ends with the hold, and what only others hold is not touched (CON-7).

use lankeeper::manager::{ConnectError, OpenError};
use lankeeper::{InterfaceId, Policy, State};

use super::rig::{Health, Rig, Server, config};
use super::{ALL, CELL0, ETH0, MINUTE, POLICIES, RETURNING, WL0, fixed, named, wifi};

/// Whether a request over `other` leaves an interface alone that the server does not hold.
fn leaves_alone(rig: &mut Rig<3>, id: InterfaceId, other: InterfaceId) -> Result<(), String> {
    let before = rig.snapshot(id);
    if before.server_holder || before.local_holders == 0 {
        return Ok(());
    }
    rig.forget();
    let _ = rig.connect_with(&named(&other.to_string()));
    let text = id.to_string();
    let touched = rig
        .commands()
        .into_iter()
        .find(|command| command.starts_with(&text));
    let after = rig.snapshot(id);
    let same = (before.state, before.local_holders) == (after.state, after.local_holders);
    match touched {
        None if same => Ok(()),
        touched => Err(format!("{touched:?}, {after:?}\n{}", rig.story())),
    }
}

/// A device whose connection over `eth0` ended because that was disabled; it is enabled again.
fn disabled_and_enabled(policy: Policy, given: bool) -> Rig<3> {
    let mut rig = Rig::new(policy, ALL);
    let nic = if given {
        fixed("eth0", 9)
    } else {
        named("eth0")
    };
    rig.connect_with(&nic).unwrap();
    assert!(rig.pass_until(MINUTE, |rig| rig.is_connected()));
    rig.pass(1_000);
    rig.enable(ETH0, false);
    rig
}

// spec: CON-7, CFG-2
#[test]
fn an_interface_that_was_disabled_and_opened_since_is_held_locally_only() {
    for policy in RETURNING {
        for given in [false, true] {
            for enabled_after in [0, 1, 500, 70_000] {
                for opened_after in [0, 1, 5_000] {
                    let mut rig = disabled_and_enabled(policy, given);
                    rig.pass(enabled_after);
                    rig.enable(ETH0, true);
                    let handle = rig.open_named("eth0");
                    rig.pass(opened_after);
                    let case = format!("{policy:?} {given} {enabled_after} {opened_after}");
                    let alone = leaves_alone(&mut rig, ETH0, WL0);
                    assert_eq!(alone, Ok(()), "{case}");
                    rig.pass(10_000);
                    if rig.snapshot(ETH0).local_holders > 0 {
                        assert!(rig.manager.interface(handle).is_ok(), "{case}");
                    }
                }
            }
        }
    }
}

// spec: CON-7, OPEN-3
#[test]
fn an_extended_request_over_an_interface_that_was_disabled_and_opened_since_is_refused() {
    for policy in RETURNING {
        for given in [false, true] {
            for wait in [0, 1, 500, 70_000] {
                let mut rig = disabled_and_enabled(policy, given);
                rig.pass(wait);
                // A disconnect ends whatever is tried still.
                rig.disconnect();
                rig.enable(ETH0, true);
                rig.open_named("eth0");
                rig.pass(5_000);
                assert!(!rig.snapshot(ETH0).server_holder);
                let refused = rig.connect_with(&fixed("eth0", 7));
                let case = format!("{policy:?} {given} {wait}\n{}", rig.story());
                assert_eq!(refused, Err(ConnectError::Active), "{case}");
                assert_eq!(leaves_alone(&mut rig, ETH0, WL0), Ok(()), "{case}");
            }
        }
    }
}

// spec: CON-7, CON-12, CON-13
#[test]
fn what_was_held_is_not_touched_where_a_try_fails_as_its_round_ends() {
    // The server refuses exactly when the round ends, one step before it, and one after it.
    for policy in POLICIES {
        for offset in [-1_i64, 0, 1] {
            for id in ALL {
                let mut rig = Rig::new(policy, ALL);
                rig.order(&[id]);
                rig.connect().unwrap();
                assert!(rig.pass_until(MINUTE, |rig| rig.is_connected()));
                rig.pass(90_000);
                rig.server_down(Server::Silent);
                let lost = rig.now;
                // Over the interface that carried it, no answer comes until the round ends.
                let end = i64::try_from(lost.as_millis()).unwrap() + 60_000 + offset;
                let span = u64::try_from(end).unwrap() - rig.now.as_millis();
                rig.pass(span - 1);
                rig.pass_to_and_refuse(1);
                rig.pass(2);
                let other = if id == WL0 { ETH0 } else { WL0 };
                let name = id.to_string();
                let handle = rig.open_named(&name);
                rig.pass(5_000);
                let case = format!("{policy:?} {offset} {id}");
                let alone = leaves_alone(&mut rig, id, other);
                assert_eq!(alone, Ok(()), "{case}");
                if !rig.snapshot(id).server_holder && rig.snapshot(id).local_holders > 0 {
                    assert!(
                        rig.manager.interface(handle).is_ok(),
                        "{case}\n{}",
                        rig.story()
                    );
                }
            }
        }
    }
}

// spec: CON-7, CON-18
#[test]
fn with_a_spread_an_interface_that_was_disabled_and_opened_since_is_held_locally_only() {
    for policy in POLICIES {
        for order in [&ALL[..], &[ETH0]] {
            for given in [None, Some(fixed("eth0", 9)), Some(named("eth0"))] {
                for seed in 0..4 {
                    let mut config = config(ALL);
                    config.policy = Policy::ReturnOnError;
                    config.spread = lankeeper::Span::from_secs(20);
                    config.seed = seed;
                    let mut rig = Rig::with(&config);
                    rig.order(order);
                    match &given {
                        None => rig.connect().unwrap(),
                        Some(nic) => rig.connect_with(nic).unwrap(),
                    };
                    assert!(rig.pass_until(MINUTE, |rig| rig.is_connected()));
                    rig.policy(policy);
                    rig.pass(90_000);
                    rig.enable(ETH0, false);
                    rig.enable(ETH0, true);
                    let handle = rig.open_named("eth0");
                    rig.pass(10);
                    let before = rig.snapshot(ETH0);
                    rig.forget();
                    if policy == Policy::SuspendOnError {
                        rig.order(&[WL0]);
                        let _ = rig.connect();
                    } else {
                        rig.connect_with(&named("wl0")).unwrap();
                    }
                    let story =
                        format!("{policy:?} {order:?} {given:?} {before:?}\n{}", rig.story());
                    if !before.server_holder {
                        assert!(rig.manager.interface(handle).is_ok(), "{story}");
                        assert_eq!(rig.state(ETH0), before.state, "{story}");
                    }
                }
            }
        }
    }
}

// spec: CON-7
#[test]
fn an_interface_is_not_touched_by_a_connection_over_another() {
    for policy in RETURNING {
        for id in ALL {
            for other in ALL.into_iter().filter(|other| *other != id) {
                for health in [Health::Good, Health::Dead, Health::Silent] {
                    let mut rig = Rig::new(policy, ALL);
                    rig.set_health(id, health);
                    let handle = rig.open_named(&id.to_string());
                    rig.pass(3_000);
                    assert_eq!(leaves_alone(&mut rig, id, other), Ok(()));
                    rig.pass(5_000);
                    rig.disconnect();
                    rig.pass(1_000);
                    let third = ALL
                        .into_iter()
                        .find(|one| *one != id && *one != other)
                        .unwrap();
                    assert_eq!(leaves_alone(&mut rig, id, third), Ok(()));
                    assert!(rig.manager.interface(handle).is_ok());
                }
            }
        }
    }
}

/// What ends the hold of the server connection on `id`, and what is left.
type End = fn(&mut Rig<3>, InterfaceId);

#[rustfmt::skip]
const ENDS: &[(&str, End)] = &[
    ("a disconnect", |rig, _| rig.disconnect()),
    ("a disconnect with a flush", |rig, _| {
        rig.request("flush", |manager, now| manager.disconnect(now, lankeeper::Span::from_secs(2)));
        rig.pass(3_000);
    }),
    ("it is disabled", |rig, id| rig.enable(id, false)),
    ("the server is lost for good", |rig, _| rig.server_down(Server::Refuses)),
    ("the server is silent", |rig, _| rig.server_down(Server::Silent)),
    ("it dies", |rig, id| rig.set_health(id, Health::Dead)),
    ("it hangs", |rig, id| {
        rig.set_health(id, Health::Dead);
        rig.set_health(id, Health::Silent);
    }),
    ("another policy", |rig, _| rig.policy(Policy::ReturnOnErrorNoDisconnect)),
    ("the order is empty", |rig, _| rig.order(&[])),
];

// spec: CON-7, OPEN-3, OPEN-7
#[test]
fn however_the_hold_ends_what_is_opened_then_is_not_the_connections() {
    for policy in POLICIES {
        for (what, end) in ENDS {
            for id in ALL {
                for wait in [0, 1_000, 59_999, 60_000, 60_001, 130_000] {
                    let mut rig = Rig::new(policy, ALL);
                    rig.order(&[id]);
                    rig.connect().unwrap();
                    assert!(rig.pass_until(MINUTE, |rig| rig.is_connected()));
                    rig.pass(90_000);
                    end(&mut rig, id);
                    rig.pass(wait);
                    rig.enable(id, true);
                    let handle = rig.open_named(&id.to_string());
                    rig.pass(100);
                    let case = format!("{policy:?} {what} {id} {wait}");
                    let before = rig.snapshot(id);
                    let extended = if id == WL0 {
                        wifi("cafe")
                    } else {
                        fixed("eth0", 5)
                    };
                    if id != CELL0 && before.local_holders > 0 {
                        assert_eq!(rig.open(&extended), Err(OpenError::Active), "{case}");
                        if !before.server_holder && policy != Policy::SuspendOnError {
                            let refused = rig.connect_with(&extended);
                            assert_eq!(refused, Err(ConnectError::Active), "{case}");
                        }
                    }
                    let other = if id == WL0 { ETH0 } else { WL0 };
                    assert_eq!(leaves_alone(&mut rig, id, other), Ok(()), "{case}");
                    if !before.server_holder && policy != Policy::SuspendOnError {
                        assert!(rig.manager.interface(handle).is_ok(), "{case}");
                        assert_ne!(rig.state(id), State::Unknown);
                    }
                }
            }
        }
    }
}
