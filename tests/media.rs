//! Behaviour that all media share.

use lankeeper::interface::Step;
use lankeeper::{
    Cause, Duration, Instant, InterfaceConfig, InterfaceId, Medium, Notice, Recovery, Report, Span,
    State,
};

use crate::support::{Rig, good_answer};

const MEDIA: [InterfaceId; 3] = [
    InterfaceId::WIFI,
    InterfaceId::ETHERNET,
    InterfaceId::CELLULAR,
];

/// The states before CONNECTED in which the interface waits for a report.
fn coming_up(id: InterfaceId) -> &'static [State] {
    match id.medium() {
        Medium::Wifi => &[
            State::Starting,
            State::WifiScanning,
            State::WifiJoining,
            State::WifiDhcping,
        ],
        Medium::Ethernet => &[
            State::Starting,
            State::EthernetLinkUp,
            State::EthernetDhcping,
        ],
        Medium::Cellular => &[
            State::Starting,
            State::CellularPinging,
            State::CellularWaitingForSim,
            State::CellularRegistering,
            State::CellularPppConnecting,
        ],
    }
}

fn stopped(id: InterfaceId) -> State {
    match id.medium() {
        Medium::Wifi => State::WifiStopped,
        Medium::Ethernet => State::EthernetStopped,
        Medium::Cellular => State::CellularStopped,
    }
}

fn unhappy(id: InterfaceId) -> State {
    match id.medium() {
        Medium::Wifi => State::WifiStoppedUnhappy,
        Medium::Ethernet => State::EthernetStoppedUnhappy,
        Medium::Cellular => State::CellularStoppedUnhappy,
    }
}

fn rig(id: InterfaceId) -> Rig {
    Rig::with(InterfaceConfig::new(id))
}

// spec: IFC-1, IFC-2, IFC-9
#[test]
fn each_medium_comes_up_step_by_step() {
    let sequences: [(&[State], &[&str]); 3] = [
        (
            &[
                State::Starting,
                State::WifiScanning,
                State::WifiJoining,
                State::WifiLinkUp,
                State::WifiDhcping,
                State::Connected,
            ],
            &["power up", "scan", "join", "start dhcp"],
        ),
        (
            &[
                State::Starting,
                State::EthernetLinkUp,
                State::EthernetDhcping,
                State::Connected,
            ],
            &["power up", "start link", "start dhcp"],
        ),
        (
            &[
                State::Starting,
                State::CellularPinging,
                State::CellularWaitingForSim,
                State::CellularRegistering,
                State::CellularPppConnecting,
                State::Connected,
            ],
            &["power up", "ping modem", "read sim", "register", "dial"],
        ),
    ];
    for (id, (states, actions)) in MEDIA.into_iter().zip(sequences) {
        let mut rig = rig(id);
        rig.open();
        rig.come_up();
        assert_eq!(rig.states(), states);
        assert_eq!(rig.actions(), actions);
        assert!(rig.manager.ip_config(id).is_some());
    }
}

// spec: IFC-2, IFC-4
#[test]
fn each_step_ends_at_its_deadline_and_not_a_microsecond_before() {
    let (wifi, cellular) = (InterfaceId::WIFI, InterfaceId::CELLULAR);
    let cases = [
        (wifi, State::Starting, 10, unhappy(wifi), Step::Power),
        (wifi, State::WifiScanning, 15, stopped(wifi), Step::Scan),
        (wifi, State::WifiJoining, 20, stopped(wifi), Step::Join),
        (wifi, State::WifiDhcping, 30, stopped(wifi), Step::Dhcp),
        (
            cellular,
            State::Starting,
            10,
            unhappy(cellular),
            Step::Power,
        ),
        (
            cellular,
            State::CellularPinging,
            30,
            unhappy(cellular),
            Step::Modem,
        ),
        (
            cellular,
            State::CellularWaitingForSim,
            30,
            stopped(cellular),
            Step::Sim,
        ),
        (
            cellular,
            State::CellularRegistering,
            180,
            stopped(cellular),
            Step::Registration,
        ),
        (
            cellular,
            State::CellularPppConnecting,
            60,
            stopped(cellular),
            Step::Ppp,
        ),
    ];
    for (id, state, secs, ends_in, step) in cases {
        let mut rig = Rig::up_to(id, state);
        let deadline = Instant::EPOCH.saturating_add(Duration::from_secs(secs));
        assert_eq!(rig.next_timer(), Some(deadline), "{state}");
        rig.go(Instant::from_micros(deadline.as_micros() - 1));
        assert_eq!(rig.states(), []);
        rig.go(deadline);
        assert_eq!(rig.states(), [ends_in]);
        let reason = rig.manager.reason(id).unwrap();
        assert_eq!((reason.cause, reason.step), (Cause::TimedOut, Some(step)));
    }
}

