//! The configuration of the last connection: all its secrets are sealed, or the one before stays.

use lankeeper::manager::{Input, SealTicket};
use lankeeper::nic::{Exposed, Secrets};
use lankeeper::stored::StoredSettings;
use lankeeper::{
    ConnectOutcome, IpConfig, Nic, Policy, ProxySettings, Report, ServerReport, ServerState, State,
    WifiKey, WifiSettings,
};

use super::samples::{address, proxy, wifi};
use crate::secrets::device::{Device, ETH0, WL0};
use crate::support::{named, span};

/// A NIC with a network, a static address and a proxy.
fn nic(name: &str, network: &WifiSettings, ip: IpConfig, proxy: ProxySettings) -> Nic {
    let nic = Nic::builder(name).wifi(network.clone()).ip_config(ip);
    nic.proxy(proxy).build().unwrap()
}

/// A connection over Wi-Fi with two secrets, unlike that before it in every part.
fn new_nic() -> Nic {
    nic(
        "wl0",
        &wifi(b"cafe", "flat white"),
        address(8),
        proxy("new"),
    )
}

fn connect(device: &mut Device, nic: &Nic) {
    device.input(Input::ConnectWith(nic, None));
    assert_eq!(device.manager.server_state(), ServerState::Connected);
    assert_eq!(device.outcome(), Some(ConnectOutcome::ServerConnected));
}

/// A device with a configuration from a connection before. Its backend is asked to seal, and answers
/// by the test.
fn device() -> Device {
    let mut device = Device::new();
    let mut old = proxy("old");
    old = ProxySettings::new("old.example", 80)
        .unwrap()
        .with_credentials("me", old.password().cloned())
        .unwrap();
    connect(
        &mut device,
        &nic("wifi", &wifi(b"home", "correct horse"), address(7), old),
    );
    assert!(is_old(&device), "both secrets were sealed");
    device.answers.seal = None;
    device.sealings.clear();
    device
}

/// Whether the configuration is that of the connection before.
fn is_old(device: &Device) -> bool {
    let nic = device.manager.current_config().unwrap();
    let proxy = nic.proxy().unwrap();
    let parts = (nic.name().as_str(), nic.wifi().unwrap().ssid());
    let rest = (proxy.username(), proxy.port());
    let is_old = parts == ("wifi", &b"home"[..])
        && nic.ip_config() == Some(&address(7))
        && rest == (Some("me"), 80);
    is_old && blobs(nic) == [&scrambled("correct horse")[..], &scrambled("old")]
}

fn scrambled(text: &str) -> Vec<u8> {
    crate::secrets::device::scrambled(text)
}

/// The sealed key and password.
fn blobs(nic: &Nic) -> [&[u8]; 2] {
    let password = nic.proxy().unwrap().password().unwrap().expose();
    let key = nic.wifi().unwrap().key().expose().unwrap();
    [key, password].map(|secret| match secret {
        Exposed::Sealed(blob) => blob,
        Exposed::Plaintext(_) => panic!("not sealed"),
    })
}

/// Whether the configuration is that of [`new_nic`].
fn is_new(device: &Device) -> bool {
    let nic = device.manager.current_config().unwrap();
    let ssid = nic.wifi().unwrap().ssid();
    let is_new = (nic.name().as_str(), ssid) == ("wl0", &b"cafe"[..])
        && nic.ip_config() == Some(&address(8))
        && nic.proxy().unwrap().username() == Some("hub");
    is_new && blobs(nic) == [&b"key"[..], b"password"]
}

fn both<'a>(key: &'a [u8], password: &'a [u8]) -> Secrets<'a> {
    Secrets {
        key: Some(Exposed::Sealed(key)),
        password: Some(Exposed::Sealed(password)),
    }
}

/// The right answer to the command to seal.
fn answer(device: &mut Device, ticket: SealTicket) {
    device.input(Input::Sealed(ticket, both(b"key", b"password")));
}

/// The ticket of the only command to seal since it was last asked.
fn ticket(device: &mut Device) -> SealTicket {
    let asked = core::mem::take(&mut device.sealings);
    assert_eq!(asked.len(), 1, "one command for both secrets");
    asked[0]
}

