//! An Ethernet interface: each step, and each failure of a step.

use core::net::Ipv4Addr;

use lankeeper::interface::{Step, Timer};
use lankeeper::manager::Wake;
use lankeeper::{
    Cause, Duration, Instant, InterfaceConfig, Lease, Notice, Recovery, Report, Span, State,
};

use crate::support::{ETH0, Rig, lease, secs};

const MICROSECOND: Duration = Duration::from_micros(1);

const STATES_UP_TO_CONNECTED: [State; 4] = [
    State::Starting,
    State::EthernetLinkUp,
    State::EthernetDhcping,
    State::Connected,
];

// spec: IFC-1, IFC-2, IFC-9
#[test]
fn comes_up_step_by_step_with_one_command_each() {
    let mut rig = Rig::new();
    assert_eq!(rig.state(), State::Unknown);
    rig.open();
    assert_eq!(rig.states(), [State::Starting]);
    assert_eq!(rig.actions(), ["power up"]);
    rig.report(Report::Ready);
    assert_eq!(rig.states(), [State::EthernetLinkUp]);
    assert_eq!(rig.actions(), ["start link"]);
    rig.report(Report::CarrierUp);
    assert_eq!(rig.states(), [State::EthernetDhcping]);
    assert_eq!(rig.actions(), ["start dhcp"]);
    rig.report(Report::Lease(lease()));
    assert_eq!(rig.states(), [State::Connected]);
    assert_eq!(rig.actions(), [""; 0]);
    let ip = rig.manager.ip_config(ETH0).unwrap();
    assert_eq!(ip.prefix().to_string(), "192.168.1.50/24");
    assert_eq!(ip.gateway(), Some(Ipv4Addr::new(192, 168, 1, 1)));
}

// spec: IFC-2, IFC-4, TIME-3
#[test]
fn each_step_ends_at_its_deadline_and_not_a_microsecond_before() {
    for (state, span, stopped, reason) in [
        (
            State::Starting,
            Duration::from_secs(10),
            State::EthernetStoppedUnhappy,
            (Cause::TimedOut, Step::Power),
        ),
        (
            State::EthernetLinkUp,
            Duration::from_secs(5),
            State::EthernetStoppedNoLink,
            (Cause::NoCarrier, Step::Link),
        ),
        (
            State::EthernetDhcping,
            Duration::from_secs(30),
            State::EthernetStopped,
            (Cause::TimedOut, Step::Dhcp),
        ),
    ] {
        let mut rig = Rig::up_to(ETH0, state);
        let deadline = Instant::EPOCH.saturating_add(span);
        assert_eq!(rig.next_timer(), Some(deadline));
        rig.go(Instant::from_micros(deadline.as_micros() - 1));
        assert_eq!((rig.state(), rig.states().len()), (state, 0));
        rig.go(deadline);
        assert_eq!(rig.states(), [stopped]);
        let (cause, step) = reason;
        let reason = rig.manager.reason(ETH0).unwrap();
        assert_eq!((reason.cause, reason.step), (cause, Some(step)));
        assert_eq!(reason.code, None);
    }
}

// spec: IFC-2
#[test]
fn deadlines_are_those_of_the_configuration() {
    let mut config = InterfaceConfig::new(ETH0);
    config.step_timeouts.start = Span::from_millis(7).unwrap();
    config.step_timeouts.link = Span::from_millis(11).unwrap();
    config.step_timeouts.dhcp = Span::from_millis(13).unwrap();
    let mut rig = Rig::with(config);
    rig.open();
    assert_eq!(rig.next_timer(), Some(Instant::from_micros(7_000)));
    rig.report(Report::Ready);
    assert_eq!(rig.next_timer(), Some(Instant::from_micros(11_000)));
    rig.report(Report::CarrierUp);
    assert_eq!(rig.next_timer(), Some(Instant::from_micros(13_000)));
}

