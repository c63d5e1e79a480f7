//! A simulated proxy between the device and the server.

use lankeeper::nic::ProxyPassword;
use lankeeper::sim::{AirChange, Condition, HttpProxy, ServerChange, World, code};
use lankeeper::{ConnectOutcome, Nic, ProxySettings, ServerState};

use super::{Trip, WL0};
use crate::support::network;

fn at(address: &str) -> ProxySettings {
    ProxySettings::new(address, 3128).unwrap()
}

fn asked_by(username: &str, password: ProxyPassword) -> ProxySettings {
    let proxy = at("proxy.example");
    proxy.with_credentials(username, Some(password)).unwrap()
}

fn plaintext(password: &str) -> ProxyPassword {
    ProxyPassword::plaintext(password).unwrap()
}

fn sealed(seed: u64, password: &str) -> ProxyPassword {
    let world: World = World::new(seed);
    ProxyPassword::sealed(world.seal(password).as_bytes()).unwrap()
}

fn over_wifi(lent: &ProxySettings) -> Nic {
    let builder = Nic::builder("wl0").wifi(network());
    builder.proxy(lent.clone()).build().unwrap()
}

/// A trip in a world with this proxy.
fn with(here: ProxySettings) -> Trip {
    let mut trip = Trip::new();
    trip.happen(ServerChange::Proxy(Some(HttpProxy::new(here))));
    trip
}

const REFUSED: (ConnectOutcome, Option<i32>) = (
    ConnectOutcome::NotAuthorised,
    Some(code::PROXY_AUTHENTICATION_REQUIRED),
);

// spec: CON-5
#[test]
fn the_proxy_is_reached_before_the_server() {
    let mut trip = with(at("proxy.example"));
    trip.begin(&over_wifi(&at("proxy.example")));
    trip.pass(20);
    assert_eq!(
        trip.states(),
        [
            ServerState::WaitingForInterface,
            ServerState::Resolving,
            ServerState::ReachingProxy,
            ServerState::Connecting,
            ServerState::Connected,
        ]
    );
}

// spec: CON-11
#[test]
fn a_wrong_proxy_address_or_port_does_not_reach_it() {
    let other_port = ProxySettings::new("proxy.example", 8080).unwrap();
    for (lent, ended) in [
        (
            at("poxy.example"),
            (ConnectOutcome::NotResolved, code::NAME_UNKNOWN),
        ),
        (
            at("10.0.0.9"),
            (ConnectOutcome::NoProxy, code::CONNECTION_REFUSED),
        ),
        (
            other_port,
            (ConnectOutcome::NoProxy, code::CONNECTION_REFUSED),
        ),
    ] {
        let mut trip = with(at("proxy.example"));
        let (outcome, code) = ended;
        assert_eq!(trip.attempt(&over_wifi(&lent)), (outcome, Some(code)));
    }
    let mut trip = Trip::new();
    let none = trip.attempt(&over_wifi(&at("10.0.0.9")));
    assert_eq!(
        none,
        (ConnectOutcome::NoProxy, Some(code::CONNECTION_REFUSED))
    );
}

#[test]
fn a_proxy_given_by_address_needs_no_name_server() {
    let mut trip = with(at("10.0.0.1"));
    trip.happen(ServerChange::Names(Condition::Hangs));
    let ended = trip.attempt(&over_wifi(&at("10.0.0.1")));
    assert_eq!(ended.0, ConnectOutcome::ServerConnected);
}

// spec: CON-11, SEC-3
#[test]
fn the_proxy_accepts_only_its_own_credentials_sealed_or_not() {
    let connected = (ConnectOutcome::ServerConnected, None);
    let here = || asked_by("hub", plaintext("swordfish"));
    let without = at("proxy.example").with_credentials("hub", None).unwrap();
    for (lent, ended) in [
        (here(), connected),
        (asked_by("hub", sealed(1, "swordfish")), connected),
        (asked_by("hub", plaintext("sordfish")), REFUSED),
        (asked_by("hub", sealed(1, "sordfish")), REFUSED),
        (asked_by("bub", plaintext("swordfish")), REFUSED),
        (without, REFUSED),
        (at("proxy.example"), REFUSED),
    ] {
        let mut trip = with(here());
        assert_eq!(trip.attempt(&over_wifi(&lent)), ended, "{lent:?}");
        assert!(trip.is_truthful());
    }
}

