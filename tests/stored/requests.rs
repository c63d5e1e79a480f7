//! Requests that change the stored settings, and the persist commands that they cause.

use lankeeper::manager::Input;
use lankeeper::stored::{StoredParts, StoredSettings};
use lankeeper::{
    Cause, ConnectOutcome, Event, Nic, Notice, ProxySettings, ServerState, State, WifiKey,
    WifiSettings,
};

use super::samples::{address, full, proxy, wifi};
use crate::secrets::device::{Device, ETH0, WL0};

fn record(settings: &StoredSettings) -> Vec<u8> {
    settings.to_record().as_bytes().to_vec()
}

/// A device with every kind of setting stored.
fn device() -> Device {
    Device::started_with(&record(&full()))
}

// spec: CFG-1
#[test]
fn each_request_persists_the_whole_record_once() {
    let mut device = Device::new();
    let mut expected = StoredSettings::default();
    let (network, proxy) = (wifi(b"shed", "correct horse"), proxy("swordfish"));
    device.input(Input::StoreWifi(&network));
    expected.wifi = Some(network);
    assert_eq!(device.records, [record(&expected)]);
    device.input(Input::StoreStatic(address(7)));
    expected.ip_config = Some(address(7));
    assert_eq!(device.records[1..], [record(&expected)]);
    device.input(Input::StoreProxy(&proxy));
    expected.proxy = Some(proxy);
    assert_eq!(device.records[2..], [record(&expected)]);
    assert_eq!(device.manager.stored(), &expected);
    device.input(Input::ClearStored(StoredParts::WIFI));
    expected.wifi = None;
    assert_eq!(device.records[3..], [record(&expected)]);
    device.pass(100_000);
    assert_eq!(device.records.len(), 4);
}

// spec: CFG-1, DRV-2
#[test]
fn requests_before_the_next_poll_are_merged_into_one_record() {
    let mut device = Device::new();
    let (first, second) = (wifi(b"shed", "correct horse"), wifi(b"cafe", "flat white"));
    device.input_only(Input::StoreWifi(&first));
    device.input_only(Input::StoreStatic(address(7)));
    device.input_only(Input::StoreWifi(&second));
    device.input_only(Input::ClearStored(StoredParts::STATIC));
    device.settle();
    let mut expected = StoredSettings::default();
    expected.wifi = Some(second);
    assert_eq!(device.records, [record(&expected)]);
}

// spec: CFG-1
#[test]
fn unchanged_settings_are_not_persisted_again() {
    let mut device = device();
    let settings = full();
    for _ in 0..2 {
        device.input(Input::StoreWifi(settings.wifi.as_ref().unwrap()));
        device.input(Input::StoreStatic(settings.ip_config.unwrap()));
        device.input(Input::StoreProxy(settings.proxy.as_ref().unwrap()));
        device.input(Input::ClearStored(StoredParts::empty()));
        device.input(Input::Provision(&settings));
        assert_eq!(device.records, [] as [Vec<u8>; 0]);
    }
    device.input(Input::ClearStored(StoredParts::PROXY));
    device.input(Input::ClearStored(StoredParts::PROXY));
    assert_eq!(device.records.len(), 1);
}

// spec: CFG-1
#[test]
fn one_byte_of_difference_is_a_change() {
    let sealed = |blob: &[u8]| WifiSettings::new(b"shed", WifiKey::sealed(blob).unwrap()).unwrap();
    let networks = [
        wifi(b"shed", "correct horse"),
        wifi(b"shee", "correct horse"),
        wifi(b"shee", "correct horsf"),
        sealed(b"correct horsf"),
        sealed(b"correct horsf\0"),
    ];
    let mut device = Device::new();
    for (count, network) in networks.iter().enumerate() {
        assert_eq!(device.records.len(), count);
        device.input(Input::StoreWifi(network));
        device.input(Input::StoreWifi(network));
    }
    assert_eq!(device.records.len(), networks.len());
}

// spec: CFG-1, CFG-5
#[test]
fn an_unknown_record_is_always_replaced() {
    // Nothing was loaded, but the backend may still have a record.
    let mut device = Device::new();
    device.input(Input::ClearStored(StoredParts::all()));
    assert_eq!(device.records, [record(&StoredSettings::default())]);
    device.input(Input::ClearStored(StoredParts::all()));
    assert_eq!(device.records.len(), 1);

    // The loaded record could not be read.
    let mut device = Device::new();
    device.manager.load_stored(b"damaged").unwrap_err();
    device.settle();
    assert_eq!(device.records, [] as [Vec<u8>; 0]);
    device.input(Input::ClearStored(StoredParts::WIFI));
    assert_eq!(device.records, [record(&StoredSettings::default())]);
}

// spec: CFG-1, DRV-3
#[test]
fn a_failed_persist_is_reported_and_can_be_repeated() {
    let mut device = device();
    let network = wifi(b"cafe", "flat white");
    device.answers.persists = Err(28);
    device.input(Input::StoreWifi(&network));
    assert_eq!(device.notices, [Notice::PersistFailed { code: 28 }]);
    assert_eq!(device.manager.stored().wifi, Some(network.clone()));
    device.pass(100_000);
    assert_eq!(
        device.records.len(),
        1,
        "nothing is retried without a request"
    );

    device.input(Input::StoreWifi(&network));
    assert_eq!(device.records.len(), 2, "the same request persists again");
    device.answers.persists = Ok(());
    device.input(Input::StoreWifi(&network));
    assert_eq!(device.records.len(), 3);
    assert_eq!(device.records[2], record(device.manager.stored()));
    device.input(Input::StoreWifi(&network));
    assert_eq!(device.records.len(), 3);
}

