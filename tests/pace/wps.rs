//! IFC-17 and IFC-18 from the outside: Wi-Fi Protected Setup without a network, and drivers that
//! find and join in one.

use lankeeper::{Cause, Instant, InterfaceConfig, InterfaceId, Nic, Report, State};

use super::device::{Device, config};
use super::kind::Kind;
use super::world::{Later, World};
use super::{WL0, after};
use crate::support::Rig;

const CODE: i32 = 7;

/// A radio that waits without a network; all outputs are taken.
fn without_network() -> Rig {
    let mut rig = Rig::with(InterfaceConfig::new(WL0));
    rig.manager
        .open(rig.now, &Nic::named("wl0").unwrap())
        .unwrap();
    rig.report(Report::Ready);
    assert_eq!(rig.state(), State::WifiStopped);
    assert_eq!(rig.cause(), Some(Cause::NoCredentials));
    rig
}

// spec: IFC-17
#[test]
fn wps_works_without_a_stored_network() {
    let mut rig = without_network();
    let actions = rig.actions();
    assert!(
        !actions.contains(&"power down"),
        "the radio stays on: {actions:?}"
    );
    rig.notices();
    rig.report(Report::WpsStarted);
    assert_eq!(rig.states(), [State::WifiWpsing]);
    assert_eq!(rig.actions(), ["wps"]);
    rig.come_up();
    assert_eq!(rig.state(), State::Connected);
}

/// A button that is pressed without end, and a setup that is always refused.
struct Pressed(Option<Report>);

impl World for Pressed {
    fn answer(&mut self, _: Instant, _: InterfaceId, kind: Kind) -> Vec<Later<Report>> {
        match kind {
            Kind::Wps => self.0.map(|report| (0, report)).into_iter().collect(),
            _ => kind.succeeds(0),
        }
    }

    fn entered(&mut self, _: Instant, _: InterfaceId, state: State) -> Vec<Later<Report>> {
        match state {
            State::Connected => vec![(0, Report::LinkLost { code: CODE })],
            state if state.is_stopped() => vec![(0, Report::WpsStarted)],
            _ => Vec::new(),
        }
    }

    fn wake(&mut self, now: Instant) -> (Vec<(InterfaceId, Report)>, Option<Instant>) {
        (vec![(WL0, Report::WpsStarted)], Some(after(now, 997)))
    }
}

// spec: IFC-17, IFC-13
#[test]
fn a_button_that_is_pressed_without_end_keeps_the_pace() {
    let answers = [
        None,
        Some(Report::Joined),
        Some(Report::WrongKey { code: CODE }),
        Some(Report::JoinRejected { code: CODE }),
        Some(Report::LinkLost { code: CODE }),
        Some(Report::Fault { code: CODE }),
    ];
    for has_network in [false, true] {
        for answer in answers {
            let name = format!("pressed, {has_network}, {answer:?}");
            let mut device = Device::new(&name, 0, &config(0, [WL0]));
            if !has_network {
                let parts = lankeeper::stored::StoredParts::WIFI;
                device.manager.clear_stored(device.now, parts);
            }
            device.open(WL0);
            let result = device.run(&mut Pressed(answer), after(Instant::EPOCH, 4 * 3_600_000));
            result.unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

// spec: IFC-18
#[test]
fn not_found_and_wrong_key_answer_a_scan_and_a_join() {
    let not_found = Report::NetworkNotFound { code: CODE };
    let wrong_key = Report::WrongKey { code: CODE };
    for (report, cause) in [
        (not_found, Cause::NotFound),
        (wrong_key, Cause::WrongCredentials),
    ] {
        for (state, action) in [(State::WifiScanning, "scan"), (State::WifiJoining, "join")] {
            let mut rig = Rig::up_to(WL0, state);
            let ticket = rig.latest(&[action]).unwrap();
            rig.report_as(ticket, report);
            assert_eq!(rig.state(), State::WifiStopped, "{state} {report:?}");
            assert_eq!(rig.cause(), Some(cause), "{state} {report:?}");
            rig.commands();
            let retry = rig.next_timer().unwrap();
            rig.go(retry);
            assert_eq!(rig.actions(), ["scan"], "{state} {report:?}");
        }
    }
}
