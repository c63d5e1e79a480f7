//! The tickets in force, compared with what the manager still waits for.

use lankeeper::interface::Step;
use lankeeper::{
    Action, Command, Event, InterfaceConfig, InterfaceId, Notice, Report, ServerAction,
    ServerReport, Span, State, Ticket, Tickets,
};
use proptest::prelude::*;

use crate::support::operation::{Op, config, id, op};
use crate::support::{ETH0, Rig, forged, lease, name};

/// What became of the link, if what builds on it may be over or not.
#[derive(Clone, Copy, PartialEq)]
enum Doubt {
    None,
    Lost,
    Back,
}

/// Polls all commands and notes them.
fn note(rig: &mut Rig, tickets: &mut Tickets, given: &mut Vec<Ticket>, doubt: &mut Doubt) {
    for command in rig.commands() {
        tickets.note(&command);
        if let Command::Interface { ticket, action } = command {
            given.push(ticket);
            let builds_on_link = matches!(
                action,
                Action::StartDhcp | Action::SetAddress(_) | Action::Dial
            );
            if *doubt == Doubt::Back || !builds_on_link {
                *doubt = Doubt::None;
            }
        }
    }
}

/// Whether the manager still waits for this report of this command.
fn counts(rig: &Rig, ticket: Ticket, report: Report) -> bool {
    let mut manager = rig.manager.clone();
    let stale = |manager: &lankeeper::Manager<1, 4, 4, 64>| manager.ignored(rig.id).unwrap().stale;
    let before = stale(&manager);
    manager.handle_event(rig.now, ticket.report(report));
    let failed = |notice| matches!(notice, Some(Notice::StopFailed { .. }));
    let mut notices =
        core::iter::from_fn(|| Some(manager.poll_notice())).take_while(Option::is_some);
    let of_a_stop = notices.any(failed);
    stale(&manager) == before && !of_a_stop
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    // spec: IFC-10, IFC-15, DRV-1
    #[test]
    fn an_event_is_made_exactly_if_the_manager_waits_for_it(
        config in config(id()),
        hold_down in prop_oneof![Just(None), (1_u32..10_000).prop_map(Span::from_millis)],
        ops in prop::collection::vec(op(), 1..60),
    ) {
        let mut config = config;
        config.interfaces[0].hold_down = hold_down;
        let mut rig = Rig::with_config(&config);
        let (mut tickets, mut given, mut handles) = (Tickets::new(rig.id), Vec::new(), Vec::new());
        let mut doubt = Doubt::None;
        for op in ops {
            match op {
                Op::Pass(span) => rig.pass(lankeeper::Duration::from_micros(span % 100_000_000)),
                Op::Open => {
                    let nic = crate::support::nic(rig.id);
                    handles.extend(rig.manager.open(rig.now, &nic));
                }
                Op::Close(which) if !handles.is_empty() => {
                    rig.manager.close(rig.now, handles[which % handles.len()]);
                }
                Op::Report(report, _) => {
                    note(&mut rig, &mut tickets, &mut given, &mut doubt);
                    let waits: Vec<_> =
                        given.iter().filter(|ticket| counts(&rig, **ticket, report)).collect();
                    match tickets.event(report) {
                        Some(event) => {
                            // Of all those that count, a fault is that of the newest; after a doubtful
                            // loss it is that of any. Else a step may be over in doubt only.
                            let mut counting = waits.iter().map(|ticket| ticket.report(report));
                            let is_fault = matches!(report, Report::Fault { .. });
                            if doubt == Doubt::None {
                                prop_assert_eq!(Some(event), counting.next_back());
                            } else if is_fault || !waits.is_empty() {
                                prop_assert!(counting.any(|counts| counts == event));
                            }
                            if matches!(report, Report::CarrierDown | Report::LinkLost { .. }) {
                                doubt = Doubt::Lost;
                            } else if doubt == Doubt::Lost
                                && matches!(report, Report::CarrierUp | Report::Joined)
                            {
                                doubt = Doubt::Back;
                            }
                            rig.manager.handle_event(rig.now, event);
                        }
                        None => prop_assert!(waits.is_empty(), "{:?} of {:?}", report, waits),
                    }
                }
                Op::Answer => {
                    note(&mut rig, &mut tickets, &mut given, &mut doubt);
                    if let Some(report) = crate::support::good_answer(rig.state()) {
                        let event = tickets.event(report);
                        rig.manager.handle_event(rig.now, event.expect("the step runs"));
                    }
                }
                _ => note(&mut rig, &mut tickets, &mut given, &mut Doubt::None),
            }
            rig.notices();
        }
    }
}

