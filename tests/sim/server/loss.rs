//! How a connection ends.

use lankeeper::sim::{
    AirChange, CableChange, CellularChange, Condition, FaultRates, Happening, HttpProxy, Reach,
    ServerChange, Simulated, code,
};
use lankeeper::{Duration, Nic, Notice, Outcome, Policy, ProxySettings, ServerState, Span};

use super::{CELL0, ETH0, Trip, WL0};
use crate::support::nic;

const SECOND: Duration = Duration::from_secs(1);

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

// spec: CON-12
#[test]
fn a_server_that_dies_is_lost_at_once_and_found_when_it_is_back() {
    let mut trip = Trip::connected(ETH0);
    trip.happen(ServerChange::Server(Condition::Fails));
    trip.pass(0);
    assert_eq!(trip.state(), ServerState::Waiting);
    assert!(trip.is_truthful());
    trip.pass(20);
    trip.happen(ServerChange::Server(Condition::Works));
    trip.reach(ServerState::Connected, 40);
    assert!(trip.is_truthful());
    let lost = |notice: &Notice| matches!(notice, Notice::ServerLost { .. });
    assert!(!trip.notices().iter().any(lost), "in time");
}

// spec: CON-12
#[test]
fn a_server_that_stays_away_is_told_with_its_code() {
    let mut trip = Trip::connected(ETH0);
    trip.happen(ServerChange::Server(Condition::Fails));
    trip.pass(61);
    let lost = Notice::ServerLost {
        interface: ETH0,
        outcome: Outcome::NoServer,
        code: Some(code::CONNECTION_REFUSED),
    };
    assert!(trip.notices().contains(&lost));
    assert_eq!(trip.state(), ServerState::Disconnected);
}

/// What stops a connection without a word, and what lets it go on.
fn stops(trip: &Trip) -> [(Happening, Happening); 3] {
    let home = trip.home;
    let server = |condition| ServerChange::Server(condition).into();
    [
        (server(Condition::Hangs), server(Condition::Works)),
        (
            AirChange::Captive(home, true).into(),
            AirChange::Captive(home, false).into(),
        ),
        (
            AirChange::Firewall(home, true).into(),
            AirChange::Firewall(home, false).into(),
        ),
    ]
}

#[test]
fn what_stops_without_a_word_is_noticed_by_what_is_not_acknowledged() {
    for place in 0..3 {
        let mut trip = Trip::connected(WL0);
        let (stop, _) = stops(&trip).into_iter().nth(place).unwrap();
        trip.happen(stop);
        trip.pass_for(millis(9_999));
        assert_eq!(trip.state(), ServerState::Connected);
        trip.pass_for(millis(1));
        // Over given settings a loss is told at once.
        assert_eq!(trip.state(), ServerState::Disconnected);
        let lost = Notice::ServerLost {
            interface: WL0,
            outcome: Outcome::NoServer,
            code: Some(code::CONNECTION_TIMED_OUT),
        };
        assert!(trip.notices().contains(&lost));
        assert!(trip.is_truthful());
    }
}

// spec: CON-1
#[test]
fn under_no_disconnect_only_tcp_itself_gives_up() {
    for place in 0..3 {
        let mut trip = Trip::connected(WL0);
        let policy = Policy::ReturnOnErrorNoDisconnect;
        trip.manager.set_policy(trip.world.now(), policy);
        let (stop, _) = stops(&trip).into_iter().nth(place).unwrap();
        trip.happen(stop);
        trip.pass_for(millis(29_999));
        assert_eq!(trip.state(), ServerState::Connected);
        trip.pass_for(millis(1));
        assert_eq!(trip.state(), ServerState::Disconnected);
        assert!(trip.is_truthful());
    }
}

// spec: CON-1
#[test]
fn what_goes_on_in_time_is_not_lost_and_each_stop_counts_anew() {
    for place in 0..3 {
        let mut trip = Trip::connected(WL0);
        let policy = Policy::ReturnOnErrorNoDisconnect;
        trip.manager.set_policy(trip.world.now(), policy);
        for _ in 0..3 {
            let (stop, go) = stops(&trip).into_iter().nth(place).unwrap();
            trip.happen(stop);
            trip.pass(29);
            trip.happen(go);
            trip.pass(100);
            assert_eq!(trip.state(), ServerState::Connected);
            assert!(trip.world.server.is_connected());
        }
    }
}

#[test]
fn a_dead_end_behind_ppp_stops_it_too() {
    for condition in [Condition::Fails, Condition::Hangs] {
        let mut trip = Trip::connected(CELL0);
        trip.happen(ServerChange::Ppp(condition));
        trip.pass_for(millis(9_999));
        assert_eq!(trip.state(), ServerState::Connected);
        trip.pass_for(millis(1));
        assert_eq!(trip.state(), ServerState::Waiting);
        // Behind Ethernet it is nothing.
        let mut trip = Trip::connected(ETH0);
        trip.happen(ServerChange::Ppp(condition));
        trip.pass(60);
        assert_eq!(trip.state(), ServerState::Connected);
    }
}

