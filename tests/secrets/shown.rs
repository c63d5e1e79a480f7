//! Nothing that a device can display reveals a secret.

use core::fmt::{Debug, Display};
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use lankeeper::manager::{Input, OpenError, Reply};
use lankeeper::nic::ProxyPassword;
use lankeeper::stored::{RecordError, StoredParts, StoredSettings};
use lankeeper::{ConnectOutcome, Nic, ProxySettings, Report, ServerReport, WifiKey, WifiSettings};

use super::device::Device;
use super::search::{MARKER, Show, assert_hidden, renderings};
use crate::support::span;

/// Settings with the marker as every secret.
#[derive(Clone)]
pub(super) struct Marked {
    pub(super) wifi: WifiSettings,
    pub(super) proxy: ProxySettings,
}

impl Marked {
    pub(super) fn plaintext() -> Self {
        let key = WifiKey::plaintext(MARKER).unwrap();
        Self::new(key, ProxyPassword::plaintext(MARKER).unwrap())
    }

    fn sealed() -> Self {
        let blob = MARKER.as_bytes();
        let key = WifiKey::sealed(blob).unwrap();
        Self::new(key, ProxyPassword::sealed(blob).unwrap())
    }

    fn new(key: WifiKey, password: ProxyPassword) -> Self {
        let proxy = ProxySettings::new("proxy.example", 3128).unwrap();
        Self {
            wifi: WifiSettings::new(b"shed", key).unwrap(),
            proxy: proxy.with_credentials("hub", Some(password)).unwrap(),
        }
    }

    pub(super) fn wifi_nic(&self) -> Nic {
        let builder = Nic::builder("wl0").wifi(self.wifi.clone());
        builder.proxy(self.proxy.clone()).build().unwrap()
    }

    pub(super) fn ethernet_nic(&self) -> Nic {
        let builder = Nic::builder("eth0").proxy(self.proxy.clone());
        builder.build().unwrap()
    }

    pub(super) fn stored(&self) -> StoredSettings {
        let mut settings = StoredSettings::default();
        settings.wifi = Some(self.wifi.clone());
        settings.proxy = Some(self.proxy.clone());
        settings
    }
}

/// Performs every operation of a device that involves secrets.
fn live(device: &mut Device, marked: &Marked) {
    let by_name = ["wl0", "eth0"].map(|name| Nic::named(name).unwrap());
    device.input(Input::StoreWifi(&marked.wifi));
    device.input(Input::StoreProxy(&marked.proxy));
    for nic in &by_name {
        device.input(Input::ConnectWith(nic, None));
        assert_eq!(device.outcome(), Some(ConnectOutcome::ServerConnected));
    }
    for nic in [&marked.wifi_nic(), &marked.ethernet_nic()] {
        device.input(Input::ConnectWith(nic, None));
        assert_eq!(device.outcome(), Some(ConnectOutcome::ServerConnected));
        let refused = device.input(Input::Open(nic));
        assert_eq!(refused, Reply::Opened(Err(OpenError::Active)));
        device.input(Input::Disconnect(span(1)));
        let Reply::Opened(Ok(handle)) = device.input(Input::Open(nic)) else {
            panic!("the interface is free");
        };
        device.input(Input::Close(handle));
    }
    device.answers.join = Some(Report::WrongKey { code: 15 });
    device.input(Input::ConnectWith(&marked.wifi_nic(), None));
    assert_eq!(device.outcome(), Some(ConnectOutcome::NoWifi));
    device.answers.proxy = ServerReport::ProxyRefused { code: 407 };
    device.input(Input::ConnectWith(&by_name[1], None));
    assert_eq!(device.outcome(), Some(ConnectOutcome::NotAuthorised));
    device.answers.persists = Err(28);
    device.input(Input::Provision(&marked.stored()));
    device.input(Input::Provision(&StoredSettings::default()));
    device.input(Input::ClearStored(StoredParts::all()));
    device.pass(1_000);
}

