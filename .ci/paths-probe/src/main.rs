//! Three ways through the code of a device with one Ethernet interface. Callgrind counts what
//! happens in the functions that `.ci/paths` names.

use std::hint::black_box;

use lankeeper::{
    Command, Config, Event, Instant, InterfaceConfig, InterfaceId, Lease, Manager, Nic, Notice,
    Policy, Report, ServerAction, ServerReport, State, Ticket, Tickets,
};

const NOW: Instant = Instant::EPOCH;

#[inline(never)]
fn open_to_command(manager: &mut Manager<1>, nic: &Nic) -> Ticket {
    manager.open(NOW, nic).expect("it is there");
    let Some(Command::Interface { ticket, .. }) = black_box(manager.poll_command()) else {
        panic!("nothing is begun");
    };
    ticket
}

#[inline(never)]
fn lease_to_notice(manager: &mut Manager<1>, lease: Event) {
    manager.handle_event(NOW, lease);
    let Some(Notice::StateChanged { state, .. }) = black_box(manager.poll_notice()) else {
        panic!("nothing is reported");
    };
    assert_eq!(state.code(), State::Connected.code());
}

/// The server does not come back: its name is not known any more.
#[inline(never)]
fn loss_to_report(manager: &mut Manager<1>, loss: Event) {
    manager.handle_event(NOW, loss);
    let mut now = NOW;
    loop {
        while let Some(command) = manager.poll_command() {
            let Command::Server { ticket, action } = command else {
                continue;
            };
            if let ServerAction::Resolve(_) = action {
                manager.handle_event(now, ticket.report(ServerReport::NotResolved { code: 1 }));
            }
        }
        while let Some(notice) = manager.poll_notice() {
            if matches!(notice, Notice::ServerLost { .. }) {
                return;
            }
        }
        now = manager.poll_at().expect("it will be told").at;
        manager.handle_timeout(now);
    }
}

/// Four functions, to show that they are counted.
#[inline(never)]
fn planted() {
    fn first() {
        second();
    }
    fn second() {
        third();
    }
    fn third() {}
    first();
}

/// Notes the commands that wait.
fn note(manager: &mut Manager<1>, tickets: &mut Tickets) {
    while let Some(command) = manager.poll_command() {
        tickets.note(&command);
    }
}

fn main() {
    let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    let mut manager = Manager::new(&config).expect("one interface");
    let mut tickets = Tickets::new(InterfaceId::ETHERNET);
    manager.set_policy(NOW, Policy::ReturnOnError);
    planted();
    let power_up = open_to_command(&mut manager, &Nic::named("eth0").expect("a name"));

    manager.handle_event(NOW, power_up.report(Report::Ready));
    note(&mut manager, &mut tickets);
    let event = |tickets: &mut Tickets, report| tickets.event(report).expect("it runs");
    manager.handle_event(NOW, event(&mut tickets, Report::CarrierUp));
    note(&mut manager, &mut tickets);
    while manager.poll_notice().is_some() {}
    let lease = Report::Lease(Lease::new([192, 168, 1, 50].into(), 24));
    lease_to_notice(&mut manager, event(&mut tickets, lease));

    manager.connect(NOW, None).expect("it is possible");
    let event = |tickets: &Tickets, report| tickets.server_event(report).expect("it runs");
    for report in [ServerReport::Resolved, ServerReport::Connected] {
        note(&mut manager, &mut tickets);
        manager.handle_event(NOW, event(&tickets, report));
    }
    while manager.poll_notice().is_some() {}
    loss_to_report(
        &mut manager,
        event(&tickets, ServerReport::Lost { code: 1 }),
    );
}
