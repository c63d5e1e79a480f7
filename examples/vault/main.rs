//! A device that seals its secrets: what it stores or exports is useless on any other device.
//!
//! ```sh
//! cargo run --example vault
//! ```
#![allow(
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "an example may panic; these lints guard the core"
)]

mod backend;
mod device;
mod safe;
mod tamper;

use lankeeper::Nic;

use device::Device;

fn main() {
    let by_name = Nic::named("wl0").expect("a valid interface name");
    println!("a device without stored settings");
    let mut device = Device::start(1, Vec::new());
    println!("it is provisioned in plaintext, and stores a record with sealed secrets");
    device.provision();
    connect(&mut device, &by_name);

    println!("the configuration in use, with sealed secrets");
    let sealed = device
        .manager
        .current_config()
        .cloned()
        .expect("this backend seals");
    println!("    {sealed:?}");
    device.disconnect();
    println!("another connection with this configuration");
    connect(&mut device, &sealed);

    println!("it restarts with the record");
    connect(
        &mut Device::start(1, device.backend.flash.clone()),
        &by_name,
    );

    println!("one bit of the sealed key is flipped");
    device.disconnect();
    connect(
        &mut device,
        &tamper::with_wifi_key(&sealed, |blob| blob[30] ^= 1),
    );
    println!("one bit of the sealed password is flipped");
    connect(
        &mut device,
        &tamper::with_password(&sealed, |blob| blob[30] ^= 1),
    );
    println!("the sealed password is used as a Wi-Fi key");
    connect(&mut device, &tamper::with_password_as_key(&sealed));
    println!("another device gets the record of this one");
    connect(
        &mut Device::start(2, device.backend.flash.clone()),
        &by_name,
    );
}

fn connect(device: &mut Device, nic: &Nic) {
    let before = device.backend.joins;
    let (outcome, code) = device.connect_with(nic);
    let code = code
        .map(|code| format!(" (code {code})"))
        .unwrap_or_default();
    let joined = match device.backend.joins - before {
        0 => "nothing joined",
        _ => "network joined",
    };
    println!("    {outcome}{code}, {joined}");
}

#[cfg(test)]
mod tests {
    use lankeeper::nic::{Table, Value};
    use lankeeper::{ConnectOutcome, InterfaceId};

    use super::*;

    const CONNECTED: (ConnectOutcome, Option<i32>) = (ConnectOutcome::ServerConnected, None);
    /// The code of a secret that cannot be unsealed.
    const UNREADABLE: Option<i32> = Some(-1);

    fn by_name() -> Nic {
        Nic::named("wl0").unwrap()
    }

    /// A provisioned device after its first connection, and the configuration that it used.
    fn used() -> (Device, Nic) {
        let mut device = Device::start(1, Vec::new());
        device.provision();
        assert_eq!(device.connect_with(&by_name()), CONNECTED);
        let nic = device.manager.current_config().unwrap().clone();
        device.disconnect();
        (device, nic)
    }

