//! What only cellular interfaces do.

use lankeeper::{Cause, InterfaceConfig, InterfaceId, Lease, Notice, Report, State};

use crate::support::{Rig, lease};

const ID: InterfaceId = InterfaceId::CELLULAR;

// spec: IFC-4, IFC-6
#[test]
fn a_sim_or_registration_failure_while_connected_stops_the_interface() {
    for (report, ends_in, cause) in [
        (
            Report::SimFailed { code: 1 },
            State::CellularStopped,
            Cause::Sim,
        ),
        (
            Report::RegistrationDenied { code: 1 },
            State::CellularRegistrationDenied,
            Cause::RegistrationDenied,
        ),
    ] {
        let mut rig = Rig::up_to(ID, State::Connected);
        rig.report(report);
        assert_eq!(rig.states(), [ends_in]);
        assert_eq!(rig.cause(), Some(cause));
        assert_eq!(rig.manager.loss(ID).unwrap().cause, cause);
    }
}

// spec: IFC-5
#[test]
fn a_ppp_address_stands_alone_and_a_new_one_is_reported() {
    let mut rig = Rig::up_to(ID, State::Connected);
    assert_eq!(
        rig.manager.ip_config(ID).unwrap().prefix().to_string(),
        "192.168.1.50/32"
    );
    rig.report(Report::PppUp(lease()));
    assert_eq!(rig.notices(), []);
    rig.report(Report::PppUp(Lease::new([10, 0, 0, 9].into(), 0)));
    assert_eq!(rig.notices(), [Notice::AddressChanged { interface: ID }]);
    let mut rig = Rig::up_to(ID, State::CellularPppConnecting);
    rig.report(Report::PppUp(Lease::new([0, 0, 0, 0].into(), 24)));
    assert_eq!(rig.states(), [State::CellularStopped]);
}

// spec: UDP-1
#[test]
fn cellular_has_no_local_sockets() {
    let mut rig = Rig::with(InterfaceConfig::new(ID));
    let handle = rig.open();
    rig.come_up();
    let error = rig.manager.udp_open(rig.now, handle, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no local datagrams on cellular interfaces, allowed are Wi-Fi and Ethernet"
    );
    let mut rig = Rig::with(InterfaceConfig::new(InterfaceId::WIFI));
    let handle = rig.open();
    assert!(rig.manager.udp_open(rig.now, handle, None).is_ok());
}
