//! An interface with a static address.

use core::net::Ipv4Addr;

use lankeeper::nic::{Table, Value};
use lankeeper::{Action, Command, IpConfig, Lease, Nic, Prefix, Report, State};

use crate::support::{ETH0, Rig, lease};

fn ip_config() -> IpConfig {
    let own = Prefix::new(Ipv4Addr::new(10, 1, 2, 3), 8).unwrap();
    IpConfig::new(
        own,
        Some(Ipv4Addr::new(10, 0, 0, 1)),
        &[Ipv4Addr::new(10, 0, 0, 2)],
    )
    .unwrap()
}

fn nic() -> Nic {
    Nic::builder("eth0").ip_config(ip_config()).build().unwrap()
}

/// A device that is CONNECTED with a static address.
fn connected() -> Rig {
    let mut rig = Rig::new();
    rig.manager.open(rig.now, &nic()).unwrap();
    rig.report(Report::Ready);
    rig.report(Report::CarrierUp);
    rig
}

// spec: IFC-3
#[test]
fn the_carrier_connects_and_the_backend_gets_the_address() {
    let mut rig = connected();
    assert_eq!(
        rig.states(),
        [State::Starting, State::EthernetLinkUp, State::Connected]
    );
    assert_eq!(rig.manager.ip_config(ETH0), Some(ip_config()));
    let commands = rig.commands();
    let last = commands.last().unwrap();
    assert!(
        matches!(last, Command::Interface { action: Action::SetAddress(ip), .. }
            if *ip == ip_config()),
        "{last:?}"
    );
    assert_eq!(commands.len(), 3);
}

// spec: IFC-3
#[test]
fn a_table_gives_the_same_address() {
    let servers = [Value::from("10.0.0.2")];
    let section = [
        ("ip", "10.1.2.3".into()),
        ("netmask", "255.0.0.0".into()),
        ("gateway", "10.0.0.1".into()),
        ("dns", Value::List(&servers)),
    ];
    let table = [
        ("interface", "eth0".into()),
        ("staticconfig", Table::new(&section).into()),
    ];
    let nic = Nic::from_table(&Table::new(&table)).unwrap();
    assert_eq!(nic.ip_config(), Some(&ip_config()));
}

// spec: IFC-3, IFC-6
#[test]
fn the_address_is_set_again_after_a_carrier_loss() {
    let mut rig = connected();
    rig.report(Report::CarrierDown);
    rig.report(Report::CarrierUp);
    rig.wait();
    rig.commands();
    rig.report(Report::CarrierUp);
    assert_eq!(rig.state(), State::Connected);
    assert_eq!(rig.actions(), ["set address"]);
}

// spec: IFC-3, IFC-10
#[test]
fn no_lease_can_replace_the_static_address() {
    let mut rig = connected();
    for report in [
        Report::Lease(lease()),
        Report::Lease(Lease::new(Ipv4Addr::UNSPECIFIED, 0)),
        Report::LeaseRefused { code: 0 },
        Report::LeaseLost,
    ] {
        rig.report(report);
        assert_eq!(rig.manager.ip_config(ETH0), Some(ip_config()));
    }
    assert_eq!(rig.manager.ignored(ETH0).unwrap().stale, 4);
}

// spec: IFC-3
#[test]
fn the_next_open_without_settings_uses_dhcp_again() {
    let mut rig = Rig::new();
    let handle = rig.manager.open(rig.now, &nic()).unwrap();
    rig.manager.close(rig.now, handle);
    rig.open();
    rig.report(Report::Ready);
    rig.report(Report::CarrierUp);
    assert_eq!(rig.state(), State::EthernetDhcping);
}

// spec: IFC-3, DRV-3
#[test]
fn failing_to_set_the_address_is_a_fault() {
    let mut rig = connected();
    let address = rig.ticket(Report::LeaseLost);
    rig.report_as(address, Report::Fault { code: 9 });
    assert_eq!(rig.state(), State::EthernetStoppedUnhappy);
    assert_eq!(rig.manager.reason(ETH0).unwrap().code, Some(9));
}