// spec: CFG-4, SEC-3
#[test]
fn an_answer_that_is_not_whole_leaves_the_configuration_before() {
    let mut device = device();
    connect(&mut device, &new_nic());
    assert!(is_old(&device), "nothing is sealed yet");
    let ticket = ticket(&mut device);
    let (sealed, plaintext) = (Exposed::Sealed(b"sealed"), Exposed::Plaintext("sealed"));
    let of = |key, password| Secrets { key, password };
    let wrong = [
        Secrets::default(),
        of(Some(sealed), None),
        of(None, Some(sealed)),
        of(Some(plaintext), Some(sealed)),
        of(Some(sealed), Some(plaintext)),
        both(b"", b"password"),
        both(b"key", b""),
        both(&[7; 113], b"password"),
        both(b"key", &[7; 81]),
    ];
    for secrets in wrong {
        device.input(Input::Sealed(ticket, secrets));
        assert!(is_old(&device), "{secrets:?}");
    }
    for off in [1, u32::MAX] {
        let other = SealTicket::from_bits(ticket.to_bits().wrapping_add(off));
        answer(&mut device, other);
        assert!(is_old(&device));
    }
    device.input(Input::Sealed(ticket, both(&[7; 112], &[8; 80])));
    let nic = device.manager.current_config().unwrap();
    assert_eq!(blobs(nic), [&[7; 112][..], &[8; 80]]);
    answer(&mut device, ticket);
    let nic = device.manager.current_config().unwrap();
    assert_eq!(blobs(nic), [&[7; 112][..], &[8; 80]], "it answers once");
}

// spec: CFG-4, CON-1, CON-6, CON-15, OPEN-2
#[test]
fn a_connection_that_ends_before_its_secrets_are_sealed_leaves_the_one_before() {
    type End = fn(&mut Device);
    let ends: [(&str, End); 8] = [
        ("disconnect", |device| {
            device.input(Input::Disconnect(None));
        }),
        ("flush", |device| {
            device.input(Input::Disconnect(span(1)));
        }),
        ("loss", Device::lose_server),
        ("loss under another policy", |device| {
            device.input(Input::SetPolicy(Policy::KeepTrying));
            device.lose_server();
        }),
        ("suspension", |device| {
            device.input(Input::SetPolicy(Policy::SuspendOnError));
            device.lose_server();
        }),
        ("disabled", |device| {
            device.input(Input::SetEnabled(WL0, false));
        }),
        ("switch", |device| {
            let other = Nic::builder("eth0").ip_config(address(9)).proxy(proxy("x"));
            device.input(Input::ConnectWith(&other.build().unwrap(), None));
        }),
        ("the same again", |device| {
            device.input(Input::Disconnect(None));
            connect(device, &new_nic());
        }),
    ];
    for (name, end) in ends {
        for polls in [false, true] {
            let mut device = device();
            // Nothing is stored for it, so no other connection takes the place.
            device.input(Input::SetServerOrder(&[WL0]));
            connect(&mut device, &new_nic());
            let late = ticket(&mut device);
            if polls {
                end(&mut device);
            } else {
                // The connection ends before the backend has polled the command.
                device.input(Input::Disconnect(None));
                device.input(Input::ConnectWith(&new_nic(), None));
                end(&mut device);
            }
            assert!(is_old(&device), "{name}");
            answer(&mut device, late);
            assert!(is_old(&device), "{name}: a late answer");
            device.pass(100);
            answer(&mut device, late);
            assert!(is_old(&device), "{name}: a later answer");
        }
    }
}

// spec: CFG-4, DRV-2
#[test]
fn a_connection_that_ends_before_the_command_is_polled_leaves_the_one_before() {
    for ends in [false, true] {
        let mut device = device();
        device.answers.server = None;
        device.input(Input::ConnectWith(&new_nic(), None));
        let connected = device.connection.report(ServerReport::Connected);
        device.input_only(Input::Event(connected));
        assert_eq!(device.manager.server_state(), ServerState::Connected);
        if ends {
            device.input_only(Input::Disconnect(None));
        }
        device.settle();
        assert!(is_old(&device));
        let asked = if ends { 0 } else { 1 };
        assert_eq!(
            device.sealings.len(),
            asked,
            "nothing is to be sealed any more"
        );
    }
}

