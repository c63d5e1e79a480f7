//! The name in a result and in `current_config` is that of the interface in use (CON-24).

use lankeeper::{ConnectOutcome, InterfaceId, Nic, Notice, Policy};

use super::rig::{Health, Rig, Server};
use super::{ALL, CELL0, ETH0, MINUTE, POLICIES, RETURNING, WL0, fixed, named, wifi};

fn current_interface(rig: &Rig<3>) -> Option<InterfaceId> {
    rig.manager.current_config()?.name().resolve(ALL)
}

/// Waits for the connection, and says whether results and `current_config` name what carries it.
fn names_what_carries(rig: &mut Rig<3>, case: &str) {
    // What was told before is not of this connection.
    rig.notices();
    let back = rig.pass_until(30 * MINUTE, |rig| rig.is_connected());
    let story = format!("{case}\n{}", rig.story());
    assert!(back, "{story}");
    rig.pass(10);
    let over = rig.manager.server_interface();
    assert_eq!(current_interface(rig), over, "{story}");
    for notice in rig.notices() {
        if let Notice::ConnectEnded {
            interface,
            outcome: ConnectOutcome::ServerConnected,
            ..
        } = notice
        {
            assert_eq!(interface.resolve(ALL), over, "{story}");
        }
    }
}

// spec: CON-24, CON-2, CFG-2
#[test]
fn a_request_that_ends_over_another_interface_by_a_change_of_policy_is_told_with_its_name() {
    for policy in [Policy::SuspendOnError, Policy::KeepTrying] {
        for nic in [wifi("cafe"), named("wifi"), named("cell"), fixed("wifi", 9)] {
            for wait in [0, 150, 1_000] {
                let mut rig = Rig::new(Policy::ReturnOnError, ALL);
                let id = nic.name().resolve(ALL).unwrap();
                rig.delay = 100;
                rig.set_health(id, Health::Dead);
                rig.connect_with(&nic).unwrap();
                rig.pass(wait.min(200));
                rig.policy(policy);
                rig.pass(wait);
                rig.enable(id, false);
                rig.request("call", |manager, now| manager.server_call(now))
                    .unwrap();
                names_what_carries(&mut rig, &format!("{policy:?} {nic:?} {wait}"));
            }
        }
    }
}

// spec: CON-24, CFG-2
#[test]
fn given_settings_that_are_forgotten_take_their_name_along() {
    for policy in [Policy::SuspendOnError, Policy::KeepTrying] {
        for health in [Health::Dead, Health::Silent] {
            let mut rig = Rig::new(Policy::ReturnOnError, ALL);
            rig.set_health(WL0, health);
            rig.delay = 100;
            rig.connect_with(&wifi("cafe")).unwrap();
            rig.policy(policy);
            names_what_carries(&mut rig, &format!("{policy:?} {health:?}"));
            assert_eq!(rig.manager.server_interface(), Some(ETH0));
        }
    }
}

// spec: CON-24, CFG-2
#[test]
fn a_connection_with_given_settings_that_is_lost_takes_their_name_along() {
    for policy in [Policy::SuspendOnError, Policy::KeepTrying] {
        for (nic, id) in [(wifi("cafe"), WL0), (fixed("ethernet", 9), ETH0)] {
            let mut rig = Rig::new(Policy::KeepTrying, ALL);
            rig.connect_with(&nic).unwrap();
            rig.pass(90_000);
            rig.policy(policy);
            rig.set_health(id, Health::Dead);
            rig.pass(10);
            names_what_carries(&mut rig, &format!("{policy:?} {nic:?}"));
            assert_ne!(rig.manager.server_interface(), Some(id));
        }
    }
}

// spec: CON-24, CON-23
#[test]
fn a_named_connection_whose_interface_is_disabled_takes_the_name_along() {
    for policy in POLICIES {
        for id in ALL {
            let mut rig = Rig::new(Policy::ReturnOnError, ALL);
            rig.connect_with(&named(&id.to_string())).unwrap();
            rig.pass(90_000);
            rig.policy(policy);
            rig.enable(id, false);
            rig.pass(2_000);
            rig.request("connect", |manager, now| manager.connect(now, None))
                .unwrap();
            names_what_carries(&mut rig, &format!("{policy:?} {id}"));
        }
    }
}

