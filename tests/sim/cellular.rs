//! The simulated modem, its SIM and its network.

use lankeeper::sim::{CellularChange, Coverage, PppService, Reach, SimCard, code};
use lankeeper::{Cause, InterfaceId, Lease, State};

use super::Scene;

const CELL0: InterfaceId = InterfaceId::CELLULAR;

// spec: IFC-1, IFC-2, IFC-5
#[test]
fn it_comes_up_step_by_step() {
    let mut scene = Scene::new(CELL0);
    scene.pass(20);
    assert_eq!(
        scene.states(),
        [
            State::Starting,
            State::CellularPinging,
            State::CellularWaitingForSim,
            State::CellularRegistering,
            State::CellularPppConnecting,
            State::Connected,
        ]
    );
    assert_eq!(scene.world.reach(CELL0), Reach::Internet);
}

// spec: IFC-4, IFC-7
#[test]
fn without_a_usable_sim_it_is_stopped() {
    for (card, code) in [
        (SimCard::Missing, code::SIM_NOT_INSERTED),
        (SimCard::Locked, code::SIM_PIN_REQUIRED),
    ] {
        let mut scene = Scene::new(CELL0);
        scene.happen(CellularChange::Card(card));
        scene.reach(State::CellularStopped, 10);
        let reason = scene.manager.reason(CELL0).unwrap();
        assert_eq!((reason.cause, reason.code), (Cause::Sim, Some(code)));
        scene.happen(CellularChange::Card(SimCard::Ready));
        scene.reach(State::Connected, 70);
        scene.happen(CellularChange::Card(card));
        scene.pass(0);
        assert_eq!(
            scene.state(),
            State::CellularStopped,
            "the SIM was pulled while CONNECTED"
        );
        assert_eq!(scene.lost(), Some(Cause::Sim));
    }
}

// spec: IFC-4, IFC-7, IFC-16
#[test]
fn a_denied_registration_is_retried_after_ten_minutes() {
    let mut scene = Scene::connected(CELL0);
    scene.happen(CellularChange::Coverage(Coverage::Denied));
    scene.pass(0);
    let denied = (State::CellularRegistrationDenied, Cause::RegistrationDenied);
    assert_eq!(scene.stopped(), Some(denied));
    let waited = scene.reach(State::CellularRegistering, 750).as_secs();
    assert!(waited >= 600, "{waited}");
    scene.reach(State::CellularRegistrationDenied, 15);
    assert_eq!(scene.stopped(), Some(denied));
    scene.happen(CellularChange::Coverage(Coverage::Roaming));
    scene.reach(State::Connected, 765);
}

// spec: IFC-6
#[test]
fn registration_waits_for_the_end_of_a_short_tunnel() {
    let mut scene = Scene::stable(CELL0);
    scene.happen(CellularChange::Coverage(Coverage::None));
    scene.pass(170);
    assert_eq!(scene.state(), State::CellularRegistering);
    assert_eq!(scene.lost(), Some(Cause::RegistrationLost));
    assert!(!scene.world.cellular.is_registered());
    scene.happen(CellularChange::Coverage(Coverage::Home));
    // Registration takes 6 s, dialling 3 s.
    assert_eq!(scene.reach(State::Connected, 10).as_secs(), 9);
}

// spec: IFC-4, IFC-7
#[test]
fn a_long_tunnel_ends_the_registration() {
    let mut scene = Scene::stable(CELL0);
    scene.happen(CellularChange::Coverage(Coverage::None));
    scene.reach(State::CellularStopped, 181);
    let timed_out = Some((State::CellularStopped, Cause::TimedOut));
    assert_eq!(scene.stopped(), timed_out);
    scene.pass(3_600);
    scene.happen(CellularChange::Coverage(Coverage::Home));
    scene.reach(State::Connected, 75);
}

#[test]
fn roaming_does_not_interrupt_the_connection() {
    let mut scene = Scene::connected(CELL0);
    for coverage in [Coverage::Roaming, Coverage::Home] {
        scene.happen(CellularChange::Coverage(coverage));
        scene.pass(60);
        assert_eq!(scene.states(), []);
    }
}

// spec: IFC-4, IFC-6
#[test]
fn a_dropped_session_is_redialled() {
    let mut scene = Scene::stable(CELL0);
    scene.happen(CellularChange::SessionDropped);
    scene.pass(0);
    assert_eq!(scene.state(), State::CellularPppConnecting);
    assert_eq!(scene.lost(), Some(Cause::Ppp));
    assert_eq!(scene.reach(State::Connected, 10).as_secs(), 3);
    scene.happen(CellularChange::Ppp(PppService::Fails));
    scene.reach(State::CellularStopped, 10);
    assert_eq!(scene.stopped(), Some((State::CellularStopped, Cause::Ppp)));
    scene.happen(CellularChange::Ppp(PppService::default()));
    scene.reach(State::Connected, 75);
}

// spec: IFC-5
#[test]
fn a_new_address_within_a_session_is_no_loss() {
    let mut scene = Scene::connected(CELL0);
    let lease = Lease::new([10, 64, 0, 9].into(), 32);
    scene.happen(CellularChange::Ppp(PppService::Grants(lease)));
    scene.pass(1);
    assert_eq!(scene.states(), []);
    let ip = scene.manager.ip_config(CELL0).unwrap();
    assert_eq!(ip.prefix().to_string(), "10.64.0.9/32");
}

// spec: IFC-4, IFC-7, IFC-14
#[test]
fn a_modem_that_hangs_is_power_cycled_until_it_answers() {
    let mut scene = Scene::stable(CELL0);
    scene.happen(CellularChange::Hangs(true));
    scene.reach(State::CellularStopped, 61);
    // It dials a second time before it powers the modem up anew.
    scene.reach(State::CellularStoppedUnhappy, 75);
    let unhappy = Some((State::CellularStoppedUnhappy, Cause::TimedOut));
    assert_eq!(scene.stopped(), unhappy);
    scene.pass(3_600);
    assert_ne!(scene.state(), State::Connected);
    scene.happen(CellularChange::Hangs(false));
    scene.reach(State::Connected, 85);
}
