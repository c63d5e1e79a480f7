//! The page of the policies: what each does, from runs with simulated devices.

use lankeeper::sim::{Condition, ServerChange, World, run_until};
use lankeeper::{
    Config, Delivery, Instant, InterfaceConfig, InterfaceId, Manager, Notice, Policy, ServerState,
};

use super::page::{Page, Table};

const POLICIES: [Policy; 3] = [
    Policy::SuspendOnError,
    Policy::ReturnOnError,
    Policy::KeepTrying,
];

fn page() -> Page {
    // The server is gone from the first instant to the second.
    let absent = table(Instant::EPOCH, Instant::from_secs(600));
    let lost = table(Instant::from_secs(100), Instant::from_secs(600));
    Page::new(
        "src/guide/policies.md",
        vec![("absent", absent), ("lost", lost)],
    )
}

fn table(gone: Instant, back: Instant) -> Table {
    let mut table = Table::new(&["policy", "notices", "connected again"]);
    for policy in POLICIES {
        let (notices, connected) = run(policy, gone, back);
        let again = connected.filter(|at| *at >= back);
        let again = again.map_or_else(|| "never".to_owned(), seconds);
        table.row(&[&format!("`{policy:?}`"), &notices.join(", "), &again]);
    }
    table
}

/// The notices that an application gets which asks once, at the start, and when it was connected
/// last.
fn run(policy: Policy, gone: Instant, back: Instant) -> (Vec<String>, Option<Instant>) {
    let mut config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    config.policy = policy;
    let mut manager: Manager<1> = Manager::new(&config).unwrap();
    let mut world: World = World::new(1);
    world
        .at(gone, ServerChange::Server(Condition::Fails))
        .unwrap();
    world
        .at(back, ServerChange::Server(Condition::Works))
        .unwrap();
    manager.connect(Instant::EPOCH, None).unwrap();
    let (mut notices, mut connected) = (Vec::new(), None);
    let end = Instant::from_secs(3600);
    run_until(&mut manager, &mut world, end, |now, delivery| {
        let Delivery::Notice(notice) = delivery else {
            return;
        };
        let text = match notice {
            Notice::ConnectEnded { outcome, .. } => format!("`ConnectEnded` {outcome}"),
            Notice::ServerLost { outcome, .. } => format!("`ServerLost` {outcome}"),
            Notice::ServerBack { .. } => "`ServerBack`".to_owned(),
            Notice::Suspended { .. } => "`Suspended`".to_owned(),
            Notice::Resumed => "`Resumed`".to_owned(),
            Notice::ServerStateChanged {
                state: ServerState::Connected,
            } => {
                connected = Some(now);
                return;
            }
            _ => return,
        };
        notices.push(format!("{} {text}", seconds(now)));
    })
    .unwrap();
    (notices, connected)
}

fn seconds(at: Instant) -> String {
    format!(
        "{}.{} s",
        at.as_millis() / 1_000,
        at.as_millis() % 1_000 / 100
    )
}

// spec: CON-1, CON-12, CON-13, CON-21
#[test]
fn the_policies_do_what_the_page_says() {
    page().check();
}

/// Planted failures: a row that is lost or says something else is missed.
#[test]
fn a_change_of_the_policies_shows() {
    page().check_that_a_change_shows();
}
