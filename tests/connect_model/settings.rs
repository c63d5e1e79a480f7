//! Settings that can be recognised wherever they occur, because each contains a number.

use core::net::Ipv4Addr;

use lankeeper::nic::{ProxyAddress, ProxyPassword};
use lankeeper::{IpConfig, Nic, Prefix, ProxySettings, WifiKey, WifiSettings};

use super::output::{Order, ServerTask, Task};

/// Numbers below this one are stored settings, the others are settings of NICs.
pub(super) const GIVEN: u32 = 100;

/// The settings that a NIC contains, as far as its medium allows them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extras {
    pub(super) wifi: bool,
    pub(super) fixed: bool,
    pub(super) proxy: bool,
}

/// An open network, or one with a key in plaintext or sealed.
pub(super) fn network(number: u32) -> WifiSettings {
    let key = match number % 3 {
        0 => WifiKey::open(),
        1 => WifiKey::plaintext(&format!("the key of {number}")).unwrap(),
        _ => WifiKey::sealed(&number.to_le_bytes()).unwrap(),
    };
    WifiSettings::new(number.to_string().as_bytes(), key).unwrap()
}

pub(super) fn fixed(number: u32) -> IpConfig {
    let [_, high, middle, low] = number.to_be_bytes();
    let own = Ipv4Addr::new(10 + high, middle, low, 7);
    IpConfig::new(Prefix::new(own, 24).unwrap(), None, &[]).unwrap()
}

/// A proxy without credentials, or with a password in plaintext or sealed.
pub(super) fn proxy(number: u32) -> ProxySettings {
    let proxy = ProxySettings::new(&format!("p{number}"), 8080).unwrap();
    let password = match number % 3 {
        0 => return proxy,
        1 => ProxyPassword::plaintext(&format!("the password of {number}")).unwrap(),
        _ => ProxyPassword::sealed(&number.to_le_bytes()).unwrap(),
    };
    proxy.with_credentials("somebody", Some(password)).unwrap()
}

pub(super) fn nic(name: &str, extras: Extras, number: u32) -> Nic {
    let mut builder = Nic::builder(name);
    let is_wifi = name.starts_with('w');
    if extras.wifi && is_wifi {
        builder = builder.wifi(network(number));
    }
    if extras.fixed && !name.starts_with('c') {
        builder = builder.ip_config(fixed(number));
    }
    if extras.proxy && !name.starts_with('c') {
        builder = builder.proxy(proxy(number));
    }
    builder.build().unwrap()
}

/// The numbers of the settings that a command contains.
pub(super) fn numbers(order: &Order) -> Vec<u32> {
    let of_network = |network: &WifiSettings| -> u32 {
        let ssid = core::str::from_utf8(network.ssid()).unwrap();
        ssid.parse().unwrap()
    };
    let of_fixed = |fixed: &IpConfig| {
        let [high, middle, low, _] = fixed.address().octets();
        u32::from_be_bytes([0, high - 10, middle, low])
    };
    let of_proxy = |proxy: &ProxySettings| -> u32 {
        let ProxyAddress::Host(host) = proxy.address() else {
            panic!("nobody uses {proxy:?}");
        };
        host.as_str()[1..].parse().unwrap()
    };
    match order {
        Order::Interface(_, Task::Scan(network) | Task::Join(network)) => vec![of_network(network)],
        Order::Interface(_, Task::SetAddress(address)) => vec![of_fixed(address)],
        Order::Server(_, ServerTask::Resolve(Some(proxy)) | ServerTask::Connect(Some(proxy)))
        | Order::Server(_, ServerTask::ReachProxy(proxy)) => vec![of_proxy(proxy)],
        Order::Persist(stored) => [
            stored.wifi.as_ref().map(of_network),
            stored.ip_config.as_ref().map(of_fixed),
            stored.proxy.as_ref().map(of_proxy),
        ]
        .into_iter()
        .flatten()
        .collect(),
        Order::Seal(secrets) => {
            let number = |secret: &String| secret.rsplit(' ').next().unwrap().parse().unwrap();
            secrets.iter().flatten().map(number).collect()
        }
        _ => Vec::new(),
    }
}
