//! Every row of the result table (CON-11) has its own scenario, on each medium where it applies.

use lankeeper::{
    ConnectOutcome, InterfaceId, Lease, Nic, Report, ServerReport, ServerState, State,
};

use super::device::{CELL0, Device, ETH0, WL0, just_before, named, proxied, seconds};
use crate::support::span;

const CODE: i32 = -7;

// spec: CON-4
#[test]
fn result_codes_match_the_table() {
    let codes = [
        (ConnectOutcome::NotConnected, 0, "NOT_CONNECTED"),
        (ConnectOutcome::NoWifi, 1, "NO_WIFI"),
        (ConnectOutcome::NoLink, 1, "NO_LINK"),
        (ConnectOutcome::NoIpAddress, 2, "NO_IP_ADDRESS"),
        (ConnectOutcome::AddressChanged, 2, "ADDRESS_CHANGED"),
        (ConnectOutcome::NotResolved, 3, "NOT_RESOLVED"),
        (ConnectOutcome::NoServer, 4, "NO_SERVER"),
        (ConnectOutcome::ServerConnected, 5, "SERVER_CONNECTED"),
        (ConnectOutcome::NoProxy, 6, "NO_PROXY"),
        (ConnectOutcome::NotAuthorised, 7, "NOT_AUTHORISED"),
        (ConnectOutcome::NoModem, 8, "NO_MODEM"),
        (ConnectOutcome::SimError, 9, "SIM_ERROR"),
        (ConnectOutcome::NoRegistration, 10, "NO_REGISTRATION"),
        (
            ConnectOutcome::RegistrationDenied,
            11,
            "REGISTRATION_DENIED",
        ),
        (ConnectOutcome::NoPppConnection, 12, "NO_PPP_CONNECTION"),
        (ConnectOutcome::PppNoConnectivity, 13, "PPP_NO_CONNECTIVITY"),
    ];
    assert_eq!(codes.map(|(outcome, ..)| outcome), ConnectOutcome::ALL);
    for (outcome, code, text) in codes {
        assert_eq!(
            (outcome.code(), outcome.to_string()),
            (code, text.to_owned())
        );
    }
    assert_ne!(ConnectOutcome::NoWifi, ConnectOutcome::NoLink);
}

/// Medium, state of the interface, the failure reported there, and the result of the attempt.
type Row = (&'static str, State, Report, ConnectOutcome);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("wifi", State::Starting, Report::Fault { code: CODE }, ConnectOutcome::NotConnected),
    ("wifi", State::WifiScanning, Report::NetworkNotFound { code: CODE }, ConnectOutcome::NoWifi),
    ("wifi", State::WifiScanning, Report::Fault { code: CODE }, ConnectOutcome::NoWifi),
    ("wifi", State::WifiJoining, Report::WrongKey { code: CODE }, ConnectOutcome::NoWifi),
    ("wifi", State::WifiJoining, Report::JoinRejected { code: CODE }, ConnectOutcome::NoWifi),
    ("wifi", State::WifiJoining, Report::LinkLost { code: CODE }, ConnectOutcome::NoWifi),
    ("wifi", State::WifiDhcping, Report::LeaseRefused { code: CODE }, ConnectOutcome::NoIpAddress),
    ("ethernet", State::Starting, Report::Fault { code: CODE }, ConnectOutcome::NotConnected),
    ("ethernet", State::EthernetLinkUp, Report::CarrierDown, ConnectOutcome::NoLink),
    ("ethernet", State::EthernetDhcping, Report::CarrierDown, ConnectOutcome::NoLink),
    ("ethernet", State::EthernetDhcping, Report::LeaseRefused { code: CODE }, ConnectOutcome::NoIpAddress),
    ("ethernet", State::EthernetDhcping, Report::Lease(Lease::new(core::net::Ipv4Addr::UNSPECIFIED, 24)), ConnectOutcome::NoIpAddress),
    ("ethernet", State::EthernetDhcping, Report::Fault { code: CODE }, ConnectOutcome::NoIpAddress),
    ("cell", State::Starting, Report::Fault { code: CODE }, ConnectOutcome::NoModem),
    ("cell", State::CellularPinging, Report::Fault { code: CODE }, ConnectOutcome::NoModem),
    ("cell", State::CellularWaitingForSim, Report::SimFailed { code: CODE }, ConnectOutcome::SimError),
    ("cell", State::CellularRegistering, Report::RegistrationDenied { code: CODE }, ConnectOutcome::RegistrationDenied),
    ("cell", State::CellularPppConnecting, Report::PppDown { code: CODE }, ConnectOutcome::NoPppConnection),
];

