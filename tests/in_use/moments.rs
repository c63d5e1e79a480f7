//! Each request and each change at each moment of the server connection, alone and in pairs.

use std::collections::BTreeMap;
use std::panic::catch_unwind;

use lankeeper::stored::{StoredParts, StoredSettings};
use lankeeper::{InterfaceId, Policy, ServerState, Span};

use super::rig::{Health, Rig, Server, config};
use super::told::Told;
use super::{ALL, CELL0, ETH0, MINUTE, POLICIES, WL0, address, fixed, named, network, proxy};
use super::{number_of_walks, wifi};

/// A moment of the server connection, and how a device gets there.
type Way = fn(&mut Rig<3>) -> bool;

fn connected(rig: &mut Rig<3>) -> bool {
    let _ = rig.connect();
    rig.pass_until(5 * MINUTE, |rig| rig.is_connected())
}

fn held(rig: &mut Rig<3>) -> bool {
    connected(rig) && {
        rig.pass(90_000);
        rig.is_connected()
    }
}

fn lost(rig: &mut Rig<3>, how: Server) -> bool {
    let was = held(rig);
    rig.server_down(how);
    was
}

#[rustfmt::skip]
const MOMENTS: &[(&str, Way)] = &[
    ("nothing was asked for", |_| true),
    ("the first interface comes up", |rig| { let _ = rig.connect(); rig.pass(150); true }),
    ("the second comes up", |rig| {
        rig.set_health(ETH0, Health::Dead);
        let _ = rig.connect();
        rig.pass_until(MINUTE, |rig| rig.manager.server_interface() == Some(WL0))
    }),
    ("the last comes up", |rig| {
        rig.set_health(ETH0, Health::Dead);
        rig.set_health(WL0, Health::Dead);
        let _ = rig.connect();
        rig.pass_until(MINUTE, |rig| rig.manager.server_interface() == Some(CELL0))
    }),
    ("connecting", |rig| {
        rig.server_down(Server::Silent);
        let _ = rig.connect();
        rig.pass_until(MINUTE, |rig| rig.server_state() == ServerState::Connecting)
    }),
    ("connected", connected),
    ("connected for long", held),
    ("connected over the second", |rig| { rig.set_health(ETH0, Health::Dead); held(rig) }),
    ("connected by name", |rig| {
        let policy = rig.manager.policy();
        rig.policy(Policy::ReturnOnError);
        rig.connect_with(&named("wifi")).unwrap();
        let is = rig.pass_until(MINUTE, |rig| rig.is_connected());
        rig.policy(policy);
        is
    }),
    ("connected with given settings", |rig| {
        let policy = rig.manager.policy();
        rig.policy(Policy::ReturnOnError);
        rig.connect_with(&wifi("cafe")).unwrap();
        let is = rig.pass_until(MINUTE, |rig| rig.is_connected());
        rig.policy(policy);
        is
    }),
    ("an attempt by name", |rig| {
        rig.policy(Policy::KeepTrying);
        rig.connect_with(&named("wifi")).unwrap();
        rig.pass(150);
        true
    }),
    ("an attempt with given settings", |rig| {
        rig.policy(Policy::ReturnOnError);
        rig.connect_with(&wifi("cafe")).unwrap();
        rig.pass(150);
        true
    }),
    ("just lost", |rig| lost(rig, Server::Refuses)),
    ("retried", |rig| {
        lost(rig, Server::Silent)
            && rig.pass_until(MINUTE, |rig| rig.server_state() == ServerState::Connecting)
    }),
    ("waiting", |rig| { let is = lost(rig, Server::Refuses); rig.pass(20_000); is }),
    ("another comes up in the grace", |rig| {
        lost(rig, Server::Refuses)
            && rig.pass_until(MINUTE, |rig| {
                rig.manager.server_interface() == Some(WL0)
                    && rig.server_state() == ServerState::WaitingForInterface
            })
    }),
    ("as the grace ends", |rig| { let is = lost(rig, Server::Refuses); rig.pass(60_000); is }),
    ("after the grace", |rig| { let is = lost(rig, Server::Refuses); rig.pass(61_000); is }),
    ("in a later round", |rig| {
        let is = lost(rig, Server::Refuses);
        rig.pass(MINUTE);
        is && rig.pass_until(10 * MINUTE, |rig| rig.server_state() == ServerState::Resolving)
            || rig.server_state() == ServerState::Disconnected
    }),
    ("a slow one is on its way", |rig| {
        rig.set_health(ETH0, Health::Slow);
        let _ = rig.connect();
        rig.pass(50_000);
        true
    }),
    ("a slow modem is on its way in a pause", |rig| {
        rig.order(&[CELL0]);
        let is = held(rig);
        rig.set_health(CELL0, Health::Dead);
        rig.set_health(CELL0, Health::Slow);
        rig.pass(80_000);
        is
    }),
    ("a slow modem is on its way by name", |rig| {
        rig.set_health(CELL0, Health::Slow);
        rig.policy(Policy::KeepTrying);
        let is = rig.connect_with(&named("cell")).is_ok();
        rig.pass(100_000);
        is
    }),
    ("flushing", |rig| {
        let is = held(rig);
        rig.request("flush", |manager, now| manager.disconnect(now, Span::from_secs(2)));
        is
    }),
    ("put off", |rig| {
        rig.request("call", |manager, now| manager.server_call(now)).is_ok()
    }),
];

