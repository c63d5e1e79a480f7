//! Three ways through the code of a device with one Ethernet interface. Callgrind counts what
//! happens in the functions that `.ci/paths` names.

use std::hint::black_box;

use lankeeper::{
    Command, Config, Event, Generation, Instant, InterfaceConfig, InterfaceId, Lease, Manager, Nic,
    Notice, Policy, Report, ServerAction, ServerReport, State,
};

const NOW: Instant = Instant::EPOCH;

#[inline(never)]
fn open_to_command(manager: &mut Manager<1>, nic: &Nic) {
    manager.open(NOW, nic).expect("it is there");
    let command = black_box(manager.poll_command());
    assert!(matches!(command, Some(Command::Interface { .. })));
}

#[inline(never)]
fn lease_to_notice(manager: &mut Manager<1>, lease: Event<'_>) {
    manager.handle_event(NOW, lease);
    let Some(Notice::StateChanged { state, .. }) = black_box(manager.poll_notice()) else {
        panic!("nothing is reported");
    };
    assert_eq!(state.code(), State::Connected.code());
}

/// The server does not come back: its name is not known any more.
#[inline(never)]
fn loss_to_report(manager: &mut Manager<1>, loss: Event<'_>) {
    manager.handle_event(NOW, loss);
    let mut now = NOW;
    loop {
        while let Some(command) = manager.poll_command() {
            let Command::Server { action, .. } = command else {
                continue;
            };
            if let ServerAction::Resolve(generation, _) = action {
                let report = ServerReport::NotResolved { code: 1 };
                manager.handle_event(now, Event::Server { generation, report });
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

/// The generation of the last command that waits.
fn commanded(manager: &mut Manager<1>) -> Generation {
    let mut last = None;
    while let Some(command) = manager.poll_command() {
        last = match command {
            Command::Interface { action, .. } => action.generation(),
            Command::Server { action, .. } => action.generation(),
            _ => last,
        };
    }
    last.expect("there is a next step")
}

fn main() {
    let interface = InterfaceId::ETHERNET;
    let config = Config::new([InterfaceConfig::new(interface)]);
    let mut manager: Manager<1> = Manager::new(&config).expect("one interface");
    manager.set_policy(NOW, Policy::ReturnOnError);
    planted();
    open_to_command(&mut manager, &Nic::named("eth0").expect("a name"));

    // The first command was taken there: it is that of the first generation.
    let mut generation = Generation::from_bits(1);
    let event = |generation, report| Event::Interface {
        interface,
        generation,
        report,
    };
    for report in [Report::Ready, Report::CarrierUp] {
        manager.handle_event(NOW, event(generation, report));
        generation = commanded(&mut manager);
    }
    while manager.poll_notice().is_some() {}
    let lease = Report::Lease(Lease::new([192, 168, 1, 50].into(), 24));
    lease_to_notice(&mut manager, event(generation, lease));

    manager.connect(NOW, None).expect("it is possible");
    for report in [ServerReport::Resolved, ServerReport::Connected] {
        generation = commanded(&mut manager);
        manager.handle_event(NOW, Event::Server { generation, report });
    }
    while manager.poll_notice().is_some() {}
    let report = ServerReport::Lost { code: 1 };
    loss_to_report(&mut manager, Event::Server { generation, report });
}