// spec: CON-2, CON-5, CON-11
#[test]
fn each_interface_failure_ends_the_attempt_with_its_result() {
    for (medium, state, report, outcome) in ROWS {
        let mut device = Device::new();
        let id = id_of(medium);
        device.connect_with(&named(medium));
        device.bring_up_to(id, *state);
        assert_eq!(device.results(), []);
        device.report(id, *report);
        assert_eq!(device.results(), [(*medium, *outcome)], "{medium} {state}");
        assert_eq!(device.server_state(), ServerState::Disconnected);
        assert_eq!(device.manager.server_interface(), None);
        // Nothing is retried without a request (CON-10).
        device.forget_outputs();
        assert_eq!(device.manager.poll_at(), None, "{medium} {state}");
    }
}

// spec: CON-10, CON-11
#[test]
fn a_timeout_in_an_interface_step_gives_the_result_of_that_step() {
    #[rustfmt::skip]
    let steps = [
        ("wifi", State::Starting, ConnectOutcome::NotConnected),
        ("wifi", State::WifiScanning, ConnectOutcome::NoWifi),
        ("wifi", State::WifiJoining, ConnectOutcome::NoWifi),
        ("wifi", State::WifiDhcping, ConnectOutcome::NoIpAddress),
        ("ethernet", State::Starting, ConnectOutcome::NotConnected),
        ("ethernet", State::EthernetLinkUp, ConnectOutcome::NoLink),
        ("ethernet", State::EthernetDhcping, ConnectOutcome::NoIpAddress),
        ("cell", State::Starting, ConnectOutcome::NoModem),
        ("cell", State::CellularPinging, ConnectOutcome::NoModem),
        ("cell", State::CellularWaitingForSim, ConnectOutcome::SimError),
        ("cell", State::CellularRegistering, ConnectOutcome::NoRegistration),
        ("cell", State::CellularPppConnecting, ConnectOutcome::NoPppConnection),
    ];
    for (medium, state, outcome) in steps {
        let mut device = Device::new();
        let id = id_of(medium);
        // Shorter than the deadline of any step.
        let timeout = span(4).unwrap();
        let request = device
            .manager
            .connect_with(device.now, &named(medium), Some(timeout));
        request.unwrap();
        device.bring_up_to(id, state);
        let end = device.now.saturating_add(timeout.duration());
        device.go(just_before(end));
        assert_eq!(device.results(), [], "{medium} {state}");
        device.go(end);
        assert_eq!(device.results(), [(medium, outcome)], "{medium} {state}");
        assert!(
            device.state(id).is_stopped(),
            "the interface has no holder any more"
        );
    }
}

// spec: CON-10, CON-11
#[test]
fn a_timeout_in_a_server_step_gives_the_result_of_that_step() {
    let steps = [
        (ServerState::Resolving, ConnectOutcome::NotResolved),
        (ServerState::ReachingProxy, ConnectOutcome::NoProxy),
        (ServerState::Connecting, ConnectOutcome::NoServer),
    ];
    for (state, outcome) in steps {
        for nic in [proxied("proxy.example"), wifi_with_proxy()] {
            let mut device = Device::new();
            let end = device.now.saturating_add(seconds(60));
            device.connect_with(&nic);
            device.come_up_to(state);
            device.go(just_before(end));
            assert_eq!(device.results(), [], "{state}");
            device.go(end);
            assert_eq!(
                device.results(),
                [(nic.name().as_str(), outcome)],
                "{state}"
            );
        }
    }
}