// spec: CFG-1, DRV-2
#[test]
fn a_late_failure_does_not_lose_a_later_change() {
    let mut device = device();
    device.input_only(Input::ClearStored(StoredParts::WIFI));
    device.input_only(Input::Event(Event::PersistFailed { code: 28 }));
    device.settle();
    assert_eq!(device.records.len(), 1);
}

// spec: CFG-1
#[test]
fn provisioning_replaces_everything_and_is_reported() {
    let mut device = device();
    let mut settings = StoredSettings::default();
    settings.wifi = Some(wifi(b"cafe", "flat white"));
    device.input(Input::Provision(&settings));
    assert_eq!(device.manager.stored(), &settings);
    assert_eq!(device.records, [record(&settings)]);
    assert_eq!(device.notices, [Notice::Provisioned]);
    device.input(Input::Provision(&settings));
    assert_eq!(device.records.len(), 1);
    assert_eq!(device.notices, [Notice::Provisioned; 2]);
}

// spec: CFG-5
#[test]
fn clearing_removes_only_the_named_parts() {
    for bits in 0..8 {
        let parts = StoredParts::from_bits(bits).unwrap();
        let mut device = device();
        device.input(Input::ClearStored(parts));
        let left = device.manager.stored();
        assert_eq!(left.parts(), !parts);
        assert!(left.wifi.is_none() || left.wifi == full().wifi);
        assert!(left.ip_config.is_none() || left.ip_config == full().ip_config);
        assert!(left.proxy.is_none() || left.proxy == full().proxy);
        assert_eq!(device.records.len(), usize::from(bits != 0));
    }
    assert_eq!(StoredParts::all().bits(), 7);
}

// spec: CFG-5, CFG-1
#[test]
fn no_request_changes_settings_in_use() {
    let changes: [fn(&mut Device); 2] = [
        |device| {
            device.input(Input::ClearStored(StoredParts::all()));
        },
        |device| {
            let elsewhere = ProxySettings::new("10.9.9.9", 1).unwrap();
            device.input(Input::StoreWifi(&wifi(b"cafe", "flat white")));
            device.input(Input::StoreStatic(address(99)));
            device.input(Input::StoreProxy(&elsewhere));
        },
    ];
    for change in changes {
        for id in [WL0, ETH0] {
            let mut device = device();
            let nic = Nic::named(&id.to_string()).unwrap();
            device.input(Input::ConnectWith(&nic, None));
            assert_eq!(device.outcome(), Some(ConnectOutcome::ServerConnected));
            let before = device.manager.current_config().cloned().unwrap();
            let (notices, commands) = (device.notices.len(), device.commands());
            change(&mut device);
            assert_eq!(device.manager.state(id), Some(State::Connected));
            assert_eq!(device.manager.ip_config(id), Some(address(7)));
            assert_eq!(device.manager.server_state(), ServerState::Connected);
            assert_eq!(device.notices[notices..], []);
            assert_eq!(device.commands() - commands, device.records.len());
            let after = device.manager.current_config().unwrap();
            assert!(after.means_same_as(&before, [WL0, ETH0]));
        }
    }
}

// spec: CFG-1, OPEN-8
#[test]
fn provisioning_applies_at_once() {
    for (id, state) in [(WL0, State::WifiStopped), (ETH0, State::Connected)] {
        let mut device = device();
        let nic = Nic::named(&id.to_string()).unwrap();
        device.input(Input::ConnectWith(&nic, None));
        assert_eq!(device.manager.ip_config(id), Some(address(7)));
        // There is no network any more, and no static address.
        let settings = StoredSettings::default();
        device.input(Input::Provision(&settings));
        assert_eq!(device.manager.state(id), Some(state));
        assert_ne!(device.manager.ip_config(id), Some(address(7)));
        let loss = device.manager.loss(id).unwrap();
        assert_eq!(loss.cause, Cause::Switched);
    }
}

// spec: CFG-5
#[test]
fn a_new_connection_uses_what_is_stored_at_that_time() {
    let mut device = device();
    let nic = Nic::named("wl0").unwrap();
    device.input(Input::ConnectWith(&nic, None));
    device.input(Input::ClearStored(StoredParts::all()));
    device.input(Input::Disconnect(None));
    device.input(Input::ConnectWith(&nic, None));
    assert_eq!(device.outcome(), Some(ConnectOutcome::NoWifi));
    let stops = |notice: &Notice| match notice {
        Notice::StateChanged {
            reason: Some(reason),
            ..
        } => Some(reason.cause),
        _ => None,
    };
    let causes: Vec<_> = device.notices.iter().filter_map(stops).collect();
    let expected = [Cause::Closed, Cause::NoCredentials];
    assert_eq!(causes, expected, "closed, then no network to join");
}