// spec: IFC-2
#[test]
fn every_deadline_can_be_set() {
    for id in MEDIA {
        let mut config = InterfaceConfig::new(id);
        let of = &mut config.step_timeouts;
        let fields = [
            &mut of.start,
            &mut of.scan,
            &mut of.join,
            &mut of.wps,
            &mut of.link,
            &mut of.dhcp,
            &mut of.modem,
            &mut of.sim,
            &mut of.registration,
            &mut of.ppp,
        ];
        for (number, field) in (1..).zip(fields) {
            *field = Span::from_millis(number).unwrap();
        }
        let expected: &[u64] = match id.medium() {
            Medium::Wifi => &[1, 2, 3, 6],
            Medium::Ethernet => &[1, 5, 6],
            Medium::Cellular => &[1, 7, 8, 9, 10],
        };
        for (state, millis) in coming_up(id).iter().zip(expected) {
            let mut rig = Rig::with(config);
            rig.open();
            rig.come_up_to(*state);
            assert_eq!(
                rig.next_timer(),
                Some(Instant::from_micros(*millis * 1_000)),
                "{state}"
            );
        }
    }
}

// spec: IFC-4, IFC-14
#[test]
fn each_failure_has_its_state_and_its_reason() {
    let (wifi, cellular) = (InterfaceId::WIFI, InterfaceId::CELLULAR);
    let denied = State::CellularRegistrationDenied;
    let cases = [
        (
            wifi,
            State::WifiScanning,
            Report::NetworkNotFound { code: 5 },
            stopped(wifi),
            Cause::NotFound,
        ),
        (
            wifi,
            State::WifiJoining,
            Report::WrongKey { code: 5 },
            stopped(wifi),
            Cause::WrongCredentials,
        ),
        (
            wifi,
            State::WifiJoining,
            Report::JoinRejected { code: 5 },
            stopped(wifi),
            Cause::Rejected,
        ),
        (
            wifi,
            State::WifiDhcping,
            Report::LeaseRefused { code: 5 },
            stopped(wifi),
            Cause::NoAddress,
        ),
        (
            cellular,
            State::CellularWaitingForSim,
            Report::SimFailed { code: 5 },
            stopped(cellular),
            Cause::Sim,
        ),
        (
            cellular,
            State::CellularRegistering,
            Report::RegistrationDenied { code: 5 },
            denied,
            Cause::RegistrationDenied,
        ),
        (
            cellular,
            State::CellularPppConnecting,
            Report::PppDown { code: 5 },
            stopped(cellular),
            Cause::Ppp,
        ),
    ];
    for (id, state, report, ends_in, cause) in cases {
        let mut rig = Rig::up_to(id, state);
        rig.report(report);
        let reason = rig.manager.reason(id).unwrap();
        assert_eq!((reason.cause, reason.code), (cause, Some(5)));
        assert_eq!(
            rig.notices(),
            [Notice::StateChanged {
                interface: id,
                state: ends_in,
                reason: Some(reason)
            }]
        );
        // Nothing below the failed step is ended (IFC-14): only a scan or join is stopped.
        let in_layer_1 = matches!(state, State::WifiScanning | State::WifiJoining);
        assert_eq!(
            rig.actions(),
            ["stop"][usize::from(!in_layer_1)..],
            "{state}"
        );
        assert!(rig.next_timer().is_some(), "a retry is scheduled");
    }
}

// spec: IFC-4
#[test]
fn a_fault_in_any_step_ends_in_unhappy_and_powers_down() {
    for id in MEDIA {
        for state in coming_up(id).iter().chain(&[State::Connected]) {
            let mut rig = Rig::up_to(id, *state);
            rig.report(Report::Fault { code: -7 });
            assert_eq!(rig.states(), [unhappy(id)], "{state}");
            assert_eq!(rig.cause(), Some(Cause::Fault));
            assert_eq!(rig.actions(), ["stop", "power down"]);
        }
    }
}