// spec: IFC-4
#[test]
fn a_failure_is_reported_with_its_reason() {
    let cases = [
        (
            State::EthernetLinkUp,
            Report::CarrierDown,
            State::EthernetStoppedNoLink,
            Cause::NoCarrier,
            None,
        ),
        (
            State::EthernetDhcping,
            Report::LeaseRefused { code: 7 },
            State::EthernetStopped,
            Cause::NoAddress,
            Some(7),
        ),
    ];
    for (state, report, stopped, cause, code) in cases {
        let mut rig = Rig::up_to(ETH0, state);
        rig.report(report);
        assert_eq!(rig.states(), [stopped]);
        let reason = rig.manager.reason(ETH0).unwrap();
        assert_eq!((reason.cause, reason.code), (cause, code));
    }
    for state in STATES_UP_TO_CONNECTED {
        let mut rig = Rig::up_to(ETH0, state);
        rig.report(Report::Fault { code: -3 });
        assert_eq!(rig.states(), [State::EthernetStoppedUnhappy], "in {state}");
        let reason = rig.manager.reason(ETH0).unwrap();
        assert_eq!((reason.cause, reason.code), (Cause::Fault, Some(-3)));
        assert_eq!(reason.to_string(), "driver fault (code -3)");
        assert_eq!(rig.actions(), ["stop", "power down"]);
    }
}

// spec: IFC-5
#[test]
fn a_lease_without_a_usable_address_counts_as_refused() {
    let unusable = [
        Lease::new(Ipv4Addr::UNSPECIFIED, 24),
        Lease::new(Ipv4Addr::LOCALHOST, 8),
        Lease::new(Ipv4Addr::new(224, 0, 0, 1), 24),
        Lease::new(Ipv4Addr::new(240, 0, 0, 1), 24),
        Lease::new(Ipv4Addr::new(192, 168, 1, 0), 24),
        Lease::new(Ipv4Addr::new(192, 168, 1, 255), 24),
        Lease::new(Ipv4Addr::new(192, 168, 1, 1), 0),
        Lease::new(Ipv4Addr::new(192, 168, 1, 1), 33),
        Lease::new(Ipv4Addr::new(169, 254, 0, 0), 15),
        Lease::new(Ipv4Addr::new(169, 254, 7, 7), 16),
        Lease::new(Ipv4Addr::new(169, 254, 255, 255), 32),
    ];
    for lease in unusable {
        let mut rig = Rig::up_to(ETH0, State::EthernetDhcping);
        rig.report(Report::Lease(lease));
        assert_eq!(rig.states(), [State::EthernetStopped], "{lease:?}");
        assert_eq!(rig.cause(), Some(Cause::NoAddress));
        assert_eq!(rig.manager.ip_config(ETH0), None);
    }
}

// spec: IFC-5
#[test]
fn a_lease_of_31_or_32_bits_is_taken_with_its_gateway() {
    let gateway = Ipv4Addr::new(172, 31, 1, 1);
    for lease in [
        Lease::new(Ipv4Addr::new(10, 0, 0, 6), 31).with_gateway(Ipv4Addr::new(10, 0, 0, 7)),
        Lease::new(Ipv4Addr::new(10, 0, 0, 7), 31).with_gateway(Ipv4Addr::new(10, 0, 0, 6)),
        Lease::new(Ipv4Addr::new(10, 0, 0, 7), 32).with_gateway(gateway),
        Lease::new(Ipv4Addr::new(169, 253, 255, 255), 32).with_gateway(gateway),
        Lease::new(Ipv4Addr::new(169, 255, 0, 0), 32).with_gateway(gateway),
        Lease::new(Ipv4Addr::new(192, 168, 1, 50), 24).with_gateway(gateway),
    ] {
        let mut rig = Rig::up_to(ETH0, State::EthernetDhcping);
        rig.report(Report::Lease(lease));
        assert_eq!(rig.states(), [State::Connected], "{lease:?}");
        let ip = rig.manager.ip_config(ETH0).unwrap();
        assert_eq!(Some(ip), lease.config().ok());
        assert!(ip.gateway().is_some(), "{lease:?}");
    }
}

