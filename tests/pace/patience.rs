//! IFC-16 from the outside: who will not change his mind in a minute is not asked every minute.

use lankeeper::stored::StoredSettings;
use lankeeper::{
    Command, Notice, Report, ServerAction, ServerReport, Span, State, WifiKey, WifiSettings,
};
use lankeeper::{Config, Instant, InterfaceConfig, Manager, Nic, Policy, ProxySettings};

use super::device::{Device, config};
use super::kind::Kind;
use super::world::{Later, World};
use super::{CELL0, ETH0, WL0, after, millis};
use crate::support::bound::bounded;
use crate::support::{Rig, good_answer, network};

const CODE: i32 = 7;
const DENIED: Report = Report::RegistrationDenied { code: CODE };

/// Not before ten minutes: here jitter makes the delay longer, by up to a quarter.
const REFUSED_MS: u64 = 600_000;

const LATEST_MS: u64 = REFUSED_MS * 5 / 4;

fn denied() -> Rig {
    let mut rig = Rig::up_to(CELL0, State::CellularRegistering);
    rig.report(DENIED);
    assert_eq!(rig.state(), State::CellularRegistrationDenied);
    rig.commands();
    rig
}

// spec: IFC-16
#[test]
fn a_denied_registration_is_repeated_after_ten_minutes() {
    let mut rig = denied();
    let (refused, retry) = (rig.now, rig.next_timer().unwrap());
    let wait = retry.saturating_duration_since(refused).as_millis();
    assert!((REFUSED_MS..=LATEST_MS).contains(&wait), "{wait}");
    rig.go(retry);
    assert_eq!(rig.state(), State::CellularRegistering);
    assert_eq!(rig.actions(), ["register"]);
}

// spec: IFC-16
#[test]
fn the_delay_after_a_refusal_is_a_setting() {
    for secs in [1, 30, 3_600] {
        let mut config = InterfaceConfig::new(CELL0);
        let span = Span::from_secs(secs).unwrap();
        config.refused_delay = span;
        let mut rig = Rig::with(config);
        rig.open();
        rig.come_up_to(State::CellularRegistering);
        rig.report(DENIED);
        let retry = rig.next_timer().unwrap();
        let wait = retry.saturating_duration_since(rig.now);
        let longest = millis(span.duration().as_millis() * 5 / 4);
        assert!(
            (span.duration()..=longest).contains(&wait),
            "{wait:?} of {secs} s"
        );
    }
}

// spec: IFC-16
#[test]
fn a_request_tries_at_once() {
    let mut rig = Rig::with(InterfaceConfig::new(CELL0));
    let handle = rig.open();
    rig.come_up_to(State::CellularRegistering);
    rig.report(DENIED);
    rig.commands();
    rig.manager.retry(rig.now, handle).unwrap();
    assert!(!rig.state().is_stopped(), "{}", rig.state());
    let mut rig = denied();
    rig.open();
    assert!(!rig.state().is_stopped(), "{}", rig.state());
}

// spec: IFC-14, IFC-16
#[test]
fn a_success_that_comes_late_ends_the_wait() {
    for wait in [0, 1, 120_000, 400_000] {
        let mut rig = denied();
        rig.pass(millis(wait));
        rig.report(Report::Registered);
        let came = rig.now;
        while rig.state().is_stopped() {
            let next = rig.next_timer().unwrap();
            rig.go(next);
        }
        let waited = rig.now.saturating_duration_since(came);
        // The back-off was 1 s: with it over, there is nothing to wait for.
        assert!(waited <= millis(1_000), "{waited:?} after {wait} ms");
        assert_eq!(rig.state(), State::CellularPppConnecting);
        assert_eq!(rig.actions(), ["dial"]);
    }
}

/// Brings a radio as far as the join.
fn join(rig: &mut Rig) {
    while rig.state() != State::WifiJoining {
        let answer = good_answer(rig.state()).unwrap();
        rig.report(answer);
    }
}

/// Says that the key is wrong, and returns the wait that follows, in milliseconds.
fn wrong_key(rig: &mut Rig) -> u64 {
    join(rig);
    rig.report(Report::WrongKey { code: CODE });
    assert_eq!(rig.state(), State::WifiStopped);
    let (refused, retry) = (rig.now, rig.next_timer().unwrap());
    rig.go(retry);
    rig.notices();
    retry.saturating_duration_since(refused).as_millis()
}

// spec: IFC-16
#[test]
fn a_wrong_key_is_repeated_after_ten_minutes_from_the_third_in_a_row() {
    let mut rig = Rig::up_to(WL0, State::WifiJoining);
    assert!(wrong_key(&mut rig) <= 1_000);
    assert!(wrong_key(&mut rig) <= 2_000);
    for _ in 0..5 {
        let wait = wrong_key(&mut rig);
        assert!((REFUSED_MS..=LATEST_MS).contains(&wait), "{wait}");
    }
}

