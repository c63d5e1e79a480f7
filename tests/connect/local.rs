//! Opening interfaces locally, next to the server connection.

use lankeeper::manager::{OpenError, Reconfigure};
use lankeeper::{Cause, Config, Instant, Manager, Report, ServerState, State};

use super::device::{
    CELL0, Device, ETH0, WL0, config, fixed, named, network, proxied, seconds, static_address, wifi,
};

fn lenient() -> Config<3> {
    let mut config = config();
    config.reconfigure = Reconfigure::AllowEqual;
    config
}

// spec: OPEN-3
#[test]
fn settings_for_an_active_interface_are_an_error_unless_equal_ones_are_allowed() {
    for (config, accepts) in [(config(), false), (lenient(), true)] {
        let mut device = Device::with(&config);
        device.manager.open(device.now, &wifi("shed")).unwrap();
        let again = device.manager.open(device.now, &wifi("shed"));
        assert_eq!(again.is_ok(), accepts);
        if let Err(error) = again {
            assert_eq!(
                error.to_string(),
                "cannot reconfigure interface when active"
            );
        }
        device.forget_outputs();
        let before = format!("{:?}", device.manager);
        let other = device.manager.open(device.now, &wifi("barn"));
        assert_eq!(other, Err(OpenError::Active));
        let other = device.manager.open(device.now, &wifi_with_address());
        assert_eq!(other, Err(OpenError::Active));
        assert_eq!(format!("{:?}", device.manager), before);
    }
}

// spec: OPEN-3
#[test]
fn the_server_connection_is_a_holder_too_and_its_proxy_is_in_use() {
    let mut device = Device::with(&lenient());
    device
        .manager
        .set_policy(device.now, lankeeper::Policy::ReturnOnError);
    device.connect_with(&proxied("10.1.1.1"));
    let other = device.manager.open(device.now, &proxied("10.1.1.2"));
    assert_eq!(other, Err(OpenError::Active));
    let other = device.manager.open(device.now, &fixed());
    assert_eq!(other, Err(OpenError::Active));
    assert!(
        device
            .manager
            .open(device.now, &proxied("10.1.1.1"))
            .is_ok()
    );
}

// spec: OPEN-5
#[test]
fn a_name_only_nic_uses_the_stored_settings_of_its_medium() {
    let mut device = Device::new();
    device.manager.store_static(device.now, static_address());
    device.open("wifi");
    device.open("eth0");
    device.open("cell");
    for id in [WL0, ETH0, CELL0] {
        device.bring_up(id);
    }
    let commands = device.commands();
    assert!(
        commands.contains(&"wl0 join home".to_owned()),
        "{commands:?}"
    );
    for id in [WL0, ETH0] {
        assert_eq!(device.manager.ip_config(id), Some(static_address()));
    }
    assert_ne!(device.manager.ip_config(CELL0), Some(static_address()));
}

// spec: OPEN-5
#[test]
fn wifi_without_stored_settings_stops_and_nothing_is_sent_on_air() {
    let mut device = Device::with(&config());
    device.open("wifi");
    device.report(WL0, Report::Ready);
    assert_eq!(device.state(WL0), State::WifiStopped);
    let reason = device.manager.reason(WL0).unwrap();
    assert_eq!(reason.cause, Cause::NoCredentials);
    assert!(
        !device
            .commands()
            .iter()
            .any(|command| command.contains("scan"))
    );
}

// spec: OPEN-5
#[test]
fn settings_stored_later_are_used_by_the_next_attempt() {
    let mut device = Device::with(&config());
    let handle = device.open("wifi");
    device.report(WL0, Report::Ready);
    device.manager.store_wifi(device.now, &network("home"));
    device.manager.retry(device.now, handle).unwrap();
    device.bring_up(WL0);
    assert!(device.commands().contains(&"wl0 join home".to_owned()));

    // A network in use stays in use; the new one is taken at the next try, also where a stable link is
    // lost.
    device.pass(seconds(300));
    device.manager.store_wifi(device.now, &network("barn"));
    assert_eq!(device.state(WL0), State::Connected);
    device.forget_outputs();
    device.report(WL0, Report::LinkLost { code: 1 });
    assert_eq!(device.commands(), ["wl0 scan barn"]);
}