// spec: IFC-5
#[test]
fn a_renewed_lease_is_reported_only_if_it_changed_something() {
    let same = lease();
    let changed = [
        Lease::new(Ipv4Addr::new(192, 168, 1, 51), 24).with_gateway(Ipv4Addr::new(192, 168, 1, 1)),
        Lease::new(Ipv4Addr::new(192, 168, 1, 50), 25).with_gateway(Ipv4Addr::new(192, 168, 1, 1)),
        Lease::new(Ipv4Addr::new(192, 168, 1, 50), 24).with_gateway(Ipv4Addr::new(192, 168, 1, 2)),
        Lease::new(Ipv4Addr::new(192, 168, 1, 50), 24),
    ];
    let [first, second, bad] = [[192, 168, 1, 8], [192, 168, 1, 9], [224, 0, 0, 1]].map(Into::into);
    let mut rig = Rig::up_to(ETH0, State::Connected);
    // What is left out makes no difference.
    for again in [
        same,
        same.with_name_servers([bad]),
        same.with_name_servers([]),
    ] {
        rig.report(Report::Lease(again));
        assert_eq!(rig.notices(), []);
    }
    // Other name servers are one change each, and so is another order of them.
    for servers in [
        vec![first],
        vec![first, second],
        vec![second, first],
        vec![],
    ] {
        for expected in [1, 0] {
            rig.report(Report::Lease(same.with_name_servers(servers.clone())));
            let told = vec![Notice::AddressChanged { interface: ETH0 }; expected];
            assert_eq!(rig.notices(), told, "{servers:?}");
            let ip = rig.manager.ip_config(ETH0).unwrap();
            assert!(ip.name_servers().eq(servers.iter().copied()));
        }
    }
    for lease in changed {
        let mut rig = Rig::up_to(ETH0, State::Connected);
        rig.report(Report::Lease(lease));
        assert_eq!(rig.notices(), [Notice::AddressChanged { interface: ETH0 }]);
        assert_eq!(rig.state(), State::Connected);
        assert_eq!(rig.manager.ip_config(ETH0), lease.config().ok());
    }
}

// spec: IFC-6
#[test]
fn carrier_loss_stops_the_interface_and_the_carrier_resumes_it() {
    let mut rig = Rig::up_to(ETH0, State::Connected);
    rig.report(Report::CarrierDown);
    assert_eq!(rig.states(), [State::EthernetStoppedNoLink]);
    assert_eq!(rig.manager.ip_config(ETH0), None);
    rig.pass(Duration::from_millis(1));
    rig.report(Report::CarrierUp);
    assert_eq!(rig.states(), [], "noted until the back-off is over");
    rig.wait();
    assert_eq!(rig.states(), [State::EthernetLinkUp]);
    assert_eq!(rig.actions(), ["start link"]);
    rig.report(Report::CarrierUp);
    rig.report(Report::Lease(lease()));
    assert_eq!(rig.states(), [State::EthernetDhcping, State::Connected]);
}

// spec: IFC-6
#[test]
fn a_lost_lease_is_requested_again() {
    for report in [Report::LeaseLost, Report::LeaseRefused { code: 0 }] {
        let mut rig = Rig::up_to(ETH0, State::Connected);
        rig.prove_stable();
        rig.report(report);
        assert_eq!(rig.states(), [State::EthernetDhcping]);
        assert_eq!(rig.actions(), ["start dhcp"]);
        assert_eq!(rig.next_timer(), Some(secs(5 * 60 + 30)));
    }
}