    fn has_plaintext(bytes: &[u8]) -> bool {
        ["correct horse", "swordfish"].iter().any(|secret| {
            bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes())
        })
    }

    /// Rebuilds a NIC from a table, as an application does.
    fn through_validation(nic: &Nic) -> Nic {
        let (wifi, proxy) = (nic.wifi().unwrap(), nic.proxy().unwrap());
        let address = proxy.address().to_string();
        let network = [
            ("ssid", Value::from(wifi.ssid())),
            ("key", tamper::blob(wifi.key().expose().unwrap()).into()),
        ];
        let proxy_table = [
            ("address", address.as_str().into()),
            ("port", i64::from(proxy.port()).into()),
            ("username", proxy.username().unwrap().into()),
            (
                "password",
                tamper::blob(proxy.password().unwrap().expose()).into(),
            ),
        ];
        let all = [
            ("interface", nic.name().as_str().into()),
            ("wificonfig", Table::new(&network).into()),
            ("proxyconfig", Table::new(&proxy_table).into()),
        ];
        Nic::from_table(&Table::new(&all)).unwrap()
    }

    // spec: CFG-4, SEC-3
    #[test]
    fn what_was_used_comes_back_sealed_and_can_be_used_again() {
        let (mut device, nic) = used();
        let again = through_validation(&nic);
        assert!(again.means_same_as(&nic, [InterfaceId::WIFI]));
        assert_eq!(device.connect_with(&again), CONNECTED);
        assert!(
            device
                .manager
                .current_config()
                .unwrap()
                .means_same_as(&nic, [InterfaceId::WIFI])
        );
        // The configuration equals the one in use, so the device stays connected (CON-8).
        let joins = device.backend.joins;
        assert_eq!(device.connect_with(&again), CONNECTED);
        assert_eq!(device.backend.joins, joins);
    }

    // spec: CFG-1, CFG-6, SEC-3
    #[test]
    fn what_is_kept_over_a_restart_is_sealed() {
        let (device, _) = used();
        assert!(!has_plaintext(&device.backend.flash));
        let mut again = Device::start(1, device.backend.flash);
        assert_eq!(again.connect_with(&by_name()), CONNECTED);
        let stored = again.manager.stored();
        let (wifi, proxy) = (stored.wifi.as_ref(), stored.proxy.as_ref());
        // These calls panic on plaintext.
        tamper::blob(wifi.unwrap().key().expose().unwrap());
        tamper::blob(proxy.unwrap().password().unwrap().expose());
    }

    // spec: SEC-3
    #[test]
    fn a_key_that_was_tampered_with_is_an_error_at_use_and_nothing_is_joined() {
        let (mut device, nic) = used();
        let length = tamper::blob(nic.wifi().unwrap().key().expose().unwrap()).len();
        let joins = device.backend.joins;
        for place in 0..length {
            let bad = tamper::with_wifi_key(&nic, |blob| blob[place] ^= 0x10);
            assert_eq!(
                device.connect_with(&bad),
                (ConnectOutcome::NoWifi, UNREADABLE)
            );
        }
        assert_eq!(device.backend.joins, joins);
        assert_eq!(device.connect_with(&nic), CONNECTED);
    }

    // spec: SEC-3
    #[test]
    fn a_password_that_was_tampered_with_is_given_to_no_proxy() {
        let (mut device, nic) = used();
        let asked = device.backend.passwords_sent;
        let bad = tamper::with_password(&nic, |blob| blob[30] ^= 1);
        assert_eq!(
            device.connect_with(&bad),
            (ConnectOutcome::NotAuthorised, UNREADABLE)
        );
        assert_eq!(device.backend.passwords_sent, asked);
    }

    // spec: SEC-3
    #[test]
    fn what_another_device_sealed_is_an_error_at_use() {
        let (device, nic) = used();
        let mut other = Device::start(2, device.backend.flash);
        for nic in [by_name(), nic] {
            assert_eq!(
                other.connect_with(&nic),
                (ConnectOutcome::NoWifi, UNREADABLE)
            );
        }
        assert_eq!(other.backend.joins, 0);
    }

    // spec: SEC-3
    #[test]
    fn a_secret_that_was_sealed_for_something_else_is_an_error_at_use() {
        let (mut device, nic) = used();
        let (joins, asked) = (device.backend.joins, device.backend.passwords_sent);
        let bad = tamper::with_password_as_key(&nic);
        assert_eq!(
            device.connect_with(&bad),
            (ConnectOutcome::NoWifi, UNREADABLE)
        );
        assert_eq!(device.backend.joins, joins);
        let bad = tamper::with_key_as_password(&nic);
        assert_eq!(
            device.connect_with(&bad),
            (ConnectOutcome::NotAuthorised, UNREADABLE)
        );
        assert_eq!(
            device.backend.passwords_sent, asked,
            "the key was not sent to a proxy"
        );
    }

    // spec: SEC-3
    #[test]
    fn a_failure_is_not_kept() {
        let (mut device, nic) = used();
        let bad = tamper::with_wifi_key(&nic, |blob| blob[0] = 2);
        assert_eq!(
            device.connect_with(&bad),
            (ConnectOutcome::NoWifi, UNREADABLE)
        );
        let kept = device.manager.current_config().unwrap();
        assert!(kept.means_same_as(&nic, [InterfaceId::WIFI]));
    }
}
