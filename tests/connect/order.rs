//! Connecting without naming an interface.

use lankeeper::manager::{ConfigError, OrderError};
use lankeeper::{
    ConnectOutcome, Manager, Notice, Policy, Report, ServerReport, ServerState, State,
};

use super::device::{CELL0, Device, ETH0, WL0, config, named, seconds, wifi};

// spec: CON-14
#[test]
fn the_order_is_tried_to_its_end_and_the_last_failure_is_the_result() {
    let mut device = Device::new();
    device.connect();
    device.bring_up_to(ETH0, State::EthernetLinkUp);
    device.forget_outputs();
    device.report(ETH0, Report::CarrierDown);
    assert_eq!(
        device.commands(),
        ["eth0 stop", "eth0 power down", "wl0 power up"]
    );
    device.come_up_to(ServerState::Connecting);
    device.forget_outputs();
    device.server(ServerReport::Unreachable { code: 1 });
    #[rustfmt::skip]
    assert_eq!(device.commands(), [
        "wl0 disconnect", "wl0 stop", "wl0 power down", "cell0 power up",
    ]);
    device.bring_up_to(CELL0, State::CellularWaitingForSim);
    device.report(CELL0, Report::SimFailed { code: 1 });
    assert_eq!(device.results(), [("cell0", ConnectOutcome::SimError)]);
    assert_eq!(device.server_state(), ServerState::Disconnected);
}

// spec: IFC-9
#[test]
fn the_stop_of_one_interface_is_reported_before_the_next_one_starts() {
    let mut device = Device::new();
    device.connect();
    device.come_up_to(ServerState::Resolving);
    device.forget_outputs();
    device.server(ServerReport::NotResolved { code: 1 });
    let states: Vec<_> = device
        .notices()
        .into_iter()
        .filter_map(|notice| match notice {
            Notice::StateChanged {
                interface, state, ..
            } => Some((interface, state)),
            _ => None,
        })
        .collect();
    assert_eq!(
        states,
        [(ETH0, State::EthernetStopped), (WL0, State::Starting)]
    );
}

// spec: TIME-3
#[test]
fn an_attempt_started_by_a_late_deadline_gets_its_full_time() {
    let mut device = Device::new();
    device.connect();
    device.pass(seconds(1));
    device.open("wl0");
    device.forget_outputs();
    // Both power-ups time out, Wi-Fi one second after Ethernet.
    device.pass(seconds(30));
    assert_eq!(device.results(), []);
    assert_eq!(device.manager.server_interface(), Some(WL0));
    assert_eq!(device.state(WL0), State::Starting);
    device.pass(seconds(9));
    device.come_up();
}

// spec: CON-14, CON-23
#[test]
fn the_order_can_be_set_and_disabled_interfaces_are_skipped() {
    let mut device = Device::new();
    device
        .manager
        .set_server_order(device.now, &[CELL0, WL0, ETH0])
        .unwrap();
    device
        .manager
        .set_enabled(device.now, CELL0, false)
        .unwrap();
    device.connect();
    assert_eq!(device.manager.server_interface(), Some(WL0));
    // An interface disabled during the attempt is skipped too.
    device.manager.set_enabled(device.now, ETH0, false).unwrap();
    device.bring_up_to(WL0, State::WifiScanning);
    device.report(WL0, Report::NetworkNotFound { code: 1 });
    assert_eq!(device.results(), [("wl0", ConnectOutcome::NoWifi)]);
    let nothing = device.manager.set_enabled(device.now, WL0, false);
    nothing.unwrap();
    let refused = device.manager.connect(device.now, None);
    assert_eq!(refused, Err(lankeeper::manager::ConnectError::NothingToTry));
}

// spec: CON-23, CON-24
#[test]
fn a_result_has_the_name_of_what_failed_else_that_of_the_newest_try() {
    let disable = |device: &mut Device, id| {
        device.manager.set_enabled(device.now, id, false).unwrap();
    };
    // Nothing fails.
    let mut device = Device::new();
    device.connect();
    disable(&mut device, CELL0);
    disable(&mut device, ETH0);
    assert_eq!(device.manager.server_interface(), Some(WL0));
    disable(&mut device, WL0);
    assert_eq!(device.results(), [("wl0", ConnectOutcome::NotConnected)]);

    // The first one fails, with the same outcome.
    let mut device = Device::new();
    device.connect();
    disable(&mut device, CELL0);
    device.report(ETH0, Report::Fault { code: 5 });
    assert_eq!(device.manager.server_interface(), Some(WL0));
    disable(&mut device, WL0);
    assert_eq!(device.results(), [("eth0", ConnectOutcome::NotConnected)]);
    assert_eq!(device.manager.last_result().unwrap().code, Some(5));
}

