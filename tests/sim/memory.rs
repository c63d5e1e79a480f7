//! Sealing in a simulated device, and what it keeps across a restart.

use lankeeper::driver::SealedSecret;
use lankeeper::nic::{Exposed, ProxyPassword, SecretPurpose};
use lankeeper::sim::{
    AccessPoint, Fault, Happening, HttpProxy, Reach, ServerChange, Simulated, World, code, run_for,
    run_until_state,
};
use lankeeper::stored::{StoredParts, StoredSettings};
use lankeeper::{
    Backend, Cause, Command, Config, ConnectOutcome, Duration, Event, Instant, InterfaceConfig,
    InterfaceId, Manager, Nic, Notice, Policy, ProxySettings, State, WifiKey, WifiSettings,
};

use super::server::Trip;
use crate::support::{network, unbound};

const WL0: InterfaceId = InterfaceId::WIFI;

fn proxy() -> ProxySettings {
    let password = ProxyPassword::plaintext("swordfish").unwrap();
    let proxy = ProxySettings::new("proxy.example", 3128).unwrap();
    proxy.with_credentials("hub", Some(password)).unwrap()
}

/// A trip that is connected through a proxy.
fn connected() -> Trip {
    let mut trip = Trip::new();
    trip.happen(ServerChange::Proxy(Some(HttpProxy::new(proxy()))));
    let nic = Nic::builder("wifi")
        .wifi(network())
        .proxy(proxy())
        .build()
        .unwrap();
    assert_eq!(trip.attempt(&nic).0, ConnectOutcome::ServerConnected);
    trip
}

/// Restarts the device.
fn restart(trip: &mut Trip) {
    trip.world.restart();
    let config = Config::new(0, super::ALL.map(InterfaceConfig::new));
    trip.manager = Manager::with_capacities(&config).unwrap();
    let now = trip.world.now();
    trip.manager.set_policy(now, Policy::ReturnOnError);
    if let Some(record) = trip.world.record() {
        trip.manager.load_stored(record.as_bytes()).unwrap();
    }
}

// spec: CFG-4, SEC-3
#[test]
fn the_sealed_settings_of_a_connection_connect_again() {
    let mut trip = connected();
    let current = trip.manager.current_config().unwrap().clone();
    let key = current.wifi().unwrap().key().expose().unwrap();
    let password = current.proxy().unwrap().password().unwrap().expose();
    assert!(matches!(
        (key, password),
        (Exposed::Sealed(_), Exposed::Sealed(_))
    ));
    // Disconnects first, because a sealed form of the settings in use would count as a change.
    trip.manager.disconnect(trip.world.now(), None);
    trip.notices();
    assert_eq!(
        trip.attempt(&current),
        (ConnectOutcome::ServerConnected, None)
    );
    restart(&mut trip);
    assert_eq!(
        trip.attempt(&current),
        (ConnectOutcome::ServerConnected, None)
    );
}

// spec: SEC-3
#[test]
fn a_key_sealed_by_another_device_joins_nothing() {
    let foreign: World = World::new(2);
    let blob = foreign.seal("correct horse");
    for blob in [blob.as_bytes(), b"SIM:", b"correct horse"] {
        let network = WifiSettings::new(b"shed", WifiKey::sealed(blob).unwrap()).unwrap();
        let nic = Nic::builder("wl0").wifi(network).build().unwrap();
        let mut trip = Trip::new();
        trip.manager.open(Instant::EPOCH, &nic).unwrap();
        // Long enough to power up, scan and join, but not to retry.
        trip.pass(4);
        let reason = trip.manager.reason(WL0).unwrap();
        assert_eq!(reason.cause, Cause::WrongCredentials);
        assert_eq!(reason.code, Some(code::NOT_UNSEALED));
        assert_eq!(trip.world.reach(WL0), Reach::Nothing);
    }
}