// spec: IFC-8, IFC-12
#[test]
fn the_last_close_stops_and_powers_down_from_every_state_and_nothing_follows() {
    for state in STATES_UP_TO_CONNECTED {
        let mut rig = Rig::new();
        let handle = rig.open();
        for report in [Report::Ready, Report::CarrierUp, Report::Lease(lease())] {
            if rig.state() != state {
                rig.report(report);
            }
        }
        rig.commands();
        rig.notices();
        rig.manager.close(rig.now, handle);
        assert_eq!(rig.states(), [State::EthernetStopped]);
        assert_eq!(rig.manager.reason(ETH0).unwrap().cause, Cause::Closed);
        assert_eq!(rig.actions(), ["stop", "power down"]);
        assert_eq!(rig.next_timer(), None);
        rig.manager.close(rig.now, handle);
        rig.pass(Duration::from_secs(1_000_000));
        for report in [Report::Ready, Report::CarrierUp, Report::Lease(lease())] {
            rig.report(report);
        }
        assert_eq!((rig.actions().len(), rig.notices().len()), (0, 0));
    }
}

// spec: IFC-8, IFC-12
#[test]
fn a_close_ends_the_back_off() {
    let mut rig = Rig::new();
    let handle = rig.open();
    rig.report(Report::Ready);
    rig.report(Report::CarrierDown);
    rig.commands();
    assert!(rig.next_timer().is_some());
    rig.notices();
    rig.manager.close(rig.now, handle);
    assert_eq!(rig.states(), [State::EthernetStopped]);
    assert_eq!(rig.actions(), ["stop", "power down"]);
    assert_eq!(rig.next_timer(), None);
}

// spec: IFC-10
#[test]
fn answers_to_a_finished_step_change_nothing() {
    let mut rig = Rig::new();
    let handle = rig.open();
    rig.come_up();
    let power = rig.ticket(Report::Ready);
    let link = rig.ticket(Report::CarrierUp);
    let address = rig.ticket(Report::LeaseLost);
    rig.manager.close(rig.now, handle);
    rig.open();
    rig.commands();
    rig.notices();
    for (ticket, report) in [
        (power, Report::Ready),
        (link, Report::CarrierUp),
        (link, Report::CarrierDown),
        (address, Report::Lease(lease())),
        (address, Report::LeaseRefused { code: 1 }),
        (address, Report::LeaseLost),
        (power, Report::Fault { code: 1 }),
        (link, Report::Fault { code: 1 }),
        (address, Report::Fault { code: 1 }),
    ] {
        rig.report_as(ticket, report);
        assert_eq!(
            (rig.state(), rig.states().len()),
            (State::Starting, 0),
            "{report:?}"
        );
    }
    assert_eq!(rig.manager.ignored(ETH0).unwrap().stale, 9);
    rig.come_up();
    assert_eq!(rig.state(), State::Connected);
}

// spec: IFC-10
#[test]
fn a_lease_from_before_a_carrier_loss_is_not_accepted_after_it() {
    let mut rig = Rig::up_to(ETH0, State::EthernetDhcping);
    let link = rig.ticket(Report::CarrierUp);
    let address = rig.ticket(Report::LeaseLost);
    rig.report(Report::CarrierDown);
    rig.report(Report::CarrierUp);
    rig.wait();
    rig.report(Report::CarrierUp);
    assert_eq!(rig.state(), State::EthernetDhcping);
    rig.report_as(address, Report::Lease(lease()));
    rig.report_as(link, Report::CarrierDown);
    assert_eq!(rig.state(), State::EthernetDhcping);
    rig.report(Report::Lease(lease()));
    assert_eq!(rig.state(), State::Connected);
}

// spec: IFC-6, DRV-2
#[test]
fn a_watch_on_the_carrier_that_was_never_polled_is_still_wanted_without_a_link() {
    let mut rig = Rig::new();
    rig.open();
    rig.report(Report::Ready);
    // The step runs out before the backend has got its command.
    rig.pass(Duration::from_secs(5));
    assert_eq!(rig.state(), State::EthernetStoppedNoLink);
    assert_eq!(rig.actions(), ["power up", "start link"]);
    rig.report(Report::CarrierUp);
    rig.wait();
    assert_eq!(rig.state(), State::EthernetLinkUp);
    // A request for an address that was never polled is not.
    let link = rig.ticket(Report::CarrierUp);
    rig.report_as(link, Report::CarrierUp);
    rig.report_as(link, Report::CarrierDown);
    assert_eq!(rig.state(), State::EthernetStoppedNoLink);
    assert_eq!(rig.actions(), ["start link"]);
}

