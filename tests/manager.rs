//! Opening, sharing and closing interfaces; pending outputs; time.

use lankeeper::interface::{Step, Timer};
use lankeeper::manager::{ConfigError, OpenError, Wake};
use lankeeper::stored::StoredSettings;
use lankeeper::{
    Command, Config, Duration, InterfaceConfig, InterfaceId, IpConfig, Manager, Medium, Nic,
    Notice, Policy, Prefix, Report, State,
};

use crate::support::bound::bounded;
use crate::support::{ETH0, Rig, forged, name, named, secs, span};

fn eth(number: u8) -> InterfaceId {
    InterfaceId::new(Medium::Ethernet, number).unwrap()
}

/// A device with several Ethernet interfaces.
fn manager<const N: usize>(numbers: [u8; N]) -> Manager<N, 3, 4, 4> {
    Manager::with_capacities(&Config::new(
        0,
        numbers.map(|number| InterfaceConfig::new(eth(number))),
    ))
    .unwrap()
}

// spec: OPEN-1
#[test]
fn open_returns_at_once_and_the_state_can_be_read_at_any_time() {
    let mut rig = Rig::new();
    assert_eq!(rig.state(), State::Unknown);
    let handle = rig.open();
    assert_eq!(rig.state(), State::Starting);
    assert_eq!(rig.manager.interface(handle), Ok(ETH0));
    assert_eq!(rig.manager.state(InterfaceId::WIFI), None);
}

// spec: OPEN-2
#[test]
fn an_absent_or_disabled_interface_is_an_error_and_nothing_changes() {
    let mut manager = manager([0]);
    for name in ["eth1", "wifi", "cell", "wl0"] {
        let error = manager.open(secs(0), &named(name)).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("{name}: no such interface is present")
        );
    }
    manager.set_enabled(secs(0), ETH0, false).unwrap();
    let error = manager.open(secs(0), &named("ethernet")).unwrap_err();
    assert_eq!(error.to_string(), "ethernet: the interface is disabled");
    assert_eq!(manager.state(ETH0), Some(State::Unknown));
    assert!(manager.poll_output().is_none());
    manager.set_enabled(secs(0), ETH0, true).unwrap();
    assert!(manager.open(secs(0), &named("eth0")).is_ok());
    assert!(
        manager
            .set_enabled(secs(0), InterfaceId::WIFI, true)
            .is_err()
    );
}

// spec: NIC-2
#[test]
fn a_generic_name_opens_the_lowest_numbered_interface_of_its_medium() {
    let mut manager = manager([4, 2, 7]);
    let handle = manager.open(secs(0), &named("ethernet")).unwrap();
    assert_eq!(manager.interface(handle), Ok(eth(2)));
}

// spec: OPEN-4
#[test]
fn several_opens_share_the_interface_until_the_last_close() {
    let mut rig = Rig::new();
    let first = rig.open();
    let second = rig.open();
    assert_ne!(first, second);
    assert_eq!(
        rig.notices(),
        [
            Notice::StateChanged {
                interface: ETH0,
                state: State::Starting,
                reason: None,
            },
            Notice::Joined {
                handle: second,
                interface: ETH0,
                state: State::Starting
            },
        ]
    );
    rig.come_up();
    rig.commands();
    rig.notices();
    let third = rig.open();
    assert_eq!(
        rig.manager.ignored(ETH0).unwrap().meaningless,
        0,
        "a request does not count as an event"
    );
    assert_eq!(
        rig.notices(),
        [Notice::Joined {
            handle: third,
            interface: ETH0,
            state: State::Connected
        }]
    );
    for handle in [second, first, first] {
        rig.manager.close(rig.now, handle);
        assert_eq!((rig.state(), rig.actions().len()), (State::Connected, 0));
    }
    rig.manager.close(rig.now, third);
    assert_eq!(rig.states(), [State::EthernetStopped]);
    assert_eq!(rig.actions(), ["stop", "power down"]);
}

// spec: OPEN-4
#[test]
fn opening_a_stopped_interface_starts_it_at_once() {
    let mut rig = Rig::new();
    rig.open();
    rig.report(Report::Fault { code: 0 });
    assert_eq!(
        rig.states(),
        [State::Starting, State::EthernetStoppedUnhappy]
    );
    rig.open();
    assert_eq!(rig.states(), [State::Starting]);
}

