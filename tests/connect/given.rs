//! Settings given for one connection are forgotten when it ends (CFG-2).

use lankeeper::manager::ConnectError;
use lankeeper::{Handle, InterfaceId, Report, ServerReport, ServerState, State, WifiSettings};

use super::device::{CELL0, Device, ETH0, WL0, fixed, named, proxied, seconds, wifi};
use crate::support::span;

/// Something that ends a connection or an attempt over the given network `shed`.
type End = fn(&mut Device);

#[rustfmt::skip]
const ENDS: &[(&str, ServerState, End)] = &[
    ("the network is not found", ServerState::WaitingForInterface, |device| {
        device.bring_up_to(WL0, State::WifiScanning);
        device.report(WL0, Report::NetworkNotFound { code: 1 });
    }),
    ("the server is unreachable", ServerState::Connecting, |device| {
        device.server(ServerReport::Unreachable { code: 1 });
    }),
    ("the attempt times out", ServerState::Resolving, |device| device.pass(seconds(60))),
    ("the attempt is superseded", ServerState::Resolving, |device| {
        device.connect_with(&named("eth0"));
    }),
    ("a disconnect during the attempt", ServerState::Resolving, |device| {
        device.manager.disconnect(device.now, None);
    }),
    ("a disconnect", ServerState::Connected, |device| {
        device.manager.disconnect(device.now, None);
    }),
    ("a disconnect with a flush", ServerState::Connected, |device| {
        device.manager.disconnect(device.now, span(5));
        device.server(ServerReport::Flushed);
    }),
    ("a loss of the server", ServerState::Connected, |device| {
        device.server(ServerReport::Lost { code: 1 });
    }),
    ("a loss of the interface", ServerState::Connected, |device| {
        device.report(WL0, Report::LinkLost { code: 1 });
    }),
    ("a switch", ServerState::Connected, |device| {
        device.connect_with(&named("eth0"));
    }),
    ("a disabled interface", ServerState::Connected, |device| {
        device.manager.set_enabled(device.now, WL0, false).unwrap();
        device.manager.set_enabled(device.now, WL0, true).unwrap();
    }),
];

fn under(state: ServerState) -> Device {
    let mut device = Device::new();
    device.connect_with(&wifi("shed"));
    device.come_up_to(state);
    device.forget_outputs();
    device
}

fn mentions(device: &mut Device, ssid: &str) -> bool {
    device
        .commands()
        .iter()
        .any(|command| command.contains(ssid))
}

/// Whether the manager still stores the network.
fn remembers(device: &Device, ssid: &str) -> bool {
    format!("{:?}", device.manager).contains(ssid)
}

// spec: CFG-2
#[test]
fn the_network_is_forgotten_however_the_connection_ends() {
    for (case, state, end) in ENDS {
        let mut device = under(*state);
        assert!(remembers(&device, "shed"));
        end(&mut device);
        device.commands();
        // The settings of the last connection stay available, without the key (CFG-4).
        let was_connected = *state == ServerState::Connected;
        assert!(was_connected || !remembers(&device, "shed"), "{case}");
        // Everything that could make the device join it again.
        device.manager.disconnect(device.now, None);
        device.open("wifi");
        device.bring_up(WL0);
        device.report(WL0, Report::LinkLost { code: 1 });
        device.recover(WL0);
        device.connect_with(&named("wifi"));
        device.come_up();
        device.server(ServerReport::Lost { code: 1 });
        device.go_on();
        device.come_up();
        assert!(!mentions(&mut device, "shed"), "{case}");
    }
}

// spec: CFG-2
#[test]
fn a_local_holder_stays_connected_but_never_rejoins_the_network() {
    for (case, state, end) in ENDS {
        let mut device = under(*state);
        let handle: Handle = device.open("wl0");
        device.forget_outputs();
        end(&mut device);
        let switched = matches!(
            *case,
            "a switch" | "the attempt is superseded" | "a disabled interface"
        );
        assert_eq!(
            device.manager.interface(handle).is_ok(),
            !switched,
            "{case}"
        );
        if switched {
            device.open("wl0");
        }
        if device.state(WL0) == State::Connected {
            device.report(WL0, Report::LinkLost { code: 1 });
        }
        while device.state(WL0).is_stopped() {
            device.go_on();
        }
        device.commands();
        device.bring_up(WL0);
        assert!(!mentions(&mut device, "shed"), "{case}");
    }
}

// spec: CFG-2
#[test]
fn connect_without_a_nic_forgets_given_settings() {
    let mut device = under(ServerState::Connected);
    device.manager.set_server_order(device.now, &[WL0]).unwrap();
    device.connect();
    #[rustfmt::skip]
    assert_eq!(device.commands(), [
        "wl0 disconnect", "wl0 stop", "wl0 power down", "wl0 power up",
    ]);
    device.come_up();
    assert!(mentions(&mut device, "join home"));
    device.report(WL0, Report::LinkLost { code: 1 });
    device.recover(WL0);
    device.come_up();
    assert!(!mentions(&mut device, "shed"));
}

// spec: CFG-2
#[test]
fn a_given_static_address_and_proxy_are_forgotten_too() {
    let mut device = Device::new();
    device.connect_with(&fixed());
    device.come_up();
    assert!(device.commands().contains(&"eth0 set address".to_owned()));
    device.manager.disconnect(device.now, None);
    device.connect_with(&named("eth0"));
    device.come_up();
    assert!(device.commands().contains(&"eth0 start dhcp".to_owned()));

    let mut device = Device::connected(&proxied("10.1.1.1"));
    device.manager.disconnect(device.now, None);
    device.forget_outputs();
    device.connect_with(&named("eth0"));
    device.come_up();
    assert!(!mentions(&mut device, "10.1.1.1"));
}

// spec: CFG-2
#[test]
fn settings_of_a_local_holder_outlive_a_connection_with_the_same_settings() {
    let mut device = Device::new();
    device.manager.open(device.now, &wifi("shed")).unwrap();
    device.connect_with(&wifi("shed"));
    device.come_up();
    device.manager.disconnect(device.now, None);
    device.forget_outputs();
    device.report(WL0, Report::LinkLost { code: 1 });
    device.recover(WL0);
    assert!(mentions(&mut device, "join shed"));
}

// spec: CFG-1, CFG-2
#[test]
fn given_settings_are_never_stored() {
    let mut device = Device::new();
    let stored: Option<WifiSettings> = device.manager.stored().wifi.clone();
    device.connect_with(&wifi("shed"));
    device.come_up();
    assert!(!device.commands().contains(&"persist".to_owned()));
    assert_eq!(device.manager.stored().wifi, stored);
}

// spec: CON-1, CON-6
#[test]
fn a_refused_request_forgets_nothing() {
    let mut device = under(ServerState::Connected);
    device.open_up(ETH0);
    let refused = device.manager.connect_with(device.now, &fixed(), None);
    assert_eq!(refused, Err(ConnectError::Active));
    assert_eq!(device.server_state(), ServerState::Connected);
    let present: [InterfaceId; 3] = [WL0, ETH0, CELL0];
    assert!(present.contains(&device.manager.server_interface().unwrap()));
    device.report(WL0, Report::Lease(crate::support::lease()));
    assert!(remembers(&device, "shed"));
}
