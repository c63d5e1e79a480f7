//! Attacks by somebody with write access to the memory of a device.

use lankeeper::nic::{Exposed, ProxyPassword};
use lankeeper::{Nic, WifiKey, WifiSettings};

/// Returns the bytes of a sealed secret.
pub fn blob(secret: Exposed<'_>) -> &[u8] {
    match secret {
        Exposed::Sealed(blob) => blob,
        Exposed::Plaintext(_) => panic!("a secret in plaintext"),
    }
}

/// Returns the NIC with the sealed Wi-Fi key modified.
pub fn with_wifi_key(nic: &Nic, change: impl FnOnce(&mut [u8])) -> Nic {
    let mut key = key_of(nic);
    change(&mut key);
    put(nic, &key, &password_of(nic))
}

/// Returns the NIC with the sealed proxy password modified.
pub fn with_password(nic: &Nic, change: impl FnOnce(&mut [u8])) -> Nic {
    let mut password = password_of(nic);
    change(&mut password);
    put(nic, &key_of(nic), &password)
}

pub fn with_password_as_key(nic: &Nic) -> Nic {
    let password = password_of(nic);
    put(nic, &password, &password)
}

#[cfg(test)]
pub fn with_key_as_password(nic: &Nic) -> Nic {
    let key = key_of(nic);
    put(nic, &key, &key)
}

fn key_of(nic: &Nic) -> Vec<u8> {
    let wifi = nic.wifi().expect("the NIC has a network");
    blob(wifi.key().expose().expect("the network has a key")).to_vec()
}

fn password_of(nic: &Nic) -> Vec<u8> {
    let proxy = nic.proxy().expect("the NIC has a proxy");
    blob(proxy.password().expect("the proxy has a password").expose()).to_vec()
}

fn put(nic: &Nic, key: &[u8], password: &[u8]) -> Nic {
    let ssid = nic.wifi().expect("the NIC has a network").ssid();
    let proxy = nic.proxy().expect("the NIC has a proxy").clone();
    let username = proxy
        .username()
        .expect("the proxy has a user name")
        .to_string();
    let built = || {
        let wifi = WifiSettings::new(ssid, WifiKey::sealed(key)?)?;
        let password = Some(ProxyPassword::sealed(password)?);
        let proxy = proxy.with_credentials(&username, password)?;
        Nic::builder(nic.name().as_str())
            .wifi(wifi)
            .proxy(proxy)
            .build()
    };
    built().expect("a blob of the same length")
}