// spec: CFG-4, IFC-14
#[test]
fn over_power_cycles_the_configuration_before_stays_until_there_is_an_answer() {
    let mut device = device();
    let mut settings = StoredSettings::default();
    settings.wifi = Some(wifi(b"cafe", "flat white"));
    settings.ip_config = Some(address(8));
    settings.proxy = Some(proxy("new"));
    device.input(Input::Provision(&settings));
    device.input(Input::Disconnect(None));
    connect(&mut device, &named("wl0"));
    let mut late = vec![ticket(&mut device)];
    for _ in 0..3 {
        let power = device.power.unwrap();
        device.input(Input::Event(power.report(Report::Fault { code: 5 })));
        assert_ne!(device.manager.server_state(), ServerState::Connected);
        for _ in 0..100 {
            if device.manager.server_state() != ServerState::Connected {
                device.pass(5);
            }
        }
        assert_eq!(device.manager.server_state(), ServerState::Connected);
        late.iter().for_each(|ticket| answer(&mut device, *ticket));
        assert!(is_old(&device));
        late.push(ticket(&mut device));
    }
    answer(&mut device, late[3]);
    assert!(is_new(&device));
}

// spec: CFG-4, CON-15
#[test]
fn during_a_flush_the_answer_counts() {
    let mut device = device();
    connect(&mut device, &new_nic());
    let ticket = ticket(&mut device);
    device.input_only(Input::Disconnect(span(1)));
    assert_eq!(device.manager.server_state(), ServerState::Flushing);
    answer(&mut device, ticket);
    assert!(is_new(&device));
}

// spec: CFG-4
#[test]
fn without_a_plaintext_secret_a_connection_counts_at_once() {
    let of_wifi = |key| Nic::builder("wl0").wifi(WifiSettings::new(b"cafe", key).unwrap());
    let sealed = WifiKey::sealed(b"sealed").unwrap();
    for nic in [
        named("eth0"),
        of_wifi(WifiKey::open()).build().unwrap(),
        of_wifi(sealed).build().unwrap(),
    ] {
        let mut device = device();
        device.input(Input::Disconnect(None));
        connect(&mut device, &nic);
        assert_eq!(device.sealings, [], "there is nothing to seal");
        let current = device.manager.current_config().unwrap();
        assert!(current.means_same_as(&nic, [WL0, ETH0]));
    }
}

// spec: CFG-4
#[test]
fn without_a_connection_before_nothing_is_returned_until_the_secrets_are_sealed() {
    let mut device = Device::new();
    device.answers.seal = None;
    connect(&mut device, &new_nic());
    assert!(device.manager.current_config().is_none());
    device.input(Input::Disconnect(None));
    assert!(device.manager.current_config().is_none());
    connect(&mut device, &new_nic());
    let newest = *device.sealings.last().unwrap();
    answer(&mut device, newest);
    assert!(is_new(&device));
}

// spec: CFG-1, CFG-4, CFG-5
#[test]
fn what_is_stored_meanwhile_is_no_part_of_the_configuration() {
    let mut device = device();
    let mut settings = StoredSettings::default();
    settings.wifi = Some(wifi(b"cafe", "flat white"));
    settings.ip_config = Some(address(8));
    settings.proxy = Some(proxy("new"));
    device.input(Input::Disconnect(None));
    device.input(Input::Provision(&settings));
    connect(&mut device, &named("wl0"));
    let ticket = ticket(&mut device);
    device.input(Input::StoreWifi(&wifi(b"later", "black coffee")));
    device.input(Input::StoreStatic(address(99)));
    device.input(Input::StoreProxy(
        &ProxySettings::new("later.example", 1).unwrap(),
    ));
    answer(&mut device, ticket);
    assert!(is_new(&device));
}

// spec: CFG-4, CON-8
#[test]
fn a_confirmed_connection_has_the_name_that_it_was_made_with() {
    for name in ["wifi", "wl0i"] {
        let mut device = device();
        connect(&mut device, &new_nic());
        let ticket = ticket(&mut device);
        connect(&mut device, &named(name));
        assert_eq!(device.sealings, [], "it is the same connection");
        answer(&mut device, ticket);
        assert!(is_new(&device));
    }
}