#[test]
fn settings_for_an_interface_that_is_in_use_are_an_error_and_nothing_changes() {
    let own = Prefix::new([10, 1, 2, 3].into(), 8).unwrap();
    let ip = IpConfig::new(own, None, &[]).unwrap();
    let extended = Nic::builder("eth0").ip_config(ip).build().unwrap();
    let mut rig = Rig::new();
    rig.open();
    let before = format!("{:?}", rig.manager);
    let error = rig.manager.open(rig.now, &extended).unwrap_err();
    assert_eq!(error, OpenError::Active);
    assert_eq!(
        error.to_string(),
        "cannot reconfigure interface when active"
    );
    assert_eq!(before, format!("{:?}", rig.manager));
}

// spec: OPEN-6
#[test]
fn a_stale_handle_is_an_error_and_never_another_interface() {
    let mut manager = manager([0, 1]);
    let closed = manager.open(secs(0), &named("eth0")).unwrap();
    manager.close(secs(0), closed);
    let other = manager.open(secs(0), &named("eth1")).unwrap();
    assert!(manager.interface(closed).is_err());
    assert!(manager.retry(secs(0), closed).is_err());
    assert!(manager.udp_open(secs(0), closed, None).is_err());
    manager.close(secs(0), closed);
    assert_eq!(manager.interface(other), Ok(eth(1)));
    assert_eq!(manager.state(eth(1)), Some(State::Starting));
}

// spec: OPEN-6
#[test]
fn disabling_an_interface_in_its_back_off_is_reported_too() {
    let mut rig = Rig::new();
    let handle = rig.open();
    rig.come_up_to(State::EthernetDhcping);
    rig.report(Report::LeaseRefused { code: 0 });
    assert_eq!(rig.states(), [State::EthernetStopped]);
    rig.manager.set_enabled(rig.now, ETH0, false).unwrap();
    assert_eq!(rig.notices(), [Notice::HandleClosed { handle }]);
}

// spec: OPEN-2
#[test]
fn enabling_what_is_enabled_already_changes_nothing() {
    let (mut rig, handle) = Rig::connected();
    rig.manager.set_enabled(rig.now, ETH0, true).unwrap();
    assert_eq!(rig.state(), State::Connected);
    assert_eq!(rig.manager.interface(handle), Ok(ETH0));
    assert!(rig.manager.poll_output().is_none());
}

// spec: OPEN-6
#[test]
fn disabling_an_open_interface_makes_every_handle_of_it_stale() {
    let mut rig = Rig::new();
    let handles = [rig.open(), rig.open()];
    rig.come_up();
    rig.commands();
    rig.notices();
    rig.manager.set_enabled(rig.now, ETH0, false).unwrap();
    let reason = rig.manager.reason(ETH0);
    assert_eq!(reason.unwrap().to_string(), "disabled");
    let state = State::EthernetStopped;
    assert_eq!(
        rig.notices(),
        [
            Notice::StateChanged {
                interface: ETH0,
                state,
                reason
            },
            Notice::HandleClosed { handle: handles[0] },
            Notice::HandleClosed { handle: handles[1] },
        ]
    );
    assert_eq!(rig.actions(), ["stop", "power down"]);
    for handle in handles {
        assert!(rig.manager.interface(handle).is_err());
    }
    rig.manager.set_enabled(rig.now, ETH0, false).unwrap();
    assert_eq!((rig.notices().len(), rig.actions().len()), (0, 0));
}

#[test]
fn one_handle_above_the_capacity_is_an_error() {
    let mut manager = manager([0]);
    let nic = named("eth0");
    let handles: Vec<_> = (0..3)
        .map(|_| manager.open(secs(0), &nic).unwrap())
        .collect();
    assert_eq!(manager.open(secs(0), &nic), Err(OpenError::TooMany(3)));
    manager.close(secs(0), handles[1]);
    assert!(manager.open(secs(0), &nic).is_ok());
}

// spec: DRV-2
#[test]
fn commands_that_were_not_polled_are_merged() {
    let mut rig = Rig::new();
    let handle = rig.open();
    rig.manager.close(rig.now, handle);
    assert_eq!(
        rig.actions(),
        [""; 0],
        "a command that was never polled needs no stop"
    );
    let handle = rig.open();
    assert_eq!(rig.actions(), ["power up"]);
    rig.manager.close(rig.now, handle);
    rig.open();
    assert_eq!(rig.actions(), ["stop", "power down", "power up"]);
    rig.report(Report::Ready);
    let again = rig.open();
    rig.manager.close(rig.now, again);
    assert_eq!(rig.actions(), ["start link"]);
}

