//! What survives a restart, and what is lost.

use lankeeper::manager::Input;
use lankeeper::stored::{RecordError, StoredParts, StoredSettings};
use lankeeper::{ConnectOutcome, InterfaceId, Nic, ServerState, State};

use super::samples::{address, full, samples, wifi};
use crate::secrets::device::{Device, ETH0, WL0};

// spec: CFG-6
#[test]
fn a_restart_keeps_the_latest_record() {
    let mut device = Device::new();
    for settings in samples() {
        device.input(Input::ClearStored(StoredParts::all()));
        if let Some(wifi) = &settings.wifi {
            device.input(Input::StoreWifi(wifi));
        }
        if let Some(ip_config) = settings.ip_config {
            device.input(Input::StoreStatic(ip_config));
        }
        if let Some(proxy) = &settings.proxy {
            device.input(Input::StoreProxy(proxy));
        }
        let again = Device::started_with(device.records.last().unwrap());
        assert_eq!(again.manager.stored(), &settings);
    }
}

// spec: CFG-6, CFG-4
#[test]
fn a_restart_loses_everything_else() {
    let mut device = Device::started_with(full().to_record().as_bytes());
    device.manager.set_server_order(device.now, &[WL0]).unwrap();
    device.input(Input::ConnectWith(&Nic::named("wl0").unwrap(), None));
    device.input(Input::Open(&Nic::named("eth0").unwrap()));
    let given = Nic::builder("wl0").wifi(wifi(b"cafe", "flat white"));
    device.input(Input::ConnectWith(&given.build().unwrap(), None));
    assert_eq!(device.outcome(), Some(ConnectOutcome::ServerConnected));
    assert!(device.manager.current_config().is_some());
    device.input(Input::StoreStatic(address(8)));

    let mut again = Device::started_with(device.records.last().unwrap());
    again.settle();
    let fresh = Device::new();
    assert_eq!(again.manager.current_config().map(Nic::name), None);
    assert_eq!(again.manager.server_state(), ServerState::Disconnected);
    assert_eq!(again.manager.server_order(), fresh.manager.server_order());
    for id in [WL0, ETH0] {
        assert_eq!(again.manager.state(id), Some(State::Unknown));
    }
    assert_eq!(
        again
            .manager
            .snapshot()
            .map(|one| one.local_holders)
            .sum::<usize>(),
        0
    );
    assert_eq!(again.commands(), 0, "nothing happens without a request");
    assert_eq!(again.manager.stored().wifi, full().wifi);
    assert_eq!(again.manager.stored().ip_config, Some(address(8)));

    // The selection is lost, so the order starts with Ethernet.
    again.input(Input::Connect(None));
    assert_eq!(
        again.manager.server_interface(),
        Some(InterfaceId::ETHERNET)
    );
}

// spec: CFG-6
#[test]
fn loaded_settings_are_used_and_not_persisted() {
    let mut device = Device::started_with(full().to_record().as_bytes());
    device.input(Input::ConnectWith(&Nic::named("wl0").unwrap(), None));
    assert_eq!(device.outcome(), Some(ConnectOutcome::ServerConnected));
    assert_eq!(device.manager.ip_config(WL0), Some(address(7)));
    let used = device.manager.current_config().unwrap();
    assert_eq!(used.wifi().unwrap().ssid(), b"shed");
    assert_eq!(used.proxy().unwrap().port(), 3128);
    assert_eq!(device.records, [] as [Vec<u8>; 0]);
}

// spec: CFG-1, CFG-6
#[test]
fn a_record_that_cannot_be_read_leaves_nothing_stored() {
    let record = full().to_record();
    let mut damaged = record.as_bytes().to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    let mut newer = record.as_bytes().to_vec();
    newer[2] = 3;
    let cut = &record.as_bytes()[..40];
    for (bytes, error) in [
        (&damaged[..], RecordError::Damaged),
        (&newer, RecordError::Version(3)),
        (cut, RecordError::Length),
        (b"", RecordError::Foreign),
    ] {
        let mut device = Device::started_with(record.as_bytes());
        assert_eq!(device.manager.load_stored(bytes), Err(error));
        assert_eq!(device.manager.stored(), &StoredSettings::default());
        device.settle();
        assert_eq!(
            device.records,
            [] as [Vec<u8>; 0],
            "the record is left for a version that can read it"
        );
        device.input(Input::ConnectWith(&Nic::named("wl0").unwrap(), None));
        assert_eq!(device.outcome(), Some(ConnectOutcome::NoWifi));
    }
}

// spec: CFG-6
#[test]
fn a_load_drops_a_pending_change() {
    let mut device = Device::new();
    device.input_only(Input::StoreStatic(address(9)));
    device
        .manager
        .load_stored(full().to_record().as_bytes())
        .unwrap();
    device.settle();
    assert_eq!(device.manager.stored(), &full());
    assert_eq!(device.records, [] as [Vec<u8>; 0]);
}