type Change = fn(&mut Rig<3>, &mut Told);

/// The interface that the server connection uses, or the first.
fn used(rig: &Rig<3>) -> InterfaceId {
    rig.manager.server_interface().unwrap_or(ETH0)
}

fn begin_with(rig: &mut Rig<3>, told: &mut Told, nic: &lankeeper::Nic) {
    if let Ok(attempt) = rig.connect_with(nic) {
        told.began(attempt, rig.now);
    }
}

fn disable(rig: &mut Rig<3>, told: &mut Told, id: InterfaceId) {
    rig.enable(id, false);
    told.disabled();
}

#[rustfmt::skip]
const CHANGES: &[(&str, Change)] = &[
    ("its interface is disabled", |rig, told| { let id = used(rig); disable(rig, told, id); }),
    ("it is disabled and enabled", |rig, told| {
        let id = used(rig);
        disable(rig, told, id);
        rig.enable(id, true);
    }),
    ("eth0 is disabled", |rig, told| disable(rig, told, ETH0)),
    ("the others are disabled", |rig, told| {
        let id = used(rig);
        for other in ALL.into_iter().filter(|other| *other != id) {
            disable(rig, told, other);
        }
    }),
    ("all are disabled", |rig, told| { for id in ALL { disable(rig, told, id); } }),
    ("the order is empty", |rig, _| rig.order(&[])),
    ("the order is set to itself", |rig, _| {
        let order = rig.manager.server_order().to_vec();
        rig.order(&order);
    }),
    ("the order is reversed", |rig, _| rig.order(&[CELL0, WL0, ETH0])),
    ("the order is its interface", |rig, _| { let id = used(rig); rig.order(&[id]); }),
    ("the order is without it", |rig, _| {
        let id = used(rig);
        let rest: Vec<_> = ALL.into_iter().filter(|other| *other != id).collect();
        rig.order(&rest);
    }),
    ("SuspendOnError", |rig, _| rig.policy(Policy::SuspendOnError)),
    ("ReturnOnError", |rig, _| rig.policy(Policy::ReturnOnError)),
    ("KeepTrying", |rig, _| rig.policy(Policy::KeepTrying)),
    ("a network is stored", |rig, _| {
        rig.request("store", |manager, now| manager.store_wifi(now, &network("work")));
    }),
    ("an address and a proxy are stored", |rig, _| {
        rig.request("store", |manager, now| {
            manager.store_static(now, address(11));
            manager.store_proxy(now, &proxy("10.2.2.2"));
        });
    }),
    ("all is cleared", |rig, _| {
        rig.request("clear", |manager, now| manager.clear_stored(now, StoredParts::all()));
    }),
    ("it is provisioned", |rig, _| {
        let mut settings = StoredSettings::default();
        settings.wifi = Some(network("work"));
        rig.request("provision", |manager, now| manager.provision(now, &settings));
    }),
    ("what is stored is used", |rig, _| {
        rig.request("reapply", |manager, now| manager.reapply(now));
    }),
    ("connect", |rig, told| {
        if let Ok(attempt) = rig.connect() { told.began(attempt, rig.now); }
    }),
    ("connect with eth0", |rig, told| begin_with(rig, told, &named("eth0"))),
    ("connect with wifi", |rig, told| begin_with(rig, told, &named("wifi"))),
    ("connect with an address", |rig, told| begin_with(rig, told, &fixed("eth0", 7))),
    ("connect with a network", |rig, told| begin_with(rig, told, &wifi("shed"))),
    ("disconnect", |rig, told| { rig.disconnect(); told.disconnected(); }),
    ("a server call", |rig, told| {
        let _ = rig.request("call", |manager, now| manager.server_call(now));
        told.called();
    }),
    ("it wakes", |rig, _| rig.request("wake", |manager, now| manager.note_wake(now))),
    ("its interface is opened", |rig, _| {
        let id = used(rig);
        if rig.snapshot(id).enabled { rig.open_named(&id.to_string()); }
    }),
    ("its interface dies", |rig, _| { let id = used(rig); rig.set_health(id, Health::Dead); }),
    ("its server is lost", |rig, _| rig.lose_server()),
    ("time passes", |rig, _| rig.pass(700)),
    ("a minute passes", |rig, _| rig.pass(MINUTE)),
];