#[test]
fn sealing_depends_on_the_text_and_the_device_only() {
    let seal = |seed, text: &str| {
        let world: World = World::new(seed);
        world.seal(text).as_bytes().to_vec()
    };
    let longest = "8".repeat(64);
    assert_eq!(seal(1, "correct horse"), seal(1, "correct horse"));
    assert_ne!(seal(1, "correct horse"), seal(2, "correct horse"));
    assert_ne!(seal(1, "correct horse"), seal(1, "correct house"));
    for text in ["a", "correct horse", &longest] {
        let blob = seal(1, text);
        assert!(blob.len() <= text.len() + 48);
        let hidden = blob.windows(text.len()).all(|part| part != text.as_bytes());
        assert!(hidden, "{text}");
    }
}

#[test]
fn a_seal_is_derived_by_split_mix_from_the_seed() {
    // The published first numbers of the 64-bit generator for this seed.
    const SEED: u64 = 1_234_567;
    const NUMBERS: [u64; 5] = [
        6_457_827_717_110_365_317,
        3_203_168_211_198_807_973,
        9_817_491_932_198_370_423,
        4_593_380_528_125_082_431,
        16_408_922_859_458_223_821,
    ];
    let world: World = World::new(SEED);
    let sealed = world.seal("horse");
    let cover = NUMBERS.map(|number| number.to_be_bytes()[0]);
    let text = sealed.as_bytes()[4..9].iter().zip(cover);
    assert!(text.map(|(byte, by)| byte ^ by).eq(*b"horse"));
}

#[test]
fn an_access_point_accepts_a_sealed_key() {
    let mut world: World = World::new(1);
    let key = WifiKey::sealed(world.seal("correct horse").as_bytes()).unwrap();
    let home = WifiSettings::new(b"shed", key).unwrap();
    world.wifi.add(AccessPoint::new(home)).unwrap();
    let mut manager = Manager::new(&Config::new(0, [InterfaceConfig::new(WL0)])).unwrap();
    manager
        .open(Instant::EPOCH, &crate::support::nic(WL0))
        .unwrap();
    let up = (WL0, State::Connected);
    run_until_state(&mut manager, &mut world, up, Duration::from_secs(20)).unwrap();
}

// spec: CFG-1, CFG-6
#[test]
fn only_stored_settings_survive_a_restart() {
    let mut trip = Trip::new();
    assert!(trip.world.record().is_none());
    trip.manager.store_wifi(Instant::EPOCH, &network());
    trip.manager.store_proxy(Instant::EPOCH, &proxy());
    trip.happen(ServerChange::Proxy(Some(HttpProxy::new(proxy()))));
    assert_eq!(
        trip.attempt(&Nic::named("wifi").unwrap()).0,
        ConnectOutcome::ServerConnected
    );
    let stored = trip.manager.stored().clone();
    restart(&mut trip);
    assert_eq!(trip.manager.stored(), &stored);
    assert!(!trip.world.server.is_connected());
    assert_eq!(trip.world.reach(WL0), Reach::Nothing);
    assert_eq!(trip.world.poll_at(), None, "nothing is pending");
    trip.notices();
    assert_eq!(
        trip.attempt(&Nic::named("wifi").unwrap()).0,
        ConnectOutcome::ServerConnected
    );

    trip.manager
        .clear_stored(trip.world.now(), StoredParts::all());
    trip.pass(0);
    let record = trip.world.record().unwrap();
    let kept = StoredSettings::from_record(record.as_bytes()).unwrap();
    assert_eq!(kept, StoredSettings::default());
}

