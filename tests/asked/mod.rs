//! Whatever a lost notice said can be asked.

mod said;
mod twins;

use core::cell::RefCell;
use std::collections::BTreeMap;

use lankeeper::{Config, Duration, Event, Instant, InterfaceConfig, InterfaceId, Manager, Policy};
use proptest::collection::vec;
use proptest::test_runner::{Config as Cases, TestRunner};

use twins::{Twins, op};

// spec: CON-26, DRV-2
#[test]
fn one_manager_drops_every_notice_and_answers_what_they_said() {
    let seen = RefCell::new(BTreeMap::new());
    let mut runner = TestRunner::new(Cases {
        source_file: Some(file!()),
        ..Cases::with_cases(800)
    });
    let run = runner.run(&vec(op(), 1..120), |ops| {
        let mut twins = Twins::new();
        ops.iter().for_each(|op| twins.step(op));
        for (name, count) in twins.said.counts {
            *seen.borrow_mut().entry(name).or_insert(0) += count;
        }
        Ok(())
    });
    if let Err(error) = run {
        panic!("{error}");
    }
    // Each kind of notice is among those that were dropped, but for those about what was dropped.
    let seen = seen.into_inner();
    let kinds = [
        "StateChanged",
        "Joined",
        "AddressChanged",
        "HandleClosed",
        "SocketClosed",
        "BindFailed",
        "SendFailed",
        "StopFailed",
        "ServerStateChanged",
        "ConnectEnded",
        "ServerLost",
        "ServerBack",
        "Suspended",
        "DisconnectFailed",
        "Resumed",
        "Provisioned",
        "PersistFailed",
    ];
    for kind in kinds {
        assert!(seen.contains_key(kind), "{kind} is not among {seen:?}");
    }
    assert_eq!(seen.len(), kinds.len(), "{seen:?}");
}

// spec: CON-26, CON-9
#[test]
fn a_superseded_request_has_no_result() {
    let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    let mut manager = Manager::new(&config).unwrap();
    manager.set_policy(Instant::EPOCH, Policy::ReturnOnError);
    assert_eq!((manager.last_result(), manager.ended_attempts()), (None, 0));
    manager.connect(Instant::EPOCH, None).unwrap();
    let second = manager.connect(Instant::EPOCH, None).unwrap();
    assert_eq!((manager.last_result(), manager.ended_attempts()), (None, 0));
    manager.disconnect(Instant::EPOCH, None);
    let result = manager.last_result().unwrap();
    assert_eq!((result.attempt, manager.ended_attempts()), (second, 1));
    // Time alone ends nothing more.
    manager.handle_timeout(Instant::EPOCH.saturating_add(Duration::from_secs(100_000)));
    assert_eq!(manager.last_result(), Some(result));
}

// spec: CON-26, DRV-2, DRV-6
#[test]
fn what_does_not_fit_is_noted_too() {
    let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    let mut manager = Manager::<1, 1, 1, 1, 1>::with_capacities(&config).unwrap();
    for code in 0..5 {
        manager.handle_event(Instant::EPOCH, Event::PersistFailed { code });
    }
    assert_eq!(manager.failures().persists, 5);
}