// spec: UDP-11, OPEN-4
#[test]
fn the_last_local_close_closes_the_sockets_and_the_server_keeps_the_interface() {
    let mut device = Device::connected(&named("eth0"));
    let handle = device.open("eth0");
    let socket = device
        .manager
        .udp_open(device.now, handle, Some(5000))
        .unwrap();
    device.manager.close(device.now, handle);
    assert_eq!(device.state(ETH0), State::Connected);
    assert!(device.manager.udp_port(socket).is_err());
    assert_eq!(device.server_state(), ServerState::Connected);
}

// spec: IFC-7
#[test]
fn recovery_ends_with_the_last_local_holder() {
    let mut device = Device::connected(&named("eth0"));
    let handle = device.open("eth0");
    device.report(ETH0, Report::Fault { code: 1 });
    assert_eq!(device.state(ETH0), State::EthernetStoppedUnhappy);
    device.manager.close(device.now, handle);
    device.manager.disconnect(device.now, None);
    device.forget_outputs();
    assert_eq!(device.manager.poll_at(), None);
}

// spec: OPEN-7
#[test]
fn a_snapshot_reports_every_interface() {
    let mut device = Device::new();
    device
        .manager
        .set_enabled(device.now, CELL0, false)
        .unwrap();
    device.open_up(WL0);
    device.open("wl0");
    device.connect_with(&named("wifi"));
    device.come_up();
    device.open("eth0");
    device.report(ETH0, Report::Fault { code: 7 });

    let [wifi, ethernet, cellular]: [_; 3] = device
        .manager
        .snapshot()
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    assert_eq!(
        (wifi.interface, wifi.state, wifi.reason),
        (WL0, State::Connected, None)
    );
    assert_eq!(
        (wifi.local_holders, wifi.server_holder, wifi.carries_server),
        (2, true, true)
    );
    let ip = wifi.ip_config.unwrap();
    assert_eq!(
        ip.prefix().broadcast(),
        Some(core::net::Ipv4Addr::new(192, 168, 1, 255))
    );
    assert_eq!(ip.gateway(), Some([192, 168, 1, 1].into()));

    assert_eq!((ethernet.interface, ethernet.enabled), (ETH0, true));
    assert_eq!(ethernet.state, State::EthernetStoppedUnhappy);
    assert_eq!(ethernet.reason.unwrap().code, Some(7));
    let holders = (
        ethernet.local_holders,
        ethernet.server_holder,
        ethernet.carries_server,
    );
    assert_eq!(holders, (1, false, false));
    assert_eq!(ethernet.ip_config, None);

    assert_eq!((cellular.interface, cellular.enabled), (CELL0, false));
    assert_eq!(cellular.state, State::Unknown);
    assert_eq!((cellular.local_holders, cellular.server_holder), (0, false));

    // An attempt holds its interface, but the server connection is not up yet.
    device.connect_with(&named("eth0"));
    let ethernet = device.manager.snapshot().nth(1).unwrap();
    assert_eq!(
        (ethernet.server_holder, ethernet.carries_server),
        (true, false)
    );
}

// spec: CON-14, TIME-5
#[test]
fn a_restarted_manager_has_the_default_server_order() {
    let [wl0, eth0, cell0] = config().interfaces;
    let manager = Manager::new(&Config::new(0, [cell0, wl0, eth0])).unwrap();
    assert_eq!(manager.server_order(), [ETH0, WL0, CELL0]);
    assert_eq!(
        manager.poll_at().map(|deadline| deadline.at),
        None::<Instant>
    );
}

fn wifi_with_address() -> lankeeper::Nic {
    let builder = lankeeper::Nic::builder("wl0").wifi(network("shed"));
    builder.ip_config(static_address()).build().unwrap()
}
