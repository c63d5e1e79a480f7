//! Each answer of the simulated server side, and the cause of each outcome.

use lankeeper::sim::{
    AirChange, CableChange, CellularChange, Condition, Coverage, DhcpServer, Fault, Happening,
    HttpProxy, PppService, RunError, ServerChange, ServerDelays, SimCard, Simulated, code,
    run_until_ended, run_until_server,
};
use lankeeper::{ConnectOutcome, Duration, InterfaceId, Lease, Nic, ProxySettings, ServerState};

use super::{CELL0, ETH0, Trip, WL0};
use crate::sim::ALL;
use crate::support::nic;

// spec: CON-5
#[test]
fn each_medium_connects_step_by_step() {
    for id in ALL {
        let mut trip = Trip::new();
        trip.begin(&nic(id));
        trip.pass(20);
        assert_eq!(
            trip.states(),
            [
                ServerState::WaitingForInterface,
                ServerState::Resolving,
                ServerState::Connecting,
                ServerState::Connected,
            ],
            "{id}"
        );
        assert!(trip.world.server.is_connected());
        assert_eq!(trip.world.server.interface(), Some(id));
    }
}

#[test]
fn each_step_takes_its_configured_delay() {
    let mut trip = Trip::new();
    let mut delays = ServerDelays::default();
    delays.resolve = Duration::from_secs(3);
    delays.connect = Duration::from_secs(7);
    trip.world.server.set_delays(delays);
    trip.begin(&nic(ETH0));
    trip.reach(ServerState::Resolving, 20);
    assert_eq!(trip.reach(ServerState::Connecting, 20).as_secs(), 3);
    assert_eq!(trip.reach(ServerState::Connected, 20).as_secs(), 7);

    trip.world.server.set_delays(ServerDelays::NONE);
    trip.manager.disconnect(trip.world.now(), None);
    trip.begin(&nic(ETH0));
    let interface = Duration::from_millis(300 + 2_000 + 500);
    assert_eq!(trip.reach(ServerState::Connected, 20), interface);
}

/// An outcome, the NIC, what happens before, and the code of the result.
struct Case {
    outcome: ConnectOutcome,
    over: Nic,
    before: Vec<Happening>,
    code: Option<i32>,
}

fn case(
    outcome: ConnectOutcome,
    over: InterfaceId,
    before: impl Into<Happening>,
    code: Option<i32>,
) -> Case {
    let before = vec![before.into()];
    let over = nic(over);
    Case {
        outcome,
        over,
        before,
        code,
    }
}

fn through_proxy(outcome: ConnectOutcome, condition: Condition, username: &str, code: i32) -> Case {
    let here = ProxySettings::new("10.0.0.1", 3128).unwrap();
    let lent = here.clone().with_credentials(username, None).unwrap();
    let proxy = HttpProxy::new(here.with_credentials("hub", None).unwrap());
    Case {
        outcome,
        over: Nic::builder("eth0").proxy(lent).build().unwrap(),
        before: vec![ServerChange::Proxy(Some(proxy.in_condition(condition))).into()],
        code: Some(code),
    }
}

fn cases(trip: &Trip) -> Vec<Case> {
    use Condition::{Fails, Hangs, Works};
    let home = trip.home;
    let server = DhcpServer::new(
        Lease::new([10, 0, 0, 9].into(), 24),
        Duration::from_secs(60),
    );
    let driver = Happening::Fault(ETH0, Fault::Driver { code: -9 });
    vec![
        case(
            ConnectOutcome::NoWifi,
            WL0,
            AirChange::Signal(home, None),
            Some(code::NO_ACCESS_POINT),
        ),
        case(
            ConnectOutcome::NoWifi,
            WL0,
            AirChange::Rejects(home, true),
            Some(code::TOO_MANY_STATIONS),
        ),
        case(ConnectOutcome::NoLink, ETH0, CableChange::Pulled, None),
        case(
            ConnectOutcome::NoIpAddress,
            ETH0,
            CableChange::Dhcp(server.refusing()),
            Some(code::DHCP_NAK),
        ),
        case(
            ConnectOutcome::NoIpAddress,
            WL0,
            AirChange::Dhcp(home, server.silent()),
            None,
        ),
        case(
            ConnectOutcome::NotResolved,
            ETH0,
            ServerChange::Names(Fails),
            Some(code::NAME_SERVER_FAILED),
        ),
        case(
            ConnectOutcome::NotResolved,
            WL0,
            ServerChange::Names(Hangs),
            None,
        ),
        case(
            ConnectOutcome::NoServer,
            ETH0,
            ServerChange::Server(Fails),
            Some(code::CONNECTION_REFUSED),
        ),
        case(
            ConnectOutcome::NoServer,
            CELL0,
            ServerChange::Server(Hangs),
            None,
        ),
        case(
            ConnectOutcome::NoServer,
            WL0,
            AirChange::Captive(home, true),
            Some(code::BAD_CERTIFICATE),
        ),
        case(
            ConnectOutcome::NoServer,
            WL0,
            AirChange::Firewall(home, true),
            Some(code::CONNECTION_REFUSED),
        ),
        case(
            ConnectOutcome::ServerConnected,
            ETH0,
            ServerChange::Ppp(Fails),
            None,
        ),
        through_proxy(
            ConnectOutcome::NoProxy,
            Fails,
            "hub",
            code::CONNECTION_REFUSED,
        ),
        through_proxy(
            ConnectOutcome::NotAuthorised,
            Works,
            "bub",
            code::PROXY_AUTHENTICATION_REQUIRED,
        ),
        case(
            ConnectOutcome::NoModem,
            CELL0,
            CellularChange::Hangs(true),
            None,
        ),
        case(
            ConnectOutcome::SimError,
            CELL0,
            CellularChange::Card(SimCard::Missing),
            Some(code::SIM_NOT_INSERTED),
        ),
        case(
            ConnectOutcome::NoRegistration,
            CELL0,
            CellularChange::Coverage(Coverage::None),
            None,
        ),
        case(
            ConnectOutcome::RegistrationDenied,
            CELL0,
            CellularChange::Coverage(Coverage::Denied),
            Some(code::REGISTRATION_DENIED),
        ),
        case(
            ConnectOutcome::NoPppConnection,
            CELL0,
            CellularChange::Ppp(PppService::Fails),
            Some(code::NO_CARRIER),
        ),
        case(
            ConnectOutcome::PppNoConnectivity,
            CELL0,
            ServerChange::Ppp(Fails),
            Some(code::NETWORK_UNREACHABLE),
        ),
        Case {
            outcome: ConnectOutcome::NotConnected,
            over: nic(ETH0),
            before: vec![driver],
            code: Some(-9),
        },
    ]
}