// spec: IFC-10
#[test]
fn answers_to_a_command_that_was_never_polled_are_ignored() {
    let mut rig = Rig::new();
    rig.open();
    let power = rig.ticket(Report::Ready);
    rig.report_as(power, Report::Ready);
    // The link command has not been polled yet, so no answer to it can be genuine.
    let mut guess = Rig::new();
    guess.open();
    guess.report(Report::Ready);
    let link = guess.ticket(Report::CarrierUp);
    rig.report_as(link, Report::CarrierUp);
    assert_eq!(rig.state(), State::EthernetLinkUp);
    rig.commands();
    rig.report_as(link, Report::CarrierUp);
    assert_eq!(rig.state(), State::EthernetDhcping);
}

// spec: IFC-11
#[test]
fn the_wake_reason_names_the_step_that_is_waited_for() {
    for state in STATES_UP_TO_CONNECTED {
        let rig = Rig::up_to(ETH0, state);
        let timer = match state {
            State::Starting => Timer::Step(Step::Power),
            State::EthernetLinkUp => Timer::Step(Step::Link),
            State::EthernetDhcping => Timer::Step(Step::Dhcp),
            _ => Timer::Stability,
        };
        assert_eq!(
            rig.manager.poll_at().map(|deadline| deadline.reason),
            Some(Wake::Interface(ETH0, timer))
        );
    }
}

// spec: IFC-11
#[test]
fn under_manual_recovery_each_stopped_state_waits_for_a_request() {
    for (state, report) in [
        (State::EthernetLinkUp, Report::CarrierDown),
        (State::EthernetDhcping, Report::LeaseRefused { code: 0 }),
        (State::Connected, Report::Fault { code: 0 }),
    ] {
        let mut config = InterfaceConfig::new(ETH0);
        config.recovery = Recovery::Manual;
        let mut rig = Rig::with(config);
        let handle = rig.open();
        for up in [Report::Ready, Report::CarrierUp, Report::Lease(lease())] {
            if rig.state() != state {
                rig.report(up);
            }
        }
        rig.report(report);
        let stopped = rig.state();
        assert!(stopped.is_stopped());
        rig.pass(Duration::from_secs(100_000));
        rig.report(Report::CarrierUp);
        assert_eq!(rig.state(), stopped, "a stopped interface stays stopped");
        assert_eq!(rig.next_timer(), None);
        rig.manager.retry(rig.now, handle).unwrap();
        assert!(!rig.state().is_stopped());
        rig.come_up();
        rig.report(Report::Lease(lease()));
        assert_eq!(rig.state(), State::Connected);
    }
}

// spec: IFC-9
#[test]
fn the_same_state_twice_in_a_row_is_not_reported() {
    let mut rig = Rig::new();
    let handle = rig.open();
    rig.report(Report::Ready);
    rig.report(Report::CarrierUp);
    rig.report(Report::LeaseRefused { code: 1 });
    rig.notices();
    assert_eq!(rig.state(), State::EthernetStopped);
    rig.manager.close(rig.now, handle);
    assert_eq!(rig.states(), []);
    assert_eq!(rig.manager.reason(ETH0).unwrap().cause, Cause::Closed);
}

// spec: IFC-2, TIME-4
#[test]
fn a_late_deadline_fires_once_and_the_next_one_counts_from_then() {
    let mut rig = Rig::up_to(ETH0, State::Starting);
    rig.go(secs(1_000));
    assert_eq!(rig.states(), [State::EthernetStoppedUnhappy]);
    let retry = rig.next_timer().unwrap();
    assert!(retry > secs(1_000) && retry <= secs(1_001));
    rig.go(Instant::from_micros(retry.as_micros() - 1));
    assert_eq!(rig.states(), []);
    rig.pass(MICROSECOND);
    assert_eq!(rig.states(), [State::Starting]);
}
