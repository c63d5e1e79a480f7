//! What is reported while an interface waits for its next try (IFC-14).

use lankeeper::{Cause, InterfaceId, IpConfig, Prefix, Report, State};

use super::{
    CELLULAR, CODE, DENIED, ETHERNET, FAULT, LINK_LOST, NO_SIM, PPP_DOWN, REFUSED, WIFI, unopened,
};
use crate::support::{ETH0, Rig, lease, named};

const LOST: Report = Report::LeaseLost;
const UNREGISTERED: Report = Report::RegistrationLost;

/// A step that failed (`None` is silence), and the report that it succeeded after all; the state in
/// which that is used, and with which command.
type Late = (
    InterfaceId,
    State,
    Option<Report>,
    Report,
    State,
    &'static [&'static str],
);

fn late() -> Vec<Late> {
    let (granted, up) = (Report::Lease(lease()), Report::PppUp(lease()));
    let (ppp, registering) = (State::CellularPppConnecting, State::CellularRegistering);
    let (registered, dial): (_, &[_]) = (Report::Registered, &["dial"]);
    let connected = State::Connected;
    vec![
        (
            ETHERNET,
            State::EthernetDhcping,
            None,
            granted,
            connected,
            &[],
        ),
        (
            ETHERNET,
            State::EthernetDhcping,
            Some(REFUSED),
            granted,
            connected,
            &[],
        ),
        (ETHERNET, connected, Some(LOST), granted, connected, &[]),
        (WIFI, State::WifiDhcping, None, granted, connected, &[]),
        (CELLULAR, registering, None, registered, ppp, dial),
        (CELLULAR, registering, Some(DENIED), registered, ppp, dial),
        (CELLULAR, ppp, Some(UNREGISTERED), registered, ppp, dial),
        (CELLULAR, ppp, None, up, connected, &[]),
        (CELLULAR, ppp, Some(PPP_DOWN), up, connected, &[]),
    ]
}

/// An interface that has failed and waits; all outputs are taken.
fn failed(id: InterfaceId, state: State, report: Option<Report>) -> Rig {
    let mut rig = Rig::up_to(id, state);
    match report {
        Some(report) => rig.report(report),
        None => rig.wait(),
    }
    assert!(rig.state().is_stopped());
    rig.take();
    rig
}

// spec: IFC-14
#[test]
fn a_late_success_is_used_at_the_end_of_the_back_off() {
    for (id, state, report, success, used_in, commands) in late() {
        let mut rig = failed(id, state, report);
        rig.report(success);
        assert_eq!(rig.states(), [], "{state} {report:?}");
        assert_eq!(rig.manager.ignored(id).unwrap().stale, 0);
        rig.wait_exactly();
        assert_eq!(rig.states(), [used_in], "{state} {report:?}");
        assert_eq!(rig.actions(), commands, "{state} {report:?}");
        assert_eq!(
            rig.manager.ip_config(id).is_some(),
            used_in == State::Connected
        );
        // A loss of what was granted is reported as ever.
        rig.come_up();
        rig.report(if id == CELLULAR { PPP_DOWN } else { LOST });
        assert!(rig.state().is_stopped());
    }
}

// spec: IFC-14, IFC-7
#[test]
fn a_request_uses_a_late_success_at_once() {
    let mut rig = unopened(ETH0);
    let handle = rig.open();
    rig.fail_in(State::EthernetDhcping, REFUSED);
    rig.report(Report::Lease(lease()));
    assert_eq!((rig.states().len(), rig.next_timer()), (0, None));
    rig.manager.retry(rig.now, handle).unwrap();
    assert_eq!(rig.states(), [State::Connected]);
    assert_eq!(rig.actions(), [""; 0]);
}

// spec: IFC-14
#[test]
fn a_late_success_that_is_gone_again_is_forgotten() {
    let (granted, up) = (Report::Lease(lease()), Report::PppUp(lease()));
    let (ppp, registering) = (State::CellularPppConnecting, State::CellularRegistering);
    let sim = State::CellularWaitingForSim;
    for (id, state, success, gone, begins_in, commands) in [
        (
            ETHERNET,
            State::EthernetDhcping,
            granted,
            LOST,
            State::EthernetDhcping,
            &["start dhcp"],
        ),
        (
            ETHERNET,
            State::EthernetDhcping,
            granted,
            REFUSED,
            State::EthernetDhcping,
            &["start dhcp"],
        ),
        (
            WIFI,
            State::WifiDhcping,
            granted,
            LINK_LOST,
            State::WifiScanning,
            &["scan"],
        ),
        (
            CELLULAR,
            registering,
            Report::Registered,
            UNREGISTERED,
            registering,
            &["register"],
        ),
        (
            CELLULAR,
            registering,
            Report::Registered,
            NO_SIM,
            sim,
            &["read sim"],
        ),
        (CELLULAR, ppp, up, PPP_DOWN, ppp, &["dial"]),
        (CELLULAR, ppp, up, UNREGISTERED, registering, &["register"]),
    ] {
        let mut rig = failed(id, state, None);
        let reason = rig.manager.reason(id);
        rig.report(success);
        rig.report(gone);
        assert_eq!(
            (rig.states(), rig.actions()),
            (vec![], vec![]),
            "{state} {gone:?}"
        );
        assert_eq!(rig.manager.reason(id), reason, "{state} {gone:?}");
        rig.wait_exactly();
        assert_eq!(rig.states(), [begins_in], "{state} {gone:?}");
        assert_eq!(rig.actions(), commands, "{state} {gone:?}");
        rig.come_up();
        assert_eq!(rig.state(), State::Connected);
    }
}