#[test]
fn a_restart_drops_everything_pending() {
    for millis in (0..5_000).step_by(50) {
        let mut trip = Trip::new();
        trip.manager.store_wifi(Instant::EPOCH, &network());
        trip.manager.connect(Instant::EPOCH, None).unwrap();
        let span = Duration::from_millis(millis);
        let late = Duration::from_secs(10);
        let (manager, world) = (&mut trip.manager, &mut trip.world);
        run_for(manager, world, span, |_, _| {}).unwrap();
        for id in super::ALL {
            world.happen(Happening::Fault(id, Fault::Late(late)));
        }
        world.happen(Happening::ServerFault(Fault::Late(late)));
        run_for(manager, world, Duration::from_secs(3), |_, _| {}).unwrap();
        world.happen(Happening::FlashFails(true));
        world.execute(Command::Persist(&StoredSettings::default()));
        bind(world, 0..=16);
        let to = "192.168.2.50:5000".parse().unwrap();
        let from = "192.168.2.9:9".parse().unwrap();
        world
            .arrive(InterfaceId::ETHERNET, from, to, b"late")
            .unwrap();
        restart(&mut trip);
        assert_eq!(trip.world.poll_at(), None);
        assert_eq!(trip.world.next_event(), None);
    }
}

// spec: CFG-1
#[test]
fn a_flash_failure_is_reported_and_keeps_the_old_record() {
    let mut trip = Trip::new();
    trip.manager.store_wifi(Instant::EPOCH, &network());
    trip.pass(0);
    let before = trip.world.record().cloned();
    assert!(before.is_some());
    trip.notices();
    trip.happen(Happening::FlashFails(true));
    trip.manager.store_proxy(Instant::EPOCH, &proxy());
    trip.pass(0);
    let failed = Notice::PersistFailed {
        code: code::FLASH_FAILED,
    };
    assert_eq!(trip.notices(), [failed]);
    assert_eq!(trip.world.record().cloned(), before);
    trip.happen(Happening::FlashFails(false));
    trip.manager.store_proxy(Instant::EPOCH, &proxy());
    trip.pass(0);
    assert_eq!(trip.notices(), []);
    let record = trip.world.record().unwrap();
    let kept = StoredSettings::from_record(record.as_bytes()).unwrap();
    assert_eq!(&kept, trip.manager.stored());
}

/// Binds the local ports from 5000 on.
fn bind(world: &mut World, ports: impl Iterator<Item = u16>) {
    for port in ports {
        let binding = unbound(InterfaceId::ETHERNET, 5000 + port);
        world.execute(Command::Bind(binding));
    }
}

// spec: DRV-6
#[test]
fn failures_wait_until_they_are_fetched() {
    let mut world: World = World::new(1);
    // There is room for 16 ports.
    bind(&mut world, 0..16);
    assert_eq!((world.poll_at(), world.next_event()), (None, None));
    bind(&mut world, 16..32);
    assert_eq!(world.poll_at(), Some(world.now()));
    let fetched: Vec<_> = core::iter::from_fn(|| world.next_event()).collect();
    let failed = |port| unbound(InterfaceId::ETHERNET, port).failed(code::NO_ROOM);
    assert_eq!(fetched, (5016..5032).map(failed).collect::<Vec<_>>());
    // Failures to persist are counted.
    world.happen(Happening::FlashFails(true));
    for _ in 0..6 {
        world.execute(Command::Persist(&StoredSettings::default()));
    }
    let fetched: Vec<_> = core::iter::from_fn(|| world.next_event()).collect();
    let code = code::FLASH_FAILED;
    assert_eq!(fetched, [Event::PersistFailed { code }; 6]);
    assert_eq!(world.poll_at(), None);
}

// spec: SEC-3
#[test]
fn it_seals_at_once() {
    let mut world: World = World::new(1);
    for purpose in [SecretPurpose::WifiKey, SecretPurpose::ProxyPassword] {
        let mut sealed = SealedSecret::new();
        Backend::seal(&mut world, purpose, "swordfish", &mut sealed).unwrap();
        assert_eq!(sealed.as_bytes(), world.seal("swordfish").as_bytes());
    }
    assert_eq!((world.poll_at(), world.next_event()), (None, None));
}

// spec: SEC-1
#[test]
fn sealed_settings_display_neither_secret_nor_seal() {
    let trip = connected();
    let text = format!("{:?}", trip.manager.current_config());
    assert!(text.contains("key: Sealed") && text.contains("Some(Sealed)"));
}