// spec: CON-2, CON-4, CON-10, CON-11
#[test]
fn each_outcome_has_its_cause() {
    let mut missing = ConnectOutcome::ALL.to_vec();
    // No attempt ends with it: it is the loss of a connection.
    missing.retain(|outcome| *outcome != ConnectOutcome::AddressChanged);
    for case in cases(&Trip::new()) {
        let mut trip = Trip::new();
        // The request comes first, because a driver fault hits the running step.
        trip.begin(&case.over);
        trip.pass_for(Duration::ZERO);
        for happening in case.before {
            trip.happen(happening);
        }
        trip.pass(60);
        assert_eq!(trip.ended(), (case.outcome, case.code));
        assert!(trip.is_truthful(), "{}", case.outcome);
        missing.retain(|outcome| *outcome != case.outcome);
    }
    assert_eq!(missing, []);
}

// spec: CON-10
#[test]
fn a_step_that_hangs_ends_with_the_timeout() {
    for (change, id, outcome) in [
        (
            ServerChange::Names(Condition::Hangs),
            ETH0,
            ConnectOutcome::NotResolved,
        ),
        (
            ServerChange::Server(Condition::Hangs),
            WL0,
            ConnectOutcome::NoServer,
        ),
        (
            ServerChange::Ppp(Condition::Hangs),
            CELL0,
            ConnectOutcome::NotResolved,
        ),
    ] {
        let mut trip = Trip::new();
        trip.happen(change);
        trip.begin(&nic(id));
        let span = Duration::from_secs(100);
        let (at, ended) = run_until_ended(&mut trip.manager, &mut trip.world, span).unwrap();
        assert_eq!((at, ended), (crate::support::secs(60), outcome));
    }
}

#[test]
fn a_step_that_recovers_in_time_connects() {
    type Change = fn(Condition) -> ServerChange;
    let changes: [Change; 3] = [ServerChange::Names, ServerChange::Server, ServerChange::Ppp];
    for change in changes {
        let mut trip = Trip::new();
        trip.happen(change(Condition::Hangs));
        trip.begin(&nic(CELL0));
        trip.pass(50);
        assert!(!trip.world.server.is_connected());
        // Nothing is polled meanwhile.
        assert_eq!(trip.world.poll_at(), None);
        trip.happen(change(Condition::Works));
        trip.pass(1);
        assert_eq!(trip.ended(), (ConnectOutcome::ServerConnected, None));
    }
}

#[test]
fn run_functions_report_what_did_not_happen_in_time() {
    let mut trip = Trip::new();
    trip.happen(ServerChange::Names(Condition::Hangs));
    trip.begin(&nic(ETH0));
    let (manager, world) = (&mut trip.manager, &mut trip.world);
    let span = Duration::from_secs(10);
    let late = run_until_server(manager, world, ServerState::Connected, span).unwrap_err();
    assert_eq!(
        late.to_string(),
        "by 10000000 µs the server connection got no further than RESOLVING"
    );
    let late = run_until_ended(manager, world, span).unwrap_err();
    assert_eq!(
        late.to_string(),
        "by 20000000 µs no attempt to connect ended, it is RESOLVING"
    );
    let (at, found) = (world.now(), ServerState::Resolving);
    assert_eq!(late, RunError::NotEnded { at, found });
}
