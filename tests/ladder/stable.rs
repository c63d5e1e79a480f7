//! A loss before and after CONNECTED has proved stable (IFC-6).

use lankeeper::{Cause, Duration, InterfaceId, Report, Span, State};

use super::{
    CELLULAR, ETHERNET, LINK_LOST, PPP_DOWN, REFUSED, REJECTED, WIFI, WRONG_KEY, changed, is_about,
    manual,
};
use crate::support::Rig;

/// A loss, its cause, the state that the table goes back to by itself, and the command of that.
type Loss = (InterfaceId, Report, Cause, State, &'static str);

#[rustfmt::skip]
const LOSSES: &[Loss] = &[
    (WIFI, LINK_LOST, Cause::LinkLost, State::WifiScanning, "scan"),
    (WIFI, WRONG_KEY, Cause::WrongCredentials, State::WifiScanning, "scan"),
    (WIFI, REJECTED, Cause::Rejected, State::WifiScanning, "scan"),
    (WIFI, Report::LeaseLost, Cause::LeaseLost, State::WifiDhcping, "start dhcp"),
    (WIFI, REFUSED, Cause::NoAddress, State::WifiDhcping, "start dhcp"),
    (ETHERNET, Report::LeaseLost, Cause::LeaseLost, State::EthernetDhcping, "start dhcp"),
    (ETHERNET, REFUSED, Cause::NoAddress, State::EthernetDhcping, "start dhcp"),
    (CELLULAR, Report::RegistrationLost, Cause::RegistrationLost, State::CellularRegistering, "register"),
    (CELLULAR, PPP_DOWN, Cause::Ppp, State::CellularPppConnecting, "dial"),
];

fn stopped(id: InterfaceId) -> State {
    match id {
        WIFI => State::WifiStopped,
        ETHERNET => State::EthernetStopped,
        _ => State::CellularStopped,
    }
}

// spec: IFC-6, IFC-7
#[test]
fn only_what_was_connected_for_five_minutes_is_tried_again_at_once() {
    for (id, report, cause, back_to, command) in LOSSES {
        let mut stable = Rig::up_to(*id, State::Connected);
        stable.pass(Duration::from_millis(300_000));
        stable.report(*report);
        assert_eq!(stable.states(), [*back_to]);
        assert_eq!(stable.actions(), [*command]);
        assert_eq!(stable.manager.loss(*id).unwrap().cause, *cause);

        let mut early = Rig::up_to(*id, State::Connected);
        early.pass(Duration::from_millis(299_999));
        early.report(*report);
        assert_eq!(early.states(), [stopped(*id)], "{report:?}");
        assert_eq!(early.cause(), Some(*cause));
        assert_eq!(early.manager.loss(*id).unwrap().cause, *cause);
        assert!(!early.actions().contains(command));
        assert!(is_about(early.delay(), 1_000));
        early.wait_exactly();
        assert_eq!(early.states(), [*back_to]);
        assert_eq!(early.actions(), [*command]);
    }
}

// spec: IFC-6
#[test]
fn the_stability_time_can_be_set() {
    for (millis, state) in [
        (1_999, State::EthernetStopped),
        (2_000, State::EthernetDhcping),
    ] {
        let mut rig = changed(ETHERNET, State::Connected, |config| {
            config.stable_after = Span::secs::<2>();
        });
        rig.pass(Duration::from_millis(millis));
        rig.report(Report::LeaseLost);
        assert_eq!(rig.states(), [state]);
    }
}

// spec: IFC-6
#[test]
fn the_time_begins_anew_with_each_connection() {
    let mut rig = Rig::up_to(ETHERNET, State::Connected);
    rig.prove_stable();
    rig.report(Report::LeaseLost);
    rig.come_up_to(State::Connected);
    rig.pass(Duration::from_millis(299_999));
    rig.report(Report::LeaseLost);
    assert_eq!(rig.states(), [State::EthernetStopped]);
}

// spec: IFC-6
#[test]
fn a_renewal_is_no_new_connection() {
    let mut rig = Rig::up_to(ETHERNET, State::Connected);
    rig.pass(Duration::from_secs(200));
    rig.report(Report::Lease(crate::support::lease()));
    rig.pass(Duration::from_secs(100));
    rig.report(Report::LeaseLost);
    assert_eq!(rig.states(), [State::EthernetDhcping]);
}

// spec: IFC-6
#[test]
fn a_loss_before_connected_is_a_failed_try() {
    for (id, state, report, cause) in [
        (WIFI, State::WifiDhcping, LINK_LOST, Cause::LinkLost),
        (
            CELLULAR,
            State::CellularPppConnecting,
            Report::RegistrationLost,
            Cause::RegistrationLost,
        ),
    ] {
        let mut rig = Rig::up_to(id, state);
        rig.report(report);
        assert_eq!(rig.states(), [stopped(id)]);
        assert_eq!(rig.cause(), Some(cause));
        assert!(is_about(rig.delay(), 1_000));
    }
}

// spec: IFC-6, IFC-7
#[test]
fn early_losses_lengthen_the_back_off() {
    for (id, report, ..) in LOSSES.iter().filter(|loss| loss.1 != WRONG_KEY) {
        let mut rig = changed(*id, State::Starting, |config| config.power_cycle_after = 0);
        for secs in [1, 2, 4, 8, 16, 32, 60, 60] {
            rig.fail_in(State::Connected, *report);
            assert!(is_about(rig.delay(), secs * 1_000), "{report:?} {secs}");
            rig.wait();
        }
    }
}

// spec: IFC-6, IFC-7
#[test]
fn under_manual_recovery_every_loss_stops_the_interface() {
    for (id, report, cause, ..) in LOSSES {
        let mut rig = changed(*id, State::Connected, manual);
        rig.pass(Duration::from_secs(1_000_000));
        rig.report(*report);
        assert_eq!(rig.states(), [stopped(*id)]);
        assert_eq!((rig.cause(), rig.next_timer()), (Some(*cause), None));
    }
}
