//! IFC-6 from the outside: a loss after a stable connection, and one a step earlier.

use lankeeper::{Cause, Duration, InterfaceConfig, InterfaceId, Recovery, Report, State};

use super::{CELL0, ETH0, STABLE_MS, WL0, millis};
use crate::support::Rig;

/// A loss, where it stops the interface, and the way back that the table takes by itself.
fn losses() -> Vec<(InterfaceId, Report, State, State, &'static str)> {
    let code = 7;
    vec![
        (
            WL0,
            Report::LinkLost { code },
            State::WifiStopped,
            State::WifiScanning,
            "scan",
        ),
        (
            WL0,
            Report::LeaseLost,
            State::WifiStopped,
            State::WifiDhcping,
            "start dhcp",
        ),
        (
            WL0,
            Report::LeaseRefused { code },
            State::WifiStopped,
            State::WifiDhcping,
            "start dhcp",
        ),
        (
            ETH0,
            Report::LeaseLost,
            State::EthernetStopped,
            State::EthernetDhcping,
            "start dhcp",
        ),
        (
            CELL0,
            Report::RegistrationLost,
            State::CellularStopped,
            State::CellularRegistering,
            "register",
        ),
        (
            CELL0,
            Report::PppDown { code },
            State::CellularStopped,
            State::CellularPppConnecting,
            "dial",
        ),
    ]
}

/// An interface that has been CONNECTED for so many milliseconds; all outputs are taken.
fn connected_for(id: InterfaceId, held: u64) -> Rig {
    let mut rig = Rig::up_to(id, State::Connected);
    rig.pass(millis(held));
    rig.commands();
    rig.notices();
    rig
}

// spec: IFC-6
#[test]
fn a_way_back_is_taken_at_once_only_after_the_stability_time() {
    for (id, loss, _, back, command) in losses() {
        for held in [STABLE_MS, STABLE_MS + 1] {
            let mut rig = connected_for(id, held);
            rig.report(loss);
            assert_eq!(rig.states(), [back], "{id} {loss:?} after {held} ms");
            assert_eq!(rig.actions(), [command], "{id} {loss:?}");
        }
    }
}

// spec: IFC-6, IFC-14
#[test]
fn a_loss_before_the_stability_time_counts_as_a_failed_try() {
    for (id, loss, stopped, back, command) in losses() {
        for held in [0, 1, 59_999, 60_000, STABLE_MS - 1] {
            let mut rig = connected_for(id, held);
            rig.report(loss);
            assert_eq!(rig.states(), [stopped], "{id} {loss:?} after {held} ms");
            let ended = rig.actions();
            // Below a scan there is nothing but power, which a stop leaves.
            let is_left = ended.is_empty() || (command == "scan" && ended == ["stop"]);
            assert!(is_left, "{id} {loss:?}: {ended:?}");
            let reason = rig.manager.reason(id).unwrap();
            assert!(
                !matches!(reason.cause, Cause::Closed | Cause::Fault),
                "{reason}"
            );
            let (lost, retry) = (rig.now, rig.next_timer().unwrap());
            let wait = retry.saturating_duration_since(lost);
            assert!(
                (millis(750)..=millis(1_000)).contains(&wait),
                "{id} {loss:?}: {wait:?}"
            );
            rig.go(retry);
            assert_eq!(rig.states(), [back], "{id} {loss:?}");
            assert_eq!(rig.actions(), [command], "{id} {loss:?}");
        }
    }
}

// spec: IFC-6
#[test]
fn losses_lengthen_the_back_off_until_connected_was_stable() {
    for (id, loss, ..) in losses() {
        let mut rig = connected_for(id, 0);
        let mut wait_after = |held: u64| {
            rig.come_up();
            assert_eq!(rig.state(), State::Connected, "{id} {loss:?}");
            rig.pass(millis(held));
            rig.report(loss);
            assert!(rig.state().is_stopped(), "{id} {loss:?}");
            let lost = rig.now;
            let retry = rig.next_timer().unwrap();
            rig.go(retry);
            retry.saturating_duration_since(lost).as_millis()
        };
        for full in [1_000, 2_000, 4_000, 8_000] {
            let wait = wait_after(STABLE_MS - 1);
            assert!(
                (full * 3 / 4..=full).contains(&wait),
                "{id} {loss:?}: {wait} of {full}"
            );
        }
        // Stable: the loss is taken at once, and what fails after it waits for a second again.
        rig.come_up();
        rig.pass(millis(STABLE_MS));
        rig.report(loss);
        assert!(!rig.state().is_stopped(), "{id} {loss:?}");
        rig.report(Report::Fault { code: 7 });
        let wait = rig.next_timer().unwrap().saturating_duration_since(rig.now);
        assert!(wait <= millis(1_000), "{id} {loss:?}: {wait:?}");
    }
}

