//! Faults between a simulated device and the manager.

use crate::support::bound::bounded;
use lankeeper::sim::{
    EthernetPort, Fault, FaultRates, Happening, Reach, Simulated, code, run_until_state,
};
use lankeeper::{
    Cause, Config, Delivery, Duration, InterfaceConfig, InterfaceId, IpConfig, Manager, Nic,
    Notice, Policy, Report, State,
};

use super::{ALL, Scene, permanent_faults};

/// The longest back-off plus the deadlines of all steps of the slowest medium, in seconds.
const LONGEST: u64 = 60 + 10 + 30 + 30 + 180 + 60;

fn kinds() -> [Fault; 6] {
    [
        Fault::Silence,
        Fault::Late(Duration::from_secs(200)),
        Fault::Duplicate(Duration::from_secs(1)),
        Fault::Stale,
        Fault::Spurious(Report::Ready),
        Fault::Driver { code: -77 },
    ]
}

// spec: IFC-10, IFC-11, DRV-3
#[test]
fn the_device_survives_each_fault_at_each_step() {
    for id in ALL {
        for fault in kinds() {
            // Every 100 ms while coming up, so within every step.
            for instant in 0..150 {
                let mut scene = Scene::new(id);
                scene.pass_for(Duration::from_millis(100 * instant));
                scene.happen(Happening::Fault(id, fault));
                scene.pass(1);
                let span = LONGEST;
                scene.reach(State::Connected, span);
                scene.pass(300);
                assert_eq!(scene.state(), State::Connected, "{id} {fault:?} {instant}");
                assert!(scene.is_truthful(), "{id} {fault:?} {instant}");
            }
        }
    }
}

// spec: IFC-2, IFC-4
#[test]
fn silence_ends_at_the_deadline() {
    for (id, state) in [
        (InterfaceId::WIFI, State::WifiStoppedUnhappy),
        (InterfaceId::ETHERNET, State::EthernetStoppedUnhappy),
        (InterfaceId::CELLULAR, State::CellularStoppedUnhappy),
    ] {
        let mut scene = Scene::new(id);
        scene.happen(Happening::Fault(id, Fault::Silence));
        assert_eq!(scene.reach(state, 11), Duration::from_secs(10));
        assert_eq!(scene.stopped(), Some((state, Cause::TimedOut)));
    }
}

// spec: IFC-10
#[test]
fn late_and_stale_answers_are_ignored() {
    let mut scene = Scene::new(InterfaceId::WIFI);
    scene.pass(1);
    assert_eq!(scene.state(), State::WifiScanning);
    let late = Fault::Late(Duration::from_secs(20));
    scene.happen(Happening::Fault(InterfaceId::WIFI, late));
    scene.pass(40);
    assert_eq!(scene.state(), State::Connected);
    assert_eq!(scene.manager.ignored(scene.id).unwrap().stale, 1);

    let mut scene = Scene::new(InterfaceId::WIFI);
    scene.pass(1);
    scene.happen(Happening::Fault(InterfaceId::WIFI, Fault::Stale));
    scene.pass(14);
    assert_eq!(
        scene.state(),
        State::WifiScanning,
        "a stale answer does not complete the scan"
    );
    assert_eq!(scene.manager.ignored(scene.id).unwrap().stale, 1);
}

// spec: IFC-10
#[test]
fn a_duplicate_answer_to_a_finished_step_changes_nothing() {
    let mut scene = Scene::new(InterfaceId::WIFI);
    let again = Fault::Duplicate(Duration::from_secs(30));
    for _ in 0..4 {
        scene.happen(Happening::Fault(scene.id, again));
    }
    scene.pass(20);
    assert_eq!(scene.states().last(), Some(&State::Connected));
    scene.pass(60);
    assert_eq!(scene.states(), []);
    let ignored = scene.manager.ignored(scene.id).unwrap();
    assert_eq!(ignored.meaningless + ignored.stale, 3, "and a lease");
}

// spec: IFC-4, DRV-3
#[test]
fn a_driver_fault_is_reported_with_its_code() {
    let mut scene = Scene::connected(InterfaceId::ETHERNET);
    scene.happen(Happening::Fault(scene.id, Fault::Driver { code: -77 }));
    scene.pass(0);
    let reason = scene.manager.reason(scene.id).unwrap();
    assert_eq!(reason.cause, Cause::Fault);
    assert_eq!(reason.code, Some(-77));
    scene.reach(State::Connected, 10);
}

// spec: IFC-6
#[test]
fn a_spurious_loss_counts_as_a_loss() {
    let mut scene = Scene::stable(InterfaceId::WIFI);
    let lost = Fault::Spurious(Report::LinkLost { code: 0 });
    scene.happen(Happening::Fault(scene.id, lost));
    assert_eq!(scene.world.reach(scene.id), Reach::Internet);
    scene.pass(0);
    assert_eq!(scene.state(), State::WifiScanning);
    scene.reach(State::Connected, 10);
}

// spec: IFC-7
#[test]
fn the_device_recovers_once_a_permanent_fault_ends() {
    for id in ALL {
        for rates in permanent_faults() {
            let mut scene = Scene::new(id);
            scene.happen(Happening::FaultRates(id, rates));
            scene.pass(4 * 3_600);
            scene.happen(Happening::FaultRates(id, FaultRates::NONE));
            // Delayed reports still arrive.
            scene.pass(300);
            scene.reach(State::Connected, LONGEST);
        }
    }
}

// spec: TIME-5
#[test]
fn equal_seeds_give_equal_runs_and_other_seeds_differ() {
    let run = |seed| {
        let mut scene = Scene::new(InterfaceId::ETHERNET);
        scene.world = lankeeper::sim::World::new(seed);
        scene.happen(Happening::FaultRates(scene.id, FaultRates::each(100)));
        scene.pass(3_600);
        scene.seen
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

// spec: DRV-3, DRV-6
#[test]
fn a_device_alone_fails_what_only_a_world_can_do() {
    let mut config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    config.policy = Policy::ReturnOnError;
    let mut manager = Manager::new(&config).unwrap();
    let mut port: EthernetPort = EthernetPort::new(1);
    let handle = manager
        .open(port.now(), &Nic::named("eth0").unwrap())
        .unwrap();
    let up = (InterfaceId::ETHERNET, State::Connected);
    run_until_state(&mut manager, &mut port, up, Duration::from_secs(30)).unwrap();
    let now = port.now();
    let bound = manager.udp_open(now, handle, 5000).unwrap();
    let settings = IpConfig::new("192.168.2.7/24".parse().unwrap(), None, &[]).unwrap();
    manager.store_static(now, settings);
    manager.connect(now, None).unwrap();
    let mut told = Vec::new();
    let mut buffer = [0; 8];
    while let Some(delivery) = bounded(manager.poll(now, &mut port, &mut buffer)) {
        told.push(delivery);
    }
    let code = code::UNKNOWN_ACTION;
    let has = |told: &[Delivery], notice| told.contains(&Delivery::Notice(notice));
    let socket = bound;
    assert!(has(&told, Notice::BindFailed { socket, code }), "{told:?}");
    assert!(has(&told, Notice::PersistFailed { code }), "{told:?}");
    assert!(
        told.iter().any(|delivery| matches!(
            delivery,
            Delivery::Notice(Notice::ConnectEnded { code: Some(of), .. }) if *of == code
        )),
        "{told:?}"
    );
}