// spec: CON-22
#[test]
fn after_the_present_interface_come_all_others_of_a_new_order() {
    let mut device = Device::new();
    device.connect();
    device.bring_up_to(ETH0, State::EthernetLinkUp);
    device.report(ETH0, Report::CarrierDown);
    assert_eq!(device.manager.server_interface(), Some(WL0));
    let order = [CELL0, WL0, ETH0];
    device.manager.set_server_order(device.now, &order).unwrap();
    device.bring_up_to(WL0, State::WifiScanning);
    device.report(WL0, Report::NetworkNotFound { code: 1 });
    // The new order goes on after Wi-Fi, and round to its beginning.
    assert_eq!(device.manager.server_interface(), Some(ETH0));
    device.bring_up_to(ETH0, State::EthernetLinkUp);
    device.report(ETH0, Report::CarrierDown);
    assert_eq!(device.manager.server_interface(), Some(CELL0));
    device.bring_up_to(CELL0, State::CellularWaitingForSim);
    device.report(CELL0, Report::SimFailed { code: 1 });
    assert_eq!(device.results(), [("cell0", ConnectOutcome::SimError)]);
}

// spec: CON-19, CON-22
#[test]
fn an_interface_that_a_new_order_does_not_list_ends_the_wait_when_it_comes_up() {
    let mut device = Device::new();
    device.connect();
    device.come_up();
    device.pass(seconds(301));
    device.manager.set_server_order(device.now, &[WL0]).unwrap();
    device.server(ServerReport::Lost { code: 1 });
    device.report(ETH0, Report::LeaseLost);
    assert_eq!(device.server_state(), ServerState::Waiting);
    device.bring_up(ETH0);
    assert_eq!(device.server_state(), ServerState::Resolving);
    assert_eq!(device.manager.server_interface(), Some(ETH0));
}

// spec: CON-7, CON-23
#[test]
fn a_wait_holds_no_interface_that_is_disabled() {
    let mut device = Device::new();
    device.connect();
    device.come_up();
    device.server(ServerReport::Lost { code: 1 });
    assert_eq!(device.server_state(), ServerState::Waiting);
    assert_eq!(device.manager.server_interface(), Some(ETH0));
    device.manager.set_enabled(device.now, ETH0, false).unwrap();
    assert_eq!(device.server_state(), ServerState::Waiting);
    assert_eq!(device.manager.server_interface(), None);
}

// spec: CON-23, IFC-16
#[test]
fn an_interface_that_is_disabled_is_no_refusal_of_the_proxy() {
    let mut device = Device::new();
    let now = device.now;
    device.manager.set_policy(now, Policy::KeepTrying);
    let proxy = lankeeper::ProxySettings::new("10.1.1.1", 3128).unwrap();
    device.manager.store_proxy(now, &proxy);
    device.manager.set_server_order(now, &[ETH0, WL0]).unwrap();
    device.connect();
    for id in [ETH0, WL0] {
        assert_eq!(device.manager.server_interface(), Some(id));
        device.come_up_to(ServerState::ReachingProxy);
        device.server(ServerReport::ProxyRefused { code: 1 });
    }
    assert_eq!(device.results(), [("wl0", ConnectOutcome::NotAuthorised)]);
    // Ten minutes, longer by up to a quarter.
    device.pass(seconds(751));
    assert_eq!(device.server_state(), ServerState::WaitingForInterface);
    let tried = device.manager.server_interface().unwrap();
    device
        .manager
        .set_enabled(device.now, tried, false)
        .unwrap();
    let other = if tried == ETH0 { WL0 } else { ETH0 };
    assert_eq!(device.manager.server_interface(), Some(other));
    assert_eq!(device.server_state(), ServerState::WaitingForInterface);
}

