//! A route remembers interfaces, not places in an order that can change (CON-22).

use lankeeper::back_off::BackOffConfig;
use lankeeper::{InterfaceId, Notice, Policy, Recovery, Span};

use super::rig::{Health, Rig, Server, config};
use super::{ALL, CELL0, ETH0, MINUTE, POLICIES, RETURNING, WL0, after, named};

/// A device that is connected over the second interface of its order, because the first is dead.
fn over_the_second(policy: Policy) -> Rig<3> {
    let mut rig = Rig::new(policy, ALL);
    rig.set_health(ETH0, Health::Dead);
    rig.connect().unwrap();
    rig.pass_until(MINUTE, |rig| rig.is_connected());
    assert_eq!(rig.manager.server_interface(), Some(WL0), "{}", rig.story());
    assert!(rig.is_connected());
    rig.pass(90_000);
    rig.forget();
    rig
}

/// Every order of one or more interfaces.
fn orders() -> Vec<Vec<InterfaceId>> {
    let mut orders = Vec::new();
    for first in ALL {
        orders.push(vec![first]);
        for second in ALL.into_iter().filter(|id| *id != first) {
            orders.push(vec![first, second]);
            let mut rest = ALL.into_iter().filter(|id| ![first, second].contains(id));
            orders.push(vec![first, second, rest.next().unwrap()]);
        }
    }
    orders
}

fn lost_at(rig: &mut Rig<3>) -> Option<lankeeper::Instant> {
    let lost = rig.pass_until(3 * MINUTE, |rig| {
        let notices = rig.notices();
        notices
            .iter()
            .any(|notice| matches!(notice, Notice::ServerLost { .. }))
    });
    lost.then_some(rig.now)
}

/// How a connection over `wl0` is lost, for good.
#[derive(Clone, Copy, Debug)]
enum Loss {
    Refused,
    Unanswered,
    OutOfRange,
    RadioHangs,
}

const LOSSES: [Loss; 4] = [
    Loss::Refused,
    Loss::Unanswered,
    Loss::OutOfRange,
    Loss::RadioHangs,
];

fn lose(rig: &mut Rig<3>, loss: Loss, delay: u64) {
    rig.delay = delay;
    match loss {
        Loss::Refused => rig.server_down(Server::Refuses),
        Loss::Unanswered => rig.server_down(Server::Silent),
        Loss::OutOfRange => {
            rig.server_down(Server::Refuses);
            rig.set_health(WL0, Health::Dead);
        }
        Loss::RadioHangs => {
            rig.set_health(WL0, Health::Dead);
            rig.server_down(Server::Silent);
            rig.set_health(WL0, Health::Silent);
        }
    }
}

/// Every loss, answers at once and late, and how many things happen before the order is set.
fn losses() -> Vec<(Loss, u64, usize)> {
    let mut losses = Vec::new();
    for loss in LOSSES {
        for delay in [0, 300] {
            for steps in 0..12 {
                losses.push((loss, delay, steps));
            }
        }
    }
    losses
}

/// Sets an order before the loss or some steps after it. In either case the connection comes back.
fn comes_back(set_before: bool) {
    for policy in [Policy::SuspendOnError, Policy::KeepTrying] {
        for order in orders() {
            for (loss, delay, steps) in losses() {
                let mut rig = over_the_second(policy);
                if set_before {
                    rig.order(&order);
                }
                lose(&mut rig, loss, delay);
                for _ in 0..steps {
                    rig.step();
                }
                if !set_before {
                    rig.order(&order);
                    rig.pass(10);
                }
                rig.server_up();
                rig.all_good();
                let back = rig.pass_until(30 * MINUTE, |rig| rig.is_connected());
                let case = format!("{policy:?} {order:?} {loss:?} {delay} ms, step {steps}");
                assert!(back, "{case}\n{}", rig.story());
            }
        }
    }
}

// spec: CON-13, CON-21, CON-22
#[test]
fn an_order_that_changes_after_a_loss_is_tried_on_until_there_is_a_connection() {
    comes_back(false);
}

// spec: CON-12, CON-22
#[test]
fn an_order_that_changes_after_a_loss_does_not_shorten_the_grace() {
    for policy in RETURNING {
        for order in orders() {
            for (loss, delay, steps) in losses() {
                let mut rig = over_the_second(policy);
                let start = rig.now;
                lose(&mut rig, loss, delay);
                for _ in 0..steps {
                    if rig.next().is_some_and(|next| next < after(start, MINUTE)) {
                        rig.step();
                    }
                }
                rig.order(&order);
                let lost = lost_at(&mut rig).map(|at| at.as_millis() - start.as_millis());
                let case = format!("{policy:?} {order:?} {loss:?} {delay} ms, step {steps}");
                assert_eq!(lost, Some(60_000), "{case}\n{}", rig.story());
            }
        }
    }
}

// spec: CON-13, CON-21, CON-22
#[test]
fn an_order_that_changes_while_connected_is_tried_until_there_is_a_connection() {
    comes_back(true);
}

// spec: CON-12, CON-22
#[test]
fn an_order_that_shrinks_while_connected_does_not_shorten_the_grace() {
    for policy in RETURNING {
        for order in orders() {
            let mut rig = over_the_second(policy);
            rig.order(&order);
            let start = rig.now;
            rig.server_down(Server::Refuses);
            let lost = lost_at(&mut rig).map(|at| at.as_millis() - start.as_millis());
            assert_eq!(lost, Some(60_000), "{policy:?} {order:?}\n{}", rig.story());
        }
    }
}

