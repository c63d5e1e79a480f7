//! Switching from one interface to another, and to other settings on the same one.

use lankeeper::{Cause, ConnectOutcome, Notice, Report, ServerReport, ServerState, State};

use super::device::{CELL0, Device, ETH0, WL0, named, proxied, wifi};

// spec: CON-6, OPEN-6
#[test]
fn a_switch_drops_and_powers_down_the_first_interface_whoever_holds_it() {
    let (mut device, handle, socket) = Device::shared();
    let late = device.server_ticket(ETH0, &["connect"]);

    device.connect_with(&named("wifi"));
    #[rustfmt::skip]
    assert_eq!(device.commands(), [
        "eth0 disconnect", "eth0 unbind", "eth0 stop", "eth0 power down", "wl0 power up",
    ]);
    assert_eq!(device.state(ETH0), State::EthernetStopped);
    let reason = device.manager.reason(ETH0).unwrap();
    assert_eq!(reason.cause, Cause::Switched);
    let notices = device.notices();
    assert!(
        notices.contains(&Notice::HandleClosed { handle }),
        "{notices:?}"
    );
    assert!(
        notices.contains(&Notice::SocketClosed { socket }),
        "{notices:?}"
    );
    assert!(device.manager.interface(handle).is_err());
    assert!(device.manager.retry(device.now, handle).is_err());
    assert!(device.manager.udp_port(socket).is_err());

    // Late reports of the first interface change nothing.
    device.server_as(late, ServerReport::Lost { code: 1 });
    device.report(ETH0, Report::CarrierDown);
    assert_eq!(device.server_state(), ServerState::WaitingForInterface);
    device.come_up();
    assert_eq!(
        device.results(),
        [("wifi", ConnectOutcome::ServerConnected)]
    );
    assert_eq!(device.state(ETH0), State::EthernetStopped);
    // Closing the stale handle is harmless, also for the other interface.
    device.manager.close(device.now, handle);
    assert_eq!(device.server_state(), ServerState::Connected);
}

// spec: CON-6
#[test]
fn a_switch_during_an_attempt_powers_down_its_interface_too() {
    for state in [
        ServerState::WaitingForInterface,
        ServerState::Resolving,
        ServerState::Connecting,
    ] {
        let mut device = Device::new();
        device.open("eth0");
        device.connect_with(&named("eth0"));
        device.come_up_to(state);
        device.forget_outputs();
        device.connect_with(&named("cell"));
        let commands = device.commands();
        assert_eq!(commands.last().unwrap(), "cell0 power up");
        assert_eq!(device.state(ETH0), State::EthernetStopped);
        assert_eq!(
            device.results(),
            [],
            "the older request never gets a result (CON-9)"
        );
    }
}

// spec: CON-7
#[test]
fn a_switch_leaves_interfaces_with_only_local_holders_alone() {
    let mut device = Device::new();
    let handle = device.open_up(ETH0);
    device.connect_with(&named("wifi"));
    device.come_up();
    device.connect_with(&named("cell"));
    device.come_up();
    assert_eq!(device.state(ETH0), State::Connected);
    assert!(device.manager.interface(handle).is_ok());
    assert_eq!(device.state(WL0), State::WifiStopped);
    assert_eq!(device.state(CELL0), State::Connected);
}

// spec: CON-8
#[test]
fn a_request_for_what_is_connected_succeeds_and_changes_nothing() {
    for (first, second) in [
        (named("eth0"), named("ethernet")),
        (proxied("10.1.1.1"), named("eth0")),
        (proxied("10.1.1.1"), proxied("10.1.1.1")),
        (wifi("shed"), wifi("shed")),
        (wifi("shed"), named("wl0i")),
    ] {
        let mut device = Device::connected(&first);
        device.connect_with(&second);
        assert_eq!(device.commands(), [""; 0]);
        let ended = (second.name().as_str(), ConnectOutcome::ServerConnected);
        assert_eq!(device.results(), [ended], "{first:?} {second:?}");
        assert_eq!(device.server_state(), ServerState::Connected);
    }
}

// spec: CON-8
#[test]
fn other_settings_for_the_same_interface_start_a_new_attempt() {
    let mut device = Device::connected(&wifi("shed"));
    device.open("wifi");
    device.forget_outputs();
    device.connect_with(&wifi("barn"));
    #[rustfmt::skip]
    assert_eq!(device.commands(), [
        "wl0 disconnect", "wl0 stop", "wl0 power down", "wl0 power up",
    ]);
    device.come_up();
    assert!(device.commands().contains(&"wl0 join barn".to_owned()));
    assert_eq!(
        device.results(),
        [("wifi", ConnectOutcome::ServerConnected)]
    );

    // If only the proxy differs, the interface stays up.
    let mut device = Device::connected(&proxied("10.1.1.1"));
    device.connect_with(&proxied("10.1.1.2"));
    assert_eq!(
        device.commands(),
        ["eth0 disconnect", "eth0 resolve via 10.1.1.2"]
    );
    assert_eq!(device.state(ETH0), State::Connected);
}

// spec: CON-5, CON-6
#[test]
fn a_failed_switch_does_not_bring_the_first_interface_back() {
    let mut device = Device::connected(&named("eth0"));
    device.connect_with(&named("wifi"));
    device.bring_up_to(WL0, State::WifiScanning);
    device.report(WL0, Report::NetworkNotFound { code: 1 });
    assert_eq!(device.results(), [("wifi", ConnectOutcome::NoWifi)]);
    assert_eq!(device.state(ETH0), State::EthernetStopped);
    assert_eq!(device.state(WL0), State::WifiStopped);
    device.forget_outputs();
    assert_eq!(device.manager.poll_at(), None);
}
