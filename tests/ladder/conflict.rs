//! Another device has the address (IFC-5).

use lankeeper::{Cause, Duration, InterfaceId, IpConfig, Nic, Prefix, Report, State};

use super::{ETHERNET, REFUSED, WIFI, is_about};
use crate::support::{Rig, lease, secs};

const CONFLICT: Report = Report::AddressConflict;
const TEN_SECONDS: Duration = Duration::from_secs(10);

fn dhcping(id: InterfaceId) -> (State, State) {
    match id {
        WIFI => (State::WifiDhcping, State::WifiStopped),
        _ => (State::EthernetDhcping, State::EthernetStopped),
    }
}

// spec: IFC-5
#[test]
fn dhcp_begins_no_sooner_than_ten_seconds_after_a_conflict() {
    for id in [WIFI, ETHERNET] {
        let (dhcping, stopped) = dhcping(id);
        for (state, is_stable) in [
            (dhcping, false),
            (State::Connected, false),
            (State::Connected, true),
        ] {
            let mut rig = Rig::up_to(id, state);
            if is_stable {
                rig.prove_stable();
            }
            rig.report(CONFLICT);
            assert_eq!(rig.states(), [stopped], "{state}");
            assert_eq!(rig.cause(), Some(Cause::AddressConflict));
            assert_eq!(rig.actions(), [""; 0], "the backend declines");
            assert_eq!(rig.delay(), TEN_SECONDS);
            rig.wait_exactly();
            assert_eq!(rig.states(), [dhcping]);
            assert_eq!(rig.actions(), ["start dhcp"]);
        }
    }
}

// spec: IFC-5
#[test]
fn a_conflict_in_connected_is_a_loss() {
    let mut rig = Rig::up_to(ETHERNET, State::Connected);
    rig.report(CONFLICT);
    let loss = rig.manager.loss(ETHERNET).unwrap();
    assert_eq!(loss.cause, Cause::AddressConflict);
    assert_eq!(loss.cause.to_string(), "address conflict");
    assert_eq!(rig.manager.ip_config(ETHERNET), None);
}

// spec: IFC-5
#[test]
fn a_static_address_is_set_again_after_the_same_time() {
    let own = Prefix::new([10, 1, 2, 3].into(), 8).unwrap();
    let ip = IpConfig::new(own, None, &[]).unwrap();
    let nic = Nic::builder("eth0").ip_config(ip).build().unwrap();
    let mut rig = Rig::new();
    rig.manager.open(rig.now, &nic).unwrap();
    rig.come_up();
    rig.take();
    rig.report(CONFLICT);
    assert_eq!(rig.states(), [State::EthernetStopped]);
    assert_eq!(rig.cause(), Some(Cause::AddressConflict));
    assert_eq!(rig.delay(), TEN_SECONDS);
    rig.wait_exactly();
    assert_eq!(rig.states(), [State::Connected]);
    assert_eq!(rig.actions(), ["set address"]);
}

// spec: IFC-5, IFC-7
#[test]
fn a_longer_back_off_prevails() {
    let mut rig = Rig::up_to(ETHERNET, State::Starting);
    for secs in [1, 2, 4, 8] {
        rig.fail_in(State::EthernetDhcping, REFUSED);
        assert!(is_about(rig.delay(), secs * 1_000));
        rig.wait();
    }
    rig.fail_in(State::EthernetDhcping, CONFLICT);
    assert!(is_about(rig.delay(), 16_000));
    assert!(rig.delay() > TEN_SECONDS);
}

// spec: IFC-5, IFC-14
#[test]
fn a_conflict_about_a_late_lease_begins_the_time_too() {
    let mut rig = Rig::up_to(ETHERNET, State::EthernetDhcping);
    rig.report(REFUSED);
    rig.report(Report::Lease(lease()));
    rig.report(CONFLICT);
    assert_eq!(rig.delay(), TEN_SECONDS);
    rig.take();
    rig.wait_exactly();
    assert_eq!(
        rig.states(),
        [State::EthernetDhcping],
        "the lease is forgotten"
    );
    assert_eq!(rig.actions(), ["start dhcp"]);
}

// spec: IFC-5
#[test]
fn a_second_conflict_lengthens_the_wait_to_ten_seconds_after_it() {
    let mut rig = Rig::up_to(ETHERNET, State::Connected);
    rig.report(CONFLICT);
    rig.pass(Duration::from_secs(4));
    rig.report(CONFLICT);
    assert_eq!(rig.next_timer(), Some(secs(14)));
}

// spec: IFC-5, IFC-7
#[test]
fn a_request_does_not_wait() {
    let mut rig = Rig::new();
    let handle = rig.open();
    rig.fail_in(State::Connected, CONFLICT);
    rig.manager.retry(rig.now, handle).unwrap();
    assert_eq!(rig.states(), [State::EthernetDhcping]);
}

// spec: IFC-5, IFC-6
#[test]
fn a_carrier_lost_meanwhile_makes_the_wait_no_shorter() {
    let mut rig = Rig::up_to(ETHERNET, State::Connected);
    rig.report(CONFLICT);
    rig.report(Report::CarrierDown);
    rig.report(Report::CarrierUp);
    assert_eq!(rig.state(), State::EthernetStoppedNoLink);
    assert_eq!(rig.delay(), TEN_SECONDS);
}