// spec: CON-14, CON-24
#[test]
fn each_interface_of_the_order_has_its_own_name() {
    for policy in POLICIES {
        for dead in [&[][..], &[ETH0], &[ETH0, WL0], &[WL0], &[CELL0]] {
            let mut rig = Rig::new(policy, ALL);
            dead.iter().for_each(|id| rig.set_health(*id, Health::Dead));
            rig.connect().unwrap();
            names_what_carries(&mut rig, &format!("{policy:?} {dead:?}"));
        }
    }
}

// spec: NIC-3, CON-8, CON-24
#[test]
fn a_name_is_kept_as_it_was_given_while_its_interface_is_in_use() {
    for policy in RETURNING {
        let spellings = ["ethernet", "eth0", "wifi", "wl0", "wl0i", "cell", "cell0"];
        for name in spellings {
            let mut rig = Rig::new(policy, ALL);
            rig.connect_with(&named(name)).unwrap();
            rig.pass(5_000);
            assert_eq!(rig.results(), [(name, ConnectOutcome::ServerConnected)]);
            assert_eq!(rig.current().unwrap().0, name);
        }
    }
}

// spec: CON-24
#[test]
fn a_failure_is_told_with_the_name_of_what_failed() {
    for policy in RETURNING {
        let cases: [(Nic, ConnectOutcome); 4] = [
            (named("wifi"), ConnectOutcome::NoWifi),
            (wifi("cafe"), ConnectOutcome::NoWifi),
            (named("ethernet"), ConnectOutcome::NoLink),
            (named("cell"), ConnectOutcome::SimError),
        ];
        for (nic, outcome) in cases {
            let mut rig = Rig::new(policy, ALL);
            let id = nic.name().resolve(ALL).unwrap();
            rig.set_health(id, Health::Dead);
            rig.connect_with(&nic).unwrap();
            rig.pass(1_000);
            assert_eq!(rig.results(), [(nic.name().as_str(), outcome)]);
        }
    }
}

// spec: CON-24, CON-13
#[test]
fn rounds_over_the_order_leave_the_name_of_the_request_behind() {
    for seconds in [0, 30, 90, 600] {
        let mut rig = Rig::new(Policy::ReturnOnError, ALL);
        rig.connect_with(&named("wifi")).unwrap();
        rig.pass(90_000);
        rig.policy(Policy::SuspendOnError);
        rig.server_down(Server::Refuses);
        rig.pass(seconds * 1_000);
        rig.enable(WL0, false);
        rig.pass(5_000);
        rig.server_up();
        names_what_carries(&mut rig, &format!("{seconds}"));
        rig.enable(WL0, true);
        rig.lose_server();
        names_what_carries(&mut rig, &format!("{seconds}, again"));
    }
}

// spec: CFG-3, CON-14, CON-8
#[test]
fn after_a_confirmed_request_its_interface_is_tried_alone() {
    for policy in RETURNING {
        for order in [&[ETH0, WL0, CELL0][..], &[ETH0], &[ETH0, CELL0]] {
            let mut rig = Rig::new(policy, ALL);
            rig.order(order);
            rig.connect().unwrap();
            rig.pass(90_000);
            assert_eq!(rig.manager.server_interface(), Some(ETH0));
            rig.forget();
            // It is connected over that already: nothing changes, but what comes later.
            rig.connect_with(&named("ethernet")).unwrap();
            rig.pass(1_000);
            assert_eq!(
                rig.results(),
                [("ethernet", ConnectOutcome::ServerConnected)]
            );
            rig.server_down(Server::Refuses);
            rig.pass(50_000);
            let other = rig
                .commands()
                .into_iter()
                .find(|text| !text.starts_with("eth0"));
            assert_eq!(other, None, "{policy:?} {order:?}\n{}", rig.story());
            rig.disconnect();
            rig.forget();
            rig.connect().unwrap();
            rig.pass(10_000);
            let other = rig
                .commands()
                .into_iter()
                .find(|text| !text.starts_with("eth0"));
            assert_eq!(other, None, "{policy:?} {order:?}\n{}", rig.story());
        }
    }
}

// spec: CFG-3, CON-14, CON-8
#[test]
fn after_a_confirmed_request_a_loss_under_another_policy_is_retried_over_that_interface_alone() {
    let mut rig = Rig::new(Policy::KeepTrying, ALL);
    rig.connect().unwrap();
    rig.pass(90_000);
    rig.connect_with(&named("ethernet")).unwrap();
    rig.policy(Policy::SuspendOnError);
    rig.forget();
    rig.server_down(Server::Refuses);
    rig.pass(20 * MINUTE);
    let other = rig
        .commands()
        .into_iter()
        .find(|text| !text.starts_with("eth0"));
    assert_eq!(other, None, "{}", rig.story());
}
