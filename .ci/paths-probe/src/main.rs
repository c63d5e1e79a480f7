//! Three ways through the code of a device with one Ethernet interface. Callgrind counts what
//! happens in the functions that are named in `.ci/paths`.

use std::hint::black_box;

use lankeeper::{
    Command, Config, Event, Generation, Instant, InterfaceConfig, InterfaceId, Lease, Manager, Nic,
    Notice, Policy, Report, ServerAction, ServerReport, State,
};

const NOW: Instant = Instant::EPOCH;

#[inline(never)]
fn open_to_command(manager: &mut Manager<1>, nic: &Nic) {
    manager.open(NOW, nic).expect("it is there");
    let command = manager.poll_command();
    assert!(matches!(
        black_box(&command),
        Some(Command::Interface { .. })
    ));
}

#[inline(never)]
fn lease_to_notice(manager: &mut Manager<1>, lease: Event<'_>) {
    let _ = manager.handle_event(NOW, lease);
    let notice = manager.poll_notice();
    let state = State::Connected;
    assert!(
        matches!(black_box(&notice), Some(Notice::StateChanged { state: it, .. }) if *it == state)
    );
}

/// The server does not come back, and its name is not known any more.
#[inline(never)]
fn loss_to_report(manager: &mut Manager<1>, loss: Event<'_>) {
    let mut now = NOW;
    let _ = manager.handle_event(now, loss);
    loop {
        while let Some(command) = manager.poll_command() {
            if let Command::Server {
                action: ServerAction::Resolve(generation, _),
                ..
            } = command
            {
                let report = ServerReport::NotResolved { code: 1 };
                let _ = manager.handle_event(now, Event::Server { generation, report });
            }
        }
        while let Some(notice) = manager.poll_notice() {
            if matches!(notice, Notice::ServerLost { .. }) {
                return;
            }
        }
        if let Some(deadline) = manager.poll_at() {
            now = deadline.at;
            manager.handle_timeout(now);
        }
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

fn interface_event(generation: Generation, report: Report) -> Event<'static> {
    Event::Interface {
        interface: InterfaceId::ETHERNET,
        generation,
        report,
    }
}

/// The generation of the last command that waits, for the interface or for its server connection.
fn commanded(manager: &mut Manager<1>) -> Option<Generation> {
    let mut last = None;
    while let Some(command) = manager.poll_command() {
        last = match command {
            Command::Interface { action, .. } => action.generation(),
            Command::Server { action, .. } => action.generation(),
            _ => last,
        };
    }
    last
}

fn main() {
    let config = Config::new([InterfaceConfig::new(InterfaceId::ETHERNET)]);
    let mut manager: Manager<1> = Manager::new(&config).expect("one interface");
    manager.set_policy(NOW, Policy::ReturnOnError);
    planted();
    open_to_command(&mut manager, &Nic::named("eth0").expect("a name"));

    // The first command was taken there: it is that of the first generation.
    let mut generation = Generation::from_bits(1);
    for report in [Report::Ready, Report::CarrierUp] {
        manager.handle_event(NOW, interface_event(generation, report));
        generation = commanded(&mut manager).expect("there is a next step");
    }
    while manager.poll_notice().is_some() {}
    let lease = Report::Lease(Lease::new([192, 168, 1, 50].into(), 24));
    lease_to_notice(&mut manager, interface_event(generation, lease));

    manager.connect(NOW, None).expect("it is possible");
    let mut generation = Generation::default();
    for report in [ServerReport::Resolved, ServerReport::Connected] {
        generation = commanded(&mut manager).expect("there is a next step");
        manager.handle_event(NOW, Event::Server { generation, report });
    }
    while manager.poll_notice().is_some() {}
    let report = ServerReport::Lost { code: 1 };
    loss_to_report(&mut manager, Event::Server { generation, report });
}