// spec: DRV-2
#[test]
fn stops_come_before_starts_across_interfaces() {
    let mut manager = manager([0, 1]);
    let second = manager.open(secs(0), &named("eth1")).unwrap();
    while bounded(manager.poll_command()).is_some() {}
    manager.open(secs(0), &named("eth0")).unwrap();
    manager.close(secs(0), second);
    let mut order = Vec::new();
    while let Some(command) = bounded(manager.poll_command()) {
        let Command::Interface { ticket, action } = command else {
            panic!("not an interface command: {command:?}");
        };
        order.push((ticket.interface(), name(&action)));
    }
    assert_eq!(
        order,
        [
            (eth(1), "stop"),
            (eth(1), "power down"),
            (eth(0), "power up")
        ]
    );
}

// spec: DRV-2
#[test]
fn lost_notices_are_counted_and_reported() {
    let mut manager = manager([0]);
    let nic = named("eth0");
    for _ in 0..5 {
        let handle = manager.open(secs(0), &nic).unwrap();
        manager.close(secs(0), handle);
    }
    // Ten changes; the queue holds four.
    let notices: Vec<_> = core::iter::from_fn(|| manager.poll_notice()).collect();
    let state = |notice: &Notice| match notice {
        Notice::StateChanged { state, .. } => Some(*state),
        _ => None,
    };
    let pair = [Some(State::Starting), Some(State::EthernetStopped)];
    let states: Vec<_> = notices[..4].iter().map(state).collect();
    assert_eq!(states, [pair, pair].concat());
    assert_eq!(notices[4..], [Notice::Lagged(6)]);
    manager.open(secs(0), &nic).unwrap();
    assert_eq!(
        state(&manager.poll_notice().unwrap()),
        Some(State::Starting)
    );
}

// spec: DRV-2
#[test]
fn a_gap_is_reported_before_anything_newer() {
    let mut manager = manager([0]);
    let nic = named("eth0");
    for _ in 0..3 {
        let handle = manager.open(secs(0), &nic).unwrap();
        manager.close(secs(0), handle);
    }
    manager.poll_notice();
    manager.open(secs(0), &nic).unwrap();
    let rest: Vec<_> = core::iter::from_fn(|| manager.poll_notice()).collect();
    assert_eq!(rest.len(), 4);
    assert_eq!(rest.last(), Some(&Notice::Lagged(3)));
}

// spec: TIME-3
#[test]
fn everything_due_fires_in_deadline_order() {
    let mut configs = [InterfaceConfig::new(eth(0)), InterfaceConfig::new(eth(1))];
    configs[0].step_timeouts.start = span(8).unwrap();
    configs[1].step_timeouts.start = span(7).unwrap();
    let mut manager = Manager::new(&Config::new(0, configs)).unwrap();
    manager.open(secs(0), &named("eth0")).unwrap();
    manager.open(secs(0), &named("eth1")).unwrap();
    while bounded(manager.poll_output()).is_some() {}
    assert_eq!(manager.poll_at().unwrap().at, secs(7));
    manager.handle_timeout(secs(9));
    let changed = |manager: &mut Manager<2>| match manager.poll_notice() {
        Some(Notice::StateChanged {
            interface, state, ..
        }) => (interface, state),
        other => panic!("not a change of state: {other:?}"),
    };
    assert_eq!(
        changed(&mut manager),
        (eth(1), State::EthernetStoppedUnhappy)
    );
    assert_eq!(
        changed(&mut manager),
        (eth(0), State::EthernetStoppedUnhappy)
    );
    assert_eq!(manager.poll_notice(), None);
}

// spec: TIME-3
#[test]
fn of_several_deadlines_at_one_instant_that_of_the_first_interface_is_next() {
    let mut manager = manager([0, 1]);
    for name in ["eth0", "eth1"] {
        manager.open(secs(0), &named(name)).unwrap();
    }
    // The request may take as long as the power-up.
    manager.set_policy(secs(0), Policy::ReturnOnError);
    manager.connect(secs(0), span(10)).unwrap();
    while bounded(manager.poll_output()).is_some() {}
    let next = manager.poll_at().unwrap();
    let reason = Wake::Interface(eth(0), Timer::Step(Step::Power));
    assert_eq!((next.at, next.reason), (secs(10), reason));
    // Then comes the server connection.
    let mut manager = self::manager([1]);
    manager.set_policy(secs(0), Policy::ReturnOnError);
    manager.connect(secs(0), span(10)).unwrap();
    while bounded(manager.poll_output()).is_some() {}
    let reason = Wake::Interface(eth(1), Timer::Step(Step::Power));
    assert_eq!(manager.poll_at().unwrap().reason, reason);
}

