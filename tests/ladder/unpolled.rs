//! Inputs that come before the backend has taken the commands of earlier ones (DRV-2).

use lankeeper::{InterfaceId, Report, State};

use super::{CELLULAR, ETHERNET, FAULT, NO_SIM, WIFI};
use crate::support::{Rig, good_answer};

// spec: DRV-2, IFC-8
#[test]
fn an_end_that_waits_is_not_undone_by_another() {
    let (mut rig, handle) = Rig::connected();
    rig.report(FAULT);
    rig.manager.close(rig.now, handle);
    assert_eq!(rig.actions(), ["stop", "power down"]);
}

// spec: DRV-2, IFC-12
#[test]
fn a_step_that_waits_is_not_begun_after_the_last_close() {
    for (id, state) in [
        (ETHERNET, State::EthernetLinkUp),
        (WIFI, State::WifiJoining),
        (CELLULAR, State::CellularRegistering),
    ] {
        let mut rig = Rig::with(lankeeper::InterfaceConfig::new(id));
        let handle = rig.open();
        rig.come_up_to(state);
        rig.report(good_answer(state).unwrap());
        rig.manager.close(rig.now, handle);
        assert_eq!(rig.only_actions(), ["stop", "power down"], "{id}");
    }
}

/// The actions after two reports on the step of a state, of which the second comes at once.
fn after(id: InterfaceId, state: State, second: Report) -> Vec<&'static str> {
    let mut rig = Rig::up_to(id, state);
    let first = good_answer(state).unwrap();
    let ticket = rig.ticket(first);
    rig.report_as(ticket, first);
    rig.report_as(ticket, second);
    assert!(rig.state().is_stopped());
    rig.only_actions()
}

// spec: DRV-2, IFC-14
#[test]
fn a_step_that_waits_is_not_begun_when_what_it_builds_on_is_lost() {
    let sim = after(CELLULAR, State::CellularWaitingForSim, NO_SIM);
    assert_eq!(sim, [""; 0]);
    let registering = State::CellularRegistering;
    let registration = after(CELLULAR, registering, Report::RegistrationLost);
    assert_eq!(registration, [""; 0]);
    let carrier = after(ETHERNET, State::EthernetLinkUp, Report::CarrierDown);
    assert_eq!(carrier, [""; 0]);
}