/// Takes the carrier away and returns how long the interface waits when it is back so much later.
fn wait_for_carrier(rig: &mut Rig, back: u64) -> Duration {
    rig.report(Report::CarrierDown);
    assert_eq!(rig.state(), State::EthernetStoppedNoLink);
    let lost = rig.now;
    rig.pass(millis(back));
    rig.report(Report::CarrierUp);
    while rig.state().is_stopped() {
        let next = rig.next_timer().unwrap();
        rig.go(next);
    }
    rig.now.saturating_duration_since(lost)
}

// spec: IFC-6
#[test]
fn a_carrier_that_returns_during_the_back_off_is_used_at_its_end() {
    for back in [0, 1, 100, 700] {
        let mut rig = Rig::up_to(ETH0, State::Connected);
        for full in [1_000, 2_000, 4_000, 8_000, 16_000] {
            let wait = wait_for_carrier(&mut rig, back).as_millis();
            assert!((full * 3 / 4..=full).contains(&wait), "{wait} of {full}");
            rig.come_up();
            assert_eq!(rig.state(), State::Connected);
        }
    }
}

// spec: IFC-6
#[test]
fn a_carrier_that_returns_after_the_back_off_is_used_at_once_and_lengthens_it() {
    let mut rig = Rig::up_to(ETH0, State::Connected);
    // The back-offs of 1 s to 8 s are over when the carrier is back.
    for back in [1_001, 2_001, 4_001, 8_001] {
        assert_eq!(wait_for_carrier(&mut rig, back), millis(back));
        rig.come_up();
        assert_eq!(rig.state(), State::Connected);
    }
    let wait = wait_for_carrier(&mut rig, 0).as_millis();
    assert!((12_000..=16_000).contains(&wait), "{wait}");
}

// spec: IFC-6
#[test]
fn a_carrier_that_is_gone_again_is_not_noted_any_more() {
    let mut rig = Rig::up_to(ETH0, State::Connected);
    for report in [Report::CarrierDown, Report::CarrierUp, Report::CarrierDown] {
        rig.report(report);
    }
    rig.pass(millis(1_000));
    assert_eq!(rig.state(), State::EthernetStoppedNoLink);
}

// spec: IFC-6
#[test]
fn a_link_lost_before_connected_counts_as_a_failed_try() {
    let code = 7;
    for (id, state, loss, stopped, command) in [
        (
            WL0,
            State::WifiDhcping,
            Report::LinkLost { code },
            State::WifiStopped,
            "scan",
        ),
        (
            CELL0,
            State::CellularPppConnecting,
            Report::RegistrationLost,
            State::CellularStopped,
            "register",
        ),
    ] {
        let mut rig = Rig::up_to(id, state);
        rig.report(loss);
        assert_eq!(rig.states(), [stopped], "{id}");
        let retry = rig.next_timer().unwrap();
        assert!(retry >= rig.now.saturating_add(millis(750)), "{id}");
        rig.go(retry);
        assert_eq!(rig.actions().last(), Some(&command), "{id}");
    }
}

// spec: IFC-6, IFC-7
#[test]
fn under_manual_recovery_every_loss_stops_the_interface() {
    for (id, loss, stopped, ..) in losses() {
        for held in [0, STABLE_MS - 1, STABLE_MS, 10 * STABLE_MS] {
            let mut config = InterfaceConfig::new(id);
            config.recovery = Recovery::Manual;
            let mut rig = Rig::with(config);
            rig.open();
            rig.come_up_to(State::Connected);
            rig.pass(millis(held));
            rig.report(loss);
            assert_eq!(rig.states(), [stopped], "{id} {loss:?} after {held} ms");
            assert_eq!(rig.next_timer(), None, "{id} {loss:?}");
        }
    }
}
