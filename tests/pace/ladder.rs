//! IFC-14 from the outside: where a retry begins, when it begins at the power-up, and what becomes
//! of a success that comes late.

use lankeeper::{InterfaceConfig, InterfaceId, Report, State};

use super::kind::lease;
use super::{CELL0, ETH0, STABLE_MS, WL0, millis};
use crate::support::Rig;

/// What ends a step without success.
#[derive(Clone, Copy, Debug)]
enum Failure {
    Report(Report),
    Silence,
}

use Failure::{Report as Reported, Silence};

/// A failed step: the state, the failure, the stopped state, and what the retry begins with.
type Step = (InterfaceId, State, Failure, State, &'static str);

const CODE: i32 = 7;

fn wifi() -> Vec<Step> {
    let stopped = State::WifiStopped;
    let at = |state, failure, command| (WL0, state, failure, stopped, command);
    let (scanning, joining) = (State::WifiScanning, State::WifiJoining);
    let (dhcping, connected) = (State::WifiDhcping, State::Connected);
    vec![
        at(
            scanning,
            Reported(Report::NetworkNotFound { code: CODE }),
            "scan",
        ),
        at(scanning, Silence, "scan"),
        at(joining, Reported(Report::WrongKey { code: CODE }), "scan"),
        at(
            joining,
            Reported(Report::JoinRejected { code: CODE }),
            "scan",
        ),
        at(joining, Silence, "power up"),
        at(
            dhcping,
            Reported(Report::LeaseRefused { code: CODE }),
            "start dhcp",
        ),
        at(dhcping, Silence, "start dhcp"),
        at(dhcping, Reported(Report::LinkLost { code: CODE }), "scan"),
        at(connected, Reported(Report::LeaseLost), "start dhcp"),
        at(
            connected,
            Reported(Report::LeaseRefused { code: CODE }),
            "start dhcp",
        ),
        at(connected, Reported(Report::LinkLost { code: CODE }), "scan"),
    ]
}

fn ethernet() -> Vec<Step> {
    let stopped = State::EthernetStopped;
    let (dhcping, connected) = (State::EthernetDhcping, State::Connected);
    let refused = Reported(Report::LeaseRefused { code: CODE });
    vec![
        (ETH0, dhcping, refused, stopped, "start dhcp"),
        (ETH0, dhcping, Silence, stopped, "start dhcp"),
        (
            ETH0,
            connected,
            Reported(Report::LeaseLost),
            stopped,
            "start dhcp",
        ),
        (ETH0, connected, refused, stopped, "start dhcp"),
    ]
}

fn cellular() -> Vec<Step> {
    let stopped = State::CellularStopped;
    let at = |state, failure, command| (CELL0, state, failure, stopped, command);
    let (sim, registering) = (State::CellularWaitingForSim, State::CellularRegistering);
    let (dialling, connected) = (State::CellularPppConnecting, State::Connected);
    vec![
        at(sim, Silence, "power up"),
        at(sim, Reported(Report::SimFailed { code: CODE }), "read sim"),
        at(registering, Silence, "register"),
        at(dialling, Reported(Report::PppDown { code: CODE }), "dial"),
        at(dialling, Silence, "dial"),
        at(dialling, Reported(Report::RegistrationLost), "register"),
        at(connected, Reported(Report::PppDown { code: CODE }), "dial"),
        at(connected, Reported(Report::RegistrationLost), "register"),
    ]
}

/// The steps in which silence or a fault means that the device hangs, with the stopped state.
fn hanging() -> Vec<Step> {
    let unhappy = [
        (WL0, State::WifiStoppedUnhappy),
        (ETH0, State::EthernetStoppedUnhappy),
        (CELL0, State::CellularStoppedUnhappy),
    ];
    let mut steps = Vec::new();
    for (id, stopped) in unhappy {
        steps.push((id, State::Starting, Silence, stopped, "power up"));
        let states: &[State] = match id {
            WL0 => &[
                State::Starting,
                State::WifiScanning,
                State::WifiJoining,
                State::WifiDhcping,
                State::Connected,
            ],
            ETH0 => &[
                State::Starting,
                State::EthernetLinkUp,
                State::EthernetDhcping,
                State::Connected,
            ],
            _ => &[
                State::Starting,
                State::CellularPinging,
                State::CellularWaitingForSim,
                State::CellularRegistering,
                State::CellularPppConnecting,
                State::Connected,
            ],
        };
        let fault = Reported(Report::Fault { code: CODE });
        steps.extend(
            states
                .iter()
                .map(|state| (id, *state, fault, stopped, "power up")),
        );
    }
    let (pinging, unhappy) = (State::CellularPinging, State::CellularStoppedUnhappy);
    steps.push((CELL0, pinging, Silence, unhappy, "power up"));
    steps
}

/// Lets the present step fail.
fn fail(rig: &mut Rig, failure: Failure) {
    match failure {
        Reported(report) => rig.report(report),
        Silence => {
            let deadline = rig.next_timer().unwrap();
            rig.go(deadline);
        }
    }
}

/// Waits for the end of the back-off.
fn retry(rig: &mut Rig) {
    let next = rig.next_timer().unwrap();
    rig.go(next);
    assert!(!rig.state().is_stopped(), "{}", rig.state());
}

// spec: IFC-14
#[test]
fn a_retry_begins_at_the_step_that_failed() {
    let mut wrong = Vec::new();
    for (id, state, failure, stopped, command) in [wifi(), ethernet(), cellular()].concat() {
        let mut rig = Rig::up_to(id, state);
        fail(&mut rig, failure);
        let (at, failed) = (rig.state(), rig.actions());
        if !at.is_stopped() {
            wrong.push(format!("{state}, {failure:?}: {at} instead of {stopped}"));
            continue;
        }
        let failed_at = rig.now;
        retry(&mut rig);
        let waited = rig.now.saturating_duration_since(failed_at);
        let began = rig.actions();
        // The retry leaves what lies below as it is. Below a scan there is only power, which a stop
        // leaves; how a power-up begins is not said.
        let is_left = match command {
            "power up" => true,
            "scan" => failed.iter().all(|action| *action == "stop"),
            _ => failed.is_empty(),
        };
        let is_right = at == stopped
            && is_left
            && began.last() == Some(&command)
            && (command == "power up" || began.len() == 1)
            && (millis(750)..=millis(1_000)).contains(&waited);
        if !is_right {
            wrong.push(format!(
                "{state}, {failure:?}: {at}, {failed:?}, then after {waited:?} {began:?}; \
                 expected {stopped}, [], {command}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

// spec: IFC-14, IFC-7
#[test]
fn a_device_that_hangs_begins_at_the_power_up() {
    for (id, state, failure, stopped, command) in hanging() {
        let mut rig = Rig::up_to(id, state);
        fail(&mut rig, failure);
        assert_eq!(rig.state(), stopped, "{id} {state}, {failure:?}");
        let mut commands = rig.actions();
        retry(&mut rig);
        commands.extend(rig.actions());
        assert!(
            commands.contains(&"power down"),
            "{id} {state}: {commands:?}"
        );
        assert_eq!(
            commands.last(),
            Some(&command),
            "{id} {state}: {commands:?}"
        );
    }
}

// spec: IFC-14
#[test]
fn ppp_that_is_silent_twice_in_a_row_hangs() {
    let mut rig = Rig::up_to(CELL0, State::CellularPppConnecting);
    fail(&mut rig, Silence);
    retry(&mut rig);
    assert_eq!(rig.actions(), ["dial"]);
    fail(&mut rig, Silence);
    retry(&mut rig);
    assert_eq!(rig.actions().last(), Some(&"power up"));
    // An answer between them breaks the row.
    let mut rig = Rig::up_to(CELL0, State::CellularPppConnecting);
    for failure in [Silence, Reported(Report::PppDown { code: CODE }), Silence] {
        fail(&mut rig, failure);
        retry(&mut rig);
        assert_eq!(rig.actions(), ["dial"], "{failure:?}");
    }
}

/// The last step of each medium, a refusal of it, and its command.
fn last_steps() -> [(InterfaceId, State, Report, &'static str); 3] {
    let refused = Report::LeaseRefused { code: CODE };
    let down = Report::PppDown { code: CODE };
    [
        (WL0, State::WifiDhcping, refused, "start dhcp"),
        (ETH0, State::EthernetDhcping, refused, "start dhcp"),
        (CELL0, State::CellularPppConnecting, down, "dial"),
    ]
}

/// Refuses the present step, and returns whether the retry begins at the power-up. Between the two
/// a power-down has to come, for it alone resets a device.
fn refuse(rig: &mut Rig, refusal: Report, command: &str) -> bool {
    rig.report(refusal);
    let mut commands = rig.actions();
    retry(rig);
    commands.extend(rig.actions());
    match commands.last() {
        Some(&"power up") => {
            assert!(commands.contains(&"power down"), "{commands:?}");
            true
        }
        last => {
            assert_eq!((last, commands.len()), (Some(&command), 1), "{commands:?}");
            false
        }
    }
}

// spec: IFC-14
#[test]
fn the_retry_after_four_failed_tries_is_a_power_cycle() {
    for (id, state, refusal, command) in last_steps() {
        let mut rig = Rig::up_to(id, state);
        let mut cycles = Vec::new();
        for _ in 0..12 {
            let is_cycle = refuse(&mut rig, refusal, command);
            cycles.push(is_cycle);
            if is_cycle {
                rig.come_up_to(state);
            }
        }
        let fourth = [false, false, false, true];
        assert_eq!(cycles, [fourth; 3].concat(), "{id}");
    }
}

// spec: IFC-14
#[test]
fn the_number_of_tries_before_a_power_cycle_is_a_setting() {
    for (id, state, refusal, command) in last_steps() {
        for tries in [0, 1, 2, 3, 5, 9] {
            let mut config = InterfaceConfig::new(id);
            config.power_cycle_after = tries;
            let mut rig = Rig::with(config);
            rig.open();
            rig.come_up_to(state);
            let first = (1..=30).find(|_| refuse(&mut rig, refusal, command));
            let expected = Some(tries).filter(|tries| *tries > 0);
            assert_eq!(first, expected, "{id}");
        }
    }
}

// spec: IFC-14
#[test]
fn stability_begins_the_count_anew_and_less_does_not() {
    for (id, state, refusal, command) in last_steps() {
        for (held, until_cycle) in [(STABLE_MS - 1, 1), (STABLE_MS, 4)] {
            let mut rig = Rig::up_to(id, state);
            for _ in 0..2 {
                assert!(!refuse(&mut rig, refusal, command), "{id}");
            }
            rig.come_up_to(State::Connected);
            rig.pass(millis(held));
            // A loss: at once the last step again, or the third failed try.
            let loss = match id {
                CELL0 => Report::PppDown { code: CODE },
                _ => Report::LeaseLost,
            };
            rig.report(loss);
            if held < STABLE_MS {
                retry(&mut rig);
            }
            assert_eq!(rig.actions().last(), Some(&command), "{id} {held}");
            let cycle = (1..=10).find(|_| refuse(&mut rig, refusal, command));
            assert_eq!(cycle, Some(until_cycle), "{id} {held}");
        }
    }
}

// spec: IFC-14
#[test]
fn looks_for_the_carrier_do_not_count() {
    let mut rig = Rig::up_to(ETH0, State::EthernetLinkUp);
    for _ in 0..20 {
        rig.report(Report::CarrierDown);
        let stopped_at = rig.now;
        while rig.state() == State::EthernetStoppedNoLink {
            let next = rig.next_timer().unwrap();
            rig.go(next);
        }
        assert_eq!(rig.actions(), ["start link"]);
        let waited = rig.now.saturating_duration_since(stopped_at);
        // The longest delay, and no more than a back-off before it.
        let expected = millis(45_000)..=millis(120_000);
        assert!(expected.contains(&waited), "{waited:?}");
        rig.notices();
    }
    // Nor do they lengthen the back-off.
    rig.report(Report::CarrierUp);
    rig.report(Report::LeaseRefused { code: CODE });
    let refused_at = rig.now;
    retry(&mut rig);
    let waited = rig.now.saturating_duration_since(refused_at);
    assert!(waited <= millis(1_000), "{waited:?}");
}

/// A step that is outwaited, what comes after all, and where that leads at the end of the back-off.
fn late() -> [(InterfaceId, State, Report, State, &'static [&'static str]); 4] {
    [
        (
            WL0,
            State::WifiDhcping,
            Report::Lease(lease()),
            State::Connected,
            &[],
        ),
        (
            ETH0,
            State::EthernetDhcping,
            Report::Lease(lease()),
            State::Connected,
            &[],
        ),
        (
            CELL0,
            State::CellularRegistering,
            Report::Registered,
            State::CellularPppConnecting,
            &["dial"],
        ),
        (
            CELL0,
            State::CellularPppConnecting,
            Report::PppUp(lease()),
            State::Connected,
            &[],
        ),
    ]
}

// spec: IFC-14
#[test]
fn a_success_that_comes_late_is_used_at_the_end_of_the_back_off() {
    for (id, state, success, then, commands) in late() {
        for wait in [0, 1, 100, 700] {
            let mut rig = Rig::up_to(id, state);
            fail(&mut rig, Silence);
            let stopped = rig.state();
            assert!(stopped.is_stopped(), "{id} {state}");
            assert_eq!(
                rig.actions(),
                [] as [&str; 0],
                "{id} {state}: its reports count"
            );
            rig.pass(millis(wait));
            rig.report(success);
            assert_eq!(rig.state(), stopped, "{id} {state}: not before the end");
            retry(&mut rig);
            assert_eq!(rig.state(), then, "{id} {state} {wait}");
            assert_eq!(rig.actions(), commands, "{id} {state} {wait}");
        }
    }
}

// spec: IFC-14
#[test]
fn a_success_that_is_lost_again_is_not_used() {
    let losses = [
        Report::LeaseLost,
        Report::LeaseLost,
        Report::RegistrationLost,
        Report::PppDown { code: CODE },
    ];
    for ((id, state, success, ..), loss) in late().into_iter().zip(losses) {
        let mut rig = Rig::up_to(id, state);
        fail(&mut rig, Silence);
        rig.report(success);
        rig.report(loss);
        retry(&mut rig);
        assert_eq!(rig.state(), state, "{id} {state}");
        assert_eq!(rig.actions().len(), 1, "{id} {state}");
    }
}

// spec: IFC-14
#[test]
fn what_is_lost_below_takes_the_retry_down_to_it() {
    let refused = Report::LeaseRefused { code: CODE };
    let down = Report::PppDown { code: CODE };
    for (id, state, failure, below, command) in [
        (
            WL0,
            State::WifiDhcping,
            refused,
            Report::LinkLost { code: CODE },
            "scan",
        ),
        (
            CELL0,
            State::CellularPppConnecting,
            down,
            Report::RegistrationLost,
            "register",
        ),
    ] {
        let mut rig = Rig::up_to(id, state);
        rig.report(failure);
        let stopped = rig.state();
        rig.report(below);
        assert_eq!(rig.state(), stopped, "{id}");
        retry(&mut rig);
        assert_eq!(rig.actions(), [command], "{id}");
    }
}

// spec: IFC-14
#[test]
fn a_carrier_or_driver_that_is_gone_meanwhile_shows_at_once() {
    let mut rig = Rig::up_to(ETH0, State::EthernetDhcping);
    rig.report(Report::LeaseRefused { code: CODE });
    assert_eq!(rig.state(), State::EthernetStopped);
    rig.report(Report::CarrierDown);
    assert_eq!(rig.state(), State::EthernetStoppedNoLink);
    for (id, state, refusal, _) in last_steps() {
        let mut rig = Rig::up_to(id, state);
        rig.report(refusal);
        rig.report(Report::Fault { code: CODE });
        let unhappy = match id {
            WL0 => State::WifiStoppedUnhappy,
            ETH0 => State::EthernetStoppedUnhappy,
            _ => State::CellularStoppedUnhappy,
        };
        assert_eq!(rig.state(), unhappy, "{id}");
        retry(&mut rig);
        assert_eq!(rig.actions().last(), Some(&"power up"), "{id}");
    }
}

// spec: IFC-5, IFC-14
#[test]
fn an_address_that_somebody_else_has_is_asked_for_again_after_ten_seconds() {
    for (id, state) in [(WL0, State::WifiDhcping), (ETH0, State::EthernetDhcping)] {
        for state in [state, State::Connected] {
            let mut rig = Rig::up_to(id, state);
            let ticket = rig.latest(&["start dhcp"]).unwrap();
            rig.report_as(ticket, Report::AddressConflict);
            assert!(rig.state().is_stopped(), "{id} {state}");
            let reported_at = rig.now;
            retry(&mut rig);
            let waited = rig.now.saturating_duration_since(reported_at);
            assert!(waited >= millis(10_000), "{id} {state}: {waited:?}");
            assert_eq!(rig.actions(), ["start dhcp"], "{id} {state}");
        }
    }
}

// spec: IFC-14
#[test]
fn what_the_last_holder_left_begins_at_the_power_up() {
    for (id, state, refusal, _) in last_steps() {
        let mut rig = Rig::with(InterfaceConfig::new(id));
        let handle = rig.open();
        rig.come_up_to(state);
        rig.report(refusal);
        rig.manager.close(rig.now, handle);
        rig.commands();
        rig.open();
        assert_eq!(rig.actions(), ["power up"], "{id}");
    }
}