// spec: IFC-6
#[test]
fn a_loss_steps_back_no_further_than_needed_and_reports_why() {
    let (wifi, cellular) = (InterfaceId::WIFI, InterfaceId::CELLULAR);
    let cases = [
        (
            wifi,
            Report::LinkLost { code: 3 },
            State::WifiScanning,
            Cause::LinkLost,
            "scan",
        ),
        (
            wifi,
            Report::LeaseLost,
            State::WifiDhcping,
            Cause::LeaseLost,
            "start dhcp",
        ),
        (
            cellular,
            Report::RegistrationLost,
            State::CellularRegistering,
            Cause::RegistrationLost,
            "register",
        ),
        (
            cellular,
            Report::PppDown { code: 3 },
            State::CellularPppConnecting,
            Cause::Ppp,
            "dial",
        ),
    ];
    for (id, report, back_to, cause, action) in cases {
        let mut rig = Rig::up_to(id, State::Connected);
        assert_eq!(rig.manager.loss(id), None);
        rig.prove_stable();
        rig.report(report);
        let loss = rig.manager.loss(id).unwrap();
        assert_eq!(loss.cause, cause);
        assert_eq!(
            rig.notices(),
            [Notice::StateChanged {
                interface: id,
                state: back_to,
                reason: Some(loss)
            }]
        );
        assert_eq!(rig.actions(), [action]);
        rig.come_up();
        assert_eq!(rig.state(), State::Connected);
        assert_eq!(
            rig.manager.loss(id),
            Some(loss),
            "the reason of the loss is kept"
        );
    }
}

// spec: IFC-8, IFC-12
#[test]
fn the_last_close_stops_any_state_and_nothing_follows() {
    for id in MEDIA {
        for state in coming_up(id).iter().chain(&[State::Connected]) {
            let mut rig = rig(id);
            let handle = rig.open();
            rig.come_up_to(*state);
            rig.manager.close(rig.now, handle);
            assert_eq!(rig.states(), [stopped(id)]);
            assert_eq!(rig.cause(), Some(Cause::Closed));
            assert_eq!(rig.actions(), ["stop", "power down"]);
            assert_eq!(rig.next_timer(), None);
            rig.report(good_answer(*state).unwrap_or(Report::LeaseLost));
            rig.pass(Duration::from_secs(1_000_000));
            assert_eq!(
                (rig.actions().len(), rig.notices().len()),
                (0, 0),
                "{state}"
            );
        }
    }
}

// spec: IFC-10
#[test]
fn a_late_or_second_answer_changes_nothing() {
    for id in MEDIA {
        for state in coming_up(id) {
            let answer = good_answer(*state).unwrap();
            // The same answer twice in a row.
            let mut rig = Rig::up_to(id, *state);
            let ticket = rig.ticket(answer);
            rig.report(answer);
            let next = rig.state();
            rig.report_as(ticket, answer);
            assert_eq!(rig.state(), next, "{state} again");
            // The same answer after a fault and a retry.
            rig.report(Report::Fault { code: 0 });
            let retry = rig.next_timer().unwrap();
            rig.go(retry);
            rig.come_up_to(*state);
            let stale = rig.manager.ignored(id).unwrap().stale;
            rig.report_as(ticket, answer);
            assert_eq!(
                (rig.state(), rig.states().len()),
                (*state, 0),
                "{state} late"
            );
            assert_eq!(rig.manager.ignored(id).unwrap().stale, stale + 1);
        }
    }
}

// spec: IFC-7
#[test]
fn a_flapping_link_neither_resets_the_back_off_nor_ends_recovery() {
    for id in MEDIA {
        let mut rig = rig(id);
        rig.open();
        let mut waits = Vec::new();
        for _ in 0..100 {
            rig.come_up();
            rig.pass(Duration::from_micros(299_999_999));
            rig.report(Report::Fault { code: 0 });
            let retry = rig.next_timer().unwrap();
            waits.push(retry.saturating_duration_since(rig.now).as_secs());
            rig.go(retry);
            rig.notices();
        }
        assert!(
            waits[10..].iter().all(|wait| (45..=60).contains(wait)),
            "{waits:?}"
        );
    }
}

// spec: IFC-7, IFC-11
#[test]
fn under_manual_recovery_only_a_request_starts_again() {
    for id in MEDIA {
        let mut config = InterfaceConfig::new(id);
        config.recovery = Recovery::Manual;
        let mut rig = Rig::with(config);
        let handle = rig.open();
        rig.report(Report::Ready);
        rig.report(Report::Fault { code: 0 });
        rig.pass(Duration::from_secs(1_000_000));
        assert_eq!(rig.state(), unhappy(id));
        assert_eq!(rig.next_timer(), None);
        rig.manager.retry(rig.now, handle).unwrap();
        rig.come_up();
        assert_eq!(rig.state(), State::Connected);
    }
}