/// What was broken on the way through a moment and some changes to a world in which all is well.
fn broken(policy: Policy, spread: bool, way: Way, changes: &[Change]) -> Vec<String> {
    let mut config = config(ALL);
    config.policy = policy;
    config.spread = spread.then(|| Span::from_secs(10)).flatten();
    let mut rig = Rig::with(&config);
    rig.delay = 100;
    let mut told = Told::default();
    assert!(way(&mut rig), "it does not get there\n{}", rig.story());
    let mut broken = Vec::new();
    let notices = rig.notices();
    told.begin(&rig, &notices);
    for change in changes {
        change(&mut rig, &mut told);
        let notices = rig.notices();
        broken.extend(told.take(&rig, &notices));
    }
    // What was begun goes on as the world is, and then all is well.
    broken.extend(go_on(&mut rig, &mut told, 30_000, false));
    rig.server_up();
    rig.all_good();
    for id in ALL {
        rig.enable(id, true);
    }
    if rig.manager.server_order().is_empty() {
        rig.order(&ALL);
    }
    if rig.manager.stored().wifi.is_none() {
        rig.request("store", |manager, now| {
            manager.store_wifi(now, &network("home"))
        });
    }
    let call = rig.request("call", |manager, now| manager.server_call(now));
    told.called();
    let goes_on = [Policy::SuspendOnError, Policy::KeepTrying].contains(&rig.manager.policy());
    broken.extend(go_on(&mut rig, &mut told, 30 * MINUTE, true));
    if goes_on && call.is_ok() && !rig.is_connected() {
        broken.push(format!("never connected (CON-22): {}", rig.server_state()));
    }
    let story = rig.story();
    broken
        .into_iter()
        .map(|rule| format!("{rule}\n{story}"))
        .collect()
}

fn go_on(rig: &mut Rig<3>, told: &mut Told, millis: u64, until_connected: bool) -> Vec<String> {
    let mut broken = Vec::new();
    rig.pass_until(millis, |rig| {
        let notices = rig.notices();
        broken.extend(told.take(rig, &notices));
        until_connected && rig.is_connected()
    });
    broken
}

fn every(runs: impl Iterator<Item = (Policy, bool, usize, Vec<usize>)>) {
    let mut all: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for (policy, spread, moment, changes) in runs {
        let (what, way) = MOMENTS[moment];
        let steps: Vec<Change> = changes.iter().map(|change| CHANGES[*change].1).collect();
        let names: Vec<_> = changes.iter().map(|change| CHANGES[*change].0).collect();
        let rules = catch_unwind(|| broken(policy, spread, way, &steps)).unwrap_or_else(|panic| {
            vec![panic.downcast_ref::<String>().cloned().unwrap_or_default()]
        });
        for rule in rules {
            let key = rule.split_once(')').map_or("", |(key, _)| key).to_owned();
            let first = || {
                (
                    0,
                    format!("{policy:?}, spread {spread}, {what}, {names:?}: {rule}"),
                )
            };
            all.entry(key).or_insert_with(first).0 += 1;
        }
    }
    let lines: Vec<_> = all
        .values()
        .map(|(times, text)| format!("{times} times: {text}"))
        .collect();
    assert!(all.is_empty(), "{}", lines.join("\n\n"));
}

// spec: CON-7, CON-13, CON-16, CON-22, CON-23, CON-24
#[test]
fn each_change_at_each_moment() {
    every(POLICIES.into_iter().flat_map(|policy| {
        [false, true].into_iter().flat_map(move |spread| {
            (0..MOMENTS.len()).flat_map(move |moment| {
                (0..CHANGES.len()).map(move |change| (policy, spread, moment, vec![change]))
            })
        })
    }));
}

// spec: CON-7, CON-13, CON-16, CON-22, CON-23, CON-24
#[test]
fn each_pair_of_changes_at_each_moment() {
    // Every so-manieth by default: it takes all of them where many walks are made.
    let stride = usize::try_from(400 / number_of_walks(40).clamp(1, 400)).unwrap();
    let pairs = (0..MOMENTS.len()).flat_map(|moment| {
        (0..CHANGES.len()).flat_map(move |first| {
            (0..CHANGES.len()).map(move |second| (moment, vec![first, second]))
        })
    });
    let runs = POLICIES.into_iter().flat_map(move |policy| {
        pairs
            .clone()
            .map(move |(moment, pair)| (policy, false, moment, pair))
    });
    every(runs.step_by(stride));
}