// spec: IFC-14
#[test]
fn what_lies_below_takes_the_retry_down_when_it_is_gone() {
    let (ppp, sim) = (State::CellularPppConnecting, State::CellularWaitingForSim);
    for (id, state, fails, gone, begins_in, commands) in [
        (
            WIFI,
            State::WifiDhcping,
            REFUSED,
            LINK_LOST,
            State::WifiScanning,
            &["scan"],
        ),
        (
            CELLULAR,
            ppp,
            PPP_DOWN,
            UNREGISTERED,
            State::CellularRegistering,
            &["register"],
        ),
        (CELLULAR, ppp, PPP_DOWN, NO_SIM, sim, &["read sim"]),
        (
            CELLULAR,
            State::CellularRegistering,
            DENIED,
            NO_SIM,
            sim,
            &["read sim"],
        ),
    ] {
        let mut rig = failed(id, state, Some(fails));
        let timer = rig.next_timer();
        rig.report(gone);
        assert_eq!(
            rig.next_timer(),
            timer,
            "it neither waits longer nor tries sooner"
        );
        // Nothing above what is gone counts any more.
        let stale = rig.manager.ignored(id).unwrap().stale;
        rig.report(if id == WIFI {
            Report::Lease(lease())
        } else {
            Report::PppUp(lease())
        });
        assert_eq!(rig.manager.ignored(id).unwrap().stale, stale + 1);
        rig.wait();
        assert_eq!(rig.states(), [begins_in], "{state} {gone:?}");
        assert_eq!(rig.actions(), commands, "{state} {gone:?}");
    }
}

// spec: IFC-14
#[test]
fn a_registration_that_is_denied_meanwhile_is_told() {
    let mut rig = failed(CELLULAR, State::CellularPppConnecting, Some(PPP_DOWN));
    rig.report(DENIED);
    assert_eq!(rig.states(), [State::CellularRegistrationDenied]);
    assert_eq!(rig.cause(), Some(Cause::RegistrationDenied));
    assert!(rig.delay().as_secs() >= 600);
    rig.wait();
    assert_eq!(rig.actions(), ["register"]);
}

// spec: IFC-14
#[test]
fn a_carrier_lost_in_the_back_off_leads_to_no_link_at_once() {
    let mut rig = failed(ETH0, State::EthernetDhcping, Some(REFUSED));
    rig.report(Report::CarrierDown);
    assert_eq!(rig.states(), [State::EthernetStoppedNoLink]);
    assert_eq!(rig.cause(), Some(Cause::NoCarrier));
    assert_eq!(rig.actions(), [""; 0], "the carrier stays watched");
    // No lease without a carrier.
    rig.report(Report::Lease(lease()));
    rig.report(Report::CarrierUp);
    rig.wait();
    assert_eq!(rig.states(), [State::EthernetLinkUp]);
    assert_eq!(rig.actions(), ["start link"]);
}

// spec: IFC-14
#[test]
fn a_fault_in_the_back_off_leads_to_unhappy_at_once() {
    for (id, state, report, unhappy) in [
        (WIFI, State::WifiDhcping, REFUSED, State::WifiStoppedUnhappy),
        (
            ETHERNET,
            State::EthernetDhcping,
            REFUSED,
            State::EthernetStoppedUnhappy,
        ),
        (
            ETHERNET,
            State::EthernetLinkUp,
            Report::CarrierDown,
            State::EthernetStoppedUnhappy,
        ),
        (
            CELLULAR,
            State::CellularRegistering,
            DENIED,
            State::CellularStoppedUnhappy,
        ),
        (
            CELLULAR,
            State::CellularPppConnecting,
            PPP_DOWN,
            State::CellularStoppedUnhappy,
        ),
    ] {
        let mut rig = failed(id, state, Some(report));
        rig.report(FAULT);
        assert_eq!(rig.states(), [unhappy], "{state}");
        let reason = rig.manager.reason(id).unwrap();
        assert_eq!((reason.cause, reason.code), (Cause::Fault, Some(CODE)));
        assert_eq!(rig.actions(), ["stop", "power down"], "{state}");
        rig.wait();
        assert_eq!(rig.actions(), ["power up"], "{state}");
    }
}

// spec: IFC-14, OPEN-8
#[test]
fn a_static_address_that_is_stored_meanwhile_prevails_over_a_late_lease() {
    let own = Prefix::new([10, 1, 2, 3].into(), 8).unwrap();
    let ip = IpConfig::new(own, None, &[]).unwrap();
    let mut rig = Rig::new();
    rig.manager.open(rig.now, &named("eth0")).unwrap();
    rig.fail_in(State::EthernetDhcping, REFUSED);
    rig.report(Report::Lease(lease()));
    rig.manager.store_static(rig.now, ip);
    assert_eq!(rig.states(), [State::Connected]);
    assert_eq!(rig.manager.ip_config(ETH0), Some(ip));
    assert_eq!(rig.only_actions(), ["set address"]);
}
