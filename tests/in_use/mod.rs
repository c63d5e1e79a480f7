//! What is in use, and what is told: written from the rules alone (CON-7, CON-22 to CON-24, OPEN-3,
//! OPEN-5, OPEN-9, CFG-4).
//!
//! `LANKEEPER_IN_USE_WALKS` sets how many random walks are made for each policy; use release mode for
//! many.

mod answers;
mod consistent;
mod disabled;
mod equal;
mod holds;
mod joins;
mod moments;
mod names;
mod pace;
mod rig;
mod routes;
mod runs;
mod sealed;
mod seen;
mod siblings;
mod told;
mod walk;
mod walks;

use lankeeper::{
    Duration, Instant, InterfaceId, IpConfig, Nic, Policy, Prefix, ProxySettings, WifiKey,
    WifiSettings,
};

use crate::support::named;

const WL0: InterfaceId = InterfaceId::WIFI;
const ETH0: InterfaceId = InterfaceId::ETHERNET;
const CELL0: InterfaceId = InterfaceId::CELLULAR;
const ALL: [InterfaceId; 3] = [ETH0, WL0, CELL0];

const POLICIES: [Policy; 4] = [
    Policy::SuspendOnError,
    Policy::ReturnOnError,
    Policy::ReturnOnErrorNoDisconnect,
    Policy::KeepTrying,
];

/// Those under which an application gets its result at once.
const RETURNING: [Policy; 3] = [
    Policy::ReturnOnError,
    Policy::ReturnOnErrorNoDisconnect,
    Policy::KeepTrying,
];

const MINUTE: u64 = 60_000;

fn after(instant: Instant, millis: u64) -> Instant {
    instant.saturating_add(Duration::from_millis(millis))
}

fn network(ssid: &str) -> WifiSettings {
    let key = WifiKey::plaintext("correct horse").unwrap();
    WifiSettings::new(ssid.as_bytes(), key).unwrap()
}

/// A static address that ends with this number.
fn address(last: u8) -> IpConfig {
    let own = Prefix::new([10, 0, 0, last].into(), 24).unwrap();
    IpConfig::new(own, None, &[]).unwrap()
}

fn proxy(address: &str) -> ProxySettings {
    ProxySettings::new(address, 3128).unwrap()
}

/// A Wi-Fi NIC with its own network.
fn wifi(ssid: &str) -> Nic {
    Nic::builder("wl0").wifi(network(ssid)).build().unwrap()
}

/// A NIC with its own static address.
fn fixed(interface: &str, last: u8) -> Nic {
    let builder = Nic::builder(interface).ip_config(address(last));
    builder.build().unwrap()
}

/// A NIC with its own proxy.
fn proxied(interface: &str, via: &str) -> Nic {
    let builder = Nic::builder(interface).proxy(proxy(via));
    builder.build().unwrap()
}

/// How many walks are made: what the environment says, or the default.
fn number_of_walks(default: u64) -> u64 {
    std::env::var("LANKEEPER_IN_USE_WALKS").map_or(default, |text| {
        text.parse()
            .expect("LANKEEPER_IN_USE_WALKS is a whole number")
    })
}
