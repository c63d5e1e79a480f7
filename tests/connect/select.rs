//! Selecting the interface of later connections.

use lankeeper::{
    ConnectOutcome, InterfaceId, Medium, Policy, Report, ServerReport, ServerState, State,
};

use super::device::{CELL0, Device, ETH0, WL0, named, network, proxied, seconds};

// spec: CFG-3
#[test]
fn an_interface_is_selected_under_any_policy_and_used_alone() {
    let mut device = Device::new();
    let suspends = Policy::SuspendOnError;
    device.manager.set_policy(device.now, suspends);
    assert_eq!(device.manager.selected(), None);
    device.manager.select(device.now, Some(WL0)).unwrap();
    assert_eq!(device.manager.selected(), Some(WL0));
    device.manager.set_policy(device.now, Policy::ReturnOnError);
    device.connect();
    device.bring_up_to(WL0, State::WifiScanning);
    device.report(WL0, Report::NetworkNotFound { code: 1 });
    assert_eq!(device.results(), [("wl0", ConnectOutcome::NoWifi)]);
    assert_eq!(device.state(ETH0), State::Unknown);
}

// spec: CFG-3
#[test]
fn without_a_selected_interface_the_order_counts_again() {
    let mut device = Device::new();
    device.manager.select(device.now, Some(WL0)).unwrap();
    device.manager.select(device.now, None).unwrap();
    device.connect();
    assert_eq!(device.manager.server_interface(), Some(ETH0));
}

// spec: CFG-3
#[test]
fn an_absent_interface_is_not_selected() {
    let mut device = Device::new();
    device.manager.select(device.now, Some(CELL0)).unwrap();
    let absent = InterfaceId::new(Medium::Ethernet, 9).unwrap();
    let refused = device.manager.select(device.now, Some(absent));
    assert_eq!(refused.map_err(|error| error.0), Err(absent));
    assert_eq!(device.manager.selected(), Some(CELL0));
}

// spec: CFG-3
#[test]
fn what_was_asked_for_goes_on_whatever_is_selected() {
    for selected in [CELL0, ETH0] {
        let mut device = Device::new();
        device.connect();
        device.bring_up_to(ETH0, State::EthernetLinkUp);
        device.manager.select(device.now, Some(selected)).unwrap();
        device.report(ETH0, Report::CarrierDown);
        // The request goes by the order: Wi-Fi is next.
        assert_eq!(device.manager.server_interface(), Some(WL0));
    }
    // A request by name goes over that interface alone.
    let mut device = Device::new();
    device.connect_with(&named("eth0"));
    device.bring_up_to(ETH0, State::EthernetLinkUp);
    device.manager.select(device.now, None).unwrap();
    device.report(ETH0, Report::CarrierDown);
    assert_eq!(device.results(), [("eth0", ConnectOutcome::NoLink)]);
}

/// Which interfaces are tried in the minute after the loss of a connection, if every server stage
/// fails.
fn tried_after_a_loss(device: &mut Device) -> Vec<InterfaceId> {
    let mut tried = Vec::new();
    device.server(ServerReport::Lost { code: 1 });
    for _ in 0..60 {
        device.pass(seconds(1));
        if let Some(id) = device.manager.server_interface()
            && device.server_state() == ServerState::WaitingForInterface
        {
            device.bring_up(id);
        }
        if device.server_state() == ServerState::Resolving {
            tried.extend(device.manager.server_interface());
            device.server(ServerReport::NotResolved { code: 1 });
        }
    }
    tried.dedup();
    tried.sort_unstable();
    tried.dedup();
    tried
}

// spec: CFG-3, CON-14
#[test]
fn a_connection_over_the_selected_interface_is_tried_again_over_that_alone() {
    let mut device = Device::new();
    device.connect();
    device.come_up();
    device.manager.select(device.now, Some(ETH0)).unwrap();
    assert_eq!(tried_after_a_loss(&mut device), [ETH0]);
}

// spec: CFG-3, CON-14
#[test]
fn a_connection_over_an_interface_that_is_selected_no_more_is_tried_again_over_all() {
    let mut device = Device::new();
    device.manager.select(device.now, Some(ETH0)).unwrap();
    device.connect();
    device.come_up();
    device.manager.select(device.now, None).unwrap();
    assert_eq!(tried_after_a_loss(&mut device), [WL0, ETH0, CELL0]);
}

// spec: CFG-3, CON-19
#[test]
fn a_wait_ends_when_an_interface_is_selected() {
    let mut device = Device::new();
    device.connect();
    device.come_up();
    device.server(ServerReport::Lost { code: 1 });
    assert_eq!(device.server_state(), ServerState::Waiting);
    device.manager.select(device.now, Some(CELL0)).unwrap();
    assert_eq!(device.manager.server_interface(), Some(CELL0));
    assert_eq!(device.server_state(), ServerState::WaitingForInterface);
}

// spec: CON-24, CFG-2
#[test]
fn a_result_after_given_settings_has_their_interface_and_not_the_selected_one() {
    let mut device = Device::new();
    device.manager.select(device.now, Some(WL0)).unwrap();
    device.connect_with(&proxied("10.0.0.9"));
    let suspends = Policy::SuspendOnError;
    device.manager.set_policy(device.now, suspends);
    device.come_up_to(ServerState::Resolving);
    device.server(ServerReport::NotResolved { code: 1 });
    assert_eq!(device.server_state(), ServerState::Waiting);
    assert_eq!(device.results(), []);
    device.manager.disconnect(device.now, None);
    assert_eq!(
        device.results(),
        [("eth0", ConnectOutcome::NotConnected)],
        "nothing was tried over wl0"
    );
}

// spec: CFG-3, CON-22
#[test]
fn a_connection_over_another_interface_than_the_selected_one_is_tried_again_over_its_own_first() {
    let mut device = Device::new();
    device.connect();
    device.come_up();
    device.manager.select(device.now, Some(WL0)).unwrap();
    device.server(ServerReport::Lost { code: 1 });
    assert_eq!(device.server_state(), ServerState::Waiting);
    device.go_on();
    assert_eq!(device.manager.server_interface(), Some(ETH0));
}

// spec: CFG-3, CON-19, CON-23
#[test]
fn a_selected_interface_that_is_enabled_again_is_tried_alone() {
    let mut device = Device::new();
    device.manager.set_policy(device.now, Policy::KeepTrying);
    device.manager.store_wifi(device.now, &network("home"));
    device.manager.select(device.now, Some(WL0)).unwrap();
    device.manager.set_enabled(device.now, WL0, false).unwrap();
    device.connect();
    assert_eq!(device.manager.server_interface(), Some(ETH0));
    device
        .manager
        .set_enabled(device.now, CELL0, false)
        .unwrap();
    device.come_up_to(ServerState::Resolving);
    device.server(ServerReport::NotResolved { code: 1 });
    assert_eq!(device.server_state(), ServerState::Waiting);
    device.manager.set_enabled(device.now, WL0, true).unwrap();
    let mut tried = Vec::new();
    for _ in 0..120 {
        match device.server_state() {
            ServerState::WaitingForInterface => {
                device.bring_up(device.manager.server_interface().unwrap());
            }
            ServerState::Resolving => {
                tried.extend(device.manager.server_interface());
                device.server(ServerReport::NotResolved { code: 1 });
            }
            _ => device.pass(seconds(1)),
        }
    }
    assert!(tried.len() > 2, "{tried:?}");
    tried.dedup();
    assert_eq!(tried, [WL0]);
}
