//! What somebody does who can write to the memory of a device.

use lankeeper::{Exposed, Nic, ProxyPassword, WifiKey, WifiSettings};

/// The bytes of a sealed secret.
pub fn blob(secret: Exposed<'_>) -> &[u8] {
    match secret {
        Exposed::Sealed(blob) => blob,
        Exposed::Plaintext(_) => panic!("a secret in plaintext"),
    }
}

/// The NIC with the sealed key of its network changed.
pub fn with_wifi_key(nic: &Nic, change: impl FnOnce(&mut [u8])) -> Nic {
    let mut key = key_of(nic);
    change(&mut key);
    put(nic, &key, &password_of(nic))
}

/// The NIC with the sealed password for its proxy changed.
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
    let wifi = nic.wifi().expect("it has a network");
    blob(wifi.key().expose().expect("that has a key")).to_vec()
}

fn password_of(nic: &Nic) -> Vec<u8> {
    let proxy = nic.proxy().expect("it has a proxy");
    blob(proxy.password().expect("that has a password").expose()).to_vec()
}

fn put(nic: &Nic, key: &[u8], password: &[u8]) -> Nic {
    let ssid = nic.wifi().expect("it has a network").ssid();
    let proxy = nic.proxy().expect("it has a proxy").clone();
    let username = proxy.username().expect("it has a user").to_string();
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