#[test]
fn a_proxy_takes_its_connections_along() {
    let settings = ProxySettings::new("proxy.example", 3128).unwrap();
    let proxy = HttpProxy::new(settings.clone());
    let nic = Nic::builder("eth0").proxy(settings).build().unwrap();
    let hanging = proxy.clone().in_condition(Condition::Hangs);
    let dead = proxy.clone().in_condition(Condition::Fails);
    for (change, after) in [
        (None, Duration::ZERO),
        (Some(dead), Duration::ZERO),
        (Some(hanging), millis(10_000)),
    ] {
        let mut trip = Trip::new();
        trip.happen(ServerChange::Proxy(Some(proxy.clone())));
        trip.attempt(&nic);
        assert_eq!(trip.state(), ServerState::Connected);
        trip.happen(ServerChange::Proxy(change));
        assert_eq!(trip.reach(ServerState::Disconnected, 20), after);
    }
    // Who goes without a proxy does not care.
    let mut trip = Trip::connected(ETH0);
    trip.happen(ServerChange::Proxy(Some(proxy)));
    trip.happen(ServerChange::Proxy(None));
    trip.pass(60);
    assert_eq!(trip.state(), ServerState::Connected);
}

// spec: CON-12, CON-17
#[test]
fn an_interface_that_loses_its_way_takes_the_connection_along() {
    let mut trip = Trip::connected(ETH0);
    trip.happen(CableChange::Pulled);
    trip.pass(0);
    assert_ne!(trip.state(), ServerState::Connected);
    assert!(trip.is_truthful());
    trip.happen(CableChange::Plugged);
    trip.reach(ServerState::Connected, 30);

    let mut trip = Trip::connected(CELL0);
    trip.happen(CellularChange::SessionDropped);
    trip.pass(0);
    assert_eq!(trip.state(), ServerState::WaitingForInterface);
    assert!(trip.is_truthful());
    trip.reach(ServerState::Connected, 30);
}

/// The interface goes away under the backend, and the manager is not told.
#[test]
fn without_a_manager_that_knows_tcp_gives_up_on_a_lost_interface() {
    let mut trip = Trip::connected(ETH0);
    let mut rates = FaultRates::NONE;
    rates.late = 1_000;
    rates.latest = Duration::from_secs(3_600);
    trip.happen(Happening::FaultRates(ETH0, rates));
    trip.happen(CableChange::Pulled);
    assert_eq!(trip.world.reach(ETH0), Reach::Nothing);
    trip.pass_for(millis(9_999));
    assert_eq!(trip.state(), ServerState::Connected, "nobody was told");
    trip.pass_for(millis(1));
    assert_eq!(trip.state(), ServerState::Waiting);
    assert!(trip.is_truthful());
}

// spec: CON-15
#[test]
fn a_flush_takes_its_time_and_at_most_what_it_is_given() {
    let mut trip = Trip::connected(ETH0);
    trip.manager
        .disconnect(trip.world.now(), Some(Span::from_secs(1).unwrap()));
    assert_eq!(trip.reach(ServerState::Disconnected, 2), millis(200));
    assert!(trip.is_truthful());

    let mut trip = Trip::connected(ETH0);
    trip.happen(ServerChange::Server(Condition::Hangs));
    trip.manager
        .disconnect(trip.world.now(), Some(Span::from_secs(1).unwrap()));
    assert_eq!(trip.reach(ServerState::Disconnected, 2), SECOND);

    // It goes out when it can.
    let mut trip = Trip::connected(ETH0);
    trip.happen(ServerChange::Server(Condition::Hangs));
    trip.manager
        .disconnect(trip.world.now(), Some(Span::from_secs(1).unwrap()));
    trip.pass_for(millis(500));
    trip.happen(ServerChange::Server(Condition::Works));
    assert_eq!(trip.reach(ServerState::Disconnected, 2), Duration::ZERO);

    // A connection that is gone has nothing to send.
    let mut trip = Trip::connected(ETH0);
    trip.happen(ServerChange::Server(Condition::Fails));
    trip.manager
        .disconnect(trip.world.now(), Some(Span::from_secs(1).unwrap()));
    assert_eq!(trip.reach(ServerState::Disconnected, 2), Duration::ZERO);
    assert!(trip.is_truthful());
}

// spec: CON-13
#[test]
fn a_suspended_application_goes_on_when_the_server_is_back() {
    let mut trip = Trip::under(Policy::SuspendOnError);
    trip.happen(ServerChange::Server(Condition::Fails));
    trip.pass(3_600);
    assert_eq!(trip.state(), ServerState::Waiting);
    trip.happen(ServerChange::Server(Condition::Works));
    trip.pass(9 * 60 + 60);
    assert_eq!(trip.state(), ServerState::Connected);
    let told: Vec<_> = trip
        .notices()
        .into_iter()
        .filter(|notice| matches!(notice, Notice::Suspended { .. } | Notice::Resumed))
        .collect();
    let suspended = Notice::Suspended {
        outcome: Outcome::NoServer,
        code: Some(code::CONNECTION_RESET),
    };
    assert_eq!(told, [suspended, Notice::Resumed]);
}

#[test]
fn another_network_leaves_a_connection_over_ethernet_alone() {
    let mut trip = Trip::connected(ETH0);
    trip.manager.open(trip.world.now(), &nic(WL0)).unwrap();
    trip.pass(20);
    trip.happen(AirChange::Signal(trip.home, None));
    trip.pass(60);
    assert_eq!(trip.state(), ServerState::Connected);
    assert!(trip.is_truthful());
}