// spec: SEC-1
#[test]
fn a_device_never_displays_a_secret() {
    for marked in [Marked::plaintext(), Marked::sealed()] {
        let mut device = Device::new();
        // A blob is opaque: its bytes must not be displayed either, even if they equal the secret.
        device.answers.seal = Some(|text| text.as_bytes().to_vec());
        live(&mut device, &marked);
        assert!(device.shown.len() > 500, "{}", device.shown.len());
        let all = device.shown.concat();
        for part in [
            "Seal",
            "Sealed",
            "Persist",
            "Provisioned",
            "Join",
            "ReachProxy",
            "Manager",
        ] {
            assert!(all.contains(part), "{part} was never displayed");
        }
        assert_hidden(&device.shown);
    }
}

// spec: SEC-1
#[test]
fn a_record_and_its_errors_contain_no_secret() {
    for marked in [Marked::plaintext(), Marked::sealed()] {
        let record = marked.stored().to_record();
        let mut shown = renderings(&record);
        shown.extend(renderings(marked.stored()));
        for place in 0..record.as_bytes().len() {
            let mut bytes = record.as_bytes().to_vec();
            bytes[place] ^= 0x80;
            shown.extend(error(StoredSettings::from_record(&bytes).unwrap_err()));
            let cut = &record.as_bytes()[..place];
            shown.extend(error(StoredSettings::from_record(cut).unwrap_err()));
        }
        shown.extend(error(RecordError::Content(9)));
        assert_hidden(shown);
    }
}

fn error(error: impl Show + Display) -> Vec<String> {
    let mut shown = vec![error.to_string(), format!("{error:#}")];
    shown.extend(renderings(error));
    shown
}

/// The panic message of a failed `unwrap`.
fn panic_message(result: Result<impl Debug, impl Debug>) -> String {
    let caught = catch_unwind(AssertUnwindSafe(|| result.unwrap()));
    *caught.unwrap_err().downcast::<String>().unwrap()
}

// spec: SEC-1
#[test]
fn a_panic_message_contains_no_secret() {
    for marked in [Marked::plaintext(), Marked::sealed()] {
        let messages = [
            panic_message(Err::<(), _>(marked.wifi_nic())),
            panic_message(Err::<(), _>(marked.stored())),
            panic_message(Err::<(), _>(marked.stored().to_record())),
            panic_message(Err::<(), _>(marked.wifi.key().expose())),
            panic_message(WifiKey::plaintext(&format!("{MARKER}\n"))),
            panic_message(ProxyPassword::plaintext(&MARKER.repeat(9))),
            panic_message(StoredSettings::from_record(MARKER.as_bytes())),
        ];
        assert!(messages.iter().all(|message| message.contains("unwrap()")));
        assert_hidden(messages);
    }
}

#[cfg(feature = "sim")]
// spec: SEC-1
#[test]
fn a_simulated_device_never_displays_a_secret() {
    use lankeeper::sim::{AccessPoint, World, run_for};
    use lankeeper::{Config, Instant, InterfaceConfig, Manager};

    use super::device::{ETH0, WL0};
    use super::search::debug;

    let marked = Marked::plaintext();
    let mut world: World = World::new(1);
    world
        .wifi
        .add(AccessPoint::new(marked.wifi.clone()))
        .unwrap();
    let interfaces = [WL0, ETH0].map(InterfaceConfig::new);
    let mut manager = Manager::new(&Config::new(0, interfaces)).unwrap();
    let nic = Nic::builder("wl0").wifi(marked.wifi.clone());
    manager.open(Instant::EPOCH, &nic.build().unwrap()).unwrap();
    let mut shown = debug(AccessPoint::new(marked.wifi)).to_vec();
    for _ in 0..30 {
        run_for(
            &mut manager,
            &mut world,
            lankeeper::Duration::from_millis(200),
            |_, _| {},
        )
        .unwrap();
        shown.extend(debug(&world));
        shown.extend(debug(&manager));
    }
    assert!(shown.concat().contains("shed"));
    assert_hidden(shown);
}