/// Connected over `wl0`, the order is set, and the server lost for a moment: the commands.
fn after_a_short_loss(policy: Policy, order: &[InterfaceId]) -> (Vec<String>, String) {
    let mut rig = over_the_second(policy);
    rig.set_health(ETH0, Health::Good);
    rig.order(order);
    rig.pass(1_000);
    rig.forget();
    rig.lose_server();
    let back = rig.pass_until(10_000, |rig| rig.is_connected());
    let story = format!("{policy:?} {order:?}\n{}", rig.story());
    assert!(back, "{story}");
    (rig.commands(), story)
}

const AT_ONCE_OVER_WIFI: [&str; 3] = ["wl0 disconnect", "wl0 resolve", "wl0 connect"];

// spec: CON-22, CON-12
#[test]
fn the_interface_that_is_still_up_is_tried_first_when_the_order_changed_while_connected() {
    for policy in POLICIES {
        for order in orders() {
            if order.contains(&WL0) {
                let (commands, story) = after_a_short_loss(policy, &order);
                assert_eq!(commands, AT_ONCE_OVER_WIFI, "{story}");
            }
        }
    }
}

// spec: CON-22, CON-12
#[test]
fn the_interface_that_is_still_up_is_tried_first_when_the_order_lists_it_no_more() {
    for policy in POLICIES {
        for order in orders() {
            if !order.contains(&WL0) {
                let (commands, story) = after_a_short_loss(policy, &order);
                assert_eq!(commands, AT_ONCE_OVER_WIFI, "{story}");
            }
        }
    }
}

// spec: CON-8, CON-17, CON-22
#[test]
fn setting_an_order_while_connected_changes_nothing_at_once() {
    for policy in POLICIES {
        for order in orders() {
            let mut rig = over_the_second(policy);
            rig.order(&order);
            rig.pass(5 * MINUTE);
            assert_eq!(rig.commands(), [""; 0], "{policy:?} {order:?}");
            assert!(rig.is_connected());
        }
    }
}

// spec: CON-22
#[test]
fn an_empty_order_leaves_the_connection_and_its_interface_alone() {
    for policy in POLICIES {
        let mut rig = over_the_second(policy);
        rig.order(&[]);
        rig.pass(MINUTE);
        assert!(rig.is_connected());
        rig.lose_server();
        rig.pass(MINUTE);
        rig.order(&[CELL0]);
        if policy == Policy::SuspendOnError || policy == Policy::KeepTrying {
            let back = rig.pass_until(30 * MINUTE, |rig| rig.is_connected());
            assert!(back, "{policy:?}\n{}", rig.story());
        }
    }
}

/// The interfaces that were tried, in order: each that began to be powered up or was resolved over.
fn tried(rig: &mut Rig<3>) -> Vec<InterfaceId> {
    let mut tried: Vec<InterfaceId> = Vec::new();
    for command in rig.commands() {
        let (id, what) = command.split_once(' ').unwrap();
        let id = ALL.into_iter().find(|one| one.to_string() == id).unwrap();
        if (what == "power up" || what.starts_with("resolve")) && tried.last() != Some(&id) {
            tried.push(id);
        }
    }
    tried
}

// spec: CON-13, CON-22
#[test]
fn a_round_begins_with_the_interface_after_the_one_with_which_the_last_one_ended() {
    // Each seed ends its rounds elsewhere; answers come at once, so that nothing is on its way then.
    for delay in 0..20 {
        let mut config = config(ALL);
        config.seed = delay;
        for interface in &mut config.interfaces {
            // No interface has a back-off of its own to wait for.
            let back_off = BackOffConfig::new(Span::millis::<1>(), Span::millis::<1>());
            interface.recovery = Recovery::Automatic(back_off.unwrap());
        }
        let mut rig = Rig::with(&config);
        rig.connect().unwrap();
        assert!(rig.pass_until(5 * MINUTE, |rig| rig.is_connected()));
        rig.pass(90_000 + delay);
        rig.forget();
        rig.server_down(Server::Refuses);
        let mut last = None;
        for round in 0..8 {
            let end = after(rig.now, MINUTE);
            rig.pass(MINUTE - 1);
            let tries = tried(&mut rig);
            let case = format!("round {round}, {tries:?} after {last:?}\n{}", rig.story());
            if let Some(last) = last {
                let place = ALL.iter().position(|id| *id == last).unwrap();
                assert_eq!(tries.first(), Some(&ALL[(place + 1) % 3]), "{case}");
            }
            last = tries.last().copied();
            assert!(last.is_some(), "{case}");
            rig.pass(1_000);
            assert!(rig.now > end);
            tried(&mut rig);
            // The next round begins when the next interface is tried.
            assert!(
                rig.pass_until(10 * MINUTE, |rig| !rig.peek().is_empty()),
                "{case}"
            );
        }
    }
}

// spec: CON-12, CON-22
#[test]
fn a_named_route_has_no_use_for_the_order() {
    for policy in POLICIES {
        for order in orders() {
            let mut rig = Rig::new(Policy::ReturnOnError, ALL);
            rig.connect_with(&named("wl0")).unwrap();
            assert!(rig.pass_until(MINUTE, |rig| rig.is_connected()));
            rig.policy(policy);
            rig.pass(90_000);
            rig.server_down(Server::Refuses);
            rig.forget();
            rig.order(&order);
            rig.pass(50_000);
            let strange = rig
                .commands()
                .into_iter()
                .find(|text| !text.starts_with("wl0"));
            assert_eq!(strange, None, "{policy:?} {order:?}\n{}", rig.story());
        }
    }
}