// spec: CON-3, CON-14
#[test]
fn each_interface_of_the_order_has_its_own_timeout() {
    let mut device = Device::new();
    device.connect();
    device.come_up_to(ServerState::Resolving);
    device.pass(seconds(60));
    assert_eq!(device.manager.server_interface(), Some(WL0));
    device.come_up_to(ServerState::Resolving);
    device.pass(seconds(60));
    assert_eq!(device.manager.server_interface(), Some(CELL0));
    device.come_up_to(ServerState::Resolving);
    assert_eq!(device.results(), []);
    device.pass(seconds(60));
    assert_eq!(device.results(), [("cell0", ConnectOutcome::NotResolved)]);
}

// spec: CFG-3, CON-14
#[test]
fn a_name_only_request_selects_its_interface_until_another_is_named() {
    let mut device = Device::connected(&named("cell"));
    device.manager.disconnect(device.now, None);
    device.connect();
    assert_eq!(device.manager.server_interface(), Some(CELL0));
    // No other interface is tried.
    device.report(CELL0, Report::Fault { code: 1 });
    assert_eq!(
        device.results().last(),
        Some(&("cell0", ConnectOutcome::NoModem))
    );
    // A request with settings selects nothing.
    device.connect_with(&wifi("shed"));
    device.manager.disconnect(device.now, None);
    device.connect();
    assert_eq!(device.manager.server_interface(), Some(CELL0));
    device.connect_with(&named("wl0"));
    device.manager.disconnect(device.now, None);
    device.connect();
    assert_eq!(device.manager.server_interface(), Some(WL0));
    // The selection is not persisted: after a restart the order applies again.
    let mut restarted = Device::new();
    restarted.connect();
    assert_eq!(restarted.manager.server_interface(), Some(ETH0));
}

// spec: CFG-3, CON-8
#[test]
fn naming_the_connected_interface_selects_it_too() {
    let mut device = Device::connected(&wifi("shed"));
    device.connect_with(&named("wl0"));
    device.manager.disconnect(device.now, None);
    device.connect();
    assert_eq!(device.manager.server_interface(), Some(WL0));
}

// spec: CON-14, CON-8
#[test]
fn connect_changes_nothing_while_connected_with_stored_settings() {
    let mut device = Device::connected(&named("cell"));
    device.connect();
    assert_eq!(
        device.results(),
        [("cell0", ConnectOutcome::ServerConnected)]
    );
    assert_eq!(device.commands(), [""; 0]);
}

// spec: CON-1, CON-14
#[test]
fn policy_and_order_are_those_of_the_configuration_until_they_are_set() {
    let mut configured = config();
    assert_eq!(configured.policy, Policy::SuspendOnError);
    assert_eq!(configured.server_order, [ETH0, WL0, CELL0].map(Some));
    configured.policy = Policy::ReturnOnErrorNoDisconnect;
    configured.server_order = [Some(CELL0), None, Some(WL0)];
    let mut device = Device::with(&configured);
    assert_eq!(device.manager.policy(), configured.policy);
    assert_eq!(device.manager.server_order(), [CELL0, WL0]);
    device.connect();
    assert_eq!(device.commands(), ["cell0 power up"]);
    device
        .manager
        .set_policy(device.now, Policy::SuspendOnError);
    let set = device.manager.set_server_order(device.now, &[ETH0]);
    set.unwrap();
    assert_eq!(device.manager.policy(), Policy::SuspendOnError);
    assert_eq!(device.manager.server_order(), [ETH0]);
}

// spec: CON-14
#[test]
fn a_configured_order_has_each_present_interface_at_most_once() {
    let wl1 = lankeeper::InterfaceId::new(lankeeper::Medium::Wifi, 1).unwrap();
    for (order, wrong) in [
        ([Some(WL0), Some(WL0), None], OrderError::Twice(WL0)),
        ([Some(WL0), None, Some(WL0)], OrderError::Twice(WL0)),
        ([None, None, Some(wl1)], OrderError::Absent(wl1)),
    ] {
        let mut configured = config();
        configured.server_order = order;
        let error = Manager::new(&configured).unwrap_err();
        assert_eq!(error, ConfigError::ServerOrder(wrong));
    }
}