// spec: CON-11
#[test]
fn each_server_failure_has_its_result() {
    #[rustfmt::skip]
    let rows = [
        (ServerState::Resolving, ServerReport::NotResolved { code: CODE }, ConnectOutcome::NotResolved),
        (ServerState::Resolving, ServerReport::Fault { code: CODE }, ConnectOutcome::NotResolved),
        (ServerState::Resolving, ServerReport::NoConnectivity { code: CODE }, ConnectOutcome::NoServer),
        (ServerState::ReachingProxy, ServerReport::ProxyUnreachable { code: CODE }, ConnectOutcome::NoProxy),
        (ServerState::ReachingProxy, ServerReport::ProxyRefused { code: CODE }, ConnectOutcome::NotAuthorised),
        (ServerState::ReachingProxy, ServerReport::Fault { code: CODE }, ConnectOutcome::NoProxy),
        (ServerState::Connecting, ServerReport::ProxyUnreachable { code: CODE }, ConnectOutcome::NoProxy),
        (ServerState::Connecting, ServerReport::ProxyRefused { code: CODE }, ConnectOutcome::NotAuthorised),
        (ServerState::Connecting, ServerReport::Unreachable { code: CODE }, ConnectOutcome::NoServer),
        (ServerState::Connecting, ServerReport::Lost { code: CODE }, ConnectOutcome::NoServer),
        (ServerState::Connecting, ServerReport::NoConnectivity { code: CODE }, ConnectOutcome::NoServer),
        (ServerState::Connecting, ServerReport::Fault { code: CODE }, ConnectOutcome::NoServer),
    ];
    for (state, report, outcome) in rows {
        for nic in [proxied("10.1.1.1"), wifi_with_proxy()] {
            let mut device = Device::new();
            device.connect_with(&nic);
            device.come_up_to(state);
            device.server(report);
            assert_eq!(
                device.results(),
                [(nic.name().as_str(), outcome)],
                "{report:?}"
            );
        }
    }
}

// spec: CON-11
#[test]
fn over_ppp_a_missing_server_differs_from_no_connectivity() {
    let rows = [
        (
            ServerReport::Unreachable { code: CODE },
            ConnectOutcome::NoServer,
        ),
        (
            ServerReport::NoConnectivity { code: CODE },
            ConnectOutcome::PppNoConnectivity,
        ),
    ];
    for (report, outcome) in rows {
        let mut device = Device::new();
        device.connect_with(&named("cell"));
        device.come_up_to(ServerState::Connecting);
        device.server(report);
        assert_eq!(device.results(), [("cell", outcome)]);
    }
}

// spec: CON-2, CON-4, CON-5
#[test]
fn each_medium_connects_and_reports_once_with_the_name_as_given() {
    for name in ["wifi", "wl0", "wl0i", "ethernet", "eth0", "cell", "cell0"] {
        let mut device = Device::new();
        device.connect_with(&named(name));
        assert_eq!(
            device.results(),
            [],
            "the request returns at once, before any result"
        );
        device.come_up();
        assert_eq!(device.results(), [(name, ConnectOutcome::ServerConnected)]);
        assert_eq!(device.manager.server_ignored().meaningless, 0);
        device.server(ServerReport::Connected);
        assert_eq!(device.manager.server_ignored().meaningless, 1);
        device.pass(seconds(3600));
        assert_eq!(device.results(), []);
    }
}

// spec: CON-5
#[test]
fn the_backend_resolves_reaches_the_proxy_if_any_and_connects() {
    let mut device = Device::new();
    device.connect_with(&proxied("proxy.example"));
    device.bring_up(ETH0);
    device.commands();
    device.server(ServerReport::Resolved);
    assert_eq!(device.commands(), ["eth0 reach proxy via proxy.example"]);
    device.server(ServerReport::ProxyReached);
    assert_eq!(device.commands(), ["eth0 connect via proxy.example"]);

    let mut device = Device::new();
    device.connect_with(&named("eth0"));
    device.bring_up(ETH0);
    assert_eq!(device.commands().last().unwrap(), "eth0 resolve");
    device.server(ServerReport::Resolved);
    assert_eq!(device.commands(), ["eth0 connect"]);
}

fn wifi_with_proxy() -> Nic {
    let proxy = lankeeper::ProxySettings::new("proxy.example", 3128).unwrap();
    Nic::builder("wl0").proxy(proxy).build().unwrap()
}

fn id_of(medium: &str) -> InterfaceId {
    match medium {
        "wifi" => WL0,
        "ethernet" => ETH0,
        _ => CELL0,
    }
}