// spec: SEC-3
#[test]
fn a_password_that_this_device_has_not_sealed_is_always_refused() {
    let blobs = [
        sealed(2, "swordfish"),
        ProxyPassword::sealed(b"SIM:").unwrap(),
        ProxyPassword::sealed(b"SIM:12345678").unwrap(),
        ProxyPassword::sealed(b"swordfish").unwrap(),
    ];
    for blob in blobs {
        // Not even a proxy that accepts everybody is contacted.
        for here in [
            asked_by("hub", plaintext("swordfish")),
            at("proxy.example"),
            asked_by("hub", blob.clone()),
        ] {
            let mut trip = with(here);
            let ended = trip.attempt(&over_wifi(&asked_by("hub", blob.clone())));
            let refused = (ConnectOutcome::NotAuthorised, Some(code::NOT_UNSEALED));
            assert_eq!(ended, refused);
        }
    }
}

#[test]
fn a_proxy_without_a_user_accepts_everybody() {
    let mut trip = with(at("proxy.example"));
    let lent = asked_by("hub", plaintext("swordfish"));
    let ended = trip.attempt(&over_wifi(&lent));
    assert_eq!(ended.0, ConnectOutcome::ServerConnected);
}

#[test]
fn a_proxy_works_behind_a_firewall_but_not_behind_a_captive_portal() {
    let proxy = at("proxy.example");
    let mut trip = with(proxy.clone());
    trip.happen(AirChange::Firewall(trip.home, true));
    let ended = trip.attempt(&over_wifi(&proxy));
    assert_eq!(ended, (ConnectOutcome::ServerConnected, None));
    assert_eq!(trip.world.reach(WL0), lankeeper::sim::Reach::Firewall);

    let mut trip = with(proxy.clone());
    trip.happen(AirChange::Captive(trip.home, true));
    let ended = trip.attempt(&over_wifi(&proxy));
    assert_eq!(
        ended,
        (ConnectOutcome::NoProxy, Some(code::CONNECTION_REFUSED))
    );
}

#[test]
fn a_captive_portal_resolves_every_name() {
    let mut trip = with(at("proxy.example"));
    trip.happen(AirChange::Captive(trip.home, true));
    trip.happen(ServerChange::Names(Condition::Fails));
    let ended = trip.attempt(&over_wifi(&at("poxy.example")));
    assert_eq!(
        ended,
        (ConnectOutcome::NoProxy, Some(code::CONNECTION_REFUSED))
    );
    let ended = trip.attempt(&crate::support::nic(WL0));
    assert_eq!(
        ended,
        (ConnectOutcome::NoServer, Some(code::BAD_CERTIFICATE))
    );
}

#[test]
fn the_proxy_reports_that_the_server_is_down() {
    let proxy = at("proxy.example");
    let mut trip = with(proxy.clone());
    trip.happen(ServerChange::Server(Condition::Fails));
    let ended = trip.attempt(&over_wifi(&proxy));
    assert_eq!(ended, (ConnectOutcome::NoServer, Some(code::BAD_GATEWAY)));
}

// spec: CON-10
#[test]
fn a_proxy_that_hangs_times_out_or_recovers() {
    let proxy = || at("proxy.example");
    let hanging = HttpProxy::new(proxy()).in_condition(Condition::Hangs);
    let mut trip = with(proxy());
    trip.happen(ServerChange::Proxy(Some(hanging.clone())));
    assert_eq!(
        trip.attempt(&over_wifi(&proxy())),
        (ConnectOutcome::NoProxy, None)
    );

    trip.begin(&over_wifi(&proxy()));
    trip.pass(30);
    assert_eq!(trip.state(), ServerState::ReachingProxy);
    trip.happen(ServerChange::Proxy(Some(
        hanging.in_condition(Condition::Works),
    )));
    trip.pass(1);
    assert_eq!(trip.ended().0, ConnectOutcome::ServerConnected);
}

// spec: SEC-1
#[test]
fn no_output_contains_a_password() {
    let here = asked_by("hub", plaintext("swordfish"));
    let change = ServerChange::Proxy(Some(HttpProxy::new(here.clone())));
    let mut trip = with(here.clone());
    trip.attempt(&over_wifi(&here));
    assert!(trip.world.server.is_connected());
    let blob = trip.world.seal("swordfish");
    let text = format!("{:?} {change:?} {blob:?}", trip.world);
    assert!(text.contains("proxy.example"));
    assert!(!text.contains("swordfish") && !text.contains("correct horse"));
    let bytes = format!("{:?}", blob.as_bytes());
    assert!(!text.contains(bytes.trim_matches(['[', ']'])));
}