/// A device that is connected over what Wi-Fi Protected Setup joined, with another network stored.
fn joined_by_wps() -> Device {
    let mut device = Device::new();
    device.answers.seal = None;
    device.input(Input::StoreWifi(&wifi(b"home", "correct horse")));
    device.answers.join = None;
    device.input(Input::ConnectWith(&named("wl0"), None));
    assert_eq!(device.manager.state(WL0), Some(State::WifiJoining));
    // Somebody presses the button of the access point.
    let power = device.power.unwrap();
    device.input(Input::Event(power.report(Report::WpsStarted)));
    assert_eq!(device.manager.state(WL0), Some(State::WifiWpsing));
    let joined = device.newest.unwrap().report(Report::Joined);
    device.input(Input::Event(joined));
    assert_eq!(device.manager.server_state(), ServerState::Connected);
    device
}

// spec: CFG-4, IFC-17, OPEN-9
#[test]
fn what_wps_has_joined_is_no_network_that_is_known() {
    let device = joined_by_wps();
    assert_eq!(device.sealings, []);
    let current = device.manager.current_config().unwrap();
    assert_eq!((current.name().as_str(), current.wifi()), ("wl0", None));
}

// spec: CFG-4, IFC-17, OPEN-9
#[test]
fn what_is_provisioned_does_not_say_what_wps_has_joined_for_a_nic_with_a_network() {
    let mut device = Device::new();
    device.answers.seal = None;
    device.answers.join = None;
    let nic = Nic::builder("wl0").wifi(wifi(b"cafe", "flat white"));
    device.input(Input::Open(&nic.build().unwrap()));
    let power = device.power.unwrap();
    device.input(Input::Event(power.report(Report::WpsStarted)));
    let mut learnt = StoredSettings::default();
    learnt.wifi = Some(wifi(b"button", "what was it?"));
    device.input(Input::Provision(&learnt));
    let joined = device.newest.unwrap().report(Report::Joined);
    device.input(Input::Event(joined));
    device.input(Input::ConnectWith(&named("wl0"), None));
    assert_eq!(device.manager.server_state(), ServerState::Connected);
    // Neither of the two networks is certain.
    let current = device.manager.current_config().unwrap();
    assert_eq!((current.wifi(), device.sealings.len()), (None, 0));
}

// spec: CFG-4, IFC-17, OPEN-8
#[test]
fn a_secret_is_never_sealed_into_other_settings() {
    let sealed = |key| WifiSettings::new(b"button", key).unwrap();
    for (key, expected) in [
        (
            WifiKey::plaintext("flat white").unwrap(),
            sealed(WifiKey::sealed(b"its key").unwrap()),
        ),
        (WifiKey::open(), sealed(WifiKey::open())),
    ] {
        let mut device = joined_by_wps();
        let mut learnt = StoredSettings::default();
        learnt.wifi = Some(wifi(b"first", "what was it?"));
        device.input(Input::Provision(&learnt));
        let earlier = ticket(&mut device);
        // Somebody provisions another one: the interface begins anew.
        learnt.wifi = Some(WifiSettings::new(b"button", key).unwrap());
        device.answers.join = Some(Report::Joined);
        device.input(Input::Provision(&learnt));
        assert_eq!(device.manager.server_state(), ServerState::Connected);
        device.input(Input::Sealed(earlier, both(b"the key of the first", b"")));
        let is_open = expected.key().expose().is_none();
        let current = device.manager.current_config().unwrap();
        assert_eq!(current.wifi().is_some(), is_open);
        if !is_open {
            let asked_anew = ticket(&mut device);
            device.input(Input::Sealed(asked_anew, both(b"its key", b"")));
        }
        assert_eq!(device.sealings, []);
        let current = device.manager.current_config().unwrap();
        assert_eq!(current.wifi(), Some(&expected));
    }
}

// spec: CFG-4, IFC-17
#[test]
fn what_is_provisioned_is_not_sealed_as_that_of_a_connection_that_goes_on() {
    let mut device = device();
    connect(&mut device, &new_nic());
    let asked = ticket(&mut device);
    answer(&mut device, asked);
    assert!(is_new(&device));
    let mut other = StoredSettings::default();
    other.wifi = Some(wifi(b"other", "battery staple"));
    device.input(Input::Provision(&other));
    assert_eq!(device.manager.server_state(), ServerState::Connected);
    assert_eq!(device.sealings, [], "its secrets are sealed already");
    assert!(is_new(&device));
}
