//! The number of a request, which its result carries (CON-26).

use lankeeper::{
    AttemptId, ConnectOutcome, Notice, Policy, ServerReport, ServerState, ServerTicket,
};

use super::device::{Device, ETH0, WL0, named, wifi};
use crate::support::forged;

/// The numbers of the results since the last call, each with its outcome.
fn results(device: &mut Device) -> Vec<(AttemptId, ConnectOutcome)> {
    let result = |notice| match notice {
        Notice::ConnectEnded {
            attempt, outcome, ..
        } => Some((attempt, outcome)),
        _ => None,
    };
    device.notices().into_iter().filter_map(result).collect()
}

const UP: ConnectOutcome = ConnectOutcome::ServerConnected;

// spec: CON-26, CON-2
#[test]
fn a_result_carries_the_number_of_its_request() {
    let mut device = Device::new();
    let first = device.connect_with(&named("eth0"));
    device.come_up_to(ServerState::Resolving);
    device.server(ServerReport::NotResolved { code: 1 });
    let expected = (first, ConnectOutcome::NotResolved);
    assert_eq!(results(&mut device), [expected]);
    let second = device.connect_with(&named("eth0"));
    device.come_up();
    assert_ne!(first, second);
    assert_eq!(results(&mut device), [(second, UP)]);
    device.manager.disconnect(device.now, None);
    assert!(results(&mut device).is_empty(), "it had its result");
}

// spec: CON-26, CON-9
#[test]
fn a_superseded_request_never_gets_a_result() {
    let mut device = Device::new();
    let mut numbers = vec![device.connect()];
    for nic in [named("wl0"), wifi("elsewhere"), named("eth0")] {
        device.come_up_to(ServerState::Resolving);
        numbers.push(device.connect_with(&nic));
    }
    numbers.push(device.connect());
    device.come_up();
    assert_eq!(results(&mut device), [(numbers[4], UP)]);
    for (place, number) in numbers.iter().enumerate() {
        assert!(!numbers[..place].contains(number), "each has its own");
    }
}

// spec: CON-26, CON-8
#[test]
fn a_confirmed_request_has_its_own_number_too() {
    let mut device = Device::new();
    let first = device.connect_with(&named("eth0"));
    device.come_up();
    assert_eq!(results(&mut device), [(first, UP)]);
    let again = [
        device.connect_with(&named("ethernet")),
        device.connect(),
        device.connect(),
    ];
    assert_eq!(results(&mut device), again.map(|number| (number, UP)));
    assert!(!again.contains(&first));
    assert_ne!(again[0], again[1]);
    assert_ne!(again[1], again[2]);
    assert!(
        device
            .commands()
            .iter()
            .all(|command| !command.contains("disconnect"))
    );
}

// spec: CON-26, CON-2
#[test]
fn a_disconnect_ends_the_request_with_its_number() {
    let mut device = Device::new();
    let number = device.connect();
    device.come_up_to(ServerState::Connecting);
    device.manager.disconnect(device.now, None);
    let expected = (number, ConnectOutcome::NotConnected);
    assert_eq!(results(&mut device), [expected]);
}

// spec: CON-26, CON-16
#[test]
fn what_a_server_call_begins_has_a_number_that_no_request_has() {
    let mut device = Device::new();
    device.manager.server_call(device.now).unwrap();
    device.come_up();
    let [(called, UP)] = results(&mut device)[..] else {
        panic!("one result");
    };
    assert_ne!(device.connect(), called);
}

// spec: CON-26
#[test]
fn a_refused_request_has_no_number_and_uses_none() {
    let run = |refused: bool| {
        let mut device = Device::new();
        device.connect();
        if refused {
            let absent = device.manager.connect_with(device.now, &named("wl1"), None);
            assert!(absent.is_err());
            device
                .manager
                .set_policy(device.now, Policy::SuspendOnError);
            let suspends = device
                .manager
                .connect_with(device.now, &named("eth0"), None);
            assert!(suspends.is_err());
            device.manager.set_policy(device.now, Policy::ReturnOnError);
        }
        device.come_up();
        (results(&mut device), device.connect())
    };
    assert_eq!(run(true), run(false));
}

// spec: DRV-6
#[test]
fn a_disconnect_that_failed_is_reported_once_and_changes_nothing() {
    let mut device = Device::connected(&named("eth0"));
    device.manager.disconnect(device.now, None);
    let ticket = device.server_ticket(ETH0, &["disconnect"]);
    device.forget_outputs();
    let fault = ServerReport::Fault { code: -5 };
    device.server_as(ticket, fault);
    assert_eq!(device.notices(), [Notice::DisconnectFailed { code: -5 }]);
    assert_eq!(device.server_state(), ServerState::Disconnected);
    assert_eq!(device.manager.server_ignored().stale, 0);
    device.server_as(ticket, fault);
    assert!(device.notices().is_empty() && device.commands().is_empty());
    assert_eq!(device.manager.server_ignored().stale, 1);
}

// spec: DRV-6, CON-9
#[test]
fn a_disconnect_that_failed_harms_no_new_attempt() {
    let mut device = Device::connected(&named("eth0"));
    device.manager.disconnect(device.now, None);
    let former = device.server_ticket(ETH0, &["disconnect"]);
    device.connect();
    device.come_up_to(ServerState::Connecting);
    device.forget_outputs();
    device.server_as(former, ServerReport::Fault { code: -5 });
    assert_eq!(device.notices(), [Notice::DisconnectFailed { code: -5 }]);
    assert_eq!(device.server_state(), ServerState::Connecting);
    device.come_up();
    // A later disconnect: the failure of the former one is stale now.
    device.manager.disconnect(device.now, None);
    device.forget_outputs();
    device.server_as(former, ServerReport::Fault { code: -5 });
    assert!(device.notices().is_empty());
    assert_eq!(device.manager.server_ignored().stale, 1);
}

// spec: DRV-6
#[test]
fn a_disconnect_is_answered_by_nothing_but_its_failure() {
    let mut device = Device::connected(&named("eth0"));
    device.manager.disconnect(device.now, None);
    let ticket = device.server_ticket(ETH0, &["disconnect"]);
    device.forget_outputs();
    for report in [
        ServerReport::Lost { code: 1 },
        ServerReport::Connected,
        ServerReport::Flushed,
    ] {
        device.server_as(ticket, report);
    }
    assert!(device.notices().is_empty());
    assert_eq!(device.manager.server_ignored().stale, 3);
}

// spec: IFC-10, DRV-6
#[test]
fn a_ticket_of_another_interface_is_that_of_no_command() {
    let mut device = Device::connected(&named("eth0"));
    let other = |ticket: ServerTicket| {
        // The number of the command is the lower half, below the interface.
        let number = u32::try_from(ticket.to_bits() & u64::from(u32::MAX)).unwrap();
        ServerTicket::from_bits(forged(WL0, number).to_bits()).unwrap()
    };
    let connected = device.server_ticket(ETH0, &["connect"]);
    device.forget_outputs();
    device.server_as(other(connected), ServerReport::Lost { code: 1 });
    assert_eq!(device.server_state(), ServerState::Connected);
    assert_eq!(device.manager.server_ignored().stale, 1);

    device.manager.disconnect(device.now, None);
    let ended = device.server_ticket(ETH0, &["disconnect"]);
    device.forget_outputs();
    let fault = ServerReport::Fault { code: -5 };
    device.server_as(other(ended), fault);
    assert!(device.notices().is_empty());
    device.server_as(ended, fault);
    assert_eq!(device.notices(), [Notice::DisconnectFailed { code: -5 }]);
}