// spec: IFC-10, DRV-1
#[test]
fn a_step_runs_until_it_or_one_below_ends() {
    let mut rig = Rig::new();
    let handle = rig.open();
    let (mut tickets, mut given) = (Tickets::new(ETH0), Vec::new());
    let runs =
        |tickets: &Tickets| [Step::Power, Step::Link, Step::Dhcp].map(|step| tickets.runs(step));
    assert_eq!(runs(&tickets), [false; 3]);
    assert_eq!(
        (tickets.event(Report::Ready), tickets.stop_failed(1)),
        (None, None)
    );
    for expected in [[true, false, false], [true, true, false], [true; 3]] {
        note(&mut rig, &mut tickets, &mut given, &mut Doubt::None);
        assert_eq!(runs(&tickets), expected);
        let report = crate::support::good_answer(rig.state()).unwrap();
        rig.report(report);
    }
    assert_eq!(rig.state(), State::Connected);
    // A lost carrier ends what is above it, although no command says so (see `StartLink`); the
    // next step above begins anew.
    rig.report(Report::CarrierDown);
    rig.report(Report::CarrierUp);
    rig.wait();
    note(&mut rig, &mut tickets, &mut given, &mut Doubt::None);
    assert_eq!(runs(&tickets), [true, true, false]);
    rig.manager.close(rig.now, handle);
    note(&mut rig, &mut tickets, &mut given, &mut Doubt::None);
    assert_eq!(runs(&tickets), [false; 3]);
    let failed = tickets.stop_failed(7).unwrap();
    assert_eq!(
        failed,
        given.last().unwrap().report(Report::Fault { code: 7 })
    );
    rig.manager.handle_event(rig.now, failed);
    let told = Notice::StopFailed {
        interface: ETH0,
        code: 7,
    };
    assert_eq!(rig.notices().last(), Some(&told));
}

/// An interface that is CONNECTED, with its tickets, and with what the loss and the return of its
/// link are.
fn connected(id: InterfaceId, hold_down: Option<Span>) -> (Rig, Tickets, Report, Report) {
    let mut interface = InterfaceConfig::new(id);
    interface.hold_down = hold_down;
    let mut rig = Rig::with(interface);
    rig.open();
    let mut tickets = Tickets::new(id);
    while rig.state() != State::Connected {
        note(&mut rig, &mut tickets, &mut Vec::new(), &mut Doubt::None);
        let report = crate::support::good_answer(rig.state()).unwrap();
        let event = tickets.event(report).unwrap();
        rig.manager.handle_event(rig.now, event);
    }
    rig.notices();
    let (lost, back) = match id {
        InterfaceId::WIFI => (Report::LinkLost { code: 3 }, Report::Joined),
        _ => (Report::CarrierDown, Report::CarrierUp),
    };
    (rig, tickets, lost, back)
}

impl Rig {
    /// The backend reports with the tickets in force.
    fn happens(&mut self, tickets: &mut Tickets, report: Report) {
        let event = tickets.event(report).expect("its step runs");
        self.manager.handle_event(self.now, event);
    }
}

// spec: IFC-15, DRV-1
#[test]
fn a_lease_is_reported_on_after_a_loss_that_was_held_back() {
    for id in [ETH0, InterfaceId::WIFI] {
        let (mut rig, mut tickets, lost, back) = connected(id, Span::from_millis(2_000));
        rig.happens(&mut tickets, lost);
        rig.happens(&mut tickets, back);
        rig.happens(&mut tickets, Report::Lease(lease()));
        assert_eq!(rig.state(), State::Connected);
        rig.happens(&mut tickets, Report::LeaseLost);
        assert_ne!(rig.state(), State::Connected);
        assert_eq!(rig.manager.ignored(id).unwrap().stale, 0);
    }
}

// spec: IFC-10, IFC-15, DRV-1
#[test]
fn a_fault_after_a_loss_counts_whether_it_was_held_back_or_not() {
    for id in [ETH0, InterfaceId::WIFI] {
        for hold_down in [None, Span::from_millis(2_000)] {
            let (mut rig, mut tickets, lost, _) = connected(id, hold_down);
            rig.happens(&mut tickets, lost);
            rig.happens(&mut tickets, Report::Fault { code: 9 });
            let reason = rig.manager.reason(id).unwrap();
            assert_eq!(reason.code, Some(9), "{hold_down:?}");
            assert_eq!(rig.manager.ignored(id).unwrap().stale, 0);
        }
    }
}

// spec: IFC-10, IFC-15, DRV-1
#[test]
fn a_lease_after_a_loss_that_counted_changes_nothing() {
    let (mut rig, mut tickets, lost, _) = connected(ETH0, None);
    rig.happens(&mut tickets, lost);
    assert_eq!(rig.state(), State::EthernetStoppedNoLink);
    rig.happens(&mut tickets, Report::Lease(lease()));
    assert_eq!(rig.state(), State::EthernetStoppedNoLink);
    assert_eq!(rig.manager.ignored(ETH0).unwrap().stale, 1);
}

// spec: IFC-10, DRV-1
#[test]
fn commands_of_another_interface_change_nothing() {
    let mut rig = Rig::new();
    let handle = rig.open();
    rig.come_up();
    rig.manager.close(rig.now, handle);
    let mut tickets = Tickets::new(InterfaceId::WIFI);
    for command in rig.commands() {
        tickets.note(&command);
    }
    assert!(!tickets.runs(Step::Power));
    assert_eq!(
        (tickets.event(Report::Ready), tickets.stop_failed(1)),
        (None, None)
    );
}

