//! How a simulated connection ends.

use lankeeper::sim::{
    AirChange, CableChange, CellularChange, Condition, FaultRates, Happening, HttpProxy, Reach,
    ServerChange, Simulated, code,
};
use lankeeper::{ConnectOutcome, Duration, Nic, Notice, Policy, ProxySettings, ServerState, Span};

use super::{CELL0, ETH0, Trip, WL0};
use crate::support::nic;

const SECOND: Duration = Duration::from_secs(1);

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

// spec: CON-12
#[test]
fn a_server_that_fails_is_lost_at_once_and_reconnected_when_it_is_back() {
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
    assert!(
        !trip.notices().iter().any(lost),
        "the server was back in time"
    );
}

// spec: CON-12
#[test]
fn a_server_that_stays_down_is_reported_with_its_code() {
    let mut trip = Trip::connected(ETH0);
    trip.happen(ServerChange::Server(Condition::Fails));
    trip.pass(61);
    let lost = Notice::ServerLost {
        interface: ETH0,
        outcome: ConnectOutcome::NoServer,
        code: Some(code::CONNECTION_REFUSED),
    };
    assert!(trip.notices().contains(&lost));
    assert_eq!(trip.state(), ServerState::Disconnected);
}

/// What makes a connection hang without an error, and what makes it continue.
fn hangs(trip: &Trip) -> [(Happening, Happening); 3] {
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
fn a_silent_hang_is_detected_by_missing_acknowledgements() {
    for place in 0..3 {
        let mut trip = Trip::connected(WL0);
        let (stop, _) = hangs(&trip).into_iter().nth(place).unwrap();
        trip.happen(stop);
        trip.pass_for(millis(9_999));
        assert_eq!(trip.state(), ServerState::Connected);
        trip.pass_for(millis(1));
        // With given settings a loss is reported at once.
        assert_eq!(trip.state(), ServerState::Disconnected);
        let lost = Notice::ServerLost {
            interface: WL0,
            outcome: ConnectOutcome::NoServer,
            code: Some(code::CONNECTION_TIMED_OUT),
        };
        assert!(trip.notices().contains(&lost));
        assert!(trip.is_truthful());
    }
}

// spec: CON-1
#[test]
fn under_no_disconnect_only_tcp_gives_up() {
    for place in 0..3 {
        let mut trip = Trip::connected(WL0);
        let policy = Policy::ReturnOnErrorNoDisconnect;
        trip.manager.set_policy(trip.world.now(), policy);
        let (stop, _) = hangs(&trip).into_iter().nth(place).unwrap();
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
fn a_hang_that_ends_in_time_is_no_loss_and_each_hang_is_timed_anew() {
    for place in 0..3 {
        let mut trip = Trip::connected(WL0);
        let policy = Policy::ReturnOnErrorNoDisconnect;
        trip.manager.set_policy(trip.world.now(), policy);
        for _ in 0..3 {
            let (stop, go) = hangs(&trip).into_iter().nth(place).unwrap();
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
fn a_ppp_link_without_connectivity_is_detected_too() {
    for condition in [Condition::Fails, Condition::Hangs] {
        let mut trip = Trip::connected(CELL0);
        trip.happen(ServerChange::Ppp(condition));
        trip.pass_for(millis(9_999));
        assert_eq!(trip.state(), ServerState::Connected);
        trip.pass_for(millis(1));
        assert_eq!(trip.state(), ServerState::Waiting);
        // It does not affect Ethernet.
        let mut trip = Trip::connected(ETH0);
        trip.happen(ServerChange::Ppp(condition));
        trip.pass(60);
        assert_eq!(trip.state(), ServerState::Connected);
    }
}

#[test]
fn a_failed_proxy_ends_its_connections() {
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
    // It does not affect a connection without a proxy.
    let mut trip = Trip::connected(ETH0);
    trip.happen(ServerChange::Proxy(Some(proxy)));
    trip.happen(ServerChange::Proxy(None));
    trip.pass(60);
    assert_eq!(trip.state(), ServerState::Connected);
}

// spec: CON-12, CON-17
#[test]
fn a_lost_interface_ends_its_connection() {
    let mut trip = Trip::connected(ETH0);
    trip.happen(CableChange::Pulled);
    trip.pass(0);
    assert_ne!(trip.state(), ServerState::Connected);
    assert!(trip.is_truthful());
    trip.happen(CableChange::Plugged);
    trip.reach(ServerState::Connected, 30);

    let mut trip = Trip::connected(CELL0);
    // Its loss is followed by the next try at once.
    trip.pass(5 * 60);
    trip.happen(CellularChange::SessionDropped);
    trip.pass(0);
    assert_eq!(trip.state(), ServerState::WaitingForInterface);
    assert!(trip.is_truthful());
    trip.reach(ServerState::Connected, 30);
}

/// The backend loses the interface, but its report is delayed.
#[test]
fn tcp_gives_up_on_a_lost_interface_before_the_manager_knows() {
    let mut trip = Trip::connected(ETH0);
    let mut rates = FaultRates::NONE;
    rates.late = 1_000;
    rates.latest = Duration::from_secs(3_600);
    trip.happen(Happening::FaultRates(ETH0, rates));
    trip.happen(CableChange::Pulled);
    assert_eq!(trip.world.reach(ETH0), Reach::Nothing);
    trip.pass_for(millis(9_999));
    assert_eq!(
        trip.state(),
        ServerState::Connected,
        "the loss was not reported"
    );
    trip.pass_for(millis(1));
    assert_eq!(trip.state(), ServerState::Waiting);
    assert!(trip.is_truthful());
}

// spec: CON-15
#[test]
fn a_flush_takes_at_most_the_given_time() {
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

    // The flush completes once the server works again.
    let mut trip = Trip::connected(ETH0);
    trip.happen(ServerChange::Server(Condition::Hangs));
    trip.manager
        .disconnect(trip.world.now(), Some(Span::from_secs(1).unwrap()));
    trip.pass_for(millis(500));
    trip.happen(ServerChange::Server(Condition::Works));
    assert_eq!(trip.reach(ServerState::Disconnected, 2), Duration::ZERO);

    // A connection that has failed has nothing to flush.
    let mut trip = Trip::connected(ETH0);
    trip.happen(ServerChange::Server(Condition::Fails));
    trip.manager
        .disconnect(trip.world.now(), Some(Span::from_secs(1).unwrap()));
    assert_eq!(trip.reach(ServerState::Disconnected, 2), Duration::ZERO);
    assert!(trip.is_truthful());
}

// spec: CON-13
#[test]
fn a_suspended_application_resumes_when_the_server_is_back() {
    let mut trip = Trip::under(Policy::SuspendOnError);
    trip.happen(ServerChange::Server(Condition::Fails));
    trip.pass(3_600);
    assert_eq!(trip.state(), ServerState::Waiting);
    trip.happen(ServerChange::Server(Condition::Works));
    trip.pass(9 * 60 + 60);
    assert_eq!(trip.state(), ServerState::Connected);
    let notices: Vec<_> = trip
        .notices()
        .into_iter()
        .filter(|notice| matches!(notice, Notice::Suspended { .. } | Notice::Resumed))
        .collect();
    let suspended = Notice::Suspended {
        interface: ETH0,
        outcome: ConnectOutcome::NoServer,
        code: Some(code::CONNECTION_RESET),
    };
    assert_eq!(notices, [suspended, Notice::Resumed]);
}

#[test]
fn losing_wifi_leaves_a_connection_over_ethernet_alone() {
    let mut trip = Trip::connected(ETH0);
    trip.manager.open(trip.world.now(), &nic(WL0)).unwrap();
    trip.pass(20);
    trip.happen(AirChange::Signal(trip.home, None));
    trip.pass(60);
    assert_eq!(trip.state(), ServerState::Connected);
    assert!(trip.is_truthful());
}
