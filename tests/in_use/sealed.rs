//! `current_config` where secrets are sealed, are not, or cannot be (CFG-4).

use lankeeper::manager::SealTicket;
use lankeeper::nic::{Exposed, ProxyPassword, Secrets};
use lankeeper::{Nic, Policy, ProxySettings};

use super::rig::{Rig, Unsealed};
use super::{ALL, MINUTE, RETURNING, named, network, wifi};

fn guarded(ssid: &str, password: &str) -> Nic {
    let password = ProxyPassword::plaintext(password).unwrap();
    let proxy = ProxySettings::new("10.1.1.1", 3128).unwrap();
    let proxy = proxy.with_credentials("hub", Some(password)).unwrap();
    Nic::builder("wl0")
        .wifi(network(ssid))
        .proxy(proxy)
        .build()
        .unwrap()
}

fn key(key: Exposed<'_>) -> Secrets<'_> {
    Secrets {
        key: Some(key),
        password: None,
    }
}

fn told(rig: &Rig<3>) -> Option<String> {
    rig.current().and_then(|(_, runs, _)| runs.network)
}

/// Connected and sealed over home, then connected over café with nothing sealed.
fn unsealed(policy: Policy, second: &Nic) -> Rig<3> {
    let mut rig = Rig::new(policy, ALL);
    rig.connect_with(&wifi("home")).unwrap();
    rig.pass(10_000);
    assert_eq!(told(&rig).as_deref(), Some("home"));
    rig.seals = false;
    rig.connect_with(second).unwrap();
    assert!(rig.pass_until(MINUTE, |rig| rig.is_connected() && !rig.unsealed.is_empty()));
    rig
}

// spec: CFG-4
#[test]
fn a_configuration_that_is_never_sealed_leaves_the_one_before() {
    for policy in RETURNING {
        for second in [wifi("cafe"), guarded("cafe", "swordfish")] {
            let mut rig = unsealed(policy, &second);
            rig.pass(10 * MINUTE);
            assert_eq!(told(&rig).as_deref(), Some("home"), "{policy:?}");
            rig.disconnect();
            rig.pass(MINUTE);
            assert_eq!(told(&rig).as_deref(), Some("home"), "{policy:?}");
        }
    }
}

/// What is no sealed secret.
const WRONG: [Exposed<'static>; 3] = [
    Exposed::Plaintext("correct horse"),
    Exposed::Sealed(b""),
    Exposed::Sealed(&[7; 113]),
];

// spec: CFG-4, NIC-6
#[test]
fn a_secret_that_could_not_be_sealed_leaves_the_configuration_before() {
    for policy in RETURNING {
        for wrong in WRONG {
            let mut rig = unsealed(policy, &wifi("cafe"));
            let ticket = rig.unsealed[0].ticket;
            rig.request("sealed", |manager, now| {
                manager.sealed(now, ticket, key(wrong))
            });
            assert_eq!(told(&rig).as_deref(), Some("home"), "{policy:?}");
        }
    }
}

// spec: CFG-4
#[test]
fn a_secret_that_is_sealed_late_is_told_then_if_the_connection_lasts() {
    for policy in RETURNING {
        for ends in [false, true] {
            let mut rig = unsealed(policy, &wifi("cafe"));
            rig.pass(MINUTE);
            if ends {
                rig.disconnect();
                rig.pass(MINUTE);
            }
            let unsealed = rig.unsealed.remove(0);
            rig.seal(&unsealed);
            if ends {
                assert_eq!(told(&rig).as_deref(), Some("home"), "{policy:?}");
                continue;
            }
            assert_eq!(told(&rig).as_deref(), Some("cafe"), "{policy:?}");
            let sealed = rig
                .manager
                .current_config()
                .unwrap()
                .wifi()
                .unwrap()
                .key()
                .expose();
            assert_eq!(sealed, Some(Exposed::Sealed(b"sealed correct horse")));
        }
    }
}

// spec: CFG-4
#[test]
fn of_two_secrets_one_is_not_enough() {
    for policy in RETURNING {
        for first in [0, 1] {
            let mut rig = unsealed(policy, &guarded("cafe", "swordfish"));
            let both = rig.unsealed.remove(0);
            assert!(both.key.is_some() && both.password.is_some() && rig.unsealed.is_empty());
            rig.seal(&match first {
                0 => Unsealed {
                    password: None,
                    ..both.clone()
                },
                _ => Unsealed {
                    key: None,
                    ..both.clone()
                },
            });
            assert_eq!(told(&rig).as_deref(), Some("home"), "{policy:?} {first}");
            rig.seal(&both);
            assert_eq!(told(&rig).as_deref(), Some("cafe"), "{policy:?} {first}");
        }
    }
}

// spec: CFG-4
#[test]
fn a_secret_of_an_earlier_connection_changes_nothing() {
    for policy in RETURNING {
        let mut rig = unsealed(policy, &wifi("cafe"));
        let old = rig.unsealed.remove(0);
        rig.connect_with(&wifi("shed")).unwrap();
        assert!(rig.pass_until(MINUTE, |rig| rig.is_connected() && !rig.unsealed.is_empty()));
        rig.seal(&old);
        assert_eq!(told(&rig).as_deref(), Some("home"), "{policy:?}");
        let unsealed = rig.unsealed.remove(0);
        rig.seal(&unsealed);
        assert_eq!(told(&rig).as_deref(), Some("shed"), "{policy:?}");
        // The same ticket again, and a forged one.
        let key = Some("again".to_owned());
        let again = Unsealed { key, ..unsealed };
        rig.seal(&again);
        let ticket = SealTicket::from_bits(again.ticket.to_bits() ^ 0x40);
        rig.seal(&Unsealed { ticket, ..again });
        let nic = rig.manager.current_config().unwrap();
        let key = nic.wifi().unwrap().key().expose();
        assert_eq!(key, Some(Exposed::Sealed(b"sealed correct horse")));
    }
}

// spec: CFG-4
#[test]
fn what_is_told_can_be_given_back_and_connects_the_same_way() {
    for policy in RETURNING {
        for nic in [
            wifi("cafe"),
            guarded("cafe", "swordfish"),
            named("eth0"),
            named("cell"),
        ] {
            let mut rig = Rig::new(policy, ALL);
            rig.connect_with(&nic).unwrap();
            assert!(rig.pass_until(MINUTE, |rig| rig.is_connected()));
            rig.pass(100);
            let told = rig.manager.current_config().unwrap().clone();
            rig.disconnect();
            rig.pass(1_000);
            rig.connect_with(&told).unwrap();
            assert!(
                rig.pass_until(MINUTE, |rig| rig.is_connected()),
                "{}",
                rig.story()
            );
            rig.pass(100);
            let again = rig.manager.current_config().unwrap();
            assert!(again.means_same_as(&told, ALL), "{policy:?} {nic:?}");
        }
    }
}

// spec: CFG-4
#[test]
fn before_the_first_connection_is_sealed_nothing_is_told() {
    for policy in RETURNING {
        let mut rig = Rig::new(policy, ALL);
        assert!(rig.current().is_none());
        rig.seals = false;
        rig.connect_with(&wifi("cafe")).unwrap();
        rig.pass(10_000);
        assert!(rig.is_connected());
        assert!(rig.current().is_none());
        let unsealed = rig.unsealed.remove(0);
        rig.request("sealed", |manager, now| {
            manager.sealed(now, unsealed.ticket, key(WRONG[1]))
        });
        assert!(rig.current().is_none());
        rig.seal(&unsealed);
        assert_eq!(told(&rig).as_deref(), Some("cafe"));
    }
}