// spec: IFC-16
#[test]
fn another_answer_to_a_join_breaks_the_row_of_wrong_keys() {
    let mut rig = Rig::up_to(WL0, State::WifiJoining);
    wrong_key(&mut rig);
    wrong_key(&mut rig);
    join(&mut rig);
    rig.report(Report::JoinRejected { code: CODE });
    let retry = rig.next_timer().unwrap();
    rig.go(retry);
    assert!(wrong_key(&mut rig) <= 60_000);
}

/// A radio with a stored network whose key was wrong three times; all outputs are taken.
fn wrong_network() -> Rig {
    let mut rig = Rig::with(InterfaceConfig::new(WL0));
    let mut stored = StoredSettings::default();
    stored.wifi = Some(network());
    rig.manager
        .load_stored(stored.to_record().as_bytes())
        .unwrap();
    rig.manager
        .open(rig.now, &Nic::named("wl0").unwrap())
        .unwrap();
    wrong_key(&mut rig);
    wrong_key(&mut rig);
    join(&mut rig);
    rig.report(Report::WrongKey { code: CODE });
    assert_eq!(rig.state(), State::WifiStopped);
    rig.commands();
    rig
}

fn other_network() -> WifiSettings {
    WifiSettings::new(b"home", WifiKey::plaintext("battery staple").unwrap()).unwrap()
}

// spec: IFC-16, OPEN-8
#[test]
fn another_network_is_tried_at_once() {
    let mut rig = wrong_network();
    rig.manager.store_wifi(rig.now, &other_network());
    assert_eq!(rig.state(), State::WifiScanning);
    let mut rig = wrong_network();
    let mut settings = StoredSettings::default();
    settings.wifi = Some(other_network());
    rig.manager.provision(rig.now, &settings);
    assert_eq!(rig.state(), State::WifiScanning);
}

/// A network that denies every registration.
struct Denies;

impl World for Denies {
    fn answer(&mut self, _: Instant, _: lankeeper::InterfaceId, kind: Kind) -> Vec<Later<Report>> {
        if kind == Kind::Register {
            return vec![(0, DENIED)];
        }
        kind.succeeds(0)
    }
}

// spec: IFC-16, IFC-13
#[test]
fn a_network_that_denies_is_asked_six_times_an_hour() {
    for seed in 0..10 {
        let mut device = Device::new("denied", seed, &config(seed, [CELL0]));
        device.limits.interface = 6;
        device.open(CELL0);
        let result = device.run(&mut Denies, after(Instant::EPOCH, 24 * 3_600_000));
        result.unwrap_or_else(|error| panic!("{error}"));
    }
}

/// When the server connection over a proxy that refuses the credentials tries again.
fn second_try(policy: Policy, seed: u64) -> Option<u64> {
    let config = Config::new(seed, [InterfaceConfig::new(ETH0)]);
    let mut manager: Manager<1> = Manager::new(&config).unwrap();
    let mut now = Instant::EPOCH;
    let proxy = ProxySettings::new("proxy.example", 3_128).unwrap();
    manager.store_proxy(now, &proxy);
    manager.set_policy(now, policy);
    manager.connect(now, None).unwrap();
    let mut tries = 0;
    while now <= after(Instant::EPOCH, 3_600_000) {
        let mut events = Vec::new();
        while let Some(command) = bounded(manager.poll_command()) {
            match command {
                Command::Interface { ticket, action } => {
                    let success = Kind::of(&action).success();
                    events.extend(success.map(|report| ticket.report(report)));
                }
                Command::Server { ticket, action } => {
                    let report = match action {
                        ServerAction::Resolve(_) => ServerReport::Resolved,
                        ServerAction::ReachProxy(_) => {
                            tries += 1;
                            ServerReport::ProxyRefused { code: CODE }
                        }
                        _ => continue,
                    };
                    events.push(ticket.report(report));
                }
                _ => {}
            }
        }
        if tries == 2 {
            return Some(now.as_millis());
        }
        while let Some(notice) = bounded(manager.poll_notice()) {
            assert!(!matches!(notice, Notice::Lagged(_)));
        }
        if events.is_empty() {
            now = manager.poll_at()?.at;
            manager.handle_timeout(now);
        }
        for event in events {
            manager.handle_event(now, event);
        }
    }
    None
}

// spec: IFC-16
#[test]
fn a_proxy_that_refuses_the_credentials_is_not_asked_every_minute() {
    for policy in [Policy::SuspendOnError, Policy::KeepTrying] {
        for seed in 0..20 {
            let again = second_try(policy, seed).expect("it is tried again in an hour");
            assert!(
                again >= REFUSED_MS,
                "{policy:?}, seed {seed}: after {again} ms"
            );
        }
    }
}