// spec: CON-5, DRV-1
#[test]
fn the_server_connection_has_the_ticket_of_its_newest_command() {
    let mut tickets = Tickets::new(ETH0);
    let ticket =
        |id, number| lankeeper::ServerTicket::from_bits(forged(id, number).to_bits()).unwrap();
    let mut note = |id, number, action| {
        let ticket = ticket(id, number);
        tickets.note(&Command::Server { ticket, action });
        // One report that every step can have, and one of the last step alone.
        let any = ServerReport::NoConnectivity { code: 1 };
        let lost = ServerReport::Lost { code: 1 };
        let is_last = tickets.server_event(lost).is_some();
        (
            tickets.server_event(any),
            is_last,
            tickets.disconnect_failed(2),
        )
    };
    let event = |number, report| -> Option<Event> { Some(ticket(ETH0, number).report(report)) };
    let any = ServerReport::NoConnectivity { code: 1 };
    let fault = ServerReport::Fault { code: 2 };
    assert_eq!(
        note(InterfaceId::WIFI, 1, ServerAction::Connect(None)),
        (None, false, None)
    );
    assert_eq!(
        note(ETH0, 2, ServerAction::Resolve(None)),
        (event(2, any), false, None)
    );
    assert_eq!(
        note(ETH0, 3, ServerAction::Connect(None)),
        (event(3, any), true, None)
    );
    assert_eq!(
        note(ETH0, 3, ServerAction::Flush),
        (event(3, any), true, None)
    );
    assert_eq!(
        note(InterfaceId::WIFI, 4, ServerAction::Disconnect),
        (event(3, any), true, None)
    );
    assert_eq!(
        note(ETH0, 5, ServerAction::Disconnect),
        (None, false, event(5, fault))
    );
    assert_eq!(
        note(ETH0, 6, ServerAction::Resolve(None)),
        (event(6, any), false, event(5, fault))
    );
}

// spec: DRV-6
#[test]
fn the_failure_is_that_of_the_newest_stop_or_power_down() {
    let mut rig = Rig::new();
    let handle = rig.open();
    rig.come_up();
    rig.manager.close(rig.now, handle);
    let commands = rig.commands();
    let names: Vec<_> = commands
        .iter()
        .map(|command| match command {
            Command::Interface { action, .. } => name(action),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(names[names.len() - 2..], ["stop", "power down"]);
    let mut tickets = Tickets::new(ETH0);
    let mut failures = Vec::new();
    for command in &commands {
        tickets.note(command);
        failures.extend(tickets.stop_failed(1));
    }
    // What ends together fails together.
    assert_eq!(failures.len(), 2);
    assert_eq!(failures[0], failures[1]);
    // A later one has another ticket.
    let handle = rig.open();
    rig.come_up();
    rig.manager.close(rig.now, handle);
    rig.commands()
        .iter()
        .for_each(|command| tickets.note(command));
    assert_ne!(tickets.stop_failed(1), Some(failures[1]));
}

/// What a backend learns, or has to say.
#[derive(Clone, Copy)]
enum Happened {
    Command(u32, Action<'static>),
    Report(Report),
}

/// The numbers of the tickets that a fault gets after each of these.
fn faults(happened: &[Happened]) -> Vec<u32> {
    let fault = Report::Fault { code: 7 };
    let mut tickets = Tickets::new(ETH0);
    let mut numbers = Vec::new();
    for it in happened {
        match *it {
            Happened::Command(number, action) => tickets.note(&Command::Interface {
                ticket: forged(ETH0, number),
                action,
            }),
            Happened::Report(report) => {
                assert!(tickets.event(report).is_some(), "{report:?}");
            }
        }
        let event = tickets.event(fault).unwrap();
        let mut all = 1..9;
        numbers.extend(all.find(|number| event == forged(ETH0, *number).report(fault)));
    }
    numbers
}

// spec: DRV-1
#[test]
fn a_fault_is_that_of_the_newest_step_that_is_certainly_in_force() {
    let power = Happened::Command(1, Action::PowerUp);
    let link = |number| Happened::Command(number, Action::StartLink);
    let dhcp = |number| Happened::Command(number, Action::StartDhcp);
    let [up, down] = [Report::CarrierUp, Report::CarrierDown].map(Happened::Report);
    let leased = Happened::Report(Report::Lease(lease()));
    let after = |last: &[_]| faults(&[&[power, link(2), up, dhcp(3)], last].concat());
    assert_eq!(after(&[]), [1, 2, 2, 3]);
    // After a loss only the power-up is certain, until a command comes that knows of the return.
    assert_eq!(after(&[down, up, dhcp(4)])[4..], [1, 1, 4]);
    assert_eq!(after(&[down, dhcp(4)])[4..], [1, 1]);
    assert_eq!(after(&[down, leased, dhcp(4)])[4..], [1, 1, 1]);
    // One for the link begins everything anew.
    assert_eq!(after(&[down, link(4)])[4..], [1, 4]);
}