// spec: CFG-1, CON-26
#[test]
fn stored_settings_are_persisted_once_the_backend_has_them() {
    let mut manager = manager([0]);
    assert!(!manager.is_persisted());
    manager
        .load_stored(StoredSettings::default().to_record().as_bytes())
        .unwrap();
    assert!(manager.is_persisted());
}

// spec: TIME-3, IFC-10
#[test]
fn an_answer_after_the_deadline_is_late_even_without_handle_timeout() {
    let mut rig = Rig::new();
    rig.open();
    rig.commands();
    rig.notices();
    rig.now = secs(10);
    rig.report(Report::Ready);
    assert_eq!(rig.states(), [State::EthernetStoppedUnhappy]);
    let mut rig = Rig::new();
    rig.open();
    rig.commands();
    rig.notices();
    rig.now = lankeeper::Instant::from_micros(9_999_999);
    rig.report(Report::Ready);
    assert_eq!(rig.states(), [State::EthernetLinkUp]);
}

// spec: TIME-1, TIME-2
#[test]
fn a_clock_that_goes_backwards_fires_nothing_and_is_no_error() {
    let mut rig = Rig::new();
    rig.now = secs(100);
    rig.open();
    rig.commands();
    rig.now = secs(1);
    rig.report(Report::Ready);
    assert_eq!(rig.state(), State::EthernetLinkUp);
    assert_eq!(
        rig.next_timer(),
        Some(secs(105)),
        "counted from the latest instant"
    );
    rig.go(secs(50));
    assert_eq!(rig.state(), State::EthernetLinkUp);
}

// spec: TIME-1
#[test]
fn time_continues_beyond_32_bits_of_milliseconds() {
    let wrap = Duration::from_millis(1 << 32);
    let mut rig = Rig::new();
    rig.go(lankeeper::Instant::EPOCH.saturating_add(wrap.saturating_sub(Duration::from_secs(1))));
    rig.open();
    rig.commands();
    rig.pass(Duration::from_micros(9_999_999));
    assert_eq!(rig.state(), State::Starting);
    rig.pass(Duration::from_micros(1));
    assert_eq!(rig.state(), State::EthernetStoppedUnhappy);
}

// spec: OPEN-2
#[test]
fn events_of_an_absent_interface_change_nothing() {
    let mut rig = Rig::new();
    rig.open();
    let before = format!("{:?}", rig.manager);
    for number in 0..3 {
        let absent = forged(InterfaceId::CELLULAR, number);
        rig.report_as(absent, Report::Ready);
    }
    assert_eq!(before, format!("{:?}", rig.manager));
}

#[test]
fn an_interface_listed_twice_is_an_error() {
    let twice = Config::new(0, [InterfaceConfig::new(ETH0), InterfaceConfig::new(ETH0)]);
    assert_eq!(Manager::new(&twice).unwrap_err(), ConfigError::Twice(ETH0));
}

#[test]
fn a_wifi_interface_above_the_network_capacity_is_an_error() {
    let wl = |number| InterfaceId::new(Medium::Wifi, number).unwrap();
    let config = Config::new(0, [wl(7), ETH0, wl(0)].map(InterfaceConfig::new));
    assert!(Manager::<3, 8, 4, 16, 2>::with_capacities(&config).is_ok());
    let error = Manager::new(&config).unwrap_err();
    let (id, allowed) = (wl(0), 1);
    assert_eq!(error, ConfigError::TooManyWifi { id, allowed });
    assert_eq!(
        error.to_string(),
        "wl0: too many Wi-Fi interfaces, at most 1"
    );
    let error = Manager::<3, 8, 4, 16, 0>::with_capacities(&config).unwrap_err();
    let (id, allowed) = (wl(7), 0);
    assert_eq!(error, ConfigError::TooManyWifi { id, allowed });
}

#[test]
fn a_device_without_wifi_needs_no_capacity_for_networks() {
    let config = Config::new(0, [ETH0, InterfaceId::CELLULAR].map(InterfaceConfig::new));
    let mut manager = Manager::<2, 8, 4, 16, 0>::with_capacities(&config).unwrap();
    manager.open(secs(0), &named("eth0")).unwrap();
    assert_eq!(manager.state(ETH0), Some(State::Starting));
}
